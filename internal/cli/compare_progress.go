package cli

import (
	"fmt"
	"io"
	"strings"
	"sync"
	"time"

	"github.com/descent-go/descent/lab"
)

// A trialBar shows the progress of many trainings on standard error: on a terminal
// one line that is drawn again and again, elsewhere a line for each stage, and now
// and then one between.
type trialBar struct {
	a        *app
	out      io.Writer
	terminal bool
	columns  func() int
	clock    func() time.Time

	mu           sync.Mutex
	began, shown time.Time
	drawn        bool
	total, done  int
	known        int // of done: from the journal
	lost         int // of done: diverged
	task, where  string
	pace         pace
}

func (a *app) newTrialBar() *trialBar {
	one := a.newBar("")
	return &trialBar{a: a, out: one.out, terminal: one.terminal, columns: one.columns, clock: one.clock}
}

// event takes an event of the lab.
func (b *trialBar) event(event lab.Event) {
	if b.a.quiet {
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	now := b.clock()
	switch e := event.(type) {
	case *lab.ComparisonStarted:
		b.start(now, e.Trials)
	case *lab.TuningStarted:
		b.start(now, e.Trainings)
	case *lab.RateChosen:
		b.total -= e.Spared
	case *lab.TrialDone:
		b.done++
		if e.Known {
			b.known++
		}
		if e.Outcome.Diverged != nil {
			b.lost++
		}
		if e.Task != b.task { // trainings of another task take another time
			b.task = e.Task
			b.pace.start(now, int64(b.done-b.known))
		}
		b.where = e.Task + ", " + e.Stage
		since := now.Sub(b.shown)
		switch {
		case b.terminal && since >= refresh:
			b.shown = now
			b.pace.take(now, int64(b.done-b.known), 0)
			fmt.Fprintf(b.out, "\r%s\x1b[K\r", b.line(b.columns()-1))
			b.drawn = true
		case !b.terminal && (e.Done == e.Total || since >= heartbeat):
			b.shown = now
			fmt.Fprintf(b.out, "%7s  %d/%d  %s %d/%d%s\n", clockText(now.Sub(b.began)), b.done, max(b.total, b.done), b.where, e.Done, e.Total, b.lostText())
		}
	}
}

func (b *trialBar) start(now time.Time, total int) {
	b.began, b.shown, b.total = now, now, total
	b.pace.start(now, 0)
}

// line is what the terminal shows in at most so many columns.
func (b *trialBar) line(columns int) string {
	left := ""
	if d, ok := b.pace.left(int64(b.total - b.done)); ok {
		left = fmt.Sprintf("%-11s", clockText(d)+" left")
	}
	shown, room := fit([]part{
		{1, b.where}, {2, strings.Repeat("=", barLeast)}, {0, fmt.Sprintf("%d/%d", b.done, max(b.total, b.done))},
		{3, left}, {4, strings.TrimSpace(b.lostText())},
	}, columns)
	var texts []string
	for _, s := range shown {
		if s.rank == 2 {
			s.text = barText(float64(b.done)/float64(max(b.total, b.done, 1)), min(barMost, barLeast+room))
		}
		texts = append(texts, s.text)
	}
	return cut(strings.Join(texts, "  "), columns)
}

func (b *trialBar) lostText() string {
	if b.lost == 0 {
		return ""
	}
	return fmt.Sprintf("  %d diverged", b.lost)
}

// close ends the drawing and clears the line.
func (b *trialBar) close() {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.drawn {
		fmt.Fprint(b.out, "\r\x1b[J")
		b.drawn = false
	}
}
