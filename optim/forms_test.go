package optim_test

import (
	"math"
	"testing"

	"github.com/descent-go/descent/optim"
)

// gradients is a fixed sequence for one parameter.
var gradients = []float64{0.5, -1.25, 2, 0.75, -0.1, 3, 0, -2.5, 1e-3, 0.25}

// walk applies a rule to one parameter that starts at 1, at a rate that may
// change, and returns the parameter after each step.
func walk(t *testing.T, r optim.Rule, rate func(step int) float64) []float64 {
	t.Helper()
	p, g := []float64{1}, []float64{0}
	opt, err := optim.New([]optim.Param[float64]{{Name: "p", Shape: []int{1}, Data: p, Grad: g}}, optim.All(r))
	if err != nil {
		t.Fatal(err)
	}
	var out []float64
	for step, v := range gradients {
		if err := opt.Probe(rate(step)); err != nil {
			t.Fatal(err)
		}
		g[0] = v
		if err := opt.Step(rate(step)); err != nil {
			t.Fatal(err)
		}
		out = append(out, p[0])
	}
	return out
}

func constant(lr float64) func(int) float64 { return func(int) float64 { return lr } }
func falling(step int) float64              { return 0.1 / float64(step+1) }

// by computes what walk should give, from a textbook's update written out.
func by(update func(t int, p, g float64) float64) []float64 {
	p := 1.0
	var out []float64
	for i, g := range gradients {
		p = update(i+1, p, g)
		out = append(out, p)
	}
	return out
}

func near(t *testing.T, got, want []float64) {
	t.Helper()
	for i := range want {
		if !(math.Abs(got[i]-want[i]) <= 1e-12*math.Max(1, math.Abs(want[i]))) {
			t.Fatalf("step %d: %.17g, want %.17g", i+1, got[i], want[i])
		}
	}
}

