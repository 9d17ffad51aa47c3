package storetest

// Two hosts federate over real sockets: each activity, both ways, through the handler and the worker.

import (
	"context"
	"database/sql"
	"errors"
	"slices"
	"testing"
	"time"

	fedigraft "github.com/fedigraft/fedigraft/bindings/go"
)

var background = context.Background()

func two(t *testing.T, at func(string) place) (ann, bob *village) {
	return newVillage(t, "ann", at("ann")).serve(), newVillage(t, "bob", at("bob")).serve()
}

func TestALookUpFindsAPersonByHandleAndByURL(t *testing.T) {
	onEach(t, func(t *testing.T, at func(string) place) {
		ann, bob := two(t, at)
		for _, query := range []string{ann.handle(), ann.actor()} {
			found, err := bob.fed.LookUp(background, query)
			check(t, err)
			equal(t, found.URI, ann.actor())
			equal(t, found.Profile.Username, "ann")
			equal(t, found.Profile.Handle, ann.handle())
			equal(t, found.Local, "")
		}
		if _, err := bob.fed.LookUp(background, "@nobody"+ann.handle()[4:]); !errors.Is(err, fedigraft.ErrNotFound) {
			t.Fatal(err)
		}
		mine, err := bob.fed.LookUp(background, bob.handle())
		check(t, err)
		equal(t, mine.Local, "1")
		if _, err := bob.fed.LookUp(background, "neither"); !errors.Is(err, fedigraft.ErrInvalidArgument) {
			t.Fatal(err)
		}
	})
}

func TestAFollowIsAcceptedOnBothSides(t *testing.T) {
	onEach(t, func(t *testing.T, at func(string) place) {
		ann, bob := two(t, at)
		result, err := bob.fed.Follow(background, nil, "1", ann.actor())
		check(t, err)
		equal(t, result.State, "pending")
		equal(t, result.Federated, true)
		settle(t, ann, bob)
		equal(t, ann.told(), []string{"followed"})
		equal(t, bob.told(), []string{"follow_accepted"})
		contains(t, ann.detail("followed"), bob.actor())
		equal(t, ann.column("SELECT follower || ' ' || followee || ' ' || state FROM fedigraft_follows"),
			[]string{bob.actor() + " " + ann.actor() + " accepted"})
	})
}

func TestALockedProfileIsAskedFirst(t *testing.T) {
	onEach(t, func(t *testing.T, at func(string) place) {
		ann, bob := two(t, at)
		ann.exec("UPDATE people SET locked = 1")
		befriend(t, ann, bob)
		equal(t, ann.told(), []string{"follow_requested"})
		equal(t, bob.told(), []string{})
		_, err := ann.fed.Accept(background, nil, "1", bob.actor())
		check(t, err)
		settle(t, ann, bob)
		equal(t, bob.told(), []string{"follow_accepted"})
		_, err = ann.fed.Reject(background, nil, "1", bob.actor())
		check(t, err)
		settle(t, ann, bob)
		equal(t, bob.told(), []string{"follow_accepted", "follow_rejected"})
		equal(t, ann.count("fedigraft_follows"), "0")
	})
}

func TestPostsEditsAndDeletesArrive(t *testing.T) {
	onEach(t, func(t *testing.T, at func(string) place) {
		ann, bob := two(t, at)
		befriend(t, ann, bob)
		id := ann.write("Hello <world> #fedi")
		settle(t, ann, bob)
		equal(t, bob.told(), []string{"follow_accepted", "post_created"})
		contains(t, bob.detail("post_created"), `Hello \u0026lt;world\u0026gt;`)
		check(t, ann.within(func(tx *sql.Tx) error {
			_, err := tx.Exec("UPDATE posts SET text = 'Better', updated = $1",
				time.Now().Add(2*time.Second).UTC().Format(time.RFC3339Nano))
			check(t, err)
			_, err = ann.fed.Update(background, tx, id)
			return err
		}))
		settle(t, ann, bob)
		contains(t, bob.detail("post_updated"), "Better")
		check(t, ann.within(func(tx *sql.Tx) error {
			if _, err := ann.fed.Delete(background, tx, id); err != nil {
				return err
			}
			_, err := tx.Exec("DELETE FROM posts")
			return err
		}))
		settle(t, ann, bob)
		equal(t, bob.told()[2:], []string{"post_updated", "post_deleted"})
	})
}

