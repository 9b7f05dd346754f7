package train_test

import (
	"encoding/json"
	"math"
	"slices"
	"testing"

	"github.com/descent-go/descent/train"
)

func TestHistory(t *testing.T) {
	run := func(h *train.History, steps int64) {
		minimize(t, function(t, "parabola", 3, 4), "sgd", 0.25, steps, func(o *train.Options) { o.Points, o.Measure = true, true }, h)
	}
	var h train.History
	run(&h, 10)
	if len(h.Path) != 11 || len(h.Values) != 11 || len(h.Steps) != 10 {
		t.Fatalf("%d points, %d values, %d steps", len(h.Path), len(h.Values), len(h.Steps))
	}
	for i := range 11 {
		scale := math.Ldexp(1, -i)
		if !slices.Equal(h.Path[i], []float64{3 * scale, 4 * scale}) || h.Values[i] != 25*scale*scale {
			t.Errorf("point %d: %v with %v", i, h.Path[i], h.Values[i])
		}
		if i > 0 && (h.Losses[i-1] != 100*scale*scale || h.GradNorms[i-1] != 20*scale || h.Rates[i-1] != 0.25 || h.Steps[i-1] != int64(i)) {
			t.Errorf("step %d: %v, %v, %v", i, h.Steps[i-1], h.Losses[i-1], h.GradNorms[i-1])
		}
	}
	if _, err := json.Marshal(&h); err != nil {
		t.Error(err)
	}
}

// What is thinned out is every other step, never the last.
func TestHistoryThins(t *testing.T) {
	run := func(h *train.History, steps int64, points bool) {
		minimize(t, function(t, "parabola", 3, 4), "sgd", 1e-3, steps, func(o *train.Options) { o.Points = points }, h)
	}
	var all train.History
	run(&all, 300, true)
	for _, c := range []struct {
		every int64
		limit int
		steps int64
		want  []int64
	}{
		{0, 0, 4, []int64{1, 2, 3, 4}},
		{3, 0, 10, []int64{3, 6, 9, 10}},
		{3, 0, 9, []int64{3, 6, 9}},
		{50, 0, 10, []int64{10}},
		{0, 4, 4, []int64{2, 4}},
		{0, 4, 7, []int64{2, 4, 6, 7}},
		{0, 5, 5, []int64{2, 4, 5}},
		{0, 5, 6, []int64{2, 4, 6}},
		{0, 4, 16, []int64{8, 16}},
		{0, 1, 9, []int64{8, 9}},
		{10, 4, 300, []int64{80, 160, 240, 300}},
	} {
		for _, points := range []bool{true, false} {
			h := train.History{Every: c.every, Limit: c.limit}
			run(&h, c.steps, points)
			if !slices.Equal(h.Steps, c.want) {
				t.Errorf("every %d, limit %d, %d steps: %v, want %v", c.every, c.limit, c.steps, h.Steps, c.want)
				continue
			}
			for i, step := range h.Steps {
				if h.Losses[i] != all.Losses[step-1] || h.Rates[i] != 1e-3 {
					t.Errorf("step %d has loss %v, want %v", step, h.Losses[i], all.Losses[step-1])
				}
				if points && (!slices.Equal(h.Path[i+1], all.Path[step]) || h.Values[i+1] != all.Values[step]) {
					t.Errorf("step %d is at %v, want %v", step, h.Path[i+1], all.Path[step])
				}
			}
			if points != (len(h.Path) == len(h.Steps)+1) || !points && h.Path != nil {
				t.Errorf("%d points of %d steps", len(h.Path), len(h.Steps))
			}
		}
	}
}

func TestResultJSON(t *testing.T) {
	res := minimize(t, function(t, "parabola", 3, 4), "sgd:momentum=0.5", 0.1, 10, nil)
	text, err := json.Marshal(res)
	if err != nil {
		t.Fatal(err)
	}
	var back map[string]any
	if err := json.Unmarshal(text, &back); err != nil {
		t.Fatal(err)
	}
	if back["final_loss"] != res.FinalLoss || back["steps"] != 10.0 || back["optimizer"] != "sgd:momentum=0.5" ||
		back["verdict"] != res.Verdict || back["seconds"] != 0.0 || back["reason"] != "steps" {
		t.Errorf("%s", text)
	}
	for _, absent := range []string{"test_accuracy", "diverged", "oscillating", "evaluations"} {
		if _, ok := back[absent]; ok {
			t.Errorf("%s has %q", text, absent)
		}
	}
	for v, want := range map[train.Real]string{1.5: "1.5", train.Real(math.Inf(-1)): `"-Inf"`, train.Real(math.Inf(1)): `"+Inf"`, train.Real(math.NaN()): `"NaN"`} {
		text, err := json.Marshal(v)
		if err != nil || string(text) != want {
			t.Errorf("%v is written as %s, %v", v, text, err)
		}
		var got train.Real
		if err := json.Unmarshal(text, &got); err != nil || got != v && !math.IsNaN(float64(v)) || math.IsNaN(float64(v)) != math.IsNaN(float64(got)) {
			t.Errorf("%s is read as %v, %v", text, got, err)
		}
	}
	var v train.Real
	if err := json.Unmarshal([]byte(`"much"`), &v); err == nil {
		t.Error(`"much" is read as a number`)
	}
}
