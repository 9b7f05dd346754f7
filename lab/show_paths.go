package lab

import (
	"context"
	"fmt"
	"math"

	"github.com/descent-go/descent/optim"
	"github.com/descent-go/descent/problem"
	"github.com/descent-go/descent/schedule"
	"github.com/descent-go/descent/train"
)

var showEdge = Showing{
	Name: "edge", Title: "The edge of stability",
	Doc:    "What does gradient descent do below, at and above the rate 2/λ?",
	Source: "For example Y. Nesterov, Lectures on convex optimization, 2018, section 1.2.3.",
	run: func(ctx context.Context, s *Shown) error {
		const lambda, steps = 20, 60
		s.Setup = "Gradient descent on (x² + 20y²)/2 from (1, 1), 60 steps, with rates that are shares of 2/λ; λ = 20 is the largest curvature. " +
			"α says where on its line a step ends: −1 is where it began, 0 the minimum, 1 as high on the other side."
		s.Columns = []string{"share of 2/λ", "rate", "last α", "curvature", "last loss", "/ one before"}
		const spec = "bowl:kappa=20"
		losses := ShownChart{Name: "loss", Title: "Loss", XLabel: "step", YLabel: "loss", LogY: true}
		alphas := ShownChart{Name: "alpha", Title: "How far each step goes", XLabel: "step", YLabel: "α", Levels: []ShownLevel{{"the other side, as high", 1}, {"minimum along the line", 0}}}
		paths := ShownChart{Name: "path", Title: "Paths of the first 12 steps", Function: spec, Domain: [4]float64{-0.3, 1.2, -1.5, 1.5}}
		f, err := problem.Resolve(spec)
		if err != nil {
			return err
		}
		var alpha, growth, measured float64
		shares := []float64{0.5, 0.9, 1, 1.02}
		var last [4]float64
		for i, share := range shares {
			rate := share * 2 / lambda
			o := fixed(optim.SGD{}, rate, steps)
			o.Diagnose = &train.Diagnostics{Line: true, Sharpness: true, Iterations: 50, Tolerance: 1e-9}
			d, err := descend(ctx, f.Problem(), []float64{1, 1}, o)
			if err != nil {
				return err
			}
			name := fmt.Sprintf("%v of 2/λ", share)
			a := make([]float64, len(d.diagnoses))
			for t, g := range d.diagnoses {
				a[t] = float64(g.Alpha)
			}
			last[i] = d.values[steps]
			end := d.diagnoses[len(d.diagnoses)-1]
			alpha, growth, measured = float64(end.Alpha), d.values[steps]/d.values[steps-1], float64(end.Sharpness)
			losses.Curves = append(losses.Curves, lineOf(name, 0, d.values))
			alphas.Curves = append(alphas.Curves, lineOf(name, 1, a))
			paths.Paths = append(paths.Paths, pathOf(name, d.points[:13]))
			s.row(fmt.Sprint(share), rate, alpha, measured, last[i], growth)
		}
		s.See = [2]string{
			"The curvature measured along the way is " + s.fact("sharpness", measured) + ", so the edge is at " + s.fact("edge", 2/measured) +
				": at that rate the loss stays at " + s.fact("at", last[2]) + ", for every step lands as high on the other side; at half of it, it comes to " + s.fact("half", last[0]) + ".",
			"Only 2 % above, α is " + s.fact("alpha_above", alpha) + " and every step multiplies the loss by " + s.fact("growth_above", growth) +
				": after 60 steps it is " + s.fact("above", last[3]) + ".",
		}
		s.Charts = []ShownChart{losses, alphas, paths}
		return nil
	},
}

