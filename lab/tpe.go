package lab

import (
	"cmp"
	"math"
	"slices"
	"strconv"

	"github.com/descent-go/descent/internal/rng"
)

// tpe is the sampler tpe, the tree-structured Parzen estimator: of the places known,
// the good ones and the others each make a density, dimension by dimension, and of
// places drawn from the first it takes that where the first is highest in relation
// to the second.
//
// J. Bergstra, R. Bardenet, Y. Bengio and B. Kégl, Algorithms for hyper-parameter
// optimization, NeurIPS 2011; the widths of the Parzen windows, the prior and the
// fading of old places are those of J. Bergstra, D. Yamins and D. Cox, Making a
// science of model search, ICML 2013 (hyperopt), how many are good is that of T.
// Akiba et al., Optuna, KDD 2019. A dimension that depends on a condition learns from
// the places where it existed.
type tpe struct {
	space *Space
	seed  uint64
	calls int
}

const (
	tpeStart      = 10  // places at random, before there is something to learn from
	tpeCandidates = 24  // from which one is taken, in each dimension
	tpeGood       = 0.1 // the share of places that are good …
	tpeMostGood   = 25  // … and how many are at most
	tpeFresh      = 25  // places known last, that do not fade
	tpePrior      = 1   // weight of the prior, in places
	tpeFine       = 256 // levels of a dimension from which on it counts as continuous
)

func (t *tpe) Next(history []Observation) []float64 {
	r := rng.New(t.seed, "tpe "+strconv.Itoa(t.calls))
	t.calls++
	u := make([]float64, t.space.Dim())
	if len(history) < tpeStart {
		for i := range u {
			u[i] = r.Float64()
		}
		return u
	}
	good, rest := t.split(history)
	for i := range u {
		d := &t.space.Params[i]
		l, g := newParzen(d, t.column(good, i)), newParzen(d, t.column(rest, i))
		best := math.Inf(-1)
		for range tpeCandidates {
			x := l.draw(r)
			if score := l.density(x) / g.density(x); score > best {
				u[i], best = x, score
			}
		}
	}
	return u
}

// split parts the history in those that are good and the rest, both in the order of
// the history.
func (t *tpe) split(history []Observation) (good, rest []Observation) {
	n := len(history)
	ranks := make([]int, n)
	for i := range ranks {
		ranks[i] = i
	}
	slices.SortStableFunc(ranks, func(a, b int) int { return worse(&history[a], &history[b]) })
	isGood := make([]bool, n)
	for _, i := range ranks[:min(int(math.Ceil(tpeGood*float64(n))), tpeMostGood)] {
		isGood[i] = true
	}
	for i, o := range history {
		if isGood[i] {
			good = append(good, o)
		} else {
			rest = append(rest, o)
		}
	}
	return good, rest
}

// worse compares two places: those that diverged are the worst, then those that were
// pruned, then the loss counts.
func worse(a, b *Observation) int {
	rank := func(o *Observation) int {
		switch {
		case o.diverged():
			return 2
		case o.Pruned:
			return 1
		}
		return 0
	}
	if c := cmp.Compare(rank(a), rank(b)); c != 0 || a.diverged() {
		return c
	}
	return cmp.Compare(a.Loss, b.Loss)
}

func (o *Observation) diverged() bool { return math.IsNaN(o.Loss) || math.IsInf(o.Loss, 1) }

// column returns the coordinates in one dimension of the places where it exists.
func (t *tpe) column(history []Observation, i int) []float64 {
	d := &t.space.Params[i]
	var column []float64
	for _, o := range history {
		if d.When == nil || d.When.holds(t.space.At(o.U)) {
			column = append(column, o.U[i])
		}
	}
	return column
}

// fading returns the weights of so many places, the oldest first.
func fading(n int) []float64 {
	w := make([]float64, n)
	old := n - tpeFresh
	for i := range w {
		w[i] = 1
		if i < old {
			w[i] = 1 / float64(n)
			if old > 1 {
				w[i] += float64((1 - 1/float64(n)) * (float64(i) / float64(old-1)))
			}
		}
	}
	return w
}
