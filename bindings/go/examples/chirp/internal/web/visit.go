package web

import (
	"bytes"
	"context"
	"errors"
	"maps"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/fedigraft/fedigraft/bindings/go/examples/chirp/internal/chirp"
)

// visit is one request and who is asking.
type visit struct {
	*Server
	w       http.ResponseWriter
	r       *http.Request
	ctx     context.Context
	url     *url.URL // that was asked for
	session session
	viewer  *chirp.Person // who is logged in, or nil
}

// status is an error that is one of HTTP's.
type status int

func (s status) Error() string { return http.StatusText(int(s)) }

// refusal is a status with a sentence of its own.
type refusal struct {
	status   int
	sentence string
}

func (r refusal) Error() string { return r.sentence }

func (s *Server) visit(w http.ResponseWriter, r *http.Request) *visit {
	v := &visit{Server: s, w: w, r: r, ctx: r.Context(), url: r.URL, session: s.sessions.read(r)}
	if first, ok := v.ctx.Value(asked{}).(*url.URL); ok {
		v.url = first
	}
	return v
}

// recognise finds out who is asking. A new password has ended the sessions that know the old one.
func (v *visit) recognise() error {
	if v.session.Person == 0 {
		return nil
	}
	person, err := v.site.Person(v.ctx, v.site.DB, v.session.Person)
	if errors.Is(err, chirp.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	stamp, err := v.site.PasswordStamp(v.ctx, v.site.DB, person)
	if err == nil && stamp == v.session.Stamp {
		v.viewer = person
	}
	return err
}

// loggedIn asks for a login before the page.
func loggedIn(page page) page {
	return func(v *visit) error {
		if v.viewer != nil {
			return page(v)
		}
		v.flash("Please log in first.")
		next := "/"
		if v.r.Method == http.MethodGet {
			next = v.here()
		}
		return v.redirect("/login" + query("next", next))
	}
}

// here is the path and query that were asked for.
func (v *visit) here() string {
	if v.url.RawQuery == "" {
		return v.url.EscapedPath()
	}
	return v.url.EscapedPath() + "?" + v.url.RawQuery
}

// has says whether the form brings a field, however empty: a box that was ticked.
func (v *visit) has(field string) bool { return v.r.PostForm.Has(field) }

// value is a field of the form, with line ends as they are stored.
func (v *visit) value(field string) string {
	return strings.ReplaceAll(v.r.PostFormValue(field), "\r\n", "\n")
}

func (v *visit) flash(message string) {
	v.session.Flashes = append(v.session.Flashes, message)
}

// redirect leads to a path of this site.
func (v *visit) redirect(path string) error {
	v.sessions.write(v.w, v.session)
	http.Redirect(v.w, v.r, path, http.StatusFound)
	return nil
}

// next is where the form wants to lead, if that is on this site.
func (v *visit) next(fallback string) string { return localPath(v.r.PostFormValue("next"), fallback) }

// data is what a template knows.
type data map[string]any

// render answers with a page.
func (v *visit) render(code int, name string, own data) error {
	page, err := v.draw(name, own)
	if err != nil {
		return err
	}
	return v.send(code, page)
}

// draw makes a page.
func (v *visit) draw(name string, own data) (page []byte, err error) {
	shared := data{
		"Site": v.site, "Viewer": v.viewer, "Here": v.here(), "Path": v.url.Path,
		"CSRF": v.csrfField, "Flashes": v.session.Flashes, "Written": written{},
	}
	if v.viewer != nil {
		if shared["Unseen"], err = v.site.Unseen(v.ctx, v.site.DB, v.viewer); err != nil {
			return nil, err
		}
	}
	maps.Copy(shared, own)
	v.session.Flashes = nil
	var drawn bytes.Buffer
	err = templates[name].ExecuteTemplate(&drawn, "base", shared)
	return drawn.Bytes(), err
}

// send answers with a page that is drawn.
func (v *visit) send(code int, page []byte) error {
	v.sessions.write(v.w, v.session)
	v.w.Header().Set("Content-Type", "text/html; charset=utf-8")
	v.w.Header().Set("Content-Length", strconv.Itoa(len(page)))
	v.w.WriteHeader(code)
	if _, err := v.w.Write(page); err != nil {
		return errGone
	}
	return nil
}

// errGone says that the visitor is no longer there.
var errGone = errors.New("the visitor is gone")

// fail answers with the page that says what is wrong.
func (v *visit) fail(err error) {
	code, sentence := http.StatusInternalServerError, "Something broke. It is not your fault."
	var problem chirp.Problem
	var refused refusal
	var plain status
	switch {
	case errors.Is(err, errGone), v.ctx.Err() != nil:
		return
	case errors.Is(err, chirp.ErrNotFound):
		code = http.StatusNotFound
	case errors.As(err, &problem):
		code, sentence = http.StatusBadRequest, string(problem)
	case errors.As(err, &refused):
		code, sentence = refused.status, refused.sentence
	case errors.As(err, &plain):
		code = int(plain)
	default:
		v.log("a page is broken", err, v.r)
	}
	switch code {
	case http.StatusNotFound:
		sentence = "There is nothing here, or it is not for everyone."
	case http.StatusMethodNotAllowed:
		sentence = "This address does not take that."
	case http.StatusRequestEntityTooLarge:
		sentence = "That is too large to send at once."
	}
	if v.viewer == nil && v.recognise() != nil { // the page must still come
		v.viewer = nil
	}
	if err := v.render(code, "error", data{"Code": code, "Sentence": sentence}); err != nil && !errors.Is(err, errGone) {
		v.log("the error page is broken", err, v.r)
		http.Error(v.w, sentence, code)
	}
}

// query is one field as the query of an address.
func query(name, value string) string {
	return "?" + name + "=" + strings.NewReplacer("%2F", "/", "%40", "@").Replace(url.QueryEscape(value))
}

// written is what somebody wrote into a form that is shown again.
type written struct {
	Text, Warning, Visibility, Language string
	Sensitive                           bool
	Name, DisplayName, Next             string
	Federated                           bool
}

// written reads the fields of the form.
func (v *visit) written() written {
	return written{
		Text: v.value("text"), Warning: v.value("warning"), Visibility: v.value("visibility"), Language: v.value("language"),
		Sensitive: v.has("sensitive"), Name: v.value("name"), DisplayName: v.value("display_name"), Next: v.value("next"),
		Federated: v.has("federated"),
	}
}
