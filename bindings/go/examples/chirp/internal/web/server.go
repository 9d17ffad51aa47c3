// Package web is the pages of chirp: net/http and html/template, one stylesheet, no script.
package web

import (
	"context"
	"embed"
	"fmt"
	"io/fs"
	"log/slog"
	"net/http"
	"runtime/debug"
	"strings"

	"github.com/fedigraft/fedigraft/bindings/go/examples/chirp/internal/chirp"
)

//go:embed static
var files embed.FS

// Server answers the requests of visitors.
type Server struct {
	site     *chirp.Site
	policy   string // Content-Security-Policy
	sessions sessions
	pages    *http.ServeMux
	profiles *http.ServeMux // what follows "/@" (a pattern's wildcard is always a whole segment)
}

// New gives the pages of a site. The key of its sessions is made when there is none.
func New(site *chirp.Site) (*Server, error) {
	kept, err := newSessions(site)
	if err != nil {
		return nil, err
	}
	s := &Server{site: site, policy: policy(site), sessions: kept, pages: http.NewServeMux(), profiles: http.NewServeMux()}
	static, err := fs.Sub(files, "static")
	if err != nil {
		return nil, err
	}
	s.pages.Handle("GET /static/{file}", http.StripPrefix("/static", http.FileServerFS(static)))
	for pattern, page := range pages {
		s.pages.Handle(pattern, s.serve(page))
	}
	for pattern, page := range profilePages {
		s.profiles.Handle(pattern, s.serve(page))
	}
	return s, nil
}

var pages = map[string]page{
	"GET /{$}":                            (*visit).home,
	"GET /local":                          (*visit).local,
	"GET /tags/{tag}":                     (*visit).tag,
	"GET /search":                         (*visit).search,
	"GET /signup":                         (*visit).signUp,
	"POST /signup":                        (*visit).join,
	"GET /login":                          (*visit).logInForm,
	"POST /login":                         (*visit).begin,
	"POST /logout":                        (*visit).end,
	"GET /settings":                       loggedIn((*visit).settings),
	"POST /settings":                      loggedIn((*visit).saveSettings),
	"POST /settings/password":             loggedIn((*visit).changePassword),
	"GET /notifications":                  loggedIn((*visit).notifications),
	"POST /requests/{person}/{answer}":    loggedIn((*visit).answer),
	"GET /compose":                        loggedIn((*visit).compose),
	"POST /posts":                         loggedIn((*visit).publish),
	"GET /posts/{post}":                   (*visit).post,
	"GET /posts/{post}/edit":              loggedIn((*visit).edit),
	"POST /posts/{post}/edit":             loggedIn((*visit).save),
	"GET /posts/{post}/delete":            loggedIn((*visit).confirmDelete),
	"POST /posts/{post}/delete":           loggedIn((*visit).delete),
	"POST /posts/{post}/{reaction}":       loggedIn((*visit).react),
	"GET " + chirp.MediaPrefix + "{name}": (*visit).media,
}

var profilePages = map[string]page{
	"GET /{handle}":                  (*visit).profile,
	"GET /{handle}/followers":        (*visit).followers,
	"GET /{handle}/following":        (*visit).following,
	"GET /{handle}/feed.atom":        (*visit).feed,
	"POST /{handle}/follow":          loggedIn((*visit).follow),
	"POST /{handle}/unfollow":        loggedIn((*visit).unfollow),
	"POST /{handle}/remove-follower": loggedIn((*visit).removeFollower),
}

// page answers one request; an error is answered with the page that says so.
type page func(*visit) error

// ServeHTTP answers a request.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.setHeaders(w.Header(), r.URL.Path)
	defer func() {
		if broken := recover(); broken == http.ErrAbortHandler {
			panic(broken)
		} else if broken != nil {
			s.visit(w, r).fail(fmt.Errorf("panic: %v\n%s", broken, debug.Stack()))
		}
	}()
	if err := s.takeForm(w, r); err != nil {
		s.visit(w, r).fail(err)
		return
	}
	if r.MultipartForm != nil {
		defer r.MultipartForm.RemoveAll() // temporary files
	}
	mux, routed := s.pages, r
	if handle, ok := strings.CutPrefix(r.URL.EscapedPath(), "/@"); ok {
		mux, routed = s.profiles, r.Clone(context.WithValue(r.Context(), asked{}, r.URL))
		routed.URL.Path, routed.URL.RawPath = "/"+strings.TrimPrefix(r.URL.Path, "/@"), "/"+handle
	}
	handler, pattern := mux.Handler(routed)
	if pattern == "" { // 404 or 405, in the words of the site
		refused := &statusOnly{header: w.Header()}
		handler.ServeHTTP(refused, routed)
		s.visit(w, r).fail(status(refused.status))
		return
	}
	mux.ServeHTTP(w, routed)
}

func (s *Server) serve(page page) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		v := s.visit(w, r)
		if err := v.recognise(); err != nil {
			v.fail(err)
		} else if err := page(v); err != nil {
			v.fail(err)
		}
	})
}

// asked is the key of the URL that was asked for, where routing needs another.
type asked struct{}

// statusOnly takes the status and the header of an answer, and drops its body.
type statusOnly struct {
	header http.Header
	status int
}

func (o *statusOnly) Header() http.Header               { return o.header }
func (o *statusOnly) WriteHeader(status int)            { o.status = status }
func (o *statusOnly) Write(content []byte) (int, error) { return len(content), nil }

func (s *Server) log(message string, err error, r *http.Request) {
	slog.Error(message, "method", r.Method, "path", r.URL.Path, "error", err)
}
