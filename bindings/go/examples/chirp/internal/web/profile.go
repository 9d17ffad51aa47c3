package web

import (
	"errors"
	"net/http"

	"github.com/fedigraft/fedigraft/bindings/go/examples/chirp/internal/chirp"
	"github.com/fedigraft/fedigraft/bindings/go/examples/chirp/internal/database"
)

// A person's page: what they wrote, who follows them; and the follow buttons.

func (v *visit) person() (*chirp.Person, error) {
	return v.site.ByHandle(v.ctx, v.site.DB, v.r.PathValue("handle"))
}

// profile shows a person with their posts; with ?replies=1 the replies too.
func (v *visit) profile() error {
	handle := v.r.PathValue("handle")
	person, err := v.person()
	if errors.Is(err, chirp.ErrNotFound) && v.viewer != nil && chirp.IsAddress(handle) {
		return v.redirect("/search" + query("q", "@"+handle)) // named in a post, but not known here yet
	}
	if err != nil {
		return err
	}
	if "@"+handle != person.Handle() { // another spelling of the same name
		return v.redirect(person.Path())
	}
	replies := v.url.Query().Get("replies") == "1"
	page, err := v.site.ProfileTimeline(v.ctx, v.site.DB, v.viewer, person, v.older(), replies)
	if err != nil {
		return err
	}
	return v.showPerson("profile", person, data{"Page": page, "Replies": replies})
}

func (v *visit) followers() error {
	person, err := v.person()
	if err != nil {
		return err
	}
	listed, err := v.site.Followers(v.ctx, v.site.DB, person)
	if err != nil {
		return err
	}
	return v.showPerson("people", person, data{"Listed": listed, "Title": "Followers"})
}

func (v *visit) following() error {
	person, err := v.person()
	if err != nil {
		return err
	}
	listed, err := v.site.Following(v.ctx, v.site.DB, person)
	if err != nil {
		return err
	}
	return v.showPerson("people", person, data{"Listed": listed, "Title": "Following"})
}

func (v *visit) showPerson(name string, person *chirp.Person, own data) error {
	counts, err := v.site.Counts(v.ctx, v.site.DB, person)
	if err != nil {
		return err
	}
	relation, err := v.site.Relation(v.ctx, v.site.DB, v.viewer, person)
	if err != nil {
		return err
	}
	own["Person"], own["Counts"], own["Relation"] = person, counts, relation
	return v.render(http.StatusOK, name, own)
}

// follow follows a person, or asks to.
func (v *visit) follow() error {
	person, err := v.person()
	if err != nil {
		return err
	}
	if person.ID == v.viewer.ID {
		return chirp.Problem("You cannot follow yourself.")
	}
	if !person.Local() && !v.viewer.Federated {
		v.flash("To follow people on other sites, first allow other sites to reach you.")
		return v.redirect("/settings")
	}
	return v.change(person, func(tx database.Tx) error {
		if err := v.site.Follow(v.ctx, tx, v.viewer, person); err != nil {
			return err
		}
		relation, err := v.site.Relation(v.ctx, tx, v.viewer, person)
		if relation.Following == chirp.Pending {
			v.flash("You asked to follow " + person.ShownName() + ".")
		}
		return err
	})
}

// unfollow follows a person no longer.
func (v *visit) unfollow() error {
	person, err := v.person()
	if err != nil {
		return err
	}
	return v.change(person, func(tx database.Tx) error { return v.site.Unfollow(v.ctx, tx, v.viewer, person) })
}

// removeFollower makes a person follow one no longer.
func (v *visit) removeFollower() error {
	person, err := v.person()
	if err != nil {
		return err
	}
	return v.change(person, func(tx database.Tx) error {
		return v.site.RejectFollow(v.ctx, tx, v.viewer, person)
	})
}

// change does something to a person and leads back.
func (v *visit) change(person *chirp.Person, work func(database.Tx) error) error {
	if err := v.site.Write(v.ctx, work); err != nil {
		return err
	}
	return v.redirect(v.next(person.Path()))
}
