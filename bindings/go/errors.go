package fedigraft

// Errors: what happened, where, what was expected and whether to try again. One type for all; errors.Is with
// the sentinels below tells the kinds apart, errors.As gives the rest. Texts hold no user data.

import "errors"

// Code is the kind of failure, by what the caller can do about it.
type Code string

// The codes. Those up to CodeInternal are the statuses of the C interface (include/fedigraft.h).
const (
	CodeInvalidArgument Code = "invalid_argument"
	CodeMalformed       Code = "malformed"
	CodeUnsupported     Code = "unsupported"
	CodeTooLarge        Code = "too_large"
	CodeRefused         Code = "refused"
	CodeOutOfStep       Code = "out_of_step"
	CodeBusy            Code = "busy"
	CodeFailed          Code = "failed"
	CodeTooNew          Code = "too_new"
	CodeCrypto          Code = "crypto"
	CodeInternal        Code = "internal"
	CodeFetchFailed     Code = "fetch_failed"
	CodeNotFound        Code = "not_found"
)

// Error is why something failed.
type Error struct {
	// Code is the kind of failure.
	Code Code
	// Reason is a stable word for the cause, such as "duplicate_key".
	Reason string
	// Message is one sentence for the reader.
	Message string
	// Place is a JSON pointer (RFC 6901), a header's name or an argument; empty when there is no place.
	Place string
	// Retryable is true when the same call may succeed later.
	Retryable bool

	cause error
}

// Error gives the sentence with the reason and the place.
func (e *Error) Error() string {
	text := "fedigraft: " + e.Message + " (" + e.Reason
	if e.Place != "" {
		text += " at " + e.Place
	}
	return text + ")"
}

// Unwrap gives what made it fail, such as the error of a connection; nil when the library itself says so.
func (e *Error) Unwrap() error { return e.cause }

// Is compares with the sentinels: each stands for all errors of its code, or for one reason.
func (e *Error) Is(target error) bool {
	kind, ok := target.(*sentinel)
	return ok && (kind.code == "" || kind.code == e.Code) && (kind.reason == "" || kind.reason == e.Reason)
}

type sentinel struct {
	code   Code
	reason string
	text   string
}

func (s *sentinel) Error() string { return "fedigraft: " + s.text }

// The kinds of errors, for errors.Is.
var (
	// ErrInvalidArgument: an argument is missing or wrong or contradicts another: a fault in the calling code.
	ErrInvalidArgument error = &sentinel{CodeInvalidArgument, "", "invalid argument"}
	// ErrMalformed: foreign bytes are not what they claim to be: not UTF-8, not JSON, not PEM, a wrong shape.
	ErrMalformed error = &sentinel{CodeMalformed, "", "malformed"}
	// ErrUnsupported: well formed, but of a kind this library does not handle.
	ErrUnsupported error = &sentinel{CodeUnsupported, "", "unsupported"}
	// ErrTooLarge: over a documented bound of size, depth or number.
	ErrTooLarge error = &sentinel{CodeTooLarge, "", "too large"}
	// ErrRefused: a rule forbids it: a private post, a blocked host, a private address.
	ErrRefused error = &sentinel{CodeRefused, "", "refused"}
	// ErrOutOfStep: an answer to a step the exchange is not at.
	ErrOutOfStep error = &sentinel{CodeOutOfStep, "", "out of step"}
	// ErrBusy: another goroutine is inside this exchange, or as many are fetching as are allowed.
	ErrBusy error = &sentinel{CodeBusy, "", "busy"}
	// ErrFailed: the exchange ended early: something it needed could not be done.
	ErrFailed error = &sentinel{CodeFailed, "", "failed"}
	// ErrTooNew: a stored document of a newer major version: keep it and try again after the upgrade.
	ErrTooNew error = &sentinel{CodeTooNew, "", "too new"}
	// ErrCrypto: the cryptographic backend refused the key or the operation.
	ErrCrypto error = &sentinel{CodeCrypto, "", "crypto"}
	// ErrInternal: a bug in this library. Please report it with the message.
	ErrInternal error = &sentinel{CodeInternal, "", "internal"}
	// ErrFetchFailed: a request could not be made or its answer could not be read.
	ErrFetchFailed error = &sentinel{CodeFetchFailed, "", "the fetch failed"}
	// ErrClosed: a handle was used after Close.
	ErrClosed error = &sentinel{CodeInvalidArgument, "closed", "the handle is closed"}
	// ErrNotFound: nothing has this name. A Host may return it for what is known not to exist.
	ErrNotFound error = &sentinel{"", "not_found", "not found"}
)

// Retryable tells whether the same call may succeed later. False for errors that are not this library's.
func Retryable(err error) bool {
	var own *Error
	return errors.As(err, &own) && own.Retryable
}

func invalid(reason, place, message string) *Error {
	return &Error{Code: CodeInvalidArgument, Reason: reason, Place: place, Message: message}
}
