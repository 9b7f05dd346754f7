package main

import (
	"fmt"
	"go/ast"
	"go/token"
	"strings"
)

const subset = "a rule is assignments (=, :=, +=, -=, *=, /=) of + - * / over its parameters, k's fields, numbers and " +
	"sqrt, abs, max, min, sign, ifpos, and one return"

// lower turns f's body into a program and its formula.
func (p *pkg) lower(f *function) error {
	l := &lowerer{pkg: p, f: f, b: newBuilder(), env: map[string]*op{}, k: f.decl.Type.Params.List[0].Names[0].Name}
	prog := &program{fn: f}
	f.program = prog
	for i, n := range f.decl.Type.Params.List[1].Names {
		if reserved(n.Name) {
			return p.errorf(n, "%s: parameter %s: the name is used by generated code; choose another", f.name, n.Name)
		}
		o := l.b.node("slot", n.Name)
		if f.kind == "rule" && i == 1 {
			o = l.b.node("*", "", l.b.node("coef", scaleName), o)
		} else if i > 0 {
			prog.slots = append(prog.slots, n.Name)
		}
		l.env[n.Name] = o
	}
	if len(prog.slots) > maxSlots {
		return p.errorf(f.decl, "%s: %d state slots, at most %d", f.name, len(prog.slots), maxSlots)
	}
	body := f.decl.Body.List
	for i, s := range body {
		if ret, ok := s.(*ast.ReturnStmt); ok && i == len(body)-1 {
			if err := l.ret(ret, prog); err != nil {
				return err
			}
			break
		}
		if err := l.assign(s); err != nil {
			return err
		}
	}
	if prog.outs == nil {
		return p.errorf(f.decl, "%s: want a return at its end", f.name)
	}
	prog.fill()
	if len(prog.table) > maxCoefs {
		return p.errorf(f.decl, "%s: %d values depend on the step's scalars, at most %d", f.name, len(prog.table), maxCoefs)
	}
	return nil
}

// reserved reports names that the emitted loops use.
func reserved(name string) bool {
	if name == "i" || name == "lo" || name == "hi" || strings.HasSuffix(name, "_") {
		return true
	}
	return len(name) > 1 && strings.ContainsRune("ct", rune(name[0])) && strings.Trim(name[1:], "0123456789") == ""
}

type lowerer struct {
	pkg *pkg
	f   *function
	b   *builder
	env map[string]*op
	k   string

	maps  *mapPkg // of a map: others that it may call
	depth int     // of calls
}

func (l *lowerer) errorf(n ast.Node, format string, args ...any) error {
	return l.pkg.errorf(n, "%s: %s", l.f.name, fmt.Sprintf(format, args...))
}

func (l *lowerer) assign(s ast.Stmt) error {
	a, ok := s.(*ast.AssignStmt)
	if !ok {
		return l.errorf(s, "%s is not allowed here: %s", statement(s), subset)
	}
	if len(a.Lhs) != 1 || len(a.Rhs) != 1 {
		return l.errorf(s, "one variable at a time: %s", subset)
	}
	id, ok := a.Lhs[0].(*ast.Ident)
	if !ok {
		return l.errorf(a.Lhs[0], "want a variable on the left")
	}
	o, err := l.expr(a.Rhs[0])
	if err != nil {
		return err
	}
	old, known := l.env[id.Name]
	switch a.Tok {
	case token.ASSIGN, token.DEFINE:
	case token.ADD_ASSIGN, token.SUB_ASSIGN, token.MUL_ASSIGN, token.QUO_ASSIGN:
		if !known {
			return l.errorf(id, "undefined: %s", id.Name)
		}
		o = l.b.node(a.Tok.String()[:1], "", old, o)
	default:
		return l.errorf(a, "operator %s is not allowed: %s", a.Tok, subset)
	}
	l.env[id.Name] = o
	if l.maps != nil {
		return nil
	}
	l.f.tex = append(l.f.tex, l.pkg.texAssign(l.f, id.Name, a))
	return nil
}

