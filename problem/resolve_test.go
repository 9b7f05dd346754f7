package problem

import (
	"fmt"
	"strings"
	"testing"
)

func TestResolve(t *testing.T) {
	for _, c := range []struct {
		spec  string
		value float64 // at (2, 3)
	}{
		{"rosenbrock", 101},
		{"rosenbrock:b=10", 11},
		{" rosenbrock : a = 3 , b=1e1 ", 11},
		{"rosenbrock:", 101},
		{"saddle", -5},
		{"saddle:", -5},
		{"(1-x)^2 + 100*(y-x^2)^2", 101},
		{"x", 2},
		{"x-y", -1},
		{"e-x-e", -2},
		{"1", 1},
	} {
		f, err := Resolve(c.spec)
		if err != nil {
			t.Error(err)
			continue
		}
		if got := f.Value(2, 3); got != c.value {
			t.Errorf("%s = %v at (2, 3), want %v", c.spec, got, c.value)
		}
		p, err := ResolveProblem(c.spec)
		if err != nil || p.Value([]float64{2, 3}) != c.value || p.Dim() != 2 || p.Name() != f.Name {
			t.Errorf("ResolveProblem(%q): %v", c.spec, err)
		}
	}
}

func TestResolveErrors(t *testing.T) {
	for _, c := range []struct{ spec, want string }{
		{"rosenbrok", `problem: unknown function "rosenbrok", did you mean "rosenbrock"? (known: rosenbrock, parabola,`},
		{"rosenbrok:a=1", `problem: unknown function "rosenbrok", did you mean "rosenbrock"? (known: `},
		{"three-hump-camle", `problem: unknown function "three-hump-camle", did you mean "three-hump-camel"?`},
		{"Ackley", `problem: unknown function "Ackley", did you mean "ackley"?`},
		{"zebra", `problem: unknown function "zebra" (known: `},
		{"rosenbrock:c=1", `problem: rosenbrock has no parameter "c" (it has a, b)`},
		{"rosenbrock:a=1,a=2", `problem: rosenbrock: a is given twice`},
		{"rosenbrock:a", `problem: rosenbrock: "a", want name=value`},
		{"rosenbrock:a=", `problem: rosenbrock: a = "", want a number`},
		{"rosenbrock:a=1e999", `problem: rosenbrock: a = "1e999", want a number`},
		{"rosenbrock:a=NaN", `problem: rosenbrock: a = "NaN", want a number`},
		{"rosenbrock:,", `problem: rosenbrock: "", want name=value`},
		{"saddle:a=1", `problem: saddle has no parameters, "a" is given`},
		{"sin", "problem: column 4: expected \"(\" after the function sin\nsin\n   ^"},
		{"rosenbrok + 1", "problem: column 1: unknown name \"rosenbrok\""},
		{"", "problem: column 1: expected a number"},
		{"x +", "problem: column 4: expected a number"},
	} {
		f, err := Resolve(c.spec)
		if f != nil || err == nil || !strings.HasPrefix(err.Error(), c.want) {
			t.Errorf("Resolve(%q): %v\nwant %s", c.spec, err, c.want)
		}
		p, err := ResolveProblem(c.spec)
		if p != nil || err == nil || !strings.HasPrefix(err.Error(), c.want) {
			t.Errorf("ResolveProblem(%q): %v\nwant %s", c.spec, err, c.want)
		}
	}
	for _, c := range []struct{ spec, want string }{
		{"quadratc", `problem: unknown function "quadratc", did you mean "quadratic"?`},
		{"quadratic:m=3", `problem: quadratic has no parameter "m" (it has n, kappa, rotate, seed, center)`},
		{"quadratic:n=0", `problem: quadratic: n = "0", want a whole number from 1 to 10000000`},
		{"quadratic:n=1e3", `problem: quadratic: n = "1e3", want a whole number from 1 to 10000000`},
		{"quadratic:n=100000000000000", `problem: quadratic: n = "100000000000000", want a whole number`},
		{"quadratic:kappa=x", `problem: quadratic: kappa = "x", want a number`},
		{"quadratic:kappa=0.5", `problem: LogSpectrum: kappa = 0.5, want [1, +Inf)`},
		{"quadratic:rotate=perhaps", `problem: quadratic: rotate = "perhaps", want true or false`},
		{"quadratic:seed=-1", `problem: quadratic: seed = "-1", want a whole number`},
		{"rosenbrock-n:n=1", `problem: RosenbrockN: n = 1, want at least 2`},
		{"rosenbrock-n:b=-3", `problem: RosenbrockN: b = -3, want (0, +Inf)`},
		{"rastrigin-n:a=-3", `problem: RastriginN: a = -3, want [0, +Inf)`},
	} {
		p, err := ResolveProblem(c.spec)
		if p != nil || err == nil || !strings.HasPrefix(err.Error(), c.want) {
			t.Errorf("ResolveProblem(%q): %v\nwant %s", c.spec, err, c.want)
		}
	}
	if _, err := Resolve("quadratic:n=2"); err == nil ||
		!strings.HasPrefix(err.Error(), "problem: quadratic has n variables, want a function of x and y (rosenbrock, ") {
		t.Errorf("Resolve(quadratic): %v", err)
	}
	if f, err := Lookup("rosenbrock:a=1"); f != nil || err == nil {
		t.Error("Lookup takes parameters")
	}
}

