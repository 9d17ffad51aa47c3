package web

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/fedigraft/fedigraft/bindings/go/examples/chirp/internal/chirp"
	"github.com/fedigraft/fedigraft/bindings/go/examples/chirp/internal/clock"
	"github.com/fedigraft/fedigraft/bindings/go/examples/chirp/internal/database"
)

// People and posts from elsewhere: what somebody who extends chirp builds on.

func bob() *chirp.Stranger {
	return &chirp.Stranger{
		URI: "https://remote.example/users/bob", Handle: "@bob@remote.example", DisplayName: "Bob <T>",
		BioHTML: "<p>Birds, <em>mostly</em></p>", AvatarURL: "https://remote.example/bob.png", URL: "https://remote.example/@bob",
		Fields: []chirp.Field{{Name: "Web", Value: "https://bob.example"}, {Name: "Fun", Value: "<script>x</script>"}},
	}
}

func arrival(number, html string) *chirp.Arrival {
	return &chirp.Arrival{URI: "https://remote.example/" + number, Author: *bob(), HTML: html, Visibility: chirp.Public}
}

// arrive stores a post from elsewhere and gives its path.
func arrive(t *testing.T, site *chirp.Site, post *chirp.Arrival) (path string) {
	t.Helper()
	inside(t, site, func(tx database.Tx) error {
		stored, err := site.UpsertPost(background, tx, post)
		if err == nil {
			path = stored.Path()
		}
		return err
	})
	return path
}

func meet(t *testing.T, site *chirp.Site, known *chirp.Stranger) (them *chirp.Person) {
	t.Helper()
	inside(t, site, func(tx database.Tx) (err error) {
		them, err = site.UpsertPerson(background, tx, known)
		return err
	})
	return them
}

func TestAPersonFromElsewhereHasAPage(t *testing.T) {
	site, _, _, _, v := community(t)
	old := bob()
	old.DisplayName = "Old name"
	if meet(t, site, old).ID != meet(t, site, bob()).ID {
		t.Error("there are two Bobs")
	}
	v.shows("/@bob@remote.example", "Bob &lt;T&gt;", "@bob@remote.example", "<em>mostly</em>", "&lt;script&gt;x",
		`<a href="https://bob.example" rel="nofollow noopener"`, `href="https://remote.example/@bob"`, `src="https://remote.example/bob.png"`)
	v.hides("/@bob@remote.example", "Old name", `rel="me`)
	v.gone("/@bob")
	v.gone("/@bob@remote.example/feed.atom")
}

func TestAHandleThatChangedHands(t *testing.T) {
	site := newSite(t)
	old := meet(t, site, bob())
	second := bob()
	second.URI = "https://remote.example/users/2"
	if found := person(t, site, "@bob@remote.example"); found.ID != old.ID {
		t.Error(found)
	}
	if new := meet(t, site, second); person(t, site, "@bob@remote.example").ID != new.ID || new.ID == old.ID {
		t.Error(new)
	}
	if _, err := site.ByURI(background, site.DB, bob().URI); err != nil {
		t.Error(err)
	}
	for _, handle := range []string{"bob", "@bob", "@bob@chirp.example", "@@remote.example"} {
		third := bob()
		third.Handle = handle
		err := site.Write(background, func(tx database.Tx) error {
			_, err := site.UpsertPerson(background, tx, third)
			return err
		})
		if err == nil || !strings.Contains(err.Error(), "form @name@domain") {
			t.Error(handle, err)
		}
	}
}

func TestAddressesThatAreNoWebPagesAreDropped(t *testing.T) {
	site, _, _, _, v := community(t)
	post := arrival("1", "<p>x</p>")
	post.Author.URL, post.Author.AvatarURL, post.URL = "javascript:alert(1)", "data:image/svg+xml,x", "javascript:alert(1)"
	post.Media = []chirp.Media{
		{URL: "javascript:alert(1)", MediaType: "image/png"},
		{URL: "https://remote.example/v.mp4", MediaType: "video/mp4", Alt: "A film"},
	}
	path := arrive(t, site, post)
	v.hides(path, "javascript:", "data:image")
	v.shows(path, `<a class="file" href="https://remote.example/v.mp4"`)
	if who := person(t, site, "@bob@remote.example"); who.URL != "" || who.Avatar != "" {
		t.Error(who)
	}
}

