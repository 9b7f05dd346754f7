package experiment

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// The file to begin with is the defaults, and with nothing commented out it is
// an experiment all the same.
func TestTemplate(t *testing.T) {
	text := Default().Template()
	e, err := Parse("experiment.yaml", text)
	if err != nil {
		t.Fatal(err)
	}
	for _, key := range differing(Default(), e) {
		if s := find(key); !e.isUsual(s) {
			t.Errorf("%s = %s, want the default", key, s.format(e.field(s)))
		}
	}
	if err := e.Check(); err != nil {
		t.Error(err)
	}
	var full []string
	for line := range strings.Lines(string(text)) {
		if rest, ok := strings.CutPrefix(line, "# "); ok {
			key, _, _ := strings.Cut(rest, ":")
			if find(key) != nil {
				line = rest
			}
		}
		full = append(full, line)
		if len([]rune(line)) > 93 {
			t.Errorf("a line of %d columns: %s", len(line), line)
		}
	}
	if e, err = Parse("experiment.yaml", []byte(strings.Join(full, ""))); err != nil {
		t.Fatal(err)
	}
	for i := range settings {
		if s := &settings[i]; !e.present(s) {
			t.Errorf("%s is not in the file", s.Key)
		}
		if _, ok := e.given[settings[i].Key]; !ok {
			t.Errorf("%s is not in the file", settings[i].Key)
		}
	}
}

func TestParse(t *testing.T) {
	e, err := Parse("e.yaml", []byte("\ufeff# comment\r\nlr: 1e-3 # the rate\r\nsteps: 1e4\r\nclasses:\r\n  - 1\r\n  - yes\r\n  - 'a b'\r\ntarget-column: 3\r\nheader: yes\r\ntarget: null\r\nname: \"é\\n\"\r\nswa: true\r\nrecorded: {id: x, anything: [1, {a: b}]}\r\n"))
	if err != nil {
		t.Fatal(err)
	}
	if *e.LR != 1e-3 || e.Steps != 10000 || strings.Join(e.Classes, "|") != "1|yes|a b" || e.TargetColumn != "3" ||
		e.Header != "yes" || e.Target != nil || e.Name != "é\n" || !e.SWA || e.Data != "digits" {
		t.Errorf("%s", e.YAML())
	}
	for _, text := range []string{"", "# nothing\n", "---\n", "\ufeff"} {
		if e, err := Parse("e.yaml", []byte(text)); err != nil || differing(e, Default()) != nil {
			t.Errorf("%q: %v, want the defaults", text, err)
		}
	}
	if e, err = Parse("e.yaml", []byte("--- \n{lr: 0.5, epochs: 3}\n...\n")); err != nil || *e.LR != 0.5 || *e.Epochs != 3 {
		t.Errorf("a flow mapping: %v", err)
	}
}

