package record

import (
	"encoding"
	"fmt"
	"math"
	"reflect"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// A shape says how a type of an event is written and read: flat for embedded
// structs, by the json tags of the fields.
type shape struct {
	name   string // of a struct, in snake case
	typ    reflect.Type
	text   bool   // it writes itself as text
	elem   *shape // of a slice or pointer
	fields []field
}

type field struct {
	name      string
	index     []int
	omitEmpty bool
	shape     *shape
}

// seen are the fields of an object that have been read.
type seen uint64

var textType = reflect.TypeFor[encoding.TextMarshaler]()

// shapeOf panics for types that no event should have: the list of known events
// is what it is called for.
func shapeOf(t reflect.Type) *shape {
	s := &shape{name: snake(t.Name()), typ: t, text: t.Implements(textType)}
	switch t.Kind() {
	case reflect.Float64, reflect.Int, reflect.Int64, reflect.Bool, reflect.String:
	case reflect.Slice, reflect.Pointer:
		s.elem = shapeOf(t.Elem())
	case reflect.Struct:
		s.addFields(t, nil)
	default:
		panic(fmt.Sprintf("record: an event with a %s", t))
	}
	return s
}

func (s *shape) addFields(t reflect.Type, index []int) {
	for i := range t.NumField() {
		f := t.Field(i)
		at := append(append([]int{}, index...), i)
		if f.Anonymous {
			s.addFields(f.Type, at)
			continue
		}
		name, options, _ := strings.Cut(f.Tag.Get("json"), ",")
		if name == "-" || name == "" || s.find([]byte(name)) >= 0 || len(s.fields) == 64 {
			panic(fmt.Sprintf("record: %s.%s has the name %q", t, f.Name, name))
		}
		s.fields = append(s.fields, field{name, at, options == "omitempty", shapeOf(f.Type)})
	}
}

// snake turns EpochEnd into epoch_end.
func snake(name string) string {
	var b strings.Builder
	for i, r := range name {
		if i > 0 && unicode.IsUpper(r) {
			b.WriteByte('_')
		}
		b.WriteRune(unicode.ToLower(r))
	}
	return b.String()
}

// find returns the place of a field, -1 for none.
func (s *shape) find(name []byte) int {
	for i := range s.fields {
		if s.fields[i].name == string(name) {
			return i
		}
	}
	return -1
}

// append writes a field with the comma before it.
func (f *field) append(dst []byte, object reflect.Value) []byte {
	v := object.FieldByIndex(f.index)
	if f.omitEmpty && empty(v) {
		return dst
	}
	dst = append(append(append(dst, `,"`...), f.name...), `":`...)
	return f.shape.append(dst, v)
}

func empty(v reflect.Value) bool {
	switch v.Kind() {
	case reflect.Slice:
		return v.Len() == 0
	case reflect.Float64:
		return zero(v.Float())
	}
	return v.IsZero()
}

func (s *shape) append(dst []byte, v reflect.Value) []byte {
	if s.text {
		text, err := v.Interface().(encoding.TextMarshaler).MarshalText()
		if err != nil {
			return append(dst, "null"...)
		}
		return appendString(dst, string(text))
	}
	switch v.Kind() {
	case reflect.Float64:
		return appendFloat(dst, v.Float())
	case reflect.Int, reflect.Int64:
		return appendInt(dst, v.Int())
	case reflect.Bool:
		return strconv.AppendBool(dst, v.Bool())
	case reflect.String:
		return appendString(dst, v.String())
	case reflect.Pointer:
		if v.IsNil() {
			return append(dst, "null"...)
		}
		return s.elem.append(dst, v.Elem())
	case reflect.Slice:
		if v.IsNil() {
			return append(dst, "null"...)
		}
		dst = append(dst, '[')
		for i := range v.Len() {
			if i > 0 {
				dst = append(dst, ',')
			}
			dst = s.elem.append(dst, v.Index(i))
		}
		return append(dst, ']')
	}
	at := len(dst)
	for i := range s.fields {
		dst = s.fields[i].append(dst, v)
	}
	if len(dst) == at {
		return append(dst, "{}"...)
	}
	dst[at] = '{' // where the first field has its comma
	return append(dst, '}')
}

// readField reads the value of a field of an object; a field that the object
// does not have is passed over.
func (s *shape) readField(sc *scanner, key []byte, object reflect.Value, seen *seen) {
	i := s.find(key)
	if i < 0 {
		sc.skip(0)
		return
	}
	f := &s.fields[i]
	if *seen&(1<<i) != 0 {
		sc.fail("%q comes twice", f.name)
		return
	}
	*seen |= 1 << i
	f.shape.read(sc, object.FieldByIndex(f.index))
	if sc.err != nil && !sc.placed {
		sc.err, sc.placed = fmt.Errorf("%q: %w", f.name, sc.err), true
	}
}

func (s *shape) read(sc *scanner, v reflect.Value) {
	if s.text {
		if text := sc.string(); sc.err == nil {
			if err := v.Addr().Interface().(encoding.TextUnmarshaler).UnmarshalText([]byte(text)); err != nil {
				sc.err = err
			}
		}
		return
	}
	switch v.Kind() {
	case reflect.Float64:
		v.SetFloat(sc.float())
	case reflect.Int, reflect.Int64:
		n := sc.int()
		if v.OverflowInt(n) {
			sc.fail("%d is too large for this machine", n)
			return
		}
		v.SetInt(n)
	case reflect.Bool:
		v.SetBool(sc.bool())
	case reflect.String:
		v.SetString(sc.string())
	case reflect.Pointer:
		if sc.null() {
			return
		}
		v.Set(reflect.New(s.elem.typ))
		s.elem.read(sc, v.Elem())
	case reflect.Slice:
		if sc.null() {
			return
		}
		v.Set(reflect.MakeSlice(s.typ, 0, 0))
		for n := 0; sc.more('[', ']', n); n++ {
			v.Grow(1)
			v.SetLen(n + 1)
			v.Index(n).SetZero()
			s.elem.read(sc, v.Index(n))
		}
	case reflect.Struct:
		var seen seen
		for n := 0; sc.more('{', '}', n); n++ {
			s.readField(sc, sc.key(), v, &seen)
		}
	}
}

// zero reports whether v is 0; −0 is not.
func zero(v float64) bool { return math.Float64bits(v) == 0 }

func appendInt(dst []byte, v int64) []byte { return strconv.AppendInt(dst, v, 10) }

func appendFloat(dst []byte, v float64) []byte {
	switch {
	case v-v == 0:
		return strconv.AppendFloat(dst, v, 'g', -1, 64)
	case v > 0:
		return append(dst, `"+Inf"`...)
	case v < 0:
		return append(dst, `"-Inf"`...)
	}
	return append(dst, `"NaN"`...)
}

// appendString writes text as JSON.
func appendString(dst []byte, text string) []byte {
	dst = append(dst, '"')
	for _, r := range text { // bytes that are not UTF-8 come as U+FFFD
		switch {
		case r == '"' || r == '\\':
			dst = append(dst, '\\', byte(r))
		case r < ' ' || r == 0x7f || r == '\u2028' || r == '\u2029':
			dst = fmt.Appendf(dst, `\u%04x`, r)
		default:
			dst = utf8.AppendRune(dst, r)
		}
	}
	return append(dst, '"')
}
