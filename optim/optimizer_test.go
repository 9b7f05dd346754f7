package optim

import (
	"math"
	"runtime"
	"strings"
	"testing"
)

// tensorOf returns a parameter of n elements with a gradient.
func tensorOf[F Float](name string, n int) Param[F] {
	return Param[F]{Name: name, Shape: []int{n}, Data: vector[F](n, 1, false), Grad: vector[F](n, 2, false)}
}

func mustNew[F Float](t testing.TB, params []Param[F], groups ...Group) *Optimizer[F] {
	t.Helper()
	o, err := New(params, groups...)
	if err != nil {
		t.Fatal(err)
	}
	return o
}

func mustStep[F Float](t testing.TB, o *Optimizer[F], lr float64) {
	t.Helper()
	if err := o.Probe(lr); err != nil {
		t.Fatal(err)
	}
	if err := o.Step(lr); err != nil {
		t.Fatal(err)
	}
}

func wantError(t *testing.T, err error, want string) {
	t.Helper()
	if err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("error %v, want %s", err, want)
	}
}

type curve func(int64) float64

func (c curve) At(step int64) float64 { return c(step) }

func TestNewRefuses(t *testing.T) {
	a, b := tensorOf[float32]("a.weight", 3), tensorOf[float32]("b.bias", 2)
	long := tensorOf[float32]("long", 3)
	long.Shape = []int{2, 2}
	negative := tensorOf[float32]("negative", 0)
	negative.Shape = []int{-1}
	huge := tensorOf[float32]("huge", 0)
	huge.Shape = []int{1 << 40, 1 << 40}
	params := func(p ...Param[float32]) []Param[float32] { return p }
	only64, err := Custom("only64", nil, nil, func(_ Scalars[float64], p, _ float64, s Slots[float64]) (float64, Slots[float64]) { return p, s })
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		params []Param[float32]
		groups []Group
		want   string
	}{
		{nil, []Group{All(NewSGD())}, "no parameters"},
		{params(Param[float32]{}), []Group{All(NewSGD())}, "parameter 0 has no name"},
		{params(a, a), []Group{All(NewSGD())}, `two parameters are named "a.weight"`},
		{params(long), []Group{All(NewSGD())}, `parameter "long" has 3 values, want 4 for shape [2 2]`},
		{params(negative), []Group{All(NewSGD())}, "negative dimension"},
		{params(huge), []Group{All(NewSGD())}, "more elements than an int64"},
		{params(a), nil, `no group matches parameter "a.weight" of shape [3]`},
		{params(a, b), []Group{Where(Named("*.bias"), NewSGD())}, `no group matches parameter "a.weight"`},
		{params(a, b), []Group{Where(Named("*.gain"), NewSGD()), All(NewSGD())}, "group 0 matches no parameter"},
		{params(a, b), []Group{All(NewSGD()), All(NewSGD())}, "group 1 matches no parameter that an earlier group has not; the parameters are a.weight, b.bias"},
		{params(a), []Group{Where(Named("["), NewSGD()), All(NewSGD())}, "group 0 matches no parameter"},
		{params(a), []Group{{LRScale: 1}}, "group 0 has no rule"},
		{params(a), []Group{{Rule: NewSGD()}}, "group 0: LRScale = 0, want (0, +Inf)"},
		{params(a), []Group{{Rule: NewSGD(), LRScale: math.NaN()}}, "LRScale = NaN"},
		{params(a), []Group{All(Adam{Beta1: 1.2})}, "Adam.Beta1 = 1.2, want [0, 1) (group 0)"},
		{params(a), []Group{{Rule: NewAdam(), LRScale: 1, Hyper: map[string]Curve{"beta3": curve(func(int64) float64 { return 0 })}}}, `adam has no hyper-parameter "beta3" to follow a schedule`},
		{params(a), []Group{{Rule: NewAdam(), LRScale: 1, Hyper: map[string]Curve{"bias_correction": curve(func(int64) float64 { return 0 })}}}, "Adam.BiasCorrection is a switch"},
		{params(a), []Group{{Rule: NewAdam(), LRScale: 1, Hyper: map[string]Curve{"beta1": nil}}}, "Adam.Beta1: the schedule is nil"},
		{params(a), []Group{{Rule: NewAdam(), LRScale: 1, Hyper: map[string]Curve{"beta1": curve(func(int64) float64 { return 2 })}}}, "Adam.Beta1 = 2 by its schedule at step 0, want [0, 1)"},
		{params(a), []Group{All(only64)}, "rule only64 has no function for float32 (group 0)"},
	} {
		_, err := New(c.params, c.groups...)
		wantError(t, err, c.want)
	}
}

