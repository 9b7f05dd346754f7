package lab

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestSpaceAt(t *testing.T) {
	for _, c := range []struct {
		spec string
		want map[float64]string
	}{
		{"lr=1e-4..1 log", map[float64]string{0: "0.0001", 0.25: "0.001", 0.5: "0.01", 1: "1", 0.3: "0.001585", -3: "0.0001", 7: "1"}},
		{"clip-norm=0..5", map[float64]string{0: "0", 0.5: "2.5", 1: "5", 1.0 / 3: "1.667"}},
		{"clip-norm=0..5 step 0.5", map[float64]string{0: "0", 0.09: "0", 0.0910: "0.5", 0.5: "2.5", 0.95: "5", 1: "5"}},
		{"clip-norm=0.1..1 step 0.1", map[float64]string{0.25: "0.3", 0.65: "0.7", 1: "1"}},
		{"ema=0.9..0.99999", map[float64]string{0: "0.9", 0.5: "0.95", 0.999: "0.9999", 1: "0.99999"}},
		{"batch={16,32,64}", map[float64]string{0: "16", 0.33: "16", 0.34: "32", 0.99: "64", 1: "64"}},
		{"width=8..256 int log", map[float64]string{0: "8", 1: "256", 0.5: "44"}},
		{"batch=1..4", map[float64]string{0: "1", 0.24: "1", 0.26: "2", 1: "4"}},
		{"optimizer={adam:beta2=0.9,nesterov:momentum=0.5}", map[float64]string{0: "adam:beta2=0.9", 1: "nesterov:momentum=0.5"}},
		{"model={mlp:128,64|softmax}", map[float64]string{0: "mlp:128,64", 1: "softmax"}},
	} {
		s := spaceOf(t, c.spec)
		for u, want := range c.want {
			if got := s.At([]float64{u})[s.Params[0].Key]; got != want {
				t.Errorf("%s at %v: %s, want %s", c.spec, u, got, want)
			}
		}
		if d, err := parseDimension(s.Params[0].String()); err != nil || fmt.Sprint(d) != fmt.Sprint(s.Params[0]) {
			t.Errorf("%s is written %s and read back %v, %v", c.spec, s.Params[0], d, err)
		}
	}
}

func TestSpaceConditions(t *testing.T) {
	s := spaceOf(t, "optimizer={adam,sgd:nesterov,rmsprop}", "optimizer.momentum=0..0.9 if optimizer={sgd,rmsprop}",
		"schedule={constant,cosine} if optimizer=adam", "schedule.min=0..0.5 if schedule=cosine")
	if err := s.Check(); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		u    []float64
		want string
	}{
		{[]float64{0, 0.5, 0, 1}, "map[optimizer:adam schedule:constant]"},
		{[]float64{0, 0.5, 1, 1}, "map[optimizer:adam schedule:cosine schedule.min:0.5]"},
		{[]float64{0.5, 0.5, 1, 1}, "map[optimizer:sgd:nesterov optimizer.momentum:0.45]"},
		{[]float64{1, 1, 1, 1}, "map[optimizer:rmsprop optimizer.momentum:0.9]"},
	} {
		if got := fmt.Sprint(s.At(c.u)); got != c.want {
			t.Errorf("at %v: %s, want %s", c.u, got, c.want)
		}
	}
	if got := fmt.Sprint(s.Values([]float64{0.5, 0.5, 1, 1})); got != "[1 0.45 NaN NaN]" {
		t.Errorf("values %s", got)
	}
}

