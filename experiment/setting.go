package experiment

import (
	"encoding/csv"
	"fmt"
	"math"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/descent-go/descent/data"
	"github.com/descent-go/descent/optim"
)

// A Setting describes one field of [Experiment].
type Setting struct {
	Key      string // in files, and the flag
	Short    string // flag of one letter, or ""
	Type     string // "text", "list", "switch", "whole" or "number"
	Default  string // as text, "" for none
	Usual    string // what an optional setting that is absent stands for, if that is one value
	Example  string
	Optional bool            // may be absent
	Choices  []string        // nil: any value will do
	Domain   *optim.Interval // of a number, nil for others
	Or       string          // a value outside of Domain that is allowed too
	Doc      string          // meaning
	Part     string          // heading of the group that it belongs to
	Free     bool            // may differ when a run is resumed

	usage   string // Doc with the value's word in backquotes, for the help
	subject string // that it belongs to, "" for all
	index   int    // of the field
}

// settings describes every field, in order.
var settings = describe(reflect.TypeFor[Experiment]())

// Settings describes all settings in the order of files and help.
func Settings() []Setting { return slices.Clone(settings) }

func describe(t reflect.Type) []Setting {
	var all []Setting
	part := ""
	for i := range t.NumField() {
		f := t.Field(i)
		key, ok := f.Tag.Lookup("key")
		if !ok {
			continue
		}
		if p := f.Tag.Get("part"); p != "" {
			part = p
		}
		s := Setting{
			Key: key, Short: f.Tag.Get("short"), Default: f.Tag.Get("def"), Usual: f.Tag.Get("usual"),
			Example: f.Tag.Get("eg"), Or: f.Tag.Get("or"), Part: part,
			Free: f.Tag.Get("free") != "", subject: f.Tag.Get("of"), index: i,
		}
		typ := f.Type
		if s.Optional = typ.Kind() == reflect.Pointer; s.Optional {
			typ = typ.Elem()
		}
		s.Type = map[reflect.Kind]string{
			reflect.String: "text", reflect.Slice: "list", reflect.Bool: "switch",
			reflect.Int: "whole", reflect.Int64: "whole", reflect.Uint64: "whole", reflect.Float64: "number",
		}[typ.Kind()]
		if one := f.Tag.Get("one"); one != "" {
			s.Choices = strings.Split(one, "|")
		}
		if in := f.Tag.Get("in"); in != "" {
			s.Domain = interval(in)
		}
		doc := f.Tag.Get("doc")
		if key == "data" {
			doc += ": " + Sources()
		}
		s.Doc = strings.NewReplacer("{", "", "}", "").Replace(doc)
		s.usage = strings.NewReplacer("{", "`", "}", "`").Replace(doc)
		all = append(all, s)
	}
	return all
}

// interval reads a domain such as [0,inf).
func interval(text string) *optim.Interval {
	low, high, _ := strings.Cut(text[1:len(text)-1], ",")
	i := &optim.Interval{MinOpen: text[0] == '(', MaxOpen: text[len(text)-1] == ')'}
	i.Min, _ = strconv.ParseFloat(low, 64)
	i.Max, _ = strconv.ParseFloat(high, 64)
	return i
}

// Sources names what data can be, in a line.
func Sources() string {
	var names []string
	for _, f := range data.Forms() {
		name, _, _ := strings.Cut(f.Spec, "[")
		names = append(names, name)
	}
	return strings.Join(names, ", ")
}

// find returns the setting with a key, or nil.
func find(key string) *Setting {
	for i := range settings {
		if settings[i].Key == key {
			return &settings[i]
		}
	}
	return nil
}

// field returns the field of a setting.
func (e *Experiment) field(s *Setting) reflect.Value { return reflect.ValueOf(e).Elem().Field(s.index) }

// present reports whether the setting has a value of its own.
func (e *Experiment) present(s *Setting) bool {
	return !s.Optional || !e.field(s).IsNil()
}

// isDefault reports whether the setting is what Default makes it.
func (e *Experiment) isDefault(s *Setting) bool {
	return s.format(e.field(s)) == s.normal()
}

// isUsual reports whether the setting says nothing: it is the default, or what
// its absence stands for.
func (e *Experiment) isUsual(s *Setting) bool {
	return e.isDefault(s) || s.Optional && s.format(e.field(s)) == s.Usual
}

// normal is the default as format writes it.
func (s *Setting) normal() string {
	v := reflect.New(reflect.TypeFor[Experiment]().Field(s.index).Type).Elem()
	if s.Default != "" {
		_ = s.parse(v, s.Default)
	}
	return s.format(v)
}

