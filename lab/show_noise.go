package lab

import (
	"context"

	"github.com/descent-go/descent/optim"
	"github.com/descent-go/descent/problem"
	"github.com/descent-go/descent/schedule"
	"github.com/descent-go/descent/train"
)

// noisyQuadratic is a quadratic whose gradient has noise of deviation 1.
func noisyQuadratic(seed uint64) (problem.Problem, error) {
	p, err := problem.ResolveProblem("quadratic:n=20,kappa=50")
	if err != nil {
		return nil, err
	}
	return problem.Noisy(p, 1, seed)
}

const noisySetup = "A quadratic of 20 variables, curvatures from 1 to 50, its gradient with normal noise of deviation 1; "

var showSchedules = Showing{
	Name: "schedules", Title: "Schedules on a noisy quadratic",
	Doc:    "What does the shape of the learning rate do to the end of a training?",
	Source: "For example L. Bottou, F. E. Curtis, J. Nocedal, Optimization methods for large-scale machine learning, SIAM Review 60, 2018, section 4.",
	run: func(ctx context.Context, s *Shown) error {
		const eta, steps, seeds = 0.02, 1000, 7
		s.Setup = noisySetup + "SGD with base rate 0.02, 1,000 steps, the same noise for all, 7 seeds."
		s.Columns = []string{"schedule", "loss at step 250", "step 500", "step 750", "at the end"}
		rates := ShownChart{Name: "rate", Title: "Learning rates", XLabel: "step", YLabel: "learning rate"}
		losses := ShownChart{Name: "loss", Title: "Loss, median and quartiles of 7 seeds", XLabel: "step", YLabel: "loss", LogY: true}
		end, before := map[string]float64{}, map[string]float64{}
		for _, spec := range []string{"constant", "step:every=400", "inverse_sqrt:warmup=50", "linear", "cosine", "onecycle", "wsd"} {
			at := make([][]float64, steps+1)
			for k := range uint64(seeds) {
				p, err := noisyQuadratic(s.Seed*seeds + k)
				if err != nil {
					return err
				}
				o := fixed(optim.SGD{}, eta, steps)
				if o.Schedule, err = schedule.Parse(spec, steps); err != nil {
					return err
				}
				d, err := descend(ctx, p, nil, o)
				if err != nil {
					return err
				}
				for t, v := range d.values {
					at[t] = append(at[t], v)
				}
				losses.Curves = append(losses.Curves, everyTenth(spec, d.values))
				if k == 0 {
					rates.Curves = append(rates.Curves, lineOf(spec, 0, d.rates))
				}
			}
			end[spec] = median(at[steps])
			before[spec] = median(at[750])
			s.row(spec, median(at[250]), median(at[500]), before[spec], end[spec])
		}
		s.See = [2]string{
			"A constant rate ends where the noise holds it, at " + s.fact("constant", end["constant"]) + "; the cosine, with the same noise and the same base rate, at " +
				s.fact("cosine", end["cosine"]) + ", " + s.fact("factor", end["constant"]/end["cosine"]) + " times lower.",
			"The gain comes when the rate falls, not before: at step 750 wsd still has the full rate and is at " + s.fact("wsd_before", before["wsd"]) +
				", like the constant rate, at " + s.fact("constant_before", before["constant"]) + "; then its rate falls, and its loss to " + s.fact("wsd", end["wsd"]) + ".",
		}
		s.Charts = []ShownChart{rates, losses}
		return nil
	},
}

