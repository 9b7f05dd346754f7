package lab

import (
	"context"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/descent-go/descent/experiment"
)

// task makes a task of the text of an experiment.
func task(tb testing.TB, text string) *Task {
	tb.Helper()
	e, err := experiment.Parse("test.yaml", []byte(text))
	if err != nil {
		tb.Fatal(err)
	}
	t, err := NewTask(context.Background(), e, experiment.Inputs{})
	if err != nil {
		tb.Fatal(err)
	}
	return t
}

func session(t *testing.T, k *Task, s Settings, seed uint64) *experiment.Session {
	t.Helper()
	got, err := k.Session(s, seed)
	if err != nil {
		t.Fatal(err)
	}
	return got
}

// The seed moves the start of a function within its box, the same for all
// settings, and not where it makes noise.
func TestStart(t *testing.T) {
	adam, sgd := Settings{"optimizer": "adam"}, Settings{"optimizer": "sgd"}
	for _, c := range []struct {
		text string
		box  []float64
	}{
		{"function: rosenbrock\nsteps: 5", []float64{0.2, 0.2}},
		{"function: bowl\nsteps: 5", []float64{1, 0.4}},
		{"function: rosenbrock-n:n=3\nsteps: 5", []float64{0.06, 0.05, 0.06}},
		{"function: rosenbrock\nsteps: 5\nstart: 0,0", []float64{0.2, 0.2}},
		{"function: rosenbrock\nsteps: 5\nnoise: 0.1", []float64{0, 0}},
		{"function: quadratic_deep:n=5\nsteps: 5", make([]float64, 5)},
	} {
		k := task(t, c.text)
		usual := k.prepared.First().Start
		var far [5]float64
		for seed := range uint64(200) {
			s := session(t, k, adam, seed)
			if other := session(t, k, sgd, seed); !slices.Equal(s.Start, other.Start) {
				t.Fatalf("%s: rules start at %v and %v", c.text, s.Start, other.Start)
			}
			if !slices.Equal(s.Params64[0].Data, s.Start) {
				t.Fatalf("%s: the parameters are %v at the start %v", c.text, s.Params64[0].Data, s.Start)
			}
			for i, x := range s.Start {
				far[i] = max(far[i], math.Abs(x-usual[i]))
			}
		}
		for i, w := range c.box {
			if far[i] > w || far[i] < 0.9*w {
				t.Errorf("%s: coordinate %d moves by %v, want nearly %v", c.text, i, far[i], w)
			}
		}
	}
}

// Sessions share the data, split by the task's seed; model and batches are their
// own, and of their seed.
func TestSessionsShareData(t *testing.T) {
	k := task(t, "data: digits:n=300\nmodel: mlp:8\nepochs: 1\nseed: 7")
	a, b := session(t, k, nil, 1), session(t, k, Settings{"batch": "7"}, 1)
	first := k.prepared.First()
	if a.Data.Train != first.Data.Train || a.Data.Validation != b.Data.Validation || a.Data.Test != b.Data.Test {
		t.Error("the data are not shared")
	}
	if &a.Params[0].Data[0] == &b.Params[0].Data[0] {
		t.Error("the parameters are shared")
	}
	if !slices.Equal(a.Params[0].Data, b.Params[0].Data) {
		t.Error("the same seed begins elsewhere")
	}
	if c := session(t, k, nil, 2); slices.Equal(a.Params[0].Data, c.Params[0].Data) {
		t.Error("another seed begins at the same place")
	}
	if a.Experiment.Seed != 1 || b.Experiment.Batch != 7 {
		t.Errorf("seed %d, batch %d, want 1, 7", a.Experiment.Seed, b.Experiment.Batch)
	}
	whole := task(t, "data: digits:n=300\nmodel: mlp:8\nepochs: 1\nseed: 7").prepared.First()
	if !slices.Equal(whole.Data.Train.X, a.Data.Train.X) {
		t.Error("the split is not of the task's seed")
	}
}

func TestTaskErrors(t *testing.T) {
	k := task(t, "data: digits:n=300\nmodel: mlp:8\nepochs: 1")
	for _, c := range []struct {
		settings Settings
		want     string
	}{
		{Settings{"lr": "-1"}, "experiment: lr = -1, want"},
		{Settings{"lr": "x"}, "experiment: lr = x, want a finite number"},
		{Settings{"optimizer": "adamm"}, `no rule "adamm"`},
		{Settings{"data": "spirals"}, "data = spirals: it is the same for all runs"},
		{Settings{"val": "0.2"}, "it is the same for all runs"},
		{Settings{"seed": "2"}, "it is the same for all runs"},
		{Settings{"learning-rate": "2"}, "learning-rate = 2: there is no such setting"},
		{Settings{"optimizer": "sgd:lr=0.1", "lr": "0.2"}, "has a rate of its own"},
		{Settings{"schedule": "cosin"}, "cosin"},
	} {
		if _, err := k.Session(c.settings, 1); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%v: %v, want %q", c.settings, err, c.want)
		}
	}
	e, err := experiment.Parse("test.yaml", []byte("data: '-'\nepochs: 0\nsample: 2"))
	if err != nil {
		t.Fatal(err)
	}
	rows := strings.NewReader("x,y\n1,a\n2,b\n3,a\n4,b\n")
	if _, err := NewTask(context.Background(), e, experiment.Inputs{Stdin: rows}); err == nil || !strings.Contains(err.Error(), "rows arrive once") {
		t.Errorf("rows that arrive once: %v", err)
	}
}

func TestTaskName(t *testing.T) {
	for text, want := range map[string]string{
		"function: rosenbrock\nsteps: 5":                   "rosenbrock",
		"data: digits:n=300\nmodel: mlp:8":                 "digits:n=300/mlp:8",
		"data: digits:n=300\nmodel: mlp:8\nname: my trial": "my trial",
	} {
		if got := task(t, text).Name(); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
	if got := task(t, "data: digits:n=1000\nmodel: softmax\nbatch: 10\nepochs: 2\nval: 0\naccumulate: 4").Steps(); got != 160 {
		t.Errorf("a budget of %d gradients, want 160", got)
	}
}
