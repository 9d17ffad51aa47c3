package fedigraft

// The default fetcher: one request, one answer, within bounds, over net/http. It resolves the name, refuses
// every address that is not public and connects to the very address it checked, so that a second look-up
// cannot move the connection. Redirects are returned, never followed: the core decides about them. No proxy is
// asked. The deadline is a total that resolving, connecting, TLS, sending and reading share (CVE-2023-36461).

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"maps"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/netip"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"
)

const (
	addressesTried = 3
	connectTimeout = 5 * time.Second
	mostHeader     = 64 << 10
)

// Strict on purpose: a URL that two parsers could read differently is refused.
var strictURL = regexp.MustCompile(
	`^(https?)://([A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(:[0-9]{1,5})?([/?][!-"$-~]*)?$`)

var defaultNetwork = &Network{}

// Network makes the requests an exchange asks for. The zero value is ready; safe for concurrent use. The
// fields must not change after the first fetch.
type Network struct {
	// Timeout is the most one request may take in all, if that is less than the exchange allows.
	Timeout time.Duration
	// RootCAs are the certificates to trust; nil is the system's (SSL_CERT_FILE and SSL_CERT_DIR are heeded).
	RootCAs *x509.CertPool
	// Resolve gives the addresses of a name; nil asks the operating system.
	Resolve func(ctx context.Context, host string) ([]netip.Addr, error)

	once sync.Once
	// For the open network, and with this machine beside it (development policy).
	open, local *http.Transport
}

// Fetch makes the request and reads the whole answer. ErrFetchFailed: it could not be made, or the answer broke
// a bound; Reason is address_refused, connection_failed, dns_failed, protocol_error, tls_failed, timeout,
// too_large or url_refused.
func (n *Network) Fetch(ctx context.Context, ask *FetchRequest) (*Fetched, error) {
	n.once.Do(n.prepare)
	limit := ask.Timeout
	if n.Timeout > 0 {
		limit = min(limit, n.Timeout)
	}
	within, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	fetched, err := n.fetch(within, ask)
	switch {
	case err == nil:
		return fetched, nil
	case ctx.Err() != nil:
		return nil, ctx.Err()
	}
	return nil, fetchError(err)
}

func (n *Network) fetch(ctx context.Context, ask *FetchRequest) (*Fetched, error) {
	request, err := httpRequest(ask)
	if err != nil {
		return nil, err
	}
	var address string
	ctx = httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{GotConn: func(info httptrace.GotConnInfo) {
		if peer, err := netip.ParseAddrPort(info.Conn.RemoteAddr().String()); err == nil {
			address = peer.Addr().Unmap().String()
		}
	}})
	transport := n.open
	if ask.AllowLocal {
		transport = n.local
	}
	answer, err := transport.RoundTrip(request.WithContext(ctx))
	if err != nil {
		return nil, err
	}
	defer answer.Body.Close()
	if answer.ContentLength > int64(ask.MaxBody) {
		return nil, failedFetch("too_large", "the answer is larger than allowed", false, nil)
	}
	coding := strings.ToLower(strings.Join(answer.Header.Values("Content-Encoding"), ", "))
	if coding != "" && coding != "identity" {
		// A compressed body is a bound nobody checked; identity was asked for.
		return nil, failedFetch("protocol_error", "the answer is compressed unasked", false, nil)
	}
	body, err := io.ReadAll(io.LimitReader(answer.Body, int64(ask.MaxBody)+1))
	if err != nil {
		return nil, err
	}
	if len(body) > ask.MaxBody {
		return nil, failedFetch("too_large", "the answer is larger than allowed", false, nil)
	}
	fields := Fields{}
	for _, name := range slices.Sorted(maps.Keys(answer.Header)) {
		for _, value := range answer.Header[name] {
			fields = append(fields, [2]string{name, latin1(value)})
		}
	}
	return &Fetched{URL: ask.URL, Status: answer.StatusCode, Headers: fields, Body: body, Address: address}, nil
}

