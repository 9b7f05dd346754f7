package report

import (
	"encoding/json"
	"math"
	"slices"
	"testing"

	"github.com/descent-go/descent/lab"
	"github.com/descent-go/descent/train"
)

func chartsOf(t *testing.T, d *Document) map[string]*Chart {
	t.Helper()
	charts := map[string]*Chart{}
	for _, f := range d.Figures() {
		if f.Chart == nil {
			t.Fatalf("figure %s has no chart", f.File)
		}
		charts[f.File] = f.Chart
	}
	if _, err := json.Marshal(d); err != nil {
		t.Fatal(err)
	}
	return charts
}

// Charts have the numbers of the comparison, and each contender its own look.
func TestChartsOfComparison(t *testing.T) {
	c := compared(1)
	charts := chartsOf(t, documentOf(t, c))
	for name, chart := range charts {
		for i, l := range chart.Lines {
			if l.Name != c.Protocol.Contenders[i] || l.Look != i || len(l.X) != len(l.Y) || l.Low != nil && (len(l.Low) != len(l.X) || len(l.High) != len(l.X)) {
				t.Errorf("%s: line %d is %q with look %d, %d of X, %d of Y, %d and %d of the band", name, i, l.Name, l.Look, len(l.X), len(l.Y), len(l.Low), len(l.High))
			}
		}
	}
	convergence := charts["task-0-convergence"]
	adam := convergence.Lines[1]
	for i, p := range c.Tasks[0].Rows[0].Runs[0].Curve { // all seeds of it are the same
		if adam.X[i] != float64(p.Step) || adam.Y[i] != p.Loss || adam.Low[i] != p.Loss || adam.High[i] != p.Loss {
			t.Errorf("point %d of adam is %v, %v in %v to %v, want %v", i, adam.X[i], adam.Y[i], adam.Low[i], adam.High[i], p)
		}
	}
	if len(convergence.Levels) != 1 || convergence.Levels[0].Y != 0.5 || !convergence.Y.Log {
		t.Errorf("levels %v, axis %v", convergence.Levels, convergence.Y)
	}
	if m := convergence.Lines[2].Marks; len(m) != 1 || m[0].X != 12 || m[0].Text != "seed 501 diverged at step 12: the loss is +Inf" {
		t.Errorf("the run that diverged is marked by %v", m)
	}
	bad := charts["task-0-sensitivity"].Lines[2]
	if !slices.Equal(bad.X, []float64{0.01, 0.1, 1}) || bad.Y[1] != 1.25 || bad.High[1] != 2 || bad.Y[2] != inf {
		t.Errorf("the sensitivity of the last is %v, %v", bad.X, bad.Y)
	}
	var kinds []string
	for _, m := range bad.Marks {
		kinds = append(kinds, m.Kind)
	}
	if !slices.Equal(kinds, []string{"best", "diverged"}) {
		t.Errorf("it is marked by %v", kinds)
	}
	if cost := charts["task-0-tuning"].Lines[1]; !slices.Equal(cost.X, []float64{1, 2, 3}) || cost.Y[1] != 0.5 || cost.High[0] != 5 {
		t.Errorf("the cost of tuning adam is %v, %v to %v", cost.X, cost.Y, cost.High)
	}
}

func TestProfileChart(t *testing.T) {
	c := compared(4)
	for i, name := range c.Protocol.Contenders {
		c.Profiles = append(c.Profiles, lab.Profile{Name: name, Ratios: []train.Real{train.Real(i + 1), 1, inf, 4}})
	}
	chart := chartsOf(t, documentOf(t, c))["profiles"]
	for i, want := range []struct{ x, y []float64 }{
		{[]float64{1, 1, 4, 4, 4}, []float64{0.25, 0.5, 0.5, 0.75, 0.75}},
		{[]float64{1, 2, 2, 4, 4, 4}, []float64{0.25, 0.25, 0.5, 0.5, 0.75, 0.75}},
	} {
		y := reals(want.y)
		if l := chart.Lines[i]; !slices.Equal(l.X, want.x) || !slices.Equal(l.Y, y) {
			t.Errorf("%s: %v, %v; want %v, %v", l.Name, l.X, l.Y, want.x, y)
		}
	}
}

// Runs that have no steps in common are drawn each, and losses below zero have a
// linear axis.
func TestConvergenceChartWithoutBand(t *testing.T) {
	c := compared(1)
	for k := range c.Tasks[0].Rows[0].Runs {
		o := &c.Tasks[0].Rows[0].Runs[k]
		for i := range o.Curve {
			o.Curve[i].Step += int64(k)
			o.Curve[i].Loss = -1
		}
	}
	chart := chartsOf(t, documentOf(t, c))["task-0-convergence"]
	looks := map[int]int{}
	for _, l := range chart.Lines {
		looks[l.Look]++
		if l.Look == 1 && l.Low != nil {
			t.Error("a band of runs that have no steps in common")
		}
	}
	if looks[1] != 3 || looks[0] != 1 || chart.Y.Log {
		t.Errorf("lines by look: %v; logarithmic: %v", looks, chart.Y.Log)
	}
	if v := float64(chart.Lines[0].Y[0]); math.IsNaN(v) {
		t.Error(v)
	}
}
