package lab

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"

	"github.com/descent-go/descent/internal/parallel"
	"github.com/descent-go/descent/train"
)

// A Pool runs trials.
type Pool struct {
	Parallel int         // trials at a time; 0 is 1; those of a program's own model take turns
	Stage    string      // for events
	Journal  *Journal    // what is known is not done again; nil: nothing is
	Sink     func(Event) // is called for one event at a time; nil: nobody listens

	label func(i int, e *TrialDone) // says whose the trial is
}

// Run does the trials and returns their outcomes in the same order. But for the
// time that they took, they do not depend on Parallel. While several are at work,
// each has a thread to itself.
//
// A trial that diverges has an outcome like any other; one that cannot begin is an
// error, and so is the end of the context. The journal has what was done by then.
func (p *Pool) Run(ctx context.Context, t *Task, trials []Trial) ([]Outcome, error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	outcomes := make([]Outcome, len(trials))
	var mu sync.Mutex // of done, and of the sink
	done := 0
	tell := func(i int, known bool) {
		mu.Lock()
		defer mu.Unlock()
		if done++; p.Sink == nil {
			return
		}
		e := &TrialDone{Task: t.name, Stage: p.Stage, Done: done, Total: len(trials), Outcome: &outcomes[i], Known: known}
		if p.label != nil {
			p.label(i, e)
		}
		p.Sink(e)
	}
	var todo []int
	for i, tr := range trials {
		if o, ok := p.Journal.find(t, tr); ok {
			outcomes[i] = o
			tell(i, true)
			continue
		}
		todo = append(todo, i)
	}
	var next atomic.Int64 // of todo: who is ready takes it
	var workers sync.WaitGroup
	count := min(max(p.Parallel, 1), len(todo))
	if count > 1 {
		defer parallel.Singly()()
	}
	for range count {
		workers.Go(func() {
			for ctx.Err() == nil {
				k := int(next.Add(1)) - 1
				if k >= len(todo) {
					return
				}
				i := todo[k]
				o, err := t.do(ctx, trials[i])
				if err == nil {
					outcomes[i] = *o
					err = p.Journal.add(t, o)
				}
				if err != nil {
					cancel(err)
					return
				}
				tell(i, false)
			}
		})
	}
	workers.Wait()
	if err := context.Cause(ctx); err != nil {
		return nil, err
	}
	return outcomes, nil
}

// do trains.
func (t *Task) do(ctx context.Context, tr Trial) (*Outcome, error) {
	if t.prepared.Shared() {
		t.turn.Lock()
		defer t.turn.Unlock()
	}
	s, err := t.trial(tr)
	if err != nil {
		return nil, fmt.Errorf("lab: %s: %w", t.name, err)
	}
	unlimited(&s.Options)
	if !tr.Test {
		s.Options.Test = nil
	}
	w := newWatch(s, tr.Curve)
	res, err := s.Train(ctx, w)
	switch {
	case err != nil:
		return nil, fmt.Errorf("lab: %s: %w", t.name, err)
	case res.Reason == train.ReasonInterrupted:
		return nil, context.Cause(ctx)
	}
	return w.outcome(tr, res), nil
}

// unlimited leaves out what would end a training early, or only tells of it.
func unlimited(o *train.Options) {
	o.Patience, o.TargetLoss, o.TimeBudget, o.KeepBest = 0, nil, 0, false
	o.Measure, o.MeasureEvery, o.Diagnose = false, 0, nil
	o.Train = nil
}
