package experiment

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/descent-go/descent/checkpoint"
	"github.com/descent-go/descent/data"
	"github.com/descent-go/descent/internal/safetensors"
)

// table writes a table of points of two classes and returns its path.
func table(t *testing.T, name string, n int) string {
	t.Helper()
	var b strings.Builder
	b.WriteString("x,y,side\n")
	for i := range n {
		x, y := i%7-3, i*5%11-5
		side := "left"
		if 10*x+y > 0 {
			side = "right"
		}
		fmt.Fprintf(&b, "%d,%d,%s\n", x, y, side)
	}
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(b.String()), 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

func parsed(t *testing.T, text string) *Experiment {
	t.Helper()
	e, err := Parse("e.yaml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func opened(t *testing.T, e *Experiment, in Inputs) *Session {
	t.Helper()
	s, err := e.Open(t.Context(), in)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// outcome trains, and returns the bits of what the model has become.
func outcome(t *testing.T, s *Session) string {
	t.Helper()
	if _, err := s.Train(t.Context()); err != nil {
		t.Fatal(err)
	}
	f, err := s.Parameters()
	if err != nil {
		t.Fatal(err)
	}
	h := sha256.New()
	if _, err := f.WriteTo(h); err != nil {
		t.Fatal(err)
	}
	return hex.EncodeToString(h.Sum(nil))
}

// An opened experiment has every value, and repeats to the bit what was left
// open.
func TestResolved(t *testing.T) {
	points := table(t, "points.csv", 80)
	for _, c := range []struct{ text, want string }{
		{"data: spirals:n=100\nmodel: mlp:8\nepochs: 2\nseed: 7\n", "lr: 0.001|epochs: 2|val: 0.1|scale: none|optimizer: adamw"},
		{"data: " + points + "\nmodel: softmax\nepochs: 3\noptimizer: sgd:momentum=0.9,lr=0.25\nschedule: onecycle\n", "lr: 0.25|scale: standard|optimizer: sgd:momentum=0.9|schedule: onecycle"},
		{"data: spirals:n=12\nholdout: 0\nmodel: mlp:4,dropout:0.5\n", "epochs: 10|model: mlp:4,dropout:0.5"},
		{"function: rosenbrock\nsteps: 50\nnoise: 0.1\nseed: 3\n", "lr: 0.001|noise: 0.1|steps: 50"},
	} {
		c.text = strings.Replace(c.text, "mlp:4,dropout:0.5", "dense:4,dropout:0.5", 1)
		c.want = strings.Replace(c.want, "mlp:4,dropout:0.5", "dense:4,dropout:0.5", 1)
		s := opened(t, parsed(t, c.text), Inputs{})
		first := outcome(t, s)
		text := s.Experiment.YAML()
		for line := range strings.SplitSeq(c.want, "|") {
			if !strings.Contains("\n"+string(text), "\n"+line+"\n") {
				t.Errorf("%q: no %q in\n%s", c.text, line, text)
			}
		}
		again := opened(t, parsed(t, string(text)), Inputs{})
		if second := outcome(t, again); second != first {
			t.Errorf("%q gives other bits when it is repeated from\n%s", c.text, text)
		}
		if got := string(again.Experiment.YAML()); got != string(text) {
			t.Errorf("opened again:\n%s\nwant\n%s", got, text)
		}
	}
}

func TestOpenData(t *testing.T) {
	points, test := table(t, "points.csv", 80), table(t, "test.csv", 33)
	e := parsed(t, "model: softmax\nval: 0.25\nbatch: 5\n")
	e.Data, e.Test = points, test
	s := opened(t, e, Inputs{})
	if m := s.Data; m.Train.Len() != 60 || m.Validation.Len() != 20 || m.Test.Len() != 33 || m.Dim != 2 || m.Out != 2 ||
		m.Scaler == nil || m.Scaler.Kind != data.Standard || m.Schema == nil || !slices.Equal(m.Classes, []string{"left", "right"}) {
		t.Errorf("%+v", m)
	}
	if s.Net == nil || s.Model != "softmax" || s.Options.Epochs != 10 || s.Options.Validation == nil || !s.Resumable() {
		t.Errorf("%+v", s)
	}
	var files []string
	for _, f := range s.Files {
		text, err := os.ReadFile(f.Path)
		if err != nil {
			t.Fatal(err)
		}
		if sum := sha256.Sum256(text); f.SHA256 != hex.EncodeToString(sum[:]) || f.Bytes != int64(len(text)) {
			t.Errorf("%+v", f)
		}
		files = append(files, filepath.Base(f.Path))
	}
	if !slices.Equal(files, []string{"points.csv", "test.csv"}) {
		t.Errorf("files %q", files)
	}
	if e.LR != nil || e.Epochs != nil || e.Scale != "auto" {
		t.Error("Open has changed the experiment it was called on")
	}

	generated := opened(t, parsed(t, "data: digits:n=50\nmodel: softmax"), Inputs{})
	other := opened(t, parsed(t, "data: digits:n=50\nmodel: softmax\nseed: 1"), Inputs{})
	if f := generated.Files; len(f) != 1 || f[0].Path != "digits:n=50" || len(f[0].SHA256) != 64 || f[0].SHA256 == other.Files[0].SHA256 {
		t.Errorf("generated data: %+v", f)
	}
	notes := 0
	few := parsed(t, "data: spirals:n=4\nholdout: 0\nmodel: softmax")
	if s := opened(t, few, Inputs{Note: func(string, ...any) { notes++ }}); notes != 1 || s.Data.Validation != nil || *s.Experiment.Val != 0 {
		t.Errorf("too few to validate: %d notes, val %v", notes, *s.Experiment.Val)
	}
}

func TestOpenStream(t *testing.T) {
	text, err := os.ReadFile(table(t, "points.csv", 200))
	if err != nil {
		t.Fatal(err)
	}
	e := parsed(t, "data: '-'\nmodel: softmax\nbatch: 4\nsample: 20\ntarget: 0\n")
	s := opened(t, e, Inputs{Stdin: strings.NewReader(string(text))})
	if s.Resumable() || s.Options.Epochs != 0 || s.Options.EvalEvery != 100 || *s.Experiment.Epochs != 0 {
		t.Errorf("%+v", s.Options)
	}
	store, err := checkpoint.Open(t.TempDir(), 1)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Checkpoint(store, false); err != nil || s.Options.Checkpoints != nil {
		t.Errorf("checkpoints of a stream: %v, %v", s.Options.Checkpoints, err)
	}
	res, err := s.Train(t.Context())
	if err != nil || res.Steps != 50 || res.Examples != 200 {
		t.Errorf("%+v, %v", res, err)
	}
	e.Epochs = new(int)
	*e.Epochs = 2
	if s := opened(t, e, Inputs{Stdin: strings.NewReader(string(text))}); !s.Resumable() || s.Options.Epochs != 2 {
		t.Errorf("several passes: %+v", s.Options)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := parsed(t, "data: '-'").Open(ctx, Inputs{Stdin: strings.NewReader(string(text))}); !errors.Is(err, context.Canceled) {
		t.Errorf("interrupted while it waits: %v", err)
	}
}

func TestOpenFunction(t *testing.T) {
	s := opened(t, parsed(t, "function: rosenbrock\nstart: 0.5,0.5\noptimizer: adam\nlr: 0.1\nsteps: 2000\n"), Inputs{})
	if s.Data != nil || s.Source != nil || s.Net != nil || s.Function == nil || !slices.Equal(s.Start, []float64{0.5, 0.5}) || !s.Resumable() {
		t.Errorf("%+v", s)
	}
	res, err := s.Train(t.Context())
	if err != nil || !(float64(res.FinalLoss) < 1e-6) || res.Steps != 2000 {
		t.Errorf("%+v, %v", res, err)
	}
	f, err := s.Parameters()
	if err != nil {
		t.Fatal(err)
	}
	if x, shape, err := safetensors.Get[float64](f, "x"); err != nil || !slices.Equal(shape, []int{2}) || !slices.Equal(x, res.Point) {
		t.Errorf("parameters %v of shape %v, %v, want %v", x, shape, err, res.Point)
	}
	if text := string(s.Experiment.YAML()); strings.Contains(text, "data:") || strings.Contains(text, "epochs:") {
		t.Errorf("settings of data in\n%s", text)
	}
}

// A function to whose definition batches belong has those of the seed, and goes
// on with them.
func TestOpenSampledFunction(t *testing.T) {
	text := "function: quadratic_deep:n=10\noptimizer: sgd\nlr: 0.01\nsteps: 10\ncheckpoint-every: 4\ncheckpoint-seconds: 0\n"
	want := outcome(t, opened(t, parsed(t, text), Inputs{}))
	if outcome(t, opened(t, parsed(t, text+"seed: 1\n"), Inputs{})) == want {
		t.Error("two seeds have the same batches")
	}
	store, err := checkpoint.Open(filepath.Join(t.TempDir(), "c"), 2)
	if err != nil {
		t.Fatal(err)
	}
	for _, steps := range []string{"steps: 5\n", "steps: 10\n"} {
		s := opened(t, parsed(t, strings.Replace(text, "steps: 10\n", steps, 1)), Inputs{})
		if err := s.Checkpoint(store, true); err != nil {
			t.Fatal(err)
		}
		if got := outcome(t, s); (got == want) != (steps == "steps: 10\n") {
			t.Errorf("%s: the parameters of the whole run: %v", steps, got == want)
		}
	}
}

// What is wrong is told with the place of the setting.
func TestOpenErrors(t *testing.T) {
	points := table(t, "points.csv", 30)
	for _, c := range []struct{ text, want string }{
		{"ema: 0.9\nswa: true", "e.yaml:1:6: ema = 0.9, want one of it and swa"},
		{"epochs: 0", "e.yaml:1:9: epochs = 0, want at least 1, or that of steps"},
		{"function: rosenbrock", "experiment: steps = 0, want at least 1, because a function has no epochs"},
		{"function: rosenbrock\nsteps: 1\nmodel: softmax", "e.yaml:3:8: model = softmax: a function has neither data nor a network"},
		{"function: rosenbrock\nsteps: 1\nepochs: 3", "e.yaml:3:9: epochs = 3: a function has neither"},
		{"function: rosenbrock\nsteps: 1\nstart: 1,2,3", "e.yaml:3:8: start = 1,2,3: train: start of 3 coordinates"},
		{"start: 1,2", "e.yaml:1:8: start = 1,2: it goes with function"},
		{"noise: 1", "e.yaml:1:8: noise = 1: it goes with function"},
		{"optimizer: sgd:lr=0.1\nlr: 0.2", "e.yaml:2:5: lr = 0.2: optimizer sgd:lr=0.1 has a rate of its own"},
		{"data: '-'\nbatch: 0", "e.yaml:2:8: batch = 0: a stream has no whole"},
		{"data: digits:m=5", "e.yaml:1:7: data = digits:m=5: data: "},
		{"data: nowhere.csv", "e.yaml:1:7: data = nowhere.csv: data: "},
		{"val: 0.001\nmodel: softmax\ndata: " + points, "e.yaml:1:6: val = 0.001: data: "},
		{"model: linear\ndata: " + points, "e.yaml:1:8: model = linear: nn: "},
		{"schedule: warmup:steps=2000+cosine\ndata: spirals:n=40\nmodel: softmax", "e.yaml:1:11: schedule = warmup:steps=2000+cosine: schedule: "},
	} {
		_, err := parsed(t, c.text).Open(t.Context(), Inputs{})
		if err == nil || !strings.HasPrefix(err.Error(), c.want) {
			t.Errorf("%q: %v, want %s", c.text, err, c.want)
		}
	}
	e := Default()
	e.EMA = 0.9
	e.SWA = true
	var bad *Error
	if err := e.Check(); !errors.As(err, &bad) || bad.Flag() != "--ema 0.9: want one of it and --swa" {
		t.Errorf("as a flag: %v", err)
	}
}

// Settings hold what decides the future, and nothing else.
func TestSettings(t *testing.T) {
	base := "data: spirals:n=60\nmodel: mlp:4\nepochs: 2\n"
	of := func(text string) map[string]string {
		m, err := opened(t, parsed(t, text), Inputs{}).Settings()
		if err != nil {
			t.Fatal(err)
		}
		return m
	}
	for _, c := range []struct{ text, differs string }{
		{"name: x\ntags: [a]\ncheckpoint-every: 5\nkeep: 9\ntarget: 0\nmax-seconds: 100\nsteps: 7\npatience: 3\ndiagnose: [all]\n", ""},
		{"lr: 0.5\n", "lr"},
		{"optimizer: sgd\nlr: 0.001\n", "optimizer"},
		{"seed: 4\n", "data, seed"},
		{"batch: 8\n", "batch"},
		{"ema: 0.9\n", "ema"},
		{"schedule: exponential:gamma=0.9\n", "schedule"},
	} {
		a, b := of(base), of(base+c.text)
		var keys []string
		for _, key := range slices.Sorted(maps.Keys(b)) {
			if a[key] != b[key] {
				keys = append(keys, key)
			}
		}
		if got := strings.Join(keys, ", "); got != c.differs || len(a) != len(b) {
			t.Errorf("%q: %s differ, want %s", c.text, got, c.differs)
		}
	}
	short, long := of(base+"schedule: cosine\n"), of(strings.Replace(base, "epochs: 2", "epochs: 3", 1)+"schedule: cosine\n")
	if short["schedule"] == long["schedule"] {
		t.Errorf("a schedule of another length passes for the same: %s", short["schedule"])
	}
	points := table(t, "points.csv", 40)
	moved := table(t, "moved.csv", 40)
	a, b, c := of("model: softmax\ndata: "+points), of("model: softmax\ndata: "+moved), of("model: softmax\ndata: "+table(t, "points.csv", 41))
	if !maps.Equal(a, b) || a["data"] == c["data"] {
		t.Errorf("data: %s, moved %s, other %s", a["data"], b["data"], c["data"])
	}
}

// A session saves itself as its settings say, and goes on.
func TestCheckpoint(t *testing.T) {
	text := "data: spirals:n=60\nmodel: mlp:4\nepochs: 3\ncheckpoint-every: 2\ncheckpoint-seconds: 0\n"
	want := outcome(t, opened(t, parsed(t, text), Inputs{}))
	store, err := checkpoint.Open(filepath.Join(t.TempDir(), "c"), 2)
	if err != nil {
		t.Fatal(err)
	}
	half := opened(t, parsed(t, text+"steps: 3\n"), Inputs{})
	if err := half.Checkpoint(store, true); err != nil || half.Options.Checkpoints.Every != 2 {
		t.Fatal(err)
	}
	if got := outcome(t, half); got == want {
		t.Fatal("three steps give what the whole run gives")
	}
	rest := opened(t, parsed(t, text), Inputs{})
	if err := rest.Checkpoint(store, true); err != nil {
		t.Fatal(err)
	}
	if got := outcome(t, rest); got != want {
		t.Error("the resumed run has other parameters")
	}
	other := opened(t, parsed(t, text+"lr: 0.5\n"), Inputs{})
	if err := other.Checkpoint(store, true); err != nil {
		t.Fatal(err)
	}
	if _, err := other.Train(t.Context()); err == nil || !strings.Contains(err.Error(), "lr") && !strings.Contains(err.Error(), "LR") {
		t.Errorf("resumed at another rate: %v", err)
	}
}
