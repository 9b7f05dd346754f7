package optim

import (
	"bytes"
	"math"
	"testing"
)

// swing is a rule at work on the quadratic of a Hessian of two dimensions.
type swing struct {
	hessian [2][2]float64
	params  []Param[float64]
	opt     *Optimizer[float64]
}

var swingFrom = [2]float64{0.5, -0.3}

// newSwing lets the state of a rule settle, on the gradient where it begins.
func newSwing(t *testing.T, rule Rule, settle int) *swing {
	t.Helper()
	s := &swing{hessian: [2][2]float64{{30, 4}, {4, 7}}}
	s.params = []Param[float64]{{Name: "x", Shape: []int{2}, Data: make([]float64, 2), Grad: make([]float64, 2)}}
	copy(s.params[0].Data, swingFrom[:])
	var err error
	if s.opt, err = New(s.params, All(rule)); err != nil {
		t.Fatal(err)
	}
	s.run(t, 0, settle)
	return s
}

// run takes so many steps and returns how far from the minimum it ends.
func (s *swing) run(t *testing.T, rate float64, steps int) float64 {
	t.Helper()
	x, g := s.params[0].Data, s.params[0].Grad
	for range steps {
		if err := s.opt.Probe(rate); err != nil {
			t.Fatal(err)
		}
		for i, h := range s.hessian {
			g[i] = h[0]*x[0] + h[1]*x[1]
		}
		if math.IsInf(g[0]*g[0], 0) || math.IsNaN(g[0]) {
			return math.Inf(1)
		}
		if err := s.opt.Step(rate); err != nil {
			t.Fatal(err)
		}
	}
	return math.Hypot(x[0], x[1])
}

// largest is the eigenvalue of D^(-1/2)·(H + l2)·D^(-1/2).
func (s *swing) largest(divisors [2]float64, l2 float64) float64 {
	h := s.hessian
	a, d := (h[0][0]+l2)/divisors[0], (h[1][1]+l2)/divisors[1]
	b := h[0][1] / math.Sqrt(divisors[0]*divisors[1])
	return (a+d)/2 + math.Hypot((a-d)/2, b)
}

// The edge is where a rule begins to diverge whose divisors stand still: it is found
// by halving what lies between rates that diverge and rates that do not.
func TestEdgeIsWhereRulesDiverge(t *testing.T) {
	const settle, steps = 100_000, 40
	const little = 1e-6 // of what made the divisors
	for _, spec := range []string{
		"sgd", "sgd:l2=10,decay=2", "sgd:momentum=0.9", "sgd:momentum=0.9,dampening=0.5", "sgd:momentum=0.9,dampening=0.3,nesterov", "sgd:momentum=0.9,decay=3",
		"momentum", "momentum:beta=0.5,nesterov", "nesterov", "nesterov:beta=0.6", "asgd:alpha=0",
		"adam:beta2=0.9999", "adam:beta1=0.5,beta2=0.9999", "adam:beta1=0,beta2=0.9999,eps=1", "adam:beta2=0.9999,bias_correction=false", "adam:beta2=0.9999,l2=10",
		"adamw:beta2=0.9999", "adamw:beta2=0.9999,decay=5", "amsgrad:beta2=0.9999", "amsgrad:beta2=0.9999,bias_correction=false",
		"nadam:beta2=0.9999", "nadam:beta1=0.6,beta2=0.9999,momentum_decay=1", "radam:beta2=0.9999", "radam:beta2=0.5", "adamax:beta2=0.999999,eps=60",
		"rmsprop:rho=0.9999", "rmsprop:rho=0.9999,momentum=0.9", "rmsprop:rho=0.9999,momentum=0.5,rate_inside,eps_inside,eps=100", "rmsprop:rho=0.999999,first_square,eps=2",
		"adagrad", "adagrad:mean", "adagrad:mean,eps_inside,eps=9", "adagrad:initial=100,lr_decay=1e-5",
	} {
		rule, err := Parse(spec)
		if err != nil {
			t.Fatal(err)
		}
		response, ok := ResponseOf(rule)
		if !ok {
			t.Errorf("%s: no response", spec)
			continue
		}
		s := newSwing(t, rule, settle)
		divisors := [2]float64{1, 1}
		if got := s.opt.Divisors("x", divisors[:]); got != response.Divides {
			t.Errorf("%s: divisors %v, want %v", spec, got, response.Divides)
		}
		want := response.Edge(s.largest(divisors, response.L2))
		diverges := func(rate float64) bool {
			c := newSwing(t, rule, 0)
			c.adopt(t, s)
			for i := range c.params[0].Data {
				c.params[0].Data[i] *= little
			}
			var most [3]float64 // of each third
			for i := range 3 * steps {
				size := c.run(t, rate, 1)
				if size > 1000*little {
					return true
				}
				most[i/steps] = math.Max(most[i/steps], size)
			}
			return most[2] >= most[1]
		}
		low, high := want/4, want*4
		if diverges(low) || !diverges(high) {
			t.Errorf("%s: diverges at %g: %v, at %g: %v", spec, low, diverges(low), high, diverges(high))
			continue
		}
		for high/low > 1.0005 {
			if mid := math.Sqrt(low * high); diverges(mid) {
				high = mid
			} else {
				low = mid
			}
		}
		if math.Abs(low/want-1) > 0.01 {
			t.Errorf("%s: diverges from %g on, want %g", spec, low, want)
		}
	}
}

