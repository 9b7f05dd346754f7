package train

import (
	"math"
	"unsafe"

	"github.com/descent-go/descent/internal/rng"
	"github.com/descent-go/descent/optim"
)

// precision returns the default of Diagnostics.Reach for element type F, and how
// finely its losses resolve, relative to their size.
//
// A central difference has two errors: of rounding, which grows as the reach
// shrinks, and of the fourth derivative, which grows with its square. For
// float64 they meet at the third root of the rounding error. For float32 that
// would be much too far: the largest eigenvector of a network lies in a few of
// its parameters, and 1 % of the length of all is a large distance for those.
// With 2⁻¹⁴ eigenvalues of smooth networks were within 2 % of the limit where
// the loss bends most, within 1e-4 elsewhere; the rounding of parameters then
// turns v by 1e-3 or so, at random, which is at right angles to all that matters.
func precision[F optim.Float]() (reach, roundoff float64) {
	var f F
	if unsafe.Sizeof(f) == 4 {
		return 0x1p-14, 0x1p-22
	}
	return 0x1p-18, 0x1p-51
}

// stepAlpha returns how far a step went towards the minimum along its line:
// −1 is nowhere, 0 just there, 1 to where the loss is as high as at the start.
//
// It takes the losses at both ends and the slopes there, in units of loss along
// the whole step, and fits a quadratic to all four: F. Schneider, F. Dangel,
// P. Hennig, Cockpit: a practical debugging tool for the training of deep
// neural networks, NeurIPS 2021, section 3.1, arXiv:2102.06604. There the four
// are weighted by their variances over the examples of a batch, which a model
// does not tell; here they weigh the same, but for losses whose rounding error
// exceeds the slopes: those weigh less.
//
// Where slopes have variance 1 and the difference of the losses κ, 2 as a rule,
// the fitted slopes at both ends are the given ones plus r/(1 + 2κ), r being
// what the mean of the slopes lacks to the difference of the losses. The minimum
// of the quadratic follows.
//
// Where the quadratic has no minimum, because it is straight or bends down, the
// result is −1, as in Cockpit. It is below −1 when the step went uphill, and
// +Inf when it began at the minimum. NaN comes of numbers that are not finite.
func stepAlpha(loss0, loss1, slope0, slope1, roundoff float64) float64 {
	if !finite(loss0) || !finite(loss1) || !finite(slope0) || !finite(slope1) {
		return math.NaN()
	}
	residual := (loss1 - loss0) - float64(0.5*(slope0+slope1))
	if size := math.Abs(slope0) + math.Abs(slope1); size > 0 {
		blur := roundoff * ((math.Abs(loss0) + math.Abs(loss1)) / size)
		kappa := 2 + float64(blur*blur)
		residual /= 1 + float64(2*kappa)
		slope0, slope1 = slope0+residual, slope1+residual
	}
	switch {
	case slope1 <= slope0:
		return -1
	case slope0 == 0:
		return math.Inf(1)
	}
	return -slope1 / slope0
}

// power finds the largest eigenvalue of the Hessian, which it knows by its
// products with vectors alone.
//
// A power iteration replaces v by Hv, and so comes to the eigenvalue of largest
// magnitude. This one replaces v by the vector of largest Rayleigh quotient
// vᵀHv among all combinations of v and a direction u, which needs no more
// products. With u = Hv that would be the power iteration of H + σ with the best
// shift σ in every iteration; u also keeps a share of the direction before, as
// conjugate gradients do: W. W. Bradbury, R. Fletcher, New iterative methods for
// solution of the eigenproblem, Numerische Mathematik 9, 1966. So it climbs, to
// the eigenvalue that is largest with its sign, whether or not a negative one is
// larger in magnitude; and it never comes out above it, but for rounding.
type power[F optim.Float] struct {
	v, hv  []F // the vector, of length 1, and its product with the Hessian
	u, hu  []F // the direction, at right angles to it, and its product
	off    []F // Hv less its part along v
	warm   bool
	random *rng.Rand
}

func newPower[F optim.Float](n int, seed uint64) *power[F] {
	return &power[F]{
		v: make([]F, n), hv: make([]F, n), u: make([]F, n), hu: make([]F, n), off: make([]F, n),
		random: rng.New(seed, "sharpness"),
	}
}

// A hessian is known by its products.
type hessian[F optim.Float] interface {
	times(dst, v []F) error // dst = Hv
	confine(v []F)          // sets to zero what does not belong to it
}

