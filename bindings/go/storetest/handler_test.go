package storetest

// The handler behind a real net/http server.

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	fedigraft "github.com/fedigraft/fedigraft/bindings/go"
)

func (v *village) request(method, target string, body []byte, headers ...string) (*http.Response, string) {
	v.t.Helper()
	request, err := http.NewRequest(method, v.origin+target, bytes.NewReader(body))
	check(v.t, err)
	for i := 0; i < len(headers); i += 2 {
		request.Header.Add(headers[i], headers[i+1])
	}
	answer, err := http.DefaultClient.Do(request)
	check(v.t, err)
	defer answer.Body.Close()
	read, err := io.ReadAll(answer.Body)
	check(v.t, err)
	return answer, string(read)
}

// deliver signs a body as an actor of another host does, and posts it.
func (v *village) deliver(target string, body []byte, key *fedigraft.PrivateKey, keyID string) int {
	v.t.Helper()
	client := http.Client{Transport: &fedigraft.Transport{Key: key, KeyID: keyID}}
	request, err := http.NewRequest("POST", v.origin+target, bytes.NewReader(body))
	check(v.t, err)
	answer, err := client.Do(request)
	if err != nil {
		return 0
	}
	answer.Body.Close()
	return answer.StatusCode
}

// key is that of the person of this host.
func (v *village) key() *fedigraft.PrivateKey {
	v.t.Helper()
	v.request("GET", "/ap/users/1", nil, "Accept", "application/activity+json") // makes it
	key, err := fedigraft.ParsePrivateKey([]byte(v.column("SELECT private_pem FROM fedigraft_keys WHERE actor = $1", v.actor())[0]))
	check(v.t, err)
	return key
}

func follow(actor, followee string, number int) []byte {
	text, _ := json.Marshal(map[string]any{
		"@context": "https://www.w3.org/ns/activitystreams", "id": fmt.Sprintf("%s/follows/%d", actor, number),
		"type": "Follow", "actor": actor, "object": followee,
	})
	return text
}

func TestPagesAndFederationAreServed(t *testing.T) {
	onEach(t, func(t *testing.T, at func(string) place) {
		ann, bob := two(t, at)
		answer, body := ann.request("GET", "/some/page?x=1", nil)
		equal(t, answer.StatusCode, 200)
		equal(t, body, "a page of ann")
		answer, body = ann.request("GET", "/ap/users/1", nil, "Accept", "application/activity+json")
		equal(t, answer.StatusCode, 200)
		contains(t, body, `"preferredUsername":"ann"`)
		contains(t, answer.Header.Get("Content-Type"), "application/activity+json")
		again, empty := ann.request("GET", "/ap/users/1", nil, "Accept", "application/activity+json",
			"If-None-Match", answer.Header.Get("ETag"))
		equal(t, again.StatusCode, 304)
		equal(t, empty, "")
		head, empty := ann.request("HEAD", "/ap/users/1", nil, "Accept", "application/activity+json")
		equal(t, head.StatusCode, 200)
		equal(t, head.ContentLength, int64(len(body)))
		equal(t, empty, "")
		answer, body = ann.request("GET", "/.well-known/webfinger?resource=acct:"+ann.handle()[1:], nil)
		equal(t, answer.StatusCode, 200)
		contains(t, body, ann.actor())
		answer, _ = ann.request("POST", "/ap/inbox", follow(bob.actor(), ann.actor(), 1),
			"Content-Type", "application/activity+json")
		equal(t, answer.StatusCode, 401)
	})
}

func TestTheRawTargetIsWhatWasSigned(t *testing.T) {
	ann, bob := two(t, sqliteHere(t))
	status := ann.deliver("/ap/inbox?x=%2F%41%20+", follow(bob.actor(), ann.actor(), 1), bob.key(), bob.actor()+"#main-key")
	equal(t, status, 202)
	equal(t, ann.told(), []string{"followed"})
}

func TestABodyOverTheLimitIsRefusedUnread(t *testing.T) {
	ann := newVillage(t, "ann", sqliteHere(t)("ann")).serve()
	for _, length := range []string{"Content-Length: 1073741824", "Transfer-Encoding: chunked"} {
		client, err := net.Dial("tcp", ann.listener.Addr().String())
		check(t, err)
		fmt.Fprintf(client, "POST /ap/inbox HTTP/1.1\r\nHost: x\r\nContent-Type: application/activity+json\r\n%s\r\n\r\n", length)
		if strings.HasPrefix(length, "T") {
			go func() {
				for range 40 {
					fmt.Fprintf(client, "10000\r\n%s\r\n", strings.Repeat("x", 0x10000))
				}
			}()
		}
		client.SetReadDeadline(time.Now().Add(10 * time.Second))
		answer, err := http.ReadResponse(bufio.NewReader(client), nil)
		check(t, err)
		equal(t, answer.StatusCode, 413)
		client.Close()
	}
}

// counted is a body that counts how often it is read.
type counted struct{ reads int }

func (c *counted) Read([]byte) (int, error) { c.reads++; return 0, io.EOF }
func (c *counted) Close() error             { return nil }

