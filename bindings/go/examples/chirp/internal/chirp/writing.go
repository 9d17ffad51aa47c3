package chirp

import (
	"context"
	"errors"
	"strings"

	"github.com/fedigraft/fedigraft/bindings/go/examples/chirp/internal/clock"
	"github.com/fedigraft/fedigraft/bindings/go/examples/chirp/internal/database"
	"github.com/fedigraft/fedigraft/bindings/go/examples/chirp/internal/text"
)

// Publish publishes what one of our own wrote; tells PostPublished.
//
// Whoever the text names is mentioned, and so is the author of the post it answers.
func (s *Site) Publish(ctx context.Context, tx database.Tx, author *Person, draft Draft) (*Post, error) {
	parent := draft.ReplyTo
	if parent == nil {
		parent = &Post{}
	}
	added, err := tx.ExecContext(ctx,
		`INSERT INTO posts (author_id, reply_to_id, reply_to_uri, text, warning, sensitive, language, visibility, published)
		 VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		author.ID, null(parent.ID), null(parent.URI), draft.Text, draft.Warning, draft.Sensitive, draft.Language,
		draft.Visibility, clock.Text(clock.Now()))
	if err != nil {
		return nil, err
	}
	row, err := added.LastInsertId()
	if err != nil {
		return nil, err
	}
	id := ID(row)
	if _, err := tx.ExecContext(ctx, "UPDATE people SET language = ? WHERE id = ?", draft.Language, author.ID); err != nil {
		return nil, err
	}
	named, err := s.named(ctx, tx, author, draft.Text, parent.Author)
	if err != nil {
		return nil, err
	}
	if err := setParts(ctx, tx, id, named, text.Hashtags(draft.Text), draft.Media); err != nil {
		return nil, err
	}
	post, err := s.Post(ctx, tx, id)
	if err != nil {
		return nil, err
	}
	return post, s.tell(ctx, tx, Event{Kind: PostPublished, Who: post.Author, Post: post})
}

// EditPost changes a post that was written here; tells PostEdited. Visibility and parent stay.
func (s *Site) EditPost(ctx context.Context, tx database.Tx, post *Post, draft Draft) (*Post, error) {
	if _, err := tx.ExecContext(ctx,
		"UPDATE posts SET text = ?, warning = ?, sensitive = ?, language = ?, edited = ? WHERE id = ? AND uri IS NULL",
		draft.Text, draft.Warning, draft.Sensitive, draft.Language, clock.Text(clock.Now()), post.ID); err != nil {
		return nil, err
	}
	var answered *Person
	switch parent, err := s.Post(ctx, tx, post.ReplyToID); {
	case err == nil:
		answered = parent.Author
	case !errors.Is(err, ErrNotFound):
		return nil, err
	}
	named, err := s.named(ctx, tx, post.Author, draft.Text, answered)
	if err != nil {
		return nil, err
	}
	if err := setParts(ctx, tx, post.ID, named, text.Hashtags(draft.Text), draft.Media); err != nil {
		return nil, err
	}
	edited, err := s.Post(ctx, tx, post.ID)
	if err != nil {
		return nil, err
	}
	return edited, s.tell(ctx, tx, Event{Kind: PostEdited, Who: edited.Author, Post: edited})
}

// DeletePost deletes a post; tells PostDeleted while it is still there.
func (s *Site) DeletePost(ctx context.Context, tx database.Tx, post *Post) error {
	if err := s.tell(ctx, tx, Event{Kind: PostDeleted, Who: post.Author, Post: post}); err != nil {
		return err
	}
	_, err := tx.ExecContext(ctx, "DELETE FROM posts WHERE id = ?", post.ID)
	return err
}

// setParts replaces whom a post mentions (nil: leaves them), its hashtags and what is attached to it.
func setParts(ctx context.Context, tx database.Tx, id ID, mentions []ID, tags []string, media []Media) error {
	var problem error
	run := func(query string, args ...any) {
		if problem == nil {
			_, problem = tx.ExecContext(ctx, query, args...)
		}
	}
	if mentions != nil {
		run("DELETE FROM mentions WHERE post_id = ?", id)
	}
	for _, person := range mentions {
		run("INSERT OR IGNORE INTO mentions VALUES (?, ?)", id, person)
	}
	run("DELETE FROM tags WHERE post_id = ?", id)
	for _, tag := range tags {
		run("INSERT OR IGNORE INTO tags VALUES (?, ?)", id, strings.ToLower(strings.TrimPrefix(tag, "#")))
	}
	run("DELETE FROM media WHERE post_id = ?", id)
	for _, item := range media {
		run("INSERT INTO media (post_id, url, media_type, alt, width, height) VALUES (?, ?, ?, ?, ?, ?)",
			id, item.URL, item.MediaType, item.Alt, null(item.Width), null(item.Height))
	}
	return problem
}

// named is whom a text of ours mentions: those it names, and the author of the post it answers. Never nil.
func (s *Site) named(ctx context.Context, q database.Querier, author *Person, body string, answered *Person) ([]ID, error) {
	named := []ID{}
	for _, handle := range text.Mentions(body) {
		switch person, err := s.ByHandle(ctx, q, handle); {
		case err == nil && person.ID != author.ID:
			named = append(named, person.ID)
		case err != nil && !errors.Is(err, ErrNotFound):
			return nil, err
		}
	}
	if answered != nil && answered.ID != author.ID {
		named = append(named, answered.ID)
	}
	return named, nil
}
