package figure

import (
	"math"
	"strings"
	"testing"
)

// ramped is a range test as descent find-lr draws it.
func ramped() RangeTest {
	c := RangeTest{Left: true, Low: 0.01, High: 0.2, Best: 0.05, Limit: 0.6, Suggestions: []RateMark{
		{Name: "steepest descent", Rate: 0.02}, {Name: "tenth of the minimum", Note: "none: it did not fall"}, {Name: "stability edge", Rate: 0.5},
	}}
	for i := range 200 {
		rate := math.Pow(10, -6+7*float64(i)/199)
		loss := 1 + 1/(1+rate/0.01) + rate*rate
		c.Ramp.X, c.Ramp.Y = append(c.Ramp.X, rate), append(c.Ramp.Y, loss+0.05*float64(i%3))
		c.Smoothed.X, c.Smoothed.Y = append(c.Smoothed.X, rate), append(c.Smoothed.Y, loss)
	}
	for _, rate := range []float64{0.001, 0.01, 0.05, 0.2, 0.4, 1} {
		v := Validated{Rate: rate, Losses: []float64{0.5 + math.Abs(math.Log(rate/0.05)), 0.6, 0.7}}
		if rate == 1 {
			v.Losses = []float64{math.Inf(1), math.NaN(), math.Inf(1)}
		}
		v.Diverged = rate == 0.4
		c.Tried = append(c.Tried, v)
	}
	return c
}

func TestRangeTest(t *testing.T) {
	c := ramped()
	for _, theme := range []Theme{Light, Dark} {
		c.Theme = theme
		doc := parse(t, svgOf(t, c))
		pngOf(t, c)
		if got := doc.titles["panel"]; strings.Join(got, "|") != "loss of the range test|validated loss" {
			t.Errorf("panels %q", got)
		}
		for _, want := range []string{"range test", "real runs", "0.01 to 0.2", "lowest loss, at 0.05", "below 0.6", "steepest descent", "0.02", "none: it did not fall", "stability edge"} {
			if !doc.says(want) {
				t.Errorf("the legend lacks %q: %q", want, doc.texts)
			}
		}
		// The answer is in both panels, and so are the suggestions that are rates.
		if doc.groups["answer"] != 2 || doc.groups["suggestion"] != 4 {
			t.Errorf("%d answers, %d suggestions, want 2 and 4", doc.groups["answer"], doc.groups["suggestion"])
		}
	}
	c.Low, c.High, c.Best, c.Limit = 0, 0, 0, math.NaN()
	if doc := parse(t, svgOf(t, c)); doc.groups["answer"] != 0 || doc.says("as good as") {
		t.Errorf("an answer where there is none: %q", doc.texts)
	}
}

// What diverged is marked, however little there is to draw.
func TestRangeTestOfAnyValues(t *testing.T) {
	inf, nan := math.Inf(1), math.NaN()
	for name, c := range map[string]RangeTest{
		"only a ramp": {Ramp: Series{X: []float64{1e-3}, Y: []float64{2}}, Smoothed: Series{X: []float64{1e-3}, Y: []float64{2}}},
		"only runs":   {Tried: []Validated{{Rate: 1, Losses: []float64{1, 2}}}},
		"one rate":    {Tried: []Validated{{Rate: 1, Losses: []float64{0}}}, Low: 1, High: 1, Best: 1},
		"all burst":   {Ramp: Series{X: []float64{1e-3, 1}, Y: []float64{inf, nan}}, Tried: []Validated{{Rate: 1, Losses: []float64{inf, nan}}, {Rate: 2, Losses: []float64{-inf}}}},
		"negative":    {Tried: []Validated{{Rate: 1, Losses: []float64{-3, 2}}, {Rate: 2, Losses: []float64{-5}}}, Low: 1, High: 2, Limit: -4},
		"off the axis": {Tried: []Validated{{Rate: 1, Losses: []float64{1}}, {Rate: 2, Losses: []float64{3}}}, Low: 1e-9, High: 1e9,
			Suggestions: []RateMark{{Name: "far", Rate: 1e12}, {Name: "none", Rate: inf}, {Name: "nan", Rate: nan}}},
	} {
		doc := parse(t, svgOf(t, c))
		if name == "all burst" && len(doc.paths["marks"]) == 0 {
			t.Errorf("%s: nothing is marked", name)
		}
	}
}

func TestRangeTestRefuses(t *testing.T) {
	ok := Series{X: []float64{1, 2}, Y: []float64{1, 2}}
	for want, c := range map[string]RangeTest{
		"RangeTest has no data":                     {},
		"RangeTest.Ramp.X[0] = 0":                   {Ramp: Series{X: []float64{0, 1}, Y: []float64{1, 2}}},
		"RangeTest.Smoothed has 2 values of X":      {Ramp: ok, Smoothed: Series{X: []float64{1, 2}, Y: []float64{1}}},
		"RangeTest.Tried[0].Rate = 0":               {Tried: []Validated{{Losses: []float64{1}}}},
		"RangeTest.Tried[1].Rate = 1 follows 1":     {Tried: []Validated{{Rate: 1, Losses: []float64{1}}, {Rate: 1, Losses: []float64{1}}}},
		"RangeTest.Tried[0] has no losses":          {Tried: []Validated{{Rate: 1}}},
		"RangeTest.Low and High = 2 and 1":          {Ramp: ok, Low: 2, High: 1},
		"RangeTest.Low and High = 0 and 1":          {Ramp: ok, High: 1},
		"RangeTest of 240×240 units leaves no room": {Style: Style{Width: 240, Height: 240}, Ramp: ok, Tried: []Validated{{Rate: 1, Losses: []float64{1}}}, Low: 1, High: 2},
		"Style.Width = 3":                           {Style: Style{Width: 3}, Ramp: ok},
	} {
		if _, err := c.Figure(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
	}
}
