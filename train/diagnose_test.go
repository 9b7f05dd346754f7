package train_test

import (
	"context"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/descent-go/descent/data"
	"github.com/descent-go/descent/nn"
	"github.com/descent-go/descent/optim"
	"github.com/descent-go/descent/problem"
	"github.com/descent-go/descent/train"
)

// diagnoses is a sink that keeps them.
type diagnoses []train.Diagnosis

func (d *diagnoses) Event(e train.Event) {
	if e, ok := e.(*train.Diagnosis); ok {
		c := *e
		c.Params = slices.Clone(e.Params)
		*d = append(*d, c)
	}
}

var allDiagnostics = train.Diagnostics{Params: true, Cosine: true, Line: true, Sharpness: true}

func close(got train.Real, want, relative float64) bool {
	return math.Abs(float64(got)-want) <= relative*math.Abs(want)
}

// Gradient descent on a quadratic of eigenvalues 1 and 20: all is known.
func TestDiagnoseQuadratic(t *testing.T) {
	for _, rate := range []float64{0.01, 0.09, 0.11} {
		m := function(t, "x^2/2 + 10*y^2", 3, 1)
		x, y := 3.0, 1.0
		var got diagnoses
		minimize(t, m, "sgd", rate, 30, func(o *train.Options) {
			d := allDiagnostics
			o.Diagnose, o.BlowUp = &d, 0
		}, &got)
		if len(got) != 30 {
			t.Fatalf("%d diagnoses", len(got))
		}
		lastX, lastY := math.NaN(), 0.0
		for i, d := range got {
			gx, gy := x, 20*y
			square := gx*gx + gy*gy
			curvature := (gx*gx + 20*gy*gy) / square
			if d.Step != int64(i+1) || !close(d.Rate, rate, 0) {
				t.Errorf("step %d at %v", d.Step, d.Rate)
			}
			if !close(d.Along, curvature, 1e-6) || math.Abs(float64(d.Alpha)-(rate*curvature-1)) > 1e-6 {
				t.Errorf("rate %v, step %d: curvature %v, α %v, want %v, %v", rate, i+1, d.Along, d.Alpha, curvature, rate*curvature-1)
			}
			if !close(d.Sharpness, 20, 1e-6) || !close(d.Edge, 0.1, 1e-6) {
				t.Errorf("rate %v, step %d: sharpness %v, edge %v", rate, i+1, d.Sharpness, d.Edge)
			}
			cosine := (gx*lastX + gy*lastY) / math.Sqrt(square) / math.Hypot(lastX, lastY)
			if i == 0 != math.IsNaN(float64(d.Cosine)) || i > 0 && math.Abs(float64(d.Cosine)-cosine) > 1e-9 {
				t.Errorf("rate %v, step %d: cosine %v, want %v", rate, i+1, d.Cosine, cosine)
			}
			p := d.Params[0]
			size, slope := math.Hypot(x, y), math.Sqrt(square)
			if p.Name != "x" || !close(p.Value, size, 1e-9) || !close(p.Grad, slope, 1e-9) ||
				!close(p.Update, rate*slope, 1e-9) || !close(p.Ratio, rate*slope/size, 1e-9) {
				t.Errorf("rate %v, step %d: %+v", rate, i+1, p)
			}
			lastX, lastY = gx, gy
			x, y = x-rate*gx, y-rate*gy
		}
		// Above the edge of stability gradients reverse from step to step.
		if last := float64(got[29].Cosine); rate > 0.1 && last > -0.99 {
			t.Errorf("cosine %v above the edge", last)
		}
	}
}

