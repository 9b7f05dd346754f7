package expr

import (
	"errors"
	"fmt"
	"strings"
	"testing"
)

func TestSyntaxErrors(t *testing.T) {
	const operand = `expected a number, a variable (x, y), a function or "("`
	const operator = `expected an operator (+ - * / ^) or `
	for _, c := range []struct {
		expr   string
		column int
		msg    string // its beginning
	}{
		{"", 1, operand},
		{"  ", 3, operand},
		{"1 + ", 5, operand},
		{"(1-x)^2+", 9, operand},
		{"(1-x)^", 7, operand},
		{"*x", 1, operand},
		{"x + * y", 5, operand},
		{"x***y", 4, operand},
		{"()", 2, operand},
		{"sin()", 5, operand},
		{"100*(y-$", 8, operand},
		{"x − 1", 3, operator + "the end"},
		{"x $ y", 3, operator + "the end"},
		{"x)", 2, operator + "the end"},
		{"2x", 2, operator + "the end; a product is written with *"},
		{"2 3", 3, operator + "the end; a product is written with *"},
		{"1.2.3", 4, operator + "the end; a product is written with *"},
		{"(x+1)(y+1)", 6, operator + "the end; a product is written with *"},
		{"sin(x, y)", 6, operator + `")"`},
		{"(x y)", 4, operator + `")"; a product is written with *`},
		{"(1-x", 1, `this "(" is never closed`},
		{"1 + (2*3", 5, `this "(" is never closed`},
		{"sin x", 5, `expected "(" after the function sin`},
		{"sqrt", 5, `expected "(" after the function sqrt`},
		{"foo + 1", 1, `unknown name "foo" (known: x, y, e, pi, a, kappa; functions: abs,`},
		{"1 + tann(x)", 5, `unknown name "tann", did you mean tan?`},
		{"kapa*x", 1, `unknown name "kapa", did you mean kappa?`},
		{"x\n+ z", 5, `unknown name "z"`},
		{"1e999", 1, "1e999 is beyond the largest number"},
		{"πx", 1, operand},
		{strings.Repeat("(", MaxDepth+1), MaxDepth + 2, "the expression is nested more than 128 deep"},
		{strings.Repeat("-", MaxDepth+1) + "x", MaxDepth + 2, "the expression is nested more than 128 deep"},
		{strings.Repeat("x^", MaxDepth+1) + "x", 2*MaxDepth + 3, "the expression is nested more than 128 deep"},
		{strings.Repeat("x+", MaxNodes/2+1) + "x", MaxNodes, "the expression has more than 1024 "},
	} {
		_, err := Parse(c.expr, []string{"a", "kappa"})
		var e *SyntaxError
		if !errors.As(err, &e) {
			t.Errorf("Parse(%.20q) = %v, want a SyntaxError", c.expr, err)
			continue
		}
		if e.Column != c.column || !strings.HasPrefix(e.Msg, c.msg) {
			t.Errorf("Parse(%.20q): column %d, %s\nwant column %d, %s", c.expr, e.Column, e.Msg, c.column, c.msg)
		}
		lines := strings.Split(e.Error(), "\n")
		if len(lines) != 3 || lines[0] != fmt.Sprintf("problem: column %d: %s", e.Column, e.Msg) ||
			len([]rune(lines[2])) != e.Column || strings.TrimLeft(lines[2], " ") != "^" {
			t.Errorf("Parse(%.20q): the error is not a message, the expression and a caret:\n%v", c.expr, e)
		}
	}
}

func TestErrorText(t *testing.T) {
	_, err := Parse("(1-x)^2+", nil)
	want := `problem: column 9: expected a number, a variable (x, y), a function or "("
(1-x)^2+
        ^`
	if err == nil || err.Error() != want {
		t.Errorf("got:\n%v\nwant:\n%s", err, want)
	}
}

func TestLimits(t *testing.T) {
	for _, ok := range []string{
		strings.Repeat("(", MaxDepth) + "x" + strings.Repeat(")", MaxDepth),
		strings.Repeat("-", MaxDepth) + "x",
		strings.Repeat("x+", MaxNodes/2-1) + "x",
		strings.Repeat(" ", MaxLength-1) + "x",
	} {
		if _, err := Parse(ok, nil); err != nil {
			t.Errorf("Parse(%.20q…): %v", ok, err)
		}
	}
	if _, err := Parse(strings.Repeat(" ", MaxLength)+"x", nil); err == nil ||
		err.Error() != "problem: the expression has 4097 characters, at most 4096 are allowed" {
		t.Errorf("a long expression: %v", err)
	}
}

func TestParameterNames(t *testing.T) {
	for _, c := range []struct{ name, want string }{
		{"", `problem: parameter "", want letters, digits and _ with a letter first`},
		{"2a", `problem: parameter "2a", want letters, digits and _ with a letter first`},
		{"a-b", `problem: parameter "a-b", want letters, digits and _ with a letter first`},
		{"x", `problem: parameter "x" has the name of a variable`},
		{"ln", `problem: parameter "ln" has the name of a function`},
		{"pi", `problem: parameter "pi" has the name of a constant`},
	} {
		if _, err := Parse("x", []string{c.name}); err == nil || err.Error() != c.want {
			t.Errorf("parameter %q: %v\nwant %s", c.name, err, c.want)
		}
	}
	if _, err := Parse("a", []string{"a", "a"}); err == nil {
		t.Error("a parameter given twice is accepted")
	}
}

// TestMeaning checks precedence, association, numbers and functions by value.
func TestMeaning(t *testing.T) {
	for _, c := range []struct {
		expr string
		want float64 // at x = 3, y = 4 with a = 10
	}{
		{"1 - 2 - 3", -4},
		{"12/3/2", 2},
		{"2 + 3*4", 14},
		{"2*3^2", 18},
		{"2^3^2", 512},
		{"(2^3)^2", 64},
		{"2**3", 8},
		{"-x^2", -9},
		{"(-x)^2", 9},
		{"2^-1", 0.5},
		{"2*-x", -6},
		{"--x", 3},
		{"+x - +y", -1},
		{"a*x", 30},
		{".5 + 5. + 1e2 + 1E-1 + 2e+1", 125.6},
		{"sqrt(x^2 + y^2)", 5},
		{"abs(x - y) + sign(x - y)", 0},
		{"ln(e) + log(e^2)", 3},
		{"cos(pi)", -1},
		{"4*atan(1) - pi", 0},
		{"x^0.5 - sqrt(x)", 0},
		{"exp(0) + cosh(0) + erf(0) + tanh(0) + tan(0) + sinh(0) + asin(0) + sin(0) + acos(1)", 2},
		{"x^-2*18", 2},
		{"0^0", 1},
	} {
		e, err := Parse(c.expr, []string{"a"})
		if err != nil {
			t.Error(err)
			continue
		}
		if got := e.Compile([]float64{10}).Value.Eval(3, 4); got != c.want {
			t.Errorf("%s = %v, want %v", c.expr, got, c.want)
		}
	}
}
