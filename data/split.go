package data

import (
	"fmt"
	"math"
	"slices"

	"github.com/descent-go/descent/internal/rng"
)

// Split divides a set at random into parts of the given fractions, such as
// 0.8, 0.1, 0.1 for training, validation and test. With stratified, each part
// has the classes in the proportions of the whole. Every example goes to
// exactly one part, and keeps its place in the order; the parts are copies.
//
// Fractions must be positive and add up to 1; a part that would be empty, and
// stratified without classes, are errors.
func Split(s *Set, seed uint64, stratified bool, fractions ...float64) ([]*Set, error) {
	if len(fractions) == 0 {
		return nil, fmt.Errorf("data: Split of %s: no fractions", s.Name)
	}
	sum := 0.0
	for i, f := range fractions {
		if !(f > 0 && f <= 1) {
			return nil, fmt.Errorf("data: Split of %s: fraction %d = %v, want (0, 1]", s.Name, i+1, f)
		}
		sum += f
	}
	if math.Abs(sum-1) > 1e-9 {
		return nil, fmt.Errorf("data: Split of %s: fractions add up to %v, want 1", s.Name, sum)
	}
	if stratified && s.Label == nil {
		return nil, fmt.Errorf("data: Split of %s: stratified needs classes", s.Name)
	}
	n := s.Len()
	order := rng.New(seed, "split").Perm(n)
	if stratified {
		slices.SortStableFunc(order, func(a, b int) int { return int(s.Label[a]) - int(s.Label[b]) })
	}

	// Deal the examples out in order, each to the part furthest behind its
	// share: parts have their exact sizes, and any run of examples, such as a
	// class, is shared out in proportion.
	index := make([][]int, len(fractions))
	for i, example := range order {
		to, most := 0, math.Inf(-1)
		for k, f := range fractions {
			if behind := float64(f*float64(i+1)) - float64(len(index[k])); behind > most {
				to, most = k, behind
			}
		}
		index[to] = append(index[to], example)
	}
	parts := make([]*Set, len(fractions))
	for k, idx := range index {
		if len(idx) == 0 {
			return nil, fmt.Errorf("data: Split of %s: %v of %d examples is none", s.Name, fractions[k], n)
		}
		slices.Sort(idx)
		parts[k] = s.Take(idx)
	}
	return parts, nil
}
