package lab

import (
	"math"
	"testing"

	"github.com/descent-go/descent/problem"
	"github.com/descent-go/descent/train"
)

// The paths are those of the tuned rates from the usual start, as far as one sees.
func TestComparePaths(t *testing.T) {
	o := small(t, task(t, "function: rosenbrock\nsteps: 300\nstart: -1.5,2"), task(t, "function: quadratic:n=3\nsteps: 10"))
	c := compare(t, o)
	k := &c.Tasks[0]
	if k.Function != "rosenbrock" || len(k.Paths) != 3 || c.Tasks[1].Paths != nil || c.Tasks[1].Function != "" {
		t.Fatalf("%d paths on %q, %d on %q", len(k.Paths), k.Function, len(c.Tasks[1].Paths), c.Tasks[1].Function)
	}
	f, err := problem.Resolve(k.Function)
	if err != nil {
		t.Fatal(err)
	}
	for i, p := range k.Paths {
		n := len(p.X)
		if p.Name != c.Protocol.Contenders[i] || n < 3 || len(p.Y) != n || len(p.Step) != n || p.X[0] != -1.5 || p.Y[0] != 2 || p.Step[0] != 0 || p.Step[n-1] != 300 {
			t.Errorf("path %d is %q: %d points from (%v, %v) to step %v", i, p.Name, n, p.X[0], p.Y[0], p.Step[n-1])
		}
		if v := f.Value(p.X[n-1], p.Y[n-1]); math.Abs(v-float64(p.Final)) > 1e-4*(1+math.Abs(v)) {
			t.Errorf("%s ends at %v, where the value is %v, not %v", p.Name, p.X[n-1], v, p.Final)
		}
	}
}

// However long a path is, it has its first and its last point, in order.
func TestPathWatch(t *testing.T) {
	for _, steps := range []int64{1, 1999, 2001, 100_000} {
		w := &pathWatch{stride: 1}
		w.Event(&train.Started{Point: []float64{0, 0}})
		for i := range steps {
			w.Event(&train.Step{Step: i + 1, Point: []float64{float64(i + 1), 1}})
		}
		w.end()
		p, n := w.path, len(w.path.Step)
		if n > pathPoints+1 || int64(n) < min(steps, pathPoints/2) || p.Step[0] != 0 || p.Step[n-1] != steps {
			t.Errorf("%d steps: %d points, the last is of step %d", steps, n, p.Step[n-1])
		}
		for i := range p.Step {
			if i > 0 && p.Step[i] <= p.Step[i-1] || p.X[i] != float64(p.Step[i]) {
				t.Fatalf("%d steps: point %d is %v of step %d", steps, i, p.X[i], p.Step[i])
			}
		}
	}
	still := &pathWatch{stride: 1, dx: 0.1, dy: 0.1}
	for i := range int64(50) {
		still.Event(&train.Step{Step: i, Point: []float64{0.01 * float64(i), 0}})
	}
	still.end()
	if n := len(still.path.X); n != 6 || still.path.Step[n-1] != 49 {
		t.Errorf("a slow path has %d points: %v", n, still.path.X)
	}
}
