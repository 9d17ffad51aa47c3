package storetest

// What must not harm the site: large uploads, slow strangers, clients that leave, many workers.

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	fedigraft "github.com/fedigraft/fedigraft/bindings/go"
)

// zeros is a body of so many bytes that needs no memory.
type zeros struct{ left int64 }

func (z *zeros) Read(into []byte) (int, error) {
	if z.left == 0 {
		return 0, io.EOF
	}
	n := min(int64(len(into)), z.left)
	z.left -= n
	return int(n), nil
}

func residentKB(t *testing.T) (kb int) {
	t.Helper()
	status, err := os.ReadFile("/proc/self/status")
	check(t, err)
	_, rest, _ := strings.Cut(string(status), "VmHWM:")
	fmt.Sscan(rest, &kb)
	return kb
}

func TestAGigabyteForThePageStreamsThrough(t *testing.T) {
	ann := newVillage(t, "ann", sqliteHere(t)("ann")).serve()
	ann.request("POST", "/upload", []byte("warm"))
	before := residentKB(t)
	answer, err := http.Post(ann.origin+"/upload", "application/octet-stream", &zeros{1 << 30})
	check(t, err)
	answer.Body.Close()
	equal(t, ann.read.Load(), 1<<30+4)
	if grown := residentKB(t) - before; grown > 64<<10 {
		t.Fatalf("the process grew by %d KB", grown)
	}
}

// stranger is a server that accepts connections and never answers until it is told to.
type stranger struct {
	listener    net.Listener
	connections atomic.Int64
	// gone gets a value for each connection that the other side closed.
	gone chan struct{}
}

func newStranger(t *testing.T) *stranger {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	check(t, err)
	s := &stranger{listener: listener, gone: make(chan struct{}, 100)}
	t.Cleanup(func() { listener.Close() })
	go func() {
		for {
			connection, err := listener.Accept()
			if err != nil {
				return
			}
			s.connections.Add(1)
			go func() {
				io.Copy(io.Discard, connection)
				connection.Close()
				s.gone <- struct{}{}
			}()
		}
	}()
	return s
}

func (s *stranger) actor(number int) string {
	return fmt.Sprintf("http://%s/users/%d", s.listener.Addr(), number)
}

func TestSlowStrangersGet503AndPagesGoOn(t *testing.T) {
	onEach(t, func(t *testing.T, at func(string) place) {
		slow := newStranger(t)
		ann := newVillage(t, "ann", at("ann"), func(c *fedigraft.Config) {
			c.MostFetching = 2
			c.Fetcher = &fedigraft.Network{Timeout: 3 * time.Second}
		}).serve()
		key, err := fedigraft.GeneratePrivateKey()
		check(t, err)
		statuses := make(chan int, 10)
		for number := range 10 {
			actor := slow.actor(number)
			go func() { statuses <- ann.deliver("/ap/inbox", follow(actor, ann.actor(), 1), key, actor+"#main-key") }()
		}
		for range 8 {
			equal(t, <-statuses, 503)
		}
		began := time.Now()
		_, body := ann.request("GET", "/page", nil)
		equal(t, body, "a page of ann")
		answer, _ := ann.request("GET", "/ap/users/1", nil, "Accept", "application/activity+json")
		equal(t, answer.StatusCode, 200)
		t.Log("pages took", time.Since(began))
		equal(t, slow.connections.Load(), 2)
		<-statuses
		<-statuses
		ann.request("GET", "/page", nil)
	})
}

func TestAClientThatLeavesCancelsTheExchangeInMidFetch(t *testing.T) {
	onEach(t, func(t *testing.T, at func(string) place) {
		slow := newStranger(t)
		ann := newVillage(t, "ann", at("ann"), func(c *fedigraft.Config) { c.MostFetching = 1 }).serve()
		key, err := fedigraft.GeneratePrivateKey()
		check(t, err)
		ann.request("GET", "/ap/users/1", nil, "Accept", "application/activity+json")
		goroutines := runtime.NumGoroutine()
		for round := range 5 {
			ctx, leave := context.WithCancel(background)
			actor := slow.actor(round)
			client := http.Client{Transport: &fedigraft.Transport{
				Key: key, KeyID: actor + "#main-key", Base: &http.Transport{DisableKeepAlives: true},
			}}
			request, err := http.NewRequestWithContext(ctx, "POST", ann.origin+"/ap/inbox",
				strings.NewReader(string(follow(actor, ann.actor(), 1))))
			check(t, err)
			ended := make(chan error)
			go func() {
				_, err := client.Do(request)
				ended <- err
			}()
			// The place of the one before is free again, or this one would never get here.
			waitFor(t, func() bool { return slow.connections.Load() == int64(round+1) })
			leave()
			if err := <-ended; err == nil {
				t.Fatal("the client did not leave")
			}
			select {
			case <-slow.gone: // long before the fetch's own deadline of ten seconds
			case <-time.After(5 * time.Second):
				t.Fatal("the fetch goes on")
			}
			waitFor(t, func() bool { return runtime.NumGoroutine() <= goroutines+6 })
		}
		equal(t, ann.count("fedigraft_once"), "0")
		equal(t, ann.told(), []string{})
	})
}

