package record

import (
	"math"
	"slices"
	"sort"
)

const (
	// MostHeld is about how many bytes of memory the rows of a log take, however long
	// it is: those of four million steps and more. Of a longer one the rows in
	// the middle are thinned.
	MostHeld = 256 << 20
	// What stays as it is, in bytes of the log: the beginning, which is most of a
	// logarithmic axis, and the end, to which reading may have to go back. At most an
	// eighth and a quarter of the log.
	exactFirst, exactLast = 8 << 20, 64 << 20
	// firstGrain is the part of the log, in bytes, that is thinned together at first.
	firstGrain = 8 << 10
	// mostMarks is how many marks are kept: the last ones, and up to twice as many.
	mostMarks = 1 << 15
)

// A span is what the rows of a column stand for, their own numbers included, as far
// as they are thinned.
type span struct {
	mean []float64 // of the finite numbers since the row before
	n    []int32   // how many these are
}

// Means returns what the first rows of a column stand for since the log has been
// thinned: the mean of the numbers since the row before, its own included, and how
// many these are. What is not finite is not counted. Both are empty while rows stand
// for themselves alone, and end where they do. The rows that are left have the lowest
// and the highest number of each column in each grain, and the first that is not
// finite.
func (r *Rows) Means(name string) (mean []float64, n []int32) {
	if i := slices.Index(r.names, name); i >= 0 && r.spans != nil {
		return r.spans[i].mean, r.spans[i].n
	}
	return nil, nil
}

func (c *Columns) bound() int64 {
	if c.Most > 0 {
		return c.Most
	}
	return MostHeld
}

// held returns about how much memory rows need.
func (c *Columns) held() int64 {
	n := int64(len(c.Skipped)) * 8
	for _, r := range c.rows {
		n += 8 * int64(len(r.Step)) * 4
		for _, v := range r.columns {
			n += 8 * int64(len(v))
		}
		for _, s := range r.spans {
			n += 12 * int64(len(s.mean))
		}
	}
	return n
}

// thin drops rows when there are too many, evenly over the log.
func (c *Columns) thin() {
	if n := len(c.Marks) - mostMarks; n > mostMarks {
		c.reading++
		c.Marks = append(c.Marks[:0], c.Marks[n:]...)
		for i := range c.stops {
			c.stops[i].marks = max(0, c.stops[i].marks-n)
		}
	}
	if c.held() <= c.bound() {
		return
	}
	from, to := min(exactFirst, c.size/8), c.size-min(exactLast, c.size/4)
	for c.grain = max(c.grain, firstGrain); ; c.grain *= 2 {
		for _, name := range c.kinds {
			var skipped *[]int
			if name == stepKind {
				skipped = &c.Skipped
			}
			c.rows[name].thin(from, to, c.grain, skipped)
		}
		if c.held() <= c.bound()/4*3 || c.grain > to {
			break
		}
	}
	c.reading++
	c.stops = slices.DeleteFunc(c.stops, func(s stop) bool { return s.size < to })
	for i := range c.stops { // their rows have other numbers now
		c.stops[i].skipped = sort.SearchInts(c.Skipped, c.Steps().before(c.stops[i].size))
	}
}

// thin leaves of the rows between two places of the log those that a picture may not
// lose, in each grain; the rest goes into means.
func (r *Rows) thin(from, to, grain int64, skipped *[]int) {
	lo, hi := r.before(from), r.before(to)
	if r.spans == nil {
		r.spans = make([]span, len(r.columns))
	}
	out := make([]bool, hi) // rows that were skipped
	if skipped != nil {
		for _, i := range *skipped {
			if i < hi {
				out[i] = true
			}
		}
	}
	sums := make([]float64, len(r.columns))
	counts := make([]int32, len(r.columns))
	for k, v := range r.columns {
		s := &r.spans[k]
		if v == nil {
			continue
		}
		for i := len(s.mean); i < hi; i++ {
			if s.mean, s.n = append(s.mean, 0), append(s.n, 0); v[i]-v[i] == 0 && !out[i] {
				s.mean[i], s.n[i] = v[i], 1
			}
		}
	}
	end := lo
	var left []int // skipped rows
	if skipped != nil {
		left = (*skipped)[:sort.SearchInts(*skipped, lo)]
	}
	keep := make([]bool, 0, 64)
	for i := lo; i < hi; {
		j := i + 1
		for j < hi && r.End[j]/grain == r.End[i]/grain {
			j++
		}
		keep = r.choose(keep[:0], i, j, out)
		for at := i; at < j; at++ {
			for k := range r.columns {
				if s := &r.spans[k]; at < len(s.n) && s.n[at] > 0 {
					sums[k] += float64(s.mean[at] * float64(s.n[at]))
					counts[k] += s.n[at]
				}
			}
			if !keep[at-i] {
				continue
			}
			if out[at] {
				left = append(left, end)
			}
			r.move(end, at)
			for k := range r.columns {
				if s := &r.spans[k]; at < len(s.n) {
					if s.mean[end], s.n[end] = 0, counts[k]; counts[k] > 0 {
						s.mean[end] = sums[k] / float64(counts[k])
					}
				}
				sums[k], counts[k] = 0, 0
			}
			end++
		}
		i = j
	}
	for k := range r.spans {
		if s := &r.spans[k]; len(s.mean) > end {
			s.mean, s.n = s.mean[:end], s.n[:end]
		}
	}
	if skipped != nil {
		for _, i := range (*skipped)[sort.SearchInts(*skipped, hi):] {
			left = append(left, i-hi+end)
		}
		*skipped = left
	}
	n := r.Len()
	for at := hi; at < n; at++ {
		r.move(end, at)
		end++
	}
	r.truncate(end)
}

// choose tells which of the rows from i to j stay: of each column the lowest, the
// highest and the first that is not finite, the first that was skipped, and the last.
func (r *Rows) choose(keep []bool, i, j int, out []bool) []bool {
	keep = append(keep, make([]bool, j-i)...)
	keep[j-i-1] = true
	for at := i; at < j; at++ {
		if out[at] {
			keep[at-i] = true
			break
		}
	}
	for _, v := range r.columns {
		if v == nil {
			continue
		}
		low, high, bad := -1, -1, -1
		for at := i; at < j; at++ {
			switch y := v[at]; {
			case Absent(y) || out[at]:
			case math.IsNaN(y) || math.IsInf(y, 0):
				if bad < 0 {
					bad = at
				}
			default:
				if low < 0 || y < v[low] {
					low = at
				}
				if high < 0 || y > v[high] {
					high = at
				}
			}
		}
		for _, at := range [...]int{low, high, bad} {
			if at >= 0 {
				keep[at-i] = true
			}
		}
	}
	return keep
}

// move puts a row in the place of an earlier one.
func (r *Rows) move(to, from int) {
	r.Step[to], r.Seconds[to], r.Examples[to], r.End[to] = r.Step[from], r.Seconds[from], r.Examples[from], r.End[from]
	for _, v := range r.columns {
		if v != nil {
			v[to] = v[from]
		}
	}
}
