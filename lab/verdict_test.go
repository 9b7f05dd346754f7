package lab

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/descent-go/descent/lab/internal/stats"
	"github.com/descent-go/descent/train"
)

// noisy is a problem where stochastic gradient descent ends at a level that its rate
// and the noise make: a fifth more rate is about a fifth more loss.
const noisy = "function: quadratic:n=20,kappa=4\nsteps: 150\nnoise: 1"

const repetitions = 100

// untunedOptions compares given rates on ten seeds.
func untunedOptions(k *Task, all []Contender, repetition int) CompareOptions {
	o := DefaultCompare()
	o.Tasks, o.Contenders, o.Parallel = []*Task{k}, all, 2
	o.Trials, o.Finalists, o.FinalistSeeds, o.Seed = 1, 1, 0, uint64(repetition)
	return o
}

// A rule under two names is no winner over itself; nor are two forms of it, which
// differ by rounding.
func TestSameRuleTwice(t *testing.T) {
	for text, all := range map[string][]Contender{
		noisy: {{Name: "a", Optimizer: "sgd", Usual: 0.05}, {Name: "b", Optimizer: "sgd", Usual: 0.05}},
		"function: quadratic:n=20,kappa=50\nsteps: 150": {{Name: "a", Optimizer: "momentum", Usual: 0.01}, {Name: "b", Optimizer: "sgd:momentum=0.9", Usual: 0.01}},
	} {
		k := task(t, text)
		for i := range repetitions {
			v := compare(t, untunedOptions(k, all, i)).Tasks[0].Verdict
			if v.Winner != "" || v.MoreSeeds != 0 || !strings.HasPrefix(v.Text, "No clear difference") {
				t.Fatalf("%s: %+v", text, v)
			}
		}
	}
}

// Rules that are alike, with noise of their own, are told apart in 5 of 100
// comparisons at most; three of them too.
func TestTie(t *testing.T) {
	k := task(t, noisy)
	for _, rules := range []int{2, 3} {
		wrong := 0
		for i := range repetitions {
			c := TaskComparison{Measure: "value"}
			for r := range rules {
				trials := make([]Trial, 10)
				for s := range trials {
					trials[s] = Trial{Settings: Settings{"optimizer": "sgd", "lr": "0.05"}, Seed: uint64(i*1000 + r*100 + s)}
				}
				p := Pool{Parallel: 2}
				runs, err := p.Run(context.Background(), k, trials)
				if err != nil {
					t.Fatal(err)
				}
				c.Rows = append(c.Rows, Row{Name: string(rune('a' + r)), Runs: runs, Final: summarize(measures(runs))})
			}
			slices.SortStableFunc(c.Rows, byFinal)
			if err := c.judge(DefaultCompare().Confidence, uint64(i)); err != nil {
				t.Fatal(err)
			}
			if c.Verdict.Winner != "" {
				wrong++
			}
		}
		t.Logf("%d rules that are alike: a winner in %d of %d", rules, wrong, repetitions)
		if wrong > repetitions*5/100 {
			t.Errorf("%d rules that are alike: a winner in %d of %d, want at most 5 %%", rules, wrong, repetitions)
		}
	}
}

// A difference of 20 % is found in 90 of 100 comparisons at least.
func TestPlanted(t *testing.T) {
	k := task(t, noisy)
	all := []Contender{{Name: "worse", Optimizer: "sgd", Usual: 0.0592}, {Name: "better", Optimizer: "sgd", Usual: 0.05}}
	found, ratio := 0, 0.0
	for i := range repetitions {
		c := compare(t, untunedOptions(k, all, i)).Tasks[0]
		if v := c.Verdict; v.Winner == "better" {
			found++
		} else if v.Winner != "" {
			t.Errorf("the winner is %s", v.Winner)
		}
		if d := c.Rows[1].Difference; d != nil && c.Rows[1].Name == "worse" {
			ratio += float64(d.Median) / repetitions
		}
	}
	t.Logf("a difference of %.1f %%: found in %d of %d", 100*(ratio-1), found, repetitions)
	if found < repetitions*90/100 {
		t.Errorf("found in %d of %d, want 90 %%", found, repetitions)
	}
	if ratio < 1.15 || ratio > 1.2 {
		t.Errorf("the difference is ×%.3f, want hardly less than ×1.2", ratio)
	}
}

