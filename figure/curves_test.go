package figure

import (
	"math"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestLossOfAnyValues(t *testing.T) {
	nan, inf := math.NaN(), math.Inf(1)
	for name, c := range map[string]struct {
		y    []float64
		want string // in the legend; "": nothing that is wrong
	}{
		"empty":      {nil, "no points"},
		"one":        {[]float64{3}, "ends at 3"},
		"equal":      {[]float64{2, 2, 2}, "ends at 2"},
		"all zero":   {[]float64{0, 0, 0}, "ends at 0"},
		"NaN":        {[]float64{1, nan, 2}, "NaN at step 1"},
		"only NaN":   {[]float64{nan, nan}, "NaN from step 0"},
		"+Inf":       {[]float64{1, 2, inf}, "+Inf at step 2"},
		"−Inf":       {[]float64{1, 2, -inf}, "−Inf at step 2"},
		"negative":   {[]float64{1, -1, -2}, "ends at −2"},
		"zeros":      {[]float64{1, 0, 0.5, 0}, "≤ 0 (2 times, first at step 1): not on a log axis"},
		"huge range": {[]float64{1e-300, 1, 1e300}, "ends at 10300"},
		"exploding":  {[]float64{-1, 1, 2, 1e9}, "above the axis at step 3"},
		"falling":    {[]float64{-1, 1, 2, -1e9}, "below the axis at step 3"},
		"extreme":    {[]float64{-math.MaxFloat64, math.MaxFloat64}, "ends at"},
		"subnormal":  {[]float64{5e-324, 1e-320}, "ends at"},
	} {
		for _, logX := range []bool{false, true} {
			m := Loss{Runs: []Series{{Name: "run", Y: c.y}}, LogX: logX}
			doc := parse(t, svgOf(t, m))
			text := strings.Join(doc.texts, "")
			if !strings.Contains(text, c.want) && !logX {
				t.Errorf("%s: the legend says %q, want %q", name, text, c.want)
			}
			if logX && len(c.y) > 0 && !strings.Contains(text, "no place on a logarithmic axis") {
				t.Errorf("%s: nothing says that step 0 is left out", name)
			}
		}
		for _, y := range []Scale{Linear, Log} {
			parse(t, svgOf(t, Loss{Runs: []Series{{Y: c.y}}, Y: y}))
		}
		s := Series{Y: c.y}
		if len(c.y) > 0 {
			parse(t, svgOf(t, Learning{Runs: []LearningRun{{TrainLoss: s, ValLoss: s, TrainAcc: s, Rate: s}}}))
			at := func(i int64) float64 { return c.y[i] }
			parse(t, svgOf(t, Schedules{Curves: []Curve{{Total: int64(len(c.y)), Rate: at, Momentum: at}}}))
		}
	}
}

func TestValuesThatCannotBeDrawnAreMarked(t *testing.T) {
	y := wave(200)
	clean := len(parse(t, svgOf(t, Loss{Runs: []Series{{Y: y}}})).paths["marks"])
	y[50], y[51], y[150] = 0, 0, math.NaN()
	doc := parse(t, svgOf(t, Loss{Runs: []Series{{Y: y}}}))
	// One wedge for the zeros, which are too near for two, and an × with its halo.
	if got := len(doc.paths["marks"]) - clean; got != 3 {
		t.Errorf("%d marks, want 3", got)
	}
}

func TestAutomaticScale(t *testing.T) {
	for _, c := range []struct {
		y    []float64
		want bool
	}{
		{[]float64{1, 2}, true}, {[]float64{1, 0}, true}, {[]float64{0, 0}, false},
		{[]float64{1, -1}, false}, {nil, false}, {[]float64{math.NaN(), math.Inf(-1), 1}, true},
	} {
		if got := Auto.isLog([]Series{{Y: c.y}}); got != c.want {
			t.Errorf("%v: logarithmic %v, want %v", c.y, got, c.want)
		}
	}
}

func TestAMillionPoints(t *testing.T) {
	y := wave(1_000_000)
	for i := range y {
		y[i] = math.Abs(y[i]) + 1e-3
	}
	y[654321] = 40
	start := time.Now()
	m := Loss{Runs: []Series{{Name: "long", Y: y}}}
	svg := svgOf(t, m)
	pngOf(t, m)
	if took := time.Since(start); took > 8*time.Second {
		t.Errorf("a million points took %v", took)
	}
	if len(svg) > 400_000 {
		t.Errorf("the SVG takes %d bytes", len(svg))
	}
	// The spike is one step wide and ten times as high as anything else.
	highest, second := math.Inf(1), math.Inf(1)
	for _, d := range parse(t, svg).paths["run"] {
		vs := coordinates(t, d)
		for i := 1; i < len(vs); i += 2 {
			if vs[i] < highest {
				highest, second = vs[i], highest
			} else if vs[i] < second {
				second = vs[i]
			}
		}
	}
	if second-highest < 20 {
		t.Errorf("the spike is lost: highest points at %v and %v", highest, second)
	}
}

func TestDecimationKeepsExtremes(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		y := rapid.SliceOfN(rapid.Float64Range(-100, 100), 1, 4000).Draw(t, "y")
		s := []Series{{Y: y}}
		pn := &panel{p: &lightPalette, s: &scene{w: 300, h: 200}, frame: rect{0, 0, 40, 200}, x: stepAxis(s, false), y: valueAxis(s, false)}
		tr := pn.trace(s[0])
		lo, hi, n := math.Inf(1), math.Inf(-1), 0
		for _, piece := range tr.pieces {
			n += len(piece)
			for i, p := range piece {
				lo, hi = min(lo, p.Y), max(hi, p.Y)
				if i > 0 && p.X < piece[i-1].X {
					t.Fatalf("points run backwards: %v after %v", p, piece[i-1])
				}
			}
		}
		top, bottom := math.Inf(1), math.Inf(-1)
		for _, v := range y {
			top, bottom = min(top, pn.py(v)), max(bottom, pn.py(v))
		}
		if lo != top || hi != bottom {
			t.Fatalf("drawn from %v to %v, want %v to %v", lo, hi, top, bottom)
		}
		if n > 4*81 {
			t.Fatalf("%d points in 81 columns", n)
		}
	})
}

