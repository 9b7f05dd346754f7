package lab

import (
	"errors"
	"math"

	"github.com/descent-go/descent/experiment"
	"github.com/descent-go/descent/internal/rng"
	"github.com/descent-go/descent/optim"
	"github.com/descent-go/descent/train"
)

// A plane holds the points center + x·u + y·v.
type plane struct{ center, u, v []float64 }

// lay chooses the plane, projects the paths onto it and marks out the grid.
func (l *Landscape) lay(own *experiment.Session, o LandscapeOptions) (*plane, error) {
	p := &plane{center: own.Point()}
	if len(p.center) < 2 {
		return nil, errors.New("it has one parameter, want two at least for a plane")
	}
	reach := 0.0
	for i := range l.Paths { // from here on points are seen from the model
		for _, d := range l.Paths[i].points {
			subtract(d, p.center)
			if l.Paths[i].Diverged == nil {
				reach = max(reach, length(d))
			}
		}
	}
	if o.Plane == RandomPlane {
		r := rng.New(o.Seed, "landscape")
		p.u, p.v = randomDirection(own, r, p.center, reach), randomDirection(own, r, p.center, reach)
	} else if err := p.principal(l.Paths, o.Seed, reach); err != nil {
		return nil, err
	}
	l.Length = [2]float64{length(p.u), length(p.v)}
	if !(l.Length[0] > 0 && l.Length[1] > 0) {
		return nil, errors.New("its weights are zero, so that random directions have no length")
	}
	if wild(l.Length[0]) || wild(l.Length[1]) {
		return nil, errors.New("its parameters are too large for distances")
	}
	l.project(p)
	l.X, l.Y = l.extent(o)
	return p, nil
}

// principal spans the plane by the first two principal components of the ways from
// the model to all points, without subtracting their mean. The components are the
// eigenvectors of the points' covariance; those of the matrix of the points' inner
// products, of few rows, give them. A path that is straight has no second one: it
// gets a random direction.
func (p *plane) principal(paths []Route, seed uint64, reach float64) error {
	if !(reach > 0) {
		return errors.New("training moved nothing, so there is no path to lay a plane through")
	}
	var rows [][]float64
	for _, r := range paths {
		if r.Diverged == nil {
			rows = append(rows, r.points...)
		}
	}
	const most = 256
	if n := len(rows); n > most {
		some := make([][]float64, most)
		for i := range some {
			some[i] = rows[i*n/most]
		}
		rows = some
	}
	gram := make([][]float64, len(rows))
	for i := range gram {
		gram[i] = make([]float64, len(rows))
		for j := range i + 1 {
			gram[i][j] = inner(rows[i], rows[j]) / reach / reach
			gram[j][i] = gram[i][j]
		}
	}
	values, vectors := eigen(gram)
	p.u = combine(rows, vectors[0])
	normalize(p.u)
	const straight = 1e-13
	if len(values) > 1 && values[1] > straight*values[0] {
		p.v = combine(rows, vectors[1])
	} else {
		p.v = make([]float64, len(p.u))
		r := rng.New(seed, "landscape")
		for i := range p.v {
			p.v[i] = r.Normal()
		}
	}
	for range 2 { // the second time takes away what rounding left
		normalize(p.v)
		c := inner(p.u, p.v)
		for i, u := range p.u {
			p.v[i] -= float64(c * u)
		}
	}
	normalize(p.v)
	// Signs are arbitrary: the start is to the left and below.
	start := paths[0].points[0]
	for _, d := range [2][]float64{p.u, p.v} {
		if inner(d, start) > 0 {
			for i := range d {
				d[i] = -d[i]
			}
		}
	}
	return nil
}

// combine returns the sum of rows with weights.
func combine(rows [][]float64, weights []float64) []float64 {
	sum := make([]float64, len(rows[0]))
	for k, row := range rows {
		w := weights[k]
		for i, v := range row {
			sum[i] += float64(w * v)
		}
	}
	return sum
}

// randomDirection draws a direction and gives each filter the norm of the model's.
// Where there are no filters it is reach long, or 1 if that is 0.
func randomDirection(s *experiment.Session, r *rng.Rand, center []float64, reach float64) []float64 {
	d := make([]float64, len(center))
	any := false
	at := 0
	each := func(shape []int, n int) {
		if len(shape) > 1 {
			any = true
			for i := at; i < at+n; i++ {
				d[i] = r.Normal()
			}
			rescale(d[at:at+n], center[at:at+n], shape)
		}
		at += n
	}
	eachShape(s.Params, each)
	eachShape(s.Params64, each)
	if any {
		return d
	}
	for i := range d {
		d[i] = r.Normal()
	}
	normalize(d)
	if reach == 0 {
		reach = 1
	}
	for i := range d {
		d[i] *= reach
	}
	return d
}

