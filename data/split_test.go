package data

import (
	"math"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

func TestSplit(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(10, 200).Draw(t, "n")
		share := rapid.Float64Range(0.2, 0.6).Draw(t, "share")
		stratified := rapid.Bool().Draw(t, "stratified")
		seed := rapid.Uint64().Draw(t, "seed")
		s := tiny(n)
		fractions := []float64{share, (1 - share) / 2, (1 - share) / 2}
		parts, err := Split(s, seed, stratified, fractions...)
		if err != nil {
			t.Fatal(err)
		}
		var seen []int
		for k, p := range parts {
			if err := p.Validate(); err != nil {
				t.Fatal(err)
			}
			if d := math.Abs(float64(p.Len()) - fractions[k]*float64(n)); d > 1.5 {
				t.Fatalf("part %d has %d of %d, want %v", k, p.Len(), n, fractions[k])
			}
			for i := range p.Len() {
				id := int(p.Row(i)[0])
				seen = append(seen, id)
				if p.Label[i] != s.Label[id] {
					t.Fatalf("example %d has label %d, want %d", id, p.Label[i], s.Label[id])
				}
			}
			if !stratified {
				continue
			}
			whole := s.ClassCounts()
			for c, have := range p.ClassCounts() {
				if d := math.Abs(float64(have) - fractions[k]*float64(whole[c])); d > 2 {
					t.Fatalf("part %d has %d of %d of class %d, want %v", k, have, whole[c], c, fractions[k])
				}
			}
		}
		slices.Sort(seen)
		for i, id := range seen {
			if i != id {
				t.Fatalf("examples %v: want each once", seen)
			}
		}
		again, err := Split(s, seed, stratified, fractions...)
		if err != nil || sum(again[0]) != sum(parts[0]) {
			t.Fatal("the same seed splits otherwise")
		}
	})
	a, _ := Split(tiny(50), 1, false, 0.5, 0.5)
	b, _ := Split(tiny(50), 2, false, 0.5, 0.5)
	if sum(a[0]) == sum(b[0]) {
		t.Error("two seeds split alike")
	}
}

func TestSplitErrors(t *testing.T) {
	for _, c := range []struct {
		name       string
		set        *Set
		stratified bool
		fractions  []float64
		want       string
	}{
		{"none", tiny(9), false, nil, "no fractions"},
		{"zero", tiny(9), false, []float64{1, 0}, "fraction 2 = 0"},
		{"NaN", tiny(9), false, []float64{math.NaN(), 0.5}, "fraction 1 = NaN"},
		{"sum", tiny(9), false, []float64{0.5, 0.4}, "add up to 0.9"},
		{"stratified regression", quantities(9), true, []float64{0.5, 0.5}, "needs classes"},
		{"empty part", tiny(3), false, []float64{0.95, 0.05}, "0.05 of 3 examples is none"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := Split(c.set, 1, c.stratified, c.fractions...)
			wantError(t, err, "Split of tiny", c.want)
		})
	}
}
