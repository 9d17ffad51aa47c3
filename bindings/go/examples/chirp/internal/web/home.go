package web

import (
	"net/http"
	"net/url"
	"strings"

	"github.com/fedigraft/fedigraft/bindings/go/examples/chirp/internal/chirp"
)

// The home and local timelines, hashtags, and search.

// home shows those one follows; visitors see what is written here.
func (v *visit) home() error {
	if v.viewer == nil {
		return v.redirect("/local")
	}
	page, err := v.site.HomeTimeline(v.ctx, v.site.DB, v.viewer, v.older())
	if err != nil {
		return err
	}
	return v.showTimeline(page, data{"Title": "Home", "Composer": true})
}

// local shows what is written here, for everyone.
func (v *visit) local() error {
	page, err := v.site.LocalTimeline(v.ctx, v.site.DB, v.viewer, v.older())
	if err != nil {
		return err
	}
	return v.showTimeline(page, data{"Title": "Local"})
}

func (v *visit) showTimeline(page chirp.Timeline, own data) error {
	own["Page"] = page
	if v.viewer != nil {
		suggested, err := v.site.Suggestions(v.ctx, v.site.DB, v.viewer)
		if err != nil {
			return err
		}
		own["Suggested"] = suggested
	}
	return v.render(http.StatusOK, "timeline", own)
}

// tag shows public posts with a hashtag.
func (v *visit) tag() error {
	tag := v.r.PathValue("tag")
	page, err := v.site.TagTimeline(v.ctx, v.site.DB, v.viewer, tag, v.older())
	if err != nil {
		return err
	}
	return v.render(http.StatusOK, "timeline", data{"Title": "#" + tag, "Page": page})
}

// search finds people; it opens a handle, a hashtag or an address.
func (v *visit) search() error {
	asked := strings.TrimSpace(v.url.Query().Get("q"))
	asked = strings.ToValidUTF8(asked[:min(len(asked), 300)], "")
	own := data{"Query": asked, "IsAddress": chirp.IsAddress(asked)}
	if chirp.IsAddress(asked) {
		path, err := v.site.Locate(v.ctx, v.viewer, asked, v.origin())
		if err != nil {
			return err
		}
		if path != "" {
			return v.redirect(path)
		}
	}
	if tag, ok := strings.CutPrefix(asked, "#"); ok && tag != "" {
		return v.redirect("/tags/" + url.PathEscape(tag))
	}
	if asked != "" {
		matches, err := v.site.SearchPeople(v.ctx, v.site.DB, asked)
		if err != nil {
			return err
		}
		own["Matches"] = matches
	}
	return v.render(http.StatusOK, "search", own)
}

// origin is how this visitor reaches the site.
func (v *visit) origin() string {
	if v.r.TLS != nil {
		return "https://" + v.r.Host
	}
	return "http://" + v.r.Host
}

// older is the cursor of a timeline.
func (v *visit) older() string { return v.url.Query().Get("older") }
