package nn

import (
	"math"

	"github.com/descent-go/descent/internal/rng"
	"github.com/descent-go/descent/optim"
)

// dropout sets each input to zero with the probability rate and divides the
// others by 1 − rate. In evaluation it does nothing. Srivastava et al., JMLR
// 15, 2014, in the form that scales in learning.
type dropout[F optim.Float] struct {
	dims    []int
	rate    float64
	mode    *mode
	loops   *loops[F]
	factors []F // of the last forward; nil when there were none
	room    []F
	y       []F
}

func newDropout[F optim.Float](rate float64, dims []int, m *mode) *dropout[F] {
	return &dropout[F]{dims: dims, rate: rate, mode: m, loops: loopsOf[F]()}
}

func (d *dropout[F]) kind() string         { return "dropout" }
func (d *dropout[F]) shape() []int         { return d.dims }
func (d *dropout[F]) tensors() []tensor[F] { return nil }
func (d *dropout[F]) init(*rng.Rand)       {}

func (d *dropout[F]) forward(x []F, _ int) []F {
	d.factors = nil
	if !d.mode.learn {
		return x
	}
	d.room, d.y = sized(d.room, len(x)), sized(d.y, len(x))
	limit, kept := uint32(math.Round(d.rate*(1<<32-1))), F(1/(1-d.rate))
	for i := 0; i < len(x); i += 2 { // two numbers of 32 bits from one of 64
		bits := d.mode.random.Uint64()
		for j := range min(2, len(x)-i) {
			f := kept
			if uint32(bits>>(32*j)) < limit {
				f = 0
			}
			d.room[i+j] = f
		}
	}
	d.factors = d.room
	d.loops.mul(d.y, x, d.factors)
	return d.y
}

func (d *dropout[F]) backward(dy []F, _ int, _ bool) []F {
	if d.factors != nil {
		d.loops.mul(dy, dy, d.factors)
	}
	return dy
}
