package fedigraft

// The fetcher's rules, one by one, against real servers on loopback.

import (
	"bufio"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

const okAnswer = "HTTP/1.1 200 OK\r\nContent-Type: application/activity+json\r\nContent-Length: 2\r\n\r\n{}"

// peer is a server that reads one request per connection and plays an answer.
type peer struct {
	listener    net.Listener
	url         string
	connections atomic.Int64
	received    chan string
}

func newPeer(t *testing.T, play func(net.Conn), wrap ...func(net.Listener) net.Listener) *peer {
	t.Helper()
	listener := must[net.Listener](t)(net.Listen("tcp", "127.0.0.1:0"))
	t.Cleanup(func() { listener.Close() })
	p := &peer{listener: listener, url: "http://" + listener.Addr().String() + "/", received: make(chan string, 100)}
	for _, one := range wrap {
		listener = one(listener)
	}
	go func() {
		for {
			connection, err := listener.Accept()
			if err != nil {
				return
			}
			p.connections.Add(1)
			go func() {
				defer connection.Close()
				reader := bufio.NewReader(connection)
				var raw strings.Builder
				length := 0
				for {
					line, err := reader.ReadString('\n')
					raw.WriteString(line)
					fmt.Sscanf(line, "Content-Length: %d", &length)
					if err != nil || line == "\r\n" {
						break
					}
				}
				io.CopyN(&raw, reader, int64(length))
				p.received <- raw.String()
				play(connection)
			}()
		}
	}()
	return p
}

func says(text string) func(net.Conn) {
	return func(connection net.Conn) { io.WriteString(connection, text) }
}

func ask(url string, change ...func(*FetchRequest)) *FetchRequest {
	made := &FetchRequest{Method: "GET", URL: url, MaxBody: 1000, Timeout: 10 * time.Second, AllowLocal: true}
	for _, one := range change {
		one(made)
	}
	return made
}

func open(made *FetchRequest) { made.AllowLocal = false }

func reasonOf(t *testing.T, network *Network, what *FetchRequest) string {
	t.Helper()
	_, err := network.Fetch(context.Background(), what)
	var own *Error
	if !errors.As(err, &own) || !errors.Is(err, ErrFetchFailed) {
		t.Fatalf("%s: %v", what.URL, err)
	}
	return own.Reason
}

func resolves(addresses ...string) func(context.Context, string) ([]netip.Addr, error) {
	return func(context.Context, string) (found []netip.Addr, err error) {
		for _, address := range addresses {
			found = append(found, netip.MustParseAddr(address))
		}
		return found, nil
	}
}

func TestAnAnswerComesWholeWithTheAddressOfThePeer(t *testing.T) {
	server := newPeer(t, says(okAnswer))
	answer := must[*Fetched](t)((&Network{}).Fetch(context.Background(), ask(server.url)))
	if answer.Status != 200 || string(answer.Body) != "{}" || answer.Address != "127.0.0.1" || answer.URL != server.url {
		t.Fatalf("%+v", answer)
	}
}

func TestHeadersTravelAsGivenAndNothingIsCompressed(t *testing.T) {
	server := newPeer(t, says(okAnswer))
	must[*Fetched](t)((&Network{}).Fetch(context.Background(), ask(server.url+"a|[x]?b=%20c", func(f *FetchRequest) {
		f.Method, f.Body = "POST", []byte("hello")
		f.Headers = Fields{{"Host", "peer.test"}, {"Date", "now"}, {"Signature", `keyId="x"`}, {"X-Raw", "\u00e9"}}
	})))
	raw := <-server.received
	lines := strings.Split(raw, "\r\n")
	if lines[0] != "POST /a|[x]?b=%20c HTTP/1.1" || lines[1] != "Host: peer.test" || lines[len(lines)-1] != "hello" {
		t.Error(raw)
	}
	for _, part := range []string{"Date: now", `Signature: keyId="x"`, "Content-Length: 5", "Accept-Encoding: identity", "X-Raw: \xe9"} {
		if !strings.Contains(raw, part+"\r\n") {
			t.Errorf("%q is not in %q", part, raw)
		}
	}
	if strings.Contains(raw, "User-Agent") {
		t.Error("it names itself unasked")
	}
}

func TestANameThatLeadsToAPrivateAddressIsRefusedWithoutAConnection(t *testing.T) {
	server := newPeer(t, says(okAnswer))
	port := server.listener.Addr().(*net.TCPAddr).Port
	for _, address := range []string{"127.0.0.1", "10.0.0.1", "::1", "::ffff:127.0.0.1", "169.254.169.254", "64:ff9b::7f00:1"} {
		network := &Network{Resolve: resolves(address)}
		if got := reasonOf(t, network, ask(fmt.Sprintf("https://peer.test:%d/", port), open)); got != "address_refused" {
			t.Error(address, got)
		}
	}
	if server.connections.Load() != 0 {
		t.Error("it was connected to")
	}
}

func TestNoSpellingOfLoopbackGetsThrough(t *testing.T) {
	for _, host := range []string{"127.0.0.1", "2130706433", "0x7f.1", "[::1]", "localhost", "0"} {
		if got := reasonOf(t, &Network{}, ask("https://"+host+"/", open)); got != "address_refused" && got != "dns_failed" {
			t.Error(host, got)
		}
	}
}

func TestDevelopmentOpensLoopbackAndNothingElse(t *testing.T) {
	for _, address := range []string{"10.0.0.1", "192.168.1.1", "169.254.169.254", "fd00::1", "0.0.0.0"} {
		if got := reasonOf(t, &Network{Resolve: resolves(address)}, ask("http://peer.test/")); got != "address_refused" {
			t.Error(address, got)
		}
	}
}

func TestTheSocketIsCheckedOnceMore(t *testing.T) {
	// The list of addresses is judged, and so is what the socket connects to: whichever is broken, the other holds.
	network := &Network{Resolve: resolves("127.0.0.1")}
	asked := 0
	_, err := network.dial(context.Background(), "tcp", "peer.test:1", func(netip.Addr) bool {
		asked++
		return asked == 1
	})
	var own *Error
	if !errors.As(err, &own) || own.Reason != "address_refused" || asked != 2 {
		t.Error(err, asked)
	}
}

func TestOneConnectionForOneRequest(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { io.WriteString(w, r.RemoteAddr) }))
	defer server.Close()
	network := &Network{Resolve: resolves("127.0.0.1")}
	seen := map[string]bool{}
	for range 3 {
		seen[string(must[*Fetched](t)(network.Fetch(context.Background(), ask(server.URL+"/"))).Body)] = true
	}
	if len(seen) != 3 {
		t.Error(seen)
	}
}

