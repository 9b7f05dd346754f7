package report

import (
	"fmt"
	"math"
	"strings"

	"github.com/descent-go/descent/figure"
	"github.com/descent-go/descent/lab"
	"github.com/descent-go/descent/problem"
	"github.com/descent-go/descent/schedule"
	"github.com/descent-go/descent/train"
)

// paths shows where the tuned contenders go on a function of two variables; nil for
// anything else.
func (t *task) paths() *Figure {
	f, err := problem.Resolve(t.Function)
	if t.Function == "" || err != nil || len(t.Paths) == 0 {
		return nil
	}
	c := figure.Contour{Func: f.Value, Domain: window(f, t.Paths)}
	for _, m := range f.Minima {
		c.Minima = append(c.Minima, figure.Point{X: m.X, Y: m.Y})
	}
	var ends []string
	for _, p := range t.Paths {
		drawn := figure.Path{Name: p.Name, X: p.X, Y: p.Y, Step: p.Step, Ends: true, Note: "f = " + short(float64(p.Final))}
		if p.Diverged != nil { // as figures mark it
			drawn.Note = ""
			drawn.X, drawn.Y = append(p.X[:len(p.X):len(p.X)], math.NaN()), append(p.Y[:len(p.Y):len(p.Y)], math.NaN())
			drawn.Step = append(p.Step[:len(p.Step):len(p.Step)], p.Diverged.Step)
			ends = append(ends, p.Name+" diverges")
		} else if n := len(p.X); n > 0 {
			ends = append(ends, fmt.Sprintf("%s at (%s, %s)", p.Name, short(p.X[n-1]), short(p.Y[n-1])))
		}
		c.Paths = append(c.Paths, drawn)
	}
	return t.figure("paths", Figure{
		Caption: "Paths on one contour: where the tuned contenders go, all from the usual start.",
		Alt:     fmt.Sprintf("Paths on the contours of %s. They end: %s.", t.Name, strings.Join(ends, "; ")),
		Draw: func(st figure.Style) (*figure.Figure, error) {
			c := c
			c.Style = st
			return c.Figure()
		},
		Plane:     func() (*Plane, error) { return t.plane(f, c) },
		Animation: &figure.Animation{Contour: c},
	})
}

// plane has the paths of a contour as numbers.
func (t *task) plane(f *problem.Function, c figure.Contour) (*Plane, error) {
	relief, err := figure.NewRelief(c.Func, c.Domain, planePlaces, c.Minima)
	if err != nil {
		return nil, err
	}
	p := &Plane{
		X: PlaneAxis{Axis: Axis{Label: "x"}}, Y: PlaneAxis{Axis: Axis{Label: "y"}}, Value: "f", Relief: relief, Minima: c.Minima,
	}
	for i, q := range t.Paths {
		path := PlanePath{Name: q.Name, Look: i, X: q.X, Y: q.Y, Step: q.Step, F: make([]train.Real, len(q.X))}
		for k := range q.X {
			path.F[k] = train.Real(f.Value(q.X[k], q.Y[k]))
		}
		switch last := len(q.X) - 1; {
		case q.Diverged != nil:
			path.Diverged = q.Diverged.String()
		case last >= 0: // points have seven digits
			path.F[last] = q.Final
		}
		p.Paths = append(p.Paths, path)
	}
	return p, nil
}

// window returns the rectangle to draw: that of the function, and the ends of the
// paths as far as they are near.
func window(f *problem.Function, paths []lab.TunedPath) figure.Domain {
	own := figure.Domain(f.Domain)
	w, h := own.XMax-own.XMin, own.YMax-own.YMin
	d := own
	for _, p := range paths {
		n := len(p.X)
		if n == 0 {
			continue
		}
		for _, i := range []int{0, n - 1} {
			x, y := p.X[i], p.Y[i]
			near := x > own.XMin-w && x < own.XMax+w && y > own.YMin-h && y < own.YMax+h
			if i > 0 && (!near || p.Diverged != nil) {
				continue
			}
			d.XMin, d.XMax, d.YMin, d.YMax = min(d.XMin, x), max(d.XMax, x), min(d.YMin, y), max(d.YMax, y)
		}
	}
	if d == own {
		return own
	}
	mx, my := float64(0.04*(d.XMax-d.XMin)), float64(0.04*(d.YMax-d.YMin))
	return figure.Domain{XMin: d.XMin - mx, XMax: d.XMax + mx, YMin: d.YMin - my, YMax: d.YMax + my}
}

// schedules shows the rates of the tuned contenders against the step; nil when all of
// them are constant.
func (t *task) schedules() *Figure {
	c := figure.Schedules{Y: figure.Log}
	var names []string
	moving := false
	for _, r := range t.inOrder() {
		if r.Updates < 1 {
			return nil
		}
		rate, spec := r.Rate, r.Schedule
		if spec == "" {
			spec = "constant"
		}
		s, err := schedule.Parse(spec, r.Updates)
		if err != nil {
			return nil // one of a later version
		}
		moving = moving || spec != "constant"
		c.Curves = append(c.Curves, figure.Curve{Name: r.Name, Total: r.Updates, Rate: func(step int64) float64 { return float64(rate * s.At(step)) }})
		names = append(names, fmt.Sprintf("%s follows %s from a rate of %s", r.Name, spec, short(rate)))
	}
	if !moving {
		return nil
	}
	return t.figure("schedule", Figure{
		Caption: "The learning rates of the tuned contenders: the schedule, times the rate that was chosen.",
		Alt:     fmt.Sprintf("Learning rates on %s against the step. %s.", t.Name, strings.Join(names, "; ")),
		Chart:   scheduleChart(c),
		Draw: func(st figure.Style) (*figure.Figure, error) {
			c := c
			c.Style = st
			return c.Figure()
		},
	})
}
