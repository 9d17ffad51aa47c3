package fedigraft

// Signing for hosts that send by themselves: an http.RoundTripper that signs every request.

import (
	"net/http"
	"time"
)

// Transport signs each request and hands it to Base. Safe for concurrent use. A redirect that http.Client
// follows is signed anew, as each hop is a request of its own.
type Transport struct {
	// Key signs. It must stay open as long as the Transport is used.
	Key *PrivateKey
	// KeyID is the key's public name, such as "https://me.example/ap/users/1#main-key".
	KeyID string
	// Base sends; nil is http.DefaultTransport.
	Base http.RoundTripper
	// Clock tells the time; nil is time.Now.
	Clock func() time.Time
}

// RoundTrip signs a copy of the request and sends it.
func (t *Transport) RoundTrip(r *http.Request) (*http.Response, error) {
	now := time.Now
	if t.Clock != nil {
		now = t.Clock
	}
	signed := r.Clone(r.Context())
	if err := SignRequest(signed, t.Key, t.KeyID, now()); err != nil {
		if r.Body != nil {
			r.Body.Close()
		}
		return nil, err
	}
	base := t.Base
	if base == nil {
		base = http.DefaultTransport
	}
	return base.RoundTrip(signed)
}