func (l *lowerer) ret(r *ast.ReturnStmt, prog *program) error {
	want := append([]string{"p"}, prog.slots...)
	if l.f.kind == "view" {
		want = want[:1]
	}
	if len(r.Results) != len(want) {
		return l.errorf(r, "want return %s", strings.Join(want, ", "))
	}
	for i, e := range r.Results {
		if id, ok := e.(*ast.Ident); !ok || id.Name != want[i] {
			return l.errorf(e, "want return %s", strings.Join(want, ", "))
		}
		prog.outs = append(prog.outs, l.env[want[i]])
	}
	return nil
}

func (l *lowerer) expr(e ast.Expr) (*op, error) {
	switch e := e.(type) {
	case *ast.ParenExpr:
		return l.expr(e.X)
	case *ast.Ident:
		if o := l.env[e.Name]; o != nil {
			return o, nil
		}
		return nil, l.errorf(e, "undefined: %s", e.Name)
	case *ast.BasicLit:
		if e.Kind != token.INT && e.Kind != token.FLOAT {
			return nil, l.errorf(e, "%s is not a number", e.Value)
		}
		return l.b.node("lit", e.Value), nil
	case *ast.SelectorExpr:
		if l.maps != nil {
			return nil, l.errorf(e, "this expression is not allowed: %s", subset)
		}
		if id, ok := e.X.(*ast.Ident); !ok || id.Name != l.k {
			return nil, l.errorf(e, "only fields of %s may be selected", l.k)
		}
		for _, n := range l.pkg.steps[l.f.step].fields {
			if n == e.Sel.Name {
				return l.b.node("coef", n), nil
			}
		}
		return nil, l.errorf(e, "%s has no field %s", l.f.step, e.Sel.Name)
	case *ast.UnaryExpr:
		if e.Op != token.SUB {
			return nil, l.errorf(e, "operator %s is not allowed: %s", e.Op, subset)
		}
		x, err := l.expr(e.X)
		if err != nil {
			return nil, err
		}
		if x.kind == "lit" && l.maps != nil {
			return l.b.node("lit", "-"+x.name), nil
		}
		return l.b.node("neg", "", x), nil
	case *ast.BinaryExpr:
		switch e.Op {
		case token.ADD, token.SUB, token.MUL, token.QUO:
		default:
			return nil, l.errorf(e, "operator %s is not allowed: %s", e.Op, subset)
		}
		x, err := l.expr(e.X)
		if err != nil {
			return nil, err
		}
		y, err := l.expr(e.Y)
		if err != nil {
			return nil, err
		}
		return l.b.node(e.Op.String(), "", x, y), nil
	case *ast.CallExpr:
		return l.call(e)
	}
	return nil, l.errorf(e, "this expression is not allowed: %s", subset)
}

func (l *lowerer) call(e *ast.CallExpr) (*op, error) {
	id, ok := e.Fun.(*ast.Ident)
	if !ok {
		return nil, l.errorf(e, "this call is not allowed: %s", subset)
	}
	words := intrinsics
	var other *scalarMap
	if l.maps != nil {
		words, other = mapWords, l.maps.maps[id.Name]
	}
	arity, ok := words[id.Name]
	if other != nil {
		arity, ok = len(other.params), true
	}
	if !ok {
		return nil, l.errorf(e, "call of %s: want one of %s", id.Name, strings.Join(sortedKeys(words), ", "))
	}
	if len(e.Args) != arity {
		return nil, l.errorf(e, "%s takes %d arguments, has %d", id.Name, arity, len(e.Args))
	}
	var args []*op
	for _, a := range e.Args {
		o, err := l.expr(a)
		if err != nil {
			return nil, err
		}
		args = append(args, o)
	}
	if other != nil {
		return l.callMap(other, e, args)
	}
	return l.b.node(id.Name, "", args...), nil
}

func statement(s ast.Stmt) string {
	switch s.(type) {
	case *ast.IfStmt, *ast.SwitchStmt:
		return "a branch"
	case *ast.ForStmt, *ast.RangeStmt:
		return "a loop"
	case *ast.ReturnStmt:
		return "an early return"
	case *ast.DeclStmt:
		return "a declaration"
	}
	return "this statement"
}
