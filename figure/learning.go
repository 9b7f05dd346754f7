package figure

import (
	"errors"
	"fmt"
	"math"
)

// Learning shows how models learned: panels for loss, accuracy and learning
// rate below one another on one axis of steps, epochs, examples or seconds. A
// panel without data is left out.
//
// One run has its training and validation curves in one panel. Of several, a
// panel shows the same curve of all, and runs of one group become one curve:
// the median and a band around it.
//
// What a curve's axes cannot show is marked where it happens, and the legend
// says what it is: a triangle on the upper or lower edge where the curve leaves
// it, an × at the last point before NaN or ±Inf. The axis of losses holds all
// values unless a few of them, of a run that diverged or a batch that is an
// outlier, would take the room of the others.
type Learning struct {
	Style
	Runs                []LearningRun
	XLabel              string // "": step; a plural, such as examples or seconds, stands behind its number
	LossScale, RateAxis Scale  // Auto: loss as in Loss; the rate linear
	LogX                bool   // the x axis is logarithmic; points ≤ 0 are left out, and the axis says so

	// Smoothing is the decay β in [0, 1) of the moving average drawn over the
	// raw training curves, m ← βm + (1−β)y, divided by 1 − βᵗ so that it is not
	// biased towards zero. Values beyond the axis enter it as the end of the axis,
	// and it ends where the curve diverges. 0: chosen so that it averages over
	// about a fiftieth of the points, and none for fewer than 100.
	Smoothing float64
}

// LearningRun is what one run has to show. The names of its series are not used.
type LearningRun struct {
	Name string // in the legend, where there are several runs; "": run 1, run 2, …
	// Group is a name that runs have in common which differ in their seeds alone.
	// They are one entry of the legend and one curve, if they have most of their
	// steps in common: the median, in a band from the lowest to the highest of
	// fewer than five runs, from the lower to the upper quartile of more. A run
	// that diverged counts as above all others from there on; one that ended
	// earlier no longer counts. "": a run by itself.
	Group              string
	TrainLoss, ValLoss Series
	TrainAcc, ValAcc   Series // accuracies in [0, 1]
	Rate               Series // learning rate
}

// series are the curves of a run with their fields' names.
func (r LearningRun) series() []namedSeries {
	return []namedSeries{{"TrainLoss", r.TrainLoss}, {"ValLoss", r.ValLoss}, {"TrainAcc", r.TrainAcc}, {"ValAcc", r.ValAcc}, {"Rate", r.Rate}}
}

type namedSeries struct {
	field string
	s     Series
}

// A quantity is one panel: its strands, on one pair of axes.
type quantity struct {
	label   string
	share   float64 // of the height
	loss    bool    // the axis is robust
	log     bool
	strands []*strand
}

// series returns those of all strands.
func (q quantity) series() (all []Series) {
	for _, st := range q.strands {
		all = append(all, st.runs...)
	}
	return all
}

// Figure draws the panels, 960 units wide by default and as high as panels and
// legend need, 760 for one run with all of them.
func (c Learning) Figure() (*Figure, error) {
	if err := c.check(); err != nil {
		return nil, err
	}
	if c.XLabel == "" {
		c.XLabel = "step"
	}
	p := c.Theme.palette()
	parts := c.quantities(p)
	shares, curves := 0.0, 0
	var all []Series
	for _, q := range parts {
		shares += q.share
		curves = max(curves, len(q.series()))
		all = append(all, q.series()...)
	}
	xs := stepAxis(all, c.LogX)
	panels := make([]*panel, len(parts))
	for i, q := range parts {
		panels[i] = &panel{p: p, x: xs, y: valueAxis(q.series(), q.log), crowd: curves}
		if q.loss {
			panels[i].y = lossAxis(q.series(), q.log)
		}
		for _, st := range q.strands {
			st.prepare(panels[i], c.XLabel)
		}
		if q.loss {
			panels[i].y = lossAxis(shownSeries(q.strands), q.log)
		}
	}
	w, _ := c.size(960, 0)
	const margin, gap = 20, 18
	s := newScene(c.Style, w, 0, "Learning curve")
	top := heading(s, p, c.Style, margin, w-margin)
	top = legendRows(s, p, c.entries(p, parts), margin, w-margin, top)
	_, s.h = c.size(0, math.Round(top+72+float64(92*shares)))

	room := s.h - top - 6 - below - float64(gap*float64(len(parts)-1))
	x0, x1, y := 0.0, math.Inf(1), top
	for i, q := range parts {
		pn := panels[i]
		pn.s = s
		r := rect{margin, y, w - margin - 4, y + 6 + float64(room*q.share/shares)}
		last := i == len(parts)-1
		if last {
			r.y1 += below
		}
		if err := pn.settle(r, last, "Learning"); err != nil {
			return nil, err
		}
		x0, x1, y = max(x0, pn.frame.x0), min(x1, pn.frame.x1), pn.frame.y1+gap-6
	}
	xLabel := logXLabel(c.XLabel, c.LogX, all)
	for i, q := range parts {
		pn := panels[i]
		pn.frame.x0, pn.frame.x1 = x0, x1
		s.open("panel", q.label)
		pn.ground(true)
		pn.strands(q.strands)
		pn.axes(xLabel, q.label, i == len(parts)-1)
		s.close()
	}
	return newFigure(s, c.scale(2))
}

