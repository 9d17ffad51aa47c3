package fedigraft

// The worker: runs jobs and sends deliveries, in this process or in one of its own. Any number of workers may share
// a database: each row is leased before it is worked on, and a worker that is killed leaves its row to the others
// when the lease runs out. Every run is one exchange and one commit.

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"sync"
	"time"
)

const purgeEvery = time.Hour

// Work runs jobs and deliveries until ctx ends; then it finishes what it is at and gives nil.
func (f *Federation) Work(ctx context.Context) error {
	var loops sync.WaitGroup
	for range f.workers {
		loops.Add(1)
		go func() {
			defer loops.Done()
			f.loop(ctx)
		}()
	}
	loops.Wait()
	return nil
}

// Drain works until nothing is due and gives the number of runs. For tests and cron.
func (f *Federation) Drain(ctx context.Context) (int, error) {
	for runs := 0; ; runs++ {
		if err := ctx.Err(); err != nil {
			return runs, err
		}
		if more, err := f.runOne(ctx); err != nil || !more {
			return runs, err
		}
	}
}

// Wake makes the workers of this process look at the queue now. Call it after the commit of a transaction with an
// action in it: the commit is the host's, so nothing else can tell. Without it they look within Config.Poll, as the
// workers of other processes do.
func (f *Federation) Wake() { f.bell.ring() }

func (f *Federation) loop(ctx context.Context) {
	for ctx.Err() == nil {
		rung := f.bell.listen() // before the look, so that no ring in between is lost
		// What has begun is finished: an attempt that is cut off would only be made again.
		more, err := f.runOne(context.WithoutCancel(ctx))
		if err == nil && more {
			continue
		}
		if err == nil {
			err = f.purge(context.WithoutCancel(ctx))
		}
		if err != nil {
			// The database is away; the rows are still there when it comes back.
			f.log.Error("fedigraft: the worker could not reach its queue", "error", err)
			rung = nil
		}
		select {
		case <-ctx.Done():
		case <-rung:
		case <-time.After(f.poll):
		}
	}
}

// runOne runs one row that is due; false when there is none.
func (f *Federation) runOne(ctx context.Context) (bool, error) {
	for _, from := range []queue{jobs, deliveries} {
		var held *lease
		err := f.database.write(ctx, func(tx Tx) (err error) {
			held, err = claim(ctx, tx, from, f.driver.now())
			return err
		})
		if err != nil {
			return false, err
		}
		if held != nil {
			return true, f.run(ctx, held)
		}
	}
	return false, nil
}

// run runs a row; when that fails the row is kept for later.
func (f *Federation) run(ctx context.Context, held *lease) error {
	err := f.attempt(ctx, held)
	switch {
	case err == nil:
		return nil
	case errors.Is(err, errLeaseLost):
		f.log.Info("fedigraft: a row was taken over by another worker", "queue", held.queue, "id", held.id)
		return nil
	}
	f.log.Error("fedigraft: a row could not be run and is kept for later", "queue", held.queue, "id", held.id, "error", err)
	return f.database.write(context.WithoutCancel(ctx), func(tx Tx) error { return held.putOff(ctx, tx, f.driver.now()) })
}

func (f *Federation) attempt(ctx context.Context, held *lease) (err error) {
	defer func() {
		// One row that makes the host panic must not stop all others.
		if cause := recover(); cause != nil {
			err = fmt.Errorf("panic: %v\n%s", cause, debug.Stack())
		}
	}()
	begin := f.instance.Resume
	if held.queue == deliveries {
		begin = f.instance.Send
	}
	exchange, err := begin(f.driver.now(), held.document)
	if err != nil {
		return err
	}
	done, err := f.driver.Run(ctx, exchange, alone{f.host, f.database})
	if err != nil {
		return err
	}
	f.log.Debug("fedigraft: ran", "queue", held.queue, "id", held.id, "result", string(done.Result))
	err = f.database.write(ctx, func(tx Tx) error { return commit(ctx, tx, done, &f.handlers, f.driver.now(), held) })
	if err == nil && len(done.Jobs)+len(done.Deliveries) > 0 {
		f.Wake() // for the other workers
	}
	return err
}

// purge drops what has expired, once an hour.
func (f *Federation) purge(ctx context.Context) error {
	now := f.driver.now()
	last := f.purged.Load()
	if now.Sub(time.Unix(last, 0)) < purgeEvery || !f.purged.CompareAndSwap(last, now.Unix()) {
		return nil
	}
	return f.database.write(ctx, func(tx Tx) error { return storePurge(ctx, tx, now) })
}

// bell wakes whoever listens.
type bell struct {
	mu   sync.Mutex
	rung chan struct{}
}

func (b *bell) listen() <-chan struct{} {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.rung == nil {
		b.rung = make(chan struct{})
	}
	return b.rung
}

func (b *bell) ring() {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.rung != nil {
		close(b.rung)
		b.rung = nil
	}
}