var showLookahead = Showing{
	Name: "lookahead", Title: "Nesterov: look-ahead and reparametrised",
	Doc:    "Does the form of Nesterov's momentum that frameworks have trace the points of the true one?",
	Source: "I. Sutskever et al., On the importance of initialization and momentum in deep learning, ICML 2013, equations 3 and 4.",
	run: func(ctx context.Context, s *Shown) error {
		const beta = 0.9
		s.Setup = "β = 0.9. Drawn: 25 steps on (x² + 10y²)/2 with η = 0.02. In the table: 500 steps on Rosenbrock's valley with η = 5e-4, " +
			"and the largest distance of any point from that of the look-ahead form, rule nesterov."
		s.Columns = []string{"form, rate", "distance of θ", "of what is stored"}
		paths := ShownChart{Name: "path", Title: "The first steps of both forms", Function: "bowl:kappa=10", Domain: [4]float64{-1.2, 3.4, -1.7, 2.3}}
		bowl, err := problem.Resolve(paths.Function)
		if err != nil {
			return err
		}
		forms := []struct {
			name string
			rule optim.Rule
		}{{"look-ahead", optim.Nesterov{Beta: beta}}, {"sgd, nesterov", optim.SGD{Momentum: beta, Nesterov: true}}, {"momentum, nesterov", optim.Momentum{Beta: beta, Nesterov: true}}}
		for i, f := range forms[:2] {
			d, err := descend(ctx, bowl.Problem(), []float64{3, 2}, fixed(f.rule, 0.02, 25))
			if err != nil {
				return err
			}
			paths.Paths = append(paths.Paths, pathOf([]string{"θ of look-ahead", "θ of reparametrised"}[i], d.points))
			if i == 1 {
				paths.Paths = append(paths.Paths, pathOf("stored by reparametrised", d.stored))
			}
		}
		for i := range paths.Paths {
			paths.Paths[i].Marked = true
		}
		valley, err := problem.Lookup("rosenbrock")
		if err != nil {
			return err
		}
		const steps = 500
		distances := ShownChart{Name: "distance", Title: "What is not at θ of the look-ahead form", XLabel: "step", YLabel: "distance", LogY: true}
		var theta, stored [2][3]float64
		for j, c := range []struct {
			name string
			rate schedule.Schedule
		}{{"constant", nil}, {"cosine", schedule.Cosine{Total: steps}}} {
			var ahead *descended
			for i, f := range forms {
				o := fixed(f.rule, 5e-4, steps)
				o.Schedule = c.rate
				d, err := descend(ctx, valley.Problem(), nil, o)
				if err != nil {
					return err
				}
				if i == 0 {
					ahead = d
					continue
				}
				away := apart(d.points, ahead.points)
				theta[j][i], stored[j][i] = largestOf(away), largestOf(apart(d.stored, ahead.points))
				switch { // the others are at the same points: see the table
				case i == 1 && c.rate == nil:
					distances.Curves = append(distances.Curves, lineOf("stored by sgd, constant rate", 3, apart(d.stored, ahead.points)[3:]))
				case i == 1:
					distances.Curves = append(distances.Curves, lineOf("θ of sgd, cosine", 3, away[3:]))
				}
				s.row(f.name+", "+c.name, theta[j][i], stored[j][i])
			}
		}
		s.See = [2]string{
			"While the rate is constant both trace the same θ: along 500 steps in the valley they are never further than " + s.fact("theta", theta[0][1]) +
				" apart. What is stored, θ + βv, is up to " + s.fact("stored", stored[0][1]) + " away, so it is θ that a figure should show.",
			"When the rate follows a cosine, sgd with η outside is up to " + s.fact("outside_cosine", theta[1][1]) + " away, momentum with η inside " +
				s.fact("inside_cosine", theta[1][2]) + ": outside, the old velocity is scaled by the new rate.",
		}
		s.Charts = []ShownChart{paths, distances}
		return nil
	},
}

// apart returns the distances of the points of one path from those of another.
func apart(a, b [][]float64) []float64 {
	out := make([]float64, min(len(a), len(b)))
	for i := range out {
		sum := 0.0
		for k := range a[i] {
			e := a[i][k] - b[i][k]
			sum += float64(e * e)
		}
		out[i] = math.Sqrt(sum)
	}
	return out
}

