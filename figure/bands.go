package figure

// A Band is what several runs have in common at the steps X: their median, and
// the edges of the band that is drawn around it. +Inf stands for runs that
// diverged.
type Band struct {
	X, Low, Mid, High []float64
	// Edges says what they are: "lowest to highest" of fewer than five runs, "lower to
	// upper quartile" of more.
	Edges string
}

// Band returns the band that [Convergence] draws; false when the runs have too few
// steps in common, and it draws each of them.
func (c SeedCurves) Band() (Band, bool) {
	var runs []Series
	for _, s := range c.Seeds {
		if len(s.Y) > 0 {
			runs = append(runs, s)
		}
	}
	if len(runs) == 0 {
		return Band{}, false
	}
	b := bandOf(runs)
	if b == nil {
		return Band{}, false
	}
	return Band{X: b.mid.X, Low: b.lo.Y, Mid: b.mid.Y, High: b.hi.Y, Edges: b.name}, true
}

// A RateBand is what [Sensitivity] draws above one rate: the median of its seeds and
// the edges of the band. +Inf stands for seeds that diverged.
type RateBand struct {
	Rate, Low, Mid, High float64
	Seeds, Diverged      int // how many there are, and how many of them diverged
}

// Bands returns what is drawn above each of the rates.
func (c RateCurve) Bands() []RateBand {
	columns := c.columns()
	bands := make([]RateBand, len(columns))
	for i, q := range columns {
		bands[i] = RateBand{q.rate, q.lo, q.mid, q.hi, q.seeds, q.burst}
	}
	return bands
}
