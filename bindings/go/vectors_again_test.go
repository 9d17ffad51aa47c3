package fedigraft

// What a vector came to, asked for again by the public functions and types; and whether the runner sees what is wrong.

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"
)

// again calls what the module offers its users, where it can say what the case says.
func (in *inputs) again(name string, out []byte) error {
	now := time.Unix(in.now, 0)
	switch name {
	case "key_to_pem":
		return equalTo(string(out))(in.key.PEM())
	case "key_public_pem":
		if err := equalTo(string(out))(in.key.PublicPEM()); err != nil {
			return err
		}
		public, err := in.key.Public()
		if err != nil {
			return err
		}
		return equalTo(string(out))(public.PEM())
	case "key_sign":
		return equalTo(out)(in.key.Sign(in.bytes["message"]))
	case "public_key_to_pem":
		return equalTo(string(out))(in.public.PEM())
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

// means checks that the typed step has what its JSON says.
func (s *Step) means(text []byte) error {
	wire := plainObject(text)
	switch {
	case s.Done != nil:
		done := plainObject(wire["done"])
		for name, count := range map[string]int{
			"events": len(s.Done.Events), "jobs": len(s.Done.Jobs), "deliveries": len(s.Done.Deliveries),
			"store": len(s.Done.Store), "once": len(s.Done.Once),
		} {
			if len(typed[[]any](done[name])) != count {
				return fmt.Errorf("done has %d %s", count, name)
			}
		}
		for _, document := range s.Done.Events {
			event, err := ReadEvent(document)
			if err != nil {
				return err
			}
			if _, unknown := event.(UnknownEvent); unknown {
				return fmt.Errorf("this module does not know the event %s", event.Name())
			}
			if remote, ok := event.(RemoteEvent); ok && remote.By().ID == "" {
				return errors.New("the event has no actor")
			}
		}
		return nil
	case s.Fetch != nil:
		back := plainObject(asJSON(s.Fetch))
		back["timeout"] = asJSON(s.Fetch.Timeout.Seconds())
		if s.Fetch.SignAs == "" {
			back["sign_as"] = json.RawMessage("null")
		}
		return same(asJSON(back), wire["fetch"])
	case s.Sign != nil:
		return same(asJSON(s.Sign), wire["sign"])
	}
	var back []any
	for _, one := range s.Load {
		wanted := map[string]any{"name": one.Name, "key": one.Key}
		if one.Cursor != "" {
			wanted["cursor"] = one.Cursor
		}
		back = append(back, wanted)
	}
	return same(asJSON(back), wire["load"])
}

func asJSON(value any) []byte {
	text, err := json.Marshal(value)
	if err != nil {
		panic(err)
	}
	return text
}

// The runner tests itself: one wrong expectation in any case is seen.
func TestOneWrongExpectationInAnyVectorIsSeen(t *testing.T) {
	v, all := newVectors(t), vectorCases(t)
	for number, name := range slices.Sorted(maps.Keys(all)) {
		var one map[string]any
		if err := json.Unmarshal(all[name], &one); err != nil {
			t.Fatal(err)
		}
		var places []func()
		for _, kind := range []string{"out", "error"} {
			leaves(one, kind, &places)
		}
		items, _ := one["steps"].([]any)
		for _, item := range items {
			for _, kind := range []string{"step", "body", "error"} {
				leaves(item.(map[string]any), kind, &places)
			}
		}
		if len(places) == 0 {
			continue
		}
		places[number*7%len(places)]()
		if err := v.run(asJSON(one)); err == nil {
			t.Errorf("%s: a wrong expectation passed", name)
		}
	}
}

// leaves collects, for each value below a member, what makes it wrong.
func leaves[K comparable](in map[K]any, key K, places *[]func()) {
	put := func(wrong any) func() { return func() { in[key] = wrong } }
	value, there := in[key]
	switch value := value.(type) {
	case map[string]any:
		if value["base64"] == nil {
			for _, name := range slices.Sorted(maps.Keys(value)) {
				leaves(value, name, places)
			}
		}
	case []any:
		for i := range value {
			one := map[int]any{i: value[i]}
			var inner []func()
			leaves(one, i, &inner)
			for _, wrong := range inner {
				*places = append(*places, func() { wrong(); value[i] = one[i] })
			}
		}
	case bool:
		*places = append(*places, put(!value))
	case string:
		*places = append(*places, put(value+"x"))
	case float64:
		*places = append(*places, put(value+1))
	case nil:
		if there {
			*places = append(*places, put("x"))
		}
	}
}

func TestWhatTheVectorFormatDoesNotKnowIsRefused(t *testing.T) {
	v := newVectors(t)
	const good = `{"name":"x","call":"instance_uri","in":{"instance":"chirp","kind":"actor","id":"42"},"out":"https://chirp.example/ap/users/42"}`
	if err := v.run([]byte(good)); err != nil {
		t.Fatal(err)
	}
	for old, changed := range map[string]string{
		`"name":"x"`:     `"name":"x","nota":"y"`,
		`"instance_uri"`: `"instance_url"`,
		`,"id":"42"`:     ``,
		`"id":"42"`:      `"id":"42","idd":""`,
		`"chirp"`:        `"chrip"`,
		`:"42"`:          `:{"text":"42"}`,
		`"out":`:         `"error":{},"out":`,
		`users/42"`:      `users/43"`,
		`"id":"42"}`:     `"id":"42","now":1}`,
		`"in":{`:         `"steps":[],"in":{`,
		`"actor"`:        `{"json":"actor","base64":""}`,
	} {
		bad := strings.Replace(good, old, changed, 1)
		if bad == good || v.run([]byte(bad)) == nil {
			t.Errorf("it passed: %s", bad)
		}
	}
}
