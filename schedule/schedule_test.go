package schedule

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"math"
	"reflect"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// anySchedule draws a valid schedule of any kind, nested up to depth.
func anySchedule(t *rapid.T, depth int) Schedule {
	kinds := registry
	if depth == 0 {
		kinds = nil
		for _, info := range registry {
			if !strings.Contains(typesIn(info), "schedule") {
				kinds = append(kinds, info)
			}
		}
	}
	info := rapid.SampledFrom(kinds).Draw(t, "kind")
	v := reflect.New(info.typ).Elem()
	for _, p := range info.Params {
		draw(t, v.FieldByName(p.Field), p, depth)
	}
	repair(v)
	s, _ := v.Interface().(Schedule)
	if err := Validate(s); err != nil {
		t.Fatalf("drew %+v: %v", s, err)
	}
	return s
}

func typesIn(info Info) string {
	var b strings.Builder
	for _, p := range info.Params {
		b.WriteString(p.Type + " ")
	}
	return b.String()
}

func draw(t *rapid.T, f reflect.Value, p Param, depth int) {
	switch p.Type {
	case "float":
		high := 2.0
		if strings.HasSuffix(p.Domain, "1]") {
			high = 1
		}
		if p.Name == "power" {
			high = 10
		}
		low := 0.0
		if strings.HasPrefix(p.Domain, "(0") {
			low = 0.01
		}
		if p.Name == "gamma" {
			high = 1 // above it factors grow past every bound
		}
		if strings.HasPrefix(p.Domain, "[1") {
			low, high = 1, 1e5
		}
		f.SetFloat(rapid.Float64Range(low, high).Draw(t, p.Name))
	case "int":
		f.SetInt(rapid.Int64Range(1, 3000).Draw(t, p.Name))
	case "bool":
		f.SetBool(rapid.Bool().Draw(t, p.Name))
	case "string":
		f.SetString(rapid.SampledFrom(strings.Split(p.Domain, "|")).Draw(t, p.Name))
	case "ints":
		n := rapid.IntRange(1, 4).Draw(t, "milestones")
		list := make([]int64, n)
		at := int64(0)
		for i := range list {
			at += rapid.Int64Range(0, 500).Draw(t, p.Name)
			list[i] = at
		}
		f.Set(reflect.ValueOf(list))
	case "schedule":
		f.Set(reflect.ValueOf(anySchedule(t, depth-1)))
	case "schedules":
		n := rapid.IntRange(1, 3).Draw(t, "parts")
		parts := make([]Schedule, n)
		for i := range parts {
			parts[i] = anySchedule(t, depth-1)
		}
		f.Set(reflect.ValueOf(parts))
	}
}

// repair makes fields that were drawn apart fit one another.
func repair(v reflect.Value) {
	switch s := v.Addr().Interface().(type) {
	case *OneCycle:
		s.BaseMomentum, s.MaxMomentum = min(s.BaseMomentum, s.MaxMomentum), max(s.BaseMomentum, s.MaxMomentum)
		if s.ThreePhase {
			s.PctStart /= 2
		}
	case *OneCycleMomentum:
		repair(reflect.ValueOf((*OneCycle)(s)).Elem())
	case *Cyclic:
		s.BaseMomentum, s.MaxMomentum = min(s.BaseMomentum, s.MaxMomentum), max(s.BaseMomentum, s.MaxMomentum)
		s.Min, s.Max = min(s.Min, s.Max), max(s.Min, s.Max)
	case *CyclicMomentum:
		repair(reflect.ValueOf((*Cyclic)(s)).Elem())
	case *WSD:
		s.Total += s.Warmup + s.Decay
	case *Join:
		s.Milestones = s.Milestones[:0]
		for i := range s.Parts[1:] {
			s.Milestones = append(s.Milestones, int64(i+1)*100)
		}
	}
}

func drawStep(t *rapid.T) int64 {
	return rapid.OneOf(rapid.Int64Range(-5, 5000), rapid.Int64()).Draw(t, "step")
}

