package lab

import (
	"cmp"
	"maps"
	"math"
	"slices"
	"strconv"

	"github.com/descent-go/descent/internal/portable"
)

// A seeker looks for the best place in a fixed number of trials.
type seeker interface {
	// next returns the places to try now; none when all trials are used up.
	next() []place
	// take notes what came of them, in their order.
	take(losses []float64)
	// all returns what was tried, in ascending order of the rates.
	all() []attempt
	// ranked returns the places, the best first. Those that diverged are left out, but
	// for one when there is nothing else.
	ranked() []place
}

// A place is what tuning may choose: a rate, and the values of what else is tuned.
type place struct {
	rate     float64
	values   Configuration // nil: those of the contender
	settings Settings      // that stand for them
}

// is reports whether two places are the same.
func (p place) is(q place) bool { return p.rate == q.rate && maps.Equal(p.settings, q.settings) }

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
	at float64 // decades away from the usual rate
	place
	loss float64   // +Inf: it diverged
	u    []float64 // in the unit cube of a space
}

// gridShare is the share of the trials that the grid gets.
const gridShare = 0.7

// lone is how many decades an edge is moved out when there is no grid.
const lone = 0.5

// narrowest is the gap, in decades, that is not worth another trial.
const narrowest = 0.04

// rateAt returns the rate so many decades away from another one, in four digits.
func rateAt(rate, at float64) float64 {
	if at == 0 {
		return rate
	}
	r := float64(rate * portable.Pow(10, at))
	r, _ = strconv.ParseFloat(strconv.FormatFloat(r, 'g', 4, 64), 64) // reads what it wrote
	return r
}

func (s *search) next() []place {
	left := s.trials - len(s.tried)
	switch {
	case left <= 0:
		s.asked = nil
	case len(s.tried) == 0:
		s.asked = symmetric(gridSize(s.trials), s.decades)
	default:
		s.asked = s.beside(min(left, 2))
	}
	places := make([]place, len(s.asked))
	for i, at := range s.asked {
		places[i] = place{rate: rateAt(s.usual, at)}
	}
	return places
}

// gridSize is how many of the trials the grid gets.
func gridSize(trials int) int {
	if trials > 3 {
		return max(3, int(math.Round(gridShare*float64(trials))))
	}
	return trials
}

// symmetric returns n numbers around 0, as far from each other and so many from end to end.
func symmetric(n int, width float64) []float64 {
	if n == 1 {
		return []float64{0}
	}
	at := make([]float64, n)
	for i := range at {
		at[i] = width * (float64(i)/float64(n-1) - 0.5)
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

func (s *search) take(losses []float64) {
	for i, loss := range losses {
		s.tried = append(s.tried, attempt{at: s.asked[i], place: place{rate: rateAt(s.usual, s.asked[i])}, loss: loss})
	}
	slices.SortFunc(s.tried, func(a, b attempt) int { return cmp.Compare(a.at, b.at) })
}

func (s *search) all() []attempt { return s.tried }

// best returns the index of the lowest loss, the nearest to the usual rate among
// equals.
func (s *search) best() int {
	least := 0
	for i := range s.tried {
		if better(s.tried[i], s.tried[least]) < 0 {
			least = i
		}
	}
	return least
}

func better(a, b attempt) int {
	return cmp.Or(cmp.Compare(a.loss, b.loss), cmp.Compare(math.Abs(a.at), math.Abs(b.at)), cmp.Compare(a.at, b.at))
}

func (s *search) ranked() []place { return rankedPlaces(s.tried, better) }

// rankedPlaces returns the places of attempts, the best first.
func rankedPlaces(tried []attempt, better func(a, b attempt) int) []place {
	var places []place
	for i, a := range slices.SortedStableFunc(slices.Values(tried), better) {
		if i == 0 || !math.IsInf(a.loss, 1) {
			places = append(places, a.place)
		}
	}
	return places
}

// edge reports whether a rate is the lowest or the highest that was tried.
func edge(all []attempt, rate float64) bool {
	return len(all) > 1 && (rate == all[0].rate || rate == all[len(all)-1].rate)
}
