package cli

import (
	"fmt"
	"io"
	"math"
	"strconv"
	"sync"
	"time"

	"github.com/descent-go/descent/lab"
	"github.com/descent-go/descent/train"
)

// A rateReport tells which learning rates were found.
type rateReport struct {
	*lab.FoundRate
	Seed    uint64   `json:"seed"`
	Elapsed number   `json:"seconds"`
	Try     string   `json:"try,omitempty"` // the command that trains with the best rate
	Files   []string `json:"files"`
}

// headline says in a sentence what was found.
func (r *rateReport) headline() string {
	if r.Answer == nil {
		return fmt.Sprintf("No answer for %s on %s: %s", r.Optimizer, r.Task, r.No.Reason)
	}
	return fmt.Sprintf("Learning rate %s to %s for %s on %s", brief(r.Answer.Low), brief(r.Answer.High), r.Optimizer, r.Task)
}

func (r *rateReport) text(p *page) {
	p.heading("%s", r.headline())
	if r.Answer != nil {
		p.line("  lowest loss at %s: %s, from %s at the start; good is at most %s",
			brief(r.Answer.Best), brief(float64(r.Answer.Loss)), brief(float64(r.Start)), brief(float64(r.Answer.Limit)))
	} else {
		p.wrap("  ", r.No.Why)
	}
	if p.quiet {
		return
	}
	p.blank()
	r.suggestions(p)
	p.blank()
	r.rates(p)
	p.blank()
	p.wrap("", fmt.Sprintf("%s of at most %s gradient evaluations: a range test of %d steps, the curvature at the start, %s on %d seeds for %d each.",
		grouped(r.Spent), grouped(r.Budget), len(r.Ramp.Rates), plural(int64(len(r.Tried)), "rate"), r.Seeds, r.Steps))
	if r.Answer != nil && !r.Answer.Settled {
		p.wrap("", "The budget ended before the interval was known well: it may be too narrow.")
	}
	if r.Try != "" {
		p.blank()
		p.line("Try: %s", r.Try)
	}
}

// suggestions tells of the criteria.
func (r *rateReport) suggestions(p *page) {
	var rows [][]string
	for _, s := range r.Suggestions {
		rate, loss, good := "-", "-", ""
		if s.Rate > 0 {
			rate = brief(s.Rate)
		}
		if v := float64(s.Loss); !math.IsNaN(v) {
			loss = endText(s.Loss)
			good = "no"
		}
		if s.Good {
			good = "yes"
		}
		rows = append(rows, []string{s.Criterion, rate, loss, good, s.Why})
	}
	p.table([]column{words("suggested by"), numbers("rate"), numbers("loss"), words("good"), words("which is")}, rows)
}

// endText writes what runs end with; ∞ stands for divergence.
func endText(v train.Real) string {
	if math.IsInf(float64(v), 1) {
		return "∞"
	}
	return brief(float64(v))
}

// rates tells of the validated rates.
func (r *rateReport) rates(p *page) {
	var rows [][]string
	for _, t := range r.Tried {
		diverged, good := "", ""
		if t.Diverged > 0 {
			diverged = strconv.Itoa(t.Diverged)
		}
		switch {
		case t.Good:
			good = "yes"
		case r.Answer != nil && t.Risky && t.Diverged == 0 && t.Median <= r.Answer.Limit:
			good = "risky"
		}
		rows = append(rows, []string{brief(t.Rate), endText(t.Median), diverged, good})
	}
	p.table([]column{numbers("rate"), numbers("median loss"), numbers("diverged"), words("good")}, rows)
}

// A searchBar shows on standard error how much of the budget a search has spent:
// on a terminal in one line that is drawn again and again, elsewhere in a line for
// each stage.
type searchBar struct {
	a        *app
	out      io.Writer
	terminal bool
	columns  func() int
	clock    func() time.Time

	mu           sync.Mutex
	began, shown time.Time
	stage        string
	drawn        bool
}

func (a *app) newSearchBar() *searchBar {
	one := a.newBar("")
	return &searchBar{a: a, out: one.out, terminal: one.terminal, columns: one.columns, clock: one.clock, began: one.clock()}
}

// event takes an event of the lab.
func (b *searchBar) event(event lab.Event) {
	e, ok := event.(*lab.Searching)
	if !ok || b.a.quiet {
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	now := b.clock()
	fresh := e.Stage != b.stage
	b.stage = e.Stage
	share := min(float64(e.Spent)/float64(max(e.Budget, 1)), 1)
	switch {
	case b.terminal && now.Sub(b.began) >= patient && (fresh || now.Sub(b.shown) >= refresh):
		b.shown, b.drawn = now, true
		line := fmt.Sprintf("%s  %s of the budget  %s", barText(share, barMost), percent(share), e.Stage)
		fmt.Fprintf(b.out, "\r%s\x1b[K\r", cut(line, b.columns()-1))
	case !b.terminal && (fresh || now.Sub(b.shown) >= heartbeat):
		b.shown = now
		fmt.Fprintf(b.out, "%7s  %s; %s of the budget spent\n", clockText(now.Sub(b.began)), e.Stage, percent(share))
	}
}

// close clears the line.
func (b *searchBar) close() {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.drawn {
		fmt.Fprint(b.out, "\r\x1b[J")
		b.drawn = false
	}
}
