package fedigraft

// The native model, events and steps as JSON; rendering and reading through the real library.

import (
	"encoding/json"
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"
)

func TestADocumentComesBackWithWhatWasNotKnown(t *testing.T) {
	const text = `{"v":1,"id":"1","author":"2","visibility":"public","content":{"format":"html","text":"<p>x</p>"},` +
		`"published":"2026-10-05T15:00:00Z","new":{"a":[1,2.50]},"poll":{"options":[{"title":"a","votes":0}]},"url":null}`
	var post Post
	if err := json.Unmarshal([]byte(text), &post); err != nil {
		t.Fatal(err)
	}
	want := Post{
		ID: "1", Author: "2", Visibility: Public, Content: Content{HTML, "<p>x</p>"},
		Published: time.Date(2026, 10, 5, 15, 0, 0, 0, time.UTC),
		Poll:      &Poll{Options: []PollOption{{Title: "a", Votes: new(int64)}}},
		Extra:     Extra{"new": json.RawMessage(`{"a":[1,2.50]}`)},
	}
	if !reflect.DeepEqual(post, want) {
		t.Fatalf("%+v", post)
	}
	out := string(must[[]byte](t)(json.Marshal(post)))
	for _, part := range []string{`"new":{"a":[1,2.50]}`, `"published":"2026-10-05T15:00:00Z"`, `"votes":0`} {
		if !strings.Contains(out, part) {
			t.Errorf("%s is not in %s", part, out)
		}
	}
	var again Post
	if err := json.Unmarshal([]byte(out), &again); err != nil || !reflect.DeepEqual(again, want) {
		t.Errorf("%+v %v", again, err)
	}
	// A known member in Extra does not win over the field.
	post.Extra = Extra{"id": json.RawMessage(`"9"`)}
	if out := string(must[[]byte](t)(json.Marshal(post))); strings.Contains(out, `"9"`) {
		t.Error(out)
	}
}

func TestWhatIsZeroIsLeftOut(t *testing.T) {
	if out := string(must[[]byte](t)(json.Marshal(Profile{ID: "1", Username: "ann"}))); out != `{"id":"1","username":"ann"}` {
		t.Error(out)
	}
	if out := string(must[[]byte](t)(json.Marshal(Posts{}))); out != `{"items":[],"next":null,"total":0}` {
		t.Error(out)
	}
	page := Posts{Items: []Post{{ID: "1", Author: "2"}}, Next: "1"}
	if out := string(must[[]byte](t)(json.Marshal(page))); !strings.HasSuffix(out, `"next":"1","total":null}`) {
		t.Error(out)
	}
}

func TestNotBeforeIsWholeSecondsInTheDocument(t *testing.T) {
	for want, at := range map[string]time.Time{
		`{"id":"1","author":"2","content":{"text":""},"not_before":1790000000}`: testNow,
		`{"id":"1","author":"2","content":{"text":""},"not_before":1790000001}`: testNow.Add(time.Nanosecond), // never early
		`{"id":"1","author":"2","content":{"text":""}}`:                         {},
	} {
		out := must[[]byte](t)(json.Marshal(Post{ID: "1", Author: "2", NotBefore: at}))
		if string(out) != want {
			t.Errorf("got  %s\nwant %s", out, want)
		}
		var back Post
		if err := json.Unmarshal(out, &back); err != nil || back.Extra != nil || back.NotBefore.IsZero() != at.IsZero() ||
			back.NotBefore.Sub(at) >= time.Second {
			t.Errorf("%+v %v", back, err)
		}
	}
	var post Post
	if json.Unmarshal([]byte(`{"not_before":"2026-10-05T15:00:00Z"}`), &post) == nil {
		t.Error("it is a number")
	}
}

func TestConfigurationsAndActionsAsTheCoreReadsThem(t *testing.T) {
	for want, value := range map[string]any{
		`{"origin":"https://a"}`:                        InstanceConfig{Origin: "https://a"},
		`{"origin":"https://a","policy":"development"}`: InstanceConfig{Origin: "https://a", Policy: Development},
		`{"base":"strict","max_fetches":1}`:             Policy{Limits: map[string]any{"max_fetches": 1}},
		`{"type":"follow","profile":"1","actor":"u"}`:   Action{Type: "follow", Profile: "1", Actor: "u"},
		`{"type":"update_profile","profile":{"id":"1","username":""}}`: Action{
			Type: "update_profile", Whole: &Profile{ID: "1"},
		},
		`[null,{"value":true},{"error":"away","retryable":true}]`: []Loaded{
			{}, {Value: true}, {Failed: "away", Retryable: true},
		},
	} {
		if out := string(must[[]byte](t)(json.Marshal(value))); out != want {
			t.Errorf("got  %s\nwant %s", out, want)
		}
	}
}