func TestPureAndFinite(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := anySchedule(t, 2)
		before, err := Marshal(s)
		if err != nil {
			t.Fatal(err)
		}
		steps := make([]int64, 10)
		values := make([]float64, len(steps))
		for i := range steps {
			steps[i] = drawStep(t)
			values[i] = s.At(steps[i])
			if v := values[i]; math.IsNaN(v) || v < 0 {
				t.Fatalf("%s at %d is %v", before, steps[i], v)
			}
		}
		for i := range steps { // in the other order
			j := len(steps) - 1 - i
			if v := s.At(steps[j]); v != values[j] && !math.IsNaN(v) {
				t.Fatalf("%s at %d was %v and is %v", before, steps[j], values[j], v)
			}
		}
		for _, step := range []int64{-1, -100, math.MinInt64} {
			if s.At(step) != s.At(0) {
				t.Fatalf("%s at %d is %v, at 0 %v", before, step, s.At(step), s.At(0))
			}
		}
		if after, _ := Marshal(s); string(after) != string(before) {
			t.Fatalf("At changed %s to %s", before, after)
		}
	})
}

func TestJSONRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := anySchedule(t, 3)
		b, err := json.Marshal(s)
		if err != nil {
			t.Fatal(err)
		}
		got, err := Unmarshal(b)
		if err != nil {
			t.Fatalf("%s: %v", b, err)
		}
		if !reflect.DeepEqual(got, s) {
			t.Fatalf("%s came back as %+v, was %+v", b, got, s)
		}
		to := reflect.New(reflect.TypeOf(s))
		if err := json.Unmarshal(b, to.Interface()); err != nil || !reflect.DeepEqual(to.Elem().Interface(), any(s)) {
			t.Fatalf("%s into its own type: %+v, %v", b, to.Elem(), err)
		}
	})
}

// TestBounds checks that the schedules which lie between two factors do.
func TestBounds(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		total := rapid.Int64Range(1, 3000).Draw(t, "total")
		low := rapid.Float64Range(0, 1).Draw(t, "low")
		high := low + rapid.Float64Range(0, 2).Draw(t, "span")
		one := Default[OneCycle](total)
		one.Anneal = rapid.SampledFrom([]string{"cos", "linear"}).Draw(t, "anneal")
		one.ThreePhase = rapid.Bool().Draw(t, "three")
		one.PctStart = rapid.Float64Range(0, 0.5).Draw(t, "pct")
		cyclic := Default[Cyclic](total)
		cyclic.Min, cyclic.Max, cyclic.Gamma = low, high, 0.99
		cyclic.Mode = rapid.SampledFrom([]string{"triangular", "triangular2", "exp_range"}).Draw(t, "mode")
		shape := rapid.SampledFrom([]string{"linear", "cosine", "1-sqrt"}).Draw(t, "shape")
		for _, c := range []struct {
			s         Schedule
			low, high float64
		}{
			{Linear{Start: low, End: high, Total: total}, low, high},
			{Polynomial{Total: total, Power: 1 + high, End: low}, low, 1},
			{Cosine{Total: total, Min: low, Periodic: true}, low, 1},
			{SGDR{T0: total, TMult: 1 + total%3, Min: low}, low, 1},
			{one, 1 / one.DivFactor / one.FinalDivFactor, 1},
			{one.Momentum(), 0.85, 0.95},
			{cyclic, low, high},
			{cyclic.Momentum(), 0.8, 0.9},
			{InverseSqrt{Warmup: total}, 0, 1},
			{WSD{Total: total, Warmup: total / 4, Decay: total / 3, Shape: shape, Min: low}, min(low, 1/float64(total)), 1},
		} {
			step := drawStep(t)
			if v := c.s.At(step); !(v >= c.low-1e-15 && v <= c.high+1e-15) {
				t.Fatalf("%+v at %d is %v, outside [%v, %v]", c.s, step, v, c.low, c.high)
			}
		}
	})
}

