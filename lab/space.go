package lab

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/descent-go/descent/internal/portable"
)

// A Space is what may be searched for good settings: the product of its
// dimensions. Places in it are points of the unit cube, a coordinate for each
// dimension; At says what they stand for.
type Space struct {
	Params []Dimension `json:"params"`
	// Base has the task's own optimizer, schedule and model, whose parts dimensions
	// such as optimizer.beta2, schedule.min and width vary where no dimension chooses
	// them. What is missing has the default of descent train.
	Base Settings `json:"base,omitempty"`
}

// A Dimension is one of the things that vary: a number between Low and High, or
// one of Choices.
type Dimension struct {
	// Key is a setting of descent train (lr, batch, schedule, model, clip-norm …);
	// optimizer.NAME, schedule.NAME or model.NAME for an option of one of these;
	// width for that of all hidden layers of an mlp, or depth for their number.
	Key     string   `json:"key"`
	Low     float64  `json:"low,omitempty"`
	High    float64  `json:"high,omitempty"`
	Log     bool     `json:"log,omitempty"`     // evenly by the logarithm
	Int     bool     `json:"int,omitempty"`     // whole numbers, both ends included
	Step    float64  `json:"step,omitempty"`    // multiples of it above Low; 0: any number, or any whole one
	Choices []string `json:"choices,omitempty"` // then the numbers mean nothing
	// When is the condition under which the dimension exists. Nil: always.
	When *Condition `json:"when,omitempty"`
}

// A Condition holds where another dimension, one of choices that comes earlier,
// exists and has one of some values. Options do not count: sgd stands for
// sgd:nesterov too.
type Condition struct {
	Key    string   `json:"key"`
	Values []string `json:"values"`
}

// A Configuration is what a place stands for: the values of the dimensions that
// exist there, as text, by their keys.
type Configuration map[string]string

// Dim returns the number of dimensions.
func (s *Space) Dim() int { return len(s.Params) }

// At returns what a place in the unit cube stands for. Coordinates outside of it
// count as its edge. Numbers have as many digits as matter, four at least. It
// panics when u does not have a coordinate for every dimension.
func (s *Space) At(u []float64) Configuration {
	s.match(u)
	c := Configuration{}
	for i := range s.Params {
		if d := &s.Params[i]; d.When.holds(c) {
			c[d.Key] = d.text(u[i])
		}
	}
	return c
}

func (s *Space) match(u []float64) {
	if len(u) != len(s.Params) {
		panic(fmt.Sprintf("lab: a place of %d coordinates in a space of %d dimensions", len(u), len(s.Params)))
	}
}

// Values returns the numbers that a place stands for, to draw them: values, places
// of choices in their lists from 0, and NaN for what does not exist there. It
// panics as At does.
func (s *Space) Values(u []float64) []float64 {
	c := s.At(u)
	values := make([]float64, len(u))
	for i := range s.Params {
		d := &s.Params[i]
		text, ok := c[d.Key]
		switch {
		case !ok:
			values[i] = math.NaN()
		case d.Choices != nil:
			values[i] = float64(slices.Index(d.Choices, text))
		default:
			values[i], _ = strconv.ParseFloat(text, 64) // At wrote it
		}
	}
	return values
}

// dimension returns the dimension with a key, or nil.
func (s *Space) dimension(key string) *Dimension {
	i := slices.IndexFunc(s.Params, func(d Dimension) bool { return d.Key == key })
	if i < 0 {
		return nil
	}
	return &s.Params[i]
}

func (w *Condition) holds(c Configuration) bool {
	if w == nil {
		return true
	}
	value, ok := c[w.Key]
	return ok && w.has(value)
}

// has reports whether a value is among those of the condition.
func (w *Condition) has(value string) bool {
	head, _, _ := strings.Cut(value, ":")
	return slices.Contains(w.Values, value) || slices.Contains(w.Values, head)
}

// levels is how many values there are; 0: any number.
func (d *Dimension) levels() int {
	switch {
	case d.Choices != nil:
		return len(d.Choices)
	case d.Step > 0 || d.Int:
		return int(math.Floor((d.High-d.Low)/d.step()+1e-9)) + 1
	}
	return 0
}

func (d *Dimension) step() float64 {
	if d.Step == 0 {
		return 1
	}
	return d.Step
}

// level returns which of the values a coordinate stands for, from 0.
func (d *Dimension) level(u float64) int {
	n := d.levels()
	k := math.Floor(u * float64(n))
	if d.Int && d.Log { // 16 has the room between 15.5 and 16.5
		k = math.Round(float64((d.Low-0.5)*portable.Exp(u*d.span()))) - d.Low
	}
	return int(min(max(k, 0), float64(n-1)))
}

// edges returns the ends of the interval of coordinates that stand for a level.
func (d *Dimension) edges(k int) (lo, hi float64) {
	if d.Int && d.Log {
		at := func(v float64) float64 { return portable.Log(v/(d.Low-0.5)) / d.span() }
		return at(d.Low + float64(k) - 0.5), at(d.Low + float64(k) + 0.5)
	}
	n := float64(d.levels())
	return float64(k) / n, float64(k+1) / n
}

// span is the width by the logarithm.
func (d *Dimension) span() float64 {
	if d.Int {
		return portable.Log((d.High + 0.5) / (d.Low - 0.5))
	}
	return portable.Log(d.High / d.Low)
}

// center returns the middle of all coordinates that stand for the same value.
func (d *Dimension) center(u float64) float64 {
	if d.levels() == 0 {
		return u
	}
	lo, hi := d.edges(d.level(u))
	return (lo + hi) / 2
}

// text returns the value at a coordinate.
func (d *Dimension) text(u float64) string {
	u = min(max(u, 0), 1)
	switch {
	case d.Choices != nil:
		return d.Choices[d.level(u)]
	case d.levels() > 0:
		v := d.Low + float64(float64(d.level(u))*d.step())
		return strconv.FormatFloat(significant(v, 12), 'g', -1, 64)
	case d.Log:
		v := float64(d.Low * portable.Exp(u*d.span()))
		return d.short(v, float64(v*d.span()))
	}
	width := d.High - d.Low
	return d.short(d.Low+float64(u*width), width)
}

// short writes a number with the fewest digits, four at least, that are right to a
// two-thousandth of a width.
func (d *Dimension) short(v, width float64) string {
	r := v
	for digits := 4; digits < 17; digits++ {
		if r = significant(v, digits); math.Abs(r-v) <= width/2000 {
			break
		}
	}
	return strconv.FormatFloat(min(max(r, d.Low), d.High), 'g', -1, 64)
}

func significant(v float64, digits int) float64 {
	r, _ := strconv.ParseFloat(strconv.FormatFloat(v, 'g', digits, 64), 64) // reads what it wrote
	return r
}
