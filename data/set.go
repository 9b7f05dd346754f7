// Package data reads, generates, splits and serves data sets.
//
// A Set comes from IDX files (LoadIDX, LoadMNIST), from tables of comma- or
// tab-separated values (ReadTable, FitSchema), from generators (Digits,
// Spirals), or from the short form that the command line takes (Open). Split
// and Slice divide it, a Scaler standardises it by what the training part
// alone shows, and Batches serves it in a new order every epoch. A Stream
// serves rows that are seen once.
package data

import (
	"fmt"
	"math"
	"slices"
)

// A Set is a table of examples in memory, row-major. With neither Label nor
// Target it is unlabelled: inputs to predict from.
type Set struct {
	Name     string    // where it came from, for messages and reports
	Dim      int       // features of one example
	Shape    []int     // shape of one example, such as [28 28]; its product is Dim; nil: [Dim]
	X        []float32 // Len()×Dim features
	Label    []int32   // the class of each example; nil for regression
	Classes  []string  // names of the classes, indexed by label
	Target   []float32 // Len()×Out targets; nil for classification
	Out      int       // targets of one example; 0 for classification
	Features []string  // names of the features; nil when they have none
}

// Len returns the number of examples.
func (s *Set) Len() int {
	if s.Dim == 0 {
		return 0
	}
	return len(s.X) / s.Dim
}

// Row returns the features of example i, a view.
func (s *Set) Row(i int) []float32 { return s.X[i*s.Dim : (i+1)*s.Dim : (i+1)*s.Dim] }

// Slice returns examples lo to hi-1 as a view that shares memory with s. Like a
// slice expression it panics unless 0 ≤ lo ≤ hi ≤ Len().
func (s *Set) Slice(lo, hi int) *Set {
	if lo < 0 || hi < lo || hi > s.Len() {
		panic(fmt.Sprintf("data: Slice(%d, %d) of %d examples", lo, hi, s.Len()))
	}
	v := *s
	v.X = s.X[lo*s.Dim : hi*s.Dim : hi*s.Dim]
	if s.Label != nil {
		v.Label = s.Label[lo:hi:hi]
	}
	if s.Target != nil {
		v.Target = s.Target[lo*s.Out : hi*s.Out : hi*s.Out]
	}
	return &v
}

// Head returns the first n examples as a view, all of them if there are fewer.
func (s *Set) Head(n int) *Set { return s.Slice(0, min(max(n, 0), s.Len())) }

// Tail returns the last n examples as a view, all of them if there are fewer.
func (s *Set) Tail(n int) *Set { return s.Slice(s.Len()-min(max(n, 0), s.Len()), s.Len()) }

// Take returns a copy of the examples at the given indices, in their order. It
// panics if an index is not in [0, Len()).
func (s *Set) Take(index []int) *Set {
	t := *s
	t.X = make([]float32, 0, len(index)*s.Dim)
	if s.Label != nil {
		t.Label = make([]int32, 0, len(index))
	}
	if s.Target != nil {
		t.Target = make([]float32, 0, len(index)*s.Out)
	}
	for _, i := range index {
		t.X = append(t.X, s.Row(i)...)
		if s.Label != nil {
			t.Label = append(t.Label, s.Label[i])
		}
		if s.Target != nil {
			t.Target = append(t.Target, s.Target[i*s.Out:(i+1)*s.Out]...)
		}
	}
	return &t
}

// All returns the whole set as one batch, a view.
func (s *Set) All() Batch {
	return Batch{N: s.Len(), Dim: s.Dim, X: s.X, Label: s.Label, Target: s.Target, Out: s.Out}
}

// ClassCounts returns how many examples each class has; nil for regression.
func (s *Set) ClassCounts() []int {
	if s.Label == nil {
		return nil
	}
	n := make([]int, len(s.Classes))
	for _, l := range s.Label {
		n[l]++
	}
	return n
}

// Validate checks that the parts of a set fit together, that it is not empty,
// that every feature and target is finite, and that every label has a class.
// The error names the row (from 1) and the feature.
func (s *Set) Validate() error {
	if s.Dim < 1 || len(s.X) == 0 {
		return fmt.Errorf("data: %s has no examples", s.Name)
	}
	n := s.Len()
	if len(s.X) != n*s.Dim {
		return fmt.Errorf("data: %s has %d features in all, want a multiple of its dimension %d", s.Name, len(s.X), s.Dim)
	}
	product := 1
	for _, d := range s.Shape {
		product *= d
	}
	if s.Shape != nil && product != s.Dim {
		return fmt.Errorf("data: %s has examples of shape %v, want %d features", s.Name, s.Shape, s.Dim)
	}
	if s.Features != nil && len(s.Features) != s.Dim {
		return fmt.Errorf("data: %s has names for %d features, want %d", s.Name, len(s.Features), s.Dim)
	}
	if err := s.validateAnswers(n); err != nil {
		return err
	}
	if i := slices.IndexFunc(s.X, notFinite); i >= 0 {
		return fmt.Errorf("data: %s: row %d, %s is %v, want a finite number", s.Name, i/s.Dim+1, s.feature(i%s.Dim), s.X[i])
	}
	return nil
}

// validateAnswers checks the labels or targets of n examples.
func (s *Set) validateAnswers(n int) error {
	if s.Label != nil && s.Target != nil {
		return fmt.Errorf("data: %s has both labels and targets, want one of them", s.Name)
	}
	if s.Label != nil && len(s.Label) != n {
		return fmt.Errorf("data: %s has %d labels, want %d, one for each example", s.Name, len(s.Label), n)
	}
	if s.Target != nil && (s.Out < 1 || len(s.Target) != n*s.Out) {
		return fmt.Errorf("data: %s has %d targets, want %d for each of %d examples", s.Name, len(s.Target), s.Out, n)
	}
	for i, l := range s.Label {
		if l < 0 || int(l) >= len(s.Classes) {
			return fmt.Errorf("data: %s: row %d has label %d, want 0 to %d", s.Name, i+1, l, len(s.Classes)-1)
		}
	}
	if i := slices.IndexFunc(s.Target, notFinite); i >= 0 {
		return fmt.Errorf("data: %s: row %d, target %d is %v, want a finite number", s.Name, i/s.Out+1, i%s.Out+1, s.Target[i])
	}
	return nil
}

// feature names feature j for messages.
func (s *Set) feature(j int) string {
	if j < len(s.Features) {
		return fmt.Sprintf("feature %d (%s)", j+1, s.Features[j])
	}
	return fmt.Sprintf("feature %d", j+1)
}

func notFinite(x float32) bool {
	return math.IsNaN(float64(x)) || math.IsInf(float64(x), 0)
}

// A Batch is N examples laid out as in a Set. Its slices are views that stay
// valid until the next batch is asked for.
type Batch struct {
	N      int
	Dim    int
	X      []float32 // N×Dim
	Label  []int32   // N; nil for regression
	Target []float32 // N×Out; nil for classification
	Out    int
}
