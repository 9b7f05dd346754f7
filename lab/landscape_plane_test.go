package lab

import (
	"math"
	"testing"

	"gonum.org/v1/gonum/mat"
	"pgregory.net/rapid"

	"github.com/descent-go/descent/internal/rng"
)

// The plane of a path in a plane misses nothing of it, and components have their
// shares of the variance, also where the path is nearly straight.
func TestPrincipalPlanar(t *testing.T) {
	r := rng.New(4, "test")
	const n = 300
	a, b := make([]float64, n), make([]float64, n)
	for i := range n {
		a[i], b[i] = r.Normal(), r.Normal()
	}
	normalize(a)
	c := inner(a, b)
	for i := range b {
		b[i] -= c * a[i]
	}
	normalize(b)
	for _, thin := range []float64{1, 0.3, 1e-3, 1e-5} {
		l := &Landscape{Plane: PathPlane}
		var square [2]float64
		for k := range 2 {
			var route Route
			for s := 50; s >= 0; s-- {
				x, y := -float64(s)*(1+float64(k)), thin*math.Sin(float64(s)*0.7)*10
				if s == 50 && k == 0 {
					y = -thin * 9 // to the left and below, as signs are chosen
				}
				d := make([]float64, n)
				for i := range d {
					d[i] = x*a[i] + y*b[i]
				}
				route.points = append(route.points, d)
				route.Step = append(route.Step, int64(50-s))
				square[0] += x * x
				square[1] += y * y
			}
			l.Paths = append(l.Paths, route)
		}
		p := &plane{}
		if err := p.principal(l.Paths, 0, 100); err != nil {
			t.Fatal(err)
		}
		if !closeTo(inner(p.u, p.u), 1, 1e-14) || !closeTo(inner(p.v, p.v), 1, 1e-14) || math.Abs(inner(p.u, p.v)) > 1e-15 {
			t.Errorf("thin %v: axes of %v and %v, product %v", thin, length(p.u), length(p.v), inner(p.u, p.v))
		}
		l.project(p)
		if s := 1 - float64(l.Projection.Share); s > 1e-15 || float64(l.Projection.Distance) > 1e-7*thin*100 {
			t.Errorf("thin %v: %v of the variance outside, %v away", thin, s, l.Projection.Distance)
		}
		if reach := float64(l.Projection.Reach); !(reach >= 100 && reach < 101) {
			t.Errorf("thin %v: reach %v", thin, reach)
		}
		got, want := float64(l.Components[1])/float64(l.Components[0]), square[1]/square[0]
		if !closeTo(got/want, 1, 0.1) { // the components are not quite a and b
			t.Errorf("thin %v: components %v, ratio %v, want about %v", thin, *l.Components, got, want)
		}
		if l.Paths[0].X[0] > 0 || l.Paths[0].Y[0] > 0 {
			t.Errorf("thin %v: starts at %v, %v", thin, l.Paths[0].X[0], l.Paths[0].Y[0])
		}
	}
}

// A straight path gets a second direction at right angles, and an area to look at.
func TestPrincipalStraight(t *testing.T) {
	route := Route{}
	for s := 20; s >= 0; s-- {
		route.points = append(route.points, []float64{float64(s), 2 * float64(s), -float64(s), 0})
		route.Step = append(route.Step, int64(20-s))
	}
	l := &Landscape{Plane: PathPlane, Paths: []Route{route}}
	p := &plane{}
	if err := p.principal(l.Paths, 7, 20); err != nil {
		t.Fatal(err)
	}
	if !closeTo(length(p.v), 1, 1e-14) || math.Abs(inner(p.u, p.v)) > 1e-15 {
		t.Errorf("second direction %v", p.v)
	}
	l.project(p)
	if !closeTo(float64(l.Components[0]), 1, 1e-12) || float64(l.Components[1]) > 1e-20 {
		t.Errorf("components %v", *l.Components)
	}
	xs, ys := l.extent(LandscapeOptions{Plane: PathPlane, Grid: 25})
	if w, h := xs[24]-xs[0], ys[24]-ys[0]; h < 0.1*w {
		t.Errorf("an area of %v × %v", w, h)
	}
	for i := 1; i < 25; i++ {
		if !(xs[i] > xs[i-1] && ys[i] > ys[i-1]) {
			t.Fatalf("columns %v, rows %v", xs, ys)
		}
	}
}

// Eigenvalues are those of another method, and vectors are what they should be.
func TestEigen(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		n := rapid.IntRange(1, 25).Draw(rt, "n")
		rank := rapid.IntRange(1, n).Draw(rt, "rank")
		r := rng.New(rapid.Uint64().Draw(rt, "seed"), "test")
		rows := make([][]float64, n)
		for i := range rows {
			rows[i] = make([]float64, rank)
			for k := range rows[i] {
				rows[i][k] = r.Normal() * math.Pow(10, -float64(k%5))
			}
		}
		a, sym := make([][]float64, n), mat.NewSymDense(n, nil)
		for i := range a {
			a[i] = make([]float64, n)
			for j := range a[i] {
				a[i][j] = inner(rows[i], rows[j])
				if j <= i {
					sym.SetSym(j, i, a[i][j])
				}
			}
		}
		var other mat.EigenSym
		if !other.Factorize(sym, false) {
			rt.Fatal("gonum does not converge")
		}
		want := other.Values(nil)
		values, vectors := eigen(a)
		for k, v := range values {
			if w := want[n-1-k]; math.Abs(v-w) > 1e-13*float64(n)*want[n-1] {
				rt.Fatalf("value %d is %v, want %v", k, v, w)
			}
			x := mat.NewVecDense(n, vectors[k])
			var ax mat.VecDense
			ax.MulVec(sym, x)
			ax.AddScaledVec(&ax, -v, x)
			if math.Abs(mat.Norm(x, 2)-1) > 1e-13*float64(n) || mat.Norm(&ax, 2) > 1e-12*float64(n)*want[n-1] {
				rt.Fatalf("vector %d has norm %v and residual %v", k, mat.Norm(x, 2), mat.Norm(&ax, 2))
			}
		}
	})
}