// largest returns the eigenvalue, after that many products at most. It starts
// from where it ended the last time. It has converged when Hv differs from a
// multiple of v by at most tolerance times that multiple.
func (p *power[F]) largest(h hessian[F], products int, tolerance float64) (float64, error) {
	if !p.warm {
		p.draw(h, p.v)
	}
	if p.warm = false; normalise(p.v) == 0 {
		return math.NaN(), nil
	}
	if err := h.times(p.hv, p.v); err != nil {
		return 0, err
	}
	value := dot(p.v, p.hv)
	clear(p.u)
	share, before, looked := 0.0, 0.0, false
	for ; products > 1; products-- {
		cross := 0.0
		for i, v := range p.v {
			last := float64(p.off[i])
			p.off[i] = F(float64(p.hv[i]) - float64(value*float64(v)))
			cross += float64(float64(p.off[i]) * last)
		}
		off := norm(p.off)
		if !finite(off) || !finite(value) {
			return math.NaN(), nil
		}
		if off <= tolerance*math.Abs(value) {
			if looked {
				break
			}
			// An eigenvector may have been overtaken by another that is at right
			// angles to it, of which products show nothing: look elsewhere once.
			p.draw(h, p.u)
			looked, share = true, 0
		} else {
			k := 0.0 // the rule of Polak and Ribière, which forgets by itself
			if before > 0 {
				k = math.Max(0, float64(off*off)-cross) / float64(before*before) * share
			}
			if !finite(k) {
				k = 0
			}
			for i, g := range p.off {
				p.u[i] = F(float64(g) + float64(k*float64(p.u[i])))
			}
			before, share = off, norm(p.u)
		}
		if normalise(p.u) == 0 || !p.right() {
			break
		}
		if err := h.times(p.hu, p.u); err != nil {
			return 0, err
		}
		if !p.climb(value) {
			break
		}
		value = dot(p.v, p.hv)
	}
	p.warm = finite(value)
	return value, nil
}

// draw fills a vector with normal numbers.
func (p *power[F]) draw(h hessian[F], v []F) {
	for i := range v {
		v[i] = F(p.random.Normal())
	}
	h.confine(v)
}

// right turns u to a right angle with v, and reports whether anything is left.
func (p *power[F]) right() bool {
	for range 2 {
		k := dot(p.u, p.v)
		for i, v := range p.v {
			p.u[i] = F(float64(p.u[i]) - float64(k*float64(v)))
		}
		switch {
		case 1-float64(k*k) < 1e-6 || normalise(p.u) == 0:
			return false // what is left is rounding
		case math.Abs(k) < 0.1:
			return true
		}
	}
	return true
}

// climb moves v to the largest Rayleigh quotient that combinations of v and u
// have, by the larger eigenvalue of the Hessian between these two. It turns u
// along with it, to where the way goes on.
func (p *power[F]) climb(value float64) bool {
	cross := 0.5 * (dot(p.u, p.hv) + dot(p.v, p.hu))
	half := 0.5 * (dot(p.u, p.hu) - value)
	root := math.Sqrt(float64(half*half) + float64(cross*cross))
	c, s := root-half, cross
	if half > 0 {
		c, s = cross, root+half
	}
	length := math.Sqrt(float64(c*c) + float64(s*s))
	if length == 0 || !finite(length) {
		return false
	}
	if c < 0 {
		length = -length // v keeps its sense
	}
	c, s = c/length, s/length
	onward := math.Copysign(1, s)
	for i := range p.v {
		v, u := float64(p.v[i]), float64(p.u[i])
		p.v[i] = F(float64(c*v) + float64(s*u))
		p.u[i] = F(onward * (float64(c*u) - float64(s*v)))
		p.hv[i] = F(float64(c*float64(p.hv[i])) + float64(s*float64(p.hu[i])))
	}
	return true
}

// normalise scales v to length 1 and returns the length it had, or 0 when it has
// none that is finite and leaves v as it is.
func normalise[F optim.Float](v []F) float64 {
	n := norm(v)
	if n == 0 || !finite(n) {
		return 0
	}
	if k := 1 / n; k > 0x1p-1000 && k < 0x1p1000 {
		for i, x := range v {
			v[i] = F(k * float64(x))
		}
		return n
	}
	for i, x := range v {
		v[i] = F(float64(x) / n)
	}
	return n
}