func TestAPostFromElsewhereInAThread(t *testing.T) {
	site, alice, _, _, v := community(t)
	parent := alice.write("Beds", nil)
	post := arrival("1", "<p>Lovely <em>beds</em></p>")
	post.URL = "https://remote.example/@bob/1"
	post.Published = time.Date(2024, 5, 1, 10, 0, 0, 123, time.FixedZone("", 7200))
	post.ReplyToID, post.Mentions = chirp.ParseID(id(parent)), []chirp.ID{person(t, site, "alice").ID}
	post.Tags, post.Media = []string{"#Birds"}, []chirp.Media{{URL: "https://remote.example/1.png", MediaType: "image/png", Alt: "A swift"}}
	path := arrive(t, site, post)
	stored, err := site.PostByURI(background, site.DB, post.URI)
	if err != nil || clock.Text(stored.Published) != "2024-05-01T08:00:00Z" || !slices.Equal(stored.Tags, []string{"birds"}) {
		t.Error(stored, err)
	}
	v.shows(parent, "Lovely <em>beds</em>", `alt="A swift"`, `href="https://remote.example/@bob/1"`)
	alice.shows("/notifications", "replied to you")
	v.shows("/tags/birds", "Lovely")
	v.hides("/local", "Lovely")
	if got := alice.fetch("/search?q=https://remote.example/@bob/1"); got.location != path {
		t.Error(got.location)
	}
	arrive(t, site, arrival("1", "<p>New</p>"))
	v.shows(parent, "New")
	if stored, _ := site.PostByURI(background, site.DB, post.URI); len(stored.Mentions) != 1 || stored.ReplyToID == 0 {
		t.Error("an edit forgets whom it names", stored.Mentions)
	}
	thief := arrival("1", "<p>Stolen</p>")
	thief.Author = chirp.Stranger{URI: "https://evil.example/e", Handle: "@e@evil.example"}
	if err := site.Write(background, func(tx database.Tx) error {
		_, err := site.UpsertPost(background, tx, thief)
		return err
	}); err == nil || !strings.Contains(err.Error(), "someone else") {
		t.Error(err)
	}
	inside(t, site, func(tx database.Tx) error {
		return errors.Join(site.ForgetPost(background, tx, post.URI), site.ForgetPost(background, tx, "https://remote.example/unknown"))
	})
	v.gone(path)
}

func TestAThreadClosesWhenItsParentComes(t *testing.T) {
	site, _, _, _, v := community(t)
	second := arrival("2", "<p>Second</p>")
	second.ReplyToURI = "https://remote.example/1"
	child := arrive(t, site, second)
	v.shows(child, "a post elsewhere")
	parent := arrive(t, site, arrival("1", "<p>First</p>"))
	v.shows(child, "First")
	v.shows(parent, "Second")
}

func TestPrivatePostsFromElsewhereStayPrivate(t *testing.T) {
	site, alice, ben, _, _ := community(t)
	post := arrival("1", "<p>psst</p>")
	post.Visibility, post.Mentions = chirp.Direct, []chirp.ID{person(t, site, "alice").ID}
	path := arrive(t, site, post)
	alice.shows(path, "psst")
	alice.shows("/notifications", "psst")
	ben.gone(path)
}

func TestTheyFollowLikeAndBoost(t *testing.T) {
	site, alice, _, _, v := community(t)
	post := alice.write("Hello", nil)
	site.Ours(func(_ context.Context, _ database.Tx, e chirp.Event) error {
		t.Error("they are not ours", e.Kind)
		return nil
	})
	number, us := chirp.ParseID(id(post)), person(t, site, "alice").ID
	inside(t, site, func(tx database.Tx) error {
		return errors.Join(site.Meet(background, tx, bob(), us, site.Follow),
			site.React(background, tx, bob(), number, "", site.Like), site.React(background, tx, bob(), number, "", site.Boost),
			site.React(background, tx, bob(), 0, "https://nobody.example/1", site.Boost))
	})
	alice.shows("/notifications", "follows you", "likes your post", "boosted your post")
	alice.shows("/@alice/followers", "@bob@remote.example")
	v.shows(post, "Liked by", "Boosted by", `href="/@bob@remote.example"`)
	inside(t, site, func(tx database.Tx) error {
		return errors.Join(site.React(background, tx, bob(), number, "", site.Unboost), site.React(background, tx, bob(), number, "", site.Unlike))
	})
	v.hides(post, "Liked by", "Boosted by")
	inside(t, site, func(tx database.Tx) error { return site.DeletePerson(background, tx, bob().URI) })
	alice.shows("/@alice/followers", "Nobody yet")
}

func TestFollowingSomebodyElsewhereWaitsAndNeedsConsent(t *testing.T) {
	site, alice, _, _, _ := community(t)
	them := meet(t, site, bob())
	alice.hides("/settings", "other sites")
	alice.act("/settings", form{"display_name": "A", "federated": "on"})
	newVisitor(t, site).join("zoe", form{"federated": "on"})
	if person(t, site, "alice").Federated || person(t, site, "zoe").Federated {
		t.Error("the choice was hidden")
	}
	if got := alice.post("/@bob@remote.example/follow", nil); got.location != "/settings" {
		t.Error(got.location)
	}
	site.Federated = true
	alice.shows("/settings", "Let people on other sites find and follow me")
	alice.act("/settings", form{"display_name": "Alice", "federated": "on"})
	alice.shows("/@alice", "@alice@chirp.example")
	alice.act("/@bob@remote.example/follow", nil)
	alice.shows("/@bob@remote.example", "Requested")
	inside(t, site, func(tx database.Tx) error {
		return site.AcceptFollow(background, tx, them, person(t, site, "alice"))
	})
	alice.shows("/@bob@remote.example", "Following")
	alice.shows("/notifications", "lets you follow them")
}

func TestPublicPostsOfAnAuthorInPages(t *testing.T) {
	site, alice, _, _, _ := community(t)
	var paths []string
	for _, visibility := range audiences {
		paths = append(paths, alice.write(visibility, form{"visibility": visibility}))
	}
	us := person(t, site, "alice").ID
	newest, total, err := site.ByAuthor(background, site.DB, us, 0, 1)
	if err != nil || total != 2 || len(newest) != 1 || newest[0].Path() != paths[1] {
		t.Fatal(newest, total, err)
	}
	older, _, err := site.ByAuthor(background, site.DB, us, newest[0].ID, 20)
	if err != nil || len(older) != 1 || older[0].Path() != paths[0] {
		t.Error(older, err)
	}
}
