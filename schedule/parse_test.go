package schedule

import (
	"math"
	"reflect"
	"strings"
	"testing"
)

func TestParse(t *testing.T) {
	oneCycle := Default[OneCycle](1000)
	oneCycle.MaxMomentum, oneCycle.Anneal, oneCycle.ThreePhase = 0.97, "linear", true
	cyclic := Default[Cyclic](1000)
	cyclic.Up, cyclic.Down = 20, 20
	for spec, want := range map[string]Schedule{
		"constant":                         Constant{Factor: 1},
		"Cosine":                           Cosine{Total: 1000},
		" cosine : min = 0.01 ":            Cosine{Total: 1000, Min: 0.01},
		"cosine:total=50,periodic":         Cosine{Total: 50, Periodic: true},
		"cosine:periodic=false":            Cosine{Total: 1000},
		"step":                             Step{Every: 333, Gamma: 0.1},
		"step:every=30,gamma=0.1":          Step{Every: 30, Gamma: 0.1},
		"step:every=1e2,gamma=1e-3":        Step{Every: 100, Gamma: 1e-3},
		"constant:factor=1e+2":             Constant{Factor: 100},
		"multistep:at=20/50/90,gamma=0.3":  MultiStep{Milestones: []int64{20, 50, 90}, Gamma: 0.3},
		"wsd:shape=1-sqrt":                 WSD{Total: 1000, Decay: 200, Shape: "1-sqrt"},
		"sgdr:t_mult=2":                    SGDR{T0: 100, TMult: 2},
		"cyclic:up=20":                     cyclic,
		"cyclic_momentum:up=20":            CyclicMomentum(cyclic),
		"0.5*cosine":                       Scale{By: 0.5, Of: Cosine{Total: 1000}},
		"cosine*0.5":                       Scale{By: 0.5, Of: Cosine{Total: 1000}},
		"1e-1*2e+1*cosine":                 Scale{By: float64(0.1 * 20), Of: Cosine{Total: 1000}},
		"cosine*exponential:gamma=0.99":    Times{Parts: []Schedule{Cosine{Total: 1000}, Exponential{Gamma: 0.99}}},
		"warmup:steps=100+cosine":          Warmup{Steps: 100, Start: 0.01, Then: Cosine{Total: 900}},
		"warmup+linear":                    Warmup{Steps: 50, Start: 0.01, Then: Linear{Start: 1, Total: 950}},
		"warmup:steps=100+0.1*cosine*step": Warmup{Steps: 100, Start: 0.01, Then: Scale{By: 0.1, Of: Times{Parts: []Schedule{Cosine{Total: 900}, Step{Every: 300, Gamma: 0.1}}}}},
		"(warmup:steps=100+cosine)*step":   Times{Parts: []Schedule{Warmup{Steps: 100, Start: 0.01, Then: Cosine{Total: 900}}, Step{Every: 333, Gamma: 0.1}}},
		"linear:total=100+hold:factor=0.5,steps=200+cosine": Join{
			Parts:      []Schedule{Linear{Start: 1, Total: 100}, Hold{Factor: 0.5, Steps: 200}, Cosine{Total: 700}},
			Milestones: []int64{100, 300},
		},
		"warmup:steps=10+cosine:total=90+constant:factor=0.1": Warmup{Steps: 10, Start: 0.01, Then: Join{
			Parts: []Schedule{Cosine{Total: 90}, Constant{Factor: 0.1}}, Milestones: []int64{90},
		}},
		"linear:total=5+(linear:total=10+constant)": Join{
			Parts: []Schedule{
				Linear{Start: 1, Total: 5},
				Join{Parts: []Schedule{Linear{Start: 1, Total: 10}, Constant{Factor: 1}}, Milestones: []int64{10}},
			},
			Milestones: []int64{5},
		},
		"onecycle:max_momentum=0.97,anneal=linear,three_phase=true": oneCycle,
	} {
		got, err := Parse(spec, 1000)
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %+v, %v, want %+v", spec, got, err, want)
		}
	}
}

