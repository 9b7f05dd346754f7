package lab

import (
	"context"
	"fmt"
	"math"

	"github.com/descent-go/descent/internal/portable"
	"github.com/descent-go/descent/optim"
	"github.com/descent-go/descent/problem"
	"github.com/descent-go/descent/schedule"
	"github.com/descent-go/descent/train"
)

var showMomentumRate = Showing{
	Name: "momentum-rate", Title: "The effective rate of momentum",
	Doc:    "How long are the steps that momentum takes, and what becomes of them when the rate falls?",
	Source: "I. Sutskever et al., On the importance of initialization and momentum in deep learning, ICML 2013.",
	run: func(ctx context.Context, s *Shown) error {
		const eta, steps, drop, beta = 0.01, 600, 300, 0.9
		s.Setup = "The gradient is 1 everywhere, the rate η = 0.01; 600 steps with each β. " +
			"Then β = 0.9 and a rate that falls to a tenth after step 300: with η outside the velocity as rule sgd has it, and inside as rule momentum."
		s.Columns = []string{"momentum β", "last step / η", "1/(1−β)"}
		grow := ShownChart{Name: "growth", Title: "Steps down a slope of 1", XLabel: "step", YLabel: "length of a step / η", LogX: true, LogY: true}
		var at9 float64
		for _, b := range []float64{0, 0.5, beta, 0.99} {
			d, err := slide(ctx, 1, fixed(optim.SGD{Momentum: b}, eta, steps))
			if err != nil {
				return err
			}
			last, level := d.lengths[steps-1]/eta, optim.EffectiveRate(1, b)
			name := fmt.Sprintf("β = %v", b)
			grow.Curves = append(grow.Curves, lineOf(name, 1, inUnits(d.lengths, eta)))
			grow.Levels = append(grow.Levels, ShownLevel{"1/(1−β), " + name, level})
			s.row(fmt.Sprint(b), last, level)
			if b == beta {
				at9 = last
			}
		}
		fall := ShownChart{Name: "drop", Title: "The rate falls to a tenth after step 300", XLabel: "step", YLabel: "length of a step / η", LogY: true}
		after, settled := [2]float64{}, 0
		for i, c := range []struct {
			name string
			rule optim.Rule
		}{{"η outside (sgd)", optim.SGD{Momentum: beta}}, {"η inside (momentum)", optim.Momentum{Beta: beta}}} {
			o := fixed(c.rule, eta, 400)
			o.Schedule = schedule.MultiStep{Milestones: []int64{drop}, Gamma: 0.1}
			d, err := slide(ctx, 1, o)
			if err != nil {
				return err
			}
			after[i] = d.lengths[drop] / d.lengths[drop-1]
			fall.Curves = append(fall.Curves, lineOf(c.name, 281, inUnits(d.lengths[280:], eta)))
			settled = 0
			for d.lengths[drop+settled] > 1.1*d.lengths[len(d.lengths)-1] {
				settled++
			}
		}
		s.See = [2]string{
			"On a steady gradient β = 0.9 ends at steps " + s.fact("gain", at9) + " times as long as η: the effective rate is η/(1−β), so a change of β is a change of rate.",
			"After the drop the next step with η outside is " + s.fact("outside", after[0]) + " times the one before, with η inside " + s.fact("inside", after[1]) +
				" times: the velocity keeps the old rate, and takes " + s.count("settled", settled) + " more steps to come within 10 % of the new length.",
		}
		s.Charts = []ShownChart{grow, fall}
		return nil
	},
}

