package web

import (
	"bytes"
	"context"
	"errors"
	"html"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/fedigraft/fedigraft/bindings/go/examples/chirp/internal/chirp"
	"github.com/fedigraft/fedigraft/bindings/go/examples/chirp/internal/database"
)

// Forged requests, markup in every field, files that are no pictures, and the headers that hold the line.

const nasty = `<script>alert(1)</script>"'><img src=x onerror=alert(2)>`

func TestEveryFormNeedsItsToken(t *testing.T) {
	_, alice, ben, _, _ := community(t)
	post := alice.write("Mine", nil)
	fill := strings.NewReplacer("{post}", id(post), "{reaction}", "like", "{person}", "2", "{answer}", "accept", "{handle}", "ben")
	var forms []string
	for pattern := range pages {
		if path, ok := strings.CutPrefix(pattern, "POST "); ok {
			forms = append(forms, fill.Replace(path))
		}
	}
	for pattern := range profilePages {
		if path, ok := strings.CutPrefix(pattern, "POST /"); ok {
			forms = append(forms, "/@"+fill.Replace(path))
		}
	}
	if len(forms) < 10 {
		t.Fatal(forms)
	}
	other := html.UnescapeString(tokenField.FindStringSubmatch(ben.follow("/login").body)[1])
	for _, path := range forms {
		for _, token := range []string{"", "guess", "é", other} {
			got := alice.forge(path, token, form{"text": "forged"})
			if got.status != 400 || !strings.Contains(got.body, "expired") {
				t.Error(path, token, got.status)
			}
		}
		r, err := http.NewRequest(http.MethodPost, origin+path, strings.NewReader("text=forged"))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		if got := alice.do(r, err); got.status != 400 {
			t.Error(path, got.status)
		}
	}
	alice.hides("/local", "forged")
	alice.hides(post, "Liked by")
}

func TestATokenInTheAddressIsNone(t *testing.T) {
	_, alice, _, _, _ := community(t)
	token := html.UnescapeString(tokenField.FindStringSubmatch(alice.follow("/login").body)[1])
	if got := alice.forge("/posts?csrf="+url.QueryEscape(token), "", form{"text": "forged"}); got.status != 400 {
		t.Error(got.status)
	}
}

func TestASessionCannotBeMadeUp(t *testing.T) {
	site, alice, _, _, stranger := community(t)
	address, _ := url.Parse(origin)
	real := alice.client.Jar.Cookies(address)[0]
	text, signature, _ := strings.Cut(real.Value, ".")
	for _, value := range []string{text, text + ".", text + "." + signature[1:], "x" + text + "." + signature, "." + signature, signature} {
		stranger.client.Jar.SetCookies(address, []*http.Cookie{{Name: real.Name, Value: value, Path: "/"}})
		if got := stranger.fetch("/settings"); got.status != 302 {
			t.Errorf("%q is taken", value)
		}
	}
	stranger.client.Jar.SetCookies(address, []*http.Cookie{{Name: real.Name, Value: real.Value, Path: "/"}})
	stranger.get("/settings")
	site.SecretKey = "another"
	if site.Handler, _ = New(site); newVisitor(t, site).site == nil {
		t.Fatal()
	}
	stranger.client.Transport = direct{site.Handler}
	if got := stranger.fetch("/settings"); got.status != 302 {
		t.Error("signed with another key")
	}
}

