package lab

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/descent-go/descent/train"
)

// A Showing is a small experiment that makes one thing visible. Showings lists
// them, and Run does one.
type Showing struct {
	Name   string `json:"name"`
	Title  string `json:"title"`
	Doc    string `json:"doc"` // what it asks, in a sentence
	Source string `json:"source,omitempty"`

	run func(ctx context.Context, s *Shown) error
}

// A Shown is what a Showing has come to. Everything in it was measured in that very
// run, the numbers in See too.
type Shown struct {
	Showing
	Seed  uint64 `json:"seed"`
	Setup string `json:"setup"` // what was run
	// See says in two sentences what to see; Facts are the numbers in them.
	See   [2]string `json:"see"`
	Facts []Fact    `json:"facts"`
	// Columns are the titles of the table, the first one that of the rows' names.
	Columns []string     `json:"columns"`
	Rows    []ShownRow   `json:"rows"`
	Charts  []ShownChart `json:"charts"`
}

// A Fact is a measured number.
type Fact struct {
	Name  string     `json:"name"`
	Value train.Real `json:"value"`
}

// A ShownRow is a row of the table: a name and the values of the other columns, NaN
// where there is none.
type ShownRow struct {
	Name   string       `json:"name"`
	Values []train.Real `json:"values"`
}

// A ShownChart is what a figure is drawn from: curves, or paths on the plane of a
// function of two variables.
type ShownChart struct {
	Name   string `json:"name"` // unique within a Shown
	Title  string `json:"title"`
	XLabel string `json:"x_label,omitempty"`
	YLabel string `json:"y_label,omitempty"`
	LogX   bool   `json:"log_x,omitempty"`
	LogY   bool   `json:"log_y,omitempty"`
	// Curves of the same name are the same thing with other seeds.
	Curves []ShownCurve `json:"curves,omitempty"`
	Levels []ShownLevel `json:"levels,omitempty"`

	Function string       `json:"function,omitempty"` // as problem.Resolve reads it; "": curves
	Domain   [4]float64   `json:"domain,omitzero"`    // of x from the first to the second, of y from the third to the fourth; zero: the function's
	Paths    []ShownCurve `json:"paths,omitempty"`    // points of the plane, the start first
}

// A ShownCurve is a line through points.
type ShownCurve struct {
	Name   string       `json:"name"`
	X      []float64    `json:"x"`
	Y      []train.Real `json:"y"`
	Marked bool         `json:"marked,omitempty"` // every point of the path is worth seeing
}

// A ShownLevel is a value to compare curves with.
type ShownLevel struct {
	Name  string  `json:"name"`
	Value float64 `json:"value"`
}

// Showings returns every Showing, in the order in which they are best read.
func Showings() []Showing {
	return []Showing{
		showEdge, showMomentumRate, showLookahead, showBiasCorrection, showAdaGradSum, showRMSPropEps,
		showDecay, showWarmup, showSchedules, showPlateau, showAveraging, showClipping,
	}
}

// LookupShowing returns the Showing of a name. The error lists the names.
func LookupShowing(name string) (Showing, error) {
	var names []string
	for _, s := range Showings() {
		if s.Name == name {
			return s, nil
		}
		names = append(names, s.Name)
	}
	return Showing{}, fmt.Errorf("lab: no showing %q, want one of %s", name, strings.Join(names, ", "))
}

// Run does the experiment: in a few seconds at most, with the same bits everywhere.
// The seed is that of all noise. When the context ends, its cause is the error.
func (s Showing) Run(ctx context.Context, seed uint64) (*Shown, error) {
	shown := &Shown{Showing: s, Seed: seed}
	if err := s.run(ctx, shown); err != nil {
		if ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
		return nil, fmt.Errorf("lab: showing %s: %w", s.Name, err)
	}
	return shown, nil
}

// fact takes down a number and returns it as text with three digits.
func (s *Shown) fact(name string, value float64) string {
	s.Facts = append(s.Facts, Fact{name, train.Real(value)})
	return threeDigits(value)
}

// count takes down a whole number and returns it as text.
func (s *Shown) count(name string, n int) string {
	s.Facts = append(s.Facts, Fact{name, train.Real(n)})
	return strconv.Itoa(n)
}

func (s *Shown) row(name string, values ...float64) {
	r := ShownRow{Name: name}
	for _, v := range values {
		r.Values = append(r.Values, train.Real(v))
	}
	s.Rows = append(s.Rows, r)
}

// threeDigits writes a number for people.
func threeDigits(v float64) string {
	if a := math.Abs(v); a >= 1000 && a < 1e6 {
		return strconv.FormatFloat(v, 'f', 0, 64)
	}
	text := strconv.FormatFloat(v, 'g', 3, 64)
	return strings.NewReplacer("e-0", "e-", "e+0", "e+").Replace(text)
}

// lineOf is a curve over whole numbers that begin at first.
func lineOf(name string, first int, values []float64) ShownCurve {
	c := ShownCurve{Name: name}
	for i, v := range values {
		c.X, c.Y = append(c.X, float64(first+i)), append(c.Y, train.Real(v))
	}
	return c
}

// pathOf is a path in the plane.
func pathOf(name string, points [][]float64) ShownCurve {
	c := ShownCurve{Name: name}
	for _, p := range points {
		c.X, c.Y = append(c.X, p[0]), append(c.Y, train.Real(p[1]))
	}
	return c
}

// everyTenth keeps the values at steps 0, 10, 20 and so on.
func everyTenth(name string, values []float64) ShownCurve {
	c := ShownCurve{Name: name}
	for t := 0; t < len(values); t += 10 {
		c.X, c.Y = append(c.X, float64(t)), append(c.Y, train.Real(values[t]))
	}
	return c
}

// inUnits divides values by a number.
func inUnits(values []float64, by float64) []float64 {
	out := slices.Clone(values)
	for i := range out {
		out[i] /= by
	}
	return out
}

// meanOf is the mean of values, in their order.
func meanOf(values []float64) float64 {
	sum := 0.0
	for _, v := range values {
		sum += v
	}
	return sum / float64(len(values))
}

// lastQuarter is the last quarter of values.
func lastQuarter(values []float64) []float64 { return values[len(values)-len(values)/4:] }
