package optim

import (
	"errors"
	"math"
	"testing"
)

func TestClipNorm(t *testing.T) {
	params := []Param[float64]{{Name: "p", Shape: []int{2}, Data: []float64{0, 0}, Grad: []float64{30, -40}}}
	o := mustNew(t, params, All(NewSGD()))
	wantError(t, o.ClipNorm(-1), "ClipNorm(-1), want above zero")
	wantError(t, o.ClipNorm(0), "ClipNorm(0), want above zero")
	wantError(t, o.ClipNorm(math.NaN()), "ClipNorm(NaN)")
	if err := o.ClipNorm(5); err != nil {
		t.Fatal(err)
	}
	mustStep(t, o, 1)
	if p := params[0].Data; math.Abs(p[0]+3) > 1e-14 || math.Abs(p[1]-4) > 1e-14 {
		t.Errorf("clipped step went to %v, want [-3 4]", p)
	}
	if g := params[0].Grad; g[0] != 30 || g[1] != -40 {
		t.Errorf("ClipNorm changed Grad to %v", g)
	}
	if s := o.Stats(); s.GradNorm != 50 || !s.Clipped {
		t.Errorf("%+v", s)
	}
	copy(params[0].Grad, []float64{3, -4})
	mustStep(t, o, 1)
	if o.Stats().Clipped {
		t.Error("a norm at the limit was clipped")
	}
}

// TestClipNormOfExtremes takes norms whose squares no float64 holds.
func TestClipNormOfExtremes(t *testing.T) {
	for _, scale := range []float64{1e200, 1e-200, 1e300, 1e-300} {
		params := []Param[float64]{{Name: "p", Shape: []int{2}, Data: []float64{0, 0}, Grad: []float64{3 * scale, 4 * scale}}}
		o := mustNew(t, params, All(NewSGD()))
		o.Measure(true)
		if err := o.OnNonFinite(FailNonFinite); err != nil {
			t.Fatal(err)
		}
		mustStep(t, o, 0)
		if n := o.Stats().GradNorm / scale; math.Abs(n-5) > 1e-14 {
			t.Errorf("norm of [3 4]·%g is %v·%g", scale, n, scale)
		}
	}
}

func TestClipValue(t *testing.T) {
	params := []Param[float32]{{Name: "p", Shape: []int{3}, Data: make([]float32, 3), Grad: []float32{3, -4, 0.25}}}
	o := mustNew(t, params, All(NewSGD()))
	wantError(t, o.ClipValue(0), "ClipValue(0), want above zero")
	if err := o.ClipValue(0.5); err != nil {
		t.Fatal(err)
	}
	mustStep(t, o, 1)
	if p := params[0].Data; p[0] != -0.5 || p[1] != 0.5 || p[2] != -0.25 {
		t.Errorf("%v, want [-0.5 0.5 -0.25]", p)
	}
}

func TestNonFinite(t *testing.T) {
	wantError(t, mustNew(t, []Param[float32]{tensorOf[float32]("p", 1)}, All(NewSGD())).OnNonFinite(NonFinite(9)), "OnNonFinite(NonFinite(9))")
	for _, bad := range []float64{math.NaN(), math.Inf(1), math.Inf(-1)} {
		for _, v := range variants(t) {
			setup := func(p NonFinite) (*Optimizer[float64], []Param[float64], []float64) {
				params := []Param[float64]{tensorOf[float64]("a", 3), tensorOf[float64]("b", 20)}
				o := mustNew(t, params, All(v.rule))
				if err := o.OnNonFinite(p); err != nil {
					t.Fatal(err)
				}
				mustStep(t, o, 0.01)
				params[1].Grad[17] = bad
				return o, params, append([]float64(nil), params[0].Data...)
			}
			o, params, was := setup(FailNonFinite)
			if err := o.Probe(0.01); err != nil {
				t.Fatal(err)
			}
			err := o.Step(0.01)
			var nf *NonFiniteError
			if !errors.As(err, &nf) || nf.Param != "b" || nf.Index != 17 || nf.Step != 1 || same(nf.Value, bad) == false {
				t.Fatalf("%v: error %v", v, err)
			}
			if !equal(params[0].Data, was) || o.Updates() != 1 {
				t.Errorf("%v: FailNonFinite updated something", v)
			}

			o, params, was = setup(SkipNonFinite)
			mustStep(t, o, 0.01)
			if !equal(params[0].Data, was) || o.Updates() != 1 || o.Skipped() != 1 || !o.Stats().Skipped {
				t.Errorf("%v: SkipNonFinite updated something: %d updates, %d skipped", v, o.Updates(), o.Skipped())
			}
			params[1].Grad[17] = 1
			mustStep(t, o, 0.01)
			if o.Updates() != 2 || o.Stats().Skipped {
				t.Errorf("%v: the step after a skipped one: %d updates", v, o.Updates())
			}

			o, params, _ = setup(ZeroNonFinite)
			mustStep(t, o, 0.01)
			if params[1].Grad[17] != 0 || o.Updates() != 2 {
				t.Errorf("%v: ZeroNonFinite left %v", v, params[1].Grad[17])
			}
			for _, x := range params[1].Data {
				if x-x != 0 {
					t.Fatalf("%v: ZeroNonFinite let %v through", v, x)
				}
			}
		}
	}
	// With ClipNorm a NaN is found without asking.
	params := []Param[float64]{{Name: "p", Shape: []int{1}, Data: []float64{1}, Grad: []float64{math.NaN()}}}
	o := mustNew(t, params, All(NewSGD()))
	if err := o.ClipNorm(1); err != nil {
		t.Fatal(err)
	}
	wantError(t, o.Step(1), `gradient of "p" is NaN at element 0, at step 0`)
	for _, p := range []NonFinite{Unchecked, FailNonFinite, SkipNonFinite, ZeroNonFinite} {
		if back, err := ParseNonFinite(p.String()); back != p || err != nil {
			t.Errorf("%v reads back as %v, %v", p, back, err)
		}
	}
	if _, err := ParseNonFinite("ignore"); err == nil {
		t.Error("policy ignore was accepted")
	}
}

func equal[F Float](a, b []F) bool {
	for i := range a {
		if a[i] != b[i] {
			return false
		}
	}
	return len(a) == len(b)
}
