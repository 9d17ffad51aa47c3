package fedigraft

// Events: what an incoming message means to the host, in the native model, past tense. Actor is always the
// remote profile who did it. On registers handlers by these types.

import (
	"encoding/json"
	"reflect"
	"time"
)

// Event is one of the types of this file.
type Event interface {
	// Name is the event's word in JSON, such as "post_created".
	Name() string
}

// Happened is what every event has.
type Happened struct {
	// At is when this server got to know of it.
	At time.Time `json:"-"`
	// Document is the whole event as JSON, with members that this version does not know.
	Document json.RawMessage `json:"-"`
}

// Remote is what somebody elsewhere did.
type Remote struct {
	Happened
	Actor Profile `json:"actor"`
}

// RemoteEvent is an event that somebody elsewhere caused: all but DeliveryFailed and UnknownEvent.
type RemoteEvent interface {
	Event
	// By is who did it.
	By() Profile
}

// By is Actor.
func (r Remote) By() Profile { return r.Actor }

// FollowRequested: Actor wants to follow the local profile and waits for Accept or Reject.
type FollowRequested struct {
	Remote
	Profile string `json:"profile"`
	Follow  string `json:"follow"`
}

// Followed: Actor follows the local profile; it was accepted by itself.
type Followed struct {
	Remote
	Profile string `json:"profile"`
	Follow  string `json:"follow"`
}

// Unfollowed: Actor no longer follows the local profile.
type Unfollowed struct {
	Remote
	Profile string `json:"profile"`
}

// FollowAccepted: Actor let the local profile follow.
type FollowAccepted struct {
	Remote
	Profile string `json:"profile"`
}

// FollowRejected: Actor does not let the local profile follow, or not any more.
type FollowRejected struct {
	Remote
	Profile string `json:"profile"`
}

// PostCreated: a post arrived.
type PostCreated struct {
	Remote
	Post Post `json:"post"`
	// ReplyTo is the local post it answers, "" for none.
	ReplyTo string `json:"reply_to"`
	// Mentioned lists the ids of local profiles it names.
	Mentioned []string `json:"mentioned"`
	// Followers is true when it came because local profiles follow its author.
	Followers bool `json:"followers"`
}

// PostUpdated: a post was edited.
type PostUpdated struct {
	Remote
	Post Post `json:"post"`
}

// PostDeleted: the post with this URI is gone.
type PostDeleted struct {
	Remote
	URI string `json:"uri"`
}

// Liked: Actor likes the local post, which URI names too.
type Liked struct {
	Remote
	Post string `json:"post"`
	URI  string `json:"uri"`
}

// Unliked: Actor no longer likes the local post, which may be gone by now.
type Unliked struct {
	Remote
	Post string `json:"post"`
	URI  string `json:"uri"`
}

// Shared: Actor shared a post: the local one Post, or RemotePost by Author; URI names it.
type Shared struct {
	Remote
	URI        string   `json:"uri"`
	Post       string   `json:"post"`
	RemotePost *Post    `json:"remote_post"`
	Author     *Profile `json:"author"`
}

// Unshared: Actor took a share back. URI names the shared post, Post is the local one if it was.
type Unshared struct {
	Remote
	URI  string `json:"uri"`
	Post string `json:"post"`
}

// ProfileUpdated: Actor changed; it is the new profile.
type ProfileUpdated struct{ Remote }

// ProfileDeleted: the remote profile with this URI is gone, with everything of it.
type ProfileDeleted struct {
	Remote
	URI string `json:"uri"`
}

// DeliveryFailed: the delivery of an activity (its URI) to an inbox was given up.
type DeliveryFailed struct {
	Happened
	Activity string `json:"activity"`
	Inbox    string `json:"inbox"`
}

// UnknownEvent is an event of a newer library; Document is the whole of it.
type UnknownEvent struct {
	Happened
	Type string `json:"type"`
}

// Name is "follow_requested".
func (FollowRequested) Name() string { return "follow_requested" }

// Name is "followed".
func (Followed) Name() string { return "followed" }

// Name is "unfollowed".
func (Unfollowed) Name() string { return "unfollowed" }

// Name is "follow_accepted".
func (FollowAccepted) Name() string { return "follow_accepted" }

// Name is "follow_rejected".
func (FollowRejected) Name() string { return "follow_rejected" }

// Name is "post_created".
func (PostCreated) Name() string { return "post_created" }

// Name is "post_updated".
func (PostUpdated) Name() string { return "post_updated" }

// Name is "post_deleted".
func (PostDeleted) Name() string { return "post_deleted" }

// Name is "liked".
func (Liked) Name() string { return "liked" }

// Name is "unliked".
func (Unliked) Name() string { return "unliked" }

// Name is "shared".
func (Shared) Name() string { return "shared" }

// Name is "unshared".
func (Unshared) Name() string { return "unshared" }

// Name is "profile_updated".
func (ProfileUpdated) Name() string { return "profile_updated" }

// Name is "profile_deleted".
func (ProfileDeleted) Name() string { return "profile_deleted" }

// Name is "delivery_failed".
func (DeliveryFailed) Name() string { return "delivery_failed" }

// Name is the word of the event.
func (e UnknownEvent) Name() string { return e.Type }

func (h *Happened) set(at time.Time, document json.RawMessage) { h.At, h.Document = at, document }

// eventTypes makes an empty event of each name.
var eventTypes = func() map[string]reflect.Type {
	kinds := map[string]reflect.Type{}
	for _, event := range []Event{
		FollowRequested{}, Followed{}, Unfollowed{}, FollowAccepted{}, FollowRejected{},
		PostCreated{}, PostUpdated{}, PostDeleted{}, Liked{}, Unliked{}, Shared{}, Unshared{},
		ProfileUpdated{}, ProfileDeleted{}, DeliveryFailed{},
	} {
		kinds[event.Name()] = reflect.TypeOf(event)
	}
	return kinds
}()

// ReadEvent reads one event of a done step.
func ReadEvent(document []byte) (Event, error) {
	var head struct {
		Type string `json:"type"`
		At   int64  `json:"at"`
	}
	if err := parse(document, &head); err != nil {
		return nil, err
	}
	kind, known := eventTypes[head.Type]
	if !known {
		kind = reflect.TypeFor[UnknownEvent]()
	}
	made := reflect.New(kind)
	if err := parse(document, made.Interface()); err != nil {
		return nil, err
	}
	made.Interface().(interface {
		set(time.Time, json.RawMessage)
	}).set(time.Unix(head.At, 0).UTC(), document)
	return made.Elem().Interface().(Event), nil
}
