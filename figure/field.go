package figure

import (
	"fmt"
	"math"
	"slices"

	"github.com/descent-go/descent/internal/portable"
)

// Domain is the rectangle of the plane that is drawn.
type Domain struct{ XMin, XMax, YMin, YMax float64 }

func (d Domain) check(field string) error {
	for _, v := range [4]float64{d.XMin, d.XMax, d.YMin, d.YMax} {
		if !(math.Abs(v) <= 1e150) {
			return fmt.Errorf("figure: %s = %v, want numbers within ±1e150", field, d)
		}
	}
	if !(d.XMin < d.XMax && d.YMin < d.YMax) {
		return fmt.Errorf("figure: %s = %v, want XMin < XMax and YMin < YMax", field, d)
	}
	return nil
}

// field is a function sampled on a grid, with the scale on which its values
// are shown.
//
// A value v is shown at t = log(1 + (v−min)/δ) / log(1 + (max−min)/δ), where δ
// is the height above the minimum that a given share of the domain stays below.
// Far above δ this is a logarithm, near the minimum it is linear: a valley that
// is a millionth of the highest value deep is seen, a function without one is
// not bent, and nothing needs to be positive.
type field struct {
	name     string // of the values; "": f
	nx, ny   int
	xs, ys   []float64
	v        []float64 // row by row; NaN where undefined
	t        []float64 // v on the scale; undefined places hold a neighbour's
	min, max float64
	delta    float64 // in quarters, as span
	span     float64 // (max − min)/4: never overflows
	top      float64 // log(1 + span/delta)
	log      bool    // delta is the minimum, which makes the scale logarithmic
	undef    int     // number of undefined samples
}

// sample evaluates f on a grid of n by n places; share sets the scale.
func sample(f func(x, y float64) float64, d Domain, n int, known []Point, share float64) (*field, error) {
	nx, ny := n, n
	fd := &field{nx: nx, ny: ny, xs: spread(d.XMin, d.XMax, nx), ys: spread(d.YMin, d.YMax, ny)}
	fd.v = make([]float64, nx*ny)
	fd.min, fd.max = math.Inf(1), math.Inf(-1)
	for j, y := range fd.ys {
		for i, x := range fd.xs {
			v := f(x, y)
			if !finite(v) {
				v = math.NaN()
				fd.undef++
			} else {
				fd.min, fd.max = min(fd.min, v), max(fd.max, v)
			}
			fd.v[j*nx+i] = v
		}
	}
	if fd.undef == len(fd.v) {
		return nil, fmt.Errorf("figure: the function is not finite anywhere on %v", d)
	}
	for _, p := range known { // the grid may step over the bottom
		if v := f(p.X, p.Y); finite(v) && p.X >= d.XMin && p.X <= d.XMax && p.Y >= d.YMin && p.Y <= d.YMax {
			fd.min = min(fd.min, v)
		}
	}
	fd.span = fd.max/4 - fd.min/4
	fd.scale(share)
	return fd, nil
}

// scale puts the values on the scale that share sets.
func (fd *field) scale(share float64) {
	fd.findDelta(share)
	fd.place()
}

// ofMeans sets the scale for means, whose minimum is as uncertain as any of them: it
// is logarithmic when they are positive, linear when not.
func (fd *field) ofMeans() {
	if fd.span == 0 {
		return
	}
	fd.log = fd.min > 0
	if fd.delta = max(fd.min/4, 1e-290*fd.span); !fd.log {
		fd.delta = 1e6 * fd.span
	}
	fd.place()
}

// place puts the values on the scale of delta.
func (fd *field) place() {
	fd.top = portable.Log(1 + fd.span/fd.delta)
	fd.t = make([]float64, len(fd.v))
	for i, v := range fd.v {
		fd.t[i] = fd.unit(v)
	}
	fd.bridge()
}

func spread(lo, hi float64, n int) []float64 {
	xs := make([]float64, n)
	for i := range xs {
		xs[i] = lo + float64((hi-lo)*(float64(i)/float64(n-1)))
	}
	xs[n-1] = hi
	return xs
}

func (fd *field) findDelta(share float64) {
	zs := make([]float64, 0, len(fd.v))
	for _, v := range fd.v {
		if finite(v) {
			zs = append(zs, v/4-fd.min/4)
		}
	}
	slices.Sort(zs)
	fd.delta = max(zs[int(share*float64(len(zs)-1))], 1e-12*fd.span)
	if fd.delta == 0 {
		fd.delta = 1 // a constant function
	}
}

// unit returns the place of v on the scale: 0 at the minimum, 1 at the maximum.
func (fd *field) unit(v float64) float64 {
	if fd.span == 0 {
		return 0
	}
	return portable.Log(1+max(v/4-fd.min/4, 0)/fd.delta) / fd.top
}

// bent reports whether the scale is far from linear.
func (fd *field) bent() bool { return fd.span > 24*fd.delta }

// bridge fills undefined places with the value beside them, so that level lines
// run on smoothly under the patch that covers those places.
func (fd *field) bridge() {
	if fd.undef == 0 {
		return
	}
	for pass := 0; pass < 2; pass++ {
		for j := range fd.ny {
			row := fd.t[j*fd.nx : (j+1)*fd.nx]
			for i := 1; i < fd.nx; i++ {
				if math.IsNaN(row[i]) {
					row[i] = row[i-1]
				}
			}
			for i := fd.nx - 2; i >= 0; i-- {
				if math.IsNaN(row[i]) {
					row[i] = row[i+1]
				}
			}
		}
		for j := 1; j < fd.ny; j++ {
			for i := range fd.nx {
				if k := j*fd.nx + i; math.IsNaN(fd.t[k]) {
					fd.t[k] = fd.t[k-fd.nx]
				}
			}
		}
		for j := fd.ny - 2; j >= 0; j-- {
			for i := range fd.nx {
				if k := j*fd.nx + i; math.IsNaN(fd.t[k]) {
					fd.t[k] = fd.t[k+fd.nx]
				}
			}
		}
	}
}

// ticks returns about n values to label on the scale: their distance above the
// minimum. relative reports that the minimum is not zero, so that the labels
// are not the values themselves.
func (fd *field) ticks(n int) (ts []tick, relative bool) {
	if fd.span == 0 {
		return []tick{{fd.min, number(fd.min)}}, false
	}
	put := func(above float64) {
		v := fd.min + above
		ts = append(ts, tick{v, number(above)})
	}
	if fd.log {
		major, _ := logTicks(fd.min, fd.max, n)
		return major, false
	}
	if !fd.bent() {
		return linearTicks(fd.min, fd.max, n), false
	}
	put(0)
	lo, hi := log10(4*fd.delta)-0.5, log10(fd.span)+log10(4)
	every := max(1, int(math.Ceil((hi-lo)/float64(n))))
	for e := int(math.Floor(hi)); float64(e) >= lo; e -= every {
		put(math.Pow10(e))
	}
	slices.SortFunc(ts, func(a, b tick) int {
		switch {
		case a.value < b.value:
			return -1
		case a.value > b.value:
			return 1
		}
		return 0
	})
	// A minimum that the labels cannot resolve is as good as zero.
	return ts, math.Abs(fd.min) > 0.005*(ts[min(1, len(ts)-1)].value-fd.min)
}

// title is what the labels of the scale show.
func (fd *field) title(relative bool) string {
	name := fd.name
	if name == "" {
		name = "f"
	}
	switch {
	case !relative:
		return name
	case fd.min < 0:
		return name + " + " + number(-fd.min)
	default:
		return name + " − " + number(fd.min)
	}
}
