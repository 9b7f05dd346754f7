package train

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"strings"
	"time"

	"github.com/descent-go/descent/data"
	"github.com/descent-go/descent/optim"
)

// A loop is a run at work.
type loop[F optim.Float] struct {
	model  Model[F]
	source data.Source
	o      *Options
	sinks  []Sink
	epochs epochal // the source, when it knows

	params  []optim.Param[F]
	buffers []optim.Param[F] // of a Buffered model
	opt     *optim.Optimizer[F]
	acc     *optim.Accumulator[F]
	avg     *optim.Average[F]
	watch   *watcher[F]
	diag    *diagnoser[F]
	eval    Evaluator
	at      Pointwise
	best    []optim.Param[F] // parameters at the best observation, with KeepBest
	saved   bool             // best is filled
	saver   *saver[F]        // nil without checkpoints
	view    []F
	where   []float64 // of a Pointwise model, or with Points
	clock   func() time.Time
	began   time.Time
	before  time.Duration // of the parts of the run before this one

	st        state
	batch     data.Batch
	loss      float64 // of the step
	weight    float64 // examples of the step, 1 without a source
	examples  int
	epochOver bool // with this step, or instead of it
	phase     phase
	pending   float64 // the rate of the step at work

	step       Step
	evaluation Evaluation
	epochEnd   EpochEnd
	res        *Result
}

// Run trains a model on a source's batches, or a function without a source,
// and tells the sinks, in their order, what happens. It changes the model's
// parameters in place.
//
// It returns an error when the options contradict each other or the model, and
// when model, source or a schedule fail; in the latter case with the result so
// far. Divergence and interruption are results, not errors: when the context
// ends, the step at work is finished and evaluated as usual.
func Run[F optim.Float](ctx context.Context, model Model[F], source data.Source, o Options, sinks ...Sink) (*Result, error) {
	l, err := newLoop(model, source, &o, sinks)
	if err != nil {
		return nil, err
	}
	reason, err := l.run(ctx)
	return l.finish(reason, err)
}

func newLoop[F optim.Float](model Model[F], source data.Source, o *Options, sinks []Sink) (*loop[F], error) {
	if err := o.check(source); err != nil {
		return nil, err
	}
	l := &loop[F]{
		model: model, source: source, o: o, sinks: sinks, params: model.Params(),
		clock: o.Clock, res: &Result{},
	}
	if l.clock != nil {
		l.began = l.clock()
	}
	l.st = newState()
	if o.Plateau != nil {
		l.st.Factor = o.Plateau.Current()
	}
	l.epochs, _ = source.(epochal)
	l.at, _ = model.(Pointwise)
	l.eval, _ = model.(Evaluator)
	if m, ok := model.(Buffered[F]); ok {
		l.buffers = m.Buffers()
	}
	if l.eval == nil && (o.Validation != nil || o.Train != nil || o.Test != nil) {
		return nil, fmt.Errorf("train: sets to evaluate, but the model %T has no Evaluate", model)
	}
	groups, cycled := o.groups()
	var err error
	if l.opt, err = optim.New(l.params, groups...); err != nil {
		return nil, err
	}
	if err := cmp.Or(o.Diagnose.check(model), checkDivisors(o.Diagnose, l.params)); err != nil {
		return nil, err
	}
	l.diag = newDiagnoser(o.Diagnose, model, l.params, groups, l.opt.Probes())
	l.step.Loss = math.NaN()
	if err := l.configure(); err != nil {
		return nil, err
	}
	var names []string
	for _, g := range groups {
		if !g.Frozen {
			names = append(names, optim.Spec(g.Rule))
		}
	}
	l.res.Optimizer = strings.Join(names, " + ")
	if err := l.begin(cycled); err != nil {
		return nil, err
	}
	return l, nil
}

// begin goes on from a checkpoint, if the run is to, and reports the beginning.
func (l *loop[F]) begin(cycled string) (err error) {
	var resumed *Resumed
	if l.o.Checkpoints != nil {
		if l.saver, err = newSaver(l, cycled); err != nil {
			return err
		}
		if resumed, err = l.resume(); err != nil {
			return err
		}
	}
	started := l.started(cycled)
	if resumed == nil {
		l.emit(started)
		return nil
	}
	resumed.Started = *started
	l.emit(resumed)
	return nil
}

