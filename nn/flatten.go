package nn

import (
	"github.com/descent-go/descent/internal/rng"
	"github.com/descent-go/descent/optim"
)

// flatten takes an image, channel by channel, for a row of features.
type flatten[F optim.Float] struct{ n int }

func (f flatten[F]) kind() string                       { return "flatten" }
func (f flatten[F]) shape() []int                       { return []int{f.n} }
func (f flatten[F]) tensors() []tensor[F]               { return nil }
func (f flatten[F]) init(*rng.Rand)                     {}
func (f flatten[F]) forward(x []F, _ int) []F           { return x }
func (f flatten[F]) backward(dy []F, _ int, _ bool) []F { return dy }

// channels brings images from pixel by pixel to channel by channel.
type channels[F optim.Float] struct {
	h, w, c int
	y, dx   []F
}

func (l *channels[F]) kind() string         { return "channels" }
func (l *channels[F]) shape() []int         { return []int{l.c, l.h, l.w} }
func (l *channels[F]) tensors() []tensor[F] { return nil }
func (l *channels[F]) init(*rng.Rand)       {}

func (l *channels[F]) forward(x []F, n int) []F {
	l.y = sized(l.y, len(x))
	exchange(l.y, x, n, l.h*l.w, l.c)
	return l.y
}

func (l *channels[F]) backward(dy []F, n int, inputs bool) []F {
	if !inputs {
		return nil
	}
	l.dx = sized(l.dx, len(dy))
	exchange(l.dx, dy, n, l.c, l.h*l.w)
	return l.dx
}

// exchange transposes n matrices of rows×cols.
func exchange[F optim.Float](to, from []F, n, rows, cols int) {
	for e := range n {
		from, to := from[e*rows*cols:], to[e*rows*cols:]
		for r := range rows {
			for c, v := range from[r*cols:][:cols] {
				to[c*rows+r] = v
			}
		}
	}
}
