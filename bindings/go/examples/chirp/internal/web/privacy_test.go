package web

import (
	"slices"
	"strings"
	"testing"
)

// Followers-only and direct posts: seen by those they are for, and on no page by anybody else.

const secret = "the key is under the blue pot"

// garden is a community with a public post of Alice's. Ben follows Alice, Chloé does not.
func garden(t *testing.T) (alice, ben, chloe, stranger *visitor, public string) {
	t.Helper()
	_, alice, ben, chloe, stranger = community(t)
	ben.act("/@alice/follow", nil)
	return alice, ben, chloe, stranger, alice.write("Something public #garden", nil)
}

func pagesAbout(post, public string) []string {
	return []string{
		"/", "/local", "/tags/secret", "/@alice", "/@alice?replies=1", "/@alice/feed.atom", "/@ben", "/@ben?replies=1",
		"/notifications", "/search?q=blue", "/search?q=" + origin + post, public, post, post + "/edit", post + "/delete",
		"/compose?reply_to=" + id(post),
	}
}

// seen are the pages on which a visitor sees the secret.
func (v *visitor) seen(post, public string) (paths []string) {
	v.t.Helper()
	for _, path := range pagesAbout(post, public) {
		if page := v.follow(path).body; strings.Contains(page, secret) || strings.Contains(page, "blue pot described") {
			paths = append(paths, path)
		}
	}
	return paths
}

func (v *visitor) seesNothing(post, public string) {
	v.t.Helper()
	if seen := v.seen(post, public); len(seen) > 0 {
		v.t.Error("the secret stands on", seen)
	}
}

func confide(alice *visitor, public, visibility, text string) string {
	return alice.write(text+" #secret", form{
		"visibility": visibility, "reply_to": id(public), "picture_0": png(3, 2, ""), "picture_alt_0": "blue pot described",
	})
}

func TestFollowersOnly(t *testing.T) {
	alice, ben, chloe, stranger, public := garden(t)
	post := confide(alice, public, "followers", secret)
	stranger.seesNothing(post, public)
	chloe.seesNothing(post, public)
	seen := ben.seen(post, public)
	for _, path := range []string{"/", "/@alice?replies=1", public, post, "/compose?reply_to=" + id(post)} {
		if !slices.Contains(seen, path) {
			t.Error("Ben does not see it on", path)
		}
	}
	for _, path := range []string{"/tags/secret", "/@alice/feed.atom"} {
		if slices.Contains(seen, path) {
			t.Error("it stands on", path)
		}
	}
	ben.act("/@alice/unfollow", nil)
	ben.seesNothing(post, public)
}

func TestARequestToFollowShowsNothingYet(t *testing.T) {
	alice, _, chloe, _, public := garden(t)
	alice.act("/settings", form{"locked": "on"})
	post := confide(alice, public, "followers", secret)
	chloe.act("/@alice/follow", nil)
	chloe.seesNothing(post, public)
}

func TestDirect(t *testing.T) {
	alice, ben, chloe, stranger, public := garden(t)
	post := confide(alice, public, "direct", "@chloe "+secret)
	stranger.seesNothing(post, public)
	ben.seesNothing(post, public)
	seen := chloe.seen(post, public)
	for _, path := range []string{"/notifications", post} {
		if !slices.Contains(seen, path) {
			t.Error("Chloé does not see it on", path)
		}
	}
	for _, path := range []string{"/local", "/@alice", "/@alice?replies=1", "/tags/secret", "/@alice/feed.atom"} {
		if slices.Contains(seen, path) {
			t.Error("it stands on", path)
		}
	}
	alice.shows("/", secret)
}

func TestAHiddenPostAnswersAsAMissingOne(t *testing.T) {
	alice, ben, chloe, _, public := garden(t)
	post := confide(alice, public, "followers", secret)
	for _, action := range []string{"like", "unlike", "boost", "unboost", "edit", "delete"} {
		hidden := chloe.post(post+"/"+action, form{"text": "x"})
		missing := chloe.post("/posts/999/"+action, form{"text": "x"})
		if hidden.status != 404 || missing.status != 404 {
			t.Error(action, hidden.status, missing.status)
		}
		if strings.ReplaceAll(hidden.body, post, "") != strings.ReplaceAll(missing.body, "/posts/999", "") {
			t.Error(action, "tells them apart")
		}
	}
	if got := chloe.post("/posts", form{"text": "re", "reply_to": id(post)}); got.status != 404 {
		t.Error(got.status)
	}
	if got := ben.post(post+"/boost", nil); got.status != 400 || !strings.Contains(got.body, "cannot be boosted") {
		t.Error(got.status)
	}
}

func TestAReplyInAHiddenThreadStaysHidden(t *testing.T) {
	alice, ben, chloe, _, public := garden(t)
	post := confide(alice, public, "followers", "a question")
	answer := ben.write("@alice "+secret, form{"reply_to": id(post), "visibility": "direct"})
	remark := alice.write("public remark below", form{"reply_to": id(post)})
	open := ben.write("an open answer", form{"reply_to": id(public)})
	alice.write("@ben "+secret, form{"reply_to": id(open), "visibility": "direct"})
	ben.shows(public, secret)
	chloe.shows(public, "an open answer")
	alice.shows(post, secret)
	chloe.seesNothing(answer, public)
	chloe.hides(remark, "a question")
	chloe.shows(remark, "The beginning of this thread is gone, or not for everyone")
}

func TestCountsDoNotTellOfHiddenReplies(t *testing.T) {
	alice, _, chloe, _, public := garden(t)
	chloe.get("/local") // reads the welcome
	before := chloe.get(public)
	confide(alice, public, "direct", secret)
	if chloe.get(public) != before {
		t.Error("the page has changed")
	}
}

func TestOneWhoIsNamedLaterSeesItThen(t *testing.T) {
	alice, _, chloe, _, public := garden(t)
	post := confide(alice, public, "direct", secret)
	chloe.gone(post)
	alice.act(post+"/edit", form{"text": "@chloe " + secret, "alt_0": ""})
	chloe.get(post)
	alice.act(post+"/edit", form{"text": secret, "alt_0": ""})
	chloe.gone(post)
	chloe.hides("/notifications", secret)
}