// runs makes runs that ended with these losses.
func runs(losses ...float64) []Outcome {
	all := make([]Outcome, len(losses))
	for i, l := range losses {
		all[i].Final = train.Real(l)
		if math.IsInf(l, 1) {
			all[i].Diverged = &train.Diverged{}
		}
	}
	return all
}

func ramp(from, by float64) []Outcome {
	losses := make([]float64, 10)
	for i := range losses {
		losses[i] = from + by*float64(i)
	}
	return runs(losses...)
}

func TestVerdictText(t *testing.T) {
	inf := math.Inf(1)
	crossed := runs(1.9, 1.8, 1.7, 1.6, 1.5, 1.4, 1.3, 1.2, 1.1, 1)
	lost := runs(inf, inf, inf, inf, inf, inf, inf, inf, inf, inf)
	for _, c := range []struct {
		rows         [][]Outcome
		winner, text string
	}{
		{[][]Outcome{ramp(1, 0.1)}, "", "There is nothing to compare a with."},
		{[][]Outcome{lost, lost}, "", "Nothing to compare: all rules diverge on most seeds, at every rate that was tried."},
		{[][]Outcome{ramp(1, 0.1), ramp(2, 0.2)}, "a", "a is the best: its value is clearly the lowest. The next, b, ends 2 times as high (2 to 2)."},
		{[][]Outcome{ramp(1, 0.1), lost}, "a", "a is the best: its value is clearly the lowest. The next, b, ends in divergence."},
		{[][]Outcome{ramp(-3, 0.1), ramp(2, 0.1)}, "a", "a is the best: its value is clearly the lowest. The next, b, ends 5 higher (5 to 5)."},
		{[][]Outcome{ramp(1, 0.1), ramp(1, 0.1), lost}, "", "No clear difference between a and b in 10 seeds; the other is clearly worse. On every seed they end alike."},
		{[][]Outcome{ramp(1, 0.1), ramp(1, 0.1), crossed}, "", "No clear difference between a and b or c in 10 seeds. By the spread that they have, not even 499 seeds would settle it."},
		{[][]Outcome{runs(1, 2, 3, 4, 5, 6, 7), runs(3, 1.9, 9, 12, 15, 18, 21), runs(3, 6, 2.9, 12, 15, 18, 21)}, "", "No clear difference between a and b or c in 7 seeds. 7 seeds are too few to tell 3 contenders apart with a confidence of 97 %. By the spread that they have, 10 would probably settle it."},
		{[][]Outcome{ramp(1, 0.1)[:4], ramp(2, 0.1)[:4]}, "", "No clear difference between a and b in 4 seeds. Fewer than 7 seeds cannot tell anything apart with a confidence of 97 %."},
	} {
		k := TaskComparison{Measure: "value"}
		for i, o := range c.rows {
			k.Rows = append(k.Rows, Row{Name: string(rune('a' + i)), Runs: o, Final: summarize(measures(o))})
		}
		if err := k.judge(stats.DefaultJudge().Confidence, 0); err != nil {
			t.Fatal(err)
		}
		if k.Verdict.Winner != c.winner || k.Verdict.Text != c.text {
			t.Errorf("winner %q: %s\nwant %q: %s", k.Verdict.Winner, k.Verdict.Text, c.winner, c.text)
		}
	}
	if n := fewestSeeds(0.95); n != 6 {
		t.Errorf("%d seeds at least for 95 %%, want 6", n)
	}
}

