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
	"slices"
	"testing"
)

const vectorsFolder = "../../tests/vectors"

// object is a JSON object of which nothing may be unknown.
type object map[string]json.RawMessage

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
		v.keys[name] = must[*PrivateKey](t)(ParsePrivateKey([]byte(pem)))
	}
	for name, pem := range named.PublicKeys {
		v.publics[name] = must[*PublicKey](t)(ParsePublicKey([]byte(pem)))
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
