package fedigraft_test

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"time"

	fedigraft "github.com/fedigraft/fedigraft/bindings/go"
)

// A client that signs every request it sends, and a server that verifies them.
func ExampleTransport() {
	key, err := fedigraft.GeneratePrivateKey()
	if err != nil {
		panic(err)
	}
	defer key.Close()
	public, err := key.Public()
	if err != nil {
		panic(err)
	}
	defer public.Close()

	var instance *fedigraft.Instance
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		request, err := fedigraft.ReadRequest(r, 1<<20)
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		verdict, err := instance.Verify(request, public, time.Now())
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		w.WriteHeader(verdict.Public.Status)
		fmt.Fprintf(w, "accepted: %v, key: %s", verdict.Accepted, verdict.KeyID)
	}))
	defer server.Close()
	instance, err = fedigraft.OpenInstance(fedigraft.InstanceConfig{Origin: server.URL, Policy: fedigraft.Development})
	if err != nil {
		panic(err)
	}
	defer instance.Close()

	client := &http.Client{Transport: &fedigraft.Transport{Key: key, KeyID: "https://me.example/users/1#main-key"}}
	answer, err := client.Post(server.URL+"/inbox", fedigraft.ActivityJSON, strings.NewReader(`{"type":"Follow"}`))
	if err != nil {
		panic(err)
	}
	defer answer.Body.Close()
	text, _ := io.ReadAll(answer.Body)
	fmt.Println(answer.StatusCode, string(text))
	// Output: 202 accepted: true, key: https://me.example/users/1#main-key
}

// The headers for a client other than net/http.
func ExampleSign() {
	key, err := fedigraft.GeneratePrivateKey()
	if err != nil {
		panic(err)
	}
	defer key.Close()
	fields, err := fedigraft.Sign(key, "https://me.example/users/1#main-key", "POST", "https://you.example/inbox",
		[]byte(`{"type":"Follow"}`), time.Unix(1_790_000_000, 0))
	if err != nil {
		panic(err)
	}
	for _, field := range fields[:4] {
		fmt.Printf("%s: %s\n", field[0], field[1])
	}
	fmt.Println(fields[4][0])
	// Output:
	// Host: you.example
	// Content-Type: application/activity+json
	// Date: Mon, 21 Sep 2026 14:13:20 GMT
	// Digest: SHA-256=GYwYnH3BiO6aICFt0ThC5bUIJ4byvqdpWtR8m5fNkww=
	// Signature
}

// Why a request was refused, for the operator.
func ExampleInstance_Explain() {
	key, err := fedigraft.GeneratePrivateKey()
	if err != nil {
		panic(err)
	}
	public, err := key.Public()
	if err != nil {
		panic(err)
	}
	instance, err := fedigraft.OpenInstance(fedigraft.InstanceConfig{Origin: "https://you.example"})
	if err != nil {
		panic(err)
	}
	now := time.Unix(1_790_000_000, 0)
	fields, err := fedigraft.Sign(key, "https://me.example/users/1#main-key", "GET", "https://you.example/ap/actor", nil, now)
	if err != nil {
		panic(err)
	}
	request := &fedigraft.Request{Method: "GET", Target: "/ap/actor", Headers: fields}
	verdict, err := instance.Explain(request, public, now.Add(48*time.Hour))
	if err != nil {
		panic(err)
	}
	fmt.Println(verdict.Accepted, verdict.Public.Code)
	for _, rule := range verdict.Evidence.Rules {
		if !rule.OK {
			fmt.Println(rule.Rule)
		}
	}
	// Output:
	// false signature_too_old
	// not_too_old
}

// A local post as other servers read it, and back.
func ExampleInstance_RenderPost() {
	instance, err := fedigraft.OpenInstance(fedigraft.InstanceConfig{Origin: "https://chirp.example"})
	if err != nil {
		panic(err)
	}
	defer instance.Close()
	object, err := instance.RenderPost(
		fedigraft.Profile{ID: "7", Username: "ann", Federated: true},
		fedigraft.Post{
			ID: "1", Author: "7", Visibility: fedigraft.Public, Published: time.Unix(1_790_000_000, 0),
			Content: fedigraft.Content{Text: "Hello <world>"},
		})
	if err != nil {
		panic(err)
	}
	post, err := fedigraft.ReadPost(object)
	if err != nil {
		panic(err)
	}
	fmt.Println(post.ID, post.Author, post.Visibility)
	fmt.Println(post.Content.Text)
	// Output:
	// https://chirp.example/ap/posts/1 https://chirp.example/ap/users/7 public
	// <p>Hello &lt;world&gt;</p>
}

func ExampleSanitise() {
	html, err := fedigraft.Sanitise(`<p onclick="steal()">Hello<script>steal()</script></p>`)
	if err != nil {
		panic(err)
	}
	text, err := fedigraft.HTMLToText(html)
	if err != nil {
		panic(err)
	}
	fmt.Println(html)
	fmt.Println(text)
	// Output:
	// <p>Hello</p>
	// Hello
}

func ExampleError() {
	_, err := fedigraft.OpenInstance(fedigraft.InstanceConfig{Origin: "chirp.example"})
	var why *fedigraft.Error
	if errors.As(err, &why) {
		fmt.Println(why.Code, why.Reason, why.Retryable)
	}
	fmt.Println(errors.Is(err, fedigraft.ErrInvalidArgument), errors.Is(err, fedigraft.ErrClosed))
	// Output:
	// invalid_argument bad_origin false
	// true false
}
