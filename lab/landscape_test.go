package lab

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"gonum.org/v1/gonum/mat"

	"github.com/descent-go/descent/experiment"
	"github.com/descent-go/descent/internal/safetensors"
	"github.com/descent-go/descent/problem"
	"github.com/descent-go/descent/train"
)

func survey(t *testing.T, text string, o LandscapeOptions) *Landscape {
	t.Helper()
	l, err := Survey(context.Background(), task(t, text), o)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// closeTo reports whether two numbers are the same but for rounding.
func closeTo(a, b, tolerance float64) bool {
	return math.Abs(a-b) <= tolerance*max(1, math.Abs(a), math.Abs(b))
}

// On a quadratic the landscape is the closed form c + gᵀd + ½dᵀHd in both planes.
func TestLandscapeOfQuadratic(t *testing.T) {
	const spec = "quadratic:n=6,kappa=20,rotate=true"
	p, err := problem.ResolveProblem(spec)
	if err != nil {
		t.Fatal(err)
	}
	var h mat.SymDense
	for _, kind := range []string{PathPlane, RandomPlane} {
		k := task(t, "function: '"+spec+"'\noptimizer: sgd:momentum=0.8\nlr: 0.02\nsteps: 60")
		o := LandscapeOptions{Plane: kind, Grid: 25, Seed: 3, Parallel: 2}
		if err := o.check(); err != nil {
			t.Fatal(err)
		}
		own, routes, err := k.routes(context.Background(), o)
		if err != nil {
			t.Fatal(err)
		}
		l := &Landscape{Plane: kind, Paths: routes}
		pl, err := l.lay(own, o)
		if err != nil {
			t.Fatal(err)
		}
		if err := k.evaluate(context.Background(), l, pl, own, nil, o); err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(own.Point(), pl.center) {
			t.Errorf("%s: the model was left at %v, want %v", kind, own.Point(), pl.center)
		}
		g := make([]float64, 6)
		c := p.Gradient(pl.center, g)
		h.Reset()
		p.(problem.HessianProblem).Hessian(pl.center, &h)
		if float64(l.Center) != c || l.Loss[12][12] == l.Loss[12][13] {
			t.Errorf("%s: %v in the middle, want %v", kind, l.Center, c)
		}
		for j, y := range l.Y {
			for i, x := range l.X {
				d := mat.NewVecDense(6, nil)
				for n := range 6 {
					d.SetVec(n, x*pl.u[n]+y*pl.v[n])
				}
				want := c + mat.Dot(mat.NewVecDense(6, g), d) + 0.5*mat.Inner(d, &h, d)
				if got := float64(l.Loss[j][i]); !closeTo(got, want, 1e-11) {
					t.Fatalf("%s: %v at %v, %v, want %v", kind, got, x, y, want)
				}
			}
		}
	}
}

// The loss of linear regression is a quadratic in the parameters of a network too:
// its second differences along a line of the grid are all the same.
func TestLandscapeOfLinearNetwork(t *testing.T) {
	var table strings.Builder
	table.WriteString("a,b,y\n")
	for i := range 90 {
		a, b := i*7%31, i*11%23
		fmt.Fprintf(&table, "%d,%d,%v\n", a, b, float64(2*a-3*b)+0.5*float64(i%5))
	}
	path := filepath.Join(t.TempDir(), "line.csv")
	if err := os.WriteFile(path, []byte(table.String()), 0o644); err != nil {
		t.Fatal(err)
	}
	for _, set := range []string{"train", "validation"} {
		l := survey(t, "data: "+path+"\ntarget-column: y\nmodel: linear\nepochs: 3\noptimizer: sgd\nlr: 0.02", LandscapeOptions{Grid: 25, Set: set, Plane: RandomPlane})
		top := 0.0
		for _, v := range l.Loss[3] {
			top = max(top, float64(v))
		}
		var bend []float64
		for i := 1; i < len(l.X)-1; i++ {
			row := l.Loss[3]
			bend = append(bend, float64(row[i-1])-2*float64(row[i])+float64(row[i+1]))
		}
		if spread := slices.Max(bend) - slices.Min(bend); spread > 1e-5*top || slices.Min(bend) <= 0 {
			t.Errorf("%s: second differences from %v to %v", set, slices.Min(bend), slices.Max(bend))
		}
		if l.Set != set || l.Loss[12][12] != l.Center {
			t.Errorf("%s: set %s, %v in the middle, want %v", set, l.Set, l.Loss[12][12], l.Center)
		}
	}
}

// Every neuron and filter of a random direction has the norm of the model's;
// biases and normalisation have none.
func TestRandomDirections(t *testing.T) {
	k := task(t, "data: digits:n=60\nmodel: conv:4x3,bn,pool:2,dense:7\nepochs: 1\nseed: 2")
	own, routes, err := k.routes(context.Background(), LandscapeOptions{})
	if err != nil {
		t.Fatal(err)
	}
	l := &Landscape{Plane: RandomPlane, Paths: routes}
	p, err := l.lay(own, LandscapeOptions{Plane: RandomPlane, Grid: 25, Span: 1, Seed: 9})
	if err != nil {
		t.Fatal(err)
	}
	norm := func(all []float64, first, step, n int) float64 {
		sum := 0.0
		for i := range n {
			sum += all[first+i*step] * all[first+i*step]
		}
		return math.Sqrt(sum)
	}
	filters, at := 0, 0
	for _, q := range own.Params {
		n := len(q.Data)
		for _, d := range [][]float64{p.u, p.v} {
			switch {
			case len(q.Shape) == 1:
				if norm(d, at, 1, n) != 0 {
					t.Errorf("%s changes along the direction", q.Name)
				}
				continue
			case len(q.Shape) == 2:
				for j := range q.Shape[1] {
					filters++
					if got, want := norm(d, at+j, q.Shape[1], q.Shape[0]), norm(p.center, at+j, q.Shape[1], q.Shape[0]); !closeTo(got, want, 1e-12) || want == 0 {
						t.Errorf("%s, neuron %d: norm %v, want %v", q.Name, j, got, want)
					}
				}
			default:
				run := n / q.Shape[0]
				for j := range q.Shape[0] {
					filters++
					if got, want := norm(d, at+j*run, 1, run), norm(p.center, at+j*run, 1, run); !closeTo(got, want, 1e-12) || want == 0 {
						t.Errorf("%s, filter %d: norm %v, want %v", q.Name, j, got, want)
					}
				}
			}
		}
		at += n
	}
	if filters != 2*(4+7+10) {
		t.Errorf("%d filters and neurons, want %d", filters, 2*(4+7+10))
	}
	if slices.Equal(p.u, p.v) {
		t.Error("both directions are the same")
	}
}

// The experiment trains to the model that it always comes to, whatever rules are
// trained beside it, and the result does not depend on Parallel.
func TestSurveyIsTheRun(t *testing.T) {
	const text = "data: digits:n=200\nmodel: dense:12,bn,dense:6\nepochs: 4\noptimizer: adam\nlr: 0.01\nseed: 5\nschedule: cosine\nema: 0.9\npatience: 3"
	e, err := experiment.Parse("test.yaml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	alone, err := e.Open(context.Background(), experiment.Inputs{})
	if err != nil {
		t.Fatal(err)
	}
	res, err := alone.Train(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	want, err := alone.Parameters()
	if err != nil {
		t.Fatal(err)
	}
	var kept []byte
	for _, parallel := range []int{1, 3} {
		o := LandscapeOptions{Grid: 25, Parallel: parallel, Optimizers: []string{"sgd:momentum=0.9,lr=0.05", "lion"}}
		stages := map[string]int64{}
		o.Sink = func(e Event) {
			if s, ok := e.(*Surveying); ok {
				stages[s.Stage] = s.Done
			} else if s := e.(*SurveyStarted); len(stages) > 0 || s.Grid != 25 || s.Plane != PathPlane || len(s.Optimizers) != 2 {
				t.Errorf("%+v after %v", s, stages)
			}
		}
		k, err := NewTask(context.Background(), e, experiment.Inputs{})
		if err != nil {
			t.Fatal(err)
		}
		l, err := Survey(context.Background(), k, o)
		if err != nil {
			t.Fatal(err)
		}
		if d, err := safetensors.Difference(want, l.Model()); d != "" || err != nil {
			t.Errorf("the model differs: %s (%v)", d, err)
		}
		text, err := json.Marshal(l)
		if err != nil {
			t.Fatal(err)
		}
		if kept != nil && string(kept) != string(text) {
			t.Errorf("the result depends on Parallel")
		}
		kept = text
		if len(l.Paths) != 3 || l.Paths[0].Optimizer != "adam" || l.Paths[1].Rate != 0.05 || l.Paths[2].Optimizer != "lion" {
			t.Fatalf("paths %+v", l.Paths)
		}
		for i, r := range l.Paths {
			n := len(r.X) - 1
			if r.Step[0] != 0 || !closeTo(r.X[0], l.Paths[0].X[0], 1e-12) || !closeTo(r.Y[0], l.Paths[0].Y[0], 1e-12) || len(r.Y) != n+1 || len(r.Step) != n+1 {
				t.Errorf("%s starts at step %d, %v, %v", r.Optimizer, r.Step[0], r.X[0], r.Y[0])
			}
			if i == 0 && (r.X[n] != 0 || r.Y[n] != 0 || r.Step[n] != res.Steps) {
				t.Errorf("the path ends at step %d, %v, %v, not at the model", r.Step[n], r.X[n], r.Y[n])
			}
		}
		if share := float64(l.Projection.Share); !(share > 0.5 && share < 1) || !closeTo(float64(l.Components[0]+l.Components[1]), share, 1e-9) {
			t.Errorf("share %v of components %v", share, *l.Components)
		}
		if stages["grid"] != 625 || len(stages) != 4 {
			t.Errorf("stages %v", stages)
		}
	}
}

// A rule that diverges is shown and has no part in the plane.
func TestSurveyWithDivergence(t *testing.T) {
	const text = "function: rosenbrock-n:n=4\noptimizer: adam\nlr: 0.02\nsteps: 300"
	alone := survey(t, text, LandscapeOptions{Grid: 25})
	l := survey(t, text, LandscapeOptions{Grid: 25, Optimizers: []string{"sgd:lr=1"}})
	if l.Paths[1].Diverged == nil || len(l.Paths[1].X) < 1 {
		t.Fatalf("path %+v", l.Paths[1])
	}
	l.Paths = l.Paths[:1]
	a, err := json.Marshal(alone)
	if err != nil {
		t.Fatal(err)
	}
	if b, err := json.Marshal(l); err != nil || string(a) != string(b) {
		t.Errorf("a rule that diverged changes the plane (%v)", err)
	}
}

func TestSurveyErrors(t *testing.T) {
	const bowl = "function: quadratic:n=3\noptimizer: sgd\nlr: 0.1\nsteps: 5"
	for _, c := range []struct {
		text string
		o    LandscapeOptions
		want string
	}{
		{bowl, LandscapeOptions{Plane: "flat"}, `Plane = "flat", want path or random`},
		{bowl, LandscapeOptions{Set: "test"}, `Set = "test", want train or validation`},
		{bowl, LandscapeOptions{Grid: 24}, "Grid = 24, want 25 to 101"},
		{bowl, LandscapeOptions{Span: math.NaN()}, "Span = NaN, want (0, +Inf)"},
		{bowl, LandscapeOptions{Set: "train"}, "a function without examples"},
		{bowl, LandscapeOptions{Optimizers: []string{"adamm"}}, "lab: optimizer adamm: "},
		{"function: quadratic:n=3\noptimizer: sgd\nlr: 0\nsteps: 5", LandscapeOptions{}, "training moved nothing"},
		{"function: rosenbrock\noptimizer: sgd\nlr: 10\nsteps: 5", LandscapeOptions{}, "training diverged after step"},
		{"data: digits:n=60\nmodel: softmax\nepochs: 1\nval: 0", LandscapeOptions{Set: "validation"}, "no examples are set apart for validation"},
	} {
		if _, err := Survey(context.Background(), task(t, c.text), c.o); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%+v: %v, want %q", c.o, err, c.want)
		}
	}
	ctx, cancel := context.WithCancel(context.Background())
	k := task(t, bowl)
	cancel()
	if _, err := Survey(ctx, k, LandscapeOptions{}); err == nil {
		t.Error("no error after the end of the context")
	}
	ctx, cancel = context.WithCancel(context.Background())
	defer cancel()
	o := LandscapeOptions{Sink: func(e Event) {
		if s, ok := e.(*Surveying); ok && s.Stage == "grid" {
			cancel()
		}
	}}
	if _, err := Survey(ctx, k, o); err == nil {
		t.Error("no error after the end of the context on the grid")
	}
}

// Where nothing moves there is still a random plane, as wide as 1.
func TestRandomPlaneOfNoPath(t *testing.T) {
	l := survey(t, "function: quadratic:n=3\noptimizer: sgd\nlr: 0\nsteps: 5", LandscapeOptions{Plane: RandomPlane, Grid: 25})
	if !closeTo(l.Length[0], 1, 1e-12) || !math.IsNaN(float64(l.Projection.Share)) {
		t.Errorf("lengths %v, share %v", l.Length, l.Projection.Share)
	}
	if text, err := json.Marshal(l); err != nil || !strings.Contains(string(text), `"share":"NaN"`) {
		t.Errorf("as JSON: %v", err)
	}
}

// A trail keeps the start and evenly spaced points, fewer than its limit.
func TestTrail(t *testing.T) {
	for _, limit := range []int{2, 15, 199} {
		for _, steps := range []int64{0, 1, 14, 15, 198, 199, 200, 5000} {
			k := &trail{limit: limit, every: 1, told: func(int64, int64) {}}
			k.Event(&train.Started{Point: []float64{0}})
			for s := int64(1); s <= steps; s++ {
				k.Event(&train.Step{Step: s, Point: []float64{float64(s)}})
			}
			if len(k.steps) > limit || k.steps[0] != 0 || steps >= int64(limit) && len(k.steps) < limit/2 {
				t.Fatalf("%d of %d points", len(k.steps), steps)
			}
			for i, s := range k.steps {
				if s != int64(i)*k.every || k.points[i][0] != float64(s) {
					t.Fatalf("limit %d, %d steps: point %d is of step %d, %v", limit, steps, i, s, k.points[i])
				}
			}
		}
	}
	k := &trail{limit: 5, every: 1, told: func(int64, int64) {}}
	k.keep(1, []float64{math.Inf(1)})
	k.Event(&train.Step{Step: 1, Skipped: true, Point: []float64{1}})
	if len(k.steps) != 0 {
		t.Errorf("kept %v", k.points)
	}
}
