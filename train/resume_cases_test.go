package train_test

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"testing"

	"github.com/descent-go/descent/data"
	"github.com/descent-go/descent/nn"
	"github.com/descent-go/descent/optim"
	"github.com/descent-go/descent/problem"
	"github.com/descent-go/descent/schedule"
	"github.com/descent-go/descent/train"
)

// A subject is a run that can be made anew, in any process.
type subject struct {
	name string
	make func(t testing.TB) trial
}

// A trial is a subject made: what it does, and what it has come to.
type trial struct {
	options train.Options
	run     func(context.Context, train.Options, ...train.Sink) (*train.Result, error)
	bits    func() string // of all that the run changes
}

// part runs a trial with checkpoints until a number of steps, 0 for all, and
// returns the bits of everything, with the name of the checkpoint it went on
// from.
func (s subject) part(t testing.TB, c *train.Checkpoints, steps int, more ...train.Sink) (bits, from string, err error) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	taken := 0
	h := &train.History{Every: 2, Limit: 16}
	tr := s.make(t)
	tr.options.Checkpoints = c
	sinks := append([]train.Sink{h, train.SinkFunc(func(e train.Event) {
		switch e := e.(type) {
		case *train.Step:
			if taken++; taken == steps {
				cancel()
			}
		case *train.Resumed:
			from = e.From
		}
	})}, more...)
	res, err := tr.run(ctx, tr.options, sinks...)
	if res == nil {
		return "", from, err
	}
	return tr.bits() + resultBits(t, res, h), from, err
}

// whole returns the bits of the run that nothing interrupts.
func (s subject) whole(t testing.TB) string {
	t.Helper()
	bits, _, err := s.part(t, nil, 0)
	if err != nil {
		t.Fatalf("%s: %v", s.name, err)
	}
	return bits
}

// resultBits returns result and history, but for what depends on time and on
// when checkpoints were written.
func resultBits(t testing.TB, res *train.Result, h *train.History) string {
	t.Helper()
	r := *res
	if r.Seconds = 0; r.Diverged != nil {
		d := *r.Diverged
		d.LastSane, r.Verdict = "", ""
		r.Diverged = &d
		h.Diverged = r.Diverged
	}
	text, err := json.Marshal(&r)
	if err != nil {
		t.Fatal(err)
	}
	curve, err := json.Marshal(h)
	if err != nil {
		t.Fatal(err)
	}
	return fmt.Sprintf("result %s\nhistory %x of %d steps\n", text, sha256.Sum256(curve), len(h.Steps))
}

// paramBits hashes the bits of parameters.
func paramBits[F optim.Float](params []optim.Param[F]) string {
	h := sha256.New()
	for _, p := range params {
		for _, v := range p.Data {
			_ = binary.Write(h, binary.LittleEndian, math.Float64bits(float64(v)))
		}
	}
	return fmt.Sprintf("%x", h.Sum(nil)[:8])
}

// networkTrial trains a network with dropout and batch normalisation on 60
// points, in 9 batches of 7 and of what is left.
func networkTrial(t testing.TB, spec, rule string, change func(*train.Options)) trial {
	t.Helper()
	r, err := optim.Parse(rule)
	if err != nil {
		t.Fatal(err)
	}
	return networkTrialOf(t, spec, r, change)
}

func networkTrialOf(t testing.TB, spec string, r optim.Rule, change func(*train.Options)) trial {
	t.Helper()
	s := spirals(t, 90)
	net := network(t, spec, s, 3)
	source := batches(t, s.Head(60), 7, 4)
	o := train.Defaults(r)
	o.Epochs = 4
	o.Validation = s.Tail(30)
	if change != nil {
		change(&o)
	}
	return netTrial(t, net, net, source, o)
}

// netTrial is a trial of a network, or of a model around it.
func netTrial(t testing.TB, net *nn.Net, model train.Model[float32], source *data.Batches, o train.Options) trial {
	return trial{
		options: o,
		run: func(ctx context.Context, o train.Options, sinks ...train.Sink) (*train.Result, error) {
			return train.Run(ctx, model, source, o, sinks...)
		},
		bits: func() string {
			random, err := net.State()
			if err != nil {
				t.Fatal(err)
			}
			epoch, batch := source.Position()
			text := fmt.Sprintf("parameters %s\nbuffers %s\nrandom %x\nposition %d, %d\n", paramBits(net.Params()), paramBits(net.Buffers()), random, epoch, batch)
			if p := o.Plateau; p != nil {
				text += fmt.Sprintf("plateau %+v\n", p.State)
			}
			return text
		},
	}
}

