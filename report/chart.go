package report

import (
	"fmt"
	"math"
	"slices"

	"github.com/descent-go/descent/figure"
	"github.com/descent-go/descent/lab"
	"github.com/descent-go/descent/train"
)

// A Chart is what a figure of lines draws, as numbers: for who draws it another way.
// Numbers that are not finite are divergences, or there is nothing.
type Chart struct {
	X      Axis   `json:"x"`
	Y      Axis   `json:"y"`
	Lines  []Line `json:"lines"`
	Levels []Mark `json:"levels,omitempty"` // horizontal lines at Y
	// Band says what the bands are.
	Band string `json:"band,omitempty"`
}

// An Axis is one of a chart.
type Axis struct {
	Label string `json:"label"`
	Log   bool   `json:"log,omitempty"`
}

// A Line is one of a chart, with a band around it or none.
type Line struct {
	Name string `json:"name"`
	// Look is the place of its name among those that have one look in all figures.
	Look int          `json:"look"`
	X    []float64    `json:"x"`
	Y    []train.Real `json:"y"`
	Low  []train.Real `json:"low,omitempty"`
	High []train.Real `json:"high,omitempty"`
	// Points says that each point counts, and the line only joins them.
	Points bool   `json:"points,omitempty"`
	Marks  []Mark `json:"marks,omitempty"`
}

// A Mark is a place of a chart with something to say: Kind is "diverged", "best" or
// "target". Y is NaN where it stands at the upper edge.
type Mark struct {
	X    float64    `json:"x"`
	Y    train.Real `json:"y"`
	Kind string     `json:"kind"`
	Text string     `json:"text"`
}

// logarithmic says whether an axis of losses is logarithmic: where none is negative
// and one is positive, as in figures.
func logarithmic(lines []Line) bool {
	positive := false
	for _, l := range lines {
		for _, v := range l.Y {
			if finite(v) && v < 0 {
				return false
			}
			positive = positive || finite(v) && v > 0
		}
	}
	return positive
}

// convergenceChart is that of the runs on fresh seeds; rows are those of the rules.
func (t *task) convergenceChart(c figure.Convergence, rows []lab.Row) *Chart {
	chart := &Chart{X: Axis{Label: c.XLabel}, Y: Axis{Label: c.YLabel}}
	for i, r := range c.Rules {
		if b, ok := r.Band(); ok {
			chart.Band = b.Edges
			chart.Lines = append(chart.Lines, Line{Name: r.Name, Look: i, X: b.X, Y: reals(b.Mid), Low: reals(b.Low), High: reals(b.High)})
		} else {
			for _, s := range r.Seeds {
				if len(s.Y) > 0 {
					chart.Lines = append(chart.Lines, Line{Name: r.Name, Look: i, X: s.X, Y: reals(s.Y)})
				}
			}
		}
		if n := len(chart.Lines); n > 0 && chart.Lines[n-1].Look == i {
			chart.Lines[n-1].Marks = ends(&rows[i])
		}
	}
	for _, l := range c.Levels {
		chart.Levels = append(chart.Levels, Mark{Y: train.Real(l.Value), Kind: "target", Text: l.Name})
	}
	chart.Y.Log = logarithmic(chart.Lines)
	return chart
}

// ends are the runs that diverged.
func ends(r *lab.Row) []Mark {
	var marks []Mark
	for i := range r.Runs {
		if o := &r.Runs[i]; o.Diverged != nil {
			marks = append(marks, Mark{X: float64(o.Diverged.Step), Y: train.Real(math.NaN()), Kind: "diverged", Text: fmt.Sprintf("seed %d %s", o.Seed, o.Diverged)})
		}
	}
	return marks
}

