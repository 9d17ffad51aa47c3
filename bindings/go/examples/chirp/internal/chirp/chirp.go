// Package chirp is the microblog itself, without its pages: people, posts and who may see them, follows, likes,
// boosts, timelines, notifications, and what comes from elsewhere.
//
// Everything happens on a [Site]. What reads takes a [database.Querier]; what writes takes the transaction that is
// open, and tells an [Event] inside it.
package chirp

import (
	"context"
	"database/sql"
	"fmt"
	"net/http"

	"github.com/fedigraft/fedigraft/bindings/go/examples/chirp/internal/database"
)

// Version is chirp's own.
const Version = "1.0"

// ErrNotFound says that something does not exist, or not for the one who asks: both look the same. It is a
// sql.ErrNoRows too.
var ErrNotFound = fmt.Errorf("not found: %w", sql.ErrNoRows)

// Problem is a sentence for the person who wants something that cannot be.
type Problem string

func (p Problem) Error() string { return string(p) }

// Site is a running chirp. Handler and Work are what its pages and workers are; extensions wrap and set them.
type Site struct {
	Settings
	DB      *sql.DB
	Handler http.Handler                // what answers requests
	Work    func(context.Context) error // what runs beside it until the context ends; nil: nothing

	// PasswordCost is the number of iterations of a password's hash (PBKDF2, RFC 8018, with SHA-256).
	PasswordCost int

	subscribers []Subscriber
	finders     []Finder
}

// Open opens the prepared database of a site.
func Open(ctx context.Context, settings Settings) (*Site, error) {
	db, err := database.Open(ctx, settings.Database)
	if err != nil {
		return nil, err
	}
	site := &Site{Settings: settings, DB: db, PasswordCost: 600_000}
	site.On(site.notify)
	site.On(site.discardWithPost)
	return site, nil
}

// Close closes the database.
func (s *Site) Close() error { return s.DB.Close() }

// Write runs one transaction: it commits when work returns nil, and rolls back on an error or a panic.
func (s *Site) Write(ctx context.Context, work func(tx database.Tx) error) error {
	return database.Write(ctx, s.DB, work)
}

// collect reads all rows of a query.
func collect[T any](ctx context.Context, q database.Querier, read func(*sql.Rows) (T, error), query string, args ...any) ([]T, error) {
	rows, err := q.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var all []T
	for rows.Next() {
		one, err := read(rows)
		if err != nil {
			return nil, err
		}
		all = append(all, one)
	}
	return all, rows.Err()
}

// number reads a row that is one id.
func number(rows *sql.Rows) (n ID, err error) {
	err = rows.Scan(&n)
	return n, err
}

// null is a value for a column that may be NULL: nil when it is empty.
func null[T comparable](value T) any {
	var empty T
	if value == empty {
		return nil
	}
	return value
}