// functionTrial minimizes a function, with noise if sigma is above zero.
func functionTrial(t testing.TB, spec string, sigma float64, rule string, lr float64, change func(*train.Options)) trial {
	t.Helper()
	p, err := problem.ResolveProblem(spec)
	if err != nil {
		t.Fatal(err)
	}
	if sigma > 0 {
		if p, err = problem.Noisy(p, sigma, 9); err != nil {
			t.Fatal(err)
		}
	}
	m, err := train.Function(p, nil)
	if err != nil {
		t.Fatal(err)
	}
	r, err := optim.Parse(rule)
	if err != nil {
		t.Fatal(err)
	}
	o := train.Defaults(r)
	o.LR, o.Steps = lr, 40
	if change != nil {
		change(&o)
	}
	return trial{
		options: o,
		run: func(ctx context.Context, o train.Options, sinks ...train.Sink) (*train.Result, error) {
			return train.Run(ctx, m, nil, o, sinks...)
		},
		bits: func() string {
			random, err := m.State()
			if err != nil {
				t.Fatal(err)
			}
			return fmt.Sprintf("point %x\nrandom %x\n", m.Point(), random)
		},
	}
}

// A faltering model has a gradient that is not finite now and then. How often it
// was asked is a stream that it keeps.
type faltering struct {
	*nn.Net
	calls  uint8
	silent bool // the loss does not show it
}

func (f *faltering) Loss(b *data.Batch) (float64, error) {
	loss, err := f.Net.Loss(b)
	if f.calls++; f.calls%5 == 0 {
		_, grads := f.Flat()
		grads[1] = float32(math.NaN())
		if !f.silent {
			loss = math.NaN()
		}
	}
	return loss, err
}

func (f *faltering) State() ([]byte, error) {
	b, err := f.Net.State()
	return append(b, f.calls), err
}

func (f *faltering) SetState(b []byte) error {
	if err := f.Net.SetState(b[:len(b)-1]); err != nil {
		return err
	}
	f.calls = b[len(b)-1]
	return nil
}

// A sawtooth is a schedule of a user's own.
type sawtooth struct{ Period int64 }

func (s sawtooth) At(step int64) float64 { return 1 / float64(1+step%s.Period) }

// signum is a user's own rule.
func signum[F optim.Float](k optim.Scalars[F], p, g F, s optim.Slots[F]) (F, optim.Slots[F]) {
	s[0] = F(0.9*s[0]) + g
	if s[0] > 0 {
		return p - k.LR, s
	} else if s[0] < 0 {
		return p + k.LR, s
	}
	return p, s
}

const normed = "dense:9,bn,dropout:0.2,dense:6"

