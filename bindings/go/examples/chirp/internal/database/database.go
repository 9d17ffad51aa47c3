// Package database is the SQLite file of chirp: its tables, and transactions that begin at once
// (BEGIN IMMEDIATE), so that two writers wait for each other instead of failing half-way.
//
// Everything that writes takes the transaction that somebody else began: chirp's pages through [Write], or a
// program beside them with BeginTx on the same [sql.DB]. [AfterCommit] and [AfterRollback] work for both.
package database

import (
	"context"
	"database/sql"
	_ "embed"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
)

const version = 1

//go:embed schema.sql
var schema string

// ErrNotPrepared says that there is no database yet, or one of another version.
var ErrNotPrepared = errors.New("run `chirp init-db`")

// Querier is what reads: a [sql.DB], or the transaction that is open.
type Querier interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

// Tx is an open transaction, a [sql.Tx].
type Tx interface {
	Querier
	ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
	PrepareContext(ctx context.Context, query string) (*sql.Stmt, error)
}

// Prepare creates the tables of a new database. It does nothing to one that is there.
func Prepare(ctx context.Context, path string) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
		return err
	}
	db, err := connect(path)
	if err != nil {
		return err
	}
	defer db.Close()
	if _, err := db.ExecContext(ctx, "PRAGMA journal_mode = WAL"); err != nil {
		return err
	}
	return Write(ctx, db, func(tx Tx) error {
		if found, err := versionOf(ctx, tx); err != nil || found != 0 {
			return err
		}
		_, err := tx.ExecContext(ctx, schema)
		return err
	})
}

// Open opens a prepared database. Many goroutines may use it.
func Open(ctx context.Context, path string) (*sql.DB, error) {
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("there is no database %s: %w", path, ErrNotPrepared)
	}
	db, err := connect(path)
	if err != nil {
		return nil, err
	}
	found, err := versionOf(ctx, db)
	if err == nil && found != version {
		err = fmt.Errorf("%s is no chirp database of version %d: %w", path, version, ErrNotPrepared)
	}
	if err != nil {
		db.Close()
		return nil, err
	}
	return db, nil
}

// Write runs one transaction: it commits when work returns nil, and rolls back on an error or a panic.
func Write(ctx context.Context, db *sql.DB, work func(tx Tx) error) error {
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback() // does nothing after Commit
	if err := work(tx); err != nil {
		return err
	}
	return tx.Commit()
}

func connect(path string) (*sql.DB, error) {
	full, err := filepath.Abs(path)
	if err != nil {
		return nil, err
	}
	file := url.URL{Scheme: "file", Path: full, RawQuery: url.Values{
		"_txlock":       {"immediate"},
		"_foreign_keys": {"on"},
		"_busy_timeout": {"10000"},
		"_synchronous":  {"normal"},
	}.Encode()}
	return sql.OpenDB(&connector{name: file.String()}), nil
}

func versionOf(ctx context.Context, q Querier) (found int, err error) {
	err = q.QueryRowContext(ctx, "PRAGMA user_version").Scan(&found)
	return found, err
}
