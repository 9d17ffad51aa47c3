package chirp

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/fedigraft/fedigraft/bindings/go/examples/chirp/internal/database"
)

// pageLength is how many entries a page of a timeline has.
const pageLength = 20

const top = "p.reply_to_id IS NULL AND p.reply_to_uri IS NULL"

// Entry is a post as it stands in a list: what it gathered, who boosted it there, whom it answers.
type Entry struct {
	Post    *Post
	Tally   Tally
	Booster *Person // or nil
	Answers *Person // or nil
	Depth   int     // below the post of a thread
}

// Timeline is one page of entries, newest first. Older is the cursor of the next page, or "".
type Timeline struct {
	Entries []Entry
	Older   string
}

// HomeTimeline has the viewer's own posts, those of the people they follow, and what these boosted (each post once).
func (s *Site) HomeTimeline(ctx context.Context, q database.Querier, viewer *Person, cursor string) (Timeline, error) {
	const mine = "(SELECT followee_id FROM follows WHERE follower_id = :viewer AND state = 'accepted' UNION SELECT :viewer)"
	return s.timeline(ctx, q, viewer, cursor, selection{
		written: "p.author_id IN " + mine,
		boosted: "b.person_id IN " + mine + " AND p.author_id NOT IN " + mine + ` AND NOT EXISTS (
		            SELECT 1 FROM boosts AS e WHERE e.post_id = b.post_id AND e.person_id IN ` + mine + `
		              AND (e.created, e.person_id) < (b.created, b.person_id))`,
	})
}

// LocalTimeline has the public posts of own people, without replies.
func (s *Site) LocalTimeline(ctx context.Context, q database.Querier, viewer *Person, cursor string) (Timeline, error) {
	return s.timeline(ctx, q, viewer, cursor, selection{
		written: "p.uri IS NULL AND p.visibility = 'public' AND " + top,
	})
}

// ProfileTimeline has what a person wrote and boosted, as far as the viewer may see it. Direct posts stay out.
func (s *Site) ProfileTimeline(ctx context.Context, q database.Querier, viewer, person *Person, cursor string, replies bool) (Timeline, error) {
	written := "p.author_id = :person AND p.visibility <> 'direct'"
	if !replies {
		written += " AND " + top
	}
	return s.timeline(ctx, q, viewer, cursor, selection{
		written: written, boosted: "b.person_id = :person", person: person.ID,
	})
}

// TagTimeline has the public posts with a hashtag.
func (s *Site) TagTimeline(ctx context.Context, q database.Querier, viewer *Person, tag, cursor string) (Timeline, error) {
	return s.timeline(ctx, q, viewer, cursor, selection{
		written: "p.visibility = 'public' AND EXISTS (SELECT 1 FROM tags WHERE post_id = p.id AND tag = :tag)",
		tag:     strings.ToLower(tag),
	})
}

// Entry is one post that the viewer may see, as an entry.
func (s *Site) Entry(ctx context.Context, q database.Querier, viewer *Person, post *Post) (Entry, error) {
	found, err := s.entries(ctx, q, viewer, []place{{id: post.ID}})
	if err != nil {
		return Entry{}, err
	}
	return found[0], nil
}

// Thread is what a post answers (oldest first), the replies below it (with depth), and whether the start is out of
// sight.
type Thread struct {
	Above, Below []Entry
	StartHidden  bool
}

// Thread reads at most 40 posts upwards and 200 downwards. Below a reply that the viewer may not see, nothing is
// shown.
func (s *Site) Thread(ctx context.Context, q database.Querier, viewer *Person, post *Post) (thread Thread, err error) {
	var above []place
	first := post
	for first.ReplyToID != 0 && len(above) < 40 {
		parent, err := s.Visible(ctx, q, viewer, first.ReplyToID)
		if errors.Is(err, ErrNotFound) {
			break
		}
		if err != nil {
			return thread, err
		}
		above = slices.Insert(above, 0, place{id: parent.ID})
		first = parent
	}
	thread.StartHidden = first.IsReply()
	if thread.Above, err = s.entries(ctx, q, viewer, above); err != nil {
		return thread, err
	}
	below, err := collect(ctx, q, func(rows *sql.Rows) (one place, err error) {
		err = rows.Scan(&one.id, &one.depth)
		return one, err
	}, `WITH RECURSIVE below (id, depth, place) AS (
	      SELECT p.id, 1, printf('%s%09d', p.published, p.id)
	      FROM posts AS p WHERE p.reply_to_id = :id AND `+visible+`
	      UNION ALL
	      SELECT p.id, depth + 1, place || ' ' || printf('%s%09d', p.published, p.id)
	      FROM posts AS p JOIN below ON p.reply_to_id = below.id WHERE `+visible+` AND depth <= 40)
	    SELECT id, depth FROM below ORDER BY place LIMIT 200`, sql.Named("id", post.ID), as(viewer))
	if err != nil {
		return thread, err
	}
	thread.Below, err = s.entries(ctx, q, viewer, below)
	return thread, err
}

