package lab

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/descent-go/descent/data"
	"github.com/descent-go/descent/experiment"
	"github.com/descent-go/descent/nn"
	"github.com/descent-go/descent/train"
)

// untimed returns the JSON of outcomes without what depends on the clock.
func untimed(t *testing.T, all []Outcome) string {
	t.Helper()
	var b strings.Builder
	for _, o := range all {
		o.Seconds = 0
		text, err := json.Marshal(o)
		if err != nil {
			t.Fatal(err)
		}
		b.Write(append(text, '\n'))
	}
	return b.String()
}

func equal(t *testing.T, what string, got, want []Outcome) {
	t.Helper()
	if a, b := untimed(t, got), untimed(t, want); a != b {
		t.Errorf("%s: %s\nwant %s", what, a, b)
	}
}

// mixed are trials of several lengths, one of which diverges.
func mixed() []Trial {
	var all []Trial
	for i, rate := range []string{"0.01", "0.001", "1e9", "0.1", "0.003", "0.0001", "0.03"} {
		for seed := range uint64(2) {
			all = append(all, Trial{Settings: Settings{"optimizer": "momentum", "lr": rate}, Seed: seed, Steps: int64(10 + 7*i), Test: i%2 == 0})
		}
	}
	return all
}

// The outcomes are the same bits for any number of trials at a time.
func TestParallel(t *testing.T) {
	for _, text := range []string{
		"function: rosenbrock\nsteps: 100",
		"function: rosenbrock-n\nsteps: 100\nnoise: 0.3",
		"function: quadratic_deep:n=6\nsteps: 100",
		"data: digits:n=300\nmodel: mlp:70\nepochs: 1",
		"data: spirals:n=200\nmodel: mlp:8\nepochs: 1\nval: 0",
	} {
		k := task(t, text)
		var want []Outcome
		for _, n := range []int{1, 2, 4, 100} {
			p := Pool{Parallel: n}
			got, err := p.Run(context.Background(), k, mixed())
			if err != nil {
				t.Fatal(err)
			}
			if want == nil {
				want = got
				continue
			}
			equal(t, fmt.Sprintf("%s: %d at a time", k.Name(), n), got, want)
		}
	}
}

func TestOutcome(t *testing.T) {
	for _, c := range []struct {
		text               string
		validated, labeled bool
	}{
		{"function: rosenbrock\nsteps: 1000", false, false},
		{"data: digits:n=400\nmodel: softmax\nepochs: 4", true, true},
		{"data: digits:n=400\nmodel: softmax\nepochs: 4\nval: 0", false, false},
	} {
		k := task(t, c.text)
		p := Pool{}
		all, err := p.Run(context.Background(), k, []Trial{
			{Settings: Settings{"optimizer": "adam", "lr": "0.01"}, Curve: true},
			{Settings: Settings{"optimizer": "sgd", "lr": "1e30"}, Curve: true},
			{Settings: Settings{"optimizer": "adam", "lr": "0.01"}, Test: true},
		})
		if err != nil {
			t.Fatal(err)
		}
		good, bad, tested := all[0], all[1], all[2]
		if tested.Curve != nil || tested.Final != good.Final {
			t.Errorf("%s: %d points that nobody asked for; ends with %v, want %v", k.Name(), len(tested.Curve), tested.Final, good.Final)
		}
		n := len(good.Curve)
		last := good.Curve[n-1]
		if n < leastPoints/2 || n > points || last.Step != k.Steps() || last.Loss != good.Final {
			t.Errorf("%s: %d points to %+v, want up to %d that end at step %d with %v", k.Name(), n, last, points, k.Steps(), good.Final)
		}
		for i := 1; i < n; i++ {
			if good.Curve[i].Step <= good.Curve[i-1].Step {
				t.Fatalf("%s: step %d after %d", k.Name(), good.Curve[i].Step, good.Curve[i-1].Step)
			}
		}
		if !(good.Final < good.First) || good.Best > good.Final || good.Steps != k.Steps() || good.Diverged != nil {
			t.Errorf("%s: %+v", k.Name(), good)
		}
		if bad.Diverged == nil || !math.IsInf(float64(bad.Final), 1) || bad.Steps >= good.Steps {
			t.Errorf("%s diverges: %+v", k.Name(), bad)
		}
		if (good.Accuracy != nil) != c.labeled {
			t.Errorf("%s: accuracy %v", k.Name(), good.Accuracy)
		}
		if good.Test != nil || good.TestAccuracy != nil || (tested.Test != nil) != strings.HasPrefix(c.text, "data") {
			t.Errorf("%s: test loss %v without asking, %v with", k.Name(), good.Test, tested.Test)
		}
		if good.StateBytes == 0 || good.Seconds <= 0 {
			t.Errorf("%s: %d bytes, %v s", k.Name(), good.StateBytes, good.Seconds)
		}
	}
}

