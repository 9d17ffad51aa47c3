//go:build fedigraft_debug

package storetest

// What the store keeps and how: entries, lists, once, keys, leases, on real databases.

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	fedigraft "github.com/fedigraft/fedigraft/bindings/go"
)

var now = time.Unix(1_790_000_000, 0)

// store is a village of which only the store is used.
type store struct{ *village }

func onStores(t *testing.T, test func(t *testing.T, s store)) {
	onEach(t, func(t *testing.T, at func(string) place) {
		s := store{newVillage(t, "ann", at("ann"))}
		check(t, s.fed.CreateTables(background))
		test(t, s)
	})
}

func (s store) write(function func(tx fedigraft.Tx) error) {
	s.t.Helper()
	check(s.t, s.fed.DebugWrite(background, function))
}

func (s store) put(at time.Time, entries ...fedigraft.Entry) {
	s.t.Helper()
	s.write(func(tx fedigraft.Tx) error { return fedigraft.DebugApply(background, tx, entries, at) })
}

// get gives a document as JSON, "" when it is not there.
func (s store) get(at time.Time, name, key string, cursor ...string) string {
	s.t.Helper()
	value, err := s.fed.DebugLoad(background, fedigraft.Wanted{Name: name, Key: key, Cursor: strings.Join(cursor, "")}, at)
	check(s.t, err)
	if value == nil {
		return ""
	}
	text, err := json.Marshal(value)
	check(s.t, err)
	return string(text)
}

func entry(op, name, key, value string) fedigraft.Entry {
	return fedigraft.Entry{Op: op, Name: name, Key: key, Value: json.RawMessage(value)}
}

func TestADocumentIsPutReplacedAndRemoved(t *testing.T) {
	onStores(t, func(t *testing.T, s store) {
		for _, name := range []string{"activity", "remote_post", "remote_key", "origin", "tombstone"} {
			equal(t, s.get(now, name, "k"), "")
			s.put(now, entry("put", name, "k", `{"n":1,"text":"\u0000 é"}`))
			equal(t, s.get(now, name, "k"), `{"n":1,"text":"\u0000 é"}`)
			s.put(now, entry("put", name, "k", `{"n":2}`))
			equal(t, s.get(now, name, "k"), `{"n":2}`)
			equal(t, s.get(now, name, "other"), "")
			s.put(now, entry("remove", name, "k", "null"))
			equal(t, s.get(now, name, "k"), "")
		}
	})
}

func TestPutIfNewerKeepsTheNewestAndAddOnlyAdds(t *testing.T) {
	onStores(t, func(t *testing.T, s store) {
		for _, version := range []int64{5, 4, 5, 6} {
			one := entry("put_if_newer", "remote_post", "k", fmt.Sprintf(`{"n":%d}`, version))
			one.Version = version
			s.put(now, one)
			equal(t, s.get(now, "remote_post", "k"), fmt.Sprintf(`{"n":%d}`, max(version, 5)))
		}
		s.put(now, entry("add", "tombstone", "k", `{"n":1}`), entry("add", "tombstone", "k", `{"n":2}`))
		equal(t, s.get(now, "tombstone", "k"), `{"n":1}`)
		err := s.fed.DebugWrite(background, func(tx fedigraft.Tx) error {
			return fedigraft.DebugApply(background, tx, []fedigraft.Entry{entry("merge", "tombstone", "k", "{}")}, now)
		})
		if !errors.Is(err, fedigraft.ErrInternal) {
			t.Fatal(err)
		}
	})
}

