package fedigraft

// How the types of the native model become JSON documents, and JSON documents become them. A field that is
// zero is left out; an unknown member of a document is kept in Extra and written back.

import (
	"bytes"
	"encoding/json"
	"reflect"
	"slices"
	"strings"
	"sync"
)

// Extra holds the members of a stored document that this version does not know. Never rendered.
type Extra map[string]json.RawMessage

var membersOf sync.Map // reflect.Type -> []string

// members lists the names that a struct has in JSON, and "v", which is the library's.
func members(kind reflect.Type) []string {
	if found, ok := membersOf.Load(kind); ok {
		return found.([]string)
	}
	names := []string{"v"}
	for _, field := range reflect.VisibleFields(kind) {
		if !field.Anonymous {
			name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
			names = append(names, name)
		}
	}
	membersOf.Store(kind, names)
	return names
}

// read fills a struct and gives what it has no field for.
func read[T any](document []byte, into *T) (Extra, error) {
	if err := json.Unmarshal(document, into); err != nil {
		return nil, err
	}
	var all Extra
	if err := json.Unmarshal(document, &all); err != nil {
		return nil, err
	}
	for _, name := range members(reflect.TypeFor[T]()) {
		delete(all, name)
	}
	if len(all) == 0 {
		return nil, nil
	}
	return all, nil
}

// write makes the JSON object of a struct, with what it has no field for.
func write[T any](from T, extra Extra) ([]byte, error) {
	out, err := json.Marshal(from)
	if err != nil || len(extra) == 0 {
		return out, err
	}
	rest := make(Extra, len(extra))
	for name, value := range extra {
		if !slices.Contains(members(reflect.TypeFor[T]()), name) {
			rest[name] = value
		}
	}
	more, err := json.Marshal(rest)
	if err != nil || len(rest) == 0 {
		return out, err
	}
	if bytes.Equal(out, []byte("{}")) {
		return more, nil
	}
	return append(append(out[:len(out)-1], ','), more[1:]...), nil
}

// document is a Go value as the JSON that crosses the boundary.
func document(value any) ([]byte, error) {
	out, err := json.Marshal(value)
	if err != nil {
		return nil, &Error{Code: CodeInvalidArgument, Reason: "not_json", Message: "this cannot be written as JSON", cause: err}
	}
	return out, nil
}

// parse reads JSON that the native library wrote.
func parse(text []byte, into any) error {
	if err := json.Unmarshal(text, into); err != nil {
		return &Error{
			Code: CodeInternal, Reason: "unreadable_answer",
			Message: "the native library's answer does not fit this module's types", cause: err,
		}
	}
	return nil
}
