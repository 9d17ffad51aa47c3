package web

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io/fs"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/fedigraft/fedigraft/bindings/go/examples/chirp/internal/chirp"
)

// A session lives in a cookie that is signed, not encrypted: who is logged in (with a stamp of their password's hash,
// so that a new password ends all sessions), the token of their forms, and messages for the next page.

const month = 30 * 24 * time.Hour

// session is what is kept of a visitor between requests.
type session struct {
	Person  chirp.ID `json:"person,omitempty"`
	Stamp   string   `json:"stamp,omitempty"`
	CSRF    string   `json:"csrf,omitempty"`
	Flashes []string `json:"flashes,omitempty"`
	Until   int64    `json:"until"` // seconds since the epoch

	as string // how it came
}

// sessions reads and writes the cookies of a site.
type sessions struct {
	name   string
	secure bool
	key    []byte
}

func newSessions(site *chirp.Site) (sessions, error) {
	s := sessions{name: "chirp", secure: strings.HasPrefix(site.Origin, "https:")}
	origin, err := url.Parse(site.Origin)
	if err != nil {
		return s, err
	}
	if origin.Port() != "" {
		s.name += "_" + origin.Port() // cookies do not tell ports apart
	}
	secret := site.SecretKey
	if secret == "" {
		if secret, err = keptKey(site.Database + ".key"); err != nil {
			return s, err
		}
	}
	key := sha256.Sum256([]byte("chirp's sessions: " + secret))
	s.key = key[:]
	return s, nil
}

// read gives the session of a request: an empty one when there is none, or none of ours.
func (s sessions) read(r *http.Request) (found session) {
	cookie, err := r.Cookie(s.name)
	if err != nil {
		return session{}
	}
	text, signature, _ := strings.Cut(cookie.Value, ".")
	sent, err := base64.RawURLEncoding.DecodeString(signature)
	if err != nil || !hmac.Equal(sent, s.sign(text)) {
		return session{}
	}
	content, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil || json.Unmarshal(content, &found) != nil || found.Until < time.Now().Unix() {
		return session{}
	}
	found.as = text
	return found
}

// write sets the cookie when the session has changed, and once a day for somebody who is logged in.
func (s sessions) write(w http.ResponseWriter, kept session) {
	w.Header().Set("Vary", "Cookie")
	if kept.Until == 0 && kept.CSRF == "" && kept.Person == 0 && len(kept.Flashes) == 0 {
		return
	}
	if until := time.Now().Add(month).Unix(); kept.Until < until-24*60*60 {
		kept.Until = until
	}
	content, err := json.Marshal(kept)
	if err != nil { // strings and numbers: cannot be
		panic(err)
	}
	text := base64.RawURLEncoding.EncodeToString(content)
	if text == kept.as {
		return
	}
	cookie := &http.Cookie{
		Name: s.name, Value: text + "." + base64.RawURLEncoding.EncodeToString(s.sign(text)),
		Path: "/", HttpOnly: true, Secure: s.secure, SameSite: http.SameSiteLaxMode,
	}
	if kept.Person != 0 {
		cookie.MaxAge = int(month / time.Second)
	}
	http.SetCookie(w, cookie)
}

func (s sessions) sign(text string) []byte {
	mac := hmac.New(sha256.New, s.key)
	mac.Write([]byte(text))
	return mac.Sum(nil)
}

// logIn begins a session. What the visitor had before it, the token of their forms too, is dropped.
func (v *visit) logIn(person *chirp.Person) error {
	stamp, err := v.site.PasswordStamp(v.ctx, v.site.DB, person)
	v.session = session{Person: person.ID, Stamp: stamp, as: v.session.as}
	return err
}

// keptKey reads the key beside the database, and makes it the first time.
func keptKey(path string) (string, error) {
	found, err := os.ReadFile(path)
	if err == nil {
		return string(found), nil
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return "", err
	}
	draft, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)) // readable for its owner only
	if err != nil {
		return "", err
	}
	defer os.Remove(draft.Name())
	key := make([]byte, 32)
	rand.Read(key) // never fails
	_, err = draft.WriteString(hex.EncodeToString(key))
	if err := errors.Join(err, draft.Close()); err != nil {
		return "", err
	}
	if err := os.Link(draft.Name(), path); err != nil && !errors.Is(err, fs.ErrExist) { // another process was first
		return "", err
	}
	return keptKey(path)
}
