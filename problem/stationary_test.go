package problem

import (
	"math"
	"testing"

	"pgregory.net/rapid"
)

// Every known minimum within the domain is found, as what it is.
func TestStationaryFindsMinima(t *testing.T) {
	for _, f := range Functions() {
		found := f.Stationary(f.Domain)
		for i, p := range found {
			if i > 0 && found[i-1].Value > p.Value {
				t.Errorf("%s: value %v after %v, want the lowest first", f.Name, p.Value, found[i-1].Value)
			}
			gx, gy := f.Gradient(p.X, p.Y)
			if v, err := Classify(f.Problem(), []float64{p.X, p.Y}); err != nil || v.Kind != p.Kind || p.Kind == NotStationary {
				t.Errorf("%s: (%v, %v) is said to be a %v, but is %v with gradient (%v, %v), %v", f.Name, p.X, p.Y, p.Kind, v.Kind, gx, gy, err)
			}
		}
		if len(f.Minima) > 30 {
			continue // more of them than the grid has room for
		}
		for _, m := range f.Minima {
			v, err := Classify(f.Problem(), []float64{m.X, m.Y})
			if err != nil {
				t.Fatal(err)
			}
			d := f.Domain
			if v.Kind != LocalMinimum || m.X < d.XMin || m.X > d.XMax || m.Y < d.YMin || m.Y > d.YMax {
				continue
			}
			near := math.Inf(1)
			for _, p := range found {
				if p.Kind == LocalMinimum {
					near = min(near, norm2(p.X-m.X, p.Y-m.Y))
				}
			}
			if near > 1e-4 {
				t.Errorf("%s: the minimum (%v, %v) is not found: %v away at best", f.Name, m.X, m.Y, near)
			}
		}
	}
}

func TestStationaryKinds(t *testing.T) {
	f, err := Parse("x^3 - 3*x + y^2*(1 + x^2)", nil)
	if err != nil {
		t.Fatal(err)
	}
	found := f.Stationary(Domain{-2, 2, -2, 2})
	if len(found) != 2 || found[0].Kind != LocalMinimum || found[1].Kind != SaddlePoint {
		t.Fatalf("found %+v, want a minimum at (1, 0) and a saddle at (-1, 0)", found)
	}
	if math.Abs(found[0].X-1) > 1e-7 || math.Abs(found[1].X+1) > 1e-7 {
		t.Errorf("found x = %v and %v, want 1 and -1", found[0].X, found[1].X)
	}
	flat, err := Parse("0*x + 3", nil)
	if err != nil {
		t.Fatal(err)
	}
	if found := flat.Stationary(flat.Domain); len(found) != 0 {
		t.Errorf("a constant has %d stationary points, want none to be named", len(found))
	}
}

// The eigenvectors diagonalise the Hessian.
func TestCurvature(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		number := rapid.Float64Range(-1e3, 1e3)
		a, b, c := number.Draw(t, "a"), number.Draw(t, "b"), number.Draw(t, "c")
		f, err := Parse("0.5*a*x^2 + b*x*y + 0.5*c*y^2", map[string]float64{"a": a, "b": b, "c": c})
		if err != nil {
			t.Fatal(err)
		}
		k := f.Curvature(0.25, -0.5)
		scale := max(math.Abs(k.XX), math.Abs(k.XY), math.Abs(k.YY), 1e-300)
		if k.Values[0] > k.Values[1] {
			t.Fatalf("eigenvalues %v, want them ascending", k.Values)
		}
		for i, v := range k.Vectors {
			rx := k.XX*v[0] + k.XY*v[1] - k.Values[i]*v[0]
			ry := k.XY*v[0] + k.YY*v[1] - k.Values[i]*v[1]
			if math.Abs(math.Hypot(v[0], v[1])-1) > 1e-14 || math.Hypot(rx, ry) > 1e-13*scale {
				t.Fatalf("a, b, c = %v, %v, %v: eigenvector %v of %v leaves (%v, %v)", a, b, c, v, k.Values[i], rx, ry)
			}
		}
		if dot := k.Vectors[0][0]*k.Vectors[1][0] + k.Vectors[0][1]*k.Vectors[1][1]; math.Abs(dot) > 1e-14 {
			t.Fatalf("eigenvectors %v, want them at right angles", k.Vectors)
		}
	})
	f, err := Parse("1/x + y", nil)
	if err != nil {
		t.Fatal(err)
	}
	if k := f.Curvature(0, 1); !math.IsNaN(k.Values[0]) || !math.IsNaN(k.Vectors[1][1]) {
		t.Errorf("the curvature of %v at its pole is %+v, want NaN", f, k)
	}
}
