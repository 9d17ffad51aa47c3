//go:build !plain

package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/fedigraft/fedigraft/bindings/go/examples/chirp/internal/chirp"
	"github.com/fedigraft/fedigraft/bindings/go/examples/chirp/internal/database"
)

// chirp with federate.go in front: what a visitor, another server and the database see.

var background = context.Background()

// opened is a federated site at this origin, with Ann, who federates, and Ben, who does not.
func opened(t *testing.T, origin string) (site *chirp.Site, ann, ben *chirp.Person) {
	t.Helper()
	settle(t, origin)
	must(t, "init-db")
	settings, err := chirp.ReadSettings(os.LookupEnv)
	if err != nil {
		t.Fatal(err)
	}
	site, closing, err := open(background, settings)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := closing(); err != nil {
			t.Error(err)
		}
	})
	for name, who := range map[string]**chirp.Person{"ann": &ann, "ben": &ben} {
		if *who, err = site.Join(background, name, "swallows and swifts", "", name == "ann"); err != nil {
			t.Fatal(err)
		}
	}
	return site, ann, ben
}

func publish(t *testing.T, site *chirp.Site, tx database.Tx, who *chirp.Person, text string) *chirp.Post {
	t.Helper()
	post, err := site.Publish(background, tx, who, chirp.Draft{Text: text, Visibility: chirp.Public, Language: "en"})
	if err != nil {
		t.Fatal(err)
	}
	return post
}

// jobs counts what waits for the worker.
func jobs(q database.Querier) (count int) {
	if q.QueryRowContext(background, "SELECT count(*) FROM fedigraft_jobs").Scan(&count) != nil {
		return 0 // the tables were made in the transaction that was rolled back
	}
	return count
}