func TestStepRefuses(t *testing.T) {
	p := tensorOf[float32]("p", 3)
	params := []Param[float32]{p}
	o := mustNew(t, params, All(NewSGD()))
	for _, lr := range []float64{-1, math.NaN(), math.Inf(1)} {
		wantError(t, o.Step(lr), "want a finite number ≥ 0")
	}
	params[0].Grad = params[0].Grad[:2]
	wantError(t, o.Step(1), `gradient of "p" has 2 values, want 3`)
	params[0].Data = params[0].Data[:2]
	wantError(t, o.Step(1), `parameter "p" has 2 values, had 3 when the optimizer was made`)
	if o.Updates() != 0 {
		t.Errorf("%d updates after errors", o.Updates())
	}
	ahead := mustNew(t, []Param[float32]{p}, All(NewNesterov()))
	wantError(t, ahead.Step(1), "Nesterov takes its gradient at another point: call Probe")
	was := p.Data[0]
	if err := ahead.Probe(1); err != nil {
		t.Fatal(err)
	}
	wantError(t, ahead.Step(math.NaN()), "want a finite number")
	if p.Data[0] != was || ahead.probed {
		t.Error("a refused step leaves the parameters at the probe")
	}
	late := mustNew(t, []Param[float32]{tensorOf[float32]("p", 3)}, Group{Rule: NewAdam(), LRScale: 1, Hyper: map[string]Curve{"beta1": curve(func(s int64) float64 { return float64(s) })}})
	mustStep(t, late, 1)
	wantError(t, late.Step(1), "Adam.Beta1 = 1 by its schedule at step 1, want [0, 1)")
}

func TestGroups(t *testing.T) {
	names := []string{"embed.weight", "a.weight", "a.bias", "b.weight", "b.bias"}
	var params []Param[float64]
	for i, n := range names {
		p := tensorOf[float64](n, 4)
		if i%2 == 1 {
			p.Shape = []int{2, 2}
		}
		params = append(params, p)
	}
	before := make([][]float64, len(params))
	for i, p := range params {
		before[i] = append([]float64(nil), p.Data...)
	}
	slow := Where(Named("*.bias"), NewSGD())
	slow.LRScale = 0.1
	o := mustNew(t, params, Freeze(Named("embed.*")), slow, Where(Rank(2), Lion{Beta1: 0.9, Beta2: 0.99}))
	params[3].Grad = nil
	mustStep(t, o, 0.01)
	for i, p := range params {
		for j, v := range p.Data {
			var want float64
			switch i {
			case 0, 3:
				want = before[i][j]
			case 2, 4:
				want = before[i][j] - float64(0.01*0.1*p.Grad[j])
			case 1:
				want = before[i][j] - 0.01*sign(p.Grad[j])
			}
			if math.Abs(v-want) > 1e-15 {
				t.Errorf("%s[%d] = %v, want %v", p.Name, j, v, want)
			}
		}
	}
	if o.State("embed.weight", "m") != nil || o.State("a.weight", "m") == nil || o.State("a.bias", "b") != nil {
		t.Error("state where there should be none, or none where there should be")
	}
	if got := o.StateBytes(); got != 2*4*8 {
		t.Errorf("%d bytes of state, want 64", got)
	}
}

// TestManyTensors updates tensors that are neighbours in one array, tensors of
// their own, and tensors whose values and gradients move between the steps: it
// makes no difference to the bits.
func TestManyTensors(t *testing.T) {
	const n, size = 50, 7
	for _, v := range variants(t) {
		flat, flatGrad := vector[float32](n*size, 1, false), vector[float32](n*size, 2, false)
		var joined, apart, moving []Param[float32]
		for i := range n {
			p := Param[float32]{Name: string(rune('a' + i)), Shape: []int{size}, Data: flat[i*size : (i+1)*size], Grad: flatGrad[i*size : (i+1)*size]}
			joined = append(joined, p)
			p.Data, p.Grad = append([]float32(nil), p.Data...), append([]float32(nil), p.Grad...)
			apart = append(apart, p)
			p.Data = append([]float32(nil), p.Data...)
			moving = append(moving, p)
		}
		opts := []*Optimizer[float32]{mustNew(t, joined, All(v.rule)), mustNew(t, apart, All(v.rule)), mustNew(t, moving, All(v.rule))}
		for step := range 6 {
			for i := range moving {
				moving[i].Data, moving[i].Grad = append([]float32(nil), moving[i].Data...), append([]float32(nil), moving[i].Grad...)
				for _, params := range [][]Param[float32]{joined, apart, moving} {
					if i == 20 && step%3 == 1 {
						params[i].Grad = nil
					} else if i == 20 {
						params[i].Grad = flatGrad[i*size : (i+1)*size]
					}
				}
			}
			for _, o := range opts {
				mustStep(t, o, 0.01)
			}
		}
		for i := range joined {
			if !equal(joined[i].Data, apart[i].Data) || !equal(joined[i].Data, moving[i].Data) {
				t.Fatalf("%v: tensor %d differs", v, i)
			}
		}
		if got := len(opts[0].update.runs); got > 3 {
			t.Errorf("%v: neighbours are %d runs", v, got)
		}
	}
}

