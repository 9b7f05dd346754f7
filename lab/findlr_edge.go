package lab

import (
	"context"
	"fmt"
	"math"
	"strconv"

	"github.com/descent-go/descent/optim"
	"github.com/descent-go/descent/train"
)

// An Edge is the learning rate above which a method is unstable on the quadratic
// that the loss is at the start.
//
// With λ the largest eigenvalue of the Hessian it is 2/λ for gradient descent,
// 2(1+μ)/λ for heavy-ball momentum and 2(1+μ)/((1+2μ)λ) for Nesterov's: there a
// root of the method's characteristic polynomial is at −1. Training moves λ, so
// the edge of a network is a place on the map, not a bound (Cohen et al., Gradient
// descent on neural networks typically occurs at the edge of stability, ICLR 2021,
// arXiv:2103.00065).
type Edge struct {
	// Sharpness is λ, by power iteration on at least 256 examples; NaN when it could
	// not be found.
	Sharpness train.Real `json:"sharpness"`
	// Rate is the edge of the rule, or of plain gradient descent where the rule has
	// none; +Inf where the loss bends down in every direction.
	Rate train.Real `json:"rate"`
	// Applies is true when Rate is the rule's own edge.
	Applies bool   `json:"applies"`
	Note    string `json:"note"` // what it is, or why it does not apply
}

// How many examples the curvature is taken over at least, and how it is found.
const (
	curved         = 256
	edgeIterations = 24
	edgeTolerance  = 0.02
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

func (f *finder) edgeCost() int64 {
	_, cost := f.edgeBatch()
	return (2*edgeIterations + 1) * cost
}

// findEdge takes the sharpness at the start.
func (f *finder) findEdge(ctx context.Context) error {
	e := &f.res.Edge
	e.Sharpness, e.Rate = train.Real(math.NaN()), train.Real(math.NaN())
	f.tell("edge")
	s := f.settings(0)
	s["optimizer"], s["lr"] = "sgd", "0" // stand still
	if f.first.Source != nil {
		examples, _ := f.edgeBatch()
		s["batch"], s["accumulate"] = strconv.FormatInt(examples, 10), "1"
	}
	err := f.train(ctx, s, 1, func(o *train.Options) {
		o.LR, o.Schedule, o.Plateau, o.NonFinite = 0, nil, nil, optim.SkipNonFinite
		o.Diagnose = &train.Diagnostics{Sharpness: true, Iterations: edgeIterations, Tolerance: edgeTolerance, Seed: f.o.Seed}
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
	e.judge(f.rule)
	return nil
}

// judge says what the sharpness means for a rule.
func (e *Edge) judge(rule optim.Rule) {
	hyper := func(name string) float64 { v, _ := optim.HyperValue(rule, name); return v }
	mu, gain, name, nesterov := 0.0, 1.0, "2/λ", false
	switch rule.Info().Name {
	case "sgd":
		mu, gain, nesterov = hyper("momentum"), 1-hyper("dampening"), hyper("nesterov") != 0
		if mu == 0 {
			gain = 1
		}
		e.Applies = hyper("maximize") == 0
	case "momentum":
		mu, nesterov, e.Applies = hyper("beta"), hyper("nesterov") != 0, true
	case "nesterov":
		mu, nesterov, e.Applies = hyper("beta"), true, true
	}
	λ := float64(e.Sharpness)
	switch {
	case !finite(λ):
		e.Applies, e.Note = false, "the curvature at the start is not finite"
		return
	case e.Applies && λ+hyper("l2") <= 0, λ <= 0:
		e.Applies, e.Rate = false, train.Real(math.Inf(1))
		e.Note = "the loss bends up in no direction at the start, so no rate is unstable there"
		return
	case !e.Applies && hyper("maximize") != 0:
		e.Rate, e.Note = train.Real(2/λ), "does not apply: the rule climbs"
		return
	case !e.Applies:
		e.Rate = train.Real(2 / λ)
		e.Note = fmt.Sprintf("does not apply: %s scales every coordinate by itself, so its edge is that of the preconditioned Hessian; 2/λ = %.3g, of plain gradient descent, is no bound for it", rule.Info().Name, 2/λ)
		return
	}
	λ += hyper("l2")
	k := 2 * (1 + mu)
	switch {
	case mu > 0 && nesterov:
		k, name = k/(1+mu+float64(mu*gain)), "2(1+μ)/((1+2μ)λ)"
	case mu > 0:
		k, name = k/gain, "2(1+μ)/λ"
	}
	if gain != 1 {
		name += " with dampening"
	}
	e.Rate = train.Real(k / λ)
	e.Note = fmt.Sprintf("%s, λ = %.3g being the largest eigenvalue of the Hessian at the start", name, λ)
}
