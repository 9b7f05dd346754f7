package cli

import (
	"fmt"
	"math"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/descent-go/descent/train"
)

// progress is what is known of a run while it goes on.
type progress struct {
	name     string
	total    int64 // steps; 0: unknown
	perEpoch int64
	epochs   int

	now      train.Step
	examples int64   // learned from since the start
	norm     float64 // of the gradient, when it was last measured; 0: never
	loss     average
	pace     pace
	saved    int64 // step of the last checkpoint
	savedAt  time.Time
}

// step takes a step.
func (p *progress) step(e *train.Step) {
	p.now = *e
	p.now.Point = nil // the loop's own
	p.examples += int64(e.Examples)
	if e.GradNorm > 0 {
		p.norm = e.GradNorm
	}
	p.loss.add(e.Loss, e.Examples > 0)
}

// epochAt is the epoch at a step, with a fraction within one.
func (p *progress) epochAt(step int64) string {
	if p.perEpoch == 0 {
		return ""
	}
	text := "epoch " + short(math.Round(100*float64(step)/float64(p.perEpoch))/100)
	if p.epochs > 0 {
		text += fmt.Sprintf("/%d", p.epochs)
	}
	return text
}

// A part of the line is left out when there is no room for it after all those of
// a lower rank.
type part struct {
	rank int
	text string
}

// The bar has so many columns, brackets included.
const (
	barLeast = 8
	barMost  = 26
)

// line is what the terminal shows in at most the given number of columns: where
// the run is, a bar and the time left, the loss, and then rate, norm of the
// gradient, speed and name as far as there is room.
func (p *progress) line(now time.Time, columns int) string {
	where := fmt.Sprintf("step %d", p.now.Step)
	switch {
	case p.epochs > 0:
		where = fmt.Sprintf("epoch %d/%d", min(p.now.Epoch+1, p.epochs), p.epochs)
	case p.total > 0:
		where += fmt.Sprintf("/%d", p.total)
	}
	bar, left := "", ""
	if p.total > 0 {
		bar = strings.Repeat("=", barLeast)
		if d, ok := p.pace.left(p.total - p.now.Step); ok {
			left = fmt.Sprintf("%-11s", clockText(d)+" left")
		}
	}
	norm, speed, saved := "", "", ""
	if p.norm > 0 {
		norm = fmt.Sprintf("|g| %-9s", brief(p.norm))
	}
	if p.examples > 0 {
		speed = grouped(int64(p.pace.examples())) + " ex/s"
	}
	if p.saved > 0 && now.Sub(p.savedAt) < 3*time.Second {
		saved = fmt.Sprintf("saved at %d", p.saved)
	}
	parts := []part{
		{7, p.name}, {0, where}, {2, bar}, {3, left},
		{1, fmt.Sprintf("loss %-9s", brief(p.loss.value()))}, {4, fmt.Sprintf("rate %-9s", brief(p.now.Rate))},
		{5, norm}, {6, speed}, {8, saved},
	}
	shown, room := fit(parts, columns)
	for i := range shown {
		if shown[i].rank == 2 {
			shown[i].text = barText(float64(p.now.Step)/float64(p.total), min(barMost, barLeast+room))
		}
	}
	var texts []string
	for _, s := range shown {
		texts = append(texts, s.text)
	}
	return strings.TrimRight(cut(strings.Join(texts, "  "), columns), " ")
}

// fit returns the parts for which there is room, in their order, and how many
// columns remain. Empty ones are none; that of rank 0 is in any case.
func fit(parts []part, columns int) (shown []part, room int) {
	const gap = 2
	room = columns + gap
	in, full := make([]bool, len(parts)), false
	for rank := range len(parts) {
		for i, p := range parts {
			if p.rank != rank || p.text == "" {
				continue
			}
			w := utf8.RuneCountInString(p.text) + gap
			full = full || w > room && rank > 0
			if !full {
				in[i] = true
				room -= w
			}
		}
	}
	for i, p := range parts {
		if in[i] {
			shown = append(shown, p)
		}
	}
	return shown, max(room, 0)
}

