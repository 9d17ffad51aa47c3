package web

import (
	"context"
	"database/sql"
	"errors"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/fedigraft/fedigraft/bindings/go/examples/chirp/internal/chirp"
	"github.com/fedigraft/fedigraft/bindings/go/examples/chirp/internal/database"
)

// Subscribers: to what happens, in the open transaction, and to the question who somebody is.

func TestEveryEventComesInTheOpenTransaction(t *testing.T) {
	site, alice, ben, _, _ := community(t)
	var heard []chirp.Event
	site.On(func(_ context.Context, tx database.Tx, e chirp.Event) error {
		if _, ok := tx.(*sql.Tx); !ok || e.Who == nil {
			t.Errorf("%T %+v", tx, e)
		}
		heard = append(heard, e)
		return nil
	})
	post := alice.write("Hello", nil)
	alice.act(post+"/edit", form{"text": "Hello!"})
	for _, action := range []string{"like", "like", "boost", "boost", "unlike", "unlike", "unboost", "unboost"} {
		ben.act(post+"/"+action, nil)
	}
	for _, action := range []string{"follow", "follow", "unfollow", "unfollow"} {
		ben.act("/@alice/"+action, nil)
	}
	alice.act("/settings", form{"display_name": "A", "locked": "on"})
	ben.act("/@alice/follow", nil)
	for range 2 {
		alice.act("/requests/"+person(t, site, "ben").ID.String()+"/accept", nil)
	}
	alice.act("/@ben/remove-follower", nil)
	alice.act(post+"/delete", nil)
	var kinds []chirp.Kind
	told := map[chirp.Kind]chirp.Event{}
	for _, e := range heard {
		kinds, told[e.Kind] = append(kinds, e.Kind), e
	}
	if !slices.Equal(kinds, []chirp.Kind{
		chirp.PostPublished, chirp.PostEdited, chirp.Liked, chirp.Boosted, chirp.Unliked, chirp.Unboosted, chirp.Followed,
		chirp.Unfollowed, chirp.ProfileEdited, chirp.Followed, chirp.FollowAccepted, chirp.FollowRejected, chirp.PostDeleted,
	}) {
		t.Error(kinds)
	}
	for kind, names := range map[chirp.Kind]string{
		chirp.Followed: "ben alice pending", chirp.FollowAccepted: "alice ben ", chirp.FollowRejected: "alice ben ",
	} {
		if e := told[kind]; e.Who.Name+" "+e.Whom.Name+" "+e.State != names {
			t.Error(kind, e)
		}
	}
	if e := told[chirp.Liked]; e.Who.Name != "ben" || e.Post.Path() != post || told[chirp.PostEdited].Post.Text != "Hello!" {
		t.Error(e)
	}
}

func TestASubscriberThatFailsUndoesEverything(t *testing.T) {
	site, alice, _, _, _ := community(t)
	var done []string
	site.On(func(ctx context.Context, tx database.Tx, e chirp.Event) error {
		if e.Kind != chirp.PostPublished {
			return nil
		}
		if _, err := tx.ExecContext(ctx, "UPDATE people SET bio = 'half done'"); err != nil {
			return err
		}
		if err := database.AfterCommit(ctx, tx, func() { done = append(done, "sent") }); err != nil {
			return err
		}
		if strings.Contains(e.Post.Text, "fail") {
			return errors.New("no")
		}
		return nil
	})
	if got := alice.post("/posts", form{"text": "fail"}); got.status != 500 {
		t.Error(got.status)
	}
	alice.hides("/@alice", "half done", "fail")
	if len(done) != 0 {
		t.Error(done)
	}
	alice.write("well", nil)
	alice.shows("/@alice", "half done")
	if !slices.Equal(done, []string{"sent"}) {
		t.Error(done)
	}
}

func TestASubscriberMayRefuseInWords(t *testing.T) {
	site, _, ben, _, _ := community(t)
	site.On(func(_ context.Context, _ database.Tx, e chirp.Event) error { return chirp.Problem("Not today.") })
	if got := ben.post("/@alice/follow", nil); got.status != 400 || !strings.Contains(got.body, "Not today.") {
		t.Error(got.status)
	}
	ben.shows("/@alice/followers", "Nobody yet")
}

func TestSomebodyUnknownIsLookedUpByASubscriber(t *testing.T) {
	site, alice, _, _, v := community(t)
	var asked []string
	site.OnUnknown(func(ctx context.Context, query string) (*chirp.Stranger, *chirp.Arrival, error) {
		asked = append(asked, query)
		if err := site.Write(ctx, func(database.Tx) error { return nil }); err != nil { // waits in vain if one is open
			t.Error(err)
		}
		switch {
		case strings.HasSuffix(query, "/7"):
			return nil, arrival("7", "<p>Seven</p>"), nil
		case strings.Contains(query, "bob"):
			return bob(), nil, nil
		}
		return nil, nil, errors.New("the network is down")
	})
	const query = "/search?q=bob@remote.example"
	if v.get(query); len(asked) != 0 {
		t.Error(asked)
	}
	alice.shows("/search?q=https://remote.example/nothing", "could not be found")
	for range 2 {
		if got := alice.fetch(query); got.location != "/@bob@remote.example" {
			t.Error(got)
		}
	}
	if !slices.Equal(asked, []string{"https://remote.example/nothing", "bob@remote.example"}) {
		t.Error(asked)
	}
	if got := alice.fetch("/search?q=https://remote.example/7"); got.location == "" || !strings.Contains(alice.get(got.location), "Seven") {
		t.Error(got)
	}
	post := alice.write("hello @bob@remote.example and @zoe@other.example", nil)
	alice.shows(post, `href="/@bob@remote.example"`, `href="/@zoe@other.example"`)
	if got := alice.fetch("/@zoe@other.example"); got.location != "/search?q=@zoe@other.example" {
		t.Error(got.location)
	}
	v.gone("/@zoe@other.example")
	stored, err := site.Post(background, site.DB, chirp.ParseID(id(post)))
	if err != nil || len(stored.Mentions) != 1 || stored.Mentions[0].Handle() != "@bob@remote.example" {
		t.Error(stored, err)
	}
}

func TestATransactionThatSomebodyElseBegins(t *testing.T) {
	site, alice, _, _, _ := community(t)
	number := chirp.ParseID(id(alice.write("Hello", form{"picture_0": png(3, 2, "")})))
	us := person(t, site, "alice").ID
	for _, end := range []func(*sql.Tx) error{(*sql.Tx).Rollback, (*sql.Tx).Commit} {
		tx, err := site.DB.BeginTx(background, nil)
		if err != nil {
			t.Fatal(err)
		}
		post, err := site.Post(background, tx, number)
		if err != nil {
			t.Fatal(err)
		}
		if err := errors.Join(site.Meet(background, tx, bob(), us, site.Follow), site.DeletePost(background, tx, post)); err != nil {
			t.Fatal(err)
		}
		if left, _ := os.ReadDir(site.Media); len(left) != 1 {
			t.Error("a file stays as long as the row may come back")
		}
		if err := end(tx); err != nil {
			t.Fatal(err)
		}
	}
	alice.shows("/notifications", "follows you")
	if left, _ := os.ReadDir(site.Media); len(left) != 0 {
		t.Error(left)
	}
}