func eachShape[F optim.Float](params []optim.Param[F], each func(shape []int, n int)) {
	for _, p := range params {
		each(p.Shape, len(p.Data))
	}
}

// rescale gives every filter of a tensor the norm of another's.
func rescale(d, like []float64, shape []int) {
	filters, step, run := shape[0], 1, len(d)/max(shape[0], 1)
	if len(shape) == 2 { // a neuron's weights are a column
		filters, step, run = shape[1], shape[1], shape[0]
	}
	for f := range filters {
		first := f * run
		if len(shape) == 2 {
			first = f
		}
		var own, other float64
		for k := range run {
			i := first + k*step
			own += float64(d[i] * d[i])
			other += float64(like[i] * like[i])
		}
		factor := 0.0
		if own > 0 {
			factor = math.Sqrt(other / own)
		}
		for k := range run {
			d[first+k*step] *= factor
		}
	}
}

// project sets the coordinates of all paths, and says how far they are from the
// plane. The axes need not be at right angles.
func (l *Landscape) project(p *plane) {
	a, b, c := inner(p.u, p.u), inner(p.u, p.v), inner(p.v, p.v)
	det := float64(a*c) - float64(b*b)
	var all tally
	var along [2]float64
	rest := make([]float64, len(p.u))
	for i := range l.Paths {
		r := &l.Paths[i]
		var one tally
		for _, d := range r.points {
			du, dv := inner(d, p.u), inner(d, p.v)
			x := (float64(du*c) - float64(dv*b)) / det
			y := (float64(dv*a) - float64(du*b)) / det
			if wild(x) || wild(y) { // on the way to a divergence
				r.Step = r.Step[:len(r.X)]
				break
			}
			r.X, r.Y = append(r.X, x), append(r.Y, y)
			for k, v := range d {
				rest[k] = v - float64(x*p.u[k]) - float64(y*p.v[k])
			}
			far, off := length(d), length(rest)
			one.add(far, off)
			if r.Diverged == nil {
				all.add(far, off)
				along[0] += float64(float64(x*x) * a)
				along[1] += float64(float64(y*y) * c)
			}
		}
		r.Projection = one.projection()
		r.points = nil
	}
	l.Projection = all.projection()
	if l.Plane == PathPlane {
		l.Components = &[2]train.Real{train.Real(along[0] / all.square), train.Real(along[1] / all.square)}
	}
}

// A tally sums up how a path is projected.
type tally struct{ square, missed, reach, distance float64 }

func (t *tally) add(far, off float64) {
	t.square += float64(far * far)
	t.missed += float64(off * off)
	t.reach, t.distance = max(t.reach, far), max(t.distance, off)
}

func (t *tally) projection() Projection {
	share := math.NaN()
	if t.square > 0 {
		share = max(1-t.missed/t.square, 0)
	}
	return Projection{Share: train.Real(share), Distance: train.Real(t.distance), Reach: train.Real(t.reach)}
}

// extent returns the columns and rows of the grid: of a path's plane round all
// paths that did not diverge, neither side less than a fifth of the other.
func (l *Landscape) extent(o LandscapeOptions) (xs, ys []float64) {
	if o.Plane == RandomPlane {
		return evenly(-o.Span, o.Span, o.Grid), evenly(-o.Span, o.Span, o.Grid)
	}
	var lo, hi [2]float64 // the model is at 0, 0
	for _, r := range l.Paths {
		if r.Diverged != nil {
			continue
		}
		for i := range r.X {
			lo[0], hi[0] = min(lo[0], r.X[i]), max(hi[0], r.X[i])
			lo[1], hi[1] = min(lo[1], r.Y[i]), max(hi[1], r.Y[i])
		}
	}
	const margin, least = 0.2, 0.2
	widest := max(hi[0]-lo[0], hi[1]-lo[1])
	for k := range lo {
		w := hi[k] - lo[k]
		room := float64(margin*w) + float64(max(float64(least*widest)-w, 0)/2)
		lo[k], hi[k] = lo[k]-room, hi[k]+room
	}
	return evenly(lo[0], hi[0], o.Grid), evenly(lo[1], hi[1], o.Grid)
}

// evenly returns n numbers from lo to hi; those of a range about 0 are symmetric.
func evenly(lo, hi float64, n int) []float64 {
	xs := make([]float64, n)
	for i := range xs {
		xs[i] = (float64(lo*float64(n-1-i)) + float64(hi*float64(i))) / float64(n-1)
	}
	return xs
}