// quantities sorts the curves into panels.
func (c Learning) quantities(p *palette) []quantity {
	rateLog := func(rates []Series) bool { return c.RateAxis == Log && c.RateAxis.isLog(rates) }
	var parts []quantity
	add := func(q quantity) {
		all := q.series()
		if q.loss {
			q.log = c.LossScale.isLog(all)
		} else if q.label == "learning rate" {
			q.log = rateLog(all)
		}
		if len(all) > 0 {
			parts = append(parts, q)
		}
	}
	if len(c.Runs) == 1 {
		r := c.Runs[0]
		train := func(s Series) []*strand { return strandOf("training", s, p.look(0), c.beta(len(s.Y)), false) }
		val := func(s Series) []*strand { return strandOf("validation", s, p.look(1).solid(), 0, true) }
		add(quantity{label: "loss", share: 3, loss: true, strands: append(train(r.TrainLoss), val(r.ValLoss)...)})
		add(quantity{label: "accuracy", share: 2.2, strands: append(train(r.TrainAcc), val(r.ValAcc)...)})
		add(quantity{label: "learning rate", share: 1.4, strands: strandOf("rate", r.Rate, p.look(2).solid(), 0, false)})
		return parts
	}
	beta, groups := c.commonBeta(), c.groups()
	for _, k := range []struct {
		label  string
		share  float64
		loss   bool
		smooth float64
		dotted bool
		of     func(LearningRun) Series
	}{
		{"training loss", 3, true, beta, false, func(r LearningRun) Series { return r.TrainLoss }},
		{"validation loss", 3, true, 0, true, func(r LearningRun) Series { return r.ValLoss }},
		{"training accuracy", 2.2, false, beta, false, func(r LearningRun) Series { return r.TrainAcc }},
		{"validation accuracy", 2.2, false, 0, true, func(r LearningRun) Series { return r.ValAcc }},
		{"learning rate", 1.4, false, 0, false, func(r LearningRun) Series { return r.Rate }},
	} {
		q := quantity{label: k.label, share: k.share, loss: k.loss}
		for i, g := range groups {
			st := &strand{name: g.name, look: p.look(i), beta: k.smooth, dotted: k.dotted, beads: !k.dotted}
			st.raw = k.smooth > 0 && len(groups) <= mostRaw
			for _, r := range g.runs {
				if s := k.of(r); len(s.Y) > 0 {
					st.runs = append(st.runs, s)
				}
			}
			if len(st.runs) > 0 {
				q.strands = append(q.strands, st)
			}
		}
		add(q)
	}
	return parts
}

// mostRaw is how many curves may have their raw values behind them: those of
// more could not be told apart.
const mostRaw = 8

// A group is a set of runs with one entry in the legend.
type group struct {
	name string
	runs []LearningRun
}

// groups returns the groups in the order of their first runs.
func (c Learning) groups() []group {
	var gs []group
	at := map[string]int{}
	for i, r := range c.Runs {
		k, ok := at[r.Group]
		if r.Group == "" || !ok {
			name := r.Group
			if name == "" {
				name = r.Name
			}
			if name == "" {
				name = fmt.Sprintf("run %d", i+1)
			}
			at[r.Group] = len(gs)
			gs = append(gs, group{name: name})
			k = len(gs) - 1
		}
		gs[k].runs = append(gs[k].runs, r)
	}
	return gs
}

// beta returns the decay for a series of n points; 0: not smoothed.
func (c Learning) beta(n int) float64 {
	switch {
	case c.Smoothing > 0:
		return c.Smoothing
	case n < 100:
		return 0
	default:
		return 1 - 50/float64(n)
	}
}

// commonBeta returns the decay for all runs: that of the longest.
func (c Learning) commonBeta() float64 {
	n := 0
	for _, r := range c.Runs {
		n = max(n, len(r.TrainLoss.Y), len(r.TrainAcc.Y))
	}
	return c.beta(n)
}

func (c Learning) check() error {
	if err := c.Style.check(); err != nil {
		return err
	}
	if err := c.LossScale.check("Learning.LossScale"); err != nil {
		return err
	}
	if err := c.RateAxis.check("Learning.RateAxis"); err != nil {
		return err
	}
	if !(c.Smoothing >= 0 && c.Smoothing < 1) {
		return fmt.Errorf("figure: Learning.Smoothing = %v, want [0, 1)", c.Smoothing)
	}
	n := 0
	for i, r := range c.Runs {
		for _, f := range r.series() {
			if err := f.s.check(fmt.Sprintf("Learning.Runs[%d].%s", i, f.field)); err != nil {
				return err
			}
			n += len(f.s.Y)
		}
	}
	if n == 0 {
		return errors.New("figure: Learning has no data, want at least one run with points")
	}
	return nil
}
