package web

import (
	"context"
	"encoding/xml"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// What people find: timelines page by page, notifications, search, hashtags, the feed.

func TestOlderPostsComePageByPage(t *testing.T) {
	_, alice, _, _, _ := community(t)
	var written, seen []string
	for n := range 45 {
		written = append(written, fmt.Sprintf("number %03d", n))
		alice.write(written[n], nil)
	}
	for path := "/"; path != ""; {
		page := alice.get(path)
		seen = append(seen, regexp.MustCompile(`number \d{3}`).FindAllString(page, -1)...)
		path = ""
		if link := regexp.MustCompile(`href="(\?older=[^"]+)"`).FindStringSubmatch(page); link != nil {
			path = "/" + link[1]
		}
	}
	slices.Reverse(seen)
	if !slices.Equal(seen, written) {
		t.Error(seen)
	}
	alice.get("/?older=nonsense_x")
	alice.get("/?older=" + strings.Repeat("9", 40))
	alice.get("/?older=2_" + strings.Repeat("9", 40))
}

func TestNotificationsTellEachThingOnce(t *testing.T) {
	_, alice, ben, chloe, _ := community(t)
	post := alice.write("Hello, is anybody here?", nil)
	ben.act("/@alice/follow", nil)
	ben.act(post+"/like", nil)
	ben.act(post+"/boost", nil)
	ben.write("@alice I am", form{"reply_to": id(post)})
	chloe.write("hey @alice and @Alice and @ben", nil)
	alice.shows("/local", `class="badge">5<`)
	page := alice.get("/notifications")
	for _, words := range []string{"follows you", "likes your post", "boosted your post", "replied to you", "mentioned you"} {
		if strings.Count(page, words) != 1 {
			t.Error(words, strings.Count(page, words))
		}
	}
	alice.hides("/local", `class="badge"`)
	ben.act(post+"/unlike", nil)
	ben.act("/@alice/unfollow", nil)
	alice.hides("/notifications", "likes your post", "follows you")
	alice.write("@alice talking to myself", nil)
	if strings.Count(alice.get("/notifications"), "mentioned you") != 1 {
		t.Error("told about oneself")
	}
}

func TestNotificationsComePageByPage(t *testing.T) {
	_, alice, ben, _, _ := community(t)
	for n := range 32 {
		ben.write(fmt.Sprintf("@alice %02d", n), nil)
	}
	page := alice.get("/notifications")
	link := regexp.MustCompile(`href="(\?older=[^"]+)"`).FindStringSubmatch(page)
	if link == nil || strings.Count(page, "mentioned you") != 30 {
		t.Fatal(link)
	}
	if strings.Count(alice.get("/notifications"+link[1]), "mentioned you") != 2 {
		t.Error("the rest is not there")
	}
}

func TestAnEditTellsOnlyThoseNewlyNamed(t *testing.T) {
	_, alice, ben, chloe, _ := community(t)
	post := alice.write("@ben hello", nil)
	alice.act(post+"/edit", form{"text": "@ben @chloe hello"})
	for _, who := range []*visitor{ben, chloe} {
		if strings.Count(who.get("/notifications"), "mentioned you") != 1 {
			t.Error("not once")
		}
	}
}

func TestSearch(t *testing.T) {
	_, alice, ben, _, v := community(t)
	alice.act("/settings", form{"display_name": "Alice Martin"}) // not discoverable
	v.shows("/search?q=okaf", "@ben")
	v.shows("/search?q=@be", "@ben")
	v.hides("/search?q=martin", "/@alice")
	v.shows("/search?q=alice", "/@alice")
	v.shows("/search?q=%25", "Nobody is called that")
	post := ben.write("#Bread", nil)
	for query, place := range map[string]string{
		"%23bread": "/tags/bread", "@ben@chirp.example": "/@ben", origin + "/@ben": "/@ben", origin + post: post,
	} {
		if got := v.fetch("/search?q=" + query); got.location != place {
			t.Error(query, got.location)
		}
	}
	v.shows("/search?q=@bob@remote.example", "Log in to look it up")
	alice.shows("/search?q=@bob@remote.example", "could not be found")
}

func TestAHashtagPageHoldsPublicPosts(t *testing.T) {
	_, alice, _, _, v := community(t)
	alice.write("one #Café", nil)
	alice.write("two #café", form{"visibility": "unlisted"})
	v.shows("/tags/caf%C3%A9", "one")
	v.hides("/tags/caf%C3%A9", "two")
}

func TestTheFeedIsWellFormed(t *testing.T) {
	_, alice, _, _, v := community(t)
	alice.write("<b>Tom & Jerry</b> ]]>", form{"picture_0": png(3, 2, ""), "picture_alt_0": `"a" & <b>`, "language": "de"})
	alice.write("for friends", form{"visibility": "followers"})
	got := v.fetch("/@alice/feed.atom")
	if !strings.HasPrefix(got.header.Get("Content-Type"), "application/atom+xml") || !strings.Contains(got.body, ` xml:lang="de"`) {
		t.Error(got.header, got.body)
	}
	var feed atomFeed
	if err := xml.Unmarshal([]byte(got.body), &feed); err != nil || len(feed.Entries) != 1 {
		t.Fatal(err, got.body)
	}
	for _, part := range []string{"&lt;b&gt;Tom &amp; Jerry", `<img src="` + origin + "/media/", `alt="&#34;a&#34; &amp; &lt;b&gt;"`} {
		if !strings.Contains(feed.Entries[0].Content.HTML, part) {
			t.Error(part, feed.Entries[0].Content.HTML)
		}
	}
}

// leaving is the connection of a visitor who is gone as soon as the page comes.
type leaving struct {
	http.ResponseWriter
	leave func()
}

func (l leaving) Write([]byte) (int, error) {
	l.leave()
	return 0, errors.New("the connection is closed")
}

func TestWhatWasSentIsSeenHoweverSoonOneLeaves(t *testing.T) {
	site, alice, ben, _, _ := community(t)
	ben.act("/@alice/follow", nil)
	alice.shows("/local", `class="badge">1<`)
	ctx, leave := context.WithCancel(background)
	request := httptest.NewRequestWithContext(ctx, http.MethodGet, origin+"/notifications", nil)
	for _, cookie := range alice.client.Jar.Cookies(request.URL) {
		request.AddCookie(cookie)
	}
	site.Handler.ServeHTTP(leaving{httptest.NewRecorder(), leave}, request)
	alice.hides("/local", `class="badge"`)
}