// A step of 1/curvature along the gradient leads to the minimum on the line,
// twice that to the other side.
func TestDiagnoseAlpha(t *testing.T) {
	for _, c := range []struct {
		function    string
		rate, alpha float64
		along       float64
	}{
		{"2*x^2", 0.25, 0, 4},
		{"2*x^2", 0.5, 1, 4},
		{"2*x^2", 0.125, -0.5, 4},
		{"2*x^2", 0, -1, math.NaN()},
		{"3*x", 0.1, -1, 0},
		{"-x^2", 0.1, -1, -2},
	} {
		var got diagnoses
		minimize(t, function(t, c.function, 3, 0), "sgd", c.rate, 1, func(o *train.Options) {
			o.Diagnose = &train.Diagnostics{Line: true}
		}, &got)
		d := got[0]
		if math.Abs(float64(d.Alpha)-c.alpha) > 1e-12 || math.IsNaN(c.along) != math.IsNaN(float64(d.Along)) || math.Abs(float64(d.Along)-c.along) > 1e-12 {
			t.Errorf("%s at %v: α %v along %v, want %v along %v", c.function, c.rate, d.Alpha, d.Along, c.alpha, c.along)
		}
		if d.Params != nil || !math.IsNaN(float64(d.Sharpness)+float64(d.Cosine)+float64(d.Edge)) {
			t.Errorf("more than asked for: %+v", d)
		}
	}
}

// The eigenvalue is that of the exact Hessian, where it is not constant, and has
// a sign.
func TestDiagnoseSharpness(t *testing.T) {
	for _, c := range []struct {
		spec string
		x, y float64
	}{
		{"rosenbrock", -1.2, 1}, {"rosenbrock", 0.3, 0.4}, {"himmelblau", 0, 0}, {"himmelblau", 3, 1},
		{"beale", 1, 1}, {"saddle", 1, 1}, {"-x^2 - 3*y^2", 1, 2}, {"sin(x)*cos(3*y)", 0.5, 2}, {"100*x + y", 1, 1},
		{"1e-4*(x^2 + 3*y^2)", 1e-3, 1e-3}, {"1e6*x^2 + y^2", 2000, 3000},
	} {
		f, err := problem.Resolve(c.spec)
		if err != nil {
			t.Fatal(err)
		}
		xx, xy, yy := f.Hessian(c.x, c.y)
		want := (xx+yy)/2 + math.Hypot((xx-yy)/2, xy)
		var got diagnoses
		minimize(t, function(t, c.spec, c.x, c.y), "sgd", 0, 1, func(o *train.Options) {
			o.Diagnose = &train.Diagnostics{Sharpness: true, Tolerance: 1e-9}
		}, &got)
		if d := got[0]; math.Abs(float64(d.Sharpness)-want) > 1e-6*math.Max(math.Abs(want), 1e-2) {
			t.Errorf("%s at %v, %v: sharpness %v, want %v", c.spec, c.x, c.y, d.Sharpness, want)
		} else if want > 0 && !close(d.Edge, 2/want, 1e-5) || want < 0 && !math.IsInf(float64(d.Edge), 1) {
			t.Errorf("%s: edge %v", c.spec, d.Edge)
		}
	}
	// In many dimensions it settles over the steps.
	for _, spec := range []string{"quadratic:n=50,kappa=300,rotate=true", "quadratic:n=2000,kappa=300"} {
		var got diagnoses
		minimize(t, function(t, spec), "sgd", 1e-3, 12, func(o *train.Options) {
			o.Diagnose = &train.Diagnostics{Sharpness: true, Tolerance: 1e-6, Iterations: 40}
		}, &got)
		if d := got[11]; !close(d.Sharpness, 300, 1e-6) || !close(d.Edge, 2./300, 1e-6) {
			t.Errorf("%s: sharpness %v", spec, d.Sharpness)
		}
	}
}

