package main

import (
	"context"
	"database/sql"
	"errors"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"time"

	fedigraft "github.com/fedigraft/fedigraft/bindings/go"
	_ "github.com/mattn/go-sqlite3"
)

// host is an application with one user and one post.
type host struct{}

func (host) Profile(ctx context.Context, tx fedigraft.Tx, key string) (*fedigraft.Profile, error) {
	p := fedigraft.Profile{Federated: true}
	row := tx.QueryRowContext(ctx, "SELECT id, name FROM users WHERE id = ? OR '@' || name = ?", key, key)
	if err := row.Scan(&p.ID, &p.Username); errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	} else if err != nil {
		return nil, err
	}
	return &p, nil
}

func (host) Post(_ context.Context, _ fedigraft.Tx, id string) (*fedigraft.Post, error) {
	return &fedigraft.Post{
		ID: id, Author: "1", Published: time.Unix(1_800_000_000, 0), Visibility: fedigraft.Public,
		Content: fedigraft.Content{Text: "Hello, #fediverse"},
	}, nil
}

func (host) Posts(context.Context, fedigraft.Tx, string, string) (*fedigraft.Posts, error) {
	return &fedigraft.Posts{}, nil
}

func TestTheExampleFederatesASite(t *testing.T) {
	db, err := sql.Open("sqlite3", filepath.Join(t.TempDir(), "chirp.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.Exec("CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT); INSERT INTO users VALUES (1, 'ann')"); err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	page := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.Write([]byte("a page of the host")) })
	site, err := federated(ctx, page, db, host{})
	if err != nil {
		t.Fatal(err)
	}
	for path, expected := range map[string]string{
		"/": "a page of the host",
		"/.well-known/webfinger?resource=acct:ann@chirp.example": `"acct:ann@chirp.example"`,
		"/ap/posts/7": "#<span>fediverse</span>",
	} {
		request := httptest.NewRequest("GET", "https://chirp.example"+path, nil)
		request.Header.Set("Accept", "application/activity+json")
		answer := httptest.NewRecorder()
		site.ServeHTTP(answer, request)
		if answer.Code != 200 || !strings.Contains(answer.Body.String(), expected) {
			t.Errorf("%s: expected %s, not %d %s", path, expected, answer.Code, answer.Body)
		}
	}
}