// cut shortens a text to so many columns.
func cut(text string, columns int) string {
	if r := []rune(text); len(r) > columns {
		return string(r[:max(columns, 0)])
	}
	return text
}

// barText draws a share as a bar.
func barText(share float64, columns int) string {
	n := columns - 2
	full := int(share * float64(n))
	full = min(max(full, 0), n)
	tip := ""
	if full < n {
		tip = ">"
	}
	return "[" + strings.Repeat("=", full) + tip + strings.Repeat("-", n-full-len(tip)) + "]"
}

// clockText writes a duration in at most six columns: 0.4s, 12s, 3m05s, 5h12m,
// 3d04h, 120d.
func clockText(d time.Duration) string {
	s := int64(d.Round(time.Second) / time.Second)
	switch {
	case d < 10*time.Second:
		return fmt.Sprintf("%.1fs", max(d, 0).Seconds())
	case s < 60:
		return fmt.Sprintf("%ds", s)
	case s < 3600:
		return fmt.Sprintf("%dm%02ds", s/60, s%60)
	case s < 86400:
		return fmt.Sprintf("%dh%02dm", s/3600, s/60%60)
	case s < 100*86400:
		return fmt.Sprintf("%dd%02dh", s/86400, s/3600%24)
	}
	return fmt.Sprintf("%dd", s/86400)
}

// An average is a debiased exponential moving average over about fifty values.
type average struct{ sum, weight, last float64 }

const averageDecay = 0.98

// add takes a value. One that is not finite is shown but does not enter, and
// one that is exact stands for itself.
func (a *average) add(v float64, noisy bool) {
	a.last = v
	switch {
	case math.IsNaN(v) || math.IsInf(v, 0):
	case !noisy:
		a.sum, a.weight = v, 1
	default:
		a.sum = averageDecay*a.sum + (1-averageDecay)*v
		a.weight = averageDecay*a.weight + (1 - averageDecay)
	}
}

// value is the average; NaN without values.
func (a *average) value() float64 {
	if math.IsNaN(a.last) || math.IsInf(a.last, 0) {
		return a.last
	}
	if a.weight == 0 {
		return math.NaN()
	}
	return a.sum / a.weight
}

// A pace is how fast a run has been of late: averages over time that forget
// what is older than some seconds.
type pace struct {
	at                   time.Time
	step, learned        int64
	steps, perSecond     float64 // weighted sums
	stepWeight, exWeight float64
}

// What the pace forgets: speed is of the moment, the time left of a while that
// has evaluations in it.
const (
	speedMemory = 3 * time.Second
	leftMemory  = 30 * time.Second
)

func (p *pace) start(at time.Time, step int64) { *p = pace{at: at, step: step} }

// take notes how far the run is by now.
func (p *pace) take(now time.Time, step, learned int64) {
	d := now.Sub(p.at)
	if d <= 0 {
		return
	}
	mean := func(sum, weight *float64, n int64, memory time.Duration) {
		keep := math.Exp(-float64(d) / float64(memory))
		*sum = keep**sum + (1-keep)*float64(n)/d.Seconds()
		*weight = keep**weight + (1 - keep)
	}
	mean(&p.steps, &p.stepWeight, step-p.step, leftMemory)
	mean(&p.perSecond, &p.exWeight, learned-p.learned, speedMemory)
	p.at, p.step, p.learned = now, step, learned
}

// examples returns examples per second.
func (p *pace) examples() float64 {
	if p.exWeight == 0 {
		return 0
	}
	return p.perSecond / p.exWeight
}

// left returns how long so many steps take.
func (p *pace) left(steps int64) (time.Duration, bool) {
	if p.steps <= 0 {
		return 0, false
	}
	seconds := float64(max(steps, 0)) * p.stepWeight / p.steps
	if seconds > 1e9 { // a time.Duration ends at 9.2e9 seconds
		return 0, false
	}
	return time.Duration(seconds * float64(time.Second)), true
}
