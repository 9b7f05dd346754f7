package nn

import "github.com/descent-go/descent/optim"

type loops[F optim.Float] struct {
	add, mul    func(z, x, y []F)
	maxPool     func(y, top, low []F)
	maxPoolBack func(dtop, dlow, dy, top, low []F)
}

func loopsOf[F optim.Float]() *loops[F] {
	return &loops[F]{
		add: func(z, x, y []F) {
			for i := range z {
				z[i] = x[i] + y[i]
			}
		},
		mul: func(z, x, y []F) {
			for i := range z {
				z[i] = x[i] * y[i]
			}
		},
		maxPool: func(y, top, low []F) {
			for i := range y {
				y[i] = *largestOf(top, low, i)
			}
		},
		maxPoolBack: func(dtop, dlow, dy, top, low []F) {
			clear(dtop)
			clear(dlow)
			for i, g := range dy {
				p := largestOf(top, low, i)
				switch p {
				case &top[2*i]:
					dtop[2*i] = g
				case &top[2*i+1]:
					dtop[2*i+1] = g
				case &low[2*i]:
					dlow[2*i] = g
				default:
					dlow[2*i+1] = g
				}
			}
		},
	}
}

func largestOf[F optim.Float](top, low []F, i int) *F {
	b := &top[2*i]
	for _, v := range []*F{&top[2*i+1], &low[2*i], &low[2*i+1]} {
		if *v > *b || *v != *v {
			b = v
		}
	}
	return b
}
