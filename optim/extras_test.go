package optim

import (
	"math"
	"testing"

	"github.com/descent-go/descent/internal/cpu"
)

func TestAccumulatorIsTheWholeBatch(t *testing.T) {
	// The gradient of a mean over 5 examples, from micro-batches of 2, 2 and 1.
	examples := [][]float64{{1, 2}, {-3, 4}, {5, 0}, {0.5, -8}, {2, 2}}
	mean := func(rows [][]float64) (g [2]float64) {
		for _, r := range rows {
			g[0] += r[0] / float64(len(rows))
			g[1] += r[1] / float64(len(rows))
		}
		return g
	}
	params := []Param[float64]{{Name: "p", Shape: []int{2}, Data: make([]float64, 2), Grad: make([]float64, 2)}, {Name: "idle", Shape: []int{1}, Data: make([]float64, 1)}}
	acc := NewAccumulator(params)
	for range 2 { // it starts again after Mean
		for _, part := range [][][]float64{examples[:2], examples[2:4], examples[4:]} {
			g := mean(part)
			copy(params[0].Grad, g[:])
			if err := acc.Add(float64(len(part))); err != nil {
				t.Fatal(err)
			}
		}
		if acc.Weight() != 5 {
			t.Errorf("weight %v", acc.Weight())
		}
		acc.Mean()
		want := mean(examples)
		for i, w := range want {
			if math.Abs(params[0].Grad[i]-w) > 1e-15 {
				t.Errorf("mean gradient %v, want %v", params[0].Grad, want)
			}
		}
	}
	was := append([]float64(nil), params[0].Grad...)
	acc.Mean()
	if !equal(was, params[0].Grad) || params[1].Grad != nil {
		t.Error("Mean of nothing changed a gradient")
	}
	for _, w := range []float64{0, -1, math.NaN(), math.Inf(1)} {
		wantError(t, acc.Add(w), "want a finite weight above zero")
	}
	params[0].Grad = params[0].Grad[:1]
	wantError(t, acc.Add(1), `gradient of "p" has 1 values, want 2`)
}

