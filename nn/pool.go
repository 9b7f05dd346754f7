package nn

import (
	"github.com/descent-go/descent/internal/parallel"
	"github.com/descent-go/descent/internal/rng"
	"github.com/descent-go/descent/nn/internal/kernel"
	"github.com/descent-go/descent/optim"
)

// pool takes the largest number, or the mean, of every window of a channel.
type pool[F optim.Float] struct {
	window
	mean         bool
	c, h, w      int
	outH, outW   int
	n            int
	x, y, dy, dx []F
	turn         bool // backward
	loops        *loops[F]
	hands        []*kernel.Pool[F] // one for every part of the work
}

func newPool[F optim.Float](win window, mean bool, in []int) *pool[F] {
	return &pool[F]{
		window: win, mean: mean, c: in[0], h: in[1], w: in[2],
		outH: win.along(in[1]), outW: win.along(in[2]), loops: loopsOf[F](),
	}
}

func (p *pool[F]) kind() string {
	if p.mean {
		return "avgpool"
	}
	return "pool"
}

func (p *pool[F]) shape() []int         { return []int{p.c, p.outH, p.outW} }
func (p *pool[F]) tensors() []tensor[F] { return nil }
func (p *pool[F]) init(*rng.Rand)       {}

func (p *pool[F]) forward(x []F, n int) []F {
	p.x, p.n, p.turn = x, n, false
	p.y = sized(p.y, n*p.c*p.outH*p.outW)
	p.run()
	return p.y
}

func (p *pool[F]) backward(dy []F, n int, inputs bool) []F {
	if !inputs {
		return nil
	}
	p.dy, p.turn = dy, true
	p.dx = sized(p.dx, len(p.x))
	p.run()
	return p.dx
}

// run does a pass over the batch.
func (p *pool[F]) run() {
	most := threadsFor(p.n, p.work())
	for len(p.hands) < most {
		p.hands = append(p.hands, &kernel.Pool[F]{})
	}
	parallel.Do(most, p)
}

// work returns about how many nanoseconds a pass takes.
func (p *pool[F]) work() float64 {
	if p.pairs() {
		return float64(len(p.x)) / 8
	}
	return float64(len(p.x))
}

// pairs says whether the kernels for windows of 2×2 do it.
func (p *pool[F]) pairs() bool { return !p.mean && p.size == 2 && p.stride == 2 }

// Part does some examples; package parallel calls it.
func (p *pool[F]) Part(i, parts int) {
	lo, hi := examplesOf(i, parts, p.n)
	from, to := p.h*p.w, p.outH*p.outW
	if p.pairs() {
		p.paired(p.hands[i], lo*p.c, hi*p.c)
		return
	}
	for plane := lo * p.c; plane < hi*p.c; plane++ {
		x, at := p.x[plane*from:][:from], plane*to
		switch {
		case p.turn:
			dx := p.dx[plane*from:][:from]
			p.planeBack(x, p.dy[at:][:to], dx)
		default:
			p.plane(x, p.y[at:][:to])
		}
	}
}

// paired does a pass over the planes from lo to hi-1 with the kernels for
// windows of 2×2. Planes of an even height are one tall plane to them.
func (p *pool[F]) paired(k *kernel.Pool[F], lo, hi int) {
	*k = kernel.Pool[F]{Cols: p.outW, LdY: p.outW, LdX: p.w}
	from, to, most := p.h*p.w, p.outH*p.outW, 1
	if p.h%2 == 0 {
		most = max(1, uninterrupted/from)
	}
	for at := lo; at < hi; at += most {
		each := min(most, hi-at)
		k.Rows = each * p.outH
		k.X = p.x[at*from:][:each*from]
		if !p.turn {
			k.Y = p.y[at*to:][:each*to]
			p.loops.maxPool(k)
			continue
		}
		k.D, k.DX = p.dy[at*to:][:each*to], p.dx[at*from:][:each*from]
		if p.w%2 == 1 || p.h%2 == 1 {
			clear(k.DX)
		}
		p.loops.maxPoolBack(k)
	}
	*k = kernel.Pool[F]{} // holds on to nothing
}

// plane computes the outputs of one channel.
func (p *pool[F]) plane(x, y []F) {
	share := 1 / F(p.size*p.size)
	for i := range p.outH {
		for j := range p.outW {
			at := i*p.stride*p.w + j*p.stride
			if !p.mean {
				y[i*p.outW+j] = x[p.largest(x, at)]
				continue
			}
			y[i*p.outW+j] = p.sum(x, at) * share
		}
	}
}

// planeBack computes the gradient of one channel's inputs.
func (p *pool[F]) planeBack(x, dy, dx []F) {
	clear(dx)
	share := 1 / F(p.size*p.size)
	for i := range p.outH {
		for j, g := range dy[i*p.outW:][:p.outW] {
			at := i*p.stride*p.w + j*p.stride
			if !p.mean {
				dx[p.largest(x, at)] += g
				continue
			}
			g := F(g * share)
			for k := range p.size {
				row := dx[at+k*p.w:][:p.size]
				for l := range row {
					row[l] += g
				}
			}
		}
	}
}

// sum returns the sum of a window.
func (p *pool[F]) sum(x []F, at int) F {
	if p.size == 2 {
		top, low := x[at:][:2], x[at+p.w:][:2]
		return top[0] + top[1] + low[0] + low[1]
	}
	sum := F(0)
	for k := range p.size {
		for _, v := range x[at+k*p.w:][:p.size] {
			sum += v
		}
	}
	return sum
}

// largest returns where the largest number of a window is, the first of
// several; or the last that is not a number, so that it is not hidden.
func (p *pool[F]) largest(x []F, at int) int {
	best := at
	for k := range p.size {
		for l, v := range x[at+k*p.w:][:p.size] {
			if v > x[best] || v != v {
				best = at + k*p.w + l
			}
		}
	}
	return best
}
