package storetest

// A small host to federate: people and posts in its own database, and what it was told. The tables of the store lie
// beside its own.

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	fedigraft "github.com/fedigraft/fedigraft/bindings/go"
)

var tables = []string{
	"CREATE TABLE IF NOT EXISTS people (id TEXT PRIMARY KEY, name TEXT UNIQUE, display_name TEXT, locked INTEGER)",
	"CREATE TABLE IF NOT EXISTS posts (id INTEGER PRIMARY KEY, author TEXT, text TEXT, visibility TEXT, reply_to TEXT, " +
		"mention TEXT, published TEXT, updated TEXT)",
	"CREATE TABLE IF NOT EXISTS told (number INTEGER PRIMARY KEY, type TEXT, detail TEXT)",
}

type village struct {
	t        testing.TB
	name     string
	db       *sql.DB
	fed      *fedigraft.Federation
	origin   string
	listener net.Listener
	place    place
	// fail names a load or an event that fails.
	fail atomic.Value
	// hours is how far its clock is ahead.
	hours atomic.Int64
	// read counts the bytes of bodies that its pages read.
	read atomic.Int64
	next atomic.Int64
}

// newVillage makes a host with the person name (id "1"). It is not served yet.
func newVillage(t testing.TB, name string, at place, change ...func(*fedigraft.Config)) *village {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	check(t, err)
	t.Cleanup(func() { listener.Close() })
	return villageAt(t, name, at, listener, change...)
}

func villageAt(t testing.TB, name string, at place, listener net.Listener, change ...func(*fedigraft.Config)) *village {
	t.Helper()
	v := &village{t: t, name: name, db: at.open(t), listener: listener, place: at}
	address := listener.Addr().String()
	v.origin = "http://" + address
	v.fail.Store("")
	for _, statement := range tables {
		v.exec(statement)
	}
	v.exec("INSERT INTO people (id, name, display_name, locked) VALUES ('1', $1, $2, 0) ON CONFLICT (id) DO NOTHING",
		name, strings.ToUpper(name))
	config := fedigraft.Config{
		Instance: fedigraft.InstanceConfig{
			Origin: v.origin, Name: name, AccountDomain: address, Policy: fedigraft.Development,
		},
		Database: v.db,
		Host:     v,
		Poll:     50 * time.Millisecond,
		Logger:   slog.New(slog.NewTextHandler(io.Discard, nil)),
		Clock:    func() time.Time { return time.Now().Add(time.Duration(v.hours.Load()) * time.Hour) },
	}
	for _, one := range change {
		one(&config)
	}
	fed, err := fedigraft.New(config)
	check(t, err)
	v.fed = fed
	t.Cleanup(func() { fed.Close() })
	fedigraft.On(fed, v.hear)
	return v
}

// serve puts it behind a real server.
func (v *village) serve() *village {
	server := &http.Server{Handler: v.fed.Handler(http.HandlerFunc(v.page))}
	go server.Serve(v.listener)
	v.t.Cleanup(func() { server.Close() })
	return v
}

func (v *village) page(w http.ResponseWriter, r *http.Request) {
	n, _ := io.Copy(io.Discard, r.Body)
	v.read.Add(n)
	fmt.Fprintf(w, "a page of %s", v.name)
}

func (v *village) actor() string {
	uri, err := v.fed.Instance().URI("actor", "1")
	check(v.t, err)
	return uri
}

func (v *village) handle() string { return "@" + v.name + "@" + v.listener.Addr().String() }

// What fedigraft asks.

func (v *village) Profile(ctx context.Context, tx fedigraft.Tx, key string) (*fedigraft.Profile, error) {
	if v.fail.Load() == "profile" {
		return nil, errors.New("the database is away")
	}
	where := "id"
	if strings.HasPrefix(key, "@") {
		where, key = "name", key[1:]
	}
	p := fedigraft.Profile{Federated: true}
	err := tx.QueryRowContext(ctx, "SELECT id, name, display_name, locked = 1 FROM people WHERE "+where+" = $1", key).
		Scan(&p.ID, &p.Username, &p.DisplayName, &p.Locked)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	return &p, err
}

const postColumns = "SELECT id, author, text, visibility, reply_to, mention, published, updated FROM posts "

func (v *village) Post(ctx context.Context, tx fedigraft.Tx, id string) (*fedigraft.Post, error) {
	number, err := strconv.ParseInt(id, 10, 64)
	if err != nil {
		return nil, fedigraft.ErrNotFound
	}
	post, err := scan(tx.QueryRowContext(ctx, postColumns+"WHERE id = $1", number))
	if errors.Is(err, sql.ErrNoRows) {
		return nil, fedigraft.ErrNotFound
	}
	return post, err
}

