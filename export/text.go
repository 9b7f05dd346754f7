package export

import (
	"bufio"
	"encoding/csv"
	"encoding/json"
	"io"
	"math"
	"reflect"
	"strconv"
	"strings"
)

// columns returns the names of a row type's columns.
func columns[R any]() []string {
	t := reflect.TypeFor[R]()
	names := make([]string, t.NumField())
	for i := range names {
		names[i], _, _ = strings.Cut(t.Field(i).Tag.Get("parquet"), ",")
	}
	return names
}

// delimited writes CSV.
type delimited[R any] struct {
	w      *csv.Writer
	fields []string
	buf    []byte
}

func newDelimited[R any](w io.Writer, comma rune) (*delimited[R], error) {
	names := columns[R]()
	d := &delimited[R]{w: csv.NewWriter(w), fields: make([]string, len(names))}
	d.w.Comma = comma
	return d, d.w.Write(names)
}

func (d *delimited[R]) write(table []R) error {
	for i := range table {
		row := reflect.ValueOf(&table[i]).Elem()
		for j := range d.fields {
			d.fields[j] = d.field(row.Field(j))
		}
		if err := d.w.Write(d.fields); err != nil {
			return err
		}
	}
	return nil
}

func (d *delimited[R]) field(v reflect.Value) string {
	switch v.Kind() {
	case reflect.Pointer:
		if v.IsNil() {
			return ""
		}
		return d.field(v.Elem())
	case reflect.String:
		return v.String()
	case reflect.Slice:
		if v.IsNil() {
			return ""
		}
	}
	d.buf = appendText(d.buf[:0], v, bare)
	return string(d.buf)
}

func (d *delimited[R]) close() error {
	d.w.Flush()
	return d.w.Error()
}

// lines writes JSON Lines.
type lines[R any] struct {
	w    *bufio.Writer
	keys []string // quoted
	buf  []byte
}

func newLines[R any](w io.Writer) *lines[R] {
	l := &lines[R]{w: bufio.NewWriter(w), keys: columns[R]()}
	for i, name := range l.keys {
		l.keys[i] = strconv.Quote(name) + ":"
	}
	return l
}

func (l *lines[R]) write(table []R) error {
	for i := range table {
		row := reflect.ValueOf(&table[i]).Elem()
		l.buf = append(l.buf[:0], '{')
		for j, key := range l.keys {
			v := row.Field(j)
			if k := v.Kind(); (k == reflect.Pointer || k == reflect.Slice) && v.IsNil() {
				continue
			}
			if len(l.buf) > 1 {
				l.buf = append(l.buf, ',')
			}
			l.buf = appendText(append(l.buf, key...), reflect.Indirect(v), quoted)
		}
		l.buf = append(l.buf, "}\n"...)
		if _, err := l.w.Write(l.buf); err != nil {
			return err
		}
	}
	return nil
}

func (l *lines[R]) close() error { return l.w.Flush() }

// Words for what is not finite: of CSV and of JSON.
var (
	bare   = [3]string{"NaN", "inf", "-inf"}
	quoted = [3]string{`"NaN"`, `"Infinity"`, `"-Infinity"`}
)

// appendText appends a value as JSON has it, with these words.
func appendText(dst []byte, v reflect.Value, words [3]string) []byte {
	switch v.Kind() {
	case reflect.Bool:
		return strconv.AppendBool(dst, v.Bool())
	case reflect.Int64:
		return strconv.AppendInt(dst, v.Int(), 10)
	case reflect.Float64:
		return appendFloat(dst, v.Float(), words)
	case reflect.Slice:
		dst = append(dst, '[')
		for i := range v.Len() {
			if i > 0 {
				dst = append(dst, ',')
			}
			dst = appendText(dst, v.Index(i), words)
		}
		return append(dst, ']')
	}
	text, _ := json.Marshal(v.String()) // a string is never refused
	return append(dst, text...)
}

func appendFloat(dst []byte, v float64, words [3]string) []byte {
	switch {
	case v != v:
		return append(dst, words[0]...)
	case math.IsInf(v, 1):
		return append(dst, words[1]...)
	case math.IsInf(v, -1):
		return append(dst, words[2]...)
	}
	return strconv.AppendFloat(dst, v, 'g', -1, 64)
}
