package data

import (
	"encoding/json"
	"fmt"
	"math"
)

// A Scaling is a way to bring features to a common scale.
type Scaling string

const (
	Standard Scaling = "standard" // each feature to mean 0 and variance 1 over the training set
	MinMax   Scaling = "minmax"   // each feature to [0, 1] over the training set
	Example  Scaling = "example"  // each example to mean 0 and variance 1 over its own features
)

// A Scaler maps features to a common scale as it was fitted on a training set,
// and is applied unchanged to every other set. It marshals to JSON and back
// without loss. A feature that was constant in the training set is shifted
// and not scaled.
type Scaler struct {
	Kind  Scaling   `json:"kind"`
	Shift []float64 `json:"shift,omitempty"` // subtracted from each feature; none for Example
	Scale []float64 `json:"scale,omitempty"` // then divided by, positive
	Dim   int       `json:"dim"`
}

// FitScaler fits a scaler on a training set. An empty set, a feature that is
// not finite, and an unknown kind are errors.
func FitScaler(train *Set, kind Scaling) (*Scaler, error) {
	if train.Len() == 0 {
		return nil, fmt.Errorf("data: %s has no examples to fit a scaler on", train.Name)
	}
	sc := &Scaler{Kind: kind, Dim: train.Dim}
	switch kind {
	case Standard:
		sc.Shift, sc.Scale = moments(train)
	case MinMax:
		sc.Shift, sc.Scale = ranges(train)
	case Example:
		return sc, nil
	default:
		return nil, fmt.Errorf("data: scaling %q, want %q, %q or %q", kind, Standard, MinMax, Example)
	}
	for j := range sc.Shift {
		if bad(sc.Shift[j]) || bad(sc.Scale[j]) {
			return nil, fmt.Errorf("data: %s: %s has values that are not finite", train.Name, train.feature(j))
		}
		if sc.Scale[j] == 0 {
			sc.Scale[j] = 1
		}
	}
	return sc, nil
}

func bad(x float64) bool { return math.IsNaN(x) || math.IsInf(x, 0) }

// moments returns the mean and the standard deviation (over n) of each feature.
func moments(s *Set) (mean, sd []float64) {
	n := s.Len()
	mean, sd = make([]float64, s.Dim), make([]float64, s.Dim)
	for i := range n {
		for j, x := range s.Row(i) {
			mean[j] += float64(x)
		}
	}
	for j := range mean {
		mean[j] /= float64(n)
	}
	for i := range n {
		for j, x := range s.Row(i) {
			sd[j] += sq(float64(x) - mean[j])
		}
	}
	for j := range sd {
		sd[j] = spread(sd[j], float64(n), mean[j])
	}
	return mean, sd
}

// ranges returns the minimum of each feature and the width of its range.
func ranges(s *Set) (lo, width []float64) {
	lo, width = make([]float64, s.Dim), make([]float64, s.Dim)
	for j, x := range s.Row(0) {
		lo[j], width[j] = float64(x), float64(x)
	}
	for i := 1; i < s.Len(); i++ {
		for j, x := range s.Row(i) {
			lo[j], width[j] = math.Min(lo[j], float64(x)), math.Max(width[j], float64(x))
		}
	}
	for j := range width {
		width[j] -= lo[j]
	}
	return lo, width
}

// Apply returns s with scaled features. The features are a copy, everything
// else is shared. A set of another dimension is an error.
func (sc *Scaler) Apply(s *Set) (*Set, error) {
	t := *s
	t.X = append([]float32(nil), s.X...)
	b := t.All()
	if err := sc.ApplyBatch(&b); err != nil {
		return nil, fmt.Errorf("%w: %s", err, s.Name)
	}
	return &t, nil
}

// ApplyBatch scales the features of a batch in place. A batch that is a view
// of a set, as the batch of a whole set is, changes the set.
func (sc *Scaler) ApplyBatch(b *Batch) error {
	if b.Dim != sc.Dim {
		return fmt.Errorf("data: a scaler fitted on %d features cannot scale %d", sc.Dim, b.Dim)
	}
	for i := range b.N {
		row := b.X[i*b.Dim : (i+1)*b.Dim]
		if sc.Kind == Example {
			scaleExample(row)
			continue
		}
		for j, x := range row {
			row[j] = float32((float64(x) - sc.Shift[j]) / sc.Scale[j])
		}
	}
	return nil
}

// scaleExample brings one example to mean 0 and variance 1.
func scaleExample(row []float32) {
	n := float64(len(row))
	mean, variance := 0.0, 0.0
	for _, x := range row {
		mean += float64(x)
	}
	mean /= n
	for _, x := range row {
		variance += sq(float64(x) - mean)
	}
	sd := spread(variance, n, mean)
	if sd == 0 {
		sd = 1
	}
	for j, x := range row {
		row[j] = float32((float64(x) - mean) / sd)
	}
}

// spread returns the standard deviation from n summed squares. What rounding
// leaves of a constant is none.
func spread(squares, n, mean float64) float64 {
	sd := math.Sqrt(squares / n)
	if sd <= 1e-12*math.Abs(mean) {
		return 0
	}
	return sd
}

// UnmarshalJSON reads a scaler and checks it.
func (sc *Scaler) UnmarshalJSON(b []byte) error {
	type plain Scaler
	var p plain
	if err := json.Unmarshal(b, &p); err != nil {
		return fmt.Errorf("data: scaler: %w", err)
	}
	want := p.Dim
	switch p.Kind {
	case Standard, MinMax:
	case Example:
		want = 0
	default:
		return fmt.Errorf("data: scaler: kind %q, want %q, %q or %q", p.Kind, Standard, MinMax, Example)
	}
	if p.Dim < 1 || len(p.Shift) != want || len(p.Scale) != want {
		return fmt.Errorf("data: scaler: %d features with %d shifts and %d scales", p.Dim, len(p.Shift), len(p.Scale))
	}
	for j, s := range p.Scale {
		if !(s > 0) {
			return fmt.Errorf("data: scaler: scale %d is %v, want positive", j+1, s)
		}
	}
	*sc = Scaler(p)
	return nil
}
