package train

import (
	"math"

	"github.com/descent-go/descent/optim"
)

// gather computes loss and gradients of a step, of several batches when they
// accumulate, and reports false when an epoch ended before it had any.
func (l *loop[F]) gather(rate float64) (some bool, err error) {
	l.epochOver = false
	if err := l.diag.begin(l.opt.Updates() + 1); err != nil {
		return false, err
	}
	if l.source == nil {
		if err := l.opt.Probe(rate); err != nil {
			return false, err
		}
		l.weight = 1
		l.loss, err = l.model.Loss(nil)
		return true, err
	}
	var sum mean
	l.examples = 0
	for range max(l.o.Accumulate, 1) {
		if !l.source.Next(&l.batch) {
			l.epochOver = true
			if err := l.source.Err(); err != nil {
				return false, err
			}
			break
		}
		l.diag.batch(&l.batch)
		if err := l.opt.Probe(rate); err != nil {
			return false, err
		}
		if l.loss, err = l.model.Loss(&l.batch); err != nil {
			return false, err
		}
		sum.add(l.loss, float64(l.batch.N))
		l.examples += l.batch.N
		if l.acc != nil {
			if err := l.acc.Add(float64(l.batch.N)); err != nil {
				return false, err
			}
		}
	}
	if sum.Steps == 0 {
		return false, nil
	}
	if l.acc != nil {
		l.acc.Mean()
	}
	if l.weight = sum.Weight; sum.Steps > 1 {
		l.loss = sum.value()
	}
	if e := l.epochs; e != nil && !l.epochOver {
		if _, at := e.Position(); at >= e.PerEpoch() {
			l.epochOver = !l.source.Next(&l.batch)
		}
	}
	return true, nil
}

// apply checks the gradient, takes the step and reports it.
func (l *loop[F]) apply(rate float64) (Reason, error) {
	if !l.healthy(rate) {
		return ReasonDiverged, nil
	}
	if l.immediate() && finite(l.loss) {
		if reason := l.observe(l.loss, l.opt.Updates()); reason != 0 {
			l.phase, l.pending = phaseObserved, rate
			return reason, nil
		}
	}
	return l.update(rate)
}

// update takes the step with the gradient that apply has checked.
func (l *loop[F]) update(rate float64) (Reason, error) {
	if l.o.MinGrad > 0 && l.gradNorm() <= l.o.MinGrad {
		l.phase, l.pending = phaseObserved, rate
		return ReasonSmallGradient, nil
	}
	l.diag.before(l.opt.Updates()+1, l.loss)
	l.measure()
	if err := l.opt.Step(rate); err != nil {
		if err = l.refused(err, rate); err == nil {
			return ReasonDiverged, nil
		}
		return ReasonFailed, err
	}
	stats := l.opt.Stats()
	l.st.Examples += int64(l.examples)
	switch {
	case stats.Skipped:
		if l.st.Skipped++; finite(l.loss) {
			l.st.Bad++
		}
		if l.tooManyBad() {
			l.diverge(CauseGradient, rate)
			return ReasonDiverged, nil
		}
	default:
		if finite(l.loss) {
			l.st.Bad = 0
			l.st.Epochal.add(l.loss, l.weight)
			l.st.Interval.add(l.loss, l.weight)
		}
		if l.avg != nil && l.opt.Updates() > l.o.AverageFrom {
			if err := l.avg.Update(); err != nil {
				return ReasonFailed, err
			}
		}
		if l.watch != nil {
			l.watch.update(l.params, l.loss)
		}
	}
	l.report(rate, &stats)
	if err := l.diagnose(rate, stats.Skipped); err != nil {
		return ReasonFailed, err
	}
	return l.still(), nil
}

// still returns the reason to end that the last update is, if it was too small.
func (l *loop[F]) still() Reason {
	if l.o.MinUpdate > 0 && !l.step.Skipped && l.step.UpdateNorm <= l.o.MinUpdate {
		l.phase = phaseUpdated
		return ReasonSmallUpdate
	}
	return 0
}

// report emits the step, and the oscillation that has begun with it.
func (l *loop[F]) report(rate float64, stats *optim.Stats) {
	e := &l.step
	e.Step, e.Epoch, e.Loss, e.Rate, e.Examples = l.opt.Updates(), l.st.Epoch, l.loss, rate, l.examples
	e.GradNorm, e.UpdateNorm, e.ParamNorm = stats.GradNorm, stats.UpdateNorm, stats.ParamNorm
	e.Clipped, e.Skipped = stats.Clipped, stats.Skipped
	if l.o.Points && l.point(l.where) == nil && l.at != nil {
		e.Value = l.at.At(e.Point)
	}
	if l.o.Slot != "" {
		l.slot(e.Slot)
	}
	l.emit(e)
	if l.watch != nil && !stats.Skipped && l.watch.look(e.Step, rate) {
		seen := l.watch.Report
		l.res.Oscillating = &seen
		l.emit(&seen)
	}
}

// gradNorm returns the 2-norm of all gradients.
func (l *loop[F]) gradNorm() float64 {
	sum := 0.0
	for i := range l.params {
		for _, g := range l.params[i].Grad {
			sum += float64(float64(g) * float64(g))
		}
	}
	return math.Sqrt(sum)
}

// point writes the method's point into dst, all parameters one after the other.
func (l *loop[F]) point(dst []float64) error {
	at := 0
	for i := range l.params {
		v := l.view[:len(l.params[i].Data)]
		if err := l.opt.View(i, v); err != nil {
			return err
		}
		for _, x := range v {
			dst[at] = float64(x)
			at++
		}
	}
	return nil
}

// slot writes the state that Options.Slot names to dst.
func (l *loop[F]) slot(dst []float64) {
	for _, p := range l.params {
		values := l.opt.State(p.Name, l.o.Slot)
		for i := range p.Data {
			dst[i] = 0
			if values != nil {
				dst[i] = float64(values[i])
			}
		}
		dst = dst[len(p.Data):]
	}
}
