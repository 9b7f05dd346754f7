package train

import (
	"fmt"
	"math"

	"github.com/descent-go/descent/optim"
)

// window is the number of updates over which oscillation is looked for, and
// glance how often.
const (
	window = 64
	glance = window / 4
)

// Oscillating says that a run goes back and forth instead of forward. Over the
// last 64 updates
//   - at least four updates turned back: their inner product with the update
//     before was negative; and the intervals from one to the next differ by
//     one step at most;
//   - updates did not shrink: those of the second half have at least 98 % of
//     the length, in the root of the mean square, of those of the first;
//   - the second half has no loss below the lowest of the first;
//   - it matters: updates are longer than 1e-8 of the parameters, and the loss
//     varies by more than 1e-8 of what the run has gained so far.
//
// Gradient descent on a quadratic of curvature λ turns back at every update
// when the rate η exceeds 1/λ. Below 2/λ its updates shrink by |1 − ηλ| each
// time and nothing is reported; above, they grow, and this is. The same holds
// for the edge 2(1+μ)/λ of heavy-ball momentum. Periods above 32 are not seen.
type Oscillating struct {
	Step      int64   `json:"step"`      // updates applied when it was seen
	Period    float64 `json:"period"`    // updates from one turn to the next but one
	Amplitude float64 `json:"amplitude"` // root mean square of the length of an update
	Growth    float64 `json:"growth"`    // of the update's length from one to the next, 1 for a steady cycle
	LowLoss   float64 `json:"low_loss"`  // lowest and highest loss of the window
	HighLoss  float64 `json:"high_loss"`
	Rate      float64 `json:"rate"`
	// AboveEdge says that each of the last 32 updates reverses the one before:
	// the rate is at or above the edge of stability, and half of it should do.
	AboveEdge bool `json:"above_edge"`
	// Ceased says that it was over before the run was.
	Ceased bool `json:"ceased"`
}

// String says it in a sentence.
func (o *Oscillating) String() string {
	s := fmt.Sprintf("oscillating since step %d with a period of %.3g", o.Step, o.Period)
	if o.AboveEdge {
		s += fmt.Sprintf(": the rate %.4g is above the edge of stability", o.Rate)
	}
	return s
}

// A watcher follows the updates of a run. Nil watches nothing.
type watcher[F optim.Float] struct {
	last, delta []F // the parameters after the last update, and that update
	watched
}

// watched is what a watcher knows beside them.
type watched struct {
	N       int64
	Turned  [window]bool
	Squared [window]Real // length of the update
	Losses  [window]Real
	Lowest  Real
	First   Real
	Active  bool
	Report  Oscillating
}

func newWatcher[F optim.Float](params []optim.Param[F]) *watcher[F] {
	n := 0
	for _, p := range params {
		n += len(p.Data)
	}
	w := &watcher[F]{last: make([]F, n), delta: make([]F, n)}
	at := 0
	for _, p := range params {
		at += copy(w.last[at:], p.Data)
	}
	return w
}

// tensors returns what is not in watched.
func (w *watcher[F]) tensors() []optim.Param[F] {
	shape := []int{len(w.last)}
	return []optim.Param[F]{{Name: "last", Shape: shape, Data: w.last}, {Name: "delta", Shape: shape, Data: w.delta}}
}

// update takes an update that was applied, and the loss before it.
func (w *watcher[F]) update(params []optim.Param[F], loss float64) {
	var dot, square float64
	at := 0
	for i := range params {
		x := params[i].Data
		last, delta := w.last[at:][:len(x)], w.delta[at:][:len(x)]
		for j, v := range x {
			d := v - last[j]
			dot += float64(float64(d) * float64(delta[j]))
			square += float64(float64(d) * float64(d))
			last[j], delta[j] = v, d
		}
		at += len(x)
	}
	if w.N == 0 {
		w.Lowest, w.First = Real(loss), Real(loss)
	}
	w.Lowest = Real(math.Min(float64(w.Lowest), loss))
	i := w.N % window
	w.Turned[i], w.Squared[i], w.Losses[i] = dot < 0, Real(square), Real(loss)
	w.N++
}

// look applies the criterion, now and then, and reports whether oscillation
// has begun.
func (w *watcher[F]) look(step int64, rate float64) (began bool) {
	if w.N <= window || w.N%glance != 0 { // the first update cannot turn
		return false
	}
	turns, regular, period := w.turns(0)
	recent, _, _ := w.turns(window / 2)
	var half [2]float64
	low := [2]float64{math.Inf(1), math.Inf(1)}
	high := math.Inf(-1)
	for k := range window {
		i := (w.N + int64(k)) % window // oldest first
		h := k / (window / 2)
		half[h] += float64(w.Squared[i])
		low[h] = math.Min(low[h], float64(w.Losses[i]))
		high = math.Max(high, float64(w.Losses[i]))
	}
	lowest := math.Min(low[0], low[1])
	amplitude := math.Sqrt((half[0] + half[1]) / window)
	going := turns >= 4 && regular && half[0] > 0 && finite(amplitude) &&
		half[1] >= float64(0.98*0.98*half[0]) && low[1] >= low[0] &&
		amplitude > float64(1e-8*w.norm()) && finite(high-lowest) && high-lowest > float64(1e-8*float64(w.First-w.Lowest))
	if !going {
		w.Active = false
		return false
	}
	if w.Active {
		return false
	}
	w.Active = true
	growth := math.Min(half[1]/half[0], math.MaxFloat64) // over window/2 updates, squared
	for range 6 {
		growth = math.Sqrt(growth)
	}
	w.Report = Oscillating{
		Step: step, Period: period, Amplitude: amplitude, Growth: growth,
		LowLoss: lowest, HighLoss: high, Rate: rate, AboveEdge: recent == window/2,
	}
	return true
}

// turns counts the updates of the window, but for its first ones, that turned
// back, says whether they come at regular intervals, and gives their period.
func (w *watcher[F]) turns(skip int) (count int, regular bool, period float64) {
	first, last := -1, -1
	shortest, longest := window, 0
	for k := skip; k < window; k++ {
		if !w.Turned[(w.N+int64(k))%window] {
			continue
		}
		count++
		if last >= 0 {
			shortest, longest = min(shortest, k-last), max(longest, k-last)
		} else {
			first = k
		}
		last = k
	}
	if count < 2 {
		return count, false, 0
	}
	return count, longest-shortest <= 1, 2 * float64(last-first) / float64(count-1)
}

// norm returns the 2-norm of the parameters.
func (w *watcher[F]) norm() float64 {
	sum := 0.0
	for _, v := range w.last {
		sum += float64(float64(v) * float64(v))
	}
	return math.Sqrt(sum)
}

// overshoots reports whether each of the last updates, three at least, turned back.
func (w *watcher[F]) overshoots() bool {
	if w == nil || w.N < 4 {
		return false
	}
	for k := range min(w.N-1, 8) {
		if !w.Turned[(w.N-1-k)%window] {
			return false
		}
	}
	return true
}
