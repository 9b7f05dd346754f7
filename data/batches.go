package data

import (
	"fmt"
	"strconv"

	"github.com/descent-go/descent/internal/rng"
)

// Batches serves a set in batches, epoch after epoch, each epoch in an order
// of its own that depends on the seed and the number of the epoch only. So it
// can be continued anywhere: see Position and Seek.
type Batches struct {
	set   *Set
	size  int
	seed  uint64
	drop  bool
	epoch int // the epoch being served
	next  int // the batch of it to serve next
	order []int
	made  int // the epoch that order belongs to; -1 before the first
	buf   Batch
}

// NewBatches returns batches of the given size: 1 for stochastic gradient
// descent; 0, or the size of the set and more, for the whole set in one batch.
// An epoch's last batch holds what is left and may be shorter. A batch of the
// whole set is the set itself, not reordered.
//
// An empty set and a negative size are errors.
func NewBatches(s *Set, size int, seed uint64) (*Batches, error) {
	n := s.Len()
	if n == 0 {
		return nil, fmt.Errorf("data: %s has no examples to make batches of", s.Name)
	}
	if size < 0 {
		return nil, fmt.Errorf("data: batch size %d of %s, want at least 1, or 0 for all", size, s.Name)
	}
	if size == 0 || size > n {
		size = n
	}
	b := &Batches{set: s, size: size, seed: seed, made: -1}
	b.buf = Batch{Dim: s.Dim, Out: s.Out}
	if size < n {
		b.order = make([]int, n)
		b.buf.X = make([]float32, size*s.Dim)
		if s.Label != nil {
			b.buf.Label = make([]int32, size)
		}
		if s.Target != nil {
			b.buf.Target = make([]float32, size*s.Out)
		}
	}
	return b, nil
}

// DropShort leaves out the short batch at the end of an epoch from now on.
// The examples in it differ from epoch to epoch.
func (b *Batches) DropShort() { b.drop = true }

// Size returns the number of examples of a full batch.
func (b *Batches) Size() int { return b.size }

// PerEpoch returns the number of batches of one epoch.
func (b *Batches) PerEpoch() int {
	n := b.set.Len()
	if b.drop {
		return n / b.size
	}
	return (n + b.size - 1) / b.size
}

// Next sets dst to the next batch and reports true, or, at the end of an
// epoch, reports false once and goes on to the next epoch. The batch's slices
// are valid until the following call. Next allocates only where an epoch
// begins.
func (b *Batches) Next(dst *Batch) bool {
	if b.next >= b.PerEpoch() {
		b.epoch, b.next = b.epoch+1, 0
		return false
	}
	if b.size == b.set.Len() {
		*dst = b.set.All()
		b.next++
		return true
	}
	if b.made != b.epoch {
		b.shuffle()
	}
	lo := b.next * b.size
	hi := min(lo+b.size, len(b.order))
	b.next++

	*dst = b.buf
	dst.N = hi - lo
	dst.X = b.buf.X[:dst.N*dst.Dim]
	for i, example := range b.order[lo:hi] {
		copy(dst.X[i*dst.Dim:(i+1)*dst.Dim], b.set.Row(example))
	}
	if b.buf.Label != nil {
		dst.Label = b.buf.Label[:dst.N]
		for i, example := range b.order[lo:hi] {
			dst.Label[i] = b.set.Label[example]
		}
	}
	if out := b.set.Out; b.buf.Target != nil {
		dst.Target = b.buf.Target[:dst.N*out]
		for i, example := range b.order[lo:hi] {
			copy(dst.Target[i*out:(i+1)*out], b.set.Target[example*out:(example+1)*out])
		}
	}
	return true
}

// Err returns nil: a set in memory cannot fail. It makes Batches a Source.
func (b *Batches) Err() error { return nil }

// shuffle makes the order of the current epoch.
func (b *Batches) shuffle() {
	for i := range b.order {
		b.order[i] = i
	}
	r := rng.New(b.seed, fmt.Sprintf("order of epoch %d", b.epoch))
	r.Shuffle(len(b.order), func(i, j int) { b.order[i], b.order[j] = b.order[j], b.order[i] })
	b.made = b.epoch
}

// Position returns the epoch being served and how many of its batches have
// been, both from 0.
func (b *Batches) Position() (epoch, batch int) { return b.epoch, b.next }

// Seek continues from a position that Position returned: with the same set,
// size and seed, the batches that follow are the same.
func (b *Batches) Seek(epoch, batch int) error {
	if epoch < 0 || batch < 0 || batch > b.PerEpoch() {
		return fmt.Errorf("data: seek to epoch %d, batch %d: want an epoch from 0 and a batch in 0 to %d", epoch, batch, b.PerEpoch())
	}
	b.epoch, b.next = epoch, batch
	return nil
}

// Settings names what decides the order of the examples, and must be the same
// for a position to mean the same.
func (b *Batches) Settings() map[string]string {
	return map[string]string{
		"examples":   strconv.Itoa(b.set.Len()),
		"features":   strconv.Itoa(b.set.Dim),
		"batch size": strconv.Itoa(b.size),
		"seed":       strconv.FormatUint(b.seed, 10),
		"drop short": strconv.FormatBool(b.drop),
	}
}

// A Source serves batches: Batches from memory, epoch after epoch, or a
// Stream, each row once.
type Source interface {
	// Next sets the batch to the next one. It reports false at the end of an
	// epoch, or of the stream, and on an error.
	Next(*Batch) bool
	// Err returns the error that ended the stream, or nil.
	Err() error
}
