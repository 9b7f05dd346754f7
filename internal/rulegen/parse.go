package main

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"reflect"
	"sort"
	"strconv"
	"strings"
)

// A pkg is what rulegen found in the rule package.
type pkg struct {
	fset  *token.FileSet
	rules []*rule
	funcs map[string]*function
	steps map[string]*stepType
}

// A rule is a struct of hyper-parameters.
type rule struct {
	typ      string // Go name, AdamW
	name     string // registry name, adamw
	file     string // base name of its file, without .go
	doc      []string
	rate     string // default learning rate
	forms    []*function
	hypers   []hyper
	step     string // name of its step type
	hasMemo  bool   // step takes a third argument, *memo
	hasForm  bool   // has a method form() string
	hasStart bool   // has a method start(lr float64) [N]float64
}

// stepArgs are the arguments of a call of step.
func (r *rule) stepArgs(memo string) string {
	if r.hasMemo {
		return "t, lr, " + memo
	}
	return "t, lr"
}

// A hyper is one field of a rule.
type hyper struct {
	field, name       string
	boolean           bool
	def, in, sym, doc string
	min, max          string
	minOpen, maxOpen  bool
}

// A stepType holds the scalars of one update.
type stepType struct {
	fields []string
	sym    map[string]string
}

// A function is one scalar function.
type function struct {
	name    string
	kind    string // rule, probe, view
	of      string // the form that a probe or view belongs to
	file    string
	step    string
	decl    *ast.FuncDecl
	doc     string
	program *program
	tex     []string
}

func (p *pkg) errorf(n ast.Node, format string, args ...any) error {
	pos := p.fset.Position(n.Pos())
	return fmt.Errorf("%s:%d:%d: %s", filepath.Base(pos.Filename), pos.Line, pos.Column, fmt.Sprintf(format, args...))
}

// functionFiles lists the files that hold scalar functions.
func (p *pkg) functionFiles() []string {
	files := map[string]bool{}
	for _, f := range p.funcs {
		files[f.file] = true
	}
	return sortedKeys(files)
}

func (p *pkg) sortedFuncs(file string) []*function {
	var fs []*function
	for _, f := range p.funcs {
		if f.file == file {
			fs = append(fs, f)
		}
	}
	sort.Slice(fs, func(i, j int) bool { return fs[i].decl.Pos() < fs[j].decl.Pos() })
	return fs
}

// parse reads the rules of the package in dir.
func parse(dir string) (*pkg, error) {
	p := &pkg{fset: token.NewFileSet(), funcs: map[string]*function{}, steps: map[string]*stepType{}}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	var files []*ast.File
	for _, e := range entries {
		name := e.Name()
		if !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go") || strings.HasPrefix(name, "gen_") {
			continue
		}
		f, err := parser.ParseFile(p.fset, filepath.Join(dir, name), nil, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			return nil, err
		}
		files = append(files, f)
	}
	methods := map[string]map[string]*ast.FuncDecl{}
	types := map[string]*ast.GenDecl{}
	for _, f := range files {
		for _, d := range f.Decls {
			switch d := d.(type) {
			case *ast.FuncDecl:
				if d.Recv != nil {
					t := receiver(d)
					if methods[t] == nil {
						methods[t] = map[string]*ast.FuncDecl{}
					}
					methods[t][d.Name.Name] = d
				} else if err := p.addFunction(d); err != nil {
					return nil, err
				}
			case *ast.GenDecl:
				if d.Tok == token.TYPE && len(d.Specs) == 1 {
					types[d.Specs[0].(*ast.TypeSpec).Name.Name] = d
				}
			}
		}
	}
	for _, name := range sortedKeys(types) {
		if err := p.addStep(types[name]); err != nil {
			return nil, err
		}
	}
	for _, name := range sortedKeys(types) {
		if err := p.addRule(types[name], methods[name]); err != nil {
			return nil, err
		}
	}
	sort.Slice(p.rules, func(i, j int) bool { return p.rules[i].name < p.rules[j].name })
	return p, p.check()
}

func receiver(d *ast.FuncDecl) string {
	t := d.Recv.List[0].Type
	if s, ok := t.(*ast.StarExpr); ok {
		t = s.X
	}
	if id, ok := t.(*ast.Ident); ok {
		return id.Name
	}
	return ""
}

// directive returns the words behind //descent:name in a comment group.
func directive(g *ast.CommentGroup, name string) (words string, ok bool) {
	if g == nil {
		return "", false
	}
	for _, c := range g.List {
		if rest, found := strings.CutPrefix(c.Text, "//descent:"+name); found && (rest == "" || rest[0] == ' ') {
			return strings.TrimSpace(rest), true
		}
	}
	return "", false
}