// TestEnds checks the exact values at the ends of phases and past the last.
func TestEnds(t *testing.T) {
	const total = 200
	one, three := Default[OneCycle](total), Default[OneCycle](total)
	three.ThreePhase, three.PctStart, three.Anneal = true, 0.25, "linear"
	first := 1 / 25.
	cyc := Default[Cyclic](total)
	cyc.Up, cyc.Down = 10, 30
	exp := cyc
	exp.Mode, exp.Gamma = "exp_range", 0.5
	for _, c := range []struct {
		s    Schedule
		step int64
		want float64
	}{
		{Linear{Start: 0.5, End: 0.1, Total: 0}, 0, 0.1},
		{Cosine{Total: total, Min: 0.1}, total, 0.1},
		{Cosine{Total: total, Min: 0.1}, 2 * total, 0.1},
		{Cosine{Total: total, Min: 0.1, Periodic: true}, 2 * total, 1},
		{Cosine{Total: total, Min: 0.1, Periodic: true}, 3 * total, 0.1},
		{Cosine{Total: math.MaxInt64, Periodic: true}, math.MaxInt64, 0},
		{SGDR{T0: 10, TMult: 2}, 70, 1},
		{SGDR{T0: 10, TMult: 1}, 1e18, 1},
		{one, 0, first}, {one, 59, 1}, {one, total - 1, first / 1e4}, {one, 1 << 60, first / 1e4},
		{one.Momentum(), 0, 0.95}, {one.Momentum(), 59, 0.85}, {one.Momentum(), total - 1, 0.95},
		{three, 0, first}, {three, 49, 1}, {three, 98, first}, {three, total - 1, first / 1e4},
		{three.Momentum(), 49, 0.85}, {three.Momentum(), 98, 0.95}, {three.Momentum(), 150, 0.95},
		{cyc, 0, 0.1}, {cyc, 10, 1}, {cyc, 40, 0.1}, {cyc, 50, 1},
		{cyc.Momentum(), 0, 0.9}, {cyc.Momentum(), 10, 0.8}, {cyc.Momentum(), 25, 0.85},
		{exp, 10, 0.1 + 0.9*math.Pow(0.5, 10)},
		{WSD{Total: 100, Warmup: 0, Decay: 0, Shape: "linear", Min: 0.3}, 99, 1},
		{WSD{Total: 100, Warmup: 0, Decay: 0, Shape: "linear", Min: 0.3}, 100, 0.3},
		{WSD{Total: 100, Warmup: 10, Decay: 40, Shape: "cosine", Min: 0.5}, 80, 0.75},
		{WSD{Total: 100, Warmup: 10, Decay: 40, Shape: "linear", Min: 0.5}, 80, 0.75},
		{Warmup{Steps: 0, Then: Constant{0.7}}, 0, 0.7},
		{Times{}, 3, 1},
		{Join{Parts: []Schedule{Constant{2}, Constant{3}, Constant{4}}, Milestones: []int64{5, 5}}, 4, 2},
		{Join{Parts: []Schedule{Constant{2}, Constant{3}, Constant{4}}, Milestones: []int64{5, 5}}, 5, 4},
	} {
		if got := c.s.At(c.step); math.Abs(got-c.want) > 1.5e-16*c.want {
			t.Errorf("%+v at %d is %v, want %v", c.s, c.step, got, c.want)
		}
	}
}

// TestWarmupJoins checks that a warm-up meets its schedule without a jump.
func TestWarmupJoins(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		then := anySchedule(t, 1)
		n := rapid.Int64Range(1, 1000).Draw(t, "steps")
		start := rapid.Float64Range(0, 1).Draw(t, "start")
		w := Warmup{Steps: n, Start: start, Then: then}
		top := then.At(0)
		if w.At(n) != top {
			t.Fatalf("after the warm-up: %v, want %v", w.At(n), top)
		}
		rise := top * (1 - start) / float64(n)
		for step := range n {
			if got := w.At(step+1) - w.At(step); math.Abs(got-rise) > 1e-14*top {
				t.Fatalf("step %d rises by %v, want %v", step, got, rise)
			}
		}
		if k := rapid.Int64Range(0, 1e6).Draw(t, "behind"); w.At(n+k) != then.At(k) {
			t.Fatalf("%d steps behind the warm-up: %v, want %v", k, w.At(n+k), then.At(k))
		}
	})
}