func TestEveryEventIsRead(t *testing.T) {
	for name, kind := range eventTypes {
		text := `{"v":1,"type":"` + name + `","at":1790000000,"actor":{"id":"https://a/1","username":"a"},"more":1}`
		event := must[Event](t)(ReadEvent([]byte(text)))
		if reflect.TypeOf(event) != kind || event.Name() != name {
			t.Errorf("%s: %T", name, event)
		}
		happened := reflect.ValueOf(event).FieldByName("Happened").Interface().(Happened)
		if !happened.At.Equal(testNow) || string(happened.Document) != text {
			t.Errorf("%s: %+v", name, happened)
		}
		if actor := reflect.ValueOf(event).FieldByName("Actor"); actor.IsValid() && actor.Interface().(Profile).ID != "https://a/1" {
			t.Errorf("%s: %v", name, actor)
		}
	}
	event := must[Event](t)(ReadEvent([]byte(`{"type":"danced","at":1}`)))
	if unknown, ok := event.(UnknownEvent); !ok || unknown.Name() != "danced" {
		t.Errorf("%#v", event)
	}
	if _, err := ReadEvent([]byte("[]")); !errors.Is(err, ErrInternal) {
		t.Error(err)
	}
}

func TestRenderingAndReadingAgree(t *testing.T) {
	instance := here(t)
	public := must[*PublicKey](t)(testKey().Public())
	profile := Profile{ID: "7", Username: "ann", Federated: true, Bio: Content{Text: "I <3 hills"}}
	actor := must[json.RawMessage](t)(instance.RenderProfile(profile, public))
	read := must[*Profile](t)(ReadProfile(actor))
	if read.ID != "https://you.example/ap/users/7" || read.Username != "ann" || read.Bio.Text != "<p>I &lt;3 hills</p>" {
		t.Errorf("%+v", read)
	}
	post := Post{
		ID: "1", Author: "7", Visibility: Public, Content: Content{Text: "Hello #world"}, Published: testNow,
		Media: []Media{{URL: "/a.png", MediaType: "image/png", Alt: "A hill", Width: 3, Height: 2, FocalPoint: &[2]float64{0.5, -1}}},
	}
	object := must[json.RawMessage](t)(instance.RenderPost(profile, post))
	back := must[*Post](t)(ReadPost(object))
	if back.ID != "https://you.example/ap/posts/1" || back.Author != read.ID || back.Visibility != Public ||
		!back.Published.Equal(testNow) || len(back.Hashtags) != 1 || back.Media[0].URL != "https://you.example/a.png" ||
		*back.Media[0].FocalPoint != [2]float64{0.5, -1} {
		t.Errorf("%+v", back)
	}
	if _, err := instance.RenderPost(profile, Post{ID: "1", Author: "7"}); err == nil {
		t.Error("a post without a visibility must be refused")
	}
	finger := must[json.RawMessage](t)(instance.RenderWebFinger(profile))
	if !strings.Contains(string(finger), "acct:ann@you.example") {
		t.Error(string(finger))
	}
	users := int64(3)
	info := must[json.RawMessage](t)(instance.RenderNodeInfo("2.1", Usage{Users: &users}))
	if !strings.Contains(string(info), `"total":3`) {
		t.Error(string(info))
	}
	if _, err := instance.RenderNodeInfo("3.0", Usage{}); !errors.Is(err, ErrUnsupported) {
		t.Error(err)
	}
	written := must[*Written](t)(instance.ContentToHTML(Content{Text: "Hi @bob@b.example #x see https://example.org/page"}))
	if len(written.Mentions) != 1 || written.Mentions[0].Domain != "b.example" || len(written.Hashtags) != 1 || len(written.Links) != 1 {
		t.Errorf("%+v", written)
	}
	activity := must[*Activity](t)(ReadActivity([]byte(`{"@context":"https://www.w3.org/ns/activitystreams","id":"https://a/1",` +
		`"type":"Create","actor":"https://a/u","object":{"id":"https://a/p","type":"Note"},"to":["https://b/u"],` +
		`"published":"2026-09-21T16:13:20+02:00"}`)))
	if activity.Actor != "https://a/u" || activity.Type != "Create" || len(activity.To) != 1 || !activity.Published.Equal(testNow) {
		t.Errorf("%+v", activity)
	}
	for _, vague := range []string{`"soon"`, "null"} {
		text := `{"id":"https://a/1","type":"Like","actor":"https://a/u","object":"https://a/p","published":` + vague + `}`
		if liked := must[*Activity](t)(ReadActivity([]byte(text))); !liked.Published.IsZero() {
			t.Errorf("%s: %v", vague, liked.Published)
		}
	}
	for _, bad := range []string{"", "[]", "{", `{"id":1}`} {
		if _, err := ReadPost([]byte(bad)); err == nil {
			t.Error(bad)
		}
		if _, err := ReadActivity([]byte(bad)); err == nil {
			t.Error(bad)
		}
	}
}

