package main

import (
	"fmt"
	"strconv"
	"strings"
)

// emitRule writes a rule's constructor, registry entry and the methods by which the optimizer drives it.
func emitRule(p *pkg, r *rule) ([]byte, error) {
	var w writer
	header(&w, " from "+r.file+".go", "optim")
	kernelPath := strconv.Quote(module + "/optim/internal/kernel")
	for _, h := range r.hypers {
		if strings.HasPrefix(h.min, "math.") || strings.HasPrefix(h.max, "math.") {
			w.p("import (\n\"math\"\n\n%s\n)\n", kernelPath)
			kernelPath = ""
			break
		}
	}
	if kernelPath != "" {
		w.p("import %s\n", kernelPath)
	}
	emitConstructor(&w, r)
	emitInfo(&w, p, r)
	w.p("// Info returns the registry entry of the rule.")
	w.p("func (%s) Info() *Info { return &info%s }\n", r.typ, r.typ)
	w.p("func (r %s) bind() bound { return &r }\n", r.typ)
	w.p("func (r %s) value() Rule { return r }\n", r.typ)
	emitMethods(&w, p, r)
	return w.source()
}

func emitConstructor(w *writer, r *rule) {
	var parts []string
	for _, h := range r.hypers {
		parts = append(parts, fmt.Sprintf("%s %s", h.field, h.def))
	}
	w.p("// New%s returns the rule with its defaults:\n// %s.", r.typ, strings.Join(parts, ", "))
	w.p("func New%s() %s {\nreturn %s{", r.typ, r.typ, r.typ)
	for _, h := range r.hypers {
		w.p("%s: %s,", h.field, h.def)
	}
	w.p("}\n}\n")
}

func emitInfo(w *writer, p *pkg, r *rule) {
	w.p("var info%s = Info{", r.typ)
	w.p("Name: %q,\nTitle: %q,\nSummary: %q,\nCitation: %q,", r.name, r.typ, r.doc[0], r.doc[1])
	if len(r.doc) > 2 {
		w.p("Notes: []string{")
		for _, n := range r.doc[2:] {
			w.p("%q,", n)
		}
		w.p("},")
	}
	w.p("Rate: %s,\nHypers: []Hyper{", r.rate)
	for _, h := range r.hypers {
		if h.boolean {
			def := "0"
			if h.def == "true" {
				def = "1"
			}
			w.p("{Field: %q, Name: %q, Bool: true, Default: %s, Doc: %q},", h.field, h.name, def, h.doc)
			continue
		}
		w.p("{Field: %q, Name: %q, Default: %s, Domain: Interval{Min: %s, Max: %s, MinOpen: %v, MaxOpen: %v}, Symbol: %q, Doc: %q},",
			h.field, h.name, h.def, h.min, h.max, h.minOpen, h.maxOpen, h.sym, h.doc)
	}
	w.p("},\nForms: []Form{")
	for _, f := range r.forms {
		w.p("{\nName: %q,\nSlots: %s,\nTeX: []string{", f.name, stringList(f.program.slots))
		for _, t := range f.tex {
			w.p("%q,", t)
		}
		w.p("},")
		for _, kind := range []string{"rule", "probe", "view"} {
			fn := f
			if kind != "rule" {
				fn = p.attached(kind, f)
			}
			if fn == nil {
				continue
			}
			w.p("%s: &scalarFunc{f32: &kernel.%s32Loops, f64: &kernel.%s64Loops, coefs: %d},", map[string]string{"rule": "update", "probe": "probe", "view": "view"}[kind],
				kernelName(fn), kernelName(fn), len(fn.program.table))
		}
		w.p("},")
	}
	w.p("},\nNew: func() Rule { return New%s() },\n}\n", r.typ)
}

func stringList(s []string) string {
	if len(s) == 0 {
		return "nil"
	}
	return "[]string{\"" + strings.Join(s, "\", \"") + "\"}"
}

func emitMethods(w *writer, p *pkg, r *rule) {
	w.p("func (r *%s) hyper(i int) (*float64, *bool) {\nswitch i {", r.typ)
	for i, h := range r.hypers {
		if h.boolean {
			w.p("case %d:\nreturn nil, &r.%s", i, h.field)
		} else {
			w.p("case %d:\nreturn &r.%s, nil", i, h.field)
		}
	}
	w.p("}\nreturn nil, nil\n}\n")

	if len(r.forms) == 1 && !r.hasForm {
		w.p("func (r *%s) formIndex() int { return 0 }\n", r.typ)
	} else {
		w.p("func (r *%s) formIndex() int {\nswitch f := r.form(); f {", r.typ)
		for i, f := range r.forms {
			w.p("case %q:\nreturn %d", f.name, i)
		}
		w.p("default:\npanic(\"optim: %s has no form \" + f)\n}\n}\n", r.typ)
	}

	if r.hasStart {
		w.p("func (r *%s) initial(lr float64) (s [kernel.MaxSlots]float64) {\ninit := r.start(lr)\ncopy(s[:], init[:])\nreturn s\n}\n", r.typ)
	} else {
		w.p("func (r *%s) initial(float64) (s [kernel.MaxSlots]float64) { return s }\n", r.typ)
	}

	w.p("func (r *%s) scalars(form int, of part, t int64, lr float64, m *memo, k *[kernel.MaxCoefs]float64) {", r.typ)
	w.p("s := r.step(%s)", r.stepArgs("m"))
	w.p("switch {")
	for i, f := range r.forms {
		emitScalars(w, i, "update", f)
		if v := p.attached("probe", f); v != nil {
			emitScalars(w, i, "probe", v)
		}
		if v := p.attached("view", f); v != nil {
			emitScalars(w, i, "view", v)
		}
	}
	w.p("}\n}\n")
}

func emitScalars(w *writer, form int, part string, f *function) {
	w.p("case form == %d && of == part%s:", form, strings.ToUpper(part[:1])+part[1:])
	for i, o := range f.program.table {
		if o.kind == "coef" && o.name == scaleName {
			continue // set by the optimizer
		}
		e := float64Expr(o)
		if strings.HasPrefix(e, "(") && strings.HasSuffix(e, ")") {
			e = e[1 : len(e)-1]
		}
		w.p("k[%d] = %s", i, e)
	}
}

// emitRegistry writes the list of all rules.
func emitRegistry(p *pkg) ([]byte, error) {
	var w writer
	header(&w, "", "optim")
	w.p("var registry = []*Info{")
	for _, r := range p.rules {
		w.p("&info%s,", r.typ)
	}
	w.p("}")
	return w.source()
}
