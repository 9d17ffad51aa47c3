//go:build fedigraft_debug

package storetest

// The store vectors of all languages, tests/vectors/store (its README is the format), on both databases.

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	fedigraft "github.com/fedigraft/fedigraft/bindings/go"
)

const storeVectors = "../../../tests/vectors/store"

// storeItems are the kinds of items, each with its other members: those that are needed, then those that are allowed.
var storeItems = map[string][2]string{
	"commit": {"now", "repeated"}, "load": {"now values", ""}, "list": {"now items", "total"}, "sql": {"rows", ""},
}

// player does the items of one case, in order, on tables of its own.
type player struct{ store }

func newPlayer(t *testing.T, at place) player {
	t.Helper()
	v := newVillage(t, "ann", at)
	check(t, v.fed.CreateTables(background))
	return player{store{v}}
}

// play plays a case; the error says in what it differs.
func (p player) play(text json.RawMessage) error {
	given, err := onlyMembers(text, "name do", "note")
	if err != nil {
		return err
	}
	var items []json.RawMessage
	if err := json.Unmarshal(given["do"], &items); err != nil || len(items) == 0 {
		return errors.New("`do` is no list")
	}
	for i, item := range items {
		if err := p.item(item); err != nil {
			return fmt.Errorf("item %d: %w", i+1, err)
		}
	}
	return nil
}

func (p player) item(text json.RawMessage) error {
	var named members
	if err := json.Unmarshal(text, &named); err != nil {
		return err
	}
	var kinds []string
	for kind := range storeItems {
		if named[kind] != nil {
			kinds = append(kinds, kind)
		}
	}
	if len(kinds) != 1 {
		return errors.New("expected one of commit, load, list and sql")
	}
	kind := kinds[0]
	given, err := onlyMembers(text, kind+" "+storeItems[kind][0], storeItems[kind][1])
	if err != nil {
		return err
	}
	if kind == "sql" {
		return p.sql(given)
	}
	var seconds int64
	if err := json.Unmarshal(given["now"], &seconds); err != nil {
		return err
	}
	at := time.Unix(seconds, 0)
	switch kind {
	case "commit":
		return p.commit(given, at)
	case "load":
		return p.load(given, at)
	}
	return p.list(given, at)
}

// commit adds an event: the host is told of it exactly when the done is written.
func (p player) commit(given members, at time.Time) error {
	if _, err := onlyMembers(given["commit"], "", "store once jobs deliveries"); err != nil {
		return err
	}
	var repeated bool
	if given["repeated"] != nil {
		if err := json.Unmarshal(given["repeated"], &repeated); err != nil {
			return err
		}
	}
	done := fedigraft.Done{Document: given["commit"], Events: gone.Events}
	if err := strictly(given["commit"], &done); err != nil {
		return err
	}
	before := len(p.told())
	if err := p.fed.DebugCommit(background, &done, at, nil); err != nil {
		return err
	}
	if written := len(p.told()) == before+1; written == repeated {
		return fmt.Errorf("repeated: %v", !written)
	}
	return nil
}

func (p player) load(given members, at time.Time) error {
	var wanted []json.RawMessage
	if err := json.Unmarshal(given["load"], &wanted); err != nil {
		return err
	}
	values := []any{}
	for _, one := range wanted {
		value, err := p.one(one, "", at)
		if err != nil {
			return err
		}
		values = append(values, fedigraft.Loaded{Value: value})
	}
	return sameJSON(values, given["values"])
}

// one loads a document, or the page of a list after a cursor.
func (p player) one(text json.RawMessage, cursor string, at time.Time) (any, error) {
	if _, err := onlyMembers(text, "name key", "cursor"); err != nil {
		return nil, err
	}
	var wanted fedigraft.Wanted
	if err := strictly(text, &wanted); err != nil {
		return nil, err
	}
	if cursor != "" {
		wanted.Cursor = cursor
	}
	return p.fed.DebugLoad(background, wanted, at)
}

func (p player) list(given members, at time.Time) error {
	items := []string{}
	for cursor := ""; ; {
		value, err := p.one(given["list"], cursor, at)
		if err != nil {
			return err
		}
		text, err := json.Marshal(value)
		if err != nil {
			return err
		}
		var page struct {
			Items []string        `json:"items"`
			Next  *string         `json:"next"`
			Total json.RawMessage `json:"total"`
		}
		if err := strictly(text, &page); err != nil {
			return err
		}
		if cursor == "" && given["total"] != nil {
			if err := sameJSON(page.Total, given["total"]); err != nil {
				return fmt.Errorf("total: %w", err)
			}
		}
		items = append(items, page.Items...)
		if page.Next == nil {
			return sameJSON(items, given["items"])
		}
		if *page.Next == cursor {
			return fmt.Errorf("the page after %q is the same again", cursor)
		}
		cursor = *page.Next
	}
}