func TestFamilies(t *testing.T) {
	for _, f := range Families() {
		if f.Title == "" || f.Doc == "" || f.Source == "" || f.TeX == "" || len(f.Options) == 0 {
			t.Errorf("%s: incomplete", f.Name)
		}
		var explicit []string
		for _, o := range f.Options {
			if o.Doc == "" {
				t.Errorf("%s: option %s without meaning", f.Name, o.Name)
			}
			explicit = append(explicit, o.Name+"="+o.Default)
		}
		a, err := ResolveProblem(f.Name)
		if err != nil {
			t.Fatal(err)
		}
		b, err := ResolveProblem(f.Name + ":" + strings.Join(explicit, ","))
		if err != nil {
			t.Fatal(err)
		}
		x := make([]float64, a.Dim())
		a.Start(x)
		if a.Name() != f.Name || a.Dim() != b.Dim() || a.Value(x) != b.Value(x) {
			t.Errorf("%s: the defaults written out make another problem", f.Name)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, seed := range []string{
		"(1-x)^2 + 100*(y-x^2)^2", "sqrt(x^2+y^2)", "2**-x", "1e999", "((((", "x^x^x^y", "-(-x)", "sin(", "1/0*x", "π", "\xff", "e^(1e308*x)*1e308",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		p, err := Parse(text, nil)
		if err != nil {
			if p != nil || !strings.HasPrefix(err.Error(), "problem: ") {
				t.Fatalf("%q: %v", text, err)
			}
			return
		}
		p.ValueGrad(0.5, -2)
		p.Hessian(0.5, -2)
		if _, err := Classify(p.Problem(), p.Start[:]); err != nil {
			t.Fatalf("%q: %v", text, err)
		}
		if p.TeX() == "" {
			t.Fatalf("%q has no formula", text)
		}
		again, err := Parse(p.String(), nil)
		if err != nil {
			if len(p.String()) > len(text) {
				return // spaces put in may exceed the limit on length
			}
			t.Fatalf("%q is printed as %q: %v", text, p.String(), err)
		}
		if a, b := p.Value(0.5, -2), again.Value(0.5, -2); a != b && (a == a || b == b) {
			t.Fatalf("%q is %v, printed as %q it is %v", text, a, p.String(), b)
		}
	})
}

func FuzzResolve(f *testing.F) {
	for _, seed := range []string{
		"rosenbrock:a=1,b=10", "quadratic:n=3,kappa=10,rotate=true,seed=1", "rastrigin-n:n=", "bowl:kappa=", "ackley:a=1,a=1", "x-y", ":", "a:b:c",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, spec string) {
		if len(spec) > 40 {
			return // enough for every form; keeps large n from taking long
		}
		p, err := ResolveProblem(spec)
		if (p == nil) != (err != nil) {
			t.Fatalf("%q: %v, %v", spec, p, err)
		}
		if err != nil {
			return
		}
		x, g := make([]float64, p.Dim()), make([]float64, p.Dim())
		p.Start(x)
		p.Gradient(x, g)
	})
}

func ExampleResolve() {
	for _, spec := range []string{"rosenbrock", "rosenbrock:b=10", "(1-x)^2 + 10*(y-x^2)^2"} {
		f, err := Resolve(spec)
		if err != nil {
			fmt.Println(err)
			return
		}
		v, gx, gy := f.ValueGrad(-1.2, 1)
		fmt.Printf("%.4g, gradient (%.4g, %.4g)\n", v, gx, gy)
	}
	// Output:
	// 24.2, gradient (-215.6, -88)
	// 6.776, gradient (-25.52, -8.8)
	// 6.776, gradient (-25.52, -8.8)
}

func ExampleParse() {
	f, err := Parse("sin(k*x)^2 + y^2", map[string]float64{"k": 2})
	if err != nil {
		fmt.Println(err)
		return
	}
	dx, dy := f.GradientText()
	fmt.Println(f.TeX())
	fmt.Println(dx)
	fmt.Println(dy)

	_, err = Parse("(1-x)^2+", nil)
	fmt.Println(err)
	// Output:
	// \left(\sin\left(k x\right)\right)^{2} + y^{2}
	// 2*k*cos(k*x)*sin(k*x)
	// 2*y
	// problem: column 9: expected a number, a variable (x, y), a function or "("
	// (1-x)^2+
	//         ^
}

func ExampleLookup() {
	f, err := Lookup("double-well")
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(f.Title+":", f)
	for _, m := range f.Minima {
		fmt.Printf("%.4f at (%.4f, %.4f), global: %v\n", m.Value, m.X, m.Y, m.Global)
	}
	_, err = Lookup("rosenbrok")
	fmt.Println(strings.Split(err.Error(), " (")[0])
	// Output:
	// Double well: (x^2 - 1)^2 + tilt*x + y^2
	// -0.3054 at (-1.0356, 0.0000), global: true
	// 0.2941 at (0.9601, 0.0000), global: false
	// problem: unknown function "rosenbrok", did you mean "rosenbrock"?
}
