package figure

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// decline falls from start to end with waves of a relative size.
func decline(n int, start, end, waves float64) []float64 {
	y := make([]float64, n)
	for i := range y {
		y[i] = (end + (start-end)*math.Exp(-8*float64(i)/float64(n))) * (1 + waves*math.Sin(float64(i)*1.7))
	}
	return y
}

// explode goes up to 1e30 and then NaN from a point on.
func explode(y []float64, from, during int) []float64 {
	y = slices.Clone(y)
	for i := from; i < len(y); i++ {
		y[i] *= math.Exp(69 * float64(i-from) / float64(during))
		if i-from > during {
			y[i] = math.NaN()
		}
	}
	return y
}

func replace(y []float64, at int, v float64) []float64 {
	y = slices.Clone(y)
	y[at] = v
	return y
}

func TestLossAxisLeavesRoom(t *testing.T) {
	calm := decline(1000, 2.3, 0.1, 0.3)
	late := append(slices.Repeat([]float64{2.3}, 900), slices.Repeat([]float64{0.1}, 100)...)
	falling := make([]float64, 200)
	for i := range falling {
		falling[i] = 5 - 25*float64(i)
	}
	growing := make([]float64, 100)
	for i := range growing {
		growing[i] = math.Pow(10, float64(i)/4)
	}
	for _, c := range []struct {
		name           string
		y              [][]float64
		log            bool
		lowest, lo, hi float64 // bounds of the axis: lowest ≤ lo is on it, hi at most its end
		shown          float64 // that must be on it
	}{
		{"calm", [][]float64{calm}, false, -1, 0.1, 4, 2.9},
		{"calm, log", [][]float64{calm}, true, 0.01, 0.08, 5, 2.9},
		{"an outlier", [][]float64{replace(calm, 500, 1e5)}, false, -1, 0.1, 7, 2.9},
		{"an outlier, log", [][]float64{replace(calm, 500, 1e9)}, true, 0.01, 0.08, 30, 2.9},
		{"an outlier downward, log", [][]float64{replace(calm, 500, 1e-30)}, true, 0.001, 0.08, 5, 2.9},
		{"the last value is low, log", [][]float64{replace(calm, 999, 1e-9)}, true, 1e-11, 1e-9, 10, 2.9},
		{"one of two diverges", [][]float64{calm, explode(calm, 300, 100)}, false, -1, 0.1, 7, 2.9},
		{"one of two diverges, log", [][]float64{calm, explode(calm, 300, 100)}, true, 0.01, 0.08, 50, 2.9},
		{"most diverge", [][]float64{explode(calm, 10, 10), calm, explode(calm, 100, 50), explode(calm, 5, 900)}, false, -1, 0.1, 7, 2.9},
		{"it diverges late", [][]float64{explode(calm, 900, 50)}, true, 0.01, 0.08, 50, 2.9},
		{"it diverges at once, log", [][]float64{growing}, true, 0.1, 1, 1e27, growing[99]},
		{"all but a part of one", [][]float64{calm, replace(calm, 0, 4)}, false, -1, 0.1, 7, 4},
		{"learned at last", [][]float64{late}, false, -1, 0.1, 3, 2.3},
		{"far below zero", [][]float64{falling}, false, -6000, falling[199], 1000, 5},
		{"around a thousand", [][]float64{replace(decline(1000, 1001, 1000, 0), 500, 1200)}, false, 999, 1000, 1005, 1001},
		{"one above zeros", [][]float64{{0, 0, 0, 0, 5, 0, 0}}, false, -1, 0, 6, 5},
		{"a wide noise", [][]float64{decline(1000, 1, 0.9, 0.9)}, false, -1, 0.15, 3, 1.8},
	} {
		var series []Series
		for _, y := range c.y {
			series = append(series, Series{Y: y})
		}
		ax := lossAxis(series, c.log)
		if !(ax.lo >= c.lowest && ax.lo <= c.lo && ax.hi <= c.hi && ax.hi >= c.shown) {
			t.Errorf("%s: from %v to %v, want from %v…%v to %v…%v", c.name, ax.lo, ax.hi, c.lowest, c.lo, c.shown, c.hi)
		}
	}
}

