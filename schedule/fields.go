package schedule

import (
	"fmt"
	"math"
	"reflect"
	"strconv"
	"strings"
)

func errorf(format string, args ...any) error { return fmt.Errorf("schedule: "+format, args...) }

// A Param describes a field of a schedule.
type Param struct {
	Name    string // as JSON and the command line write it
	Field   string // as Go writes it
	Type    string // "float", "int", "bool", "string", "ints", "schedule" or "schedules"
	Default string // "" where there is none; "total", "total/3": from the number of steps of the run; "=up": the value of another parameter
	Domain  string // such as "(0, +Inf)" or "cos|linear"; "" where every value will do
	Symbol  string // TeX; "" where the formula does not have it
	Doc     string
}

var (
	scheduleType  = reflect.TypeFor[Schedule]()
	schedulesType = reflect.TypeFor[[]Schedule]()
)

// paramsOf reads the tags of a struct.
func paramsOf(t reflect.Type) []Param {
	var ps []Param
	for i := range t.NumField() {
		f := t.Field(i)
		if f.Tag.Get("doc") == "" {
			continue
		}
		p := Param{
			Name: f.Tag.Get("json"), Field: f.Name, Default: f.Tag.Get("def"),
			Symbol: f.Tag.Get("sym"), Doc: f.Tag.Get("doc"),
		}
		switch {
		case f.Type == scheduleType:
			p.Type = "schedule"
		case f.Type == schedulesType:
			p.Type = "schedules"
		case f.Type.Kind() == reflect.Slice:
			p.Type = "ints"
		case f.Type.Kind() == reflect.Float64:
			p.Type = "float"
		case f.Type.Kind() == reflect.Int64:
			p.Type = "int"
		default:
			p.Type = f.Type.Kind().String()
		}
		p.Domain = strings.NewReplacer(",", ", ", "inf", "+Inf").Replace(f.Tag.Get("in"))
		ps = append(ps, p)
	}
	return ps
}

// setDefaults gives every parameter its default but those in given. It returns
// the parameters that are left without a value, among them those that hang on
// total if it is not known, that is negative.
func setDefaults(v reflect.Value, total int64, given map[string]bool) (missing []Param) {
	for _, p := range paramsOf(v.Type()) {
		if given[p.Name] {
			continue
		}
		f := v.FieldByName(p.Field)
		if divisor, ok := strings.CutPrefix(p.Default, "total"); ok {
			d, err := strconv.ParseInt(strings.TrimPrefix(divisor, "/"), 10, 64)
			if err != nil {
				d = 1
			}
			if total < 0 {
				missing = append(missing, p)
			} else {
				f.SetInt(max(total/d, 1))
			}
			continue
		}
		other, follows := strings.CutPrefix(p.Default, "=")
		switch {
		case follows:
			f.Set(v.FieldByNameFunc(func(name string) bool { return strings.EqualFold(name, other) }))
		case p.Default == "":
			missing = append(missing, p)
		default:
			// A default that does not fit its field is found by the tests.
			_ = setText(f, p, p.Default)
		}
	}
	return missing
}

// setText sets a field to a value as the command line writes it.
func setText(f reflect.Value, p Param, text string) error {
	switch p.Type {
	case "float":
		x, err := strconv.ParseFloat(text, 64)
		if err != nil {
			return fmt.Errorf("%s = %q, want a number", p.Name, text)
		}
		f.SetFloat(x)
	case "int":
		n, err := parseInt(text)
		if err != nil {
			return fmt.Errorf("%s = %q, want a whole number", p.Name, text)
		}
		f.SetInt(n)
	case "bool":
		b, err := strconv.ParseBool(text)
		if err != nil {
			return fmt.Errorf("%s = %q, want true or false", p.Name, text)
		}
		f.SetBool(b)
	case "ints":
		var list []int64
		for part := range strings.SplitSeq(text, "/") {
			n, err := parseInt(part)
			if err != nil {
				return fmt.Errorf("%s = %q, want whole numbers as in 20/50/90", p.Name, text)
			}
			list = append(list, n)
		}
		f.Set(reflect.ValueOf(list))
	default:
		f.SetString(text)
	}
	return nil
}

// parseInt also takes the likes of 1e6.
func parseInt(text string) (int64, error) {
	n, err := strconv.ParseInt(text, 10, 64)
	if err == nil {
		return n, nil
	}
	x, ferr := strconv.ParseFloat(text, 64)
	if ferr != nil || x != math.Trunc(x) || math.Abs(x) >= 1<<53 {
		return 0, err
	}
	return int64(x), nil
}

