package train_test

import (
	"context"
	"encoding/binary"
	"encoding/json"
	"hash/fnv"
	"math"
	"runtime"
	"slices"
	"testing"
	"time"

	"github.com/descent-go/descent/data"
	"github.com/descent-go/descent/internal/durable/faulty"
	"github.com/descent-go/descent/nn"
	"github.com/descent-go/descent/schedule"
	"github.com/descent-go/descent/train"
)

// fingerprint hashes the bits of a network's parameters.
func fingerprint(net *nn.Net) uint64 {
	h := fnv.New64a()
	values, _ := net.Flat()
	for _, v := range values {
		_ = binary.Write(h, binary.LittleEndian, math.Float32bits(v))
	}
	return h.Sum64()
}

// short trains a small network for 40 steps, with most of what the loop does.
func short(t testing.TB) (*nn.Net, *train.Result, *train.History) {
	t.Helper()
	s := spirals(t, 200)
	o := options(t, "adamw", 0.02, 5)
	o.ClipNorm, o.Accumulate, o.CycleMomentum, o.Measure = 1, 2, true, true
	o.Validation, o.Test, o.KeepBest = s.Tail(50), s.Tail(50), true
	b := batches(t, s.Head(150), 10, 11)
	o.Schedule = schedule.OneCycle{Total: train.PlannedSteps(b, o), PctStart: 0.3, DivFactor: 25, FinalDivFactor: 1e4, Anneal: "cos", BaseMomentum: 0.85, MaxMomentum: 0.95}
	net, h := network(t, "mlp:24,16,act=gelu", s, 11), &train.History{}
	res := learn(t, net, b, o, h)
	return net, res, h
}

// The bits below were recorded on amd64; every architecture has the same.
func TestBits(t *testing.T) {
	net, res, _ := short(t)
	const params, loss = 0x816e2149233c2ce0, 0x3fd69f627fed966f
	if got := fingerprint(net); got != params {
		t.Errorf("parameters have fingerprint %#x, want %#x", got, uint64(params))
	}
	if got := math.Float64bits(res.FinalLoss); got != loss {
		t.Errorf("final loss %v has bits %#x, want %#x", res.FinalLoss, got, uint64(loss))
	}
	m := function(t, "rosenbrock")
	end := minimize(t, m, "adam", 0.1, 500, func(o *train.Options) { o.Schedule = schedule.Cosine{Total: 500} })
	const x, y = 0x3fda252b1a42edff, 0x3fc523c4269ce968
	if gx, gy := math.Float64bits(end.Point[0]), math.Float64bits(end.Point[1]); gx != x || gy != y {
		t.Errorf("%v has bits %#x, %#x", end.Point, gx, gy)
	}
}

// Threads and repetition change nothing.
func TestSameBits(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	net, want, wantHistory := short(t)
	text, err := json.Marshal(want)
	if err != nil {
		t.Fatal(err)
	}
	for _, procs := range []int{1, 2, 4} {
		runtime.GOMAXPROCS(procs)
		again, got, history := short(t)
		if fingerprint(again) != fingerprint(net) {
			t.Errorf("GOMAXPROCS %d: other parameters", procs)
		}
		if s, _ := json.Marshal(got); string(s) != string(text) {
			t.Errorf("GOMAXPROCS %d: %s, want %s", procs, s, text)
		}
		if !slices.Equal(history.Losses, wantHistory.Losses) || !slices.Equal(history.GradNorms, wantHistory.GradNorms) {
			t.Errorf("GOMAXPROCS %d: other losses", procs)
		}
	}
}

// A network that is large enough for several threads agrees with itself on one.
func TestSameBitsOfThreads(t *testing.T) {
	s, err := data.Digits(256, 3)
	if err != nil {
		t.Fatal(err)
	}
	run := func(procs int) uint64 {
		defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(procs))
		net := network(t, "mlp:256,128", s, 3)
		o := options(t, "adamw", 0.005, 4)
		o.EMA, o.Validation = 0.9, s
		learn(t, net, batches(t, s, 64, 3), o)
		return fingerprint(net)
	}
	if one, two, four := run(1), run(2), run(4); one != two || one != four {
		t.Errorf("fingerprints %#x, %#x and %#x with 1, 2 and 4 threads", one, two, four)
	}
}

// Nothing is allocated per step: a long run allocates as often as a short one.
func TestNoAllocation(t *testing.T) {
	sink := train.SinkFunc(func(train.Event) {})
	everything := func(o *train.Options) {
		o.Measure, o.Points, o.ClipNorm, o.MinGrad, o.Patience, o.KeepBest = true, true, 1e3, 1e-300, 1<<40, true
		o.Plateau, o.Schedule = schedule.NewPlateau(), schedule.Cosine{Total: 1000}
		o.EMA = 0.99
		o.Diagnose = &allDiagnostics
	}
	equal := func(name string, run func(steps int64)) {
		t.Helper()
		run(2000) // warm up
		short, long := testing.AllocsPerRun(5, func() { run(500) }), testing.AllocsPerRun(5, func() { run(2000) })
		if long > short+50 { // package fmt makes some anew when the garbage collector has run
			t.Errorf("%s: %v allocations in 500 steps, %v in 2000", name, short, long)
		}
	}
	for _, spec := range []string{"sgd", "adam", "nesterov"} {
		for _, change := range []func(*train.Options){nil, everything} {
			equal(spec, func(steps int64) {
				minimize(t, function(t, "rosenbrock"), spec, 1e-4, steps, change, sink)
			})
		}
	}
	s := spirals(t, 2*2001)
	net := network(t, "mlp:8", s, 1)
	o := options(t, "adamw", 1e-3, 0)
	o.Measure, o.ClipNorm = true, 1
	equal("network", func(steps int64) {
		o.Steps = steps
		learn(t, net, batches(t, s, 2, 1), o, sink)
	})
	o.Accumulate = 2
	// A checkpoint that is never due, and a last one that fails before it is written.
	disk := faulty.New()
	disk.FailAt(1, faulty.ReadOnly)
	saved := o
	saved.Clock = func() time.Time { return time.Time{} }
	saved.Checkpoints = &train.Checkpoints{Store: store(t, disk, "/run", 1), Every: 1 << 40, Period: time.Hour}
	equal("with checkpoints", func(steps int64) {
		saved.Steps = steps
		if _, err := train.Run(context.Background(), net, batches(t, s, 2, 1), saved, sink); err == nil {
			t.Error("a disk that cannot be written gives no error")
		}
	})
	big := spirals(t, 4*2001)
	equal("accumulating", func(steps int64) {
		o.Steps = steps
		learn(t, net, batches(t, big, 2, 1), o, sink)
	})
}

func BenchmarkStep(b *testing.B) {
	s := spirals(b, 32*1000)
	net := network(b, "mlp:8", s, 1)
	o := options(b, "adamw", 1e-3, 0)
	o.Steps = int64(b.N)
	source := batches(b, s, 32, 1)
	b.ReportAllocs()
	b.ResetTimer()
	if _, err := train.Run(context.Background(), net, source, o); err != nil {
		b.Fatal(err)
	}
}