// TestNilGradient leaves a parameter alone: no decay, no state, no count of its updates.
func TestNilGradient(t *testing.T) {
	for _, v := range variants(t) {
		params := []Param[float64]{tensorOf[float64]("a", 5), tensorOf[float64]("b", 5)}
		alone := []Param[float64]{tensorOf[float64]("b", 5)}
		r, err := With(v.rule, "decay", "0.1")
		if err != nil {
			t.Fatal(err)
		}
		o, lone := mustNew(t, params, All(r)), mustNew(t, alone, All(r))
		grad := params[1].Grad
		params[1].Grad = nil
		for range 3 {
			mustStep(t, o, 0.01)
		}
		params[1].Grad = grad
		for range 3 {
			mustStep(t, o, 0.01)
			mustStep(t, lone, 0.01)
		}
		for i := range params[1].Data {
			if params[1].Data[i] != alone[0].Data[i] {
				t.Fatalf("%v: a parameter that waited for its gradient went elsewhere: %v, want %v", v, params[1].Data, alone[0].Data)
			}
		}
	}
}

// TestRestoreIsExact moves parameters to the probe and back.
func TestRestoreIsExact(t *testing.T) {
	p := tensorOf[float32]("p", 100)
	p.Data[3] = 1e-42
	o := mustNew(t, []Param[float32]{p}, All(NewNesterov()))
	mustStep(t, o, 0.1)
	was := append([]float32(nil), p.Data...)
	if err := o.Probe(0.1); err != nil {
		t.Fatal(err)
	}
	moved := false
	for i := range was {
		moved = moved || p.Data[i] != was[i]
	}
	wantError(t, o.View(0, make([]float32, 100)), "at the probe")
	wantError(t, o.WriteState(nil), "at the probe")
	o.Restore()
	for i := range was {
		if p.Data[i] != was[i] {
			t.Fatalf("element %d came back as %v, was %v", i, p.Data[i], was[i])
		}
	}
	if !moved {
		t.Error("Probe moved nothing")
	}
	wantError(t, o.View(0, make([]float32, 3)), "3 elements to write to, want 100")
}

func TestHyperFollowsSchedule(t *testing.T) {
	params := []Param[float64]{tensorOf[float64]("p", 3)}
	betas := []float64{0, 0.5, 0.9}
	o := mustNew(t, params, Group{Rule: NewSGD(), LRScale: 1, Hyper: map[string]Curve{"Momentum": curve(func(s int64) float64 { return betas[s] })}})
	p, b := append([]float64(nil), params[0].Data...), make([]float64, 3)
	for step := range betas {
		mustStep(t, o, 0.1)
		for i, g := range params[0].Grad {
			b[i] = betas[step]*b[i] + g
			p[i] -= 0.1 * b[i]
			if math.Abs(p[i]-params[0].Data[i]) > 1e-15 {
				t.Fatalf("step %d: %v, want %v", step, params[0].Data[i], p[i])
			}
		}
	}
}

// TestStepAllocatesNothing counts, for every form of every rule, with everything switched on.
func TestStepAllocatesNothing(t *testing.T) {
	for _, v := range variants(t) {
		for _, busy := range []bool{false, true} {
			params := []Param[float32]{tensorOf[float32]("a", 5000), tensorOf[float32]("b", 3)}
			g := All(v.rule)
			if busy {
				g.Hyper = map[string]Curve{"decay": curve(func(s int64) float64 { return 0.1 })}
			}
			o := mustNew(t, params, g)
			view := make([]float32, 3)
			if busy {
				o.Measure(true)
				if err := o.ClipNorm(1); err != nil {
					t.Fatal(err)
				}
				if err := o.ClipValue(0.5); err != nil {
					t.Fatal(err)
				}
			}
			n := testing.AllocsPerRun(20, func() {
				if o.Probe(0.01) != nil || o.Step(0.01) != nil || o.View(1, view) != nil {
					t.Fatal("a step failed")
				}
			})
			if n != 0 {
				t.Errorf("%v, busy %v: %v allocations per step", v, busy, n)
			}
		}
	}
}