// The gradients of a step count one by one, and what would end a run is left out.
func TestBudget(t *testing.T) {
	k := task(t, "data: digits:n=300\nmodel: softmax\nbatch: 30\nepochs: 3\naccumulate: 2\npatience: 1\ntarget: 100\nmax-seconds: 1e-9")
	p := Pool{}
	all, err := p.Run(context.Background(), k, []Trial{
		{Steps: 20}, {Steps: 20, Settings: Settings{"accumulate": "4"}}, {Steps: 20, Settings: Settings{"lr": "0"}}, {},
	})
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []int64{10, 5, 10, 12} {
		if all[i].Steps != want {
			t.Errorf("trial %d took %d steps, want %d", i, all[i].Steps, want)
		}
	}
}

func TestPoolErrors(t *testing.T) {
	k := task(t, "function: rosenbrock\nsteps: 100000")
	p := Pool{Parallel: 2}
	if _, err := p.Run(context.Background(), k, []Trial{{}, {Settings: Settings{"lr": "-1"}}, {}}); err == nil || !strings.Contains(err.Error(), "lab: rosenbrock: experiment: lr = -1") {
		t.Errorf("a bad trial: %v", err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	p.Sink = func(Event) { cancel() }
	if _, err := p.Run(ctx, k, mixed()); !errors.Is(err, context.Canceled) {
		t.Errorf("the end of the context: %v", err)
	}
}

// countsTests is a model that counts how often it is judged on the test set.
type countsTests struct {
	*nn.Net
	test  *data.Set
	times *int
}

func (m countsTests) Evaluate(b *data.Batch) (float64, int, error) {
	if b.N == m.test.Len() { // no other set is as large
		*m.times++
	}
	return m.Net.Evaluate(b)
}

// ownTask is a task whose model belongs to the program.
func ownTask(t *testing.T, times *int) *Task {
	t.Helper()
	sets, err := data.Open("digits:n=300", data.Options{Holdout: 0.4})
	if err != nil {
		t.Fatal(err)
	}
	net, err := nn.ParseShape("mlp:6", sets.Train.Shape, len(sets.Train.Classes), nn.Classify)
	if err != nil {
		t.Fatal(err)
	}
	own, err := experiment.NewOwn[float32](countsTests{net, sets.Test, times}, sets)
	if err != nil {
		t.Fatal(err)
	}
	k, err := NewTask(context.Background(), experiment.DefaultOf(own), experiment.Inputs{})
	if err != nil {
		t.Fatal(err)
	}
	return k
}

// A program's own model is trained by one session at a time, with the same
// outcomes, and its test set is not touched unless a trial asks for it.
func TestOwnModel(t *testing.T) {
	times := 0
	k := ownTask(t, &times)
	trials, asked := mixed(), 0
	for i := range trials {
		if trials[i].Test = i == 3; trials[i].Test {
			asked++
		}
	}
	var want []Outcome
	for _, n := range []int{1, 4} {
		p := Pool{Parallel: n}
		got, err := p.Run(context.Background(), k, trials)
		if err != nil {
			t.Fatal(err)
		}
		if want == nil {
			want = got
		}
		equal(t, "one model", got, want)
	}
	if times != 2*asked {
		t.Errorf("the test set was looked at %d times, want %d", times, 2*asked)
	}
}

// Trials cost little beside what they train: what a trial of 2,000 steps takes
// against the loop alone. Run with -bench to see both.
func BenchmarkTrial(b *testing.B) {
	k := task(b, "function: rosenbrock\nsteps: 2000")
	trials := make([]Trial, 64)
	for i := range trials {
		trials[i] = Trial{Settings: Settings{"optimizer": "adam", "lr": "0.01"}, Seed: uint64(i)}
	}
	b.ReportAllocs()
	busy := 0.0
	n := 0
	for b.Loop() {
		p := Pool{Parallel: 1}
		all, err := p.Run(context.Background(), k, trials)
		if err != nil {
			b.Fatal(err)
		}
		for _, o := range all {
			busy += o.Seconds
			n++
		}
	}
	b.ReportMetric(float64(n)/b.Elapsed().Seconds(), "trials/s")
	b.ReportMetric(100*(b.Elapsed().Seconds()-busy)/busy, "%overhead")
}

func BenchmarkDigits(b *testing.B) {
	k := task(b, "data: digits\nmodel: mlp:32\nepochs: 3")
	for _, n := range []int{1, runtime.GOMAXPROCS(0)} {
		b.Run(fmt.Sprintf("parallel=%d", n), func(b *testing.B) {
			trials := make([]Trial, 8)
			for i := range trials {
				trials[i] = Trial{Settings: Settings{"optimizer": "adam", "lr": "0.001"}, Seed: uint64(i)}
			}
			busy := 0.0
			start := time.Now()
			done := 0
			for b.Loop() {
				p := Pool{Parallel: n}
				all, err := p.Run(context.Background(), k, trials)
				if err != nil {
					b.Fatal(err)
				}
				for _, o := range all {
					busy += o.Seconds
					done++
				}
			}
			wall := time.Since(start).Seconds() * float64(n)
			b.ReportMetric(float64(done)/time.Since(start).Seconds(), "trials/s")
			b.ReportMetric(100*(wall-busy)/busy, "%overhead")
		})
	}
}

var _ train.Evaluator = countsTests{}
