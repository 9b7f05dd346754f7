package problem

import (
	"encoding/binary"
	"flag"
	"fmt"
	"hash/fnv"
	"math"
	"sync"
	"testing"

	"github.com/descent-go/descent/internal/rng"
)

var published = []struct {
	name        string
	x, y, value float64
	global      bool
}{
	{"rosenbrock", 1, 1, 0, true},
	{"parabola", 0, 0, 0, true},
	{"bowl", 0, 0, 0, true},
	{"beale", 3, 0.5, 0, true},
	{"himmelblau", 3, 2, 0, true},
	{"himmelblau", -2.805118086952745, 3.131312518250573, 0, true},
	{"himmelblau", -3.779310253377747, -3.283185991286170, 0, true},
	{"himmelblau", 3.584428340330492, -1.848126526964404, 0, true},
	{"booth", 1, 3, 0, true},
	{"goldstein-price", 0, -1, 3, true},
	{"goldstein-price", -0.6, -0.4, 30, false},
	{"goldstein-price", 1.8, 0.2, 84, false},
	{"goldstein-price", 1.2, 0.8, 840, false},
	{"three-hump-camel", 0, 0, 0, true},
	{"three-hump-camel", 1.747552, -0.873776, 0.298638, false},
	{"three-hump-camel", -1.747552, 0.873776, 0.298638, false},
	{"rastrigin", 0, 0, 0, true},
	{"ackley", 0, 0, 0, true},
	{"styblinski-tang", -2.903534, -2.903534, -78.332331, true},
	{"styblinski-tang", 2.746803, -2.903534, -64.195612, false},
	{"styblinski-tang", -2.903534, 2.746803, -64.195612, false},
	{"styblinski-tang", 2.746803, 2.746803, -50.058893, false},
	// The roots of 4x³ − 4x + 0.3 by the trigonometric formula.
	{"double-well", -1.035578714088854, 0, -0.305428484, true},
	{"double-well", 0.960149555519105, 0, 0.294146481, false},
}

func TestKnownMinima(t *testing.T) {
	found := map[string]int{}
	for _, want := range published {
		f, err := Lookup(want.name)
		if err != nil {
			t.Fatal(err)
		}
		matched := false
		for _, m := range f.Minima {
			if math.Abs(m.X-want.x) < 1e-6 && math.Abs(m.Y-want.y) < 1e-6 {
				matched = true
				if math.Abs(m.Value-want.value) > 1e-6 || m.Global != want.global {
					t.Errorf("%s: %+v, want value %v, global %v", f.Name, m, want.value, want.global)
				}
				v, err := Classify(f.Problem(), []float64{m.X, m.Y})
				if err != nil || v.Kind != LocalMinimum || v.Value != m.Value || v.GradNorm > 1e-10 {
					t.Errorf("%s at %+v: %+v, %v", f.Name, m, v, err)
				}
			}
		}
		if !matched {
			t.Errorf("%s: the minimum at (%v, %v) is missing from %v", f.Name, want.x, want.y, f.Minima)
		}
		found[f.Name]++
	}
	for _, f := range Functions() {
		if found[f.Name] != len(f.Minima) {
			t.Errorf("%s lists %d minima, %d are published", f.Name, len(f.Minima), found[f.Name])
		}
		for i, m := range f.Minima {
			if i > 0 && m.Value < f.Minima[i-1].Value {
				t.Errorf("%s: minima are not in order of value", f.Name)
			}
		}
	}
}

func TestMinimaFollowParameters(t *testing.T) {
	for _, c := range []struct {
		spec   string
		minima int
		first  [2]float64
	}{
		{"rosenbrock:a=2", 1, [2]float64{2, 4}},
		{"rosenbrock:b=-1", 0, [2]float64{}},
		{"bowl:kappa=1e9", 1, [2]float64{}},
		{"bowl:kappa=-1", 0, [2]float64{}},
		{"rastrigin:a=-10", 0, [2]float64{}},
		{"double-well:tilt=0", 2, [2]float64{-1, 0}},
		{"double-well:tilt=5", 1, [2]float64{-1.380409, 0}},
		{"double-well:tilt=-0.3", 2, [2]float64{1.0355787, 0}},
	} {
		f, err := Resolve(c.spec)
		if err != nil {
			t.Fatal(err)
		}
		if len(f.Minima) != c.minima {
			t.Errorf("%s has minima %v, want %d", c.spec, f.Minima, c.minima)
			continue
		}
		if c.minima > 0 && (math.Abs(f.Minima[0].X-c.first[0]) > 1e-5 || math.Abs(f.Minima[0].Y-c.first[1]) > 1e-5 || !f.Minima[0].Global) {
			t.Errorf("%s: the lowest minimum is %+v, want it at %v", c.spec, f.Minima[0], c.first)
		}
	}
}

