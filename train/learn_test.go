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
	"github.com/descent-go/descent/schedule"
	"github.com/descent-go/descent/train"
)

// spirals returns n points.
func spirals(t testing.TB, n int) *data.Set {
	t.Helper()
	s, err := data.Spirals(n, 1, 0.02, 5)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// network makes a network for a set.
func network(t testing.TB, spec string, s *data.Set, seed uint64) *nn.Net {
	t.Helper()
	net, err := nn.Parse(spec, s.Dim, len(s.Classes), nn.Classify)
	if err != nil {
		t.Fatal(err)
	}
	net.Init(seed)
	return net
}

// batches serves a set.
func batches(t testing.TB, s *data.Set, size int, seed uint64) *data.Batches {
	t.Helper()
	b, err := data.NewBatches(s, size, seed)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// learn trains a network.
func learn(t testing.TB, net *nn.Net, source data.Source, o train.Options, sinks ...train.Sink) *train.Result {
	t.Helper()
	res, err := train.Run(context.Background(), net, source, o, sinks...)
	if err != nil {
		t.Fatal(err)
	}
	return res
}

// options returns the defaults for a rule at a rate.
func options(t testing.TB, spec string, lr float64, epochs int) train.Options {
	t.Helper()
	o := train.Defaults(rule(t, spec))
	o.LR, o.Epochs = lr, epochs
	return o
}

func TestLearn(t *testing.T) {
	s := spirals(t, 500)
	trainSet, valid, test := s.Slice(0, 300), s.Slice(300, 400), s.Slice(400, 500)
	source := batches(t, trainSet, 32, 1)
	o := options(t, "adam", 0.01, 60)
	o.Train, o.Validation, o.Test = trainSet, valid, test
	o.EvalBatch = 64
	h := &train.History{}
	net := network(t, "mlp:32,32", s, 1)
	res := learn(t, net, source, o, h)

	if res.Epochs != 60 || res.Steps != 600 || res.Examples != 60*300 || res.Reason != train.ReasonEpochs {
		t.Errorf("%d epochs, %d steps, %d examples, %v", res.Epochs, res.Steps, res.Examples, res.Reason)
	}
	if len(h.EpochEnds) != 60 || len(h.Steps) != 600 || h.Started.Steps != 600 || h.Started.PerEpoch != 10 {
		t.Errorf("%d ends of epochs, %d steps, planned %d by %d", len(h.EpochEnds), len(h.Steps), h.Started.Steps, h.Started.PerEpoch)
	}
	if h.Started.Parameters != 2*32+32+32*32+32+32*2+2 || h.Started.StateBytes != 2*4*h.Started.Parameters {
		t.Errorf("%d parameters, %d bytes of state", h.Started.Parameters, h.Started.StateBytes)
	}
	if len(res.Evaluations) != 121 || !slices.Equal(res.Evaluations, h.Evaluations) {
		t.Fatalf("%d evaluations, want 121", len(res.Evaluations))
	}
	last := res.Evaluations[118:]
	for i, name := range []string{"train", "validation", "test"} {
		if e := last[i]; e.Set != name || e.Step != 600 || e.Epoch != 60 || !e.Labelled {
			t.Errorf("evaluation %d: %+v", 118+i, e)
		}
	}
	// The evaluation in parts is that of the whole.
	all := test.All()
	loss, correct, err := net.Evaluate(&all)
	if err != nil {
		t.Fatal(err)
	}
	if want := float64(correct) / 100; *res.TestAccuracy != want || math.Abs(*res.TestLoss-loss) > 1e-12 || want < 0.95 {
		t.Errorf("accuracy %v, loss %v, want %v and %v", *res.TestAccuracy, *res.TestLoss, want, loss)
	}
	// The loss of an epoch is the mean over its examples.
	sum := 0.0
	for i := 590; i < 600; i++ {
		n := 32.0
		if i == 599 {
			n = 300 - 9*32
		}
		sum += n * h.Losses[i]
	}
	if want := sum / 300; math.Abs(res.FinalLoss-want) > 1e-12 || h.EpochEnds[59].Loss != res.FinalLoss {
		t.Errorf("final loss %v, of the last epoch %v, want %v", res.FinalLoss, h.EpochEnds[59].Loss, want)
	}
	if best := slices.MinFunc(res.Evaluations[:120], func(a, b train.Evaluation) int {
		if a.Set != "validation" || b.Set == "validation" && b.Loss < a.Loss {
			return 1
		}
		return -1
	}); best.Loss != res.BestLoss || best.Step != res.BestStep || !best.Best {
		t.Errorf("best %v at step %d, want %+v", res.BestLoss, res.BestStep, best)
	}
}

// k batches accumulated are one batch k times as large, to rounding; an
// epoch's last step takes what is left.
func TestAccumulate(t *testing.T) {
	s := spirals(t, 100)
	run := func(size, accumulate int) (*nn.Net, *train.History) {
		net := network(t, "mlp:16", s, 3)
		o := options(t, "sgd:momentum=0.9", 0.05, 3)
		o.Accumulate = accumulate
		o.Schedule = counted{}
		h := &train.History{}
		learn(t, net, batches(t, s, size, 9), o, h)
		return net, h
	}
	// 100 = 3·30 + 10, and in tens 3 + 3 + 3 + 1.
	big, want := run(30, 0)
	small, got := run(10, 3)
	if !slices.Equal(got.Steps, want.Steps) || !slices.Equal(got.Rates, want.Rates) || len(got.Steps) != 12 {
		t.Fatalf("steps %v and %v, rates %v and %v", got.Steps, want.Steps, got.Rates, want.Rates)
	}
	if got.Started.Steps != 12 || got.Started.PerEpoch != 4 {
		t.Errorf("planned %d steps, %d per epoch", got.Started.Steps, got.Started.PerEpoch)
	}
	for i := range want.Losses {
		if d := math.Abs(got.Losses[i] - want.Losses[i]); d > 1e-6 {
			t.Errorf("loss %d is %v, want %v", i, got.Losses[i], want.Losses[i])
		}
	}
	a, _ := big.Flat()
	b, _ := small.Flat()
	for i := range a {
		if d := math.Abs(float64(a[i] - b[i])); d > 1e-5 {
			t.Fatalf("parameter %d is %v, want %v", i, b[i], a[i])
		}
	}
	// Micro-batches of uneven size are weighted: 25 and 5 make 30.
	uneven, h := run(25, 2)
	if len(h.Steps) != 6 {
		t.Errorf("%d steps, want 6", len(h.Steps))
	}
	if c, _ := uneven.Flat(); slices.Equal(a, c) {
		t.Error("batches of 50 train like batches of 30")
	}
}

// A whole epoch accumulated is the gradient of the whole set, though its
// batches are uneven.
func TestAccumulateUneven(t *testing.T) {
	s := spirals(t, 100)
	whole, parts := network(t, "mlp:8", s, 1), network(t, "mlp:8", s, 1)
	learn(t, whole, batches(t, s, 0, 1), options(t, "sgd", 0.5, 20))
	o := options(t, "sgd", 0.5, 20)
	o.Accumulate = 4
	if res := learn(t, parts, batches(t, s, 30, 1), o); res.Steps != 20 {
		t.Errorf("%d steps, want one for each of 20 epochs", res.Steps)
	}
	a, _ := whole.Flat()
	b, _ := parts.Flat()
	for i := range a {
		if d := math.Abs(float64(a[i] - b[i])); d > 1e-4 {
			t.Fatalf("parameter %d is %v, want %v", i, b[i], a[i])
		}
	}
}

// Early stopping ends the run and puts the best parameters back.
func TestEarlyStopping(t *testing.T) {
	s := spirals(t, 160)
	trainSet, valid := s.Head(40), s.Tail(120)
	o := options(t, "adam", 0.03, 1000)
	o.Validation, o.Test, o.Patience, o.KeepBest = valid, valid, 15, true
	net := network(t, "mlp:64", s, 2)
	h := &train.History{}
	res := learn(t, net, batches(t, trainSet, 10, 2), o, h)
	if res.Reason != train.ReasonNoImprovement || !res.Restored {
		t.Fatalf("%s, restored %v", res.Verdict, res.Restored)
	}
	if res.Steps-res.BestStep != 15*4 {
		t.Errorf("ended at step %d, best at %d: want 15 epochs of 4 steps later", res.Steps, res.BestStep)
	}
	if *res.TestLoss != res.BestLoss {
		t.Errorf("loss %v with the parameters put back, want the best, %v", *res.TestLoss, res.BestLoss)
	}
}

func TestPlateau(t *testing.T) {
	p := schedule.NewPlateau()
	p.Patience, p.Factor = 3, 0.5
	h := &train.History{}
	// Above the edge 0.2 the bowl's loss does not fall; below it does.
	res := minimize(t, function(t, "bowl:kappa=10", 1, 1), "sgd", 0.21, 200, func(o *train.Options) { o.Plateau = p }, h)
	if p.State.Reductions < 1 || !slices.Contains(h.Rates, 0.105) || res.FinalLoss > 1e-6 {
		t.Errorf("reduced %d times, final loss %g", p.State.Reductions, res.FinalLoss)
	}
	// The loss 5 of the start is best, then four are worse: the fifth update is the first at half the rate.
	first := slices.Index(h.Rates, 0.105)
	best, bad := h.Losses[0], 0
	for i, l := range h.Losses {
		if l < best*(1-p.Threshold) {
			best, bad = l, 0
		} else if i > 0 {
			bad++
		}
		if bad > 3 {
			if first != i+1 {
				t.Errorf("update %d is the first at half the rate, want %d", first, i+1)
			}
			break
		}
	}
}

// One-cycle cycles the momentum that the rule has against the rate.
func TestCycleMomentum(t *testing.T) {
	cycle := schedule.OneCycle{Total: 50, PctStart: 0.3, DivFactor: 25, FinalDivFactor: 1e4, Anneal: "cos", BaseMomentum: 0.85, MaxMomentum: 0.95}
	for spec, want := range map[string]string{
		"adamw": "beta1", "momentum": "beta", "nesterov": "beta", "sgd:momentum=0.9": "momentum", "sgd": "", "adagrad": "", "rmsprop": "",
	} {
		run := func(change func(*train.Options)) *train.History {
			h := &train.History{}
			minimize(t, function(t, "beale"), spec, 0.01, 50, func(o *train.Options) {
				o.Schedule = cycle
				change(o)
			}, h)
			return h
		}
		got := run(func(o *train.Options) { o.CycleMomentum = true })
		if got.Started.Cycled != want {
			t.Errorf("%s cycles %q, want %q", spec, got.Started.Cycled, want)
		}
		plain := run(func(*train.Options) {})
		if same := slices.Equal(got.Losses, plain.Losses); same != (want == "") {
			t.Errorf("%s: the same losses as without: %v", spec, same)
		}
		if want == "" {
			continue
		}
		byHand := run(func(o *train.Options) { o.Hyper = map[string]optim.Curve{want: cycle.Momentum()} })
		if !slices.Equal(got.Losses, byHand.Losses) {
			t.Errorf("%s: other losses than with the curve given by hand", spec)
		}
		// A curve of the user's own stays.
		own := map[string]optim.Curve{want: schedule.Constant{Factor: 0.5}}
		if h := run(func(o *train.Options) { o.CycleMomentum, o.Hyper = true, own }); h.Started.Cycled != "" || len(own) != 1 {
			t.Errorf("%s: replaced the curve given", spec)
		}
	}
}

// Averaged parameters are the ones that are evaluated, and that remain.
func TestAverages(t *testing.T) {
	s := spirals(t, 200)
	for _, c := range []struct {
		name   string
		change func(*train.Options)
	}{
		{"ema", func(o *train.Options) { o.EMA = 0.9 }},
		{"swa", func(o *train.Options) { o.SWA, o.AverageFrom = true, 20 }},
	} {
		net, plain := network(t, "mlp:16", s, 4), network(t, "mlp:16", s, 4)
		var path [][]float32
		collect := train.SinkFunc(func(e train.Event) {
			if _, ok := e.(*train.Step); ok {
				v, _ := plain.Flat()
				path = append(path, slices.Clone(v))
			}
		})
		o := options(t, "sgd", 0.3, 5)
		learn(t, plain, batches(t, s, 20, 4), o, collect)
		c.change(&o)
		o.Test, o.Validation = s, s
		res := learn(t, net, batches(t, s, 20, 4), o)

		want := make([]float64, len(path[0]))
		weights := 0.0
		for i, v := range path {
			w := 1.0
			if o.EMA > 0 {
				w = math.Pow(o.EMA, float64(len(path)-1-i))
			} else if i < int(o.AverageFrom) {
				continue
			}
			weights += w
			for j, x := range v {
				want[j] += w * float64(x)
			}
		}
		got, _ := net.Flat()
		for j := range want {
			if d := math.Abs(float64(got[j]) - want[j]/weights); d > 1e-5 {
				t.Fatalf("%s: parameter %d is %v, want %v", c.name, j, got[j], want[j]/weights)
			}
		}
		all := s.All()
		loss, _, err := net.Evaluate(&all)
		if err != nil {
			t.Fatal(err)
		}
		evaluated := res.Evaluations[len(res.Evaluations)-2].Loss
		if !res.Averaged || math.Abs(*res.TestLoss-loss) > 1e-9 || evaluated != *res.TestLoss {
			t.Errorf("%s: %+v, loss %v, validation %v", c.name, *res.TestLoss, loss, evaluated)
		}
	}
}

// A stream has an end and no epochs to speak of.
func TestStream(t *testing.T) {
	var text strings.Builder
	for i := range 105 {
		text.WriteString([]string{"0.5,1,a\n", "2,-1,b\n", "1,3,a\n"}[i%3])
	}
	stream, err := data.NewStream(strings.NewReader(text.String()), "rows", data.StreamOptions{Size: 10, Sample: 20})
	if err != nil {
		t.Fatal(err)
	}
	net, err := nn.Parse("softmax", 2, 2, nn.Classify)
	if err != nil {
		t.Fatal(err)
	}
	o := options(t, "adagrad", 0.5, 0)
	h := &train.History{}
	res := learn(t, net, stream, o, h)
	if res.Reason != train.ReasonExhausted || res.Steps != 11 || res.Examples != 105 || res.Epochs != 1 {
		t.Errorf("%v after %d steps, %d examples, %d epochs", res.Reason, res.Steps, res.Examples, res.Epochs)
	}
	if h.Losses[10] > h.Losses[0] || h.Started.Steps != 0 {
		t.Errorf("losses %v, planned %d steps", h.Losses, h.Started.Steps)
	}
	// A broken row ends it with an error, after the rows before it.
	broken := text.String() + "0.5,1\n"
	if stream, err = data.NewStream(strings.NewReader(broken), "rows", data.StreamOptions{Size: 10, Sample: 20}); err != nil {
		t.Fatal(err)
	}
	res, err = train.Run(context.Background(), net, stream, o)
	if err == nil || !strings.Contains(err.Error(), "106") || res.Examples != 105 {
		t.Errorf("%v, %d examples", err, res.Examples)
	}
}

// Evaluations come every EvalEvery steps and at the end.
func TestEvalEvery(t *testing.T) {
	s := spirals(t, 100)
	o := options(t, "sgd", 0.1, 0)
	o.Steps, o.EvalEvery, o.Validation = 25, 7, s
	res := learn(t, network(t, "softmax", s, 0), batches(t, s, 10, 0), o)
	var at []int64
	for _, e := range res.Evaluations {
		at = append(at, e.Step)
	}
	if !slices.Equal(at, []int64{7, 14, 21, 25}) || res.Epochs != 2 || res.Reason != train.ReasonSteps {
		t.Errorf("evaluated at %v, %d epochs, %v", at, res.Epochs, res.Reason)
	}
	// Both limits in the same step: the epoch is complete.
	o.Steps, o.EvalEvery, o.Epochs = 20, 0, 2
	if res = learn(t, network(t, "softmax", s, 0), batches(t, s, 10, 0), o); res.Epochs != 2 || res.Reason != train.ReasonEpochs || len(res.Evaluations) != 2 {
		t.Errorf("%d epochs, %v, %d evaluations", res.Epochs, res.Reason, len(res.Evaluations))
	}
}
