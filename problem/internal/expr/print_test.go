package expr

import "testing"

func mustParse(t testing.TB, text string, params ...string) *Expr {
	t.Helper()
	e, err := Parse(text, params)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func TestTeX(t *testing.T) {
	for _, c := range []struct{ expr, want string }{
		{"(a - x)^2 + kappa*(y - x^2)^2", `\left(a - x\right)^{2} + \kappa \left(y - x^{2}\right)^{2}`},
		{"-x^2*3*2", `-x^{2} \cdot 3 \cdot 2`},
		{"x*-3 - -y", `x \left(-3\right) - \left(-y\right)`},
		{"(x + y)/(2*x)", `\frac{x + y}{2 x}`},
		{"(x/y)^(a+1)", `\left(\frac{x}{y}\right)^{a + 1}`},
		{"sqrt(abs(x))", `\sqrt{\left|x\right|}`},
		{"sin(x)^2", `\left(\sin\left(x\right)\right)^{2}`},
		{"erf(x) + atan(y)", `\operatorname{erf}\left(x\right) + \arctan\left(y\right)`},
		{"1e-9*x + 2e30", `1 \cdot 10^{-9} x + 2 \cdot 10^{30}`},
		{"cos(2*pi*x)", `\cos\left(2 \pi x\right)`},
		{"-(x + y)", `-\left(x + y\right)`},
		{"x - (y - 1)", `x - \left(y - 1\right)`},
		{"e^x", `e^{x}`},
	} {
		if got := mustParse(t, c.expr, "a", "kappa").TeX(); got != c.want {
			t.Errorf("%s in TeX is\n%s\nwant\n%s", c.expr, got, c.want)
		}
	}
	for name, want := range map[string]string{
		"a": "a", "kappa": `\kappa`, "tilt": `\mathrm{tilt}`, "a1": "a_{1}", "beta_2": `\beta_{2}`,
		"my_rate": `\mathrm{my\_rate}`, "_": `\_`, "_1": `\__{1}`,
	} {
		if got := TeXName(name); got != want {
			t.Errorf("TeXName(%q) = %s, want %s", name, got, want)
		}
	}
}

func TestGradientText(t *testing.T) {
	for _, c := range []struct{ expr, dx, dy string }{
		{"(a - x)^2 + b*(y - x^2)^2", "-(2*(a - x) + 4*b*x*(y - x^2))", "2*b*(y - x^2)"},
		{"x^2 - y^2", "2*x", "-2*y"},
		{"x^3 - 3*x*y^2", "3*x^2 - 3*y^2", "-6*x*y"},
		{"7", "0", "0"},
		{"x*x", "2*x", "0"},
		{"x/y", "1/y", "-(x/y/y)"},
		{"1/x", "-(1/x/x)", "0"},
		{"sqrt(x^2 + y^2)", "x/sqrt(x^2 + y^2)", "y/sqrt(x^2 + y^2)"},
		{"x^a", "a*x^(a - 1)", "0"},
		{"a^x", "a^x*log(a)", "0"},
		{"e^(2*x)", "2*exp(2*x)", "0"},
		{"tanh(x)", "1 - tanh(x)^2", "0"},
		{"cos(2*pi*x)", "-2*pi*sin(2*pi*x)", "0"},
		{"abs(x)", "sign(x)", "0"},
		{"log(x)*1 + 0*y", "1/x", "0"},
		{"x*2*3*y", "6*y", "6*x"},
		{"x - (1 - x)", "2", "0"},
	} {
		dx, dy := mustParse(t, c.expr, "a", "b").Gradient()
		if dx.String() != c.dx || dy.String() != c.dy {
			t.Errorf("gradient of %s:\n%s\n%s\nwant\n%s\n%s", c.expr, dx, dy, c.dx, c.dy)
		}
	}
}
