package experiment

import (
	"slices"
	"strings"
	"testing"
)

func TestSplitRules(t *testing.T) {
	for _, c := range []struct {
		list string
		want []string
	}{
		{"adam", []string{"adam"}},
		{"adam, sgd", []string{"adam", "sgd"}},
		{"adam:beta1=0.8,beta2=0.99,sgd", []string{"adam:beta1=0.8,beta2=0.99", "sgd"}},
		{"sgd:momentum=0.9,nesterov,adam", []string{"sgd:momentum=0.9", "nesterov", "adam"}},
		{"sgd:momentum=0.9,nesterov=true,adam", []string{"sgd:momentum=0.9,nesterov=true", "adam"}},
		{"rmsprop:rho=0.9,centered,adam", []string{"rmsprop:rho=0.9,centered", "adam"}},
		{"adam,beta1=0.9", []string{"adam", "beta1=0.9"}},
		{"adam,foo,sgd", []string{"adam", "foo", "sgd"}},
		{"adam:lr=0.1,sgd:lr=1", []string{"adam:lr=0.1", "sgd:lr=1"}},
		{"adam:schedule=cosine,sgd", []string{"adam:schedule=cosine", "sgd"}},
		{"adam:schedule=(step:every=3,gamma=0.5),lr=1,sgd:schedule=0.5*(cosine:min=0.1,total=9)", []string{"adam:schedule=(step:every=3,gamma=0.5),lr=1", "sgd:schedule=0.5*(cosine:min=0.1,total=9)"}},
		{"adam),sgd,(lion,radam", []string{"adam)", "sgd", "(lion,radam"}},
	} {
		if got := SplitRules(c.list); !slices.Equal(got, c.want) {
			t.Errorf("SplitRules(%q) = %q, want %q", c.list, got, c.want)
		}
	}
}

// A rate may be among the options of a rule, and is not one of them.
func TestParseRule(t *testing.T) {
	lr := 0.5
	for _, c := range []struct {
		spec, want string
		rate       float64
	}{
		{"sgd", "sgd", 0.5},
		{"sgd:lr=0.1", "sgd", 0.1},
		{"sgd:lr=0", "sgd", 0},
		{"sgd:momentum=0.9, lr = 2,nesterov", "sgd:momentum=0.9,nesterov=true", 2},
		{"adam:beta2=0.999", "adam", 0.5},
	} {
		r, err := ParseRule(c.spec)
		if err != nil {
			t.Errorf("%s: %v", c.spec, err)
			continue
		}
		if got := r.Or(&lr); r.Spec != c.want || got != c.rate {
			t.Errorf("%s: %s at %v, want %s at %v", c.spec, r.Spec, got, c.want, c.rate)
		}
	}
	if r, err := ParseRule("adam"); err != nil || r.Or(nil) != r.Info().Rate {
		t.Errorf("without a rate: %v, want the registry's", err)
	}
	for spec, want := range map[string]string{
		"adam:schedule=cosine": "want adam and the schedule cosine beside it", "sgd:lr=-1": "lr = -1, want", "sgd:lr=x": "lr = x, want", "sgd:lr=NaN": "want a finite number", "sgd:lr=Inf": "finite",
		"adamm": "adamw", "sgd:speed=1": "momentum", "": "no rule",
	} {
		if _, err := ParseRule(spec); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", spec, err, want)
		}
	}
}

// A schedule of its own is cut out of a rule, and written back.
func TestCutSchedule(t *testing.T) {
	for _, c := range []struct{ spec, rule, schedule, again string }{
		{"adam", "adam", "", "adam"},
		{"adam:lr=0.1,beta1=0.5", "adam:lr=0.1,beta1=0.5", "", "adam:lr=0.1,beta1=0.5"},
		{"adam:schedule=cosine", "adam", "cosine", "adam:schedule=cosine"},
		{"sgd:lr=0.1, schedule = step:every=30 ,nesterov", "sgd:lr=0.1,nesterov", "step:every=30", "sgd:lr=0.1,nesterov,schedule=step:every=30"},
		{"sgd:schedule=(step:every=30,gamma=0.5),lr=2", "sgd:lr=2", "step:every=30,gamma=0.5", "sgd:lr=2,schedule=(step:every=30,gamma=0.5)"},
		{"sgd:schedule=((cosine))", "sgd", "cosine", "sgd:schedule=cosine"},
		{"sgd:schedule=(cosine)*(step:every=3,gamma=0.5)", "sgd", "(cosine)*(step:every=3,gamma=0.5)", "sgd:schedule=((cosine)*(step:every=3,gamma=0.5))"},
		{"sgd:schedule=warmup:steps=10+cosine", "sgd", "warmup:steps=10+cosine", "sgd:schedule=warmup:steps=10+cosine"},
	} {
		rule, schedule, err := CutSchedule(c.spec)
		if err != nil || rule != c.rule || schedule != c.schedule {
			t.Errorf("%s: %q and %q, %v, want %q and %q", c.spec, rule, schedule, err, c.rule, c.schedule)
		}
		if again := WithSchedule(rule, schedule); again != c.again {
			t.Errorf("%s: written %s, want %s", c.spec, again, c.again)
		}
		if r, s, err := CutSchedule(c.again); err != nil || r != c.rule || s != c.schedule {
			t.Errorf("%s is read back as %q and %q, %v", c.again, r, s, err)
		}
	}
	for _, spec := range []string{"adam:schedule=", "adam:schedule", "adam:schedule=()", "adam:schedule=cosine,schedule=step"} {
		if rule, schedule, err := CutSchedule(spec); err == nil {
			t.Errorf("%s: %q and %q, want an error", spec, rule, schedule)
		}
	}
}

func TestWithOption(t *testing.T) {
	for rule, want := range map[string]string{"adam": "adam:lr=0.1", "sgd:momentum=0.9": "sgd:momentum=0.9,lr=0.1"} {
		if got := WithOption(rule, "lr", "0.1"); got != want {
			t.Errorf("%s: %s, want %s", rule, got, want)
		}
	}
}
