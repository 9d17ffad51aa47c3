package main

import (
	"context"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/fedigraft/fedigraft/bindings/go/examples/chirp/internal/chirp"
)

func TestMain(m *testing.M) {
	extension := extend
	extend = func(site *chirp.Site) (func() error, error) {
		site.PasswordCost = 100 // real hashes, but cheap ones
		return extension(site)
	}
	os.Exit(m.Run())
}

// settle points the settings to a folder of this test's own.
func settle(t *testing.T, origin string) {
	t.Helper()
	folder := t.TempDir()
	for name, value := range map[string]string{
		"CHIRP_DATABASE": filepath.Join(folder, "chirp.sqlite"), "CHIRP_MEDIA": filepath.Join(folder, "media"),
		"CHIRP_ORIGIN": origin, "CHIRP_NAME": "Harbour", "CHIRP_POLICY": map[bool]string{true: "development"}[strings.HasPrefix(origin, "http:")], "SECRET_KEY": "only for tests",
	} {
		t.Setenv(name, value)
	}
}

func must(t *testing.T, command string) {
	t.Helper()
	if err := run(context.Background(), strings.Split(command, " ")); err != nil {
		t.Fatalf("%s: %v", command, err)
	}
}

func TestTheCommands(t *testing.T) {
	settle(t, "http://chirp.example")
	for command, why := range map[string]string{"serve": "init-db", "add-person zoe --password 12345678": "init-db", "dance": "init-db"} {
		if err := run(context.Background(), strings.Split(command, " ")); err == nil || !strings.Contains(err.Error(), why) {
			t.Error(command, err)
		}
	}
	must(t, "init-db")
	must(t, "init-db")
	must(t, "add-person zoe --password correct-horse --display-name Zoe --federated")
	must(t, "add-person --password correct-horse ann")
	must(t, "set-password zoe --password battery-staple")
	for command, why := range map[string]string{
		"add-person zoe --password correct-horse": "taken", "add-person zoe2 --password short": "at least 8",
		"add-person": "needs a name", "add-person a b --password correct-horse": "one name", "set-password nobody --password 12345678": "nobody",
		"dance": "usage", "serve --listen nowhere": "nowhere", "serve --cert none --key none --listen localhost:0": "none",
	} {
		if err := run(context.Background(), strings.Split(command, " ")); err == nil || !strings.Contains(err.Error(), why) {
			t.Error(command, err)
		}
	}
	if err := run(context.Background(), nil); err == nil {
		t.Error("no command is taken")
	}
	t.Setenv("CHIRP_ORIGIN", "chirp.example")
	if err := run(context.Background(), []string{"serve"}); err == nil || !strings.Contains(err.Error(), "CHIRP_ORIGIN") {
		t.Error(err)
	}
}

func TestServingEndsWithItsContext(t *testing.T) {
	probe, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := probe.Addr().String()
	probe.Close()
	settle(t, "http://"+address)
	must(t, "init-db")
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- run(ctx, []string{"serve", "--listen", address}) }()
	var answer *http.Response
	for range 100 {
		if answer, err = http.Get("http://" + address + "/local"); err == nil {
			break
		}
		time.Sleep(20 * time.Millisecond)
	}
	if err != nil {
		t.Fatal(err)
	}
	answer.Body.Close()
	if answer.StatusCode != 200 {
		t.Error(answer.Status)
	}
	stop()
	if err := <-ended; err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(os.Getenv("CHIRP_DATABASE") + "-wal"); err == nil {
		t.Error("the database is left open")
	}
}
