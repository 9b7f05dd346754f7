package problem

import (
	"cmp"
	"math"
	"slices"
)

// A StationaryPoint is a point where the gradient is zero, and what it is.
type StationaryPoint struct {
	X, Y, Value float64
	Kind        Kind
}

// MostStationary is how many points Stationary returns at most.
const MostStationary = 200

// Stationary looks for the points of a rectangle at which the gradient is zero:
// by Newton's method from the places of a grid where the gradient is shorter than
// beside them. It finds what a grid of 41 by 41 can show, which need not be all,
// and returns the MostStationary lowest, the lowest first. Points where
// [Classify] cannot tell what they are, such as the floor of a ditch, are left
// out.
func (f *Function) Stationary(d Domain) []StationaryPoint {
	const n = 41
	var norms [n][n]float64
	at := func(i, j int) (x, y float64) {
		return d.XMin + float64((d.XMax-d.XMin)*(float64(i)/(n-1))), d.YMin + float64((d.YMax-d.YMin)*(float64(j)/(n-1)))
	}
	for i := range n {
		for j := range n {
			gx, gy := f.Gradient(at(i, j))
			if norms[i][j] = norm2(gx, gy); !finite(norms[i][j]) {
				norms[i][j] = math.Inf(1)
			}
		}
	}
	lowest := func(i, j int) bool {
		for k := max(i-1, 0); k <= min(i+1, n-1); k++ {
			for l := max(j-1, 0); l <= min(j+1, n-1); l++ {
				if norms[k][l] < norms[i][j] {
					return false
				}
			}
		}
		return finite(norms[i][j])
	}
	tolerance := 1e-6 * (norm2(d.XMax-d.XMin, d.YMax-d.YMin))
	var found []StationaryPoint
	for i := range n {
		for j := range n {
			if !lowest(i, j) {
				continue
			}
			x, y := f.newton(at(i, j))
			if !(x >= d.XMin && x <= d.XMax && y >= d.YMin && y <= d.YMax) {
				continue
			}
			v, err := Classify(f.Problem(), []float64{x, y})
			if err != nil || v.Kind == NotStationary || v.Kind == Undetermined || !finite(v.Value) {
				continue
			}
			near := func(p StationaryPoint) bool { return norm2(p.X-x, p.Y-y) <= tolerance }
			if !slices.ContainsFunc(found, near) {
				found = append(found, StationaryPoint{x, y, v.Value, v.Kind})
			}
		}
	}
	slices.SortStableFunc(found, func(a, b StationaryPoint) int { return cmp.Compare(a.Value, b.Value) })
	return found[:min(len(found), MostStationary)]
}

// A Curvature is the Hessian of a function of two variables at a point, and its
// principal directions.
type Curvature struct {
	XX, XY, YY float64
	// Values are the eigenvalues, ascending; Vectors belong to them and have
	// length 1.
	Values  [2]float64
	Vectors [2][2]float64
}

// Curvature returns the Hessian with its eigenvalues and eigenvectors. They are
// NaN where the Hessian is not finite.
func (f *Function) Curvature(x, y float64) Curvature {
	var c Curvature
	c.XX, c.XY, c.YY = f.Hessian(x, y)
	scale := max(math.Abs(c.XX), math.Abs(c.XY), math.Abs(c.YY))
	switch {
	case !finite(c.XX) || !finite(c.XY) || !finite(c.YY):
		nan := math.NaN()
		c.Values, c.Vectors = [2]float64{nan, nan}, [2][2]float64{{nan, nan}, {nan, nan}}
		return c
	case scale == 0:
		c.Vectors = [2][2]float64{{1, 0}, {0, 1}}
		return c
	}
	// One Jacobi rotation makes a symmetric 2 × 2 matrix diagonal: Golub and Van
	// Loan, Matrix Computations, section 8.5.
	a, b, d := c.XX/scale, c.XY/scale, c.YY/scale
	t := 0.0
	if b != 0 {
		tau := (d - a) / (2 * b)
		t = math.Copysign(1, tau) / (math.Abs(tau) + norm2(1, min(math.Abs(tau), 1e150)))
	}
	cos := 1 / norm2(1, t)
	sin := float64(t * cos)
	first, second := a-float64(t*b), d+float64(t*b)
	c.Values = [2]float64{first * scale, second * scale}
	c.Vectors = [2][2]float64{{cos, -sin}, {sin, cos}}
	if c.Values[0] > c.Values[1] {
		c.Values[0], c.Values[1] = c.Values[1], c.Values[0]
		c.Vectors[0], c.Vectors[1] = c.Vectors[1], c.Vectors[0]
	}
	return c
}