func TestAReplyALikeAndAShareComeBack(t *testing.T) {
	onEach(t, func(t *testing.T, at func(string) place) {
		ann, bob := two(t, at)
		befriend(t, ann, bob)
		id := ann.write("What do you think?")
		settle(t, ann, bob)
		uri, err := ann.fed.Instance().URI("post", id)
		check(t, err)
		bob.write("Good", func(p *fedigraft.Post) { p.InReplyTo = uri })
		each(t, "1", uri, bob.fed.Like, bob.fed.Share)
		settle(t, ann, bob)
		told := ann.told()
		slices.Sort(told)
		equal(t, told, []string{"followed", "liked", "post_created", "shared"})
		contains(t, ann.detail("post_created"), `"reply_to":"`+id+`"`)
		contains(t, ann.detail("post_created"), `"mentioned":["1"]`)
		each(t, "1", uri, bob.fed.Unlike, bob.fed.Unshare)
		each(t, "1", ann.actor(), bob.fed.Unfollow)
		settle(t, ann, bob)
		told = ann.told()[4:]
		slices.Sort(told)
		equal(t, told, []string{"unfollowed", "unliked", "unshared"})
	})
}

func each(t *testing.T, profile, object string,
	actions ...func(context.Context, fedigraft.Tx, string, string) (fedigraft.Result, error)) {
	t.Helper()
	for _, action := range actions {
		_, err := action(background, nil, profile, object)
		check(t, err)
	}
}

func TestARemoteShareBringsThePost(t *testing.T) {
	onEach(t, func(t *testing.T, at func(string) place) {
		ann, bob := two(t, at)
		carl := newVillage(t, "carl", at("carl")).serve()
		befriend(t, bob, carl)
		id := ann.write("Worth sharing")
		settle(t, ann)
		uri, err := ann.fed.Instance().URI("post", id)
		check(t, err)
		each(t, "1", uri, bob.fed.Share)
		settle(t, ann, bob, carl)
		equal(t, carl.told(), []string{"follow_accepted", "shared"})
		contains(t, carl.detail("shared"), "Worth sharing")
		contains(t, carl.detail("shared"), `"author":{"id":"`+ann.actor())
	})
}

func TestProfileChangesAndTheEndOfAProfile(t *testing.T) {
	onEach(t, func(t *testing.T, at func(string) place) {
		ann, bob := two(t, at)
		befriend(t, ann, bob)
		ann.exec("UPDATE people SET display_name = 'Ann of the hill'")
		_, err := ann.fed.UpdateProfile(background, nil, "1")
		check(t, err)
		settle(t, ann, bob)
		contains(t, bob.detail("profile_updated"), "Ann of the hill")
		_, err = ann.fed.DeleteProfile(background, nil, "1")
		check(t, err)
		settle(t, ann, bob)
		equal(t, bob.told()[1:], []string{"profile_updated", "profile_deleted"})
	})
}

func TestWhatIsNotPublicReachesOnlyWhomItNames(t *testing.T) {
	onEach(t, func(t *testing.T, at func(string) place) {
		ann, bob := two(t, at)
		carl := newVillage(t, "carl", at("carl")).serve()
		befriend(t, ann, bob)
		befriend(t, ann, carl)
		ann.write("For you alone", func(p *fedigraft.Post) {
			p.Visibility, p.Mentions = fedigraft.Direct, []fedigraft.Mention{{URI: carl.actor()}}
		})
		settle(t, ann, bob, carl)
		equal(t, carl.told(), []string{"follow_accepted", "post_created"})
		equal(t, bob.told(), []string{"follow_accepted"})
	})
}

