package curves

import (
	"math"
	"strconv"

	"github.com/descent-go/descent/internal/portable"
	"github.com/descent-go/descent/record"
)

// Values are the coordinates of points. In JSON what is not finite is null: the
// line breaks there.
type Values []float64

// MarshalJSON writes the shortest decimals that read back to the same bits.
func (v Values) MarshalJSON() ([]byte, error) {
	b := append(make([]byte, 0, 2+18*len(v)), '[')
	for i, x := range v {
		if i > 0 {
			b = append(b, ',')
		}
		switch {
		case x-x != 0:
			b = append(b, "null"...)
		case x == math.Trunc(x) && math.Abs(x) < 1<<53:
			b = strconv.AppendInt(b, int64(x), 10)
		default:
			b = strconv.AppendFloat(b, x, 'g', -1, 64)
		}
	}
	return append(b, ']'), nil
}

// A Line is a sequence of points. A point whose Y is not finite is a gap.
type Line struct {
	X Values `json:"x"`
	Y Values `json:"y"`
}

func (l *Line) add(x, y float64) { l.X, l.Y = append(l.X, x), append(l.Y, y) }

// thin returns the points of a line that a picture shows: in each of its columns
// the lowest, the highest and the first that is not finite, and the first and the
// last of all, in their order. A line with at most two points for each of n
// columns stays as it is. Where y is absent there is no point.
func thin(x, y []float64, w Window, n int) Line {
	var l Line
	have := count(y)
	if have == 0 {
		return Line{Values{}, Values{}}
	}
	l.X, l.Y = make(Values, 0, min(have, 3*n)), make(Values, 0, min(have, 3*n))
	if have <= 2*n {
		for i, v := range y {
			if !record.Absent(v) {
				l.add(x[i], v)
			}
		}
		return l
	}
	column := func(float64) int { return 0 } // all at one place
	if x[len(x)-1] > x[0] {
		column = w.columns(x[0], x[len(x)-1], n)
	}
	low, high, bad, first := -1, -1, -1, -1
	put := func(at ...int) {
		last := -1
		for range at { // in their order; there are few
			next := -1
			for _, i := range at {
				if i > last && (next < 0 || i < next) {
					next = i
				}
			}
			if next < 0 {
				return
			}
			l.add(x[next], y[next])
			last = next
		}
	}
	now, latest := math.MinInt, -1
	for i, v := range y {
		if record.Absent(v) {
			continue
		}
		if k := column(x[i]); k != now {
			if now != math.MinInt {
				put(low, high, bad, first)
				first = -1
			} else {
				first = i
			}
			now, low, high, bad = k, -1, -1, -1
		}
		latest = i
		switch {
		case v-v != 0:
			if bad < 0 {
				bad = i
			}
		case low < 0:
			low, high = i, i
		case v < y[low]:
			low = i
		case v > y[high]:
			high = i
		}
	}
	put(low, high, bad, first, latest)
	return l
}

// A Mean is an exponential moving average without the bias of its beginning
// towards zero: mₜ = β·mₜ₋₁ + (1−β)·yₜ, over 1 − βᵗ. What is not finite is
// passed over.
type Mean struct {
	beta, sum, weight float64
}

// NewMean returns an average with a decay in [0, 1).
func NewMean(beta float64) Mean { return Mean{beta: beta, weight: 1} }

// Add returns the average with one more value.
func (m *Mean) Add(y float64) float64 {
	if y-y != 0 {
		return y
	}
	return m.add(y, m.beta)
}

// add adds what has a share of 1 − beta.
func (m *Mean) add(y, beta float64) float64 {
	m.sum = float64(beta*m.sum) + float64((1-beta)*y)
	if m.weight *= beta; m.weight < 1e-20 {
		m.weight = 0 // 1 − weight is 1, and numbers near the smallest are slow
		return m.sum
	}
	return m.sum / (1 - m.weight)
}

// AddAll calls each with the averages at the first rows of a column, whose numbers
// are y. A row that stands for n counts as their mean n times.
func (m *Mean) AddAll(r *record.Rows, name string, y []float64, each func(i int, average float64)) {
	means, many := r.Means(name)
	for i, v := range y {
		switch {
		case i >= len(many) || many[i] == 1 && means[i] == v:
			v = m.Add(v)
		case many[i] > 0:
			average := m.add(means[i], portable.Pow(m.beta, float64(many[i])))
			if v-v == 0 {
				v = average
			}
		}
		each(i, v)
	}
}

// smooth returns the averages of a column, whose numbers are y.
func smooth(r *record.Rows, name string, y []float64, beta float64) []float64 {
	m := NewMean(beta)
	out := make([]float64, len(y))
	m.AddAll(r, name, y, func(i int, average float64) { out[i] = average })
	return out
}
