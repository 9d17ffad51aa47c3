package fedigraft

// The effects of a done: store entries, events, jobs and deliveries, in one transaction or not at all.

import (
	"context"
	"errors"
	"time"
)

// errLeaseLost: another worker took the row over; what this one found out does not count.
var errLeaseLost = errors.New("fedigraft: the lease on this row has run out")

// commit writes everything; the transaction stays open. held is the job or delivery this was the run of, nil for
// none; its row goes. When a key of Once is there already, it was done before, and nothing else is written.
func commit(ctx context.Context, tx Tx, done *Done, to *handlers, now time.Time, held *lease) error {
	if held != nil {
		if mine, err := held.finish(ctx, tx); err != nil {
			return err
		} else if !mine {
			return errLeaseLost
		}
	}
	if first, err := enterOnce(ctx, tx, done.Once, now); err != nil || !first {
		return err
	}
	if err := storeApply(ctx, tx, done.Store, now); err != nil {
		return err
	}
	if err := enqueue(ctx, tx, jobs, done.Jobs, now); err != nil {
		return err
	}
	if err := enqueue(ctx, tx, deliveries, done.Deliveries, now); err != nil {
		return err
	}
	for _, document := range done.Events {
		event, err := ReadEvent(document)
		if err != nil {
			return err
		}
		if err := to.tell(ctx, tx, event); err != nil {
			return err
		}
	}
	return nil
}
