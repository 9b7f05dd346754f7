package schedule

import (
	"bytes"
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
)

// Marshal writes a schedule of this package as a JSON object: its kind under
// "schedule", then its parameters.
//
//	{"schedule":"cosine","total":1000,"min":0,"periodic":false}
//
// It refuses what [Validate] refuses.
func Marshal(s Schedule) ([]byte, error) {
	if err := Validate(s); err != nil {
		return nil, err
	}
	s = pointee(s)
	info, ok := byType[reflect.TypeOf(s)]
	if !ok {
		return nil, errorf("%T is not a schedule of this package and has no JSON", s)
	}
	return marshalFields(`{"schedule":"`+info.Name+`"`, reflect.ValueOf(s), info.Params)
}

// pointee returns the schedule that a pointer to one points at.
func pointee(s Schedule) Schedule {
	if v := reflect.ValueOf(s); v.Kind() == reflect.Pointer {
		if e, ok := v.Elem().Interface().(Schedule); ok {
			return e
		}
	}
	return s
}

func marshalFields(start string, v reflect.Value, params []Param) ([]byte, error) {
	b := bytes.NewBufferString(start)
	for _, p := range params {
		f := v.FieldByName(p.Field)
		field, err := []byte("[]"), error(nil)
		if f.Kind() != reflect.Slice || f.Len() > 0 { // a nil list is an empty one
			field, err = json.Marshal(f.Interface())
		}
		if err != nil {
			return nil, err
		}
		fmt.Fprintf(b, ",%q:%s", p.Name, field)
	}
	b.WriteByte('}')
	return b.Bytes(), nil
}

// Unmarshal reads what Marshal writes. A parameter that is left out has its
// default; one that has none, or only from the number of steps of a run, must
// be there. Unknown names and values that [Validate] refuses are errors.
func Unmarshal(b []byte) (Schedule, error) { return unmarshal(b, 0) }

// maxDepth bounds how deep schedules are nested in what is read.
const maxDepth = 100

func unmarshal(b []byte, depth int) (Schedule, error) {
	if depth > maxDepth {
		return nil, errorf("more than %d schedules within one another", maxDepth)
	}
	fields, err := object(b)
	if err != nil {
		return nil, err
	}
	var kind string
	if err := json.Unmarshal(fields["schedule"], &kind); err != nil {
		return nil, errorf(`a schedule needs its kind, as in {"schedule":"cosine","total":1000}`)
	}
	delete(fields, "schedule")
	info, err := Lookup(kind)
	if err != nil {
		return nil, err
	}
	v := reflect.New(info.typ).Elem()
	if err := unmarshalFields(fields, v, info, depth); err != nil {
		return nil, err
	}
	s, _ := v.Interface().(Schedule)
	return s, Validate(s)
}

func object(b []byte) (map[string]json.RawMessage, error) {
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(b, &fields); err != nil || fields == nil {
		return nil, errorf(`JSON %.60q is not an object such as {"schedule":"cosine","total":1000}`, b)
	}
	return fields, nil
}

// unmarshalFields sets the struct v from the fields of an object.
func unmarshalFields(fields map[string]json.RawMessage, v reflect.Value, info Info, depth int) error {
	given := map[string]bool{}
	for _, p := range info.Params {
		raw, ok := fields[p.Name]
		if !ok {
			continue
		}
		delete(fields, p.Name)
		given[p.Name] = true
		f := v.FieldByName(p.Field)
		switch p.Type {
		case "schedule":
			s, err := unmarshal(raw, depth+1)
			if err != nil {
				return fmt.Errorf("%w (in %s.%s)", err, info.Name, p.Name)
			}
			f.Set(reflect.ValueOf(s))
		case "schedules":
			var raws []json.RawMessage
			if err := json.Unmarshal(raw, &raws); err != nil {
				return errorf("%s.%s: want a list of schedules", info.Name, p.Name)
			}
			parts := make([]Schedule, len(raws))
			for i, r := range raws {
				s, err := unmarshal(r, depth+1)
				if err != nil {
					return fmt.Errorf("%w (in %s.%s[%d])", err, info.Name, p.Name, i)
				}
				parts[i] = s
			}
			f.Set(reflect.ValueOf(parts))
		default:
			if err := json.Unmarshal(raw, f.Addr().Interface()); err != nil || string(raw) == "null" {
				return errorf("%s.%s = %s, want %s", info.Name, p.Name, raw, kinds[p.Type])
			}
		}
	}
	if len(fields) > 0 {
		var names []string
		for name := range fields {
			names = append(names, name)
		}
		return errorf("%s", info.unknown(slices.Min(names)))
	}
	if missing := setDefaults(v, -1, given); len(missing) > 0 {
		return errorf("%s.%s is missing: %s", info.Name, missing[0].Name, missing[0].Doc)
	}
	return nil
}

var kinds = map[string]string{
	"float": "a number", "int": "a whole number", "bool": "true or false", "string": "a string", "ints": "a list of whole numbers",
}

// unmarshalTo reads a schedule whose kind is known.
func unmarshalTo[S Schedule](b []byte, to *S) error {
	s, err := Unmarshal(b)
	if err != nil {
		return err
	}
	v, ok := s.(S)
	if !ok {
		return errorf("JSON has kind %q, want %q", byType[reflect.TypeOf(s)].Name, byType[reflect.TypeFor[S]()].Name)
	}
	*to = v
	return nil
}

// Any holds a schedule of any kind in a struct that goes to and from JSON.
// Without one it is null.
type Any struct{ Schedule }

// MarshalJSON writes the schedule as [Marshal] does, or null.
func (a Any) MarshalJSON() ([]byte, error) {
	if a.Schedule == nil {
		return []byte("null"), nil
	}
	return Marshal(a.Schedule)
}

// UnmarshalJSON reads a schedule as [Unmarshal] does, or null.
func (a *Any) UnmarshalJSON(b []byte) error {
	if string(b) == "null" {
		a.Schedule = nil
		return nil
	}
	s, err := Unmarshal(b)
	if err == nil {
		a.Schedule = s
	}
	return err
}
