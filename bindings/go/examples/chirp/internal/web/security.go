package web

import (
	"crypto/rand"
	"crypto/subtle"
	"errors"
	"html/template"
	"net/http"
	"strings"
	"unicode"

	"github.com/fedigraft/fedigraft/bindings/go/examples/chirp/internal/chirp"
)

// What protects every page: a token in each form against forged requests (CSRF), the size of what may be sent, and
// the response headers.

const maxForm = chirp.MaxPictures*maxPicture + 256<<10 // bytes

// policy is the Content-Security-Policy. Pages bring no script at all. Pictures of people from elsewhere come from
// where they live.
func policy(site *chirp.Site) string {
	return "default-src 'none'; style-src 'self'; font-src 'self'; form-action 'self'; base-uri 'none'; " +
		"frame-ancestors 'none'; img-src 'self' " + site.ImageSources
}

func (s *Server) setHeaders(header http.Header, path string) {
	header.Set("Content-Security-Policy", s.policy)
	header.Set("X-Content-Type-Options", "nosniff")
	header.Set("Referrer-Policy", "same-origin")
	header.Set("Cross-Origin-Opener-Policy", "same-origin")
	header.Set("Cache-Control", "private, no-cache")
	if strings.HasPrefix(path, "/static/") {
		header.Set("Cache-Control", "public, max-age=3600")
	}
}

// takeForm reads the form of a request that changes something, and checks its token.
func (s *Server) takeForm(w http.ResponseWriter, r *http.Request) error {
	switch r.Method {
	case http.MethodGet, http.MethodHead, http.MethodOptions:
		return nil
	}
	if r.ContentLength > maxForm {
		return status(http.StatusRequestEntityTooLarge)
	}
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	var tooLarge *http.MaxBytesError
	err := r.ParseForm()
	if err == nil {
		err = r.ParseMultipartForm(1 << 20)
	}
	switch {
	case errors.As(err, &tooLarge):
		return status(http.StatusRequestEntityTooLarge)
	case err != nil && !errors.Is(err, http.ErrNotMultipart):
		return refusal{http.StatusBadRequest, "This form is damaged."}
	}
	if r.MultipartForm != nil {
		for name, values := range r.MultipartForm.Value {
			r.PostForm[name] = values
		}
	}
	expected := s.sessions.read(r).CSRF
	if expected == "" || subtle.ConstantTimeCompare([]byte(expected), []byte(r.PostForm.Get("csrf"))) != 1 {
		return refusal{http.StatusBadRequest, "This form has expired. Go back, reload the page and send it again."}
	}
	return nil
}

// csrfField is the hidden field that every form with method="post" carries.
func (v *visit) csrfField() template.HTML {
	if v.session.CSRF == "" {
		v.session.CSRF = rand.Text()
	}
	return template.HTML(`<input type="hidden" name="csrf" value="` + template.HTMLEscapeString(v.session.CSRF) + `">`)
}

// localPath is target if it is a path of this site, else fallback: a redirect never leads away.
func localPath(target, fallback string) string {
	unprintable := func(r rune) bool { return !unicode.IsPrint(r) }
	if !strings.HasPrefix(target, "/") || strings.HasPrefix(target, "//") || strings.Contains(target, `\`) ||
		strings.ContainsFunc(target, unprintable) {
		return fallback
	}
	return target
}
