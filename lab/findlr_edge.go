package lab

import (
	"context"
	"fmt"
	"math"
	"strconv"

	"github.com/descent-go/descent/experiment"
	"github.com/descent-go/descent/optim"
	"github.com/descent-go/descent/train"
)

// An Edge is the learning rate above which a method is unstable on the quadratic
// that the loss is at the start.
//
// With λ the largest eigenvalue of the Hessian it is 2/λ for gradient descent,
// 2(1+μ)/λ for heavy-ball momentum and 2(1+μ)/((1+2μ)λ) for Nesterov's: there a
// root of the method's characteristic polynomial is at −1. For rules that divide
// gradients, Adam among them, λ is that of the preconditioned Hessian
// D^(-1/2)·H·D^(-1/2), and the edge 2(1+β₁)/((1−β₁)λ) where momentum is a decaying
// mean: 38/λ for β₁ = 0.9. D is what a warm-up of the rule leaves: steps on the
// training's own batches which do not move the parameters, so that λ is not what
// training at some rate has made of it. See [optim.Response].
//
// Training moves λ, and divisors follow gradients, so the edge of a network is a
// place on the map, not a bound (Cohen et al., Gradient descent on neural networks
// typically occurs at the edge of stability, ICLR 2021, arXiv:2103.00065; Cohen et
// al., Adaptive gradient methods at the edge of stability, 2022, arXiv:2207.14484).
type Edge struct {
	// Sharpness is λ, with the L2 weight decay of the rule, by power iteration on at
	// least 256 examples; NaN when it could not be found, or the rule has no edge.
	Sharpness train.Real `json:"sharpness"`
	// Rate is the edge; NaN where there is none, +Inf where the loss bends up in no
	// direction.
	Rate train.Real `json:"rate"`
	// Applies is true when Rate is finite.
	Applies bool `json:"applies"`
	// Warmup is the number of steps that divisors come from; 0 where Sharpness is that
	// of the Hessian itself.
	Warmup int64  `json:"warmup,omitempty"`
	Note   string `json:"note"` // what it is, or why there is none
}

// How many examples the curvature is taken over at least, and how it is found. The
// spectra of preconditioned Hessians are the wider ones.
const (
	curved            = 256
	edgeIterations    = 24
	dividedIterations = 48
	edgeTolerance     = 0.02
)

// edgeBatch is the number of examples of the curvature, 0 for all, and what a
// gradient of them costs in those of a batch.
func (f *finder) edgeBatch() (examples, cost int64) {
	if f.first.Data == nil {
		return 0, 1
	}
	batch, n := int64(f.first.Experiment.Batch), int64(f.first.Data.Train.Len())
	if b, err := strconv.ParseInt(f.o.Settings["batch"], 10, 64); err == nil && b >= 0 {
		batch = b
	}
	if batch == 0 || batch >= n {
		return 0, 1
	}
	examples = min(max(batch, curved), n)
	return examples, (examples + batch - 1) / batch
}

// edgeCost is what finding the edge takes in gradient evaluations.
func (f *finder) edgeCost() int64 {
	response, ok := optim.ResponseOf(f.rule)
	if !ok {
		return 0
	}
	_, cost := f.edgeBatch()
	return (2*iterations(response)+1)*cost + f.warmup(response)*f.accumulate
}

func iterations(r optim.Response) int64 {
	if r.Divides {
		return dividedIterations
	}
	return edgeIterations
}

// warmup is how many steps divisors come from.
func (f *finder) warmup(r optim.Response) int64 {
	if r.Divides {
		return f.ramp / 3
	}
	return 0
}

// findEdge takes the sharpness at the start.
func (f *finder) findEdge(ctx context.Context) error {
	e := &f.res.Edge
	e.Sharpness, e.Rate = train.Real(math.NaN()), train.Real(math.NaN())
	response, ok := optim.ResponseOf(f.rule)
	if !ok {
		e.Note = "none is known for " + f.rule.Info().Name + ", whose steps are not in proportion to gradients"
		if v, _ := optim.HyperValue(f.rule, "maximize"); v != 0 {
			e.Note = "does not apply: the rule climbs"
		}
		return nil
	}
	f.tell("edge")
	diagnose := &train.Diagnostics{
		Sharpness: true, Iterations: int(iterations(response)), Tolerance: edgeTolerance, L2: response.L2, Seed: f.o.Seed,
	}
	if e.Warmup = f.warmup(response); e.Warmup > 0 {
		var err error
		if diagnose.Divisors, err = f.divisors(ctx, e.Warmup); err != nil {
			return err
		}
	}
	s := f.standing()
	if f.first.Source != nil {
		examples, _ := f.edgeBatch()
		s["batch"], s["accumulate"] = strconv.FormatInt(examples, 10), "1"
	}
	err := f.train(ctx, s, 1, func(s *experiment.Session) {
		stand(&s.Options)
		s.Options.Diagnose = diagnose
	}, train.SinkFunc(func(event train.Event) {
		if d, ok := event.(*train.Diagnosis); ok {
			e.Sharpness = d.Sharpness
		}
	}))
	if err == nil {
		err = context.Cause(ctx)
	}
	if err != nil {
		return err
	}
	f.spend("edge", f.edgeCost())
	e.judge(f.rule, response)
	return nil
}