func TestWhatIsPlannedLivesAndDiesWithTheTransaction(t *testing.T) {
	site, ann, ben := opened(t, "https://chirp.example")
	undone := errors.New("undone")
	if err := site.Write(background, func(tx database.Tx) error {
		publish(t, site, tx, ann, "rolled back")
		if jobs(tx) != 1 {
			t.Error("nothing is planned inside")
		}
		return undone
	}); !errors.Is(err, undone) {
		t.Fatal(err)
	}
	if jobs(site.DB) != 0 {
		t.Error("what is planned outlives the transaction")
	}
	if err := site.Write(background, func(tx database.Tx) error {
		publish(t, site, tx, ann, "kept")
		publish(t, site, tx, ben, "only here")
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	if jobs(site.DB) != 1 {
		t.Error(jobs(site.DB))
	}
	for _, table := range []string{"posts", "fedigraft_follows"} {
		var name string
		if err := site.DB.QueryRow("SELECT name FROM sqlite_master WHERE name = ?", table).Scan(&name); err != nil {
			t.Error(table, err)
		}
	}
}

// ask asks the site as another server does.
func ask(site *chirp.Site, method, path, body string) *httptest.ResponseRecorder {
	request := httptest.NewRequest(method, site.Origin+path, strings.NewReader(body))
	request.Header.Set("Accept", "application/activity+json")
	if body != "" {
		request.Header.Set("Content-Type", "application/activity+json")
	}
	answer := httptest.NewRecorder()
	site.Handler.ServeHTTP(answer, request)
	return answer
}

func TestWhoDoesNotFederateIsAsMissingAsWhoDoesNotExist(t *testing.T) {
	site, ann, ben := opened(t, "https://chirp.example")
	seen := func(name string, id chirp.ID) (statuses []int) {
		person := fmt.Sprintf("/ap/users/%d", id)
		for _, path := range []string{"/.well-known/webfinger?resource=acct:" + name + "@chirp.example", person, person + "/outbox",
			person + "/followers", person + "/following"} {
			statuses = append(statuses, ask(site, http.MethodGet, path, "").Code)
		}
		return append(statuses, ask(site, http.MethodPost, person+"/inbox", "{}").Code)
	}
	if got := fmt.Sprint(seen("ann", ann.ID)); got != "[200 200 200 200 200 400]" {
		t.Error(got)
	}
	for name, id := range map[string]chirp.ID{"ben": ben.ID, "nobody": 99} {
		if got := fmt.Sprint(seen(name, id)); got != "[404 404 404 404 404 404]" {
			t.Error(name, got)
		}
	}
	if got := ask(site, http.MethodGet, "/@ann", ""); got.Code != 200 {
		t.Error(got.Code)
	}
}

func TestWhatOthersSee(t *testing.T) {
	site, ann, _ := opened(t, "https://chirp.example")
	var post *chirp.Post
	if err := site.Write(background, func(tx database.Tx) error {
		me := *ann
		me.DisplayName, me.Bio, me.Fields = "Ann", "Birds & bees", []chirp.Field{{Name: "Web", Value: "https://ann.example"}}
		me.Avatar, me.Locked, me.Discoverable = "/media/a.png", true, true
		if _, err := site.EditPerson(background, tx, me); err != nil {
			return err
		}
		first := publish(t, site, tx, ann, "first")
		var err error
		post, err = site.Publish(background, tx, ann, chirp.Draft{
			Text: "second <b> #swift", Warning: "birds", Sensitive: true, Visibility: chirp.Public, Language: "de", ReplyTo: first,
			Media: []chirp.Media{{URL: "/media/b.png", MediaType: "image/png", Alt: "A swift", Width: 3, Height: 2}},
		})
		return err
	}); err != nil {
		t.Fatal(err)
	}
	user := "/ap/users/" + ann.ID.String()
	for path, parts := range map[string][]string{
		user: {`"preferredUsername":"ann"`, `"name":"Ann"`, "Birds &amp; bees", "https://ann.example",
			"https://chirp.example/media/a.png", `"manuallyApprovesFollowers":true`, `"discoverable":true`},
		user + "/outbox": {`"totalItems":2`},
		user + "/outbox?page=true": {"<p>second &lt;b&gt; ", `"summary":"birds"`, `"sensitive":true`, `"de":`, `"name":"#swift"`,
			"https://chirp.example/media/b.png", `"name":"A swift"`, `"width":3`, `"inReplyTo":"https://chirp.example/ap/posts/1"`},
	} {
		var document any
		if err := json.Unmarshal(ask(site, http.MethodGet, path, "").Body.Bytes(), &document); err != nil {
			t.Fatal(path, err)
		}
		var written bytes.Buffer
		plain := json.NewEncoder(&written)
		plain.SetEscapeHTML(false)
		if err := plain.Encode(document); err != nil {
			t.Fatal(err)
		}
		for _, part := range parts {
			if !strings.Contains(written.String(), part) {
				t.Errorf("%q is not in %s", part, written.String())
			}
		}
	}
	if _, err := site.OwnPost(background, site.DB, post.ID); err != nil {
		t.Error(err)
	}
	if _, err := site.OwnPost(background, site.DB, 99); !errors.Is(err, chirp.ErrNotFound) {
		t.Error(err)
	}
}

func TestThePlainSiteKnowsNothingOfFederation(t *testing.T) {
	listed, err := exec.Command("go", "list", "-deps", "-tags", "plain", ".").Output()
	if err != nil {
		t.Fatal(err)
	}
	packages := strings.Fields(string(listed))
	if !slices.Contains(packages, "net/http") || slices.Contains(packages, "github.com/fedigraft/fedigraft/bindings/go") {
		t.Error(packages)
	}
}

func TestTheGlueIsShortAndShown(t *testing.T) {
	glue, err := os.ReadFile("federate.go")
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSuffix(string(glue), "\n"), "\n")
	if len(lines) > 180 {
		t.Error("federate.go has", len(lines), "lines")
	}
	readme, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	shown := regexp.MustCompile("(?s)```diff\n(.*?)```").FindSubmatch(readme)
	if shown == nil {
		t.Fatal("README.md shows no diff")
	}
	diff := strings.Split(strings.TrimSuffix(string(shown[1]), "\n"), "\n")
	if want := fmt.Sprintf("@@ -0,0 +1,%d @@", len(lines)); diff[2] != want {
		t.Error(diff[2], "is not", want)
	}
	for n, line := range lines {
		if len(diff) != len(lines)+3 || diff[n+3] != "+"+line {
			t.Fatal("README.md shows another federate.go, from line", n+1)
		}
	}
}
