package record

import (
	"slices"
	"strings"

	"github.com/descent-go/descent/train"
)

// A Comparison says in what runs differ and how they went.
type Comparison struct {
	Runs     []Summary
	Settings []Difference // the settings that are not the same in all
	Metrics  []Difference // those that some run has
	Curves   []Curve      // of each run
}

// A Difference is a field and its text in each run, nil where a run has none.
type Difference struct {
	Field  string    `json:"field"`
	Values []*string `json:"values"`
}

// A Curve is a learning curve: a point for each epoch, or where there are none
// for each evaluation.
type Curve []CurvePoint

// A CurvePoint is what is known after an epoch or evaluation; nil is unknown.
type CurvePoint struct {
	Epoch       int // 0 without epochs
	Step        int64
	Loss        *float64 // mean of the epoch's steps
	ValLoss     *float64
	ValAccuracy *float64
}

// Compare reads runs and their logs.
func Compare(runs ...*Run) (*Comparison, error) {
	c := &Comparison{}
	for _, r := range runs {
		c.Runs = append(c.Runs, r.Summary())
		curve, err := r.Curve()
		if err != nil {
			return nil, err
		}
		c.Curves = append(c.Curves, curve)
	}
	c.differ()
	return c, nil
}

// Differences compares the settings and results of runs, without their logs: see
// Comparison.
func Differences(runs ...*Run) (settings, metrics []Difference) {
	c := &Comparison{}
	for _, r := range runs {
		c.Runs = append(c.Runs, r.Summary())
	}
	c.differ()
	return c.Settings, c.Metrics
}

// differ finds the differences of the runs.
func (c *Comparison) differ() {
	var keys []string
	for _, s := range c.Runs {
		for key := range s.Settings {
			keys = append(keys, key)
		}
	}
	slices.Sort(keys)
	setting := func(s *Summary, key string) (string, bool) { text, ok := s.Settings[key]; return text, ok }
	c.Settings = slices.DeleteFunc(c.differences(slices.Compact(keys), setting), func(d Difference) bool {
		return !slices.ContainsFunc(d.Values, func(v *string) bool { return !sameText(v, d.Values[0]) })
	})
	c.Metrics = slices.DeleteFunc(c.differences(metricNames, (*Summary).metric), func(d Difference) bool {
		return !slices.ContainsFunc(d.Values, func(v *string) bool { return v != nil })
	})
}

func (c *Comparison) differences(fields []string, of func(s *Summary, field string) (string, bool)) []Difference {
	var list []Difference
	for _, field := range fields {
		d := Difference{Field: field}
		for i := range c.Runs {
			var value *string
			if text, ok := of(&c.Runs[i], field); ok {
				value = &text
			}
			d.Values = append(d.Values, value)
		}
		list = append(list, d)
	}
	return list
}

// sameText reports whether two values mean the same: 0.10 is 1e-1.
func sameText(a, b *string) bool {
	if a == nil || b == nil {
		return a == b
	}
	x, y, ok := twoNumbers(strings.TrimSpace(*a), strings.TrimSpace(*b))
	return *a == *b || ok && x == y
}

// Curve reads the run's learning curve from its log.
func (r *Run) Curve() (Curve, error) {
	var curve Curve
	at := func(step int64, epoch int) *CurvePoint {
		if n := len(curve); n > 0 && curve[n-1].Step == step {
			return &curve[n-1]
		}
		curve = append(curve, CurvePoint{Epoch: epoch, Step: step})
		return &curve[len(curve)-1]
	}
	err := r.Events(func(_ float64, e train.Event) error {
		switch e := e.(type) {
		case *train.EpochEnd:
			loss := e.Loss
			p := at(e.Step, e.Epoch)
			p.Epoch, p.Loss = e.Epoch, &loss
		case *train.Evaluation:
			if e.Set != "validation" {
				break
			}
			loss, accuracy := e.Loss, e.Accuracy
			p := at(e.Step, 0)
			if p.ValLoss = &loss; e.Labelled {
				p.ValAccuracy = &accuracy
			}
		}
		return nil
	})
	return curve, err
}