// TestIdleStateStaysFast runs every rule to where the state of a parameter
// without gradient has decayed away, and finds nothing subnormal.
func TestIdleStateStaysFast(t *testing.T) {
	for _, v := range variants(t) {
		params := []Param[float32]{{Name: "p", Shape: []int{4}, Data: []float32{1, 1e-3, -1, 0}, Grad: []float32{1e-9, -1e-10, 1e-20, 1e-12}}}
		o := mustNew(t, params, All(v.rule))
		mustStep(t, o, 1e-3)
		clear(params[0].Grad)
		for range 50_000 {
			mustStep(t, o, 1e-3)
			for s, state := range o.tensors[0].state {
				for i, x := range state {
					if x != 0 && math.Abs(float64(x)) < 0x1p-126 {
						t.Fatalf("%v: slot %d of element %d is %g", v, s, i, x)
					}
				}
			}
		}
	}
}

// TestConvergence brings every form of every rule to the bottom of a bowl.
func TestConvergence(t *testing.T) {
	rates := map[string]float64{"adadelta": 100, "adagrad": 0.5, "sgd": 0.05, "lion": 0.005, "momentum": 0.05, "nesterov": 0.05, "asgd": 0.05}
	for _, v := range variants(t) {
		if m, _ := HyperValue(v.rule, "maximize"); m != 0 {
			t.Fatalf("%v climbs", v)
		}
		x, g := []float64{3, -2}, make([]float64, 2)
		o := mustNew(t, []Param[float64]{{Name: "x", Shape: []int{2}, Data: x, Grad: g}}, All(v.rule))
		lr, ok := rates[v.rule.Info().Name]
		if !ok {
			lr = 0.05
		}
		loss := func() float64 { return x[0]*x[0]/2 + 5*x[1]*x[1]/2 }
		start := loss()
		for step := range 3000 {
			rate := lr * (1 - float64(step)/3000)
			if err := o.Probe(rate); err != nil {
				t.Fatal(err)
			}
			g[0], g[1] = x[0], 5*x[1]
			if err := o.Step(rate); err != nil {
				t.Fatal(err)
			}
		}
		if loss() > 1e-4*start {
			t.Errorf("%v: loss %g after 3000 steps, %g at the start", v, loss(), start)
		}
	}
}

func TestSameBitsAtAnyGOMAXPROCS(t *testing.T) {
	run := func(procs int) []float32 {
		defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(procs))
		params := []Param[float32]{tensorOf[float32]("a", 300_000), tensorOf[float32]("b", 7)}
		o := mustNew(t, params, All(NewAdamW()))
		o.Measure(true)
		if err := o.ClipNorm(1); err != nil {
			t.Fatal(err)
		}
		for range 5 {
			mustStep(t, o, 0.01)
		}
		s := o.Stats()
		return append(params[0].Data, float32(s.GradNorm), float32(s.UpdateNorm))
	}
	one, two := run(1), run(2)
	for i := range one {
		if one[i] != two[i] {
			t.Fatalf("element %d: %v with one, %v with two", i, one[i], two[i])
		}
	}
}

func TestStats(t *testing.T) {
	params := []Param[float64]{{Name: "p", Shape: []int{2}, Data: []float64{3, 4}, Grad: []float64{0.6, 0.8}}}
	o := mustNew(t, params, All(NewSGD()))
	o.Measure(true)
	mustStep(t, o, 0.5)
	s := o.Stats()
	want := Stats{Rate: 0.5, GradNorm: 1, UpdateNorm: 0.5, ParamNorm: 5, Ratio: 0.1}
	if math.Abs(s.GradNorm-1) > 1e-15 || math.Abs(s.UpdateNorm-0.5) > 1e-15 || s.ParamNorm != 5 || math.Abs(s.Ratio-0.1) > 1e-15 || s.Rate != 0.5 || s.Skipped || s.Clipped {
		t.Errorf("%+v, want %+v", s, want)
	}
	if r := EffectiveRate(0.01, 0.9); math.Abs(r-0.1) > 1e-15 {
		t.Errorf("effective rate %v", r)
	}
}
