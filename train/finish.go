package train

import "slices"

// finish settles parameters and result after the last step.
func (l *loop[F]) finish(reason Reason, failed error) (*Result, error) {
	l.opt.Restore()
	if l.saver != nil {
		l.saver.last(l, reason)
	}
	if reason != ReasonDiverged && reason != ReasonFailed {
		if err := l.settle(&reason); err != nil {
			reason, failed = ReasonFailed, err
		}
	}
	r := l.res
	if l.at == nil && (reason == ReasonDiverged || l.st.Observed == 0) || l.at != nil {
		r.FinalLoss = float64(l.st.Last)
	}
	if l.avg != nil && l.avg.Count() > 0 && reason != ReasonDiverged {
		l.swap()
		r.Averaged = true
	}
	l.end(reason)
	r.Reason = reason
	r.FirstLoss, r.BestLoss, r.BestStep = float64(l.st.First), float64(l.st.Best), l.st.BestStep
	r.Steps, r.Skipped, r.Epochs, r.Examples = l.opt.Updates(), l.st.Skipped, l.st.Epoch, l.st.Examples
	if r.Oscillating != nil {
		r.Oscillating.Ceased = !l.watch.Active
	}
	if l.o.Test != nil && reason != ReasonFailed && !l.findBad(&Diverged{}, CauseParameter) {
		if err := l.test(); err != nil && failed == nil {
			r.Reason, failed = ReasonFailed, err
		}
	}
	if l.saver != nil {
		if err := l.saver.finish(l); err != nil && failed == nil {
			failed = err
		}
	}
	r.describe(l.o)
	if l.clock != nil {
		r.Seconds = l.elapsed().Seconds()
	}
	if r.Diverged != nil {
		l.emit(r.Diverged)
	}
	l.emit(&Finished{Result: r})
	return r, failed
}

// settle finds out whether the last update went wrong, and makes the last
// observation, if there were steps since the one before.
func (l *loop[F]) settle(reason *Reason) error {
	if l.opt.Updates() > 0 && !l.sound() {
		*reason = ReasonDiverged
		return nil
	}
	if l.saver != nil {
		l.saver.commit(l)
	}
	if l.immediate() || l.st.Observed == l.steps() {
		return nil
	}
	last, err := l.observation()
	if last == ReasonDiverged {
		*reason = last
	}
	return err
}

// sound looks at the parameters after the last update, and at the loss there if
// the model is Pointwise.
func (l *loop[F]) sound() bool {
	rate := l.step.Rate
	if l.findBad(&Diverged{}, CauseParameter) {
		l.diverge(CauseParameter, rate)
		return false
	}
	if l.at == nil || l.point(l.where) != nil {
		return true
	}
	if l.loss = l.at.At(l.where); !finite(l.loss) {
		l.diverge(CauseLoss, rate)
		return false
	}
	return l.healthy(rate)
}

// end puts the best parameters back, and says where a Pointwise model ended
// and what the loss is there. The end is an observation like any other.
func (l *loop[F]) end(reason Reason) {
	better := l.st.BestStep < l.opt.Updates()
	if l.at != nil && reason != ReasonDiverged {
		l.arrive()
		v := l.res.FinalLoss
		if better = float64(l.st.Best) < v; l.immediate() && v < float64(l.st.Best) {
			l.st.Best, l.st.BestStep = Real(v), l.opt.Updates()
		}
	}
	if !l.saved || !better {
		return
	}
	assign(l.params, l.best)
	l.res.Restored = true
	if l.at != nil {
		l.arrive()
	}
}

// arrive sets Point and FinalLoss, if they are finite.
func (l *loop[F]) arrive() {
	if l.res.Restored || l.res.Averaged {
		at := 0
		for _, p := range l.params {
			for _, v := range p.Data {
				l.where[at] = float64(v)
				at++
			}
		}
	} else if l.point(l.where) != nil {
		return // only while the parameters are at the probe
	}
	if slices.ContainsFunc(l.where, notFinite) {
		return
	}
	l.res.Point = slices.Clone(l.where)
	if value := l.at.At(l.where); finite(value) {
		l.res.FinalLoss = value
	}
}

// test evaluates the test set with the parameters that the model now holds.
func (l *loop[F]) test() error {
	loss, err := l.evaluate("test", l.o.Test)
	if err != nil || !finite(loss) {
		return err
	}
	l.res.TestLoss = &loss
	if l.evaluation.Labelled {
		accuracy := l.evaluation.Accuracy
		l.res.TestAccuracy = &accuracy
	}
	return nil
}
