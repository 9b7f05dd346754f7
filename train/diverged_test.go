package train_test

import (
	"encoding/json"
	"math"
	"strings"
	"testing"

	"github.com/descent-go/descent/data"
	"github.com/descent-go/descent/optim"
	"github.com/descent-go/descent/train"
)

// spoilt is a model of two parameters, a and b, with loss Σ a² + Σ b², that
// writes something else into it at a given call, counted from 1.
type spoilt struct {
	params []optim.Param[float64]
	calls  int
	at     int
	spoil  func(m *spoilt) // called once the gradients are there
	loss   float64
}

func newSpoilt(at int, spoil func(*spoilt)) *spoilt {
	m := &spoilt{at: at, spoil: spoil}
	for _, name := range []string{"a", "b"} {
		m.params = append(m.params, optim.Param[float64]{Name: name, Shape: []int{3}, Data: []float64{1, 2, 3}, Grad: make([]float64, 3)})
	}
	return m
}

func (m *spoilt) Params() []optim.Param[float64] { return m.params }

func (m *spoilt) Loss(*data.Batch) (float64, error) {
	m.calls++
	m.loss = 0
	for _, p := range m.params {
		for i, v := range p.Data {
			m.loss += v * v
			p.Grad[i] = 2 * v
		}
	}
	if m.calls == m.at || m.at < 0 && m.calls >= -m.at {
		m.spoil(m)
	}
	return m.loss, nil
}

func TestDiverged(t *testing.T) {
	inf, nan := math.Inf(1), math.NaN()
	for _, c := range []struct {
		name    string
		spoil   func(*spoilt)
		policy  optim.NonFinite
		cause   train.Cause
		param   string
		index   int
		value   float64
		verdict string
	}{
		{"gradient", func(m *spoilt) { m.params[1].Grad[2] = inf }, optim.FailNonFinite, train.CauseGradient, "b", 2, inf,
			`diverged at step 4: gradient "b" is +Inf at element 2`},
		{"loss", func(m *spoilt) { m.loss = nan }, optim.FailNonFinite, train.CauseLoss, "", 0, 0, "diverged at step 4: the loss is NaN"},
		{"loss by gradient", func(m *spoilt) { m.loss, m.params[0].Grad[1] = nan, nan }, optim.Unchecked, train.CauseGradient, "a", 1, nan,
			`gradient "a" is NaN at element 1`},
		{"loss by parameter", func(m *spoilt) { m.loss, m.params[1].Data[0], m.params[0].Grad[1] = nan, -inf, nan }, optim.Unchecked,
			train.CauseParameter, "b", 0, -inf, `parameter "b" is -Inf at element 0`},
		{"blow-up", func(m *spoilt) { m.loss, m.params[0].Grad[2] = 3e7, -1e5 }, optim.FailNonFinite, train.CauseBlowUp, "a", 2, -1e5,
			`the loss has grown from 28 to 3e+07; the gradient is steepest in "a", element 2`},
		{"unbounded", func(m *spoilt) { m.loss = -3e7 }, optim.FailNonFinite, train.CauseUnbounded, "a", 2, 0, "falls without bound"},
	} {
		t.Run(c.name, func(t *testing.T) {
			m := newSpoilt(5, c.spoil)
			var events []train.Event
			res := minimize(t, m, "sgd", 0.1, 100, func(o *train.Options) { o.NonFinite = c.policy },
				train.SinkFunc(func(e train.Event) { events = append(events, e) }))
			d := res.Diverged
			if res.Reason != train.ReasonDiverged || d == nil {
				t.Fatalf("ended by %v: %s", res.Reason, res.Verdict)
			}
			if d.Step != 4 || d.Cause != c.cause || d.Param != c.param || d.Index != c.index || d.Rate != 0.1 {
				t.Errorf("%+v, want %s of %q at %d", d, c.cause, c.param, c.index)
			}
			same := float64(d.Value) == c.value || math.IsNaN(c.value) && math.IsNaN(float64(d.Value))
			if !same && c.cause != train.CauseUnbounded {
				t.Errorf("value %v, want %v", d.Value, c.value)
			}
			if !strings.Contains(res.Verdict, c.verdict) {
				t.Errorf("verdict %q, want %q", res.Verdict, c.verdict)
			}
			if res.Steps != 4 || res.FirstLoss != 28 || math.IsNaN(res.FinalLoss) || math.IsInf(res.FinalLoss, 0) {
				t.Errorf("%d steps, loss %v from %v", res.Steps, res.FinalLoss, res.FirstLoss)
			}
			if _, err := json.Marshal(res); err != nil {
				t.Error(err)
			}
			n := len(events)
			if _, ok := events[n-2].(*train.Diverged); !ok {
				t.Errorf("the last event but one is %T, want *train.Diverged", events[n-2])
			}
		})
	}
}

