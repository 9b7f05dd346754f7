package lab

import (
	"context"
	"encoding/json"
	"errors"
	"math"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/descent-go/descent/internal/durable"
)

// contenders parses a list of rules.
func contenders(t *testing.T, specs ...string) []Contender {
	t.Helper()
	var all []Contender
	for _, spec := range specs {
		c, err := ParseContender(spec)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, c)
	}
	return all
}

// small returns the options of a small comparison.
func small(t *testing.T, tasks ...*Task) CompareOptions {
	o := DefaultCompare()
	o.Tasks, o.Contenders = tasks, contenders(t, "sgd", "momentum", "adam:lr=0.1")
	o.Trials, o.Finalists, o.FinalistSeeds, o.Seeds, o.Parallel = 5, 2, 2, 4, 2
	return o
}

func compare(t *testing.T, o CompareOptions) *Comparison {
	t.Helper()
	c, err := Compare(context.Background(), o)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// timeless returns the JSON of a comparison without what depends on the clock.
func timeless(t *testing.T, c *Comparison) string {
	t.Helper()
	text, err := json.Marshal(c)
	if err != nil {
		t.Fatal(err)
	}
	var back Comparison
	if err := json.Unmarshal(text, &back); err != nil {
		t.Fatal(err)
	}
	back.Seconds = 0
	for i := range back.Tasks {
		for k := range back.Tasks[i].Rows {
			row := &back.Tasks[i].Rows[k]
			row.Seconds, row.SecondsToTarget = Summary{}, Summary{}
			for j := range row.Runs {
				row.Runs[j].Seconds = 0
			}
		}
	}
	if text, err = json.Marshal(back); err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// The trials that are said to come, without those that are said to be spared, are
// those that come.
func TestTrialsForeseen(t *testing.T) {
	o := small(t, task(t, "function: rosenbrock\nsteps: 40"))
	o.Contenders = nil
	for _, spec := range []string{"adam:lr=0.3", "adam:lr=1e-6", "sgd:lr=0.002"} { // the best that there is, and others
		c, err := ParseContender(spec)
		if err != nil {
			t.Fatal(err)
		}
		c.Name = spec
		o.Contenders = append(o.Contenders, c)
	}
	said, spared, done := 0, 0, 0
	o.Sink = func(e Event) {
		switch e := e.(type) {
		case *ComparisonStarted:
			said = e.Trials
		case *RateChosen:
			if (e.Rate == e.Usual) != (e.Spared == o.Seeds) || e.Spared%o.Seeds != 0 {
				t.Errorf("%s: %d spared at %v, whose usual rate is %v", e.Contender, e.Spared, e.Rate, e.Usual)
			}
			spared += e.Spared
		case *TrialDone:
			done++
		}
	}
	compare(t, o)
	if done != said-spared {
		t.Errorf("%d trials done, of %d said %d spared", done, said, spared)
	}
	if spared == 0 || spared == 3*o.Seeds {
		t.Errorf("%d spared: a test of one case alone", spared)
	}
}

// Contenders get the same budget, the same number of trials, on the same seeds;
// fresh seeds are those that nothing was chosen by; nothing looks at test data
// before.
func TestProtocol(t *testing.T) {
	tests := 0
	o := small(t, task(t, "function: rosenbrock\nsteps: 40"), ownTask(t, &tests))
	seen := map[string]map[string][]Trial{} // by stage and contender
	o.Sink = func(e Event) {
		d, ok := e.(*TrialDone)
		if !ok {
			return
		}
		if d.Stage != "final" && d.Stage != "untuned" && tests > 0 {
			t.Errorf("%s looks at the test set", d.Stage)
		}
		stage := d.Task + " " + d.Stage
		if seen[stage] == nil {
			seen[stage] = map[string][]Trial{}
		}
		name := d.Outcome.Settings["optimizer"]
		seen[stage][name] = append(seen[stage][name], d.Outcome.Trial)
		if d.Stage == "untuned" || d.Stage == "final" {
			return
		}
		tests = 0
	}
	o.Parallel = 1
	c := compare(t, o)
	if want := 2 * 3 * o.Seeds; tests > want || tests == 0 {
		t.Errorf("the test set was looked at %d times, want up to %d", tests, want)
	}
	used := map[uint64]string{}
	for stage, by := range seen {
		for name, trials := range by {
			if strings.HasSuffix(stage, "tuning") && len(trials) != o.Trials {
				t.Errorf("%s: %d trials of %s, want %d", stage, len(trials), name, o.Trials)
			}
			if strings.HasSuffix(stage, "final") && len(trials) != o.Seeds {
				t.Errorf("%s: %d runs of %s, want %d", stage, len(trials), name, o.Seeds)
			}
			rates := map[string]bool{}
			for _, tr := range trials {
				rates[tr.Settings["lr"]] = true
				if tr.Steps != trials[0].Steps || tr.Steps == 0 {
					t.Errorf("%s: budgets of %d and %d", stage, tr.Steps, trials[0].Steps)
				}
				kind := "chosen by"
				if final := strings.HasSuffix(stage, "final") || strings.HasSuffix(stage, "untuned"); final {
					kind = "fresh"
				} else if tr.Test {
					t.Errorf("%s: a trial on the test set", stage)
				}
				if was := used[tr.Seed]; was != "" && was != kind {
					t.Errorf("seed %d is fresh and chosen by", tr.Seed)
				}
				used[tr.Seed] = kind
			}
			if strings.HasSuffix(stage, "tuning") && len(rates) != o.Trials {
				t.Errorf("%s: %d rates of %s, want %d", stage, len(rates), name, o.Trials)
			}
		}
	}
	for _, task := range c.Tasks {
		if len(task.Rows) != 3 {
			t.Errorf("%s: %d rows", task.Name, len(task.Rows))
		}
		for _, row := range task.Rows {
			if len(row.Runs) != o.Seeds || len(row.Rates) != o.Trials || len(row.Cost) != o.Trials {
				t.Errorf("%s, %s: %d runs, %d rates, cost of %d", task.Name, row.Name, len(row.Runs), len(row.Rates), len(row.Cost))
			}
		}
	}
	if c.Tasks[0].Measure != "value" || c.Tasks[1].Measure != "test loss" || c.Tasks[1].Objective != "validation loss" {
		t.Errorf("measures %q, %q of %q", c.Tasks[0].Measure, c.Tasks[1].Measure, c.Tasks[1].Objective)
	}
}

// The result is the same for any number of trainings at a time, and when the work
// is interrupted again and again.
func TestCompareSame(t *testing.T) {
	o := small(t,
		task(t, "function: rosenbrock\nsteps: 60"),
		task(t, "function: quadratic:n=5\nsteps: 30\nnoise: 0.5"),
		task(t, "data: digits:n=200\nmodel: mlp:8\nepochs: 1"),
		task(t, "data: spirals:n=100\nmodel: mlp:8\nepochs: 1\nval: 0"))
	var want string
	for _, n := range []int{1, 2, 4} {
		o.Parallel = n
		got := timeless(t, compare(t, o))
		if want == "" {
			want = got
		}
		if got != want {
			t.Errorf("%d at a time: another result", n)
		}
	}
	path := filepath.Join(t.TempDir(), "trials")
	for done := false; !done; {
		j, err := OpenJournal(durable.OS, path)
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(context.Background())
		var mu sync.Mutex
		fresh := 0
		o.Journal, o.Sink = j, func(e Event) {
			mu.Lock()
			defer mu.Unlock()
			if d, ok := e.(*TrialDone); ok && !d.Known {
				if fresh++; fresh == 60 {
					cancel()
				}
			}
		}
		c, err := Compare(ctx, o)
		switch {
		case err == nil:
			done = true
			if got := timeless(t, c); got != want {
				t.Error("interrupted: another result")
			}
		case !errors.Is(err, context.Canceled):
			t.Fatal(err)
		}
		cancel()
		if err := j.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

func TestCompareErrors(t *testing.T) {
	k := task(t, "function: rosenbrock\nsteps: 40")
	for want, change := range map[string]func(*CompareOptions){
		"Trials = 0, want at least 1":             func(o *CompareOptions) { o.Trials = 0 },
		"Trials = 401, want at most 100 for each": func(o *CompareOptions) { o.Trials = 401 },
		"Seeds = 0":                                        func(o *CompareOptions) { o.Seeds = 0 },
		"want at most 499":                                 func(o *CompareOptions) { o.Seeds = 500 },
		"Finalists = 0":                                    func(o *CompareOptions) { o.Finalists = 0 },
		"Decades = 0, want [0.1, 20]":                      func(o *CompareOptions) { o.Decades = 0 },
		"Confidence = 1, want (0, 1)":                      func(o *CompareOptions) { o.Confidence = 1 },
		"Target = NaN":                                     func(o *CompareOptions) { v := math.NaN(); o.Target = &v },
		"Steps = -1":                                       func(o *CompareOptions) { o.Steps = -1 },
		"tasks: their number = 0":                          func(o *CompareOptions) { o.Tasks = nil },
		"contenders: their number = 0":                     func(o *CompareOptions) { o.Contenders = nil },
		`two contenders are called "adam"`:                 func(o *CompareOptions) { o.Contenders = contenders(t, "adam", "adam:lr=1") },
		`the rate of contender "adam" is 0`:                func(o *CompareOptions) { o.Contenders = contenders(t, "adam:lr=0") },
		`two tasks are called "rosenbrock"`:                func(o *CompareOptions) { o.Tasks = []*Task{k, k} },
		"lab: rosenbrock: experiment: schedule = nonesuch": func(o *CompareOptions) { o.Schedule = "nonesuch" },
	} {
		o := small(t, k)
		change(&o)
		if _, err := Compare(context.Background(), o); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
	}
	if _, err := ParseContender("adamm"); err == nil {
		t.Error("adamm is a contender")
	}
	var names []string
	for _, c := range Classic() {
		names = append(names, c.Name)
	}
	if len(names) != 8 || !slices.Contains(names, "radam") {
		t.Errorf("the classic family is %v", names)
	}
}
