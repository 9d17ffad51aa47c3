package fedigraft

// Keys, signing, verifying and explaining, through the real library; crypto/rsa as the witness.

import (
	"bytes"
	"crypto"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"
)

const (
	keyID    = "https://me.example/ap/users/1#main-key"
	testBody = `{"type":"Follow"}`
)

var testNow = time.Unix(1_790_000_000, 0)

func here(t testing.TB) *Instance {
	return must[*Instance](t)(OpenInstance(InstanceConfig{Origin: "https://you.example"}))
}

func signedRequest(t testing.TB) *Request {
	t.Helper()
	fields := must[Fields](t)(Sign(testKey(), keyID, "POST", "https://you.example/inbox?a=%20b", []byte(testBody), testNow))
	return &Request{Method: "POST", Target: "/inbox?a=%20b", Headers: fields, Body: []byte(testBody)}
}

func verdictOf(t testing.TB, request *Request) *Verdict {
	t.Helper()
	public := must[*PublicKey](t)(testKey().Public())
	return must[*Verdict](t)(here(t).Verify(request, public, testNow))
}

func TestWhatIsSignedVerifies(t *testing.T) {
	verdict := verdictOf(t, signedRequest(t))
	if !verdict.Accepted || verdict.KeyID != keyID || verdict.Scheme != "cavage" || verdict.Evidence != nil {
		t.Fatalf("%+v", verdict)
	}
	claim := must[*Claim](t)(signedRequest(t).Claim())
	if *claim != (Claim{"cavage", keyID}) {
		t.Fatal(claim)
	}
	if _, err := (&Request{Method: "GET", Target: "/"}).Claim(); !errors.Is(err, ErrMalformed) {
		t.Fatal(err)
	}
}

func TestTheHeadersAreThoseEveryServerAccepts(t *testing.T) {
	var names []string
	for _, field := range signedRequest(t).Headers {
		names = append(names, field[0])
	}
	if got := strings.Join(names, " "); got != "Host Content-Type Date Digest Signature" {
		t.Fatal(got)
	}
	get := must[Fields](t)(Sign(testKey(), keyID, "GET", "https://you.example:8443/a", nil, testNow))
	if len(get) != 3 || get[0] != [2]string{"Host", "you.example:8443"} {
		t.Fatal(get)
	}
	hash := sha256.Sum256([]byte(testBody))
	if got := signedRequest(t).Header("digest"); got != "SHA-256="+base64.StdEncoding.EncodeToString(hash[:]) {
		t.Fatal(got)
	}
}

func TestEveryChangeIsNoticed(t *testing.T) {
	for name, change := range map[string]func(*Request){
		"body":    func(r *Request) { r.Body = []byte(`{"type":"Block"}`) },
		"target":  func(r *Request) { r.Target = "/inbox" },
		"method":  func(r *Request) { r.Method = "PUT" },
		"no date": func(r *Request) { r.Headers = append(r.Headers[:2:2], r.Headers[3:]...) },
	} {
		request := signedRequest(t)
		change(request)
		if verdict := verdictOf(t, request); verdict.Accepted || verdict.Public.Status != 400 && verdict.Public.Status != 401 {
			t.Errorf("%s: %+v", name, verdict)
		}
	}
}

func TestAnExplanationShowsEveryRuleAndTheCause(t *testing.T) {
	request := signedRequest(t)
	request.Body = []byte("{}")
	public := must[*PublicKey](t)(testKey().Public())
	verdict := must[*Verdict](t)(here(t).Explain(request, public, testNow))
	if verdict.Evidence == nil || !strings.Contains(verdict.Evidence.SignatureBase, "(request-target): post /inbox?a=%20b") {
		t.Fatalf("%+v", verdict)
	}
	report := verdict.Report()
	for _, part := range []string{"refused: ", "FAIL ", "expected: ", "signature base:", "likely cause: ", keyID} {
		if !strings.Contains(report, part) {
			t.Errorf("%q is not in\n%s", part, report)
		}
	}
}

func TestGoAgrees(t *testing.T) {
	block, _ := pem.Decode(must[[]byte](t)(testKey().PublicPEM()))
	public := must[any](t)(x509.ParsePKIXPublicKey(block.Bytes)).(*rsa.PublicKey)
	hash := sha256.Sum256([]byte("message"))
	signature := must[[]byte](t)(testKey().Sign([]byte("message")))
	if err := rsa.VerifyPKCS1v15(public, crypto.SHA256, hash[:], signature); err != nil {
		t.Fatal(err)
	}
}

func TestPEMsComeBackAndBadOnesAreRefused(t *testing.T) {
	text := testPEM(t)
	again := must[*PrivateKey](t)(ParsePrivateKey(bytes.ReplaceAll(text, []byte("\n"), []byte(`\n`))))
	if !bytes.Equal(must[[]byte](t)(again.PEM()), text) {
		t.Fatal("the PEM changed")
	}
	for _, bad := range [][]byte{nil, {}, []byte("no key"), must[[]byte](t)(testKey().PublicPEM())} {
		if _, err := ParsePrivateKey(bad); err == nil {
			t.Errorf("%q", bad)
		}
	}
}

