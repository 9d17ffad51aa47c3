package storetest

import (
	"context"
	"database/sql"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"time"

	fedigraft "github.com/fedigraft/fedigraft/bindings/go"
)

// note is all that the site of the example has: one person and one post.
type note struct{}

func (note) Profile(_ context.Context, _ fedigraft.Tx, key string) (*fedigraft.Profile, error) {
	if key != "1" && key != "@ann" {
		return nil, fedigraft.ErrNotFound
	}
	return &fedigraft.Profile{ID: "1", Username: "ann", Federated: true}, nil
}

func (note) Post(_ context.Context, _ fedigraft.Tx, id string) (*fedigraft.Post, error) {
	return &fedigraft.Post{
		ID: id, Author: "1", Visibility: fedigraft.Public, Content: fedigraft.Content{Text: "Hello"},
		Published: time.Unix(1_790_000_000, 0),
	}, nil
}

func (n note) Posts(ctx context.Context, tx fedigraft.Tx, _, _ string) (*fedigraft.Posts, error) {
	post, err := n.Post(ctx, tx, "1")
	return &fedigraft.Posts{Items: []fedigraft.Post{*post}, Total: 1}, err
}

// A site publishes a post in its own transaction, and its pages and its federation share a handler.
func ExampleFederation() {
	folder, err := os.MkdirTemp("", "example")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(folder)
	db, err := sql.Open("sqlite3", filepath.Join(folder, "site.db"))
	if err != nil {
		panic(err)
	}
	defer db.Close()
	fed, err := fedigraft.New(fedigraft.Config{
		Instance: fedigraft.InstanceConfig{Origin: "https://chirp.example", Name: "Chirp"},
		Database: db,
		Host:     note{},
	})
	if err != nil {
		panic(err)
	}
	defer fed.Close()

	ctx := context.Background()
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		panic(err)
	}
	result, err := fed.Publish(ctx, tx, "1")
	if err != nil {
		panic(err)
	}
	if err := tx.Commit(); err != nil {
		panic(err)
	}
	runs, err := fed.Drain(ctx)
	if err != nil {
		panic(err)
	}
	fmt.Println(result.URI, runs > 0)

	site := fed.Handler(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "a page") }))
	for _, path := range []string{"/", "/.well-known/webfinger?resource=acct:ann@chirp.example"} {
		recorder := httptest.NewRecorder()
		site.ServeHTTP(recorder, httptest.NewRequest("GET", "https://chirp.example"+path, nil))
		fmt.Println(recorder.Code, recorder.Header().Get("Content-Type"))
	}
	// Output:
	// https://chirp.example/ap/posts/1 true
	// 200 text/plain; charset=utf-8
	// 200 application/jrd+json; charset=utf-8
}
