package train_test

import (
	"math"
	"testing"

	"github.com/descent-go/descent/problem"
	"github.com/descent-go/descent/train"
)

// The bowl (x² + κy²)/2 has curvatures 1 and κ; κ is 10 by default. Gradient
// descent is stable below 2/κ, heavy-ball momentum μ below 2(1+μ)/κ.
func TestOscillation(t *testing.T) {
	for _, c := range []struct {
		name   string
		rule   string
		edge   float64
		factor float64 // rate over edge
		want   bool
	}{
		{"just below", "sgd", 0.2, 0.999, false},
		{"just above", "sgd", 0.2, 1.001, true},
		{"below", "sgd", 0.2, 0.95, false},
		{"above", "sgd", 0.2, 1.01, true},
		{"far below", "sgd", 0.2, 0.25, false},
		{"momentum just below", "sgd:momentum=0.9", 0.38, 0.999, false},
		{"momentum just above", "sgd:momentum=0.9", 0.38, 1.001, true},
		{"momentum below", "sgd:momentum=0.9", 0.38, 0.1, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			m := function(t, "bowl:kappa=10", 1, 1)
			h := &train.History{}
			res := minimize(t, m, c.rule, c.edge*c.factor, 1000, func(o *train.Options) { o.BlowUp = 0 }, h)
			o := res.Oscillating
			if got := o != nil; got != c.want {
				t.Fatalf("oscillating: %+v, want %v", o, c.want)
			}
			if !c.want {
				return
			}
			if o.Period != 2 || !o.AboveEdge || o.Ceased || o.Rate != c.edge*c.factor || h.Oscillating == nil {
				t.Errorf("%+v", o)
			}
			if c.rule == "sgd" {
				// Updates grow by |1 − ηκ| each.
				if want := math.Abs(1 - 10*o.Rate); math.Abs(o.Growth-want) > 1e-4 {
					t.Errorf("growth %v, want %v", o.Growth, want)
				}
			}
			if !(o.Amplitude > 0) || !(o.HighLoss > o.LowLoss) {
				t.Errorf("%+v", o)
			}
		})
	}
}

// |x| + |y| has a kink at its minimum, about which a constant rate goes back
// and forth for ever.
func TestOscillationAboutAKink(t *testing.T) {
	res := minimize(t, function(t, "abs(x) + abs(y)", 1.03, 0.52), "sgd", 0.1, 500, nil)
	o := res.Oscillating
	if o == nil || o.Period != 2 || math.Abs(o.Growth-1) > 1e-9 || math.Abs(o.Amplitude-0.1*math.Sqrt2) > 1e-9 {
		t.Errorf("%+v, want a steady cycle of two steps", o)
	}
	// A rate that falls ends it.
	res = minimize(t, function(t, "bowl:kappa=10", 1, 1), "sgd", 0.2002, 2000, func(o *train.Options) { o.Schedule = halved{} })
	if res.Oscillating == nil || !res.Oscillating.Ceased || res.FinalLoss > 1e-9 {
		t.Errorf("%+v, final loss %g", res.Oscillating, res.FinalLoss)
	}
}

// halved is 1 for 500 steps, then a half.
type halved struct{}

func (halved) At(step int64) float64 {
	if step < 500 {
		return 1
	}
	return 0.5
}

// Adam divides by gradients that shrink, until its own rate is above the edge
// (Cohen et al., Adaptive gradient methods at the edge of stability, 2022).
func TestOscillationOfAdam(t *testing.T) {
	h := &train.History{}
	res := minimize(t, function(t, "rosenbrock"), "adam", 0.1, 4800, nil, h)
	low := 1.0
	for _, l := range h.Losses {
		low = min(low, l)
	}
	if o := res.Oscillating; o == nil || !o.AboveEdge || o.Step < 4000 || o.HighLoss < 1e6*low {
		t.Errorf("%+v; lowest loss %g", o, low)
	}
}

// Convergence is no oscillation: rounding at a minimum, zigzags that shrink,
// and the hovering of a noisy gradient.
func TestNoOscillation(t *testing.T) {
	for _, c := range []struct {
		spec, rule string
		lr         float64
	}{
		{"rosenbrock", "adam", 0.01}, {"rosenbrock", "sgd:momentum=0.9", 0.001}, {"rosenbrock", "sgd", 0.001},
		{"himmelblau", "sgd", 0.01}, {"parabola", "sgd", 0.6}, {"booth", "rmsprop", 0.001}, {"booth", "adamw", 0.1},
		{"quadratic:n=50,kappa=1000", "nesterov", 0.001}, {"beale", "adagrad", 0.5},
	} {
		if res := minimize(t, function(t, c.spec), c.rule, c.lr, 3000, nil); res.Oscillating != nil {
			t.Errorf("%s by %s: %+v", c.spec, c.rule, res.Oscillating)
		}
	}
	p, err := problem.ResolveProblem("parabola")
	if err != nil {
		t.Fatal(err)
	}
	noisy, err := problem.Noisy(p, 0.1, 3)
	if err != nil {
		t.Fatal(err)
	}
	m, err := train.Function(noisy, nil)
	if err != nil {
		t.Fatal(err)
	}
	watched := true
	res := minimize(t, m, "sgd", 0.1, 2000, nil, train.SinkFunc(func(e train.Event) {
		if s, ok := e.(*train.Started); ok {
			watched = s.Watched
		}
	}))
	if watched || res.Oscillating != nil {
		t.Errorf("noise is watched: %v, %+v", watched, res.Oscillating)
	}
}
