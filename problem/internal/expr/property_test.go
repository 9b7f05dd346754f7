package expr

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

var testParams = []string{"a", "b"}

var testValues = []float64{1.5, -0.75}

// tree draws the text of an expression. A smooth one has no kinks, poles or
// ends of a domain at |x|, |y| ≤ 1, and moderate derivatives.
func tree(t *rapid.T, depth int, smooth bool) string {
	sub := func() string { return tree(t, depth-1, smooth) }
	if depth == 0 {
		return rapid.SampledFrom([]string{"x", "y", "a", "b", "2", "0.5", "x", "y", "1", "0", "3e-1", "pi"}).Draw(t, "leaf")
	}
	binary := []string{"+", "-", "*"}
	unary := []string{"-", "sin", "cos", "tanh", "erf", "atan"}
	if !smooth {
		binary = append(binary, "/", "^")
		unary = append(unary, "sqrt", "log", "abs", "sign", "tan", "exp", "asin", "acos", "sinh", "cosh", "ln", "+")
	}
	switch rapid.IntRange(0, 4).Draw(t, "form") {
	case 0:
		return tree(t, 0, smooth)
	case 1:
		f := rapid.SampledFrom(unary).Draw(t, "function")
		return f + "(" + sub() + ")"
	case 2:
		f := rapid.SampledFrom([]string{
			"(%s)^2", "(%s)^3", "sqrt(1 + (%s)^2)", "log(2 + cos(%s))", "1/(2 + sin(%s))", "exp(sin(%s))",
			"(2 + sin(%s))^-2", "(2 + sin(%s))^a", "2^sin(%s)", "sinh(sin(%s))", "cosh(cos(%s))",
			"tan(sin(%s))", "asin(0.5*cos(%s))", "acos(0.5*sin(%s))", "(%s)/3", "abs(2 + sin(%s))",
		}).Draw(t, "pattern")
		return fmt.Sprintf(f, sub())
	}
	o := rapid.SampledFrom(binary).Draw(t, "operator")
	left, right := sub(), sub()
	if rapid.Bool().Draw(t, "parentheses") || smooth {
		return "(" + left + ")" + o + "(" + right + ")"
	}
	return left + o + right
}

// eval is the meaning of a parsed tree, node by node.
func eval(g *graph, i id, x, y float64, values []float64) float64 {
	n := g.nodes[i]
	switch n.op {
	case opNum:
		return n.val
	case opX:
		return x
	case opY:
		return y
	case opName:
		if v, ok := constants[g.names[n.a]]; ok {
			return v
		}
		return values[int(n.a)-len(constants)]
	}
	a, b := eval(g, n.a, x, y, values), 0.0
	if n.op.arity() == 2 {
		b = eval(g, n.b, x, y, values)
	}
	return apply(n.op, a, b)
}

func close(a, b, tolerance float64) bool {
	return math.Abs(a-b) <= tolerance*(1+max(math.Abs(a), math.Abs(b)))
}

// point is a coordinate with |p| ≤ 1 that no kink or pole is likely to meet.
func point() *rapid.Generator[float64] { return rapid.Float64Range(-1, 1) }

func TestPrintedReadsBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := tree(t, rapid.IntRange(0, 6).Draw(t, "depth"), false)
		e, err := Parse(text, testParams)
		if err != nil {
			t.Fatalf("%v", err)
		}
		again, err := Parse(e.String(), testParams)
		if err != nil {
			t.Fatalf("printed from %s:\n%v", text, err)
		}
		if !same(e, again) {
			t.Fatalf("%s is printed as %s, which reads as %s", text, e, again)
		}
		if strings.Count(e.TeX(), `\left`) != strings.Count(e.TeX(), `\right`) || strings.Count(e.TeX(), "{") != strings.Count(e.TeX(), "}") {
			t.Fatalf("unbalanced TeX: %s", e.TeX())
		}
	})
}

// same reports whether two graphs are equal node by node.
func same(a, b *Expr) bool {
	if a.root != b.root || len(a.g.nodes) != len(b.g.nodes) {
		return false
	}
	for i := range a.g.nodes {
		if a.g.nodes[i] != b.g.nodes[i] {
			return false
		}
	}
	return true
}

// TestSimplifiedValue compares the program with the tree as it was written.
func TestSimplifiedValue(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		e, err := Parse(tree(t, rapid.IntRange(1, 7).Draw(t, "depth"), true), testParams)
		if err != nil {
			t.Fatalf("%v", err)
		}
		c := e.Compile(testValues)
		x, y := point().Draw(t, "x"), point().Draw(t, "y")
		want := eval(e.g, e.root, x, y, testValues)
		if math.Abs(want) > 1e100 {
			return
		}
		if got := c.Value.Eval(x, y); !close(got, want, 1e-9) {
			t.Fatalf("%s at (%v, %v): %v, want %v", e, x, y, got, want)
		}
		if v, _, _ := c.Grad.Eval3(x, y); v != c.Value.Eval(x, y) {
			t.Fatalf("%s at (%v, %v): value %v alone, %v with the gradient", e, x, y, c.Value.Eval(x, y), v)
		}
	})
}

