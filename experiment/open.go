package experiment

import (
	"context"
	"io"
	"os"
	"slices"
	"time"

	"github.com/descent-go/descent/checkpoint"
	"github.com/descent-go/descent/data"
	"github.com/descent-go/descent/internal/safetensors"
	"github.com/descent-go/descent/nn"
	"github.com/descent-go/descent/optim"
	"github.com/descent-go/descent/problem"
	"github.com/descent-go/descent/schedule"
	"github.com/descent-go/descent/train"
)

// Inputs are what an experiment needs beside its settings.
type Inputs struct {
	Stdin io.Reader                        // what "-" reads; nil: standard input
	Note  func(format string, args ...any) // takes remarks for people; nil: they are lost
	Clock func() time.Time                 // nil: time.Now
}

// A Session is an experiment with its data and model, ready to train once.
type Session struct {
	// Experiment has every value that was left open: the rate, the epochs, how
	// the features are scaled.
	Experiment *Experiment
	Rule       Rule
	// Options may be changed before Train, to add checkpoints, say.
	Options train.Options
	// Source serves the batches; nil for a function.
	Source data.Source
	// Data is what is learned from; nil for a function.
	Data *Material
	// Net is the network; nil when something else is trained.
	Net *nn.Net
	// Function is what is minimized, from Start; nil when something else is
	// trained.
	Function problem.Problem
	Start    []float64
	// Model names what is trained: the spec of a network, the function, the type
	// of a program's own model.
	Model string
	// Files are what was read, with checksums; where it was generated, by the
	// program or from a specification, they stand for the examples.
	Files []File

	// Params are what is trained, and so are Params64 when the model has float64
	// elements; the other is nil.
	Params   []optim.Param[float32]
	Params64 []optim.Param[float64]

	run        func(ctx context.Context, source data.Source, o train.Options, sinks []train.Sink) (*train.Result, error)
	parameters func() (*safetensors.File, error)
	loss       func(set *data.Set) (float64, error)
}

// An opening is a session in the making; e is the experiment with what has been
// filled in so far.
type opening struct {
	e    *Experiment
	in   Inputs
	s    *Session
	from *Prepared // that has the data; nil: they are to be read
}

func (o *opening) note(format string, args ...any) {
	if o.in.Note != nil {
		o.in.Note(format, args...)
	}
}

// notRead places an error of the data in the file that names them.
func (o *opening) notRead(err error) error {
	if o.e.given["data"].file == "" {
		return err
	}
	return o.e.fail("data", err)
}

// Open checks the settings, reads the data, and makes the model and the options
// of the loop. What is wrong with a setting is an [*Error]; data that cannot be
// read are errors of package data. When the context ends while rows are awaited,
// its error is returned.
func (e *Experiment) Open(ctx context.Context, in Inputs) (*Session, error) {
	if err := e.Check(); err != nil {
		return nil, err
	}
	return e.copy().open(ctx, in, nil)
}

// open is Open for settings that have been checked, and that it may change.
func (e *Experiment) open(ctx context.Context, in Inputs, from *Prepared) (*Session, error) {
	if in.Clock == nil {
		in.Clock = time.Now
	}
	if in.Stdin == nil {
		in.Stdin = os.Stdin
	}
	o := &opening{e: e, in: in, from: from}
	o.s = &Session{Experiment: o.e}
	if err := o.options(); err != nil {
		return nil, err
	}
	if err := o.subject(ctx); err != nil {
		return nil, err
	}
	if err := o.curve(); err != nil {
		return nil, err
	}
	return o.s, nil
}

// subject makes what is trained.
func (o *opening) subject(ctx context.Context) error {
	e := o.e
	switch {
	case e.own != nil:
		return o.openOwn()
	case e.Function != "":
		return o.openFunction()
	case e.streams():
		o.s.Options.Epochs = 0
		if err := o.openStream(ctx); err != nil {
			return err
		}
	default:
		if err := o.readSets(); err != nil {
			return err
		}
	}
	m := o.s.Data
	net, err := nn.ParseShape(e.Model, m.Shape, m.Out, m.Task)
	if err != nil {
		return e.fail("model", err)
	}
	net.Init(e.Seed)
	e.Model = net.Spec()
	o.s.Net, o.s.Model = net, e.Model
	bind(o.s, net)
	return nil
}

// openFunction makes a function of two or more variables the model.
func (o *opening) openFunction() error {
	e := o.e
	p, err := o.problem()
	if err != nil {
		return e.fail("function", err)
	}
	o.s.Function, o.s.Model = p, e.Function
	p = problem.Sampled(p, e.Seed)
	var start []float64
	if e.Start != "" {
		if start, err = parsePoint(e.Start); err != nil {
			return e.fail("start", err)
		}
	}
	if e.Noise > 0 {
		if p, err = problem.Noisy(p, e.Noise, e.Seed); err != nil {
			return e.fail("noise", err)
		}
	}
	model, err := train.Function(p, start)
	if err != nil {
		return e.fail("start", err)
	}
	o.s.Start = model.Point()
	o.s.Options.Points = true
	bind(o.s, model)
	return nil
}

// problem returns the function, and makes it only once for all sessions.
func (o *opening) problem() (problem.Problem, error) {
	if o.from != nil {
		return o.from.function, nil
	}
	return problem.ResolveProblem(o.e.Function)
}