// anySeries draws values of all sizes and kinds.
func anySeries(t *rapid.T, name string) Series {
	value := rapid.OneOf(
		rapid.Float64Range(0.01, 3), rapid.Float64Range(-1, 3), rapid.Float64(),
		rapid.SampledFrom([]float64{0, math.NaN(), math.Inf(1), math.Inf(-1), 1e30, 5e-324, math.MaxFloat64, -math.MaxFloat64}))
	s := Series{Y: rapid.SliceOfN(value, 0, 120).Draw(t, name)}
	if rapid.Bool().Draw(t, name+" has steps") {
		s.X = []float64{}
		x := rapid.Float64Range(-10, 10).Draw(t, name+" first")
		for range s.Y {
			s.X = append(s.X, x)
			x += rapid.SampledFrom([]float64{0, 1, 2, 0.5, 1e6}).Draw(t, name+" step")
		}
	}
	return s
}

// Every value is inside of the frame, or the legend speaks of it.
func TestNothingIsDroppedInSilence(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := anySeries(t, "y")
		scale := rapid.SampledFrom([]Scale{Auto, Linear, Log}).Draw(t, "scale")
		log := scale.isLog([]Series{s})
		x, y := stepAxis([]Series{s}, rapid.Bool().Draw(t, "log x")), lossAxis([]Series{s}, log)
		pn := &panel{p: &lightPalette, s: &scene{w: 300, h: 200}, frame: rect{20, 10, 280, 180}, x: x, y: y}
		tr, tb := pn.trace(s), troublesOf(s, x, y)
		notes := strings.Join(tb.notes(s, "step"), "; ")
		outside, bad := 0, 0
		for i, v := range s.Y {
			switch {
			case x.log && s.x(i) <= 0:
			case !finite(v):
				bad++
			case !placed(v, log) || v > y.hi || v < y.lo:
				outside++
			case !pn.frame.contains(Point{pn.px(s.x(i)), pn.py(v)}) && v != y.lo && v != y.hi:
				q := pn.frame.clamp(Point{pn.px(s.x(i)), pn.py(v)})
				if distance(q, Point{pn.px(s.x(i)), pn.py(v)}, q) > 1e-6 {
					t.Fatalf("%v is on the axis from %v to %v and not in the frame", v, y.lo, y.hi)
				}
			}
		}
		if (outside+bad > 0) != (notes != "") {
			t.Fatalf("%d values outside, %d not finite, and the legend says %q", outside, bad, notes)
		}
		if outside > 0 && len(tr.spots) == 0 || bad > 0 && len(tr.cuts) == 0 {
			t.Fatalf("%d values outside, %d not finite: %d and %d marks", outside, bad, len(tr.spots), len(tr.cuts))
		}
		for _, p := range tr.spots {
			if !pn.frame.contains(p.at) {
				t.Fatalf("a mark at %v", p.at)
			}
		}
	})
}

func TestLearningOfAnyValues(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		m := Learning{
			Style:     Style{Scale: 0.5},
			LossScale: rapid.SampledFrom([]Scale{Auto, Linear, Log}).Draw(rt, "loss"),
			RateAxis:  rapid.SampledFrom([]Scale{Auto, Linear, Log}).Draw(rt, "rate"),
			LogX:      rapid.Bool().Draw(rt, "log x"),
			Smoothing: rapid.SampledFrom([]float64{0, 0.5, 0.99}).Draw(rt, "smoothing"),
		}
		points := 0
		for i := range rapid.IntRange(1, 6).Draw(rt, "runs") {
			r := LearningRun{
				Name:      fmt.Sprint("run ", i),
				Group:     rapid.SampledFrom([]string{"", "a", "b"}).Draw(rt, "group"),
				TrainLoss: anySeries(rt, "train"), ValLoss: anySeries(rt, "val"), Rate: anySeries(rt, "rate"),
			}
			points += len(r.TrainLoss.Y) + len(r.ValLoss.Y) + len(r.Rate.Y)
			m.Runs = append(m.Runs, r)
		}
		if points == 0 {
			return
		}
		parse(rt, svgOf(rt, m)) // every coordinate belongs to a drawing
	})
}