// Whatever is wrong is told with file, line, column and what was expected.
func TestParseErrors(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"lr: -1", "e.yaml:1:5: lr = -1, want a finite number of at least 0"},
		{"\n\n  lr:   .inf", "e.yaml:3:9: lr = .inf, want a finite number of at least 0"},
		{"lr: .nan", "e.yaml:1:5: lr = .nan, want a finite number of at least 0"},
		{"lr: high", "e.yaml:1:5: lr = high, want a finite number of at least 0"},
		{"lr: \"0.1\"", "e.yaml:1:5: lr = 0.1, want a finite number of at least 0, without quotes"},
		{"lr: [1]", "e.yaml:1:5: lr = a list, want a finite number of at least 0"},
		{"lr: {a: 1}", "e.yaml:1:5: lr = a mapping, want a finite number of at least 0"},
		{"lr: |\n  1\n", "e.yaml:1:5: lr = a block of text, want a finite number of at least 0"},
		{"epochs: 1.5", "e.yaml:1:9: epochs = 1.5, want a whole number of at least 0"},
		{"keep: 0", "e.yaml:1:7: keep = 0, want a whole number of at least 1"},
		{"keep: 99999999999999999999", "e.yaml:1:7: keep = 99999999999999999999, want a whole number of at least 1"},
		{"seed: -1", "e.yaml:1:7: seed = -1, want a whole number of at least 0"},
		{"val: 1", "e.yaml:1:6: val = 1, want a number in [0, 1)"},
		{"ema: 1", "e.yaml:1:6: ema = 1, want a number in (0, 1), or 0"},
		{"swa: yes", "e.yaml:1:6: swa = yes, want true or false"},
		{"swa:", "e.yaml:1:6: swa = nothing, want true or false"},
		{"model: ~", "e.yaml:1:8: model = nothing, want text"},
		{"data: ''", "e.yaml:1:7: data = , want a source of data"},
		{"scale: log", "e.yaml:1:8: scale = log, want auto, standard, minmax, example or none"},
		{"tags: a", "e.yaml:1:7: tags = a, want a list such as [baseline, paper]"},
		{"tags: [a, '']", "e.yaml:1:7: tags = a,, want a list such as [baseline, paper]"},
		{"tags: [a, [b]]", "e.yaml:1:7: tags = a list, want a list such as [baseline, paper]"},
		{"diagnose: [all, none]", "e.yaml:1:11: diagnose = all,none, want a list of params, cosine, line, sharpness or all"},
		{"batch: 8\nlrr: 1", "e.yaml:2:1: no setting \"lrr\", did you mean lr?"},
		{"clip_norm: 1", "e.yaml:1:1: no setting \"clip_norm\", did you mean clip-norm?"},
		{"speed: 1", "e.yaml:1:1: no setting \"speed\", did you mean seed?"},
		{"momentum: 1", "e.yaml:1:1: no setting \"momentum\", want one of data, test,"},
		{"lr: 1\nbatch: 2\nlr: 2", "e.yaml:3:1: lr is given twice, first in line 1"},
		{"optimizer: adamm", "e.yaml:1:12: optimizer = adamm: optim: no rule \"adamm\"; there are"},
		{"optimizer: adam:beta2=1.2", "e.yaml:1:12: optimizer = adam:beta2=1.2: optim: Adam.Beta2 = 1.2, want [0, 1)"},
		{"optimizer: adam,sgd", "e.yaml:1:12: optimizer = adam,sgd, want one rule; compare takes several"},
		{"schedule: cosin", "e.yaml:1:11: schedule = cosin: schedule: \"cosin\", column 1: no schedule \"cosin\", did you mean cosine?"},
		{"plateau: factor=2", "e.yaml:1:10: plateau = factor=2: schedule: "},
		{"model: resnet:3", "e.yaml:1:8: model = resnet:3: "},
		{"function: rosenbrok", "e.yaml:1:11: function = rosenbrok: problem: "},
		{"start: 1;2", "e.yaml:1:8: start = 1;2: \"1;2\" is not a finite number"},
		{"data: *x", "e.yaml:1:7: an alias (*), want plain keys and values"},
		{"data: &x y", "e.yaml:1:7: an anchor (&), want plain keys and values"},
		{"lr: !!float 1", "e.yaml:1:5: a tag (!!float), want plain keys and values"},
		{"<<: {lr: 1}", "e.yaml:1:1: a merge (<<), want plain keys and values"},
		{"%YAML 1.2\n---\nlr: 1", "e.yaml:1:1: a directive (%), want plain keys and values"},
		{"lr: 1\n---\nlr: 2", "e.yaml:2:1: a second document, want one"},
		{"- a", "e.yaml:1:1: a list, want settings such as lr: 0.001"},
		{"lr", "e.yaml:1:1: a single value, want settings such as lr: 0.001"},
		{"1: 2", "e.yaml:1:1: \"1\", want the name of a setting"},
		{"lr: 1\nx: {", "e.yaml:2:4: no YAML: "},
		{"a: b: c", "e.yaml:1:4: no YAML: "},
		{"lr: 1\né\xff: 1", "e.yaml:2:2: want UTF-8"},
	} {
		e, err := Parse("e.yaml", []byte(c.text))
		if err == nil || !strings.HasPrefix(err.Error(), c.want) || e != nil {
			t.Errorf("%q: %v, want %s", c.text, err, c.want)
			continue
		}
		var bad *Error
		if !errors.As(err, &bad) || bad.File != "e.yaml" || bad.Line < 1 || bad.Column < 1 {
			t.Errorf("%q: %#v, want an *Error with its place", c.text, err)
		}
	}
}

