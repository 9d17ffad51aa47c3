package chirp

import (
	"context"
	"database/sql"
	"errors"
	"slices"
	"time"

	"github.com/fedigraft/fedigraft/bindings/go/examples/chirp/internal/clock"
	"github.com/fedigraft/fedigraft/bindings/go/examples/chirp/internal/database"
)

// Notifications are written by subscribers of chirp's own events. Only own people are told, never about themselves,
// and never about a post they may not see.

// Notification is one line of the page: Actor did Kind, perhaps with Post.
//
// Kinds: follow, request (to follow), accepted (a request of ours), mention, reply, like, boost.
type Notification struct {
	ID      ID
	Kind    string
	Actor   *Person
	Post    *Post // or nil
	Created time.Time
	Seen    bool
}

// NotificationPage is how many notifications a page has.
const NotificationPage = 30

// Unseen counts what is new.
func (s *Site) Unseen(ctx context.Context, q database.Querier, person *Person) (count int, err error) {
	err = q.QueryRowContext(ctx, "SELECT count(*) FROM notifications WHERE person_id = ? AND seen = 0", person.ID).Scan(&count)
	return count, err
}

// Notifications are a person's, newest first, only about posts they may (still) see. before is the id of one; 0: from
// the newest.
func (s *Site) Notifications(ctx context.Context, q database.Querier, person *Person, before ID) ([]Notification, error) {
	if before == 0 {
		before = 1 << 62
	}
	var actors, about []ID
	found, err := collect(ctx, q, func(rows *sql.Rows) (Notification, error) {
		one := Notification{Actor: &Person{}, Post: &Post{}}
		var created string
		err := rows.Scan(&one.ID, &one.Kind, &one.Actor.ID, &one.Post.ID, &created, &one.Seen)
		if err == nil {
			one.Created, err = clock.Read(created)
		}
		actors, about = append(actors, one.Actor.ID), append(about, one.Post.ID)
		return one, err
	}, `SELECT n.id, n.kind, n.actor_id, coalesce(n.post_id, 0), n.created, n.seen
	    FROM notifications AS n LEFT JOIN posts AS p ON p.id = n.post_id
	    WHERE n.person_id = :viewer AND n.id < :before AND (n.post_id IS NULL OR `+visible+`)
	    ORDER BY n.id DESC LIMIT :limit`,
		as(person), sql.Named("before", before), sql.Named("limit", NotificationPage))
	if err != nil {
		return nil, err
	}
	who, err := s.peopleByID(ctx, q, actors)
	if err != nil {
		return nil, err
	}
	posts, err := s.posts(ctx, q, about)
	if err != nil {
		return nil, err
	}
	byID := map[ID]*Post{}
	for _, post := range posts {
		byID[post.ID] = post
	}
	for n := range found {
		found[n].Actor, found[n].Post = who[found[n].Actor.ID], byID[found[n].Post.ID]
	}
	// Whoever was deleted since the list was read is left out.
	return slices.DeleteFunc(found, func(one Notification) bool { return one.Actor == nil }), nil
}

// MarkSeen says that nothing is new any more.
func (s *Site) MarkSeen(ctx context.Context, tx database.Tx, person *Person) error {
	_, err := tx.ExecContext(ctx, "UPDATE notifications SET seen = 1 WHERE person_id = ? AND seen = 0", person.ID)
	return err
}

func (s *Site) notifyPerson(ctx context.Context, tx database.Tx, person *Person, kind string, actor *Person, post *Post) error {
	if !person.Local() || person.ID == actor.ID {
		return nil
	}
	var about any
	if post != nil {
		about = post.ID
		if _, err := s.Visible(ctx, tx, person, post.ID); errors.Is(err, ErrNotFound) {
			return nil
		} else if err != nil {
			return err
		}
	}
	_, err := tx.ExecContext(ctx,
		"INSERT OR IGNORE INTO notifications (person_id, kind, actor_id, post_id, created) VALUES (?, ?, ?, ?, ?)",
		person.ID, kind, actor.ID, about, clock.Text(clock.Now()))
	return err
}

func takeBack(ctx context.Context, tx database.Tx, person *Person, kind string, actor *Person, post *Post) error {
	var about any
	if post != nil {
		about = post.ID
	}
	_, err := tx.ExecContext(ctx,
		"DELETE FROM notifications WHERE person_id = ? AND kind = ? AND actor_id = ? AND post_id IS ?",
		person.ID, kind, actor.ID, about)
	return err
}

// notify writes the notifications that an event calls for, and takes back those that it ends.
func (s *Site) notify(ctx context.Context, tx database.Tx, e Event) error {
	switch e.Kind {
	case PostPublished:
		return s.notifyNamed(ctx, tx, e.Post)
	case PostEdited:
		told, err := collect(ctx, tx, number, "SELECT person_id FROM notifications WHERE post_id = ?", e.Post.ID)
		for _, person := range e.Post.Mentions {
			if err == nil && !slices.Contains(told, person.ID) {
				err = s.notifyPerson(ctx, tx, person, "mention", e.Who, e.Post)
			}
		}
		return err
	case Followed:
		if e.State == Accepted {
			return s.notifyPerson(ctx, tx, e.Whom, "follow", e.Who, nil)
		}
		return s.notifyPerson(ctx, tx, e.Whom, "request", e.Who, nil)
	case Unfollowed:
		return errors.Join(takeBack(ctx, tx, e.Whom, "follow", e.Who, nil), takeBack(ctx, tx, e.Whom, "request", e.Who, nil))
	case FollowAccepted:
		return errors.Join(takeBack(ctx, tx, e.Who, "request", e.Whom, nil),
			s.notifyPerson(ctx, tx, e.Who, "follow", e.Whom, nil), s.notifyPerson(ctx, tx, e.Whom, "accepted", e.Who, nil))
	case FollowRejected:
		return takeBack(ctx, tx, e.Who, "request", e.Whom, nil)
	case Liked:
		return s.notifyPerson(ctx, tx, e.Post.Author, "like", e.Who, e.Post)
	case Unliked:
		return takeBack(ctx, tx, e.Post.Author, "like", e.Who, e.Post)
	case Boosted:
		return s.notifyPerson(ctx, tx, e.Post.Author, "boost", e.Who, e.Post)
	case Unboosted:
		return takeBack(ctx, tx, e.Post.Author, "boost", e.Who, e.Post)
	}
	return nil
}

// notifyNamed tells whom a new post answers, and whom it mentions.
func (s *Site) notifyNamed(ctx context.Context, tx database.Tx, post *Post) error {
	parent, err := s.Post(ctx, tx, post.ReplyToID)
	if errors.Is(err, ErrNotFound) {
		parent, err = &Post{Author: &Person{}}, nil
	} else if err == nil {
		err = s.notifyPerson(ctx, tx, parent.Author, "reply", post.Author, post)
	}
	for _, person := range post.Mentions {
		if err == nil && person.ID != parent.Author.ID {
			err = s.notifyPerson(ctx, tx, person, "mention", post.Author, post)
		}
	}
	return err
}