// TestGlobalMinima samples each function all over its domain and beyond.
func TestGlobalMinima(t *testing.T) {
	for _, f := range Functions() {
		lowest := math.Inf(1)
		d := f.Domain
		const n = 300
		for i := range n + 1 {
			for j := range n + 1 {
				x := d.XMin + (d.XMax-d.XMin)*(3*float64(i)/n-1)
				y := d.YMin + (d.YMax-d.YMin)*(3*float64(j)/n-1)
				lowest = min(lowest, f.Value(x, y))
			}
		}
		if len(f.Minima) == 0 {
			if f.Name != "saddle" && f.Name != "monkey-saddle" {
				t.Errorf("%s has no minima", f.Name)
			}
			continue
		}
		if m := f.Minima[0]; !m.Global || lowest < m.Value-1e-9 {
			t.Errorf("%s: a value of %v is found, below the minimum %+v", f.Name, lowest, m)
		}
	}
}

func TestTable(t *testing.T) {
	seen := map[string]bool{}
	for _, f := range Functions() {
		d := f.Domain
		inside := func(x, y float64) bool { return d.XMin < x && x < d.XMax && d.YMin < y && y < d.YMax }
		if seen[f.Name] || f.Title == "" || f.Doc == "" || f.Source == "" || f.TeX() == "" {
			t.Errorf("%s: incomplete", f.Name)
		}
		seen[f.Name] = true
		if !inside(f.Start[0], f.Start[1]) {
			t.Errorf("%s: the start %v is outside of %v", f.Name, f.Start, d)
		}
		for _, m := range f.Minima {
			if !inside(m.X, m.Y) {
				t.Errorf("%s: the minimum %v is outside of %v", f.Name, m, d)
			}
		}
		if _, gx, gy := f.ValueGrad(f.Start[0], f.Start[1]); norm2(gx, gy) < 1e-3 {
			t.Errorf("%s: no gradient at the start", f.Name)
		}
		for _, p := range f.Params {
			if p.Doc == "" || !f.expr.Uses(p.Name) {
				t.Errorf("%s: parameter %s without meaning", f.Name, p.Name)
			}
		}
		f.Params, f.Minima = nil, nil // the caller's own
		again, err := Lookup(f.Name)
		if err != nil || len(again.Params) != len(find(f.Name).params) {
			t.Errorf("Lookup(%q) = %+v, %v", f.Name, again, err)
		}
	}
	if len(seen) != 14 {
		t.Errorf("%d functions, want 14", len(seen))
	}
}

func TestFormulas(t *testing.T) {
	for name, want := range map[string]string{
		"rosenbrock":       `\left(a - x\right)^{2} + b \left(y - x^{2}\right)^{2}`,
		"bowl":             `\frac{x^{2} + \kappa y^{2}}{2}`,
		"monkey-saddle":    `x^{3} - 3 x y^{2}`,
		"three-hump-camel": `2 x^{2} - 1.05 x^{4} + \frac{x^{6}}{6} + x y + y^{2}`,
		"rastrigin":        `2 a + x^{2} + y^{2} - a \cos\left(2 \pi x\right) - a \cos\left(2 \pi y\right)`,
		"ackley": `a \left(1 - \exp\left(-b \sqrt{\frac{x^{2} + y^{2}}{2}}\right)\right) + e ` +
			`- \exp\left(\frac{\cos\left(c x\right) + \cos\left(c y\right)}{2}\right)`,
		"double-well": `\left(x^{2} - 1\right)^{2} + \mathrm{tilt} x + y^{2}`,
	} {
		f, err := Lookup(name)
		if err != nil {
			t.Fatal(err)
		}
		if f.TeX() != want {
			t.Errorf("%s in TeX is\n%s\nwant\n%s", name, f.TeX(), want)
		}
	}
}

func TestAckleyAtItsTip(t *testing.T) {
	f, err := Lookup("ackley")
	if err != nil {
		t.Fatal(err)
	}
	v, gx, gy := f.ValueGrad(0, 0)
	if v != 0 || gx != 0 || gy != 0 {
		t.Errorf("at the origin: %v, gradient (%v, %v), want zero", v, gx, gy)
	}
	if _, gx, gy = f.ValueGrad(1e-12, 0); math.Abs(gx-4/math.Sqrt2) > 1e-6 || gy != 0 {
		t.Errorf("beside the origin: gradient (%v, %v), want (2√2, 0)", gx, gy)
	}
}