func (t *task) sensitivityChart(s figure.Sensitivity) *Chart {
	chart := &Chart{X: Axis{Label: "learning rate", Log: true}, Y: Axis{Label: s.YLabel}, Band: "lowest to highest of the runs, or the quartiles of five and more"}
	places := map[string]int{}
	for i, name := range t.contenders {
		places[name] = i
	}
	for _, r := range s.Rules {
		l := Line{Name: r.Name, Look: places[r.Name], Points: true}
		chosen := slices.IndexFunc(t.Rows, func(row lab.Row) bool { return row.Name == r.Name })
		for _, b := range r.Bands() {
			l.X = append(l.X, b.Rate)
			l.Y, l.Low, l.High = append(l.Y, train.Real(b.Mid)), append(l.Low, train.Real(b.Low)), append(l.High, train.Real(b.High))
			if b.Diverged > 0 {
				l.Marks = append(l.Marks, Mark{X: b.Rate, Y: train.Real(math.NaN()), Kind: "diverged", Text: fmt.Sprintf("%d of %d runs diverged", b.Diverged, b.Seeds)})
			}
			if chosen >= 0 && b.Rate == t.Rows[chosen].Rate && finite(b.Mid) {
				l.Marks = append(l.Marks, Mark{X: b.Rate, Y: train.Real(b.Mid), Kind: "best", Text: "the rate that was chosen"})
			}
		}
		chart.Lines = append(chart.Lines, l)
	}
	chart.Y.Log = logarithmic(chart.Lines)
	return chart
}

func tuningChart(c figure.TuningCost) *Chart {
	chart := &Chart{X: Axis{Label: "trials"}, Y: Axis{Label: c.YLabel}, Band: c.Band}
	for i, r := range c.Rules {
		l := Line{Name: r.Name, Look: i, Y: reals(r.Best), Low: reals(r.Lo), High: reals(r.Hi), Points: true}
		for k := range r.Best {
			l.X = append(l.X, float64(k+1))
		}
		if len(l.X) > 0 {
			chart.Lines = append(chart.Lines, l)
		}
	}
	chart.Y.Log = logarithmic(chart.Lines)
	return chart
}

// profileChart has the stairs of performance profiles: a point before and one after
// each rise.
func profileChart(p figure.Profile) *Chart {
	chart := &Chart{X: Axis{Label: p.XLabel, Log: true}, Y: Axis{Label: p.YLabel}}
	end := 2.0
	for _, r := range p.Rules {
		for _, v := range r.Ratios {
			if finite(v) {
				end = max(end, v)
			}
		}
	}
	for i, r := range p.Rules {
		l := Line{Name: r.Name, Look: i}
		sorted := slices.Sorted(slices.Values(r.Ratios))
		share := 0.0
		put := func(x float64) { l.X, l.Y = append(l.X, x), append(l.Y, train.Real(share)) }
		for k, v := range sorted {
			if !finite(v) {
				break
			}
			if v > 1 {
				if k == 0 {
					put(1)
				}
				put(v)
			}
			share = float64(k+1) / float64(len(sorted))
			put(v)
		}
		if len(l.X) == 0 {
			put(1)
		}
		put(end)
		chart.Lines = append(chart.Lines, l)
	}
	return chart
}

// scheduleChart has the rates at up to 500 steps.
func scheduleChart(c figure.Schedules) *Chart {
	chart := &Chart{X: Axis{Label: "step"}, Y: Axis{Label: "learning rate", Log: c.Y == figure.Log}}
	for i, q := range c.Curves {
		l := Line{Name: q.Name, Look: i}
		points := min(q.Total, 500)
		for k := range points {
			step := k
			if points < q.Total {
				step = int64(math.Round(float64(q.Total-1) * (float64(k) / float64(points-1))))
			}
			l.X, l.Y = append(l.X, float64(step)), append(l.Y, train.Real(q.Rate(step)))
		}
		chart.Lines = append(chart.Lines, l)
	}
	return chart
}

func reals(all []float64) []train.Real {
	out := make([]train.Real, len(all))
	for i, v := range all {
		out[i] = train.Real(v)
	}
	return out
}
