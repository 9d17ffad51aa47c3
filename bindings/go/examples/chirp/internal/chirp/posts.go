package chirp

import (
	"database/sql"
	"html/template"
	"strings"
	"time"

	"github.com/fedigraft/fedigraft/bindings/go/examples/chirp/internal/text"
)

// The audiences of a post.
const (
	Public    = "public"
	Unlisted  = "unlisted"
	Followers = "followers"
	Direct    = "direct"
)

// MaxPictures is how many pictures a post may have.
const MaxPictures = 4

// visible is true for the rows of posts AS p that the person :viewer may see (NULL: somebody who is not logged in).
// It is the one place that decides this.
const visible = `(p.visibility IN ('public', 'unlisted') OR p.author_id = :viewer
  OR EXISTS (SELECT 1 FROM mentions WHERE post_id = p.id AND person_id = :viewer)
  OR (p.visibility = 'followers' AND EXISTS (
        SELECT 1 FROM follows WHERE followee_id = p.author_id AND follower_id = :viewer AND state = 'accepted')))`

// as is the :viewer of a query; nil is somebody who is not logged in.
func as(viewer *Person) sql.NamedArg {
	if viewer == nil {
		return sql.Named("viewer", nil)
	}
	return sql.Named("viewer", viewer.ID)
}

// Media is something attached to a post. Own pictures have a URL that begins with "/media/".
type Media struct {
	URL, MediaType, Alt string
	Width, Height       int // in pixels; 0: not known
}

// IsPicture says whether it can be shown.
func (m Media) IsPicture() bool { return strings.HasPrefix(m.MediaType, "image/") }

// Draft is what someone writes. ReplyTo is the post it answers, or nil.
type Draft struct {
	Text, Warning        string
	Sensitive            bool // pictures stay folded
	Visibility, Language string
	ReplyTo              *Post
	Media                []Media
}

// Post is one post with everything that is shown with it.
type Post struct {
	ID                   ID
	Author               *Person
	ReplyToID            ID     // 0: none; may name a post that is gone
	ReplyToURI           string // of a parent that lives elsewhere
	Title, Text          string // plain, as written
	HTML                 string // of posts from elsewhere, sanitised before it came here
	Warning              string
	Sensitive            bool
	Language, Visibility string
	URI, URL             string // "" for own posts
	Published, Edited    time.Time
	Media                []Media
	Mentions             []*Person
	Tags                 []string
}

// Local says whether it was written here.
func (p *Post) Local() bool { return p.URI == "" }

// Path is its page here.
func (p *Post) Path() string { return "/posts/" + p.ID.String() }

// IsReply says whether it answers something.
func (p *Post) IsReply() bool { return p.ReplyToID != 0 || p.ReplyToURI != "" }

// CanBeBoosted says whether it may be passed on.
func (p *Post) CanBeBoosted() bool { return p.Visibility == Public || p.Visibility == Unlisted }

// Markup is the body as safe HTML.
func (p *Post) Markup() template.HTML {
	if !p.Local() {
		return template.HTML(p.HTML) // sanitised before UpsertPost took it
	}
	return text.ToHTML(p.Text, func(name string) bool {
		for _, person := range p.Mentions {
			if person.Local() && strings.EqualFold(person.Name, name) {
				return true
			}
		}
		return false
	}, "nofollow noopener")
}

// Excerpt is the beginning of a post as one line of text: its warning, if it has one.
func (p *Post) Excerpt(length int) string {
	return text.Truncate(p.line(p.Warning), length)
}

// Headline is as Excerpt, but prefers a title to the words.
func (p *Post) Headline(length int) string {
	if p.Warning == "" {
		return text.Truncate(p.line(p.Title), length)
	}
	return p.Excerpt(length)
}

func (p *Post) line(first string) string {
	if first == "" {
		return text.Plain(p.Markup())
	}
	return first
}

// Warning is a content warning as it is kept: one line, not too long.
func Warning(written string) string { return head(strings.Join(strings.Fields(written), " "), 200) }

// Alt is the description of a picture as it is kept.
func Alt(written string) string { return head(strings.TrimSpace(written), maxAlt) }
