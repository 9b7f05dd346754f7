package curves

import (
	"sort"

	"github.com/descent-go/descent/record"
)

// A Follower draws what a log has got since it last looked. The zero value of
// its position is the beginning.
type Follower struct {
	ask  Ask
	at   int64 // bytes of the log that have been looked at
	done map[string]*progress
}

// A progress is how far a column has been drawn.
type progress struct {
	rows int
	mean Mean
}

// Follow returns a follower that begins after so many bytes of the log, with the
// averages as they are there.
func Follow(c *record.Columns, ask Ask, size int64) *Follower {
	ask.Window = Window{}
	f := &Follower{ask: ask, at: size, done: map[string]*progress{}}
	for _, name := range ask.Metrics {
		if r, y, ok := c.Column(name); ok {
			p := f.progress(name)
			p.rows = sort.Search(r.Len(), func(i int) bool { return r.End[i] > size })
			if ask.Smooth > 0 {
				y, _ = applied(c, r, y, 0)
				p.mean.AddAll(r, name, y[:p.rows], func(int, float64) {})
			}
		}
	}
	return f
}

func (f *Follower) progress(name string) *progress {
	p := f.done[name]
	if p == nil {
		p = &progress{mean: NewMean(f.ask.Smooth)}
		f.done[name] = p
	}
	return p
}

// At returns how many bytes of the log have been looked at.
func (f *Follower) At() int64 { return f.at }

// Next returns what has come since, nil if nothing has. When more has come than
// a picture shows it is thinned, as curves are.
func (f *Follower) Next(c *record.Columns) (curves []Curve, marks []Mark) {
	if c.Size() == f.at {
		return nil, nil
	}
	for _, name := range f.ask.Metrics {
		r, y, ok := c.Column(name)
		if !ok {
			continue
		}
		p := f.progress(name)
		from := p.rows
		if p.rows = r.Len(); from == p.rows {
			continue
		}
		y, skipped := applied(c, r, y, from)
		x := f.ask.Axis.along(c, r, from, r.Len())
		curve := Curve{Metric: name, Line: thin(x, y, Window{}, f.ask.Width), Points: count(y)}
		curve.Bad = bad(r, x, y, skipped, from, f.ask)
		if f.ask.Smooth > 0 {
			mean := make([]float64, len(y))
			for i, v := range y {
				mean[i] = p.mean.Add(v)
			}
			l := thin(x, mean, Window{}, f.ask.Width)
			curve.Smooth = &l
		}
		curves = append(curves, curve)
	}
	marks = MarksFrom(c, f.ask.Axis, f.at)
	f.at = c.Size()
	return curves, marks
}