func TestWhatHasExpiredIsAbsentAndIsPurged(t *testing.T) {
	onStores(t, func(t *testing.T, s store) {
		until := func(e fedigraft.Entry, seconds int64) fedigraft.Entry {
			at := now.Unix() + seconds
			e.Expires = &at
			return e
		}
		s.put(now, until(entry("put", "remote_key", "k", `{"n":1}`), 10))
		equal(t, s.get(now.Add(9*time.Second), "remote_key", "k"), `{"n":1}`)
		later := now.Add(10 * time.Second)
		equal(t, s.get(later, "remote_key", "k"), "")
		s.put(later, until(entry("add", "remote_key", "k", `{"n":2}`), 20))
		equal(t, s.get(later, "remote_key", "k"), `{"n":2}`)
		s.write(func(tx fedigraft.Tx) error {
			_, err := fedigraft.DebugOnce(background, tx, []string{"old"}, now.Add(-181*24*time.Hour))
			return err
		})
		s.write(func(tx fedigraft.Tx) error { return fedigraft.DebugPurge(background, tx, now.Add(20*time.Second)) })
		equal(t, s.count("fedigraft_documents"), "0")
		equal(t, s.count("fedigraft_once"), "0")
	})
}

func actor(uri, inbox, shared, handle string) fedigraft.Entry {
	value := map[string]any{"v": 1, "id": uri, "inbox": inbox, "shared_inbox": nil, "handle": handle}
	if shared != "" {
		value["shared_inbox"] = shared
	}
	text, _ := json.Marshal(value)
	return entry("put", "remote_actor", uri, string(text))
}

func follows(follower, followee, state string) fedigraft.Entry {
	return entry("put", "follow", follower+" "+followee, `{"v":1,"state":"`+state+`","activity":"x","at":1}`)
}

func TestActorsAndFollows(t *testing.T) {
	onStores(t, func(t *testing.T, s store) {
		s.put(now, actor("https://a/1", "https://a/1/inbox", "", "@Bob@a.example"))
		for _, key := range []string{"https://a/1", "acct:bob@a.example", "acct:BOB@a.example"} {
			contains(t, s.get(now, "remote_actor", key), `"id":"https://a/1"`)
		}
		equal(t, s.get(now, "remote_actor", "acct:eve@a.example"), "")
		s.put(now, follows("https://a/1", "https://me/1", "accepted"), follows("https://a/2", "https://me/1", "pending"),
			follows("https://me/1", "https://a/1", "accepted"))
		contains(t, s.get(now, "follow", "https://a/2 https://me/1"), "pending")
		equal(t, s.get(now, "followers", "https://me/1"), `{"items":["https://a/1"],"next":null,"total":1}`)
		contains(t, s.get(now, "following", "https://me/1"), `"items":["https://a/1"]`)
		contains(t, s.get(now, "local_followers", "https://a/1"), `"items":["https://me/1"]`)
		s.put(now, entry("remove", "follow", "https://a/1 https://me/1", "null"))
		equal(t, s.get(now, "followers", "https://me/1"), `{"items":[],"next":null,"total":0}`)
	})
}

func TestInboxesAreDistinctAndPaged(t *testing.T) {
	onStores(t, func(t *testing.T, s store) {
		var all []fedigraft.Entry
		for n := range 250 {
			uri, big := fmt.Sprintf("https://s%d/u", n), fmt.Sprintf("https://big/%d", n)
			all = append(all, actor(uri, fmt.Sprintf("https://s%03d/inbox", n), "", ""), follows(uri, "https://me/1", "accepted"),
				actor(big, big+"/inbox", "https://big/inbox", ""), follows(big, "https://me/1", "accepted"))
		}
		all = append(all, actor("https://p/1", "https://p/inbox", "", ""), follows("https://p/1", "https://me/1", "pending"))
		s.put(now, all...)
		var items []string
		var sizes []int
		for cursor := ""; ; {
			var page struct {
				Items []string
				Next  *string
			}
			check(t, json.Unmarshal([]byte(s.get(now, "inboxes", "https://me/1", cursor)), &page))
			items, sizes = append(items, page.Items...), append(sizes, len(page.Items))
			if page.Next == nil {
				break
			}
			cursor = *page.Next
		}
		equal(t, sizes, []int{100, 100, 51})
		slices.Sort(items)
		equal(t, len(slices.Compact(items)), 251)
		equal(t, slices.Contains(items, "https://big/inbox") && !slices.Contains(items, "https://p/inbox"), true)
	})
}

