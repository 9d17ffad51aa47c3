package fedigraft

// The instance: who the host is on the network, and everything that is done in its name. An immutable handle,
// safe for concurrent use. Here are the primitives, each useful alone; begin.go opens exchanges.

import "encoding/json"

// InstanceConfig says who the host is on the network. Only Origin is required.
type InstanceConfig struct {
	// Origin is scheme, host and port of every id, such as "https://chirp.example".
	Origin string `json:"origin"`
	// Name is that of the site, for people.
	Name string `json:"name,omitempty"`
	// Description is one paragraph about the site, plain text.
	Description string `json:"description,omitempty"`
	// AccountDomain is the domain in @user@domain when it is not the origin's host.
	AccountDomain string `json:"account_domain,omitempty"`
	// Aliases are further origins that reach this server.
	Aliases []string `json:"aliases,omitempty"`
	// Paths are URL templates, such as {"post_page": "/@{username}/{id}"}.
	Paths map[string]string `json:"paths,omitempty"`
	// Software is what the server calls itself.
	Software *Software `json:"software,omitempty"`
	Policy   Policy    `json:"policy,omitzero"`
	// OpenRegistrations: anybody may sign up.
	OpenRegistrations bool `json:"open_registrations,omitempty"`
	// Loads are the names the host answers; without them only the primitives work. New fills them in.
	Loads []string `json:"loads,omitempty"`
}

// Software is what a server calls itself in NodeInfo.
type Software struct {
	Name       string `json:"name"`
	Version    string `json:"version"`
	Repository string `json:"repository,omitempty"`
	Homepage   string `json:"homepage,omitempty"`
}

// Policy is a named set of bounds, with numbers of one's own in Limits. The zero value is "strict".
type Policy struct {
	// Base is "strict" or "development", which allows plain HTTP, any port and loopback addresses.
	Base string
	// Limits replace numbers of the base; see the policy in Description.
	Limits map[string]any
}

// Development is the policy for machines without a name on the network.
var Development = Policy{Base: "development"}

// IsZero is true for the strict policy without changes.
func (p Policy) IsZero() bool { return p.Base == "" && len(p.Limits) == 0 }

// MarshalJSON writes the name, or the name with the numbers.
func (p Policy) MarshalJSON() ([]byte, error) {
	base := p.Base
	if base == "" {
		base = "strict"
	}
	if len(p.Limits) == 0 {
		return json.Marshal(base)
	}
	all := map[string]any{"base": base}
	for name, value := range p.Limits {
		all[name] = value
	}
	return json.Marshal(all)
}

// Description is what an instance came to.
type Description struct {
	Origin        string         `json:"origin"`
	Hosts         []string       `json:"hosts"`
	AccountDomain string         `json:"account_domain"`
	InstanceActor string         `json:"instance_actor"`
	SharedInbox   string         `json:"shared_inbox"`
	Policy        map[string]any `json:"policy"`
	// Warnings are for the log when the server starts.
	Warnings []string `json:"warnings"`
}

// Instance is a server on the network. Immutable; safe for concurrent use. Close it, or let it go.
type Instance struct {
	handle
	described Description
}

// OpenInstance makes an instance. ErrInvalidArgument: the configuration is wrong; Place says where.
func OpenInstance(config InstanceConfig) (*Instance, error) {
	text, err := document(config)
	if err != nil {
		return nil, err
	}
	made, err := nativeInstanceNew(text)
	if err != nil {
		return nil, err
	}
	instance := &Instance{}
	own(instance, &instance.handle, made, nativeInstanceFree, "Instance")
	if text, err = nativeInstanceDescribe(made); err == nil {
		err = parse(text, &instance.described)
	}
	if err != nil {
		instance.Close()
		return nil, err
	}
	return instance, nil
}

// Description is what the instance came to: origin, hosts, policy, warnings.
func (i *Instance) Description() Description { return i.described }

// IsDevelopment is true when the policy allows plain HTTP, any port and loopback addresses.
func (i *Instance) IsDevelopment() bool { return i.described.Policy["local_network"] == true }

// URI is one of the instance's own. kind is "actor", "inbox", "outbox", "followers", "following" or "key" with
// a profile id; "post" with a post id; "activity" with its id; "tag_page" with a hashtag; "nodeinfo" with a
// version; "handle" with a username; "shared_inbox", "instance_actor" or "instance_key" with "".
func (i *Instance) URI(kind, id string) (string, error) {
	address, err := i.enter()
	if err != nil {
		return "", err
	}
	defer i.leave()
	return nativeInstanceURI(address, kind, id)
}

// RenderProfile gives a local profile as an ActivityPub actor. Who may see it is not decided here.
func (i *Instance) RenderProfile(profile Profile, key *PublicKey) (json.RawMessage, error) {
	if key == nil {
		return nil, invalid("missing_key", "key", "expected the public key of the profile")
	}
	inside, err := key.enter()
	if err != nil {
		return nil, err
	}
	defer key.leave()
	return i.render(profile, func(address pointer, text []byte) ([]byte, error) {
		return nativeProfileRender(address, text, inside)
	})
}

// RenderPost gives a local post of a profile as an ActivityPub object. Who may see it is not decided here.
func (i *Instance) RenderPost(profile Profile, post Post) (json.RawMessage, error) {
	author, err := document(profile)
	if err != nil {
		return nil, err
	}
	return i.render(post, func(address pointer, text []byte) ([]byte, error) {
		return nativePostRender(address, author, text)
	})
}

// RenderWebFinger gives the WebFinger document of a local profile (RFC 7033).
func (i *Instance) RenderWebFinger(profile Profile) (json.RawMessage, error) {
	return i.render(profile, nativeWebFingerRender)
}

// Usage are the numbers a server may publish. A nil one is not told.
type Usage struct {
	Users          *int64 `json:"users,omitempty"`
	ActiveMonth    *int64 `json:"active_month,omitempty"`
	ActiveHalfyear *int64 `json:"active_halfyear,omitempty"`
	LocalPosts     *int64 `json:"local_posts,omitempty"`
	LocalComments  *int64 `json:"local_comments,omitempty"`
}

// RenderNodeInfo gives the NodeInfo document of a version, "2.0" or "2.1"; with "" the one that links to them.
func (i *Instance) RenderNodeInfo(version string, usage Usage) (json.RawMessage, error) {
	return i.render(usage, func(address pointer, text []byte) ([]byte, error) {
		return nativeNodeInfoRender(address, version, text)
	})
}

// Written is a text of a local user as the HTML that travels.
type Written struct {
	HTML     string `json:"html"`
	Mentions []struct {
		User   string `json:"user"`
		Domain string `json:"domain"`
	} `json:"mentions"`
	Hashtags []string `json:"hashtags"`
	Links    []string `json:"links"`
}

// ContentToHTML gives a text as the HTML that travels. Mentions are found, but not linked.
func (i *Instance) ContentToHTML(content Content) (*Written, error) {
	text, err := i.render(content, nativeContentToHTML)
	if err != nil {
		return nil, err
	}
	var written Written
	return &written, parse(text, &written)
}

// render hands a document over and gives what comes back.
func (i *Instance) render(value any, function func(pointer, []byte) ([]byte, error)) (json.RawMessage, error) {
	address, err := i.enter()
	if err != nil {
		return nil, err
	}
	defer i.leave()
	text, err := document(value)
	if err != nil {
		return nil, err
	}
	return function(address, text)
}
