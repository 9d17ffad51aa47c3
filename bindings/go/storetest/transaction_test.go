package storetest

// Actions inside the host's own transactions: they stand or fall with them.

import (
	"context"
	"database/sql"
	"errors"
	"testing"
	"time"

	fedigraft "github.com/fedigraft/fedigraft/bindings/go"
)

func TestARollbackLeavesNoTrace(t *testing.T) {
	onEach(t, func(t *testing.T, at func(string) place) {
		ann, bob := two(t, at)
		befriend(t, ann, bob)
		tx, err := ann.db.Begin()
		check(t, err)
		_, err = ann.fed.Publish(background, tx, ann.insert(tx, "Never mind"))
		check(t, err)
		check(t, tx.Rollback())
		settle(t, ann, bob)
		equal(t, bob.told(), []string{"follow_accepted"})
		equal(t, ann.count("fedigraft_jobs"), "0")
	})
}

func TestAFirstActionInsideATransactionMakesTheTablesThere(t *testing.T) {
	onEach(t, func(t *testing.T, at func(string) place) {
		ann := newVillage(t, "ann", at("ann"))
		tx, err := ann.db.Begin()
		check(t, err)
		_, err = ann.fed.Publish(background, tx, ann.insert(tx, "First"))
		check(t, err)
		check(t, tx.Rollback())
		ann.write("Second")
		ann.write("Third")
		equal(t, ann.count("fedigraft_jobs"), "2")
	})
}

func TestAFollowNeedsALookUpBeforeTheTransaction(t *testing.T) {
	onEach(t, func(t *testing.T, at func(string) place) {
		ann, bob := two(t, at)
		check(t, bob.within(func(tx *sql.Tx) error {
			var own *fedigraft.Error
			_, err := bob.fed.Follow(background, tx, "1", ann.actor())
			if !errors.As(err, &own) || own.Reason != "fetch_in_transaction" || !errors.Is(err, fedigraft.ErrRefused) {
				t.Fatal(err)
			}
			return nil
		}))
		_, err := bob.fed.LookUp(background, ann.handle())
		check(t, err)
		check(t, bob.within(func(tx *sql.Tx) error {
			result, err := bob.fed.Follow(background, tx, "1", ann.actor())
			equal(t, result.State, "pending")
			return err
		}))
		settle(t, ann, bob)
		equal(t, bob.told(), []string{"follow_accepted"})
	})
}

func TestAPoolIsNoTransactionAndAConnectionMayBe(t *testing.T) {
	onEach(t, func(t *testing.T, at func(string) place) {
		ann := newVillage(t, "ann", at("ann"))
		id := ann.write("Hello")
		var own *fedigraft.Error
		if _, err := ann.fed.Publish(background, ann.db, id); !errors.As(err, &own) || own.Reason != "no_transaction" {
			t.Fatal(err)
		}
		conn, err := ann.db.Conn(background)
		check(t, err)
		defer conn.Close()
		_, err = conn.ExecContext(background, "BEGIN")
		check(t, err)
		_, err = ann.fed.Publish(background, conn, ann.insert(conn, "On a connection"))
		check(t, err)
		_, err = conn.ExecContext(background, "ROLLBACK")
		check(t, err)
		equal(t, ann.count("fedigraft_jobs"), "1")
		var nothing *sql.Tx
		_, err = ann.fed.Publish(background, nothing, id)
		check(t, err)
	})
}

func TestAPoolOfOneConnectionWillDo(t *testing.T) {
	onEach(t, func(t *testing.T, at func(string) place) {
		ann, bob := two(t, at)
		ann.db.SetMaxOpenConns(1)
		bob.db.SetMaxOpenConns(1)
		befriend(t, ann, bob)
		ann.write("One at a time")
		settle(t, ann, bob)
		equal(t, bob.told(), []string{"follow_accepted", "post_created"})
	})
}

func TestAfterTheHostsCommitWakeStartsTheWorker(t *testing.T) {
	onEach(t, func(t *testing.T, at func(string) place) {
		bob := newVillage(t, "bob", at("bob")).serve()
		ann := newVillage(t, "ann", at("ann"), func(c *fedigraft.Config) { c.Poll = time.Hour }).serve()
		befriend(t, ann, bob)
		ctx, stop := context.WithCancel(background)
		ended := make(chan error, 1)
		go func() { ended <- ann.fed.Work(ctx) }()
		defer func() { stop(); check(t, <-ended) }()
		for range 3 {
			check(t, ann.within(func(tx *sql.Tx) error {
				_, err := ann.fed.Publish(background, tx, ann.insert(tx, "Soon"))
				return err
			}))
			ann.fed.Wake()
			waitFor(t, func() bool { return ann.count("fedigraft_jobs")+ann.count("fedigraft_deliveries") == "00" })
		}
		settle(t, bob)
		equal(t, bob.told(), []string{"follow_accepted", "post_created", "post_created", "post_created"})
	})
}