func TestAverages(t *testing.T) {
	values := []float64{1, 5, -2, 8}
	params := []Param[float64]{{Name: "p", Shape: []int{1}, Data: []float64{0}}}
	ema, err := NewEMA(params, 0.9)
	if err != nil {
		t.Fatal(err)
	}
	swa := NewSWA(params)
	swa.Swap() // before the first update there is nothing to swap in
	num, den, sum := 0.0, 0.0, 0.0
	for i, v := range values {
		params[0].Data[0] = v
		if err := ema.Update(); err != nil {
			t.Fatal(err)
		}
		if err := swa.Update(); err != nil {
			t.Fatal(err)
		}
		num, den, sum = 0.9*num+0.1*v, 0.9*den+0.1, sum+v
		for _, c := range []struct {
			a    *Average[float64]
			want float64
		}{{ema, num / den}, {swa, sum / float64(i+1)}} {
			c.a.Swap()
			if math.Abs(params[0].Data[0]-c.want) > 1e-14 || !c.a.Swapped() {
				t.Errorf("after %d values the mean is %v, want %v", i+1, params[0].Data[0], c.want)
			}
			wantError(t, c.a.Update(), "swapped in")
			c.a.Swap()
			if params[0].Data[0] != v {
				t.Errorf("swapped back to %v, want %v", params[0].Data[0], v)
			}
		}
	}
	for _, d := range []float64{0, 1, -1, math.NaN()} {
		_, err := NewEMA(params, d)
		wantError(t, err, "want (0, 1)")
	}
	if n := testing.AllocsPerRun(10, func() { _ = ema.Update(); ema.Swap(); ema.Swap() }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func TestMemory(t *testing.T) {
	shapes := []Param[float32]{{Name: "a", Shape: []int{1000, 1000}}, {Name: "b", Shape: []int{1000}}, {Name: "c"}}
	n := int64(1_001_001)
	for _, c := range []struct {
		spec  string
		slots int64
	}{{"sgd", 0}, {"sgd:momentum=0.9", 1}, {"adamw", 2}, {"amsgrad", 3}, {"rmsprop:centered,momentum=0.9", 3}, {"lion", 1}} {
		r, err := Parse(c.spec)
		if err != nil {
			t.Fatal(err)
		}
		got, err := Memory(shapes, r)
		want := Footprint{Parameters: 4 * n, Gradients: 4 * n, State: 4 * n * c.slots, Total: 4 * n * (2 + c.slots)}
		if err != nil || got != want {
			t.Errorf("%s: %+v, %v, want %+v", c.spec, got, err, want)
		}
	}
	for _, v := range variants(t) { // what is promised is what is held
		o := mustNew(t, []Param[float64]{tensorOf[float64]("p", 10)}, All(v.rule))
		if f, err := Memory(o.Params(), v.rule); err != nil || f.State != o.StateBytes() {
			t.Errorf("%v: %d bytes of state promised, %d held, %v", v, f.State, o.StateBytes(), err)
		}
	}
	_, err := MemoryOf(math.MaxInt64/8, 4, NewAdam())
	wantError(t, err, "fit an int64")
	_, err = MemoryOf(-1, 4, NewAdam())
	wantError(t, err, "fit an int64")
	_, err = MemoryOf(1, 4, Adam{Beta1: 2})
	wantError(t, err, "Adam.Beta1")
	_, err = Memory([]Param[float32]{{Name: "x", Shape: []int{-3}}}, NewAdam())
	wantError(t, err, `parameter "x"`)
}

// signum is sign descent with momentum, and counts its updates in s[1].
func signum[F Float](k Scalars[F], p, g F, s Slots[F]) (F, Slots[F]) {
	s[0] = F(0.9*s[0]) + F(0.1*g)
	s[1] = F(k.T)
	if s[0] > 0 {
		return p - k.LR, s
	}
	return p + k.LR, s
}

func TestCustom(t *testing.T) {
	r, err := Custom("signum", []string{"m", "count"}, signum[float32], signum[float64])
	if err != nil {
		t.Fatal(err)
	}
	params := []Param[float32]{{Name: "p", Shape: []int{2}, Data: []float32{1, 1}, Grad: []float32{4, -4}}}
	o := mustNew(t, params, All(r))
	if err := o.ClipNorm(1); err != nil {
		t.Fatal(err)
	}
	o.tensors[0].t = 1<<31 + 12345 // counts beyond what a float32 holds
	mustStep(t, o, 0.25)
	if p := params[0].Data; p[0] != 0.75 || p[1] != 1.25 {
		t.Errorf("%v", p)
	}
	if m := o.State("p", "m"); math.Abs(float64(m[0])-0.1/math.Sqrt2) > 1e-8 {
		t.Errorf("clipped momentum %v", m)
	}
	if c := o.State("p", "count"); c[0] != float32(1<<31+12346) {
		t.Errorf("update %v", c[0])
	}
	if n := testing.AllocsPerRun(10, func() { _ = o.Step(0.1) }); n != 0 {
		t.Errorf("%v allocations per step", n)
	}
	if v := (variant{r, FormOf(r)}); true {
		saveLoadStep[float32](t, v)
		saveLoadStep[float64](t, v)
		bounds[float32](t, v, cpu.Best())
	}
	none := func(_ Scalars[float32], p, _ float32, s Slots[float32]) (float32, Slots[float32]) { return p, s }
	for _, c := range []struct {
		name  string
		slots []string
		f     ScalarFunc[float32]
		want  string
	}{
		{"", nil, none, "needs a name"},
		{"r", []string{"a", "a"}, none, `slot "a"`},
		{"r", []string{"a#b"}, none, `slot "a#b"`},
		{"r", []string{"a", "b", "c", "d", "e"}, none, "5 slots, at most 4"},
		{"r", nil, nil, "has no function"},
	} {
		_, err := Custom(c.name, c.slots, c.f, nil)
		wantError(t, err, c.want)
	}
}
