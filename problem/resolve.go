package problem

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/descent-go/descent/problem/internal/expr"
)

// Functions returns the functions of two variables with their default
// parameters, in a fixed order. They are the caller's own.
func Functions() []*Function {
	all := make([]*Function, len(table))
	for i := range table {
		all[i] = mustDefault(&table[i])
	}
	return all
}

// mustDefault builds an entry of the table as it stands, which is right by the
// tests.
func mustDefault(e *entry) *Function {
	f, err := e.function(e.defaults())
	if err != nil {
		panic(err)
	}
	return f
}

// Lookup returns the function of that name with its default parameters. An
// unknown name is an error that lists the known ones.
func Lookup(name string) (*Function, error) {
	if e := find(name); e != nil {
		return mustDefault(e), nil
	}
	return nil, unknown(name, functionNames())
}

func find(name string) *entry {
	for i := range table {
		if table[i].name == name {
			return &table[i]
		}
	}
	return nil
}

func functionNames() []string {
	names := make([]string, len(table))
	for i, e := range table {
		names[i] = e.name
	}
	return names
}

func unknown(name string, names []string) error {
	hint := ""
	if near := expr.Nearest(name, names); near != "" {
		hint = fmt.Sprintf(", did you mean %q?", near)
	}
	return fmt.Errorf("problem: unknown function %q%s (known: %s)", name, hint, strings.Join(names, ", "))
}

// Resolve returns the function of two variables that spec means: a name, a name
// with parameters, or an expression in x and y (see Parse).
//
//	rosenbrock
//	rosenbrock:a=1,b=10
//	(1-x)^2 + 100*(y-x^2)^2
func Resolve(spec string) (*Function, error) { return resolve(spec, functionNames()) }

// resolve is Resolve with the names to list in an error.
func resolve(spec string, known []string) (*Function, error) {
	name, settings, given := cut(spec)
	e := find(name)
	switch {
	case e != nil:
		return e.resolve(settings)
	case findFamily(name) != nil:
		return nil, fmt.Errorf("problem: %s has n variables, want a function of x and y (%s, or an expression)",
			name, strings.Join(functionNames(), ", "))
	case given:
		return nil, unknown(name, known)
	}
	f, err := Parse(spec, nil)
	if misspelt(name, err) {
		return nil, unknown(name, known)
	}
	return f, err
}

// ResolveProblem returns the problem that spec means: all that Resolve accepts,
// and the name of a family with its options.
//
//	quadratic:n=100,kappa=1000,rotate=true,seed=1
//	rosenbrock-n:n=10
//	rastrigin-n:n=10
func ResolveProblem(spec string) (Problem, error) {
	name, settings, _ := cut(spec)
	if f := findFamily(name); f != nil {
		return f.resolve(settings)
	}
	names := functionNames()
	for _, f := range Families() {
		names = append(names, f.Name)
	}
	f, err := resolve(spec, names)
	if err != nil {
		return nil, err
	}
	return f.Problem(), nil
}

// cut splits a spec into the name and the settings after the colon, if given.
func cut(spec string) (name, settings string, given bool) {
	name, settings, given = strings.Cut(spec, ":")
	return strings.TrimSpace(name), settings, given
}

// misspelt reports whether spec failed to parse because it is no expression but
// the name of a function that does not exist: words joined by hyphens.
func misspelt(spec string, err error) bool {
	var syntax *SyntaxError
	if !errors.As(err, &syntax) || syntax.Unknown == "" {
		return false
	}
	for word := range strings.SplitSeq(spec, "-") {
		if len(word) < 2 && word != "n" || strings.Trim(word, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ") != "" {
			return false
		}
	}
	return true
}

func findFamily(name string) *Family {
	for _, f := range Families() {
		if f.Name == name {
			return &f
		}
	}
	return nil
}

func (e *entry) resolve(settings string) (*Function, error) {
	names := make([]string, len(e.params))
	for i, p := range e.params {
		names[i] = p.Name
	}
	given, err := parseSettings(e.name, settings, names)
	if err != nil {
		return nil, err
	}
	values := e.defaults()
	for i, name := range names {
		text, ok := given[name]
		if !ok {
			continue
		}
		if values[i], err = strconv.ParseFloat(text, 64); err != nil || !finite(values[i]) {
			return nil, fmt.Errorf("problem: %s: %s = %q, want a number", e.name, name, text)
		}
	}
	return e.function(values)
}

func (f *Family) resolve(settings string) (Problem, error) {
	names, o := []string{}, &options{family: f.Name, text: map[string]string{}}
	for _, option := range f.Options {
		names = append(names, option.Name)
		o.text[option.Name] = option.Default
	}
	given, err := parseSettings(f.Name, settings, names)
	if err != nil {
		return nil, err
	}
	for name, text := range given {
		o.text[name] = text
	}
	p, err := f.build(o)
	if o.err != nil {
		return nil, o.err
	}
	return p, err
}

// parseSettings reads "a=1,b=2" for the problem called owner.
func parseSettings(owner, text string, names []string) (map[string]string, error) {
	settings := map[string]string{}
	if strings.TrimSpace(text) == "" {
		return settings, nil
	}
	for part := range strings.SplitSeq(text, ",") {
		name, value, found := strings.Cut(part, "=")
		name, value = strings.TrimSpace(name), strings.TrimSpace(value)
		_, twice := settings[name]
		switch {
		case !found:
			return nil, fmt.Errorf("problem: %s: %q, want name=value", owner, strings.TrimSpace(part))
		case !slices.Contains(names, name) && len(names) == 0:
			return nil, fmt.Errorf("problem: %s has no parameters, %q is given", owner, name)
		case !slices.Contains(names, name):
			return nil, fmt.Errorf("problem: %s has no parameter %q (it has %s)", owner, name, strings.Join(names, ", "))
		case twice:
			return nil, fmt.Errorf("problem: %s: %s is given twice", owner, name)
		}
		settings[name] = value
	}
	return settings, nil
}
