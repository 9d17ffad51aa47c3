//go:build fedigraft_debug

package storetest

// SIGKILL at every point of a Follow that comes in, and of a worker that publishes, fans out and sends. Each run
// happens in a process of its own that kills itself at the n-th point: after each step of an exchange, right before
// and right after each commit. After every kill a fresh host opens the same database and goes on: nothing is lost.

import (
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	fedigraft "github.com/fedigraft/fedigraft/bindings/go"
)

// TestChild is the process that is killed; it does nothing unless it is told to.
func TestChild(t *testing.T) {
	what := os.Getenv("CHILD_DOES")
	if what == "" {
		t.Skip("only for the other tests")
	}
	left := new(atomic.Int64)
	point, err := strconv.ParseInt(os.Getenv("CHILD_DIES_AT"), 10, 64)
	check(t, err)
	ann := villageAt(t, "ann", place{os.Getenv("CHILD_DRIVER"), os.Getenv("CHILD_DSN")}, addressOf(os.Getenv("CHILD_ADDRESS")))
	check(t, ann.fed.CreateTables(background))
	passed := func() {
		if left.Add(1) == point {
			syscall.Kill(os.Getpid(), syscall.SIGKILL)
			select {}
		}
	}
	fedigraft.DebugPassed.Store(&passed)
	switch what {
	case "work":
		_, err = ann.fed.Drain(background)
		check(t, err)
	case "receive":
		captured, err := os.ReadFile(os.Getenv("CHILD_REQUEST"))
		check(t, err)
		request, err := fedigraft.ParseRequest(captured)
		check(t, err)
		response, err := ann.fed.Receive(background, request)
		check(t, err)
		equal(t, response.Status, 202)
	}
}

// addressOf stands for a listener at an address; nobody listens.
type address string

func addressOf(text string) net.Listener { return address(text) }

func (a address) Accept() (net.Conn, error) { return nil, net.ErrClosed }
func (a address) Close() error              { return nil }
func (a address) Addr() net.Addr            { return a }
func (a address) Network() string           { return "tcp" }
func (a address) String() string            { return string(a) }

// killedAt runs the child; false when it got to its end before that point.
func killedAt(t *testing.T, where place, host *village, point int, what string, more ...string) bool {
	t.Helper()
	child := exec.Command(os.Args[0], "-test.run", "^TestChild$")
	child.Env = append(os.Environ(), append(more, "CHILD_DOES="+what, "CHILD_DIES_AT="+strconv.Itoa(point),
		"CHILD_DRIVER="+where.driver, "CHILD_DSN="+where.dsn, "CHILD_ADDRESS="+host.listener.Addr().String())...)
	out, err := child.CombinedOutput()
	var exit *exec.ExitError
	if err == nil {
		return false
	}
	if !errors.As(err, &exit) || exit.Sys().(syscall.WaitStatus).Signal() != syscall.SIGKILL {
		t.Fatalf("%v\n%s", err, out)
	}
	return true
}

// stride is 1 on SQLite. PostgreSQL has the same points; every third is tried.
func stride(t *testing.T) int {
	if strings.HasSuffix(t.Name(), "postgres") {
		return 3
	}
	return 1
}

func TestAReceiverIsKilledAtEveryPoint(t *testing.T) {
	onEach(t, func(t *testing.T, at func(string) place) {
		bob := newVillage(t, "bob", at("bob")).serve()
		key := bob.key()
		points := 0
		for more := true; more; {
			points += stride(t)
			where := at(fmt.Sprint("ann", points))
			ann := newVillage(t, "ann", where)
			body := follow(bob.actor(), ann.actor(), 1)
			fields, err := fedigraft.Sign(key, bob.actor()+"#main-key", "POST", ann.origin+"/ap/inbox", body, time.Now())
			check(t, err)
			captured := "POST /ap/inbox HTTP/1.1\r\n"
			for _, field := range fields {
				captured += field[0] + ": " + field[1] + "\r\n"
			}
			file := t.TempDir() + "/request"
			check(t, os.WriteFile(file, []byte(captured+"\r\n"+string(body)), 0o600))
			more = killedAt(t, where, ann, points, "receive", "CHILD_REQUEST="+file)
			// The sender comes again, to a host that was started anew.
			request, err := fedigraft.ParseRequest([]byte(captured + "\r\n" + string(body)))
			check(t, err)
			response, err := ann.fed.Receive(background, request)
			check(t, err)
			equal(t, response.Status, 202)
			equal(t, ann.told(), []string{"followed"})
			equal(t, ann.column("SELECT state FROM fedigraft_follows"), []string{"accepted"})
			equal(t, ann.count("fedigraft_deliveries"), "1")
		}
		t.Log("about", points, "points")
		if points < 6 {
			t.Fatal("expected more points than that")
		}
	})
}

func TestAWorkerIsKilledAtEveryPoint(t *testing.T) {
	onEach(t, func(t *testing.T, at func(string) place) {
		points := 0
		for more := true; more; {
			points += stride(t)
			origin, got, _ := inboxes(t)
			where := at(fmt.Sprint("ann", points))
			ann := newVillage(t, "ann", where).serve()
			ann.followedBy(origin, 2)
			ann.write("To all of you")
			more = killedAt(t, where, ann, points, "work")
			ann.hours.Store(1) // the lease of the dead has run out
			settle(t, ann)
			equal(t, ann.count("fedigraft_jobs"), "0")
			equal(t, ann.count("fedigraft_deliveries"), "0")
			var reached []string
			got.Range(func(path, counter any) bool {
				reached = append(reached, path.(string))
				if n := counter.(*atomic.Int64).Load(); n > 2 {
					t.Errorf("point %d: %v got it %d times", points, path, n)
				}
				return true
			})
			slices.Sort(reached)
			equal(t, reached, []string{"/inbox/0", "/inbox/1"})
		}
		t.Log("about", points, "points")
		if points < 20 {
			t.Fatal("expected more points than that")
		}
	})
}
