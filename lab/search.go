package lab

import (
	"cmp"
	"math"
	"slices"
	"strconv"

	"github.com/descent-go/descent/internal/portable"
)

// A search looks for the best learning rate in a fixed number of trials: first
// over a grid around the usual rate, evenly spaced by its logarithm, then, two at
// a time, beyond the edge that the best lies on, or else on both sides of it.
type search struct {
	usual   float64
	trials  int     // in all
	decades float64 // of the grid
	tried   []attempt
	asked   []float64 // decades away from the usual rate, not tried yet
}

// An attempt is a rate and what came of it.
type attempt struct {
	at   float64 // decades away from the usual rate
	rate float64
	loss float64 // +Inf: it diverged
}

// gridShare is the share of the trials that the grid gets.
const gridShare = 0.7

// lone is how many decades an edge is moved out when there is no grid.
const lone = 0.5

// narrowest is the gap, in decades, that is not worth another trial.
const narrowest = 0.04

// rate returns the rate so many decades away from the usual one, in four digits.
func (s *search) rate(at float64) float64 {
	if at == 0 {
		return s.usual
	}
	r := float64(s.usual * portable.Pow(10, at))
	r, _ = strconv.ParseFloat(strconv.FormatFloat(r, 'g', 4, 64), 64) // reads what it wrote
	return r
}

// next returns the rates to try now; none when all trials are used up.
func (s *search) next() []float64 {
	left := s.trials - len(s.tried)
	switch {
	case left <= 0:
		s.asked = nil
	case len(s.tried) == 0:
		s.asked = s.grid()
	default:
		s.asked = s.beside(min(left, 2))
	}
	rates := make([]float64, len(s.asked))
	for i, at := range s.asked {
		rates[i] = s.rate(at)
	}
	return rates
}

func (s *search) grid() []float64 {
	n := s.trials
	if n > 3 {
		n = max(3, int(math.Round(gridShare*float64(n))))
	}
	if n == 1 {
		return []float64{0}
	}
	at := make([]float64, n)
	for i := range at {
		at[i] = s.decades * (float64(i)/float64(n-1) - 0.5)
	}
	return at
}

// beside returns n places around the best one, at most two.
func (s *search) beside(n int) []float64 {
	best, last := s.best(), len(s.tried)-1
	low, high := s.tried[0].at, s.tried[last].at
	spacing := lone
	if last > 0 {
		spacing = (high - low) / float64(last)
	}
	var places []float64
	switch {
	case best == 0 || math.IsInf(s.tried[best].loss, 1): // nothing went well: too high
		places = []float64{low - spacing, low - float64(2*spacing)}
	case best == last:
		places = []float64{high + spacing, high + float64(2*spacing)}
	default:
		places = s.between(best, n)
	}
	return places[:n]
}

// between returns n places in the middle of gaps: of those on both sides of the
// best rate, the more promising one first, and then, or when they are narrow, of the
// widest of all.
func (s *search) between(best, n int) []float64 {
	type gap struct{ low, high float64 }
	gaps := make([]gap, len(s.tried)-1)
	for i := range gaps {
		gaps[i] = gap{s.tried[i].at, s.tried[i+1].at}
	}
	sides := []int{best - 1, best}
	if s.tried[best+1].loss < s.tried[best-1].loss {
		slices.Reverse(sides)
	}
	var places []float64
	split := func(i int) {
		g := &gaps[i]
		middle := (g.low + g.high) / 2
		places = append(places, middle)
		gaps = append(gaps, gap{middle, g.high})
		gaps[i].high = middle
	}
	for _, i := range sides {
		if gaps[i].high-gaps[i].low > narrowest {
			split(i)
		}
	}
	for len(places) < n {
		split(slices.Index(gaps, slices.MaxFunc(gaps, func(a, b gap) int { return cmp.Compare(a.high-a.low, b.high-b.low) })))
	}
	return places
}

// take notes what came of the rates that next returned, in their order.
func (s *search) take(losses []float64) {
	for i, loss := range losses {
		s.tried = append(s.tried, attempt{s.asked[i], s.rate(s.asked[i]), loss})
	}
	slices.SortFunc(s.tried, func(a, b attempt) int { return cmp.Compare(a.at, b.at) })
}

// best returns the index of the lowest loss, the nearest to the usual rate among
// equals.
func (s *search) best() int {
	return slices.Index(s.tried, slices.MinFunc(s.tried, better))
}

func better(a, b attempt) int {
	return cmp.Or(cmp.Compare(a.loss, b.loss), cmp.Compare(math.Abs(a.at), math.Abs(b.at)), cmp.Compare(a.at, b.at))
}

// ranked returns the rates, the best first. Those that diverged are left out, but for
// one when there is nothing else.
func (s *search) ranked() []float64 {
	var rates []float64
	for i, a := range slices.SortedFunc(slices.Values(s.tried), better) {
		if i == 0 || !math.IsInf(a.loss, 1) {
			rates = append(rates, a.rate)
		}
	}
	return rates
}

// edge reports whether a rate is the lowest or the highest that was tried.
func (s *search) edge(rate float64) bool {
	return len(s.tried) > 1 && (rate == s.tried[0].rate || rate == s.tried[len(s.tried)-1].rate)
}
