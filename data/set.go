// Package data reads, generates, splits and serves data sets.
package data

// A Set is a table of examples in memory, row-major.
type Set struct {
	Name     string    // where it came from, for messages and reports
	Dim      int       // features of one example
	Shape    []int     // shape of one example, such as [28 28]; its product is Dim
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