// validate checks the fields of a struct against their tags, and those
// relations between fields that tags do not say.
func validate(s any) error {
	v := reflect.ValueOf(s)
	name := v.Type().Name()
	for _, p := range paramsOf(v.Type()) {
		f := v.FieldByName(p.Field)
		field := name + "." + p.Field
		if err := checkField(f, p, field); err != nil {
			return err
		}
	}
	if r, ok := s.(interface{ relations() error }); ok {
		return r.relations()
	}
	return nil
}

func checkField(f reflect.Value, p Param, field string) error {
	refuse := func(v any) error { return errorf("%s = %v, want %s", field, v, p.Domain) }
	switch p.Type {
	case "float":
		if x := f.Float(); !inside(p.Domain, x) {
			return refuse(x)
		}
	case "int":
		if n := f.Int(); !inside(p.Domain, float64(n)) {
			return refuse(n)
		}
	case "string":
		for word := range strings.SplitSeq(p.Domain, "|") {
			if f.String() == word {
				return nil
			}
		}
		return errorf("%s = %q, want %s", field, f.String(), strings.ReplaceAll(p.Domain, "|", ", "))
	case "ints":
		list, _ := f.Interface().([]int64)
		for i, n := range list {
			if !inside(p.Domain, float64(n)) {
				return errorf("%s[%d] = %d, want %s", field, i, n, p.Domain)
			}
			if i > 0 && n < list[i-1] {
				return errorf("%s[%d] = %d comes after %d, want ascending steps", field, i, n, list[i-1])
			}
		}
	case "schedule":
		inner, _ := f.Interface().(Schedule)
		return validateInner(inner, field)
	case "schedules":
		parts, _ := f.Interface().([]Schedule)
		for i, part := range parts {
			if err := validateInner(part, fmt.Sprintf("%s[%d]", field, i)); err != nil {
				return err
			}
		}
	}
	return nil
}

func validateInner(s Schedule, field string) error {
	if isNil(s) {
		return errorf("%s is nil, want a schedule", field)
	}
	if err := Validate(s); err != nil {
		return fmt.Errorf("%w (in %s)", err, field)
	}
	return nil
}

func isNil(s Schedule) bool {
	if s == nil {
		return true
	}
	v := reflect.ValueOf(s)
	return v.Kind() == reflect.Pointer && v.IsNil()
}

// inside reports whether x lies in an interval such as "[0, 1)". Infinity and
// NaN lie in none.
func inside(domain string, x float64) bool {
	low, high, ok := strings.Cut(domain, ", ")
	if !ok {
		return true
	}
	a, errA := strconv.ParseFloat(low[1:], 64)
	b, errB := strconv.ParseFloat(high[:len(high)-1], 64)
	return errA == nil && errB == nil &&
		(x > a || x == a && low[0] == '[') && (x < b || x == b && high[len(high)-1] == ']')
}

func (s OneCycle) relations() error {
	if s.ThreePhase && s.PctStart > 0.5 {
		return errorf("OneCycle.PctStart = %v, want [0, 0.5] with three phases", s.PctStart)
	}
	return momenta("OneCycle", s.BaseMomentum, s.MaxMomentum)
}

func (s OneCycleMomentum) relations() error { return OneCycle(s).relations() }

func (s Cyclic) relations() error {
	if s.Min > s.Max {
		return errorf("Cyclic.Min = %v is above Max = %v", s.Min, s.Max)
	}
	return momenta("Cyclic", s.BaseMomentum, s.MaxMomentum)
}

func (s CyclicMomentum) relations() error { return Cyclic(s).relations() }

func momenta(name string, low, high float64) error {
	if low > high {
		return errorf("%s.BaseMomentum = %v is above MaxMomentum = %v", name, low, high)
	}
	return nil
}

func (s WSD) relations() error {
	if s.Decay > s.Total || s.Warmup > s.Total-s.Decay {
		return errorf("WSD.Warmup = %d and Decay = %d do not fit into Total = %d", s.Warmup, s.Decay, s.Total)
	}
	return nil
}

func (s Join) relations() error {
	if len(s.Parts) != len(s.Milestones)+1 {
		return errorf("Join has %d parts and %d milestones, want one part more", len(s.Parts), len(s.Milestones))
	}
	return nil
}
