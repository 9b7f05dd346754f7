package record

import (
	"fmt"
	"slices"
)

// join adds what part has, which was read from the lines that follow. There are
// about as many times more to come as ahead says.
func (c *Columns) join(part *Columns, ahead float64) {
	for _, name := range part.kinds {
		p := part.rows[name]
		r := c.kind(name, p.names)
		n := r.Len()
		if cap(r.Step) < n+p.Len() && ahead > 0 {
			more := int(min((1+ahead)*float64(p.Len()), float64(c.bound()/bytesOfRow-int64(n))))
			r.grow(max(more, p.Len()))
		}
		r.Step, r.Seconds = append(r.Step, p.Step...), append(r.Seconds, p.Seconds...)
		r.End = append(r.End, p.End...)
		r.Examples = slices.Grow(r.Examples, len(p.Examples))
		for _, v := range p.Examples {
			r.Examples = append(r.Examples, v+c.examples)
		}
		for i, v := range p.columns {
			switch {
			case v == nil && r.columns[i] == nil:
				continue
			case v == nil:
				v = missing(nil, p.Len())
			case r.columns[i] == nil:
				r.columns[i] = missing(make([]float64, 0, cap(r.Step)), n)
			}
			r.columns[i] = append(r.columns[i], v...)
		}
		if name == stepKind {
			for _, row := range part.Skipped {
				c.Skipped = append(c.Skipped, row+n)
			}
		}
	}
	for _, m := range part.Marks {
		m.Examples += c.examples
		c.Marks = append(c.Marks, m)
	}
	if part.Began {
		c.Began, c.PerEpoch, c.Planned, c.Finished = true, part.PerEpoch, part.Planned, false
	}
	c.Finished = c.Finished || part.Finished
	c.Clipped += part.Clipped
	c.Skips += part.Skips
	c.examples += part.examples
	if c.Problem == "" && part.Problem != "" {
		c.Problem = fmt.Sprintf("%s:%d: %s", EventsFile, c.lines+part.broken, part.Problem)
	}
	c.lines += part.lines
}

// bytesOfRow is about how much memory a row takes.
const bytesOfRow = 64

// grow makes room for n more rows.
func (r *Rows) grow(n int) {
	r.Step, r.Seconds = slices.Grow(r.Step, n), slices.Grow(r.Seconds, n)
	r.Examples, r.End = slices.Grow(r.Examples, n), slices.Grow(r.End, n)
	for i, v := range r.columns {
		if v != nil {
			r.columns[i] = slices.Grow(v, n)
		}
	}
}
