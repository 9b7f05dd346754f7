package lab

import (
	"context"
	"math"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// dimensions parses a space.
func dimensions(t *testing.T, specs ...string) []Dimension {
	t.Helper()
	all, err := ParseDimensions(specs)
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// roomy returns the options of a small comparison in which some contenders are tuned
// over more than the rate.
func roomy(t *testing.T) CompareOptions {
	o := small(t, task(t, "function: rosenbrock\nsteps: 40"))
	o.Contenders = contenders(t, "sgd", "sgd:momentum=0.9", "adam:lr=0.1", "rmsprop")
	o.Trials = 8
	o.Space = dimensions(t, "optimizer.momentum=0.5..0.99 if optimizer=sgd", "optimizer.beta1=0.5..0.95", "optimizer.beta2=0.9..0.999")
	return o
}

// A contender is tuned over what its rule has and what it does not say itself, in as
// many trials as the others; the final runs are of what was chosen.
func TestCompareSpace(t *testing.T) {
	o := roomy(t)
	counts := map[string]map[string]int{}
	o.Parallel = 1
	order := []string{}
	o.Sink = func(e Event) {
		if d, ok := e.(*TrialDone); ok {
			if counts[d.Stage] == nil {
				counts[d.Stage], order = map[string]int{}, append(order, d.Stage)
			}
			rule, options, _ := strings.Cut(d.Outcome.Settings["optimizer"], ":")
			if options == "momentum=0.9" {
				rule = "sgd:momentum=0.9"
			}
			counts[d.Stage][rule]++
		}
	}
	c := compare(t, o)
	if !slices.Equal(order, []string{"tuning", "selection", "sensitivity", "final", "untuned"}) {
		t.Errorf("stages %q", order)
	}
	for _, rule := range []string{"sgd", "sgd:momentum=0.9", "adam", "rmsprop"} {
		if counts["tuning"][rule] != o.Trials || counts["final"][rule] != o.Seeds {
			t.Errorf("%s: %d trials, %d final runs, want %d, %d", rule, counts["tuning"][rule], counts["final"][rule], o.Trials, o.Seeds)
		}
	}
	for name, want := range map[string][]string{
		"sgd": {"optimizer.momentum"}, "sgd:momentum=0.9": nil, "adam": {"optimizer.beta1", "optimizer.beta2"}, "rmsprop": nil,
	} {
		row := c.Tasks[0].row(name)
		keys := map[string]bool{}
		for _, p := range row.Places {
			for key := range p.Values {
				keys[key] = true
			}
		}
		if len(keys) != len(want) || want != nil && (len(row.Places) != o.Trials || len(row.Cost) != o.Trials) {
			t.Errorf("%s: tuned over %v in %d places, want %v", name, keys, len(row.Places), want)
		}
		if want == nil && (row.Values != nil || len(row.Rates) != o.Trials) {
			t.Errorf("%s: values %v, %d rates", name, row.Values, len(row.Rates))
		}
		for _, key := range want {
			if !keys[key] {
				t.Errorf("%s is not tuned over %s", name, key)
			}
		}
		if want != nil && counts["sensitivity"][name] < 4 {
			t.Errorf("%s: %d trials of the rate alone", name, counts["sensitivity"][name])
		}
		spec := row.Runs[0].Settings["optimizer"]
		for key, value := range row.Values {
			if option := strings.TrimPrefix(key, "optimizer."); !strings.Contains(spec, option+"="+value) && value != "0.9" && value != "0.999" {
				t.Errorf("%s: the final runs are of %s, chosen is %s = %s", name, spec, key, value)
			}
		}
		if !slices.ContainsFunc(row.Rates, func(p RatePoint) bool { return p.Rate == row.Rate }) {
			t.Errorf("%s: the rates around the chosen %v are without it", name, row.Rate)
		}
		if !slices.IsSortedFunc(row.Rates, func(a, b RatePoint) int { return int(math.Copysign(1, a.Rate-b.Rate)) }) {
			t.Errorf("%s: rates in no order", name)
		}
	}
	if p := c.Protocol; len(p.Space) != 3 || p.Space[0] != "optimizer.momentum=0.5..0.99 if optimizer=sgd" || !strings.Contains(strings.Join(p.Text, " "), p.Space[1]) {
		t.Errorf("protocol %q, %q", p.Space, p.Text)
	}
}

// The result does not depend on Parallel, and an interrupted comparison goes on.
func TestCompareSpaceResumes(t *testing.T) {
	o := roomy(t)
	o.Parallel = 1
	want := timeless(t, compare(t, o))
	path := filepath.Join(t.TempDir(), "j")
	o.Parallel = 3
	ctx, cancel := context.WithCancel(context.Background())
	n := 0
	o.Sink = func(e Event) {
		if _, ok := e.(*TrialDone); ok {
			if n++; n == 41 {
				cancel()
			}
		}
	}
	o.Journal = journal(t, path)
	if _, err := Compare(ctx, o); err == nil {
		t.Fatal("was not interrupted")
	}
	kept := o.Journal.Len()
	if err := o.Journal.Close(); err != nil {
		t.Fatal(err)
	}
	fresh := 0
	o.Journal, o.Sink = journal(t, path), func(e Event) {
		if d, ok := e.(*TrialDone); ok && !d.Known {
			fresh++
		}
	}
	c := compare(t, o)
	if got := timeless(t, c); got != want {
		t.Errorf("resumed:\n%s\nwant\n%s", got, want)
	}
	if kept == 0 || fresh == 0 || fresh > c.Trials-kept {
		t.Errorf("%d trials kept, %d new ones of %d", kept, fresh, c.Trials)
	}
}

func TestCompareSpaceRefuses(t *testing.T) {
	for spec, want := range map[string]string{
		"optimizer.gamma=0..1":                    "no contender leaves it open",
		"optimizer.beta1=0.5..2":                  "contender adam: dimension optimizer.beta1=0.5..2",
		"batch={8,16}":                            "want lr, optimizer.NAME",
		"optimizer={sgd,adam}":                    "want lr, optimizer.NAME",
		"schedule={cosine,constant}":              "want lr, optimizer.NAME",
		"width=8..16":                             "want lr, optimizer.NAME",
		"model.act={relu,tanh}":                   "want lr, optimizer.NAME",
		"optimizer.beta1=0..0.5 if optimizer=foo": "no such rule is compared",
		"clip-norm=1..2 if schedule=cosine":       "want optimizer or an earlier dimension with choices",
		"schedule.min=0..1":                       "has no such parameter",
	} {
		o := roomy(t)
		o.Space = dimensions(t, spec)
		if err := o.CheckSpace(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %s", spec, err, want)
		}
		if _, err := Compare(t.Context(), o); err == nil {
			t.Errorf("%s: compared", spec)
		}
	}
	o := roomy(t)
	o.Trials = 1
	if _, err := Compare(t.Context(), o); err == nil || !strings.Contains(err.Error(), "want at least 2 in a space") {
		t.Errorf("one trial: %v", err)
	}
}

// All contenders are tuned over a setting of the task; a range of rates is kept to.
func TestCompareSpaceRates(t *testing.T) {
	o := roomy(t)
	o.Space = dimensions(t, "lr=1e-4..1e-2 log", "clip-norm=0.1..10 log")
	c := compare(t, o)
	for _, row := range c.Tasks[0].Rows {
		if len(row.Places) != o.Trials {
			t.Errorf("%s: %d places", row.Name, len(row.Places))
		}
		for _, p := range row.Places {
			if usual := p.Values == nil; !usual && (p.Rate < 1e-4 || p.Rate > 1e-2 || p.Values["clip-norm"] == "") {
				t.Errorf("%s: tried %v, %v", row.Name, p.Rate, p.Values)
			}
		}
	}
}

// bend is a loss with a valley in the rate and in the other value.
func bend(valley, other float64) func(p place) float64 {
	return func(p place) float64 {
		v, ok := number(p.values["optimizer.momentum"])
		if !ok {
			v = 0
		}
		at := math.Log10(p.rate / 0.01)
		if at > valley+1 {
			return math.Inf(1)
		}
		return 1 + math.Abs(at-valley) + 3*math.Abs(v-other)
	}
}

// driveScatter runs a search of the rate and of momentum in [0, 1] to its end.
func driveScatter(t testing.TB, trials int, loss func(place) float64) *scatter {
	t.Helper()
	all, err := ParseDimensions([]string{"optimizer.momentum=0..0.99"})
	if err != nil {
		t.Fatal(err)
	}
	o := DefaultCompare()
	o.Trials, o.Space = trials, all
	c := Contender{Name: "sgd", Optimizer: "sgd", Usual: 0.01}
	l := &lane{Contender: c, usual: place{rate: c.Usual}, space: &Space{Params: append([]Dimension{o.rates(&c)}, all...), Base: Settings{"optimizer": "sgd"}}}
	s, err := newSeeker(&o, l)
	if err != nil {
		t.Fatal(err)
	}
	for {
		places := s.next()
		if len(places) == 0 {
			return s.(*scatter)
		}
		losses := make([]float64, len(places))
		for i, p := range places {
			losses[i] = loss(p)
		}
		s.take(losses)
	}
}

// It finds valleys within the range that it begins with, beyond its edges, and below
// it when everything diverges.
func TestScatter(t *testing.T) {
	for _, c := range []struct{ valley, other, near float64 }{
		{0.3, 0.8, 0.5}, {-1.5, 0.2, 0.5}, {2.5, 0.9, 1}, {-2.6, 0.5, 1}, {-4, 0.5, 2},
	} {
		s := driveScatter(t, 40, bend(c.valley, c.other))
		best := slices.MinFunc(s.tried, betterPlace)
		if got := best.loss - 1; !(got <= c.near) {
			t.Errorf("valley %v, %v: the best is %v above it at %v, %v; want at most %v", c.valley, c.other, got, best.rate, best.values, c.near)
		}
	}
}

// Whatever the losses are: as many trials as asked for, the usual place first, and all
// that did not diverge ranked by their losses.
func TestScatterProperty(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		trials := rapid.IntRange(2, 40).Draw(r, "trials")
		s := driveScatter(t, trials, func(place) float64 {
			return rapid.SampledFrom([]float64{1, 1, 2, 3, math.Inf(1)}).Draw(r, "loss")
		})
		if len(s.tried) != trials || !s.tried[0].is(place{rate: 0.01}) {
			r.Fatalf("%d trials, the first at %+v", len(s.tried), s.tried[0].place)
		}
		sane := 0
		for _, a := range s.tried {
			if !(a.rate > 0) || math.IsInf(a.rate, 1) {
				r.Fatalf("rate %v", a.rate)
			}
			if !math.IsInf(a.loss, 1) {
				sane++
			}
		}
		if n := len(s.ranked()); n != max(sane, 1) {
			r.Fatalf("%d places, want %d", n, max(sane, 1))
		}
	})
}

// A coordinate is that of the value that it stands for.
func TestCoordinate(t *testing.T) {
	for _, spec := range []string{"lr=1e-4..1 log", "optimizer.beta1=0.5..0.99", "average-from=3..9", "clip-norm=0..5 step 0.5", "schedule.kind={a,b,c}"} {
		d, err := parseDimension(spec)
		if err != nil {
			t.Fatal(err)
		}
		rapid.Check(t, func(r *rapid.T) {
			text := d.text(rapid.Float64Range(0, 1).Draw(r, "u"))
			if again := d.text(d.coordinate(text)); again != text {
				v, _ := number(text)
				w, _ := number(again)
				if d.levels() > 0 || math.Abs(v-w) > 1e-3*math.Abs(v) {
					r.Fatalf("%s: %s comes back as %s", spec, text, again)
				}
			}
		})
		if u := d.coordinate("nothing"); u != 0.5 {
			t.Errorf("%s: %v for what is no value", spec, u)
		}
	}
}
