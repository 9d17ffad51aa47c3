//go:build fedigraft_debug

package fedigraft

// What the build tag fedigraft_debug adds, for this project's own tests: garbage is collected at every use of a
// handle, so that one that was let go too early is found; the store's functions can be called from another module,
// which has the database drivers; and a process can be told to end at any point.

import (
	"context"
	"encoding/json"
	"sync/atomic"
	"time"
)

const debugging = true

// DebugPassed is called at every point where a process may be killed: after each step of an exchange, right before
// and right after each commit.
var DebugPassed atomic.Pointer[func()]

func passed() {
	if function := DebugPassed.Load(); function != nil {
		(*function)()
	}
}

// DebugLoad is storeLoad, with keys made as they are needed.
func (f *Federation) DebugLoad(ctx context.Context, wanted Wanted, now time.Time) (any, error) {
	values, err := alone{f.host, f.database}.Load(ctx, []Wanted{wanted}, now)
	if err != nil {
		return nil, err
	}
	return values[0].Value, nil
}

// DebugWrite runs a function in a transaction as the store does.
func (f *Federation) DebugWrite(ctx context.Context, function func(Tx) error) error {
	return f.database.write(ctx, function)
}

// DebugApply is storeApply.
func DebugApply(ctx context.Context, tx Tx, entries []Entry, now time.Time) error {
	return storeApply(ctx, tx, entries, now)
}

// DebugOnce is enterOnce.
func DebugOnce(ctx context.Context, tx Tx, keys []string, now time.Time) (bool, error) {
	return enterOnce(ctx, tx, keys, now)
}

// DebugPurge is storePurge.
func DebugPurge(ctx context.Context, tx Tx, now time.Time) error { return storePurge(ctx, tx, now) }

// DebugEnqueue adds jobs.
func DebugEnqueue(ctx context.Context, tx Tx, documents []json.RawMessage, now time.Time) error {
	return enqueue(ctx, tx, jobs, documents, now)
}

// DebugLease is a claimed job.
type DebugLease struct{ lease *lease }

// DebugClaim claims a job; nil when none is due.
func DebugClaim(ctx context.Context, tx Tx, now time.Time) (*DebugLease, error) {
	held, err := claim(ctx, tx, jobs, now)
	if held == nil {
		return nil, err
	}
	return &DebugLease{held}, err
}

// DebugCommit writes what a done holds, as the run of a lease or, with nil, as that of a request.
func (f *Federation) DebugCommit(ctx context.Context, done *Done, now time.Time, held *DebugLease) error {
	return f.database.write(ctx, func(tx Tx) error {
		if held == nil {
			return commit(ctx, tx, done, &f.handlers, now, nil)
		}
		return commit(ctx, tx, done, &f.handlers, now, held.lease)
	})
}

// ID is that of the row.
func (l *DebugLease) ID() string { return l.lease.id }

// Finish removes the row.
func (l *DebugLease) Finish(ctx context.Context, tx Tx) (bool, error) { return l.lease.finish(ctx, tx) }

// PutOff keeps the row for later.
func (l *DebugLease) PutOff(ctx context.Context, tx Tx, now time.Time) error {
	return l.lease.putOff(ctx, tx, now)
}
