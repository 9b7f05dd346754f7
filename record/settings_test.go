package record

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

func TestParseExperiment(t *testing.T) {
	const text = `# an experiment
data: digits
optimizer: "sgd:momentum=0.9"   # a comment
lr: 1.0e-3
seed: 18446744073709551615
classes: [left, "right, really", 3]
schedule: ''
val: null
note: |
  two
  lines
options:
  depth: 0x10
  inner: {a: true, b: .nan}
list:
  - path: x.csv
    bytes: 12
  - plain
"quoted key": 'it''s'
recorded:
  id: 20261122-120000-run-abcd
  created: "2026-11-22T13:00:00.25+01:00"
  command: [descent, train]
  versions:
    go: go1.26
`
	settings, recorded, err := ParseExperiment("e.yaml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	want := []Setting{
		{"data", "digits"}, {"optimizer", "sgd:momentum=0.9"}, {"lr", "1.0e-3"}, {"seed", "18446744073709551615"},
		{"classes", "left, right, really, 3"}, {"schedule", ""}, {"val", ""}, {"note", "two\nlines"},
		{"options.depth", "0x10"}, {"options.inner.a", "true"}, {"options.inner.b", ".nan"},
		{"list", "path: x.csv, bytes: 12, plain"}, {"quoted key", "it's"},
	}
	if fmt.Sprint(settings) != fmt.Sprint(want) {
		t.Errorf("settings\n%q\nwant\n%q", settings, want)
	}
	want = []Setting{
		{"id", "20261122-120000-run-abcd"}, {"created", "2026-11-22T13:00:00.25+01:00"}, {"command", "descent, train"}, {"versions.go", "go1.26"},
	}
	if fmt.Sprint(recorded) != fmt.Sprint(want) {
		t.Errorf("recorded\n%q\nwant\n%q", recorded, want)
	}
	if got := createdAt("x", recorded); !got.Equal(noon.Add(250*time.Millisecond)) || got.Location() != time.UTC {
		t.Errorf("created %v", got)
	}
	if got := createdAt("20261122-120000-x", nil); !got.Equal(noon) {
		t.Errorf("created %v by its ID", got)
	}
	for _, empty := range []string{"", "# nothing\n", "---\n", "recorded:\n", "recorded: {}\n"} {
		if settings, recorded, err := ParseExperiment("e.yaml", []byte(empty)); len(settings)+len(recorded) > 0 || err != nil {
			t.Errorf("%q: %v, %v, %v", empty, settings, recorded, err)
		}
	}
}

func TestParseExperimentRefuses(t *testing.T) {
	for text, want := range map[string]string{
		"a: &x 1\nb: *x\n":                     "e.yaml: 2:4: an alias, want a plain value",
		"a: {<<: {b: 1}}\n":                    "1:5: a merge",
		"- a\n- b\n":                           `1:1: a sequence, want settings such as "lr: 0.1"`,
		"word\n":                               "a string, want settings",
		"a: 1\n---\nb: 2\n":                    "a second document, want one",
		"a: [1\n":                              "e.yaml: [1:",
		"a: 1\na: 2\n":                         "already defined",
		"\ta: 1\n":                             "e.yaml: [1:2] tab character",
		strings.Repeat("x", mostExperiment+1):  "1048577 bytes, want at most 1048576",
		strings.Repeat("[", 100_000):           "line 1: more than 100 levels",
		strings.Repeat("[\n", 9_000):           "line 101: more than 100 levels",
		strings.Repeat("- ", 100_000):          "line 1: more than 1000 values",
		strings.Repeat("a: ", 100_000):         "line 1: more than 1000 values",
		strings.Repeat("#\n", 20_000):          "more than 10000 lines",
		"a: " + strings.Repeat("&a ", 100_000): "line 1: more than 1000 values",
	} {
		began := time.Now()
		_, _, err := ParseExperiment("e.yaml", []byte(text))
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%.30q: %v, want %q", text, err, want)
		}
		if d := time.Since(began); d > 5*time.Second {
			t.Errorf("%.30q took %v", text, d)
		}
	}
}

func FuzzParseExperiment(f *testing.F) {
	f.Add([]byte("data: digits\nlr: 1e-3\nclasses: [a, {b: c}]\nrecorded:\n  created: 2026-11-22T12:00:00Z\n"))
	f.Add([]byte("a: &x [*x]\n"))
	f.Add([]byte("- {{[\n"))
	f.Add([]byte("? a\n: |-\n  b\n...\n---\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		settings, recorded, err := ParseExperiment("fuzz", text)
		if err != nil && len(settings)+len(recorded) > 0 {
			t.Errorf("%v and %v", settings, err)
		}
		n := 0
		for _, s := range append(settings, recorded...) {
			n += len(s.Key) + len(s.Value)
		}
		if n > 200*(len(text)+1) {
			t.Errorf("%d bytes of settings from %d", n, len(text))
		}
	})
}
