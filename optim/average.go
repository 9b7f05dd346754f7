package optim

import (
	"fmt"

	"github.com/descent-go/descent/internal/portable"
)

// An Average keeps a running mean of parameters beside those that are trained,
// for evaluation: an exponential moving average or stochastic weight averaging.
type Average[F Float] struct {
	params  []Param[F]
	means   []Param[F] // without gradients
	decay   float64    // 0 for the plain mean
	n       int64
	swapped bool
}

// NewEMA returns an exponential moving average: mean = decay·mean + (1 − decay)·θ,
// divided by 1 − decayⁿ so that it does not lean towards its start. decay is in (0, 1).
//
// B. T. Polyak, A. B. Juditsky, 1992, with the weights of D. P. Kingma, J. Ba, 2015, section 3.
func NewEMA[F Float](params []Param[F], decay float64) (*Average[F], error) {
	if !(decay > 0 && decay < 1) {
		return nil, fmt.Errorf("optim: NewEMA: decay = %v, want (0, 1)", decay)
	}
	return newAverage(params, decay), nil
}

// NewSWA returns the plain mean of the parameters at each Update.
//
// P. Izmailov et al., Averaging weights leads to wider optima and better
// generalization, UAI 2018, algorithm 1, arXiv:1803.05407.
func NewSWA[F Float](params []Param[F]) *Average[F] { return newAverage(params, 0) }

func newAverage[F Float](params []Param[F], decay float64) *Average[F] {
	a := &Average[F]{params: params, means: make([]Param[F], len(params)), decay: decay}
	for i, p := range params {
		a.means[i] = Param[F]{Name: p.Name, Shape: p.Shape, Data: make([]F, len(p.Data))}
	}
	return a
}

// Update takes the present parameters into the mean. It is an error while the
// averages are swapped in.
func (a *Average[F]) Update() error {
	if a.swapped {
		return fmt.Errorf("optim: Average.Update while the averages are swapped in; call Swap first")
	}
	a.n++
	// The weight of the newest: 1/n, or (1 − d)/(1 − dⁿ), both 1 for the first.
	w := 1 / float64(a.n)
	if a.decay > 0 {
		w = (1 - a.decay) / (1 - portable.Pow(a.decay, float64(a.n)))
	}
	f := F(w)
	for i := range a.params {
		mean := a.means[i].Data
		for j, v := range a.params[i].Data {
			mean[j] += F(f * (v - mean[j]))
		}
	}
	return nil
}

// Count returns how many times Update was called.
func (a *Average[F]) Count() int64 { return a.n }

// Swap exchanges the averages and the parameters: call it before evaluating
// and again before training on. It does nothing before the first Update.
func (a *Average[F]) Swap() {
	if a.n == 0 {
		return
	}
	a.swapped = !a.swapped
	for i := range a.params {
		mean := a.means[i].Data
		for j, v := range a.params[i].Data {
			a.params[i].Data[j], mean[j] = mean[j], v
		}
	}
}

// Swapped reports whether the parameters hold the averages.
func (a *Average[F]) Swapped() bool { return a.swapped }
