package train

import (
	"context"
	"fmt"
	"math"
	"strings"
	"time"

	"github.com/descent-go/descent/data"
	"github.com/descent-go/descent/optim"
)

// A state is where a run stands. With the parameters, the optimizer's state, the
// averages, the best parameters, the plateau and the source's position it is all
// that there is to continue from.
type state struct {
	Epoch    int   // completed
	Examples int64 // trained on
	Skipped  int64 // steps without an update
	Bad      int   // steps in a row whose loss or gradient was not finite

	Seen  bool    // a finite loss
	First float64 // finite loss
	Last  float64 // finite loss

	Best     float64 // observed loss, +Inf before the first
	BestStep int64
	Mark     float64 // observed loss that Patience compares with
	Stale    int     // observations since Mark

	Epochal, Interval mean    // losses since the last epoch began, and since the last observation
	Observed          int64   // steps before the last observation
	Factor            float64 // of the rate, by the plateau
}

// A mean adds up losses weighted by examples.
type mean struct {
	Sum, Weight float64
	Steps       int64
}

func (m *mean) add(loss, weight float64) {
	m.Sum += float64(loss * weight)
	m.Weight += weight
	m.Steps++
}

func (m *mean) value() float64 { return m.Sum / m.Weight }

// A loop is a run at work.
type loop[F optim.Float] struct {
	model  Model[F]
	source data.Source
	o      *Options
	sinks  []Sink
	epochs epochal // the source, when it knows

	params []optim.Param[F]
	opt    *optim.Optimizer[F]
	acc    *optim.Accumulator[F]
	avg    *optim.Average[F]
	watch  *watcher[F]
	eval   Evaluator
	at     Pointwise
	best   [][]F // parameters at the best observation, with KeepBest
	saved  bool  // best is filled
	view   []F
	where  []float64 // of a Pointwise model, or with Points
	clock  func() time.Time
	began  time.Time

	st        state
	batch     data.Batch
	loss      float64 // of the step
	weight    float64 // examples of the step, 1 without a source
	examples  int
	epochOver bool // with this step, or instead of it

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
	l.start()
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
	l.st.Best, l.st.Mark, l.st.Last, l.st.First = math.Inf(1), math.Inf(1), math.NaN(), math.NaN()
	l.st.Factor = 1
	if o.Plateau != nil {
		l.st.Factor = o.Plateau.Current()
	}
	l.epochs, _ = source.(epochal)
	l.at, _ = model.(Pointwise)
	l.eval, _ = model.(Evaluator)
	if l.eval == nil && (o.Validation != nil || o.Train != nil || o.Test != nil) {
		return nil, fmt.Errorf("train: sets to evaluate, but the model %T has no Evaluate", model)
	}
	groups, cycled := o.groups()
	var err error
	if l.opt, err = optim.New(l.params, groups...); err != nil {
		return nil, err
	}
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
	l.emit(l.started(cycled))
	return l, nil
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
	if o.KeepBest {
		l.best = make([][]F, len(l.params))
		for i, p := range l.params {
			l.best[i] = make([]F, len(p.Data))
		}
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

func (l *loop[F]) start() {
	if l.clock != nil {
		l.began = l.clock()
	}
}

// run takes steps until there is a reason to end. Reason 0 without an error is
// none, here and below.
func (l *loop[F]) run(ctx context.Context) (Reason, error) {
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
		if l.o.TimeBudget > 0 && l.clock().Sub(l.began) >= l.o.TimeBudget {
			return ReasonTime, nil
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

// limit returns the reason to end before another step.
func (l *loop[F]) limit() Reason {
	switch {
	case l.o.Epochs > 0 && l.st.Epoch >= l.o.Epochs:
		return ReasonEpochs
	case l.o.Steps > 0 && l.opt.Updates()+l.st.Skipped >= l.o.Steps:
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