func TestABadURLIsRefused(t *testing.T) {
	for _, url := range []string{"/inbox", "ftp://a/", "https://", "https://u@h/", "not a url", "http://[::1"} {
		if _, err := Sign(testKey(), keyID, "GET", url, nil, testNow); !errors.Is(err, ErrInvalidArgument) {
			t.Error(url, err)
		}
	}
}

// A real server verifies what a real client sent through the Transport.
func TestTheTransportSignsWithoutTouchingItsRequest(t *testing.T) {
	public := must[*PublicKey](t)(testKey().Public())
	var instance *Instance
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		request, err := ReadRequest(r, 1<<20)
		if err != nil {
			t.Error(err)
			return
		}
		verdict, err := instance.Verify(request, public, testNow)
		if err != nil || !verdict.Accepted {
			t.Error(err, verdict)
		}
		if r.URL.Path == "/away" {
			http.Redirect(w, r, "/here", http.StatusTemporaryRedirect)
			return
		}
		io.Copy(w, r.Body) // it was put back
	}))
	defer server.Close()
	instance = must[*Instance](t)(OpenInstance(InstanceConfig{Origin: server.URL, Policy: Development}))
	client := &http.Client{Transport: &Transport{Key: testKey(), KeyID: keyID, Clock: func() time.Time { return testNow }}}
	var all sync.WaitGroup
	for _, target := range []string{"/inbox?a=%2Fb", "/away", "", "//two", "/ä?ö"} {
		for _, method := range []string{"POST", "GET"} {
			all.Add(1)
			go func() {
				defer all.Done()
				var body io.Reader
				if method == "POST" {
					body = io.NopCloser(strings.NewReader(testBody)) // hides its length
				}
				request := must[*http.Request](t)(http.NewRequest(method, server.URL+target, body))
				if method == "POST" && target == "/away" { // a redirect needs the body again
					request.GetBody = func() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader(testBody)), nil }
				}
				answer, err := client.Do(request)
				if err != nil {
					t.Error(err)
					return
				}
				defer answer.Body.Close()
				read, _ := io.ReadAll(answer.Body)
				if method == "POST" && string(read) != testBody || len(request.Header) != 0 {
					t.Errorf("%s %s: %q %v", method, target, read, request.Header)
				}
			}()
		}
	}
	all.Wait()
}

func TestRequestsAreReadAsTheyWere(t *testing.T) {
	r := httptest.NewRequest("POST", "http://you.example/a%2Fb?c=%20", strings.NewReader("body"))
	r.RequestURI = "http://you.example/a%2Fb?c=%20" // the absolute form
	r.Header = http.Header{"Signature": {"one", "two"}, "X-Raw": {"\xe9"}}
	request := must[*Request](t)(ReadRequest(r, 4))
	want := Fields{{"Host", "you.example"}, {"Signature", "one"}, {"Signature", "two"}, {"X-Raw", "é"}}
	if request.Target != "/a%2Fb?c=%20" || string(request.Body) != "body" || request.Client != "192.0.2.1" ||
		len(request.Headers) != len(want) {
		t.Fatalf("%+v", request)
	}
	for i := range want {
		if request.Headers[i] != want[i] {
			t.Error(request.Headers[i])
		}
	}
	if _, err := ReadRequest(r, 3); !errors.Is(err, ErrTooLarge) {
		t.Error(err)
	}
	r.Body, r.ContentLength = io.NopCloser(strings.NewReader("body")), -1
	if _, err := ReadRequest(r, 3); !errors.Is(err, ErrTooLarge) {
		t.Error(err)
	}
	for raw, want := range map[string]string{"http://h": "/", "http://h?q": "/?q", "/x://y": "/x://y", "*": "*"} {
		r.RequestURI = raw
		if got := rawTarget(r); got != want {
			t.Error(raw, got)
		}
	}
	if rawBytes(latin1("a\xff\x80b")) != "a\xff\x80b" {
		t.Error("latin-1 does not come back")
	}
}

func TestACapturedRequestReadsBack(t *testing.T) {
	request := signedRequest(t)
	var out bytes.Buffer
	out.WriteString("POST " + request.Target + " HTTP/1.1\r\n")
	for _, field := range request.Headers {
		out.WriteString(field[0] + ": " + field[1] + "\r\n")
	}
	out.WriteString("Content-Length: 17\r\n\r\n" + testBody)
	crlf := out.Bytes()
	lf := append(bytes.ReplaceAll(crlf, []byte("\r\n"), []byte("\n")), '\n')
	for _, text := range [][]byte{crlf, lf} {
		if verdict := verdictOf(t, must[*Request](t)(ParseRequest(text))); !verdict.Accepted {
			t.Error(verdict)
		}
	}
	for _, bad := range []string{"", "hello", "POST\r\n\r\n", "POST / HTTP/1.1\r\nno colon\r\n\r\n"} {
		var own *Error
		if _, err := ParseRequest([]byte(bad)); !errors.As(err, &own) || !strings.HasPrefix(own.Place, "line ") {
			t.Error(bad, err)
		}
	}
}
