package fedigraft

// The exchange: one unit of work that asks for one thing after another and has an effect only when it is done.
// Exchange is the native handle. Driver plays it to its end: it answers load, fetch and sign with what it was
// given.

import (
	"context"
	"errors"
	"sync/atomic"
	"time"
)

// Exchange is one exchange. It serves one goroutine at a time; a second one gets ErrBusy. Closing it early
// leaves no trace.
type Exchange struct{ handle }

// Step says what is needed next. Asking again gives the same step.
func (x *Exchange) Step() (*Step, error) {
	address, err := x.enter()
	if err != nil {
		return nil, err
	}
	defer x.leave()
	text, body, err := nativeExchangeStep(address)
	if err != nil {
		return nil, err
	}
	passed()
	return readStep(text, body)
}

// AnswerLoad gives one value for each document that was asked for, in order.
func (x *Exchange) AnswerLoad(step uint32, now time.Time, values []Loaded) error {
	text, err := document(values)
	if err != nil {
		return err
	}
	return x.answer(func(address pointer) error { return nativeExchangeAnswerLoad(address, step, now.Unix(), text) })
}

// AnswerFetch gives the answer to a request.
func (x *Exchange) AnswerFetch(step uint32, now time.Time, answer *Fetched) error {
	text, err := document(answer)
	if err != nil {
		return err
	}
	return x.answer(func(address pointer) error {
		return nativeExchangeAnswerFetch(address, step, now.Unix(), text, answer.Body)
	})
}

// AnswerSign gives the signature over the bytes that were asked for.
func (x *Exchange) AnswerSign(step uint32, now time.Time, signature []byte) error {
	return x.answer(func(address pointer) error {
		return nativeExchangeAnswerSign(address, step, now.Unix(), signature)
	})
}

// AnswerFailed says that a step could not be done. reason is a word without user data.
func (x *Exchange) AnswerFailed(step uint32, now time.Time, reason string, retryable bool) error {
	return x.answer(func(address pointer) error {
		return nativeExchangeAnswerFailed(address, step, now.Unix(), reason, retryable)
	})
}

func (x *Exchange) answer(function func(pointer) error) error {
	address, err := x.enter()
	if err != nil {
		return err
	}
	defer x.leave()
	return function(address)
}

// Answerer answers what an exchange asks of its host: documents of the host and the store, and signatures with the
// keys of local actors. What it asks of the network is a Fetcher's. The answers belong to one exchange: an Answerer
// may hold the transaction that they are read in.
type Answerer interface {
	// Load gives one answer for each document, in order. An error ends the exchange.
	Load(ctx context.Context, wanted []Wanted, now time.Time) ([]Loaded, error)
	// Sign gives the signature of a local actor. An *Error is told to the exchange, which goes on.
	Sign(ctx context.Context, request *SignatureRequest, now time.Time) ([]byte, error)
}

// Fetcher makes the requests an exchange asks for. Network is the default one.
type Fetcher interface {
	// Fetch makes the request and reads the whole answer. It follows no redirect.
	Fetch(ctx context.Context, request *FetchRequest) (*Fetched, error)
}

// Driver plays exchanges to their end. Safe for concurrent use.
type Driver struct {
	// Fetcher makes requests; nil is a &Network{}.
	Fetcher Fetcher
	// Clock tells the time; nil is time.Now.
	Clock func() time.Time
	// MostFetching is how many exchanges may be fetching at once; a further one ends with ErrBusy. Zero sets no
	// limit.
	MostFetching int

	fetching atomic.Int64
}

// Run plays an exchange to its end and closes it. When ctx ends before, it has had no effect.
func (d *Driver) Run(ctx context.Context, exchange *Exchange, answerer Answerer) (*Done, error) {
	defer exchange.Close()
	for {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		step, err := exchange.Step()
		if err != nil {
			return nil, err
		}
		switch {
		case step.Done != nil:
			return step.Done, nil
		case step.Fetch != nil:
			err = d.fetch(ctx, exchange, step)
		case step.Sign != nil:
			err = d.sign(ctx, exchange, step, answerer)
		default:
			err = d.load(ctx, exchange, step, answerer)
		}
		if err != nil {
			return nil, err
		}
	}
}

func (d *Driver) now() time.Time {
	if d.Clock == nil {
		return time.Now()
	}
	return d.Clock()
}

func (d *Driver) load(ctx context.Context, exchange *Exchange, step *Step, answerer Answerer) error {
	now := d.now()
	values, err := answerer.Load(ctx, step.Load, now)
	if err != nil {
		return err
	}
	return exchange.AnswerLoad(step.Number, now, values)
}

func (d *Driver) sign(ctx context.Context, exchange *Exchange, step *Step, answerer Answerer) error {
	now := d.now()
	signature, err := answerer.Sign(ctx, step.Sign, now)
	var own *Error
	switch {
	case errors.As(err, &own):
		return exchange.AnswerFailed(step.Number, now, own.Reason, own.Retryable)
	case err != nil:
		return err
	}
	return exchange.AnswerSign(step.Number, now, signature)
}

func (d *Driver) fetch(ctx context.Context, exchange *Exchange, step *Step) error {
	defer d.fetching.Add(-1)
	if d.fetching.Add(1) > int64(d.MostFetching) && d.MostFetching > 0 {
		return &Error{
			Code: CodeBusy, Reason: "too_many_fetches", Message: "too many exchanges are fetching", Retryable: true,
		}
	}
	fetcher := d.Fetcher
	if fetcher == nil {
		fetcher = defaultNetwork
	}
	answer, err := fetcher.Fetch(ctx, step.Fetch)
	if ctx.Err() != nil {
		return ctx.Err()
	}
	var own *Error
	switch {
	case errors.As(err, &own) && own.Code == CodeFetchFailed:
		return exchange.AnswerFailed(step.Number, d.now(), own.Reason, own.Retryable)
	case err != nil:
		return err
	}
	return exchange.AnswerFetch(step.Number, d.now(), answer)
}