// The target is what three of four end with in three runs of four; who reaches it is
// timed by the curve.
func TestTarget(t *testing.T) {
	curve := func(losses ...float64) Outcome {
		o := Outcome{Steps: int64(10 * len(losses)), Seconds: float64(len(losses))}
		for i, l := range losses {
			o.Curve = append(o.Curve, Point{int64(10 * (i + 1)), train.Real(l)})
		}
		o.Final = o.Curve[len(losses)-1].Loss
		return o
	}
	c := TaskComparison{Objective: "value"}
	for i, all := range [][]Outcome{
		{curve(5, 1, 1), curve(3, 1, 1)},
		{curve(5, 4, 2), curve(5, 4, 2)},
		{curve(5, 4, 3), curve(2, 4, 3)},
		{curve(9, 9, 9), curve(9, 9, 9)},
	} {
		c.Rows = append(c.Rows, Row{Name: string(rune('a' + i)), Runs: all, Objective: summarize(objectives(all))})
	}
	c.aim(nil)
	if c.Target != 3 {
		t.Fatalf("the target is %v, want 3", c.Target)
	}
	for i, want := range []struct {
		steps, seconds train.Real
		reached        int
	}{{15, 1.5, 2}, {30, 3, 2}, {20, 2, 2}, {train.Real(math.Inf(1)), train.Real(math.Inf(1)), 0}} {
		row := c.Rows[i]
		if row.StepsToTarget.Median != want.steps || row.SecondsToTarget.Median != want.seconds || row.Reached != want.reached {
			t.Errorf("%s: %v steps, %v s, reached by %d, want %+v", row.Name, row.StepsToTarget.Median, row.SecondsToTarget.Median, row.Reached, want)
		}
	}
	low := 0.5
	if c.aim(&low); c.Target != 0.5 || c.TargetRule != "given" {
		t.Errorf("target %v, %s", c.Target, c.TargetRule)
	}
}

// Contenders that often diverge have no part in the target: two would have none.
func TestTargetBesideDivergence(t *testing.T) {
	inf := math.Inf(1)
	for _, c := range []struct {
		ends   [][]Outcome
		target float64
		rule   string
	}{
		{[][]Outcome{runs(1, 2, 3, 4), runs(5, inf, inf, 5)}, 3.25, "without those that often diverge"},
		{[][]Outcome{runs(1, 2, 3, 4), runs(5, 6, 6, 7, inf)}, 7, "in three runs of four"},
		{[][]Outcome{runs(inf, inf), runs(inf, inf)}, inf, "every contender diverges"},
	} {
		k := TaskComparison{}
		for _, o := range c.ends {
			k.Rows = append(k.Rows, Row{Objective: summarize(objectives(o)), Runs: o})
		}
		if k.aim(nil); math.Abs(float64(k.Target)-c.target) > 1e-9 || !strings.Contains(k.TargetRule, c.rule) {
			t.Errorf("target %v: %s; want %v: %s", k.Target, k.TargetRule, c.target, c.rule)
		}
	}
}

// With four tasks there are profiles, in steps to the target.
func TestProfiles(t *testing.T) {
	c := Comparison{Protocol: Protocol{Contenders: []string{"a", "b"}}}
	for i, steps := range [][2]float64{{10, 20}, {30, 10}, {5, math.Inf(1)}, {math.Inf(1), math.Inf(1)}} {
		row := func(name string, v float64) Row {
			return Row{Name: name, StepsToTarget: Summary{Median: train.Real(v)}}
		}
		c.Tasks = append(c.Tasks, TaskComparison{Name: fmt.Sprint(i), Rows: []Row{row("b", steps[1]), row("a", steps[0])}})
		c.profile()
		if (c.Profiles != nil) != (i == 3) {
			t.Fatalf("%d tasks: profiles %v", i+1, c.Profiles)
		}
	}
	inf := train.Real(math.Inf(1))
	if !slices.Equal(c.Profiles[0].Ratios, []train.Real{1, 3, 1, inf}) || !slices.Equal(c.Profiles[1].Ratios, []train.Real{2, 1, inf, inf}) {
		t.Errorf("profiles %v", c.Profiles)
	}
	c.Tasks[1].Verdict.Winner, c.Tasks[2].Verdict.Winner = "b", "a"
	if c.summarize(); c.Summary != "a is the best on 1 of 4 tasks; b is the best on 1 of 4 tasks; no clear difference on 2 of 4 tasks." {
		t.Error(c.Summary)
	}
}
