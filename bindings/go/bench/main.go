// The bench prints what a call across the boundary costs, and signing and verifying beside crypto/rsa doing the same
// job: medians of interleaved pairs. It asserts nothing.
//
//	go run ./bench
package main

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"fmt"
	"net/http"
	"runtime"
	"slices"
	"strings"
	"sync"
	"time"

	fedigraft "github.com/fedigraft/fedigraft/bindings/go"
)

const (
	pairs = 9
	keyID = "https://me.example/ap/users/1#main-key"
)

var body = []byte(`{"@context":"https://www.w3.org/ns/activitystreams","type":"Create","object":{"type":"Note","content":"` +
	strings.Repeat("x", 1900) + `"}}`)

func main() {
	key, own := keys()
	public := must(key.Public())
	instance := must(fedigraft.OpenInstance(fedigraft.InstanceConfig{Origin: "https://you.example"}))
	now := time.Now()

	fmt.Printf("fedigraft %s, %s, %s, GOMAXPROCS %d; medians of %d interleaved pairs\n\n",
		fedigraft.LibraryVersion(), fedigraft.Linked(), runtime.Version(), runtime.GOMAXPROCS(0), pairs)

	fmt.Println("boundary, bytes in and bytes out (budget 1 µs)")
	html := "<p>Hello</p>"
	cheap := func(name string, call func()) {
		var times []time.Duration
		for range pairs {
			times = append(times, measure(200_000, 1, call))
		}
		fmt.Printf("  %-44s %8.2f µs\n", name, micro(median(times)))
	}
	cheap("Instance.URI", func() { must(instance.URI("actor", "42")) })
	cheap("Sanitise, 12 bytes", func() { must(fedigraft.Sanitise(html)) })
	cheap("HTMLToText, 12 bytes", func() { must(fedigraft.HTMLToText(html)) })

	hash := sha256.Sum256(body)
	raw := func() { must(rsa.SignPKCS1v15(rand.Reader, own, crypto.SHA256, hash[:])) }
	ours := func() { must(fedigraft.Sign(key, keyID, "POST", "https://you.example/inbox", body, now)) }
	theirs := func() { signWithGo(own, now) }
	fields := must(fedigraft.Sign(key, keyID, "POST", "https://you.example/inbox", body, now))
	request := &fedigraft.Request{Method: "POST", Target: "/inbox", Headers: fields, Body: body}
	received := received(fields)
	verify := func() {
		if !must(instance.Verify(request, public, now)).Accepted {
			panic("refused")
		}
	}
	verifyWithGo := func() { verifyWithGo(&own.PublicKey, received) }

	for _, goroutines := range []int{1, 10} {
		fmt.Printf("\nRSA-2048, %d goroutine(s): fedigraft, Go's own stack, ratio\n", goroutines)
		pair("Key.Sign / rsa.SignPKCS1v15", 200, goroutines, func() { must(key.Sign(body)) }, raw)
		pair("sign a delivery / the same by hand", 200, goroutines, ours, theirs)
		pair("verify a delivery / the same by hand", 1000, goroutines, verify, verifyWithGo)
	}

	one, two := []time.Duration{}, []time.Duration{}
	for range pairs {
		one = append(one, measure(2000, 1, ours))
		two = append(two, measure(2000, 2, ours))
	}
	fmt.Printf("\ntwo goroutines sign %.2f × as much as one\n", micro(median(one))/micro(median(two)))
}

// pair measures two calls in turns and prints the medians.
func pair(name string, times, goroutines int, ours, theirs func()) {
	var a, b []time.Duration
	for range pairs {
		a = append(a, measure(times, goroutines, ours))
		b = append(b, measure(times, goroutines, theirs))
	}
	x, y := micro(median(a)), micro(median(b))
	fmt.Printf("  %-44s %8.1f µs %8.1f µs   %.2f ×\n", name, x, y, x/y)
}

// measure gives the time per call when so many goroutines share the work.
func measure(times, goroutines int, call func()) time.Duration {
	var all sync.WaitGroup
	began := time.Now()
	for range goroutines {
		all.Add(1)
		go func() {
			defer all.Done()
			for range times / goroutines {
				call()
			}
		}()
	}
	all.Wait()
	return time.Since(began) / time.Duration(times/goroutines*goroutines)
}

// signWithGo signs a delivery as fedigraft.Sign does, with the standard library alone.
func signWithGo(key *rsa.PrivateKey, now time.Time) http.Header {
	sum := sha256.Sum256(body)
	digest := "SHA-256=" + base64.StdEncoding.EncodeToString(sum[:])
	date := now.UTC().Format(http.TimeFormat)
	base := "(request-target): post /inbox\nhost: you.example\ndate: " + date + "\ndigest: " + digest +
		"\ncontent-type: application/activity+json"
	hash := sha256.Sum256([]byte(base))
	signature := must(rsa.SignPKCS1v15(rand.Reader, key, crypto.SHA256, hash[:]))
	return http.Header{"Host": {"you.example"}, "Date": {date}, "Digest": {digest}, "Signature": {`keyId="` + keyID +
		`",algorithm="rsa-sha256",headers="(request-target) host date digest content-type",signature="` +
		base64.StdEncoding.EncodeToString(signature) + `"`}}
}

func received(fields fedigraft.Fields) http.Header {
	header := http.Header{}
	for _, field := range fields {
		header.Set(field[0], field[1])
	}
	return header
}

// verifyWithGo checks what Instance.Verify checks, with the standard library alone.
func verifyWithGo(key *rsa.PublicKey, header http.Header) {
	parts := map[string]string{}
	for part := range strings.SplitSeq(header.Get("Signature"), ",") {
		name, value, _ := strings.Cut(part, "=")
		parts[name] = strings.Trim(value, `"`)
	}
	sum := sha256.Sum256(body)
	if header.Get("Digest") != "SHA-256="+base64.StdEncoding.EncodeToString(sum[:]) {
		panic("digest")
	}
	if sent := must(http.ParseTime(header.Get("Date"))); time.Since(sent).Abs() > time.Hour {
		panic("date")
	}
	var base []string
	for name := range strings.SplitSeq(parts["headers"], " ") {
		if name == "(request-target)" {
			base = append(base, "(request-target): post /inbox")
		} else {
			base = append(base, name+": "+header.Get(name))
		}
	}
	hash := sha256.Sum256([]byte(strings.Join(base, "\n")))
	signature := must(base64.StdEncoding.DecodeString(parts["signature"]))
	if err := rsa.VerifyPKCS1v15(key, crypto.SHA256, hash[:], signature); err != nil {
		panic(err)
	}
}

func keys() (*fedigraft.PrivateKey, *rsa.PrivateKey) {
	key := must(fedigraft.GeneratePrivateKey())
	block, _ := pem.Decode(must(key.PEM()))
	own := must(x509.ParsePKCS8PrivateKey(block.Bytes)).(*rsa.PrivateKey)
	own.Precompute()
	return key, own
}

func median(times []time.Duration) time.Duration {
	slices.Sort(times)
	return times[len(times)/2]
}

func micro(d time.Duration) float64 { return float64(d.Nanoseconds()) / 1000 }

func must[T any](value T, err error) T {
	if err != nil {
		panic(err)
	}
	return value
}
