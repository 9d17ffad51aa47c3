package fedigraft

// Requests from elsewhere, over net/http: federation in front of the site that is there. The head decides. A
// request that is not fedigraft's goes to the site untouched; not one byte of its body is read.
//
// The response leaves only after the commit. Whatever fails on this side, the database above all, is answered with
// 503 and Retry-After, so that the sender comes again and nothing is lost. A client that goes away cancels its
// exchange, which then has had no effect.

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"runtime/debug"
	"strconv"
	"strings"
)

const retryAfter = "30"

var errUnavailable = &Error{Code: CodeFailed, Reason: "unavailable", Message: "try again later"}

// Handler is the site with federation in front of it. With nil there is no site: 404.
func (f *Federation) Handler(site http.Handler) http.Handler {
	if site == nil {
		site = http.NotFoundHandler()
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		request := RequestHead(r)
		route, err := f.instance.Route(request)
		switch {
		case err != nil: // a request that cannot be read is the site's
			site.ServeHTTP(w, r)
		case !route.Ours && len(route.Headers) > 0:
			site.ServeHTTP(&adding{ResponseWriter: w, fields: route.Headers}, r)
		case !route.Ours:
			site.ServeHTTP(w, r)
		default:
			f.serve(w, r, route.MaxBody)
		}
	})
}

// serve answers a request that is ours.
func (f *Federation) serve(w http.ResponseWriter, r *http.Request, maxBody int64) {
	if r.ContentLength > maxBody {
		w.Header().Set("Connection", "close") // what was not read would be taken for the next request
	}
	if r.Body != nil { // a request that was made by hand may have none
		r.Body = http.MaxBytesReader(w, r.Body, maxBody)
	}
	request, err := ReadRequest(r, maxBody)
	var tooLong *http.MaxBytesError
	switch {
	case errors.Is(err, ErrTooLarge) || errors.As(err, &tooLong):
		refuse(w, http.StatusRequestEntityTooLarge, bodyTooLarge(maxBody), "")
		return
	case err != nil:
		refuse(w, http.StatusBadRequest, err, "")
		return
	}
	response, err := f.receive(r.Context(), request)
	switch {
	case r.Context().Err() != nil: // the client is gone, or this server ends: never to be taken for a success
		refuse(w, http.StatusServiceUnavailable, errUnavailable, retryAfter)
	case errors.Is(err, ErrBusy):
		refuse(w, http.StatusServiceUnavailable, err, retryAfter)
	case err != nil:
		f.log.Error("fedigraft: a request from elsewhere could not be handled", "error", err)
		refuse(w, http.StatusServiceUnavailable, errUnavailable, retryAfter)
	default:
		send(w, r.Method, response)
	}
}

// Receive answers a request that the instance's Route calls ours, for servers other than net/http: it plays the
// exchange, commits, and gives the response, which may leave then. An error is to be answered with 503.
func (f *Federation) Receive(ctx context.Context, request *Request) (*Response, error) {
	exchange, err := f.instance.Receive(f.inbound.now(), request)
	if err != nil {
		return nil, err
	}
	done, err := f.inbound.Run(ctx, exchange, guarded{alone{f.host, f.database}, f.log})
	if err != nil {
		return nil, err
	}
	if err := f.commit(ctx, done); err != nil {
		return nil, err
	}
	if done.Response == nil {
		return nil, &Error{Code: CodeInternal, Reason: "no_response", Message: "the request has no answer"}
	}
	return done.Response, nil
}

// receive is Receive; a panic of the host's code becomes an error, so that the sender gets its 503.
func (f *Federation) receive(ctx context.Context, request *Request) (response *Response, err error) {
	defer func() {
		if cause := recover(); cause != nil {
			err = fmt.Errorf("panic: %v\n%s", cause, debug.Stack())
		}
	}()
	return f.Receive(ctx, request)
}

func send(w http.ResponseWriter, method string, response *Response) {
	for _, field := range response.Headers {
		w.Header().Add(field[0], rawBytes(field[1]))
	}
	bodiless := response.Status == http.StatusNoContent || response.Status == http.StatusNotModified
	if !bodiless && w.Header().Get("Content-Length") == "" {
		w.Header().Set("Content-Length", strconv.Itoa(len(response.Body)))
	}
	w.WriteHeader(response.Status)
	if method != http.MethodHead && !bodiless {
		w.Write(response.Body) // a client that is gone gets nothing
	}
}

// refuse is an answer of this side, in the form of a verdict's public part.
func refuse(w http.ResponseWriter, status int, reason error, retry string) {
	own := errUnavailable
	errors.As(reason, &own)
	// Strings alone: it cannot fail.
	body, _ := json.Marshal(map[string]string{"error": own.Reason, "message": own.Message})
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	if retry != "" {
		w.Header().Set("Retry-After", retry)
	}
	w.WriteHeader(status)
	w.Write(body)
}

// adding puts the fields that routing asks for beside the site's own.
type adding struct {
	http.ResponseWriter
	fields Fields
	done   bool
}

// Unwrap lets http.ResponseController reach the server's own writer.
func (a *adding) Unwrap() http.ResponseWriter { return a.ResponseWriter }

// WriteHeader adds the fields, those that are not there yet.
func (a *adding) WriteHeader(status int) {
	if !a.done && status >= 200 {
		a.done = true
		for _, field := range a.fields {
			addWord(a.Header(), field[0], field[1])
		}
	}
	a.ResponseWriter.WriteHeader(status)
}

// Write sends the head first, if it was not.
func (a *adding) Write(body []byte) (int, error) {
	if !a.done {
		a.WriteHeader(http.StatusOK)
	}
	return a.ResponseWriter.Write(body)
}

// Flush sends what is buffered.
func (a *adding) Flush() {
	if !a.done {
		a.WriteHeader(http.StatusOK)
	}
	http.NewResponseController(a.ResponseWriter).Flush()
}

// addWord adds a field; a word of Vary is not said twice.
func addWord(header http.Header, name, value string) {
	for _, line := range header.Values(name) {
		for word := range strings.SplitSeq(line, ",") {
			if word = strings.TrimSpace(word); word == "*" || strings.EqualFold(word, value) {
				return
			}
		}
	}
	header.Add(name, value)
}