// TestForms holds every form of a rule that textbooks have, by its name.
func TestForms(t *testing.T) {
	const lr, l2, decay = 0.1, 0.3, 0.2
	var v, s, d, m, x float64 // state of the forms, zero at the start of each
	forms := []struct {
		name string
		rule optim.Rule
		want func(t int, p, g float64) float64
	}{
		{"momentum with the rate inside the velocity", optim.Momentum{Beta: 0.9}, func(_ int, p, g float64) float64 {
			v = 0.9*v - lr*g
			return p + v
		}},
		{"momentum with the rate outside the velocity", optim.SGD{Momentum: 0.9}, func(_ int, p, g float64) float64 {
			v = 0.9*v + g
			return p - lr*v
		}},
		{"momentum damped from the second gradient on", optim.SGD{Momentum: 0.9, Dampening: 0.5}, func(t int, p, g float64) float64 {
			if t == 1 {
				v = g
			} else {
				v = 0.9*v + 0.5*g
			}
			return p - lr*v
		}},
		{"nesterov reparametrised", optim.SGD{Momentum: 0.9, Nesterov: true}, func(_ int, p, g float64) float64 {
			w := 0.9*v - lr*g
			p += -0.9*v + 1.9*w
			v = w
			return p
		}},
		{"nesterov with the rate inside", optim.Momentum{Beta: 0.9, Nesterov: true}, func(_ int, p, g float64) float64 {
			v = 0.9*v - lr*g
			return p + 0.9*v - lr*g
		}},
		{"maximize", optim.SGD{Maximize: true}, func(_ int, p, g float64) float64 { return p + lr*g }},
		{"adagrad with the sum", optim.AdaGrad{Eps: 1e-7}, func(_ int, p, g float64) float64 {
			s += g * g
			return p - lr*g/(math.Sqrt(s)+1e-7)
		}},
		{"adagrad with the mean", optim.AdaGrad{Eps: 1e-7, Mean: true}, func(t int, p, g float64) float64 {
			s += g * g
			return p - lr*g/(math.Sqrt(s/float64(t))+1e-7)
		}},
		{"adagrad with the mean, ε under the root", optim.AdaGrad{Eps: 1e-3, Mean: true, EpsInside: true}, func(t int, p, g float64) float64 {
			s += g * g
			return p - lr*g/math.Sqrt(s/float64(t)+1e-3)
		}},
		{"adagrad of Optax and Keras", optim.AdaGrad{Eps: 1e-7, EpsInside: true, Initial: 0.1}, func(_ int, p, g float64) float64 {
			s += g * g
			return p - lr*g/math.Sqrt(0.1+s+1e-7)
		}},
		{"adagrad with falling rate", optim.AdaGrad{Eps: 1e-7, LRDecay: 0.5}, func(t int, p, g float64) float64 {
			s += g * g
			return p - lr/(1+float64(t-1)*0.5)*g/(math.Sqrt(s)+1e-7)
		}},
		{"rmsprop with ε outside the root", optim.RMSProp{Rho: 0.9, Eps: 1e-3}, func(_ int, p, g float64) float64 {
			s = 0.9*s + 0.1*g*g
			return p - lr*g/(math.Sqrt(s)+1e-3)
		}},
		{"rmsprop with ε inside the root", optim.RMSProp{Rho: 0.9, Eps: 1e-3, EpsInside: true}, func(_ int, p, g float64) float64 {
			s = 0.9*s + 0.1*g*g
			return p - lr*g/math.Sqrt(s+1e-3)
		}},
		{"rmsprop that starts with the first square", optim.RMSProp{Rho: 0.9, Eps: 1e-3, FirstSquare: true}, func(t int, p, g float64) float64 {
			if t == 1 {
				s = g * g
			} else {
				s = 0.9*s + 0.1*g*g
			}
			return p - lr*g/(math.Sqrt(s)+1e-3)
		}},
		{"rmsprop centered", optim.RMSProp{Rho: 0.9, Eps: 1e-3, Centered: true}, func(_ int, p, g float64) float64 {
			s, m = 0.9*s+0.1*g*g, 0.9*m+0.1*g
			return p - lr*g/(math.Sqrt(s-m*m)+1e-3)
		}},
		{"rmsprop of Graves", optim.RMSProp{Rho: 0.95, Eps: 1e-4, EpsInside: true, Centered: true, Momentum: 0.9, RateInside: true}, func(_ int, p, g float64) float64 {
			s, m = 0.95*s+0.05*g*g, 0.95*m+0.05*g
			v = 0.9*v - lr*g/math.Sqrt(s-m*m+1e-4)
			return p + v
		}},
		{"rmsprop with momentum, the rate outside", optim.RMSProp{Rho: 0.9, Eps: 1e-3, Momentum: 0.9}, func(_ int, p, g float64) float64 {
			s = 0.9*s + 0.1*g*g
			v = 0.9*v + g/(math.Sqrt(s)+1e-3)
			return p - lr*v
		}},
		{"adadelta with ε inside both roots", optim.AdaDelta{Rho: 0.95, Eps: 1e-4, EpsInside: true}, func(_ int, p, g float64) float64 {
			s = 0.95*s + 0.05*g*g
			u := math.Sqrt(d+1e-4) / math.Sqrt(s+1e-4) * g
			d = 0.95*d + 0.05*u*u
			return p - lr*u
		}},
		{"adadelta with ε outside both roots", optim.AdaDelta{Rho: 0.95, Eps: 1e-4}, func(_ int, p, g float64) float64 {
			s = 0.95*s + 0.05*g*g
			u := (math.Sqrt(d) + 1e-4) / (math.Sqrt(s) + 1e-4) * g
			d = 0.95*d + 0.05*u*u
			return p - lr*u
		}},
		{"adam corrected by 1 − βᵗ", optim.Adam{Beta1: 0.9, Beta2: 0.999, Eps: 1e-8, BiasCorrection: true}, func(t int, p, g float64) float64 {
			m, v = 0.9*m+0.1*g, 0.999*v+0.001*g*g
			mh, vh := m/(1-math.Pow(0.9, float64(t))), v/(1-math.Pow(0.999, float64(t)))
			return p - lr*mh/(math.Sqrt(vh)+1e-8)
		}},
		{"adam without correction", optim.Adam{Beta1: 0.9, Beta2: 0.999, Eps: 1e-3}, func(_ int, p, g float64) float64 {
			m, v = 0.9*m+0.1*g, 0.999*v+0.001*g*g
			return p - lr*m/(math.Sqrt(v)+1e-3)
		}},
		{"amsgrad of the paper", optim.AMSGrad{Beta1: 0.9, Beta2: 0.9, Eps: 1e-8}, func(_ int, p, g float64) float64 {
			m, v = 0.9*m+0.1*g, 0.9*v+0.1*g*g
			x = math.Max(x, v)
			return p - lr*m/(math.Sqrt(x)+1e-8)
		}},
		{"nadam with μ of the step and of the next", optim.NAdam{Beta1: 0.9, Beta2: 0.99, Eps: 1e-8, MomentumDecay: 0.004}, func(t int, p, g float64) float64 {
			mu := func(i int) float64 { return 0.9 * (1 - 0.5*math.Pow(0.96, float64(i)*0.004)) }
			m, v = 0.9*m+0.1*g, 0.99*v+0.01*g*g
			product := 1.0
			for i := 1; i <= t; i++ {
				product *= mu(i)
			}
			mh := mu(t+1)*m/(1-product*mu(t+1)) + (1-mu(t))*g/(1-product)
			return p - lr*mh/(math.Sqrt(v/(1-math.Pow(0.99, float64(t))))+1e-8)
		}},
		{"radam of the paper", optim.RAdam{Beta1: 0.9, Beta2: 0.9, Eps: 0, Threshold: 4}, func(t int, p, g float64) float64 {
			m, v = 0.9*m+0.1*g, 0.9*v+0.1*g*g
			pow, inf := math.Pow(0.9, float64(t)), 2/(1-0.9)-1
			rho := inf - 2*float64(t)*pow/(1-pow)
			mh := m / (1 - math.Pow(0.9, float64(t)))
			if rho > 4 {
				r := math.Sqrt((rho - 4) * (rho - 2) * inf / ((inf - 4) * (inf - 2) * rho))
				return p - lr*r*mh/math.Sqrt(v/(1-pow))
			}
			return p - lr*mh
		}},
		{"radam with β₂ ≤ 0.6 never rectifies", optim.RAdam{Beta1: 0.9, Beta2: 0.6, Eps: 1e-8, Threshold: 4}, func(t int, p, g float64) float64 {
			m = 0.9*m + 0.1*g
			return p - lr*m/(1-math.Pow(0.9, float64(t)))
		}},
		{"adamw decays by ηλθ", optim.AdamW{Beta1: 0.9, Beta2: 0.999, Eps: 1e-8, BiasCorrection: true, Decay: decay}, func(t int, p, g float64) float64 {
			m, v = 0.9*m+0.1*g, 0.999*v+0.001*g*g
			mh, vh := m/(1-math.Pow(0.9, float64(t))), v/(1-math.Pow(0.999, float64(t)))
			return p - lr*(mh/(math.Sqrt(vh)+1e-8)+decay*p)
		}},
		{"lion", optim.Lion{Beta1: 0.9, Beta2: 0.99, Decay: decay}, func(_ int, p, g float64) float64 {
			u := 0.9*m + 0.1*g
			m = 0.99*m + 0.01*g
			sign := 0.0
			if u != 0 {
				sign = math.Copysign(1, u)
			}
			return p - lr*(sign+decay*p)
		}},
	}
	for _, f := range forms {
		t.Run(f.name, func(t *testing.T) {
			v, s, d, m, x = 0, 0, 0, 0, 0
			near(t, walk(t, f.rule, constant(lr)), by(f.want))
		})
	}
	for _, info := range optim.Rules() {
		t.Run(info.Name+" with L2 in the gradient", func(t *testing.T) {
			near(t, withDecay(t, info, "l2", "0.3"), byHand(t, info, func(p, g float64) float64 { return g + l2*p }, 0))
		})
		t.Run(info.Name+" with decoupled decay", func(t *testing.T) {
			near(t, withDecay(t, info, "decay", "0.2"), byHand(t, info, func(_, g float64) float64 { return g }, decay))
		})
	}
}

