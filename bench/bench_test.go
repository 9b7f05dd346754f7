package bench

import (
	"context"
	"encoding/json"
	"errors"
	"math"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/descent-go/descent/optim"
)

// glance is a pace for tests: what is measured is right, and how long it takes
// is of no account.
var glance = pace{round: time.Microsecond, rounds: 3}

var little = workload{
	products: []Product{{M: 2, N: 3, K: 4}, {M: 3, N: 2, K: 5, TransA: true, TransB: true}},
	models:   []model{{"784-4-10", "mlp:4"}},
	batches:  []int{1, 3},
}

func look(t *testing.T, o Options) *Report {
	t.Helper()
	o.pace, o.workload = &glance, &little
	r, err := Measure(context.Background(), o)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestReport(t *testing.T) {
	before := runtime.GOMAXPROCS(0)
	told, last := 0, 0
	r := look(t, Options{Sizes: []int{1, 1000, 5000}, Float64: true, Progress: func(done, of int, next string) {
		if done != told || of <= done || next == "" {
			t.Errorf("progress %d of %d: %q", done, of, next)
		}
		told, last = told+1, of
	}})
	if told != last {
		t.Errorf("told of %d tasks of %d", told, last)
	}
	if got := runtime.GOMAXPROCS(0); got != before {
		t.Errorf("GOMAXPROCS = %d after measuring, want %d", got, before)
	}
	threads := 1
	if before > 1 {
		threads = 2
	}
	rules := len(optim.Rules()) + 1
	for name, c := range map[string]struct{ got, want int }{
		"bandwidth": {len(r.Bandwidth), 3 * threads},
		"rules":     {len(r.Rules), 2 * rules * 3 * threads},
		"plain":     {len(r.Plain), 4},
		"tensors":   {len(r.Tensors), 2 * threads},
		"gemm":      {len(r.GEMM), len(little.products) * threads},
		"train":     {len(r.Train), len(little.models) * len(little.batches) * threads},
	} {
		if c.got != c.want {
			t.Errorf("%d of %s, want %d", c.got, name, c.want)
		}
	}
	positive := func(what string, v float64) {
		t.Helper()
		if !(v > 0) || math.IsInf(v, 1) {
			t.Errorf("%s = %v, want a positive number", what, v)
		}
	}
	for _, v := range r.Rules {
		positive(v.Rule+": ns_per_param", v.NS)
		positive(v.Rule+": stream_share", v.Share)
		if v.Allocs != 0 {
			t.Errorf("%+v allocates", v)
		}
	}
	for _, v := range r.Bandwidth {
		positive("gb_per_s", v.GBs)
		if v.Bytes != int64(16*v.Params) {
			t.Errorf("%+v, want 16 bytes a parameter", v)
		}
	}
	for _, v := range r.Plain {
		positive("plain_over_step", v.Ratio)
	}
	for _, v := range r.Tensors {
		positive("over_one_tensor", v.Ratio)
		if v.Allocs != 0 {
			t.Errorf("%+v allocates", v)
		}
	}
	for _, v := range r.GEMM {
		positive("gflops", v.GFLOPS)
	}
	for _, v := range r.Train {
		positive("examples_per_s", v.Rate)
		if d := v.Rate*v.NS/1e9/float64(v.Batch) - 1; math.Abs(d) > 1e-12 {
			t.Errorf("%+v: rate and time disagree", v)
		}
	}
}

func TestParts(t *testing.T) {
	r := look(t, Options{Sizes: []int{8}, Parts: []string{"gemm", "memory"}})
	if len(r.GEMM) == 0 || len(r.Bandwidth) == 0 || len(r.Rules)+len(r.Plain)+len(r.Tensors)+len(r.Train) > 0 {
		t.Errorf("%+v", r)
	}
}

func TestUsualWorkload(t *testing.T) {
	for _, model := range usual.models {
		step, err := Train(model.spec, 1)
		if err == nil {
			err = step()
		}
		if err != nil {
			t.Errorf("%s: %v", model.name, err)
		}
	}
	for _, p := range usual.products {
		if err := Multiply(p)(); err != nil {
			t.Error(err)
		}
	}
}

// The names in the JSON are an interface: other programs read them.
func TestJSON(t *testing.T) {
	text, err := json.Marshal(look(t, Options{Sizes: []int{8}, Rules: []string{"sgd"}, Threads: []int{1}}))
	if err != nil {
		t.Fatal(err)
	}
	var r map[string]any
	if err := json.Unmarshal(text, &r); err != nil {
		t.Fatal(err)
	}
	for list, names := range map[string]string{
		"bandwidth": "params bytes threads gb_per_s",
		"rules":     "rule dtype params threads ns_per_param stream_share allocs_per_step",
		"plain":     "params ns_per_step plain_over_step",
		"tensors":   "tensors size flat threads ns_per_step over_one_tensor allocs_per_step",
		"gemm":      "m n k trans_a trans_b threads gflops allocs_per_call",
		"train":     "model batch threads ns_per_step examples_per_s allocs_per_step",
	} {
		entries, _ := r[list].([]any)
		if len(entries) == 0 {
			t.Errorf("no list %s, or an empty one", list)
			continue
		}
		entry := entries[0].(map[string]any)
		for name := range strings.FieldsSeq(names) {
			if _, ok := entry[name]; !ok {
				t.Errorf("%s has no %s: %v", list, name, entry)
			}
			delete(entry, name)
		}
		if len(entry) > 0 {
			t.Errorf("%s has %v too", list, entry)
		}
	}
	machine, _ := r["machine"].(map[string]any)
	for name := range strings.FieldsSeq("cpu cores simd go os arch available_bytes") {
		if machine[name] == nil || machine[name] == "" {
			t.Errorf("machine has no %s: %v", name, machine)
		}
	}
	if _, err := time.Parse(time.DateOnly, r["date"].(string)); err != nil {
		t.Error(err)
	}
}

func TestBadOptions(t *testing.T) {
	for want, o := range map[string]Options{
		`no part "gem", want some of memory`: {Parts: []string{"train", "gem"}},
		`no rule "adamx"`:                    {Rules: []string{"adamx"}},
		"AdamW.Beta1 = 2, want":              {Rules: []string{"adamw:beta1=2"}},
		"bench: 0 threads, want 1 to":        {Threads: []int{0}},
		"100000 threads, want 1 to":          {Threads: []int{1, 100000}},
		"bench: 0 parameters, want":          {Sizes: []int{0}},
	} {
		if _, err := Measure(context.Background(), o); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
	}
}

// What has been measured when the context ends is kept.
func TestInterrupt(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	r, err := Measure(ctx, Options{Sizes: []int{8}, pace: &glance, workload: &little, Progress: func(done, _ int, _ string) {
		if done == 3 {
			cancel()
		}
	}})
	if !errors.Is(err, context.Canceled) || r == nil || len(r.Bandwidth) == 0 || len(r.Rules) == 0 || len(r.Train) != 0 {
		t.Errorf("%+v, %v", r, err)
	}
}

func TestSizes(t *testing.T) {
	for _, c := range []struct {
		options   Options
		available int64
		largest   int
		notes     int
	}{
		{Options{Quick: true}, 1 << 40, 10_000_000, 0},
		{Options{}, 1 << 40, 100_000_000, 0},
		{Options{}, 7 << 30, 100_000_000, 0},
		{Options{Float64: true}, 7 << 30, 10_000_000, 1},
		{Options{}, 0, 10_000_000, 1},
	} {
		r := &Report{Machine: Machine{Available: c.available}}
		sizes := (&meter{report: r}).sizes(c.options)
		if got := sizes[len(sizes)-1]; got != c.largest || len(r.Notes) != c.notes {
			t.Errorf("%+v with %d bytes: %v, notes %q", c.options, c.available, sizes, r.Notes)
		}
	}
}

// The plain loop does what the rule does, so that their times can be compared.
func TestPlainAdamW(t *testing.T) {
	const n, steps = 100, 20
	o := newPlainAdamW(n)
	p, g := make([]float32, n), make([]float32, n)
	fill(p, 1)
	fill(g, 2)
	step, err := update(optim.NewAdamW(), []optim.Param[float32]{{Name: "p", Shape: []int{n}, Data: p, Grad: g}})
	if err != nil {
		t.Fatal(err)
	}
	for range steps {
		if err := errors.Join(step(), o.step(1e-3)); err != nil {
			t.Fatal(err)
		}
	}
	for i := range p {
		if d := math.Abs(float64(p[i] - o.p[i])); d > 1e-5 {
			t.Fatalf("element %d: %v, the plain loop has %v", i, p[i], o.p[i])
		}
	}
}

// A stream changes nothing, even of a rule that probes.
func TestStream(t *testing.T) {
	for _, rule := range []optim.Rule{optim.NewAdamW(), optim.NewSGD(), optim.NewNesterov()} {
		p, g := make([]float64, 100), make([]float64, 100)
		fill(p, 1)
		fill(g, 2)
		was := append([]float64(nil), p...)
		step, err := stream(rule, []optim.Param[float64]{{Name: "p", Shape: []int{100}, Data: p, Grad: g}})
		if err != nil {
			t.Fatal(err)
		}
		if err := step(); err != nil {
			t.Fatal(err)
		}
		for i := range p {
			if p[i] != was[i] {
				t.Fatalf("the stream of %s changed element %d", rule.Info().Name, i)
			}
		}
	}
}

func TestRoundsAlternate(t *testing.T) {
	var calls []byte
	m := &meter{ctx: context.Background(), pace: pace{round: 1, rounds: 4}}
	job := func(name byte) Job {
		return func() error { calls = append(calls, name); return nil }
	}
	times, ratios, err := m.rounds(job('a'), job('b'))
	if err != nil || len(times) != 4 || len(ratios) != 4 {
		t.Fatalf("%v, %v, %v", times, ratios, err)
	}
	if got := string(calls); got != "aabb"+"abbaabba" {
		t.Errorf("called %s", got)
	}
	failing := errors.New("failing")
	for i, bad := range []error{0: nil, 1: failing} {
		n := 0
		_, _, err := m.rounds(func() error {
			if n++; n > 3 {
				return bad
			}
			return nil
		}, job('b'))
		if !errors.Is(err, bad) {
			t.Errorf("job %d: %v, want %v", i, err, bad)
		}
	}
}

func TestMedian(t *testing.T) {
	for _, c := range []struct {
		v    []float64
		want float64
	}{{[]float64{3}, 3}, {[]float64{3, 1, 2}, 2}, {[]float64{4, 1, 3, 2}, 2.5}} {
		if got := median(c.v); got != c.want {
			t.Errorf("median %v, want %v", got, c.want)
		}
	}
}

func TestField(t *testing.T) {
	const text = "processor\t: 0\nmodel name\t: Some CPU: fast\nmodel name\t: other\nMemAvailable:    7 kB"
	for name, want := range map[string]string{"model name": "Some CPU: fast", "MemAvailable": "7 kB", "model": "", "flags": ""} {
		if got := field(text, name); got != want {
			t.Errorf("%s = %q, want %q", name, got, want)
		}
	}
}
