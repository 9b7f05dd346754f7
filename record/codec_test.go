package record

import (
	"encoding/json"
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"math"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/descent-go/descent/train"
)

// Every type that package train declares as an event is known here.
func TestEveryEventIsKnown(t *testing.T) {
	files, err := filepath.Glob("../train/*.go")
	if err != nil {
		t.Fatal(err)
	}
	var declared []string
	for _, name := range files {
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range file.Decls {
			f, ok := d.(*ast.FuncDecl)
			if !ok || f.Recv == nil || f.Name.Name != "event" {
				continue
			}
			if star, ok := f.Recv.List[0].Type.(*ast.StarExpr); ok {
				declared = append(declared, snake(star.X.(*ast.Ident).Name))
			}
		}
	}
	var names []string
	for name, s := range byName {
		names = append(names, name)
		for _, f := range s.fields {
			if f.name == "event" || f.name == "t" {
				t.Errorf("%s has a field %q, which every line has for itself", name, f.name)
			}
		}
	}
	slices.Sort(declared)
	slices.Sort(names)
	if len(declared) < 10 || !slices.Equal(names, declared) {
		t.Errorf("known %q, declared %q", names, declared)
	}
}

// drawEvent fills every field of an event of any type.
func drawEvent(t *rapid.T) train.Event {
	e := rapid.SampledFrom(known).Draw(t, "event")
	v := reflect.New(reflect.TypeOf(e).Elem())
	fill(t, v.Elem())
	return v.Interface().(train.Event)
}

var (
	someFloat = rapid.OneOf(
		rapid.SampledFrom([]float64{0, math.Copysign(0, -1), 1, 0.1, math.NaN(), math.Inf(1), math.Inf(-1), math.MaxFloat64, 5e-324, 1e21, 1e-7}),
		rapid.Map(rapid.Uint64(), math.Float64frombits))
	someText = rapid.OneOf(rapid.String(), rapid.SampledFrom([]string{"", "\"\\\n\x00\u2028", "dense1.weight", "µ"}))
)

func fill(t *rapid.T, v reflect.Value) {
	switch v.Kind() {
	case reflect.Float64:
		v.SetFloat(someFloat.Draw(t, "float"))
	case reflect.Int, reflect.Int64:
		if v.Type() == reflect.TypeFor[train.Reason]() {
			v.SetInt(rapid.Int64Range(0, int64(train.ReasonTime)).Draw(t, "reason"))
			return
		}
		v.SetInt(rapid.Int64().Draw(t, "int"))
	case reflect.Bool:
		v.SetBool(rapid.Bool().Draw(t, "bool"))
	case reflect.String:
		v.SetString(someText.Draw(t, "string"))
	case reflect.Slice:
		n := rapid.IntRange(0, 3).Draw(t, "length")
		if n == 0 { // a log does not tell an empty slice that it may omit from none
			return
		}
		v.Set(reflect.MakeSlice(v.Type(), n, n))
		for i := range n {
			fill(t, v.Index(i))
		}
	case reflect.Pointer:
		if rapid.Bool().Draw(t, "set") {
			v.Set(reflect.New(v.Type().Elem()))
			fill(t, v.Elem())
		}
	case reflect.Struct:
		for i := range v.NumField() {
			fill(t, v.Field(i))
		}
	default:
		t.Fatalf("an event with a %s", v.Type())
	}
}

// same reports whether two values are the same bits; every NaN is the same.
func same(a, b reflect.Value) bool {
	switch a.Kind() {
	case reflect.Float64:
		return math.Float64bits(a.Float()) == math.Float64bits(b.Float()) || a.Float() != a.Float() && b.Float() != b.Float()
	case reflect.Pointer:
		return a.IsNil() == b.IsNil() && (a.IsNil() || same(a.Elem(), b.Elem()))
	case reflect.Slice:
		if a.Len() != b.Len() || a.IsNil() != b.IsNil() {
			return false
		}
		for i := range a.Len() {
			if !same(a.Index(i), b.Index(i)) {
				return false
			}
		}
		return true
	case reflect.Struct:
		for i := range a.NumField() {
			if !same(a.Field(i), b.Field(i)) {
				return false
			}
		}
		return true
	}
	return a.Interface() == b.Interface()
}

func sameEvent(a, b train.Event) bool {
	return reflect.TypeOf(a) == reflect.TypeOf(b) && same(reflect.ValueOf(a).Elem(), reflect.ValueOf(b).Elem())
}

