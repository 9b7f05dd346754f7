package lab

import (
	"math"
	"slices"
	"strconv"

	"github.com/descent-go/descent/internal/rng"
)

const (
	forestTrees = 64
	// forestLeaf is the number of places below which a leaf is not split.
	forestLeaf = 4
)

// A forest is a random forest of regression trees on the unit cube.
type forest struct {
	trees []*tree
	fit   float64 // the share of variance that it predicts out of the bag
}

// A tree is a node of a regression tree: a leaf, or a cut.
type tree struct {
	mean      float64 // of a leaf
	dimension int
	at        float64 // low is up to there
	low, high *tree   // nil: a leaf
}

// A box is a leaf of a tree with the part of the unit cube that it has.
type box struct {
	lo, hi []float64
	mean   float64
	volume float64
}

// growForest grows each tree on as many places as there are, drawn with replacement.
func growForest(x [][]float64, y []float64, seed uint64) *forest {
	f := &forest{}
	n := len(y)
	sums, counts := make([]float64, n), make([]int, n)
	for t := range forestTrees {
		r := rng.New(seed, "tree "+strconv.Itoa(t))
		bag, in := make([]int, n), make([]bool, n)
		for i := range bag {
			bag[i] = r.IntN(n)
			in[bag[i]] = true
		}
		root := growTree(x, y, bag, r)
		f.trees = append(f.trees, root)
		for i := range n {
			if !in[i] {
				sums[i] += root.predict(x[i])
				counts[i]++
			}
		}
	}
	mean := 0.0
	for _, v := range y {
		mean += v / float64(n)
	}
	var wrong, all float64
	for i, v := range y {
		if counts[i] > 0 {
			e, d := v-sums[i]/float64(counts[i]), v-mean
			wrong += float64(e * e)
			all += float64(d * d)
		}
	}
	if all > 0 {
		f.fit = 1 - wrong/all
	}
	return f
}

// growTree splits the places where that lowers the squared error most, until fewer
// than forestLeaf are left or all are the same. In each node a random five sixths of
// the dimensions are looked at, at least one that divides the places: L. Breiman,
// Random forests, Machine Learning 45 (2001), with the share that Hutter et al. use.
func growTree(x [][]float64, y []float64, bag []int, r *rng.Rand) *tree {
	t := &tree{}
	for _, i := range bag {
		t.mean += y[i] / float64(len(bag))
	}
	if len(bag) < forestLeaf {
		return t
	}
	dims := r.Perm(len(x[0]))
	look := int(math.Ceil(float64(len(dims)) * 5 / 6))
	best := 0.0
	found := false
	for k, j := range dims {
		if k >= look && found {
			break
		}
		if gain, at, ok := bestCut(x, y, bag, j); ok && (!found || gain > best) {
			best, t.dimension, t.at, found = gain, j, at, true
		}
	}
	if !found || best <= 0 {
		return t
	}
	var low, high []int
	for _, i := range bag {
		if x[i][t.dimension] <= t.at {
			low = append(low, i)
		} else {
			high = append(high, i)
		}
	}
	t.low, t.high = growTree(x, y, low, r), growTree(x, y, high, r)
	return t
}

// bestCut returns the cut along a dimension that lowers the squared error most, by
// how much, and whether there is one.
func bestCut(x [][]float64, y []float64, bag []int, j int) (gain, at float64, ok bool) {
	order := slices.Clone(bag)
	slices.SortStableFunc(order, func(a, b int) int {
		switch {
		case x[a][j] < x[b][j]:
			return -1
		case x[a][j] > x[b][j]:
			return 1
		}
		return 0
	})
	n, all := float64(len(order)), 0.0
	mean := 0.0
	for _, i := range order {
		mean += y[i] / n
	}
	for _, i := range order {
		all += y[i] - mean
	}
	sum := 0.0
	for k, i := range order[:len(order)-1] {
		sum += y[i] - mean
		a, b := x[i][j], x[order[k+1]][j]
		if a == b {
			continue
		}
		left := float64(k + 1)
		g := float64(sum*sum)/left + float64((all-sum)*(all-sum))/(n-left)
		if !ok || g > gain {
			gain, at, ok = g, (a+b)/2, true
		}
	}
	return gain, at, ok
}

func (t *tree) predict(x []float64) float64 {
	for t.low != nil {
		if x[t.dimension] <= t.at {
			t = t.low
		} else {
			t = t.high
		}
	}
	return t.mean
}

// boxes returns the leaves below a node that has a part of the cube.
func (t *tree) boxes(lo, hi []float64) []box {
	if t.low == nil {
		b := box{lo, hi, t.mean, 1}
		for i := range lo {
			b.volume *= hi[i] - lo[i]
		}
		return []box{b}
	}
	below, above := slices.Clone(hi), slices.Clone(lo)
	below[t.dimension], above[t.dimension] = t.at, t.at
	return append(t.low.boxes(lo, below), t.high.boxes(above, hi)...)
}

// shares returns, for each dimension, the share of the tree's variance over the cube
// that it explains by itself: the variance of the mean over all others.
func (t *tree) shares(dim int) []float64 {
	shares := make([]float64, dim)
	lo, hi := make([]float64, dim), make([]float64, dim)
	for j := range hi {
		hi[j] = 1
	}
	boxes := t.boxes(lo, hi)
	mean, variance := 0.0, 0.0
	for _, b := range boxes {
		mean += float64(b.volume * b.mean)
	}
	for _, b := range boxes {
		variance += float64(b.volume * (b.mean - mean) * (b.mean - mean))
	}
	if variance == 0 {
		return shares
	}
	for j := range shares {
		edges := []float64{0, 1}
		for _, b := range boxes {
			edges = append(edges, b.lo[j])
		}
		slices.Sort(edges)
		edges = slices.Compact(edges)
		for k, from := range edges[:len(edges)-1] {
			marginal := 0.0
			for _, b := range boxes {
				if b.lo[j] <= from && from < b.hi[j] {
					marginal += float64(b.mean * b.volume / (b.hi[j] - b.lo[j]))
				}
			}
			shares[j] += float64((edges[k+1] - from) * (marginal - mean) * (marginal - mean))
		}
		shares[j] /= variance
	}
	return shares
}
