package report

import (
	"math"
	"testing"

	"github.com/descent-go/descent/lab"
	"github.com/descent-go/descent/problem"
	"github.com/descent-go/descent/train"
)

func planeOf(t *testing.T, d *Document, file string) *Plane {
	t.Helper()
	for _, f := range d.Figures() {
		if f.File != file {
			continue
		}
		p, err := f.Plane()
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	t.Fatalf("no figure %s", file)
	return nil
}

// A plane of paths has the function's own values, on its grid and along the paths.
func TestPlaneOfPaths(t *testing.T) {
	c := onPlane()
	p := planeOf(t, documentOf(t, c), "task-0-paths")
	f, err := problem.Resolve("rosenbrock")
	if err != nil {
		t.Fatal(err)
	}
	r := p.Relief
	for _, i := range []int{0, 127, 5000, 128*128 - 1} {
		if x, y := r.X[i%128], r.Y[i/128]; r.Values[i] != f.Value(x, y) {
			t.Errorf("at (%v, %v): %v, want %v", x, y, r.Values[i], f.Value(x, y))
		}
	}
	if p.X.Label != "x" || p.Y.Log || len(p.Minima) != 1 || len(p.Tries) != 0 || len(p.Paths) != 3 {
		t.Errorf("axes %+v, %+v; %d minima, %d paths", p.X, p.Y, len(p.Minima), len(p.Paths))
	}
	for i, q := range p.Paths {
		was := c.Tasks[0].Paths[i]
		if q.Name != c.Protocol.Contenders[i] || q.Look != i || len(q.F) != 3 || q.F[1] != train.Real(f.Value(q.X[1], q.Y[1])) {
			t.Errorf("path %d is %+v", i, q)
		}
		switch {
		case was.Diverged == nil && (q.F[2] != was.Final || q.Diverged != ""):
			t.Errorf("path %d ends at %v, want %v", i, q.F[2], was.Final)
		case was.Diverged != nil && (q.Diverged != was.Diverged.String() || q.F[2] != train.Real(f.Value(q.X[2], q.Y[2]))):
			t.Errorf("path %d ends %q at %v", i, q.Diverged, q.F[2])
		}
	}
	for _, f := range documentOf(t, c).Figures() {
		if (f.Plane != nil) == (f.Chart != nil) {
			t.Errorf("figure %s is a chart: %v, and a plane: %v; want one of them", f.File, f.Chart != nil, f.Plane != nil)
		}
	}
}

// A plane of tries has each of those with a place on both axes, as the search has it.
func TestPlaneOfTries(t *testing.T) {
	r := searched(t, func(o *lab.TuneOptions) { o.Pruner = lab.NoPruner }, "lr=1e-6..1 log", "clip-norm={0,1,10}")
	p := planeOf(t, tuningOf(t, r), "heat")
	if p.X.Label != "lr" || !p.X.Log || p.Y.Log || len(p.Y.Choices) != 3 || p.Relief.Y[0] != -0.5 || len(p.Tries) != len(r.Tries) {
		t.Errorf("axes %+v, %+v; %d tries", p.X, p.Y, len(p.Tries))
	}
	lost, best := 0, 0
	for i, q := range p.Tries {
		try := r.Tries[i]
		if q.Number != try.Number || float64(q.Loss) != try.Loss() && !math.IsInf(try.Loss(), 1) || q.At != [2]string{try.Configuration["lr"], try.Configuration["clip-norm"]} {
			t.Errorf("try %+v, want %+v", q, try)
		}
		if q.Diverged != math.IsInf(try.Loss(), 1) {
			t.Errorf("try %d has diverged: %v", q.Number, q.Diverged)
		}
		if q.Diverged {
			lost++
		}
		if q.Best {
			best++
		}
	}
	if lost == 0 || best != 1 {
		t.Errorf("%d diverged, %d best", lost, best)
	}
}