// selection says which posts AS p a timeline has, and which boosts AS b.
type selection struct {
	written, boosted string
	person           ID
	tag              string
}

// place is a post's place in a list.
type place struct {
	id, booster ID
	depth       int
	at          string
}

func (s *Site) timeline(ctx context.Context, q database.Querier, viewer *Person, cursor string, chosen selection) (Timeline, error) {
	at, after, _ := strings.Cut(cursor, "_")
	before, err := strconv.ParseInt(after, 10, 64)
	if err != nil || before < 0 {
		before = 1 << 62
	}
	if at == "" {
		at = "9"
	}
	if chosen.boosted == "" {
		chosen.boosted = "0"
	}
	places, err := collect(ctx, q, func(rows *sql.Rows) (one place, err error) {
		err = rows.Scan(&one.id, &one.booster, &one.at)
		return one, err
	}, `SELECT * FROM (
	      SELECT p.id, 0 AS booster, p.published AS at FROM posts AS p
	      WHERE `+chosen.written+" AND "+visible+` AND (p.published, p.id) < (:at, :before)
	      ORDER BY p.published DESC, p.id DESC LIMIT :limit)
	    UNION ALL SELECT * FROM (
	      SELECT p.id, b.person_id, b.created FROM boosts AS b JOIN posts AS p ON p.id = b.post_id
	      WHERE `+chosen.boosted+" AND "+visible+` AND (b.created, p.id) < (:at, :before)
	      ORDER BY b.created DESC, p.id DESC LIMIT :limit)
	    ORDER BY at DESC, id DESC LIMIT :limit`,
		as(viewer), sql.Named("person", chosen.person), sql.Named("tag", chosen.tag), sql.Named("at", at),
		sql.Named("before", before), sql.Named("limit", pageLength+1))
	if err != nil {
		return Timeline{}, err
	}
	var page Timeline
	if len(places) > pageLength {
		places = places[:pageLength]
		last := places[pageLength-1]
		page.Older = fmt.Sprintf("%s_%d", last.at, last.id)
	}
	page.Entries, err = s.entries(ctx, q, viewer, places)
	return page, err
}

func (s *Site) entries(ctx context.Context, q database.Querier, viewer *Person, places []place) ([]Entry, error) {
	var ids, boosters, parents []ID
	for _, one := range places {
		ids, boosters = append(ids, one.id), append(boosters, one.booster)
	}
	posts, err := s.posts(ctx, q, ids)
	if err != nil {
		return nil, err
	}
	byID := map[ID]*Post{}
	for _, post := range posts {
		byID[post.ID] = post
		parents = append(parents, post.ReplyToID)
	}
	found, err := tallies(ctx, q, viewer, ids)
	if err != nil {
		return nil, err
	}
	who, err := s.peopleByID(ctx, q, boosters)
	if err != nil {
		return nil, err
	}
	// Who is answered is told even where the answered post is hidden: the reply itself names them.
	answered := map[ID]*Person{}
	above, err := s.posts(ctx, q, parents)
	if err != nil {
		return nil, err
	}
	for _, post := range above {
		answered[post.ID] = post.Author
	}
	var all []Entry
	for _, one := range places {
		post := byID[one.id]
		if post == nil { // deleted since the list was read
			continue
		}
		all = append(all, Entry{post, found[one.id], who[one.booster], answered[post.ReplyToID], min(one.depth, 4)})
	}
	return all, nil
}