func (p *pkg) fileOf(n ast.Node) string {
	return strings.TrimSuffix(filepath.Base(p.fset.Position(n.Pos()).Filename), ".go")
}

func (p *pkg) addFunction(d *ast.FuncDecl) error {
	for _, kind := range []string{"rule", "probe", "view"} {
		of, ok := directive(d.Doc, kind)
		if !ok {
			continue
		}
		if (kind == "rule") != (of == "") {
			return p.errorf(d, "//descent:%s %s: a rule takes no word, a probe or view the name of its form", kind, of)
		}
		f := &function{name: d.Name.Name, kind: kind, of: of, file: p.fileOf(d), decl: d, doc: strings.TrimSpace(d.Doc.Text())}
		if err := p.signature(f); err != nil {
			return err
		}
		p.funcs[f.name] = f
	}
	return nil
}

// signature checks that f is a generic function of one step pointer and scalars.
func (p *pkg) signature(f *function) error {
	d := f.decl
	params := d.Type.Params.List
	want := "func name[F Float](k *nameStep[F], p, g, state… F)"
	if f.kind != "rule" {
		want = "func name[F Float](k *nameStep[F], p, state… F)"
	}
	if d.Type.TypeParams == nil || len(params) != 2 || len(params[0].Names) != 1 || d.Type.Results == nil {
		return p.errorf(d, "%s: want the form %s", f.name, want)
	}
	star, ok := params[0].Type.(*ast.StarExpr)
	if !ok {
		return p.errorf(params[0], "%s: want a pointer to the step's scalars: %s", f.name, want)
	}
	index, ok := star.X.(*ast.IndexExpr)
	if !ok {
		return p.errorf(params[0], "%s: want %s", f.name, want)
	}
	step, ok := index.X.(*ast.Ident)
	if !ok {
		return p.errorf(params[0], "%s: want %s", f.name, want)
	}
	f.step = step.Name
	first := []string{"p"}
	if f.kind == "rule" {
		first = append(first, "g")
	}
	names := params[1].Names
	for i, n := range first {
		if i >= len(names) || names[i].Name != n {
			return p.errorf(params[1], "%s: scalar parameter %d must be %s: want %s", f.name, i+1, n, want)
		}
	}
	return nil
}

// addStep remembers a generic struct of scalars; other types are passed over.
func (p *pkg) addStep(d *ast.GenDecl) error {
	spec := d.Specs[0].(*ast.TypeSpec)
	st, ok := spec.Type.(*ast.StructType)
	if !ok || spec.TypeParams == nil || !strings.HasSuffix(spec.Name.Name, "Step") {
		return nil
	}
	s := &stepType{sym: map[string]string{}}
	for _, fl := range st.Fields.List {
		tag := tagOf(fl)
		for _, n := range fl.Names {
			s.fields = append(s.fields, n.Name)
			s.sym[n.Name] = tag.Get("sym")
		}
	}
	p.steps[spec.Name.Name] = s
	return nil
}

func tagOf(f *ast.Field) reflect.StructTag {
	if f.Tag == nil {
		return ""
	}
	s, err := strconv.Unquote(f.Tag.Value)
	if err != nil {
		return ""
	}
	return reflect.StructTag(s)
}

func (p *pkg) addRule(d *ast.GenDecl, methods map[string]*ast.FuncDecl) error {
	forms, ok := directive(d.Doc, "forms")
	if !ok {
		return nil
	}
	spec := d.Specs[0].(*ast.TypeSpec)
	r := &rule{typ: spec.Name.Name, name: strings.ToLower(spec.Name.Name), file: p.fileOf(d)}
	st, ok := spec.Type.(*ast.StructType)
	if !ok {
		return p.errorf(d, "%s: a rule is a struct of hyper-parameters", r.typ)
	}
	for _, par := range strings.Split(strings.TrimSpace(d.Doc.Text()), "\n\n") {
		r.doc = append(r.doc, strings.Join(strings.Fields(par), " "))
	}
	if len(r.doc) < 2 {
		return p.errorf(d, "%s: the doc comment needs a paragraph that says what the rule is and one that cites its source", r.typ)
	}
	if r.rate, ok = directive(d.Doc, "rate"); !ok {
		return p.errorf(d, "%s: want //descent:rate with the default learning rate", r.typ)
	}
	if v, err := strconv.ParseFloat(r.rate, 64); err != nil || !(v > 0) {
		return p.errorf(d, "%s: //descent:rate %s: want a number above zero", r.typ, r.rate)
	}
	for _, fl := range st.Fields.List {
		for _, n := range fl.Names {
			if !n.IsExported() {
				continue
			}
			h, err := p.hyper(r, fl, n.Name)
			if err != nil {
				return err
			}
			r.hypers = append(r.hypers, h)
		}
	}
	step := methods["step"]
	if step == nil {
		return p.errorf(d, "%s: want a method step(t int64, lr float64) that returns the scalars of one update", r.typ)
	}
	if ix, ok := step.Type.Results.List[0].Type.(*ast.IndexExpr); ok {
		r.step = ix.X.(*ast.Ident).Name
	}
	if p.steps[r.step] == nil {
		return p.errorf(step, "%s.step: want it to return a struct type nameStep[float64] declared in the package", r.typ)
	}
	r.hasMemo = step.Type.Params.NumFields() == 3
	r.hasForm, r.hasStart = methods["form"] != nil, methods["start"] != nil
	for _, name := range strings.Fields(forms) {
		f := p.funcs[name]
		if f == nil || f.kind != "rule" {
			return p.errorf(d, "%s: //descent:forms names %s, which is not a function marked //descent:rule", r.typ, name)
		}
		if f.step != r.step {
			return p.errorf(f.decl, "%s takes *%s, but %s.step returns %s", name, f.step, r.typ, r.step)
		}
		r.forms = append(r.forms, f)
	}
	if len(r.forms) == 0 || len(r.forms) > 1 && !r.hasForm {
		return p.errorf(d, "%s: want one form, or several and a method form() string that names the one to use", r.typ)
	}
	p.rules = append(p.rules, r)
	return nil
}

