package figure

import (
	"bytes"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// comparisonKinds are the pictures of a comparison of three rules, of which the
// last diverges often.
func comparisonKinds(st Style) (Sensitivity, TuningCost, Profile, Convergence) {
	s, c, p, v := Sensitivity{Style: st}, TuningCost{Style: st, Band: "band: 90 %"}, Profile{Style: st}, Convergence{Style: st}
	nan, inf := math.NaN(), math.Inf(1)
	for i, name := range []string{"sgd", "momentum", "adam"} {
		k := float64(i + 1)
		s.Rules = append(s.Rules, RateCurve{Name: name, Rates: []float64{0.001, 0.01, 0.1, 1}, Default: 0.01, Final: [][]float64{
			{2}, {0.5 * k, 0.6 * k, 0.4 * k}, {0.2 * k, 0.3 * k, 0.1 * k}, {nan},
		}})
		c.Rules = append(c.Rules, TuningCurve{Name: name, Best: []float64{3, 1 / k, 0.5 / k}, Lo: []float64{1, 0.5 / k, 0.4 / k}, Hi: []float64{inf, 2 / k, 0.6 / k}})
		p.Rules = append(p.Rules, ProfileCurve{Name: name, Ratios: []float64{1, k, k * k, 3}})
		r := SeedCurves{Name: name}
		for seed := range 6 {
			r.Seeds = append(r.Seeds, Series{Y: decline(100, 2, 0.1*k, 0.01*float64(seed))})
		}
		v.Rules = append(v.Rules, r)
	}
	s.Rules[2].Final[2] = []float64{0.4, 0.5, nan}
	c.Rules[2].Best[0], c.Rules[2].Lo[0] = inf, inf
	p.Rules[2].Ratios[3] = inf
	v.Rules[2].Seeds[4] = Series{Y: append(decline(40, 2, 1, 0), nan)}
	v.Levels = []Level{{"target", 0.15}}
	return s, c, p, v
}

func TestSensitivitySaysWhatDiverged(t *testing.T) {
	s, _, _, _ := comparisonKinds(Style{})
	s.Rules[0].Default = 50
	doc := parse(t, svgOf(t, s))
	for _, want := range []string{"0.2 at 0.1; 1 of 4 diverge; default 50 not tried", "0.4 at 0.1; 1 of 4 diverge", "0.5 at 0.1; 2 of 4 diverge", "lowest to highest seed", "default rate", "× diverged"} {
		if !doc.says(want) {
			t.Errorf("the legend does not say %q: %q", want, doc.texts)
		}
	}
	// Nine medians; an × with its halo for each rule and the small one; two rings with theirs.
	if got, want := len(doc.paths["marks"]), 9+2*4+2*2; got != want {
		t.Errorf("%d marks, want %d", got, want)
	}
	for i := range s.Rules {
		for k := range s.Rules[i].Final {
			s.Rules[i].Final[k] = []float64{1}
		}
		s.Rules[i].Default = 0
	}
	doc = parse(t, svgOf(t, s))
	if doc.says("diverge") || doc.says("default") || doc.says("band") {
		t.Errorf("the legend says %q of rules that never diverge, with one seed", doc.texts)
	}
	s.Rules = s.Rules[:1]
	s.Rules[0].Final = [][]float64{{math.Inf(1)}, {math.NaN()}, {math.Inf(-1)}, {math.NaN(), math.NaN()}}
	if doc = parse(t, svgOf(t, s)); !doc.says("diverges at every rate") {
		t.Errorf("the legend says %q", doc.texts)
	}
}

// The median is that of the seeds, diverged ones above all others.
func TestRateColumns(t *testing.T) {
	inf := math.Inf(1)
	c := RateCurve{Rates: []float64{1, 2, 3, 4}, Final: [][]float64{{3, 1, 2}, {5, math.NaN(), 4}, {1, 2, 3, 4, 5}, {math.Inf(-1), 1, inf}}}
	want := []rateColumn{{1, 1, 2, 3, 3, 0}, {2, 4, 5, inf, 3, 1}, {3, 2, 3, 4, 5, 0}, {4, 1, inf, inf, 3, 2}}
	if got := c.columns(); !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
}

func TestTheHeadKeepsCurvesAndMarksApart(t *testing.T) {
	for _, log := range []bool{false, true} {
		pn := &panel{s: &scene{w: 300, h: 200}, frame: rect{20, 10, 280, 180}, y: axis{lo: 1, hi: 100, log: log}}
		head := pn.raise(30)
		if at := pn.py(100); math.Abs(at-(pn.frame.y0+head)) > 1e-9 || head < 30 {
			t.Errorf("log %v: the old end of the axis is at %v, below a head of %v", log, at, head)
		}
		if pn.raise(0) != 0 || pn.raise(1e6) > 0.4*pn.frame.h() {
			t.Error("the head has a size that was not asked for")
		}
	}
}

func TestTuningCostNotes(t *testing.T) {
	inf := math.Inf(1)
	for want, best := range map[string][]float64{
		"0.25 after 2 trials": {1, 0.25},
		"3 after 1 trial":     {3},
		"2 after 3 trials; fewer than 3 may all diverge": {inf, inf, 2},
		"all of 2 trials diverged":                       {inf, inf},
		"no trials":                                      {},
		"1 after 3 trials; fewer than 2 may all diverge": {math.NaN(), 2, 1},
	} {
		if got := strings.Join(TuningCurve{Best: best}.notes(), "; "); got != want {
			t.Errorf("%v: %q, want %q", best, got, want)
		}
	}
}

// A profile is the share of the ratios that are at most τ.
func TestProfileIsTheDistributionOfRatios(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		ratio := rapid.OneOf(rapid.SampledFrom([]float64{1, 2, math.Inf(1)}), rapid.Float64Range(1, 40))
		ratios := rapid.SliceOfN(ratio, 1, 12).Draw(t, "ratios")
		pn := &panel{p: &lightPalette, s: &scene{}, frame: rect{0, 0, 400, 100}, x: axis{lo: 1, hi: 50, log: true}, y: axis{lo: 0, hi: 1}}
		pn.stairs(ratios, look{}, 0)
		line := pn.s.ops[0].(*shape).lines[0]
		for _, tau := range []float64{1.00001, 1.5, 2.00001, 7, 30, 49} {
			n := 0
			for _, r := range ratios {
				if r <= tau {
					n++
				}
			}
			got := line[0].Y
			for _, q := range line {
				if q.X <= pn.px(tau) {
					got = q.Y
				}
			}
			if want := pn.py(float64(n) / float64(len(ratios))); math.Abs(got-want) > 1e-9 {
				t.Fatalf("at τ = %v the line is at %v, want %v", tau, got, want)
			}
		}
	})
}