// A file that claims much is refused before it takes long.
func TestParseLimits(t *testing.T) {
	many := strings.Builder{}
	for i := range 4000 {
		fmt.Fprintf(&many, "k%d: [1, 2, 3, 4]\n", i)
	}
	for name, text := range map[string]string{
		"bytes":     strings.Repeat("#", MaxBytes+1),
		"lines":     "name: |\n" + strings.Repeat("  \n", 300_000),
		"lines, \r": strings.Repeat("#\r", 300_000),
		"depth":     "name: " + strings.Repeat("[", MaxBytes/4),
		"depth, {":  strings.Repeat("{a: ", MaxBytes/16),
		"depth, -":  strings.Repeat("- ", MaxBytes/8),
		"keys":      many.String(),
		"words":     "tags: [" + strings.Repeat("a,", 100_000) + "]",
		"aliases":   "name: &a x\ntags: [" + strings.Repeat("*a,", 1000) + "]",
	} {
		began := time.Now()
		if _, err := Parse("e.yaml", []byte(text)); err == nil {
			t.Errorf("%s: no error", name)
		}
		if took := time.Since(began); took > 5*time.Second {
			t.Errorf("%s: %v", name, took)
		}
	}
}

func TestRead(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "e.yaml")
	if err := os.WriteFile(path, []byte("lr: 2\nbatch: x\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := Read(path); err == nil || !strings.HasPrefix(err.Error(), path+":2:8: batch = x, want") {
		t.Errorf("%v, want file, line and column", err)
	}
	if _, err := Read(filepath.Join(dir, "none.yaml")); !errors.Is(err, os.ErrNotExist) || !strings.Contains(err.Error(), "none.yaml") {
		t.Errorf("a missing file: %v", err)
	}
	if _, err := Read(dir); err == nil || !strings.Contains(err.Error(), dir) {
		t.Errorf("a folder: %v", err)
	}
	big := filepath.Join(dir, "big.yaml")
	if err := os.WriteFile(big, make([]byte, MaxBytes+100), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := Read(big); err == nil || !strings.Contains(err.Error(), "bytes") {
		t.Errorf("a large file: %v", err)
	}
}

func FuzzParse(f *testing.F) {
	for _, text := range []string{
		"", "lr: 0.1\nepochs: 3 # more\n", "\ufeffdata: 'x'\r\nclasses: [a, \"b\\u00e9\"]\r\n", "tags:\n- a\n- 1e3\n", "{lr: 1, swa: true}",
		"lr: &a 1\nema: *a\n", "recorded:\n  id: x\n  data: [{path: p, bytes: 1}]\n", "name: |\n  x\n", "? a\n: b\n", "a: b: c", "--- \n...\n---\n", "lr: ~",
		string(Default().YAML()),
	} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		e, err := Parse("e.yaml", text)
		if err != nil {
			var bad *Error
			if e != nil || !errors.As(err, &bad) || bad.Line < 1 || bad.Column < 1 {
				t.Fatalf("error %v without a place", err)
			}
			return
		}
		written := e.YAML()
		back, err := Parse("e.yaml", written)
		if err != nil {
			t.Fatalf("%v in what was written:\n%s", err, written)
		}
		if keys := differing(e, back); keys != nil {
			t.Fatalf("%v differ in what was written:\n%s", keys, written)
		}
		if _, err := ParseRecord("e.yaml", text); err != nil && !strings.HasPrefix(err.Error(), "e.yaml:") {
			t.Fatalf("record: %v", err)
		}
	})
}
