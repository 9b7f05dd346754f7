package problem

import (
	"cmp"
	"math"
	"slices"
)

// findMinima sets Minima to those minima that Newton's method reaches from the
// points near them. A point that is no minimum for the bound parameters, or is
// reached twice, is left out.
func (f *Function) findMinima(near [][2]float64) {
	for _, p := range near {
		x, y := f.newton(p[0], p[1])
		if v, err := Classify(f.Problem(), []float64{x, y}); err != nil || v.Kind != LocalMinimum {
			continue
		}
		known := func(m Minimum) bool { return norm2(m.X-x, m.Y-y) < 1e-6 }
		if !slices.ContainsFunc(f.Minima, known) {
			f.Minima = append(f.Minima, Minimum{X: x, Y: y, Value: f.Value(x, y)})
		}
	}
	slices.SortStableFunc(f.Minima, func(a, b Minimum) int { return cmp.Compare(a.Value, b.Value) })
	for i, m := range f.Minima {
		low := f.Minima[0].Value
		f.Minima[i].Global = m.Value-low <= 1e-9*max(1, math.Abs(low))
	}
}

// newton returns the stationary point near (x, y): Newton's method with steps
// halved until the gradient shrinks.
func (f *Function) newton(x, y float64) (float64, float64) {
	gx, gy := f.Gradient(x, y)
	norm := norm2(gx, gy)
	for range 100 {
		hxx, hxy, hyy := f.Hessian(x, y)
		det := det2(hxx, hxy, hyy)
		dx := (float64(hyy*gx) - float64(hxy*gy)) / det
		dy := (float64(hxx*gy) - float64(hxy*gx)) / det
		shrinks := false
		for step := 1.0; step > 1e-3 && !shrinks; step /= 2 {
			nextX, nextY := x-float64(step*dx), y-float64(step*dy)
			nextGX, nextGY := f.Gradient(nextX, nextY)
			if next := norm2(nextGX, nextGY); next < norm {
				x, y, gx, gy, norm, shrinks = nextX, nextY, nextGX, nextGY, next, true
			}
		}
		if !shrinks {
			break
		}
	}
	return x, y
}

func norm2(a, b float64) float64 { return math.Sqrt(float64(a*a) + float64(b*b)) }
