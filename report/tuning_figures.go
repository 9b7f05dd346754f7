package report

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"github.com/descent-go/descent/figure"
	"github.com/descent-go/descent/lab"
	"github.com/descent-go/descent/train"
)

// figures show the search: in the order of its tries, above each dimension, over the
// two that matter most, and across all.
func (t *tuning) figures() []*Figure {
	all := []*Figure{t.history(), t.slices()}
	if len(t.Space.Params) > 1 {
		if f := t.heat(); f != nil {
			all = append(all, f)
		}
		all = append(all, t.parallel())
	}
	return all
}

// figure fills in what all figures have.
func (t *tuning) figure(f Figure) *Figure {
	f.Command = t.again.redraw(f.File)
	return &f
}

// drawn are the tries with what they came to at last, on some dimensions.
func (t *tuning) drawn(dimensions []int) []figure.Try {
	all := make([]figure.Try, len(t.Tries))
	for i, try := range t.Tries {
		all[i] = figure.Try{At: t.place(try, dimensions), Loss: try.Loss(), Pruned: try.Pruned}
	}
	return all
}

// place is where a try is on some dimensions.
func (t *tuning) place(try *lab.Try, dimensions []int) []float64 {
	values := t.Space.Values(try.U)
	at := make([]float64, len(dimensions))
	for i, d := range dimensions {
		at[i] = values[d]
	}
	return at
}

func (t *tuning) axes(dimensions []int) []figure.TryAxis {
	var all []figure.TryAxis
	for _, i := range dimensions {
		d := t.Space.Params[i]
		all = append(all, figure.TryAxis{Name: d.Key, Log: d.Log, Choices: d.Choices})
	}
	return all
}

// foremost are the dimensions that matter most, at most so many, in the order of the
// space.
func (t *tuning) foremost(most int) []int {
	all := make([]int, len(t.Space.Params))
	for i := range all {
		all[i] = i
	}
	if m := t.Importance; m != nil && len(m.Shares) == len(all) {
		slices.SortStableFunc(all, func(a, b int) int { return cmp.Compare(m.Shares[b].Share, m.Shares[a].Share) })
	}
	all = all[:min(most, len(all))]
	slices.Sort(all)
	return all
}

// counted says in numbers how the tries ended.
func (t *tuning) counted() string {
	pruned, lost := 0, 0
	for _, try := range t.Tries {
		switch {
		case math.IsInf(try.Loss(), 1):
			lost++
		case try.Pruned:
			pruned++
		}
	}
	return fmt.Sprintf("%d tries, of which %d were pruned and %d diverged", len(t.Tries), pruned, lost)
}

func (t *tuning) history() *Figure {
	return t.figure(Figure{
		File:    "history",
		Caption: fmt.Sprintf("The search in the order of its tries: the %s that each came to, and the best so far of those that went on to the end.%s", t.Objective, t.star()),
		Alt:     "History of " + t.counted() + ".",
		Draw: func(st figure.Style) (*figure.Figure, error) {
			return figure.TuningHistory{Style: st, Tries: t.drawn(nil), YLabel: t.Objective}.Figure()
		},
	})
}

func (t *tuning) slices() *Figure {
	all := t.foremost(len(t.Space.Params))
	return t.figure(Figure{
		File:    "slices",
		Caption: fmt.Sprintf("Slices: the %s above each dimension, of all tries, whatever they are in the others.%s", t.Objective, t.star()),
		Alt:     fmt.Sprintf("Slices along %s, of %s.", t.keys(all), t.counted()),
		Draw: func(st figure.Style) (*figure.Figure, error) {
			return figure.Slices{Style: st, Axes: t.axes(all), Tries: t.drawn(all), YLabel: t.Objective}.Figure()
		},
	})
}

// budgetShare says a share of the budget.
func budgetShare(share float64) string {
	if share == 1 {
		return "the whole budget"
	}
	return Percent(share).Text() + " of the budget"
}

