package web

import (
	"context"
	"errors"
	"net/http"
	"strings"

	"github.com/fedigraft/fedigraft/bindings/go/examples/chirp/internal/chirp"
	"github.com/fedigraft/fedigraft/bindings/go/examples/chirp/internal/database"
)

// A post's page with its thread; deleting; liking and boosting. compose.go writes and edits.

// visible is the post of the path, if the visitor may see it.
func (v *visit) visible() (*chirp.Post, error) {
	return v.site.Visible(v.ctx, v.site.DB, v.viewer, chirp.ParseID(v.r.PathValue("post")))
}

// own is the post of the path, if the visitor wrote it.
func (v *visit) own() (*chirp.Post, error) {
	post, err := v.visible()
	if err == nil && post.Author.ID != v.viewer.ID {
		return nil, refusal{http.StatusForbidden, "Only the author can change a post."}
	}
	return post, err
}

// post shows the post, what it answers, its replies, who liked and boosted it.
func (v *visit) post() error {
	post, err := v.visible()
	if err != nil {
		return err
	}
	thread, err := v.site.Thread(v.ctx, v.site.DB, v.viewer, post)
	if err != nil {
		return err
	}
	entry, err := v.site.Entry(v.ctx, v.site.DB, v.viewer, post)
	if err != nil {
		return err
	}
	likers, err := v.site.Likers(v.ctx, v.site.DB, post)
	if err != nil {
		return err
	}
	boosters, err := v.site.Boosters(v.ctx, v.site.DB, post)
	if err != nil {
		return err
	}
	own := data{"Entry": entry, "Thread": thread, "Likers": likers, "Boosters": boosters}
	if v.viewer != nil && v.viewer.ID != post.Author.ID {
		own["Written"] = written{Text: post.Author.Handle() + " "}
	}
	return v.render(http.StatusOK, "post", own)
}

// confirmDelete asks before deleting.
func (v *visit) confirmDelete() error {
	post, err := v.own()
	if err != nil {
		return err
	}
	entry, err := v.site.Entry(v.ctx, v.site.DB, v.viewer, post)
	if err != nil {
		return err
	}
	return v.render(http.StatusOK, "delete", data{"Entry": entry})
}

// delete deletes a post for good.
func (v *visit) delete() error {
	post, err := v.own()
	if err != nil {
		return err
	}
	if err := v.site.Write(v.ctx, func(tx database.Tx) error { return v.site.DeletePost(v.ctx, tx, post) }); err != nil {
		return err
	}
	v.flash("The post is deleted.")
	return v.redirect("/")
}

// react likes or boosts a post, or takes that back.
func (v *visit) react() error {
	change := map[string]func(context.Context, database.Tx, *chirp.Person, *chirp.Post) error{
		"like": v.site.Like, "unlike": v.site.Unlike, "boost": v.site.Boost, "unboost": v.site.Unboost,
	}[v.r.PathValue("reaction")]
	if change == nil {
		return chirp.ErrNotFound
	}
	post, err := v.visible()
	if err != nil {
		return err
	}
	if err := v.site.Write(v.ctx, func(tx database.Tx) error { return change(v.ctx, tx, v.viewer, post) }); err != nil {
		return err
	}
	back := v.next(post.Path())
	if !strings.Contains(back, "#") {
		back = back + "#post-" + post.ID.String()
	}
	return v.redirect(back)
}

// answered is the post that a form or an address answers.
func (v *visit) answered(id string) (*chirp.Post, error) {
	return v.site.Visible(v.ctx, v.site.DB, v.viewer, chirp.ParseID(id))
}

// isSentence says whether an error is one for whoever filled in a form.
func isSentence(err error) bool {
	var problem chirp.Problem
	return errors.As(err, &problem)
}
