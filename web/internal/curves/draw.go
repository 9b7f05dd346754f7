package curves

import (
	"math"
	"slices"
	"sort"

	"github.com/descent-go/descent/record"
	"github.com/descent-go/descent/train"
)

// An Ask says what to draw.
type Ask struct {
	Axis    Axis
	Metrics []string // columns of the log; those that a run does not have are left out
	Width   int      // columns of the picture, at least 1
	Smooth  float64  // decay of the average, in [0, 1); 0 is none
	Window  Window
}

// A Curve is a column of a run's log as a picture shows it.
type Curve struct {
	Metric string `json:"metric"`
	Line
	// Smooth is the average over all points of the log, thinned like the line.
	Smooth *Line `json:"smooth,omitempty"`
	// Points is how many the log has in the window.
	Points int `json:"points"`
	// Bad are places where there is no number to draw, one for each column of the
	// picture that has some.
	Bad []Bad `json:"bad,omitempty"`
}

// Bad is a value that is not finite, or a step that was skipped.
type Bad struct {
	X       float64    `json:"x"`
	Step    int64      `json:"step"`
	Value   train.Real `json:"value"`
	Skipped bool       `json:"skipped,omitempty"`
	More    int        `json:"more,omitempty"` // in the same column of the picture
}

// A Mark is an event beside the curves.
type Mark struct {
	Kind string      `json:"kind"` // resumed, checkpoint, oscillating, diverged or finished
	X    float64     `json:"x"`
	Step int64       `json:"step"`
	Text string      `json:"text"`
	Loss *train.Real `json:"loss,omitempty"` // of the step that diverged
}

// mostMarks is how many marks of a kind are shown: the last ones.
const mostMarks = 200

// Draw returns the curves of a run.
func Draw(c *record.Columns, ask Ask) []Curve {
	list := []Curve{}
	places := map[*record.Rows][]float64{}
	for _, name := range ask.Metrics {
		r, y, ok := c.Column(name)
		if !ok {
			continue
		}
		x := places[r]
		if x == nil {
			x = ask.Axis.along(c, r, 0, r.Len())
			places[r] = x
		}
		y, skipped := applied(c, r, y, 0)
		from, to := ask.Window.rows(x)
		curve := Curve{Metric: name, Line: thin(x[from:to], y[from:to], ask.Window, ask.Width)}
		curve.Points = points(r, name, y, from, to)
		curve.Bad = bad(r, x[from:to], y[from:to], skipped, from, ask)
		if ask.Smooth > 0 {
			l := thin(x[from:to], smooth(r, name, y, ask.Smooth)[from:to], ask.Window, ask.Width)
			curve.Smooth = &l
		}
		list = append(list, curve)
	}
	return list
}

// count returns how many numbers there are.
func count(y []float64) (n int) {
	for _, v := range y {
		if !record.Absent(v) {
			n++
		}
	}
	return n
}

// points returns how many numbers the log has where rows from one to another stand.
func points(r *record.Rows, name string, y []float64, from, to int) (n int) {
	_, many := r.Means(name)
	for i := from; i < to; i++ {
		finite := y[i]-y[i] == 0
		if i < len(many) {
			n += int(many[i])
		} else if finite {
			n++
		}
		if !finite && !record.Absent(y[i]) {
			n++
		}
	}
	return n
}

// applied returns a column from a row on without the steps that were skipped,
// and those, with their rows. A figure of the command line leaves them out too.
func applied(c *record.Columns, r *record.Rows, y []float64, from int) (end []float64, skipped map[int]float64) {
	y = y[from:]
	if r != c.Steps() {
		return y, nil
	}
	if rows := c.Skipped[sort.SearchInts(c.Skipped, from):]; len(rows) > 0 {
		y, skipped = slices.Clone(y), make(map[int]float64, len(rows))
		for _, i := range rows {
			skipped[i] = y[i-from]
			y[i-from] = record.None
		}
	}
	return y, skipped
}

// bad returns what a picture marks instead of drawing it, in rows that begin
// with one.
func bad(r *record.Rows, x, y []float64, skipped map[int]float64, from int, ask Ask) []Bad {
	var list []Bad
	var column func(float64) int
	now := math.MinInt
	for i, v := range y {
		b := Bad{Value: train.Real(v)}
		if v-v == 0 {
			continue
		}
		if record.Absent(v) {
			was, ok := skipped[from+i]
			if !ok {
				continue
			}
			b.Value, b.Skipped = train.Real(was), true
		}
		if column == nil {
			column = ask.Window.columns(x[0], max(x[len(x)-1], math.Nextafter(x[0], math.Inf(1))), ask.Width)
		}
		if k := column(x[i]); len(list) > 0 && k == now {
			list[len(list)-1].More++
		} else {
			now = k
			b.X, b.Step = x[i], r.Step[from+i]
			list = append(list, b)
		}
	}
	return list
}

// Marks returns the events beside the curves, of each kind the last few.
func Marks(c *record.Columns, axis Axis) []Mark {
	return MarksFrom(c, axis, 0)
}

// MarksFrom returns the events that the log has after so many bytes.
func MarksFrom(c *record.Columns, axis Axis, size int64) []Mark {
	list := []Mark{}
	seen := map[string]int{}
	for _, m := range slices.Backward(c.Marks) {
		if m.End <= size {
			break
		}
		if seen[m.Kind]++; seen[m.Kind] > mostMarks {
			continue
		}
		mark := Mark{Kind: m.Kind, X: axis.at(c.PerEpoch, m.Step, m.Examples, m.Seconds), Step: m.Step, Text: m.Text}
		if !record.Absent(m.Loss) {
			loss := train.Real(m.Loss)
			mark.Loss = &loss
		}
		list = append(list, mark)
	}
	slices.Reverse(list)
	return list
}
