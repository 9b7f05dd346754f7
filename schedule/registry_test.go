package schedule

import (
	"encoding/json"
	"math"
	"reflect"
	"strings"
	"testing"
)

// TestRegistry holds every kind to what the command line and the page need.
func TestRegistry(t *testing.T) {
	seen := map[string]bool{}
	infos := append(All(), PlateauInfo())
	if len(infos) < 20 {
		t.Fatalf("%d kinds", len(infos))
	}
	for _, info := range infos {
		t.Run(info.Name, func(t *testing.T) {
			if seen[info.Name] || info.Name != strings.ToLower(info.Name) || info.Title == "" || info.Doc == "" || info.TeX == "" {
				t.Errorf("incomplete: %+v", info)
			}
			seen[info.Name] = true
			if strings.Count(info.TeX, "{") != strings.Count(info.TeX, "}") {
				t.Errorf("TeX %s", info.TeX)
			}
			if len(info.Params) == 0 {
				t.Error("no parameters")
			}
			defaults := reflect.New(info.typ).Elem()
			missing := setDefaults(defaults, 100, nil)
			for _, p := range info.Params {
				if p.Name == "" || p.Name != strings.ToLower(p.Name) || p.Doc == "" {
					t.Errorf("incomplete: %+v", p)
				}
				numeric := p.Type == "float" || p.Type == "int" || p.Type == "ints"
				if (numeric || p.Type == "string") != (p.Domain != "") || numeric != (p.Symbol != "") && info.Name != "plateau" {
					t.Errorf("%s has domain %q and symbol %q", p.Name, p.Domain, p.Symbol)
				}
				if p.Symbol != "" && !strings.Contains(info.TeX, p.Symbol) && !strings.Contains(p.Field, "Momentum") && !strings.Contains(info.Name, "_momentum") && info.Name != "plateau" {
					t.Errorf("the formula has no %s for %s", p.Symbol, p.Name)
				}
				required := false
				for _, m := range missing {
					required = required || m.Name == p.Name
				}
				if required != (p.Default == "") {
					t.Errorf("%s has default %q, missing: %v", p.Name, p.Default, required)
				}
				if numeric && !required && strings.Trim(p.Default, "0.") != "" && defaults.FieldByName(p.Field).IsZero() {
					t.Errorf("default %q did not reach %s", p.Default, p.Name)
				}
				if !required {
					if err := checkField(defaults.FieldByName(p.Field), p, p.Field); err != nil {
						t.Errorf("default: %v", err)
					}
				}
			}
			if info.Name == "plateau" {
				return
			}
			if err := Validate(info.Example); err != nil {
				t.Error(err)
			}
			distinct := map[float64]bool{}
			for step := range int64(101) {
				distinct[info.Example.At(step)] = true
			}
			if len(distinct) < 2 && info.Name != "constant" {
				t.Error("the example is a straight line")
			}
			if again, err := Lookup(strings.ToUpper(info.Name)); err != nil || again.typ != info.typ {
				t.Errorf("Lookup: %+v, %v", again, err)
			}
		})
	}
	all := All()
	all[0].Name, all[0].Params[0].Name = "x", "x"
	if again := All(); again[0].Name == "x" || again[0].Params[0].Name == "x" {
		t.Error("All gives the registry away")
	}
}

func TestDefault(t *testing.T) {
	for _, s := range []Schedule{
		Default[Constant](0), Default[Step](90), Default[Linear](90), Default[Polynomial](90), Default[Cosine](90), Default[SGDR](90),
		Default[OneCycle](90), Default[OneCycleMomentum](90), Default[Cyclic](90), Default[CyclicMomentum](90), Default[InverseSqrt](90),
		Default[WSD](90), Default[Cosine](0), Default[SGDR](3), Default[Cyclic](1), Default[OneCycle](1), Default[WSD](1),
	} {
		if err := Validate(s); err != nil {
			t.Error(err)
		}
	}
	if s := Default[Step](90); s != (Step{Every: 30, Gamma: 0.1}) {
		t.Errorf("%+v", s)
	}
	if s := Default[MultiStep](90); s.Gamma != 0.1 || s.Milestones != nil {
		t.Errorf("%+v", s)
	}
}

