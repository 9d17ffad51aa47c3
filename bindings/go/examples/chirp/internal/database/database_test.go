package database

import (
	"context"
	"errors"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

func TestADatabaseIsPreparedOnce(t *testing.T) {
	ctx, path := context.Background(), filepath.Join(t.TempDir(), "new", "100%?.sqlite")
	if _, err := Open(ctx, path); !errors.Is(err, ErrNotPrepared) || !strings.Contains(err.Error(), "init-db") {
		t.Error(err)
	}
	for range 2 {
		if err := Prepare(ctx, path); err != nil {
			t.Fatal(err)
		}
	}
	db, err := Open(ctx, path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	var mode string
	if err := db.QueryRowContext(ctx, "PRAGMA journal_mode").Scan(&mode); err != nil || mode != "wal" {
		t.Error(mode, err)
	}
	if _, err := db.ExecContext(ctx, "PRAGMA user_version = 9"); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(ctx, path); !errors.Is(err, ErrNotPrepared) {
		t.Error(err)
	}
}

func TestWritersWaitForEachOther(t *testing.T) {
	ctx, path := context.Background(), filepath.Join(t.TempDir(), "x.sqlite")
	if err := Prepare(ctx, path); err != nil {
		t.Fatal(err)
	}
	db, err := Open(ctx, path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.ExecContext(ctx, "CREATE TABLE counter (n); INSERT INTO counter VALUES (0)"); err != nil {
		t.Fatal(err)
	}
	var all sync.WaitGroup
	for range 8 {
		all.Add(1)
		go func() {
			defer all.Done()
			for range 25 {
				if err := Write(ctx, db, func(tx Tx) error { // reads first: two that only upgrade would fail
					var n int
					if err := tx.QueryRowContext(ctx, "SELECT n FROM counter").Scan(&n); err != nil {
						return err
					}
					_, err := tx.ExecContext(ctx, "UPDATE counter SET n = ?", n+1)
					return err
				}); err != nil {
					t.Error(err)
				}
			}
		}()
	}
	all.Wait()
	var n int
	if err := db.QueryRowContext(ctx, "SELECT n FROM counter").Scan(&n); err != nil || n != 200 {
		t.Error(n, err)
	}
}

func TestWhatWaitsForTheEnd(t *testing.T) {
	ctx, path := context.Background(), filepath.Join(t.TempDir(), "x.sqlite")
	if err := Prepare(ctx, path); err != nil {
		t.Fatal(err)
	}
	db, err := Open(ctx, path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	var done []string
	try := func(problem error) {
		err := Write(ctx, db, func(tx Tx) error {
			return errors.Join(AfterCommit(ctx, tx, func() { done = append(done, "committed") }),
				AfterRollback(ctx, tx, func() { done = append(done, "rolled back") }), problem)
		})
		if !errors.Is(err, problem) {
			t.Error(err)
		}
	}
	try(nil)
	try(context.Canceled)
	try(nil)
	if got := strings.Join(done, ", "); got != "committed, rolled back, committed" {
		t.Error(got)
	}
	if err := AfterCommit(ctx, db, func() {}); err == nil {
		t.Error("there is no transaction")
	}
}