func TestAFetchIsOneRequest(t *testing.T) {
	// A server that answers the first request of a connection and hangs up on the second: net/http repeats a GET that
	// met such a connection, so none may be kept.
	listener := must[net.Listener](t)(net.Listen("tcp", "127.0.0.1:0"))
	defer listener.Close()
	var requests, dropped atomic.Int64
	go func() {
		for {
			connection, err := listener.Accept()
			if err != nil {
				return
			}
			go func() {
				defer connection.Close()
				reader := bufio.NewReader(connection)
				for first := true; ; first = false {
					request, err := http.ReadRequest(reader)
					if err != nil {
						return
					}
					requests.Add(1)
					if !first || request.URL.Path == "/drop" {
						dropped.Add(1)
						return
					}
					io.WriteString(connection, okAnswer)
				}
			}()
		}
	}()
	network, url := &Network{}, "http://"+listener.Addr().String()
	for range 3 {
		must[*Fetched](t)(network.Fetch(context.Background(), ask(url+"/")))
	}
	if requests.Load() != 3 || dropped.Load() != 0 {
		t.Error(requests.Load(), dropped.Load())
	}
	if got := reasonOf(t, network, ask(url+"/drop")); got != "connection_failed" || requests.Load() != 4 {
		t.Error(got, requests.Load())
	}
}