var showBiasCorrection = Showing{
	Name: "bias-correction", Title: "Bias correction of Adam",
	Doc:    "What are the first steps of Adam without the division by 1 − βᵗ?",
	Source: "D. P. Kingma, J. Ba, Adam: a method for stochastic optimization, ICLR 2015, section 3.",
	run: func(ctx context.Context, s *Shown) error {
		const eta, steps = 1e-3, 5000
		s.Setup = "Adam with β₁ = 0.9, β₂ = 0.999. First on a constant gradient, where every step should be η long; " +
			"then 60 steps on a bowl with η = 0.1."
		s.Columns = []string{"bias correction", "first step / η", "longest / η", "at step", "past the minimum"}
		with := optim.NewAdam()
		without := with
		without.BiasCorrection = false
		lengths := ShownChart{Name: "steps", Title: "Steps on a constant gradient", XLabel: "step", YLabel: "length of a step / η", LogX: true,
			Levels: []ShownLevel{{"η", 1}}}
		paths := ShownChart{Name: "path", Title: "The same on a bowl, η = 0.1", Function: "bowl:kappa=4", Domain: [4]float64{-4, 4, -3.2, 3.2}}
		bowl, err := problem.Resolve(paths.Function)
		if err != nil {
			return err
		}
		var first, most, beyond [2]float64
		var when [2]int
		calm := 0
		for i, c := range []struct {
			name string
			rule optim.Adam
		}{{"on", with}, {"off", without}} {
			d, err := slide(ctx, 1, fixed(c.rule, eta, steps))
			if err != nil {
				return err
			}
			ratio := inUnits(d.lengths, eta)
			first[i] = ratio[0]
			for t, r := range ratio {
				if r > most[i]+1e-9 {
					most[i], when[i] = r, t+1
				}
			}
			calm = steps
			for calm > 0 && math.Abs(ratio[calm-1]-1) < 0.1 {
				calm--
			}
			lengths.Curves = append(lengths.Curves, lineOf("correction "+c.name, 1, ratio))
			p, err := descend(ctx, bowl.Problem(), []float64{3, 2}, fixed(c.rule, 0.1, 60))
			if err != nil {
				return err
			}
			for _, x := range p.points {
				beyond[i] = max(beyond[i], -x[0])
			}
			paths.Paths = append(paths.Paths, pathOf("correction "+c.name, p.points))
			s.row(c.name, first[i], most[i], float64(when[i]), beyond[i])
		}
		s.See = [2]string{
			"Corrected, the first step is " + s.fact("first_on", first[0]) + " η long; uncorrected " + s.fact("first_off", first[1]) + " η, and step " +
				s.count("longest_at", when[1]) + " even " + s.fact("longest_off", most[1]) + " η: the mean of squares is slower to leave zero than the mean.",
			"It takes " + s.count("calm", calm) + " steps until uncorrected steps are within 10 % of η; on the bowl they shoot " + s.fact("beyond_off", beyond[1]) +
				" past the minimum, corrected ones " + s.fact("beyond_on", beyond[0]) + ".",
		}
		s.Charts = []ShownChart{lengths, paths}
		return nil
	},
}

var showAdaGradSum = Showing{
	Name: "adagrad-sum", Title: "AdaGrad: sum or mean of squares",
	Doc:    "What does AdaGrad gain by dividing by the sum of all squared gradients instead of their mean?",
	Source: "J. Duchi, E. Hazan, Y. Singer, Adaptive subgradient methods, JMLR 12, 2011, figure 1.",
	run: func(ctx context.Context, s *Shown) error {
		const eta, steps, sigma, seeds = 0.5, 2000, 1, 7
		s.Setup = "AdaGrad with η = 0.5, 2,000 steps: on a constant gradient, and on the bowl (x² + 4y²)/2 whose gradient has noise of deviation 1, with 7 seeds."
		s.Columns = []string{"divisor", "first step / η", "last step / η", "loss, last quarter"}
		lengths := ShownChart{Name: "steps", Title: "Steps on a constant gradient", XLabel: "step", YLabel: "length of a step / η", LogX: true, LogY: true}
		losses := ShownChart{Name: "loss", Title: "Loss with a noisy gradient, median and quartiles of 7 seeds", XLabel: "step", YLabel: "loss", LogY: true}
		bowl, err := problem.Resolve("bowl:kappa=4")
		if err != nil {
			return err
		}
		var last, rest [2]float64
		for i, c := range []struct {
			name string
			mean bool
		}{{"sum", false}, {"mean", true}} {
			r := optim.NewAdaGrad()
			r.Mean = c.mean
			d, err := slide(ctx, 1, fixed(r, eta, steps))
			if err != nil {
				return err
			}
			var ends []float64
			for k := range uint64(seeds) {
				noisy, err := problem.Noisy(bowl.Problem(), sigma, s.Seed*seeds+k)
				if err != nil {
					return err
				}
				n, err := descend(ctx, noisy, []float64{3, 2}, fixed(r, eta, steps))
				if err != nil {
					return err
				}
				losses.Curves = append(losses.Curves, everyTenth(c.name, n.values))
				ends = append(ends, meanOf(lastQuarter(n.values)))
			}
			last[i], rest[i] = d.lengths[steps-1]/eta, median(ends)
			lengths.Curves = append(lengths.Curves, lineOf(c.name, 1, inUnits(d.lengths, eta)))
			s.row(c.name, d.lengths[0]/eta, last[i], rest[i])
		}
		s.See = [2]string{
			"With the sum step 2,000 is " + s.fact("sum", last[0]) + " η long, as 1/√t says; with the mean it is still " + s.fact("mean", last[1]) + " η: only the sum is a schedule of its own.",
			"Under noise the mean's loss stays about " + s.fact("floor_mean", rest[1]) + "; the sum's shrinking steps average the noise out, down to " + s.fact("floor_sum", rest[0]) + ".",
		}
		s.Charts = []ShownChart{lengths, losses}
		return nil
	},
}

