package fedigraft

// Handles: closed twice, used after closing, closed under a call, let go, used by many goroutines.

import (
	"errors"
	"fmt"
	"net/http/httptest"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

var testKey = sync.OnceValue(func() *PrivateKey {
	key, err := GeneratePrivateKey()
	if err != nil {
		panic(err)
	}
	return key
})

func must[T any](t testing.TB) func(T, error) T {
	return func(value T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return value
	}
}

func testPEM(t testing.TB) []byte { return must[[]byte](t)(testKey().PEM()) }

// watched is a handle whose freeing can be seen.
type watched struct{ handle }

func newWatched() (*watched, *atomic.Int64) {
	freed := new(atomic.Int64)
	w := &watched{}
	return own(w, &w.handle, nil, func(pointer) { freed.Add(1) }, "watched"), freed
}

func TestClosingTwiceFreesOnce(t *testing.T) {
	w, freed := newWatched()
	w.Close()
	w.Close()
	w = nil
	for range 3 {
		runtime.GC()
	}
	time.Sleep(10 * time.Millisecond)
	if freed.Load() != 1 {
		t.Fatal(freed.Load())
	}
}

func TestLettingGoFrees(t *testing.T) {
	w, freed := newWatched()
	runtime.KeepAlive(w)
	w = nil
	for range 200 {
		if runtime.GC(); freed.Load() == 1 {
			return
		}
		time.Sleep(time.Millisecond)
	}
	t.Fatal("it was not freed")
}

func TestClosingDuringACallFreesAfterIt(t *testing.T) {
	w, freed := newWatched()
	if _, err := w.enter(); err != nil {
		t.Fatal(err)
	}
	w.Close()
	if freed.Load() != 0 {
		t.Fatal("freed under a call")
	}
	if _, err := w.enter(); !errors.Is(err, ErrClosed) {
		t.Fatal(err)
	}
	w.leave()
	w.Close()
	if freed.Load() != 1 {
		t.Fatal(freed.Load())
	}
}

func TestTheCollectorDuringACallFreesAfterIt(t *testing.T) {
	freed := new(atomic.Int64)
	inside := make(chan *native)
	go func() {
		w := &watched{}
		own(w, &w.handle, nil, func(pointer) { freed.Add(1) }, "watched")
		w.enter()
		inside <- w.native // the call goes on with what it was given; the Go value is gone
	}()
	n := <-inside
	for range 5 {
		runtime.GC()
		time.Sleep(time.Millisecond)
	}
	if freed.Load() != 0 {
		t.Fatal("freed under a call")
	}
	(&handle{n}).leave()
	if freed.Load() != 1 {
		t.Fatal("not freed by the last to leave")
	}
}

func TestUseAfterCloseIsAnError(t *testing.T) {
	key := must[*PrivateKey](t)(ParsePrivateKey(testPEM(t)))
	public := must[*PublicKey](t)(key.Public())
	instance := must[*Instance](t)(OpenInstance(InstanceConfig{Origin: "https://a.example"}))
	key.Close()
	public.Close()
	instance.Close()
	request := &Request{Method: "GET", Target: "/"}
	var made PrivateKey
	for name, err := range map[string]error{
		"sign":      second(key.Sign(nil)),
		"pem":       second(key.PEM()),
		"public":    second(key.Public()),
		"spki":      second(public.PEM()),
		"uri":       second(instance.URI("actor", "1")),
		"verify":    second(instance.Verify(request, public, time.Now())),
		"route":     second(instance.Route(request)),
		"receive":   second(instance.Receive(time.Now(), request)),
		"look up":   second(instance.LookUp(time.Now(), "@a@b.example")),
		"render":    second(instance.RenderProfile(Profile{}, public)),
		"transport": second(Sign(key, "x", "GET", "https://a.example/", nil, time.Now())),
		"zero":      second(made.Sign(nil)),
	} {
		if !errors.Is(err, ErrClosed) || !errors.Is(err, ErrInvalidArgument) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := made.Close(); err != nil {
		t.Error(err)
	}
}

func second[T any](_ T, err error) error { return err }

func TestAKeyClosedWhileTenGoroutinesSign(t *testing.T) {
	for range 20 {
		key := must[*PrivateKey](t)(ParsePrivateKey(testPEM(t)))
		var all sync.WaitGroup
		for range 10 {
			all.Add(1)
			go func() {
				defer all.Done()
				for range 10 {
					if signature, err := key.Sign([]byte("message")); err == nil && len(signature) != 256 {
						t.Error(len(signature))
					} else if err != nil && !errors.Is(err, ErrClosed) {
						t.Error(err)
					}
				}
			}()
		}
		time.Sleep(2 * time.Millisecond)
		key.Close()
		all.Wait()
	}
}

func TestTenGoroutinesShareAnInstanceAndAKey(t *testing.T) {
	instance := must[*Instance](t)(OpenInstance(InstanceConfig{Origin: "https://a.example"}))
	defer instance.Close()
	first := must[[]byte](t)(testKey().Sign([]byte("same")))
	var all sync.WaitGroup
	for number := range 10 {
		all.Add(1)
		go func() {
			defer all.Done()
			for range 50 {
				uri, err := instance.URI("actor", fmt.Sprint(number))
				if err != nil || uri != fmt.Sprintf("https://a.example/ap/users/%d", number) {
					t.Error(uri, err)
				}
			}
			if signature, err := testKey().Sign([]byte("same")); err != nil || string(signature) != string(first) {
				t.Error(err)
			}
		}()
	}
	all.Wait()
}

func TestTheCollectorWhileHandlesAreMadeAndForgotten(t *testing.T) {
	pem := testPEM(t)
	var all sync.WaitGroup
	for range 4 {
		all.Add(1)
		go func() {
			defer all.Done()
			for range 25 {
				key, err := ParsePrivateKey(pem)
				if err != nil {
					t.Error(err)
					return
				}
				if _, err := key.Sign([]byte("x")); err != nil { // the last use of key: it may go in the middle of it
					t.Error(err)
				}
			}
		}()
	}
	for range 20 {
		runtime.GC()
	}
	all.Wait()
}

func TestAPrivateKeyIsNotShown(t *testing.T) {
	for _, format := range []string{"%v", "%s", "%+v", "%#v"} {
		if text := fmt.Sprintf(format, testKey()); text != "fedigraft.PrivateKey" {
			t.Error(format, text)
		}
	}
}

func TestTheHeaderAndTheLibraryBelongTogether(t *testing.T) {
	if Version != LibraryVersion() {
		t.Error(Version, LibraryVersion())
	}
	features := must[*LibraryFeatures](t)(Features())
	if features.Version != Version || features.ABIVersion != 0 || len(features.SignatureSchemes) == 0 {
		t.Errorf("%+v", features)
	}
	if Linked() != "static" && Linked() != "shared" {
		t.Error(Linked())
	}
}

func TestErrorsSayWhere(t *testing.T) {
	_, err := OpenInstance(InstanceConfig{Origin: "https://a.example", Aliases: []string{"not an origin"}})
	var own *Error
	if !errors.As(err, &own) || own.Place != "/aliases/0" || own.Code != CodeInvalidArgument || !errors.Is(err, ErrInvalidArgument) {
		t.Fatalf("%+v", err)
	}
	if errors.Is(err, ErrMalformed) || errors.Is(err, ErrClosed) || Retryable(err) {
		t.Error("it is none of these")
	}
	if !strings.Contains(err.Error(), "/aliases/0") || !strings.Contains(err.Error(), own.Reason) {
		t.Error(err)
	}
	if !Retryable(fmt.Errorf("wrapped: %w", &Error{Retryable: true})) || Retryable(errors.New("other")) {
		t.Error("Retryable")
	}
	if codeOf(12345) != CodeInternal || codeOf(2) != CodeMalformed {
		t.Error("a status of a newer library counts as internal")
	}
	_, err = ParsePublicKey([]byte("no key at all"))
	if !errors.Is(err, ErrMalformed) || strings.Contains(err.Error(), "no key at all") {
		t.Error(err)
	}
}

func TestNoKeyIsAnErrorAndAZeroValueCountsAsClosed(t *testing.T) {
	instance := must[*Instance](t)(OpenInstance(InstanceConfig{Origin: "https://me.example"}))
	defer instance.Close()
	request := &Request{Method: "GET", Target: "/"}
	for key, want := range map[*PublicKey]error{nil: ErrInvalidArgument, {}: ErrClosed} {
		if _, err := instance.RenderProfile(Profile{ID: "1", Username: "ann"}, key); !errors.Is(err, want) {
			t.Error(err)
		}
		if _, err := instance.Verify(request, key, time.Now()); !errors.Is(err, want) {
			t.Error(err)
		}
	}
	for key, want := range map[*PrivateKey]error{nil: ErrInvalidArgument, {}: ErrClosed} {
		if _, err := Sign(key, "https://me.example/1#key", "GET", "https://a.example/", nil, time.Now()); !errors.Is(err, want) {
			t.Error(err)
		}
		if err := SignRequest(httptest.NewRequest("GET", "https://a.example/", nil), key, "https://me.example/1#key", time.Now()); !errors.Is(err, want) {
			t.Error(err)
		}
	}
}
