package chirp

import (
	"context"

	"github.com/fedigraft/fedigraft/bindings/go/examples/chirp/internal/database"
)

// Events are what happens in chirp. chirp's own notifications hang on them, and so may anything else.
//
// Each is told INSIDE the open transaction: what a subscriber writes through tx is committed or rolled back together
// with what happened. A subscriber must be quick and must not go to the network; [database.AfterCommit] is for what
// has to wait for the commit. One that fails undoes everything; a [Problem] is shown to the visitor.
//
// Subscribe before the site serves.
type Events struct {
	PostPublished Event[*Post]
	PostEdited    Event[*Post]  // as it is now
	PostDeleted   Event[*Post]  // the row is still there
	Followed      Event[Follow] // or asked to
	Unfollowed    Event[Follow] // a withdrawn request too
	Answered      Event[Answer] // to a request to follow
	Liked         Event[Reaction]
	Unliked       Event[Reaction]
	Boosted       Event[Reaction]
	Unboosted     Event[Reaction]
	ProfileEdited Event[*Person] // as it is now

	// Unknown asks: who or what is this? Somebody looks for a full handle ("@bob@site.example") or a URL that chirp
	// does not know. It is asked OUTSIDE any transaction, because finding out may take seconds. Who knows more stores
	// it in a transaction of its own and gives its path; "" says that there is nothing.
	Unknown []func(ctx context.Context, query string) (path string, err error)
}

// Follow says that somebody follows somebody. State is "pending" or "accepted".
type Follow struct {
	Follower, Followee *Person
	State              string
}

// Answer says how Followee answered the request of Follower.
type Answer struct {
	Follower, Followee *Person
	Accepted           bool
}

// Reaction says that somebody liked or boosted a post, or took that back.
type Reaction struct {
	Person *Person
	Post   *Post
}

// Event is one kind of thing that happens; T says what.
type Event[T deed] struct {
	subscribers []func(ctx context.Context, tx database.Tx, what T) error
}

// deed is something that somebody did.
type deed interface{ who() *Person }

func (p *Post) who() *Person    { return p.Author }
func (p *Person) who() *Person  { return p }
func (f Follow) who() *Person   { return f.Follower }
func (a Answer) who() *Person   { return a.Followee }
func (r Reaction) who() *Person { return r.Person }

// On subscribes to an event, whoever did it.
func (e *Event[T]) On(subscriber func(ctx context.Context, tx database.Tx, what T) error) {
	e.subscribers = append(e.subscribers, subscriber)
}

// Ours subscribes to an event, when it was one of our own people.
func (e *Event[T]) Ours(subscriber func(ctx context.Context, tx database.Tx, what T) error) {
	e.On(func(ctx context.Context, tx database.Tx, what T) error {
		if !what.who().Local() {
			return nil
		}
		return subscriber(ctx, tx, what)
	})
}

func (e *Event[T]) tell(ctx context.Context, tx database.Tx, what T) error {
	for _, subscriber := range e.subscribers {
		if err := subscriber(ctx, tx, what); err != nil {
			return err
		}
	}
	return nil
}
