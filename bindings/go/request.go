package fedigraft

// Requests as received: raw target, field lines, the exact body. A signature covers these bytes, so nothing
// here is decoded or put in order.

import (
	"bytes"
	"encoding/json"
	"io"
	"maps"
	"net"
	"net/http"
	"slices"
	"strconv"
	"strings"
)

// Request is a request as the host's server received it.
type Request struct {
	Method string
	// Target is the raw path and query, as on the request line.
	Target string
	// Headers are the field lines, repeated ones kept.
	Headers Fields
	// Body is the exact bytes.
	Body []byte
	// Client is the peer's address, for limits only.
	Client string
}

// RequestHead takes the head of a request; its body is not read. net/http keeps the lines of one name in
// order, which is all that a signature needs.
func RequestHead(r *http.Request) *Request {
	fields := Fields{{"Host", latin1(r.Host)}}
	for _, name := range slices.Sorted(maps.Keys(r.Header)) {
		for _, value := range r.Header[name] {
			fields = append(fields, [2]string{name, latin1(value)})
		}
	}
	client, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		client = ""
	}
	return &Request{Method: r.Method, Target: rawTarget(r), Headers: fields, Client: client}
}

// ReadRequest takes a whole request. The body is read, at most maxBody bytes, and put back into r.
// ErrTooLarge: it is longer.
func ReadRequest(r *http.Request, maxBody int64) (*Request, error) {
	request := RequestHead(r)
	if r.Body == nil {
		return request, nil
	}
	if r.ContentLength > maxBody {
		return nil, bodyTooLarge(maxBody)
	}
	body, err := io.ReadAll(io.LimitReader(r.Body, maxBody+1))
	if err != nil {
		return nil, &Error{Code: CodeMalformed, Reason: "body_cut_off", Message: "the body ended early", cause: err}
	}
	if int64(len(body)) > maxBody {
		return nil, bodyTooLarge(maxBody)
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	request.Body = body
	return request, nil
}

// ParseRequest reads a captured HTTP/1.1 request: request line, header lines, an empty line, the body. Lines
// may end in CRLF or LF. A body is cut at Content-Length, so that an editor's last newline does no harm.
// ErrMalformed: it is not such a request.
func ParseRequest(captured []byte) (*Request, error) {
	head, body, found := bytes.Cut(captured, []byte("\r\n\r\n"))
	if !found || bytes.Contains(head, []byte("\n\n")) {
		head, body, _ = bytes.Cut(captured, []byte("\n\n"))
	}
	lines := strings.Split(strings.ReplaceAll(latin1(string(head)), "\r\n", "\n"), "\n")
	words := strings.Split(lines[0], " ")
	if len(words) != 2 && len(words) != 3 || words[0] == "" || strings.ToUpper(words[0]) == strings.ToLower(words[0]) {
		return nil, badCapture("expected a request line such as `POST /inbox HTTP/1.1`", 1)
	}
	request := &Request{Method: words[0], Target: rawBytes(words[1]), Body: body}
	for number, line := range lines[1:] {
		name, value, found := strings.Cut(line, ":")
		if line == "" && number == len(lines)-2 {
			break
		}
		if name = strings.TrimSpace(name); !found || name == "" {
			return nil, badCapture("expected `Name: value`", number+2)
		}
		request.Headers = append(request.Headers, [2]string{name, strings.TrimSpace(value)})
	}
	if length, err := strconv.Atoi(request.Header("Content-Length")); err == nil && length >= 0 && length < len(body) {
		request.Body = body[:length]
	}
	return request, nil
}

// Header is the first value of a name, "" for none.
func (r *Request) Header(name string) string {
	for _, field := range r.Headers {
		if strings.EqualFold(field[0], name) {
			return field[1]
		}
	}
	return ""
}

// head is the head as it crosses the C interface.
func (r *Request) head() []byte {
	wire := struct {
		Method  string  `json:"method"`
		Target  string  `json:"target"`
		Headers Fields  `json:"headers"`
		Client  *string `json:"client"`
	}{r.Method, r.Target, r.Headers, nil}
	if wire.Headers == nil {
		wire.Headers = Fields{}
	}
	if r.Client != "" {
		wire.Client = &r.Client
	}
	text, _ := json.Marshal(wire) // strings alone: it cannot fail
	return text
}

// rawTarget is the path and query as they were sent.
func rawTarget(r *http.Request) string {
	target := r.RequestURI
	if target == "" {
		return r.URL.RequestURI() // a request that no server read
	}
	if _, rest, found := strings.Cut(target, "://"); found && !strings.HasPrefix(target, "/") {
		if at := strings.IndexAny(rest, "/?"); at < 0 {
			return "/"
		} else if rest[at] == '?' {
			return "/" + rest[at:]
		} else {
			return rest[at:]
		}
	}
	return target
}

// latin1 makes text of bytes, one character for each.
func latin1(raw string) string {
	for i := range len(raw) {
		if raw[i] >= 0x80 {
			runes := make([]rune, len(raw))
			for j := range len(raw) {
				runes[j] = rune(raw[j])
			}
			return string(runes)
		}
	}
	return raw
}

// rawBytes is the way back from latin1.
func rawBytes(text string) string {
	for i := range len(text) {
		if text[i] >= 0x80 {
			raw := make([]byte, 0, len(text))
			for _, r := range text {
				raw = append(raw, byte(r))
			}
			return string(raw)
		}
	}
	return text
}

func bodyTooLarge(limit int64) *Error {
	return &Error{
		Code: CodeTooLarge, Reason: "body_too_large", Message: "expected at most " + strconv.FormatInt(limit, 10) + " bytes",
	}
}

func badCapture(message string, line int) *Error {
	return &Error{
		Code: CodeMalformed, Reason: "bad_capture", Message: message, Place: "line " + strconv.Itoa(line),
	}
}
