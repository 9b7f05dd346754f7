package lab

import (
	"context"
	"fmt"
	"math"

	"github.com/descent-go/descent/data"
	"github.com/descent-go/descent/experiment"
	"github.com/descent-go/descent/internal/rng"
	"github.com/descent-go/descent/optim"
	"github.com/descent-go/descent/train"
)

// useless is a linear model of features that say nothing about the target: the
// gradient of every weight is noise about zero, in the unit of its feature. Groups of
// weights differ in that unit alone.
type useless struct {
	units  []float64
	params []optim.Param[float64]
	noise  *rng.Rand
}

const weightsOfUnit = 256

func newUseless(seed uint64, units ...float64) *useless {
	u := &useless{units: units, noise: rng.New(seed, "useless features")}
	for _, unit := range units {
		p := optim.Param[float64]{
			Name: fmt.Sprint(unit), Shape: []int{weightsOfUnit},
			Data: make([]float64, weightsOfUnit), Grad: make([]float64, weightsOfUnit),
		}
		for i := range p.Data {
			p.Data[i] = 1
		}
		u.params = append(u.params, p)
	}
	return u
}

// Params returns a parameter for each unit.
func (u *useless) Params() []optim.Param[float64] { return u.params }

// Loss draws the noise of a step: Σ wᵢ·ξᵢ with ξᵢ normal in the unit of the feature.
func (u *useless) Loss(*data.Batch) (float64, error) {
	loss := 0.0
	for k, p := range u.params {
		for i, w := range p.Data {
			p.Grad[i] = u.units[k] * u.noise.Normal()
			loss += float64(w * p.Grad[i])
		}
	}
	return loss, nil
}

var showDecay = Showing{
	Name: "decay", Title: "L2 against decoupled weight decay under Adam",
	Doc:    "Which weights does weight decay shrink under Adam, if it is added to the gradient, and if it is not?",
	Source: "I. Loshchilov, F. Hutter, Decoupled weight decay regularization, ICLR 2019.",
	run: func(ctx context.Context, s *Shown) error {
		const eta, lambda, steps = 1e-3, 1, 2000
		s.Setup = "Weights that begin at 1 and whose gradients are noise of different sizes, so that decay alone moves them: 256 weights of each size, 2,000 steps of Adam with η = 0.001 and decay 1. " +
			"Decay alone, without any gradient, leaves (1 − η)²⁰⁰⁰."
		s.Columns = []string{"size of the gradient", "weight left, L2", "weight left, decoupled"}
		units := []float64{0.1, 1, 10, 100}
		left := make([][2]float64, len(units))
		for i, c := range []struct {
			name, title string
			rule        optim.Adam
		}{{"l2", "L2 in the gradient", optim.NewAdam()}, {"decoupled", "Decoupled decay", optim.NewAdam()}} {
			if i == 0 {
				c.rule.L2 = lambda
			} else {
				c.rule.Decay = lambda
			}
			m := newUseless(s.Seed, units...)
			chart := ShownChart{Name: c.name, Title: c.title + ": mean weight", XLabel: "step", YLabel: "mean weight"}
			for _, u := range units {
				chart.Curves = append(chart.Curves, lineOf(fmt.Sprintf("gradients of size %v", u), 0, []float64{1}))
			}
			if _, err := train.Run(ctx, m, nil, fixed(c.rule, eta, steps), train.SinkFunc(func(e train.Event) {
				step, ok := e.(*train.Step)
				if !ok {
					return
				}
				for k, p := range m.params {
					left[k][i] = meanOf(p.Data)
					if step.Step%10 == 0 {
						l := &chart.Curves[k]
						l.X, l.Y = append(l.X, float64(step.Step)), append(l.Y, train.Real(left[k][i]))
					}
				}
			})); err != nil {
				return err
			}
			if err := ctx.Err(); err != nil {
				return err
			}
			s.Charts = append(s.Charts, chart)
		}
		low, high := [2]float64{math.Inf(1), math.Inf(1)}, [2]float64{}
		for k, u := range units {
			for i, v := range left[k] {
				low[i], high[i] = min(low[i], v), max(high[i], v)
			}
			s.row(fmt.Sprint(u), left[k][0], left[k][1])
		}
		s.See = [2]string{
			"L2 goes through Adam's divisor: of weights with gradients of size 0.1 it leaves " + s.fact("l2_small", left[0][0]) + ", of those of size 100 " +
				s.fact("l2_large", left[3][0]) + ". The weights that data move most are decayed least.",
			"Decoupled, all shrink alike: between " + s.fact("decoupled_low", low[1]) + " and " + s.fact("decoupled_high", high[1]) + " is left whatever the gradient's size.",
		}
		return nil
	},
}

