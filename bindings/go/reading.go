package fedigraft

// Reading foreign documents: posts, profiles and activities from the wire, and their HTML. None of these needs
// an instance, and none proves who wrote a document: that is the exchange's work.

import (
	"encoding/json"
	"time"
)

// ReadPost reads an ActivityPub object as a post; its HTML is sanitised. ErrMalformed, ErrUnsupported,
// ErrTooLarge: it is not one, of another kind, or over a bound.
func ReadPost(object []byte) (*Post, error) {
	text, err := nativePostRead(object)
	if err != nil {
		return nil, err
	}
	var found struct{ Post Post }
	return &found.Post, parse(text, &found)
}

// ReadProfile reads an ActivityPub actor as a profile; its HTML is sanitised. ErrMalformed, ErrUnsupported,
// ErrTooLarge: it is not one, of another kind, or over a bound.
func ReadProfile(actor []byte) (*Profile, error) {
	text, err := nativeProfileRead(actor)
	if err != nil {
		return nil, err
	}
	var found struct{ Profile Profile }
	return &found.Profile, parse(text, &found)
}

// Activity is who did what to what. An object is its URI or the document itself.
type Activity struct {
	ID     string            `json:"id"`
	Type   string            `json:"type"`
	Actor  string            `json:"actor"`
	Object json.RawMessage   `json:"object"`
	Others []json.RawMessage `json:"others"`
	Target json.RawMessage   `json:"target"`
	To     []string          `json:"to"`
	CC     []string          `json:"cc"`
	// Published is zero when the activity says no time, or none that can be read.
	Published time.Time `json:"published,omitzero"`
}

// ReadActivity reads any activity. ErrMalformed: it is not one.
func ReadActivity(activity []byte) (*Activity, error) {
	text, err := nativeActivityRead(activity)
	if err != nil {
		return nil, err
	}
	var found Activity
	return &found, parse(text, &found)
}

// Sanitise gives foreign HTML with everything removed but what a post may have.
func Sanitise(html string) (string, error) { return nativeSanitise(html) }

// HTMLToText gives the plain text of HTML, for notifications and search.
func HTMLToText(html string) (string, error) { return nativeHTMLToText(html) }

// LibraryFeatures says what the native library can do.
type LibraryFeatures struct {
	Version          string   `json:"version"`
	ABIVersion       int      `json:"abi_version"`
	Crypto           string   `json:"crypto"`
	SignatureSchemes []string `json:"signature_schemes"`
	Keys             []string `json:"keys"`
	ContentFormats   []string `json:"content_formats"`
}

// Features asks the native library what it can do; better than comparing versions.
func Features() (*LibraryFeatures, error) {
	text, err := nativeFeatures()
	if err != nil {
		return nil, err
	}
	var found LibraryFeatures
	return &found, parse(text, &found)
}
