package chirp

import (
	"context"
	"database/sql"

	"github.com/fedigraft/fedigraft/bindings/go/examples/chirp/internal/clock"
	"github.com/fedigraft/fedigraft/bindings/go/examples/chirp/internal/database"
)

// Following, liking, boosting. The same functions serve people from here and from elsewhere.
// Each changes something at most once: called again it does nothing and tells nobody.

// The states of a follow.
const (
	Pending  = "pending"
	Accepted = "accepted"
)

// Follow follows, or asks to; tells Followed. It waits for an answer when the followee is locked or lives elsewhere.
func (s *Site) Follow(ctx context.Context, tx database.Tx, follower, followee *Person) error {
	state := Pending
	if followee.Local() && !followee.Locked {
		state = Accepted
	}
	added, err := change(ctx, tx, "INSERT OR IGNORE INTO follows VALUES (?, ?, ?, ?)",
		follower.ID, followee.ID, state, clock.Text(clock.Now()))
	if err != nil || !added {
		return err
	}
	return s.tell(ctx, tx, Event{Kind: Followed, Who: follower, Whom: followee, State: state})
}

// Unfollow follows no longer, or takes the request back; tells Unfollowed.
func (s *Site) Unfollow(ctx context.Context, tx database.Tx, follower, followee *Person) error {
	removed, err := unfollow(ctx, tx, follower, followee)
	if err != nil || !removed {
		return err
	}
	return s.tell(ctx, tx, Event{Kind: Unfollowed, Who: follower, Whom: followee})
}

// AcceptFollow says yes to a request to follow; tells FollowAccepted.
func (s *Site) AcceptFollow(ctx context.Context, tx database.Tx, followee, follower *Person) error {
	changed, err := change(ctx, tx,
		"UPDATE follows SET state = 'accepted' WHERE follower_id = ? AND followee_id = ? AND state = 'pending'",
		follower.ID, followee.ID)
	if err != nil || !changed {
		return err
	}
	return s.tell(ctx, tx, Event{Kind: FollowAccepted, Who: followee, Whom: follower})
}

// RejectFollow says no to a request to follow, and ends a follow that was accepted; tells FollowRejected.
func (s *Site) RejectFollow(ctx context.Context, tx database.Tx, followee, follower *Person) error {
	removed, err := unfollow(ctx, tx, follower, followee)
	if err != nil || !removed {
		return err
	}
	return s.tell(ctx, tx, Event{Kind: FollowRejected, Who: followee, Whom: follower})
}

// Like likes a post; tells Liked.
func (s *Site) Like(ctx context.Context, tx database.Tx, person *Person, post *Post) error {
	return s.react(ctx, tx, Liked, person, post, "INSERT OR IGNORE INTO likes VALUES (:person, :post, :now)")
}

// Unlike takes a like back; tells Unliked.
func (s *Site) Unlike(ctx context.Context, tx database.Tx, person *Person, post *Post) error {
	return s.react(ctx, tx, Unliked, person, post, "DELETE FROM likes WHERE person_id = :person AND post_id = :post")
}

// Boost passes a public or unlisted post on; tells Boosted.
func (s *Site) Boost(ctx context.Context, tx database.Tx, person *Person, post *Post) error {
	if !post.CanBeBoosted() {
		return Problem("This post is not for everyone, so it cannot be boosted.")
	}
	return s.react(ctx, tx, Boosted, person, post, "INSERT OR IGNORE INTO boosts VALUES (:person, :post, :now)")
}

// Unboost takes a boost back; tells Unboosted.
func (s *Site) Unboost(ctx context.Context, tx database.Tx, person *Person, post *Post) error {
	return s.react(ctx, tx, Unboosted, person, post, "DELETE FROM boosts WHERE person_id = :person AND post_id = :post")
}

// react runs a statement, and tells the event if it changed something.
func (s *Site) react(ctx context.Context, tx database.Tx, kind Kind, person *Person, post *Post, query string) error {
	changed, err := change(ctx, tx, query, sql.Named("person", person.ID), sql.Named("post", post.ID),
		sql.Named("now", clock.Text(clock.Now())))
	if err != nil || !changed {
		return err
	}
	return s.tell(ctx, tx, Event{Kind: kind, Who: person, Post: post})
}

// Relation is how a viewer and a person stand: each is "", "pending" or "accepted".
type Relation struct{ Following, FollowedBy string }

// Relation tells how the viewer and a person stand to each other.
func (s *Site) Relation(ctx context.Context, q database.Querier, viewer, person *Person) (found Relation, err error) {
	if viewer == nil {
		return found, nil
	}
	if found.Following, err = stateOf(ctx, q, viewer, person); err == nil {
		found.FollowedBy, err = stateOf(ctx, q, person, viewer)
	}
	return found, err
}

