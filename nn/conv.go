package nn

import (
	"unsafe"

	"github.com/descent-go/descent/internal/cpu"
	"github.com/descent-go/descent/internal/parallel"
	"github.com/descent-go/descent/internal/rng"
	"github.com/descent-go/descent/nn/internal/gemm"
	"github.com/descent-go/descent/optim"
)

// conv is a two-dimensional convolution with bias, of images that lie channel
// by channel. As in PyTorch, the kernel is not turned round, and weight has
// the shape [channels out, channels in, size, size].
//
// Every image is laid out as a matrix with one row per element of the window
// and one column per position; the weights times that matrix are the outputs.
// The matrix of one image stays in cache, and is made again in backward.
type conv[F optim.Float] struct {
	window
	in, out       int // channels
	h, w          int // of the inputs
	outH, outW    int
	down, across  []reach // of the elements of the window, along height and width
	start         Initialization
	work          float64 // nanoseconds for one image, about
	weight, bias  []F
	weightGrad    []F
	biasGrad      []F
	hands         []*convHand[F] // one for every part of the work
	joined        []F            // weights with the bias at the end of each row
	turned        int            // channels out, filled up for what turns matrices fast
	sums          []F            // gradients of each piece: [piece][element of the window, then 1][turned]
	n             int
	x, y, dy, dx  []F
	turn          convTurn
	loops         *loops[F]
	inputGradient bool
}

// convTurn is which pass the parts do.
type convTurn int

const (
	convForward convTurn = iota
	convBackward
)

// A convHand is what one thread works with.
type convHand[F optim.Float] struct {
	mul     gemm.Workspace[F]
	columns []F // of one image; the last row is ones, and padding stays zero
	back    []F // their gradient
	dy      []F // of one image, filled up to turned channels
}

func newConv[F optim.Float](win window, out int, in []int, start Initialization) *conv[F] {
	c := &conv[F]{window: win, in: in[0], out: out, h: in[1], w: in[2], start: start, loops: loopsOf[F]()}
	c.outH, c.outW = win.along(c.h), win.along(c.w)
	c.joined = make([]F, out*(c.rows()+1))
	c.turned = turnable[F](out)
	c.down, c.across = win.reaches(c.h), win.reaches(c.w)
	c.work = float64(c.rows()) * float64(c.positions()) * float64(out) / 20
	return c
}

func (c *conv[F]) kind() string { return "conv" }
func (c *conv[F]) shape() []int { return []int{c.out, c.outH, c.outW} }

// rows returns the number of elements of a window, over all channels.
func (c *conv[F]) rows() int { return c.in * c.size * c.size }

// positions returns the number of places of the window.
func (c *conv[F]) positions() int { return c.outH * c.outW }

func (c *conv[F]) tensors() []tensor[F] {
	return []tensor[F]{
		{"weight", []int{c.out, c.in, c.size, c.size}, &c.weight, &c.weightGrad},
		{"bias", []int{c.out}, &c.bias, &c.biasGrad},
	}
}

func (c *conv[F]) init(r *rng.Rand) {
	fill(c.start, c.weight, c.rows(), c.out*c.size*c.size, r)
	clear(c.bias)
}

func (c *conv[F]) forward(x []F, n int) []F {
	c.x, c.n = x, n
	c.y = sized(c.y, n*c.out*c.positions())
	k := c.rows()
	for o, b := range c.bias {
		row := c.joined[o*(k+1):][:k+1]
		row[copy(row, c.weight[o*k:][:k])] = b
	}
	c.run(convForward, c.work)
	return c.y
}