func TestValidate(t *testing.T) {
	bad := math.NaN()
	var none *Cosine
	for _, c := range []struct {
		s    Schedule
		want string
	}{
		{nil, "schedule: the schedule is nil"},
		{none, "schedule: the schedule is nil"},
		{Constant{Factor: -1}, "schedule: Constant.Factor = -1, want [0, +Inf)"},
		{Hold{Factor: 1, Steps: -2}, "schedule: Hold.Steps = -2, want [0, +Inf)"},
		{Step{Every: 3, Gamma: -1}, "schedule: Step.Gamma = -1, want (0, +Inf)"},
		{Step{Gamma: 1}, "schedule: Step.Every = 0, want [1, +Inf)"},
		{Exponential{}, "schedule: Exponential.Gamma = 0, want (0, +Inf)"},
		{Linear{Start: bad}, "schedule: Linear.Start = NaN, want [0, +Inf)"},
		{Polynomial{Power: math.Inf(1)}, "schedule: Polynomial.Power = +Inf, want (0, +Inf)"},
		{Cosine{}, "schedule: Cosine.Total = 0, want [1, +Inf)"},
		{SGDR{T0: 5}, "schedule: SGDR.TMult = 0, want [1, +Inf)"},
		{OneCycle{}, "schedule: OneCycle.Total = 0, want [1, +Inf)"},
		{OneCycleMomentum{Total: 1, PctStart: 2}, "schedule: OneCycleMomentum.PctStart = 2, want [0, 1]"},
		{InverseSqrt{}, "schedule: InverseSqrt.Warmup = 0, want [1, +Inf)"},
		{WSD{Total: 1}, `schedule: WSD.Shape = "", want linear, cosine, 1-sqrt`},
		{MultiStep{Milestones: []int64{-1}, Gamma: 1}, "schedule: MultiStep.Milestones[0] = -1, want [0, +Inf)"},
		{Warmup{}, "schedule: Warmup.Then is nil, want a schedule"},
		{Warmup{Then: Cosine{}}, "schedule: Cosine.Total = 0, want [1, +Inf) (in Warmup.Then)"},
		{Join{}, "schedule: Join has 0 parts and 0 milestones, want one part more"},
		{Times{Parts: []Schedule{Constant{}, nil}}, "schedule: Times.Parts[1] is nil, want a schedule"},
		{Scale{By: 1, Of: Times{Parts: []Schedule{Step{}}}}, "schedule: Step.Every = 0, want [1, +Inf) (in Times.Parts[0]) (in Scale.Of)"},
	} {
		if err := Validate(c.s); err == nil || err.Error() != c.want {
			t.Errorf("%+v: %v, want %s", c.s, err, c.want)
		}
		if _, err := Marshal(c.s); err == nil {
			t.Errorf("%+v was marshalled", c.s)
		}
	}
	if err := Validate(own(2)); err != nil {
		t.Errorf("a user's own schedule: %v", err)
	}
}

// own is a schedule of somebody else's.
type own float64

func (s own) At(int64) float64 { return float64(s) }

// TestZeroValues checks that values Validate refuses do not panic.
func TestZeroValues(t *testing.T) {
	for _, info := range All() {
		if !strings.Contains(typesIn(info), "schedule") {
			s, _ := reflect.Zero(info.typ).Interface().(Schedule)
			for _, step := range []int64{math.MinInt64, -1, 0, 1, 100, math.MaxInt64} {
				s.At(step)
			}
		}
	}
}