// subjects lists runs of every rule and every schedule of the registries, and
// of all that a run may have beside.
func subjects() []subject {
	var all []subject
	for _, info := range optim.Rules() {
		all = append(all, subject{"rule " + info.Name, func(t testing.TB) trial {
			return networkTrial(t, normed, info.Name, nil)
		}})
	}
	for _, info := range schedule.All() {
		all = append(all, subject{"schedule " + info.Name, func(t testing.TB) trial {
			return networkTrial(t, normed, "adam", func(o *train.Options) {
				o.Schedule, o.Validation = info.Example, nil
			})
		}})
	}
	net := func(name, rule string, change func(*train.Options)) {
		all = append(all, subject{name, func(t testing.TB) trial { return networkTrial(t, normed, rule, change) }})
	}
	net("accumulate", "adamw", func(o *train.Options) { o.Accumulate = 2 })
	net("EMA", "adam", func(o *train.Options) { o.EMA, o.AverageFrom = 0.9, 3 })
	net("SWA", "sgd:momentum=0.9", func(o *train.Options) { o.SWA, o.AverageFrom, o.Plateau = true, 12, eager() })
	net("plateau by steps", "adam", func(o *train.Options) { o.Plateau, o.EvalEvery, o.LR = eager(), 4, 0.1 })
	net("best", "adam", func(o *train.Options) { o.KeepBest, o.Patience, o.LR, o.Epochs = true, 4, 0.2, 30 })
	net("clip", "sgd", func(o *train.Options) { o.ClipNorm, o.ClipValue, o.Measure, o.LR = 0.5, 0.2, true, 0.5 })
	net("one-cycle momentum", "adam", func(o *train.Options) {
		o.Schedule, o.CycleMomentum = schedule.OneCycle{Total: 36, PctStart: 0.3, DivFactor: 25, FinalDivFactor: 1e4, Anneal: "cos", BaseMomentum: 0.85, MaxMomentum: 0.95}, true
	})
	net("a curve", "adam", func(o *train.Options) { o.Hyper = map[string]optim.Curve{"beta2": schedule.Constant{Factor: 0.9}} })
	net("a schedule of one's own", "adam", func(o *train.Options) { o.Schedule = sawtooth{5} })
	net("sets", "adam", func(o *train.Options) { o.Train, o.Test, o.EMA, o.KeepBest = o.Validation, o.Validation, 0.8, true })
	net("groups", "adam", func(o *train.Options) {
		slow := optim.Where(optim.Rank(1), o.Rule)
		slow.LRScale = 0.1
		o.Groups, o.Rule = []optim.Group{optim.Freeze(optim.Named("dense1.*")), slow, optim.All(optim.NewLion())}, nil
	})
	all = append(all,
		subject{"a rule of one's own", func(t testing.TB) trial {
			r, err := optim.Custom("signum", []string{"m"}, signum[float32], signum[float64])
			if err != nil {
				t.Fatal(err)
			}
			return networkTrialOf(t, normed, r, func(o *train.Options) { o.LR = 0.01 })
		}},
		subject{"whole set", func(t testing.TB) trial {
			s := spirals(t, 40)
			net := network(t, "mlp:6", s, 3)
			o := train.Defaults(rule(t, "sgd:momentum=0.9"))
			o.Epochs, o.LR = 100, 4 // it oscillates
			return netTrial(t, net, net, batches(t, s, 0, 1), o)
		}},
		subject{"skipped steps", func(t testing.TB) trial {
			s := spirals(t, 60)
			net := network(t, normed, s, 3)
			o := train.Defaults(rule(t, "adam"))
			o.Epochs, o.NonFinite = 4, optim.SkipNonFinite
			return netTrial(t, net, &faltering{Net: net}, batches(t, s, 7, 4), o)
		}},
		subject{"large enough for threads", func(t testing.TB) trial {
			s, err := data.Digits(96, 3)
			if err != nil {
				t.Fatal(err)
			}
			net := network(t, "conv:4x3,bn,pool:2,dense:128,dropout:0.3", s, 3)
			o := train.Defaults(rule(t, "adamw"))
			o.Epochs, o.EMA, o.Validation = 2, 0.9, s.Head(32)
			return netTrial(t, net, net, batches(t, s, 16, 2), o)
		}},
	)
	function := func(name, spec string, sigma float64, rule string, lr float64, change func(*train.Options)) {
		all = append(all, subject{name, func(t testing.TB) trial { return functionTrial(t, spec, sigma, rule, lr, change) }})
	}
	function("function", "rosenbrock", 0, "adam", 0.05, func(o *train.Options) { o.Points, o.KeepBest, o.EMA = true, true, 0.9 })
	function("oscillation", "bowl:kappa=10", 0, "sgd", 0.2002, func(o *train.Options) { o.Steps = 200 }) // just above the edge
	function("look-ahead", "rosenbrock", 0, "nesterov", 1e-3, nil)
	function("noise", "rosenbrock", 0.3, "rmsprop", 0.01, func(o *train.Options) { o.EvalEvery, o.Plateau = 3, eager() })
	return all
}

// eager returns a plateau that loses patience soon.
func eager() *schedule.Plateau {
	p := schedule.NewPlateau()
	p.Patience, p.Factor = 1, 0.5
	return p
}

// subjectNamed finds one.
func subjectNamed(t testing.TB, name string) subject {
	t.Helper()
	all := subjects()
	i := slices.IndexFunc(all, func(s subject) bool { return s.name == name })
	if i < 0 {
		t.Fatalf("no subject %q", name)
	}
	return all[i]
}
