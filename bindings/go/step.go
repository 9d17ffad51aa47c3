package fedigraft

// The steps of an exchange: what it needs next, and at the end what it came to. Plain values, read from the
// JSON of fedigraft_exchange_step.

import (
	"encoding/json"
	"time"
)

// Fields are the field lines of a request or an answer: name and value, in order. Each character of a value
// stands for one byte (latin-1).
type Fields [][2]string

// Step is what an exchange needs next. One of the pointers, or Load, is set.
type Step struct {
	// Number goes back with the answer.
	Number uint32
	// Load: documents are needed.
	Load []Wanted
	// Fetch: a request is to be made.
	Fetch *FetchRequest
	// Sign: bytes are to be signed.
	Sign *SignatureRequest
	// Done: the end, which alone has effects.
	Done *Done
}

// Wanted is one document that is asked for: a name of the load table, its key, and where to go on in a list.
type Wanted struct {
	Name   string `json:"name"`
	Key    string `json:"key"`
	Cursor string `json:"cursor"`
}

// Loaded answers one Wanted. The zero value says that it is known not to exist.
type Loaded struct {
	// Value is the document: anything that marshals to its JSON.
	Value any
	// Failed is why it could not be loaded: a word without user data.
	Failed string
	// Retryable: it may be there later.
	Retryable bool
}

// MarshalJSON writes {"value":…}, null or {"error":…}.
func (l Loaded) MarshalJSON() ([]byte, error) {
	switch {
	case l.Failed != "":
		return json.Marshal(map[string]any{"error": l.Failed, "retryable": l.Retryable})
	case l.Value == nil:
		return []byte("null"), nil
	}
	return json.Marshal(map[string]any{"value": l.Value})
}

// FetchRequest is a request to make. It is complete and signed: the headers are sent exactly as given.
type FetchRequest struct {
	Method  string `json:"method"`
	URL     string `json:"url"`
	Headers Fields `json:"headers"`
	Body    []byte `json:"-"`
	// SignAs is the local actor whose key signed it, for logs.
	SignAs string `json:"sign_as"`
	// MaxBody is the most bytes of the answer to read.
	MaxBody int `json:"max_body"`
	// Timeout is for everything, from resolving the name to the last byte.
	Timeout time.Duration `json:"-"`
	// AllowLocal permits plain HTTP and loopback addresses (development policy).
	AllowLocal bool `json:"allow_local"`
}

// Fetched is the answer to a FetchRequest. URL is the one that was asked, Address the peer connected to.
type Fetched struct {
	URL     string `json:"url"`
	Status  int    `json:"status"`
	Headers Fields `json:"headers"`
	Body    []byte `json:"-"`
	Address string `json:"address"`
}

// SignatureRequest asks for a signature with the key of a local actor.
type SignatureRequest struct {
	Actor     string `json:"actor"`
	KeyID     string `json:"key_id"`
	Algorithm string `json:"algorithm"`
	// Bytes are what is signed.
	Bytes []byte `json:"bytes"`
}

// Response is the answer to send to the peer, after the commit.
type Response struct {
	Status  int    `json:"status"`
	Headers Fields `json:"headers"`
	Body    []byte `json:"-"`
}

// Done is the end: everything here is written in one transaction, then the response leaves.
type Done struct {
	Response   *Response         `json:"response"`
	Events     []json.RawMessage `json:"events"`
	Store      []Entry           `json:"store"`
	Jobs       []json.RawMessage `json:"jobs"`
	Deliveries []json.RawMessage `json:"deliveries"`
	Once       []string          `json:"once"`
	Result     json.RawMessage   `json:"result"`
	Verdict    *Verdict          `json:"verdict"`
	// Document is the whole step as JSON, with members that this version does not know.
	Document json.RawMessage `json:"-"`
}

// Entry is one change to what the library remembers.
type Entry struct {
	// Op is "put", "put_if_newer", "add" (only when absent) or "remove".
	Op      string          `json:"op"`
	Name    string          `json:"name"`
	Key     string          `json:"key"`
	Value   json.RawMessage `json:"value"`
	Version int64           `json:"version"`
	// Expires is in seconds since the epoch, nil for never.
	Expires *int64 `json:"expires"`
}

// hasEffects is false when there is nothing to write, as after most reads.
func (d *Done) hasEffects() bool {
	return len(d.Once)+len(d.Store)+len(d.Jobs)+len(d.Deliveries)+len(d.Events) > 0
}

// readStep reads one step from its JSON and the raw body beside it.
func readStep(text, body []byte) (*Step, error) {
	var wire struct {
		Step  uint32            `json:"step"`
		Load  []Wanted          `json:"load"`
		Fetch json.RawMessage   `json:"fetch"`
		Sign  *SignatureRequest `json:"sign"`
		Done  json.RawMessage   `json:"done"`
	}
	if err := parse(text, &wire); err != nil {
		return nil, err
	}
	step := &Step{Number: wire.Step, Load: wire.Load, Sign: wire.Sign}
	if wire.Fetch != nil {
		ask := struct {
			*FetchRequest
			Seconds float64 `json:"timeout"`
		}{FetchRequest: &FetchRequest{Body: body}}
		if err := parse(wire.Fetch, &ask); err != nil {
			return nil, err
		}
		ask.FetchRequest.Timeout = time.Duration(ask.Seconds * float64(time.Second))
		step.Fetch = ask.FetchRequest
	}
	if wire.Done != nil {
		step.Done = &Done{Document: wire.Done}
		if err := parse(wire.Done, step.Done); err != nil {
			return nil, err
		}
		if step.Done.Response != nil {
			step.Done.Response.Body = body
		}
	}
	return step, nil
}
