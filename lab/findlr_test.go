package lab

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/descent-go/descent/data"
	"github.com/descent-go/descent/experiment"
	"github.com/descent-go/descent/internal/portable"
	"github.com/descent-go/descent/internal/rng"
	"github.com/descent-go/descent/optim"
	"github.com/descent-go/descent/train"
)

// findTask makes a task of a file of settings.
func findTask(tb testing.TB, lines ...string) *Task {
	tb.Helper()
	e, err := experiment.Parse("test.yaml", []byte(strings.Join(lines, "\n")))
	if err != nil {
		tb.Fatal(err)
	}
	t, err := NewTask(context.Background(), e, experiment.Inputs{})
	if err != nil {
		tb.Fatal(err)
	}
	return t
}

func findRate(tb testing.TB, t *Task, o FindOptions) *FoundRate {
	tb.Helper()
	r, err := FindRate(context.Background(), t, o)
	if err != nil {
		tb.Fatal(err)
	}
	return r
}

// tell describes a search for a failing test.
func tell(r *FoundRate) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s, %s: %d of %d, start %v\n", r.Task, r.Optimizer, r.Spent, r.Budget, r.Start)
	for _, s := range r.Suggestions {
		fmt.Fprintf(&b, "  %s: %g, loss %v\n", s.Criterion, s.Rate, s.Loss)
	}
	for _, t := range r.Tried {
		fmt.Fprintf(&b, "  %10.4g %12.5g %d %v\n", t.Rate, float64(t.Median), t.Diverged, t.Good)
	}
	if r.Answer != nil {
		fmt.Fprintf(&b, "  %+v", *r.Answer)
	} else {
		fmt.Fprintf(&b, "  %+v", *r.No)
	}
	return b.String()
}

// TestFindRateContainsTheBest measures, on problems of every kind, whether the
// answer contains a rate whose loss is within 10 % of the best of a fine grid. The
// grid is validated on nine seeds that the search has not seen, and has no rate on
// which one of them diverges. It also bounds how wide and how bad answers are, for
// an answer that holds everything would contain the best too.
func TestFindRateContainsTheBest(t *testing.T) {
	problems := [][]string{
		{"function: rosenbrock", "optimizer: sgd", "steps: 200"},
		{"function: beale", "optimizer: adam", "steps: 200"},
		{"function: himmelblau", "optimizer: momentum", "steps: 100"},
		{"function: booth", "optimizer: nesterov", "steps: 100"},
		{"function: quadratic:n=20,kappa=100,rotate=true", "optimizer: sgd", "steps: 200"},
		{"function: rosenbrock-n:n=10", "optimizer: adam", "steps: 200"},
		{"function: quadratic:n=50,kappa=30", "optimizer: rmsprop", "steps: 100", "noise: 1"},
		{"data: digits:n=300", "model: softmax", "optimizer: sgd", "steps: 60"},
		{"data: digits:n=300", "model: mlp:16", "optimizer: adamw", "steps: 60"},
		{"data: spirals:n=300", "model: mlp:16", "optimizer: adamw", "epochs: 15"},
	}
	right := 0
	widths := 0.0
	for _, lines := range problems {
		k := findTask(t, lines...)
		r := findRate(t, k, FindOptions{Parallel: 2})
		if r.Answer == nil {
			t.Errorf("no answer:\n%s", tell(r))
			continue
		}
		a := r.Answer
		f, err := newFinder(k, FindOptions{Seeds: 9, Seed: 1000, Steps: r.Steps, Parallel: 2})
		if err != nil {
			t.Fatal(err)
		}
		var rates []float64
		for i := range 61 { // three decades
			rates = append(rates, a.Best*portable.Pow(10, float64(i-30)/20))
		}
		rates = append(rates, a.Low, a.High, a.Best)
		slices.Sort(rates)
		if err := f.try(context.Background(), slices.Compact(rates)); err != nil {
			t.Fatal(err)
		}
		f.still = []float64{float64(r.Start)}
		best, inside, atBest := f.best(), math.Inf(1), 0.0
		for _, q := range f.tried {
			if q.Rate >= a.Low && q.Rate <= a.High && q.Diverged == 0 {
				inside = math.Min(inside, float64(q.Median))
			}
			if q.Rate == a.Best {
				atBest = float64(q.Median)
			}
		}
		// A millionth of the way down is no difference.
		limit := 1.1*float64(best.Median) + 1e-6*(float64(r.Start)-float64(best.Median))
		if inside <= limit {
			right++
		} else {
			t.Logf("best %.5g at %.4g, in the answer %.5g\n%s", float64(best.Median), best.Rate, inside, tell(r))
		}
		width := math.Log10(a.High / a.Low)
		widths += width / float64(len(problems))
		t.Logf("%-24s %-9s %9.3g to %9.3g (%.2f decades); best %9.3g at %8.3g, inside %9.3g, at %.3g %9.3g; start %.3g", k.Name(), r.Optimizer, a.Low, a.High, width,
			float64(best.Median), best.Rate, inside, a.Best, atBest, float64(r.Start))
		if width > 2 {
			t.Errorf("the answer is %.2f decades wide\n%s", width, tell(r))
		}
		if way := (float64(r.Start) - atBest) / (float64(r.Start) - float64(best.Median)); !(way > 0.8) {
			t.Errorf("the best rate of the answer goes %.2f of the way down\n%s", way, tell(r))
		}
	}
	if right < 9 {
		t.Errorf("the answer contains a rate within 10 %% of the best on %d of %d problems, want 9", right, len(problems))
	}
	if widths > 1 {
		t.Errorf("answers are %.2f decades wide in the mean, want at most 1", widths)
	}
}

