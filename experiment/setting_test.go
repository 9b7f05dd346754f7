package experiment

import (
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/spf13/pflag"
	"pgregory.net/rapid"

	"github.com/descent-go/descent/data"
)

// Every tag says something that holds: defaults and examples are values of
// their settings.
func TestTags(t *testing.T) {
	keys := map[string]bool{}
	shorts := map[string]bool{}
	fields := reflect.TypeFor[Experiment]()
	for i := range fields.NumField() {
		if f := fields.Field(i); f.IsExported() && f.Tag.Get("key") == "" {
			t.Errorf("field %s has no key", f.Name)
		}
	}
	for i := range settings {
		s := &settings[i]
		if !regexp.MustCompile(`^[a-z]+(-[a-z]+)*$`).MatchString(s.Key) || keys[s.Key] {
			t.Errorf("key %q is no word, or not the only one", s.Key)
		}
		if s.Short != "" && shorts[s.Short] {
			t.Errorf("%s: -%s is taken", s.Key, s.Short)
		}
		keys[s.Key], shorts[s.Short] = true, true
		if s.Type == "" || s.Part == "" || s.Doc == "" || strings.HasSuffix(s.Doc, ".") && !strings.HasSuffix(s.Doc, "-.") || strings.ContainsAny(s.Doc, "`{}") {
			t.Errorf("%s: type %q, part %q, doc %q", s.Key, s.Type, s.Part, s.Doc)
		}
		if (s.Type == "number" || s.Type == "whole") != (s.Domain != nil) && s.Key != "seed" {
			t.Errorf("%s: a %s with the domain %v", s.Key, s.Type, s.Domain)
		}
		for _, text := range []string{s.Default, s.Usual, s.exampleText(), s.Or} {
			if text == "" {
				continue
			}
			e := Default()
			if err := s.parse(e.field(s), text); err != nil {
				t.Errorf("%s: %q: %v", s.Key, text, err)
			} else if err := e.checkEach(); err != nil {
				t.Errorf("%s: %v", s.Key, err)
			}
		}
		empty := s.Default == "" && (s.Type == "text" || s.Type == "list" || s.Optional && s.Usual == "")
		if empty != (s.Example != "") {
			t.Errorf("%s: default %q and example %q, want one of them", s.Key, s.Default, s.Example)
		}
	}
	for _, f := range data.Forms() {
		name, _, _ := strings.Cut(f.Spec, "[")
		if !strings.Contains(find("data").Doc, name) {
			t.Errorf("data: the help does not name %s", f.Spec)
		}
	}
	for key := range grammars {
		if find(key) == nil {
			t.Errorf("a grammar of %s, which is no setting", key)
		}
	}
	if err := Default().Check(); err != nil {
		t.Errorf("the defaults: %v", err)
	}
}

// specs are texts with a grammar of their own.
var specs = map[string][]string{
	"model":     {"softmax", "mlp:8,act=tanh", "conv:8x3,pool:2,dense:64"},
	"function":  {"", "rosenbrock:b=10", "(1-x)^2 + 100*(y-x^2)^2", "quadratic:n=5,kappa=10"},
	"start":     {"", "1,2", "-1.5, 1e-3"},
	"optimizer": {"adamw", "sgd:momentum=0.9,nesterov", "adam:beta2=0.99,lr=0.5"},
	"schedule":  {"", "cosine", "warmup:steps=100+cosine", "0.5*(warmup:steps=10+cosine)*exponential:gamma=0.999", "multistep:at=20/50/90,gamma=0.3"},
	"plateau":   {"", "factor=0.5,patience=3", "plateau"},
}

