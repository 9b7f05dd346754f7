package web

import (
	"strings"
	"unicode"
)

// commandLine writes a command so that a shell takes every argument for one word.
func commandLine(program string, args ...string) string {
	words := make([]string, 0, len(args)+1)
	for _, arg := range append([]string{program}, args...) {
		words = append(words, shellWord(arg))
	}
	return strings.Join(words, " ")
}

func shellWord(text string) string {
	odd := func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !strings.ContainsRune("_-./:,=+@%", r)
	}
	if text != "" && strings.IndexFunc(text, odd) < 0 {
		return text
	}
	return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'"
}