func (p *pkg) hyper(r *rule, fl *ast.Field, field string) (hyper, error) {
	tag := tagOf(fl)
	h := hyper{field: field, name: snake(field), def: tag.Get("def"), in: tag.Get("in"), sym: tag.Get("sym"), doc: tag.Get("doc")}
	where := r.typ + "." + field
	if h.def == "" || h.doc == "" {
		return h, p.errorf(fl, "%s: want tags def and doc", where)
	}
	switch t := fl.Type.(*ast.Ident); {
	case t != nil && t.Name == "bool":
		h.boolean = true
		if _, err := strconv.ParseBool(h.def); err != nil {
			return h, p.errorf(fl, "%s: def:%q is not a bool", where, h.def)
		}
		return h, nil
	case t == nil || t.Name != "float64":
		return h, p.errorf(fl, "%s: a hyper-parameter is a float64 or a bool", where)
	}
	if _, err := strconv.ParseFloat(h.def, 64); err != nil {
		return h, p.errorf(fl, "%s: def:%q is not a number", where, h.def)
	}
	if h.sym == "" {
		return h, p.errorf(fl, "%s: want a tag sym with its symbol in TeX", where)
	}
	lo, hi, ok := strings.Cut(strings.Trim(h.in, "[]()"), ",")
	if !ok || !strings.ContainsAny(h.in[:1], "[(") || !strings.ContainsAny(h.in[len(h.in)-1:], "])") {
		return h, p.errorf(fl, "%s: in:%q: want an interval such as [0,1) or (0,inf)", where, h.in)
	}
	h.minOpen, h.maxOpen = h.in[0] == '(', h.in[len(h.in)-1] == ')'
	for _, b := range []struct {
		text string
		to   *string
	}{{lo, &h.min}, {hi, &h.max}} {
		v, err := strconv.ParseFloat(strings.TrimSpace(b.text), 64)
		if err != nil {
			return h, p.errorf(fl, "%s: in:%q: %q is not a number", where, h.in, b.text)
		}
		*b.to = goFloat(v)
	}
	return h, nil
}

// check lowers every function and completes what needs the whole package.
func (p *pkg) check() error {
	for _, name := range sortedKeys(p.funcs) {
		f := p.funcs[name]
		if p.steps[f.step] == nil {
			return p.errorf(f.decl, "%s: no struct type %s in the package", f.name, f.step)
		}
		if f.kind != "rule" && (p.funcs[f.of] == nil || p.funcs[f.of].kind != "rule") {
			return p.errorf(f.decl, "%s: //descent:%s %s names no function marked //descent:rule", f.name, f.kind, f.of)
		}
		if err := p.lower(f); err != nil {
			return err
		}
	}
	for _, name := range sortedKeys(p.funcs) {
		f := p.funcs[name]
		if f.kind != "rule" {
			if of := p.funcs[f.of]; f.step != of.step || strings.Join(f.program.slots, " ") != strings.Join(of.program.slots, " ") {
				return p.errorf(f.decl, "%s: want the step type and the state of %s: (k *%s[F], p, %s F)", f.name, of.name, of.step, strings.Join(of.program.slots, ", "))
			}
		}
	}
	return nil
}

// attached returns the probe or view of a form, nil when it has none.
func (p *pkg) attached(kind string, form *function) *function {
	for _, name := range sortedKeys(p.funcs) {
		if f := p.funcs[name]; f.kind == kind && f.of == form.name {
			return f
		}
	}
	return nil
}
