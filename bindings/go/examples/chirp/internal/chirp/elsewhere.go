package chirp

import (
	"context"
	"encoding/json"
	"errors"
	"net/url"
	"strings"
	"time"

	"github.com/fedigraft/fedigraft/bindings/go/examples/chirp/internal/clock"
	"github.com/fedigraft/fedigraft/bindings/go/examples/chirp/internal/database"
)

// People and posts that live elsewhere and are known here: a guest's page, an imported thread, another site.
//
// Whoever brings them (an importer, a bridge) calls these functions inside a transaction. URI is the permanent name
// there. HTML is shown as it is given, so it MUST have been sanitised before.

// Stranger is a person from elsewhere. Handle is "@bob@site.example"; the caller has made sure that it belongs to URI.
// The values of Fields are plain text.
type Stranger struct {
	URI, Handle, DisplayName, BioHTML, AvatarURL, URL string
	Fields                                            []Field
	Locked                                            bool
}

// UpsertPerson stores what is known of a person from elsewhere, new or again. It tells no event.
//
// Someone else who had the handle before keeps their posts under the name "<name>~<id>". It fails when the handle has
// no domain or the domain is ours.
func (s *Site) UpsertPerson(ctx context.Context, tx database.Tx, known *Stranger) (*Person, error) {
	name, domain, _ := strings.Cut(strings.TrimPrefix(known.Handle, "@"), "@")
	if known.URI == "" || name == "" || domain == "" || strings.EqualFold(domain, s.Home()) {
		return nil, errors.New("the handle of a person from elsewhere has the form @name@domain, with another domain")
	}
	fields, err := json.Marshal(append([]Field{}, known.Fields...))
	if err != nil {
		return nil, err
	}
	if _, err := tx.ExecContext(ctx, "UPDATE people SET name = name || '~' || id WHERE name = ? AND domain = ? AND uri <> ?",
		name, domain, known.URI); err != nil {
		return nil, err
	}
	if _, err := tx.ExecContext(ctx,
		`INSERT INTO people (uri, name, domain, display_name, bio_html, avatar, url, fields, locked, created)
		 VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
		 ON CONFLICT (uri) DO UPDATE SET name = excluded.name, domain = excluded.domain,
		   display_name = excluded.display_name, bio_html = excluded.bio_html, avatar = excluded.avatar,
		   url = excluded.url, fields = excluded.fields, locked = excluded.locked`,
		known.URI, name, domain, known.DisplayName, known.BioHTML, null(web(known.AvatarURL)), null(web(known.URL)),
		string(fields), known.Locked, clock.Text(clock.Now())); err != nil {
		return nil, err
	}
	return s.ByURI(ctx, tx, known.URI)
}

// DeletePerson forgets a person from elsewhere, with their posts, follows, likes and boosts. It tells no event.
func (s *Site) DeletePerson(ctx context.Context, tx database.Tx, uri string) error {
	_, err := tx.ExecContext(ctx, "DELETE FROM people WHERE uri = ?", uri)
	return err
}

// Arrival is a post from elsewhere.
//
// ReplyToID names a post that is known here, ReplyToURI one that need not be known yet: the thread closes when it
// comes. Mentions are the ids of those it is addressed to by name, who see it whatever its visibility; nil leaves them
// as they are.
type Arrival struct {
	URI                       string
	Author                    Stranger
	HTML, URL, Title, Warning string
	Sensitive                 bool
	Language, Visibility      string
	Published, Edited         time.Time // zero: now; never
	ReplyToID                 ID
	ReplyToURI                string
	Mentions                  []ID
	Tags                      []string
	Media                     []Media
}

