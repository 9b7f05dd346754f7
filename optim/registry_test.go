package optim

import (
	"fmt"
	"math"
	"strings"
	"testing"
)

// A variant is one rule with hyper-parameters that lead to one form.
type variant struct {
	rule Rule
	form *Form
}

func (v variant) String() string { return v.rule.Info().Name + "/" + v.form.Name }

// variants reaches every form of every rule by setting switches and
// hyper-parameters that are zero by default. A new rule is in it by itself.
func variants(t testing.TB) []variant {
	t.Helper()
	var all []variant
	for _, info := range Rules() {
		seen := map[string]bool{}
		var keys []string
		for _, h := range info.Hypers {
			if h.Bool || h.Default == 0 && h.Domain.Contains(0.5) {
				keys = append(keys, h.Name)
			}
		}
		for mask := range 1 << len(keys) {
			r := info.New()
			for i, key := range keys {
				value := "0"
				if mask>>i&1 == 1 {
					value = "1"
				}
				h := info.Hypers[info.hyperIndex(key)]
				if !h.Bool && value == "1" {
					value = "0.5"
				}
				var err error
				if r, err = With(r, key, value); err != nil {
					t.Fatal(err)
				}
			}
			if f := FormOf(r); !seen[f.Name] {
				seen[f.Name] = true
				all = append(all, variant{r, f})
			}
		}
		for _, f := range info.Forms {
			if !seen[f.Name] {
				t.Fatalf("%s: no hyper-parameters found that lead to form %s", info.Name, f.Name)
			}
		}
	}
	return all
}

func TestRegistryIsComplete(t *testing.T) {
	want := "adadelta adagrad adam adamax adamw amsgrad asgd lion momentum nadam nesterov radam rmsprop rprop sgd"
	var names []string
	for _, info := range Rules() {
		names = append(names, info.Name)
		if info.Summary == "" || info.Citation == "" || !(info.Rate > 0) {
			t.Errorf("%s: summary %q, citation %q, rate %v", info.Name, info.Summary, info.Citation, info.Rate)
		}
		if err := Validate(info.New()); err != nil {
			t.Errorf("%s: defaults are not valid: %v", info.Name, err)
		}
		for _, decay := range []string{"l2", "decay"} {
			if info.hyperIndex(decay) < 0 {
				t.Errorf("%s has no %s: both forms of weight decay belong to every rule", info.Name, decay)
			}
		}
		for _, h := range info.Hypers {
			if v, ok := HyperValue(info.New(), h.Name); !ok || v != h.Default {
				t.Errorf("%s.%s is %v by default, the registry says %v", info.Name, h.Name, v, h.Default)
			}
		}
		for _, f := range info.Forms {
			if len(f.TeX) == 0 || !strings.Contains(f.TeX[len(f.TeX)-1], `\theta \leftarrow`) && info.Name != "asgd" {
				t.Errorf("%s: form %s has formula %q", info.Name, f.Name, f.TeX)
			}
		}
	}
	if got := strings.Join(names, " "); got != want {
		t.Errorf("rules:\n got %s\nwant %s", got, want)
	}
}

func TestSpecs(t *testing.T) {
	for _, v := range variants(t) {
		text := Spec(v.rule)
		back, err := Parse(text)
		if err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		if back != v.rule {
			t.Errorf("%s: read back as %+v, was %+v", text, back, v.rule)
		}
		js, err := MarshalRule(v.rule)
		if err != nil {
			t.Fatal(err)
		}
		if back, err = UnmarshalRule(js); err != nil || back != v.rule {
			t.Errorf("%s: read back as %+v, %v", js, back, err)
		}
	}
	if r, err := Parse("SGD: momentum=0.9, nesterov"); err != nil || r != (SGD{Momentum: 0.9, Nesterov: true}) {
		t.Errorf("switch without a value: %+v, %v", r, err)
	}
}