// lottery is a model whose loss and gradients are chance alone: of the step and,
// when it is touchy, of where the parameters are.
type lottery struct {
	x, grad []float64
	draw    *rng.Rand
	touchy  bool
}

func (m *lottery) Init(seed uint64) {
	m.draw = rng.New(seed, "lottery")
	clear(m.x)
}
func (m *lottery) Params() []optim.Param[float64] {
	return []optim.Param[float64]{{Name: "x", Shape: []int{len(m.x)}, Data: m.x, Grad: m.grad}}
}
func (m *lottery) Loss(*data.Batch) (float64, error) {
	for i := range m.grad {
		m.grad[i] = m.draw.Normal()
	}
	loss := 3 + m.draw.Normal()
	if m.touchy {
		loss = 3 + rng.New(math.Float64bits(m.x[0])^m.draw.Uint64(), "loss").Normal()
	}
	return loss, nil
}
func (m *lottery) Noisy() bool                 { return true }
func (m *lottery) State() ([]byte, error)      { return m.draw.MarshalBinary() }
func (m *lottery) SetState(state []byte) error { return m.draw.UnmarshalBinary(state) }

func TestFindRateHasNoAnswer(t *testing.T) {
	check := func(name string, r *FoundRate, want NoReason) {
		t.Helper()
		if r.Answer != nil || r.No == nil || r.No.Reason != want || r.No.Why == "" {
			t.Errorf("%s: want %q\n%s", name, want, tell(r))
		}
	}
	for _, rule := range []string{"sgd", "adam", "momentum", "lion"} {
		o := FindOptions{Settings: Settings{"optimizer": rule}}
		check("constant", findRate(t, findTask(t, "function: 3 + 0*x", "steps: 50"), o), NoFall)
		check("constant with noise", findRate(t, findTask(t, "function: 3 + 0*x", "steps: 50", "noise: 1"), o), NoFall)
	}
	check("a peak", findRate(t, findTask(t, "function: exp(1e6*x^2)", "optimizer: sgd", "steps: 50"), FindOptions{}), NoStanding)

	chance := func(touchy bool) *Task {
		m := &lottery{x: make([]float64, 5), grad: make([]float64, 5), draw: rng.New(0, "lottery"), touchy: touchy}
		own, err := experiment.NewOwn(m, nil)
		if err != nil {
			t.Fatal(err)
		}
		e := experiment.DefaultOf(own)
		e.Steps, e.Optimizer = 40, "sgd"
		k, err := NewTask(context.Background(), e, experiment.Inputs{})
		if err != nil {
			t.Fatal(err)
		}
		return k
	}
	check("a loss that parameters do not touch", findRate(t, chance(false), FindOptions{}), NoFall)
	wrong := 0
	for seed := range uint64(40) {
		r := findRate(t, chance(true), FindOptions{Seed: 100 * seed})
		switch {
		case r.Answer != nil:
			wrong++
		case r.No.Reason != NoSignal:
			t.Errorf("chance: want %q\n%s", NoSignal, tell(r))
		}
	}
	// 1 in 128, and that only where the seeds that chose the rate agree by chance.
	if wrong > 1 {
		t.Errorf("%d answers in 40 for losses that are chance alone", wrong)
	}
}

