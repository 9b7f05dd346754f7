package record

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"io/fs"
	"runtime"
	"strconv"
	"strings"

	"github.com/descent-go/descent/train"
)

const (
	// columnBlock is how many bytes of a log a processor reads at a time.
	columnBlock = 4 << 20
	// traceLength is how many bytes before a place tell it from another.
	traceLength = 256
)

// Refresh reads what has been appended to the log. When the log was cut back, by a
// run that goes on from a checkpoint, or is another one, rewound is true, and all is
// read again that is not known to be the same. A last line that is torn is left for
// the next time. When ctx ends, what has been read by then stays.
//
// Of a log that takes more than MostHeld bytes of memory, some rows stand for their
// neighbours too: see [Rows.Means].
func (c *Columns) Refresh(ctx context.Context) (changed, rewound bool, err error) {
	for range 3 {
		again := false
		again, changed, err = c.refresh(ctx)
		if rewound = rewound || again; !errors.Is(err, errCut) {
			return changed || rewound, rewound, err
		}
		c.reset()
	}
	return true, true, nil // the next time may find more
}

// errCut says that a log was cut back while it was read.
var errCut = errors.New("the log was cut back")

func (c *Columns) refresh(ctx context.Context) (rewound, more bool, err error) {
	f, err := openOwn(c.path)
	if errors.Is(err, fs.ErrNotExist) {
		rewound = c.size > 0
		c.reset()
		return rewound, false, nil
	}
	if err != nil {
		return false, false, fmt.Errorf("record: %w", err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return false, false, fmt.Errorf("record: %w", err)
	}
	if !info.Mode().IsRegular() {
		return false, false, fmt.Errorf("record: %s is not a file", c.path)
	}
	var lost *tails
	if trace, err := traceAt(f, c.size); c.size > 0 && (err != nil || !bytes.Equal(trace, c.last)) {
		lost, rewound = c.back(f), true
	}
	was, reading := c.size, c.reading
	switch err := c.read(ctx, f, info.Size()); {
	case ctx.Err() != nil && errors.Is(err, ctx.Err()): // what has been read stays
		return rewound, c.size > was, fmt.Errorf("record: %w", err)
	case errors.Is(err, io.EOF):
		return rewound, false, errCut
	case errors.Is(err, errCut):
		return rewound, false, err
	case err != nil:
		c.reset()
		return true, true, fmt.Errorf("record: %w", err)
	}
	if lost != nil && c.reading == reading { // nothing was thinned meanwhile
		c.cut = c.since(lost)
	}
	return rewound, c.size > was, nil
}

// reset forgets everything.
func (c *Columns) reset() {
	*c = Columns{path: c.path, reading: c.reading + 1, Most: c.Most, every: c.every}
}

// Reading is another number whenever rows or marks that were there have changed: the
// log was cut back, or has become so long that it is thinned.
func (c *Columns) Reading() int { return c.reading }

// Place says how far the log has been read, as text that Holds knows again.
func (c *Columns) Place() string { return placeText(c.size, c.last) }

// Size returns how many bytes of the log have been read.
func (c *Columns) Size() int64 { return c.size }

func placeText(size int64, trace []byte) string {
	return fmt.Sprintf("%d-%08x", size, crc32.ChecksumIEEE(trace))
}

// Holds reports whether a place is one in the log as it has been read, also by
// another process, and how many bytes lie before it. A place in a log that has
// been cut back since is none.
func (c *Columns) Holds(place string) (size int64, ok bool) {
	digits, _, _ := strings.Cut(place, "-")
	size, err := strconv.ParseInt(digits, 10, 64)
	if err != nil || size < 0 || size > c.size {
		return 0, false
	}
	f, err := openOwn(c.path)
	if err != nil {
		return 0, size == 0 && place == placeText(0, nil)
	}
	defer f.Close()
	trace, err := traceAt(f, size)
	return size, err == nil && place == placeText(size, trace)
}

// traceAt returns the bytes before a place.
func traceAt(r io.ReaderAt, size int64) ([]byte, error) {
	trace := make([]byte, min(size, traceLength))
	_, err := r.ReadAt(trace, size-int64(len(trace)))
	if errors.Is(err, io.EOF) && len(trace) == 0 {
		err = nil
	}
	return trace, err
}

// traceOf returns the trace behind some text.
func traceOf(before, text []byte) []byte {
	if len(text) < traceLength {
		text = append(bytes.Clone(before), text...)
	}
	return bytes.Clone(text[max(0, len(text)-traceLength):])
}

// A block is part of a log, and what has been read from it.
type block struct {
	text []byte // whole lines
	from int64
	part Columns
	done chan struct{}
}

// read reads the whole lines of the log up to end, several blocks at a time.
func (c *Columns) read(ctx context.Context, r io.ReaderAt, end int64) error {
	var busy, spare []*block
	first := func() {
		b := busy[0]
		busy = busy[1:]
		<-b.done
		c.take(b, end)
		spare = append(spare, b)
	}
	defer func() {
		for _, b := range busy {
			<-b.done
		}
	}()
	before := c.last
	for at, want := c.size, int64(columnBlock); at < end; {
		if err := ctx.Err(); err != nil {
			return err
		}
		n := min(end-at, want)
		b := &block{}
		if k := len(spare); k > 0 {
			b, spare = spare[k-1], spare[:k-1]
			b.part.clear()
		}
		if int64(cap(b.text)) < n {
			b.text = make([]byte, n)
		}
		b.text = b.text[:n]
		if _, err := r.ReadAt(b.text, at); err != nil {
			return err
		}
		whole := bytes.LastIndexByte(b.text, '\n') + 1
		if whole == 0 && n == want && want < longest {
			want *= 2 // a long line
			continue
		}
		if whole == 0 {
			if n >= longest {
				return fmt.Errorf("%s: a line of more than %d bytes", EventsFile, longest)
			}
			break // it is torn
		}
		if trace, err := traceAt(r, at); err != nil || !bytes.Equal(trace, before) {
			return errors.Join(errCut, err) // what was read is not what comes next
		}
		want, before = columnBlock, traceOf(before, b.text[:whole])
		b.text, b.from, b.done = b.text[:whole], at, make(chan struct{})
		go func() {
			defer close(b.done)
			b.part.lineUp(b.text, b.from)
		}()
		busy = append(busy, b)
		if at += int64(whole); len(busy) > runtime.GOMAXPROCS(0) {
			first()
		}
	}
	for len(busy) > 0 {
		first()
	}
	return nil
}

// take adds a block, the next one of a log that is read up to end.
func (c *Columns) take(b *block, end int64) {
	n := int64(len(b.text))
	c.join(&b.part, float64(end-c.size-n)/float64(n))
	c.size = b.from + n
	c.last = traceOf(c.last, b.text)
	c.sum = crc32.Update(c.sum, stopTable, b.text)
	c.stop()
	c.thin()
}

// lineUp reads whole lines, which begin at a place in the log.
func (c *Columns) lineUp(text []byte, from int64) {
	var step train.Step
	for len(text) > 0 {
		n := bytes.IndexByte(text, '\n') + 1
		line := text[:n]
		text = text[n:]
		from += int64(n)
		c.lines++
		if at, ok := quickStep(line, &step); ok {
			c.step(at, &step, from)
			continue
		}
		at, e, err := parseEvent(line, &step)
		switch {
		case err == nil:
			c.event(at, e, from)
		case errors.Is(err, ErrUnknownEvent):
		case c.Problem == "":
			c.Problem, c.broken = err.Error(), c.lines
		}
	}
}
