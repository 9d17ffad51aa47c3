package web

import (
	"bytes"
	"context"
	"encoding/binary"
	"hash/crc32"
	"html"
	"io"
	"mime/multipart"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"compress/zlib"

	"github.com/fedigraft/fedigraft/bindings/go/examples/chirp/internal/chirp"
	"github.com/fedigraft/fedigraft/bindings/go/examples/chirp/internal/database"
)

// The real pages over a real SQLite file, and visitors who use them as a browser does: forms with their token.

const origin = "http://chirp.example"

var background = context.Background()

// newSite is a site of its own for one test.
func newSite(t *testing.T) *chirp.Site {
	t.Helper()
	settings, err := chirp.ReadSettings(func(string) (string, bool) { return "", false })
	if err != nil {
		t.Fatal(err)
	}
	folder := t.TempDir()
	settings.Database, settings.Media = filepath.Join(folder, "chirp.sqlite"), filepath.Join(folder, "media")
	settings.Origin, settings.SecretKey = origin, "only for tests"
	if err := database.Prepare(background, settings.Database); err != nil {
		t.Fatal(err)
	}
	site, err := chirp.Open(background, settings)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { site.Close() })
	site.PasswordCost = 100 // real hashes, but cheap ones
	if site.Handler, err = New(site); err != nil {
		t.Fatal(err)
	}
	return site
}

// direct gives requests to a handler without a network.
type direct struct{ handler http.Handler }

func (d direct) RoundTrip(r *http.Request) (*http.Response, error) {
	received := httptest.NewRequestWithContext(r.Context(), r.Method, r.URL.String(), r.Body)
	received.Header, received.ContentLength = r.Header, r.ContentLength
	answer := httptest.NewRecorder()
	d.handler.ServeHTTP(answer, received)
	return answer.Result(), nil
}

// visitor is a browser with its cookies.
type visitor struct {
	t      *testing.T
	site   *chirp.Site
	client *http.Client
}

// answer is what a visitor got.
type answer struct {
	status   int
	location string
	header   http.Header
	body     string
}

type form map[string]any // texts, and files as bytes

