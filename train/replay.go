package train

import (
	"bytes"

	"github.com/descent-go/descent/data"
	"github.com/descent-go/descent/optim"
)

// A replay evaluates the loss of one step again, at other parameters: the same
// batches, the same random numbers, the same buffers. Afterwards all is as if
// it had not. Nil records and replays nothing.
type replay[F optim.Float] struct {
	model  Model[F]
	params []optim.Param[F]
	fixed  []bool // parameters that are not trained

	random  Randomised // nil for a model without random numbers
	before  []byte     // its state before the step, and after
	after   []byte
	buffers []optim.Param[F]
	early   []F // the buffers before the step, and after
	late    []F

	batches []data.Batch // of the step, copies
	count   int
	values  []F // parameters and gradients after the step
	grads   []F
}

func newReplay[F optim.Float](model Model[F], params []optim.Param[F], fixed []bool) *replay[F] {
	r := &replay[F]{model: model, params: params, fixed: fixed, values: flat(params), grads: flat(params)}
	r.random, _ = model.(Randomised)
	if m, ok := model.(Buffered[F]); ok {
		r.buffers = m.Buffers()
		r.early, r.late = flat(r.buffers), flat(r.buffers)
	}
	return r
}

// flat returns room for the elements of all parameters.
func flat[F optim.Float](params []optim.Param[F]) []F {
	n := 0
	for _, p := range params {
		n += len(p.Data)
	}
	return make([]F, n)
}

// begin records what a step starts from.
func (r *replay[F]) begin() (err error) {
	if r == nil {
		return nil
	}
	r.count = 0
	pack(r.early, r.buffers)
	if r.random != nil {
		r.before, err = r.random.State()
	}
	return err
}

// keep records a batch of the step.
func (r *replay[F]) keep(b *data.Batch) {
	if r == nil {
		return
	}
	if r.count == len(r.batches) {
		r.batches = append(r.batches, data.Batch{})
	}
	k := &r.batches[r.count]
	r.count++
	x, label, target := append(k.X[:0], b.X...), append(k.Label[:0], b.Label...), append(k.Target[:0], b.Target...)
	*k = *b
	k.X, k.Label, k.Target = x, label, target
	if b.Label == nil {
		k.Label = nil
	}
	if b.Target == nil {
		k.Target = nil
	}
}

// open records what the step has come to, so that close brings it back.
func (r *replay[F]) open() (err error) {
	pack(r.values, r.params)
	pack(r.late, r.buffers)
	at := 0
	for _, p := range r.params {
		copy(r.grads[at:], p.Grad)
		at += len(p.Data)
	}
	if r.random != nil {
		r.after, err = r.random.State()
	}
	return err
}

// close puts everything back.
func (r *replay[F]) close() error {
	unpack(r.params, r.values)
	unpack(r.buffers, r.late)
	at := 0
	for _, p := range r.params {
		copy(p.Grad, r.grads[at:])
		at += len(p.Data)
	}
	return r.rewind(r.after)
}

// rewind sets the model's random numbers to where they were, if the step has
// drawn any.
func (r *replay[F]) rewind(to []byte) error {
	if r.random == nil || bytes.Equal(r.before, r.after) {
		return nil
	}
	return r.random.SetState(to)
}

// gradient returns the step's loss at the present parameters, and adds its
// gradient, times a factor, to dst. Parameters that are not trained have none.
func (r *replay[F]) gradient(dst []F, factor float64) (float64, error) {
	unpack(r.buffers, r.early)
	if err := r.rewind(r.before); err != nil {
		return 0, err
	}
	if r.count <= 1 {
		var b *data.Batch
		if r.count == 1 {
			b = &r.batches[0]
		}
		loss, err := r.model.Loss(b)
		if err == nil {
			r.add(dst, factor)
		}
		return loss, err
	}
	var sum mean
	total := 0.0
	for _, b := range r.batches[:r.count] {
		total += float64(b.N)
	}
	for i := range r.batches[:r.count] {
		b := &r.batches[i]
		loss, err := r.model.Loss(b)
		if err != nil {
			return 0, err
		}
		sum.add(loss, float64(b.N))
		r.add(dst, factor*(float64(b.N)/total))
	}
	return sum.value(), nil
}

func (r *replay[F]) add(dst []F, factor float64) {
	k, at := F(factor), 0
	for i, p := range r.params {
		if p.Grad != nil && !r.fixed[i] {
			for j, v := range p.Grad {
				dst[at+j] += F(k * v)
			}
		}
		at += len(p.Data)
	}
}

// pack writes the values of all parameters to dst, one after the other.
func pack[F optim.Float](dst []F, params []optim.Param[F]) {
	at := 0
	for _, p := range params {
		at += copy(dst[at:], p.Data)
	}
}

// unpack sets the values of all parameters.
func unpack[F optim.Float](params []optim.Param[F], src []F) {
	at := 0
	for _, p := range params {
		at += copy(p.Data, src[at:])
	}
}
