package bench

import (
	"fmt"
	"math"
	"strconv"

	"github.com/descent-go/descent/optim"
)

// A Plain compares a step of AdamW, on float32 and one thread, with the loop
// that one would write in Go.
type Plain struct {
	Params int     `json:"params"`
	NS     float64 `json:"ns_per_step"`
	Ratio  float64 `json:"plain_over_step"` // time of the loop in terms of the step's
}

// A Tensors is what it costs a step of AdamW, on float32, that its parameters
// are many tensors instead of one.
type Tensors struct {
	Tensors int     `json:"tensors"`
	Size    int     `json:"size"` // parameters of each
	Flat    bool    `json:"flat"` // they lie side by side in memory, as a network's do
	Threads int     `json:"threads"`
	NS      float64 `json:"ns_per_step"`
	Ratio   float64 `json:"over_one_tensor"` // time in terms of one tensor's of as many parameters
	Allocs  int     `json:"allocs_per_step"`
}

// plainAdamW is AdamW with its default hyper-parameters as a loop over slices,
// with what does not depend on the element taken out of the loop.
type plainAdamW struct {
	p, g, m, v     []float32
	power1, power2 float64 // of beta1 and beta2, to the number of updates
}

// step does one update.
func (o *plainAdamW) step(lr float64) error {
	const beta1, beta2, eps, decay = 0.9, 0.999, 1e-8, 0.01
	o.power1 *= beta1
	o.power2 *= beta2
	rate := float32(lr / (1 - o.power1))
	root := float32(1 / math.Sqrt(1-o.power2))
	keep := float32(1 - lr*decay)
	p, g, m, v := o.p, o.g, o.m, o.v
	g, m, v = g[:len(p)], m[:len(p)], v[:len(p)]
	for i := range p {
		m[i] = beta1*m[i] + (1-beta1)*g[i]
		v[i] = beta2*v[i] + (1-beta2)*g[i]*g[i]
		p[i] = keep*p[i] - rate*m[i]/(root*float32(math.Sqrt(float64(v[i])))+eps)
	}
	return nil
}

func newPlainAdamW(n int) *plainAdamW {
	o := &plainAdamW{p: make([]float32, n), g: make([]float32, n), m: make([]float32, n), v: make([]float32, n), power1: 1, power2: 1}
	fill(o.p, 1)
	fill(o.g, 2)
	return o
}

// plainTasks compare AdamW with the plain loop where all is in cache. Of two
// parameters a step is all overhead.
func plainTasks() []task {
	var tasks []task
	for _, n := range []int{2, 1_000, 4_000, 16_000} {
		tasks = append(tasks, task{"plain loop, " + strconv.Itoa(n) + " parameters", func(m *meter) error {
			step, err := Update[float32](optim.NewAdamW(), 1, n, true)
			if err != nil {
				return err
			}
			o := newPlainAdamW(n)
			return each([]int{1}, func(int) error {
				ns, ratio, err := m.compare(step, func() error { return o.step(1e-3) })
				if err != nil {
					return err
				}
				m.report.Plain = append(m.report.Plain, Plain{n, ns, ratio})
				return nil
			})
		}})
	}
	return tasks
}

// tensorTask compares 1,000 tensors of 100 parameters with one of 100,000.
func tensorTask(threads []int) task {
	const tensors, size = 1000, 100
	return task{fmt.Sprintf("%d tensors of %d parameters", tensors, size), func(m *meter) error {
		one, err := Update[float32](optim.NewAdamW(), 1, tensors*size, true)
		if err != nil {
			return err
		}
		for _, flat := range []bool{true, false} {
			many, err := Update[float32](optim.NewAdamW(), tensors, size, flat)
			if err != nil {
				return err
			}
			err = each(threads, func(t int) error {
				ns, ratio, err := m.compare(many, one)
				if err != nil {
					return err
				}
				allocs, err := allocations(many)
				if err != nil {
					return err
				}
				m.report.Tensors = append(m.report.Tensors, Tensors{tensors, size, flat, t, ns, 1 / ratio, allocs})
				return nil
			})
			if err != nil {
				return err
			}
		}
		return nil
	}}
}
