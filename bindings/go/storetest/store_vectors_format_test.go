//go:build fedigraft_debug

package storetest

// The format of the store vectors: objects without unknown members, values compared exactly, cases by name.

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
)

type members map[string]json.RawMessage

// onlyMembers reads an object with these members, those that are needed and those that are allowed, and no other.
func onlyMembers(text json.RawMessage, needed, allowed string) (members, error) {
	var given members
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

// strictly reads JSON into a value that has every member of it.
func strictly(text json.RawMessage, into any) error {
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.DisallowUnknownFields()
	return decoder.Decode(into)
}

// sameJSON compares a value, as JSON, with what is expected: no member more, none less.
func sameJSON(found any, expected json.RawMessage) error {
	text, err := json.Marshal(found)
	if err != nil {
		return err
	}
	var a, b any
	if err := errors.Join(json.Unmarshal(text, &a), json.Unmarshal(expected, &b)); err != nil {
		return err
	}
	if !reflect.DeepEqual(a, b) {
		return fmt.Errorf("found\n%s\nexpected\n%s", text, expected)
	}
	return nil
}

// storeCases gives all cases by name.
func storeCases(t *testing.T) map[string]json.RawMessage {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(storeVectors, "*.json"))
	check(t, err)
	all := map[string]json.RawMessage{}
	for _, path := range files {
		text, err := os.ReadFile(path)
		check(t, err)
		file, err := onlyMembers(text, "source cases", "")
		check(t, err)
		var cases []json.RawMessage
		check(t, json.Unmarshal(file["cases"], &cases))
		for _, one := range cases {
			var named struct{ Name string }
			check(t, json.Unmarshal(one, &named))
			if named.Name == "" || all[named.Name] != nil {
				t.Fatalf("%s: %q is there twice, or no name", path, named.Name)
			}
			all[named.Name] = one
		}
	}
	return all
}
