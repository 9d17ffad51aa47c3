package fedigraft

// What a call costs, for `go test -bench .`; the program in bench compares with the language's own stack.

import (
	"testing"
)

func BenchmarkInstanceURI(b *testing.B) {
	instance := here(b)
	defer instance.Close()
	b.ReportAllocs()
	for b.Loop() {
		if _, err := instance.URI("actor", "42"); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkSanitise(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Sanitise("<p>Hello</p>"); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkKeySign(b *testing.B) {
	key := testKey()
	for b.Loop() {
		if _, err := key.Sign([]byte("message")); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkVerify(b *testing.B) {
	instance, request := here(b), signedRequest(b)
	public, err := testKey().Public()
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if verdict, err := instance.Verify(request, public, testNow); err != nil || !verdict.Accepted {
			b.Fatal(err, verdict)
		}
	}
}
