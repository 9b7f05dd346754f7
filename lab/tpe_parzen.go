package lab

import (
	"math"
	"slices"

	"github.com/descent-go/descent/internal/portable"
	"github.com/descent-go/descent/internal/rng"
)

// A parzen is a density on the unit interval, made of one window for each place
// known and of a wide one, the prior. The windows of numbers are normal
// distributions, cut off at the ends; over levels they count by what they cover.
// Those of choices are more of one choice and a little of all.
type parzen struct {
	d       *Dimension
	weights []float64 // of the windows, the sum is 1; the prior is the last
	centers []float64 // of numbers
	widths  []float64
	inside  []float64 // the share of each window within the interval
	chances []float64 // of choices
}

func newParzen(d *Dimension, places []float64) *parzen {
	p := &parzen{d: d, weights: append(fading(len(places)), tpePrior)}
	sum := 0.0
	for _, w := range p.weights {
		sum += w
	}
	for i := range p.weights {
		p.weights[i] /= sum
	}
	if d.Choices != nil {
		p.choices(places)
	} else {
		p.windows(places)
	}
	return p
}

// choices makes the chances of choices: a window has one place in its choice and the
// prior's weight, shared by all windows, spread over all choices.
func (p *parzen) choices(places []float64) {
	k, windows := float64(len(p.d.Choices)), float64(len(p.weights))
	p.chances = make([]float64, len(p.d.Choices))
	for i, w := range p.weights {
		spread, own := 1/k, 0.0
		if i < len(places) {
			all := 1 + float64(k*(tpePrior/windows))
			spread, own = tpePrior/windows/all, 1/all
			p.chances[p.d.level(places[i])] += float64(w * own)
		}
		for c := range p.chances {
			p.chances[c] += float64(w * spread)
		}
	}
}

// windows makes those of numbers. A window is as wide as the larger distance to its
// neighbours, the prior's center among them, but not narrower than a share of the
// interval that falls with their number.
func (p *parzen) windows(places []float64) {
	const middle = 0.5
	for _, u := range places {
		p.centers = append(p.centers, p.d.center(u))
	}
	p.centers = append(p.centers, middle)
	n := len(p.centers)
	order := make([]int, n)
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int {
		switch {
		case p.centers[a] < p.centers[b]:
			return -1
		case p.centers[a] > p.centers[b]:
			return 1
		}
		return 0
	})
	narrowest := 1 / float64(min(100, n+1))
	p.widths, p.inside = make([]float64, n), make([]float64, n)
	for k, i := range order {
		var left, right float64
		if k > 0 {
			left = p.centers[i] - p.centers[order[k-1]]
		}
		if k+1 < n {
			right = p.centers[order[k+1]] - p.centers[i]
		}
		p.widths[i] = min(max(left, right, narrowest), 1)
	}
	p.widths[n-1] = 1
	for i := range p.centers {
		p.inside[i] = p.covered(i, 0, 1)
	}
}

// covered returns the share of a window, not cut off, between two coordinates.
func (p *parzen) covered(i int, lo, hi float64) float64 {
	at := func(x float64) float64 { return portable.Erf((x - p.centers[i]) / p.widths[i] / math.Sqrt2) }
	return (at(hi) - at(lo)) / 2
}

// draw returns a random coordinate.
func (p *parzen) draw(r *rng.Rand) float64 {
	if p.chances != nil {
		lo, hi := p.d.edges(pick(r, p.chances))
		return (lo + hi) / 2
	}
	i := pick(r, p.weights)
	for {
		x := p.centers[i] + float64(p.widths[i]*r.Normal())
		if x >= 0 && x <= 1 {
			return p.d.center(x)
		}
	}
}

// pick returns an index at random by weights whose sum is 1.
func pick(r *rng.Rand, weights []float64) int {
	x := r.Float64()
	for i, w := range weights {
		if x -= w; x < 0 {
			return i
		}
	}
	return len(weights) - 1
}

// density returns the density at a coordinate; of levels and choices, how likely they
// are.
func (p *parzen) density(x float64) float64 {
	if p.chances != nil {
		return p.chances[p.d.level(x)]
	}
	n := p.d.levels()
	level := n > 0 && n <= tpeFine
	var lo, hi float64
	if level {
		lo, hi = p.d.edges(p.d.level(x))
	}
	sum := 0.0
	for i, w := range p.weights {
		var share float64
		if level {
			share = p.covered(i, lo, hi)
		} else {
			z := (x - p.centers[i]) / p.widths[i]
			share = portable.Exp(-z*z/2) / p.widths[i] // the constant cancels in ratios
		}
		sum += float64(w * share / p.inside[i])
	}
	return sum
}
