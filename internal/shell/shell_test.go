//go:build unix

package shell

import (
	"os/exec"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestWord(t *testing.T) {
	for word, want := range map[string]string{
		"runs": "runs", "a b": "'a b'", "": "''", "it's": `'it'\''s'`, "$HOME": "'$HOME'", "/tmp/x-1_2.y": "/tmp/x-1_2.y", "é=1e+3": "é=1e+3", "~": "'~'", "a\nb": "'a\nb'",
	} {
		if got := Word(word); got != want {
			t.Errorf("Word(%q) = %s, want %s", word, got, want)
		}
	}
}

// A shell takes a line for the words that it was made of.
func TestLine(t *testing.T) {
	var words []string
	draw := rapid.OneOf(rapid.String(), rapid.StringMatching(`[a-c \\'"$*?~#!;&|<>(){}\[\]=%-]{0,8}`))
	for seed := range 300 {
		words = append(words, strings.ReplaceAll(draw.Example(seed), "\x00", ""))
	}
	out, err := exec.Command("sh", "-c", Line(append([]string{"printf", `%s\0`}, words...)...)).Output()
	if err != nil {
		t.Fatal(err)
	}
	if got := strings.Split(strings.TrimSuffix(string(out), "\x00"), "\x00"); !slices.Equal(got, words) {
		t.Errorf("%q, want %q", got, words)
	}
}
