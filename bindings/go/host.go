package fedigraft

// The host's side of an exchange: what it is asked, what it is told, and what answers a driver.

import (
	"context"
	"database/sql"
	"errors"
	"log/slog"
	"reflect"
	"strings"
	"sync"
	"time"
)

// Host answers what fedigraft asks about the site's own users and posts. Each method gets the open transaction
// and reads there, and nowhere else. nil without an error, ErrNotFound, or the sql.ErrNoRows of a Scan says that it
// is known not to exist; any other error reads as "not now", and the peer tries again.
type Host interface {
	// Profile gives a local profile. key is its id, or "@username".
	Profile(ctx context.Context, tx Tx, key string) (*Profile, error)
	// Post gives a local post.
	Post(ctx context.Context, tx Tx, id string) (*Post, error)
	// Posts gives a page of a profile's public posts, newest first. cursor is "" for the first page, then the
	// Next of the page before.
	Posts(ctx context.Context, tx Tx, profile, cursor string) (*Posts, error)
}

// Blocker may be implemented by a Host too.
type Blocker interface {
	// Blocked says whether a host name or an actor's URI is blocked.
	Blocked(ctx context.Context, tx Tx, key string) (bool, error)
}

// handlers are the functions that events are told to, in the order they were registered.
type handlers struct {
	mu  sync.RWMutex
	all []handler
}

type handler struct {
	kind reflect.Type
	call func(context.Context, Tx, Event) error
}

// On registers a handler of events of one type, which its parameter names; a handler of an interface, such as Event
// or RemoteEvent, gets all that have its methods. Any number may be registered, before the federation is used.
//
// It runs inside the transaction that stores what came with the event. If it fails, nothing is stored and the
// sender tries again.
func On[E Event](f *Federation, function func(ctx context.Context, tx Tx, event E) error) {
	kind := reflect.TypeFor[E]()
	if kind.Kind() == reflect.Pointer {
		panic("fedigraft.On: events are values; take " + kind.Elem().String() + ", not a pointer to it")
	}
	f.handlers.mu.Lock()
	defer f.handlers.mu.Unlock()
	f.handlers.all = append(f.handlers.all, handler{kind, func(ctx context.Context, tx Tx, event Event) error {
		return function(ctx, tx, event.(E))
	}})
}

// tell hands an event to its handlers.
func (h *handlers) tell(ctx context.Context, tx Tx, event Event) error {
	h.mu.RLock()
	all := h.all // append never changes what is there
	h.mu.RUnlock()
	kind := reflect.TypeOf(event)
	for _, one := range all {
		if kind == one.kind || one.kind.Kind() == reflect.Interface && kind.Implements(one.kind) {
			if err := one.call(ctx, tx, event); err != nil {
				return err
			}
		}
	}
	return nil
}

// hostLoad answers one document; the zero value when it is known not to exist.
func hostLoad(ctx context.Context, tx Tx, host Host, wanted Wanted, now time.Time) (Loaded, error) {
	var value any
	var err error
	switch wanted.Name {
	case "profile":
		value, err = orNothing(host.Profile(ctx, tx, wanted.Key))
	case "post":
		value, err = orNothing(host.Post(ctx, tx, wanted.Key))
	case "posts":
		value, err = orNothing(host.Posts(ctx, tx, wanted.Key, wanted.Cursor))
	case "blocked":
		if ask, ok := host.(Blocker); ok {
			var blocked bool
			if blocked, err = ask.Blocked(ctx, tx, wanted.Key); blocked {
				value = true
			}
		}
	default:
		value, err = storeLoad(ctx, tx, wanted, now)
	}
	return Loaded{Value: value}, err
}

// orNothing turns a nil pointer, or an error that says so, into a nil value.
func orNothing[T any](found *T, err error) (any, error) {
	if found == nil && err == nil || isNotFound(err) {
		return nil, nil
	}
	return found, err
}

func isNotFound(err error) bool { return errors.Is(err, ErrNotFound) || errors.Is(err, sql.ErrNoRows) }