func largestOf(values []float64) float64 {
	most := 0.0
	for _, v := range values {
		most = max(most, v)
	}
	return most
}

// cliff has a gentle slope that ends at a wall, just before which the minimum is.
const cliff = "0.1*(x - 1)^2 + 0.4*y^2 + 15*(x - 1.5 + abs(x - 1.5))"

var showClipping = Showing{
	Name: "clipping", Title: "Gradient clipping at a cliff",
	Doc:    "What does one step on a wall do to a descent, with and without clipping?",
	Source: "R. Pascanu, T. Mikolov, Y. Bengio, On the difficulty of training recurrent neural networks, ICML 2013, figure 6 and algorithm 1.",
	run: func(ctx context.Context, s *Shown) error {
		const eta, steps, low, wall = 0.1, 300, 0.1, 10
		s.Setup = "Gradient descent with momentum 0.9 and η = 0.1, 300 steps, on f = " + cliff + ": a valley whose floor ends at a wall. The minimum, 0, is at (1, 0). A loss below 0.1 is low."
		s.Columns = []string{"clip at", "steepest", "longest step", "furthest |x|", "on the wall", "low from step", "last loss"}
		f, err := problem.Parse(cliff, nil)
		if err != nil {
			return err
		}
		paths := ShownChart{Name: "path", Title: "Paths of the first 80 steps", Function: cliff, Domain: [4]float64{-12.5, 2.5, -2.5, 2.5}}
		losses := ShownChart{Name: "loss", Title: "Loss", XLabel: "step", YLabel: "loss", LogY: true}
		type outcome struct {
			gradient, length, far, last float64
			hits, until                 int
		}
		var free, held outcome
		for _, c := range []struct {
			name string
			norm float64
			to   *outcome
		}{{"none", 0, &free}, {"2", 2, &held}} {
			o := fixed(optim.SGD{Momentum: 0.9}, eta, steps)
			o.ClipNorm = c.norm
			steepest, hits := 0.0, 0
			d, err := descend(ctx, f.Problem(), []float64{-3, 2}, o, train.SinkFunc(func(e train.Event) {
				if step, ok := e.(*train.Step); ok {
					steepest = max(steepest, step.GradNorm)
					if step.GradNorm > wall {
						hits++
					}
				}
			}))
			if err != nil {
				return err
			}
			far, until := 0.0, 0 // until is past the end where the loss is not low there
			for t, x := range d.points {
				far = max(far, math.Abs(x[0]))
				if d.values[t] >= low {
					until = t + 1
				}
			}
			*c.to = outcome{steepest, largestOf(d.lengths), far, d.values[steps], hits, until}
			name := "clipped at " + c.name
			if c.norm == 0 {
				name = "not clipped"
			}
			paths.Paths = append(paths.Paths, pathOf(name, d.points[:81]))
			losses.Curves = append(losses.Curves, lineOf(name, 0, d.values))
			from := float64(until)
			if until > steps {
				from = math.NaN()
			}
			s.row(c.name, steepest, c.to.length, far, float64(hits), from, d.values[steps])
		}
		s.See = [2]string{
			"On the wall the gradient's norm is " + s.fact("gradient", free.gradient) + ": unclipped, it throws the descent out to |x| = " + s.fact("far_free", free.far) +
				", from where it comes back as fast and is thrown again, " + s.count("hits_free", free.hits) + " steps on the wall in all; the last loss is " + s.fact("last_free", free.last) + ".",
			"Clipped at norm 2, " + s.count("hits_held", held.hits) + " steps are on the wall, but it never gets further than |x| = " + s.fact("far_held", held.far) +
				", where it began, and from step " + s.count("until_held", held.until) + " on the loss is below 0.1: clipping keeps the gradient's direction and limits its length.",
		}
		s.Charts = []ShownChart{paths, losses}
		return nil
	},
}