func (p player) sql(given members) error {
	var query string
	if err := json.Unmarshal(given["sql"], &query); err != nil {
		return err
	}
	rows, err := p.db.Query(query)
	if err != nil {
		return err
	}
	defer rows.Close()
	columns, err := rows.Columns()
	if err != nil {
		return err
	}
	all := [][]any{}
	for rows.Next() {
		row, into := make([]any, len(columns)), make([]any, len(columns))
		for i := range row {
			into[i] = &row[i]
		}
		if err := rows.Scan(into...); err != nil {
			return err
		}
		for i, value := range row {
			if text, ok := value.([]byte); ok {
				row[i] = string(text)
			}
		}
		all = append(all, row)
	}
	if err := rows.Err(); err != nil {
		return err
	}
	return sameJSON(all, given["rows"])
}

func TestEveryStoreVectorComesOutAsWritten(t *testing.T) {
	all := storeCases(t)
	if len(all) < 20 {
		t.Fatal("there are only", len(all))
	}
	onEach(t, func(t *testing.T, at func(string) place) {
		for name, one := range all {
			t.Run(name, func(t *testing.T) {
				if err := newPlayer(t, at(name)).play(one); err != nil {
					t.Errorf("%.2000s", err)
				}
			})
		}
		t.Log(len(all), "cases")
	})
}

// What a case should not say, by what is changed in one that is right; each is noticed.
func TestAWrongStoreVectorIsNoticed(t *testing.T) {
	const right = `{"name":"x","do":[
		{"commit":{"store":[{"op":"put","name":"follow","key":"https://a/1 https://me/1","value":{"v":1,"state":"accepted"}}],
			"once":["k"]},"now":1800000000},
		{"commit":{"once":["k"]},"now":1800000000,"repeated":true},
		{"load":[{"name":"once","key":"k"},{"name":"once","key":"l"}],"now":1800000000,"values":[{"value":true},null]},
		{"list":{"name":"followers","key":"https://me/1"},"now":1800000000,"items":["https://a/1"],"total":1},
		{"sql":"SELECT state, inbox, version FROM fedigraft_follows","rows":[["accepted",null,0]]}]}`
	onEach(t, func(t *testing.T, at func(string) place) {
		check(t, newPlayer(t, at("right")).play(json.RawMessage(right)))
		for i, change := range [][3]string{
			{`"repeated":true`, `"repeated":false`, "repeated: true"},
			{`"once":["k"]},"now":1800000000}`, `"once":["k"]},"now":1800000000,"repeated":true}`, "repeated: false"},
			{`{"value":true},null`, `{"value":true},{"value":true}`, "found"},
			{`{"value":true},null`, `{"value":true}`, "found"},
			{`"items":["https://a/1"]`, `"items":[]`, "found"},
			{`"total":1`, `"total":2`, "total: found"},
			{`null,0`, `"",0`, "found"},
			{`null,0`, `null,1`, "found"},
			{`"rows"`, `"row"`, `"rows" is missing`},
			{`"total"`, `"totals"`, `"totals" is unknown`},
			{`"key":"l"`, `"key":"l","page":1`, `"page" is unknown`},
			{`{"once":["k"]}`, `{"once":["k"],"event":[]}`, `"event" is unknown`},
			{`"op":"put"`, `"op":"put","expiry":1`, `"expiry"`},
			{`"name":"x"`, `"name":"x","call":"y"`, `"call" is unknown`},
			{`{"sql"`, `{"query"`, "expected one of"},
			{`{"sql"`, `{"list":{},"sql"`, "expected one of"},
		} {
			wrong := strings.Replace(right, change[0], change[1], 1)
			if wrong == right {
				t.Fatal(change[0], "is not there")
			}
			err := newPlayer(t, at(fmt.Sprint("wrong", i))).play(json.RawMessage(wrong))
			if err == nil || !strings.Contains(err.Error(), change[2]) {
				t.Errorf("%s: %v", change[1], err)
			}
		}
	})
}
