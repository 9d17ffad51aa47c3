package web

import (
	"errors"
	"fmt"
	"net/http"

	"github.com/fedigraft/fedigraft/bindings/go/examples/chirp/internal/chirp"
	"github.com/fedigraft/fedigraft/bindings/go/examples/chirp/internal/database"
	"github.com/fedigraft/fedigraft/bindings/go/examples/chirp/internal/pictures"
)

// Signing up, logging in and out, and one's own settings.

func (v *visit) signUp() error {
	if !v.site.SignUp {
		return chirp.ErrNotFound
	}
	return v.render(http.StatusOK, "signup", nil)
}

// join signs up, and logs in.
func (v *visit) join() error {
	if !v.site.SignUp {
		return chirp.ErrNotFound
	}
	person, err := v.site.Join(v.ctx, v.value("name"), v.r.PostFormValue("password"), v.value("display_name"),
		v.site.Federated && v.has("federated"))
	var problem chirp.Problem
	if errors.As(err, &problem) {
		return v.render(http.StatusBadRequest, "signup", data{"Written": v.written(), "Problem": problem})
	}
	if err != nil {
		return err
	}
	if err := v.logIn(person); err != nil {
		return err
	}
	v.flash(fmt.Sprintf("Welcome to %s, %s!", v.site.Name, person.ShownName()))
	return v.redirect("/")
}

func (v *visit) logInForm() error {
	asked := v.url.Query()
	return v.render(http.StatusOK, "login", data{"Written": written{Name: asked.Get("name"), Next: asked.Get("next")}})
}

// begin logs in.
func (v *visit) begin() error {
	person, err := v.site.Login(v.ctx, v.site.DB, v.value("name"), v.r.PostFormValue("password"))
	if errors.Is(err, chirp.ErrNotFound) {
		return v.render(http.StatusUnauthorized, "login",
			data{"Written": v.written(), "Problem": "That name and password do not match."})
	}
	if err != nil {
		return err
	}
	if err := v.logIn(person); err != nil {
		return err
	}
	return v.redirect(v.next("/"))
}

// end logs out.
func (v *visit) end() error {
	v.session = session{as: v.session.as, Until: v.session.Until}
	return v.redirect("/local")
}

func (v *visit) settings() error { return v.showSettings(http.StatusOK, nil) }

func (v *visit) showSettings(code int, problem error) error {
	fields := make([]chirp.Field, chirp.MaxFields)
	copy(fields, v.viewer.Fields)
	own := data{"Person": v.viewer, "Fields": fields}
	if problem != nil {
		own["Problem"] = problem.Error()
	}
	return v.render(code, "settings", own)
}

// saveSettings changes one's own profile.
func (v *visit) saveSettings() error {
	picture, err := v.picture("avatar")
	if isSentence(err) {
		return v.showSettings(http.StatusBadRequest, err)
	}
	if err != nil {
		return err
	}
	me := *v.viewer
	me.DisplayName, me.Bio, me.Fields = v.value("display_name"), v.value("bio"), nil
	for n := range chirp.MaxFields {
		me.Fields = append(me.Fields, chirp.Field{
			Name: v.value(fmt.Sprintf("field_name_%d", n)), Value: v.value(fmt.Sprintf("field_value_%d", n)),
		})
	}
	me.Locked, me.Discoverable = v.has("locked"), v.has("discoverable")
	if v.site.Federated {
		me.Federated = v.has("federated")
	}
	if err := v.site.Write(v.ctx, func(tx database.Tx) error {
		if err := v.changeAvatar(tx, &me, picture); err != nil {
			return err
		}
		_, err := v.site.EditPerson(v.ctx, tx, me)
		return err
	}); err != nil {
		return err
	}
	v.flash("Your profile is saved.")
	return v.redirect(me.Path())
}

func (v *visit) changeAvatar(tx database.Tx, me *chirp.Person, picture *pictures.Picture) error {
	if picture == nil && !v.has("remove_avatar") {
		return nil
	}
	if err := v.site.DiscardMedia(v.ctx, tx, me.Avatar); err != nil {
		return err
	}
	me.Avatar = ""
	if picture == nil {
		return nil
	}
	saved, err := v.site.SaveMedia(v.ctx, tx, picture, "")
	me.Avatar = saved.URL
	return err
}

// changePassword sets a new password. It ends the sessions on other devices.
func (v *visit) changePassword() error {
	_, err := v.site.Login(v.ctx, v.site.DB, v.viewer.Name, v.r.PostFormValue("old"))
	if errors.Is(err, chirp.ErrNotFound) {
		return v.showSettings(http.StatusBadRequest, chirp.Problem("The old password is not right."))
	}
	if err != nil {
		return err
	}
	err = v.site.SetPassword(v.ctx, v.viewer, v.r.PostFormValue("new"))
	if isSentence(err) {
		return v.showSettings(http.StatusBadRequest, err)
	}
	if err != nil {
		return err
	}
	if err := v.logIn(v.viewer); err != nil {
		return err
	}
	v.flash("Your password is changed.")
	return v.redirect("/settings")
}