// UpsertPost stores a post from elsewhere with its author, new or again; tells PostPublished or PostEdited.
// It fails when the URI is someone else's post.
func (s *Site) UpsertPost(ctx context.Context, tx database.Tx, post *Arrival) (*Post, error) {
	author, err := s.UpsertPerson(ctx, tx, &post.Author)
	if err != nil {
		return nil, err
	}
	known, err := s.PostByURI(ctx, tx, post.URI)
	if err != nil && !errors.Is(err, ErrNotFound) {
		return nil, err
	}
	if known != nil && known.Author.ID != author.ID {
		return nil, errors.New("the post belongs to someone else")
	}
	replyTo := post.ReplyToID
	if replyTo == 0 && post.ReplyToURI != "" {
		switch parent, err := s.PostByURI(ctx, tx, post.ReplyToURI); {
		case err == nil:
			replyTo = parent.ID
		case !errors.Is(err, ErrNotFound):
			return nil, err
		}
	}
	var edited any
	if !post.Edited.IsZero() {
		edited = clock.Text(clock.Past(post.Edited))
	}
	if _, err := tx.ExecContext(ctx,
		`INSERT INTO posts (uri, author_id, html, url, title, warning, sensitive, language, visibility, published, edited,
		                    reply_to_id, reply_to_uri)
		 VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
		 ON CONFLICT (uri) DO UPDATE SET html = excluded.html, url = excluded.url, title = excluded.title,
		   warning = excluded.warning, sensitive = excluded.sensitive, language = excluded.language,
		   visibility = excluded.visibility, edited = excluded.edited`,
		post.URI, author.ID, post.HTML, null(web(post.URL)), post.Title, post.Warning, post.Sensitive, post.Language,
		post.Visibility, clock.Text(clock.Past(post.Published)), edited, null(replyTo), null(post.ReplyToURI)); err != nil {
		return nil, err
	}
	stored, err := s.PostByURI(ctx, tx, post.URI)
	if err != nil {
		return nil, err
	}
	if _, err := tx.ExecContext(ctx, "UPDATE posts SET reply_to_id = ? WHERE reply_to_uri = ? AND reply_to_id IS NULL",
		stored.ID, post.URI); err != nil {
		return nil, err
	}
	var shown []Media
	for _, item := range post.Media {
		if web(item.URL) != "" {
			shown = append(shown, item)
		}
	}
	if err := setParts(ctx, tx, stored.ID, post.Mentions, post.Tags, shown); err != nil {
		return nil, err
	}
	if stored, err = s.Post(ctx, tx, stored.ID); err != nil {
		return nil, err
	}
	if known != nil {
		return stored, s.tell(ctx, tx, Event{Kind: PostEdited, Who: stored.Author, Post: stored})
	}
	return stored, s.tell(ctx, tx, Event{Kind: PostPublished, Who: stored.Author, Post: stored})
}

// ForgetPost deletes a post from elsewhere if it is known; tells PostDeleted.
func (s *Site) ForgetPost(ctx context.Context, tx database.Tx, uri string) error {
	post, err := s.PostByURI(ctx, tx, uri)
	if errors.Is(err, ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	return s.DeletePost(ctx, tx, post)
}

// Meet stores somebody from elsewhere and does something between them and one of our own: Follow, Unfollow,
// AcceptFollow, RejectFollow.
func (s *Site) Meet(ctx context.Context, tx database.Tx, known *Stranger, id ID,
	do func(ctx context.Context, tx database.Tx, them, us *Person) error) error {
	us, err := s.Person(ctx, tx, id)
	if err != nil {
		return err
	}
	them, err := s.UpsertPerson(ctx, tx, known)
	if err != nil {
		return err
	}
	return do(ctx, tx, them, us)
}

// React stores somebody from elsewhere and does what they do to a post, named by our id or its uri: Like, Unlike, Boost,
// Unboost. It does nothing when the post is not known here.
func (s *Site) React(ctx context.Context, tx database.Tx, known *Stranger, id ID, uri string,
	do func(ctx context.Context, tx database.Tx, them *Person, post *Post) error) error {
	post, err := s.Post(ctx, tx, id)
	if errors.Is(err, ErrNotFound) {
		post, err = s.PostByURI(ctx, tx, uri)
	}
	if err != nil {
		return ignore(err)
	}
	them, err := s.UpsertPerson(ctx, tx, known)
	if err != nil {
		return err
	}
	return do(ctx, tx, them, post)
}

// web is an address when it is an http or https one that may stand in a link; else "".
func web(address string) string {
	found, err := url.Parse(address)
	if err != nil || (found.Scheme != "http" && found.Scheme != "https") {
		return ""
	}
	return address
}