// httpRequest is the request, to be sent exactly as asked.
func httpRequest(ask *FetchRequest) (*http.Request, error) {
	parts := strictURL.FindStringSubmatch(ask.URL)
	if parts == nil {
		return nil, failedFetch("url_refused", "expected an absolute http or https URL in normal form", false, nil)
	}
	if parts[1] == "http" && !ask.AllowLocal {
		return nil, failedFetch("url_refused", "plain http is for the development policy only", false, nil)
	}
	target := parts[4]
	if !strings.HasPrefix(target, "/") {
		target = "/" + target
	}
	// Opaque is written as the request target without any change; one that begins with // would be taken for
	// an authority.
	to := &url.URL{Scheme: parts[1], Host: parts[2] + parts[3], Opaque: target}
	if strings.HasPrefix(target, "//") {
		return nil, failedFetch("url_refused", "the path begins with two slashes", false, nil)
	}
	request := &http.Request{
		Method: ask.Method, URL: to, Host: to.Host,
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		// net/http names itself unless told otherwise; nothing is sent that was not asked for.
		Header: http.Header{"User-Agent": nil, "Accept-Encoding": {"identity"}},
	}
	for _, field := range ask.Headers {
		switch name := http.CanonicalHeaderKey(field[0]); name {
		case "Host":
			request.Host = field[1]
		case "Content-Length":
		case "Accept-Encoding":
			request.Header[name] = []string{rawBytes(field[1])}
		default:
			request.Header[name] = append(request.Header[name], rawBytes(field[1]))
		}
	}
	if len(ask.Body) > 0 {
		request.ContentLength = int64(len(ask.Body))
		request.GetBody = func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(ask.Body)), nil }
		request.Body, _ = request.GetBody()
	}
	return request, nil
}

// transport makes connections to allowed addresses only.
func (n *Network) transport(allowed func(netip.Addr) bool) *http.Transport {
	return &http.Transport{
		DialContext: func(ctx context.Context, network, to string) (net.Conn, error) {
			return n.dial(ctx, network, to, allowed)
		},
		TLSClientConfig:     &tls.Config{RootCAs: n.RootCAs, MinVersion: tls.VersionTLS12},
		TLSHandshakeTimeout: connectTimeout,
		DisableCompression:  true,
		// One fetch is one request: net/http repeats a GET that met a kept connection which was dead. And none is kept
		// that somebody else's check let through.
		DisableKeepAlives:      true,
		MaxResponseHeaderBytes: mostHeader,
	}
}

func (n *Network) dial(ctx context.Context, network, to string, allowed func(netip.Addr) bool) (net.Conn, error) {
	host, port, err := net.SplitHostPort(to)
	if err != nil {
		return nil, err
	}
	resolve := n.Resolve
	if resolve == nil {
		resolve = func(ctx context.Context, host string) ([]netip.Addr, error) {
			return net.DefaultResolver.LookupNetIP(ctx, "ip", host)
		}
	}
	found, err := resolve(ctx, host)
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	if err != nil || len(found) == 0 {
		return nil, failedFetch("dns_failed", "the name has no address", true, err)
	}
	dialer := net.Dialer{
		Timeout: connectTimeout,
		// The last word: what the socket is about to connect to, however it came to it.
		Control: func(_, address string, _ syscall.RawConn) error {
			if peer, err := netip.ParseAddrPort(address); err != nil || !allowed(peer.Addr()) {
				return failedFetch("address_refused", "the connection would go to a private address", false, nil)
			}
			return nil
		},
	}
	var last error = failedFetch("address_refused", "the name leads to a private address", false, nil)
	tried := 0
	for _, address := range found {
		if !allowed(address) || tried == addressesTried {
			continue
		}
		tried++
		connection, err := dialer.DialContext(ctx, network, net.JoinHostPort(address.Unmap().String(), port))
		if err == nil {
			return connection, nil
		}
		last = err
	}
	return nil, last
}

// fetchError gives the reason of what net/http or the network said.
func fetchError(err error) error {
	var (
		own     *Error
		timeout net.Error
		refused *net.OpError
		record  tls.RecordHeaderError
		alert   tls.AlertError
		unknown *tls.CertificateVerificationError
		host    x509.HostnameError
	)
	switch {
	case errors.As(err, &own):
		return own
	case errors.Is(err, context.DeadlineExceeded), errors.As(err, &timeout) && timeout.Timeout():
		return failedFetch("timeout", "no whole answer in time", true, err)
	case errors.As(err, &record), errors.As(err, &alert), errors.As(err, &unknown), errors.As(err, &host):
		return failedFetch("tls_failed", "TLS failed", true, err)
	case strings.Contains(err.Error(), "invalid header field"):
		return failedFetch("url_refused", "a header line would break the request", false, err)
	case errors.As(err, &refused), errors.Is(err, io.EOF):
		return failedFetch("connection_failed", "the connection failed", true, err)
	}
	return failedFetch("protocol_error", "the answer is not HTTP/1.1", true, err)
}

func failedFetch(reason, message string, retryable bool, cause error) *Error {
	return &Error{Code: CodeFetchFailed, Reason: reason, Message: message, Retryable: retryable, cause: cause}
}

func (n *Network) prepare() {
	n.open = n.transport(isPublic)
	n.local = n.transport(func(address netip.Addr) bool { return isPublic(address) || isLoopback(address) })
}