// Softmax regression has a Hessian that can be written down: the mean over
// examples of (diag(p) − ppᵀ) ⊗ xxᵀ, x with a 1 for the bias.
func TestDiagnoseSharpnessOfNetwork(t *testing.T) {
	s := spirals(t, 60)
	net := network(t, "softmax", s, 4)
	const out, dim = 2, 3
	probabilities := make([]float32, s.Len()*out)
	all := s.All()
	if err := net.Predict(&all, probabilities); err != nil {
		t.Fatal(err)
	}
	var h [out * dim][out * dim]float64
	for i := range s.Len() {
		x := [dim]float64{float64(s.Row(i)[0]), float64(s.Row(i)[1]), 1}
		p := probabilities[i*out:][:out]
		for r := range h {
			for c := range h {
				k := -float64(p[r/dim]) * float64(p[c/dim])
				if r/dim == c/dim {
					k += float64(p[r/dim])
				}
				h[r][c] += k * x[r%dim] * x[c%dim] / float64(s.Len())
			}
		}
	}
	v, want := [out * dim]float64{1, 0.3, -0.2}, 0.0
	for range 500 { // the Hessian is positive semidefinite
		var w [out * dim]float64
		length := 0.0
		for r := range h {
			for c := range h {
				w[r] += h[r][c] * v[c]
			}
			length += w[r] * w[r]
		}
		want = math.Sqrt(length)
		for r := range w {
			v[r] = w[r] / want
		}
	}
	for _, accumulate := range []int{1, 4} {
		o := options(t, "sgd", 0, 1)
		o.Accumulate, o.Diagnose = accumulate, &train.Diagnostics{Sharpness: true, Tolerance: 1e-4}
		var got diagnoses
		learn(t, net, batches(t, s, (60+accumulate-1)/accumulate, 1), o, &got)
		if len(got) != 1 || !close(got[0].Sharpness, want, 2e-4) {
			t.Errorf("accumulating %d: %v, want %v", accumulate, got, want)
		}
	}
}

// For plain gradient descent α is the rate times the curvature along the
// gradient, less 1, up to the third derivative; with random numbers and
// statistics of batches only if the step is replayed as it was.
func TestDiagnoseLineOfNetwork(t *testing.T) {
	s := spirals(t, 90)
	net, err := nn.Parse("dense:24,bn,dropout:0.3,dense:12,act=gelu", s.Dim, len(s.Classes), nn.Classify)
	if err != nil {
		t.Fatal(err)
	}
	net.Init(1)
	o := options(t, "sgd", 0.01, 5)
	o.Accumulate, o.Diagnose = 2, &train.Diagnostics{Line: true, Cosine: true}
	var got diagnoses
	learn(t, net, batches(t, s, 15, 1), o, &got)
	if len(got) != 15 {
		t.Fatalf("%d diagnoses", len(got))
	}
	for _, d := range got {
		if want := 0.01*float64(d.Along) - 1; math.Abs(float64(d.Alpha)-want) > 0.01 || want > -0.5 {
			t.Errorf("step %d: α %v, want %v", d.Step, d.Alpha, want)
		}
		if c := float64(d.Cosine); d.Step > 1 && !(c > -1 && c < 1) {
			t.Errorf("step %d: cosine %v", d.Step, c)
		}
	}
}

// The norms of all parameters together are those that Measure gives; for rules
// that take their gradient elsewhere, too.
func TestDiagnoseParams(t *testing.T) {
	s := spirals(t, 100)
	for _, spec := range []string{"adamw", "nesterov", "sgd"} {
		net := network(t, "mlp:8", s, 1)
		o := options(t, spec, 0.05, 0)
		o.Steps, o.Measure, o.ClipNorm = 12, true, 0.5
		o.Diagnose = &train.Diagnostics{Every: 3, Params: true}
		if spec == "sgd" {
			frozen := optim.Freeze(optim.Named("dense1.bias"))
			o.Rule, o.Groups = nil, []optim.Group{frozen, optim.All(optim.NewSGD())}
		}
		var step train.Step
		count := 0
		learn(t, net, batches(t, s, 20, 1), o, train.SinkFunc(func(e train.Event) {
			switch e := e.(type) {
			case *train.Step:
				step = *e
			case *train.Diagnosis:
				count++
				var value, grad, update float64
				for i, p := range e.Params {
					if want := net.Params()[i].Name; p.Name != want {
						t.Errorf("parameter %q, want %q", p.Name, want)
					}
					if spec == "sgd" && p.Name == "dense1.bias" {
						if p.Update != 0 || p.Grad == 0 {
							t.Errorf("frozen: %+v", p)
						}
						continue
					}
					value += float64(p.Value * p.Value)
					grad += float64(p.Grad * p.Grad)
					update += float64(p.Update * p.Update)
					if !close(p.Ratio, float64(p.Update/p.Value), 0) {
						t.Errorf("ratio %v of %v to %v", p.Ratio, p.Update, p.Value)
					}
				}
				if e.Step != int64(3*count) || step.Step != e.Step {
					t.Errorf("diagnosis %d of step %d, after step %d", count, e.Step, step.Step)
				}
				for _, c := range []struct{ got, want float64 }{{value, step.ParamNorm}, {grad, step.GradNorm}, {update, step.UpdateNorm}} {
					if math.Abs(math.Sqrt(c.got)-c.want) > 1e-9*c.want {
						t.Errorf("%s, step %d: norm %v, want %v", spec, e.Step, math.Sqrt(c.got), c.want)
					}
				}
			}
		}))
		if count != 4 {
			t.Errorf("%d diagnoses", count)
		}
	}
}

