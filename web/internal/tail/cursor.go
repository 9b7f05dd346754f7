package tail

import (
	"bytes"
	"io"
	"iter"
	"os"
)

// A Cursor is a place in a file that somebody reads from. It is for one
// goroutine at a time.
type Cursor struct {
	hub    *Hub
	reader *reader
	place  Place
	age    int // of the reader, when the cursor last agreed with it
	buf    []byte

	doubtful bool // the place came from outside and has not been looked up
}

// A Batch is what a cursor has read.
type Batch struct {
	// Rewound says that the file was cut back, or is another one: what was read
	// before is void, but for what lies before From.
	Rewound bool
	// From is where the lines begin, To where they end.
	From, To Place
	// Lines are whole lines, each with its end. They are valid until the next
	// Read and not to be changed. There are none when nothing is new.
	Lines []byte
}

// Each yields the lines, without their ends, with the places behind them.
func (b *Batch) Each() iter.Seq2[Place, []byte] {
	return func(yield func(Place, []byte) bool) {
		at := b.From
		for line := range bytes.Lines(b.Lines) {
			at = at.after(line)
			if !yield(at, line[:len(line)-1]) {
				return
			}
		}
	}
}

// Place is where the next Read begins.
func (c *Cursor) Place() Place { return c.place }

// Look looks at the file at once, so that Read has all that it has now.
func (c *Cursor) Look() { c.reader.look() }

// Close lets go of the file. The cursor cannot be used any more.
func (c *Cursor) Close() {
	if c.reader != nil {
		c.hub.release(c.reader)
		c.reader = nil
	}
}

var open = func() chan struct{} {
	c := make(chan struct{})
	close(c)
	return c
}()

// Ready returns a channel that is closed when Read may have something new. Ask
// for it again after every Read.
func (c *Cursor) Ready() <-chan struct{} {
	r := c.reader
	r.mu.Lock()
	defer r.mu.Unlock()
	if c.age != r.age || c.place.Offset < r.end.Offset || c.doubtful {
		return open
	}
	return r.changed
}

// Read returns whole lines of at most most bytes together, or one that is
// longer. It does not wait: a batch without lines that is not Rewound says that
// there is nothing new. An error, such as that of a file that cannot be read or
// has a line of more than Longest bytes, may pass.
func (c *Cursor) Read(most int) (Batch, error) {
	rewound := false
	for {
		text, holds, err := c.read(most)
		if holds || err != nil {
			b := Batch{Rewound: rewound, From: c.place, Lines: text}
			c.place = c.place.afterAll(text)
			b.To = c.place
			return b, err
		}
		rewound = c.back() || rewound
	}
}

// back takes a cursor whose place may be none of the file's any more to where it can
// read on, and reports whether that lies before.
func (c *Cursor) back() bool {
	r := c.reader
	r.mu.Lock()
	defer r.mu.Unlock()
	to := Place{}
	if r.age == c.age+1 {
		to = r.stays
		if c.age = r.age; c.place.Offset <= to.Offset {
			return false // it was behind, and is where it was
		}
	}
	c.age, c.place, c.doubtful = r.age, to, false
	return true
}

// read reads from what the reader keeps, else from the file. It returns false
// when the cursor's place is none of the file's any more.
func (c *Cursor) read(most int) (text []byte, holds bool, err error) {
	r := c.reader
	r.mu.Lock()
	age, begins, end, kept, failed := r.age, r.begins, r.end, r.kept, r.err
	r.mu.Unlock()
	switch {
	case c.age != age || c.place.Offset > end.Offset:
		return nil, false, nil
	case c.place.Offset >= begins.Offset && !c.doubtful:
		seen := kept[:c.place.Offset-begins.Offset]
		return fit(kept[len(seen):], most), begins.afterAll(seen) == c.place, failed
	}
	text, holds, err = c.far(most, end.Offset)
	c.doubtful = c.doubtful && !(holds && err == nil)
	return text, holds, err
}

// fit returns as many whole lines as have most bytes together, at least one.
func fit(lines []byte, most int) []byte {
	if len(lines) <= most {
		return lines
	}
	if i := bytes.LastIndexByte(lines[:max(most, 0)], '\n'); i >= 0 {
		return lines[:i+1]
	}
	return lines[:nextLine(lines)]
}

// nextLine returns where the next line begins.
func nextLine(text []byte) int { return bytes.IndexByte(text, '\n') + 1 }

// far reads from the file itself, no further than the reader has seen.
func (c *Cursor) far(most int, limit int64) (text []byte, holds bool, err error) {
	f, err := os.Open(c.reader.path)
	if os.IsNotExist(err) {
		return nil, c.place.Offset == 0, nil
	}
	if err != nil {
		return nil, false, err
	}
	defer f.Close()
	if holds, err = c.place.holds(f); err != nil || !holds {
		return nil, false, err
	}
	if text, err = lines(io.NewSectionReader(f, 0, limit), c.place.Offset, most, c.buf); err != nil {
		return nil, true, err
	}
	if c.buf = text; cap(text) > 4*chunk {
		c.buf = nil
	}
	holds, err = c.place.holds(f) // still: so the lines are those behind it
	return text, holds, err
}