func TestMarkupIsShownNeverRun(t *testing.T) {
	_, alice, ben, _, stranger := community(t)
	alice.act("/settings", form{
		"display_name": nasty, "bio": nasty, "field_name_0": nasty, "field_value_0": nasty, "field_name_1": "x",
		"field_value_1": "javascript:alert(1)", "discoverable": "on",
	})
	post := alice.write(nasty+` @ben https://x.example/"onmouseover=alert(3) javascript:alert(4) #a<b>`,
		form{"warning": nasty, "picture_0": png(3, 2, nasty), "picture_alt_0": nasty})
	ben.write("@alice "+nasty, form{"reply_to": id(post)})
	ben.act(post+"/like", nil)
	paths := []string{
		"/local", "/@alice", "/@alice/followers", post, "/search?q=" + escaped(nasty), "/search?q=script",
		"/tags/%3Cscript%3Ealert(1)%3C%2Fscript%3E", "/compose?to=@" + escaped(nasty),
		"/login?next=" + escaped(nasty) + "&name=" + escaped(nasty), "/settings", post + "/edit", "/notifications", "/@" + escaped(nasty),
	}
	handler := regexp.MustCompile(`<[^>"]*("[^"]*"[^>"]*)*\son\w+=`)
	for _, path := range paths {
		for _, who := range []*visitor{alice, ben, stranger} {
			page := who.follow(path).body
			if strings.Contains(page, "<script") || strings.Contains(page, "<img src=x") || handler.MatchString(page) ||
				strings.Contains(page, `href="javascript:`) {
				t.Error(path, page)
			}
		}
	}
	got := alice.post("/posts", form{"text": strings.Repeat(nasty, 30), "warning": nasty})
	if got.status != 400 || strings.Contains(got.body, "<script") {
		t.Error(got.status)
	}
}

func TestHeaders(t *testing.T) {
	v := newVisitor(t, newSite(t))
	for _, path := range []string{"/local", "/login", "/nothing", "/@nobody", "/static/chirp.css", "/static/", "/posts/1/like"} {
		header := v.fetch(path).header
		policy := header.Get("Content-Security-Policy")
		if !strings.Contains(policy, "default-src 'none'") || strings.Contains(policy, "script-src") || strings.Contains(policy, "unsafe") ||
			!strings.Contains(policy, "form-action 'self'") || !strings.Contains(policy, "frame-ancestors 'none'") ||
			header.Get("X-Content-Type-Options") != "nosniff" {
			t.Error(path, header)
		}
	}
	cookie := newVisitor(t, v.site).fetch("/login").header.Get("Set-Cookie")
	if !strings.Contains(cookie, "HttpOnly") || !strings.Contains(cookie, "SameSite=Lax") {
		t.Error(cookie)
	}
	if got := v.fetch("/posts/1/like"); got.status != 405 || got.header.Get("Allow") == "" || !strings.Contains(got.body, "does not take that") {
		t.Error(got.status, got.header)
	}
	if got := v.fetch("/static/"); got.status != 404 {
		t.Error(got.status)
	}
}

func TestPagesBringNoScriptAndNoInlineStyle(t *testing.T) {
	_, alice, _, _, _ := community(t)
	post := alice.write("Hello", form{"warning": "w", "picture_0": png(3, 2, "")})
	for _, path := range []string{"/", post, "/compose", "/settings", "/@alice", "/notifications", "/search"} {
		alice.hides(path, "<script", " style=", "<style")
	}
}

func TestTheCookieIsSecureBehindHTTPSAndTheKeyIsKept(t *testing.T) {
	site := newSite(t)
	site.Origin, site.SecretKey = "https://chirp.example", ""
	first, err := newSessions(site)
	if err != nil || !first.secure || first.name != "chirp" {
		t.Fatal(first.name, err)
	}
	path := site.Database + ".key"
	about, err := os.Stat(path)
	key, _ := os.ReadFile(path)
	if err != nil || about.Mode().Perm() != 0o600 || len(key) != 64 {
		t.Error(err, about.Mode())
	}
	site.Origin = "http://localhost:5000"
	again, err := newSessions(site)
	if err != nil || !bytes.Equal(again.key, first.key) || again.name != "chirp_5000" || again.secure {
		t.Error(err, again.name)
	}
	if left, _ := filepath.Glob(path + "*"); len(left) != 1 {
		t.Error(left)
	}
}