func TestAURLThatCouldBeReadTwoWaysIsRefused(t *testing.T) {
	for _, url := range []string{
		"https://user@peer.test/", "https://user:pass@peer.test/", `https://peer.test\@evil.test/`, "https://peer.test/a b",
		"https://peer.test/a\r\nX: y", "https://peer.test/ä", "https://peer.test/#a", "ftp://peer.test/", "//peer.test/",
		"https:///path", "", "https://peer.test//two",
	} {
		if got := reasonOf(t, &Network{}, ask(url)); got != "url_refused" {
			t.Error(url, got)
		}
	}
	if got := reasonOf(t, &Network{}, ask("http://peer.test/", open)); got != "url_refused" {
		t.Error("plain http", got)
	}
	for _, field := range [][2]string{{"X", "a\r\nY: b"}, {"X: y", "a"}} {
		broken := ask(newPeer(t, says(okAnswer)).url, func(f *FetchRequest) { f.Headers = Fields{field} })
		if got := reasonOf(t, &Network{}, broken); got != "url_refused" {
			t.Error(field, got)
		}
	}
}

func TestARedirectIsReturnedAndNotFollowed(t *testing.T) {
	target := newPeer(t, says(okAnswer))
	server := newPeer(t, says("HTTP/1.1 302 Found\r\nLocation: "+target.url+"\r\nContent-Length: 0\r\n\r\n"))
	answer := must[*Fetched](t)((&Network{}).Fetch(context.Background(), ask(server.url)))
	if answer.Status != 302 || answer.URL != server.url || target.connections.Load() != 0 {
		t.Error(answer)
	}
}

func TestNobodyIsThere(t *testing.T) {
	listener := must[net.Listener](t)(net.Listen("tcp", "127.0.0.1:0"))
	listener.Close()
	if got := reasonOf(t, &Network{}, ask("http://"+listener.Addr().String()+"/")); got != "connection_failed" {
		t.Error(got)
	}
	if got := reasonOf(t, &Network{Resolve: resolves()}, ask("https://peer.test/")); got != "dns_failed" {
		t.Error(got)
	}
}

func TestNoProxyIsAsked(t *testing.T) {
	proxy := newPeer(t, says(okAnswer))
	t.Setenv("HTTP_PROXY", proxy.url)
	t.Setenv("HTTPS_PROXY", proxy.url)
	http.DefaultTransport.(*http.Transport).CloseIdleConnections()
	network := &Network{Resolve: resolves("10.0.0.1")}
	if got := reasonOf(t, network, ask("https://peer.test/", open)); got != "address_refused" || proxy.connections.Load() != 0 {
		t.Error(got)
	}
}

func TestTLSNamesTheHostItAskedFor(t *testing.T) {
	key := must[*ecdsa.PrivateKey](t)(ecdsa.GenerateKey(elliptic.P256(), rand.Reader))
	form := &x509.Certificate{
		SerialNumber: big.NewInt(1), DNSNames: []string{"peer.test"}, NotAfter: time.Now().Add(time.Hour), IsCA: true,
		BasicConstraintsValid: true,
	}
	der := must[[]byte](t)(x509.CreateCertificate(rand.Reader, form, form, &key.PublicKey, key))
	pool := x509.NewCertPool()
	pool.AddCert(must[*x509.Certificate](t)(x509.ParseCertificate(der)))
	server := newPeer(t, says(okAnswer), func(l net.Listener) net.Listener {
		return tls.NewListener(l, &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}})
	})
	port := server.listener.Addr().(*net.TCPAddr).Port
	trusting := &Network{RootCAs: pool, Resolve: resolves("127.0.0.1")}
	if answer := must[*Fetched](t)(trusting.Fetch(context.Background(), ask(fmt.Sprintf("https://peer.test:%d/", port)))); answer.Status != 200 {
		t.Error(answer)
	}
	for network, host := range map[*Network]string{trusting: "other.test", {Resolve: resolves("127.0.0.1")}: "peer.test"} {
		if got := reasonOf(t, network, ask(fmt.Sprintf("https://%s:%d/", host, port))); got != "tls_failed" {
			t.Error(host, got)
		}
	}
	plain := httptest.NewServer(http.NotFoundHandler())
	defer plain.Close()
	if got := reasonOf(t, trusting, ask(strings.Replace(plain.URL, "http:", "https:", 1)+"/")); got != "tls_failed" {
		t.Error(got)
	}
}
