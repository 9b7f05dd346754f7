package train_test

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"reflect"
	"runtime"
	"strings"
	"testing"

	"github.com/descent-go/descent/checkpoint"
	"github.com/descent-go/descent/data"
	"github.com/descent-go/descent/nn"
	"github.com/descent-go/descent/optim"
	"github.com/descent-go/descent/problem"
	"github.com/descent-go/descent/schedule"
	"github.com/descent-go/descent/train"
)

// A trace is all that a run leaves.
func trace(t testing.TB, run func(sink train.Sink) (res *train.Result, params []any)) string {
	t.Helper()
	var b strings.Builder
	sink := train.SinkFunc(func(e train.Event) {
		switch e.(type) {
		case *train.Diagnosis, *train.Finished: // the result comes below
		default:
			fmt.Fprintf(&b, "%#v\n", reflect.ValueOf(e).Elem().Interface())
		}
	})
	res, params := run(sink)
	text, err := json.Marshal(res)
	if err != nil {
		t.Fatal(err)
	}
	fmt.Fprintf(&b, "%s\n%#v", text, params)
	return b.String()
}

// Diagnostics change nothing, whatever the rule and all else.
func TestDiagnosesChangeNothing(t *testing.T) {
	rules := []string{"sgd:momentum=0.9,nesterov", "momentum:nesterov", "sgd:maximize"}
	for _, info := range optim.Rules() {
		rules = append(rules, info.Name)
	}
	s := spirals(t, 100)
	for _, spec := range rules {
		for _, function := range []string{"rosenbrock", "quadratic:n=40,kappa=100,rotate=true", "noisy"} {
			run := func(d *train.Diagnostics) string {
				return trace(t, func(sink train.Sink) (*train.Result, []any) {
					p, err := problem.ResolveProblem(strings.Replace(function, "noisy", "beale", 1))
					if err == nil && function == "noisy" {
						p, err = problem.Noisy(p, 0.1, 3)
					}
					if err != nil {
						t.Fatal(err)
					}
					m, err := train.Function(p, nil)
					if err != nil {
						t.Fatal(err)
					}
					res := minimize(t, m, spec, 1e-3, 70, func(o *train.Options) {
						o.Schedule, o.Points, o.KeepBest, o.Measure, o.Diagnose = schedule.Cosine{Total: 70}, true, true, true, d
					}, sink)
					return res, []any{m.Point()}
				})
			}
			if with, without := run(&allDiagnostics), run(nil); with != without {
				t.Errorf("%s on %s: the run is another with diagnostics", spec, function)
			}
		}
		run := func(d *train.Diagnostics) string {
			return trace(t, func(sink train.Sink) (*train.Result, []any) {
				net, err := nn.Parse("dense:12,bn,dropout:0.3,dense:8", s.Dim, len(s.Classes), nn.Classify)
				if err != nil {
					t.Fatal(err)
				}
				net.Init(3)
				o := options(t, spec, 1e-3, 3)
				o.Accumulate, o.ClipValue, o.ClipNorm, o.EMA, o.Validation, o.KeepBest = 2, 0.02, 0.1, 0.9, s, true
				o.Schedule, o.CycleMomentum, o.Diagnose = schedule.Cosine{Total: 20}, true, d
				res := learn(t, net, batches(t, s, 10, 5), o, sink)
				state, err := net.State()
				if err != nil {
					t.Fatal(err)
				}
				values, grads := net.Flat()
				left := []any{values, grads, state}
				for _, b := range net.Buffers() {
					left = append(left, b.Data)
				}
				return res, left
			})
		}
		if with, without := run(&allDiagnostics), run(nil); with != without {
			t.Errorf("%s on a network: the run is another with diagnostics", spec)
		}
	}
}

// A run that goes on from a checkpoint has the diagnoses of one that was never
// interrupted.
func TestDiagnosesResumed(t *testing.T) {
	s := spirals(t, 100)
	run := func(store *checkpoint.Store, steps int64) (got diagnoses) {
		net, err := nn.Parse("dense:12,bn,dropout:0.3,dense:8", s.Dim, len(s.Classes), nn.Classify)
		if err != nil {
			t.Fatal(err)
		}
		net.Init(3)
		o := options(t, "nesterov", 0.02, 0)
		d := allDiagnostics
		d.Every = 2
		o.Steps, o.Accumulate, o.Diagnose = steps, 2, &d
		if store != nil {
			o.Checkpoints = &train.Checkpoints{Store: store, Resume: true}
		}
		learn(t, net, batches(t, s, 10, 5), o, &got)
		return got
	}
	want := run(nil, 12)
	for _, first := range []int64{1, 5, 6} {
		store, err := checkpoint.Open(t.TempDir(), 1)
		if err != nil {
			t.Fatal(err)
		}
		got := append(run(store, first), run(store, 12)...)
		if len(want) != 6 || fmt.Sprintf("%#v", got) != fmt.Sprintf("%#v", want) {
			t.Errorf("interrupted after %d steps:\n%+v\nwant\n%+v", first, got, want)
		}
	}
}

// The bits below were recorded on amd64; every architecture, and any number of
// threads, has the same.
func TestDiagnoseBits(t *testing.T) {
	s, err := data.Digits(128, 3)
	if err != nil {
		t.Fatal(err)
	}
	for _, procs := range []int{1, 4} {
		func() {
			defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(procs))
			o := options(t, "adamw", 0.003, 3)
			o.Diagnose = &allDiagnostics
			var got diagnoses
			learn(t, network(t, "mlp:64,act=gelu", s, 3), batches(t, s, 64, 3), o, &got)
			d := got[5]
			for _, c := range []struct {
				name string
				got  train.Real
				want uint64
			}{
				{"cosine", d.Cosine, 0x3f9406395ee1e188},
				{"alpha", d.Alpha, 0xbfedc09b0d4ee2b4},
				{"along", d.Along, 0x3fb276ae4a1e87d8},
				{"sharpness", d.Sharpness, 0x401868407c7824c2},
				{"update", d.Params[1].Update, 0x3f89f9af33729f66},
			} {
				if bits := math.Float64bits(float64(c.got)); bits != c.want {
					t.Errorf("GOMAXPROCS %d: %s %v has bits %#x, want %#x", procs, c.name, c.got, bits, c.want)
				}
			}
		}()
	}
}

func BenchmarkDiagnose(b *testing.B) {
	s, err := data.Digits(1000, 3)
	if err != nil {
		b.Fatal(err)
	}
	for _, c := range []struct {
		name string
		d    *train.Diagnostics
	}{
		{"off", nil},
		{"params", &train.Diagnostics{Params: true}},
		{"cosine", &train.Diagnostics{Cosine: true}},
		{"line", &train.Diagnostics{Line: true}},
		{"sharpness", &train.Diagnostics{Sharpness: true}},
		{"sharpness/100", &train.Diagnostics{Sharpness: true, Every: 100}},
		{"measure", nil},
		{"measure/100", nil},
	} {
		b.Run(c.name, func(b *testing.B) {
			net := network(b, "mlp:128", s, 1)
			o := options(b, "adam", 1e-3, 0)
			o.Steps, o.Diagnose = int64(b.N), c.d
			if o.Measure = strings.HasPrefix(c.name, "measure"); strings.HasSuffix(c.name, "measure/100") {
				o.MeasureEvery = 100
			}
			source := batches(b, s, 32, 1)
			b.ReportAllocs()
			b.ResetTimer()
			if _, err := train.Run(context.Background(), net, source, o); err != nil {
				b.Fatal(err)
			}
		})
	}
}
