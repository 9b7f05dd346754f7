package experiment

import (
	"bytes"
	"fmt"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// YAML writes the settings as [Parse] reads them, in the order of [Settings],
// without comments. What does not go with the experiment is left out unless it
// was set all the same, and so is an optional setting that is absent.
func (e *Experiment) YAML() []byte {
	var b bytes.Buffer
	for i := range settings {
		s := &settings[i]
		if e.present(s) && (e.applies(s) || !e.isDefault(s)) {
			fmt.Fprintf(&b, "%s: %s\n", s.Key, s.yaml(e.field(s)))
		}
	}
	return b.Bytes()
}

// yaml writes a value.
func (s *Setting) yaml(v reflect.Value) string {
	switch s.Type {
	case "text":
		return yamlText(v.String(), plainText)
	case "list":
		words := slices.Clone(v.Interface().([]string))
		for i, word := range words {
			words[i] = yamlText(word, plainWord)
		}
		return "[" + strings.Join(words, ", ") + "]"
	case "number":
		return yamlNumber(s.format(v))
	}
	return s.format(v)
}

// yamlNumber writes 1e-08 as 1.0e-08, because YAML 1.1 takes the former for a
// word.
func yamlNumber(text string) string {
	if i := strings.IndexByte(text, 'e'); i >= 0 && !strings.Contains(text, ".") {
		return text[:i] + ".0" + text[i:]
	}
	return text
}

// plainText and plainWord are texts that need no quotes, the latter in a list.
var (
	plainText = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_./=+*,:-]*[A-Za-z0-9]$|^[A-Za-z]$`)
	plainWord = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_.-]*$`)
	otherWord = regexp.MustCompile(`^(?i:true|false|null|yes|no|on|off|y|n|inf|nan)$`)
)

func yamlText(text string, plain *regexp.Regexp) string {
	if plain.MatchString(text) && !otherWord.MatchString(text) {
		return text
	}
	return strconv.Quote(text)
}

// Template writes a file of settings to begin with: every one with its meaning
// and its default; what has none is commented out.
func (e *Experiment) Template() []byte {
	var b bytes.Buffer
	b.WriteString(`# An experiment. It runs with: descent train experiment.yaml
# Every setting is also a flag of the same name, which wins over the file.
# Paths are relative to the folder that the command runs in.
`)
	part := ""
	for i := range settings {
		s := &settings[i]
		if !e.has(s) {
			continue
		}
		if s.Part != part {
			part = s.Part
			fmt.Fprintf(&b, "\n# --- %s\n", part)
		}
		fmt.Fprintf(&b, "\n")
		for _, line := range wrap(s.meaning(), 90) {
			fmt.Fprintf(&b, "# %s\n", line)
		}
		switch {
		case s.Optional && s.Usual != "":
			fmt.Fprintf(&b, "%s: %s\n", s.Key, s.Usual)
		case s.Optional, s.Default == "" && (s.Type == "text" || s.Type == "list"):
			fmt.Fprintf(&b, "# %s: %s\n", s.Key, s.example())
		default:
			fmt.Fprintf(&b, "%s: %s\n", s.Key, s.yaml(e.field(s)))
		}
	}
	return b.Bytes()
}

// meaning is what a setting means, as a sentence without the marks of flags.
func (s *Setting) meaning() string {
	return strings.ToUpper(s.Doc[:1]) + strings.ReplaceAll(s.Doc[1:], "--", "") + "."
}

// example writes the setting's example as YAML.
func (s *Setting) example() string {
	v := reflect.New(reflect.TypeFor[Experiment]().Field(s.index).Type).Elem()
	_ = s.parse(v, s.exampleText()) // an example that is none is found by the tests
	if v.Kind() == reflect.Pointer && !v.IsNil() {
		v = v.Elem()
	}
	return s.yaml(v)
}

// exampleText is the example as the command line takes it.
func (s *Setting) exampleText() string {
	if s.Type == "list" {
		return strings.ReplaceAll(s.Example, ", ", ",")
	}
	return s.Example
}

// wrap breaks a text into lines.
func wrap(text string, width int) []string {
	var lines []string
	line := ""
	for word := range strings.FieldsSeq(text) {
		if line != "" && len(line)+1+len(word) > width {
			lines, line = append(lines, line), ""
		}
		line = strings.TrimPrefix(line+" "+word, " ")
	}
	return append(lines, line)
}