// TestBits holds the curves of every kind to hashes that must come out on every
// architecture.
func TestBits(t *testing.T) {
	want := map[string]string{
		"constant":         "dd0d1da464338632",
		"cosine":           "be043c03e42c2705",
		"cosine:min=0.003": "05afb58b608fee6b",
		"cyclic":           "6918b5069c7a73b6",
		"cyclic:up=123,down=77,mode=exp_range,gamma=0.9997": "f4af0de4dc968f68",
		"cyclic:up=123,mode=triangular2":                    "2b1958a6fb3f8719",
		"cyclic_momentum":                                   "c4585042b647b9a1",
		"exponential":                                       "2e3a483884937c6a",
		"exponential:gamma=0.9993":                          "14154f9881090801",
		"hold":                                              "a083f82ce75b0ecc",
		"inverse_sqrt":                                      "2e59dbcd97657f9f",
		"inverse_sqrt:warmup=333":                           "efd84f75622c6444",
		"join":                                              "8cf8b63c31770398",
		"linear":                                            "d136e154aff77aa3",
		"multistep":                                         "2a8709ea555dbfb3",
		"onecycle":                                          "a54962abb9368e00",
		"onecycle:anneal=linear,three_phase,pct_start=0.37": "c4cf9262aa57530d",
		"onecycle_momentum":             "399d2256055fc951",
		"polynomial":                    "db739b0e3efd54d8",
		"polynomial:power=1.7,end=0.01": "9a93efb8decd7042",
		"scale":                         "7ed499bef5a4020e",
		"sgdr":                          "45d2d406d4419c5a",
		"sgdr:t0=37,t_mult=3,min=0.1":   "9644693fb53c62ff",
		"step":                          "23370946227685fe",
		"step:every=7,gamma=0.993":      "00d378e7b6261ccf",
		"times":                         "7ffe33f9f8f00536",
		"warmup":                        "58de390e67961aeb",
		"warmup:steps=777,start=0.1+cosine*exponential:gamma=0.9999": "e9987b3e58097c5c",
		"wsd":                                 "8c908771d7f3edbe",
		"wsd:decay=3000,shape=cosine":         "9b86c99421dddac8",
		"wsd:decay=3000,shape=linear,min=0.1": "1e03d6c0c073aa25",
		"wsd:warmup=100":                      "1f0f1c7a500d5a88",
	}
	total := int64(10000)
	curves := map[string]Schedule{}
	for _, info := range registry {
		curves[info.Name] = info.Example
	}
	for _, spec := range []string{
		"linear", "polynomial:power=1.7,end=0.01", "cosine:min=0.003", "sgdr:t0=37,t_mult=3,min=0.1", "exponential:gamma=0.9993",
		"step:every=7,gamma=0.993", "onecycle", "onecycle:anneal=linear,three_phase,pct_start=0.37", "onecycle_momentum",
		"cyclic:up=123,down=77,mode=exp_range,gamma=0.9997", "cyclic:up=123,mode=triangular2", "inverse_sqrt:warmup=333",
		"wsd:warmup=100", "wsd:decay=3000,shape=cosine", "wsd:decay=3000,shape=linear,min=0.1", "warmup:steps=777,start=0.1+cosine*exponential:gamma=0.9999",
	} {
		s, err := Parse(spec, total)
		if err != nil {
			t.Fatal(err)
		}
		curves[spec] = s
	}
	for name, s := range curves {
		h := sha256.New()
		for step := range total + 100 {
			_ = binary.Write(h, binary.LittleEndian, s.At(step))
		}
		if got := hex.EncodeToString(h.Sum(nil)[:8]); got != want[name] {
			t.Errorf("%q: %q, // have %q", name, got, want[name])
		}
	}
}
