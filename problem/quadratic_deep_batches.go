package problem

import (
	"encoding/binary"
	"errors"
	"fmt"
	"slices"

	"github.com/descent-go/descent/internal/rng"
)

// QuadraticDeepBatches is a QuadraticDeep whose gradient is that of one batch
// of training points after the other. The points are shuffled once, those that
// do not fill a batch are dropped, and every epoch has the same batches in the
// same order: the published results rest on that, for momentum near 1 averages
// out what comes back every epoch. The value stays that of the test points. It
// is not safe for concurrent use.
type QuadraticDeepBatches struct {
	*QuadraticDeep
	stream []byte    // the state of the stream that the order comes from
	at     int       // the next batch of the epoch
	pulls  []float64 // H times the mean of each batch
}

// Batches returns the problem with the gradient of batches of training points,
// which a seed puts in order.
func (q *QuadraticDeep) Batches(seed uint64) *QuadraticDeepBatches {
	b := &QuadraticDeepBatches{QuadraticDeep: q}
	order := rng.New(seed, "order")
	b.stream, _ = order.MarshalBinary() // a stream of New has a state
	b.draw(order)
	return b
}

// PerEpoch returns the number of steps of an epoch.
func (b *QuadraticDeepBatches) PerEpoch() int { return len(b.pulls) / b.n }

// draw makes the batches.
func (b *QuadraticDeepBatches) draw(order *rng.Rand) {
	index := order.Perm(len(b.train) / b.n)
	b.pulls = make([]float64, len(index)/b.batch*b.n)
	center := make([]float64, b.n)
	for k := range b.PerEpoch() {
		clear(center)
		for _, i := range index[k*b.batch : (k+1)*b.batch] {
			add(center, b.train[i*b.n:(i+1)*b.n])
		}
		divide(center, float64(b.batch))
		b.times(center, b.pulls[k*b.n:(k+1)*b.n])
	}
}

// Gradient writes the gradient of the next batch into g, and returns the value
// of the test points.
func (b *QuadraticDeepBatches) Gradient(x, g []float64) float64 {
	lo := b.at * b.n
	b.at = (b.at + 1) % b.PerEpoch()
	return b.pulled(x, g, b.pulls[lo:lo+b.n])
}

// Unwrap returns the problem of the test points.
func (b *QuadraticDeepBatches) Unwrap() Problem { return b.QuadraticDeep }

// Noise returns the like of "batches of 128".
func (b *QuadraticDeepBatches) Noise() string { return fmt.Sprintf("batches of %d", b.batch) }

// State returns the order of the batches and the place in it.
func (b *QuadraticDeepBatches) State() ([]byte, error) {
	return binary.LittleEndian.AppendUint32(slices.Clone(b.stream), uint32(b.at)), nil
}

// SetState goes on from a place that State returned.
func (b *QuadraticDeepBatches) SetState(state []byte) error {
	const size = 4
	var order rng.Rand
	if len(state) < size || order.UnmarshalBinary(state[:len(state)-size]) != nil {
		return errors.New("problem: not the state of batches")
	}
	at := binary.LittleEndian.Uint32(state[len(state)-size:])
	if int64(at) >= int64(b.PerEpoch()) {
		return fmt.Errorf("problem: the state of batch %d, want less than %d", at, b.PerEpoch())
	}
	b.stream, b.at = slices.Clone(state[:len(state)-size]), int(at)
	b.draw(&order)
	return nil
}
