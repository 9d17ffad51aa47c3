package text

import (
	"html"
	"html/template"
	"regexp"
	"strings"
)

var tags = regexp.MustCompile(`(?s)<!--.*?-->|<[^>]*>`)

// Plain is HTML without its tags: one line of text.
func Plain(markup template.HTML) string {
	return html.UnescapeString(strings.Join(strings.Fields(tags.ReplaceAllString(string(markup), "")), " "))
}

// Truncate cuts a text off at a space before length characters, with "..." at its end.
// A few characters more than that are left alone.
func Truncate(text string, length int) string {
	runes := []rune(text)
	if len(runes) <= length+5 {
		return text
	}
	cut := string(runes[:length-3])
	if space := strings.LastIndexByte(cut, ' '); space >= 0 {
		cut = cut[:space]
	}
	return cut + "..."
}
