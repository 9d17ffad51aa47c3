package fedigraft

// Jobs and deliveries as queue rows: put in, claimed for a while, finished or put off. A claim is one
// compare-and-swap on due_at: it works alike on SQLite and PostgreSQL, needs no lock while the work runs, and
// ends by itself when the worker is killed. Whoever finishes a row must still hold its lease.

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"time"
)

const (
	// leaseTime is how long a worker may hold a row: more than the longest exchange takes.
	leaseTime    = 300 * time.Second
	longestDelay = 6 * time.Hour
)

type queue string

const (
	jobs       queue = "jobs"
	deliveries queue = "deliveries"
)

// lease is a row this worker holds for a while.
type lease struct {
	queue    queue
	id       string
	mark     string
	failures int64
	document json.RawMessage
}

// enqueue adds rows; one that is there already stays as it is.
func enqueue(ctx context.Context, tx Tx, to queue, documents []json.RawMessage, now time.Time) error {
	for _, document := range documents {
		var head struct {
			ID        string `json:"id"`
			NotBefore int64  `json:"not_before"`
		}
		if err := parse(document, &head); err != nil {
			return err
		}
		if _, err := execute(ctx, tx, fmt.Sprintf("INSERT INTO fedigraft_%s (id, due_at, lease, failures, document) "+
			"VALUES ($1, $2, NULL, 0, $3) ON CONFLICT (id) DO NOTHING", to),
			head.ID, max(head.NotBefore, now.Unix()), string(document)); err != nil {
			return err
		}
	}
	return nil
}

// claim takes the row that has been due longest; nil when nothing is due.
func claim(ctx context.Context, tx Tx, from queue, now time.Time) (*lease, error) {
	type due struct {
		lease
		dueAt int64
	}
	rows, err := tx.QueryContext(ctx, fmt.Sprintf("SELECT id, due_at, failures, document FROM fedigraft_%s "+
		"WHERE due_at <= $1 ORDER BY due_at LIMIT 20", from), now.Unix())
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var found []due
	for rows.Next() {
		one := due{lease: lease{queue: from}}
		var document string
		if err := rows.Scan(&one.id, &one.dueAt, &one.failures, &document); err != nil {
			return nil, err
		}
		one.document = json.RawMessage(document)
		found = append(found, one)
	}
	if err := rows.Err(); err != nil {
		return nil, err
	}
	rows.Close()
	for _, one := range found {
		one.mark = newMark()
		taken, err := execute(ctx, tx, fmt.Sprintf(
			"UPDATE fedigraft_%s SET due_at = $1, lease = $2 WHERE id = $3 AND due_at = $4", from),
			now.Add(leaseTime).Unix(), one.mark, one.id, one.dueAt)
		if err != nil {
			return nil, err
		}
		if taken == 1 {
			return &one.lease, nil
		}
	}
	return nil, nil
}

// finish removes the row; false when the lease ran out and somebody else has it.
func (l *lease) finish(ctx context.Context, tx Tx) (bool, error) {
	gone, err := execute(ctx, tx, fmt.Sprintf("DELETE FROM fedigraft_%s WHERE id = $1 AND lease = $2", l.queue), l.id, l.mark)
	return gone == 1, err
}

// putOff keeps the row for a later try, each time twice as far away. Nothing is ever dropped here.
func (l *lease) putOff(ctx context.Context, tx Tx, now time.Time) error {
	delay := min(time.Minute<<min(l.failures, 10), longestDelay)
	_, err := execute(ctx, tx, fmt.Sprintf("UPDATE fedigraft_%s SET due_at = $1, lease = NULL, failures = failures + 1 "+
		"WHERE id = $2 AND lease = $3", l.queue), now.Add(delay).Unix(), l.id, l.mark)
	return err
}

func newMark() string {
	mark := make([]byte, 16)
	rand.Read(mark) // never fails: it ends the program instead
	return hex.EncodeToString(mark)
}
