package fedigraft

// The native model: posts. A host maps them to its tables without knowing ActivityPub.
//
// A local post comes from the host: its ID is the host's own key. A remote one comes from the network: its ID
// is a URI and its text is sanitised HTML. The fields are those of the Rust types fedigraft::model.

import (
	"encoding/json"
	"time"
)

// Visibility says who may see a post.
type Visibility string

// The visibilities.
const (
	Public    Visibility = "public"    // everybody, and in public timelines
	Unlisted  Visibility = "unlisted"  // everybody, in no public timeline
	Followers Visibility = "followers" // who follows the author
	Direct    Visibility = "direct"    // who is mentioned
)

// Format says how a text is written.
type Format string

// The formats. The zero value counts as Plain.
const (
	Plain    Format = "plain"
	Markdown Format = "markdown" // CommonMark
	HTML     Format = "html"
)

// Content is a text and how it is written.
type Content struct {
	Format Format `json:"format,omitempty"`
	Text   string `json:"text"`
}

// Mention is somebody named in a post. For a local post a handle or a URI is enough.
type Mention struct {
	Handle string `json:"handle,omitempty"`
	URI    string `json:"uri,omitempty"`
	URL    string `json:"url,omitempty"`
}

// Emoji is a custom emoji: a picture for :shortcode:.
type Emoji struct {
	Shortcode string `json:"shortcode"`
	URL       string `json:"url"`
	MediaType string `json:"media_type,omitempty"`
}

// Media is a picture, sound, video or file of a post.
type Media struct {
	// URL may be a path on the instance's origin.
	URL       string `json:"url"`
	MediaType string `json:"media_type,omitempty"`
	// Alt says what it shows, plain text.
	Alt string `json:"alt,omitempty"`
	// Width and Height are pixels; zero is unknown.
	Width    int    `json:"width,omitempty"`
	Height   int    `json:"height,omitempty"`
	Blurhash string `json:"blurhash,omitempty"`
	// FocalPoint is the point to keep when cropping: x and y from -1 (left, bottom) to 1.
	FocalPoint *[2]float64 `json:"focal_point,omitempty"`
	// Duration is seconds.
	Duration float64 `json:"duration,omitempty"`
}

// Link is a link a post is about.
type Link struct {
	URL   string `json:"url"`
	Title string `json:"title,omitempty"`
}

// Poll is the poll of a question. Only read so far: a local post cannot have one.
type Poll struct {
	Multiple bool         `json:"multiple,omitempty"`
	Options  []PollOption `json:"options"`
	Ends     time.Time    `json:"ends,omitzero"`
	Closed   time.Time    `json:"closed,omitzero"`
	// Voters is nil when it is not told.
	Voters *int64 `json:"voters,omitempty"`
}

// PollOption is one answer of a poll.
type PollOption struct {
	Title string `json:"title"`
	// Votes is how many chose it, nil when that is not told.
	Votes *int64 `json:"votes,omitempty"`
}

// InteractionPolicy says who may reply to, like, share and quote a post. A nil rule says nothing.
type InteractionPolicy struct {
	Reply *InteractionRule `json:"reply,omitempty"`
	Like  *InteractionRule `json:"like,omitempty"`
	Share *InteractionRule `json:"share,omitempty"`
	Quote *InteractionRule `json:"quote,omitempty"`
}

// InteractionRule says who is allowed at once and who after the author agrees. Each entry is "public",
// "followers", "following", "author" or a URI.
type InteractionRule struct {
	Automatic []string `json:"automatic,omitempty"`
	Manual    []string `json:"manual,omitempty"`
}

// Post is a post.
type Post struct {
	// ID is the host's key for a local post, which goes into the URI; the object's URI for a remote one.
	ID string `json:"id"`
	// Author is the profile's id for a local post, the actor's URI for a remote one.
	Author string `json:"author"`
	// Visibility has no default: a post without it is refused.
	Visibility Visibility `json:"visibility,omitempty"`
	Content    Content    `json:"content"`
	// Kind is "note" when empty, "article", "question", "page", "image", "video", "audio", "event" or, on a
	// remote post, any other word.
	Kind string `json:"kind,omitempty"`
	// URL is the page to read it on; the instance's post_page when empty.
	URL string `json:"url,omitempty"`
	// InReplyTo and Quote are URIs, or ids of the host's own posts.
	InReplyTo string `json:"in_reply_to,omitempty"`
	Quote     string `json:"quote,omitempty"`
	// Title is plain text; an article has one.
	Title string `json:"title,omitempty"`
	// Spoiler is the content warning before the text, plain text.
	Spoiler string `json:"spoiler,omitempty"`
	// Sensitive media are hidden until asked for.
	Sensitive bool `json:"sensitive,omitempty"`
	// Language is a BCP 47 tag such as "en" or "pt-BR".
	Language string `json:"language,omitempty"`
	// Mentions and Hashtags (without #) of the text are found without help.
	Mentions  []Mention `json:"mentions,omitempty"`
	Hashtags  []string  `json:"hashtags,omitempty"`
	Emojis    []Emoji   `json:"emojis,omitempty"`
	Media     []Media   `json:"media,omitempty"`
	Links     []Link    `json:"links,omitempty"`
	Poll      *Poll     `json:"poll,omitempty"`
	Published time.Time `json:"published,omitzero"`
	// Updated is when it was last edited; an edit needs it.
	Updated           time.Time          `json:"updated,omitzero"`
	InteractionPolicy *InteractionPolicy `json:"interaction_policy,omitempty"`
	// NotBefore delays delivery until then, to the second. Never leaves the server.
	NotBefore time.Time `json:"-"`
	Extra     Extra     `json:"-"`
}

type plainPost Post

// postDocument is a post as its document has it: NotBefore is in whole seconds since the epoch.
type postDocument struct {
	plainPost
	NotBefore int64 `json:"not_before,omitempty"`
}

// MarshalJSON writes the post with its Extra.
func (p Post) MarshalJSON() ([]byte, error) {
	document := postDocument{plainPost: plainPost(p)}
	if !p.NotBefore.IsZero() {
		document.NotBefore = p.NotBefore.Add(time.Second - 1).Unix() // never early
	}
	return write(document, p.Extra)
}

// UnmarshalJSON reads a post; what it does not know goes into Extra.
func (p *Post) UnmarshalJSON(text []byte) error {
	document := postDocument{plainPost: plainPost(*p)}
	extra, err := read(text, &document)
	if err != nil {
		return err
	}
	*p = Post(document.plainPost)
	p.Extra = extra
	if document.NotBefore != 0 {
		p.NotBefore = time.Unix(document.NotBefore, 0).UTC()
	}
	return nil
}

// Posts is a page of posts, newest first: the answer to Host.Posts.
type Posts struct {
	Items []Post
	// Next is the cursor of the page after this one, "" on the last.
	Next string
	// Total counts all public posts; zero says nothing unless the page is empty.
	Total int
}

// MarshalJSON writes the page as the load table has it.
func (p Posts) MarshalJSON() ([]byte, error) {
	page := struct {
		Items []Post  `json:"items"`
		Next  *string `json:"next"`
		Total *int    `json:"total"`
	}{Items: p.Items}
	if p.Items == nil {
		page.Items = []Post{}
	}
	if p.Next != "" {
		page.Next = &p.Next
	}
	if p.Total != 0 || len(p.Items) == 0 {
		page.Total = &p.Total
	}
	return json.Marshal(page)
}