func withDecay(t *testing.T, info *optim.Info, name, value string) []float64 {
	t.Helper()
	r, err := optim.With(plain(t, info), name, value)
	if err != nil {
		t.Fatal(err)
	}
	return walk(t, r, constant(0.1))
}

// plain is a rule without any decay.
func plain(t *testing.T, info *optim.Info) optim.Rule {
	t.Helper()
	r, err := optim.With(info.New(), "decay", "0")
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// byHand runs the rule without decay and applies decay from outside: change to
// the gradient, and a shrinking of the parameter by ηλ.
func byHand(t *testing.T, info *optim.Info, change func(p, g float64) float64, decay float64) []float64 {
	t.Helper()
	p, g := []float64{1}, []float64{0}
	opt, err := optim.New([]optim.Param[float64]{{Name: "p", Shape: []int{1}, Data: p, Grad: g}}, optim.All(plain(t, info)))
	if err != nil {
		t.Fatal(err)
	}
	var out []float64
	for _, v := range gradients {
		before := p[0]
		if err := opt.Probe(0.1); err != nil {
			t.Fatal(err)
		}
		g[0] = change(p[0], v)
		if err := opt.Step(0.1); err != nil {
			t.Fatal(err)
		}
		p[0] -= 0.1 * decay * before
		out = append(out, p[0])
	}
	return out
}

// TestMomentumFormsDiffer checks where the textbook form and PyTorch's agree: as long as the rate is constant.
func TestMomentumFormsDiffer(t *testing.T) {
	inside, outside := optim.Momentum{Beta: 0.9}, optim.SGD{Momentum: 0.9}
	near(t, walk(t, inside, constant(0.1)), walk(t, outside, constant(0.1)))
	a, b := walk(t, inside, falling), walk(t, outside, falling)
	if math.Abs(a[len(a)-1]-b[len(b)-1]) < 1e-3 {
		t.Errorf("under a falling rate both forms end at %v and %v: the velocity should remember the old rates", a[len(a)-1], b[len(b)-1])
	}
}

// TestNesterovForms checks that look-ahead and both reparametrised forms trace
// the same true θ on Rosenbrock's function for constant η and μ, and that
// under a schedule only those with the rate inside the velocity do.
func TestNesterovForms(t *testing.T) {
	trace := func(r optim.Rule, rate func(int) float64) [][2]float64 {
		x, g, view := []float64{-1.2, 1}, make([]float64, 2), make([]float64, 2)
		opt, err := optim.New([]optim.Param[float64]{{Name: "x", Shape: []int{2}, Data: x, Grad: g}}, optim.All(r))
		if err != nil {
			t.Fatal(err)
		}
		var out [][2]float64
		for step := range 200 {
			if err := opt.Probe(rate(step)); err != nil {
				t.Fatal(err)
			}
			g[0], g[1] = rosenbrockGradient(x[0], x[1])
			if err := opt.Step(rate(step)); err != nil {
				t.Fatal(err)
			}
			if err := opt.View(0, view); err != nil {
				t.Fatal(err)
			}
			out = append(out, [2]float64{view[0], view[1]})
		}
		return out
	}
	gap := func(a, b [][2]float64) float64 {
		worst := 0.0
		for i := range a {
			worst = math.Max(worst, math.Max(math.Abs(a[i][0]-b[i][0]), math.Abs(a[i][1]-b[i][1])))
		}
		return worst
	}
	ahead, inside, outside := optim.Nesterov{Beta: 0.9}, optim.Momentum{Beta: 0.9, Nesterov: true}, optim.SGD{Momentum: 0.9, Nesterov: true}
	constant := func(int) float64 { return 2e-4 }
	want := trace(ahead, constant)
	for name, r := range map[string]optim.Rule{"Momentum": inside, "SGD": outside} {
		if g := gap(want, trace(r, constant)); g > 1e-12 {
			t.Errorf("%s: true θ is off by %g from the look-ahead form", name, g)
		}
	}
	changing := func(step int) float64 { return 4e-4 / (1 + float64(step)/20) }
	want = trace(ahead, changing)
	if g := gap(want, trace(inside, changing)); g > 1e-12 {
		t.Errorf("Momentum: under a schedule true θ is off by %g from the look-ahead form", g)
	}
	if g := gap(want, trace(outside, changing)); g < 1e-6 {
		t.Errorf("SGD: under a schedule true θ differs by only %g: its velocity keeps no rates", g)
	}
}