func TestForeignHTML(t *testing.T) {
	if out := must[string](t)(Sanitise(`<p onclick="x">a<script>b</script></p>`)); out != "<p>a</p>" {
		t.Error(out)
	}
	if out := must[string](t)(HTMLToText("<p>a &amp; b</p><p>c</p>")); out != "a & b\n\nc" {
		t.Error(out)
	}
	if out := must[string](t)(Sanitise("")); out != "" {
		t.Error(out)
	}
}

func TestStepsAndWrongAnswers(t *testing.T) {
	config := InstanceConfig{Origin: "https://a.example", Loads: append([]string{"blocked", "post", "posts", "profile"}, storeNames...)}
	instance := must[*Instance](t)(OpenInstance(config))
	begin := func() *Exchange {
		request := &Request{Method: "GET", Target: "/ap/users/1", Headers: Fields{{"Host", "a.example"}, {"Accept", ActivityJSON}}}
		return must[*Exchange](t)(instance.Receive(testNow, request))
	}
	exchange := begin()
	first := must[*Step](t)(exchange.Step())
	if first.Number != 1 || len(first.Load) == 0 || first.Fetch != nil || first.Done != nil {
		t.Fatalf("%+v", first)
	}
	if again := must[*Step](t)(exchange.Step()); !reflect.DeepEqual(again, first) {
		t.Error("asking again gave another step")
	}
	for name, err := range map[string]error{
		"another step": exchange.AnswerLoad(7, testNow, make([]Loaded, len(first.Load))),
		"a signature":  exchange.AnswerSign(1, testNow, []byte("x")),
		"an answer":    exchange.AnswerFetch(1, testNow, &Fetched{URL: "https://a", Status: 200, Headers: Fields{}, Address: "1.1.1.1"}),
	} {
		if !errors.Is(err, ErrOutOfStep) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := exchange.AnswerLoad(1, testNow, nil); !errors.Is(err, ErrInvalidArgument) {
		t.Error(err)
	}
	if err := exchange.AnswerLoad(1, testNow, make([]Loaded, len(first.Load))); err != nil {
		t.Error(err)
	}
	if done := must[*Step](t)(exchange.Step()).Done; done == nil || done.Response.Status != 404 || done.hasEffects() {
		t.Errorf("%+v", done)
	}
	exchange.Close()
	exchange.Close()
	if _, err := exchange.Step(); !errors.Is(err, ErrClosed) {
		t.Error(err)
	}
	// An error never reads as absent.
	exchange = begin()
	exchange.AnswerFailed(1, testNow, "away", true)
	if done := must[*Step](t)(exchange.Step()).Done; done == nil || done.Response.Status != 503 {
		t.Errorf("%+v", done)
	}
	// An exchange outlives its instance.
	exchange = begin()
	instance.Close()
	if _, err := exchange.Step(); err != nil {
		t.Error(err)
	}
	exchange.Close()
}

func TestTenGoroutinesOnOneExchangeGetStepsOrBusy(t *testing.T) {
	config := InstanceConfig{Origin: "https://a.example", Loads: append([]string{"blocked", "post", "posts", "profile"}, storeNames...)}
	instance := must[*Instance](t)(OpenInstance(config))
	defer instance.Close()
	exchange := must[*Exchange](t)(instance.LookUp(testNow, "@bob@b.example"))
	defer exchange.Close()
	ended := make(chan error)
	for range 10 {
		go func() {
			for range 200 {
				if _, err := exchange.Step(); err != nil && (!errors.Is(err, ErrBusy) || !Retryable(err)) {
					ended <- err
					return
				}
			}
			ended <- nil
		}()
	}
	for range 10 {
		if err := <-ended; err != nil {
			t.Error(err)
		}
	}
}