// inboxes is a server with many inboxes that counts what arrives.
func inboxes(t *testing.T) (origin string, got *sync.Map, total *atomic.Int64) {
	t.Helper()
	got, total = &sync.Map{}, &atomic.Int64{}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	check(t, err)
	server := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		io.Copy(io.Discard, r.Body)
		counter, _ := got.LoadOrStore(r.URL.Path, &atomic.Int64{})
		counter.(*atomic.Int64).Add(1)
		total.Add(1)
		w.WriteHeader(http.StatusAccepted)
	})}
	go server.Serve(listener)
	t.Cleanup(func() { server.Close() })
	return "http://" + listener.Addr().String(), got, total
}

var somePEM = sync.OnceValue(func() string {
	key, err := fedigraft.GeneratePrivateKey()
	if err != nil {
		panic(err)
	}
	pem, err := key.PEM()
	if err != nil {
		panic(err)
	}
	return string(pem)
})

// followedBy writes followers straight into the store: a fan-out needs only their inboxes. The author gets a key that
// is made once, as that takes long.
func (v *village) followedBy(origin string, number int) {
	v.t.Helper()
	check(v.t, v.fed.CreateTables(background))
	v.exec("INSERT INTO fedigraft_keys (actor, private_pem, created_at) VALUES ($1, $2, 0)", v.actor(), somePEM())
	for n := range number {
		follower := fmt.Sprintf("%s/users/%d", origin, n)
		v.exec("INSERT INTO fedigraft_follows (follower, followee, state, inbox, version, document) "+
			"VALUES ($1, $2, 'accepted', $3, 0, $4)", follower, v.actor(), fmt.Sprintf("%s/inbox/%d", origin, n),
			`{"v":1,"state":"accepted","activity":"x","at":1}`)
	}
}

func TestManyWorkersOnOneDatabaseDeliverEachOnce(t *testing.T) {
	onEach(t, func(t *testing.T, at func(string) place) {
		origin, got, total := inboxes(t)
		where := at("ann")
		ann := newVillage(t, "ann", where, func(c *fedigraft.Config) { c.Workers = 3 })
		twin := villageAt(t, "ann", where, ann.listener, func(c *fedigraft.Config) { c.Workers = 3 })
		const followers = 130 // more than one page
		ann.followedBy(origin, followers)
		ctx, stop := context.WithCancel(background)
		ended := make(chan error, 2)
		for _, one := range []*village{ann, twin} {
			go func() { ended <- one.fed.Work(ctx) }()
		}
		ann.write("To all of you")
		waitFor(t, func() bool { return ann.count("fedigraft_jobs") == "0" && ann.count("fedigraft_deliveries") == "0" })
		stop()
		check(t, <-ended)
		check(t, <-ended)
		equal(t, total.Load(), followers)
		got.Range(func(path, counter any) bool {
			if n := counter.(*atomic.Int64).Load(); n != 1 {
				t.Errorf("%v got it %d times", path, n)
			}
			return true
		})
	})
}

func TestAWorkerWhoseLeaseIsLostChangesNothing(t *testing.T) {
	onEach(t, func(t *testing.T, at func(string) place) {
		bob := newVillage(t, "bob", at("bob")).serve()
		ann := newVillage(t, "ann", at("ann")).serve()
		each(t, "1", ann.actor(), bob.fed.Follow)
		settle(t, bob)
		equal(t, ann.count("fedigraft_deliveries"), "1") // the Accept
		// Somebody else takes the row over while it is on its way.
		steal := func() { ann.exec("UPDATE fedigraft_deliveries SET lease = 'somebody else'") }
		mine := villageAt(t, "ann", ann.place, ann.listener, func(c *fedigraft.Config) { c.Fetcher = stealing{steal} })
		runs, err := mine.fed.Drain(background)
		check(t, err)
		equal(t, runs, 1)
		equal(t, ann.column("SELECT lease FROM fedigraft_deliveries"), []string{"somebody else"})
	})
}

// stealing is a fetcher that lets something happen first.
type stealing struct{ first func() }

func (s stealing) Fetch(ctx context.Context, ask *fedigraft.FetchRequest) (*fedigraft.Fetched, error) {
	s.first()
	return (&fedigraft.Network{}).Fetch(ctx, ask)
}

func TestWorkEndsInGoodTimeAndFinishesWhatItIsAt(t *testing.T) {
	slow := make(chan struct{})
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	check(t, err)
	var arrived, finished atomic.Int64
	server := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		arrived.Add(1)
		<-slow
		finished.Add(1)
		w.WriteHeader(http.StatusAccepted)
	})}
	go server.Serve(listener)
	defer server.Close()
	ann := newVillage(t, "ann", sqliteHere(t)("ann"))
	ann.followedBy("http://"+listener.Addr().String(), 1)
	ctx, stop := context.WithCancel(background)
	ended := make(chan error, 1)
	go func() { ended <- ann.fed.Work(ctx) }()
	ann.write("Hello")
	waitFor(t, func() bool { return arrived.Load() == 1 })
	stop()
	select {
	case <-ended:
		t.Fatal("it ended before the delivery did")
	case <-time.After(100 * time.Millisecond):
	}
	close(slow)
	check(t, <-ended)
	equal(t, finished.Load(), 1)
	equal(t, ann.count("fedigraft_deliveries"), "0")
}
