package web

import (
	"embed"
	"errors"
	"html/template"
	"io/fs"
	"maps"
	"path"
	"strings"

	"github.com/fedigraft/fedigraft/bindings/go/examples/chirp/internal/chirp"
	"github.com/fedigraft/fedigraft/bindings/go/examples/chirp/internal/clock"
)

//go:embed templates
var sources embed.FS

// templates are the pages by name: each with base.html around it and the parts that several show.
var templates = func() map[string]*template.Template {
	shared := template.Must(template.New("").Funcs(functions).ParseFS(sources,
		"templates/base.html", "templates/parts.html", "templates/profile_head.html"))
	names, err := fs.Glob(sources, "templates/*.html")
	if err != nil {
		panic(err)
	}
	all := map[string]*template.Template{}
	for _, name := range names {
		page := template.Must(template.Must(shared.Clone()).ParseFS(sources, name))
		all[strings.TrimSuffix(path.Base(name), ".html")] = page
	}
	return all
}()

var functions = template.FuncMap{
	"let": let, "icon": icon, "initial": initial,
	"add": func(a, b int) int { return a + b },
	"hue": func(id chirp.ID) int64 { return int64(id) % 8 },

	"ago": clock.Ago, "full": clock.Full, "month": clock.Month, "stamp": clock.Text,

	"audience":  func(visibility string) string { return audienceNames[visibility] },
	"audiences": func() []string { return audiences },
	"languages": func() []chirp.Language { return chirp.Languages },
	"said":      func(kind string) saying { return sayings[kind] },
}

// let is what a part of a page knows: all that the page knows, and some names more.
func let(known data, more ...any) (data, error) {
	grown := maps.Clone(known)
	for ; len(more) >= 2; more = more[2:] {
		name, ok := more[0].(string)
		if !ok {
			return nil, errors.New("let takes pairs of a name and a value")
		}
		grown[name] = more[1]
	}
	return grown, nil
}

func initial(name string) string {
	for _, first := range name {
		return strings.ToUpper(string(first))
	}
	return ""
}

var audiences = []string{chirp.Public, chirp.Unlisted, chirp.Followers, chirp.Direct}

var audienceNames = map[string]string{
	chirp.Public:    "Public",
	chirp.Unlisted:  "Unlisted",
	chirp.Followers: "Followers only",
	chirp.Direct:    "Only people mentioned",
}

// saying is how a notification is worded.
type saying struct{ Icon, Words string }

var sayings = map[string]saying{
	"follow":   {"person", "follows you"},
	"request":  {"person", "asks to follow you"},
	"accepted": {"check", "lets you follow them"},
	"mention":  {"direct", "mentioned you"},
	"reply":    {"reply", "replied to you"},
	"like":     {"heart", "likes your post"},
	"boost":    {"boost", "boosted your post"},
}