// adopt takes the state of another one, but for its momentum, which is that of a
// gradient that stands still.
func (s *swing) adopt(t *testing.T, of *swing) {
	t.Helper()
	var state bytes.Buffer
	if err := of.opt.WriteState(&state); err != nil {
		t.Fatal(err)
	}
	if err := s.opt.ReadState(&state, int64(state.Len())); err != nil {
		t.Fatal(err)
	}
	for _, slot := range []string{"m", "b"} {
		clear(s.opt.State("x", slot))
	}
}

func TestResponses(t *testing.T) {
	for spec, want := range map[string]Response{
		"adam":                   {Gain: 0.1 / 1.9, Divides: true}, // 38/a
		"adamw:beta1=0":          {Gain: 1, Decay: 0.01, Divides: true},
		"sgd:momentum=0.9,l2=3":  {Gain: 1 / 1.9, L2: 3},
		"nesterov:beta=0.5":      {Gain: 4.0 / 3},
		"radam:beta2=0.6":        {Gain: 0.1 / 1.9},
		"rmsprop:momentum=0.5":   {Gain: 2.0 / 3, Divides: true},
		"nadam":                  {Gain: 0.1 + 0.9*0.1/1.9, Divides: true},
		"asgd:lambda=0.5":        {Gain: 1, Decay: 0.5},
		"adagrad:decay=0.25":     {Gain: 1, Decay: 0.25, Divides: true},
		"momentum:beta=0,l2=0.5": {Gain: 1, L2: 0.5},
	} {
		rule, err := Parse(spec)
		if err != nil {
			t.Fatal(err)
		}
		got, ok := ResponseOf(rule)
		if !ok || math.Abs(got.Gain-want.Gain) > 1e-15 || got.L2 != want.L2 || got.Decay != want.Decay || got.Divides != want.Divides {
			t.Errorf("%s: %+v, %v, want %+v", spec, got, ok, want)
		}
	}
	for _, spec := range []string{"lion", "rprop", "adadelta", "sgd:maximize"} {
		rule, err := Parse(spec)
		if err != nil {
			t.Fatal(err)
		}
		if got, ok := ResponseOf(rule); ok {
			t.Errorf("%s: %+v", spec, got)
		}
	}
	adam, _ := ResponseOf(NewAdam())
	for curvature, want := range map[float64]float64{2: 19, 0: math.Inf(1), -3: math.Inf(1), math.Inf(1): 0} {
		if got := adam.Edge(curvature); math.Abs(got-want) > 1e-12 && got != want {
			t.Errorf("edge at curvature %g: %g, want %g", curvature, got, want)
		}
	}
	if got := adam.Edge(math.NaN()); got == got {
		t.Errorf("edge of nothing known: %g", got)
	}
}

// Divisors are those of the update, but for what a mean lacks of its beginning.
func TestDivisors(t *testing.T) {
	for spec, want := range map[string]float64{
		"adam:eps=0.5": 3.5, "adam:eps=0,bias_correction=false": 3, "radam:eps=0": 3, "nadam:eps=0": 3, "amsgrad:eps=0": 3,
		"adamax:eps=1": 4, "rmsprop:eps=0": 3, "rmsprop:eps=7,eps_inside": 4, "rmsprop:eps=0,first_square": 3, "rmsprop:eps=2,centered": 2,
		"adagrad:eps=0": 15, "adagrad:eps=0.25,mean": 3.25, "adagrad:eps=0,initial=31": 16, "adagrad:eps=0,lr_decay=0.04": 30, "adagrad:eps=7,eps_inside,mean": 4,
	} {
		rule, err := Parse(spec)
		if err != nil {
			t.Fatal(err)
		}
		params := []Param[float32]{
			{Name: "a", Shape: []int{3}, Data: make([]float32, 3), Grad: []float32{3, -3, 3}},
			{Name: "b", Shape: []int{1}, Data: make([]float32, 1)},
			{Name: "c", Shape: []int{1}, Data: make([]float32, 1), Grad: []float32{1}},
		}
		o, err := New(params, Freeze(Named("c")), All(rule))
		if err != nil {
			t.Fatal(err)
		}
		got := make([]float64, 3)
		if o.Divisors("a", got) {
			t.Errorf("%s: divisors before the first update", spec)
		}
		for range 25 {
			if err := o.Step(0); err != nil {
				t.Fatal(err)
			}
		}
		if !o.Divisors("a", got) {
			t.Errorf("%s: no divisors", spec)
		}
		for _, v := range got {
			if math.Abs(v-want) > 1e-3*want {
				t.Errorf("%s: divisors %v, want %g", spec, got, want)
				break
			}
		}
		for _, other := range []string{"b", "c"} { // no gradient; frozen
			if o.Divisors(other, got[:1]) {
				t.Errorf("%s: divisors of %s", spec, other)
			}
		}
		if o.Divisors("none", nil) {
			t.Errorf("%s: divisors of nothing", spec)
		}
	}
}
