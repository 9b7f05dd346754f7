package report

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/descent-go/descent/figure"
	"github.com/descent-go/descent/lab"
)

// inOrder returns the rows in the order of the contenders, so that one has the
// same look in every figure.
func (t *task) inOrder() []lab.Row {
	rows := slices.Clone(t.Rows)
	slices.SortStableFunc(rows, func(a, b lab.Row) int {
		return slices.Index(t.contenders, a.Name) - slices.Index(t.contenders, b.Name)
	})
	return rows
}

// figure fills in what all figures of a task have.
func (t *task) figure(name string, f Figure) *Figure {
	f.File = t.file + "-" + name
	f.Command = t.again.redraw(f.File)
	return &f
}

// convergence shows the runs on fresh seeds; nil when they have no points.
func (t *task) convergence() *Figure {
	c := figure.Convergence{XLabel: "gradient evaluations", YLabel: t.Objective}
	if finite(t.Target) {
		c.Levels = []figure.Level{{Name: "target", Value: float64(t.Target)}}
	}
	points := 0
	var ends []string
	rows := t.inOrder()
	for _, r := range rows {
		curves := figure.SeedCurves{Name: r.Name}
		for i := range r.Runs {
			o := &r.Runs[i]
			s := figure.Series{X: make([]float64, len(o.Curve)), Y: make([]float64, len(o.Curve)), Diverged: o.Diverged != nil}
			for k, p := range o.Curve {
				s.X[k], s.Y[k] = float64(p.Step), float64(p.Loss)
			}
			points += len(s.Y)
			curves.Seeds = append(curves.Seeds, s)
		}
		c.Rules = append(c.Rules, curves)
		ends = append(ends, r.Name+" at "+short(float64(r.Objective.Median)))
	}
	if points == 0 {
		return nil
	}
	return t.figure("convergence", Figure{
		Caption: fmt.Sprintf("Convergence: the %s against gradient evaluations, of tuned contenders on fresh seeds.", t.Objective),
		Alt:     fmt.Sprintf("Convergence on %s. The medians of the %s end: %s.", t.Name, t.Objective, strings.Join(ends, "; ")),
		Chart:   t.convergenceChart(c, rows),
		Draw: func(st figure.Style) (*figure.Figure, error) {
			c := c
			c.Style = st
			return c.Figure()
		},
	})
}

// sensitivity shows what tuning and selection found; nil without rates.
func (t *task) sensitivity() *Figure {
	s := figure.Sensitivity{YLabel: t.Objective + " at the end"}
	var wide []string
	for _, r := range t.inOrder() {
		curve := figure.RateCurve{Name: r.Name, Default: r.Usual}
		for _, p := range r.Rates {
			losses := make([]float64, len(p.Losses))
			for i, v := range p.Losses {
				losses[i] = float64(v)
			}
			curve.Rates, curve.Final = append(curve.Rates, p.Rate), append(curve.Final, losses)
		}
		if len(curve.Rates) > 0 {
			s.Rules = append(s.Rules, curve)
			wide = append(wide, fmt.Sprintf("%s is best at %s and tolerates %.2f decades", r.Name, short(r.Rate), r.Tolerance))
		}
	}
	if len(s.Rules) == 0 {
		return nil
	}
	return t.figure("sensitivity", Figure{
		Caption: "Sensitivity to the learning rate: what trials end with, all else as it was chosen. A wide valley forgives a rate that is not the best.",
		Alt:     fmt.Sprintf("Sensitivity to the learning rate on %s. %s.", t.Name, strings.Join(wide, "; ")),
		Chart:   t.sensitivityChart(s),
		Draw: func(st figure.Style) (*figure.Figure, error) {
			s := s
			s.Style = st
			return s.Figure()
		},
	})
}

// tuning shows what is to expect of so many trials; nil without trials.
func (t *task) tuning() *Figure {
	c := figure.TuningCost{YLabel: "best " + t.Objective + " so far", Band: "band: 5th to 95th percentile over the orders of the trials"}
	points := 0
	var after []string
	for _, r := range t.inOrder() {
		curve := figure.TuningCurve{Name: r.Name}
		for _, p := range r.Cost {
			low, high := float64(p.Low), float64(p.High)
			if math.IsNaN(low) || math.IsNaN(high) {
				low, high = math.Inf(1), math.Inf(1)
			}
			curve.Best = append(curve.Best, float64(p.Best))
			curve.Lo, curve.Hi = append(curve.Lo, low), append(curve.Hi, high)
		}
		if n := len(curve.Best); n > 0 {
			after = append(after, fmt.Sprintf("%s: %s after 1, %s after %d", r.Name, short(curve.Best[0]), short(curve.Best[n-1]), n))
			points += n
		}
		c.Rules = append(c.Rules, curve)
	}
	if points == 0 {
		return nil
	}
	return t.figure("tuning", Figure{
		Caption: fmt.Sprintf("The cost of tuning: the best %s to expect after so many trials. A contender that is good early is easy to tune.", t.Objective),
		Alt:     fmt.Sprintf("The cost of tuning on %s. The best to expect, in trials: %s.", t.Name, strings.Join(after, "; ")),
		Chart:   tuningChart(c),
		Draw: func(st figure.Style) (*figure.Figure, error) {
			c := c
			c.Style = st
			return c.Figure()
		},
	})
}
