//go:build fedigraft_debug

package storetest

// Queue rows and their leases: claimed by one, finished by who holds them, kept when they cannot be run.

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	fedigraft "github.com/fedigraft/fedigraft/bindings/go"
)

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
