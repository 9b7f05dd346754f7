package problem

import (
	"fmt"
	"maps"
	"math"
	"slices"

	"github.com/descent-go/descent/problem/internal/expr"
	"gonum.org/v1/gonum/mat"
)

// A SyntaxError says where an expression is wrong: Column, counted from 1, and
// a message that ends with the expression and a caret under the column.
type SyntaxError = expr.SyntaxError

// A Function is a function of x and y. Its methods are safe for concurrent use
// and allocate nothing, except those that return text.
type Function struct {
	// Name is what Lookup finds the function by; for a user's expression it is
	// the expression.
	Name string
	// Title is the name to show.
	Title string
	// Doc says in a sentence or two what the function is for.
	Doc string
	// Source cites where the function comes from; empty for a user's.
	Source string
	// Params are the parameters, with the values that are bound.
	Params []Param
	// Minima are the known minima for these values, the lowest first. It is
	// empty where there are none or none are known.
	Minima []Minimum
	// Domain is the rectangle to draw.
	Domain Domain
	// Start is where descent usually begins.
	Start [2]float64
	// LogLevels says that contours are best drawn at values spaced
	// logarithmically above the lowest minimum.
	LogLevels bool

	expr *expr.Expr
	code *expr.Compiled
}

// A Param is a named number in a function's expression.
type Param struct {
	Name  string
	Value float64
	// Doc says what the parameter does; empty in a user's expression.
	Doc string
}

// A Minimum is a point with no lower one near it.
type Minimum struct {
	X, Y, Value float64
	// Global says that no value anywhere is lower.
	Global bool
}

// A Domain is a rectangle.
type Domain struct{ XMin, XMax, YMin, YMax float64 }

// Parse reads a user's function: numbers, x, y, the named parameters, pi, e,
// + - * / ^ (and ** for ^), parentheses, and the functions abs, acos, asin,
// atan, cos, cosh, erf, exp, log (or ln), sign, sin, sinh, sqrt, tan and tanh. A power binds before
// a sign: -x^2 is -(x^2); powers associate to the right. A product needs its *.
//
// Where a function has a kink its gradient is the subgradient of least norm:
// that of abs(x) is 0 at 0, as is that of sqrt(x^2 + y^2). A function of x alone
// (or y, or neither) is constant in the other variable; [Classify] leaves that
// variable out of its verdict.
//
// The domain is [-3, 3] × [-3, 3]. The start is the first of (-1.2, 1), (1, 1),
// (0.5, 0.5), (2, 2), (-2, -2) at which value and gradient are finite, or
// else (-1.2, 1).
//
// A mistake in the text is a *SyntaxError. Parse also fails when a parameter
// is not finite, does not occur, or has the name of something else.
func Parse(text string, params map[string]float64) (*Function, error) {
	f := &Function{
		Name: text, Title: text, Doc: "A function of your own.",
		Domain: Domain{-3, 3, -3, 3}, Start: [2]float64{-1.2, 1},
	}
	for _, name := range slices.Sorted(maps.Keys(params)) {
		f.Params = append(f.Params, Param{Name: name, Value: params[name]})
	}
	if err := f.parse(text); err != nil {
		return nil, err
	}
	for _, p := range f.Params {
		if !f.expr.Uses(p.Name) {
			return nil, fmt.Errorf("problem: parameter %q does not occur in %s", p.Name, text)
		}
	}
	for _, s := range [][2]float64{{-1.2, 1}, {1, 1}, {0.5, 0.5}, {2, 2}, {-2, -2}} {
		if v, gx, gy := f.ValueGrad(s[0], s[1]); finite(v) && finite(gx) && finite(gy) {
			f.Start = s
			break
		}
	}
	return f, nil
}

// parse sets the function's expression from text and Params.
func (f *Function) parse(text string) error {
	names, values := make([]string, len(f.Params)), make([]float64, len(f.Params))
	for i, p := range f.Params {
		if !finite(p.Value) {
			return fmt.Errorf("problem: %s: %s = %v, want a finite number", f.Name, p.Name, p.Value)
		}
		names[i], values[i] = p.Name, p.Value
	}
	e, err := expr.Parse(text, names)
	if err != nil {
		return err
	}
	f.expr, f.code = e, e.Compile(values)
	return nil
}

func finite(v float64) bool { return !math.IsNaN(v) && !math.IsInf(v, 0) }

// Value returns the function at (x, y).
func (f *Function) Value(x, y float64) float64 { return f.code.Value.Eval(x, y) }

// Gradient returns the partial derivatives in x and in y.
func (f *Function) Gradient(x, y float64) (gx, gy float64) {
	_, gx, gy = f.code.Grad.Eval3(x, y)
	return gx, gy
}

// ValueGrad returns the function and its partial derivatives.
func (f *Function) ValueGrad(x, y float64) (v, gx, gy float64) { return f.code.Grad.Eval3(x, y) }

// Hessian returns the second partial derivatives.
func (f *Function) Hessian(x, y float64) (hxx, hxy, hyy float64) { return f.code.Hess.Eval3(x, y) }

// DependsOn reports whether x and y occur in the function.
func (f *Function) DependsOn() (x, y bool) { return f.code.UsesX, f.code.UsesY }

// String returns the expression, with parameters by name.
func (f *Function) String() string { return f.expr.String() }

// TeX returns the formula, with parameters by name and without delimiters.
func (f *Function) TeX() string { return f.expr.TeX() }

// GradientText returns the partial derivatives as expressions that Parse reads.
func (f *Function) GradientText() (dx, dy string) {
	x, y := f.expr.Gradient()
	return x.String(), y.String()
}

// GradientTeX returns the formulas of the partial derivatives.
func (f *Function) GradientTeX() (dx, dy string) {
	x, y := f.expr.Gradient()
	return x.TeX(), y.TeX()
}

// ParamTeX returns a parameter's name as the symbol that it has in TeX.
func ParamTeX(name string) string { return expr.TeXName(name) }

// Problem returns the function as a problem of two variables.
func (f *Function) Problem() HessianProblem { return plane{f} }

// plane is a Function as a Problem.
type plane struct{ f *Function }

func (p plane) Name() string { return p.f.Name }
func (p plane) Dim() int     { return 2 }

func (p plane) Start(dst []float64) {
	checkLength(p.f.Name, 2, dst)
	copy(dst, p.f.Start[:])
}

func (p plane) Value(x []float64) float64 {
	checkLength(p.f.Name, 2, x)
	return p.f.Value(x[0], x[1])
}

func (p plane) Gradient(x, g []float64) (v float64) {
	checkLength(p.f.Name, 2, x, g)
	v, g[0], g[1] = p.f.ValueGrad(x[0], x[1])
	return v
}

func (p plane) Hessian(x []float64, h *mat.SymDense) {
	checkLength(p.f.Name, 2, x)
	reuse(h, 2)
	hxx, hxy, hyy := p.f.Hessian(x[0], x[1])
	h.SetSym(0, 0, hxx)
	h.SetSym(0, 1, hxy)
	h.SetSym(1, 1, hyy)
}

// eigenvalues leaves out the variables that the function ignores.
func (p plane) eigenvalues(x []float64) []float64 {
	hxx, hxy, hyy := p.f.Hessian(x[0], x[1])
	switch usesX, usesY := p.f.DependsOn(); {
	case usesX && usesY:
		low, high := eigen2(hxx, hxy, hyy)
		return []float64{low, high}
	case usesX:
		return []float64{hxx}
	case usesY:
		return []float64{hyy}
	}
	return nil
}
