package record

import (
	"crypto/rand"
	"fmt"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// stampLayout is how an ID begins: the second in UTC.
const stampLayout = "20060102-150405"

// newID returns the name of a new run: the second in UTC, a word from name and
// four random characters, such as 20261122-031507-mlp-adamw-k3f9. It is safe as
// the name of a file, and IDs in alphabetical order are in that of time.
func newID(now time.Time, name string) string {
	return now.UTC().Format(stampLayout) + "-" + slug(name) + "-" + strings.ToLower(rand.Text()[:4])
}

// slug makes part of a file name of any text: up to 40 small letters and digits
// of ASCII, with single dashes between words.
func slug(text string) string {
	var b strings.Builder
	gap := false
	for _, r := range strings.ToLower(text) {
		switch {
		case !('a' <= r && r <= 'z' || '0' <= r && r <= '9'):
			gap = b.Len() > 0
			continue
		case gap && b.Len() >= 39, b.Len() >= 40:
			return b.String()
		case gap:
			b.WriteByte('-')
			gap = false
		}
		b.WriteRune(r)
	}
	if b.Len() == 0 {
		return "run"
	}
	return b.String()
}

// NewID returns an ID for a run that is to be made later, in a folder of that
// name: see [Create]. It is likely to be free, not certain.
func NewID(now time.Time, name string) string { return newID(now, name) }

// idTime returns the time that an ID begins with, and false for other names.
func idTime(id string) (time.Time, bool) {
	if len(id) < len(stampLayout) {
		return time.Time{}, false
	}
	t, err := time.Parse(stampLayout, id[:len(stampLayout)])
	return t, err == nil
}

// checkWord says what is wrong with a name or tag of at most most characters.
func checkWord(what, word, forbidden string, most int) error {
	bad := strings.IndexFunc(word, func(r rune) bool {
		return !unicode.IsPrint(r) || r == utf8.RuneError || strings.ContainsRune(forbidden, r)
	})
	switch n := utf8.RuneCountInString(word); {
	case n > most:
		return fmt.Errorf("record: %s %+.60q… of %d characters, want at most %d", what, word, n, most)
	case bad >= 0:
		r, _ := utf8.DecodeRuneInString(word[bad:])
		return fmt.Errorf("record: %s %+q has %+q, want printable characters other than %q", what, word, r, forbidden)
	}
	return nil
}