// What is parsed is what was appended, for every type and value; a line is one
// line of JSON; and the fast way of writing a step is the general one.
func TestEventsRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		e := drawEvent(t)
		at := rapid.Float64Min(0).Draw(t, "at")
		line := AppendEvent([]byte("before"), at, e)[len("before"):]
		if !json.Valid(line) || strings.Count(string(line), "\n") != 1 || line[len(line)-1] != '\n' {
			t.Fatalf("not a line of JSON: %q", line)
		}
		if general := appendAny(nil, at, e); string(general) != string(line) {
			t.Fatalf("%s, want %s", line, general)
		}
		gotAt, got, err := ParseEvent(line)
		if err != nil {
			t.Fatalf("%s: %v", line, err)
		}
		if gotAt != at || !sameEvent(e, got) {
			t.Fatalf("%s: parsed %+v at %v, want %+v at %v", line, got, gotAt, e, at)
		}
	})
}

func TestAppendEvent(t *testing.T) {
	loss := 0.25
	for _, c := range []struct {
		e    train.Event
		want string
	}{
		{&train.Step{Step: 12, Loss: 0.1, Rate: 1e-3, Examples: 32}, `{"event":"step","t":0.5,"step":12,"epoch":0,"loss":0.1,"rate":0.001,"examples":32}`},
		{&train.Step{Loss: math.NaN(), Rate: 1, Skipped: true, Point: []float64{1, math.Inf(-1)}}, `{"event":"step","t":0.5,"step":0,"epoch":0,"loss":"NaN","rate":1,"skipped":true,"point":[1,"-Inf"]}`},
		{&train.EpochEnd{Epoch: 1, Step: 10, Loss: 2, Rate: 3}, `{"event":"epoch_end","t":0.5,"epoch":1,"step":10,"loss":2,"rate":3}`},
		{&train.Resumed{Started: train.Started{Optimizer: "adam", Rate: 1}, Step: 3, From: "step-3"}, `{"event":"resumed","t":0.5,"optimizer":"adam","rate":1,"parameters":0,"state_bytes":0,"steps":0,"steps_per_epoch":0,"epochs":0,"step":3,"epoch":0,"from":"step-3"}`},
		{&train.Checkpointed{Error: "no \"space\"\n"}, `{"event":"checkpointed","t":0.5,"step":0,"epoch":0,"name":"","bytes":0,"error":"no \"space\"\u000a"}`},
		{&train.Finished{}, `{"event":"finished","t":0.5,"result":null}`},
		{&train.Finished{Result: &train.Result{Optimizer: "sgd", FinalLoss: math.Inf(1), Reason: train.ReasonTarget, TestLoss: &loss}},
			`{"event":"finished","t":0.5,"result":{"optimizer":"sgd","final_loss":"+Inf","first_loss":0,"best_loss":0,"best_step":0,"steps":0,"skipped":0,"epochs":0,"examples":0,"reason":"target reached","verdict":"","seconds":0,"test_loss":0.25}}`},
	} {
		if got := string(AppendEvent(nil, 0.5, c.e)); got != c.want+"\n" {
			t.Errorf("got  %swant %s", got, c.want)
		}
	}
}

// What encoding/json says of an event is in its line, under the same names:
// other programs need one description.
func TestFieldsAreThoseOfJSON(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		e := drawEvent(t)
		text, err := json.Marshal(e)
		if err != nil {
			return // a plain float64 that JSON has no number for
		}
		var plain, line map[string]any
		if err := json.Unmarshal(text, &plain); err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(AppendEvent(nil, 0, e), &line); err != nil {
			t.Fatal(err)
		}
		for key := range plain {
			if _, ok := line[key]; !ok {
				t.Errorf("%T: %q is missing from %v", e, key, line)
			}
		}
		if len(line) < len(plain)+2 {
			t.Errorf("%T: %d fields, want %d", e, len(line), len(plain)+2)
		}
	})
}

