package record

import (
	"bytes"
	"hash/crc32"
	"io"
	"math"
	"slices"
	"sort"
)

// A stop is what columns were at a place of their log, so that they can go back
// there when the log was cut back behind it. A log is appended to and cut, and never
// written over: when the part before a place is the same, so is all before that.
type stop struct {
	size int64
	sum  uint32 // of the bytes since the stop before
	last []byte // those before size, as in Columns

	lines, broken            int
	problem                  string
	examples, clipped, skips int64
	skipped, marks, kinds    int
	began, finished          bool
	perEpoch, planned        int64
}

const (
	// stopEvery is how many bytes of the log lie between two stops, at least.
	stopEvery = 1 << 20
	// mostCompared is how many bytes of the log may be looked at to find out what of
	// them is the same.
	mostCompared = 64 << 20
)

var stopTable = crc32.MakeTable(crc32.Castagnoli)

// stop makes a stop here if it is due.
func (c *Columns) stop() {
	every := c.every
	if every == 0 {
		every = stopEvery
	}
	if c.size-c.stopBefore(len(c.stops)) < every {
		return
	}
	c.stops = append(c.stops, stop{
		size: c.size, sum: c.sum, last: c.last,
		lines: c.lines, broken: c.broken, problem: c.Problem, examples: c.examples, clipped: c.Clipped, skips: c.Skips,
		skipped: len(c.Skipped), marks: len(c.Marks), kinds: len(c.kinds),
		began: c.Began, finished: c.Finished, perEpoch: c.PerEpoch, planned: c.Planned,
	})
	c.sum = 0
}

// stopBefore returns where stop n begins.
func (c *Columns) stopBefore(n int) int64 {
	if n == 0 {
		return 0
	}
	return c.stops[n-1].size
}

// back goes back to the last stop that is one of the log as it is now, or to the
// beginning, and returns what is lost by that, nil where that is too much.
func (c *Columns) back(f io.ReaderAt) (lost *tails) {
	c.cut = cut{}
	n := len(c.stops)
	for n > 0 && !c.stops[n-1].holds(f, c.stopBefore(n-1)) {
		n--
	}
	if from := c.stopBefore(n); c.size-from <= mostCompared && (n > 0 || c.grain == 0) {
		lost = c.tails(from)
	}
	if n == 0 {
		c.reset()
		return lost
	}
	s := &c.stops[n-1]
	c.reading++
	c.size, c.last, c.sum, c.stops = s.size, s.last, 0, c.stops[:n]
	c.lines, c.broken, c.Problem, c.examples, c.Clipped, c.Skips = s.lines, s.broken, s.problem, s.examples, s.clipped, s.skips
	c.Began, c.Finished, c.PerEpoch, c.Planned = s.began, s.finished, s.perEpoch, s.planned
	c.Skipped, c.Marks = c.Skipped[:s.skipped], c.Marks[:s.marks]
	for _, name := range c.kinds[s.kinds:] {
		if delete(c.rows, name); name == stepKind {
			c.steps = nil
		}
	}
	c.kinds = c.kinds[:s.kinds]
	for _, r := range c.rows {
		r.truncate(r.before(s.size))
	}
	return lost
}

// holds reports whether the log has the stop, and before it the same bytes from a
// place on.
func (s *stop) holds(f io.ReaderAt, from int64) bool {
	if trace, err := traceAt(f, s.size); err != nil || !bytes.Equal(trace, s.last) {
		return false
	}
	sum := crc32.New(stopTable)
	n, err := io.Copy(sum, io.NewSectionReader(f, from, s.size-from))
	return err == nil && n == s.size-from && sum.Sum32() == s.sum
}

// before returns how many rows lie before a place of the log.
func (r *Rows) before(size int64) int {
	return sort.Search(r.Len(), func(i int) bool { return r.End[i] > size })
}

// truncate drops the rows from n on.
func (r *Rows) truncate(n int) {
	r.Step, r.Seconds, r.Examples, r.End = r.Step[:n], r.Seconds[:n], r.Examples[:n], r.End[:n]
	for i, v := range r.columns {
		switch {
		case v == nil:
		case slices.ContainsFunc(v[:n], func(v float64) bool { return !Absent(v) }):
			r.columns[i] = v[:n]
		default:
			r.room[i], r.columns[i] = v[:0], nil
		}
	}
}

