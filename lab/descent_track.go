package lab

import (
	"math"
	"slices"

	"github.com/descent-go/descent/train"
)

// A Track is the path of one rule, as the events of its run tell it. Columns are
// as long as Steps; that of step 0 is the start.
type Track struct {
	Pace
	Result *train.Result

	Steps  []int64
	X, Y   []float64 // of two variables only
	Values []float64
	Rates  []float64 // of the update that led there; NaN at the start
	Stride int64     // every how many steps a point is kept

	// With Keeping.Detail, of two variables: the gradient without noise, and the
	// momentum, which is where the rule would go by what it remembers: the velocity
	// or minus the mean gradient, nil for rules without one. Alpha is
	// train.Diagnosis's of the update that led there, NaN at the start.
	GradX, GradY         []float64
	GradNorms            []float64
	MomentumX, MomentumY []float64
	Alpha                []float64

	Milestones []Milestone
	// Arrived is the step from which on the path is no further than Near from one
	// of the known minima; -1 when it ends elsewhere, or none is known.
	Arrived int64

	descent  *Descent
	keeping  Keeping
	momentum momentum
	last     milestone
	pending  bool // last has not been kept
	grad     []float64
}

// Near is the distance from a known minimum within which a path has arrived there,
// relative to max(1, ‖x‖) of the minimum.
const Near = 0.01

// A Milestone is a point of the table of the path.
type Milestone struct {
	Step     int64
	Point    []float64
	Value    float64
	GradNorm float64
}

// A milestone is the last point.
type milestone struct {
	step        int64
	at          []float64
	value, rate float64
	alpha       float64
	slot        []float64
}

func newTrack(d *Descent, p Pace, k Keeping) *Track {
	k.Points = max(k.Points/2, 1) * 2 // so that dropping every other leaves the last
	t := &Track{
		Pace: p, Stride: 1, Arrived: -1,
		descent: d, keeping: k, grad: make([]float64, d.Problem.Dim()),
	}
	if k.Detail && len(t.grad) == 2 {
		t.momentum = momentumOf(p.Rule)
	}
	t.last.alpha = math.NaN()
	return t
}

// Event takes an event of the run.
func (t *Track) Event(event train.Event) {
	switch e := event.(type) {
	case *train.Started:
		t.add(0, e.Point, e.Value, math.NaN(), nil)
	case *train.Step:
		if !e.Skipped {
			t.add(e.Step, e.Point, e.Value, e.Rate, e.Slot)
		}
	case *train.Diagnosis: // after its step
		t.last.alpha = float64(e.Alpha)
		if n := len(t.Alpha); n > 0 && !t.pending {
			t.Alpha[n-1] = t.last.alpha
		}
	}
}

func (t *Track) add(step int64, point []float64, value, rate float64, slot []float64) {
	t.last.step, t.last.value, t.last.rate, t.last.alpha = step, value, rate, math.NaN()
	t.last.at = append(t.last.at[:0], point...)
	t.last.slot = append(t.last.slot[:0], slot...)
	if t.descent.Plane != nil {
		t.arrive()
	}
	if IsMilestone(step) {
		t.mark()
	}
	if t.pending = step%t.Stride != 0; !t.pending {
		t.keep()
	}
}

// arrive sees whether the last point is at a minimum.
func (t *Track) arrive() {
	m, distance := Nearest(t.descent.Plane.Minima, t.last.at[0], t.last.at[1])
	switch {
	case m == nil || !(distance <= Near*math.Max(1, norm([]float64{m.X, m.Y}))):
		t.Arrived = -1
	case t.Arrived < 0:
		t.Arrived = t.last.step
	}
}

// keep adds the last point to the path; a path that has become too long loses
// every other point.
func (t *Track) keep() {
	t.Steps = append(t.Steps, t.last.step)
	t.Values = append(t.Values, t.last.value)
	t.Rates = append(t.Rates, t.last.rate)
	if at := t.last.at; len(at) == 2 {
		t.X, t.Y = append(t.X, at[0]), append(t.Y, at[1])
		if t.keeping.Detail {
			t.detail(at)
		}
	}
	t.pending = false
	if len(t.Steps) <= t.keeping.Points {
		return
	}
	t.Stride *= 2
	t.Steps = everyOther(t.Steps)
	for _, column := range t.columns() {
		*column = everyOther(*column)
	}
}

func (t *Track) detail(at []float64) {
	t.descent.Problem.Gradient(at, t.grad)
	t.GradX, t.GradY = append(t.GradX, t.grad[0]), append(t.GradY, t.grad[1])
	t.GradNorms = append(t.GradNorms, norm(t.grad))
	t.Alpha = append(t.Alpha, t.last.alpha)
	if t.momentum.slot == "" {
		return
	}
	x, y := 0.0, 0.0
	if len(t.last.slot) == 2 {
		x, y = t.momentum.sign*t.last.slot[0], t.momentum.sign*t.last.slot[1]
	}
	t.MomentumX, t.MomentumY = append(t.MomentumX, x), append(t.MomentumY, y)
}

func (t *Track) columns() []*[]float64 {
	return []*[]float64{&t.X, &t.Y, &t.Values, &t.Rates, &t.GradX, &t.GradY, &t.GradNorms, &t.MomentumX, &t.MomentumY, &t.Alpha}
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
func (t *Track) mark() {
	m := Milestone{Step: t.last.step, Value: t.last.value, Point: slices.Clone(t.last.at)}
	t.descent.Problem.Gradient(m.Point, t.grad)
	m.GradNorm = norm(t.grad)
	t.Milestones = append(t.Milestones, m)
}

// IsMilestone reports whether a step is 0, 1, 2, 5, 10, 20, 50, …
func IsMilestone(step int64) bool {
	for step > 0 && step%10 == 0 {
		step /= 10
	}
	return step == 0 || step == 1 || step == 2 || step == 5
}

// finish keeps the point at which the run ended.
func (t *Track) finish() {
	if t.pending {
		t.keep()
	}
	if n := len(t.Milestones); n == 0 || t.Milestones[n-1].Step != t.last.step {
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