func newVisitor(t *testing.T, site *chirp.Site) *visitor {
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return &visitor{t, site, &http.Client{Transport: direct{site.Handler}, Jar: jar,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}
}

// community is a site with Alice, Ben and Chloé, and somebody who is not logged in.
func community(t *testing.T) (site *chirp.Site, alice, ben, chloe, stranger *visitor) {
	t.Helper()
	site = newSite(t)
	alice = newVisitor(t, site).join("alice", form{"display_name": "Alice Martin"})
	ben = newVisitor(t, site).join("ben", form{"display_name": "Ben Okafor"})
	chloe = newVisitor(t, site).join("chloe", nil)
	return site, alice, ben, chloe, newVisitor(t, site)
}

func (v *visitor) do(r *http.Request, err error) answer {
	v.t.Helper()
	if err != nil {
		v.t.Fatal(err)
	}
	response, err := v.client.Do(r)
	if err != nil {
		v.t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		v.t.Fatal(err)
	}
	return answer{response.StatusCode, response.Header.Get("Location"), response.Header, string(body)}
}

func (v *visitor) fetch(path string) answer {
	v.t.Helper()
	return v.do(http.NewRequest(http.MethodGet, origin+path, nil))
}

// follow fetches a page, and the one it leads to.
func (v *visitor) follow(path string) answer {
	v.t.Helper()
	got := v.fetch(path)
	for got.location != "" {
		got = v.fetch(strings.TrimPrefix(got.location, origin))
	}
	return got
}

func (v *visitor) get(path string) string {
	v.t.Helper()
	got := v.fetch(path)
	if got.status != http.StatusOK {
		v.t.Fatalf("%s: %d\n%s", path, got.status, got.body)
	}
	return got.body
}

func (v *visitor) gone(path string) {
	v.t.Helper()
	if got := v.fetch(path); got.status != http.StatusNotFound {
		v.t.Fatalf("%s: %d", path, got.status)
	}
}

var tokenField = regexp.MustCompile(`name="csrf" value="([^"]+)"`)

// post sends a form with the token that a page with a form shows.
func (v *visitor) post(path string, fields form) answer {
	v.t.Helper()
	token := tokenField.FindStringSubmatch(v.follow("/login").body)
	if token == nil {
		v.t.Fatal("no form")
	}
	return v.forge(path, html.UnescapeString(token[1]), fields)
}

// forge sends a form with any token.
func (v *visitor) forge(path, token string, fields form) answer {
	v.t.Helper()
	var body bytes.Buffer
	written := multipart.NewWriter(&body)
	written.WriteField("csrf", token)
	for name, value := range fields {
		switch value := value.(type) {
		case string:
			written.WriteField(name, value)
		case []byte:
			file, _ := written.CreateFormFile(name, "../../../"+name+".html")
			file.Write(value)
		}
	}
	written.Close()
	r, err := http.NewRequest(http.MethodPost, origin+path, &body)
	if err == nil {
		r.Header.Set("Content-Type", written.FormDataContentType())
	}
	return v.do(r, err)
}

// act sends a form that must be taken.
func (v *visitor) act(path string, fields form) answer {
	v.t.Helper()
	got := v.post(path, fields)
	if got.status != http.StatusFound {
		v.t.Fatalf("%s: %d\n%s", path, got.status, got.body)
	}
	return got
}

func (v *visitor) join(name string, fields form) *visitor {
	v.t.Helper()
	all := form{"name": name, "password": "correct horse"}
	for field, value := range fields {
		all[field] = value
	}
	v.act("/signup", all)
	return v
}

// write publishes a post and gives the path of its page.
func (v *visitor) write(text string, fields form) string {
	v.t.Helper()
	all := form{"text": text}
	for field, value := range fields {
		all[field] = value
	}
	return v.act("/posts", all).location
}

func id(path string) string { return strings.TrimPrefix(path, "/posts/") }

// shows fails the test unless the page has all the words.
func (v *visitor) shows(path string, words ...string) string {
	v.t.Helper()
	page := v.get(path)
	for _, word := range words {
		if !strings.Contains(page, word) {
			v.t.Errorf("%s does not show %q\n%s", path, word, page)
		}
	}
	return page
}

// hides fails the test if the page has any of the words.
func (v *visitor) hides(path string, words ...string) string {
	v.t.Helper()
	page := v.get(path)
	for _, word := range words {
		if strings.Contains(page, word) {
			v.t.Errorf("%s shows %q", path, word)
		}
	}
	return page
}

// inside works with the site's own functions, in a transaction.
func inside(t *testing.T, site *chirp.Site, work func(tx database.Tx) error) {
	t.Helper()
	if err := site.Write(background, work); err != nil {
		t.Fatal(err)
	}
}

func person(t *testing.T, site *chirp.Site, handle string) *chirp.Person {
	t.Helper()
	found, err := site.ByHandle(background, site.DB, handle)
	if err != nil {
		t.Fatal(handle, err)
	}
	return found
}

// png is a real PNG, with what cameras write into it if extra is given.
func png(width, height int, extra string) []byte {
	out := []byte("\x89PNG\r\n\x1a\n")
	chunk := func(kind string, data []byte) {
		out = binary.BigEndian.AppendUint32(out, uint32(len(data)))
		content := append([]byte(kind), data...)
		out = binary.BigEndian.AppendUint32(append(out, content...), crc32.ChecksumIEEE(content))
	}
	header := binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32(nil, uint32(width)), uint32(height))
	chunk("IHDR", append(header, 8, 2, 0, 0, 0))
	if extra != "" {
		chunk("tEXt", []byte(extra))
		chunk("eXIf", []byte(extra))
	}
	var pixels bytes.Buffer
	packed := zlib.NewWriter(&pixels)
	for range height {
		packed.Write([]byte{0})
		packed.Write(bytes.Repeat([]byte{0x10, 0x80, 0x70}, width))
	}
	packed.Close()
	chunk("IDAT", pixels.Bytes())
	chunk("IEND", nil)
	return out
}

func escaped(query string) string { return url.QueryEscape(query) }
