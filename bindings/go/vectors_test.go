package fedigraft

// The test vectors of all languages; tests/vectors/README.md is the format. Every case goes through the functions of
// native.go, so that it is compared exactly. What comes out is then asked for again by the public functions and types,
// which must say the same (vectors_again_test.go).

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"testing"
)

const vectorsFolder = "../../tests/vectors"

// object is a JSON object of which nothing may be unknown.
type object map[string]json.RawMessage

// vectorCalls are the functions with their inputs.
var vectorCalls = map[string]string{
	"key_from_pem": "pem", "key_to_pem": "key", "key_public_pem": "key", "key_sign": "key message",
	"public_key_from_pem": "pem", "public_key_to_pem": "public_key", "instance_new": "config",
	"instance_describe": "instance", "instance_uri": "instance kind id", "request_sign": "key key_id now head body",
	"request_key_id": "head", "request_verify": "instance public_key now head body",
	"request_explain": "instance public_key now head body", "profile_render": "instance profile public_key",
	"profile_read": "actor", "post_render": "instance profile post", "post_read": "object", "activity_read": "activity",
	"html_sanitise": "html", "html_to_text": "html", "content_to_html": "instance content",
	"webfinger_render": "instance profile", "nodeinfo_render": "instance version usage", "route": "instance head",
	"receive": "instance now head body", "perform": "instance now action", "look_up": "instance now query",
	"resume": "instance now job", "send": "instance now delivery",
}

// inputs are what a case gives: bytes, the time, and handles by name.
type inputs struct {
	bytes    map[string][]byte
	now      int64
	instance *Instance
	key      *PrivateKey
	public   *PublicKey
}

type vectors struct {
	instances map[string]*Instance
	keys      map[string]*PrivateKey
	publics   map[string]*PublicKey
}

func newVectors(t *testing.T) *vectors {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(vectorsFolder, "handles.json"))
	if err != nil {
		t.Skip("there are no vectors beside this module: ", err)
	}
	var named struct {
		Source     string
		Instances  map[string]json.RawMessage
		Keys       map[string]string
		PublicKeys map[string]string `json:"public_keys"`
	}
	if err := json.Unmarshal(text, &named); err != nil {
		t.Fatal(err)
	}
	v := &vectors{map[string]*Instance{}, map[string]*PrivateKey{}, map[string]*PublicKey{}}
	for name, config := range named.Instances {
		made := must[pointer](t)(nativeInstanceNew(config))
		instance := &Instance{}
		v.instances[name] = own(instance, &instance.handle, made, nativeInstanceFree, "Instance")
		text := must[[]byte](t)(nativeInstanceDescribe(made))
		if err := json.Unmarshal(text, &instance.described); err != nil {
			t.Fatal(err)
		}
	}
	for name, pem := range named.Keys {
		v.keys[name] = must[*PrivateKey](t)(ParsePrivateKey(pem))
	}
	for name, pem := range named.PublicKeys {
		v.publics[name] = must[*PublicKey](t)(ParsePublicKey(pem))
	}
	return v
}

// run plays a case; the error says in what it differs.
func (v *vectors) run(text json.RawMessage) error {
	given, err := onlyMembers(text, "name call in", "note out error steps")
	if err != nil {
		return err
	}
	call := word(given["call"])
	names, known := vectorCalls[call]
	if !known {
		return fmt.Errorf("there is no function %q", call)
	}
	outcomes := 0
	for _, kind := range []string{"out", "error", "steps"} {
		if given[kind] != nil {
			outcomes++
		}
	}
	if outcomes != 1 {
		return errors.New("expected one outcome")
	}
	with, err := v.inputs(given["in"], names)
	if err != nil {
		return err
	}
	out, exchange, err := with.call(call)
	var failed *Error
	switch {
	case errors.As(err, &failed) && given["error"] != nil:
		return sameError(failed, given["error"])
	case err != nil:
		return err
	case given["error"] != nil:
		return fmt.Errorf("expected %s, it succeeded", given["error"])
	case exchange == nil && given["out"] == nil || exchange != nil && given["steps"] == nil:
		return errors.New("this call has another kind of outcome")
	case exchange != nil:
		defer exchange.Close()
		return v.play(exchange, given["steps"], with.now)
	}
	if err := sameBytes(out, given["out"]); err != nil {
		return err
	}
	return with.again(call, out)
}

func (v *vectors) inputs(text json.RawMessage, names string) (*inputs, error) {
	given, err := onlyMembers(text, names, "")
	if err != nil {
		return nil, err
	}
	with := &inputs{bytes: map[string][]byte{}}
	for name, value := range given {
		known := true
		switch name {
		case "instance":
			with.instance, known = v.instances[word(value)]
		case "key":
			with.key, known = v.keys[word(value)]
		case "public_key":
			with.public, known = v.publics[word(value)]
		case "now":
			err = json.Unmarshal(value, &with.now)
		default:
			with.bytes[name], err = readBytes(value)
		}
		if err != nil {
			return nil, err
		}
		if !known {
			return nil, fmt.Errorf("there is no %s %s", name, value)
		}
	}
	return with, nil
}

