package train

import (
	"bytes"
	"context"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/descent-go/descent/data"
	"github.com/descent-go/descent/nn"
	"github.com/descent-go/descent/optim"
	"github.com/descent-go/descent/problem"
)

// regularised returns a network with dropout and batch normalisation, and batches.
func regularised(t testing.TB) (*nn.Net, *data.Batches) {
	t.Helper()
	set, err := data.Spirals(60, 1, 0.02, 5)
	if err != nil {
		t.Fatal(err)
	}
	net, err := nn.Parse("dense:12,bn,dropout:0.3,dense:8", set.Dim, len(set.Classes), nn.Classify)
	if err != nil {
		t.Fatal(err)
	}
	net.Init(3)
	source, err := data.NewBatches(set, 16, 3)
	if err != nil {
		t.Fatal(err)
	}
	return net, source
}

// A replay gives the loss and gradient of the step, whatever the model drew and
// remembered, and leaves no trace.
func TestReplay(t *testing.T) {
	for _, accumulate := range []int{0, 3} {
		net, source := regularised(t)
		o := Defaults(optim.NewSGD())
		o.Epochs, o.Accumulate, o.Diagnose = 1, accumulate, &Diagnostics{Line: true}
		l, err := newLoop(net, source, &o, nil)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := l.gather(0.1); err != nil {
			t.Fatal(err)
		}
		l.diag.before(1, l.loss)
		values, grads := net.Flat()
		values, grads = slices.Clone(values), slices.Clone(grads)
		state, _ := net.State()
		statistics := flat(net.Buffers())
		pack(statistics, net.Buffers())

		r := l.diag.again
		if err := r.open(); err != nil {
			t.Fatal(err)
		}
		for range 2 {
			got := make([]float32, len(grads))
			loss, err := r.gradient(got, 1)
			if err != nil || loss != l.loss {
				t.Errorf("loss %v, %v, want %v", loss, err, l.loss)
			}
			for i, g := range got {
				if accumulate == 0 && g != grads[i] || math.Abs(float64(g-grads[i])) > 1e-6 {
					t.Fatalf("accumulating %d: gradient %d is %v, want %v", accumulate, i, g, grads[i])
				}
			}
			l.params[0].Data[0]++
			if other, err := r.gradient(got, 1); err != nil || other == loss {
				t.Errorf("loss %v elsewhere, %v", other, err)
			}
			l.params[0].Data[0] = values[0]
		}
		if err := r.close(); err != nil {
			t.Fatal(err)
		}
		v, g := net.Flat()
		after, _ := net.State()
		now := flat(net.Buffers())
		pack(now, net.Buffers())
		if !slices.Equal(v, values) || !slices.Equal(g, grads) || !bytes.Equal(after, state) || !slices.Equal(now, statistics) {
			t.Error("the replay left a trace")
		}
	}
}

