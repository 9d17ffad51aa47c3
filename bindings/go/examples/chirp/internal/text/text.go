// Package text reads plain text as people write it: it finds links, @mentions and #hashtags, and turns text
// into safe HTML, or HTML into one line of plain text.
package text

import (
	"html/template"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

// What stands before and after a token is looked at by tokens(): these expressions cannot look behind.
var (
	token = regexp.MustCompile(`(?i)(https?://[^\s\p{Z}\v<>"]+)` +
		`|@([a-z0-9_]+(?:[.-]+[a-z0-9_]+)*)(?:@([a-z0-9](?:[a-z0-9.-]*[a-z0-9])?(?::\d{1,5})?))?(?:[^\pL\pN_@]|$)` +
		`|#([\pL\pN_]*[\pL\p{Nl}\p{No}][\pL\pN_]*)`)
	gap    = regexp.MustCompile(`\n{2,}`)
	scheme = regexp.MustCompile(`^https?://(www\.)?`)
)

// span is one token: a link, a mention (name, perhaps with a domain) or a hashtag, and where it stands.
type span struct {
	start, end             int
	url, name, domain, tag string
}

func (s span) handle() string {
	if s.domain == "" {
		return "@" + s.name
	}
	return "@" + s.name + "@" + strings.ToLower(s.domain)
}

// Mentions are the handles that text names, in order, each once: "@alice" or "@bob@site.example".
func Mentions(text string) []string {
	return once(text, func(found span) string {
		if found.name == "" {
			return ""
		}
		return found.handle()
	})
}

// Hashtags are the hashtags of text in lower case without #, in order, each once.
func Hashtags(text string) []string {
	return once(text, func(found span) string { return strings.ToLower(found.tag) })
}

// ToHTML is text as HTML: escaped, paragraphs kept, links, hashtags and mentions clickable. Links carry rel.
//
// A bare @name becomes a link only when own (given the name in lower case) says so; a full handle always does.
func ToHTML(text string, own func(name string) bool, rel string) template.HTML {
	var html strings.Builder
	for _, paragraph := range gap.Split(strings.TrimSpace(strings.ReplaceAll(text, "\r\n", "\n")), -1) {
		if paragraph == "" {
			continue
		}
		if html.Len() > 0 {
			html.WriteByte('\n')
		}
		html.WriteString("<p>")
		inline(&html, paragraph, own, rel)
		html.WriteString("</p>")
	}
	return template.HTML(html.String())
}

func inline(html *strings.Builder, text string, own func(string) bool, rel string) {
	position := 0
	lines := func(end int) {
		html.WriteString(strings.ReplaceAll(template.HTMLEscapeString(text[position:end]), "\n", "<br>\n"))
		position = end
	}
	write := func(parts ...string) {
		for n, part := range parts {
			if n%2 == 1 {
				part = template.HTMLEscapeString(part)
			}
			html.WriteString(part)
		}
	}
	for _, found := range tokens(text) {
		switch {
		case found.url != "":
			lines(found.start)
			url := trim(found.url)
			found.end = found.start + len(url)
			write(`<a href="`, url, `" rel="`, rel, `">`, short(url), `</a>`)
		case found.tag != "":
			lines(found.start)
			write(`<a href="/tags/`, strings.ToLower(found.tag), `" class="tag">#`, found.tag, `</a>`)
		case found.domain != "" || own(strings.ToLower(found.name)):
			lines(found.start)
			write(`<a href="/`, found.handle(), `" class="mention" title="`, found.handle(), `">@`, found.name, `</a>`)
		default:
			continue
		}
		position = found.end
	}
	lines(len(text))
}

// tokens finds the tokens of a text in order.
func tokens(text string) []span {
	var found []span
	for position := 0; position < len(text); {
		at := token.FindStringSubmatchIndex(text[position:])
		if at == nil {
			break
		}
		group := func(n int) string {
			if at[2*n] < 0 {
				return ""
			}
			return text[position+at[2*n] : position+at[2*n+1]]
		}
		one := span{start: position + at[0], url: group(1), name: group(2), domain: group(3), tag: group(4)}
		before, _ := utf8.DecodeLastRuneInString(text[:one.start])
		if word(before) || (one.name != "" && strings.ContainsRune("@/.", before)) ||
			(one.tag != "" && strings.ContainsRune("&/#", before)) {
			position = one.start + 1
			continue
		}
		one.end = one.start + len(one.url)
		switch {
		case one.domain != "":
			one.end = one.start + 2 + len(one.name) + len(one.domain)
		case one.name != "" || one.tag != "":
			one.end = one.start + 1 + len(one.name) + len(one.tag)
		}
		found = append(found, one)
		position = one.end
	}
	return found
}

func once(text string, wanted func(span) string) []string {
	var kept []string
	seen := map[string]bool{"": true}
	for _, found := range tokens(text) {
		if word := wanted(found); !seen[word] {
			seen[word] = true
			kept = append(kept, word)
		}
	}
	return kept
}

func word(r rune) bool {
	return r == '_' || r != utf8.RuneError && (unicode.IsLetter(r) || unicode.IsNumber(r))
}

// trim leaves out punctuation that ends the sentence, and a closing bracket that was opened before the link.
func trim(url string) string {
	opened, closed := strings.Count(url, "("), strings.Count(url, ")")
	for url != "" {
		switch last := url[len(url)-1]; {
		case last == ')' && closed > opened:
			closed--
		case !strings.ContainsRune(".,;:!?'\"*_", rune(last)):
			return url
		}
		url = url[:len(url)-1]
	}
	return url
}

// short is a link as shown: without its scheme, and not too long.
func short(url string) string {
	shown := []rune(strings.TrimRight(scheme.ReplaceAllString(url, ""), "/"))
	if len(shown) > 42 {
		return string(shown[:40]) + "…"
	}
	return string(shown)
}
