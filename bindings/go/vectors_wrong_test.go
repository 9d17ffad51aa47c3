package fedigraft

// The runner of the vectors tests itself: it sees every wrong expectation, and refuses what it does not know.

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"testing"
)

// One wrong expectation in any case is seen.
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