func TestParse(t *testing.T) {
	f, err := Parse("(1-x)^2 + k*(y-x^2)^2", map[string]float64{"k": 100})
	if err != nil {
		t.Fatal(err)
	}
	rosenbrock, _ := Lookup("rosenbrock")
	for _, p := range [][2]float64{{-1.2, 1}, {0.3, -2}, {5, 5}} {
		if f.Value(p[0], p[1]) != rosenbrock.Value(p[0], p[1]) {
			t.Errorf("the same expression has different values at %v", p)
		}
	}
	if f.Start != [2]float64{-1.2, 1} || len(f.Params) != 1 || f.Params[0].Value != 100 {
		t.Errorf("%+v", f)
	}
	f, err = Parse("log(x) + x*y", nil)
	if err != nil || f.Start != [2]float64{1, 1} {
		t.Errorf("log(x) starts at %v, want where it is finite; %v", f.Start, err)
	}
	for _, c := range []struct {
		expr   string
		params map[string]float64
		want   string
	}{
		{"x + ", nil, "problem: column 5: expected a number, a variable (x, y), a function or \"(\"\nx + \n    ^"},
		{"x", map[string]float64{"a": 1}, `problem: parameter "a" does not occur in x`},
		{"a*x", map[string]float64{"a": math.NaN()}, `problem: a*x: a = NaN, want a finite number`},
		{"e*x", map[string]float64{"e": 1}, `problem: parameter "e" has the name of a constant`},
	} {
		if f, err := Parse(c.expr, c.params); err == nil || err.Error() != c.want || f != nil {
			t.Errorf("Parse(%q) = %v, %v\nwant %s", c.expr, f, err, c.want)
		}
	}
}

func TestConcurrentUse(t *testing.T) {
	f, err := Parse("(sin(x*y) + cos(x - y))^3/(2 + sin(x))", nil)
	if err != nil {
		t.Fatal(err)
	}
	q, err := ResolveProblem("quadratic:n=20,rotate=true")
	if err != nil {
		t.Fatal(err)
	}
	x := make([]float64, 20)
	q.Start(x)
	wantF, wantQ := f.Value(0.5, 0.25), q.Value(x)
	var group sync.WaitGroup
	for range 4 {
		group.Go(func() {
			for range 1000 {
				if f.Value(0.5, 0.25) != wantF || q.Value(x) != wantQ {
					t.Error("concurrent use changes a value")
					return
				}
			}
		})
	}
	group.Wait()
}

var update = flag.Bool("update", false, "print the hash of all bits")

// TestBits holds values, gradients and Hessians to the same bits on every
// architecture. A change of a formula, or of the order in which it is computed,
// changes the hash: run with -update to see the new one.
func TestBits(t *testing.T) {
	const want = "9babf3da203dccb0"
	h := fnv.New64a()
	put := func(values ...float64) {
		for _, v := range values {
			if math.IsNaN(v) {
				v = math.NaN() // one of its many patterns
			}
			_ = binary.Write(h, binary.LittleEndian, v)
		}
	}
	r := rng.New(1, "bits")
	for _, f := range Functions() {
		d := f.Domain
		for range 500 {
			x := d.XMin + float64((d.XMax-d.XMin)*r.Float64())
			y := d.YMin + float64((d.YMax-d.YMin)*r.Float64())
			v, gx, gy := f.ValueGrad(x, y)
			hxx, hxy, hyy := f.Hessian(x, y)
			low, high := eigen2(hxx, hxy, hyy)
			put(f.Value(x, y), v, gx, gy, hxx, hxy, hyy, low, high)
		}
		for _, m := range f.Minima {
			put(m.X, m.Y, m.Value)
		}
	}
	for _, spec := range []string{"quadratic:n=30,kappa=1000,rotate=true,seed=5", "rosenbrock-n", "rastrigin-n", "quadratic"} {
		base, err := ResolveProblem(spec)
		if err != nil {
			t.Fatal(err)
		}
		p, err := Noisy(base, 0.1, 3)
		if err != nil {
			t.Fatal(err)
		}
		x, g := make([]float64, p.Dim()), make([]float64, p.Dim())
		for range 100 {
			for i := range x {
				x[i] = r.Normal()
			}
			put(p.Value(x), p.Gradient(x, g))
			put(g...)
		}
	}
	got := fmt.Sprintf("%016x", h.Sum64())
	if *update {
		t.Logf("the hash is %s", got)
	}
	if got != want {
		t.Errorf("hash of all bits: %s, want %s", got, want)
	}
}

func BenchmarkValueGrad(b *testing.B) {
	for _, f := range Functions() {
		b.Run(f.Name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				f.ValueGrad(1.2, 0.7)
			}
		})
	}
}