// Parameters that are not trained do not belong to the curvature.
func TestDiagnoseFrozen(t *testing.T) {
	params := []optim.Param[float64]{
		{Name: "a", Shape: []int{1}, Data: []float64{1}, Grad: []float64{0}},
		{Name: "b", Shape: []int{1}, Data: []float64{1}, Grad: []float64{0}},
		{Name: "c", Shape: []int{1}, Data: []float64{1}},
	}
	m := &stiff{params: params}
	o := train.Options{Groups: []optim.Group{optim.Freeze(optim.Named("b")), optim.All(optim.NewSGD())}, LR: 0.1, Steps: 2}
	o.Diagnose = &allDiagnostics
	var got diagnoses
	if _, err := train.Run(context.Background(), m, nil, o, &got); err != nil {
		t.Fatal(err)
	}
	d := got[1]
	if !close(d.Sharpness, 3, 1e-9) || !close(d.Along, 3, 1e-9) || !close(d.Cosine, 1, 1e-12) {
		t.Errorf("sharpness %v, along %v, cosine %v", d.Sharpness, d.Along, d.Cosine)
	}
	if b, c := d.Params[1], d.Params[2]; b.Grad != 50 || b.Update != 0 || c.Grad != 0 || c.Update != 0 || c.Value != 1 {
		t.Errorf("%+v, %+v", b, c)
	}
}

// stiff is ½(3a² + 50b²), and c takes no part.
type stiff struct{ params []optim.Param[float64] }

func (m *stiff) Params() []optim.Param[float64] { return m.params }

func (m *stiff) Loss(*data.Batch) (float64, error) {
	a, b := m.params[0].Data[0], m.params[1].Data[0]
	m.params[0].Grad[0], m.params[1].Grad[0] = 3*a, 50*b
	return (3*a*a + 50*b*b) / 2, nil
}

// Skipped steps have no diagnosis; cosines are between updates.
func TestDiagnoseSkipped(t *testing.T) {
	m := newSpoilt(3, func(m *spoilt) { m.params[0].Grad[0] = math.NaN() })
	o := train.Defaults(optim.NewSGD())
	o.LR, o.Steps, o.NonFinite = 0.1, 6, optim.SkipNonFinite
	o.Diagnose = &train.Diagnostics{Cosine: true, Params: true}
	var got diagnoses
	res, err := train.Run(context.Background(), m, nil, o, &got)
	if err != nil {
		t.Fatal(err)
	}
	if res.Skipped == 0 || int64(len(got)) != res.Steps {
		t.Errorf("%d diagnoses of %d steps, %d skipped", len(got), res.Steps, res.Skipped)
	}
	for i, d := range got {
		if d.Step != int64(i+1) || i > 0 && !close(d.Cosine, 1, 0.1) {
			t.Errorf("diagnosis %d: %+v", i, d)
		}
	}
}

