package lab

import (
	"context"
	"math"
	"strings"
	"testing"

	"gonum.org/v1/gonum/mat"

	"github.com/descent-go/descent/experiment"
	"github.com/descent-go/descent/optim"
	"github.com/descent-go/descent/problem"
	"github.com/descent-go/descent/train"
)

// edgeOf finds the edge of a rule on a task.
func edgeOf(t *testing.T, k *Task, rule string) (*finder, Edge) {
	t.Helper()
	f, err := newFinder(k, FindOptions{Settings: Settings{"optimizer": rule}})
	if err != nil {
		t.Fatal(err)
	}
	if err := f.findEdge(context.Background()); err != nil {
		t.Fatal(err)
	}
	return f, f.res.Edge
}

// The edge is where runs begin to diverge: 3 % below it they stand, 3 % above it
// they do not.
func TestEdgeOfStability(t *testing.T) {
	k := findTask(t, "function: quadratic:n=10,kappa=80,rotate=true", "optimizer: sgd", "steps: 3000")
	for _, c := range []struct {
		rule string
		want float64
	}{
		{"sgd", 2.0 / 80},
		{"sgd:l2=20", 2.0 / 100},
		{"sgd:decay=20", 2.0 / 100},
		{"sgd:momentum=0.9", 3.8 / 80},
		{"sgd:momentum=0.9,dampening=0.5", 3.8 / 40},
		{"sgd:momentum=0.9,nesterov", 3.8 / 2.8 / 80},
		{"sgd:momentum=0.8,nesterov,dampening=0.5", 3.6 / (1.8 + 0.4) / 80},
		{"momentum:beta=0.5", 3.0 / 80},
		{"momentum:beta=0.5,nesterov", 3.0 / 2 / 80},
		{"nesterov", 3.8 / 2.8 / 80},
		{"asgd:alpha=0", 2.0 / 80},
	} {
		f, e := edgeOf(t, k, c.rule)
		if !e.Applies || e.Warmup != 0 || math.Abs(float64(e.Rate)/c.want-1) > 0.01 {
			t.Errorf("%s: %+v, want %g", c.rule, e, c.want)
		}
		for _, side := range []float64{0.97, 1.03} {
			final, err := f.run(context.Background(), "", f.settings(side*c.want), []uint64{1}, 3000)
			if err != nil {
				t.Fatal(err)
			}
			if stands := final[0] < float64(f.first.Function.Value(f.first.Start)); stands != (side < 1) {
				t.Errorf("%s at %g of its edge ends at %g", c.rule, side, final[0])
			}
		}
	}
}

