package lab

import (
	"math"
	"slices"
	"testing"

	"github.com/descent-go/descent/train"
)

func TestLadder(t *testing.T) {
	l := newLadder(3, 4, 1000)
	if l.rungs != 4 || l.whole() != 27 {
		t.Fatalf("%+v, want 4 rungs, 27 units", l)
	}
	for k, want := range []struct {
		share float64
		until int64
		step  int64
	}{{1. / 27, 37, 1}, {1. / 9, 111, 2}, {1. / 3, 333, 6}, {1, math.MaxInt64, 18}} {
		if l.share(k) != want.share || l.until(k, 1000) != want.until || l.step(k-1, k) != want.step {
			t.Errorf("rung %d: %v, %d, %d, want %+v", k, l.share(k), l.until(k, 1000), l.step(k-1, k), want)
		}
	}
	for _, c := range []struct {
		steps int64
		want  int
	}{{1, 1}, {8, 1}, {9, 2}, {26, 2}, {27, 3}, {81, 4}, {1 << 40, 4}} {
		if got := newLadder(3, 4, c.steps).rungs; got != c.want {
			t.Errorf("%d steps: %d rungs, want %d", c.steps, got, c.want)
		}
	}
	if l := newLadder(2, 1, 1000); l.rungs != 1 || l.until(0, 1000) != math.MaxInt64 {
		t.Errorf("one rung: %+v", l)
	}
}

// The brackets are those of table 1 of Li and others, JMLR 18 (2018), for a budget of
// 81 and an eta of 3.
func TestBrackets(t *testing.T) {
	l := newLadder(3, 5, 1000)
	want := []bracket{{0, 81}, {1, 34}, {2, 15}, {3, 8}, {4, 5}}
	if got := l.brackets(); !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
	// 81 at 1, 27 go on to 3, 9 to 9, 3 to 27 and 1 to 81: 81 + 27·2 + 9·6 + 3·18 + 54.
	if got := l.cost(want[0]); got != 81+54+54+54+54 {
		t.Errorf("the first costs %d units", got)
	}
	if got := l.cost(want[4]); got != 5*81 {
		t.Errorf("the last costs %d units", got)
	}
}

// tried makes tries that were looked at on one rung and more.
func tried(rungs ...[]float64) []*Try {
	var all []*Try
	for i, losses := range rungs {
		t := &Try{Number: i + 1, granted: len(losses) - 1}
		for _, loss := range losses {
			t.Rungs = append(t.Rungs, Rung{Loss: train.Real(loss)})
		}
		all = append(all, t)
	}
	return all
}

func TestPromotable(t *testing.T) {
	inf := math.Inf(1)
	l := ladder{3, 3}
	for _, c := range []struct {
		name string
		seen []*Try
		want int // 0: none
	}{
		{"too few", tried([]float64{1}, []float64{2}), 0},
		{"the best of three", tried([]float64{2}, []float64{1}, []float64{3}), 2},
		{"it has gone on", tried([]float64{2}, []float64{1, 1}, []float64{3}), 0},
		{"the second of six", tried([]float64{2}, []float64{1, 1}, []float64{3}, []float64{4}, []float64{5}, []float64{6}), 1},
		{"the first of equals", tried([]float64{2}, []float64{2}, []float64{2}), 1},
		{"all diverged", tried([]float64{inf}, []float64{inf}, []float64{inf}), 0},
	} {
		got := 0
		if p := l.promotable(c.seen, 0); p != nil {
			got = p.Number
		}
		if got != c.want {
			t.Errorf("%s: try %d, want %d", c.name, got, c.want)
		}
	}
}

func TestBetterTry(t *testing.T) {
	all := tried([]float64{1}, []float64{3, math.Inf(1)}, []float64{4, 5}, []float64{9, 4}, []float64{0.5}, nil)
	slices.SortFunc(all, betterTry)
	var order []int
	for _, t := range all {
		order = append(order, t.Number)
	}
	if want := []int{4, 3, 5, 1, 2, 6}; !slices.Equal(order, want) {
		t.Errorf("order %v, want %v", order, want)
	}
}
