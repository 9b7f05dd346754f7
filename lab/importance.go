package lab

import (
	"fmt"
	"math"
	"slices"

	"github.com/descent-go/descent/internal/portable"
)

// Importance says how much each dimension of a space matters to the loss.
type Importance struct {
	// Shares are those of the dimensions, in their order.
	Shares []Share `json:"shares"`
	// Interactions is the share that only several dimensions together explain.
	Interactions float64 `json:"interactions"`
	// Fit is the share of the variance of places left out that the forest predicts; the
	// shares are worth nothing where it is near zero, or below.
	Fit float64 `json:"fit"`
	// Log says that it was the logarithm of the loss that was explained.
	Log bool `json:"log"`
}

// A Share is the part of the loss's variance over the space that a dimension explains
// by itself.
type Share struct {
	Key   string  `json:"key"`
	Share float64 `json:"share"`
	// Spread is the standard deviation over the trees.
	Spread float64 `json:"spread"`
}

// fewest is the number of observations from which on importance means something.
const fewest = 4

// NewImportance splits the variance of the loss over the space by dimensions, by
// functional analysis of variance in a random forest that was fit to the
// observations: F. Hutter, H. Hoos and K. Leyton-Brown, An efficient approach for
// assessing hyperparameter importance, ICML 2014. The forest has 64 trees; see
// growTree.
//
// The logarithm of losses is taken when all are positive and the largest is ten times
// the smallest. Places that diverged count as the worst that did not. A dimension that
// does not exist at a place counts there as the middle of its range. The error says
// that there are too few observations, or that all are the same.
func NewImportance(s *Space, history []Observation, seed uint64) (*Importance, error) {
	m := &Importance{}
	x := make([][]float64, len(history))
	for i, o := range history {
		x[i] = s.canonical(o.U)
	}
	var y []float64
	if y, m.Log = tamed(history); len(y) < fewest {
		return nil, fmt.Errorf("lab: importance from %d places, want at least %d, one of which did not diverge", len(history), fewest)
	}
	if slices.Min(y) == slices.Max(y) {
		return nil, fmt.Errorf("lab: importance from %d places with the same loss, want different ones", len(y))
	}
	f := growForest(x, y, seed)
	m.Fit = f.fit
	shares := make([][]float64, len(f.trees))
	for t, tree := range f.trees {
		shares[t] = tree.shares(s.Dim())
	}
	explained := 0.0
	for j := range s.Params {
		var mean, squares float64
		for _, tree := range shares {
			mean += tree[j] / float64(len(shares))
		}
		for _, tree := range shares {
			squares += float64((tree[j] - mean) * (tree[j] - mean))
		}
		m.Shares = append(m.Shares, Share{s.Params[j].Key, mean, math.Sqrt(squares / float64(len(shares)))})
		explained += mean
	}
	m.Interactions = max(1-explained, 0)
	return m, nil
}

// canonical returns the middle of all places that stand for the same.
func (s *Space) canonical(u []float64) []float64 {
	c := s.At(u)
	v := make([]float64, len(u))
	for i := range s.Params {
		v[i] = 0.5
		if _, ok := c[s.Params[i].Key]; ok {
			v[i] = s.Params[i].center(min(max(u[i], 0), 1))
		}
	}
	return v
}

// tamed returns losses that a mean can be taken of, and whether they are logarithms;
// none when nothing converged.
func tamed(history []Observation) (y []float64, log bool) {
	worst, best := math.Inf(-1), math.Inf(1)
	for _, o := range history {
		if !o.diverged() {
			worst, best = max(worst, o.Loss), min(best, o.Loss)
		}
	}
	if math.IsInf(best, 0) {
		return nil, false
	}
	log = best > 0 && worst >= float64(10*best)
	for _, o := range history {
		v := worst
		if !o.diverged() {
			v = o.Loss
		}
		if log {
			v = portable.Log(v)
		}
		y = append(y, v)
	}
	return y, log
}