// some draws an experiment whose settings are each for themselves in order.
func some(t *rapid.T) *Experiment {
	e := Default()
	for i := range settings {
		s := &settings[i]
		v := e.field(s)
		if s.Optional {
			if rapid.Bool().Draw(t, s.Key+" is absent") {
				continue
			}
			v.Set(reflect.New(v.Type().Elem()))
			v = v.Elem()
		}
		switch s.Type {
		case "switch":
			v.SetBool(rapid.Bool().Draw(t, s.Key))
		case "whole":
			if v.Kind() == reflect.Uint64 {
				v.SetUint(rapid.Uint64().Draw(t, s.Key))
			} else {
				v.SetInt(rapid.Int64Range(int64(s.Domain.Min), 1<<53).Draw(t, s.Key))
			}
		case "number":
			v.SetFloat(rapid.Float64Range(max(s.Domain.Min, -1e300), min(s.Domain.Max, 1e300)).Filter(s.Domain.Contains).Draw(t, s.Key))
		case "text":
			v.SetString(word(s).Draw(t, s.Key))
		case "list":
			words := rapid.SliceOfN(word(s).Filter(func(w string) bool { return w != "" }), 0, 4).Draw(t, s.Key)
			v.Set(reflect.ValueOf(words))
		}
	}
	return e
}

func word(s *Setting) *rapid.Generator[string] {
	switch {
	case s.Choices != nil:
		return rapid.SampledFrom(s.Choices)
	case specs[s.Key] != nil:
		return rapid.SampledFrom(specs[s.Key])
	case s.Key == "data":
		return rapid.SampledFrom([]string{"digits:n=20", "-", "a table.csv", "mnist:dir", "idx:a,b"})
	}
	return rapid.OneOf(rapid.String(), rapid.SampledFrom([]string{
		"", "yes", "null", "~", "1", "1e5", "0x10", "a: b", "- a", "#", "a #b", "'", `"`, "true", " a ", "a\nb", "&a", "*a", "!a", "%", "@", "{}", "[a]", "é",
	}))
}

// same reports the settings in which two experiments differ.
func differing(a, b *Experiment) []string {
	var keys []string
	for i := range settings {
		s := &settings[i]
		if a.present(s) != b.present(s) || s.format(a.field(s)) != s.format(b.field(s)) {
			keys = append(keys, s.Key)
		}
	}
	return keys
}

// What is written is read back: every setting, to the bit.
func TestYAMLRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		e := some(t)
		text := e.YAML()
		back, err := Parse("e.yaml", text)
		if err != nil {
			t.Fatalf("%v\n%s", err, text)
		}
		if keys := differing(e, back); keys != nil {
			t.Fatalf("%v differ in\n%s", keys, text)
		}
		if again := string(back.YAML()); again != string(text) {
			t.Fatalf("written again:\n%s\nwant\n%s", again, text)
		}
	})
}

// Flags say the same as a file, and win over it.
func TestFlags(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		want := some(t)
		got := Default()
		flags := pflag.NewFlagSet("train", pflag.ContinueOnError)
		got.Flags(flags)
		var args []string
		for i := range settings {
			s := &settings[i]
			text := s.format(want.field(s))
			if strings.ContainsAny(text, "\r") || !want.present(s) {
				want.field(s).Set(got.field(s)) // CSV does not keep returns
				continue
			}
			args = append(args, "--"+s.Key+"="+text)
		}
		if err := flags.Parse(args); err != nil {
			t.Fatalf("%q: %v", args, err)
		}
		if keys := differing(want, got); keys != nil {
			t.Fatalf("%v differ after %q", keys, args)
		}
		base := some(t)
		for i := range settings { // absent from the flags: the file's
			if s := &settings[i]; !flags.Changed(s.Key) {
				want.field(s).Set(base.field(s))
			}
		}
		before := string(base.YAML())
		if keys := differing(want, got.Over(base)); keys != nil {
			t.Fatalf("%v differ over a file", keys)
		}
		if string(base.YAML()) != before {
			t.Fatal("Over has changed the file's experiment")
		}
	})
}

func TestFlagLists(t *testing.T) {
	for _, c := range []struct {
		args []string
		want []string
	}{
		{nil, nil},
		{[]string{"--tags", "a,b"}, []string{"a", "b"}},
		{[]string{"--tags", "a", "--tags", "b,c"}, []string{"a", "b", "c"}},
		{[]string{"--tags", `"a,b",c`}, []string{"a,b", "c"}},
		{[]string{"--tags", ""}, nil},
	} {
		e := Default()
		flags := pflag.NewFlagSet("train", pflag.ContinueOnError)
		e.Flags(flags)
		if err := flags.Parse(c.args); err != nil || !slices.Equal(e.Tags, c.want) {
			t.Errorf("%q: %q, %v, want %q", c.args, e.Tags, err, c.want)
		}
	}
}