// call calls the function of the header.
func (in *inputs) call(name string) ([]byte, *Exchange, error) {
	instance, key, public := addressOf(in.instance), addressOf(in.key), addressOf(in.public)
	b := in.bytes
	asBytes := func(text string, err error) ([]byte, *Exchange, error) { return []byte(text), nil, err }
	plain := func(text []byte, err error) ([]byte, *Exchange, error) { return text, nil, err }
	opened := func(made pointer, err error, free func(pointer)) ([]byte, *Exchange, error) {
		if err == nil {
			free(made)
		}
		return nil, nil, err
	}
	begun := func(made pointer, err error) ([]byte, *Exchange, error) {
		if err != nil {
			return nil, nil, err
		}
		exchange := &Exchange{}
		return nil, own(exchange, &exchange.handle, made, nativeExchangeFree, "Exchange"), nil
	}
	switch name {
	case "key_from_pem":
		made, err := nativeKeyFromPEM(string(b["pem"]))
		return opened(made, err, nativeKeyFree)
	case "public_key_from_pem":
		made, err := nativePublicKeyFromPEM(string(b["pem"]))
		return opened(made, err, nativePublicKeyFree)
	case "instance_new":
		made, err := nativeInstanceNew(b["config"])
		return opened(made, err, nativeInstanceFree)
	case "key_to_pem":
		return asBytes(nativeKeyPEM(key))
	case "key_public_pem":
		return asBytes(nativeKeyPublicPEM(key))
	case "key_sign":
		return plain(nativeKeySign(key, b["message"]))
	case "public_key_to_pem":
		return asBytes(nativePublicKeyPEM(public))
	case "instance_describe":
		return plain(nativeInstanceDescribe(instance))
	case "instance_uri":
		return asBytes(nativeInstanceURI(instance, string(b["kind"]), string(b["id"])))
	case "request_sign":
		return plain(nativeRequestSign(key, string(b["key_id"]), in.now, b["head"], b["body"]))
	case "request_key_id":
		return plain(nativeRequestKeyID(b["head"]))
	case "request_verify":
		return plain(nativeRequestVerify(instance, public, in.now, b["head"], b["body"]))
	case "request_explain":
		return plain(nativeRequestExplain(instance, public, in.now, b["head"], b["body"]))
	case "profile_render":
		return plain(nativeProfileRender(instance, b["profile"], public))
	case "profile_read":
		return plain(nativeProfileRead(b["actor"]))
	case "post_render":
		return plain(nativePostRender(instance, b["profile"], b["post"]))
	case "post_read":
		return plain(nativePostRead(b["object"]))
	case "activity_read":
		return plain(nativeActivityRead(b["activity"]))
	case "html_sanitise":
		return asBytes(nativeSanitise(string(b["html"])))
	case "html_to_text":
		return asBytes(nativeHTMLToText(string(b["html"])))
	case "content_to_html":
		return plain(nativeContentToHTML(instance, b["content"]))
	case "webfinger_render":
		return plain(nativeWebFingerRender(instance, b["profile"]))
	case "nodeinfo_render":
		return plain(nativeNodeInfoRender(instance, string(b["version"]), b["usage"]))
	case "route":
		return plain(nativeRoute(instance, b["head"]))
	case "receive":
		return begun(nativeReceive(instance, in.now, b["head"], b["body"]))
	case "perform":
		return begun(nativePerform(instance, in.now, b["action"]))
	case "look_up":
		return begun(nativeLookUp(instance, in.now, b["query"]))
	case "resume":
		return begun(nativeResume(instance, in.now, b["job"]))
	}
	return begun(nativeSend(instance, in.now, b["delivery"]))
}

// addressOf is the pointer of a handle that stays open as long as the test; nil of none.
func addressOf(from interface{ enter() (pointer, error) }) pointer {
	if reflect.ValueOf(from).IsNil() {
		return nil
	}
	address, err := from.enter()
	if err != nil {
		panic(err)
	}
	return address
}

