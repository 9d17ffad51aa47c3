package web

import (
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// The whole site as people use it: from signing up to likes.

func TestSigningUpLoggingOutAndIn(t *testing.T) {
	v := newVisitor(t, newSite(t)).join("Alice_1", form{"display_name": "Alice"})
	v.shows("/", "Welcome to Chirp, Alice!")
	v.hides("/", "Welcome to Chirp")
	v.act("/logout", nil)
	v.shows("/local", "Log in")
	for _, name := range []string{"alice_1", "nobody"} {
		if got := v.post("/login", form{"name": name, "password": "wrong horse"}); got.status != 401 {
			t.Error(name, got.status)
		}
	}
	v.act("/login", form{"name": "@ALICE_1", "password": "correct horse"})
	v.shows("/settings", "Alice")
}

func TestANameIsTakenOnceAndHasItsLetters(t *testing.T) {
	_, _, _, _, v := community(t)
	for name, why := range map[string]string{"ALICE": "taken", "a b": "letters", "": "letters", strings.Repeat("x", 31): "letters"} {
		got := v.post("/signup", form{"name": name, "password": "correct horse"})
		if got.status != 400 || !strings.Contains(got.body, why) {
			t.Error(name, got.status, got.body)
		}
	}
	got := v.post("/signup", form{"name": "short", "password": "1234567"})
	if got.status != 400 || !strings.Contains(got.body, "at least 8") {
		t.Error(got.status)
	}
}

func TestSignUpCanBeClosed(t *testing.T) {
	site := newSite(t)
	site.SignUp = false
	v := newVisitor(t, site)
	v.gone("/signup")
	if got := v.post("/signup", form{"name": "zoe", "password": "correct horse"}); got.status != 404 {
		t.Error(got.status)
	}
}

func TestALoginComesBackToThePageButNeverLeavesTheSite(t *testing.T) {
	_, _, _, _, v := community(t)
	if got := v.fetch("/notifications"); got.location != "/login?next=/notifications" {
		t.Error(got.location)
	}
	for next, place := range map[string]string{
		"/notifications": "/notifications", "//evil.example": "/", "https://evil.example": "/", `/\evil.example`: "/",
		"\t//evil.example": "/", "/\t/evil.example": "/", "": "/",
	} {
		got := v.post("/login", form{"name": "alice", "password": "correct horse", "next": next})
		if got.location != place {
			t.Errorf("%q leads to %q", next, got.location)
		}
		v.act("/logout", nil)
	}
}

func TestANewPasswordEndsOtherSessions(t *testing.T) {
	site, alice, _, _, phone := community(t)
	phone.act("/login", form{"name": "alice", "password": "correct horse"})
	for old, new := range map[string]string{"no": "battery staple", "correct horse": "short"} {
		if got := alice.post("/settings/password", form{"old": old, "new": new}); got.status != 400 {
			t.Error(got.status)
		}
	}
	alice.act("/settings/password", form{"old": "correct horse", "new": "battery staple"})
	alice.get("/notifications")
	if got := phone.fetch("/notifications"); got.status != 302 {
		t.Error("the old session goes on")
	}
	if got := newVisitor(t, site).post("/login", form{"name": "alice", "password": "correct horse"}); got.status != 401 {
		t.Error(got.status)
	}
}

func TestHomeShowsWhomOneFollowsAndLocalEveryone(t *testing.T) {
	_, alice, ben, chloe, _ := community(t)
	ben.write("Bread is in the oven.", nil)
	chloe.write("Drawing a poster.", nil)
	alice.shows("/", "Nothing here yet")
	alice.act("/@ben/follow", nil)
	alice.shows("/", "Bread is in the oven.")
	alice.hides("/", "Drawing a poster.")
	local := alice.shows("/local", "Drawing a poster.", "Bread is in the oven.")
	if strings.Index(local, "Drawing") > strings.Index(local, "Bread") {
		t.Error("the older one comes first")
	}
	alice.act("/@ben/unfollow", nil)
	alice.hides("/", "Bread")
}

func TestABoostCarriesAPostToFollowersOnce(t *testing.T) {
	_, alice, ben, chloe, _ := community(t)
	post := chloe.write("Look at this.", nil)
	alice.act("/@ben/follow", nil)
	ben.act(post+"/boost", nil)
	home := alice.get("/")
	if strings.Count(home, "Look at this.") != 1 || !regexp.MustCompile(`Ben Okafor</a>(\s|&nbsp;)*boosted`).MatchString(home) {
		t.Error(home)
	}
	alice.shows("/@ben", "Look at this.")
	alice.act("/@chloe/follow", nil)
	if strings.Count(alice.get("/"), "Look at this.") != 1 {
		t.Error("it stands there twice")
	}
	ben.act(post+"/unboost", nil)
	alice.hides("/@ben", "Look at this.")
}

func TestAProfileWithFieldsLinksAndPicture(t *testing.T) {
	_, alice, _, _, v := community(t)
	alice.act("/settings", form{
		"display_name": "Alice M.", "bio": "Gardener.\r\nSee #seeds", "field_name_0": "Website",
		"field_value_0": "https://alice.example/me", "discoverable": "on", "avatar": png(40, 40, ""),
	})
	page := v.shows("/@alice", "Alice M.", `<a href="/tags/seeds"`, "Gardener.<br>\nSee",
		`<a href="https://alice.example/me" rel="me nofollow noopener">alice.example/me</a>`)
	avatar := regexp.MustCompile(`<img class="avatar large" src="(/media/[^"]+)"`).FindStringSubmatch(page)
	if avatar == nil || v.get(avatar[1]) != string(png(40, 40, "")) {
		t.Fatal(avatar)
	}
	alice.act("/settings", form{"display_name": "Alice M.", "remove_avatar": "on"})
	v.gone(avatar[1])
	if got := v.fetch("/@ALICE"); got.location != "/@alice" {
		t.Error(got.location)
	}
}

func TestFollowersAndFollowingAreCountedAndListed(t *testing.T) {
	_, alice, ben, _, v := community(t)
	ben.act("/@alice/follow", nil)
	if !regexp.MustCompile(`<b>1</b>\s*follower\b`).MatchString(v.get("/@alice")) {
		t.Error("not counted")
	}
	v.shows("/@alice/followers", "@ben")
	v.shows("/@ben/following", "@alice")
	alice.shows("/@ben", "follows you", "Follow back")
	alice.act("/@ben/remove-follower", nil)
	v.shows("/@alice/followers", "Nobody yet")
	if got := alice.post("/@alice/follow", nil); got.status != 400 {
		t.Error("one follows oneself", got.status)
	}
}

func TestALockedPersonAnswersRequests(t *testing.T) {
	_, alice, ben, chloe, _ := community(t)
	alice.act("/settings", form{"display_name": "Alice", "locked": "on", "discoverable": "on"})
	ben.act("/@alice/follow", nil)
	chloe.act("/@alice/follow", nil)
	ben.shows("/@alice", "Requested", "You asked to follow Alice.")
	ben.shows("/@alice/followers", "Nobody yet")
	ids := map[string]string{}
	for _, found := range regexp.MustCompile(`(?s)class="who"><a href="/@(\w+)">.*?action="/requests/(\d+)/accept"`).
		FindAllStringSubmatch(alice.get("/notifications"), -1) {
		ids[found[1]] = found[2]
	}
	if len(ids) != 2 {
		t.Fatal(ids)
	}
	alice.act("/requests/"+ids["ben"]+"/accept", nil)
	alice.act("/requests/"+ids["chloe"]+"/decline", nil)
	ben.shows("/@alice/followers", "@ben")
	ben.hides("/@alice/followers", "@chloe")
	ben.shows("/notifications", "lets you follow them")
	chloe.hides("/notifications", "lets you")
}

func TestAThreadReadsFromTopToBottom(t *testing.T) {
	_, alice, ben, _, v := community(t)
	first := alice.write("What is for dinner?", nil)
	second := ben.write("@alice Soup.", form{"reply_to": id(first)})
	third := alice.write("@ben Again?", form{"reply_to": id(second)})
	other := ben.write("And bread.", form{"reply_to": id(first)})
	page, last := v.get(first), -1
	for _, post := range []string{first, second, third, other} {
		at := strings.Index(page, `id="post-`+id(post)+`"`)
		if at < last || at < 0 {
			t.Error(post, at)
		}
		last = at
	}
	_, middle, _ := strings.Cut(v.get(second), "<h1")
	if a, b, c := strings.Index(middle, "dinner?"), strings.Index(middle, "Soup."), strings.Index(middle, "Again?"); a < 0 || a > b || b > c {
		t.Error(a, b, c)
	}
	if !regexp.MustCompile(`<textarea[^>]*>@alice </textarea>`).MatchString(ben.get("/compose?reply_to=" + id(third))) {
		t.Error("the answer does not begin with a handle")
	}
	alice.act(first+"/delete", nil)
	v.shows(second, "The beginning of this thread is gone")
}

func TestPicturesWithDescriptions(t *testing.T) {
	site, alice, _, _, v := community(t)
	post := alice.write("Beds", form{
		"picture_0": png(30, 20, "GPS\x00 47.1 N"), "picture_alt_0": `Rows of "kale" <ready>`,
		"picture_1": png(5, 5, ""), "sensitive": "on",
	})
	images := regexp.MustCompile(`<img src="(/media/[^"]+)" alt="([^"]*)" width="(\d+)" height="(\d+)"`).
		FindAllStringSubmatch(v.shows(post, "Sensitive picture"), -1)
	if len(images) != 2 || !slices.Equal(images[0][2:], []string{"Rows of &#34;kale&#34; &lt;ready&gt;", "30", "20"}) ||
		!slices.Equal(images[1][2:], []string{"", "5", "5"}) {
		t.Fatal(images)
	}
	stored := v.fetch(images[0][1])
	if stored.body != string(png(30, 20, "")) {
		t.Error("what the camera wrote must not leave")
	}
	if stored.header.Get("Content-Type") != "image/png" || !strings.Contains(stored.header.Get("Cache-Control"), "immutable") ||
		stored.header.Get("Content-Security-Policy") != "default-src 'none'; sandbox" {
		t.Error(stored.header)
	}
	alice.act(post+"/edit", form{"text": "Beds", "alt_0": "Kale", "remove_1": "on", "picture_0": png(7, 7, "")})
	v.shows(post, `alt="Kale"`, `width="7"`)
	v.hides(post, `width="5"`)
	v.get(images[0][1])
	v.gone(images[1][1])
	alice.act(post+"/delete", nil)
	if left, _ := os.ReadDir(site.Media); len(left) != 0 {
		t.Error(left)
	}
	five := form{}
	for n := range 4 {
		five[fmt.Sprintf("picture_%d", n)] = png(2, 2, "")
	}
	post = alice.write("four", five)
	if got := alice.post(post+"/edit", form{"text": "five", "picture_0": png(2, 2, "")}); got.status != 400 {
		t.Error(got.status)
	}
}

func TestAContentWarningFoldsThePost(t *testing.T) {
	_, alice, _, _, v := community(t)
	post := alice.write("The butler did it.", form{"warning": "Spoiler:  the ending", "language": "en"})
	page := v.shows(post, `<div class="text" lang="en"`)
	if !regexp.MustCompile(`(?s)<details class="fold"><summary>Spoiler: the ending</summary>.*butler`).MatchString(page) {
		t.Error(page)
	}
}

func TestEditingSaysSoAndOnlyTheAuthorCan(t *testing.T) {
	_, alice, ben, _, _ := community(t)
	post := alice.write("Tpyo #first", nil)
	alice.act(post+"/edit", form{"text": "Typo #second", "language": "de"})
	ben.shows(post, "Typo", "edited", `lang="de"`)
	ben.hides(post, "Tpyo")
	ben.shows("/tags/second", "Typo")
	ben.hides("/tags/first", "Typo")
	for _, action := range []string{"edit", "delete"} {
		if got := ben.fetch(post + "/" + action); got.status != 403 {
			t.Error(action, got.status)
		}
		if got := ben.post(post+"/"+action, form{"text": "mine"}); got.status != 403 {
			t.Error(action, got.status)
		}
	}
	if got := alice.post(post+"/edit", form{"text": " "}); got.status != 400 {
		t.Error(got.status)
	}
	alice.shows(post+"/delete", "Delete this post?")
	alice.act(post+"/delete", nil)
	ben.gone(post)
}

func TestAPostHasItsLength(t *testing.T) {
	_, alice, _, _, _ := community(t)
	alice.write(strings.Repeat("é", 1000), nil)
	got := alice.post("/posts", form{"text": strings.Repeat("é", 1001)})
	if got.status != 400 || !strings.Contains(got.body, "That is 1001 characters; a post may have 1000.") {
		t.Error(got.status)
	}
	for _, fields := range []form{{"text": "  "}, {"text": "x", "visibility": "everyone"}} {
		if got := alice.post("/posts", fields); got.status != 400 {
			t.Error(fields, got.status)
		}
	}
}

func TestLikesCountOnceAndCanBeTakenBack(t *testing.T) {
	_, alice, ben, _, _ := community(t)
	post := alice.write("Hello", nil)
	for range 2 {
		got := ben.act(post+"/like", form{"next": "/local"})
		if got.location != "/local#post-"+id(post) {
			t.Error(got.location)
		}
	}
	ben.shows(post, `aria-pressed="true" title="Like"`, "Liked by")
	ben.act(post+"/unlike", nil)
	ben.hides(post, "Liked by")
}