// quadratic returns a loop over a quadratic that is diagnosed.
func quadratic(t testing.TB, steps int64, every int64, sink SinkFunc) *loop[float64] {
	t.Helper()
	q, err := problem.ResolveProblem("quadratic:n=9,kappa=50,rotate=true")
	if err != nil {
		t.Fatal(err)
	}
	m, err := Function(q, nil)
	if err != nil {
		t.Fatal(err)
	}
	o := Defaults(optim.NewSGD())
	o.LR, o.Steps = 0.03, steps
	o.Diagnose = &Diagnostics{Every: every, Params: true, Cosine: true, Line: true, Sharpness: true, Iterations: 3, Tolerance: 1e-12}
	l, err := newLoop(m, nil, &o, []Sink{sink})
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// A run that stops and goes on has the diagnoses of one that does not.
func TestDiagnosesGoOn(t *testing.T) {
	for _, every := range []int64{1, 4} {
		var want, got []Diagnosis
		record := func(to *[]Diagnosis) SinkFunc {
			return func(e Event) {
				if d, ok := e.(*Diagnosis); ok {
					c := *d
					c.Params = slices.Clone(d.Params)
					*to = append(*to, c)
				}
			}
		}
		if _, err := quadratic(t, 16, every, record(&want)).run(context.Background()); err != nil {
			t.Fatal(err)
		}
		first := quadratic(t, 7, every, record(&got))
		if _, err := first.run(context.Background()); err != nil {
			t.Fatal(err)
		}
		diag, err := first.diag.state()
		if err != nil {
			t.Fatal(err)
		}
		var rule bytes.Buffer
		if err := first.opt.WriteState(&rule); err != nil {
			t.Fatal(err)
		}
		second := quadratic(t, 16, every, record(&got))
		copy(second.params[0].Data, first.params[0].Data)
		if err := second.opt.ReadState(&rule, int64(rule.Len())); err != nil {
			t.Fatal(err)
		}
		if err := second.diag.setState(diag); err != nil {
			t.Fatal(err)
		}
		if again, err := second.diag.state(); err != nil || !bytes.Equal(again, diag) {
			t.Errorf("the state has changed, %v", err)
		}
		if _, err := second.run(context.Background()); err != nil {
			t.Fatal(err)
		}
		if len(want) != int(16/every) || !slices.EqualFunc(got, want, equalDiagnosis) {
			t.Errorf("every %d:\n%+v\nwant\n%+v", every, got, want)
		}
		// A state of nothing begins anew.
		if err := second.diag.setState(nil); err != nil || second.diag.lastOf != 0 || second.diag.power.warm {
			t.Errorf("not new: %v", err)
		}
	}
}

func equalDiagnosis(a, b Diagnosis) bool {
	for _, p := range [][2]Real{
		{a.Cosine, b.Cosine}, {a.Alpha, b.Alpha}, {a.Along, b.Along}, {a.Sharpness, b.Sharpness}, {a.Edge, b.Edge}, {a.Rate, b.Rate},
	} {
		if !same(float64(p[0]), float64(p[1])) {
			return false
		}
	}
	return a.Step == b.Step && slices.Equal(a.Params, b.Params)
}

func TestDiagnoserStateErrors(t *testing.T) {
	l := quadratic(t, 3, 1, func(Event) {})
	if _, err := l.run(context.Background()); err != nil {
		t.Fatal(err)
	}
	good, err := l.diag.state()
	if err != nil {
		t.Fatal(err)
	}
	replace := func(old, new string) []byte {
		b := bytes.Replace(good, []byte(old), []byte(new), 1)
		if bytes.Equal(b, good) || len(b) != len(good) {
			t.Fatalf("%q is not in the state, or not as long as %q", old, new)
		}
		return b
	}
	for _, c := range []struct {
		state []byte
		want  string
	}{
		{[]byte{}, "want at least the 8"},
		{good[:len(good)-1], "safetensors"},
		{replace(`"shape":[9]`, `"shape":[8]`), "safetensors"},
		{replace(`"last":"3"`, `"last":"0"`), `a gradient of step "0"`},
		{replace(`"random":"72`, `"random":"zz`), "invalid byte"},
		{replace(`"random":"72`, `"random":"73`), "not the state of a random stream"},
	} {
		if err := l.diag.setState(c.state); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("error %v, want %q", err, c.want)
		}
	}
	if after, err := l.diag.state(); err != nil || !bytes.Equal(after, good) {
		t.Errorf("errors have changed the state, %v", err)
	}
}

// Whatever the bytes: an error, or a state that is written as it was read.
func FuzzDiagnoserState(f *testing.F) {
	l := quadratic(f, 3, 1, func(Event) {})
	fresh, err := l.diag.state()
	if err != nil {
		f.Fatal(err)
	}
	if _, err := l.run(context.Background()); err != nil {
		f.Fatal(err)
	}
	used, err := l.diag.state()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(fresh)
	f.Add(used)
	f.Add(used[:len(used)/2])
	f.Fuzz(func(t *testing.T, b []byte) {
		d := *l.diag
		if d.setState(b) != nil {
			return
		}
		first, err := d.state()
		if err != nil {
			t.Fatal(err)
		}
		if err := d.setState(first); err != nil {
			t.Fatal(err)
		}
		if second, err := d.state(); err != nil || !bytes.Equal(first, second) {
			t.Fatalf("read differently, %v", err)
		}
	})
}
