package stats

import (
	"math"
	"slices"
)

// CostRatios returns what each solver's costs, costs[solver][problem], are of the
// lowest cost of any solver on that problem. Costs are 0 or greater, steps to a
// target say, and +Inf where the target was missed; so are the ratios. It panics
// when the numbers of problems differ.
//
// Dolan and Moré, Mathematical Programming 91 (2002), 201-213, equation 2.1.
func CostRatios(costs [][]float64) [][]float64 {
	ratios := make([][]float64, len(costs))
	for i, c := range costs {
		if len(c) != len(costs[0]) {
			panic("stats: CostRatios of different numbers of problems")
		}
		ratios[i] = make([]float64, len(c))
	}
	if len(costs) == 0 {
		return ratios
	}
	for problem := range costs[0] {
		least := math.Inf(1)
		for _, c := range costs {
			least = min(least, counted(c[problem]))
		}
		for i, c := range costs {
			switch own := counted(c[problem]); {
			case math.IsInf(own, 1):
				ratios[i][problem] = own
			case own == least: // both may be 0
				ratios[i][problem] = 1
			default:
				ratios[i][problem] = own / least
			}
		}
	}
	return ratios
}

// A Level of a profile: within Ratio times the lowest cost a solver solves this
// Share of the problems.
type Level struct{ Ratio, Share float64 }

// Profile returns the performance profile of a solver with these cost ratios: the
// levels at which its share rises, in ascending order; below the first it is 0.
// It is empty when the solver solves no problem.
func Profile(ratios []float64) []Level {
	var levels []Level
	s := sorted(ratios)
	for i, r := range s {
		if math.IsInf(r, 1) {
			break
		}
		level := Level{r, float64(i+1) / float64(len(s))}
		if n := len(levels); n > 0 && levels[n-1].Ratio == r {
			levels[n-1] = level
		} else {
			levels = append(levels, level)
		}
	}
	return levels
}

// Share returns the part of a profile at a ratio.
func Share(profile []Level, ratio float64) float64 {
	i, found := slices.BinarySearchFunc(profile, ratio, func(l Level, r float64) int {
		switch {
		case l.Ratio < r:
			return -1
		case l.Ratio > r:
			return 1
		}
		return 0
	})
	switch {
	case found:
		return profile[i].Share
	case i == 0:
		return 0
	}
	return profile[i-1].Share
}