// heat shows the two dimensions that matter most, with losses that can be compared:
// those after a share of the budget that enough tries came to. Nil when fewer than
// two tries have them.
func (t *tuning) heat() *Figure {
	pair := t.foremost(2)
	share := t.Shares[0]
	if t.Importance != nil {
		share = t.ImportanceAt
	}
	var tries []figure.Try
	var all []*lab.Try
	there := 0
	for _, try := range t.Tries {
		i := slices.IndexFunc(try.Rungs, func(r lab.Rung) bool { return r.Share == share })
		if i < 0 {
			continue
		}
		f := figure.Try{At: t.place(try, pair), Loss: float64(try.Rungs[i].Loss)}
		if !math.IsNaN(f.At[0]) && !math.IsNaN(f.At[1]) && finite(f.Loss) {
			there++
		}
		tries, all = append(tries, f), append(all, try)
	}
	if there < 2 {
		return nil
	}
	axes := t.axes(pair)
	heat := figure.Heat{X: axes[0], Y: axes[1], Tries: tries, Label: t.Objective}
	return t.figure(Figure{
		File:    "heat",
		Caption: fmt.Sprintf("The %s after %s, over %s: a smooth mean of the tries nearby.", t.Objective, budgetShare(share), t.keys(pair)),
		Alt:     fmt.Sprintf("Map of the %s over %s, from %d tries.", t.Objective, t.keys(pair), len(tries)),
		Draw: func(st figure.Style) (*figure.Figure, error) {
			heat := heat
			heat.Style = st
			return heat.Figure()
		},
		Plane: func() (*Plane, error) { return t.plane(heat, all) },
	})
}

// plane has a map as numbers; tries are those of the map.
func (t *tuning) plane(heat figure.Heat, tries []*lab.Try) (*Plane, error) {
	m, err := heat.Map(planePlaces)
	if err != nil {
		return nil, err
	}
	axis := func(a figure.TryAxis) PlaneAxis { return PlaneAxis{Axis{Label: a.Name, Log: a.Log}, a.Choices} }
	p := &Plane{X: axis(heat.X), Y: axis(heat.Y), Value: "mean " + heat.Label + " nearby", Relief: m.Relief}
	for _, k := range m.Marks {
		try := PlaneTry{Number: tries[k.Try].Number, X: k.X, Y: k.Y, Loss: train.Real(heat.Tries[k.Try].Loss), Diverged: k.Diverged, Best: k.Best}
		for i, key := range []string{heat.X.Name, heat.Y.Name} {
			try.At[i] = tries[k.Try].Configuration[key]
		}
		p.Tries = append(p.Tries, try)
	}
	return p, nil
}

// axisRoom is the width that an axis of parallel ones takes, in units.
const axisRoom = 70

func (t *tuning) parallel() *Figure {
	return t.figure(Figure{
		File:    "parallel",
		Caption: fmt.Sprintf("Every try as a line across the dimensions and the %s, the best ones strong. On a narrow screen these are the dimensions that matter most.", t.Objective),
		Alt:     fmt.Sprintf("Parallel axes %s, with %s.", t.keys(t.foremost(len(t.Space.Params))), t.counted()),
		Draw: func(st figure.Style) (*figure.Figure, error) {
			width := st.Width
			if width == 0 {
				width = wideUnits
			}
			shown := t.foremost(max(width/axisRoom-1, 1))
			return figure.Parallel{Style: st, Axes: t.axes(shown), Tries: t.drawn(shown), Label: t.Objective}.Figure()
		},
	})
}

// star says that the best score is not what was chosen.
func (t *tuning) star() string {
	best := 0
	for i, try := range t.Tries {
		if !try.Pruned && try.Loss() < t.Tries[best].Loss() || t.Tries[best].Pruned {
			best = i
		}
	}
	if t.Best == 0 || t.Best == t.Tries[best].Number {
		return ""
	}
	return fmt.Sprintf(" The star is the best score of the search; the one that was chosen, on other seeds, is try %d.", t.Best)
}

// keys names dimensions.
func (t *tuning) keys(dimensions []int) string {
	var names []string
	for _, i := range dimensions {
		names = append(names, t.Space.Params[i].Key)
	}
	return list(names, len(names))
}
