//go:build fedigraft_debug

package storetest

// The store vectors of all languages; tests/vectors/store/README.md is the format.

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	fedigraft "github.com/fedigraft/fedigraft/bindings/go"
)

type vectorCase struct {
	Name, Note string
	Do         []json.RawMessage
}

type vectorItem struct {
	Commit   *vectorDone
	Repeated bool
	Load     []fedigraft.Wanted
	Values   json.RawMessage
	List     *struct{ Name, Key string }
	Items    json.RawMessage
	Total    *int
	SQL      string
	Rows     json.RawMessage
	Now      int64
}

type vectorDone struct {
	Once, Jobs, Deliveries, Events, Store json.RawMessage
}

// strict reads JSON in which nothing may be unknown.
func strict(text []byte, into any) error {
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.DisallowUnknownFields()
	return decoder.Decode(into)
}

// run does the items of a case in a store with empty tables.
func (s store) run(one vectorCase) error {
	for _, table := range []string{"keys", "documents", "actors", "follows", "once", "jobs", "deliveries"} {
		s.exec("DELETE FROM fedigraft_" + table)
	}
	for number, text := range one.Do {
		var item vectorItem
		if err := strict(text, &item); err != nil {
			return err
		}
		if err := s.do(item); err != nil {
			return fmt.Errorf("item %d: %w", number, err)
		}
	}
	return nil
}

func (s store) do(item vectorItem) error {
	at := time.Unix(item.Now, 0)
	switch {
	case item.Commit != nil:
		return s.commitVector(item, at)
	case item.Load != nil:
		values := make([]any, len(item.Load))
		for i, wanted := range item.Load {
			value, err := s.fed.DebugLoad(background, wanted, at)
			if err != nil {
				return err
			}
			if value != nil {
				values[i] = map[string]any{"value": value}
			}
		}
		return sameValue(values, item.Values)
	case item.List != nil:
		items, cursor := []any{}, ""
		for first := true; ; first = false {
			wanted := fedigraft.Wanted{Name: item.List.Name, Key: item.List.Key, Cursor: cursor}
			value, err := s.fed.DebugLoad(background, wanted, at)
			if err != nil {
				return err
			}
			text, err := json.Marshal(value)
			if err != nil {
				return err
			}
			var page struct {
				Items []any
				Next  *string
				Total *int
			}
			if err := strict(text, &page); err != nil {
				return err
			}
			if first && item.Total != nil && (page.Total == nil || *page.Total != *item.Total) {
				return fmt.Errorf("the total is %s", text)
			}
			items = append(items, page.Items...)
			if page.Next == nil {
				return sameValue(items, item.Items)
			}
			cursor = *page.Next
		}
	case item.SQL != "":
		return s.query(item.SQL, item.Rows)
	}
	return errors.New("an item that does nothing")
}

func (s store) commitVector(item vectorItem, at time.Time) error {
	done := &fedigraft.Done{}
	for _, part := range []struct {
		from json.RawMessage
		into any
	}{
		{item.Commit.Once, &done.Once}, {item.Commit.Jobs, &done.Jobs}, {item.Commit.Deliveries, &done.Deliveries},
		{item.Commit.Events, &done.Events}, {item.Commit.Store, &done.Store},
	} {
		if part.from != nil {
			if err := strict(part.from, part.into); err != nil {
				return err
			}
		}
	}
	before := s.count("fedigraft_once")
	if err := s.fed.DebugCommit(background, done, at, nil); err != nil {
		return err
	}
	// Whether it was there before shows in the notes of what was done.
	if repeated := len(done.Once) > 0 && s.count("fedigraft_once") == before; repeated != item.Repeated {
		return fmt.Errorf("repeated: %v", repeated)
	}
	return nil
}

func (s store) query(query string, want json.RawMessage) error {
	rows, err := s.db.Query(query)
	if err != nil {
		return err
	}
	defer rows.Close()
	names, err := rows.Columns()
	if err != nil {
		return err
	}
	found := []any{}
	for rows.Next() {
		row, into := make([]any, len(names)), make([]any, len(names))
		for i := range row {
			into[i] = &row[i]
		}
		if err := rows.Scan(into...); err != nil {
			return err
		}
		for i, value := range row {
			if text, ok := value.([]byte); ok { // as lib/pq gives text
				row[i] = string(text)
			}
		}
		found = append(found, row)
	}
	if err := rows.Err(); err != nil {
		return err
	}
	return sameValue(found, want)
}

func sameValue(found any, want json.RawMessage) error {
	text, err := json.Marshal(found)
	if err != nil {
		return err
	}
	var a, b any
	if err := errors.Join(json.Unmarshal(text, &a), json.Unmarshal(want, &b)); err != nil {
		return err
	}
	if !reflect.DeepEqual(a, b) {
		return fmt.Errorf("found %s, expected %s", text, want)
	}
	return nil
}

func TestTheStoreVectors(t *testing.T) {
	files, err := filepath.Glob("../../../tests/vectors/store/*.json")
	check(t, err)
	if len(files) == 0 {
		t.Skip("there are no vectors beside this module")
	}
	onStores(t, func(t *testing.T, s store) {
		count := 0
		for _, path := range files {
			text, err := os.ReadFile(path)
			check(t, err)
			var file struct {
				Source string
				Cases  []vectorCase
			}
			check(t, strict(text, &file))
			for _, one := range file.Cases {
				count++
				if err := s.run(one); err != nil {
					t.Errorf("%s: %v", one.Name, err)
				}
				s.refusesWrong(one)
			}
		}
		t.Log(count, "cases")
	})
}

// refusesWrong sees that a case with a wrong expectation at its end fails.
func (s store) refusesWrong(one vectorCase) {
	s.t.Helper()
	last := string(one.Do[len(one.Do)-1])
	var wrong string
	for _, name := range []string{`"values": [`, `"items": [`, `"rows": [`} {
		if before, after, found := strings.Cut(last, name); found {
			wrong = before + name + `"wrong"`
			if !strings.HasPrefix(strings.TrimSpace(after), "]") {
				wrong += ","
			}
			wrong += after
		}
	}
	if wrong == "" {
		return
	}
	changed := append(append([]json.RawMessage{}, one.Do[:len(one.Do)-1]...), json.RawMessage(wrong))
	if s.run(vectorCase{Name: one.Name, Do: changed}) == nil {
		s.t.Errorf("%s: a wrong expectation passed", one.Name)
	}
}