func TestJSON(t *testing.T) {
	type experiment struct {
		LR, Beta Any
	}
	var e experiment
	if err := json.Unmarshal([]byte(`{"LR":{"schedule":"Warmup","then":{"schedule":"constant"},"steps":5},"Beta":null}`), &e); err != nil {
		t.Fatal(err)
	}
	b, err := json.Marshal(e)
	if want := `{"LR":{"schedule":"warmup","steps":5,"start":0.01,"then":{"schedule":"constant","factor":1}},"Beta":null}`; string(b) != want || err != nil {
		t.Errorf("%s, %v, want %s", b, err, want)
	}
	if b, err := json.Marshal(&Cosine{Total: 3}); string(b) != `{"schedule":"cosine","total":3,"min":0,"periodic":false}` {
		t.Errorf("pointer: %s, %v", b, err)
	}
	if _, err := Marshal(own(1)); err == nil || !strings.Contains(err.Error(), "schedule.own is not a schedule of this package") {
		t.Error(err)
	}
	if err := json.Unmarshal([]byte(`{"schedule":"constant"}`), new(Cosine)); err == nil || !strings.Contains(err.Error(), `JSON has kind "constant", want "cosine"`) {
		t.Error(err)
	}
	for text, want := range map[string]string{
		``:                               "is not an object",
		`[]`:                             "is not an object",
		`null`:                           "is not an object",
		`{}`:                             "a schedule needs its kind",
		`{"schedule":3}`:                 "a schedule needs its kind",
		`{"schedule":"cosin","total":1}`: "did you mean cosine?",
		`{"schedule":"cosine"}`:          "cosine.total is missing: steps from 1 to Min",
		`{"schedule":"cosine","total":1,"mim":3}`:                                                               `cosine has no parameter "mim", did you mean min?`,
		`{"schedule":"cosine","total":1,"Min":3}`:                                                               `cosine has no parameter "Min"`,
		`{"schedule":"cosine","total":1.5}`:                                                                     "cosine.total = 1.5, want a whole number",
		`{"schedule":"cosine","total":null}`:                                                                    "cosine.total = null, want a whole number",
		`{"schedule":"cosine","total":1} x`:                                                                     "is not an object",
		`{"schedule":"step","every":1,"gamma":-1}`:                                                              "Step.Gamma = -1, want (0, +Inf)",
		`{"schedule":"warmup","steps":1}`:                                                                       "warmup.then is missing",
		`{"schedule":"warmup","steps":1,"then":7}`:                                                              "is not an object",
		`{"schedule":"warmup","steps":1,"then":{"schedule":"cosine","total":0}}`:                                "Cosine.Total = 0, want [1, +Inf)",
		`{"schedule":"times","parts":[{"schedule":"constant"},{"schedule":"hold"}]}`:                            "hold.factor is missing: the factor at first (in times.parts[1])",
		`{"schedule":"times","parts":{}}`:                                                                       "times.parts: want a list of schedules",
		`{"schedule":"join","parts":[],"at":[]}`:                                                                "Join has 0 parts",
		`{"schedule":"multistep","at":["a"]}`:                                                                   "want a list of whole numbers",
		strings.Repeat(`{"schedule":"scale","of":`, 150) + `{"schedule":"constant"}` + strings.Repeat("}", 150): "more than 100 schedules within one another",
	} {
		if s, err := Unmarshal([]byte(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%.100s: %+v, %v, want an error with %q", text, s, err, want)
		}
	}
}

func FuzzUnmarshal(f *testing.F) {
	for _, info := range All() {
		if b, err := Marshal(info.Example); err == nil {
			f.Add(b)
		}
	}
	f.Add([]byte(`{"schedule":"plateau","state":{"seen":true,"best":1}}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		_ = new(Plateau).UnmarshalJSON(b)
		s, err := Unmarshal(b)
		if err != nil {
			return
		}
		out, err := Marshal(s)
		if err != nil {
			t.Fatalf("%s was read but not written: %v", b, err)
		}
		if again, err := Unmarshal(out); err != nil || !reflect.DeepEqual(again, s) {
			t.Fatalf("%s became %s: %v", b, out, err)
		}
		s.At(0)
		s.At(math.MaxInt64)
	})
}
