package web

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/fedigraft/fedigraft/bindings/go/examples/chirp/internal/chirp"
	"github.com/fedigraft/fedigraft/bindings/go/examples/chirp/internal/database"
	"github.com/fedigraft/fedigraft/bindings/go/examples/chirp/internal/pictures"
)

// Writing and editing posts.

// compose shows the form for a new post; ?reply_to= for an answer, ?to= for a message to somebody.
func (v *visit) compose() error {
	asked := v.url.Query()
	own := data{}
	if to := asked.Get("to"); strings.HasPrefix(to, "@") {
		own["Written"] = written{Text: strings.ToValidUTF8(to[:min(len(to), 200)], "") + " "}
	}
	if asked.Has("reply_to") {
		parent, err := v.answered(asked.Get("reply_to"))
		if err != nil {
			return err
		}
		own["Parent"], own["Written"] = parent, written{Text: v.opening(parent)}
	}
	return v.render(http.StatusOK, "compose", own)
}

// opening is the handles that an answer begins with: the author and whom they mentioned, but not oneself.
func (v *visit) opening(parent *chirp.Post) string {
	var handles []string
	for _, person := range append([]*chirp.Person{parent.Author}, parent.Mentions...) {
		if person.ID != v.viewer.ID && !slices.Contains(handles, person.Handle()+" ") {
			handles = append(handles, person.Handle()+" ")
		}
	}
	return strings.Join(handles, "")
}

// publish publishes what the form brings.
func (v *visit) publish() error {
	var parent *chirp.Post
	if id := v.value("reply_to"); id != "" {
		var err error
		if parent, err = v.answered(id); err != nil {
			return err
		}
	}
	draft, uploads, err := v.draft(chirp.MaxPictures)
	draft.ReplyTo, draft.Visibility = parent, chirp.Public
	if v.has("visibility") {
		draft.Visibility = v.value("visibility")
	}
	switch {
	case err != nil:
	case draft.Text == "" && len(uploads) == 0:
		err = chirp.Problem("Write something, or add a picture.")
	case !slices.Contains(audiences, draft.Visibility):
		err = chirp.Problem("Choose who may see it.")
	}
	if isSentence(err) {
		own := data{"Written": v.written(), "Problem": err.Error()}
		if parent != nil {
			own["Parent"] = parent
		}
		return v.render(http.StatusBadRequest, "compose", own)
	}
	if err != nil {
		return err
	}
	var post *chirp.Post
	if err := v.site.Write(v.ctx, func(tx database.Tx) error {
		if err := v.upload(tx, &draft, uploads); err != nil {
			return err
		}
		post, err = v.site.Publish(v.ctx, tx, v.viewer, draft)
		return err
	}); err != nil {
		return err
	}
	return v.redirect(v.next(post.Path()))
}

// edit shows the form to change a post.
func (v *visit) edit() error {
	post, err := v.own()
	if err != nil {
		return err
	}
	return v.showEdit(http.StatusOK, post, data{"Written": written{
		Text: post.Text, Warning: post.Warning, Language: post.Language, Sensitive: post.Sensitive,
	}})
}

func (v *visit) showEdit(code int, post *chirp.Post, own data) error {
	own["Post"], own["Free"] = post, chirp.MaxPictures-len(post.Media)
	return v.render(code, "edit", own)
}

// save changes a post: its words, its warning, its pictures and their descriptions.
func (v *visit) save() error {
	post, err := v.own()
	if err != nil {
		return err
	}
	var kept, gone []chirp.Media
	for n, item := range post.Media {
		if v.has(fmt.Sprintf("remove_%d", n)) {
			gone = append(gone, item)
			continue
		}
		item.Alt = chirp.Alt(v.value(fmt.Sprintf("alt_%d", n)))
		kept = append(kept, item)
	}
	draft, uploads, err := v.draft(chirp.MaxPictures - len(kept))
	if err == nil && draft.Text == "" && len(kept)+len(uploads) == 0 {
		err = chirp.Problem("A post needs some words or a picture.")
	}
	if isSentence(err) {
		return v.showEdit(http.StatusBadRequest, post, data{"Written": v.written(), "Problem": err.Error()})
	}
	if err != nil {
		return err
	}
	if err := v.site.Write(v.ctx, func(tx database.Tx) error {
		for _, item := range gone {
			if err := v.site.DiscardMedia(v.ctx, tx, item.URL); err != nil {
				return err
			}
		}
		draft.Media = kept
		if err := v.upload(tx, &draft, uploads); err != nil {
			return err
		}
		_, err := v.site.EditPost(v.ctx, tx, post, draft)
		return err
	}); err != nil {
		return err
	}
	return v.redirect(post.Path())
}

// upload is a picture that came with a form.
type upload struct {
	picture *pictures.Picture
	alt     string
}

// draft reads what is the same in a new post and a changed one, with at most free pictures.
func (v *visit) draft(free int) (draft chirp.Draft, uploads []upload, err error) {
	draft = chirp.Draft{
		Text:      strings.TrimSpace(v.value("text")),
		Warning:   chirp.Warning(v.value("warning")),
		Sensitive: v.has("sensitive"),
		Language:  v.viewer.Language,
	}
	chosen := func(one chirp.Language) bool { return one.Code == v.value("language") }
	if slices.ContainsFunc(chirp.Languages, chosen) {
		draft.Language = v.value("language")
	}
	if length := utf8.RuneCountInString(draft.Text); length > v.site.PostLength {
		return draft, nil, chirp.Problem(fmt.Sprintf("That is %d characters; a post may have %d.", length, v.site.PostLength))
	}
	for n := range chirp.MaxPictures {
		picture, err := v.picture(fmt.Sprintf("picture_%d", n))
		if err != nil {
			return draft, nil, err
		}
		if picture != nil {
			uploads = append(uploads, upload{picture, v.value(fmt.Sprintf("picture_alt_%d", n))})
		}
	}
	if len(uploads) > free {
		err = chirp.Problem(fmt.Sprintf("A post may have %d pictures.", chirp.MaxPictures))
	}
	return draft, uploads, err
}

// upload stores the pictures of a draft.
func (v *visit) upload(tx database.Tx, draft *chirp.Draft, uploads []upload) error {
	for _, one := range uploads {
		saved, err := v.site.SaveMedia(v.ctx, tx, one.picture, one.alt)
		if err != nil {
			return err
		}
		draft.Media = append(draft.Media, saved)
	}
	return nil
}
