package cli

import (
	"math"
	"slices"

	"github.com/descent-go/descent/problem"
	"github.com/descent-go/descent/train"
)

// A track is the path of one contender, as the events of its run tell it.
type track struct {
	contender
	problem problem.Problem
	result  *train.Result

	steps      []int64
	x, y       []float64 // of two variables only
	values     []float64
	milestones []milestone

	stride  int64 // every how many steps a point is kept
	last    milestone
	pending bool // last has not been kept
	grad    []float64
}

// A milestone is a point of the table of the path.
type milestone struct {
	Step     int64    `json:"step"`
	Point    []number `json:"point,omitempty"`
	Value    number   `json:"f"`
	GradNorm number   `json:"gradient_norm"`

	at []float64
}

// mostKept bounds the points that a track keeps, and so what figures draw;
// most printed is the largest dimension whose points reports show.
const (
	mostKept    = 1 << 17
	mostPrinted = 1000
)

func newTrack(c contender, p problem.Problem) *track {
	return &track{contender: c, problem: p, stride: 1, grad: make([]float64, p.Dim())}
}

// Event takes an event of the run.
func (t *track) Event(event train.Event) {
	switch e := event.(type) {
	case *train.Started:
		t.add(0, e.Point, e.Value)
	case *train.Step:
		if !e.Skipped {
			t.add(e.Step, e.Point, e.Value)
		}
	}
}

func (t *track) add(step int64, point []float64, value float64) {
	t.last.Step, t.last.Value = step, number(value)
	t.last.at = append(t.last.at[:0], point...)
	if isMilestone(step) {
		t.mark()
	}
	if t.pending = step%t.stride != 0; !t.pending {
		t.keep()
	}
}

// keep adds the last point to the path; a path that has become too long loses
// every other point.
func (t *track) keep() {
	t.steps = append(t.steps, t.last.Step)
	t.values = append(t.values, float64(t.last.Value))
	if len(t.last.at) == 2 {
		t.x, t.y = append(t.x, t.last.at[0]), append(t.y, t.last.at[1])
	}
	t.pending = false
	if len(t.steps) > mostKept {
		t.stride *= 2
		t.steps = everyOther(t.steps)
		t.values, t.x, t.y = everyOther(t.values), everyOther(t.x), everyOther(t.y)
	}
}

func everyOther[T any](s []T) []T {
	n := 0
	for i := 0; i < len(s); i += 2 {
		s[n] = s[i]
		n++
	}
	return s[:n]
}

// mark adds the last point to the milestones.
func (t *track) mark() {
	m := milestone{Step: t.last.Step, Value: t.last.Value, at: slices.Clone(t.last.at)}
	if len(m.at) <= mostPrinted {
		m.Point = numbersOf(m.at)
	}
	t.problem.Gradient(m.at, t.grad)
	m.GradNorm = number(norm(t.grad))
	t.milestones = append(t.milestones, m)
}

// isMilestone reports whether a step is 0, 1, 2, 5, 10, 20, 50, …
func isMilestone(step int64) bool {
	for step > 0 && step%10 == 0 {
		step /= 10
	}
	return step == 0 || step == 1 || step == 2 || step == 5
}

// finish keeps the point at which the run ended.
func (t *track) finish() {
	if t.pending {
		t.keep()
	}
	if n := len(t.milestones); n == 0 || t.milestones[n-1].Step != t.last.Step {
		t.mark()
	}
}

// norm returns the 2-norm of v, scaled so that squares do not overflow.
func norm(v []float64) float64 {
	largest, sum := 0.0, 0.0
	for _, x := range v {
		if math.IsNaN(x) {
			return x
		}
		largest = math.Max(largest, math.Abs(x))
	}
	if largest == 0 || math.IsInf(largest, 1) {
		return largest
	}
	for _, x := range v {
		q := x / largest
		sum += float64(q * q)
	}
	return float64(largest * math.Sqrt(sum))
}
