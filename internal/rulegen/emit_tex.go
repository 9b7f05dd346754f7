package main

import (
	"go/ast"
	"go/token"
	"strings"
)

// texAssign prints one statement of f as TeX.
func (p *pkg) texAssign(f *function, name string, a *ast.AssignStmt) string {
	t := texer{p: p, f: f}
	left := t.symbol(name)
	right := t.expr(a.Rhs[0], 0)
	switch a.Tok {
	case token.ADD_ASSIGN:
		right = left + " + " + t.expr(a.Rhs[0], 1)
	case token.SUB_ASSIGN:
		right = left + " - " + t.expr(a.Rhs[0], 2)
	case token.MUL_ASSIGN:
		right = left + "\\," + t.expr(a.Rhs[0], 2)
	case token.QUO_ASSIGN:
		right = "\\frac{" + left + "}{" + right + "}"
	}
	return left + " \\leftarrow " + right
}

type texer struct {
	p *pkg
	f *function
}

var greek = map[string]string{"p": "\\theta", "d": "\\delta"}

func (t texer) symbol(name string) string {
	if s, ok := greek[name]; ok {
		return s
	}
	return name
}

// coef is the symbol of a step's scalar, and whether it is a sum.
func (t texer) coef(name string) (string, bool) {
	s := t.p.steps[t.f.step].sym[name]
	if s == "" {
		s = "\\mathrm{" + name + "}"
	}
	depth := 0
	for i, c := range s {
		switch c {
		case '{', '(':
			depth++
		case '}', ')':
			depth--
		case '+', '-':
			if depth == 0 && i > 0 {
				return s, true
			}
		}
	}
	return s, false
}

// expr prints e. Level 0 takes anything, 1 the right of +, 2 the right of - or
// a factor: sums are bracketed there.
func (t texer) expr(e ast.Expr, level int) string {
	bracket := func(s string) string { return "\\left(" + s + "\\right)" }
	switch e := e.(type) {
	case *ast.ParenExpr:
		return t.expr(e.X, level)
	case *ast.Ident:
		return t.symbol(e.Name)
	case *ast.BasicLit:
		return e.Value
	case *ast.SelectorExpr:
		s, sum := t.coef(e.Sel.Name)
		if sum && level == 2 {
			return bracket(s)
		}
		return s
	case *ast.UnaryExpr:
		s := "-" + t.expr(e.X, 2)
		if level > 0 {
			return bracket(s)
		}
		return s
	case *ast.BinaryExpr:
		switch e.Op {
		case token.ADD, token.SUB:
			right := 1
			if e.Op == token.SUB {
				right = 2
			}
			s := t.expr(e.X, 0) + " " + e.Op.String() + " " + t.expr(e.Y, right)
			if level == 2 {
				return bracket(s)
			}
			return s
		case token.MUL:
			x, y := t.expr(e.X, 2), t.expr(e.Y, 2)
			if _, ok := e.X.(*ast.Ident); ok && x == y {
				return x + "^2"
			}
			return x + "\\," + y
		}
		return "\\frac{" + t.expr(e.X, 0) + "}{" + t.expr(e.Y, 0) + "}"
	case *ast.CallExpr:
		var a []string
		for _, x := range e.Args {
			a = append(a, t.expr(x, 0))
		}
		switch name := e.Fun.(*ast.Ident).Name; name {
		case "sqrt":
			return "\\sqrt{" + a[0] + "}"
		case "abs":
			return "\\left|" + a[0] + "\\right|"
		case "sign":
			return "\\operatorname{sign}" + bracket(a[0])
		case "ifpos":
			return "\\begin{cases}" + a[1] + " & " + a[0] + " > 0 \\\\ " + a[2] + " & \\text{otherwise}\\end{cases}"
		default:
			return "\\" + name + bracket(strings.Join(a, ", "))
		}
	}
	return ""
}