var showPlateau = Showing{
	Name: "plateau", Title: "A rate that falls when the loss does not",
	Doc:    "What does reduce-on-plateau do on a loss that noise holds up?",
	Source: "PyTorch's ReduceLROnPlateau; as a practice in A. Krizhevsky et al., ImageNet classification with deep convolutional neural networks, NIPS 2012, section 5.",
	run: func(ctx context.Context, s *Shown) error {
		const eta, steps, every = 0.02, 2000, 20
		s.Setup = noisySetup + "SGD with rate 0.02, 2,000 steps; with plateau the loss is observed every 20 steps, and the rate halved after more than 5 observations without a better one."
		s.Columns = []string{"rate", "reductions", "last rate", "loss, last quarter"}
		losses := ShownChart{Name: "loss", Title: "Loss", XLabel: "step", YLabel: "loss", LogY: true}
		rates := ShownChart{Name: "rate", Title: "Learning rate", XLabel: "step", YLabel: "learning rate", LogY: true}
		var floor [2]float64
		var reductions, first int
		for i, name := range []string{"constant", "plateau"} {
			p, err := noisyQuadratic(s.Seed)
			if err != nil {
				return err
			}
			o := fixed(optim.SGD{}, eta, steps)
			o.EvalEvery = every
			if name == "plateau" {
				o.Plateau = schedule.NewPlateau()
				o.Plateau.Factor, o.Plateau.Patience = 0.5, 5
			}
			d, err := descend(ctx, p, nil, o)
			if err != nil {
				return err
			}
			reductions = 0
			for t := 1; t < steps; t++ {
				if d.rates[t] < d.rates[t-1] {
					if reductions++; reductions == 1 {
						first = t
					}
				}
			}
			floor[i] = meanOf(lastQuarter(d.values))
			losses.Curves = append(losses.Curves, lineOf(name, 0, d.values))
			rates.Curves = append(rates.Curves, lineOf(name, 1, d.rates))
			s.row(name, float64(reductions), d.rates[steps-1], floor[i])
		}
		s.See = [2]string{
			"The loss falls until it is as low as noise lets this rate come; " + s.count("first", first) + " steps in, plateau notices and halves the rate, " + s.count("reductions", reductions) + " times in all.",
			"Each halving lowers the floor: over the last quarter the mean loss is " + s.fact("plateau", floor[1]) + ", at the constant rate " + s.fact("constant", floor[0]) + ".",
		}
		s.Charts = []ShownChart{losses, rates}
		return nil
	},
}

var showAveraging = Showing{
	Name: "averaging", Title: "Averages of the parameters",
	Doc:    "Are averages of the iterates nearer to the minimum than the iterates?",
	Source: "B. T. Polyak, A. B. Juditsky, 1992; P. Izmailov et al., Averaging weights leads to wider optima and better generalization, UAI 2018.",
	run: func(ctx context.Context, s *Shown) error {
		const eta, steps, from, decay = 0.02, 2000, 500, 0.98
		s.Setup = noisySetup + "one run of SGD with rate 0.02, 2,000 steps. At every step an exponential average with decay 0.98 is taken, and from step 500 on the plain mean (SWA)."
		s.Columns = []string{"point", "loss, last quarter", "least", "most"}
		p, err := noisyQuadratic(s.Seed)
		if err != nil {
			return err
		}
		m, err := train.Function(p, nil)
		if err != nil {
			return err
		}
		ema, err := optim.NewEMA(m.Params(), decay)
		if err != nil {
			return err
		}
		swa := optim.NewSWA(m.Params())
		d := &descended{model: m}
		var smooth, plain []float64
		var failed error
		look := func(a *optim.Average[float64]) float64 {
			if err := a.Update(); err != nil {
				failed = err
			}
			a.Swap()
			defer a.Swap()
			return m.At(m.Point())
		}
		err = d.run(ctx, fixed(optim.SGD{}, eta, steps), train.SinkFunc(func(e train.Event) {
			step, ok := e.(*train.Step)
			if !ok {
				return
			}
			smooth = append(smooth, look(ema))
			if step.Step > from {
				plain = append(plain, look(swa))
			}
		}))
		if err == nil {
			err = failed
		}
		if err != nil {
			return err
		}
		losses := ShownChart{Name: "loss", Title: "Loss of one run and of its averages", XLabel: "step", YLabel: "loss", LogY: true}
		var floor []float64
		for _, c := range []struct {
			name   string
			first  int
			values []float64
		}{{"last point", 0, d.values}, {"exponential average", 1, smooth}, {"mean since step 500", from + 1, plain}} {
			losses.Curves = append(losses.Curves, lineOf(c.name, c.first, c.values))
			end := c.values[len(c.values)-steps/4:]
			low := end[0]
			for _, v := range end {
				low = min(low, v)
			}
			floor = append(floor, meanOf(end))
			s.row(c.name, meanOf(end), low, largestOf(end))
		}
		s.See = [2]string{
			"The last point wanders about the minimum at a loss of " + s.fact("last", floor[0]) + "; the exponential average of the same points is at " + s.fact("ema", floor[1]) +
				", " + s.fact("factor_ema", floor[0]/floor[1]) + " times lower.",
			"The plain mean goes on falling as it takes in more points, to " + s.fact("swa", floor[2]) + " over the last quarter; in the beginning the exponential one is late, because it still holds the start.",
		}
		s.Charts = []ShownChart{losses}
		return nil
	},
}