// Followers are who follows a person, the newest 500.
func (s *Site) Followers(ctx context.Context, q database.Querier, person *Person) ([]*Person, error) {
	return s.people(ctx, q, `follows JOIN people ON people.id = follower_id WHERE followee_id = ? AND state = 'accepted'
		ORDER BY follows.created DESC, people.id DESC LIMIT 500`, person.ID)
}

// Following are whom a person follows, the newest 500.
func (s *Site) Following(ctx context.Context, q database.Querier, person *Person) ([]*Person, error) {
	return s.people(ctx, q, `follows JOIN people ON people.id = followee_id WHERE follower_id = ? AND state = 'accepted'
		ORDER BY follows.created DESC, people.id DESC LIMIT 500`, person.ID)
}

// Requests are who waits to follow a person, the newest 500.
func (s *Site) Requests(ctx context.Context, q database.Querier, person *Person) ([]*Person, error) {
	return s.people(ctx, q, `follows JOIN people ON people.id = follower_id WHERE followee_id = ? AND state = 'pending'
		ORDER BY follows.created DESC, people.id DESC LIMIT 500`, person.ID)
}

// Likers are who likes a post, the newest 30.
func (s *Site) Likers(ctx context.Context, q database.Querier, post *Post) ([]*Person, error) {
	return s.people(ctx, q, `likes AS r JOIN people ON people.id = r.person_id WHERE r.post_id = ?
		ORDER BY r.created DESC, people.id DESC LIMIT 30`, post.ID)
}

// Boosters are who boosted a post, the newest 30.
func (s *Site) Boosters(ctx context.Context, q database.Querier, post *Post) ([]*Person, error) {
	return s.people(ctx, q, `boosts AS r JOIN people ON people.id = r.person_id WHERE r.post_id = ?
		ORDER BY r.created DESC, people.id DESC LIMIT 30`, post.ID)
}

// Counts are how many posts anyone may see, followers, and people followed.
type Counts struct{ Posts, Followers, Following int }

// Counts counts what a profile shows.
func (s *Site) Counts(ctx context.Context, q database.Querier, person *Person) (found Counts, err error) {
	err = q.QueryRowContext(ctx,
		`SELECT (SELECT count(*) FROM posts WHERE author_id = :id AND visibility IN ('public', 'unlisted')),
		        (SELECT count(*) FROM follows WHERE followee_id = :id AND state = 'accepted'),
		        (SELECT count(*) FROM follows WHERE follower_id = :id AND state = 'accepted')`,
		sql.Named("id", person.ID)).Scan(&found.Posts, &found.Followers, &found.Following)
	return found, err
}

// Tally is what a post has gathered, and what the viewer did with it.
type Tally struct {
	Replies, Likes, Boosts int
	Liked, Boosted         bool
}

// tallies reads the tally of many posts at once. Replies count only when anyone may see them.
func tallies(ctx context.Context, q database.Querier, viewer *Person, ids []ID) (map[ID]Tally, error) {
	found := map[ID]Tally{}
	_, err := collect(ctx, q, func(rows *sql.Rows) (id ID, err error) {
		var tally Tally
		err = rows.Scan(&id, &tally.Replies, &tally.Likes, &tally.Boosts, &tally.Liked, &tally.Boosted)
		found[id] = tally
		return id, err
	}, `SELECT value,
	      (SELECT count(*) FROM posts WHERE reply_to_id = value AND visibility IN ('public', 'unlisted')),
	      (SELECT count(*) FROM likes WHERE post_id = value),
	      (SELECT count(*) FROM boosts WHERE post_id = value),
	      EXISTS (SELECT 1 FROM likes WHERE post_id = value AND person_id = :viewer),
	      EXISTS (SELECT 1 FROM boosts WHERE post_id = value AND person_id = :viewer)
	    FROM json_each(:ids)`, sql.Named("ids", list(ids)), as(viewer))
	return found, err
}

func unfollow(ctx context.Context, tx database.Tx, follower, followee *Person) (bool, error) {
	return change(ctx, tx, "DELETE FROM follows WHERE follower_id = ? AND followee_id = ?", follower.ID, followee.ID)
}

func stateOf(ctx context.Context, q database.Querier, follower, followee *Person) (state string, err error) {
	err = q.QueryRowContext(ctx,
		"SELECT coalesce((SELECT state FROM follows WHERE follower_id = ? AND followee_id = ?), '')",
		follower.ID, followee.ID).Scan(&state)
	return state, err
}

// change runs a statement and says whether it changed a row.
func change(ctx context.Context, tx database.Tx, query string, args ...any) (bool, error) {
	done, err := tx.ExecContext(ctx, query, args...)
	if err != nil {
		return false, err
	}
	rows, err := done.RowsAffected()
	return rows > 0, err
}
