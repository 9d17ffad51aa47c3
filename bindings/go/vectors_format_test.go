package fedigraft

// The format of the test vectors: objects without unknown members, bytes in four ways, values compared exactly.

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"
)

// onlyMembers reads an object with these members, those that are needed and those that are allowed, and no other.
func onlyMembers(text json.RawMessage, needed, allowed string) (object, error) {
	var given object
	if err := json.Unmarshal(text, &given); err != nil || given == nil {
		return nil, fmt.Errorf("expected an object, found %.40s", text)
	}
	for _, name := range strings.Fields(needed) {
		if given[name] == nil {
			return nil, fmt.Errorf("%q is missing", name)
		}
	}
	for name := range given {
		if !slices.Contains(strings.Fields(needed+" "+allowed), name) {
			return nil, fmt.Errorf("%q is unknown here", name)
		}
	}
	return given, nil
}

// readBytes reads bytes in one of the four ways to write them.
func readBytes(text json.RawMessage) ([]byte, error) {
	if len(text) > 0 && text[0] == '"' {
		return []byte(word(text)), nil
	}
	given, err := onlyMembers(text, "", "json base64 repeat times")
	if err != nil {
		return nil, err
	}
	switch {
	case len(given) == 1 && given["json"] != nil:
		return compact(given["json"]), nil
	case len(given) == 1 && given["base64"] != nil:
		return base64.StdEncoding.Strict().DecodeString(word(given["base64"]))
	case len(given) == 2 && given["repeat"] != nil && given["times"] != nil:
		var times uint
		if err := json.Unmarshal(given["times"], &times); err != nil {
			return nil, err
		}
		return bytes.Repeat([]byte(word(given["repeat"])), int(times)), nil
	}
	return nil, fmt.Errorf("bytes in a form that is unknown: %.40s", text)
}

func word(text json.RawMessage) string {
	var out string
	if json.Unmarshal(text, &out) != nil {
		return "\x00" + string(text) // a value that is no text names nothing
	}
	return out
}

func compact(text json.RawMessage) []byte {
	var out bytes.Buffer
	json.Compact(&out, text)
	return out.Bytes()
}

// same compares two JSON values: no member more, none less.
func same(found, expected []byte) error {
	var a, b any
	if err := json.Unmarshal(found, &a); err != nil {
		return err
	}
	if err := json.Unmarshal(expected, &b); err != nil {
		return err
	}
	if !reflect.DeepEqual(a, b) {
		return fmt.Errorf("found\n%s\nexpected\n%s", compact(found), compact(expected))
	}
	return nil
}

func sameBytes(found []byte, expected json.RawMessage) error {
	wanted, err := readBytes(expected)
	if err != nil {
		return err
	}
	if expected[0] == '{' && object(plainObject(expected))["json"] != nil {
		return same(found, wanted)
	}
	if !bytes.Equal(found, wanted) {
		return fmt.Errorf("found %q, expected %q", found, wanted)
	}
	return nil
}

func plainObject(text json.RawMessage) (out map[string]json.RawMessage) {
	json.Unmarshal(text, &out)
	return out
}

func sameError(found *Error, expected json.RawMessage) error {
	if _, err := onlyMembers(expected, "status reason at retryable", ""); err != nil {
		return err
	}
	wire := map[string]any{"status": found.Code, "reason": found.Reason, "at": nil, "retryable": found.Retryable}
	if found.Place != "" {
		wire["at"] = found.Place
	}
	text, err := json.Marshal(wire)
	if err != nil {
		return err
	}
	return same(text, expected)
}