func TestSmooth(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		beta := rapid.Float64Range(0.01, 0.999).Draw(t, "beta")
		y := rapid.SliceOfN(rapid.Float64Range(-10, 10), 1, 50).Draw(t, "y")
		got := smooth(y, beta, axis{lo: -20, hi: 20})
		// The definition: weights βᵏ, normalised.
		for i := range y {
			sum, weight := 0.0, 0.0
			for k := 0; k <= i; k++ {
				w := math.Pow(beta, float64(i-k))
				sum, weight = sum+w*y[k], weight+w
			}
			if math.Abs(got[i]-sum/weight) > 1e-9 {
				t.Fatalf("smooth[%d] = %v, want %v", i, got[i], sum/weight)
			}
		}
	})
	got := smooth([]float64{2, math.NaN(), 2}, 0.9, axis{lo: 0, hi: 3})
	if got[0] != 2 || !math.IsNaN(got[1]) || math.Abs(got[2]-2) > 1e-12 {
		t.Errorf("smooth across NaN = %v", got)
	}
}

func TestLearningPanels(t *testing.T) {
	y := Series{Y: wave(300)}
	for _, c := range []struct {
		m    Learning
		want []string
	}{
		{Learning{Runs: []LearningRun{{TrainLoss: y}}}, []string{"loss"}},
		{Learning{Runs: []LearningRun{{TrainLoss: y, Rate: y}}}, []string{"loss", "learning rate"}},
		{Learning{Runs: []LearningRun{{ValAcc: y}}}, []string{"accuracy"}},
		{Learning{Runs: []LearningRun{{TrainLoss: y, ValLoss: y, TrainAcc: y, ValAcc: y, Rate: y}}, XLabel: "epoch"}, []string{"loss", "accuracy", "learning rate"}},
	} {
		doc := parse(t, svgOf(t, c.m))
		if got := doc.titles["panel"]; strings.Join(got, ",") != strings.Join(c.want, ",") {
			t.Errorf("panels %q, want %q", got, c.want)
		}
	}
	val := Series{X: []float64{1, 2, 3}, Y: []float64{0.5, 0.25, 0.75}}
	if doc := parse(t, svgOf(t, Learning{Runs: []LearningRun{{ValLoss: val, ValAcc: val}}, XLabel: "epoch"})); !doc.says("lowest loss 0.25 at epoch 2; highest accuracy 0.75 at epoch 3") {
		t.Errorf("legend: %q", doc.texts)
	}
}

func TestSchedulePanels(t *testing.T) {
	f := func(s int64) float64 { return 1 / float64(s+1) }
	if n := parse(t, svgOf(t, Schedules{Curves: []Curve{{Total: 10, Rate: f}}})).groups["panel"]; n != 1 {
		t.Errorf("%d panels, want 1", n)
	}
	doc := parse(t, svgOf(t, Schedules{Curves: []Curve{{Name: "a", Total: 10, Rate: f, Momentum: f}, {Name: "b", Total: 1, Rate: f}}}))
	if doc.groups["panel"] != 2 || doc.groups["legend-entry"] != 2 {
		t.Errorf("%d panels, %d entries, want 2 and 2", doc.groups["panel"], doc.groups["legend-entry"])
	}
	last := int64(-1)
	long := func(s int64) float64 { last = max(last, s); return 1 }
	parse(t, svgOf(t, Schedules{Curves: []Curve{{Total: 1 << 40, Rate: long}}}))
	if last != 1<<40-1 {
		t.Errorf("the last step drawn is %d, want %d", last, int64(1<<40-1))
	}
}

func TestManySeriesAreCounted(t *testing.T) {
	var runs []Series
	var paths []Path
	for range 200 {
		runs = append(runs, Series{Name: "a run with quite a long name", Y: []float64{1, 2}})
		paths = append(paths, Path{Name: "a path", X: []float64{0, 1}, Y: []float64{0, 1}})
	}
	for _, m := range []maker{Loss{Runs: runs}, Contour{Func: rosenbrock, Domain: plane, Paths: paths}} {
		if doc := parse(t, svgOf(t, m)); !doc.says(" more") || doc.groups["legend-entry"] >= 200 {
			t.Errorf("%T: %d entries and no count of the rest", m, doc.groups["legend-entry"])
		}
	}
}
