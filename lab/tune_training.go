package lab

import (
	"context"
	"fmt"
	"math"
	"time"

	"github.com/descent-go/descent/train"
)

// A training is a trial on its way, which stops at steps that it is told and waits
// there, with its model and the state of its optimizer, to be told the next one.
type training struct {
	trial  Trial
	ladder ladder
	steps  int64 // of the whole
	bytes  int64 // that it holds, about
	grants chan int64
	looks  chan *Outcome
	ended  *Outcome
	failed error
	cancel context.CancelFunc
	clock  func() time.Time

	watch  *watch
	until  int64 // the step to stop at
	woken  time.Time
	active time.Duration
	first  train.Real
}

// A rest is the sink of a training.
type rest struct {
	*training
	ctx context.Context
}

// begin makes a training that can stop at the rungs of a ladder. It does nothing
// before the first advance, and must be closed.
func (t *Task) begin(ctx context.Context, tr Trial, l ladder) (*training, error) {
	s, err := t.trial(tr)
	if err != nil {
		return nil, fmt.Errorf("lab: %s: %w", t.name, err)
	}
	unlimited(&s.Options)
	s.Options.Test = nil
	g := &training{
		trial: tr, ladder: l, grants: make(chan int64), looks: make(chan *Outcome, 1), clock: s.Options.Clock,
		watch: newWatch(s, s.Function != nil && l.rungs > 1),
	}
	g.steps = g.watch.total
	if every := l.every(g.steps); l.rungs > 1 {
		g.watch.most = max(g.steps/every, 1)
		g.watch.total = g.watch.most * every // the curve has points at multiples of it
		if g.watch.validated && s.Options.Plateau == nil {
			s.Options.EvalEvery = every
		}
	}
	for _, p := range s.Params {
		g.bytes += 8 * int64(len(p.Data)) // and gradients
	}
	for _, p := range s.Params64 {
		g.bytes += 16 * int64(len(p.Data))
	}
	ctx, g.cancel = context.WithCancel(ctx)
	go func() {
		defer close(g.looks)
		if !g.wait(ctx) {
			return
		}
		res, err := s.Train(ctx, &rest{g, ctx})
		switch {
		case err != nil:
			g.failed = fmt.Errorf("lab: %s: %w", t.name, err)
		case res.Reason != train.ReasonInterrupted:
			o := g.watch.outcome(tr, res)
			g.active += g.now().Sub(g.woken)
			o.Seconds, o.Curve = g.active.Seconds(), nil
			g.ended = o
		}
	}()
	return g, nil
}

// advance trains on to a rung and returns what there is to see: the outcome so far,
// or the last one when the training is over.
func (g *training) advance(ctx context.Context, rung int) (*Outcome, error) {
	if g.ended == nil && g.failed == nil {
		select {
		case g.grants <- g.ladder.until(rung, g.steps):
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		}
	}
	select {
	case o, ok := <-g.looks:
		switch {
		case ok:
			return o, nil
		case g.failed != nil:
			return nil, g.failed
		case g.ended != nil:
			return g.ended, nil
		}
		return nil, context.Cause(ctx)
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
}

// close gives the training up, or does nothing when it is over.
func (g *training) close() {
	g.cancel()
	for range g.looks { // until it has let go of the model
	}
}

// wait lets the training rest until it is to go on; false: never.
func (g *training) wait(ctx context.Context) bool {
	select {
	case g.until = <-g.grants:
		g.woken = g.now()
		return true
	case <-ctx.Done():
		return false
	}
}

// Event takes an event of the training, and rests where it is to stop.
func (r *rest) Event(e train.Event) {
	g := r.training
	before := len(g.watch.curve)
	g.watch.Event(e)
	if s, ok := e.(*train.Step); ok && s.Step == 1 {
		g.first = train.Real(s.Loss)
	}
	if len(g.watch.curve) == before {
		return
	}
	for look := g.watch.curve[len(g.watch.curve)-1]; look.Step >= g.until; {
		g.active += g.now().Sub(g.woken)
		g.looks <- g.sofar(look)
		if !g.wait(r.ctx) {
			return
		}
	}
}

// sofar is the outcome as of a look.
func (g *training) sofar(look Point) *Outcome {
	o := &Outcome{
		Trial: g.trial, Final: look.Loss, Best: train.Real(math.Inf(1)), First: g.first,
		Steps: look.Step, Seconds: g.active.Seconds(), StateBytes: g.watch.state,
	}
	for _, p := range g.watch.curve {
		if p.Loss < o.Best {
			o.Best = p.Loss
		}
	}
	if math.IsNaN(float64(o.Final)) {
		o.Final = train.Real(math.Inf(1))
	}
	return o
}

// now reads the clock of the training; without one no time passes.
func (g *training) now() time.Time {
	if g.clock == nil {
		return time.Time{}
	}
	return g.clock()
}
