package database

import (
	"context"
	"database/sql/driver"
	"errors"

	"github.com/mattn/go-sqlite3"
)

// Files follow the database: a picture is deleted once the transaction that forgets it is committed. So the
// connections here can be asked to do something when their transaction ends, whoever began it. A request travels
// as the argument of an empty statement; the connection keeps it and SQLite never sees it.

// AfterCommit does action once the open transaction is committed, and not at all when it is rolled back.
// The action must not use the transaction.
func AfterCommit(ctx context.Context, tx Tx, action func()) error {
	_, err := tx.ExecContext(ctx, "", ending{action, true})
	return err
}

// AfterRollback does action when the open transaction is rolled back. It must not use the transaction.
func AfterRollback(ctx context.Context, tx Tx, action func()) error {
	_, err := tx.ExecContext(ctx, "", ending{action, false})
	return err
}

type ending struct {
	action    func()
	committed bool
}

// connector opens connections for a [sql.DB].
type connector struct {
	name   string
	sqlite sqlite3.SQLiteDriver
}

func (c *connector) Driver() driver.Driver { return &c.sqlite }

func (c *connector) Connect(context.Context) (driver.Conn, error) {
	opened, err := c.sqlite.Open(c.name)
	if err != nil {
		return nil, err
	}
	return &connection{SQLiteConn: opened.(*sqlite3.SQLiteConn)}, nil
}

// connection is one of SQLite's that knows what to do when its transaction ends.
type connection struct {
	*sqlite3.SQLiteConn
	open    bool // a transaction
	endings []ending
}

var errNoTransaction = errors.New("there is no open transaction whose end could be waited for")

// CheckNamedValue takes an ending out of the arguments (driver.NamedValueChecker).
func (c *connection) CheckNamedValue(value *driver.NamedValue) error {
	asked, ok := value.Value.(ending)
	if !ok {
		return driver.ErrSkip
	}
	if !c.open {
		return errNoTransaction
	}
	c.endings = append(c.endings, asked)
	return driver.ErrRemoveArgument
}

func (c *connection) BeginTx(ctx context.Context, options driver.TxOptions) (driver.Tx, error) {
	tx, err := c.SQLiteConn.BeginTx(ctx, options)
	if err != nil {
		return nil, err
	}
	c.open = true
	return &transaction{tx, c}, nil
}

type transaction struct {
	driver.Tx
	on *connection
}

func (t *transaction) Commit() error {
	err := t.Tx.Commit()
	t.on.end(err == nil)
	return err
}

func (t *transaction) Rollback() error {
	err := t.Tx.Rollback()
	t.on.end(false)
	return err
}

func (c *connection) end(committed bool) {
	asked := c.endings
	c.open, c.endings = false, nil
	for _, one := range asked {
		if one.committed == committed {
			one.action()
		}
	}
}
