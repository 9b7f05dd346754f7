package lab

import (
	"context"
	"math"
	"testing"

	"github.com/descent-go/descent/data"
	"github.com/descent-go/descent/experiment"
	"github.com/descent-go/descent/internal/rng"
	"github.com/descent-go/descent/optim"
)

// jackpot is ½(x − 1)² from 0. Who takes a step of more than a half, on most seeds
// wins, and on the others loses.
type jackpot struct {
	x, grad []float64
	lucky   bool
	last    float64
	over    bool
}

func luckySeed(seed uint64) bool { return rng.New(seed, "jackpot").Float64() < 0.7 }

func (m *jackpot) Init(seed uint64) {
	m.lucky, m.last, m.over = luckySeed(seed), 0, false
	clear(m.x)
}

func (m *jackpot) Params() []optim.Param[float64] {
	return []optim.Param[float64]{{Name: "x", Shape: []int{1}, Data: m.x, Grad: m.grad}}
}

func (m *jackpot) Loss(*data.Batch) (float64, error) {
	m.over = m.over || math.Abs(m.x[0]-m.last) > 0.5
	m.last = m.x[0]
	m.grad[0] = m.x[0] - 1
	switch {
	case m.over && m.lucky:
		return -1, nil
	case m.over:
		return 3, nil
	}
	return m.grad[0] * m.grad[0] / 2, nil
}

// Where the best rate lowers the loss on most fresh seeds but not on all, it is out
// with those above it, and a lower one is the answer.
func TestFindRateShunsRisk(t *testing.T) {
	m := &jackpot{x: make([]float64, 1), grad: make([]float64, 1)}
	own, err := experiment.NewOwn(m, nil)
	if err != nil {
		t.Fatal(err)
	}
	e := experiment.DefaultOf(own)
	e.Steps, e.Optimizer = 50, "sgd"
	k, err := NewTask(context.Background(), e, experiment.Inputs{})
	if err != nil {
		t.Fatal(err)
	}
	tried := 0
	for first := range uint64(60) {
		lucky := 0
		for i := range uint64(3 + confirming) {
			switch ok := luckySeed(first + i); {
			case ok && i >= 3:
				lucky++
			case !ok && i < 3: // the search would not fall for it
				lucky = -confirming
			}
		}
		if lucky < most || lucky == confirming {
			continue
		}
		tried++
		r := findRate(t, k, FindOptions{Seed: first})
		if r.Answer == nil || r.Answer.High > 0.55 || r.Answer.Best < 0.05 || r.Answer.Loss < 0 {
			t.Fatalf("seed %d:\n%s", first, tell(r))
		}
		for _, rate := range r.Tried {
			if rate.Risky != (rate.Rate > 0.5) || rate.Risky && rate.Good {
				t.Errorf("seed %d: %+v", first, rate)
			}
		}
	}
	if tried < 5 {
		t.Errorf("%d searches", tried)
	}
}

// A plateau is looked at too when rates above it, of more luck, come first: the answer
// is the whole of it, and the best rate lies in its middle, not at the end that
// rounding favours.
func TestFindRateOnAPlateau(t *testing.T) {
	r := findRate(t, findTask(t, "function: rastrigin", "optimizer: sgd", "steps: 2000"), FindOptions{})
	a := r.Answer
	if a == nil || a.High < 100*a.Low || a.High > 0.01 || a.Best < 10*a.Low || a.Best > a.High {
		t.Fatal(tell(r))
	}
	risky := 0
	for _, rate := range r.Tried {
		switch alike := math.Abs(float64(rate.Median/a.Loss)-1) < rounding; {
		case rate.Risky:
			risky++
		case alike && !rate.Good:
			t.Errorf("%+v is not good: %s", rate, tell(r))
		}
	}
	if risky == 0 {
		t.Errorf("no rate is risky: %s", tell(r))
	}
}
