package fedigraft

// The store: answers the load names that are fedigraft's own, and applies the entries of a done. Documents come
// from the core and go back to it as they are; only what is searched for has a column of its own (schema.sql).
// Every function works in a transaction it is given, so that the host's holds all of it.

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
)

// storeNames are the load names answered here; the host answers profile, post, posts and blocked.
var storeNames = []string{
	"activity", "follow", "followers", "following", "inboxes", "key", "local_followers", "once", "origin",
	"remote_actor", "remote_key", "remote_post", "tombstone",
}

const (
	pageSize  = 100
	onceKept  = 180 * 24 * time.Hour
	documents = "fedigraft_documents"
	actors    = "fedigraft_actors"
	follows   = "fedigraft_follows"
)

// list is a list of the follows table: the column of its items, and which rows.
type list struct{ column, where string }

var lists = map[string]list{
	"followers":       {"follower", "followee = $1 AND state = 'accepted'"},
	"following":       {"followee", "follower = $1 AND state = 'accepted'"},
	"local_followers": {"follower", "followee = $1 AND state = 'accepted'"},
	"inboxes":         {"inbox", "followee = $1 AND state = 'accepted' AND inbox IS NOT NULL"},
}

// storeLoad gives the value for one name and key; nil when it is known not to exist.
func storeLoad(ctx context.Context, tx Tx, wanted Wanted, now time.Time) (any, error) {
	if from, ok := lists[wanted.Name]; ok {
		return storePage(ctx, tx, from, wanted)
	}
	switch {
	case wanted.Name == "key":
		return publicKeyOf(ctx, tx, wanted.Key)
	case wanted.Name == "once":
		found, err := column(ctx, tx, "SELECT key FROM fedigraft_once WHERE key = $1", wanted.Key)
		if err != nil || len(found) == 0 {
			return nil, err
		}
		return true, nil
	case wanted.Name == "remote_actor" && strings.HasPrefix(wanted.Key, "acct:"):
		return storeDocument(ctx, tx, "SELECT document FROM fedigraft_actors WHERE handle = $1 "+
			"AND (expires_at IS NULL OR expires_at > $2) ORDER BY version DESC, id LIMIT 1",
			strings.ToLower(wanted.Key), now.Unix())
	}
	at := placeOf(wanted.Name, wanted.Key)
	return storeDocument(ctx, tx, fmt.Sprintf(
		"SELECT document FROM %s WHERE %s AND (expires_at IS NULL OR expires_at > $%d)", at.table, at.where(), len(at.keys)+1),
		append(at.values(), now.Unix())...)
}

func storeDocument(ctx context.Context, tx Tx, query string, args ...any) (any, error) {
	var document string
	err := tx.QueryRowContext(ctx, query, args...).Scan(&document)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return nil, nil
	case err != nil:
		return nil, err
	}
	return json.RawMessage(document), nil
}

// storePage gives one page of a list, ascending; the cursor is the last item of the page before.
func storePage(ctx context.Context, tx Tx, from list, wanted Wanted) (any, error) {
	items, err := column(ctx, tx, fmt.Sprintf(
		"SELECT DISTINCT %[1]s FROM fedigraft_follows WHERE %[2]s AND %[1]s > $2 ORDER BY %[1]s LIMIT %[3]d",
		from.column, from.where, pageSize+1), wanted.Key, wanted.Cursor)
	if err != nil {
		return nil, err
	}
	page := map[string]any{"next": nil}
	if len(items) > pageSize {
		items = items[:pageSize]
		page["next"] = items[pageSize-1]
	}
	page["items"] = items
	if wanted.Name == "followers" || wanted.Name == "following" {
		var total int64
		query := "SELECT COUNT(*) FROM fedigraft_follows WHERE " + from.where
		if err := tx.QueryRowContext(ctx, query, wanted.Key).Scan(&total); err != nil {
			return nil, err
		}
		page["total"] = total
	}
	return page, nil
}

// storeApply applies entries in order.
func storeApply(ctx context.Context, tx Tx, entries []Entry, now time.Time) error {
	for _, entry := range entries {
		if err := storeEntry(ctx, tx, entry, now); err != nil {
			return err
		}
	}
	return nil
}

func storeEntry(ctx context.Context, tx Tx, entry Entry, now time.Time) error {
	if entry.Name == "inboxes" && entry.Op == "remove" {
		// Nobody is behind this inbox any more: whoever it reached follows no longer.
		_, err := execute(ctx, tx, "DELETE FROM fedigraft_follows WHERE inbox = $1", entry.Key)
		return err
	}
	at := placeOf(entry.Name, entry.Key)
	switch entry.Op {
	case "remove":
		if _, err := execute(ctx, tx, fmt.Sprintf("DELETE FROM %s WHERE %s", at.table, at.where()), at.values()...); err != nil ||
			at.table != actors {
			return err
		}
		// Nobody follows, and is followed by, an actor that is gone.
		_, err := execute(ctx, tx, "DELETE FROM fedigraft_follows WHERE follower = $1 OR followee = $2", entry.Key, entry.Key)
		return err
	case "put", "put_if_newer", "add":
	default:
		return &Error{
			Code: CodeInternal, Reason: "bad_op", Message: "the core asks for a store operation this module does not know",
		}
	}
	// What has expired counts as absent.
	if _, err := execute(ctx, tx, fmt.Sprintf("DELETE FROM %s WHERE %s AND expires_at <= $%d",
		at.table, at.where(), len(at.keys)+1), append(at.values(), now.Unix())...); err != nil {
		return err
	}
	return storePut(ctx, tx, entry, at)
}

