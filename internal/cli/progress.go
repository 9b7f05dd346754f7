package cli

import (
	"fmt"
	"sync"
	"time"

	"github.com/vbauerster/mpb/v8"
	"github.com/vbauerster/mpb/v8/decor"

	"github.com/descent-go/descent/train"
)

// A bar shows the progress of a run on standard error: a bar where that is a
// terminal, else a line for each epoch.
type bar struct {
	a     *app
	name  string
	lines bool // a line for each epoch: no terminal

	progress *mpb.Progress
	bar      *mpb.Bar
	began    time.Time
	shown    time.Time

	mu       sync.Mutex // the bar is drawn on a goroutine of its own
	now      train.Step
	examples int64
	epochs   int
	total    int64

	epoch string // the line of the epoch that has ended, until it is complete
}

// How often the bar is drawn, and how long a run takes that has none.
const (
	refresh = 120 * time.Millisecond
	patient = 400 * time.Millisecond
)

// newBar returns a sink of events that shows the progress of a run.
func (a *app) newBar(name string) *bar {
	return &bar{a: a, name: name, lines: !a.terminal(a.diag)}
}

// Event takes an event of the run.
func (b *bar) Event(event train.Event) {
	if b.a.quiet {
		return
	}
	switch e := event.(type) {
	case *train.Started:
		b.began = time.Now()
		b.total, b.epochs = e.Steps, e.Epochs
	case *train.Step:
		b.flush()
		b.step(e)
	case *train.EpochEnd:
		b.epoch = fmt.Sprintf("epoch %d", e.Epoch)
		if b.epochs > 0 {
			b.epoch += fmt.Sprintf("/%d", b.epochs)
		}
		b.epoch += fmt.Sprintf("  loss %s  rate %s", brief(e.Loss), brief(e.Rate))
	case *train.Evaluation:
		if b.epoch == "" || e.Set == "test" {
			return
		}
		b.epoch += fmt.Sprintf("  %s %s", e.Set, brief(e.Loss))
		if e.Labelled {
			b.epoch += " " + percent(e.Accuracy)
		}
	case *train.Finished:
		b.flush()
	}
}

// flush writes the line of an epoch when all is known of it.
func (b *bar) flush() {
	if b.epoch != "" && b.lines {
		b.a.note("%s", b.epoch)
	}
	b.epoch = ""
}

func (b *bar) step(e *train.Step) {
	if b.lines {
		return
	}
	b.mu.Lock()
	b.now = *e
	b.now.Point = nil // the loop's own
	b.examples += int64(e.Examples)
	b.mu.Unlock()
	now := time.Now()
	switch {
	case b.bar == nil && now.Sub(b.began) < patient:
	case b.bar == nil:
		b.open()
		b.bar.SetCurrent(e.Step)
		b.shown = now
	case now.Sub(b.shown) >= refresh:
		b.bar.SetCurrent(e.Step)
		b.shown = now
	}
}

func (b *bar) open() {
	b.progress = mpb.New(mpb.WithOutput(b.a.diag), mpb.WithRefreshRate(refresh), mpb.WithAutoRefresh())
	style := mpb.BarStyle().Lbound("[").Filler("=").Tip(">").Padding("-").Rbound("]")
	b.bar = b.progress.New(b.total, style,
		mpb.BarWidth(22),
		mpb.BarRemoveOnComplete(),
		mpb.PrependDecorators(decor.Any(func(decor.Statistics) string { return b.before() })),
		mpb.AppendDecorators(decor.Any(func(decor.Statistics) string { return b.after() })),
	)
}

// before is what stands in front of the bar.
func (b *bar) before() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch {
	case b.epochs > 0:
		return fmt.Sprintf("%s epoch %d/%d ", b.name, min(b.now.Epoch+1, b.epochs), b.epochs)
	case b.total > 0:
		return fmt.Sprintf("%s step %d/%d ", b.name, b.now.Step, b.total)
	}
	return fmt.Sprintf("%s step %d ", b.name, b.now.Step)
}

// after is what stands behind it: loss, rate, speed and time left.
func (b *bar) after() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	text := fmt.Sprintf(" loss %-9s rate %-9s", brief(b.now.Loss), brief(b.now.Rate))
	elapsed := time.Since(b.began)
	if b.examples > 0 && elapsed > 0 {
		text += fmt.Sprintf(" %s ex/s", grouped(int64(float64(b.examples)/elapsed.Seconds())))
	}
	if b.total > 0 && b.now.Step > 0 {
		left := time.Duration(float64(elapsed) / float64(b.now.Step) * float64(b.total-b.now.Step))
		text += fmt.Sprintf(" %s left", left.Round(time.Second))
	}
	return text
}

// close ends the drawing and clears the line.
func (b *bar) close() {
	if b.bar == nil {
		return
	}
	b.bar.Abort(true)
	b.progress.Wait()
	b.bar = nil
}
