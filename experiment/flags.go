package experiment

import (
	"maps"
	"reflect"

	"github.com/spf13/pflag"
)

// Flags declares a flag for every setting, bound to e.
func (e *Experiment) Flags(flags *pflag.FlagSet) {
	for i := range settings {
		s := &settings[i]
		if !e.has(s) {
			continue
		}
		f := flags.VarPF(&flagValue{e: e, s: s}, s.Key, s.Short, s.usage)
		if s.Usual != "" {
			f.DefValue = s.Usual
		}
		if s.Type == "switch" {
			f.NoOptDefVal = "true"
		}
	}
}

// Set gives a setting the value that its flag would give it; a list is written
// as a line of CSV. The value is checked as far as that can be done without the
// others; the error is an *Error.
func (e *Experiment) Set(key, value string) error {
	s := find(key)
	switch {
	case s == nil:
		return &Error{Key: key, Value: value, Err: unknown(key)}
	case !e.has(s):
		return &Error{Key: key, Value: value, Err: errWant("this program has its own model and data")}
	}
	if err := s.parse(e.field(s), value); err != nil {
		return &Error{Key: key, Value: value, Err: err}
	}
	e.given[key] = position{}
	return e.checkOne(s)
}

// Over returns the settings of base, with those put over them that flags have
// set in e.
func (e *Experiment) Over(base *Experiment) *Experiment {
	out := base.copy()
	out.own = e.own
	for key, at := range e.given {
		s := find(key)
		out.field(s).Set(e.field(s))
		out.given[key] = at
	}
	return out
}

// Differs returns the keys of the settings in which two experiments differ, but
// for those that may differ between a run and its continuation.
func (e *Experiment) Differs(other *Experiment) []string {
	var keys []string
	for i := range settings {
		s := &settings[i]
		if s.Free || !e.applies(s) && !other.applies(s) {
			continue
		}
		if e.present(s) != other.present(s) || e.present(s) && s.format(e.field(s)) != s.format(other.field(s)) {
			keys = append(keys, s.Key)
		}
	}
	return keys
}

// copy returns a copy of the experiment, whose settings can be changed without
// changing e.
func (e *Experiment) copy() *Experiment {
	out := *e
	out.given = make(map[string]position, len(e.given))
	maps.Copy(out.given, e.given)
	return &out
}

// set gives a setting a value of Open's own.
func set[T any](field **T, value T) { *field = &value }

// A flagValue is the value of a flag: a setting of an experiment.
type flagValue struct {
	e     *Experiment
	s     *Setting
	again bool // given before
}

// Set reads the value. A list that is given again grows.
func (f *flagValue) Set(text string) error {
	v := f.e.field(f.s)
	before := v
	if f.s.Type == "list" && f.again {
		before = reflect.ValueOf(append([]string(nil), v.Interface().([]string)...))
	}
	if err := f.s.parse(v, text); err != nil {
		return err
	}
	if f.s.Type == "list" && f.again {
		v.Set(reflect.AppendSlice(before, v))
	}
	f.again = true
	f.e.given[f.s.Key] = position{}
	return nil
}

// String returns the value as Set reads it.
func (f *flagValue) String() string {
	if f.e == nil { // pflag asks a zero value
		return ""
	}
	return f.s.format(f.e.field(f.s))
}

// Type names the kind of value, for help and messages.
func (f *flagValue) Type() string {
	t := reflect.TypeFor[Experiment]().Field(f.s.index).Type
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if t.Kind() == reflect.Slice {
		return "stringSlice"
	}
	return t.String()
}
