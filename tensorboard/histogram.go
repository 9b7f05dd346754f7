package tensorboard

import (
	"fmt"
	"math"
	"time"

	"github.com/descent-go/descent/optim"
)

// bucketCount is that of TensorBoard's own histograms.
const bucketCount = 30

// Watch writes histograms of a model's parameters as "parameters/NAME" and of
// their updates as "updates/NAME": at the beginning and every n-th step. An
// update is what that one step changed. Watching costs another copy of the
// parameters, and passes over them at two of n steps.
//
// A histogram has 30 buckets of equal width. What is not finite is in none of
// them; the scalar "not_finite/parameters/NAME" counts it where there is some.
//
// Watch is called before the run begins. It returns an error when every is not
// positive.
func Watch[F optim.Float](w *Writer, params []optim.Param[F], every int64) error {
	if every <= 0 {
		return fmt.Errorf("tensorboard: Watch every = %d steps, want (0, +Inf)", every)
	}
	p := &watch[F]{params: params, every: every, at: -1}
	total := 0
	for i := range params {
		total += len(params[i].Data)
	}
	p.last = make([]F, total)
	w.watched = append(w.watched, p)
	return nil
}

// Histogram writes a histogram of values of one's own under a tag: see Watch.
func Histogram[F optim.Float](w *Writer, tag string, step int64, values []F) {
	addHistogram(w, tag, values)
	w.commit(step, w.o.Clock())
}

// watched is a watch of either type of element.
type watched interface {
	begin(w *Writer, step int64, now time.Time) // before the update of a step
	step(w *Writer, step int64, now time.Time)  // after it
}

type watch[F optim.Float] struct {
	params []optim.Param[F]
	every  int64
	last   []F   // the parameters
	at     int64 // after this many updates; -1: never
}

func (p *watch[F]) begin(w *Writer, step int64, now time.Time) {
	if step == 0 {
		p.values(w)
		w.commit(0, now)
		step = 1
	}
	if step%p.every == 0 {
		p.keep(step - 1)
	}
}

func (p *watch[F]) step(w *Writer, step int64, now time.Time) {
	if step%p.every == 0 {
		p.values(w)
		if p.at == step-1 {
			p.updates(w)
		}
		w.commit(step, now)
	}
	if (step+1)%p.every == 0 {
		p.keep(step)
	}
}

// keep copies the parameters.
func (p *watch[F]) keep(step int64) {
	n := 0
	for i := range p.params {
		n += copy(p.last[n:], p.params[i].Data)
	}
	p.at = step
}

func (p *watch[F]) values(w *Writer) {
	for i := range p.params {
		addHistogram(w, w.tag("parameters", p.params[i].Name), p.params[i].Data)
	}
}

// updates writes the differences to the copy, which it uses up.
func (p *watch[F]) updates(w *Writer) {
	n := 0
	for i := range p.params {
		x := p.params[i].Data
		d := p.last[n:][:len(x)]
		for j, v := range x {
			d[j] = v - d[j]
		}
		n += len(x)
		addHistogram(w, w.tag("updates", p.params[i].Name), d)
	}
	p.at = -1
}

func addHistogram[F optim.Float](w *Writer, tag string, values []F) {
	buckets, left := bucketed(values)
	if buckets == nil {
		w.values.histogram(tag, nil)
	} else {
		w.values.histogram(tag, buckets[:])
	}
	if left > 0 {
		w.values.scalar(w.tag("not_finite", tag), float64(left))
	}
}

// bucketed sorts the finite values into buckets of equal width: left edge
// (inclusive), right edge (exclusive, but for the last) and count. When all are
// equal, every bucket is of no width and the last holds them; without values
// there are no buckets. It also returns how many values are not finite.
func bucketed[F optim.Float](values []F) (*[bucketCount][3]float64, int) {
	low, high, finite := math.Inf(1), math.Inf(-1), 0
	for _, v := range values {
		if x := float64(v); x-x == 0 {
			low, high = min(low, x), max(high, x)
			finite++
		}
	}
	if finite == 0 {
		return nil, len(values)
	}
	buckets := new([bucketCount][3]float64)
	width := float64(high/2) - float64(low/2) // halves, because high − low may overflow
	if width == 0 {
		for i := range buckets {
			buckets[i] = [3]float64{low, high, 0}
		}
		buckets[bucketCount-1][2] = float64(finite)
		return buckets, len(values) - finite
	}
	for i := range buckets {
		part := float64(width * (float64(i+1) / bucketCount))
		buckets[i][1] = min(low+part+part, high)
		if i+1 < bucketCount {
			buckets[i+1][0] = buckets[i][1]
		}
	}
	buckets[0][0], buckets[bucketCount-1][1] = low, high
	scale := min(bucketCount/width, math.MaxFloat64)
	for _, v := range values {
		if x := float64(v); x-x == 0 {
			i := min(int((float64(x/2)-float64(low/2))*scale), bucketCount-1)
			for i > 0 && x < buckets[i][0] {
				i--
			}
			for i < bucketCount-1 && x >= buckets[i][1] {
				i++
			}
			buckets[i][2]++
		}
	}
	return buckets, len(values) - finite
}
