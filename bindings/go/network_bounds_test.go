package fedigraft

// The fetcher's bounds: total time, size, whole answers, cancelling.

import (
	"context"
	"errors"
	"io"
	"net"
	"net/netip"
	"strings"
	"testing"
	"time"
)

func TestTheDeadlineIsATotal(t *testing.T) {
	drip := newPeer(t, func(connection net.Conn) {
		io.WriteString(connection, "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
		for range 1000 {
			if _, err := io.WriteString(connection, "x"); err != nil {
				return
			}
			time.Sleep(20 * time.Millisecond)
		}
	})
	head := newPeer(t, func(connection net.Conn) {
		for range 1000 {
			if _, err := io.WriteString(connection, "HTTP/1.1 200 OK\r\nX: y"[:1]); err != nil {
				return
			}
			time.Sleep(20 * time.Millisecond)
		}
	})
	silent := newPeer(t, func(net.Conn) { time.Sleep(2 * time.Second) })
	short := &Network{Timeout: 300 * time.Millisecond}
	for _, server := range []*peer{drip, head, silent} {
		if got := reasonOf(t, short, ask(server.url)); got != "timeout" {
			t.Error(got)
		}
	}
	if got := reasonOf(t, &Network{}, ask(drip.url, func(f *FetchRequest) { f.Timeout = 300 * time.Millisecond })); got != "timeout" {
		t.Error(got)
	}
	stuck := &Network{Timeout: 300 * time.Millisecond, Resolve: func(ctx context.Context, _ string) ([]netip.Addr, error) {
		<-ctx.Done()
		return nil, ctx.Err()
	}}
	if got := reasonOf(t, stuck, ask("https://peer.test/")); got != "timeout" {
		t.Error(got)
	}
}

func TestAnswersOverTheLimitAndAnswersThatAreNotWhole(t *testing.T) {
	long := strings.Repeat("x", 1001)
	for answer, want := range map[string]string{
		"HTTP/1.1 200 OK\r\nContent-Length: 1001\r\n\r\n":                                                        "too_large",
		"HTTP/1.1 200 OK\r\n\r\n" + long:                                                                         "too_large",
		"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3e9\r\n" + long + "\r\n0\r\n\r\n":                  "too_large",
		"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 2\r\n\r\n{}":                               "protocol_error",
		"HTTP/1.1 200 OK\r\nContent-Encoding: identity\r\nContent-Encoding: gzip\r\nContent-Length: 2\r\n\r\n{}": "protocol_error",
		"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 9\r\n\r\n{}":                                    "protocol_error",
		"HTTP/1.1 200 OK\r\nContent-Length: -2\r\n\r\n{}":                                                        "protocol_error",
		"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n":                        "protocol_error",
		strings.Repeat("HTTP/1.1 102 Processing\r\n\r\n", 5000) + okAnswer:                                       "protocol_error",
		"":                "connection_failed",
		"garbage\r\n\r\n": "protocol_error",
		"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nshort":                    "protocol_error",
		"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n":           "protocol_error",
		"HTTP/1.1 200 OK\r\n" + strings.Repeat("X: "+long+"\r\n", 100) + "\r\n": "protocol_error",
	} {
		if got := reasonOf(t, &Network{}, ask(newPeer(t, says(answer)).url)); got != want {
			t.Errorf("%.60q: %s", answer, got)
		}
	}
	exact := newPeer(t, says("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n"+long[1:]))
	if answer := must[*Fetched](t)((&Network{}).Fetch(context.Background(), ask(exact.url))); len(answer.Body) != 1000 {
		t.Error(len(answer.Body))
	}
}

func TestCancellingClosesTheConnection(t *testing.T) {
	gone := make(chan struct{})
	server := newPeer(t, func(connection net.Conn) {
		connection.Read(make([]byte, 1))
		close(gone)
	})
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error)
	go func() {
		_, err := (&Network{}).Fetch(ctx, ask(server.url))
		ended <- err
	}()
	<-server.received
	cancel()
	if err := <-ended; !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	select {
	case <-gone:
	case <-time.After(5 * time.Second):
		t.Error("the connection stays open")
	}
}
