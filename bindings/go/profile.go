package fedigraft

// The native model: profiles.

import "time"

// Image is a picture of a profile. URL may be a path on the instance's origin.
type Image struct {
	URL       string `json:"url"`
	MediaType string `json:"media_type,omitempty"`
	Alt       string `json:"alt,omitempty"`
}

// Field is a line of a profile: a label and a text or URL.
type Field struct {
	Name  string `json:"name"`
	Value string `json:"value"`
	// VerifiedAt is when the link was found to point back.
	VerifiedAt time.Time `json:"verified_at,omitzero"`
}

// Profile is a person, group, bot or organisation.
type Profile struct {
	// ID is the host's permanent key for a local profile (a rename never changes the actor), the actor's URI
	// for a remote one.
	ID string `json:"id"`
	// Username is the name in the handle. It may change.
	Username    string  `json:"username"`
	DisplayName string  `json:"display_name,omitempty"`
	Bio         Content `json:"bio,omitzero"`
	Avatar      *Image  `json:"avatar,omitempty"`
	Header      *Image  `json:"header,omitempty"`
	Fields      []Field `json:"fields,omitempty"`
	// Kind is "person" when empty, "group", "service", "organization" or "application".
	Kind string `json:"kind,omitempty"`
	// Federated says that it takes part in federation. False unless you say so: then nothing of it is served.
	Federated bool `json:"federated,omitempty"`
	// Locked: followers wait for approval.
	Locked bool `json:"locked,omitempty"`
	// Discoverable: may be shown in directories.
	Discoverable bool `json:"discoverable,omitempty"`
	// Indexable: public posts may be found by search.
	Indexable bool `json:"indexable,omitempty"`
	// Handle is such as "@alice@example.com"; worked out for local profiles.
	Handle string `json:"handle,omitempty"`
	// MovedTo is the URI of the actor this one moved to.
	MovedTo string `json:"moved_to,omitempty"`
	// AlsoKnownAs are URIs of other actors of the same person.
	AlsoKnownAs []string  `json:"also_known_as,omitempty"`
	Created     time.Time `json:"created,omitzero"`
	// URL is the page to see it on; the instance's profile_page when empty.
	URL   string `json:"url,omitempty"`
	Extra Extra  `json:"-"`
}

// MarshalJSON writes the profile with its Extra.
func (p Profile) MarshalJSON() ([]byte, error) {
	type plain Profile
	return write(plain(p), p.Extra)
}

// UnmarshalJSON reads a profile; what it does not know goes into Extra.
func (p *Profile) UnmarshalJSON(document []byte) (err error) {
	type plain Profile
	p.Extra, err = read(document, (*plain)(p))
	return err
}
