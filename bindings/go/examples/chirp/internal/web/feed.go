package web

import (
	"encoding/xml"
	"fmt"
	"html/template"
	"io"

	"github.com/fedigraft/fedigraft/bindings/go/examples/chirp/internal/chirp"
	"github.com/fedigraft/fedigraft/bindings/go/examples/chirp/internal/clock"
)

// A person's public posts for feed readers: Atom (RFC 4287).

type atomFeed struct {
	XMLName xml.Name    `xml:"http://www.w3.org/2005/Atom feed"`
	Title   string      `xml:"title"`
	ID      string      `xml:"id"`
	Links   []atomLink  `xml:"link"`
	Author  string      `xml:"author>name"`
	Updated string      `xml:"updated"`
	Entries []atomEntry `xml:"entry"`
}

type atomLink struct {
	Rel  string `xml:"rel,attr"`
	Type string `xml:"type,attr"`
	Href string `xml:"href,attr"`
}

type atomEntry struct {
	ID        string      `xml:"id"`
	Link      atomLink    `xml:"link"`
	Title     string      `xml:"title"`
	Published string      `xml:"published"`
	Updated   string      `xml:"updated"`
	Content   atomContent `xml:"content"`
}

type atomContent struct {
	Type     string `xml:"type,attr"`
	Language string `xml:"xml:lang,attr,omitempty"`
	HTML     string `xml:",chardata"`
}

func (v *visit) feed() error {
	person, err := v.person()
	if err != nil {
		return err
	}
	if !person.Local() {
		return chirp.ErrNotFound
	}
	posts, _, err := v.site.ByAuthor(v.ctx, v.site.DB, person.ID, 0, 20)
	if err != nil {
		return err
	}
	page := v.site.Origin + person.Path()
	feed := atomFeed{
		Title: person.ShownName(), ID: page, Author: person.ShownName(), Updated: clock.Text(person.Created),
		Links: []atomLink{{"alternate", "text/html", page}, {"self", "application/atom+xml", page + "/feed.atom"}},
	}
	for n, post := range posts {
		entry := v.feedEntry(post)
		if n == 0 {
			feed.Updated = entry.Updated
		}
		feed.Entries = append(feed.Entries, entry)
	}
	content, err := xml.MarshalIndent(feed, "", "  ")
	if err != nil {
		return err
	}
	v.w.Header().Set("Content-Type", "application/atom+xml; charset=utf-8")
	_, err = io.WriteString(v.w, xml.Header+string(content)+"\n")
	if err != nil {
		return errGone
	}
	return nil
}

func (v *visit) feedEntry(post *chirp.Post) atomEntry {
	page := v.site.Origin + post.Path()
	body := string(post.Markup())
	for _, item := range post.Media {
		body += fmt.Sprintf(`<p><img src="%s" alt="%s"></p>`,
			template.HTMLEscapeString(v.site.Origin+item.URL), template.HTMLEscapeString(item.Alt))
	}
	changed := post.Published
	if !post.Edited.IsZero() {
		changed = post.Edited
	}
	return atomEntry{
		ID: page, Link: atomLink{"alternate", "text/html", page}, Title: post.Excerpt(80),
		Published: clock.Text(post.Published), Updated: clock.Text(changed),
		Content: atomContent{"html", post.Language, body},
	}
}