// format writes the value as the command line takes it.
func (s *Setting) format(v reflect.Value) string {
	if v.Kind() == reflect.Pointer {
		if v.IsNil() {
			return ""
		}
		v = v.Elem()
	}
	switch v.Kind() {
	case reflect.Slice:
		return commas(v.Interface().([]string))
	case reflect.Float64:
		return strconv.FormatFloat(v.Float(), 'g', -1, 64)
	}
	return fmt.Sprint(v.Interface())
}

// commas writes a list as a line of CSV.
func commas(list []string) string {
	if len(list) == 0 {
		return ""
	}
	var b strings.Builder
	w := csv.NewWriter(&b)
	_ = w.Write(list) // into memory: cannot fail
	w.Flush()
	return strings.TrimSuffix(b.String(), "\n")
}

// parse reads a value as format writes it. The domain is not its business. An
// error says what was expected.
func (s *Setting) parse(v reflect.Value, text string) error {
	if v.Kind() == reflect.Pointer {
		p := reflect.New(v.Type().Elem())
		if err := s.parse(p.Elem(), text); err != nil {
			return err
		}
		v.Set(p)
		return nil
	}
	switch v.Kind() {
	case reflect.String:
		v.SetString(text)
	case reflect.Slice:
		list, err := splitCommas(text)
		if err != nil {
			return err
		}
		v.Set(reflect.ValueOf(list))
	case reflect.Bool:
		b, err := strconv.ParseBool(text)
		if err != nil {
			return errWant("want true or false")
		}
		v.SetBool(b)
	case reflect.Uint64:
		n, err := strconv.ParseUint(text, 10, 64)
		if err != nil {
			whole, err := parseWhole(text)
			if err != nil || whole < 0 {
				return s.refuse()
			}
			n = uint64(whole)
		}
		v.SetUint(n)
	case reflect.Float64:
		x, err := strconv.ParseFloat(text, 64)
		if err != nil {
			return s.refuse()
		}
		v.SetFloat(x)
	default:
		n, err := parseWhole(text)
		if err != nil || v.OverflowInt(n) {
			return s.refuse()
		}
		v.SetInt(n)
	}
	return nil
}

// parseWhole also takes the likes of 1e6.
func parseWhole(text string) (int64, error) {
	n, err := strconv.ParseInt(text, 10, 64)
	if err == nil {
		return n, nil
	}
	x, ferr := strconv.ParseFloat(text, 64)
	if ferr != nil || x != math.Trunc(x) || math.Abs(x) > 1<<53 {
		return 0, err
	}
	return int64(x), nil
}

func splitCommas(text string) ([]string, error) {
	if text == "" {
		return nil, nil
	}
	r := csv.NewReader(strings.NewReader(text))
	list, err := r.Read()
	if err != nil {
		return nil, errWant("want words separated by commas, quoted as in CSV")
	}
	return list, nil
}

// want says which values there are.
func (s *Setting) want() string {
	switch {
	case s.Choices != nil:
		last := len(s.Choices) - 1
		text := strings.Join(s.Choices[:last], ", ") + " or " + s.Choices[last]
		if s.Type == "list" {
			return "want a list of " + text
		}
		return "want " + text
	case s.Type == "list":
		return "want a list such as [" + s.Example + "]"
	case s.Type == "switch":
		return "want true or false"
	case s.Type == "text":
		return "want text"
	}
	kind := map[string]string{"whole": "a whole number", "number": "a finite number"}[s.Type]
	d := s.Domain
	switch {
	case d == nil:
		return "want " + kind + " of at least 0" // the unsigned ones
	case math.IsInf(d.Min, -1) && math.IsInf(d.Max, 1):
		return "want " + kind
	case math.IsInf(d.Max, 1) && !d.MinOpen:
		return fmt.Sprintf("want %s of at least %g", kind, d.Min)
	}
	text := fmt.Sprintf("want a number in %v", d)
	if s.Or != "" {
		text += ", or " + s.Or
	}
	return text
}

// refuse returns want as an error.
func (s *Setting) refuse() error { return &wantError{s.want()} }

// inDomain reports whether a value is one of the choices, or in the domain.
func (s *Setting) inDomain(v reflect.Value) bool {
	if v.Kind() == reflect.Pointer {
		return v.IsNil() || s.inDomain(v.Elem())
	}
	switch v.Kind() {
	case reflect.String:
		return s.Choices == nil || slices.Contains(s.Choices, v.String())
	case reflect.Slice:
		for _, word := range v.Interface().([]string) {
			if word == "" || s.Choices != nil && !slices.Contains(s.Choices, word) {
				return false
			}
		}
	case reflect.Int, reflect.Int64:
		return s.Domain.Contains(float64(v.Int()))
	case reflect.Float64:
		x := v.Float()
		return !math.IsInf(x, 0) && s.Domain.Contains(x) || s.Or != "" && s.format(v) == s.Or
	}
	return true
}