func TestParseEvent(t *testing.T) {
	for line, want := range map[string]train.Event{
		`{"event":"step","t":1,"step":3,"later":{"a":[1,{"b":null}],"c":"\"]"},"loss":-0.5e-3}`: &train.Step{Step: 3, Loss: -0.5e-3},
		` { "t" : 1 , "loss":"NaN", "event" : "step" } `:                                        &train.Step{Loss: math.NaN()},
		`{"event":"diverged","t":1,"cause":"blow\u002dup"}`:                                     &train.Diverged{Cause: train.CauseBlowUp},
		`{"event":"finished","t":1,"result":{"reason":"steps","evaluations":[{"set":"test"}]}}`: &train.Finished{Result: &train.Result{Reason: train.ReasonSteps, Evaluations: []train.Evaluation{{Set: "test"}}}},
	} {
		at, e, err := ParseEvent([]byte(line))
		if err != nil || at != 1 || !sameEvent(e, want) {
			t.Errorf("%s: %+v at %v, %v", line, e, at, err)
		}
	}
	for line, want := range map[string]string{
		``:                            `column 1: the line ends, want '{'`,
		`[]`:                          `column 1: '[', want '{'`,
		`{}`:                          `no "event"`,
		`{"event":7}`:                 `column 10: '7', want a string`,
		`{"event":"step","step":1.5}`: `step: "step": 1.5, want a whole number of 64 bits`,
		`{"event":"step","step":1e3}`: `want a whole number`,
		`{"event":"step","step":9223372036854775808}`:           `want a whole number of 64 bits`,
		`{"event":"step","step":"1"}`:                           `"step": column 24: '"', want a number`,
		`{"event":"step","step":null}`:                          `want a number`,
		`{"event":"step","step":01}`:                            `want a comma or '}'`,
		`{"event":"step","step":+1}`:                            `want a number`,
		`{"event":"step","loss":"Inf"}`:                         `"loss": "Inf", want a number, "NaN", "+Inf" or "-Inf"`,
		`{"event":"step","loss":1e999}`:                         `beyond what 64 bits hold`,
		`{"event":"step","loss":0x1p3}`:                         `want a comma`,
		`{"event":"step","loss":1.}`:                            `want a number`,
		`{"event":"step","t":"now"}`:                            `want a number`,
		`{"event":"step","clipped":1}`:                          `want true or false`,
		`{"event":"step","point":{}}`:                           `want '['`,
		`{"event":"step","point":[1,]}`:                         `want a number`,
		`{"event":"step","loss":1,"loss":2}`:                    `"loss" comes twice`,
		`{"event":"step","loss":1,}`:                            `want a string`,
		`{"event":"step"} {`:                                    `want the end of the line`,
		`{"event":"step","x":nul}`:                              `want null`,
		`{"event":"step","loss":1`:                              `the line ends`,
		`{"event":"step","x":"\q"}`:                             `invalid character`,
		`{"event":"step","x":` + strings.Repeat("[", 200) + `}`: `more than 100 levels`,
		`{"event":"finished","result":{"reason":"bored"}}`:      `no reason "bored"`,
	} {
		at, e, err := ParseEvent([]byte(line))
		if err == nil || !strings.Contains(err.Error(), want) || e != nil || at != 0 || errors.Is(err, ErrUnknownEvent) {
			t.Errorf("%s: %v, %v, want %q", line, e, err, want)
		}
	}
	if _, _, err := ParseEvent([]byte(`{"event":"tea"}`)); !errors.Is(err, ErrUnknownEvent) || !strings.Contains(err.Error(), "tea") {
		t.Errorf("an unknown event: %v", err)
	}
}

// Writing a step allocates nothing.
func TestStepsDoNotAllocate(t *testing.T) {
	e := &train.Step{Step: 1234567, Epoch: 12, Loss: 0.12345678901234, Rate: 1e-3, Examples: 32, GradNorm: 1.2345678901234567}
	buf := make([]byte, 0, 4096)
	if n := testing.AllocsPerRun(100, func() { buf = AppendEvent(buf[:0], 123.456789, e) }); n != 0 {
		t.Errorf("%v allocations, want none", n)
	}
}

func BenchmarkAppendStep(b *testing.B) {
	e := &train.Step{Step: 1234567, Epoch: 12, Loss: 0.12345678901234, Rate: 0.00098765432109876, Examples: 32, GradNorm: 1.2345678901234567}
	buf := make([]byte, 0, 4096)
	b.ReportAllocs()
	for b.Loop() {
		buf = AppendEvent(buf[:0], 123.456789, e)
	}
}

func BenchmarkParseStep(b *testing.B) {
	e := &train.Step{Step: 1234567, Epoch: 12, Loss: 0.12345678901234, Rate: 0.00098765432109876, Examples: 32, GradNorm: 1.2345678901234567}
	line := AppendEvent(nil, 123.456789, e)
	var step train.Step
	b.ReportAllocs()
	for b.Loop() {
		if _, _, err := parseEvent(line, &step); err != nil {
			b.Fatal(err)
		}
	}
}
