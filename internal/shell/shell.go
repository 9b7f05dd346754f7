// Package shell writes commands as users type them.
package shell

import (
	"strings"
	"unicode"
)

// Line writes words so that a POSIX shell takes each of them for one word, as it
// is.
func Line(words ...string) string {
	quoted := make([]string, len(words))
	for i, w := range words {
		quoted[i] = Word(w)
	}
	return strings.Join(quoted, " ")
}

// Word writes a text so that a POSIX shell takes it for one word, as it is. The
// text has no NUL: no argument of a command has.
func Word(text string) string {
	odd := func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !strings.ContainsRune("_-./:,=+@%", r)
	}
	if text != "" && strings.IndexFunc(text, odd) < 0 {
		return text
	}
	return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'"
}
