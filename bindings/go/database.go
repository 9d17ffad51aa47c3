package fedigraft

// Connections and transactions: the host's own database, SQLite or PostgreSQL. A transaction that the host
// passes in stays its own: it is neither committed nor rolled back here. One that is opened here ends here.
//
// The SQL of the store marks parameters $1, $2 … in the order they appear, which the drivers of both databases
// understand.

import (
	"context"
	"database/sql"
	_ "embed"
	"strings"
	"sync/atomic"
	"time"
)

// tableTries is how often a table is made. PostgreSQL lets one of two that make the same table at once fail; when it
// tries again the table is there.
const tableTries = 5

// Schema is the SQL that makes the tables, for a host that runs its own migrations. Each statement may run
// again at any time.
//
//go:embed schema.sql
var Schema string

// Tx is an open transaction: a *sql.Tx, or whatever else has these methods, such as a *sql.Conn on which the
// host said BEGIN.
type Tx interface {
	ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
	PrepareContext(ctx context.Context, query string) (*sql.Stmt, error)
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

// database is where the store lives.
type database struct {
	db *sql.DB
	// ready: the tables are there.
	ready atomic.Bool
}

// read runs a function in a transaction of its own that reads; what little it writes is committed.
func (d *database) read(ctx context.Context, function func(Tx) error) error {
	if err := d.makeTables(ctx); err != nil {
		return err
	}
	return d.within(ctx, function)
}

// write runs a function in a transaction of its own: committed at the end, rolled back on an error or a panic.
func (d *database) write(ctx context.Context, function func(Tx) error) error {
	if err := d.makeTables(ctx); err != nil {
		return err
	}
	return d.within(ctx, func(tx Tx) error {
		// SQLite: takes the write lock now, waiting for it; a read lock that grows later can fail at once.
		// It touches no row.
		if _, err := tx.ExecContext(ctx, "UPDATE fedigraft_once SET done_at = done_at WHERE key = ''"); err != nil {
			return err
		}
		return function(tx)
	})
}

func (d *database) within(ctx context.Context, function func(Tx) error) error {
	tx, err := d.db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback() // nothing happens after a commit
	if err := function(tx); err != nil {
		return err
	}
	passed()
	err = tx.Commit()
	passed()
	return err
}

// join prepares the host's open transaction.
func (d *database) join(ctx context.Context, tx Tx) error {
	if _, pool := tx.(*sql.DB); pool {
		return invalid("no_transaction", "tx", "a *sql.DB commits every statement by itself; expected an open transaction")
	}
	if d.ready.Load() {
		return nil
	}
	// Not noted as ready: the host may roll its transaction back. A failed look would spoil a transaction of
	// PostgreSQL, so it has a savepoint.
	if _, err := tx.ExecContext(ctx, "SAVEPOINT fedigraft_tables"); err != nil {
		return err
	}
	if _, err := tx.ExecContext(ctx, "UPDATE fedigraft_once SET done_at = done_at WHERE key = ''"); err == nil {
		_, err = tx.ExecContext(ctx, "RELEASE SAVEPOINT fedigraft_tables")
		return err
	}
	if _, err := tx.ExecContext(ctx, "ROLLBACK TO SAVEPOINT fedigraft_tables"); err != nil {
		return err
	}
	for _, statement := range statements() {
		var err error
		for range tableTries {
			if _, err = tx.ExecContext(ctx, statement); err == nil || ctx.Err() != nil {
				break
			}
			if _, failed := tx.ExecContext(ctx, "ROLLBACK TO SAVEPOINT fedigraft_tables"); failed != nil {
				return failed
			}
		}
		if err != nil {
			return err
		}
		// What is made is kept: the next one to fail takes back itself alone.
		if _, err := tx.ExecContext(ctx, "RELEASE SAVEPOINT fedigraft_tables"); err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, "SAVEPOINT fedigraft_tables"); err != nil {
			return err
		}
	}
	_, err := tx.ExecContext(ctx, "RELEASE SAVEPOINT fedigraft_tables")
	return err
}

// makeTables makes the tables once. Each statement commits by itself, so that no two locks are held at once.
func (d *database) makeTables(ctx context.Context) (err error) {
	if d.ready.Load() {
		return nil
	}
	for _, statement := range statements() {
		for try := range tableTries {
			if _, err = d.db.ExecContext(ctx, statement); err == nil || ctx.Err() != nil {
				break
			}
			time.Sleep(time.Duration(try) * 20 * time.Millisecond)
		}
		if err != nil {
			return err
		}
	}
	d.ready.Store(true)
	return nil
}

func statements() []string {
	var all []string
	for _, statement := range strings.Split(Schema, ";\n") {
		if strings.TrimSpace(statement) != "" {
			all = append(all, statement)
		}
	}
	return all
}

// execute runs a statement and gives the number of rows it touched.
func execute(ctx context.Context, tx Tx, query string, args ...any) (int64, error) {
	done, err := tx.ExecContext(ctx, query, args...)
	if err != nil {
		return 0, err
	}
	return done.RowsAffected()
}

// column gives the first column of all rows.
func column(ctx context.Context, tx Tx, query string, args ...any) ([]string, error) {
	rows, err := tx.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	found := []string{}
	for rows.Next() {
		var value string
		if err := rows.Scan(&value); err != nil {
			return nil, err
		}
		found = append(found, value)
	}
	return found, rows.Err()
}