func TestInboxesFollowTheActorInEitherOrder(t *testing.T) {
	onStores(t, func(t *testing.T, s store) {
		s.put(now, follows("https://a/1", "https://me/1", "accepted"))
		contains(t, s.get(now, "inboxes", "https://me/1"), `"items":[]`)
		s.put(now, actor("https://a/1", "https://a/inbox", "", ""))
		contains(t, s.get(now, "inboxes", "https://me/1"), `["https://a/inbox"]`)
		s.put(now, actor("https://a/1", "https://a/inbox", "https://a/shared", ""))
		contains(t, s.get(now, "inboxes", "https://me/1"), `["https://a/shared"]`)
		s.put(now, entry("remove", "inboxes", "https://a/shared", "null"))
		contains(t, s.get(now, "followers", "https://me/1"), `"items":[]`)
	})
}

func TestOnceIsAllOrNothing(t *testing.T) {
	onStores(t, func(t *testing.T, s store) {
		for _, one := range []struct {
			keys  []string
			first bool
		}{{[]string{"b", "a"}, true}, {[]string{"c", "b", "0"}, false}} {
			s.write(func(tx fedigraft.Tx) error {
				first, err := fedigraft.DebugOnce(background, tx, one.keys, now)
				equal(t, first, one.first)
				return err
			})
		}
		equal(t, s.get(now, "once", "a"), "true")
		equal(t, s.get(now, "once", "c")+s.get(now, "once", "0"), "")
	})
}

func TestAKeyPairIsMadeOnceByManyAtATime(t *testing.T) {
	onStores(t, func(t *testing.T, s store) {
		found := make([]string, 8)
		var all sync.WaitGroup
		for n := range found {
			all.Add(1)
			go func() { defer all.Done(); found[n] = s.get(now, "key", "https://me/1") }()
		}
		all.Wait()
		equal(t, len(slices.Compact(found)), 1)
		contains(t, found[0], `"key_id":"https://me/1#main-key"`)
		contains(t, found[0], "BEGIN PUBLIC KEY")
		if s.get(now, "key", "https://me/2") == s.get(now, "key", "https://me/1") {
			t.Fatal("two actors, one key")
		}
	})
}

func (s store) enqueue(documents ...string) {
	s.t.Helper()
	s.write(func(tx fedigraft.Tx) error {
		var all []json.RawMessage
		for _, one := range documents {
			all = append(all, json.RawMessage(one))
		}
		return fedigraft.DebugEnqueue(background, tx, all, now)
	})
}

func (s store) claim(at time.Time) (held *fedigraft.DebugLease) {
	s.t.Helper()
	s.write(func(tx fedigraft.Tx) (err error) { held, err = fedigraft.DebugClaim(background, tx, at); return err })
	return held
}

func TestARowIsClaimedWhenDueAndByOne(t *testing.T) {
	onStores(t, func(t *testing.T, s store) {
		s.enqueue(`{"id":"1"}`, fmt.Sprintf(`{"id":"2","not_before":%d}`, now.Unix()+100))
		s.enqueue(`{"id":"1"}`)
		equal(t, s.claim(now).ID(), "1")
		equal(t, s.claim(now) == nil, true)
		equal(t, s.claim(now.Add(100*time.Second)).ID(), "2")
	})
}

// stale shows a queue as it was before somebody else claimed a row.
type stale struct{ fedigraft.Tx }

func (s stale) QueryContext(ctx context.Context, _ string, _ ...any) (*sql.Rows, error) {
	return s.Tx.QueryContext(ctx, fmt.Sprintf("SELECT id, %d, failures, document FROM fedigraft_jobs", now.Unix()))
}

func TestOfTwoWhoSeeTheSameRowOneGetsIt(t *testing.T) {
	onStores(t, func(t *testing.T, s store) {
		s.enqueue(`{"id":"1"}`)
		equal(t, s.claim(now).ID(), "1")
		s.write(func(tx fedigraft.Tx) error {
			held, err := fedigraft.DebugClaim(background, stale{tx}, now)
			equal(t, held == nil, true)
			return err
		})
	})
}