// bind lets a session train a model.
func bind[F optim.Float](s *Session, model train.Model[F]) {
	switch params := any(model.Params()).(type) {
	case []optim.Param[float32]:
		s.Params = params
	case []optim.Param[float64]:
		s.Params64 = params
	}
	s.run = func(ctx context.Context, source data.Source, o train.Options, sinks []train.Sink) (*train.Result, error) {
		return train.Run(ctx, model, source, o, sinks...)
	}
	s.loss = lossOf(s, model)
	s.parameters = func() (*safetensors.File, error) {
		params := slices.Clone(model.Params())
		if b, ok := any(model).(train.Buffered[F]); ok {
			params = append(params, b.Buffers()...)
		}
		f := &safetensors.File{}
		for _, p := range params {
			if err := safetensors.Put(f, p.Name, p.Shape, p.Data); err != nil {
				return nil, err
			}
		}
		return f, nil
	}
}

// Train runs the loop. It may be called once.
func (s *Session) Train(ctx context.Context, sinks ...train.Sink) (*train.Result, error) {
	return s.run(ctx, s.Source, s.Options, sinks)
}

// Parameters returns what the model consists of: its parameters, and the
// buffers of a train.Buffered.
func (s *Session) Parameters() (*safetensors.File, error) { return s.parameters() }

// Resumable reports whether the run can be saved in checkpoints: rows that
// arrive once cannot be had again.
func (s *Session) Resumable() bool {
	_, ok := s.Source.(interface{ Seek(epoch, batch int) error })
	return ok || s.Source == nil
}

// options turns the settings of the loop into its options.
func (o *opening) options() error {
	e := o.e
	rule, err := oneRule(e.Optimizer)
	if err != nil {
		return e.fail("optimizer", err)
	}
	rate := rule.Or(e.LR)
	e.Optimizer = rule.Spec
	set(&e.LR, rate)
	t := train.Defaults(rule.Rule)
	t.LR, t.CycleMomentum = rate, e.CycleMomentum
	t.Epochs, t.Steps = e.passes(), e.Steps
	t.ClipNorm, t.ClipValue = e.ClipNorm, e.ClipValue
	t.EMA, t.SWA, t.AverageFrom = e.EMA, e.SWA, e.AverageFrom
	t.Patience, t.MinDelta, t.KeepBest = e.Patience, e.MinDelta, e.Patience > 0
	t.TimeBudget = seconds(e.MaxSeconds)
	t.Clock = o.in.Clock
	t.TargetLoss = e.Target
	if e.batched() {
		set(&e.Epochs, t.Epochs)
		t.Accumulate = e.Accumulate
	}
	if t.NonFinite, err = optim.ParseNonFinite(e.NonFinite); err != nil {
		return e.fail("non-finite", err)
	}
	if e.Plateau != "" {
		if t.Plateau, err = parsePlateau(e.Plateau); err != nil {
			return e.fail("plateau", err)
		}
	}
	if t.Measure, t.MeasureEvery = true, glance; !e.batched() {
		t.MeasureEvery = 1 // a function: what else is there to do
	}
	t.Diagnose = e.diagnostics()
	rule.Rate = &rate
	o.s.Rule, o.s.Options = rule, t
	return nil
}

// glance is the number of steps from one measurement of the gradient's norm to
// the next, so that it is known and costs next to nothing.
const glance = 16

// diagnostics returns what to look into, nil for nothing.
func (e *Experiment) diagnostics() *train.Diagnostics {
	if len(e.Diagnose) == 0 {
		return nil
	}
	asked := func(what string) bool {
		return slices.Contains(e.Diagnose, what) || slices.Contains(e.Diagnose, "all")
	}
	return &train.Diagnostics{
		Every: e.DiagnoseEvery, Seed: e.Seed,
		Params: asked("params"), Cosine: asked("cosine"), Line: asked("line"), Sharpness: asked("sharpness"),
	}
}

// curve makes the schedule, now that the length of the run is known.
func (o *opening) curve() error {
	if o.e.Schedule == "" {
		return nil
	}
	curve, err := schedule.Parse(o.e.Schedule, train.PlannedSteps(o.s.Source, o.s.Options))
	if err != nil {
		return o.e.fail("schedule", err)
	}
	o.s.Options.Schedule = curve
	return nil
}

// Checkpoint lets Train save the run in a store, as often as the settings say
// and at its end, and go on from what is there if resume is true. A run that is
// not Resumable is left as it is, and so is one whose settings ask for no
// checkpoints, unless it is to go on.
func (s *Session) Checkpoint(store *checkpoint.Store, resume bool) error {
	asked := s.Experiment.CheckpointEvery > 0 || s.Experiment.CheckpointSeconds > 0
	if !s.Resumable() || !asked && !resume {
		return nil
	}
	same, err := s.Settings()
	if err != nil {
		return err
	}
	s.Options.Checkpoints = &train.Checkpoints{
		Store: store, Every: s.Experiment.CheckpointEvery, Period: seconds(s.Experiment.CheckpointSeconds),
		Resume: resume, Settings: same,
	}
	return nil
}

func seconds(s float64) time.Duration { return time.Duration(s * float64(time.Second)) }
