package cli

import (
	"fmt"
	"io"
	"math"
	"os"
	"strings"
	"sync"
	"time"

	"golang.org/x/term"

	"github.com/descent-go/descent/train"
)

// A bar shows the progress of a run on standard error: on a terminal one line
// that is drawn again and again, elsewhere and when it is plain a line for each
// evaluation. It is a sink of the run's events.
type bar struct {
	a     *app
	name  string
	plain bool // lines, and each of them, though there is a terminal

	out      io.Writer
	terminal bool
	columns  func() int
	clock    func() time.Time

	mu    sync.Mutex
	state progress
	began time.Time
	shown time.Time // when it was drawn, or a line written
	drawn int       // columns of the line on the terminal; 0: none
	width int       // of the terminal then

	pending *observation
	lines   int // written
}

// How often the bar is drawn, how long a run takes that has none, and how far
// lines are apart where nobody asked for all: the first few are not held back.
const (
	refresh   = 120 * time.Millisecond
	patient   = 400 * time.Millisecond
	lineEvery = 2 * time.Second
	lineFirst = 10
	heartbeat = 10 * time.Second // lines of a run that evaluates nothing
)

// newBar returns a sink of events that shows the progress of a run.
func (a *app) newBar(name string) *bar {
	b := &bar{a: a, name: name, out: a.diag, terminal: a.terminal(a.diag), clock: time.Now}
	b.columns = func() int {
		if f, ok := a.diag.(*os.File); ok {
			if n, _, err := term.GetSize(int(f.Fd())); err == nil && n > 0 {
				return n
			}
		}
		return 80
	}
	return b
}

// Event takes an event of the run.
func (b *bar) Event(event train.Event) {
	if e, ok := event.(*train.Checkpointed); ok && e.Error != "" {
		b.say("%s: no checkpoint at step %d: %s", b.a.program, e.Step, e.Error)
	}
	if b.a.quiet {
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	switch e := event.(type) {
	case *train.Started:
		b.start(e, 0)
	case *train.Resumed:
		b.start(&e.Started, e.Step)
		b.state.now.Epoch = e.Epoch
	case *train.Step:
		b.flush(false)
		b.step(e)
	case *train.EpochEnd:
		b.observe(e.Step).epochEnd(e)
	case *train.Evaluation:
		if e.Set != "test" { // that is a result
			b.observe(e.Step).evaluation(e)
		}
	case *train.Checkpointed:
		if e.Error == "" {
			b.state.saved, b.state.savedAt = e.Step, b.clock()
		}
	case *train.Finished:
		b.flush(true)
	}
}

// start begins at a step, that of a checkpoint when the run goes on from one.
func (b *bar) start(e *train.Started, step int64) {
	b.began = b.clock()
	b.shown = b.began
	b.state = progress{name: b.name, total: e.Steps, perEpoch: e.PerEpoch, epochs: e.Epochs}
	b.state.now.Step = step
	b.state.pace.start(b.began, step)
}

func (b *bar) step(e *train.Step) {
	b.state.step(e)
	now := b.clock()
	since := now.Sub(b.shown)
	switch {
	case !b.terminal || b.plain:
		if since >= heartbeat {
			b.observe(e.Step)
			b.flush(true)
		}
	case b.drawn > 0 && since >= refresh, b.drawn == 0 && now.Sub(b.began) >= patient:
		b.shown = now
		b.state.pace.take(now, e.Step, b.state.examples)
		b.draw(now)
	}
}

// draw writes the line over the last one and leaves the cursor at its start:
// when the window becomes narrower and folds the line, the cursor is above all
// of it.
func (b *bar) draw(now time.Time) {
	width := b.columns()
	line := b.state.line(now, width-1)
	wipe := ""
	if width != b.width {
		wipe = "\x1b[J"
	}
	fmt.Fprintf(b.out, "\r%s%s\x1b[K\r", wipe, line)
	b.drawn, b.width = max(1, len(line)), width
}

// say writes a line above the bar. It may be called on any goroutine.
func (b *bar) say(format string, args ...any) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.wipe()
	fmt.Fprintf(b.out, format+"\n", args...)
}

// wipe takes the bar off the terminal.
func (b *bar) wipe() {
	if b.drawn > 0 {
		fmt.Fprint(b.out, "\r\x1b[J")
		b.drawn = 0
	}
}

// close ends the drawing and clears the line.
func (b *bar) close() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.wipe()
}

// observe returns the line for what is evaluated at a step.
func (b *bar) observe(step int64) *observation {
	if b.pending != nil && b.pending.step != step {
		b.flush(false)
	}
	if b.pending == nil {
		b.pending = &observation{step: step, epoch: b.state.epochAt(step), loss: b.state.loss.value(), rate: b.state.now.Rate}
	}
	b.pending.elapsed = b.clock().Sub(b.began)
	return b.pending
}

// flush writes the line that is pending, when all is known of it and it is time
// for one; the last one is always written.
func (b *bar) flush(last bool) {
	o := b.pending
	b.pending = nil
	if o == nil || b.terminal && !b.plain {
		return
	}
	now := b.clock()
	if !last && !b.plain && b.lines >= lineFirst && now.Sub(b.shown) < lineEvery {
		return
	}
	b.lines++
	b.shown = now
	fmt.Fprintln(b.out, o.text(b.state.total))
}

// An observation is what is known when a run is evaluated.
type observation struct {
	elapsed time.Duration
	step    int64
	epoch   string
	loss    float64 // of training
	rate    float64
	sets    []string
}

func (o *observation) epochEnd(e *train.EpochEnd) { o.loss, o.rate = e.Loss, e.Rate }

func (o *observation) evaluation(e *train.Evaluation) {
	text := e.Set + " " + brief(e.Loss)
	if e.Labelled {
		text += " " + percent(e.Accuracy)
	}
	o.sets = append(o.sets, text)
}

// text is its line: time, step, epoch, losses, rate.
func (o *observation) text(total int64) string {
	parts := []string{fmt.Sprintf("%7s", clockText(o.elapsed)), "step " + fmt.Sprint(o.step)}
	if total > 0 {
		parts[1] += "/" + fmt.Sprint(total)
	}
	if o.epoch != "" {
		parts = append(parts, o.epoch)
	}
	if !math.IsNaN(o.loss) {
		parts = append(parts, "loss "+brief(o.loss))
	}
	parts = append(parts, o.sets...)
	return strings.Join(append(parts, "rate "+brief(o.rate)), "  ")
}
