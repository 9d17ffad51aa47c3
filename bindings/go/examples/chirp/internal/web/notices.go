package web

import (
	"context"
	"net/http"
	"slices"

	"github.com/fedigraft/fedigraft/bindings/go/examples/chirp/internal/chirp"
	"github.com/fedigraft/fedigraft/bindings/go/examples/chirp/internal/database"
)

// The notifications, and the requests to follow that wait for an answer.

// notifications shows what happened to one. Having been seen, it is no longer new.
func (v *visit) notifications() error {
	listed, err := v.site.Notifications(v.ctx, v.site.DB, v.viewer, chirp.ParseID(v.older()))
	if err != nil {
		return err
	}
	requests, err := v.site.Requests(v.ctx, v.site.DB, v.viewer)
	if err != nil {
		return err
	}
	pending := map[chirp.ID]bool{}
	for _, person := range requests {
		pending[person.ID] = true
	}
	own := data{"Listed": listed, "Pending": pending}
	if len(listed) == chirp.NotificationPage {
		own["Older"] = listed[len(listed)-1].ID
	}
	page, err := v.draw("notifications", own) // before they are marked: it says which are new
	if err != nil {
		return err
	}
	if slices.ContainsFunc(listed, func(one chirp.Notification) bool { return !one.Seen }) {
		if err := v.site.Write(v.ctx, func(tx database.Tx) error { return v.site.MarkSeen(v.ctx, tx, v.viewer) }); err != nil {
			return err
		}
	}
	return v.send(http.StatusOK, page)
}

// answer lets somebody follow one, or not.
func (v *visit) answer() error {
	answer := map[string]func(context.Context, database.Tx, *chirp.Person, *chirp.Person) error{
		"accept": v.site.AcceptFollow, "decline": v.site.RejectFollow,
	}[v.r.PathValue("answer")]
	if answer == nil {
		return chirp.ErrNotFound
	}
	person, err := v.site.Person(v.ctx, v.site.DB, chirp.ParseID(v.r.PathValue("person")))
	if err != nil {
		return err
	}
	if err := v.site.Write(v.ctx, func(tx database.Tx) error {
		return answer(v.ctx, tx, v.viewer, person)
	}); err != nil {
		return err
	}
	return v.redirect(v.next("/notifications"))
}