// With Measure only every n-th step is measured.
func TestMeasureEvery(t *testing.T) {
	for _, every := range []int64{0, 1, 4} {
		var measured []int64
		o := func(o *train.Options) { o.Measure, o.MeasureEvery, o.NonFinite = true, every, optim.Unchecked }
		minimize(t, function(t, "rosenbrock"), "adam", 0.01, 9, o, train.SinkFunc(func(e train.Event) {
			if e, ok := e.(*train.Step); ok {
				if e.GradNorm != 0 && e.UpdateNorm != 0 && e.ParamNorm != 0 {
					measured = append(measured, e.Step)
				} else if e.GradNorm+e.UpdateNorm+e.ParamNorm != 0 {
					t.Errorf("half measured: %+v", e)
				}
			}
		}))
		want := []int64{1, 2, 3, 4, 5, 6, 7, 8, 9}
		if every == 4 {
			want = []int64{4, 8}
		}
		if !slices.Equal(measured, want) {
			t.Errorf("every %d: %v measured, want %v", every, measured, want)
		}
	}
}

func TestDiagnoseErrors(t *testing.T) {
	for _, c := range []struct {
		change func(*train.Options)
		want   string
	}{
		{func(o *train.Options) { o.Diagnose = &train.Diagnostics{} }, "asks for nothing"},
		{func(o *train.Options) { o.Diagnose = &train.Diagnostics{Line: true, Every: -1} }, "Diagnose.Every = -1"},
		{func(o *train.Options) { o.Diagnose = &train.Diagnostics{Line: true, Iterations: -1} }, "Diagnose.Iterations = -1"},
		{func(o *train.Options) { o.Diagnose = &train.Diagnostics{Line: true, Tolerance: 1} }, "Diagnose.Tolerance = 1, want [0, 1)"},
		{func(o *train.Options) { o.Diagnose = &train.Diagnostics{Line: true, Reach: math.NaN()} }, "Diagnose.Reach = NaN, want [0, 1)"},
		{func(o *train.Options) { o.Diagnose = &train.Diagnostics{Sharpness: true, L2: -1} }, "Diagnose.L2 = -1, want [0, +Inf)"},
		{func(o *train.Options) {
			o.Diagnose = &train.Diagnostics{Sharpness: true, Divisors: map[string][]float64{"x": {1}}}
		}, `Divisors["x"] has 1 elements, want 2`},
		{func(o *train.Options) {
			o.Diagnose = &train.Diagnostics{Sharpness: true, Divisors: map[string][]float64{"x": {1, math.NaN()}}}
		}, `Divisors["x"][1] = NaN, want [0, +Inf)`},
		{func(o *train.Options) {
			o.Diagnose = &train.Diagnostics{Sharpness: true, Divisors: map[string][]float64{"z": {1}}}
		}, "names 1 parameters, of which the model has 0"},
		{func(o *train.Options) { o.MeasureEvery = -1 }, "Options.MeasureEvery = -1"},
		{func(o *train.Options) { o.MeasureEvery = 5 }, "MeasureEvery = 5 without Measure"},
	} {
		o := train.Defaults(optim.NewAdam())
		o.Steps = 1
		c.change(&o)
		if _, err := train.Run(context.Background(), function(t, "parabola", 3, 4), nil, o); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("error %v, want %q", err, c.want)
		}
	}
	// Random gradients that cannot be had again.
	o := train.Defaults(optim.NewSGD())
	o.Steps, o.Diagnose = 1, &train.Diagnostics{Line: true}
	if _, err := train.Run(context.Background(), random{&stiff{newSpoilt(0, nil).params}}, nil, o); err == nil || !strings.Contains(err.Error(), "has no State") {
		t.Errorf("error %v", err)
	}
	// A model that fails when it is asked again.
	o.Steps = 5
	res, err := train.Run(context.Background(), &broken{function(t, "parabola", 3, 4), 1}, nil, o)
	if err == nil || !strings.Contains(err.Error(), "diagnosis of step 1") || res.Reason != train.ReasonFailed || res.Steps != 1 {
		t.Errorf("error %v, %+v", err, res)
	}
}

type random struct{ *stiff }

func (random) Noisy() bool { return true }
