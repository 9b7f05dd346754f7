package curves

import (
	"math"
	"slices"

	"github.com/descent-go/descent/figure"
	"github.com/descent-go/descent/record"
)

// A Band is what runs of a group have in common: the median, between the lowest
// and the highest or, of five runs and more, the quartiles.
type Band struct {
	Metric string `json:"metric"`
	X      Values `json:"x"`
	Mid    Values `json:"mid"`
	Low    Values `json:"low"`
	High   Values `json:"high"`
	Edges  string `json:"edges"` // what Low and High are
	Runs   int    `json:"runs"`  // that have the metric
}

// Group returns the bands of some runs, one for each metric that one of them has.
//
// The places are those that the runs have; when there are more than a picture has
// columns, they are as many as that at even distances, and a run's value there is
// the mean of its points nearby or, between points, on the line that joins them.
// A run counts from its first point to its last; one that diverged counts as above
// all others from there on.
func Group(runs []*record.Columns, ask Ask) []Band {
	list := []Band{}
	for _, name := range ask.Metrics {
		var lines []track
		for _, c := range runs {
			if t, ok := trackOf(c, name, ask); ok {
				lines = append(lines, t)
			}
		}
		if len(lines) > 0 {
			b := bandOf(lines, ask)
			b.Metric = name
			list = append(list, b)
		}
	}
	return list
}

// A track is the finite points of a run's column.
type track struct {
	x, y []float64
	mean []float64 // of what the first points stand for
	n    []float64 // and how many these are
	lost bool      // it diverged at the end
}

func trackOf(c *record.Columns, name string, ask Ask) (track, bool) {
	r, y, ok := c.Column(name)
	if !ok {
		return track{}, false
	}
	x := ask.Axis.along(c, r, 0, r.Len())
	y, _ = applied(c, r, y, 0)
	if ask.Smooth > 0 {
		y = smooth(r, name, y, ask.Smooth)
	}
	mean, n := r.Means(name)
	var t track
	for _, m := range c.Marks {
		t.lost = m.Kind == "diverged" || t.lost && m.Kind != "resumed"
	}
	from, to := ask.Window.rows(x)
	t.lost = t.lost && to == len(x)
	for i := from; i < to; i++ {
		if v := y[i]; v-v == 0 {
			t.x, t.y = append(t.x, x[i]), append(t.y, v)
			if i < len(n) {
				here := mean[i]
				if ask.Smooth > 0 {
					here = v
				}
				t.mean, t.n = append(t.mean, here), append(t.n, float64(n[i]))
			}
		}
	}
	return t, len(t.x) > 0
}

// places returns where a band has points.
func places(lines []track, ask Ask) []float64 {
	var all []float64
	lo, hi, exact := math.Inf(1), math.Inf(-1), true
	for _, t := range lines {
		lo, hi = min(lo, t.x[0]), max(hi, t.x[len(t.x)-1])
		if exact = exact && len(t.x) <= 2*ask.Width; exact {
			all = append(all, t.x...)
		}
	}
	slices.Sort(all)
	if all = slices.Compact(all); exact && len(all) <= 2*ask.Width {
		return all
	}
	n := ask.Width
	all = make([]float64, n+1)
	for i := range all {
		s := float64(i) / float64(n)
		if all[i] = lo + float64(s*(hi-lo)); ask.Window.Log && hi > 0 {
			from := lo
			if lo <= 0 {
				from = min(1, hi/2)
			}
			all[i] = math.Exp(math.Log(from) + float64(s*(math.Log(hi)-math.Log(from))))
		}
	}
	all[n] = hi
	return all
}

func bandOf(lines []track, ask Ask) Band {
	at := places(lines, ask)
	b := Band{X: at, Edges: "lowest to highest", Runs: len(lines)}
	low, high := 0.0, 1.0
	if len(lines) >= 5 {
		b.Edges, low, high = "lower to upper quartile", 0.25, 0.75
	}
	values := make([][]float64, len(lines))
	for k, t := range lines {
		values[k] = t.sample(at)
	}
	b.Low, b.Mid, b.High = make(Values, len(at)), make(Values, len(at)), make(Values, len(at))
	var here []float64
	for i := range at {
		here = here[:0]
		for k := range values {
			if v := values[k][i]; !record.Absent(v) {
				here = append(here, v)
			}
		}
		if len(here) == 0 {
			b.Low[i], b.Mid[i], b.High[i] = math.NaN(), math.NaN(), math.NaN()
			continue
		}
		slices.Sort(here)
		b.Low[i], b.Mid[i], b.High[i] = figure.Quantile(here, low), figure.Quantile(here, 0.5), figure.Quantile(here, high)
	}
	return b
}

// sample returns the track's values at places that do not fall.
func (t *track) sample(at []float64) []float64 {
	out := make([]float64, len(at))
	next := 0 // the first point that lies beyond what has been taken
	for i, x := range at {
		end := x
		if i+1 < len(at) {
			end = x + (at[i+1]-x)/2
		}
		sum, n := 0.0, 0.0
		exact := math.NaN()
		for ; next < len(t.x) && (t.x[next] <= x || t.x[next] < end); next++ {
			if next < len(t.n) {
				sum += float64(t.n[next] * t.mean[next])
				n += t.n[next]
			} else {
				sum += t.y[next]
				n++
			}
			if t.x[next] == x {
				exact = t.y[next]
			}
		}
		switch {
		case n == 1 && exact == exact:
			out[i] = exact
		case n > 0:
			out[i] = sum / n
		case next == 0:
			out[i] = record.None // it has not begun
		case next < len(t.x):
			a, b := next-1, next
			s := (x - t.x[a]) / (t.x[b] - t.x[a])
			out[i] = float64((1-s)*t.y[a]) + float64(s*t.y[b])
		case t.lost:
			out[i] = math.Inf(1)
		default:
			out[i] = record.None // it is over
		}
	}
	return out
}
