package cli

import (
	"fmt"
	"math"
	"strings"

	"github.com/descent-go/descent/figure"
	"github.com/descent-go/descent/lab"
	"github.com/descent-go/descent/problem"
)

// drawRun draws what a run shows and returns the files.
func (a *app) drawRun(e *expedition, tracks []*lab.Track) ([]string, error) {
	style := titled(e.style, runTitle(e), runSubtitle(e, tracks))
	var pictures []picture
	var animation *figure.Animation
	if f := e.Plane; f != nil {
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
	lowest, known := lowestKnown(e.Plane)
	if known && lowest != 0 {
		loss.YLabel, loss.Y = "f above its minimum", figure.Log
	}
	for _, t := range tracks {
		s := figure.Series{Name: label(t.Pace), Diverged: lab.HasDiverged(t.Result)}
		for i, step := range t.Steps {
			s.X = append(s.X, float64(step))
			s.Y = append(s.Y, t.Values[i]-lowest)
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
	if e.Plane != nil {
		return title(e.Plane)
	}
	return fmt.Sprintf("%s, %d variables", e.Problem.Name(), e.Problem.Dim())
}

// runSubtitle says under which conditions.
func runSubtitle(e *expedition, tracks []*lab.Track) string {
	var parts []string
	if e.Plane != nil && e.Plane.Title == e.Plane.String() {
		parts = append(parts, "f(x, y) = "+e.Plane.String())
	}
	if len(tracks) == 1 {
		parts = append(parts, label(tracks[0].Pace))
	}
	if len(e.From) == 2 {
		parts = append(parts, fmt.Sprintf("start (%s, %s)", short(e.From[0]), short(e.From[1])))
	}
	parts = append(parts, plural(e.Steps, "step"))
	if e.Schedule != "" {
		parts = append(parts, "schedule "+e.Schedule)
	}
	if e.Noise > 0 {
		parts = append(parts, "gradient noise "+short(e.Noise))
	}
	return strings.Join(parts, ", ")
}

func pathsOf(tracks []*lab.Track) []figure.Path {
	var paths []figure.Path
	for _, t := range tracks {
		p := figure.Path{Name: label(t.Pace), X: t.X, Y: t.Y, Step: t.Steps, Ends: true}
		switch d := t.Result.Diverged; {
		case d == nil:
			p.Note = "f = " + short(t.Result.FinalLoss)
		case lab.HasDiverged(t.Result):
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
func window(e *expedition, tracks []*lab.Track) figure.Domain {
	own := figure.Domain(e.Plane.Domain)
	d := extended(own, e.From[0], e.From[1])
	var settled []*lab.Track
	for _, t := range tracks {
		if p := t.Result.Point; len(p) == 2 && t.Result.Diverged == nil {
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
		for i := range t.X {
			if near(ends, t.X[i], t.Y[i]) {
				d = extended(d, t.X[i], t.Y[i])
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
