package figure

import (
	"math"
	"strings"
	"testing"
)

func dots() Dots {
	return Dots{
		Style: Style{Title: "Dots"},
		Rows:  []string{"first", "second", "third"},
		Panels: []DotPanel{
			{"one", []Series{{Name: "small", Y: []float64{10, 20, math.NaN()}}, {Name: "large", Y: []float64{15, 20, 40}}}},
			{"two", []Series{{Name: "large", Y: []float64{1, math.Inf(1), 0}}}},
		},
		XLabel: "share in %", Limit: 100, LimitName: "the limit",
	}
}

func TestDots(t *testing.T) {
	for _, theme := range []Theme{Light, Dark} {
		d := dots()
		d.Theme = theme
		doc := parse(t, svgOf(t, d))
		text := strings.Join(doc.texts, "|") + "|"
		for want, n := range map[string]int{"first|": 1, "third|": 1, "one|": 1, "two|": 1, "small|": 1, "large|": 1, "the limit|": 1, "share in %|": 2} {
			if got := strings.Count(text, want); got != n {
				t.Errorf("%q occurs %d times in %q, want %d", want, got, text, n)
			}
		}
		// Five marks and a line in the first panel, two marks in the second.
		if got := len(doc.paths["row"]); got != 8 {
			t.Errorf("%d marks and lines, want 8", got)
		}
	}
	d := dots()
	fig, err := d.Figure()
	if err != nil {
		t.Fatal(err)
	}
	_, low := fig.Size()
	for range 10 {
		d.Rows = append(d.Rows, "more")
		for _, q := range d.Panels {
			for i := range q.Marks {
				q.Marks[i].Y = append(q.Marks[i].Y, 1)
			}
		}
	}
	if fig, err = d.Figure(); err != nil {
		t.Fatal(err)
	}
	if _, high := fig.Size(); high-low != 10*2*23 {
		t.Errorf("ten rows more made it %d pixels higher", high-low)
	}
}

func TestDotsErrors(t *testing.T) {
	for want, change := range map[string]func(*Dots){
		"Rows is empty":              func(d *Dots) { d.Rows = nil },
		"has 201 rows":               func(d *Dots) { d.Rows = make([]string, 201) },
		"0 panels":                   func(d *Dots) { d.Panels = nil },
		"Limit = -1":                 func(d *Dots) { d.Limit = -1 },
		`("small") has 1 values`:     func(d *Dots) { d.Panels[0].Marks[0].Y = []float64{1} },
		`("large").Y[2] = -3`:        func(d *Dots) { d.Panels[1].Marks[0].Y[2] = -3 },
		"leaves no room":             func(d *Dots) { d.Width = 240; d.Rows[0] = strings.Repeat("long", 90) },
		"figure: Style.Width = 1, w": func(d *Dots) { d.Width = 1 },
	} {
		d := dots()
		change(&d)
		if _, err := d.Figure(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
	}
}
