package expr

import (
	"math"
	"strings"
	"testing"
)

func TestCommonSubexpressions(t *testing.T) {
	c := mustParse(t, "(a - x)^2 + b*(y - x^2)^2", "a", "b").Compile([]float64{1, 100})
	if n := len(c.Grad.code); n > 13 {
		t.Errorf("value and gradient of Rosenbrock's function take %d operations, want at most 13", n)
	}
	c = mustParse(t, strings.Repeat("exp(x*y)+", 50)+"exp(x*y)").Compile(nil)
	if n := len(c.Value.code); n > 3 {
		t.Errorf("51 equal terms take %d operations, want 3", n)
	}
}

// TestLargeProgram needs more registers than the stack frame has.
func TestLargeProgram(t *testing.T) {
	var text strings.Builder
	for i := range 60 {
		// The gradient needs every sine again on the way out.
		text.WriteString("sin(x + " + strings.Repeat("1", i%9+1) + "." + strings.Repeat("3", i/9+1) + "*y)*(")
	}
	text.WriteString("x" + strings.Repeat(" + y)", 60))
	e := mustParse(t, text.String())
	c := e.Compile(nil)
	if c.Grad.regs <= frame {
		t.Fatalf("%d registers, want more than %d", c.Grad.regs, frame)
	}
	for _, p := range [][2]float64{{0.5, 0.25}, {-1, 2}, {3, -0.1}} {
		x, y := p[0], p[1]
		v, gx, _ := c.Grad.Eval3(x, y)
		if want := eval(e.g, e.root, x, y, nil); !close(v, want, 1e-12) {
			t.Errorf("value at %v: %v, want %v", p, v, want)
		}
		want, uncertain := difference(func(h float64) float64 { return c.Value.Eval(x+h, y) })
		if math.Abs(gx-want) > 10*uncertain+1e-7*(1+math.Abs(want)) {
			t.Errorf("derivative at %v: %v, want %v ± %v", p, gx, want, uncertain)
		}
	}
}

// TestGrowth holds the programs of the largest expressions to a size that
// grows with the expression, not exponentially.
func TestGrowth(t *testing.T) {
	for _, text := range []string{
		strings.Repeat("sin(x*y + ", 100) + "x" + strings.Repeat(")", 100),
		strings.Repeat("(x + ", 100) + "y" + strings.Repeat(")^2", 100),
		strings.TrimSuffix(strings.Repeat("(x + y)*", 200), "*"),
		strings.Repeat("x^", 100) + "y",
		strings.Repeat("1/(x + ", 100) + "y" + strings.Repeat(")", 100),
	} {
		e := mustParse(t, text)
		c := e.Compile(nil)
		if n, limit := len(c.Hess.code), 60*len(e.g.nodes)+60; n > limit {
			t.Errorf("%.30s…: the Hessian takes %d operations for %d nodes, want at most %d", text, n, len(e.g.nodes), limit)
		}
	}
}

func TestKinks(t *testing.T) {
	for _, c := range []struct {
		expr   string
		gx, gy float64 // at the origin
	}{
		{"abs(x) + y", 0, 1},
		{"sqrt(x^2 + y^2)", 0, 0},
		{"3*sqrt((x^2 + 4*y^2)/2) + 5*x", 5, 0},
		{"sqrt(x)", math.Inf(1), 0},
		{"sign(x)*y", 0, 0},
	} {
		_, gx, gy := mustParse(t, c.expr).Compile(nil).Grad.Eval3(0, 0)
		if gx != c.gx || gy != c.gy {
			t.Errorf("gradient of %s at the origin: (%v, %v), want (%v, %v)", c.expr, gx, gy, c.gx, c.gy)
		}
	}
}

func BenchmarkRosenbrock(b *testing.B) {
	c := mustParse(b, "(a - x)^2 + b*(y - x^2)^2", "a", "b").Compile([]float64{1, 100})
	b.Run("value", func(b *testing.B) {
		for b.Loop() {
			c.Value.Eval(1.2, 3.4)
		}
	})
	b.Run("gradient", func(b *testing.B) {
		for b.Loop() {
			c.Grad.Eval3(1.2, 3.4)
		}
	})
}