func TestParseErrors(t *testing.T) {
	for _, c := range []struct {
		spec, want string
		total      int64
	}{
		{spec: "", want: `column 1: want a schedule; there are constant,`},
		{spec: "cosin", want: `column 1: no schedule "cosin", did you mean cosine? there are constant, hold,`},
		{spec: "plugh", want: `no schedule "plugh"; there are constant,`},
		{spec: "warmup:steps=5+cozine", want: `column 16: no schedule "cozine", did you mean cosine?`},
		{spec: "cosine:mim=1", want: `column 8: cosine has no parameter "mim", did you mean min? there are total, min, periodic`},
		{spec: "cosine:min", want: "column 11: want min=… (factor at the end)"},
		{spec: "cosine:min=", want: `min = "", want a number`},
		{spec: "cosine:min=a", want: `column 8: min = "a", want a number`},
		{spec: "cosine:min=1,min=1", want: "column 14: min is given twice"},
		{spec: "cosine:min=-1", want: "column 1: Cosine.Min = -1, want [0, +Inf)"},
		{spec: "cosine:min=NaN", want: "Cosine.Min = NaN, want [0, +Inf)"},
		{spec: "cosine:min=inf", want: "Cosine.Min = +Inf, want [0, +Inf)"},
		{spec: "cosine:total=1.5", want: `total = "1.5", want a whole number`},
		{spec: "cosine:periodic=maybe", want: `periodic = "maybe", want true or false`},
		{spec: "multistep", want: "multistep needs at=… (steps at which"},
		{spec: "multistep:at=5/x", want: "want whole numbers as in 20/50/90"},
		{spec: "multistep:at=5/3", want: "MultiStep.Milestones[1] = 3 comes after 5, want ascending steps"},
		{spec: "exponential", want: "exponential needs gamma=…"},
		{spec: "onecycle:anneal=cosine", want: `OneCycle.Anneal = "cosine", want cos, linear`},
		{spec: "onecycle:three_phase,pct_start=0.6", want: "OneCycle.PctStart = 0.6, want [0, 0.5] with three phases"},
		{spec: "onecycle:base_momentum=0.99", want: "OneCycle.BaseMomentum = 0.99 is above MaxMomentum = 0.95"},
		{spec: "cyclic:min=2", want: "Cyclic.Min = 2 is above Max = 1"},
		{spec: "wsd:warmup=99,decay=99", want: "do not fit into Total = 100"},
		{spec: "cosine", total: -1, want: "cosine needs total=…, because the number of steps is not known"},
		{spec: "warmup", want: "a warm-up needs a schedule behind it"},
		{spec: "warmup:steps=10", want: "a warm-up needs a schedule behind it"},
		{spec: "linear:total=5+warmup:steps=10", want: "a warm-up needs a schedule behind it"},
		{spec: "warmup:steps=-1+cosine", want: "Warmup.Steps = -1, want [0, +Inf)"},
		{spec: "warmup:steps=100+cosine", want: "warmup:steps=100 takes 100 of 100 remaining steps and leaves none"},
		{spec: "warmup*cosine", want: "column 1: a warm-up is followed by a plus"},
		{spec: "0.5*warmup+cosine", want: "a warm-up can't be multiplied alone"},
		{spec: "constant+cosine", want: "column 1: constant has no end, so nothing can come after it"},
		{spec: "cosine+cosine", want: "leaves none for what comes after it"},
		{spec: "linear:total=5+", want: "want a schedule"},
		{spec: "cosine**step", want: "column 8: want a schedule"},
		{spec: "0.5", want: `column 1: "0.5", want a number and a schedule`},
		{spec: "0.5.1*cosine", want: `"0.5.1", want a number`},
		{spec: "1e999*cosine", want: `"1e999", want a number`},
		{spec: "(cosine", want: "column 1: the bracket is not closed"},
		{spec: "cosine)", want: "column 7: ')' is one too many"},
		{spec: "cosine cosine", want: "column 8: 'c' is one too many"},
		{spec: "times:parts=1", want: "times is written with signs"},
		{spec: "plateau", want: `no schedule "plateau"`},
		{spec: strings.Repeat("(", 200) + "cosine", want: "more than 100 schedules within one another"},
		{spec: "linear:total=9e15+linear:total=9223372036854775807+constant", total: -1, want: "add up to more"},
	} {
		total := int64(100)
		if c.total < 0 {
			total = 0
		}
		s, err := Parse(c.spec, total)
		if err == nil || !strings.Contains(err.Error(), c.want) || !strings.HasPrefix(err.Error(), "schedule: ") {
			t.Errorf("%s: %+v, %v, want an error with %q", c.spec, s, err, c.want)
		}
	}
}

func TestParsePlateau(t *testing.T) {
	p, err := ParsePlateau("plateau:factor=0.5,patience=5,mode=max,min=0.01")
	want := NewPlateau()
	want.Factor, want.Patience, want.Mode, want.Min = 0.5, 5, "max", 0.01
	if err != nil || !reflect.DeepEqual(p, want) {
		t.Errorf("%+v, %v, want %+v", p, err, want)
	}
	for spec, want := range map[string]string{
		"cosine":                 `column 1: "cosine", want plateau`,
		"plateau:patience=-1":    "Plateau.Patience = -1, want [0, +Inf)",
		"plateau:factor=1":       "Plateau.Factor = 1, want (0, 1)",
		"plateau:mode=up":        `Plateau.Mode = "up", want min, max`,
		"plateau:patients=3":     "did you mean patience? there are factor, patience,",
		"plateau:state=1":        `plateau has no parameter "state"`,
		"plateau+cosine":         "column 8: '+' is one too many",
		"plateau:threshold=lots": `threshold = "lots", want a number`,
	} {
		if p, err := ParsePlateau(spec); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %+v, %v, want an error with %q", spec, p, err, want)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, spec := range []string{
		"constant", "cosine:min=0.01", "multistep:at=20/50/90,gamma=0.3", "onecycle:anneal=linear,three_phase",
		"warmup:steps=100+cosine", "0.5*(hold:factor=1e+0,steps=3+cosine*step)", "warmup+", "((", "cosine:min=\xff", "plateau:factor=0.5",
	} {
		f.Add(spec, int64(1000))
	}
	f.Add("cyclic", int64(math.MaxInt64))
	f.Add("warmup:steps=9+sgdr", int64(-5))
	f.Fuzz(func(t *testing.T, spec string, total int64) {
		_, _ = ParsePlateau(spec)
		s, err := Parse(spec, total)
		if err != nil {
			if !strings.HasPrefix(err.Error(), "schedule: ") {
				t.Fatalf("error %q", err)
			}
			return
		}
		if err := Validate(s); err != nil {
			t.Fatalf("%q gave %+v: %v", spec, s, err)
		}
		for _, step := range []int64{math.MinInt64, -1, 0, 1, total / 2, total, math.MaxInt64} {
			if v := s.At(step); v < 0 { // 0·∞, where factors grow for ever, is NaN
				t.Fatalf("%q at %d is %v", spec, step, v)
			}
		}
		b, err := Marshal(s)
		if err != nil {
			t.Fatal(err)
		}
		if again, err := Unmarshal(b); err != nil || !reflect.DeepEqual(again, s) {
			t.Fatalf("%q: %s came back as %+v, %v", spec, b, again, err)
		}
	})
}
