package lab

import (
	"context"
	"math"

	"github.com/descent-go/descent/experiment"
	"github.com/descent-go/descent/internal/portable"
	"github.com/descent-go/descent/train"
)

// A Ramp is a range test: a training whose rate rises exponentially.
type Ramp struct {
	Rates  []float64    `json:"rates"`
	Losses []train.Real `json:"losses"` // of the steps, each before its update at the rate
	// Smoothed is a debiased exponential moving average of the losses with decay
	// Beta.
	Smoothed []train.Real `json:"smoothed"`
	Beta     float64      `json:"beta"`
	// Left is true when the loss left upward, which ends the test.
	Left bool `json:"left"`
	// Fell is true when the smoothed loss fell by more than its noise.
	Fell bool `json:"fell"`
}

// A Suggestion is a rate that a criterion suggests, or why it has none.
type Suggestion struct {
	Criterion string     `json:"criterion"` // SteepestDescent, TenthOfMinimum or StabilityEdge
	Rate      float64    `json:"rate"`      // 0: none
	Loss      train.Real `json:"loss"`      // median of its validation; NaN without one
	Good      bool       `json:"good"`      // in the answer
	Why       string     `json:"why"`       // what the rate is, or why there is none
}

// The criteria.
const (
	SteepestDescent = "steepest descent"
	TenthOfMinimum  = "tenth of the minimum"
	StabilityEdge   = "stability edge"
)

// growth is a schedule that multiplies the rate by e^log in every step.
type growth struct{ log float64 }

// At returns the factor after so many updates.
func (g growth) At(step int64) float64 { return portable.Exp(float64(step) * g.log) }

// How the ramp is smoothed: losses of batches by about ten of them.
const (
	noisyDecay = 0.9
	exactDecay = 0.5
)

// rangeTest runs the ramp. It ends when the loss is as far above its start as
// three times the way down, at least a tenth of its size.
func (f *finder) rangeTest(ctx context.Context) error {
	r := &f.res.Ramp
	r.Beta = noisyDecay
	if f.exact {
		r.Beta = exactDecay
	}
	f.tell("range test")
	within, stop := context.WithCancel(ctx)
	defer stop()
	average := average{beta: r.Beta}
	first, best := math.NaN(), math.Inf(1)
	sink := train.SinkFunc(func(e train.Event) {
		step, ok := e.(*train.Step)
		if !ok || r.Left {
			return
		}
		smooth := average.add(step.Loss)
		r.Rates = append(r.Rates, step.Rate)
		r.Losses = append(r.Losses, train.Real(step.Loss))
		r.Smoothed = append(r.Smoothed, train.Real(smooth))
		if len(r.Rates) == 1 {
			first = smooth
		}
		best = math.Min(best, smooth)
		way := math.Max(first-best, 0.1*math.Abs(first))
		if !(smooth <= first+float64(3*way)) {
			r.Left = true
			stop()
		}
	})
	log := portable.Log(f.high/f.low) / float64(f.ramp-1)
	err := f.train(within, f.settings(f.low), f.ramp, func(s *experiment.Session) {
		s.Options.LR, s.Options.Schedule, s.Options.Plateau = f.low, growth{log}, nil
	}, sink)
	if err == nil {
		err = context.Cause(ctx)
	}
	if err != nil {
		return err
	}
	r.Left = r.Left || int64(len(r.Rates)) < f.ramp // the loop called it diverged
	r.Fell = r.falls()
	f.spend("range test", int64(len(r.Rates)+1)*f.accumulate)
	return nil
}

// falls reports whether the smoothed loss came down by more than chance, from where
// the average has settled: by four times the deviation of such a difference, which
// follows from how the losses of the first third scatter, where rates are low.
func (r *Ramp) falls() bool {
	settled, low := int(math.Round(2/(1-r.Beta))), 0
	if len(r.Smoothed) > 0 {
		low = r.lowest()
	}
	if low <= settled {
		return false
	}
	third := max(len(r.Losses)/3, 3)
	sum := 0.0
	for i := 1; i < third; i++ {
		d := float64(r.Losses[i] - r.Losses[i-1])
		sum += float64(d * d)
	}
	deviation := math.Sqrt(sum / float64(third-1) * (1 - r.Beta) / (1 + r.Beta))
	start := float64(r.Smoothed[settled])
	return start-float64(r.Smoothed[low]) > float64(4*deviation)+float64(1e-9*math.Abs(start))
}

// lowest returns the index of the lowest smoothed loss.
func (r *Ramp) lowest() int {
	at := 0
	for i, v := range r.Smoothed {
		if v < r.Smoothed[at] {
			at = i
		}
	}
	return at
}

// steepest returns the index, up to that of the lowest loss, where the smoothed
// loss falls fastest, by differences over a few steps to both sides.
func (r *Ramp) steepest() int {
	const reach = 3
	last := r.lowest()
	at, most := last, 0.0
	for i := range last + 1 {
		lo, hi := max(i-reach, 0), min(i+reach, len(r.Smoothed)-1)
		if slope := float64(r.Smoothed[hi]-r.Smoothed[lo]) / float64(max(hi-lo, 1)); slope < most {
			at, most = i, slope
		}
	}
	return at
}

// suggest applies the three criteria.
func (f *finder) suggest() {
	r, e := &f.res.Ramp, &f.res.Edge
	nan := train.Real(math.NaN())
	steepest := Suggestion{Criterion: SteepestDescent, Loss: nan}
	tenth := Suggestion{Criterion: TenthOfMinimum, Loss: nan}
	edge := Suggestion{Criterion: StabilityEdge, Loss: nan, Why: e.Note}
	switch {
	case r.Fell:
		steepest.Rate, steepest.Why = rounded(r.Rates[r.steepest()]), "where the smoothed loss of the range test falls fastest"
		tenth.Rate, tenth.Why = rounded(r.Rates[r.lowest()]/10), "a tenth of the rate where it is lowest"
	case len(r.Losses) < 3:
		steepest.Why = "the range test diverged at once"
	default:
		steepest.Why = "the range test did not fall by more than its noise"
	}
	if !r.Fell {
		tenth.Why = steepest.Why
	}
	if e.Applies {
		edge.Rate = rounded(float64(e.Rate))
	}
	f.res.Suggestions = []Suggestion{steepest, tenth, edge}
}

// An average is a debiased exponential moving average.
type average struct{ beta, sum, weight float64 }

func (a *average) add(v float64) float64 {
	a.sum = float64(a.beta*a.sum) + float64((1-a.beta)*v)
	a.weight = float64(a.beta*a.weight) + (1 - a.beta)
	return a.sum / a.weight
}