func TestADeadWorkersRowComesBackAndItsLeaseIsWorthNothing(t *testing.T) {
	onStores(t, func(t *testing.T, s store) {
		s.enqueue(`{"id":"1"}`)
		dead := s.claim(now)
		equal(t, s.claim(now.Add(299*time.Second)) == nil, true)
		alive := s.claim(now.Add(300 * time.Second))
		for held, want := range map[*fedigraft.DebugLease]bool{dead: false, alive: true} {
			s.write(func(tx fedigraft.Tx) error {
				mine, err := held.Finish(background, tx)
				equal(t, mine, want)
				return err
			})
		}
		equal(t, s.count("fedigraft_jobs"), "0")
	})
}

var gone = &fedigraft.Done{
	Once: []string{"https://a/1 https://a/activity"}, Jobs: []json.RawMessage{json.RawMessage(`{"id":"next"}`)},
	Events: []json.RawMessage{json.RawMessage(
		`{"type":"post_deleted","at":1,"actor":{"id":"https://a/1","username":"a"},"uri":"https://a/p"}`)},
}

func TestWhatWasDoneIsNotDoneAgain(t *testing.T) {
	onStores(t, func(t *testing.T, s store) {
		for range 2 {
			check(t, s.fed.DebugCommit(background, gone, now, nil))
			equal(t, s.told(), []string{"post_deleted"})
			equal(t, s.count("fedigraft_jobs"), "1")
		}
	})
}

func TestARunWhoseLeaseIsLostChangesNothing(t *testing.T) {
	onStores(t, func(t *testing.T, s store) {
		s.enqueue(`{"id":"1"}`)
		dead := s.claim(now)
		alive := s.claim(now.Add(300 * time.Second))
		if err := s.fed.DebugCommit(background, gone, now, dead); err == nil {
			t.Fatal("it was committed")
		}
		equal(t, s.told(), []string{})
		equal(t, s.column("SELECT id FROM fedigraft_jobs"), []string{"1"})
		check(t, s.fed.DebugCommit(background, gone, now, alive))
		equal(t, s.told(), []string{"post_deleted"})
		equal(t, s.column("SELECT id FROM fedigraft_jobs"), []string{"next"})
	})
}

func TestWhatCannotBeRunIsKeptEverFurtherAway(t *testing.T) {
	onStores(t, func(t *testing.T, s store) {
		s.enqueue(`{"id":"1"}`)
		at, waits := now, []int64{}
		for range 12 {
			held := s.claim(at)
			s.write(func(tx fedigraft.Tx) error { return held.PutOff(background, tx, at) })
			var due int64
			check(t, s.db.QueryRow("SELECT due_at FROM fedigraft_jobs").Scan(&due))
			waits = append(waits, due-at.Unix())
			at = time.Unix(due, 0)
		}
		equal(t, waits[:4], []int64{60, 120, 240, 480})
		equal(t, slices.Max(waits), 6*3600)
	})
}

func TestAJobOfANewerVersionIsKept(t *testing.T) {
	onStores(t, func(t *testing.T, s store) {
		s.enqueue(`{"v":99,"id":"1","kind":"publish","post":"1","not_before":0,"attempt":0}`)
		runs, err := s.fed.Drain(background)
		check(t, err)
		equal(t, runs, 1)
		equal(t, s.column("SELECT id FROM fedigraft_jobs WHERE failures = 1 AND lease IS NULL"), []string{"1"})
	})
}

func TestTwentyGoroutinesClaimEachRowOnce(t *testing.T) {
	onStores(t, func(t *testing.T, s store) {
		var rows []string
		for n := range 60 {
			rows = append(rows, fmt.Sprintf(`{"id":"%02d"}`, n))
		}
		s.enqueue(rows...)
		taken := make(chan string, 100)
		var all sync.WaitGroup
		for range 20 {
			all.Add(1)
			go func() {
				defer all.Done()
				for {
					held := s.claim(now)
					if held == nil {
						return
					}
					taken <- held.ID()
				}
			}()
		}
		all.Wait()
		close(taken)
		ids := slices.Sorted(func(yield func(string) bool) {
			for id := range taken {
				if !yield(id) {
					return
				}
			}
		})
		equal(t, len(ids), 60)
		equal(t, len(slices.Compact(ids)), 60)
	})
}

