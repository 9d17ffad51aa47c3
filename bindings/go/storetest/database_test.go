package storetest

// The databases: a SQLite file, and a schema of its own in the PostgreSQL that FEDIGRAFT_TEST_POSTGRES names.

import (
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	_ "github.com/lib/pq"
	_ "github.com/mattn/go-sqlite3"
)

// place is where a host keeps its data; open gives a pool to it.
type place struct {
	driver, dsn string
}

func (p place) open(t testing.TB) *sql.DB {
	t.Helper()
	db, err := sql.Open(p.driver, p.dsn)
	check(t, err)
	t.Cleanup(func() { db.Close() })
	return db
}

func sqliteIn(folder, name string) place {
	return place{"sqlite3", "file:" + filepath.Join(folder, name+".db") + "?_journal_mode=WAL&_busy_timeout=20000"}
}

var schemas atomic.Int64

func postgres(t testing.TB) place {
	t.Helper()
	dsn := os.Getenv("FEDIGRAFT_TEST_POSTGRES")
	if dsn == "" {
		t.Skip("FEDIGRAFT_TEST_POSTGRES names no database")
	}
	db, err := sql.Open("postgres", dsn)
	check(t, err)
	defer db.Close()
	schema := fmt.Sprintf("go_%d_%d", os.Getpid(), schemas.Add(1))
	_, err = db.Exec("CREATE SCHEMA " + schema)
	check(t, err)
	t.Cleanup(func() {
		db, err := sql.Open("postgres", dsn)
		check(t, err)
		defer db.Close()
		_, err = db.Exec("DROP SCHEMA " + schema + " CASCADE")
		check(t, err)
	})
	return place{"postgres", dsn + " search_path=" + schema}
}

// onEach runs a test on both databases.
func onEach(t *testing.T, test func(t *testing.T, make func(name string) place)) {
	t.Run("sqlite", func(t *testing.T) {
		folder := t.TempDir()
		test(t, func(name string) place { return sqliteIn(folder, name) })
	})
	t.Run("postgres", func(t *testing.T) {
		postgres(t) // skips before anything is made
		test(t, func(string) place { return postgres(t) })
	})
}

func check(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func equal[T any](t testing.TB, got, want T) {
	t.Helper()
	if a, b := fmt.Sprintf("%#v", got), fmt.Sprintf("%#v", want); a != b {
		t.Fatalf("got  %s\nwant %s", a, b)
	}
}

func contains(t testing.TB, text, part string) {
	t.Helper()
	if !strings.Contains(text, part) {
		t.Fatalf("%q is not in %s", part, text)
	}
}
