package optim

import "fmt"

// An Accumulator averages the gradients of several batches, for a batch larger
// than memory.
//
//	for _, b := range micro {
//		… // gradients of b
//		acc.Add(float64(b.N))
//	}
//	acc.Mean() // Grad is the gradient of them all
//	err := opt.Step(lr)
type Accumulator[F Float] struct {
	params []Param[F]
	sums   [][]F
	has    []bool
	weight float64
}

// NewAccumulator returns an accumulator of the gradients of params, as large as they are.
func NewAccumulator[F Float](params []Param[F]) *Accumulator[F] {
	a := &Accumulator[F]{params: params, sums: make([][]F, len(params)), has: make([]bool, len(params))}
	for i, p := range params {
		a.sums[i] = make([]F, len(p.Data))
	}
	return a
}

// Add adds the present gradients with a weight above zero, such as the number
// of examples that they are the mean of. A parameter without a gradient adds nothing.
func (a *Accumulator[F]) Add(weight float64) error {
	if !(weight > 0) || weight-weight != 0 {
		return fmt.Errorf("optim: Accumulator.Add(%v), want a finite weight above zero", weight)
	}
	w := F(weight)
	for i := range a.params {
		g, sum := a.params[i].Grad, a.sums[i]
		if g == nil {
			continue
		}
		if len(g) != len(sum) {
			return fmt.Errorf("optim: gradient of %q has %d values, want %d", a.params[i].Name, len(g), len(sum))
		}
		a.has[i] = true
		for j, v := range g {
			sum[j] += F(w * v)
		}
	}
	a.weight += weight
	return nil
}

// Weight returns the weight gathered since the last Mean.
func (a *Accumulator[F]) Weight() float64 { return a.weight }

// Mean overwrites every Grad with the weighted mean of what was added, and
// starts again. It does nothing when nothing was added.
func (a *Accumulator[F]) Mean() {
	if a.weight == 0 {
		return
	}
	inv := F(1 / a.weight)
	for i := range a.params {
		g, sum := a.params[i].Grad, a.sums[i]
		for j, v := range sum {
			if g != nil && a.has[i] {
				g[j] = v * inv
			}
			sum[j] = 0
		}
		a.has[i] = false
	}
	a.weight = 0
}
