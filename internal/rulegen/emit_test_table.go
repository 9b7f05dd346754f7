package main

import "strings"

// emitDefinitions writes, for the tests, a table that runs every scalar
// function as it stands in the source: what the loops must agree with.
func emitDefinitions(p *pkg) ([]byte, error) {
	var w writer
	header(&w, "", "optim")
	w.p("// A definition applies a rule's scalar function to slices, in float64.")
	w.p("type definition struct {\nrule, form string\nof part\nrun func(r bound, t int64, lr float64, p, g []float64, s *[4][]float64)\n}\n")
	w.p("var definitions = []definition{")
	for _, r := range p.rules {
		for _, f := range r.forms {
			emitDefinition(&w, r, f, f)
			for _, kind := range []string{"probe", "view"} {
				if fn := p.attached(kind, f); fn != nil {
					emitDefinition(&w, r, f, fn)
				}
			}
		}
	}
	w.p("}")
	return w.source()
}

func emitDefinition(w *writer, r *rule, form, f *function) {
	kind := map[string]string{"rule": "Update", "probe": "Probe", "view": "View"}[f.kind]
	w.p("{%q, %q, part%s, func(r bound, t int64, lr float64, p, g []float64, s *[4][]float64) {", r.name, form.name, kind)
	w.p("k := r.(*%s).step(%s)\nfor i := range p {", r.typ, r.stepArgs("new(memo)"))
	left, right := []string{"p[i]"}, []string{"&k", "p[i]"}
	if f.kind == "rule" {
		right = append(right, "g[i]")
	}
	for i := range f.program.slots {
		slot := "s[" + string(rune('0'+i)) + "][i]"
		right = append(right, slot)
		if f.kind != "view" {
			left = append(left, slot)
		}
	}
	w.p("%s = %s(%s)\n}\n}},", strings.Join(left, ", "), f.name, strings.Join(right, ", "))
}