// The result is the same for any number of trials at a time, and as JSON.
func TestFindRateIsTheSame(t *testing.T) {
	k := findTask(t, "data: digits:n=200", "model: mlp:8", "steps: 30")
	var first string
	for _, parallel := range []int{1, 4} {
		text, err := json.Marshal(findRate(t, k, FindOptions{Parallel: parallel, Seed: 7}))
		if err != nil {
			t.Fatal(err)
		}
		if first == "" {
			first = string(text)
		}
		if string(text) != first {
			t.Errorf("with %d at a time\n%s\nwant\n%s", parallel, text, first)
		}
	}
	var back FoundRate
	if err := json.Unmarshal([]byte(first), &back); err != nil || back.Answer == nil || len(back.Tried) == 0 {
		t.Errorf("%v: %s", err, first)
	}
}

// A program's own model is where training begins when the search is over.
func TestFindRatePutsBack(t *testing.T) {
	m := &lottery{x: []float64{1, 2}, grad: make([]float64, 2), draw: rng.New(3, "x")}
	own, err := experiment.NewOwn(struct{ train.Model[float64] }{m}, nil)
	if err != nil {
		t.Fatal(err)
	}
	e := experiment.DefaultOf(own)
	e.Steps, e.Optimizer = 20, "sgd"
	k, err := NewTask(context.Background(), e, experiment.Inputs{})
	if err != nil {
		t.Fatal(err)
	}
	findRate(t, k, FindOptions{})
	if !slices.Equal(m.x, []float64{1, 2}) {
		t.Errorf("the parameters are %v after the search, want 1 and 2", m.x)
	}
}

func TestFindRateKeepsItsBudget(t *testing.T) {
	k := findTask(t, "data: digits:n=300", "model: softmax", "optimizer: sgd", "epochs: 5")
	for _, o := range []FindOptions{{Budget: 1500}, {Budget: 4000, Seeds: 5}, {Budget: 3000, Steps: 20}, {Budget: 9000}} {
		told := int64(0)
		o.Sink = func(e Event) {
			if s, ok := e.(*Searching); ok {
				if s.Spent < told || s.Spent > s.Budget || s.Budget != o.Budget || s.Stage == "" {
					t.Errorf("%+v after %d", *s, told)
				}
				told = s.Spent
			}
		}
		r := findRate(t, k, o)
		if r.Spent > o.Budget || r.Spent != told || len(r.Tried) < leastRates {
			t.Errorf("budget %d: spent %d, told %d, %d rates", o.Budget, r.Spent, told, len(r.Tried))
		}
		if r.Answer == nil {
			t.Errorf("budget %d: no answer\n%s", o.Budget, tell(r))
		}
	}
	var small *BudgetError
	if _, err := FindRate(context.Background(), k, FindOptions{Budget: 100}); !errors.As(err, &small) {
		t.Fatalf("a budget of 100: %v", err)
	}
	if r := findRate(t, k, FindOptions{Budget: small.Least}); r.Spent > small.Least {
		t.Errorf("the least budget, %d: spent %d", small.Least, r.Spent)
	}
}

func TestFindRateRefuses(t *testing.T) {
	k := findTask(t, "function: booth", "steps: 20")
	for _, c := range []struct {
		o    FindOptions
		want string
	}{
		{FindOptions{Within: -1}, "FindOptions.Within = -1, want (0, 1]"},
		{FindOptions{Within: math.NaN()}, "FindOptions.Within = NaN, want (0, 1]"},
		{FindOptions{Seeds: 2}, "FindOptions.Seeds = 2, want at least 3"},
		{FindOptions{Steps: -1}, "FindOptions.Steps = -1, want at least 0"},
		{FindOptions{Budget: -1}, "FindOptions.Budget = -1, want at least 0"},
		{FindOptions{Settings: Settings{"optimizer": "sgdd"}}, `no rule "sgdd"`},
		{FindOptions{Settings: Settings{"batches": "3"}}, "no such setting"},
	} {
		if _, err := FindRate(context.Background(), k, c.o); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%+v: %v, want %q", c.o, err, c.want)
		}
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := FindRate(ctx, k, FindOptions{}); !errors.Is(err, context.Canceled) {
		t.Errorf("after the end: %v", err)
	}
}