// tails are the rows and marks that columns had behind a place.
type tails struct {
	place   string
	from    int64
	rows    map[string]*Rows
	first   map[string]int // number of the first of the rows
	skipped []int
	marks   []Mark
	kept    int // marks before
}

func (c *Columns) tails(from int64) *tails {
	t := &tails{place: c.Place(), from: from, rows: map[string]*Rows{}, first: map[string]int{}}
	for name, r := range c.rows {
		n := r.before(from)
		tail := &Rows{
			Step: slices.Clone(r.Step[n:]), Seconds: slices.Clone(r.Seconds[n:]), Examples: slices.Clone(r.Examples[n:]), End: slices.Clone(r.End[n:]),
			columns: make([][]float64, len(r.columns)),
		}
		for i, v := range r.columns {
			if v != nil {
				tail.columns[i] = slices.Clone(v[n:])
			}
		}
		t.rows[name], t.first[name] = tail, n
		if name == stepKind {
			t.skipped = slices.Clone(c.Skipped[sort.SearchInts(c.Skipped, n):])
		}
	}
	t.kept = sort.Search(len(c.Marks), func(i int) bool { return c.Marks[i].End > from })
	t.marks = slices.Clone(c.Marks[t.kept:])
	return t
}

// A cut is one of a log that took no row away, and only marks.
type cut struct {
	from  string // the place where reading had come to
	to    int64  // bytes of the log that are the same
	marks int    // that were taken away
}

// since says what of the tails is still there, the zero cut when a row is not.
func (c *Columns) since(t *tails) cut {
	to := t.from
	for name, old := range t.rows {
		now, first := c.rows[name], t.first[name]
		if old.Len() == 0 {
			continue
		}
		if now == nil || !old.begins(now, first) {
			return cut{}
		}
		to = max(to, old.End[old.Len()-1])
	}
	now, kept := c.Marks[t.kept:], 0
	for kept < len(t.marks) && kept < len(now) && sameMark(t.marks[kept], now[kept]) {
		to = max(to, now[kept].End)
		kept++
	}
	for name, r := range c.rows { // what has come lies behind all that is the same
		old := t.first[name]
		if tail := t.rows[name]; tail != nil {
			old += tail.Len()
		}
		if old < r.Len() && r.End[old] <= to {
			return cut{}
		}
	}
	if kept < len(now) && now[kept].End <= to || !slices.Equal(t.skipped, c.skippedIn(t)) {
		return cut{}
	}
	return cut{from: t.place, to: to, marks: len(t.marks) - kept}
}

// skippedIn returns the rows that were skipped of those that the tails have.
func (c *Columns) skippedIn(t *tails) []int {
	first := t.first[stepKind]
	end := first
	if r := t.rows[stepKind]; r != nil {
		end += r.Len()
	}
	return c.Skipped[sort.SearchInts(c.Skipped, first):sort.SearchInts(c.Skipped, end)]
}

// begins reports whether rows are those of others from the first one on.
func (r *Rows) begins(others *Rows, first int) bool {
	n := r.Len()
	if others.Len() < first+n {
		return false
	}
	same := slices.Equal(r.Step, others.Step[first:first+n]) && slices.Equal(r.Examples, others.Examples[first:first+n]) &&
		slices.Equal(r.End, others.End[first:first+n]) && slices.EqualFunc(r.Seconds, others.Seconds[first:first+n], sameBits)
	for i, v := range r.columns {
		w := others.columns[i]
		for k := 0; same && k < n; k++ {
			a, b := None, None
			if v != nil {
				a = v[k]
			}
			if w != nil {
				b = w[first+k]
			}
			same = sameBits(a, b)
		}
	}
	return same
}

func sameBits(a, b float64) bool { return math.Float64bits(a) == math.Float64bits(b) }

func sameMark(a, b Mark) bool {
	same := sameBits(a.Loss, b.Loss) && sameBits(a.Seconds, b.Seconds)
	a.Loss, b.Loss, a.Seconds, b.Seconds = 0, 0, 0, 0
	return same && a == b
}

// Rejoin is for a reader whose place is in the log no more, because it was cut back
// there. When all rows up to the place are still there, ok is true: the reader
// misses those behind size, and has to drop its last marks, so many.
func (c *Columns) Rejoin(place string) (size int64, marks int, ok bool) {
	return c.cut.to, c.cut.marks, place != "" && c.cut.from == place
}
