// Uses the module as a stranger would: signs, verifies, names its actors. Prints "smoke: ok".
package main

import (
	"fmt"
	"log"
	"net/http"
	"net/http/httptest"
	"os/exec"
	"strings"
	"time"

	fedigraft "github.com/fedigraft/fedigraft/bindings/go"
)

func main() {
	if _, err := exec.LookPath("cargo"); err == nil {
		log.Fatal("the point is that no Rust toolchain is needed")
	}
	key, err := fedigraft.GeneratePrivateKey()
	must(err)
	defer key.Close()
	pem, err := key.PublicPEM()
	must(err)
	public, err := fedigraft.ParsePublicKey(pem)
	must(err)
	instance, err := fedigraft.OpenInstance(fedigraft.InstanceConfig{Origin: "https://you.example"})
	must(err)
	defer instance.Close()

	var verdict *fedigraft.Verdict
	you := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r.Host = "you.example"
		request, err := fedigraft.ReadRequest(r, 1<<20)
		must(err)
		verdict, err = instance.Verify(request, public, time.Now())
		must(err)
	}))
	defer you.Close()
	client := &http.Client{Transport: &fedigraft.Transport{Key: key, KeyID: "https://me.example/u/1#main-key"}}
	request, err := http.NewRequest("POST", you.URL+"/inbox", strings.NewReader("{}"))
	must(err)
	request.Host = "you.example"
	_, err = client.Do(request)
	must(err)
	if !verdict.Accepted {
		log.Fatalf("not accepted: %v", verdict)
	}
	uri, err := instance.URI("actor", "1")
	must(err)
	if uri != "https://you.example/ap/users/1" {
		log.Fatal(uri)
	}
	fmt.Println("smoke: ok", fedigraft.Version)
}

func must(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