// difference returns the central difference quotient of f at 0, extrapolated
// from two steps (Richardson), and an estimate of its error.
func difference(f func(h float64) float64) (d, err float64) {
	quotient := func(h float64) float64 { return (f(h) - f(-h)) / (2 * h) }
	const h = 1e-3
	coarse, fine := quotient(h), quotient(h/2)
	d = fine + (fine-coarse)/3
	size := max(math.Abs(f(h)), math.Abs(f(-h)))
	return d, math.Abs(fine-coarse)/3 + 1e-12*size/h
}

// TestDerivatives compares gradient and Hessian of random trees with finite
// differences, and the printed gradient with the compiled one.
func TestDerivatives(t *testing.T) {
	checked := 0
	rapid.Check(t, func(t *rapid.T) {
		e, err := Parse(tree(t, rapid.IntRange(1, 5).Draw(t, "depth"), true), testParams)
		if err != nil {
			t.Fatalf("%v", err)
		}
		c := e.Compile(testValues)
		x, y := point().Draw(t, "x"), point().Draw(t, "y")
		_, gx, gy := c.Grad.Eval3(x, y)
		hxx, hxy, hyy := c.Hess.Eval3(x, y)
		dx := func(x, y float64) float64 { _, d, _ := c.Grad.Eval3(x, y); return d }
		dy := func(x, y float64) float64 { _, _, d := c.Grad.Eval3(x, y); return d }
		for _, k := range []struct {
			name string
			got  float64
			f    func(h float64) float64
		}{
			{"x", gx, func(h float64) float64 { return c.Value.Eval(x+h, y) }},
			{"y", gy, func(h float64) float64 { return c.Value.Eval(x, y+h) }},
			{"xx", hxx, func(h float64) float64 { return dx(x+h, y) }},
			{"xy", hxy, func(h float64) float64 { return dx(x, y+h) }},
			{"yx", hxy, func(h float64) float64 { return dy(x+h, y) }},
			{"yy", hyy, func(h float64) float64 { return dy(x, y+h) }},
		} {
			want, uncertain := difference(k.f)
			if uncertain > 1e-4*(1+math.Abs(want)) {
				continue // too steep here for a difference to tell
			}
			checked++
			if math.IsNaN(k.got) || math.Abs(k.got-want) > 10*uncertain+1e-7*(1+math.Abs(want)) {
				t.Fatalf("derivative %s of %s at (%v, %v): %v, differences give %v ± %v", k.name, e, x, y, k.got, want, uncertain)
			}
		}
		px, py := e.Gradient()
		for i, p := range []*Expr{px, py} {
			read, err := Parse(p.String(), testParams)
			if err != nil {
				continue // longer than an expression may be
			}
			got := read.Compile(testValues).Value.Eval(x, y)
			if want := [2]float64{gx, gy}[i]; !close(got, want, 1e-8) {
				t.Fatalf("%s: the printed derivative %s is %v at (%v, %v), want %v", e, p, got, x, y, want)
			}
		}
	})
	if checked < 200 {
		t.Errorf("only %d derivatives were checked", checked)
	}
}

// TestRoughTrees evaluates trees with poles, kinks and domains: the program
// must agree with the tree wherever that is finite, and never panic.
func TestRoughTrees(t *testing.T) {
	finiteValues := 0
	rapid.Check(t, func(t *rapid.T) {
		e, err := Parse(tree(t, rapid.IntRange(1, 5).Draw(t, "depth"), false), testParams)
		if err != nil {
			t.Fatalf("%v", err)
		}
		c := e.Compile(testValues)
		x, y := point().Draw(t, "x"), point().Draw(t, "y")
		c.Grad.Eval3(x, y)
		c.Hess.Eval3(x, y)
		// Nearby points tell whether rounding may decide the value here.
		want := eval(e.g, e.root, x, y, testValues)
		for _, h := range []float64{-1e-9, 1e-9} {
			if !close(want, eval(e.g, e.root, x+h, y+h, testValues), 1e-6) {
				return
			}
		}
		// Powers and products with infinite operands may differ when simplified.
		for i := range e.g.nodes {
			if v := eval(e.g, id(i), x, y, testValues); !finite(v) || math.Abs(v) > 1e100 {
				return
			}
		}
		finiteValues++
		if got := c.Value.Eval(x, y); !close(got, want, 1e-4) {
			t.Fatalf("%s at (%v, %v): %v, want %v", e, x, y, got, want)
		}
	})
	if finiteValues < 20 {
		t.Errorf("only %d finite values were compared", finiteValues)
	}
}