func TestAPostIsNamedByTheHostsKeyOrGivenItself(t *testing.T) {
	onEach(t, func(t *testing.T, at func(string) place) {
		ann, bob := two(t, at)
		befriend(t, ann, bob)
		check(t, ann.within(func(tx *sql.Tx) error {
			id := ann.insert(tx, "By its key")
			result, err := ann.fed.Publish(background, tx, id)
			check(t, err)
			equal(t, result.Federated, true)
			var own *fedigraft.Error
			if _, err = ann.fed.Publish(background, tx, "999"); !errors.As(err, &own) || own.Place != "post" {
				t.Fatal(err)
			}
			post, err := ann.Post(background, tx, ann.insert(tx, "Itself"))
			check(t, err)
			_, err = ann.fed.Perform(background, tx, fedigraft.Action{Type: "publish", Post: post})
			return err
		}))
		settle(t, ann, bob)
		equal(t, bob.told(), []string{"follow_accepted", "post_created", "post_created"})
	})
}

func TestHandlersAreChosenByType(t *testing.T) {
	ann, bob := two(t, sqliteHere(t))
	var seen []string
	fedigraft.On(ann.fed, func(_ context.Context, _ fedigraft.Tx, e fedigraft.Followed) error {
		seen = append(seen, e.Name()+" "+e.Profile+" by "+e.Actor.ID)
		return nil
	})
	fedigraft.On(ann.fed, func(_ context.Context, _ fedigraft.Tx, e fedigraft.Unfollowed) error {
		seen = append(seen, e.Name())
		return nil
	})
	var by []string
	fedigraft.On(ann.fed, func(ctx context.Context, tx fedigraft.Tx, e fedigraft.RemoteEvent) error {
		by = append(by, e.By().Username)
		// A handler may act, in the same transaction.
		_, err := ann.fed.UpdateProfile(ctx, tx, "1")
		return err
	})
	befriend(t, ann, bob)
	each(t, "1", ann.actor(), bob.fed.Unfollow)
	settle(t, ann, bob)
	equal(t, seen, []string{"followed 1 by " + bob.actor(), "unfollowed"})
	equal(t, by, []string{"bob", "bob"})
	equal(t, bob.told(), []string{"follow_accepted", "profile_updated"})
	defer func() {
		if recover() == nil {
			t.Fatal("a handler of pointers would never be called and must not register")
		}
	}()
	fedigraft.On(ann.fed, func(context.Context, fedigraft.Tx, *fedigraft.Followed) error { return nil })
}

func TestWorkersDoItByThemselves(t *testing.T) {
	onEach(t, func(t *testing.T, at func(string) place) {
		ann, bob := two(t, at)
		ctx, stop := context.WithCancel(background)
		ended := make(chan error, 2)
		for _, one := range []*village{ann, bob} {
			go func() { ended <- one.fed.Work(ctx) }()
		}
		_, err := bob.fed.Follow(ctx, nil, "1", ann.actor())
		check(t, err)
		waitFor(t, func() bool { return len(bob.told()) == 1 })
		ann.write("By itself")
		waitFor(t, func() bool { return len(bob.told()) == 2 })
		stop()
		check(t, <-ended)
		check(t, <-ended)
		equal(t, bob.told(), []string{"follow_accepted", "post_created"})
	})
}

func sqliteHere(t *testing.T) func(string) place {
	folder := t.TempDir()
	return func(name string) place { return sqliteIn(folder, name) }
}

func waitFor(t testing.TB, condition func() bool) {
	t.Helper()
	for range 600 {
		if condition() {
			return
		}
		time.Sleep(20 * time.Millisecond)
	}
	t.Fatal("it did not happen")
}
