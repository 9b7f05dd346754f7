package experiment

import (
	"fmt"

	"github.com/descent-go/descent/data"
	"github.com/descent-go/descent/optim"
	"github.com/descent-go/descent/train"
)

// atOnce is the number of examples evaluated at a time where Options.EvalBatch
// does not say it.
const atOnce = 256

// Loss returns the loss at the parameters as they are: the mean over a set, or
// with a nil set that of a function, without its noise. Nothing is updated; but a
// model that is no train.Evaluator is asked for its loss in learning, which
// overwrites gradients.
func (s *Session) Loss(set *data.Set) (float64, error) { return s.loss(set) }

// lossOf returns what Loss calls.
func lossOf[F optim.Float](s *Session, model train.Model[F]) func(*data.Set) (float64, error) {
	return func(set *data.Set) (float64, error) {
		if set == nil {
			if at, ok := model.(train.Pointwise); ok {
				return at.At(s.Point()), nil
			}
			return model.Loss(nil)
		}
		of := model.Loss
		if e, ok := model.(train.Evaluator); ok {
			of = func(b *data.Batch) (float64, error) {
				loss, _, err := e.Evaluate(b)
				return loss, err
			}
		}
		size := s.Options.EvalBatch
		if size == 0 {
			size = atOnce
		}
		n := set.Len()
		if n == 0 {
			return 0, fmt.Errorf("experiment: the loss of an empty set")
		}
		sum := 0.0
		all := set.All()
		for lo := 0; lo < n; lo += size {
			hi := min(lo+size, n)
			b := all
			b.N, b.X = hi-lo, all.X[lo*all.Dim:hi*all.Dim]
			if all.Label != nil {
				b.Label = all.Label[lo:hi]
			}
			if all.Target != nil {
				b.Target = all.Target[lo*all.Out : hi*all.Out]
			}
			loss, err := of(&b)
			if err != nil {
				return 0, err
			}
			sum += float64(loss * float64(b.N))
		}
		return sum / float64(n), nil
	}
}

// Point returns a copy of all parameters, one after the other.
func (s *Session) Point() []float64 {
	var all []float64
	for _, p := range s.Params {
		for _, v := range p.Data {
			all = append(all, float64(v))
		}
	}
	for _, p := range s.Params64 {
		all = append(all, p.Data...)
	}
	return all
}

// Put sets all parameters, one after the other, rounded to the model's precision.
// It panics unless there is one value for each.
func (s *Session) Put(point []float64) {
	at := 0
	for _, p := range s.Params {
		for i := range p.Data {
			p.Data[i] = float32(point[at+i])
		}
		at += len(p.Data)
	}
	for _, p := range s.Params64 {
		at += copy(p.Data, point[at:at+len(p.Data)])
	}
	if at != len(point) {
		panic(fmt.Sprintf("experiment: %d values for %d parameters", len(point), at))
	}
}
