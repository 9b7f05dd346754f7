package data

import (
	"math"
	"slices"
	"strings"
	"testing"
)

// tiny is a valid set of n examples of two features and three classes.
func tiny(n int) *Set {
	s := &Set{Name: "tiny", Dim: 2, Shape: []int{2}, Classes: []string{"a", "b", "c"}, Features: []string{"u", "v"}}
	for i := range n {
		s.X = append(s.X, float32(i), float32(i*i))
		s.Label = append(s.Label, int32(i%3))
	}
	return s
}

// quantities is tiny as a regression of two targets.
func quantities(n int) *Set {
	s := tiny(n)
	s.Label, s.Classes, s.Out = nil, nil, 2
	for i := range n {
		s.Target = append(s.Target, float32(-i), float32(10*i))
	}
	return s
}

func wantError(t *testing.T, err error, parts ...string) {
	t.Helper()
	if err == nil {
		t.Fatalf("no error, want one with %q", parts)
	}
	for _, p := range parts {
		if !strings.Contains(err.Error(), p) {
			t.Errorf("error %q, want %q in it", err, p)
		}
	}
}

func TestViews(t *testing.T) {
	for name, s := range map[string]*Set{"classes": tiny(7), "targets": quantities(7)} {
		t.Run(name, func(t *testing.T) {
			head, tail, mid := s.Head(3), s.Tail(2), s.Slice(3, 5)
			if head.Len() != 3 || tail.Len() != 2 || mid.Len() != 2 {
				t.Fatalf("lengths %d, %d, %d, want 3, 2, 2", head.Len(), tail.Len(), mid.Len())
			}
			if got := tail.Row(0)[0]; got != 5 {
				t.Errorf("tail begins with example %v, want 5", got)
			}
			mid.X[0] = 77
			if s.X[6] != 77 {
				t.Error("a view does not share memory")
			}
			taken := s.Take([]int{6, 0})
			taken.X[0] = -1
			if s.X[12] != 6 {
				t.Error("Take shares memory")
			}
			if s.Target != nil && (mid.Target[1] != 30 || taken.Target[0] != -6) {
				t.Errorf("targets %v and %v", mid.Target, taken.Target)
			}
			if s.Label != nil && (mid.Label[1] != 1 || taken.Label[0] != 0) {
				t.Errorf("labels %v and %v", mid.Label, taken.Label)
			}
			if s.Head(99).Len() != 7 || s.Tail(99).Len() != 7 || s.Head(-1).Len() != 0 {
				t.Error("Head and Tail do not stop at the ends")
			}
			for _, v := range []*Set{head, tail, mid, taken} {
				if err := v.Validate(); err != nil {
					t.Error(err)
				}
			}
		})
	}
	if got := tiny(7).ClassCounts(); !slices.Equal(got, []int{3, 2, 2}) {
		t.Errorf("class counts %v, want [3 2 2]", got)
	}
}

func TestSliceOutOfRange(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("Slice(2, 9) of 7 examples did not panic")
		}
	}()
	tiny(7).Slice(2, 9)
}

func TestValidate(t *testing.T) {
	nan, inf := float32(math.NaN()), float32(math.Inf(-1))
	for _, c := range []struct {
		name  string
		spoil func(*Set)
		want  []string
	}{
		{"empty", func(s *Set) { *s = *s.Head(0) }, []string{"tiny", "no examples"}},
		{"ragged", func(s *Set) { s.X = s.X[1:] }, []string{"9 features", "dimension 2"}},
		{"shape", func(s *Set) { s.Shape = []int{3} }, []string{"[3]", "2 features"}},
		{"names", func(s *Set) { s.Features = s.Features[:1] }, []string{"names for 1"}},
		{"NaN", func(s *Set) { s.X[3] = nan }, []string{"row 2", "feature 2 (v)", "NaN"}},
		{"Inf", func(s *Set) { s.X[8], s.Features = inf, nil }, []string{"row 5", "feature 1 is -Inf"}},
		{"labels missing", func(s *Set) { s.Label = s.Label[:4] }, []string{"4 labels, want 5"}},
		{"label too large", func(s *Set) { s.Label[2] = 3 }, []string{"row 3", "label 3, want 0 to 2"}},
		{"label negative", func(s *Set) { s.Label[0] = -1 }, []string{"row 1", "label -1"}},
		{"both", func(s *Set) { s.Target = s.X }, []string{"both labels and targets"}},
		{"targets missing", func(s *Set) { *s = *quantities(5); s.Target = s.Target[:7] }, []string{"7 targets, want 2"}},
		{"target NaN", func(s *Set) { *s = *quantities(5); s.Target[5] = nan }, []string{"row 3, target 2", "NaN"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := tiny(5)
			if err := s.Validate(); err != nil {
				t.Fatal(err)
			}
			c.spoil(s)
			wantError(t, s.Validate(), c.want...)
		})
	}
	unlabelled := tiny(5)
	unlabelled.Label = nil
	if err := unlabelled.Validate(); err != nil {
		t.Errorf("an unlabelled set: %v", err)
	}
}