func TestNotOneByteOfAPagesBodyIsRead(t *testing.T) {
	ann := newVillage(t, "ann", sqliteHere(t)("ann"))
	body := &counted{}
	request := httptest.NewRequest("POST", "/upload", nil)
	request.Body, request.ContentLength = body, 1<<30
	var same bool
	ann.fed.Handler(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { same = r == request })).
		ServeHTTP(httptest.NewRecorder(), request)
	equal(t, body.reads, 0)
	equal(t, same, true)
}

func TestVaryIsAddedWhereOneURLServesBoth(t *testing.T) {
	ann := newVillage(t, "ann", sqliteHere(t)("ann"), func(c *fedigraft.Config) {
		c.Instance.Paths = map[string]string{"post": "/posts/{id}"}
	})
	for said, want := range map[string][]string{
		"": {"Accept"}, "Cookie": {"Cookie", "Accept"}, "Cookie, accept": {"Cookie, accept"}, "*": {"*"},
	} {
		site := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			if said != "" {
				w.Header().Set("Vary", said)
			}
			io.WriteString(w, "page")
			w.(http.Flusher).Flush()
		})
		for path, want := range map[string][]string{"/posts/1": want, "/other": {said}} {
			request, recorder := httptest.NewRequest("GET", path, nil), httptest.NewRecorder()
			request.Host, request.RequestURI = ann.listener.Addr().String(), path
			request.Header.Set("Accept", "text/html")
			ann.fed.Handler(site).ServeHTTP(recorder, request)
			if want[0] == "" {
				want = nil
			}
			equal(t, recorder.Header().Values("Vary"), want)
			equal(t, recorder.Body.String(), "page")
		}
	}
}

func TestWhenTheHostFailsTheSenderComesAgain(t *testing.T) {
	onEach(t, func(t *testing.T, at func(string) place) {
		ann, bob := two(t, at)
		ann.fail.Store("profile")
		answer, _ := ann.request("GET", "/ap/users/1", nil, "Accept", "application/activity+json")
		equal(t, answer.StatusCode, 503)
		if answer.Header.Get("Retry-After") == "" {
			t.Fatal("expected Retry-After")
		}
		ann.fail.Store("")
		// The host's handler fails after done: no follower, no Accept, nothing noted.
		ann.fail.Store("followed")
		each(t, "1", ann.actor(), bob.fed.Follow)
		_, err := bob.fed.Drain(background)
		check(t, err)
		equal(t, ann.told(), []string{})
		for _, table := range []string{"follows", "once", "deliveries", "jobs"} {
			equal(t, ann.count("fedigraft_"+table), "0")
		}
		ann.fail.Store("")
		ann.hours.Store(1)
		bob.hours.Store(1)
		settle(t, ann, bob)
		equal(t, ann.told(), []string{"followed"})
		equal(t, bob.told(), []string{"follow_accepted"})
	})
}

func TestAHandlerThatPanicsLeavesNothingHalfDone(t *testing.T) {
	onEach(t, func(t *testing.T, at func(string) place) {
		ann, bob := two(t, at)
		explode := true
		fedigraft.On(ann.fed, func(context.Context, fedigraft.Tx, fedigraft.Followed) error {
			if explode {
				panic("the host has a bug")
			}
			return nil
		})
		key := bob.key()
		equal(t, ann.deliver("/ap/inbox", follow(bob.actor(), ann.actor(), 1), key, bob.actor()+"#main-key"), 503)
		equal(t, ann.told(), []string{})
		equal(t, ann.count("fedigraft_once"), "0")
		explode = false
		equal(t, ann.deliver("/ap/inbox", follow(bob.actor(), ann.actor(), 1), key, bob.actor()+"#main-key"), 202)
		equal(t, ann.told(), []string{"followed"})
	})
}

func TestTheSameActivityManyTimesAtOnceCountsOnce(t *testing.T) {
	onEach(t, func(t *testing.T, at func(string) place) {
		ann, bob := two(t, at)
		key, body := bob.key(), follow(bob.actor(), ann.actor(), 1)
		// The key is known, so that all of them see the same past and come to their commits together.
		_, err := ann.fed.LookUp(background, bob.actor())
		check(t, err)
		statuses := make(chan int)
		for range 10 {
			go func() { statuses <- ann.deliver("/ap/inbox", body, key, bob.actor()+"#main-key") }()
		}
		for range 10 {
			if status := <-statuses; status != 202 && status != 200 {
				t.Error(status)
			}
		}
		equal(t, ann.told(), []string{"followed"})
		equal(t, ann.count("fedigraft_once"), "1")
	})
}

func TestAClosedFederationSaysSo(t *testing.T) {
	ann := newVillage(t, "ann", sqliteHere(t)("ann")).serve()
	id := ann.write("Hello")
	check(t, ann.fed.Close())
	check(t, ann.fed.Close())
	if _, err := ann.fed.Publish(background, nil, id); !errors.Is(err, fedigraft.ErrClosed) {
		t.Fatal(err)
	}
	_, body := ann.request("GET", "/ap/users/1", nil)
	equal(t, body, "a page of ann")
}
