package fedigraft

// How exchanges begin: a request that came in, what a local user does, something to find, a job, a delivery.

import (
	"encoding/json"
	"time"
)

// Route says where a request goes, told from its head alone.
type Route struct {
	// Ours is false for the host's own pages.
	Ours bool `json:"ours"`
	// Headers are to be added to the host's own answer.
	Headers Fields `json:"headers"`
	// Endpoint is such as "inbox".
	Endpoint string `json:"endpoint"`
	// MaxBody is the most bytes of a body that are read.
	MaxBody int64 `json:"max_body"`
}

// Action is what a local user does. Types: publish, update, delete (Post); follow, unfollow, accept, reject
// (Profile, Actor); like, unlike, share, unshare (Profile, Object); update_profile, delete_profile (Whole).
type Action struct {
	Type string
	// Post is the post itself.
	Post *Post
	// Profile is the local profile's id.
	Profile string
	// Actor is the remote actor's URI.
	Actor string
	// Object is the URI of a post, or the id of one of the host's own.
	Object string
	// Whole is the profile itself.
	Whole *Profile
}

// MarshalJSON writes the action as the core reads it.
func (a Action) MarshalJSON() ([]byte, error) {
	wire := struct {
		Type    string `json:"type"`
		Post    *Post  `json:"post,omitempty"`
		Profile any    `json:"profile,omitempty"`
		Actor   string `json:"actor,omitempty"`
		Object  string `json:"object,omitempty"`
	}{Type: a.Type, Post: a.Post, Actor: a.Actor, Object: a.Object}
	switch {
	case a.Whole != nil:
		wire.Profile = a.Whole
	case a.Profile != "":
		wire.Profile = a.Profile
	}
	return json.Marshal(wire)
}

// Route says whether a request is for fedigraft. Looks at the head alone; read no body before.
func (i *Instance) Route(request *Request) (*Route, error) {
	address, err := i.enter()
	if err != nil {
		return nil, err
	}
	defer i.leave()
	text, err := nativeRoute(address, request.head())
	if err != nil {
		return nil, err
	}
	var route Route
	return &route, parse(text, &route)
}

// Receive begins to answer a request that Route called ours.
func (i *Instance) Receive(now time.Time, request *Request) (*Exchange, error) {
	return i.begin(func(address pointer) (pointer, error) {
		return nativeReceive(address, now.Unix(), request.head(), request.Body)
	})
}

// Perform begins what a local user does. ErrInvalidArgument, ErrRefused: it is wrong or not allowed.
func (i *Instance) Perform(now time.Time, action Action) (*Exchange, error) {
	text, err := document(action)
	if err != nil {
		return nil, err
	}
	return i.begin(func(address pointer) (pointer, error) { return nativePerform(address, now.Unix(), text) })
}

// LookUp begins to find what a handle (@user@host) or a URL names.
func (i *Instance) LookUp(now time.Time, query string) (*Exchange, error) {
	return i.begin(func(address pointer) (pointer, error) { return nativeLookUp(address, now.Unix(), []byte(query)) })
}

// Resume goes on with a job of an earlier done.
func (i *Instance) Resume(now time.Time, job json.RawMessage) (*Exchange, error) {
	return i.begin(func(address pointer) (pointer, error) { return nativeResume(address, now.Unix(), job) })
}

// Send begins one attempt of a delivery of an earlier done. It is signed afresh.
func (i *Instance) Send(now time.Time, delivery json.RawMessage) (*Exchange, error) {
	return i.begin(func(address pointer) (pointer, error) { return nativeSend(address, now.Unix(), delivery) })
}

func (i *Instance) begin(function func(pointer) (pointer, error)) (*Exchange, error) {
	address, err := i.enter()
	if err != nil {
		return nil, err
	}
	defer i.leave()
	made, err := function(address)
	if err != nil {
		return nil, err
	}
	exchange := &Exchange{}
	return own(exchange, &exchange.handle, made, nativeExchangeFree, "Exchange"), nil
}
