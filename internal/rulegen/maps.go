package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"sort"
	"strings"
)

// A scalarMap is a function of numbers that the loops apply to elements of
// slices:
//
//	//descent:map
//	func name[F Float](x, y F) (u, v F)   for both element types
//	func name32[F float32](x F) F         for one
//
// They are generic so that a build without tests compiles the loops alone.
//
// A function marked //descent:part has no loop; others may call it, and it
// becomes a part of theirs.
type scalarMap struct {
	name    string
	file    string
	decl    *ast.FuncDecl
	doc     string
	bits    []int // of the element types it is for
	loop    bool
	params  []string
	results int
}

// mapWords are the functions that a map may call besides other maps.
//
//	round(x)   the nearest whole number, the even one of two
//	pow2(x)    2^x for a whole number whose result is normal; another number,
//	           the same everywhere, for what else is not NaN
var mapWords = map[string]int{
	"sqrt": 1, "abs": 1, "max": 2, "min": 2, "sign": 1, "ifpos": 3, "round": 1, "pow2": 1,
}

// mapPkg is what rulegen found in a package of maps.
type mapPkg struct {
	pkg
	maps map[string]*scalarMap
}

// parseMaps reads the maps of the package in dir.
func parseMaps(dir string) (*mapPkg, error) {
	p := &mapPkg{pkg: pkg{fset: token.NewFileSet()}, maps: map[string]*scalarMap{}}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	for _, e := range entries {
		name := e.Name()
		if !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go") || strings.HasPrefix(name, "gen_") {
			continue
		}
		f, err := parser.ParseFile(p.fset, filepath.Join(dir, name), nil, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			return nil, err
		}
		for _, d := range f.Decls {
			if d, ok := d.(*ast.FuncDecl); ok && d.Recv == nil {
				if err := p.add(d); err != nil {
					return nil, err
				}
			}
		}
	}
	return p, nil
}

// add remembers a function that is marked.
func (p *mapPkg) add(d *ast.FuncDecl) error {
	_, loop := directive(d.Doc, "map")
	if _, part := directive(d.Doc, "part"); !loop && !part {
		return nil
	}
	m := &scalarMap{name: d.Name.Name, file: p.fileOf(d), decl: d, doc: strings.TrimSpace(d.Doc.Text()), loop: loop}
	const form = "func name[F C](x… F) F, with the constraint Float, float32 or float64"
	if d.Type.TypeParams.NumFields() != 1 || d.Type.TypeParams.List[0].Names[0].Name != "F" {
		return p.errorf(d, "%s: want the form %s", m.name, form)
	}
	constraint, _ := d.Type.TypeParams.List[0].Type.(*ast.Ident)
	switch {
	case constraint != nil && constraint.Name == "Float":
		m.bits = []int{32, 64}
	case constraint != nil && constraint.Name == "float32" && strings.HasSuffix(m.name, "32"):
		m.bits = []int{32}
	case constraint != nil && constraint.Name == "float64" && strings.HasSuffix(m.name, "64"):
		m.bits = []int{64}
	default:
		return p.errorf(d, "%s: want the form %s; the name ends with the number of bits where it is for one type", m.name, form)
	}
	if d.Type.Results == nil {
		return p.errorf(d, "%s: want a result", m.name)
	}
	for _, list := range []*ast.FieldList{d.Type.Params, d.Type.Results} {
		for _, f := range list.List {
			if id, ok := f.Type.(*ast.Ident); !ok || id.Name != "F" {
				return p.errorf(f, "%s: want parameters and results of type F", m.name)
			}
		}
	}
	for _, f := range d.Type.Params.List {
		for _, n := range f.Names {
			if reserved(n.Name) {
				return p.errorf(n, "%s: parameter %s: the name is used by generated code; choose another", m.name, n.Name)
			}
			m.params = append(m.params, n.Name)
		}
	}
	m.results = d.Type.Results.NumFields()
	if streams := len(m.params) + m.results; len(m.params) == 0 || loop && (streams > 3 || streams < 2) {
		return p.errorf(d, "%s: %d parameters and results, want 2 or 3 and a parameter among them", m.name, streams)
	}
	p.maps[m.name] = m
	return nil
}

// loops lists the maps that have loops, in the order of the source.
func (p *mapPkg) loops() []*scalarMap {
	var ms []*scalarMap
	for _, m := range p.maps {
		if m.loop {
			ms = append(ms, m)
		}
	}
	sort.Slice(ms, func(i, j int) bool { return ms[i].decl.Pos() < ms[j].decl.Pos() })
	return ms
}

// base is the exported name of the loops of m for an element type: Relu32.
func (m *scalarMap) base(bits int) string {
	name := strings.ToUpper(m.name[:1]) + m.name[1:]
	if len(m.bits) == 1 {
		return name
	}
	return name + map[int]string{32: "32", 64: "64"}[bits]
}

// lowerMap turns m into a program.
func (p *mapPkg) lowerMap(m *scalarMap, bits int) (*program, error) {
	l := &lowerer{pkg: &p.pkg, f: &function{name: m.base(bits), kind: "map", decl: m.decl}, b: newBuilder(), env: map[string]*op{}, maps: p}
	var args []*op
	for _, n := range m.params {
		args = append(args, l.b.node("slot", n))
	}
	outs, err := l.inline(m, args)
	if err != nil {
		return nil, err
	}
	for _, o := range outs {
		if o.hoisted {
			return nil, p.errorf(m.decl, "%s: a result does not depend on the parameters", m.name)
		}
	}
	return &program{fn: l.f, outs: outs}, nil
}

// inline returns the results of m for arguments.
func (l *lowerer) inline(m *scalarMap, args []*op) ([]*op, error) {
	inner := *l
	inner.f = &function{name: m.name, decl: m.decl}
	inner.env = map[string]*op{}
	for i, n := range m.params {
		inner.env[n] = args[i]
	}
	if inner.depth++; inner.depth > 8 {
		return nil, l.errorf(m.decl, "%s calls itself, or others too deep", m.name)
	}
	body := m.decl.Body.List
	for i, s := range body {
		ret, ok := s.(*ast.ReturnStmt)
		if !ok || i != len(body)-1 {
			if err := inner.assign(s); err != nil {
				return nil, err
			}
			continue
		}
		var outs []*op
		for _, e := range ret.Results {
			o, err := inner.expr(e)
			if err != nil {
				return nil, err
			}
			outs = append(outs, o)
		}
		if len(outs) != m.results {
			return nil, inner.errorf(ret, "want %d results", m.results)
		}
		return outs, nil
	}
	return nil, inner.errorf(m.decl, "want a return at its end")
}

// callMap returns the result of a call of another map.
func (l *lowerer) callMap(m *scalarMap, e *ast.CallExpr, args []*op) (*op, error) {
	if m.results != 1 {
		return nil, l.errorf(e, "%s has %d results: only one may be used in an expression", m.name, m.results)
	}
	outs, err := l.inline(m, args)
	if err != nil {
		return nil, err
	}
	return outs[0], nil
}
