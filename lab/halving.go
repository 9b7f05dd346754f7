package lab

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"
)

// A ladder has the shares of the budget after which a trial is looked at: each is
// eta times the one before, the last is the whole.
type ladder struct{ eta, rungs int }

// rung1 is the fewest steps before a trial is looked at for the first time.
const rung1 = 3

// newLadder returns the ladder of at most so many rungs that a budget has room for.
func newLadder(eta, rungs int, steps int64) ladder {
	l := ladder{eta, 1}
	for l.rungs < rungs && float64(l.power(l.rungs)*rung1) <= float64(steps) {
		l.rungs++
	}
	return l
}

// power is eta to the k.
func (l ladder) power(k int) int64 {
	n := int64(1)
	for range k {
		n *= int64(l.eta)
	}
	return n
}

// share is that of a rung, counted from 0.
func (l ladder) share(k int) float64 { return 1 / float64(l.power(l.rungs-1-k)) }

// shares are those of all rungs.
func (l ladder) shares() []float64 {
	shares := make([]float64, l.rungs)
	for k := range shares {
		shares[k] = l.share(k)
	}
	return shares
}

// whole is a whole training in units of the first rung; step is what it takes to
// come to a rung from the one before.
func (l ladder) whole() int64 { return l.power(l.rungs - 1) }

func (l ladder) step(from, to int) int64 {
	if from < 0 {
		return l.power(to)
	}
	return l.power(to) - l.power(from)
}

// every is the number of steps of the first rung.
func (l ladder) every(total int64) int64 { return max(total/l.power(l.rungs-1), 1) }

// until is the step of a rung; the last has none, it is the end.
func (l ladder) until(k int, total int64) int64 {
	if k >= l.rungs-1 {
		return math.MaxInt64
	}
	return l.every(total) * l.power(k)
}

// task is the task that outcomes of a rung belong to in a journal.
func (l ladder) task(t *Task, k int) *Task {
	return &Task{name: t.name, key: fmt.Sprintf("%s@%d/%d^%d", t.key, l.power(k), l.eta, l.rungs-1)}
}

// betterTry orders tries: those that converged first, of these the ones that came
// further, then by the median of their losses there, then the earlier one.
func betterTry(a, b *Try) int {
	if x, y := math.IsInf(a.Loss(), 1), math.IsInf(b.Loss(), 1); x != y {
		return map[bool]int{false: -1, true: 1}[x]
	}
	return cmp.Or(cmp.Compare(b.reached(), a.reached()), cmp.Compare(a.Loss(), b.Loss()), cmp.Compare(a.Number, b.Number))
}

// promotable returns the try that successive halving lets go on from a rung: of those
// that were seen there the best share 1/eta, without those that have gone on or
// that diverged. Nil: none.
func (l ladder) promotable(seen []*Try, rung int) *Try {
	before := func(a, b *Try) bool {
		return cmp.Or(cmp.Compare(a.rung(rung).Loss, b.rung(rung).Loss), cmp.Compare(a.Number, b.Number)) < 0
	}
	var best *Try // of those that rest here
	for _, t := range seen {
		if t.granted == rung && (best == nil || before(t, best)) {
			best = t
		}
	}
	if best == nil || math.IsInf(float64(best.rung(rung).Loss), 1) {
		return nil
	}
	better := 0
	for _, t := range seen {
		if before(t, best) {
			better++
		}
	}
	if better >= len(seen)/l.eta {
		return nil
	}
	return best
}

// A bracket is one run of successive halving in Hyperband: so many configurations
// that begin with this rung.
type bracket struct{ rung, tries int }

// brackets returns those of Hyperband, from the boldest to the plain one: algorithm 1
// of Li, Jamieson, DeSalvo, Rostamizadeh and Talwalkar, JMLR 18 (2018).
func (l ladder) brackets() []bracket {
	var all []bracket
	for s := l.rungs - 1; s >= 0; s-- {
		n := (int64(l.rungs)*l.power(s) + int64(s)) / int64(s+1)
		all = append(all, bracket{l.rungs - 1 - s, int(n)})
	}
	return all
}

// cost is what a bracket takes, in units.
func (l ladder) cost(b bracket) int64 {
	total, n, from := int64(0), int64(b.tries), -1
	for k := b.rung; k < l.rungs; k++ {
		total += n * l.step(from, k)
		from = k
		n = max(n/int64(l.eta), 1)
	}
	return total
}

// hyperband runs one bracket after the other, from the boldest on, again and again
// while there are trials and budget. The last bracket is as small as they ask for.
func (s *tuner) hyperband(ctx context.Context) error {
	all := s.ladder.brackets()
	for n := 0; ; n++ {
		b := all[n%len(all)]
		if s.o.Trials > 0 {
			b.tries = min(b.tries, s.o.Trials-len(s.tries))
		}
		for b.tries > 0 && s.spent+s.ladder.cost(b) > s.limit {
			b.tries--
		}
		if b.tries < 1 {
			return nil
		}
		if err := s.bracket(ctx, b); err != nil {
			return err
		}
	}
}

// bracket runs successive halving: all tries come to a rung, and the best share 1/eta
// of them goes on to the next, one at least.
func (s *tuner) bracket(ctx context.Context, b bracket) error {
	var group []*Try
	err := s.work(ctx, s.o.workers(), func() (*Try, int, error) {
		if len(group) == b.tries {
			return nil, 0, nil
		}
		t, err := s.sample(b.rung)
		group = append(group, t)
		return t, b.rung, err
	})
	for rung := b.rung; err == nil && rung < s.ladder.rungs-1; rung++ {
		slices.SortFunc(group, betterTry)
		var on []*Try
		for _, t := range group[:min(max(len(group)/s.ladder.eta, 1), len(group))] {
			if !math.IsInf(t.Loss(), 1) {
				on = append(on, t)
			}
		}
		for _, t := range group[len(on):] {
			t.releaseAll()
		}
		group = on
		left := slices.Clone(group)
		err = s.work(ctx, max(s.o.Workers, s.o.Parallel), func() (*Try, int, error) {
			if len(left) == 0 {
				return nil, 0, nil
			}
			t := left[0]
			left = left[1:]
			t.granted = rung + 1
			return t, rung + 1, nil
		})
	}
	return err
}
