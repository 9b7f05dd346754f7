package lab

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"math"
	"reflect"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/descent-go/descent/problem"
)

// shownOnce does every showing once for each seed of the tests.
var shownOnce = sync.OnceValues(func() (map[string][]*Shown, error) {
	all := map[string][]*Shown{}
	for _, s := range Showings() {
		for seed := range uint64(2) {
			r, err := s.Run(context.Background(), seed)
			if err != nil {
				return nil, err
			}
			all[s.Name] = append(all[s.Name], r)
		}
	}
	return all, nil
})

func everyShown(t *testing.T) map[string][]*Shown {
	t.Helper()
	all, err := shownOnce()
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// What a showing tells can be drawn, printed and read back, and the numbers in its
// two lines are those it measured.
func TestShowings(t *testing.T) {
	all := everyShown(t)
	for _, s := range Showings() {
		if s.Name == "" || s.Title == "" || !strings.HasSuffix(s.Doc, "?") || s.Source == "" {
			t.Errorf("%q lacks a name, a title, a question or a source", s.Name)
		}
		for _, r := range all[s.Name] {
			checkShown(t, r)
		}
	}
	if len(all) != len(Showings()) {
		t.Errorf("%d names for %d showings", len(all), len(Showings()))
	}
}

func checkShown(t *testing.T, r *Shown) {
	t.Helper()
	if r.Setup == "" || len(r.Rows) == 0 || len(r.Charts) == 0 || len(r.Facts) < 2 {
		t.Errorf("%s: %d rows, %d charts, %d facts, setup %q", r.Name, len(r.Rows), len(r.Charts), len(r.Facts), r.Setup)
	}
	for _, line := range r.See {
		if !strings.HasSuffix(line, ".") {
			t.Errorf("%s: %q is no sentence", r.Name, line)
		}
	}
	seen := map[string]bool{}
	for _, f := range r.Facts {
		v := float64(f.Value)
		text := threeDigits(v)
		if whole := strconv.FormatFloat(v, 'f', -1, 64); v == math.Trunc(v) && strings.Contains(r.See[0]+r.See[1], whole) {
			text = whole
		}
		if seen[f.Name] || !finite(v) || !strings.Contains(r.See[0]+r.See[1], text) {
			t.Errorf("%s: %s = %v is twice there, not finite, or not in %q", r.Name, f.Name, v, r.See)
		}
		seen[f.Name] = true
	}
	for _, row := range r.Rows {
		if len(row.Values) != len(r.Columns)-1 {
			t.Errorf("%s: row %s has %d values for %d columns", r.Name, row.Name, len(row.Values), len(r.Columns))
		}
	}
	names := map[string]bool{}
	for _, c := range r.Charts {
		if names[c.Name] || len(c.Curves)+len(c.Paths) == 0 || (c.Function == "") != (len(c.Paths) == 0) {
			t.Errorf("%s: chart %s: twice, empty, or neither curves nor paths", r.Name, c.Name)
		}
		names[c.Name] = true
		if c.Function != "" {
			if _, err := problem.Resolve(c.Function); err != nil {
				t.Errorf("%s: chart %s: %v", r.Name, c.Name, err)
			}
		}
		for _, k := range append(c.Paths, c.Curves...) {
			if k.Name == "" || len(k.X) < 2 || len(k.X) != len(k.Y) {
				t.Errorf("%s: chart %s: curve %q of %d and %d numbers", r.Name, c.Name, k.Name, len(k.X), len(k.Y))
			}
		}
	}
	text, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	var back Shown
	if err := json.Unmarshal(text, &back); err != nil {
		t.Fatal(err)
	}
	again, err := json.Marshal(&back)
	if err != nil || !bytes.Equal(text, again) {
		t.Errorf("%s: JSON does not come back (%v)", r.Name, err)
	}
}

// Each showing shows what it says, whatever the seed.
func TestShowingsHold(t *testing.T) {
	longest, when := 0.0, 0
	for k := 1; k <= 100; k++ {
		if v := (1 - math.Pow(0.9, float64(k))) / math.Sqrt(1-math.Pow(0.999, float64(k))); v > longest {
			longest, when = v, k
		}
	}
	type facts map[string]float64
	near := func(got, want, tolerance float64) bool { return math.Abs(got-want) <= tolerance*math.Abs(want) }
	claims := map[string][]struct {
		claim string
		holds func(f facts) bool
	}{
		"edge": {
			{"the curvature is found", func(f facts) bool { return near(f["sharpness"], 20, 1e-6) && near(f["edge"], 0.1, 1e-6) }},
			{"at the edge the loss stays", func(f facts) bool { return near(f["at"], 10, 1e-5) }},
			{"below it falls", func(f facts) bool { return f["half"] < 0.01 }},
			{"above it grows by α²", func(f facts) bool {
				return near(f["alpha_above"], 1.04, 1e-6) && near(f["growth_above"], 1.04*1.04, 1e-6) && f["above"] > 1000
			}},
		},
		"momentum-rate": {
			{"steps grow to 1/(1−β)", func(f facts) bool { return near(f["gain"], 10, 1e-9) }},
			{"outside, the rate acts at once", func(f facts) bool { return near(f["outside"], 0.1, 1e-9) }},
			{"inside, the velocity keeps β of it", func(f facts) bool { return near(f["inside"], 0.9+0.1*0.1, 1e-9) }},
			{"it settles as 1 + 9·βᵏ does", func(f facts) bool { return f["settled"] == 42 }},
		},
		"lookahead": {
			{"the same points", func(f facts) bool { return f["theta"] < 1e-12 && f["inside_cosine"] < 1e-12 }},
			{"what is stored is elsewhere", func(f facts) bool { return f["stored"] > 0.05 }},
			{"other points when the rate changes", func(f facts) bool { return f["outside_cosine"] > 0.01 }},
		},
		"bias-correction": {
			{"corrected first steps are η", func(f facts) bool { return near(f["first_on"], 1, 1e-6) }},
			{"uncorrected ones are (1−β₁ᵗ)/√(1−β₂ᵗ)", func(f facts) bool {
				return near(f["first_off"], 0.1/math.Sqrt(0.001), 1e-6) && near(f["longest_off"], longest, 1e-6) && f["longest_at"] == float64(when)
			}},
			{"and overshoot", func(f facts) bool { return f["beyond_off"] > 4*f["beyond_on"] }},
		},
		"adagrad-sum": {
			{"the sum shrinks as 1/√t", func(f facts) bool { return near(f["sum"], 1/math.Sqrt(2000), 1e-6) }},
			{"the mean does not", func(f facts) bool { return near(f["mean"], 1, 1e-6) }},
			{"the sum gets below the noise", func(f facts) bool { return f["floor_sum"] < f["floor_mean"]/10 }},
		},
		"rmsprop-eps": {
			{"outside, half at g = ε", func(f facts) bool { return near(f["half_outside"], 1e-8, 1e-4) }},
			{"inside, half at g = √(ε/3)", func(f facts) bool { return near(f["half_inside"], math.Sqrt(1e-8/3), 1e-4) }},
			{"outside comes closer", func(f facts) bool { return f["end_outside"] < f["end_inside"]/10 }},
		},
		"decay": {
			{"decoupled decay is the same for all", func(f facts) bool {
				alone := math.Pow(1-1e-3, 2000)
				return near(f["decoupled_low"], alone, 0.05) && near(f["decoupled_high"], alone, 0.05)
			}},
			{"L2 is not", func(f facts) bool { return f["l2_small"] < 0.05 && f["l2_large"] > 0.95 }},
		},
		"warmup": {
			{"the first steps spoil", func(f facts) bool {
				return f["peak_adamw"] > 1.2*f["peak_warmup"] && f["peak_adamw"] > 1.2*f["peak_radam"]
			}},
			{"for long", func(f facts) bool { return f["end_adamw"] > 1.1*f["end_warmup"] && f["end_warmup"] > f["end_radam"] }},
		},
		"schedules": {
			{"a rate that falls ends lower", func(f facts) bool { return f["cosine"] < f["constant"]/5 }},
			{"and not before it falls", func(f facts) bool {
				return f["wsd_before"] == f["constant_before"] && f["wsd"] < f["wsd_before"]/3
			}},
		},
		"plateau":   {{"reductions lower the floor", func(f facts) bool { return f["reductions"] >= 3 && f["plateau"] < f["constant"]/5 }}},
		"averaging": {{"averages are nearer", func(f facts) bool { return f["ema"] < f["last"]/2 && f["swa"] < f["ema"]/2 }}},
		"clipping": {
			{"the wall throws far", func(f facts) bool { return f["far_free"] > 10 && f["last_free"] > 1 }},
			{"unless clipped", func(f facts) bool {
				return f["far_held"] == 3 && f["hits_held"] >= 1 && f["hits_held"] < f["hits_free"] && f["until_held"] < 50
			}},
		},
	}
	for name, shown := range everyShown(t) {
		if len(claims[name]) == 0 {
			t.Errorf("nothing is claimed of %s", name)
		}
		for _, r := range shown {
			f := facts{}
			for _, one := range r.Facts {
				f[one.Name] = float64(one.Value)
			}
			for _, c := range claims[name] {
				if !c.holds(f) {
					t.Errorf("%s, seed %d: not so: %s: %v", name, r.Seed, c.claim, f)
				}
			}
		}
	}
}

// The same seed gives the same result; where there is noise, another one does not.
func TestShowingsRepeat(t *testing.T) {
	all := everyShown(t)
	noisy := map[string]bool{"adagrad-sum": true, "decay": true, "warmup": true, "schedules": true, "plateau": true, "averaging": true}
	for _, s := range Showings() {
		again, err := s.Run(context.Background(), 1)
		if err != nil {
			t.Fatal(err)
		}
		first, second := *all[s.Name][1], *again
		if !sameShown(t, &first, &second) {
			t.Errorf("%s: two runs differ", s.Name)
		}
		if same := reflect.DeepEqual(all[s.Name][0].Facts, all[s.Name][1].Facts); same == noisy[s.Name] {
			t.Errorf("%s: the facts of two seeds are the same: %v, want %v", s.Name, same, !noisy[s.Name])
		}
	}
}

func sameShown(t *testing.T, a, b *Shown) bool {
	t.Helper()
	var text [2][]byte
	for i, r := range []*Shown{a, b} {
		var err error
		if text[i], err = json.Marshal(r); err != nil {
			t.Fatal(err)
		}
	}
	return bytes.Equal(text[0], text[1])
}

func TestShowingsInterrupted(t *testing.T) {
	ctx, cancel := context.WithCancelCause(context.Background())
	why := errors.New("enough")
	cancel(why)
	for _, s := range Showings() {
		if r, err := s.Run(ctx, 0); r != nil || !errors.Is(err, why) {
			t.Errorf("%s: %v, %v, want %v", s.Name, r, err, why)
		}
	}
}

func TestLookupShowing(t *testing.T) {
	if s, err := LookupShowing("decay"); err != nil || s.Name != "decay" {
		t.Errorf("%s, %v", s.Name, err)
	}
	if _, err := LookupShowing("decays"); err == nil || !strings.Contains(err.Error(), `no showing "decays", want one of edge, `) {
		t.Errorf("%v", err)
	}
}