// standing are settings of a training that does not move; stand sees to it.
func (f *finder) standing() Settings {
	s := f.settings(0)
	s["optimizer"], s["lr"] = "sgd", "0"
	return s
}

func stand(o *train.Options) {
	o.LR, o.Schedule, o.Plateau, o.NonFinite = 0, nil, nil, optim.SkipNonFinite
}

// divisors are what the rule divides gradients by after so many steps at the start.
func (f *finder) divisors(ctx context.Context, steps int64) (map[string][]float64, error) {
	var w warmer
	var failed error
	err := f.train(ctx, f.standing(), steps, func(s *experiment.Session) {
		if stand(&s.Options); s.Params != nil {
			w, failed = newWarmup(f.rule, s.Params, s.Options.ClipNorm)
		} else {
			w, failed = newWarmup(f.rule, s.Params64, s.Options.ClipNorm)
		}
	}, train.SinkFunc(func(event train.Event) {
		if s, ok := event.(*train.Step); ok && failed == nil && !s.Skipped {
			failed = w.step()
		}
	}))
	if err == nil {
		err = context.Cause(ctx)
	}
	if err != nil {
		return nil, err
	}
	if failed != nil {
		return nil, fmt.Errorf("lab: %s: %w", f.t.name, failed)
	}
	return w.divisors(), nil
}

// A warmer feeds a rule with the gradients of a training.
type warmer interface {
	step() error
	divisors() map[string][]float64
}

// A warmup is an optimizer beside the one of the training.
type warmup[F optim.Float] struct {
	params []optim.Param[F] // of the training
	own    []optim.Param[F]
	opt    *optim.Optimizer[F]
}

func newWarmup[F optim.Float](rule optim.Rule, params []optim.Param[F], limit float64) (warmer, error) {
	w := &warmup[F]{params: params}
	for _, p := range params {
		w.own = append(w.own, optim.Param[F]{Name: p.Name, Shape: p.Shape, Data: append([]F(nil), p.Data...)})
	}
	var err error
	if w.opt, err = optim.New(w.own, optim.All(rule)); err == nil && limit > 0 {
		err = w.opt.ClipNorm(limit) // which leaves gradients as they are
	}
	return w, err
}

// step takes the gradient that the training has, at a rate of 0.
func (w *warmup[F]) step() error {
	for i, p := range w.params {
		w.own[i].Grad = p.Grad
	}
	return w.opt.Step(0)
}

func (w *warmup[F]) divisors() map[string][]float64 {
	all := map[string][]float64{}
	for _, p := range w.own {
		d := make([]float64, len(p.Data))
		if w.opt.Divisors(p.Name, d) { // else it has no gradient
			all[p.Name] = d
		}
	}
	return all
}

// judge says what the sharpness means for a rule.
func (e *Edge) judge(rule optim.Rule, response optim.Response) {
	λ := float64(e.Sharpness)
	if !finite(λ) {
		e.Note = "the curvature at the start is not finite"
		return
	}
	e.Rate = train.Real(response.Edge(λ))
	if λ <= 0 {
		e.Rate = train.Real(math.Inf(1))
		e.Note = "the loss bends up in no direction at the start, so no rate is unstable there"
		return
	}
	e.Applies = true
	of := "the Hessian at the start"
	if e.Warmup > 0 {
		of = fmt.Sprintf("the Hessian at the start, preconditioned by what %s divides gradients by after %s there", rule.Info().Name, plural(e.Warmup, "step"))
	}
	e.Note = fmt.Sprintf("%s/λ, λ = %s being the largest eigenvalue of %s", digits(float64(e.Rate)*λ), digits(λ), of)
}