func TestAnErrorOrAPanicRollsEverythingBack(t *testing.T) {
	onStores(t, func(t *testing.T, s store) {
		boom := errors.New("boom")
		half := func(tx fedigraft.Tx) {
			check(t, fedigraft.DebugApply(background, tx, []fedigraft.Entry{entry("put", "tombstone", "k", "{}")}, now))
			_, err := fedigraft.DebugOnce(background, tx, []string{"a"}, now)
			check(t, err)
		}
		if err := s.fed.DebugWrite(background, func(tx fedigraft.Tx) error { half(tx); return boom }); err != boom {
			t.Fatal(err)
		}
		func() {
			defer func() { recover() }()
			s.fed.DebugWrite(background, func(tx fedigraft.Tx) error { half(tx); panic(boom) })
		}()
		ctx, cancel := context.WithCancel(background)
		if err := s.fed.DebugWrite(ctx, func(tx fedigraft.Tx) error { half(tx); cancel(); return nil }); err == nil {
			t.Fatal("a context that has ended commits nothing")
		}
		equal(t, s.get(now, "tombstone", "k")+s.get(now, "once", "a"), "")
	})
}

func TestManyHostsMakeTheTablesAtOnce(t *testing.T) {
	onEach(t, func(t *testing.T, at func(string) place) {
		where := at("ann")
		first := newVillage(t, "ann", where)
		var all sync.WaitGroup
		for range 8 {
			twin := villageAt(t, "ann", where, first.listener)
			all.Add(1)
			go func() {
				defer all.Done()
				if err := twin.fed.CreateTables(background); err != nil {
					t.Error(err)
				}
			}()
		}
		all.Wait()
		equal(t, first.count("fedigraft_deliveries"), "0")
	})
}

// Somebody else makes the tables in an open transaction. Whoever comes second waits, loses, and finds them; a host's own
// transaction goes on.
func TestTablesThatSomebodyElseMakesAtTheSameTime(t *testing.T) {
	second := map[string]func(*village, fedigraft.Tx) error{
		"alone": func(v *village, _ fedigraft.Tx) error { return v.fed.CreateTables(background) },
		"joined": func(v *village, tx fedigraft.Tx) error {
			_, err := v.fed.Publish(background, tx, v.insert(tx, "Hello"))
			return err
		},
	}
	for name, make := range second {
		t.Run(name, func(t *testing.T) {
			ann := newVillage(t, "ann", postgres(t))
			first, err := ann.db.Begin()
			check(t, err)
			_, err = first.Exec(fedigraft.Schema)
			check(t, err)
			ended := goingOn(func() error {
				return ann.within(func(tx *sql.Tx) error { return make(ann, tx) })
			})
			for {
				var waiting int
				check(t, ann.db.QueryRow("SELECT COUNT(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'").Scan(&waiting))
				if waiting > 0 {
					break
				}
				time.Sleep(5 * time.Millisecond)
			}
			check(t, first.Commit())
			check(t, <-ended)
			check(t, ann.fed.CreateTables(background))
		})
	}
}

// goingOn runs a function beside the test.
func goingOn(function func() error) <-chan error {
	ended := make(chan error, 1)
	go func() { ended <- function() }()
	return ended
}

func TestAPageOfInboxesWalksAnIndex(t *testing.T) {
	s := store{newVillage(t, "ann", sqliteHere(t)("ann"))}
	check(t, s.fed.CreateTables(background))
	rows, err := s.db.Query("EXPLAIN QUERY PLAN SELECT DISTINCT inbox FROM fedigraft_follows WHERE followee = $1 AND "+
		"state = 'accepted' AND inbox IS NOT NULL AND inbox > $2 ORDER BY inbox LIMIT 101", "a", "")
	check(t, err)
	defer rows.Close()
	var plan string
	for rows.Next() {
		var a, b, c any
		var text string
		check(t, rows.Scan(&a, &b, &c, &text))
		plan += text
	}
	contains(t, plan, "fedigraft_follows_inbox")
	equal(t, strings.Contains(plan, "TEMP B-TREE"), false)
}