func TestConvergenceShowsTargetAndDivergence(t *testing.T) {
	_, _, _, c := comparisonKinds(Style{})
	c.Rules = append(c.Rules, SeedCurves{Name: "never ran"})
	doc := parse(t, svgOf(t, c))
	for _, want := range []string{"target", "0.15", "1 diverged at step 40", "median of 6 runs, band from lower to upper quartile"} {
		if !doc.says(want) {
			t.Errorf("the legend does not say %q: %q", want, doc.texts)
		}
	}
	if got := strings.Join(doc.titles["curve"], ","); got != "sgd,momentum,adam" {
		t.Errorf("curves %s", got)
	}
}

func TestComparisonOfAnyValues(t *testing.T) {
	value := rapid.OneOf(rapid.Float64Range(-1, 3), rapid.Float64(),
		rapid.SampledFrom([]float64{0, math.NaN(), math.Inf(1), math.Inf(-1), 1e30, 5e-324, math.MaxFloat64, -math.MaxFloat64}))
	rapid.Check(t, func(rt *rapid.T) {
		st := Style{Scale: 0.5, Width: rapid.SampledFrom([]int{0, 360}).Draw(rt, "width")}
		scale := rapid.SampledFrom([]Scale{Auto, Linear, Log}).Draw(rt, "scale")
		s, c := Sensitivity{Style: st, Y: scale}, TuningCost{Style: st, Y: scale}
		v := Convergence{Style: st, Y: scale, LogX: rapid.Bool().Draw(rt, "log x")}
		points := 0
		for i := range rapid.IntRange(1, 4).Draw(rt, "rules") {
			r := RateCurve{Name: fmt.Sprint(i), Default: rapid.SampledFrom([]float64{0, 1e-3, 0.5}).Draw(rt, "default")}
			for k := range rapid.IntRange(1, 6).Draw(rt, "rates") {
				r.Rates = append(r.Rates, math.Pow(10, float64(k-4)))
				r.Final = append(r.Final, rapid.SliceOfN(value, 1, 6).Draw(rt, "final"))
			}
			s.Rules = append(s.Rules, r)
			best := rapid.SliceOfN(value, 1, 50).Draw(rt, "best")
			c.Rules = append(c.Rules, TuningCurve{Name: r.Name, Best: best})
			seeds := []Series{anySeries(rt, "first"), anySeries(rt, "second")}
			points += len(seeds[0].Y) + len(seeds[1].Y)
			v.Rules = append(v.Rules, SeedCurves{Name: r.Name, Seeds: seeds})
		}
		parse(t, svgOf(t, s))
		parse(t, svgOf(t, c))
		if points > 0 {
			parse(t, svgOf(t, v))
		}
	})
}

