//go:build tensorboard

package tensorboard

import (
	"encoding/json"
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"
)

// A shown run is what TensorBoard must show of it: see testdata/check.py.
type shown struct {
	Files      map[string]int   `json:"files"` // events of each whole file
	Scalars    map[string][]any `json:"scalars"`
	Histograms map[string][]any `json:"histograms"`
	Texts      map[string][]any `json:"texts"`
	Settings   map[string]any   `json:"settings"`
	Status     string           `json:"status"`
}

// add adds what a file holds, without what its session start takes back.
func (s *shown) add(r *recording) {
	var start int64 = math.MinInt64
	if len(r.starts) > 0 {
		start = r.starts[0]
	}
	for _, of := range []map[string][]any{s.Scalars, s.Histograms, s.Texts} {
		for tag := range of {
			of[tag] = slices.DeleteFunc(of[tag], func(point any) bool { return point.([]any)[0].(int64) >= start })
			if len(of[tag]) == 0 {
				delete(of, tag)
			}
		}
	}
	for _, v := range r.values {
		switch v.plugin + s.plugin(v.tag) {
		case "scalars", "scalarsscalars":
			s.Scalars[v.tag] = append(s.Scalars[v.tag], []any{v.step, hex(v.numbers[0])})
		case "histograms", "histogramshistograms":
			buckets := [][]string{}
			for i := 0; i < len(v.numbers); i += 3 {
				buckets = append(buckets, []string{hex(v.numbers[i]), hex(v.numbers[i+1]), hex(v.numbers[i+2])})
			}
			s.Histograms[v.tag] = append(s.Histograms[v.tag], []any{v.step, buckets})
		case "text", "texttext":
			s.Texts[v.tag] = append(s.Texts[v.tag], []any{v.step, v.text})
		}
	}
}

// plugin returns that of a tag which is known already.
func (s *shown) plugin(tag string) string {
	switch {
	case s.Scalars[tag] != nil:
		return "scalars"
	case s.Histograms[tag] != nil:
		return "histograms"
	case s.Texts[tag] != nil:
		return "text"
	}
	return ""
}

func hex(v float64) string { return fmt.Sprintf("%016x", math.Float64bits(v)) }

// The real TensorBoard reads runs that ended well, were killed and resumed, and
// diverged. DESCENT_TENSORBOARD_PYTHON names a Python that has it.
func TestRealTensorBoard(t *testing.T) {
	python := os.Getenv("DESCENT_TENSORBOARD_PYTHON")
	if python == "" {
		t.Fatal("DESCENT_TENSORBOARD_PYTHON is not set, want a Python with tensorboard installed")
	}
	root := t.TempDir()
	logs := filepath.Join(root, "logs")
	runs := map[string]*shown{}
	for i, c := range []struct {
		run, status string
		parts       []int // stories
	}{
		{"complete", "success", []int{0}},
		{"interrupted", "", []int{1}},
		{"resumed", "success", []int{1, 2}},
		{"diverged", "failure", []int{3}},
	} {
		s := &shown{
			Files: map[string]int{}, Scalars: map[string][]any{}, Histograms: map[string][]any{}, Texts: map[string][]any{},
			Status: c.status,
			Settings: map[string]any{
				"optimizer": "adamw", "learning-rate": 0.5 + float64(i), "batch": 32.0, "nesterov": true, "clip": "+Inf",
				"seed": "9223372036854775809", "budget": "1m30s",
			},
		}
		dir := filepath.Join(logs, c.run)
		for part, story := range c.parts {
			w, err := New(dir, Options{Clock: ticking(1_700_000_000), Settings: settings(0.5 + float64(i))})
			if err != nil {
				t.Fatal(err)
			}
			stories[story].tell(t, w)
			if err := w.Close(); err != nil {
				t.Fatal(err)
			}
			r := readFile(t, w.Path())
			s.Files[filepath.Base(w.Path())] = r.events
			if part < len(c.parts)-1 { // a process killed while it wrote a record
				tear(t, w.Path())
			}
			s.add(r)
		}
		runs[c.run] = s
	}
	expected := map[string]any{"runs": runs}
	check(t, python, logs, expected)

	if err := Describe(logs, experiment, Options{}); err != nil {
		t.Fatal(err)
	}
	columns := map[string]any{}
	for _, s := range experiment.Settings {
		columns[s.Name] = s.Values
	}
	expected["experiment"] = map[string]any{"description": experiment.Description, "settings": columns, "metrics": experiment.Metrics}
	check(t, python, logs, expected)
}

// tear appends the beginning of a record.
func tear(t *testing.T, path string) {
	t.Helper()
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_APPEND, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	record := appendRecord(nil, appendStart(nil, 1, ticking(0)()))
	if _, err := f.Write(record[:len(record)-7]); err != nil {
		t.Fatal(err)
	}
}

func check(t *testing.T, python, logs string, expected map[string]any) {
	t.Helper()
	text, err := json.Marshal(expected)
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(filepath.Dir(logs), "expected.json")
	if err := os.WriteFile(file, text, 0o666); err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command(python, filepath.Join("testdata", "check.py"), logs, file).Output()
	t.Logf("%s", out)
	if err != nil {
		t.Errorf("%v", err)
		if exit, ok := err.(*exec.ExitError); ok {
			t.Logf("%s", exit.Stderr)
		}
	}
}
