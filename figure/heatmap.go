package figure

// A HeatMap is what [Heat] draws, as numbers: for who draws it another way.
type HeatMap struct {
	// Relief is the smooth mean, undefined where no try is near. Its places are evenly
	// spaced on the axes as they are drawn, so that those of a logarithmic one keep their
	// ratio; choices count from 0, and the places of each reach half a step to both sides
	// of it. Domain is from the first places to the last.
	*Relief
	// Marks are the tries that have a place on both axes, in their order.
	Marks []HeatMark
}

// A HeatMark is a try of a [HeatMap].
type HeatMark struct {
	Try int // its index in Tries
	// X and Y are where it is marked: at its place, but those at the same choice are moved
	// apart.
	X, Y           float64
	Diverged, Best bool
}

// Map computes what Figure draws, on a grid of n by n places, at least 2.
func (c Heat) Map(n int) (*HeatMap, error) {
	if n < 2 {
		return nil, placesError("Heat.Map", n)
	}
	c, kept, err := c.placed()
	if err != nil {
		return nil, err
	}
	x, y := c.X.place(c.Tries, 0, 0), c.Y.place(c.Tries, 1, 0)
	fd, err := c.mean(x, y, n)
	if err != nil {
		return nil, err
	}
	for i, u := range fd.xs { // those of the rows are the same
		fd.xs[i], fd.ys[i] = x.value(u), y.value(u)
	}
	xs, ys := c.spots()
	best := bestTry(c.Tries)
	marks := make([]HeatMark, len(kept))
	for i, k := range kept {
		marks[i] = HeatMark{k, xs[i], ys[i], c.Tries[i].diverged(), i == best}
	}
	return &HeatMap{fd.relief(Domain{x.lo, x.hi, y.lo, y.hi}), marks}, nil
}

// value is the inverse of unit.
func (a axis) value(u float64) float64 {
	switch {
	case u <= 0:
		return a.lo
	case u >= 1:
		return a.hi
	case a.log:
		lo, hi := log10(a.lo), log10(a.hi)
		return pow10(lo + float64(u*(hi-lo)))
	}
	return 2 * (a.lo/2 + float64(u*(a.hi/2-a.lo/2)))
}