// Of rules that divide gradients it is that of the preconditioned Hessian, here of a
// quadratic, where divisors and eigenvalue are known.
func TestEdgeOfAdaptiveRules(t *testing.T) {
	k := findTask(t, "function: quadratic:n=10,kappa=80,rotate=true", "optimizer: sgd", "steps: 300")
	s, err := k.Session(nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	n := len(s.Start)
	gradient := make([]float64, n)
	s.Function.Gradient(s.Start, gradient)
	hessian := mat.NewSymDense(n, nil)
	s.Function.(problem.HessianProblem).Hessian(s.Start, hessian)
	largest := func(l2 float64, divisor func(g float64) float64) float64 {
		m := mat.NewSymDense(n, nil)
		for i := range n {
			for j := range i + 1 {
				h := hessian.At(i, j)
				if i == j {
					h += l2
				}
				di, dj := divisor(gradient[i]+l2*s.Start[i]), divisor(gradient[j]+l2*s.Start[j])
				m.SetSym(i, j, h/math.Sqrt(di*dj))
			}
		}
		var e mat.EigenSym
		if !e.Factorize(m, false) {
			t.Fatal("no eigenvalues")
		}
		values := e.Values(nil)
		return values[n-1]
	}
	const warmup = 100
	size := math.Abs
	for _, c := range []struct {
		rule    string
		factor  float64
		l2      float64
		divisor func(g float64) float64
	}{
		{"adam", 38, 0, size},
		{"adamw:beta1=0.5", 6, 0, size},
		{"adam:l2=2", 38, 2, size},
		{"amsgrad", 38, 0, size},
		{"radam", 38, 0, size},
		{"nadam", 2 / (0.1 + 0.9/19), 0, size},
		{"rmsprop", 2, 0, size},
		{"rmsprop:momentum=0.9", 3.8, 0, size},
		{"adagrad", 2, 0, func(g float64) float64 { return size(g) * math.Sqrt(warmup) }},
		{"adam:eps=1e3", 38, 0, func(g float64) float64 { return size(g) + 1e3 }},
	} {
		_, e := edgeOf(t, k, c.rule)
		λ := largest(c.l2, c.divisor)
		if math.Abs(float64(e.Sharpness)/λ-1) > 0.01 {
			t.Errorf("%s: sharpness %v, want %g", c.rule, e.Sharpness, λ)
		}
		if want := c.factor / λ; e.Warmup != warmup || !(math.Abs(float64(e.Rate)/want-1) < 0.02) { // adamw decays
			t.Errorf("%s: %+v, want %g", c.rule, e, want)
		}
	}

	// And it is where runs diverge whose divisors stand still.
	for rule, momentum := range map[string]float64{"rmsprop:rho=0.999999999999999,first_square": 0, "rmsprop:rho=0.999999999999999,first_square,momentum=0.9": 0.9} {
		f, e := edgeOf(t, k, rule)
		low, high := float64(e.Rate)/3, float64(e.Rate)*3
		for high/low > 1.002 {
			mid := math.Sqrt(low * high)
			s, err := k.Session(f.settings(mid), 0)
			if err != nil {
				t.Fatal(err)
			}
			res, err := s.Train(context.Background())
			if err != nil {
				t.Fatal(err)
			}
			if res.Diverged == nil && float64(res.FinalLoss) < float64(res.FirstLoss) {
				low = mid
			} else {
				high = mid
			}
		}
		if math.Abs(low/float64(e.Rate)-1) > 0.02 {
			t.Errorf("momentum %g: diverges from %g on, want %v", momentum, low, e.Rate)
		}
	}
}

// On data the divisors come from batches, and the search pays for it.
func TestEdgeOnData(t *testing.T) {
	k := findTask(t, "data: digits:n=300", "model: mlp:16", "optimizer: adam", "batch: 32", "steps: 100")
	f, e := edgeOf(t, k, "adam")
	if !e.Applies || e.Warmup != 100 || !(e.Rate > 1e-5 && e.Rate < 10) || !strings.Contains(e.Note, "38/λ") {
		t.Errorf("%+v", e)
	}
	if _, cost := f.edgeBatch(); f.res.Spent != 100+97*cost || cost < 2 {
		t.Errorf("spent %d, with gradients that cost %d", f.res.Spent, cost)
	}
	clipped, err := newFinder(k, FindOptions{Settings: Settings{"optimizer": "adam", "clip-norm": "0.01"}})
	if err != nil {
		t.Fatal(err)
	}
	if err := clipped.findEdge(context.Background()); err != nil {
		t.Fatal(err)
	}
	if c := clipped.res.Edge; !(c.Rate < e.Rate/10) {
		t.Errorf("with short gradients the edge is %v, want it far below %v", c.Rate, e.Rate)
	}
}

func TestEdgeThatDoesNotApply(t *testing.T) {
	nan, inf := math.NaN(), math.Inf(1)
	k := findTask(t, "function: booth", "steps: 50")
	for rule, note := range map[string]string{"lion": "none is known for lion", "adadelta": "none is known", "rprop": "none is known", "sgd:maximize": "climbs"} {
		if f, e := edgeOf(t, k, rule); e.Applies || e.Rate == e.Rate || !strings.Contains(e.Note, note) || f.res.Spent != 0 || f.edgeCost() != 0 {
			t.Errorf("%s: %+v, %d spent", rule, e, f.res.Spent)
		}
	}
	for _, c := range []struct {
		rule      string
		sharpness float64
		rate      float64
		note      string
	}{
		{"sgd", -4, inf, "no rate is unstable"},
		{"sgd:decay=1", -4, inf, "no rate is unstable"},
		{"adam", 0, inf, "no rate is unstable"},
		{"sgd", nan, nan, "not finite"},
		{"adam", inf, nan, "not finite"},
	} {
		rule, err := experiment.ParseRule(c.rule)
		if err != nil {
			t.Fatal(err)
		}
		response, _ := optim.ResponseOf(rule)
		e := Edge{Sharpness: train.Real(c.sharpness), Rate: train.Real(nan)}
		e.judge(rule, response)
		if same := float64(e.Rate) == c.rate || math.IsNaN(c.rate) && math.IsNaN(float64(e.Rate)); e.Applies || !same || !strings.Contains(e.Note, c.note) {
			t.Errorf("%s, sharpness %g: %+v", c.rule, c.sharpness, e)
		}
	}
}
