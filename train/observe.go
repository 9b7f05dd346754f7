package train

import (
	"fmt"
	"math"

	"github.com/descent-go/descent/data"
)

// immediate reports whether every step's loss is an observation, of the point
// before its update: the case of a function, whose loss is exact.
func (l *loop[F]) immediate() bool {
	return l.source == nil && l.o.Validation == nil && l.o.Train == nil && l.o.EvalEvery <= 1
}

// between does what is due between two steps: the end of an epoch, evaluations
// and the observation that they make.
func (l *loop[F]) between() (Reason, error) {
	if l.epochOver {
		l.st.Epoch++
		l.epochEnd = EpochEnd{Epoch: l.st.Epoch, Step: l.opt.Updates(), Rate: l.step.Rate, Loss: float64(l.st.Last)}
		if l.st.Epochal.Steps > 0 {
			l.epochEnd.Loss = l.st.Epochal.value()
		}
		l.st.Epochal = mean{}
		l.emit(&l.epochEnd)
	}
	due := l.epochOver
	steps := l.steps()
	switch {
	case l.o.EvalEvery > 0:
		due = steps-l.st.Observed >= l.o.EvalEvery
	case l.source == nil:
		due = true
	}
	if l.immediate() {
		due = false
	}
	if !due || steps == l.st.Observed {
		return 0, nil
	}
	return l.observation()
}

// observation evaluates the sets that are evaluated regularly, and observes
// the loss of the validation set or, without one, that of the steps since the
// last observation.
func (l *loop[F]) observation() (Reason, error) {
	l.st.Observed = l.steps()
	loss, known := l.st.Interval.value(), l.st.Interval.Steps > 0
	if known {
		l.res.FinalLoss = loss
	}
	l.st.Interval = mean{}
	if l.o.Train == nil && l.o.Validation == nil {
		if !known {
			return 0, nil
		}
		return l.observe(loss, l.opt.Updates()), nil
	}
	l.swap()
	defer l.swap()
	if l.o.Train != nil {
		if _, err := l.evaluate("train", l.o.Train); err != nil {
			return ReasonFailed, err
		}
	}
	if l.o.Validation != nil {
		var err error
		if loss, err = l.evaluate("validation", l.o.Validation); err != nil {
			return ReasonFailed, err
		}
		if !finite(loss) {
			l.loss = loss
			l.diverge(CauseLoss, l.step.Rate)
			return ReasonDiverged, nil
		}
		known = true
	}
	if !known {
		return 0, nil
	}
	return l.observe(loss, l.opt.Updates()), nil
}

// observe takes an observed loss: it feeds the plateau, keeps the best
// parameters and returns a reason to end. The parameters must be those that
// the loss belongs to.
func (l *loop[F]) observe(loss float64, updates int64) Reason {
	if l.o.Plateau != nil {
		l.st.Factor = l.o.Plateau.Observe(loss)
	}
	st := &l.st
	if st.Observation = Real(loss); loss < float64(st.Best) {
		st.Best, st.BestStep = Real(loss), updates
		if l.o.KeepBest {
			assign(l.best, l.params)
			l.saved = true
		}
	}
	if st.Stale++; loss < float64(st.Mark)-l.o.MinDelta || math.IsInf(float64(st.Mark), 1) {
		st.Mark, st.Stale = Real(loss), 0
	}
	return l.enough()
}

// enough returns the reason to end that the last observation is, if any.
func (l *loop[F]) enough() Reason {
	switch {
	case l.o.TargetLoss != nil && float64(l.st.Observation) <= *l.o.TargetLoss:
		return ReasonTarget
	case l.o.Patience > 0 && l.st.Stale >= l.o.Patience:
		return ReasonNoImprovement
	}
	return 0
}

// swap exchanges parameters and their averages, if they are averaged.
func (l *loop[F]) swap() {
	if l.avg != nil {
		l.avg.Swap()
	}
}

// evaluate returns the mean loss of a set at the present parameters, and
// reports and records it.
func (l *loop[F]) evaluate(name string, set *data.Set) (float64, error) {
	n := set.Len()
	if n == 0 {
		return 0, fmt.Errorf("train: the %s set is empty", name)
	}
	size := l.evalBatch()
	var losses mean
	right := 0
	all := set.All()
	for lo := 0; lo < n; lo += size {
		b := part(&all, lo, min(lo+size, n))
		loss, correct, err := l.eval.Evaluate(&b)
		if err != nil {
			return 0, fmt.Errorf("train: %s set: %w", name, err)
		}
		losses.add(loss, float64(b.N))
		right += correct
	}
	e := &l.evaluation
	*e = Evaluation{
		Step: l.opt.Updates(), Epoch: l.st.Epoch, Set: name, Loss: losses.value(), Examples: n,
		Labelled: set.Label != nil, Best: name == "validation" && losses.value() < float64(l.st.Best),
	}
	if e.Labelled {
		e.Accuracy = float64(right) / float64(n)
	}
	if finite(e.Loss) {
		l.res.Evaluations = append(l.res.Evaluations, *e)
	}
	l.emit(e)
	return e.Loss, nil
}

// evalBatch returns the number of examples evaluated at a time.
func (l *loop[F]) evalBatch() int {
	if l.o.EvalBatch == 0 {
		return 256
	}
	return l.o.EvalBatch
}

// part returns examples lo to hi-1 of a batch.
func part(b *data.Batch, lo, hi int) data.Batch {
	p := *b
	p.N = hi - lo
	p.X = b.X[lo*b.Dim : hi*b.Dim]
	if b.Label != nil {
		p.Label = b.Label[lo:hi]
	}
	if b.Target != nil {
		p.Target = b.Target[lo*b.Out : hi*b.Out]
	}
	return p
}
