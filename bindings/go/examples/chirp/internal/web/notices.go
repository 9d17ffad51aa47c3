package web

import (
	"net/http"
	"slices"
	"strconv"

	"github.com/fedigraft/fedigraft/bindings/go/examples/chirp/internal/chirp"
	"github.com/fedigraft/fedigraft/bindings/go/examples/chirp/internal/database"
)

// The notifications, and the requests to follow that wait for an answer.

// notifications shows what happened to one. Having been seen, it is no longer new.
func (v *visit) notifications() error {
	before, _ := strconv.ParseInt(v.older(), 10, 64) // anything else: from the newest
	listed, err := v.site.Notifications(v.ctx, v.site.DB, v.viewer, before)
	if err != nil {
		return err
	}
	requests, err := v.site.Requests(v.ctx, v.site.DB, v.viewer)
	if err != nil {
		return err
	}
	pending := map[int64]bool{}
	for _, person := range requests {
		pending[person.ID] = true
	}
	own := data{"Listed": listed, "Pending": pending}
	if len(listed) == chirp.NotificationPage {
		own["Older"] = listed[len(listed)-1].ID
	}
	if err := v.render(http.StatusOK, "notifications", own); err != nil {
		return err
	}
	if slices.ContainsFunc(listed, func(one chirp.Notification) bool { return !one.Seen }) {
		if err := v.site.Write(v.ctx, func(tx database.Tx) error { return v.site.MarkSeen(v.ctx, tx, v.viewer) }); err != nil {
			v.log("notifications stay new", err, v.r) // the page is sent
		}
	}
	return nil
}

// answer lets somebody follow one, or not.
func (v *visit) answer() error {
	answer := v.r.PathValue("answer")
	id, err := v.id("person")
	if err != nil || (answer != "accept" && answer != "decline") {
		return chirp.ErrNotFound
	}
	person, err := v.site.Person(v.ctx, v.site.DB, id)
	if err != nil {
		return err
	}
	if err := v.site.Write(v.ctx, func(tx database.Tx) error {
		return v.site.AnswerFollow(v.ctx, tx, person, v.viewer, answer == "accept")
	}); err != nil {
		return err
	}
	return v.redirect(v.next("/notifications"))
}
