package text

import (
	"slices"
	"strings"
	"testing"
)

func alice(name string) bool { return name == "alice" }

func TestToHTML(t *testing.T) {
	for plain, html := range map[string]string{
		"a & <b>":             "<p>a &amp; &lt;b&gt;</p>",
		"one\ntwo\n\n\nthree": "<p>one<br>\ntwo</p>\n<p>three</p>",
		"hi @alice!":          `<p>hi <a href="/@alice" class="mention" title="@alice">@alice</a>!</p>`,
		"@Alice @alice":       `<p><a href="/@Alice" class="mention" title="@Alice">@Alice</a> <a href="/@alice" class="mention" title="@alice">@alice</a></p>`,
		"hi @nobody":          "<p>hi @nobody</p>",
		"x@alice.com /@alice": "<p>x@alice.com /@alice</p>",
		"@alice@ @alice@é":    "<p>@alice@ @alice@é</p>",
		"#one#two #3 &#4x;":   `<p><a href="/tags/one" class="tag">#one</a>#two #3 &amp;#4x;</p>`,
		"(#Ünï_1)":            `<p>(<a href="/tags/ünï_1" class="tag">#Ünï_1</a>)</p>`,
		"@Bob.b@Remote.Example:8080.": `<p><a href="/@Bob.b@remote.example:8080" class="mention" title="@Bob.b@remote.example:8080">` +
			"@Bob.b</a>.</p>",
		"(see https://a.example/x_(y)?a=1&b=2#@alice).": `<p>(see <a href="https://a.example/x_(y)?a=1&amp;b=2#@alice" rel="nofollow noopener">` +
			"a.example/x_(y)?a=1&amp;b=2#@alice</a>).</p>",
		`https://a.example/"><script>`: `<p><a href="https://a.example/" rel="nofollow noopener">a.example</a>` +
			"&#34;&gt;&lt;script&gt;</p>",
		"xhttps://a.example":                               "<p>xhttps://a.example</p>",
		"javascript:alert(1) data:x ftp://a.example":       "<p>javascript:alert(1) data:x ftp://a.example</p>",
		"https://www.a.example/" + strings.Repeat("b", 50): `<p><a href="https://www.a.example/` + strings.Repeat("b", 50) + `" rel="nofollow noopener">a.example/` + strings.Repeat("b", 30) + "…</a></p>",
		"": "",
	} {
		if got := string(ToHTML(plain, alice, "nofollow noopener")); got != html {
			t.Errorf("%q\n got %s\nwant %s", plain, got, html)
		}
	}
}

func TestMentionsAndHashtags(t *testing.T) {
	words := "@alice @alice @bob@a.example #One #one https://x.example/@not#no mail@x.example @bob@127.0.0.1:5001"
	if got := Mentions(words); !slices.Equal(got, []string{"@alice", "@bob@a.example", "@bob@127.0.0.1:5001"}) {
		t.Error(got)
	}
	if got := Hashtags(words); !slices.Equal(got, []string{"one"}) {
		t.Error(got)
	}
}

// Each of these takes hours where the work grows with the square of the length or faster.
func TestTextOfAnyKindTakesLittleTime(t *testing.T) {
	for _, piece := range []string{"@a", "#a", "https://", "@a.", "@a@a.", "(", "a@", "@a-", "https://a)"} {
		ToHTML(strings.Repeat(piece, 5000), alice, "")
	}
}

func TestExcerpts(t *testing.T) {
	if got := Plain("<p>a &amp;\n b</p><!-- <x> --> c"); got != "a & b c" {
		t.Errorf("%q", got)
	}
	long := "one two three four five"
	for length, want := range map[int]string{18: long, 17: "one two three...", 6: "one..."} {
		if got := Truncate(long, length); got != want {
			t.Errorf("%d: %q", length, got)
		}
	}
}