func (c *conv[F]) backward(dy []F, n int, inputs bool) []F {
	c.dy, c.inputGradient = dy, inputs
	each := (c.rows() + 1) * c.turned
	c.sums = sized(c.sums, pieces(n)*each)
	work := c.work
	if inputs {
		c.dx = sized(c.dx, n*c.in*c.h*c.w)
		work *= 2
	}
	c.run(convBackward, work)
	for p := 1; p < pieces(n); p++ {
		c.loops.add(c.sums[:each], c.sums[:each], c.sums[p*each:][:each])
	}
	for k := range c.rows() {
		for o, g := range c.sums[k*c.turned:][:c.out] {
			c.weightGrad[o*c.rows()+k] = g
		}
	}
	copy(c.biasGrad, c.sums[c.rows()*c.turned:])
	if !inputs {
		return nil
	}
	return c.dx
}

// run does a pass over the batch.
func (c *conv[F]) run(turn convTurn, work float64) {
	c.turn = turn
	most := threadsFor(c.n, work*float64(c.n))
	for len(c.hands) < most {
		h := &convHand[F]{columns: make([]F, (c.rows()+1)*c.positions())}
		h.mul.Threads = 1
		ones := h.columns[c.rows()*c.positions():]
		for i := range ones {
			ones[i] = 1
		}
		c.hands = append(c.hands, h)
	}
	parallel.Do(most, c)
}

// Part does some pieces of the batch; package parallel calls it.
func (c *conv[F]) Part(i, parts int) {
	h := c.hands[i]
	if c.turn == convForward {
		lo, hi := examplesOf(i, parts, c.n)
		for e := lo; e < hi; e++ {
			c.image(h, e)
		}
		return
	}
	each := (c.rows() + 1) * c.turned
	from, to := shared(i, parts, c.n)
	for p := from; p < to; p++ {
		lo, hi := piece(p, c.n)
		sum := gemm.Of(c.sums[p*each:][:each], c.rows()+1, c.turned)
		for e := lo; e < hi; e++ {
			c.imageBack(h, e, sum, e == lo)
		}
	}
}

// image computes the outputs of example e.
func (c *conv[F]) image(h *convHand[F], e int) {
	k, p := c.rows(), c.positions()
	c.lay(h.columns, c.x[e*c.in*c.h*c.w:][:c.in*c.h*c.w])
	h.mul.Mul(1, gemm.Of(c.joined, c.out, k+1), gemm.Of(h.columns, k+1, p), 0, gemm.Of(c.y[e*c.out*p:], c.out, p))
}

// imageBack adds the gradients of the parameters by example e to sum, or sets
// it if e is the first, and computes the gradient of its inputs.
func (c *conv[F]) imageBack(h *convHand[F], e int, sum gemm.Matrix[F], first bool) {
	k, p, pixels := c.rows(), c.positions(), c.in*c.h*c.w
	dy := gemm.Of(c.dy[e*c.out*p:], c.out, p)
	c.lay(h.columns, c.x[e*pixels:][:pixels])
	beta := F(1)
	if first {
		beta = 0
	}
	full := dy
	if c.turned > c.out {
		h.dy = sized(h.dy, c.turned*p)
		copy(h.dy, c.dy[e*c.out*p:][:c.out*p])
		full = gemm.Of(h.dy, c.turned, p)
	}
	h.mul.Mul(1, gemm.Of(h.columns, k+1, p), full.T(), beta, sum)
	if !c.inputGradient {
		return
	}
	h.back = sized(h.back, k*p)
	h.mul.Mul(1, gemm.Of(c.weight, c.out, k).T(), dy, 0, gemm.Of(h.back, k, p))
	c.gather(c.dx[e*pixels:][:pixels], h.back)
}

// turnable returns how many rows a matrix of n rows is better filled up to
// before it is turned: whole vectors of AVX-512.
func turnable[F optim.Float](n int) int {
	if cpu.Best() != cpu.AVX512 {
		return n
	}
	lanes := 64 / int(unsafe.Sizeof(F(0)))
	return (n + lanes - 1) / lanes * lanes
}

// spread fills a slice with one value.
func spread[F optim.Float](dst []F, v F) {
	n := min(16, len(dst))
	for i := range dst[:n] {
		dst[i] = v
	}
	for ; n < len(dst); n *= 2 {
		copy(dst[n:], dst[:n])
	}
}