var showWarmup = Showing{
	Name: "warmup", Title: "Warm-up, and RAdam without",
	Doc:    "What do Adam's first steps at a high rate cost, and what saves them?",
	Source: "L. Liu et al., On the variance of the adaptive learning rate and beyond, ICLR 2020.",
	run: func(ctx context.Context, s *Shown) error {
		const steps, seeds, early = 300, 7, 30
		s.Setup = "A perceptron with four hidden layers of 64 tanh on 1,000 generated digits, batches of 32, 300 steps at a rate of 0.02, 7 seeds. The warm-up is a straight line over 60 steps."
		s.Columns = []string{"method", "highest loss, steps 1 to 30", "loss, last quarter"}
		e := experiment.Default()
		e.Data, e.Model = "digits:n=1000", "mlp:64,64,64,64,act=tanh"
		task, err := NewTask(ctx, e, experiment.Inputs{})
		if err != nil {
			return err
		}
		losses := ShownChart{Name: "loss", Title: "Mean training loss of five steps, median and quartiles of 7 seeds", XLabel: "step", YLabel: "loss", LogY: true, LogX: true}
		rates := ShownChart{Name: "rate", Title: "Learning rate", XLabel: "step", YLabel: "learning rate", LogX: true}
		var peak, end [3]float64
		for i, c := range []struct{ name, rule, schedule string }{
			{"adamw", "adamw", ""}, {"adamw, warm-up", "adamw", "warmup:steps=60+constant"}, {"radam", "radam", ""},
		} {
			var peaks, ends []float64
			for k := range uint64(seeds) {
				session, err := task.Session(Settings{"optimizer": c.rule, "lr": "0.02", "schedule": c.schedule, "steps": fmt.Sprint(steps), "epochs": "0"}, s.Seed*seeds+k)
				if err != nil {
					return err
				}
				o := &session.Options
				o.Validation, o.Train, o.Test = nil, nil, nil
				var values, lr []float64
				if _, err := session.Train(ctx, train.SinkFunc(func(e train.Event) {
					if step, ok := e.(*train.Step); ok {
						values, lr = append(values, step.Loss), append(lr, step.Rate)
					}
				})); err != nil {
					return err
				}
				if err := ctx.Err(); err != nil {
					return err
				}
				line := ShownCurve{Name: c.name}
				for t := 0; t+5 <= steps; t += 5 {
					line.X, line.Y = append(line.X, float64(t+3)), append(line.Y, train.Real(meanOf(values[t:t+5])))
				}
				losses.Curves = append(losses.Curves, line)
				if k == 0 {
					rates.Curves = append(rates.Curves, lineOf(c.name, 1, lr))
				}
				peaks, ends = append(peaks, largestOf(values[:early])), append(ends, meanOf(lastQuarter(values)))
			}
			peak[i], end[i] = median(peaks), median(ends)
			s.row(c.name, peak[i], end[i])
		}
		s.See = [2]string{
			"In its first 30 steps adamw at the full rate drives the loss up to " + s.fact("peak_adamw", peak[0]) + "; with warm-up it reaches " +
				s.fact("peak_warmup", peak[1]) + ", radam, whose first steps are not adapted, " + s.fact("peak_radam", peak[2]) + ".",
			"What was spoilt then takes long to mend: over the last quarter of 300 steps the loss is " + s.fact("end_adamw", end[0]) + ", with warm-up " +
				s.fact("end_warmup", end[1]) + ", with radam " + s.fact("end_radam", end[2]) + ".",
		}
		s.Charts = []ShownChart{losses, rates}
		return nil
	},
}