func TestNotesOfTrouble(t *testing.T) {
	nan := math.NaN()
	y := axis{lo: 0, hi: 10}
	for _, c := range []struct {
		y    []float64
		log  bool
		want string
	}{
		{[]float64{1, 2, 3}, false, ""},
		{[]float64{1, 20, 3}, false, "above the axis at step 1"},
		{[]float64{1, 20, 3, 30, 1}, false, "above the axis (2 times, first at step 1)"},
		{[]float64{1, 2, 30}, false, "above the axis at step 2"},
		{[]float64{1, 2, 30, 1e9}, false, "above the axis from step 2"},
		{[]float64{1, 2, 30, nan, nan}, false, "diverged at step 2; NaN from step 3"},
		{[]float64{1, 2, 30, nan}, false, "diverged at step 2; NaN at step 3"},
		{[]float64{1, nan, 2, nan, nan}, false, "NaN from step 3; NaN at step 1"},
		{[]float64{1, 2, math.Inf(1)}, false, "+Inf at step 2"},
		{[]float64{nan, nan}, false, "NaN from step 0"},
		{[]float64{1, -2, -3}, false, "below the axis from step 1"},
		{[]float64{1, -2, 3, -2}, false, "below the axis (2 times, first at step 1)"},
		{[]float64{1, 0, 0}, true, "≤ 0 from step 1: not on a log axis"},
		{[]float64{1, 0, 2}, true, "≤ 0 at step 1: not on a log axis"},
	} {
		s, ax := Series{Y: c.y}, y
		if c.log {
			ax = axis{lo: 0.1, hi: 10, log: true}
		}
		got := strings.Join(troublesOf(s, axis{lo: 0, hi: 9}, ax).notes(s, "step"), "; ")
		if got != c.want {
			t.Errorf("%v: %q, want %q", c.y, got, c.want)
		}
	}
	for last, want := range map[float64]string{2: "diverged at step 1", 30: "diverged at step 1", nan: "NaN at step 1"} {
		s := Series{Y: []float64{1, last}, Diverged: true}
		if got := troublesOf(s, axis{lo: 0, hi: 9}, y).notes(s, "step"); len(got) != 1 || got[0] != want {
			t.Errorf("a run that diverged at %v: %q, want %q", last, got, want)
		}
	}
	for unit, want := range map[string]string{"step": "step 12,800", "examples": "12,800 examples", "seconds": "12,800 seconds"} {
		if got := place(unit, 12800); got != want {
			t.Errorf("place = %q, want %q", got, want)
		}
	}
}

func TestBand(t *testing.T) {
	nan, inf := math.NaN(), math.Inf(1)
	for _, c := range []struct {
		name        string
		runs        []Series
		x           []float64
		lo, mid, hi []float64
	}{
		{"three", []Series{{Y: []float64{1, 5}}, {Y: []float64{2, 4}}, {Y: []float64{9, 3}}},
			[]float64{0, 1}, []float64{1, 3}, []float64{2, 4}, []float64{9, 5}},
		{"five", []Series{{Y: []float64{1}}, {Y: []float64{2}}, {Y: []float64{3}}, {Y: []float64{4}}, {Y: []float64{5}}},
			[]float64{0}, []float64{2}, []float64{3}, []float64{4}},
		{"one diverged", []Series{{Y: []float64{1, 1, 1}}, {Y: []float64{2, 2, 2}}, {Y: []float64{3, nan}}},
			[]float64{0, 1, 2}, []float64{1, 1, 1}, []float64{2, 2, 2}, []float64{3, inf, inf}},
		{"one was called diverged", []Series{{Y: []float64{1, 1}}, {Y: []float64{2, 2}}, {Y: []float64{3}, Diverged: true}},
			[]float64{0, 1}, []float64{1, 1}, []float64{2, 2}, []float64{3, inf}},
		{"one stopped early", []Series{{Y: []float64{1, 1}}, {Y: []float64{2}}, {Y: []float64{3, 3}}},
			[]float64{0, 1}, []float64{1, 1}, []float64{2, 2}, []float64{3, 3}},
		{"every other step", []Series{{Y: []float64{1, 2, 3, 4}}, {X: []float64{0, 2}, Y: []float64{5, 6}}},
			[]float64{0, 2, 3}, []float64{1, 3, 4}, []float64{3, 4.5, 4}, []float64{5, 6, 4}},
		{"nothing in common", []Series{{X: []float64{0, 1, 2, 3}, Y: make([]float64, 4)}, {X: []float64{0.5, 1.5, 2.5, 3.5}, Y: make([]float64, 4)}},
			nil, nil, nil, nil},
	} {
		b := bandOf(c.runs)
		if c.x == nil {
			if b != nil {
				t.Errorf("%s: a band at %v", c.name, b.mid.X)
			}
			continue
		}
		if b == nil || !slices.Equal(b.mid.X, c.x) || !slices.Equal(b.lo.Y, c.lo) || !slices.Equal(b.mid.Y, c.mid) || !slices.Equal(b.hi.Y, c.hi) {
			t.Errorf("%s: %+v, want %v: %v %v %v", c.name, b, c.x, c.lo, c.mid, c.hi)
		}
	}
}

