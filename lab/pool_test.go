package lab

import (
	"context"
	"strings"
	"testing"

	"github.com/descent-go/descent/experiment"
)

// task makes a task of an experiment file's text.
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

func TestPool(t *testing.T) {
	for _, text := range []string{
		"function: rosenbrock\nsteps: 500",
		"function: rosenbrock\nsteps: 500\nnoise: 0.1",
		"data: digits:n=600\nmodel: mlp:16\nepochs: 3",
		"data: digits:n=600\nmodel: mlp:16\nepochs: 3\nval: 0",
	} {
		k := task(t, text)
		p := Pool{Parallel: 2}
		all, err := p.Run(context.Background(), k, []Trial{
			{Settings: Settings{"optimizer": "adam", "lr": "0.01"}},
			{Settings: Settings{"optimizer": "sgd", "lr": "1e9"}, Seed: 1},
			{Settings: Settings{"optimizer": "sgd", "lr": "0.0001"}, Seed: 1, Test: true},
		})
		if err != nil {
			t.Fatal(err)
		}
		for _, o := range all {
			t.Logf("%s %v: first %v final %v best %v, test %v acc %v, %d steps %v s, %d points, %v", k.Name(), o.Settings, o.First, o.Final, o.Best, o.Test, o.Accuracy, o.Steps, o.Seconds, len(o.Curve), o.Diverged)
		}
		_ = strings.TrimSpace
	}
}

func BenchmarkRosenbrock(b *testing.B) {
	k := task(b, "function: rosenbrock\nsteps: 2000")
	p := Pool{Parallel: 1}
	tr := make([]Trial, b.N)
	for i := range tr {
		tr[i] = Trial{Settings: Settings{"optimizer": "adam", "lr": "0.01"}, Seed: uint64(i)}
	}
	b.ReportAllocs()
	b.ResetTimer()
	if _, err := p.Run(context.Background(), k, tr); err != nil {
		b.Fatal(err)
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "trials/s")
}
