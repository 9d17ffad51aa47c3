package chirp

import (
	"context"
	"database/sql"

	"github.com/fedigraft/fedigraft/bindings/go/examples/chirp/internal/clock"
	"github.com/fedigraft/fedigraft/bindings/go/examples/chirp/internal/database"
)

// Reading posts. Pages use Visible; Post, PostByURI and ByAuthor ask nobody: they are for code that works on behalf
// of chirp.

// Visible is the post with this id if the viewer may see it. A hidden one answers exactly as a missing one.
func (s *Site) Visible(ctx context.Context, q database.Querier, viewer *Person, id ID) (*Post, error) {
	return s.onePost(ctx, q, "SELECT id FROM posts AS p WHERE id = :id AND "+visible, sql.Named("id", id), as(viewer))
}

// Post is the post with this id, whoever may see it.
func (s *Site) Post(ctx context.Context, q database.Querier, id ID) (*Post, error) {
	return s.onePost(ctx, q, "SELECT id FROM posts WHERE id = ?", id)
}

// OwnPost is the post with this id that was written here, whoever may see it.
func (s *Site) OwnPost(ctx context.Context, q database.Querier, id ID) (*Post, error) {
	return s.onePost(ctx, q, "SELECT id FROM posts WHERE id = ? AND uri IS NULL", id)
}

// PostByURI is the post from elsewhere with this uri, whoever may see it.
func (s *Site) PostByURI(ctx context.Context, q database.Querier, uri string) (*Post, error) {
	return s.onePost(ctx, q, "SELECT id FROM posts WHERE uri = ?", uri)
}

// ByAuthor are the author's public and unlisted posts, newest first, and how many there are in all.
// before is a post's id; 0: from the newest.
func (s *Site) ByAuthor(ctx context.Context, q database.Querier, author, before ID, limit int) (posts []*Post, total int, err error) {
	if before == 0 {
		before = 1 << 62
	}
	ids, err := collect(ctx, q, number,
		`SELECT id FROM posts WHERE author_id = ? AND visibility IN ('public', 'unlisted') AND id < ?
		 ORDER BY id DESC LIMIT ?`, author, before, limit)
	if err != nil {
		return nil, 0, err
	}
	if posts, err = s.posts(ctx, q, ids); err != nil {
		return nil, 0, err
	}
	err = q.QueryRowContext(ctx,
		"SELECT count(*) FROM posts WHERE author_id = ? AND visibility IN ('public', 'unlisted')", author).Scan(&total)
	return posts, total, err
}

func (s *Site) onePost(ctx context.Context, q database.Querier, query string, args ...any) (*Post, error) {
	ids, err := collect(ctx, q, number, query, args...)
	if err != nil {
		return nil, err
	}
	found, err := s.posts(ctx, q, ids)
	if err != nil {
		return nil, err
	}
	if len(found) == 0 {
		return nil, ErrNotFound
	}
	return found[0], nil
}

// posts reads many posts at once, in the order of ids, whoever may see them. Unknown ids are left out.
func (s *Site) posts(ctx context.Context, q database.Querier, ids []ID) ([]*Post, error) {
	among, authors := list(ids), []ID{}
	byID := map[ID]*Post{}
	if _, err := collect(ctx, q, func(rows *sql.Rows) (*Post, error) {
		p := &Post{Author: &Person{}}
		var published, edited string
		err := rows.Scan(&p.ID, &p.Author.ID, &p.ReplyToID, &p.ReplyToURI, &p.Title, &p.Text, &p.HTML, &p.Warning,
			&p.Sensitive, &p.Language, &p.Visibility, &p.URI, &p.URL, &published, &edited)
		if err != nil {
			return nil, err
		}
		if p.Published, err = clock.Read(published); err == nil && edited != "" {
			p.Edited, err = clock.Read(edited)
		}
		byID[p.ID], authors = p, append(authors, p.Author.ID)
		return p, err
	}, `SELECT id, author_id, coalesce(reply_to_id, 0), coalesce(reply_to_uri, ''), title, text, coalesce(html, ''),
	           warning, sensitive, language, visibility, coalesce(uri, ''), coalesce(url, ''), published,
	           coalesce(edited, '') FROM posts WHERE id IN (SELECT value FROM json_each(?))`, among); err != nil {
		return nil, err
	}
	named, err := s.people(ctx, q, `people WHERE id IN (
	        SELECT person_id FROM mentions WHERE post_id IN (SELECT value FROM json_each(?))
	        UNION SELECT value FROM json_each(?))`, among, list(authors))
	if err != nil {
		return nil, err
	}
	who := make(map[ID]*Person, len(named))
	for _, person := range named {
		who[person.ID] = person
	}
	for _, post := range byID {
		post.Author = who[post.Author.ID]
	}
	if err := parts(ctx, q, among, byID, who); err != nil {
		return nil, err
	}
	var all []*Post
	for _, id := range ids {
		if post := byID[id]; post != nil {
			all = append(all, post)
		}
	}
	return all, nil
}

// parts reads what is attached to posts, whom they mention, and their hashtags.
func parts(ctx context.Context, q database.Querier, among string, posts map[ID]*Post, who map[ID]*Person) error {
	const these = " WHERE post_id IN (SELECT value FROM json_each(?))"
	if _, err := collect(ctx, q, func(rows *sql.Rows) (id ID, err error) {
		var item Media
		if err = rows.Scan(&id, &item.URL, &item.MediaType, &item.Alt, &item.Width, &item.Height); err == nil {
			posts[id].Media = append(posts[id].Media, item)
		}
		return id, err
	}, "SELECT post_id, url, media_type, alt, coalesce(width, 0), coalesce(height, 0) FROM media"+these+" ORDER BY id", among); err != nil {
		return err
	}
	if _, err := collect(ctx, q, func(rows *sql.Rows) (id ID, err error) {
		var person ID
		if err = rows.Scan(&id, &person); err == nil {
			posts[id].Mentions = append(posts[id].Mentions, who[person])
		}
		return id, err
	}, "SELECT post_id, person_id FROM mentions"+these, among); err != nil {
		return err
	}
	_, err := collect(ctx, q, func(rows *sql.Rows) (id ID, err error) {
		var tag string
		if err = rows.Scan(&id, &tag); err == nil {
			posts[id].Tags = append(posts[id].Tags, tag)
		}
		return id, err
	}, "SELECT post_id, tag FROM tags"+these, among)
	return err
}
