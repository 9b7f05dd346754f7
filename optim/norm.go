package optim

import (
	"math"

	"github.com/descent-go/descent/internal/parallel"
	"github.com/descent-go/descent/optim/internal/kernel"
)

// reserve makes room for the sums of all gradients, once.
func (o *Optimizer[F]) reserve() {
	if o.blocks != nil {
		return
	}
	n := 0
	for _, p := range o.params {
		n += (len(p.Data) + sumBlock - 1) / sumBlock
	}
	o.blocks = make([][kernel.Lanes]float64, n)
}

// gradNorm returns the 2-norm of all gradients, each read once, by as many
// threads as it deserves: blocks are summed apart, and their sums in order.
// Where float64 cannot hold the sum of squares it scales them first.
func (o *Optimizer[F]) gradNorm() float64 {
	n, blocks := 0, 0
	for i := range o.params {
		if o.trained(i) {
			n += len(o.params[i].Grad)
			blocks += (len(o.params[i].Grad) + sumBlock - 1) / sumBlock
		}
	}
	threads := 1
	if n >= smallest {
		threads = parallel.Threads(int(float64(n) * perElement / 4))
	}
	if threads == 1 {
		(*norm[F])(o).Part(0, 1)
	} else {
		parallel.Do(threads, (*norm[F])(o))
	}
	sum := 0.0
	for i := range o.blocks[:blocks] {
		sum += fold(&o.blocks[i])
	}
	if !math.IsInf(sum, 1) && sum >= 0x1p-900 || math.IsNaN(sum) {
		return math.Sqrt(sum)
	}
	return o.scaledNorm()
}

// norm is an optimizer's gradients in parts, to be summed up.
type norm[F Float] Optimizer[F]

// Part sums every n-th block from block i on.
func (o *norm[F]) Part(i, n int) {
	block := 0
	for j := range o.params {
		if !(*Optimizer[F])(o).trained(j) {
			continue
		}
		for g := o.params[j].Grad; len(g) > 0; block++ {
			b := g[:lowest(sumBlock, len(g))]
			g = g[len(b):]
			if block%n == i {
				o.blocks[block] = [kernel.Lanes]float64{}
				o.sum(b, &o.blocks[block])
			}
		}
	}
}

// scaledNorm is gradNorm for squares that leave the range of float64.
func (o *Optimizer[F]) scaledNorm() float64 {
	largest := 0.0
	for i := range o.params {
		if o.trained(i) {
			for _, v := range o.params[i].Grad {
				largest = math.Max(largest, math.Abs(float64(v)))
			}
		}
	}
	if math.IsInf(largest, 1) || math.IsNaN(largest) || largest == 0 {
		return largest
	}
	_, exp := math.Frexp(largest)
	sum := 0.0
	for i := range o.params {
		if o.trained(i) {
			for _, v := range o.params[i].Grad {
				s := math.Ldexp(float64(v), -exp)
				sum += float64(s * s)
			}
		}
	}
	return math.Ldexp(math.Sqrt(sum), exp)
}