// configure sets up what the options ask for beside the optimizer's rules.
func (l *loop[F]) configure() error {
	o := l.o
	if o.ClipNorm > 0 {
		if err := l.opt.ClipNorm(o.ClipNorm); err != nil {
			return err
		}
	}
	if o.ClipValue > 0 {
		if err := l.opt.ClipValue(o.ClipValue); err != nil {
			return err
		}
	}
	if err := l.opt.OnNonFinite(o.NonFinite); err != nil {
		return err
	}
	l.opt.Measure(o.Measure || o.MinUpdate > 0)
	if o.Accumulate > 1 {
		l.acc = optim.NewAccumulator(l.params)
	}
	switch {
	case o.SWA:
		l.avg = optim.NewSWA(l.params)
	case o.EMA > 0:
		var err error
		if l.avg, err = optim.NewEMA(l.params, o.EMA); err != nil {
			return err
		}
	}
	longest, total := 0, 0
	for _, p := range l.params {
		longest, total = max(longest, len(p.Data)), total+len(p.Data)
	}
	if o.Points || l.at != nil {
		l.view = make([]F, longest)
		l.where = make([]float64, total)
	}
	if o.Points {
		l.step.Point = l.where
	}
	if o.Slot != "" {
		l.step.Slot = make([]float64, total)
	}
	if o.KeepBest {
		l.best = alike(l.params)
	}
	noisy, ok := l.model.(interface{ Noisy() bool })
	steady := l.source == nil && !(ok && noisy.Noisy()) || l.epochs != nil && l.epochs.PerEpoch() <= max(o.Accumulate, 1)
	if o.Watch && steady {
		l.watch = newWatcher(l.params)
	}
	return nil
}

func (l *loop[F]) started(cycled string) *Started {
	e := &Started{
		Optimizer: l.res.Optimizer, Rate: l.o.LR, StateBytes: l.opt.StateBytes(),
		Steps: PlannedSteps(l.source, *l.o), PerEpoch: stepsPerEpoch(l.source, l.o.Accumulate), Epochs: l.o.Epochs,
		Cycled: cycled, Watched: l.watch != nil,
	}
	for _, p := range l.params {
		e.Parameters += int64(len(p.Data))
	}
	if l.o.Points && l.point(l.where) == nil {
		e.Point = l.where
		if l.at != nil {
			e.Value = l.at.At(e.Point)
		}
	}
	return e
}

func (l *loop[F]) emit(e Event) {
	for _, s := range l.sinks {
		s.Event(e)
	}
}

// elapsed returns how long the run has taken, the parts before this one
// included. It needs a clock.
func (l *loop[F]) elapsed() time.Duration { return l.before + l.clock().Sub(l.began) }

// steps returns how many steps were taken, those without an update included.
func (l *loop[F]) steps() int64 { return l.opt.Updates() + l.st.Skipped }

// run takes steps until there is a reason to end. Reason 0 without an error is
// none, here and below.
func (l *loop[F]) run(ctx context.Context) (Reason, error) {
	if reason, err := l.proceed(); reason != 0 || err != nil {
		return reason, err
	}
	done := ctx.Done()
	for {
		if reason := l.limit(); reason != 0 {
			return reason, nil
		}
		select {
		case <-done:
			return ReasonInterrupted, nil
		default:
		}
		if l.o.TimeBudget > 0 && l.elapsed() >= l.o.TimeBudget {
			return ReasonTime, nil
		}
		if l.saver != nil {
			l.checkpoint()
		}
		rate, fresh := l.rate(), l.epochOver
		some, err := l.gather(rate)
		switch {
		case err != nil:
			return ReasonFailed, err
		case some:
			if reason, err := l.apply(rate); reason != 0 || err != nil {
				return reason, err
			}
		case fresh: // no batch since an epoch ended
			return ReasonExhausted, nil
		}
		if reason, err := l.between(); reason != 0 || err != nil {
			return reason, err
		}
	}
}

// proceed goes on from within the step that a run ended in, if it did and was
// resumed, and ends it again if the reason still holds.
func (l *loop[F]) proceed() (reason Reason, err error) {
	if reason := l.enough(); reason != 0 {
		return reason, nil
	}
	within := l.phase
	l.phase = phaseBetween
	switch within {
	case phaseBetween:
		return 0, nil
	case phaseObserved:
		if err := l.opt.Probe(l.pending); err != nil {
			return ReasonFailed, err
		}
		reason, err = l.update(l.pending)
	case phaseUpdated:
		reason = l.still()
	}
	if reason != 0 || err != nil {
		return reason, err
	}
	return l.between()
}

// limit returns the reason to end before another step.
func (l *loop[F]) limit() Reason {
	switch {
	case l.o.Epochs > 0 && l.st.Epoch >= l.o.Epochs:
		return ReasonEpochs
	case l.o.Steps > 0 && l.steps() >= l.o.Steps:
		return ReasonSteps
	}
	return 0
}

// rate returns the learning rate of the next update. It depends on the number
// of updates applied and on nothing else that counts.
func (l *loop[F]) rate() float64 {
	r := l.o.LR
	if l.o.Schedule != nil {
		r *= l.o.Schedule.At(l.opt.Updates())
	}
	return float64(r * l.st.Factor)
}
