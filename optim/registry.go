package optim

import (
	"fmt"
	"strings"
)

// Rules lists every rule of this package, by name.
func Rules() []*Info { return append([]*Info(nil), registry...) }

// Lookup finds a rule by name, in any case. The error lists the names there are.
func Lookup(name string) (*Info, error) {
	for _, info := range registry {
		if strings.EqualFold(info.Name, name) {
			return info, nil
		}
	}
	names := make([]string, len(registry))
	for i, info := range registry {
		names[i] = info.Name
	}
	return nil, fmt.Errorf("optim: no rule %q; there are %s", name, strings.Join(names, ", "))
}

// Parse reads a rule as the command line writes it: a name, then
// hyper-parameters that differ from their defaults.
//
//	adamw
//	adamw:beta2=0.95,decay=0.1
//	sgd:momentum=0.9,nesterov
//
// A switch without a value is true.
func Parse(spec string) (Rule, error) {
	name, rest, found := strings.Cut(strings.TrimSpace(spec), ":")
	info, err := Lookup(strings.TrimSpace(name))
	if err != nil {
		return nil, err
	}
	r := info.New()
	if !found {
		return r, nil
	}
	for _, field := range strings.Split(rest, ",") {
		key, value, ok := strings.Cut(field, "=")
		key = strings.TrimSpace(key)
		if i := info.hyperIndex(key); !ok && i >= 0 && info.Hypers[i].Bool {
			value = "true"
		} else if !ok {
			return nil, fmt.Errorf("optim: %q in %q: want name=value", field, spec)
		}
		if r, err = With(r, key, strings.TrimSpace(value)); err != nil {
			return nil, err
		}
	}
	return r, nil
}

// Spec writes a rule as Parse reads it, with what differs from the defaults.
func Spec(r Rule) string {
	b := r.bind()
	info := b.Info()
	var parts []string
	for i, h := range info.Hypers {
		number, toggle := b.hyper(i)
		switch {
		case toggle != nil && *toggle != (h.Default != 0):
			parts = append(parts, fmt.Sprintf("%s=%v", h.Name, *toggle))
		case number != nil && *number != h.Default:
			parts = append(parts, fmt.Sprintf("%s=%v", h.Name, *number))
		}
	}
	if len(parts) == 0 {
		return info.Name
	}
	return info.Name + ":" + strings.Join(parts, ",")
}