// play goes through the steps of an exchange.
func (v *vectors) play(exchange *Exchange, text json.RawMessage, now int64) error {
	var items []json.RawMessage
	if err := json.Unmarshal(text, &items); err != nil || len(items) == 0 {
		return errors.New("`steps` is no list")
	}
	address := addressOf(exchange)
	defer exchange.leave()
	for i, item := range items {
		given, err := onlyMembers(item, "", "step body answer error")
		if err != nil {
			return err
		}
		step, body, err := nativeExchangeStep(address)
		if given["error"] != nil {
			var failed *Error
			if len(given) != 1 || i+1 != len(items) || !errors.As(err, &failed) {
				return fmt.Errorf("step %d: expected %s alone at the end, found %v", i+1, given["error"], err)
			}
			return sameError(failed, given["error"])
		}
		if err != nil {
			return err
		}
		if given["step"] == nil || (given["answer"] != nil) == (i+1 == len(items)) {
			return errors.New("every item has a `step`, and all but the last have an `answer`")
		}
		if err := same(step, given["step"]); err != nil {
			return fmt.Errorf("step %d: %w", i+1, err)
		}
		want := given["body"]
		if want == nil {
			want = json.RawMessage(`""`)
		}
		if err := sameBytes(body, want); err != nil {
			return fmt.Errorf("step %d: body: %w", i+1, err)
		}
		read, err := readStep(step, body)
		if err != nil {
			return err
		}
		if err := read.means(step); err != nil {
			return fmt.Errorf("step %d: %w", i+1, err)
		}
		if given["answer"] == nil {
			continue
		}
		if err := v.answer(address, read, given["answer"], now); err != nil {
			return fmt.Errorf("step %d: %w", i+1, err)
		}
	}
	return nil
}

func (v *vectors) answer(address pointer, step *Step, text json.RawMessage, now int64) error {
	const always = " now number error"
	given, err := onlyMembers(text, "", "load fetch body sign signature failed retryable"+always)
	if err != nil {
		return err
	}
	number := step.Number
	for name, into := range map[string]any{"now": &now, "number": &number} {
		if given[name] != nil {
			if err := json.Unmarshal(given[name], into); err != nil {
				return err
			}
		}
	}
	switch {
	case given["load"] != nil:
		_, err = onlyMembers(text, "load", always)
		if err == nil {
			err = nativeExchangeAnswerLoad(address, number, now, compact(given["load"]))
		}
	case given["fetch"] != nil:
		if _, err = onlyMembers(text, "fetch body", always); err != nil {
			break
		}
		var body []byte
		if body, err = readBytes(given["body"]); err == nil {
			err = nativeExchangeAnswerFetch(address, number, now, compact(given["fetch"]), body)
		}
	case given["sign"] != nil:
		key, known := v.keys[word(given["sign"])]
		if _, err = onlyMembers(text, "sign", always); err != nil {
			break
		}
		if !known || step.Sign == nil {
			return errors.New("there is nothing to sign, or no such key")
		}
		var signature []byte
		if signature, err = key.Sign(step.Sign.Bytes); err == nil {
			err = nativeExchangeAnswerSign(address, number, now, signature)
		}
	case given["signature"] != nil:
		if _, err = onlyMembers(text, "signature", always); err != nil {
			break
		}
		var signature []byte
		if signature, err = readBytes(given["signature"]); err == nil {
			err = nativeExchangeAnswerSign(address, number, now, signature)
		}
	default:
		if _, err = onlyMembers(text, "failed retryable", always); err == nil {
			err = nativeExchangeAnswerFailed(address, number, now, word(given["failed"]), string(given["retryable"]) == "true")
		}
	}
	var failed *Error
	switch {
	case given["error"] == nil:
		return err
	case errors.As(err, &failed):
		return sameError(failed, given["error"])
	}
	return fmt.Errorf("expected %s, found %v", given["error"], err)
}

// vectorCases gives all cases by file and name.
func vectorCases(t *testing.T) map[string]json.RawMessage {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(vectorsFolder, "*.json"))
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]json.RawMessage{}
	for _, path := range files {
		if filepath.Base(path) == "handles.json" {
			continue
		}
		file := must[object](t)(onlyMembers(must[[]byte](t)(os.ReadFile(path)), "source cases", ""))
		var cases []json.RawMessage
		if err := json.Unmarshal(file["cases"], &cases); err != nil || len(cases) == 0 {
			t.Fatal(path, err)
		}
		for _, one := range cases {
			name := word(plainObject(one)["name"])
			if all[name] != nil {
				t.Fatalf("%s: %q is there twice", path, name)
			}
			all[name] = one
		}
	}
	return all
}

func TestEveryVectorComesOutAsWritten(t *testing.T) {
	v, all := newVectors(t), vectorCases(t)
	if len(all) < 40 {
		t.Fatal("there are only", len(all))
	}
	called := map[string]bool{}
	for _, name := range slices.Sorted(maps.Keys(all)) {
		called[word(plainObject(all[name])["call"])] = true
		if err := v.run(all[name]); err != nil {
			t.Errorf("%s: %.2000s", name, err)
		}
	}
	if len(called) != len(vectorCalls) {
		t.Errorf("%d of %d functions are called", len(called), len(vectorCalls))
	}
	t.Log(len(all), "cases")
}