func TestSpaceSettings(t *testing.T) {
	for _, c := range []struct {
		base  Settings
		specs []string
		u     []float64
		want  string
	}{
		{nil, []string{"lr=0.001..1 log", "batch={16,64}"}, []float64{0, 1}, "map[batch:64 lr:0.001]"},
		{nil, []string{"optimizer.beta2=0.9..0.99"}, []float64{0}, "map[optimizer:adamw:beta2=0.9]"},
		{Settings{"optimizer": "sgd:momentum=0.5,lr=0.1"}, []string{"optimizer.momentum=0..0.9"}, []float64{1}, "map[lr:0.1 optimizer:sgd:momentum=0.9]"},
		{Settings{"optimizer": "sgd:momentum=0.5,lr=0.1"}, []string{"lr=0.2..0.3"}, []float64{0}, "map[lr:0.2 optimizer:sgd:momentum=0.5]"},
		{Settings{"optimizer": "sgd:momentum=0.5"}, []string{"lr=0.2..0.3"}, []float64{0}, "map[lr:0.2]"},
		{nil, []string{"optimizer={sgd:lr=0.5,adam}", "optimizer.nesterov={true,false} if optimizer=sgd", "optimizer.momentum=0.1..0.9 if optimizer=sgd"}, []float64{0, 0, 1}, "map[lr:0.5 optimizer:sgd:momentum=0.9,nesterov=true]"},
		{Settings{"schedule": "warmup:steps=100+cosine:min=0.1"}, []string{"schedule.steps=10..20", "schedule.min=0..1e-5"}, []float64{1, 1}, "map[schedule:warmup:steps=20+cosine:min=1e-05]"},
		{Settings{"schedule": "0.5*(constant+cosine:total=1e+3)"}, []string{"schedule.min=0..1"}, []float64{1}, "map[schedule:0.5*(constant+cosine:total=1e+3,min=1)]"},
		{nil, []string{"schedule=" + "{step:every=10|exponential:gamma=0.9}", "schedule.gamma=0.1..0.5"}, []float64{0, 1}, "map[schedule:step:every=10,gamma=0.5]"},
		{nil, []string{"width=8..256"}, []float64{1}, "map[model:mlp:256,256]"},
		{Settings{"model": "mlp:100,act=tanh"}, []string{"depth=1..3"}, []float64{1}, "map[model:mlp:100,100,100,act=tanh]"},
		{nil, []string{"depth=1..3", "width=8..64 log", "model.act={relu,tanh}"}, []float64{0, 0, 1}, "map[model:mlp:8,act=tanh]"},
		{Settings{"model": "cnn,init=he"}, []string{"model.act={relu,tanh}"}, []float64{0}, "map[model:cnn,init=he,act=relu]"},
	} {
		s := spaceOf(t, c.specs...)
		s.Base = c.base
		settings, err := s.Settings(s.At(c.u))
		if got := fmt.Sprint(settings); err != nil || strings.ReplaceAll(got, "lab.Settings", "") != c.want {
			t.Errorf("%q over %v at %v: %s, %v, want %s", c.specs, c.base, c.u, got, err, c.want)
		}
	}
}

func TestParseSpaceErrors(t *testing.T) {
	for _, c := range []struct {
		specs []string
		want  string
	}{
		{nil, "without dimensions"},
		{[]string{"lr"}, "want KEY=LOW..HIGH"},
		{[]string{"lr=1"}, `"1" is neither a range nor choices`},
		{[]string{"lr=a..1"}, `"a" is not an end of a range`},
		{[]string{"lr=0..inf"}, `"inf" is not an end`},
		{[]string{"lr=1..0.1"}, "from 1 to 0.1, want a lower and a higher"},
		{[]string{"lr=0..1 log"}, "from 0 by the logarithm, want a positive"},
		{[]string{"lr=0.1..1 log step 0.1"}, "log and step"},
		{[]string{"lr=0..1 step 0"}, "step 0, want a positive"},
		{[]string{"lr=0..1 step 2"}, "step 2, want at most the width 1"},
		{[]string{"lr=0..1 linear"}, `"linear", want log, int, step`},
		{[]string{"batch=1.5..4"}, "whole numbers"},
		{[]string{"batch={1,2"}, "the brace is not closed"},
		{[]string{"batch={1,1}"}, "1 is a choice twice"},
		{[]string{"batch={1,,2}"}, "an empty choice"},
		{[]string{"batch={1,2} log"}, `"log" behind choices`},
		{[]string{"learning-rate=0..1"}, `no key "learning-rate"`},
		{[]string{"seed=0..9"}, `no key "seed"`},
		{[]string{"epochs=1..9"}, `no key "epochs"`},
		{[]string{"noise=0..9"}, `no key "noise"`},
		{[]string{"rule.beta1=0..0.9"}, `no key "rule.beta1"`},
		{[]string{"lr=0..1", "lr=0..2"}, "there twice"},
		{[]string{"lr=0..1 if optimizer=sgd"}, "if optimizer, want an earlier dimension with choices"},
		{[]string{"optimizer={adam,sgd}", "lr=0..1 if optimizer=lion"}, "want one of {adam,sgd}"},
		{[]string{"optimizer={adam,sgd}", "lr=0..1 if optimizer"}, "want if KEY=VALUE"},
	} {
		if _, err := ParseSpace(c.specs); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%q: %v, want %q", c.specs, err, c.want)
		}
	}
}

