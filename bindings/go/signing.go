package fedigraft

// Signatures of requests: sign what is about to be sent, verify what was received, explain a refusal.
// draft-cavage-http-signatures-12 with Digest, in the one form that every fediverse server accepts. These
// functions need nothing else of this package but a key and, to verify, an instance.

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"time"
)

// ActivityJSON is the media type of what servers send each other.
const ActivityJSON = "application/activity+json"

// Claim is the key a request says it is signed with. Nothing is verified yet.
type Claim struct {
	Scheme string `json:"scheme"`
	KeyID  string `json:"key_id"`
}

// Sign signs a request that is about to be sent, for clients other than net/http (there, see Transport and
// SignRequest). It gives the headers to send, in order: Host, Content-Type for a body, Date, Digest for a body,
// Signature. keyID is the key's public name, such as "https://me.example/ap/users/1#main-key". Sign each
// attempt afresh: some servers accept a signature for 60 seconds.
func Sign(key *PrivateKey, keyID, method, target string, body []byte, now time.Time) (Fields, error) {
	to, err := url.Parse(target)
	if err != nil || to.Scheme != "http" && to.Scheme != "https" || to.Hostname() == "" || to.User != nil {
		return nil, invalid("bad_url", "target", "expected an absolute http or https URL")
	}
	given := Fields{{"Host", to.Host}}
	if len(body) > 0 {
		given = append(given, [2]string{"Content-Type", ActivityJSON})
	}
	added, err := sign(key, keyID, &Request{Method: method, Target: to.RequestURI(), Headers: given, Body: body}, now)
	if err != nil {
		return nil, err
	}
	return append(given, added...), nil
}

// SignRequest signs a request of net/http in place: it sets Date, Signature and, for a body, Digest. The body is
// read and put back; it gets the type ActivityJSON when it has none.
func SignRequest(r *http.Request, key *PrivateKey, keyID string, now time.Time) error {
	var body []byte
	if r.Body != nil && r.Body != http.NoBody {
		read, err := io.ReadAll(r.Body)
		r.Body.Close()
		if err != nil {
			return err
		}
		body = read
		r.GetBody = func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(body)), nil }
		r.Body, _ = r.GetBody()
		r.ContentLength = int64(len(body))
		r.TransferEncoding = nil
	}
	if r.Header == nil {
		r.Header = http.Header{}
	}
	host := r.Host
	if host == "" {
		host = r.URL.Host
	}
	given := Fields{{"Host", host}}
	if len(body) > 0 {
		if r.Header.Get("Content-Type") == "" {
			r.Header.Set("Content-Type", ActivityJSON)
		}
		given = append(given, [2]string{"Content-Type", latin1(r.Header.Get("Content-Type"))})
	}
	added, err := sign(key, keyID, &Request{Method: r.Method, Target: r.URL.RequestURI(), Headers: given, Body: body}, now)
	if err != nil {
		return err
	}
	for _, field := range added {
		r.Header.Set(field[0], rawBytes(field[1]))
	}
	return nil
}

func sign(key *PrivateKey, keyID string, request *Request, now time.Time) (Fields, error) {
	if request.Method == "" {
		request.Method = http.MethodGet // as net/http has it
	}
	if key == nil {
		return nil, invalid("missing_key", "key", "expected the private key to sign with")
	}
	address, err := key.enter()
	if err != nil {
		return nil, err
	}
	defer key.leave()
	text, err := nativeRequestSign(address, keyID, now.Unix(), request.head(), request.Body)
	if err != nil {
		return nil, err
	}
	var added Fields
	return added, json.Unmarshal(text, &added)
}

// Claim is the key a received request names, so that it can be fetched. ErrMalformed: it has no signature, or
// one that cannot be read; Reason is the verdict's code.
func (r *Request) Claim() (*Claim, error) {
	text, err := nativeRequestKeyID(r.head())
	if err != nil {
		return nil, err
	}
	var claim Claim
	return &claim, parse(text, &claim)
}

// Verify judges a received request: coverage, host, time, digest, signature. That the key belongs to the actor
// of the activity is for the caller to prove; Receive does all of it. A refusal is a verdict, not an error.
func (i *Instance) Verify(request *Request, key *PublicKey, now time.Time) (*Verdict, error) {
	return i.judge(nativeRequestVerify, request, key, now)
}

// Explain is as Verify, with the evidence: every rule is tried, also after one has failed.
func (i *Instance) Explain(request *Request, key *PublicKey, now time.Time) (*Verdict, error) {
	return i.judge(nativeRequestExplain, request, key, now)
}

func (i *Instance) judge(
	function func(instance, key pointer, now int64, head, body []byte) ([]byte, error),
	request *Request, key *PublicKey, now time.Time,
) (*Verdict, error) {
	instance, err := i.enter()
	if err != nil {
		return nil, err
	}
	defer i.leave()
	if key == nil {
		return nil, invalid("missing_key", "key", "expected the public key to verify with")
	}
	with, err := key.enter()
	if err != nil {
		return nil, err
	}
	defer key.leave()
	text, err := function(instance, with, now.Unix(), request.head(), request.Body)
	if err != nil {
		return nil, err
	}
	var verdict Verdict
	return &verdict, parse(text, &verdict)
}
