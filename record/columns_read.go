package record

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"io/fs"
	"math"
	"runtime"
	"strconv"
	"strings"

	"github.com/descent-go/descent/train"
)

const (
	// columnBlock is how many bytes of a log a processor reads at a time.
	columnBlock = 4 << 20
	// MostColumns is how long a log may be whose columns are read, in bytes.
	MostColumns = 2 << 30
	// traceLength is how many bytes before a place tell it from another.
	traceLength = 256
)

// Refresh reads what has been appended to the log, or all of it when it is not
// the log that was read before: a run that goes on from a checkpoint cuts it
// back. Then rewound is true. A last line that is torn is left for the next time.
func (c *Columns) Refresh(ctx context.Context) (changed, rewound bool, err error) {
	f, err := openOwn(c.path)
	if errors.Is(err, fs.ErrNotExist) {
		rewound = c.size > 0
		c.reset()
		return rewound, rewound, nil
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
	if info.Size() > MostColumns {
		return false, false, fmt.Errorf("record: %s has %d bytes, want at most %d to draw curves from", c.path, info.Size(), int64(MostColumns))
	}
	if trace, err := traceAt(f, c.size); c.size > 0 && (err != nil || !bytes.Equal(trace, c.last)) {
		c.reset()
		rewound = true
	}
	was := c.size
	if err = c.read(ctx, f, info.Size()); err == nil && c.size > was {
		c.last, err = traceAt(f, c.size)
	}
	if err != nil {
		c.reset() // what lies before size is not known
		return true, true, fmt.Errorf("record: %w", err)
	}
	return rewound || c.size > was, rewound, nil
}

// reset forgets everything.
func (c *Columns) reset() { *c = Columns{path: c.path, reading: c.reading + 1} }

// Reading is another number whenever a log has been read anew.
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

// A block is part of a log, and what has been read from it.
type block struct {
	text []byte
	from int64
	part *Columns
	done chan struct{}
}

// read reads the whole lines of the log up to end, several blocks at a time.
func (c *Columns) read(ctx context.Context, r io.ReaderAt, end int64) error {
	var busy []*block
	first := func() {
		b := busy[0]
		busy = busy[1:]
		<-b.done
		c.join(b.part)
	}
	defer func() {
		for _, b := range busy {
			<-b.done
		}
	}()
	var spare [][]byte
	for at, want := c.size, int64(columnBlock); at < end; {
		if err := ctx.Err(); err != nil {
			return err
		}
		n := min(end-at, want)
		var text []byte
		if k := len(spare); k > 0 && int64(cap(spare[k-1])) >= n {
			text, spare = spare[k-1][:n], spare[:k-1]
		} else {
			text = make([]byte, n)
		}
		if _, err := r.ReadAt(text, at); err != nil {
			return err
		}
		whole := bytes.LastIndexByte(text, '\n') + 1
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
		want = columnBlock
		b := &block{text: text[:whole], from: at, part: &Columns{}, done: make(chan struct{})}
		go func() {
			defer close(b.done)
			b.part.lineUp(b.text, b.from)
		}()
		busy = append(busy, b)
		at += int64(whole)
		c.size = at
		if len(busy) > runtime.GOMAXPROCS(0) {
			used := busy[0].text
			first()
			spare = append(spare, used)
		}
	}
	for len(busy) > 0 {
		first()
	}
	return nil
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

// quickStep reads a step as appendStep writes it, without a point, and reports
// whether that is what the line is.
func quickStep(line []byte, e *train.Step) (at float64, ok bool) {
	*e = train.Step{}
	q := quick{text: line}
	q.literal(`{"event":"step","t":`)
	at = q.float()
	q.literal(`,"step":`)
	e.Step = q.int()
	q.literal(`,"epoch":`)
	e.Epoch = int(q.int())
	q.literal(`,"loss":`)
	e.Loss = q.float()
	q.literal(`,"rate":`)
	e.Rate = q.float()
	if q.failed {
		return 0, false
	}
	if q.has(`,"examples":`) {
		e.Examples = int(q.int())
	}
	if q.has(`,"grad_norm":`) {
		e.GradNorm = q.float()
	}
	if q.has(`,"update_norm":`) {
		e.UpdateNorm = q.float()
	}
	if q.has(`,"param_norm":`) {
		e.ParamNorm = q.float()
	}
	e.Clipped = q.has(`,"clipped":true`)
	e.Skipped = q.has(`,"skipped":true`)
	q.literal("}\n")
	return at, !q.failed
}

// quick reads text that is expected to be just so; anything else fails.
type quick struct {
	text   []byte
	at     int
	failed bool
}

func (q *quick) has(literal string) bool {
	if len(q.text)-q.at < len(literal) || string(q.text[q.at:q.at+len(literal)]) != literal {
		return false
	}
	q.at += len(literal)
	return true
}

func (q *quick) literal(literal string) { q.failed = !q.has(literal) || q.failed }

// int reads up to 18 digits.
func (q *quick) int() (v int64) {
	from := q.at
	for q.at < len(q.text) && q.at-from < 18 {
		d := q.text[q.at] - '0'
		if d > 9 {
			break
		}
		v = v*10 + int64(d)
		q.at++
	}
	q.failed = q.failed || q.at == from || q.text[from] == '0' && q.at > from+1
	return v
}

// tens are the powers of ten that a float64 holds exactly.
var tens = [...]float64{1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22}

// float reads a number, or the text of one that is not finite. A significand
// below 2⁵³ times or over an exact power of ten is rounded once, which is right;
// the rest is left to strconv.
func (q *quick) float() float64 {
	text := q.text[q.at:]
	i, negative := 0, false
	if len(text) > 0 && text[0] == '-' {
		negative, i = true, 1
	}
	var m uint64
	digits, point, begin := 0, -1, i
	for ; i < len(text); i++ {
		c := text[i]
		if c-'0' <= 9 {
			if digits < 19 {
				m = m*10 + uint64(c-'0')
			}
			if m > 0 || digits > 0 {
				digits++
			}
			continue
		}
		if c != '.' || point >= 0 {
			break
		}
		point = i
	}
	switch {
	case i == begin:
		return q.infinite()
	case point == begin || point == i-1 || text[begin] == '0' && i > begin+1 && point != begin+1:
		q.failed = true // no number of JSON's
		return 0
	}
	exp := 0
	if point >= 0 {
		exp = point + 1 - i
	}
	end := i
	if i < len(text) && (text[i] == 'e' || text[i] == 'E') {
		end++
		sign := 1
		if end < len(text) && (text[end] == '-' || text[end] == '+') {
			if text[end] == '-' {
				sign = -1
			}
			end++
		}
		from, e := end, 0
		for end < len(text) && text[end]-'0' <= 9 && end < from+5 {
			e = e*10 + int(text[end]-'0')
			end++
		}
		if end == from {
			q.failed = true
			return 0
		}
		exp += sign * e
	}
	q.at += end
	if digits <= 19 && m < 1<<53 && exp >= -22 && exp <= 22 {
		v := float64(m)
		if exp < 0 {
			v /= tens[-exp]
		} else {
			v *= tens[exp]
		}
		if negative {
			v = -v
		}
		return v
	}
	v, err := strconv.ParseFloat(string(text[:end]), 64)
	q.failed = q.failed || err != nil
	return v
}

// infinite reads the text of a number that is not finite.
func (q *quick) infinite() float64 {
	switch {
	case q.has(`"NaN"`):
		return math.NaN()
	case q.has(`"+Inf"`):
		return math.Inf(1)
	case q.has(`"-Inf"`):
		return math.Inf(-1)
	}
	q.failed = true
	return 0
}
