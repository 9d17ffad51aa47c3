// The soak calls the library many times and prints the memory of the process after warm-up and at the end; it exits
// with 1 when that grew by 2 MiB or more.
//
//	go run ./soak --scale 1      ten million cheap calls, 100,000 signatures, 100,000 whole exchanges
//	go run ./soak --scale 0.1    a tenth
package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"runtime"
	"runtime/debug"
	"strings"
	"time"

	fedigraft "github.com/fedigraft/fedigraft/bindings/go"
)

const (
	cheapCalls = 10_000_000
	signatures = 100_000
	exchanges  = 100_000
	mostGrowth = 2 << 10 // KiB
	stranger   = "https://them.example/users/1"
)

// names are the loads of an instance that can play exchanges.
var names = strings.Fields("blocked post posts profile activity follow followers following inboxes key local_followers " +
	"once origin remote_actor remote_key remote_post tombstone")

func main() {
	scale := flag.Float64("scale", 0.1, "how much of the full run")
	flag.Parse()
	// A small heap of its own, so that what the library keeps is seen.
	debug.SetGCPercent(50)

	w := newWorkload()
	round := func(scale float64) {
		for range int(cheapCalls * scale) {
			w.cheap()
		}
		for n := range int(signatures * scale) {
			w.sign(n)
		}
		for n := range int(exchanges * scale) {
			w.exchange(n)
		}
	}
	round(*scale * 0.05)
	before := resident()
	began := time.Now()
	for part := range 4 {
		round(*scale / 4)
		fmt.Printf("%3d %%: %6d KiB after %s\n", (part+1)*25, resident(), time.Since(began).Round(time.Second))
	}
	after := resident()
	fmt.Printf("after warm-up %d KiB, at the end %d KiB: %+d KiB\n", before, after, after-before)
	if after-before >= mostGrowth {
		fmt.Println("it grew by 2 MiB or more")
		os.Exit(1)
	}
}

type workload struct {
	instance *fedigraft.Instance
	key      *fedigraft.PrivateKey
	pem      []byte
	driver   fedigraft.Driver
	now      time.Time
	actor    json.RawMessage
}

func newWorkload() *workload {
	w := &workload{
		instance: must(fedigraft.OpenInstance(fedigraft.InstanceConfig{Origin: "https://me.example", Loads: names})),
		key:      must(fedigraft.GeneratePrivateKey()),
		now:      time.Now(),
	}
	w.driver.Clock = func() time.Time { return w.now } // the run may take longer than an exchange may
	w.pem = must(w.key.PublicPEM())
	w.actor = must(json.Marshal(map[string]any{
		"v": 1, "id": stranger, "handle": "@them@them.example", "inbox": stranger + "/inbox", "verified": "fetched",
		"fetched_at": w.now.Unix(), "keys": []string{stranger + "#main-key"},
		"profile": fedigraft.Profile{ID: stranger, Username: "them"},
	}))
	return w
}

func (w *workload) cheap() {
	must(w.instance.URI("actor", "42"))
}

func (w *workload) sign(n int) {
	must(fedigraft.Sign(w.key, stranger+"#main-key", "POST", "https://me.example/ap/inbox", fmt.Appendf(nil, "%d", n), w.now))
	if n%10 == 0 {
		// Failures and handles come and go as well.
		if _, err := fedigraft.ReadPost([]byte("{")); err == nil {
			panic("expected an error")
		}
		must(fedigraft.ParsePublicKey(w.pem)).Close()
	}
}

// exchange plays a signed Follow from head and body to done.
func (w *workload) exchange(n int) {
	body := fmt.Appendf(nil, `{"@context":"https://www.w3.org/ns/activitystreams","id":"%s/follows/%d","type":"Follow",`+
		`"actor":"%s","object":"https://me.example/ap/users/1"}`, stranger, n, stranger)
	fields := must(fedigraft.Sign(w.key, stranger+"#main-key", "POST", "https://me.example/ap/inbox", body, w.now))
	exchange := must(w.instance.Receive(w.now, &fedigraft.Request{
		Method: "POST", Target: "/ap/inbox", Headers: fields, Body: body,
	}))
	if n%10 == 0 {
		exchange.Close() // dropped before the end
		return
	}
	done := must(w.driver.Run(context.Background(), exchange, w))
	if done.Response.Status != 202 || len(done.Events) != 1 {
		panic(fmt.Sprintf("%d %s", done.Response.Status, done.Response.Body))
	}
}

// Load answers what the exchange asks for.
func (w *workload) Load(_ context.Context, wanted []fedigraft.Wanted, now time.Time) ([]fedigraft.Loaded, error) {
	values := make([]fedigraft.Loaded, len(wanted))
	for i, one := range wanted {
		switch one.Name {
		case "profile":
			values[i].Value = fedigraft.Profile{ID: "1", Username: "me", Federated: true}
		case "remote_key":
			values[i].Value = map[string]any{
				"v": 1, "id": one.Key, "owner": stranger, "pem": string(w.pem), "fetched_at": now.Unix(),
			}
		case "remote_actor":
			values[i].Value = w.actor
		}
	}
	return values, nil
}

// Sign is not asked for here.
func (w *workload) Sign(_ context.Context, request *fedigraft.SignatureRequest, _ time.Time) ([]byte, error) {
	return w.key.Sign(request.Bytes)
}

// resident is the memory of the process in KiB.
func resident() (kib int) {
	for range 3 {
		runtime.GC()
	}
	debug.FreeOSMemory()
	status := must(os.ReadFile("/proc/self/status"))
	_, rest, _ := strings.Cut(string(status), "VmRSS:")
	fmt.Sscan(rest, &kib)
	return kib
}

func must[T any](value T, err error) T {
	if err != nil {
		panic(err)
	}
	return value
}
