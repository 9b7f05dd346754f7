package experiment

import (
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// valid checks a value by those words of JSON Schema that Schema uses, and
// fails on any other.
func valid(schema map[string]any, value any) bool {
	for word, want := range schema {
		ok := true
		switch word {
		case "type":
			types, several := want.([]any)
			if !several {
				types = []any{want}
			}
			ok = slices.ContainsFunc(types, func(t any) bool { return isType(value, t.(string)) })
		case "enum":
			ok = slices.Contains(want.([]any), value)
		case "const":
			ok = want == value
		case "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum":
			x, number := value.(float64)
			end := want.(float64)
			ok = !number || map[string]bool{"minimum": x >= end, "maximum": x <= end, "exclusiveMinimum": x > end, "exclusiveMaximum": x < end}[word]
		case "anyOf":
			ok = slices.ContainsFunc(want.([]any), func(s any) bool { return valid(s.(map[string]any), value) })
		case "items":
			list, _ := value.([]any)
			for _, item := range list {
				ok = ok && valid(want.(map[string]any), item)
			}
		case "properties":
			object, _ := value.(map[string]any)
			for key, v := range object {
				s, known := want.(map[string]any)[key]
				ok = ok && known && valid(s.(map[string]any), v)
			}
		case "$schema", "title", "description", "default", "examples":
		case "additionalProperties":
			ok = want == false
		default:
			panic("the validator does not know " + word)
		}
		if !ok {
			return false
		}
	}
	return true
}

func isType(value any, name string) bool {
	switch v := value.(type) {
	case nil:
		return name == "null"
	case string:
		return name == "string"
	case bool:
		return name == "boolean"
	case []any:
		return name == "array"
	case map[string]any:
		return name == "object"
	case float64:
		return name == "number" || name == "integer" && v == float64(int64(v))
	}
	return false
}

func decodedSchema(t testing.TB, e *Experiment) map[string]any {
	t.Helper()
	var schema map[string]any
	if err := json.Unmarshal(e.Schema(), &schema); err != nil {
		t.Fatal(err)
	}
	return schema
}

// The schema describes each setting by values that it allows itself.
func TestSchema(t *testing.T) {
	schema := decodedSchema(t, Default())
	properties := schema["properties"].(map[string]any)
	if len(properties) != len(settings)+1 || properties[recorded] == nil {
		t.Errorf("%d properties, want one for each of %d settings, and recorded", len(properties), len(settings))
	}
	for key, p := range properties {
		p := p.(map[string]any)
		if p["description"] == "" {
			t.Errorf("%s has no description", key)
		}
		values, _ := p["examples"].([]any)
		if d, ok := p["default"]; ok {
			values = append(values, d)
		}
		for _, v := range values {
			if !valid(p, v) {
				t.Errorf("%s: %v is not what the schema describes", key, v)
			}
		}
	}
	if valid(schema, map[string]any{"lrr": 1.0}) || !valid(schema, map[string]any{"recorded": map[string]any{"id": "x"}}) {
		t.Error("unknown settings, or what is recorded")
	}
}

// Schema and Parse agree on what a value may be.
func TestSchemaAgrees(t *testing.T) {
	schema := decodedSchema(t, Default())
	values := []string{
		"0", "1", "-1", "0.5", "1e-8", "1.5", "9e9", "1e10", "true", "false", `"x"`, `""`, "[]", `["x"]`, `["all"]`, `[1]`, "null", "{}",
		`"auto"`, `"yes"`, `"fail"`, `"drop"`, "12345678901234",
	}
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.SampledFrom(settings).Draw(t, "setting")
		if grammars[s.Key] != nil {
			return // any text to the schema
		}
		text := rapid.OneOf(rapid.SampledFrom(values), rapid.Custom(func(t *rapid.T) string {
			return fmt.Sprint(rapid.Int64Range(-5, 5).Draw(t, "whole"))
		})).Draw(t, "value")
		var value any
		if err := json.Unmarshal([]byte(text), &value); err != nil {
			t.Fatal(err)
		}
		_, err := Parse("e.yaml", []byte(s.Key+": "+text+"\n"))
		allowed := valid(schema, map[string]any{s.Key: value})
		if s.Key == "data" && text == `""` || reflect.DeepEqual(value, []any{""}) {
			return // empty texts are all the same to the schema
		}
		if allowed != (err == nil) {
			t.Fatalf("%s: %s: the schema says %v, Parse %v", s.Key, text, allowed, err)
		}
	})
}