func TestWhatIsNoPictureIsRefused(t *testing.T) {
	site, alice, _, _, _ := community(t)
	for _, data := range []string{
		"plain text", "<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", "\x89PNG\r\n\x1a\n", "GIF89a", "",
	} {
		got := alice.post("/posts", form{"text": "look", "picture_0": []byte(data)})
		if got.status != 400 || !strings.Contains(got.body, "picture") || !strings.Contains(got.body, "look</textarea>") {
			t.Errorf("%q: %d", data, got.status)
		}
		if got := alice.post("/settings", form{"avatar": []byte(data)}); got.status != 400 {
			t.Errorf("%q: %d", data, got.status)
		}
	}
	alice.hides("/local", "look")
	if left, _ := os.ReadDir(site.Media); len(left) != 0 {
		t.Error(left)
	}
}

func TestTooLargeAPictureIsRefused(t *testing.T) {
	_, alice, _, _, _ := community(t)
	got := alice.post("/posts", form{"text": "look", "picture_0": append(png(3, 2, ""), make([]byte, 5<<20)...)})
	if got.status != 400 || !strings.Contains(got.body, "at most 5 MB") {
		t.Error(got.status)
	}
	big := make([]byte, 21<<20)
	if got := alice.forge("/posts", "", form{"picture_0": big}); got.status != 413 {
		t.Error(got.status)
	}
	r, err := http.NewRequest(http.MethodPost, origin+"/posts", struct{ *bytes.Reader }{bytes.NewReader(big)}) // of unknown length
	r.ContentLength = -1
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	if got := alice.do(r, err); got.status != 413 {
		t.Error(got.status)
	}
}

func TestAFileNameLeadsNowhere(t *testing.T) {
	site, alice, _, _, v := community(t)
	alice.write("x", form{"picture_0": png(3, 2, "")}) // the form says ../../../picture_0.html
	left, err := os.ReadDir(site.Media)
	if err != nil || len(left) != 1 || filepath.Ext(left[0].Name()) != ".png" || len(left[0].Name()) != 28 {
		t.Fatal(left, err)
	}
	os.WriteFile(site.Database+".png", nil, 0o600)
	os.Symlink(site.Database, filepath.Join(site.Media, "link.png"))
	for _, path := range []string{
		"/media/../chirp.sqlite", "/media/..%2fchirp.sqlite", "/media/..%2fchirp.sqlite.png", "/media/x.html", "/media/.png", "/media/",
	} {
		if got := v.follow(path); got.status != 404 {
			t.Error(path, got.status)
		}
	}
	if got := v.fetch("/media/link.png"); got.status == 200 {
		t.Error("a link leads out of the folder")
	}
}

func TestAFailedTransactionLeavesNoFile(t *testing.T) {
	site, alice, _, _, _ := community(t)
	panics := false
	site.On(func(_ context.Context, _ database.Tx, e chirp.Event) error {
		if panics {
			panic("no")
		}
		return errors.New("no")
	})
	for range 2 {
		if got := alice.post("/posts", form{"text": "gone", "picture_0": png(3, 2, "")}); got.status != 500 {
			t.Error(got.status)
		}
		panics = true
	}
	alice.hides("/local", "gone")
	if left, _ := os.ReadDir(site.Media); len(left) != 0 {
		t.Error(left)
	}
}

func TestAPersonFromElsewhereCannotLogIn(t *testing.T) {
	site := newSite(t)
	inside(t, site, func(tx database.Tx) error {
		_, err := site.UpsertPerson(background, tx, &chirp.Stranger{URI: "https://r.example/bob", Handle: "@bob@r.example"})
		return err
	})
	v := newVisitor(t, site)
	for _, name := range []string{"bob", "@bob@r.example", "bob@r.example"} {
		if got := v.post("/login", form{"name": name, "password": "correct horse"}); got.status != 401 {
			t.Error(name, got.status)
		}
	}
}