var showRMSPropEps = Showing{
	Name: "rmsprop-eps", Title: "RMSProp: ε inside or outside the root",
	Doc:    "Does it matter whether the divisor is √s + ε or √(s + ε)?",
	Source: "A. Graves, Generating sequences with recurrent neural networks, 2013, equations 38 to 41, has it inside; PyTorch outside.",
	run: func(ctx context.Context, s *Shown) error {
		const eta, steps, eps = 0.01, 200, 1e-8
		s.Setup = "RMSProp with ρ = 0.9 and ε = 1e-8 in both places: 200 steps on constant gradients from 1e-12 to 1; then 3,000 steps on the flat bottom of x⁴."
		s.Columns = []string{"ε", "half of η at gradient", "|x| after 100 steps", "after 3,000"}
		lengths := ShownChart{Name: "steps", Title: "The last step on constant gradients", XLabel: "gradient", YLabel: "length of a step / η", LogX: true}
		flat := ShownChart{Name: "flat", Title: "On x⁴, η = 0.01", XLabel: "step", YLabel: "|x|", LogX: true, LogY: true}
		bottom, err := problem.Parse("x^4", nil)
		if err != nil {
			return err
		}
		var half, end [2]float64
		for i, c := range []struct {
			name   string
			inside bool
		}{{"outside: √s + ε", false}, {"inside: √(s + ε)", true}} {
			r := optim.NewRMSProp()
			r.Rho, r.Eps, r.EpsInside = 0.9, eps, c.inside
			line := ShownCurve{Name: c.name}
			last := func(decade float64) (gradient, ratio float64, err error) {
				gradient = portable.Pow(10, decade)
				d, err := slide(ctx, gradient, fixed(r, eta, steps))
				if err != nil {
					return 0, 0, err
				}
				return gradient, d.lengths[steps-1] / eta, nil
			}
			for k := range 97 {
				g, ratio, err := last(float64(k-96) / 8)
				if err != nil {
					return err
				}
				line.X, line.Y = append(line.X, g), append(line.Y, train.Real(ratio))
			}
			lengths.Curves = append(lengths.Curves, line)
			for low, high := -12.0, 0.0; high-low > 1e-6; {
				mid := (low + high) / 2
				g, ratio, err := last(mid)
				if err != nil {
					return err
				}
				if ratio < 0.5 {
					low = mid
				} else {
					high, half[i] = mid, g
				}
			}
			d, err := descend(ctx, bottom.Problem(), []float64{1, 0}, fixed(r, eta, 3000))
			if err != nil {
				return err
			}
			away := make([]float64, len(d.points))
			for t, x := range d.points {
				away[t] = math.Abs(x[0])
			}
			end[i] = meanOf(away[2901:])
			flat.Curves = append(flat.Curves, lineOf(c.name, 0, away))
			s.row(c.name, half[i], away[100], end[i])
		}
		s.See = [2]string{
			"Outside, steps are at least half of η from gradients of " + s.fact("half_outside", half[0]) + " on; inside only from " + s.fact("half_inside", half[1]) +
				", because the divisor is never below √ε: the same number, " + s.fact("factor", half[1]/half[0]) + " times the threshold.",
			"On the flat bottom of x⁴, where gradients vanish, ε outside comes within " + s.fact("end_outside", end[0]) + " of the minimum in 3,000 steps, ε inside within " +
				s.fact("end_inside", end[1]) + ": below √ε its steps are those of gradient descent with the rate η/√ε.",
		}
		s.Charts = []ShownChart{lengths, flat}
		return nil
	},
}
