package problem_test

import (
	"compress/gzip"
	"encoding/json"
	"math"
	"os"
	"testing"

	"github.com/descent-go/descent/internal/realdata"
	"github.com/descent-go/descent/optim"
	"github.com/descent-go/descent/problem"
	"github.com/descent-go/descent/train"
	"gonum.org/v1/gonum/mat"
)

// published returns the very problem of the DeepOBS suite, of its seed 42.
func published(t *testing.T) *problem.QuadraticDeep {
	t.Helper()
	file, err := os.Open(realdata.Path(t, "..", "golden", "quadratic_deep.json.gz"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	text, err := gzip.NewReader(file)
	if err != nil {
		t.Fatal(err)
	}
	var data struct{ Hessian, Train, Test [][]float64 }
	if err := json.NewDecoder(text).Decode(&data); err != nil {
		t.Fatal(err)
	}
	h := mat.NewSymDense(len(data.Hessian), nil)
	for i, row := range data.Hessian {
		for k, v := range row {
			h.SetSym(i, k, v)
		}
	}
	q, err := problem.QuadraticDeepOf(h, data.Train, data.Test[:896], 128)
	if err != nil {
		t.Fatal(err)
	}
	return q
}

func TestPublishedProblem(t *testing.T) {
	q := published(t)
	start := make([]float64, q.Dim())
	q.Start(start)
	if f := q.Value(start); math.Abs(f-353.44676556957126) > 1e-9 {
		t.Errorf("the loss at the start is %v, want 353.44676556957126", f)
	}
	v, err := problem.Classify(q, start)
	if err != nil {
		t.Fatal(err)
	}
	if l := v.Eigenvalues[len(v.Eigenvalues)-1]; math.Abs(l-53.12901539863683) > 1e-9 {
		t.Errorf("the largest eigenvalue is %v, want 53.12901539863683", l)
	}
}

// TestPublishedResults compares the means of 10 seeds after 100 epochs with
// those of the suite, and the rates at which SGD diverges: 2/λmax is 0.0376.
func TestPublishedResults(t *testing.T) {
	q := published(t)
	for _, c := range []struct {
		rule      string
		rate      float64
		published float64 // NaN: diverges
	}{
		{"sgd", 0.01585, 87.397},
		{"sgd:momentum=0.99", 0.002512, 87.045},
		{"adam", 0.03981, 87.112},
		{"sgd", 0.0251, 87.72}, // measured here: the suite says that it converges
		{"sgd", 0.0398, math.NaN()},
	} {
		mean := 0.0
		for seed := range uint64(10) {
			r := descend(t, problem.Sampled(q, seed), c.rule, c.rate, 700)
			if diverged := r.Reason == train.ReasonDiverged; diverged != math.IsNaN(c.published) {
				t.Errorf("%s, rate %v, seed %d: %s", c.rule, c.rate, seed, r.Verdict)
			}
			mean += r.FinalLoss / 10
		}
		if math.Abs(mean-c.published) > 0.3 {
			t.Errorf("%s, rate %v: the mean final loss is %v, want %v", c.rule, c.rate, mean, c.published)
		}
	}
}

func descend(t *testing.T, p problem.Problem, spec string, rate float64, steps int64) *train.Result {
	t.Helper()
	rule, err := optim.Parse(spec)
	if err != nil {
		t.Fatal(err)
	}
	m, err := train.Function(p, nil)
	if err != nil {
		t.Fatal(err)
	}
	o := train.Defaults(rule)
	o.LR, o.Steps = rate, steps
	r, err := train.Run(t.Context(), m, nil, o)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// The built-in problem is of the same kind: the same edge, the same levels
// within the chance of its own points.
func TestBuiltInProblem(t *testing.T) {
	p, err := problem.ResolveProblem("quadratic_deep")
	if err != nil {
		t.Fatal(err)
	}
	x := make([]float64, p.Dim())
	v, err := problem.Classify(p, x)
	if err != nil {
		t.Fatal(err)
	}
	l, trace := v.Eigenvalues, 0.0
	for i, e := range l {
		if trace += e; i < 90 && !(e > -1e-12 && e < 1) || i >= 90 && !(e >= 30 && e < 60) {
			t.Errorf("eigenvalue %d is %v", i, e)
		}
	}
	// The mean over points of ½ xᵀHx has the expectation ½ 0.36 tr H.
	if f := p.Value(x); math.Abs(f/(0.18*trace)-1) > 0.03 {
		t.Errorf("the value at the origin is %v, want about %v", f, 0.18*trace)
	}
	edge := 2 / l[99]
	for _, c := range []struct {
		times    float64
		diverges bool
	}{{0.9, false}, {1.1, true}} {
		r := descend(t, problem.Sampled(p, 1), "sgd", c.times*edge, 700)
		if (r.Reason == train.ReasonDiverged) != c.diverges {
			t.Errorf("at %v of the edge: %s", c.times, r.Verdict)
		}
	}
	r := descend(t, problem.Sampled(p, 1), "sgd:momentum=0.99", 0.002512, 700)
	if least := minimum(p); !(r.FinalLoss > least && r.FinalLoss < least+1.5) {
		t.Errorf("momentum ends at %v, want a little above the minimum %v", r.FinalLoss, least)
	}
}

// minimum returns the least value of a quadratic, by Newton's step.
func minimum(p problem.Problem) float64 {
	n := p.Dim()
	x, g := make([]float64, n), make([]float64, n)
	p.Gradient(x, g)
	var h mat.SymDense
	p.(problem.HessianProblem).Hessian(x, &h)
	var step mat.VecDense
	if err := step.SolveVec(&h, mat.NewVecDense(n, g)); err != nil {
		return math.NaN()
	}
	for i := range x {
		x[i] -= step.AtVec(i)
	}
	return p.Value(x)
}