// An update that makes a parameter infinite is found even if it is the last.
func TestDivergedByLastUpdate(t *testing.T) {
	m := newSpoilt(3, func(m *spoilt) { m.params[1].Data[1] = math.Inf(1) })
	res := minimize(t, m, "sgd", 0.1, 3, nil)
	if d := res.Diverged; d == nil || d.Cause != train.CauseParameter || d.Param != "b" || d.Index != 1 || d.Step != 3 {
		t.Errorf("%+v: %s", res.Diverged, res.Verdict)
	}
}

// Above the edge the quadratic's updates reverse each other and grow.
func TestDivergedOvershoots(t *testing.T) {
	m := function(t, "parabola", 2, 1)
	x := m.Params()[0].Data
	res := minimize(t, m, "sgd", 1.5, 1000, func(o *train.Options) { o.KeepBest = true })
	d := res.Diverged
	if d == nil || d.Cause != train.CauseBlowUp || !d.Overshoots || d.Param != "x" {
		t.Fatalf("%+v: %s", d, res.Verdict)
	}
	if !strings.Contains(res.Verdict, "the rate 1.5 is too high") {
		t.Errorf("verdict %q", res.Verdict)
	}
	if !res.Restored || x[0] != 2 || res.FinalLoss != 5 || res.BestStep != 0 {
		t.Errorf("x = %v, loss %v: want the best point back", x, res.FinalLoss)
	}
	// A saddle is left for good: no overshooting.
	res = minimize(t, function(t, "saddle", 1, 0.1), "sgd", 0.1, 1000, nil)
	if d = res.Diverged; d == nil || d.Cause != train.CauseUnbounded || d.Overshoots {
		t.Errorf("%+v: %s", d, res.Verdict)
	}
	if res := minimize(t, function(t, "saddle", 1, 0.1), "sgd", 0.1, 50, func(o *train.Options) { o.BlowUp = 0 }); res.Diverged != nil {
		t.Errorf("BlowUp 0: %s", res.Verdict)
	}
}

// Steps that are skipped do not advance the schedule or the count of updates,
// but use up the run.
func TestSkippedSteps(t *testing.T) {
	m := newSpoilt(3, func(m *spoilt) { m.params[0].Grad[0] = math.NaN() })
	h := &train.History{}
	var skipped []int64
	watch := train.SinkFunc(func(e train.Event) {
		if s, ok := e.(*train.Step); ok && s.Skipped {
			skipped = append(skipped, s.Step)
		}
	})
	res := minimize(t, m, "sgd", 0.1, 6, func(o *train.Options) {
		o.Schedule, o.NonFinite = counted{}, optim.SkipNonFinite
	}, h, watch)
	if res.Steps != 5 || res.Skipped != 1 || m.calls != 6 || res.Reason != train.ReasonSteps {
		t.Errorf("%d steps, %d skipped, %d gradients, %v", res.Steps, res.Skipped, m.calls, res.Reason)
	}
	if len(skipped) != 1 || skipped[0] != 2 {
		t.Errorf("skipped at %v, want once, after 2 updates", skipped)
	}
	for i, rate := range h.Rates {
		if want := 0.1 * (1 / float64(1+i)); rate != want {
			t.Errorf("update %d had rate %v, want %v", i, rate, want)
		}
	}
}

// Too many skipped steps in a row are a divergence.
func TestMaxSkips(t *testing.T) {
	for _, loss := range []float64{1, math.NaN()} {
		m := newSpoilt(-4, func(m *spoilt) { m.loss, m.params[1].Grad[1] = loss, math.NaN() })
		res := minimize(t, m, "sgd", 0.1, 100, func(o *train.Options) { o.NonFinite, o.MaxSkips = optim.SkipNonFinite, 5 })
		if d := res.Diverged; d == nil || d.Step != 3 || d.Cause != train.CauseGradient || d.Param != "b" || m.calls != 8 {
			t.Errorf("loss %v: %+v after %d gradients", loss, res.Diverged, m.calls)
		}
		res = minimize(t, newSpoilt(-4, m.spoil), "sgd", 0.1, 20, func(o *train.Options) { o.NonFinite, o.MaxSkips = optim.SkipNonFinite, 0 })
		if res.Steps != 3 || res.Skipped != 17 || res.Diverged != nil {
			t.Errorf("loss %v without limit: %+v", loss, res)
		}
	}
}

// A run whose very first loss is NaN has no loss to show.
func TestDivergedAtOnce(t *testing.T) {
	res := minimize(t, newSpoilt(1, func(m *spoilt) { m.loss = math.NaN() }), "sgd", 0.1, 10, nil)
	text, err := json.Marshal(res)
	if err != nil {
		t.Fatal(err)
	}
	var back map[string]any
	if err := json.Unmarshal(text, &back); err != nil {
		t.Fatal(err)
	}
	if v, ok := back["final_loss"]; !ok || v != nil || back["reason"] != "diverged" {
		t.Errorf("%s", text)
	}
	var again train.Diverged
	part, _ := json.Marshal(back["diverged"])
	if err := json.Unmarshal(part, &again); err != nil || !math.IsNaN(float64(again.Loss)) {
		t.Errorf("%s read back as %+v, %v", part, again, err)
	}
}
