package fedigraft

// Every vector is played twice, as a user meets only the second face: the runner compares the bytes that cross the
// boundary (native.go); this file asks the public functions and types for the same and wants the same answer. A field
// with a wrong name, or a document that loses a member in its Go type, is seen here and nowhere else.

import (
	"encoding/json"
	"fmt"
	"reflect"
	"time"
)

// again calls what the module offers its users, where it can say what the case says.
func (in *inputs) again(name string, out []byte) error {
	now := time.Unix(in.now, 0)
	switch name {
	case "key_to_pem":
		return equalTo(out)(in.key.PEM())
	case "key_public_pem":
		if err := equalTo(out)(in.key.PublicPEM()); err != nil {
			return err
		}
		public, err := in.key.Public()
		if err != nil {
			return err
		}
		return equalTo(out)(public.PEM())
	case "key_sign":
		return equalTo(out)(in.key.Sign(in.bytes["message"]))
	case "public_key_to_pem":
		return equalTo(out)(in.public.PEM())
	case "instance_describe":
		return fits(out, func() (*Description, error) { d := in.instance.Description(); return &d, nil })
	case "instance_uri":
		return equalTo(string(out))(in.instance.URI(string(in.bytes["kind"]), string(in.bytes["id"])))
	case "request_key_id":
		return fits(out, in.request().Claim)
	case "request_verify":
		return fits(out, func() (*Verdict, error) { return in.instance.Verify(in.request(), in.public, now) })
	case "request_explain":
		return fits(out, func() (*Verdict, error) { return in.instance.Explain(in.request(), in.public, now) })
	case "profile_read":
		return fits(plainObject(out)["profile"], func() (*Profile, error) { return ReadProfile(in.bytes["actor"]) })
	case "post_read":
		return fits(plainObject(out)["post"], func() (*Post, error) { return ReadPost(in.bytes["object"]) })
	case "activity_read":
		return fits(out, func() (*Activity, error) { return ReadActivity(in.bytes["activity"]) })
	case "html_sanitise":
		return equalTo(string(out))(Sanitise(string(in.bytes["html"])))
	case "html_to_text":
		return equalTo(string(out))(HTMLToText(string(in.bytes["html"])))
	case "profile_render":
		return sameJSON(out)(in.instance.RenderProfile(typed[Profile](in.bytes["profile"]), in.public))
	case "post_render":
		return sameJSON(out)(in.instance.RenderPost(typed[Profile](in.bytes["profile"]), typed[Post](in.bytes["post"])))
	case "webfinger_render":
		return sameJSON(out)(in.instance.RenderWebFinger(typed[Profile](in.bytes["profile"])))
	case "nodeinfo_render":
		return sameJSON(out)(in.instance.RenderNodeInfo(string(in.bytes["version"]), typed[Usage](in.bytes["usage"])))
	case "content_to_html":
		return fits(out, func() (*Written, error) { return in.instance.ContentToHTML(typed[Content](in.bytes["content"])) })
	case "route":
		return fits(out, func() (*Route, error) { return in.instance.Route(in.request()) })
	}
	return nil
}

// request is the head and body as this module's type.
func (in *inputs) request() *Request {
	var head struct {
		Method, Target string
		Headers        Fields
		Client         string
	}
	if err := json.Unmarshal(in.bytes["head"], &head); err != nil {
		panic(err)
	}
	return &Request{head.Method, head.Target, head.Headers, in.bytes["body"], head.Client}
}

func typed[T any](text []byte) (value T) {
	if len(text) > 0 {
		if err := json.Unmarshal(text, &value); err != nil {
			panic(err)
		}
	}
	return value
}

func equalTo[T any](want T) func(T, error) error {
	return func(found T, err error) error {
		if err == nil && !reflect.DeepEqual(found, want) {
			err = fmt.Errorf("the public function gives %v", found)
		}
		return err
	}
}

func sameJSON(want []byte) func(json.RawMessage, error) error {
	return func(found json.RawMessage, err error) error {
		if err != nil {
			return err
		}
		return same(found, want)
	}
}

// fits checks that a typed answer is what the JSON says, and loses nothing on the way back to JSON but nulls and
// empty values.
func fits[T any](out []byte, call func() (*T, error)) error {
	found, err := call()
	if err != nil {
		return err
	}
	if err := equalTo(typed[T](out))(*found, nil); err != nil {
		return err
	}
	back, err := json.Marshal(found)
	if err != nil {
		return err
	}
	var a, b any
	json.Unmarshal(back, &a)
	json.Unmarshal(out, &b)
	return covers(a, b, "")
}

// covers checks that a has whatever b has, but for what is null, empty or a default.
func covers(a, b any, at string) error {
	switch b := b.(type) {
	case map[string]any:
		inside, ok := a.(map[string]any)
		for name, value := range b {
			if name == "v" || isDefault(value) {
				continue
			}
			if !ok || inside[name] == nil {
				return fmt.Errorf("the type loses %s/%s: %v", at, name, value)
			}
			if err := covers(inside[name], value, at+"/"+name); err != nil {
				return err
			}
		}
		return nil
	case []any:
		inside, ok := a.([]any)
		if !ok || len(inside) != len(b) {
			return fmt.Errorf("the type loses some of %s", at)
		}
		for i := range b {
			if err := covers(inside[i], b[i], fmt.Sprintf("%s/%d", at, i)); err != nil {
				return err
			}
		}
		return nil
	}
	if !reflect.DeepEqual(a, b) {
		return fmt.Errorf("%s: %v became %v", at, b, a)
	}
	return nil
}

func isDefault(value any) bool {
	switch value := value.(type) {
	case nil:
		return true
	case map[string]any:
		for _, inside := range value {
			if !isDefault(inside) {
				return false
			}
		}
		return true
	case []any:
		return len(value) == 0
	}
	return reflect.ValueOf(value).IsZero() || value == "plain" || value == "person"
}

func asJSON(value any) []byte {
	text, err := json.Marshal(value)
	if err != nil {
		panic(err)
	}
	return text
}
