package fedigraft

// Handles of the native library: each is freed exactly once, never under a call that still uses it.
//
// C leaves the use of a freed handle undefined; this file makes it ErrClosed. Every handle counts the calls in
// flight. Close marks it closed, and the last call to leave frees it. A handle that is forgotten is freed by
// the garbage collector.

import (
	"runtime"
	"sync/atomic"
)

// closed is the bit of native.calls that says that no further call may begin; the other bits count.
const closed = 1 << 62

// native is what the library owns, apart from the Go value that stands for it, so that the cleanup does not
// keep that value alive.
type native struct {
	calls   atomic.Int64
	address pointer
	free    func(pointer)
	name    string
}

// handle is embedded in each type that stands for something native.
type handle struct{ native *native }

// own ties a native pointer to the Go value that holds the handle.
func own[T any](holder *T, inside *handle, address pointer, free func(pointer), name string) *T {
	inside.native = &native{address: address, free: free, name: name}
	runtime.AddCleanup(holder, (*native).close, inside.native)
	return holder
}

// enter gives the pointer for one call, which must be followed by leave. A holder that was made by hand
// rather than by this package counts as closed.
func (h *handle) enter() (pointer, error) {
	if h == nil || h.native == nil {
		return nil, invalid("closed", "", "this was not made by a function of this package")
	}
	n := h.native
	for {
		calls := n.calls.Load()
		if calls&closed != 0 {
			return nil, invalid("closed", n.name, "this "+n.name+" is closed; make a new one")
		}
		if n.calls.CompareAndSwap(calls, calls+1) {
			if debugging {
				runtime.GC()
			}
			return n.address, nil
		}
	}
}

// leave ends a call. The holder may be collected before that: the count keeps what is native until here.
func (h *handle) leave() {
	n := h.native
	if n.calls.Add(-1) == closed {
		n.free(n.address)
	}
}

// Close frees it now, or as soon as the last call in flight returns. Closing twice is fine; every use after it
// gives ErrClosed. The error is always nil; it is there for io.Closer.
func (h *handle) Close() error {
	if h != nil && h.native != nil {
		h.native.close()
	}
	return nil
}

func (n *native) close() {
	for {
		calls := n.calls.Load()
		if calls&closed != 0 {
			return
		}
		if n.calls.CompareAndSwap(calls, calls|closed) {
			if calls == 0 {
				n.free(n.address)
			}
			return
		}
	}
}