func TestSpaceCheckErrors(t *testing.T) {
	for _, c := range []struct {
		specs []string
		want  string
	}{
		{[]string{"lr=-1..1"}, "lr = -1"},
		{[]string{"ema=0.5..1"}, "ema = 1"},
		{[]string{"optimizer={adam,adamm}"}, "adamm"},
		{[]string{"batch={16,many}"}, "many"},
		{[]string{"schedule={cosine,cosin}"}, "cosin"},
		{[]string{"model={mlp:64,mpl:64}"}, "mpl"},
		{[]string{"non-finite={fail,explode}"}, "explode"},
		{[]string{"optimizer.beta2=0.5..1"}, "AdamW.Beta2 = 1"},
		{[]string{"optimizer.momentum=0..0.9"}, `adamw has no hyper-parameter "momentum"`},
		{[]string{"optimizer={sgd,adam}", "optimizer.momentum=0..0.9"}, `adam has no hyper-parameter "momentum"`},
		{[]string{"schedule.min=0..1"}, "has no such parameter"},
		{[]string{"schedule={cosine,step:every=5}", "schedule.gamma=-1..2 if schedule=step"}, "Gamma = -1"},
		{[]string{"model={softmax,mlp:64}", "width=8..64"}, "want an mlp"},
		{[]string{"depth=0..4"}, "depth = 0"},
		{[]string{"model.act={relu,gulu}"}, "gulu"},
	} {
		s := spaceOf(t, c.specs...)
		if _, err := NewSampler("random", s, 1); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%q: %v, want %q", c.specs, err, c.want)
		}
	}
	if _, err := NewSampler("grid", spaceOf(t, "lr=0..1"), 1); err == nil || !strings.Contains(err.Error(), "random, sobol, halton, tpe") {
		t.Errorf("sampler grid: %v", err)
	}
}

// Values are within their range and as near to the exact ones as they have digits;
// coordinates of a level, and their middle, stand for that level.
func TestSpaceRanges(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := Dimension{Key: "clip-norm", Log: rapid.Bool().Draw(t, "log"), Int: rapid.Bool().Draw(t, "int")}
		d.Low = math.Round(rapid.Float64Range(1, 1e4).Draw(t, "low"))
		d.High = d.Low + math.Round(rapid.Float64Range(1, 1e5).Draw(t, "width"))
		if !d.Log && rapid.Bool().Draw(t, "stepped") {
			d.Step = math.Ceil((d.High - d.Low) / float64(rapid.IntRange(1, 50).Draw(t, "steps")))
		}
		if err := d.check(); err != nil {
			t.Fatal(err)
		}
		u := rapid.Float64Range(0, 1).Draw(t, "u")
		v, err := strconv.ParseFloat(d.text(u), 64)
		if err != nil || v < d.Low || v > d.High || d.Int && v != math.Trunc(v) {
			t.Fatalf("%s at %v: %v, %v", d, u, v, err)
		}
		if d.levels() == 0 {
			exact, width := d.Low+u*(d.High-d.Low), d.High-d.Low
			if d.Log {
				exact = d.Low * math.Pow(d.High/d.Low, u)
				width = exact * math.Log(d.High/d.Low)
			}
			if math.Abs(v-exact) > width/1990 {
				t.Fatalf("%s at %v: %v, want %v", d, u, v, exact)
			}
			return
		}
		c := d.center(u)
		if d.text(c) != d.text(u) {
			t.Fatalf("%s: %v stands for %s, the middle %v for %s", d, u, d.text(u), c, d.text(c))
		}
		lo, hi := d.edges(d.level(u))
		if u < lo-1e-9 || u > hi+1e-9 {
			t.Fatalf("%s: %v is of level %d, whose edges are %v and %v", d, u, d.level(u), lo, hi)
		}
	})
}

// FuzzParseSpace: what is read is written so that it is read the same, and places of
// it have values.
func FuzzParseSpace(f *testing.F) {
	for _, seed := range []string{
		"lr=1e-4..1 log", "batch={16,32,64}", "width=8..256 int log", "optimizer={adam:beta1=0.5,eps=1e-6,sgd}",
		"model={mlp:128,64|softmax}", "clip-norm=0..5 step 0.5", "schedule.gamma=0.1..0.9 if schedule={a|b,c}", "lr=0...1", "lr={", "=1..2", "lr=1..2 step",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, spec string) {
		s, err := ParseSpace([]string{spec})
		if err != nil {
			return
		}
		d := s.Params[0]
		again, err := ParseSpace([]string{d.String()})
		if err != nil || again.Params[0].String() != d.String() || !slices.Equal(again.Params[0].Choices, d.Choices) || again.Params[0].Low != d.Low {
			t.Fatalf("%q is written %q, which is read as %v, %v", spec, d, again, err)
		}
		for _, u := range []float64{0, 0.3, 1} {
			if c := s.At([]float64{u}); slices.Collect(maps.Values(c))[0] == "" {
				t.Fatalf("%q at %v has no value", spec, u)
			}
		}
		_ = s.Check() // must not panic
	})
}