// loadAll answers all documents of a step.
func loadAll(ctx context.Context, tx Tx, host Host, wanted []Wanted, now time.Time) ([]Loaded, error) {
	values := make([]Loaded, len(wanted))
	for i, one := range wanted {
		loaded, err := hostLoad(ctx, tx, host, one, now)
		if err != nil {
			return nil, err
		}
		values[i] = loaded
	}
	return values, nil
}

// joined answers an exchange in one open transaction; what goes wrong ends it.
type joined struct {
	host Host
	tx   Tx
}

func (j joined) Load(ctx context.Context, wanted []Wanted, now time.Time) (values []Loaded, err error) {
	err = makingKeys(
		func() (err error) { values, err = loadAll(ctx, j.tx, j.host, wanted, now); return err },
		func(actor, pem string) error { return makeKey(ctx, j.tx, actor, pem, now) })
	return values, err
}

func (j joined) Sign(ctx context.Context, request *SignatureRequest, now time.Time) ([]byte, error) {
	var key *PrivateKey
	err := makingKeys(
		func() (err error) { key, err = keyOf(ctx, j.tx, request.Actor); return err },
		func(actor, pem string) error { return makeKey(ctx, j.tx, actor, pem, now) })
	if err != nil {
		return nil, err
	}
	return key.Sign(request.Bytes)
}

// alone answers an exchange in transactions of its own, one for each step; what goes wrong ends it. A key that is
// missing is made outside of them, as that takes a while.
type alone struct {
	host     Host
	database *database
}

func (a alone) Load(ctx context.Context, wanted []Wanted, now time.Time) (values []Loaded, err error) {
	err = makingKeys(
		func() error {
			return a.database.read(ctx, func(tx Tx) (err error) {
				values, err = loadAll(ctx, tx, a.host, wanted, now)
				return err
			})
		}, a.saveKey(ctx, now))
	return values, err
}

func (a alone) Sign(ctx context.Context, request *SignatureRequest, now time.Time) ([]byte, error) {
	var key *PrivateKey
	err := makingKeys(
		func() error {
			return a.database.read(ctx, func(tx Tx) (err error) { key, err = keyOf(ctx, tx, request.Actor); return err })
		}, a.saveKey(ctx, now))
	if err != nil {
		return nil, err
	}
	return key.Sign(request.Bytes) // after the transaction: signing takes longer than it
}

func (a alone) saveKey(ctx context.Context, now time.Time) func(actor, pem string) error {
	return func(actor, pem string) error {
		return a.database.write(ctx, func(tx Tx) error { return makeKey(ctx, tx, actor, pem, now) })
	}
}

// guarded is as alone, for requests from elsewhere: what goes wrong is logged and answered as an error. The core
// then answers 503, and the sender tries again.
type guarded struct {
	alone
	log *slog.Logger
}

func (g guarded) Load(ctx context.Context, wanted []Wanted, now time.Time) ([]Loaded, error) {
	values, err := g.alone.Load(ctx, wanted, now)
	if err == nil || ctx.Err() != nil {
		return values, err
	}
	names := make([]string, len(wanted))
	values = make([]Loaded, len(wanted))
	for i, one := range wanted {
		names[i] = one.Name
		values[i] = Loaded{Failed: "load_failed", Retryable: true}
	}
	g.log.Error("fedigraft: loading failed", "names", strings.Join(names, ", "), "error", err)
	return values, nil
}

func (g guarded) Sign(ctx context.Context, request *SignatureRequest, now time.Time) ([]byte, error) {
	signature, err := g.alone.Sign(ctx, request, now)
	var own *Error
	if err == nil || ctx.Err() != nil || errors.As(err, &own) {
		return signature, err
	}
	g.log.Error("fedigraft: signing failed", "error", err)
	return nil, &Error{Code: CodeFailed, Reason: "sign_failed", Message: "signing failed", Retryable: true, cause: err}
}