func TestComparisonErrorsNameTheField(t *testing.T) {
	one, two := []float64{1}, []float64{1, 2}
	for _, c := range []struct {
		m    maker
		want string
	}{
		{Sensitivity{}, "figure: Sensitivity.Rules is empty"},
		{Sensitivity{Rules: []RateCurve{{Name: "a"}}}, `figure: Sensitivity.Rules[0] ("a").Rates is empty`},
		{Sensitivity{Rules: []RateCurve{{Name: "a", Rates: two, Final: [][]float64{one}}}}, "2 Rates and 1 values of Final"},
		{Sensitivity{Rules: []RateCurve{{Name: "a", Rates: two, Final: [][]float64{one, nil}}}}, "Final[1] is empty"},
		{Sensitivity{Rules: []RateCurve{{Rates: []float64{0}, Final: [][]float64{one}}}}, ".Rates[0] = 0, want positive"},
		{Sensitivity{Rules: []RateCurve{{Rates: []float64{2, 1}, Final: [][]float64{one, one}}}}, ".Rates[1] = 1, want positive numbers in ascending order"},
		{Sensitivity{Rules: []RateCurve{{Rates: one, Final: [][]float64{one}, Default: math.NaN()}}}, ".Default = NaN"},
		{Sensitivity{Rules: []RateCurve{{Rates: one, Final: [][]float64{one}}}, Y: 9}, "Sensitivity.Y = 9"},
		{TuningCost{}, "figure: TuningCost has no data"},
		{TuningCost{Y: 9}, "TuningCost.Y = 9"},
		{TuningCost{Rules: []TuningCurve{{Name: "a", Best: two, Lo: one, Hi: one}}}, `TuningCost.Rules[0] ("a") has 2 values of Best, 1 of Lo and 1 of Hi`},
		{TuningCost{Rules: []TuningCurve{{Best: one, Lo: []float64{3}, Hi: two[:1]}}}, "band 0 reaches from 3 to 1"},
		{Profile{}, "figure: Profile.Rules is empty"},
		{Profile{Rules: []ProfileCurve{{}}}, "Profile has no problems"},
		{Profile{Rules: []ProfileCurve{{Ratios: one}, {Name: "b", Ratios: two}}}, `Profile.Rules[1] ("b") has 2 ratios, want 1`},
		{Profile{Rules: []ProfileCurve{{Ratios: []float64{0.5}}}}, ".Ratios[0] = 0.5, want at least 1"},
		{Profile{Rules: []ProfileCurve{{Ratios: []float64{math.NaN()}}}}, ".Ratios[0] = NaN"},
		{Convergence{}, "figure: Convergence has no data"},
		{Convergence{Y: 9}, "Convergence.Y = 9"},
		{Convergence{Rules: []SeedCurves{{Name: "a", Seeds: []Series{{X: two, Y: one}}}}}, `Convergence.Rules[0] ("a").Seeds[0] has 2 values of X`},
		{Convergence{Rules: []SeedCurves{{Seeds: []Series{{Y: one}}}}, Levels: []Level{{"t", math.Inf(1)}}}, `Convergence.Levels[0] ("t").Value = +Inf`},
		{Sensitivity{Style: Style{Width: 5}}, "Style.Width = 5"},
	} {
		if _, err := c.m.Figure(); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%T: error %v, want %q", c.m, err, c.want)
		}
	}
}

func TestThemedSVG(t *testing.T) {
	light, dark := kinds(Style{Title: "both"}), kinds(Style{Title: "both", Theme: Dark})
	for name, m := range light {
		l, err := m.Figure()
		if err != nil {
			t.Fatal(err)
		}
		d, err := dark[name].Figure()
		if err != nil {
			t.Fatal(err)
		}
		var b bytes.Buffer
		if err := WriteThemedSVG(&b, l, d); err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		svg := b.String()
		parse(t, b.Bytes())
		// Without the classes and the sheet it is the light picture.
		head, sheet, _ := strings.Cut(svg, "<style>")
		plain := nightClass.ReplaceAllString(head, "")
		if want := string(svgOf(t, m)); plain+"</svg>\n" != want {
			t.Errorf("%s: the light part differs from the light picture", name)
		}
		if !strings.HasPrefix(sheet, "@media screen and (prefers-color-scheme:dark){") || !strings.Contains(sheet, ".paper{fill:#14181d;fill-opacity:1}") {
			t.Errorf("%s: the sheet is %.200q", name, sheet)
		}
		for _, class := range nightClass.FindAllStringSubmatch(head, -1) {
			for name := range strings.FieldsSeq(class[1]) {
				if !strings.Contains(sheet, "."+name+"{") {
					t.Fatalf("class %s has no rule", name)
				}
			}
		}
	}
	a, err := light["loss"].Figure()
	if err != nil {
		t.Fatal(err)
	}
	b, err := dark["profile"].Figure()
	if err != nil {
		t.Fatal(err)
	}
	if err := WriteThemedSVG(&bytes.Buffer{}, a, b); err == nil || !strings.Contains(err.Error(), "different pictures") {
		t.Errorf("two different pictures: %v", err)
	}
}
