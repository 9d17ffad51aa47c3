package chirp

import (
	"cmp"
	"context"

	"github.com/fedigraft/fedigraft/bindings/go/examples/chirp/internal/database"
)

// Event is something that happens in chirp. chirp's own notifications hang on them, and so may anything else.
//
// Each is told INSIDE the open transaction: what a subscriber writes through tx is committed or rolled back together
// with what happened. A subscriber must be quick and must not go to the network; [database.AfterCommit] is for what
// has to wait for the commit. One that fails undoes everything; a [Problem] is shown to the visitor.
type Event struct {
	Kind  Kind
	Who   *Person // who did it
	Post  *Post   // what it was done to, or nil
	Whom  *Person // to whom it was done, or nil
	State string  // of a follow: Pending or Accepted
}

// Object names what it was done to, the post or Whom: by the uri of what lives elsewhere, by the id of our own.
// Who edits a profile does it to themselves.
func (e Event) Object() string {
	switch {
	case e.Post != nil:
		return cmp.Or(e.Post.URI, e.Post.ID.String())
	case e.Whom != nil:
		return cmp.Or(e.Whom.URI, e.Whom.ID.String())
	}
	return cmp.Or(e.Who.URI, e.Who.ID.String())
}

// Kind is what happened.
type Kind string

// The kinds of events.
const (
	PostPublished  Kind = "post published"
	PostEdited     Kind = "post edited"  // the post as it is now
	PostDeleted    Kind = "post deleted" // the row is still there
	Liked          Kind = "liked"
	Unliked        Kind = "unliked"
	Boosted        Kind = "boosted"
	Unboosted      Kind = "unboosted"
	Followed       Kind = "followed"        // or asked to: State tells
	Unfollowed     Kind = "unfollowed"      // a withdrawn request too
	FollowAccepted Kind = "follow accepted" // Who lets Whom follow, who had to ask
	FollowRejected Kind = "follow rejected" // Who does not let Whom follow, or no longer
	ProfileEdited  Kind = "profile edited"  // the person as they are now
)

// Subscriber hears of events.
type Subscriber func(ctx context.Context, tx database.Tx, event Event) error

// On subscribes to all events, whoever did it. Subscribe before the site serves.
func (s *Site) On(subscriber Subscriber) { s.subscribers = append(s.subscribers, subscriber) }

// Ours subscribes to what our own people do.
func (s *Site) Ours(subscriber Subscriber) {
	s.On(func(ctx context.Context, tx database.Tx, event Event) error {
		if !event.Who.Local() {
			return nil
		}
		return subscriber(ctx, tx, event)
	})
}

func (s *Site) tell(ctx context.Context, tx database.Tx, event Event) error {
	for _, subscriber := range s.subscribers {
		if err := subscriber(ctx, tx, event); err != nil {
			return err
		}
	}
	return nil
}

// Finder answers the one question that chirp asks: who or what is this? Somebody who is logged in looks for a full
// handle ("@bob@site.example") or a URL that chirp does not know.
//
// It is asked OUTSIDE any transaction, because finding out may take seconds. The person or the post that it gives is
// stored; nil, nil says that there is nothing.
type Finder func(ctx context.Context, query string) (*Stranger, *Arrival, error)

// OnUnknown subscribes to the question. Subscribe before the site serves.
func (s *Site) OnUnknown(finder Finder) { s.finders = append(s.finders, finder) }
