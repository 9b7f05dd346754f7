package schedule

import (
	"encoding/json"
	"math"
	"reflect"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// factors returns the factor after each metric.
func factors(p *Plateau, metrics ...float64) []float64 {
	var out []float64
	for _, m := range metrics {
		out = append(out, p.Observe(m))
	}
	return out
}

func TestPlateau(t *testing.T) {
	base := Plateau{Factor: 0.5, Patience: 1, Threshold: 0.1, ThresholdMode: "rel", Mode: "min"}
	with := func(change func(*Plateau)) Plateau { p := base; change(&p); return p }
	nan, inf := math.NaN(), math.Inf(1)
	for name, c := range map[string]struct {
		p             Plateau
		metrics, want []float64
	}{
		"patience":             {base, []float64{1, 1, 1, 1, 1}, []float64{1, 1, 0.5, 0.5, 0.25}},
		"patience 0":           {with(func(p *Plateau) { p.Patience = 0 }), []float64{1, 1, 1}, []float64{1, 0.5, 0.25}},
		"just not enough":      {base, []float64{1, 0.9, 0.9}, []float64{1, 1, 0.5}},
		"enough":               {base, []float64{1, 0.89, 0.8, 0.7}, []float64{1, 1, 1, 1}},
		"negative metrics":     {base, []float64{-1, -1.2, -1.21, -1.22, -1.5}, []float64{1, 1, 1, 0.5, 0.5}},
		"negative, level":      {base, []float64{-1, -1, -1, -1, -1}, []float64{1, 1, 0.5, 0.5, 0.25}},
		"maximum, negative":    {with(func(p *Plateau) { p.Mode = "max" }), []float64{-1, -0.95, -0.92, -0.8}, []float64{1, 1, 0.5, 0.5}},
		"maximum":              {with(func(p *Plateau) { p.Mode = "max" }), []float64{1, 1.2, 1.3, 1.3}, []float64{1, 1, 1, 0.5}},
		"absolute":             {with(func(p *Plateau) { p.ThresholdMode = "abs" }), []float64{5, 4.85, 4.82, 4.7}, []float64{1, 1, 1, 1}},
		"cooldown":             {with(func(p *Plateau) { p.Cooldown = 2 }), []float64{1, 1, 1, 1, 1, 1, 1}, []float64{1, 1, 0.5, 0.5, 0.5, 0.5, 0.25}},
		"minimum":              {with(func(p *Plateau) { p.Patience, p.Min = 0, 0.3 }), []float64{1, 1, 1, 1}, []float64{1, 0.5, 0.3, 0.3}},
		"eps":                  {with(func(p *Plateau) { p.Patience, p.Eps = 0, 0.3 }), []float64{1, 1, 1, 1}, []float64{1, 0.5, 0.5, 0.5}},
		"NaN is not better":    {base, []float64{1, nan, nan, nan, nan}, []float64{1, 1, 0.5, 0.5, 0.25}},
		"NaN first":            {base, []float64{nan, nan, 1, 0.5}, []float64{1, 0.5, 0.5, 0.5}},
		"infinite, both signs": {base, []float64{1, -inf, inf, 0.5}, []float64{1, 1, 0.5, 0.5}},
	} {
		p := c.p
		if got := factors(&p, c.metrics...); !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
	}
}

func TestPlateauResumes(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := NewPlateau()
		p.Factor = rapid.Float64Range(0.05, 0.95).Draw(t, "factor")
		p.Patience, p.Cooldown = rapid.Int64Range(0, 3).Draw(t, "patience"), rapid.Int64Range(0, 3).Draw(t, "cooldown")
		p.Mode = rapid.SampledFrom([]string{"min", "max"}).Draw(t, "mode")
		metrics := rapid.SliceOfN(rapid.Float64(), 2, 40).Draw(t, "metrics")
		half := len(metrics) / 2
		factors(p, metrics[:half]...)
		b, err := json.Marshal(p)
		if err != nil {
			t.Fatal(err)
		}
		var q Plateau
		if err := json.Unmarshal(b, &q); err != nil {
			t.Fatalf("%s: %v", b, err)
		}
		if q.Current() != p.Current() || !reflect.DeepEqual(factors(&q, metrics[half:]...), factors(p, metrics[half:]...)) {
			t.Fatalf("%s goes on differently", b)
		}
		if f := p.Current(); !(f >= 0 && f <= 1) {
			t.Fatalf("factor %v", f)
		}
	})
}

func TestPlateauJSON(t *testing.T) {
	var p Plateau
	if err := json.Unmarshal([]byte(`{"schedule":"plateau","factor":0.5}`), &p); err != nil {
		t.Fatal(err)
	}
	want := NewPlateau()
	want.Factor = 0.5
	if p != *want {
		t.Errorf("%+v, want %+v", p, want)
	}
	for text, want := range map[string]string{
		`[]`:                                "is not an object",
		`{"schedule":"cosine"}`:             `JSON has kind "cosine", want "plateau"`,
		`{"patients":3}`:                    "did you mean patience?",
		`{"factor":2}`:                      "Plateau.Factor = 2, want (0, 1)",
		`{"mode":"best"}`:                   `Plateau.Mode = "best", want min, max`,
		`{"state":{"worst":1}}`:             `unknown field "worst"`,
		`{"state":{"bad":-1}}`:              "want a finite best metric and counts of 0 or more",
		`{"patience":"3"}`:                  `plateau.patience = "3", want a whole number`,
		`{"min":-0.5}`:                      "Plateau.Min = -0.5, want [0, 1]",
		`{"threshold":-1,"mode":"min"}`:     "Plateau.Threshold = -1, want [0, +Inf)",
		`{"threshold_mode":"both"}`:         `Plateau.ThresholdMode = "both", want rel, abs`,
		`{"schedule":"plateau","State":{}}`: `plateau has no parameter "State"`,
	} {
		q := *NewPlateau()
		if err := json.Unmarshal([]byte(text), &q); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want an error with %q", text, err, want)
		}
		if q != *NewPlateau() {
			t.Errorf("%s: a refused value changed the plateau", text)
		}
	}
	if _, err := json.Marshal(Plateau{}); err == nil {
		t.Error("an invalid plateau was marshalled")
	}
}
