package experiment

import (
	"bytes"
	"encoding/json"
	"math"
	"reflect"
)

// Schema writes a JSON Schema (draft 2020-12) of the files that [Parse] reads,
// for editors that check and complete YAML. What has a grammar of its own, such
// as a schedule, is any text to it.
func (e *Experiment) Schema() []byte {
	properties := object{}
	for i := range settings {
		if s := &settings[i]; e.has(s) {
			properties = append(properties, member{s.Key, s.schema()})
		}
	}
	properties = append(properties, member{recorded, object{
		{"type", "object"}, {"description", "What descent has recorded of a run beside its settings; it is skipped."},
	}})
	text, _ := json.Marshal(object{ // of texts and numbers: cannot fail
		{"$schema", "https://json-schema.org/draft/2020-12/schema"},
		{"title", "An experiment of descent"},
		{"type", "object"},
		{"additionalProperties", false},
		{"properties", properties},
	})
	var b bytes.Buffer
	_ = json.Indent(&b, text, "", "  ")
	b.WriteByte('\n')
	return b.Bytes()
}

// schema describes one setting.
func (s *Setting) schema() object {
	o := object{{"description", s.meaning()}}
	value := object{}
	switch s.Type {
	case "list":
		o = append(o, member{"type", "array"}, member{"items", s.text()})
	case "text":
		value = s.text()
	case "switch":
		value = object{{"type", "boolean"}}
	case "whole":
		value = append(object{{"type", s.orNull("integer")}}, s.bounds()...)
	case "number":
		value = append(object{{"type", s.orNull("number")}}, s.bounds()...)
	}
	if s.Or != "" {
		value = object{{"anyOf", []any{value, object{{"const", json.Number(s.Or)}}}}}
	}
	o = append(o, value...)
	for _, d := range []string{s.Default, s.Usual} {
		if d != "" {
			o = append(o, member{"default", s.json(d)})
		}
	}
	if s.Example != "" {
		o = append(o, member{"examples", []any{s.json(s.exampleText())}})
	}
	return o
}

// text describes a text, or the words of a list. Where any word will do, a
// number is one too.
func (s *Setting) text() object {
	switch {
	case s.Choices != nil:
		return object{{"enum", s.Choices}}
	case grammars[s.Key] != nil:
		return object{{"type", "string"}}
	}
	return object{{"type", []string{"string", "number", "boolean"}}}
}

func (s *Setting) orNull(typ string) any {
	if s.Optional {
		return []string{typ, "null"}
	}
	return typ
}

func (s *Setting) bounds() (o object) {
	d := s.Domain
	if d == nil {
		return object{{"minimum", 0}}
	}
	for _, end := range []struct {
		at       float64
		open     bool
		in, past string
	}{{d.Min, d.MinOpen, "minimum", "exclusiveMinimum"}, {d.Max, d.MaxOpen, "maximum", "exclusiveMaximum"}} {
		switch {
		case math.IsInf(end.at, 0):
		case end.open:
			o = append(o, member{end.past, end.at})
		default:
			o = append(o, member{end.in, end.at})
		}
	}
	return o
}

// json turns a value as text into one for JSON.
func (s *Setting) json(text string) any {
	v := reflect.New(reflect.TypeFor[Experiment]().Field(s.index).Type).Elem()
	_ = s.parse(v, text) // defaults and examples, which the tests check
	return v.Interface()
}

// An object is a JSON object whose members keep their order.
type object []member

type member struct {
	key   string
	value any
}

// MarshalJSON writes the members in their order.
func (o object) MarshalJSON() ([]byte, error) {
	b := []byte{'{'}
	for i, m := range o {
		if i > 0 {
			b = append(b, ',')
		}
		key, _ := json.Marshal(m.key)
		value, err := json.Marshal(m.value)
		if err != nil {
			return nil, err
		}
		b = append(append(append(b, key...), ':'), value...)
	}
	return append(b, '}'), nil
}
