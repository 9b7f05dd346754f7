package cli

import (
	"github.com/descent-go/descent/figure"
	"github.com/descent-go/descent/lab"
	"github.com/descent-go/descent/problem"
)

// drawShown draws the charts of an experiment.
func drawShown(s *lab.Shown, style figure.Style) ([]picture, error) {
	var pictures []picture
	for _, c := range s.Charts {
		style := titled(style, s.Title, c.Title)
		drawn, err := drawCurves(c, style)
		if c.Function != "" {
			drawn, err = drawPlane(c, style)
		}
		if err != nil {
			return nil, err
		}
		pictures = append(pictures, picture{s.Name + "-" + c.Name, drawn})
	}
	return pictures, nil
}

// drawCurves draws curves, those of one name as one.
func drawCurves(c lab.ShownChart, style figure.Style) (*figure.Figure, error) {
	drawn := figure.Convergence{Style: style, XLabel: c.XLabel, YLabel: c.YLabel, LogX: c.LogX, Y: figure.Linear}
	if c.LogY {
		drawn.Y = figure.Log
	}
	at := map[string]int{}
	for _, k := range c.Curves {
		i, known := at[k.Name]
		if !known {
			i = len(drawn.Rules)
			at[k.Name] = i
			drawn.Rules = append(drawn.Rules, figure.SeedCurves{Name: k.Name})
		}
		drawn.Rules[i].Seeds = append(drawn.Rules[i].Seeds, figure.Series{X: k.X, Y: plainNumbers(k)})
	}
	for _, l := range c.Levels {
		drawn.Levels = append(drawn.Levels, figure.Level{Name: l.Name, Value: l.Value})
	}
	return drawn.Figure()
}

// drawPlane draws paths on the contours of a function.
func drawPlane(c lab.ShownChart, style figure.Style) (*figure.Figure, error) {
	f, err := problem.Resolve(c.Function)
	if err != nil {
		return nil, err
	}
	drawn := figure.Contour{Style: style, Func: f.Value, Domain: figure.Domain(f.Domain), Minima: stars(f)}
	if d := c.Domain; d != [4]float64{} {
		drawn.Domain = figure.Domain{XMin: d[0], XMax: d[1], YMin: d[2], YMax: d[3]}
	}
	for _, k := range c.Paths {
		p := figure.Path{Name: k.Name, X: k.X, Y: plainNumbers(k), Ends: true}
		if k.Marked {
			p.Every = 1
		}
		end := len(p.X) - 1
		p.Note = "f = " + brief(f.Value(p.X[end], p.Y[end]))
		drawn.Paths = append(drawn.Paths, p)
	}
	return drawn.Figure()
}

func plainNumbers(c lab.ShownCurve) []float64 {
	out := make([]float64, len(c.Y))
	for i, v := range c.Y {
		out[i] = float64(v)
	}
	return out
}
