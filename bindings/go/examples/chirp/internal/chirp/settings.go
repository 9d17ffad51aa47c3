package chirp

import (
	"fmt"
	"net/url"
	"path/filepath"
	"strconv"
	"strings"
)

// Settings are what whoever runs a chirp decides. The names in the environment stand beside them.
type Settings struct {
	Database     string // CHIRP_DATABASE: path of the SQLite file
	Media        string // CHIRP_MEDIA: folder of the uploaded pictures
	Origin       string // CHIRP_ORIGIN: how the world reaches this site: scheme, host, port
	Name         string // CHIRP_NAME: what the site is called
	About        string // CHIRP_ABOUT: a sentence about it
	SignUp       bool   // CHIRP_SIGN_UP: whether anybody may sign up
	PostLength   int    // CHIRP_POST_LENGTH: characters of a post
	ImageSources string // CHIRP_IMAGE_SOURCES: where pictures from elsewhere may come from (CSP img-src)
	Federated    bool   // CHIRP_FEDERATED: whether people are asked if other sites may reach them
	SecretKey    string // SECRET_KEY: signs the session cookies; empty: one is made once, beside the database
}

// ReadSettings reads the settings from the environment (lookup is [os.LookupEnv]).
// Without CHIRP_DATABASE and CHIRP_MEDIA the data is kept in the folder "instance".
func ReadSettings(lookup func(string) (string, bool)) (Settings, error) {
	var problem error
	text := func(name, fallback string) string {
		if value, ok := lookup(name); ok {
			return value
		}
		return fallback
	}
	yes := func(name string, fallback bool) bool {
		value, ok := lookup(name)
		if !ok {
			return fallback
		}
		switch strings.ToLower(strings.TrimSpace(value)) {
		case "1", "yes", "true", "on":
			return true
		}
		return false
	}
	number := func(name string, fallback int) int {
		value, ok := lookup(name)
		if !ok {
			return fallback
		}
		found, err := strconv.Atoi(value)
		if err != nil || found < 1 {
			problem = fmt.Errorf("%s must be a number from 1 on", name)
		}
		return found
	}
	settings := Settings{
		Database:     text("CHIRP_DATABASE", filepath.Join("instance", "chirp.sqlite")),
		Media:        text("CHIRP_MEDIA", filepath.Join("instance", "media")),
		Origin:       strings.TrimRight(text("CHIRP_ORIGIN", "http://localhost:5000"), "/"),
		Name:         text("CHIRP_NAME", "Chirp"),
		About:        text("CHIRP_ABOUT", "A small, friendly place to write to each other."),
		SignUp:       yes("CHIRP_SIGN_UP", true),
		PostLength:   number("CHIRP_POST_LENGTH", 1000),
		ImageSources: text("CHIRP_IMAGE_SOURCES", "https:"),
		Federated:    yes("CHIRP_FEDERATED", false),
		SecretKey:    text("SECRET_KEY", ""),
	}
	origin, err := url.Parse(settings.Origin)
	if err != nil || origin.Host == "" || (origin.Scheme != "http" && origin.Scheme != "https") {
		problem = fmt.Errorf("CHIRP_ORIGIN must be like https://chirp.example, not %q", settings.Origin)
	}
	return settings, problem
}

// Home is the domain of own people, with the port if there is one: the host of Origin.
func (s Settings) Home() string {
	_, host, _ := strings.Cut(s.Origin, "://")
	return host
}
