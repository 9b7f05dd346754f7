package cli

import (
	"fmt"
	"math"
	"strings"

	"github.com/descent-go/descent/figure"
	"github.com/descent-go/descent/problem"
)

// drawRun draws what a run shows and returns the files.
func (a *app) drawRun(e *expedition, tracks []*track) ([]string, error) {
	style := titled(e.style, runTitle(e), runSubtitle(e, tracks))
	var pictures []picture
	var animation *figure.Animation
	if f := e.function; f != nil {
		paths := pathsOf(tracks)
		c := figure.Contour{Style: style, Func: f.Value, Domain: window(e, tracks), Paths: paths, Minima: stars(f)}
		contour, err := c.Figure()
		if err != nil {
			return nil, err
		}
		surface, err := figure.Surface{Style: style, Func: c.Func, Domain: c.Domain, Paths: paths, Minima: c.Minima}.Figure()
		if err != nil {
			return nil, err
		}
		pictures = append(pictures, picture{"contour", contour}, picture{"surface", surface})
		if e.gif {
			c.Scale = max(0.5, c.Scale/2) // many frames
			animation = &figure.Animation{Contour: c}
		}
	}
	loss := figure.Loss{Style: style, YLabel: "f"}
	lowest, known := lowestKnown(e.function)
	if known && lowest != 0 {
		loss.YLabel, loss.Y = "f above its minimum", figure.Log
	}
	for _, t := range tracks {
		s := figure.Series{Name: t.label(), Diverged: diverged(t.result)}
		for i, step := range t.steps {
			s.X = append(s.X, float64(step))
			s.Y = append(s.Y, t.values[i]-lowest)
		}
		loss.Runs = append(loss.Runs, s)
	}
	curve, err := loss.Figure()
	if err != nil {
		return nil, err
	}
	files, err := a.save(append(pictures, picture{"loss", curve}))
	if err != nil || animation == nil {
		return files, err
	}
	file, err := a.file("path.gif")
	if err == nil {
		err = animation.Save(file)
	}
	if err != nil {
		return files, outError(a.dir, err)
	}
	return append(files, file), nil
}

// runTitle names what is descended.
func runTitle(e *expedition) string {
	if e.function != nil {
		return title(e.function)
	}
	return fmt.Sprintf("%s, %d variables", e.problem.Name(), e.problem.Dim())
}

// runSubtitle says under which conditions.
func runSubtitle(e *expedition, tracks []*track) string {
	var parts []string
	if e.function != nil && e.function.Title == e.function.String() {
		parts = append(parts, "f(x, y) = "+e.function.String())
	}
	if len(tracks) == 1 {
		parts = append(parts, tracks[0].label())
	}
	if len(e.start) == 2 {
		parts = append(parts, fmt.Sprintf("start (%s, %s)", short(e.start[0]), short(e.start[1])))
	}
	parts = append(parts, plural(e.steps, "step"))
	if e.schedule != "" {
		parts = append(parts, "schedule "+e.schedule)
	}
	if e.noise > 0 {
		parts = append(parts, "gradient noise "+short(e.noise))
	}
	return strings.Join(parts, ", ")
}

func pathsOf(tracks []*track) []figure.Path {
	var paths []figure.Path
	for _, t := range tracks {
		p := figure.Path{Name: t.label(), X: t.x, Y: t.y, Step: t.steps, Ends: true}
		switch d := t.result.Diverged; {
		case d == nil:
			p.Note = "f = " + short(t.result.FinalLoss)
		case diverged(t.result):
			p.Note = fmt.Sprintf("diverged at step %d", d.Step)
		default:
			p.Note = "falls without bound"
		}
		paths = append(paths, p)
	}
	return paths
}

// lowestKnown returns the value of the lowest known minimum if it is a global
// one; without, 0.
func lowestKnown(f *problem.Function) (value float64, known bool) {
	if f == nil {
		return 0, false
	}
	for _, m := range f.Minima {
		if m.Global {
			return m.Value, true
		}
	}
	return 0, false
}

// window returns the rectangle to draw: the function's own or, when a path starts
// or ends outside of it, one that holds these ends and what is near them of the
// path.
func window(e *expedition, tracks []*track) figure.Domain {
	own := figure.Domain(e.function.Domain)
	d := extended(own, e.start[0], e.start[1])
	var settled []*track
	for _, t := range tracks {
		if p := t.result.Point; len(p) == 2 && t.result.Diverged == nil {
			settled = append(settled, t)
			if near(d, p[0], p[1]) {
				d = extended(d, p[0], p[1])
			}
		}
	}
	if d == own {
		return own
	}
	ends := d
	for _, t := range settled {
		for i := range t.x {
			if near(ends, t.x[i], t.y[i]) {
				d = extended(d, t.x[i], t.y[i])
			}
		}
	}
	mx, my := float64(0.04*(d.XMax-d.XMin)), float64(0.04*(d.YMax-d.YMin))
	return figure.Domain{XMin: d.XMin - mx, XMax: d.XMax + mx, YMin: d.YMin - my, YMax: d.YMax + my}
}

// extended returns the smallest rectangle that holds d and a point.
func extended(d figure.Domain, x, y float64) figure.Domain {
	return figure.Domain{
		XMin: math.Min(d.XMin, x), XMax: math.Max(d.XMax, x),
		YMin: math.Min(d.YMin, y), YMax: math.Max(d.YMax, y),
	}
}

// near reports whether a point lies within five times the width and height of
// a rectangle, around its middle.
func near(d figure.Domain, x, y float64) bool {
	return math.Abs(x-(d.XMin+d.XMax)/2) <= 2.5*(d.XMax-d.XMin) && math.Abs(y-(d.YMin+d.YMax)/2) <= 2.5*(d.YMax-d.YMin)
}
