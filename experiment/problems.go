package experiment

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
)

// An Error says what is wrong with a setting, or with a file of them.
type Error struct {
	Key, Value   string // the setting; Key is "" when it is the file
	File         string // "": not from a file
	Line, Column int    // from 1
	Err          error  // what was expected; {key} stands for another setting
}

var reference = regexp.MustCompile(`\{([a-z-]+)\}`)

// Error names file, line and column if there is a file, then setting and value,
// and says what was expected.
func (e *Error) Error() string {
	where := "experiment: "
	if e.File != "" {
		where = fmt.Sprintf("%s:%d:%d: ", e.File, e.Line, e.Column)
	}
	return where + e.say(e.Key+" = "+e.Value, "$1")
}

// Flag says the same of a setting that comes from the command line.
func (e *Error) Flag() string { return e.say("--"+e.Key+" "+e.Value, "--$1") }

// Unwrap returns what was expected.
func (e *Error) Unwrap() error { return e.Err }

func (e *Error) say(what, other string) string {
	text := e.Err.Error()
	var own *wantError
	if errors.As(e.Err, &own) { // others may have braces of their own
		text = reference.ReplaceAllString(text, other)
	}
	switch {
	case e.Key == "":
		return text
	case strings.HasPrefix(other, "--") || !strings.HasPrefix(text, "want "):
		return what + ": " + text
	}
	return what + ", " + text
}

// A wantError is a text of this package.
type wantError struct{ text string }

func (e *wantError) Error() string { return e.text }

func errWant(format string, args ...any) error { return &wantError{fmt.Sprintf(format, args...)} }

// fail returns the error of a setting, with its place.
func (e *Experiment) fail(key string, err error) error {
	s, at := find(key), e.given[key]
	return &Error{Key: key, Value: s.format(e.field(s)), File: at.file, Line: at.line, Column: at.column, Err: err}
}

// near returns the word that a misspelt one probably means, or "".
func near(word string, words []string) string {
	best, least := "", min(len(word)/3, 2)+1 // typing errors
	for _, w := range words {
		if d := distance(word, w); d < least && d < len(w) {
			best, least = w, d
		}
	}
	return best
}

// distance counts the letters to insert, delete, replace or swap with their
// neighbour to get from a to b.
func distance(a, b string) int {
	if len(a) > 64 {
		return len(a)
	}
	before, last, now := []int(nil), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range last {
		last[j] = j
	}
	for i := range len(a) {
		now[0] = i + 1
		for j := range len(b) {
			change := last[j]
			if a[i] != b[j] {
				change++
			}
			now[j+1] = min(change, last[j+1]+1, now[j]+1)
			if i > 0 && j > 0 && a[i] == b[j-1] && a[i-1] == b[j] {
				now[j+1] = min(now[j+1], before[j-1]+1)
			}
		}
		before, last, now = last, now, make([]int, len(b)+1)
	}
	return last[len(b)]
}