// storePut writes a row; what is searched for is copied out of the document into columns.
func storePut(ctx context.Context, tx Tx, entry Entry, at place) error {
	columns := []cell{{"version", entry.Version}, {"expires_at", entry.Expires}, {"document", string(entry.Value)}}
	var found struct {
		State       string  `json:"state"`
		Handle      *string `json:"handle"`
		Inbox       *string `json:"inbox"`
		SharedInbox *string `json:"shared_inbox"`
	}
	if at.table != documents {
		if err := parse(entry.Value, &found); err != nil {
			return err
		}
	}
	switch at.table {
	case follows:
		inboxes, err := column(ctx, tx, "SELECT COALESCE(shared_inbox, inbox) FROM fedigraft_actors WHERE id = $1 "+
			"AND COALESCE(shared_inbox, inbox) IS NOT NULL", at.keys[0].value)
		if err != nil {
			return err
		}
		var inbox *string
		if len(inboxes) > 0 {
			inbox = &inboxes[0]
		}
		columns = append(columns, cell{"state", found.State}, cell{"inbox", inbox})
	case actors:
		columns = append(columns,
			cell{"handle", handleKey(found.Handle)}, cell{"inbox", found.Inbox}, cell{"shared_inbox", found.SharedInbox})
	}
	written, err := execute(ctx, tx, upsert(entry.Op, at, columns), cellValues(slices.Concat(at.keys, columns))...)
	if err != nil || written == 0 || at.table != actors {
		return err
	}
	inbox := found.SharedInbox
	if inbox == nil || *inbox == "" {
		inbox = found.Inbox
	}
	_, err = execute(ctx, tx, "UPDATE fedigraft_follows SET inbox = $1 WHERE follower = $2", inbox, entry.Key)
	return err
}

// upsert is the SQL that writes a row as the operation wants it.
func upsert(operation string, at place, columns []cell) string {
	var names, marks, keys, updates []string
	for i, one := range slices.Concat(at.keys, columns) {
		names, marks = append(names, one.name), append(marks, fmt.Sprintf("$%d", i+1))
	}
	for _, key := range at.keys {
		keys = append(keys, key.name)
	}
	for _, one := range columns {
		updates = append(updates, one.name+" = excluded."+one.name)
	}
	query := fmt.Sprintf("INSERT INTO %s (%s) VALUES (%s) ON CONFLICT (%s) DO ", at.table,
		strings.Join(names, ", "), strings.Join(marks, ", "), strings.Join(keys, ", "))
	if operation == "add" {
		return query + "NOTHING"
	}
	query += "UPDATE SET " + strings.Join(updates, ", ")
	if operation == "put_if_newer" {
		query += fmt.Sprintf(" WHERE %s.version < excluded.version", at.table)
	}
	return query
}

// enterOnce notes all keys as done; false, and nothing noted, when one of them is there already.
func enterOnce(ctx context.Context, tx Tx, keys []string, now time.Time) (bool, error) {
	// In one order everywhere, so that two transactions cannot wait for each other.
	ordered := slices.Sorted(slices.Values(keys))
	for i, key := range ordered {
		written, err := execute(ctx, tx,
			"INSERT INTO fedigraft_once (key, done_at) VALUES ($1, $2) ON CONFLICT (key) DO NOTHING", key, now.Unix())
		if err != nil {
			return false, err
		}
		if written == 1 {
			continue
		}
		for _, own := range ordered[:i] {
			if _, err := execute(ctx, tx, "DELETE FROM fedigraft_once WHERE key = $1", own); err != nil {
				return false, err
			}
		}
		return false, nil
	}
	return true, nil
}

// storePurge drops what has expired, and notes of what was done half a year ago.
func storePurge(ctx context.Context, tx Tx, now time.Time) error {
	for _, table := range []string{documents, actors, follows} {
		if _, err := execute(ctx, tx, "DELETE FROM "+table+" WHERE expires_at <= $1", now.Unix()); err != nil {
			return err
		}
	}
	_, err := execute(ctx, tx, "DELETE FROM fedigraft_once WHERE done_at <= $1", now.Add(-onceKept).Unix())
	return err
}

// cell is a column with its value.
type cell struct {
	name  string
	value any
}

// place is the table a document lives in, and the columns that name it.
type place struct {
	table string
	keys  []cell
}

func placeOf(name, key string) place {
	switch name {
	case "follow":
		follower, followee, _ := strings.Cut(key, " ")
		return place{follows, []cell{{"follower", follower}, {"followee", followee}}}
	case "remote_actor":
		return place{actors, []cell{{"id", key}}}
	}
	return place{documents, []cell{{"name", name}, {"key", key}}}
}

func (p place) where() string {
	var parts []string
	for i, key := range p.keys {
		parts = append(parts, fmt.Sprintf("%s = $%d", key.name, i+1))
	}
	return strings.Join(parts, " AND ")
}

func (p place) values() []any { return cellValues(p.keys) }

func cellValues(cells []cell) []any {
	values := make([]any, len(cells))
	for i, one := range cells {
		values[i] = one.value
	}
	return values
}

// handleKey is the form handles are searched by: "acct:user@host" in lower case.
func handleKey(handle *string) *string {
	if handle == nil || *handle == "" {
		return nil
	}
	key := "acct:" + strings.ToLower(strings.TrimPrefix(strings.TrimPrefix(*handle, "acct:"), "@"))
	return &key
}