func TestBadRules(t *testing.T) {
	for _, c := range []struct{ spec, want string }{
		{"adamx", `no rule "adamx"; there are adadelta, adagrad`},
		{"", `no rule ""`},
		{"adam:beta1=1.2", "Adam.Beta1 = 1.2, want [0, 1)"},
		{"adam:beta1=1", "Adam.Beta1 = 1, want [0, 1)"},
		{"adam:beta1=NaN", "Adam.Beta1 = NaN, want [0, 1)"},
		{"adam:eps=-1", "Adam.Eps = -1, want [0, +Inf)"},
		{"adam:eps=inf", "Adam.Eps = +Inf, want [0, +Inf)"},
		{"adam:beta3=0.1", `adam has no hyper-parameter "beta3"; it has beta1, beta2, eps`},
		{"adam:beta1=high", `Adam.Beta1 = "high", want a number in [0, 1)`},
		{"adam:beta1", `"beta1" in "adam:beta1": want name=value`},
		{"sgd:nesterov=perhaps", `SGD.Nesterov = "perhaps", want true or false`},
		{"rprop:min_step=10,max_step=1", "Rprop.MinStep = 10, want at most MaxStep = 1"},
		{"rprop:eta_plus=1", "Rprop.EtaPlus = 1, want (1, +Inf)"},
	} {
		if _, err := Parse(c.spec); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v, want %s", c.spec, err, c.want)
		}
	}
	for _, c := range []struct{ text, want string }{
		{`{`, "rule:"},
		{`{}`, `want a field "rule"`},
		{`{"rule":"adam","beta1":"x"}`, "Adam.Beta1"},
		{`{"rule":"adam","beta":0.5}`, `no hyper-parameter "beta"`},
		{`{"rule":"adam","decay":-1}`, "Adam.Decay = -1"},
	} {
		if _, err := UnmarshalRule([]byte(c.text)); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v, want %s", c.text, err, c.want)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add("adamw:beta2=0.95,decay=0.1")
	f.Add("sgd:momentum=0.9,nesterov")
	f.Add("rprop:=,:")
	f.Fuzz(func(t *testing.T, spec string) {
		r, err := Parse(spec)
		if err != nil {
			return
		}
		if err := Validate(r); err != nil {
			t.Fatalf("Parse(%q) gave a rule that is not valid: %v", spec, err)
		}
		if back, err := Parse(Spec(r)); err != nil || Spec(back) != Spec(r) {
			t.Fatalf("Parse(%q): spec %q reads back as %v, %v", spec, Spec(r), back, err)
		}
	})
}

// vector returns n values of every kind: ordinary, huge, tiny, subnormal, ±0,
// ±Inf and NaN where odd is set.
func vector[F Float](n int, seed uint64, odd bool) []F {
	out := make([]F, n)
	state := seed*2862933555777941757 + 3037000493
	next := func() uint64 {
		state ^= state << 13
		state ^= state >> 7
		state ^= state << 17
		return state
	}
	special := []float64{0, math.Copysign(0, -1), 1e-45, -1e-40, 4e-324, 3e38, -3e38, 1e30, -1e-30, math.Inf(1), math.Inf(-1), math.NaN()}
	for i := range out {
		v := next()
		out[i] = F(float64(int64(v>>11))/(1<<52) - 1)
		if odd && v%7 == 0 {
			out[i] = F(special[v>>32%uint64(len(special))])
		}
	}
	return out
}

// same reports whether two numbers have the same bits, payloads of NaN aside.
func same[F Float](a, b F) bool {
	if a != a || b != b {
		return a != a && b != b
	}
	return a == b && math.Signbit(float64(a)) == math.Signbit(float64(b))
}

func ExampleParse() {
	r, err := Parse("adamw:beta2=0.95,decay=0.1")
	fmt.Println(r.(AdamW).Beta2, r.(AdamW).Decay, err)
	_, err = Parse("adamw:beta1=1.2")
	fmt.Println(err)
	// Output:
	// 0.95 0.1 <nil>
	// optim: AdamW.Beta1 = 1.2, want [0, 1)
}