func (v *village) Posts(ctx context.Context, tx fedigraft.Tx, profile, cursor string) (*fedigraft.Posts, error) {
	before := int64(math.MaxInt32)
	if cursor != "" {
		before, _ = strconv.ParseInt(cursor, 10, 64)
	}
	rows, err := tx.QueryContext(ctx, postColumns+
		"WHERE author = $1 AND visibility = 'public' AND id < $2 ORDER BY id DESC LIMIT 20", profile, before)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	page := &fedigraft.Posts{}
	for rows.Next() {
		post, err := scan(rows)
		if err != nil {
			return nil, err
		}
		page.Items = append(page.Items, *post)
	}
	if len(page.Items) == 20 {
		page.Next = page.Items[19].ID
	}
	return page, rows.Err()
}

func (v *village) Blocked(_ context.Context, _ fedigraft.Tx, key string) (bool, error) {
	return key == "blocked.example", nil
}

func scan(row interface{ Scan(...any) error }) (*fedigraft.Post, error) {
	p := &fedigraft.Post{}
	var mention, published, updated string
	err := row.Scan(&p.ID, &p.Author, &p.Content.Text, &p.Visibility, &p.InReplyTo, &mention, &published, &updated)
	if err != nil {
		return nil, err
	}
	if mention != "" {
		p.Mentions = []fedigraft.Mention{{URI: mention}}
	}
	p.Published, _ = time.Parse(time.RFC3339Nano, published)
	p.Updated, _ = time.Parse(time.RFC3339Nano, updated)
	return p, nil
}

// What it is told.

func (v *village) hear(ctx context.Context, tx fedigraft.Tx, event fedigraft.Event) error {
	if v.fail.Load() == event.Name() {
		return errors.New("the handler fails")
	}
	detail, err := json.Marshal(event)
	if err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, "INSERT INTO told (number, type, detail) "+
		"SELECT COALESCE(MAX(number), 0) + 1, $1, $2 FROM told", event.Name(), string(detail))
	return err
}

func (v *village) told() []string { return v.column("SELECT type FROM told ORDER BY number") }

func (v *village) detail(kind string) string {
	v.t.Helper()
	found := v.column("SELECT detail FROM told WHERE type = $1 ORDER BY number DESC", kind)
	if len(found) == 0 {
		v.t.Fatalf("%s was not told of %s, but of %v", v.name, kind, v.told())
	}
	return found[0]
}

// What its people do.

// write stores a post and publishes it, in one transaction.
func (v *village) write(text string, change ...func(*fedigraft.Post)) string {
	v.t.Helper()
	var id string
	check(v.t, v.within(func(tx *sql.Tx) error {
		id = v.insert(tx, text, change...)
		_, err := v.fed.Publish(context.Background(), tx, id)
		return err
	}))
	return id
}

func (v *village) insert(tx fedigraft.Tx, text string, change ...func(*fedigraft.Post)) string {
	v.t.Helper()
	p := fedigraft.Post{
		ID: strconv.FormatInt(v.next.Add(1), 10), Author: "1", Visibility: fedigraft.Public,
		Content: fedigraft.Content{Text: text}, Published: time.Now().UTC(),
	}
	for _, one := range change {
		one(&p)
	}
	mention := ""
	if len(p.Mentions) > 0 {
		mention = p.Mentions[0].URI
	}
	id, err := strconv.ParseInt(p.ID, 10, 64)
	check(v.t, err)
	_, err = tx.ExecContext(context.Background(), "INSERT INTO posts (id, author, text, visibility, reply_to, mention, "+
		"published, updated) VALUES ($1, $2, $3, $4, $5, $6, $7, '')", id, p.Author, text, string(p.Visibility),
		p.InReplyTo, mention, p.Published.Format(time.RFC3339Nano))
	check(v.t, err)
	return p.ID
}

// within runs a function in a transaction of the host's own.
func (v *village) within(function func(*sql.Tx) error) error {
	tx, err := v.db.Begin()
	if err != nil {
		return err
	}
	defer tx.Rollback()
	if err := function(tx); err != nil {
		return err
	}
	return tx.Commit()
}

func (v *village) exec(query string, args ...any) {
	v.t.Helper()
	_, err := v.db.Exec(query, args...)
	check(v.t, err)
}

func (v *village) column(query string, args ...any) []string {
	v.t.Helper()
	rows, err := v.db.Query(query, args...)
	check(v.t, err)
	defer rows.Close()
	found := []string{}
	for rows.Next() {
		var value string
		check(v.t, rows.Scan(&value))
		found = append(found, value)
	}
	check(v.t, rows.Err())
	return found
}

func (v *village) count(table string) string {
	v.t.Helper()
	return v.column("SELECT COUNT(*) FROM " + table)[0]
}

// settle runs every worker until nothing is due anywhere.
func settle(t testing.TB, all ...*village) {
	t.Helper()
	for {
		sum := 0
		for _, one := range all {
			runs, err := one.fed.Drain(context.Background())
			check(t, err)
			sum += runs
		}
		if sum == 0 {
			return
		}
	}
}

// befriend makes the second follow the first.
func befriend(t testing.TB, ann, bob *village) {
	t.Helper()
	_, err := bob.fed.Follow(context.Background(), nil, "1", ann.actor())
	check(t, err)
	settle(t, ann, bob)
}