// One outlier does not carry the average away, and it ends with a divergence.
func TestAverageOfWhatIsShown(t *testing.T) {
	y := replace(slices.Repeat([]float64{1}, 400), 100, 1e30)
	st := &strand{runs: []Series{{Y: y}}, beta: 0.9}
	pn := &panel{x: axis{lo: 0, hi: 400}, y: lossAxis(st.runs, false)}
	st.prepare(pn, "step")
	if top := slices.Max(st.smooth[0].Y); top > 2 {
		t.Errorf("the average reaches %v", top)
	}
	st = &strand{runs: []Series{{Y: explode(decline(400, 2, 1, 0), 200, 50)}}, beta: 0.9}
	pn.y = lossAxis(st.runs, false)
	st.prepare(pn, "step")
	end := st.troubles[0].end
	if m := st.smooth[0].Y; len(m) != 400 || end < 200 || end > 205 || !finite(m[end-1]) || slices.ContainsFunc(m[end:], finite) {
		t.Errorf("the average goes on after step %d", end)
	}
}

func TestSeveralRuns(t *testing.T) {
	var c Learning
	for i := range 8 {
		y := decline(300, 2, 0.1*float64(i+1), 0.2)
		c.Runs = append(c.Runs, LearningRun{Name: fmt.Sprint("rule ", i), TrainLoss: Series{Y: y}, ValLoss: Series{X: []float64{100, 299}, Y: []float64{1, 0.5}}, Rate: Series{Y: y}})
	}
	doc := parse(t, svgOf(t, c))
	if got := strings.Join(doc.titles["panel"], ","); got != "training loss,validation loss,learning rate" {
		t.Errorf("panels %s", got)
	}
	for i := range 8 {
		if !slices.Contains(doc.titles["legend-entry"], fmt.Sprint("rule ", i)) {
			t.Errorf("run %d is not in the legend", i)
		}
	}
	for i := range c.Runs {
		c.Runs[i].Group = []string{"adam", "sgd"}[i%2]
	}
	c.Runs[3].TrainLoss.Y = explode(c.Runs[3].TrainLoss.Y, 100, 20)
	doc = parse(t, svgOf(t, c))
	if got := strings.Join(doc.titles["curve"], ","); got != "adam,sgd,adam,sgd,adam,sgd" {
		t.Errorf("curves %s", got)
	}
	for _, want := range []string{"median of 4 runs, band from lowest to highest", "1 diverged at step 101", "training: average, β = 0.8333"} {
		if !doc.says(want) {
			t.Errorf("the legend does not say %q: %q", want, doc.texts)
		}
	}
}

// Marks of runs that leave at the same place stand below one another.
func TestMarksOnTheEdgeAreAllSeen(t *testing.T) {
	run := Series{Y: explode(decline(100, 1, 0.5, 0), 50, 40)}
	axes := lossAxis([]Series{run, {Y: decline(100, 1, 0.5, 0)}}, true)
	pn := &panel{p: &lightPalette, s: &scene{w: 300, h: 200}, frame: rect{20, 10, 280, 180}, x: axis{lo: 0, hi: 100}, y: axes}
	for i := range 3 {
		pn.edges(pn.trace(run), pn.p.look(i))
	}
	if len(pn.taken) != 6 {
		t.Fatalf("%d marks, want a triangle and an × of each run", len(pn.taken))
	}
	for i, at := range pn.taken {
		if want := (Point{pn.taken[i%2].X, pn.frame.y0 + 6 + float64(apart*(i/2))}); at != want {
			t.Errorf("mark %d is at %v, want %v", i, at, want)
		}
	}
}

func TestLongRunsStaySmall(t *testing.T) {
	for runs, n := range map[int]int{1: 400_000, 8: 50_000, 24: 20_000} {
		var c Learning
		for i := range runs {
			y := decline(n, 2, 0.1*float64(i+1), 0.9)
			c.Runs = append(c.Runs, LearningRun{TrainLoss: Series{Y: y}, TrainAcc: Series{Y: y}, Rate: Series{Y: y}})
		}
		if size := len(svgOf(t, c)); size > 1_000_000 {
			t.Errorf("%d runs of %d steps take %d bytes", runs, n, size)
		}
	}
}
