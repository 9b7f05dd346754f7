package train

import (
	"fmt"
	"math"

	"github.com/descent-go/descent/data"
	"github.com/descent-go/descent/optim"
)

// Diagnostics say what to find out about steps, for the event [Diagnosis]. They
// change nothing of the training: parameters, losses and random numbers are
// those of a run without them, to the bit.
//
// Line and Sharpness evaluate the step's loss again at other parameters, with
// the same batches and random numbers. So a model that draws random numbers in
// Loss must be Randomised, and one that remembers anything else from one Loss to
// the next must be Buffered.
type Diagnostics struct {
	// Every is the number of steps from one diagnosis to the next: steps whose
	// number is a multiple of it have one. 0 is 1. Skipped steps have none, nor has
	// a step that a run ended in and was resumed in.
	Every int64
	// Params asks for the norms of each parameter. It costs a copy of the
	// parameters and three passes.
	Params bool
	// Cosine asks for that of successive gradients. It costs two copies of the
	// gradient and a pass.
	Cosine bool
	// Line asks for α and for the curvature along the update. It costs another
	// loss with its gradient, and the memory of five gradients.
	Line bool
	// Sharpness asks for the largest eigenvalue of the Hessian. It costs two
	// gradients for each of its products with the Hessian, and the memory of
	// nine.
	Sharpness bool
	// Divisors, of the elements of parameters by name, make the Hessian the one that
	// a rule sees that divides gradients by them: D^(-1/2)·(H + L2)·D^(-1/2).
	// Parameters that it does not name are divided by 1; an element with a divisor of
	// 0 does not belong to the Hessian. See optim.Optimizer.Divisors.
	Divisors map[string][]float64
	// L2 is the weight decay that the rule adds to gradients.
	L2 float64
	// Iterations is the number of products at most. 0 is 10. Each diagnosis goes
	// on where the last one ended, so a few suffice when it is asked for often.
	Iterations int
	// Tolerance, in [0, 1), ends the iteration: when Hv and λv differ by at most
	// this share of λv. The eigenvalue then is good to about its square. 0 is
	// 1e-3.
	Tolerance float64
	// Reach is how far the gradients are taken, to both sides, whose difference
	// stands for a product, relative to the length of all parameters, or to 1 if
	// they are shorter; it is rounded up to a power of two. 0 is 2⁻¹⁴ for float32,
	// 2⁻¹⁸ for float64. Where a loss has kinks, as that of a network of ReLU has,
	// the eigenvalue is that of the loss as seen at this distance: the shorter, the
	// more a kink close by weighs.
	Reach float64
	// Seed is that of the vectors the iteration starts from.
	Seed uint64
}

const (
	defaultIterations = 10
	defaultTolerance  = 1e-3
)

// check says what is wrong with diagnostics of a model.
func (d *Diagnostics) check(model any) error {
	switch {
	case d == nil:
		return nil
	case d.Every < 0:
		return fmt.Errorf("train: Options.Diagnose.Every = %d, want [0, +Inf)", d.Every)
	case d.Iterations < 0:
		return fmt.Errorf("train: Options.Diagnose.Iterations = %d, want [0, +Inf)", d.Iterations)
	case !(d.Tolerance >= 0 && d.Tolerance < 1):
		return fmt.Errorf("train: Options.Diagnose.Tolerance = %v, want [0, 1)", d.Tolerance)
	case !(d.Reach >= 0 && d.Reach < 1):
		return fmt.Errorf("train: Options.Diagnose.Reach = %v, want [0, 1)", d.Reach)
	case !d.Params && !d.Cosine && !d.Line && !d.Sharpness:
		return fmt.Errorf("train: Options.Diagnose asks for nothing, want Params, Cosine, Line or Sharpness")
	}
	noisy, ok := model.(interface{ Noisy() bool })
	if _, rewinds := model.(Randomised); ok && noisy.Noisy() && !rewinds && (d.Line || d.Sharpness) {
		return fmt.Errorf("train: Options.Diagnose evaluates losses again, but the gradients of %T are random and it has no State to bring back", model)
	}
	return nil
}

// A diagnoser looks into the steps of a run. Nil does nothing.
type diagnoser[F optim.Float] struct {
	o      Diagnostics
	params []optim.Param[F]
	fixed  []bool // parameters that are not trained
	n      int64  // number of the update at work
	due    bool   // it is to be diagnosed
	record bool   // its gradient is needed

	start []F // parameters before the step; nil where that is base
	base  []F // where the gradient was taken: the probe's, for rules that have one
	grad  []F // there, before clipping
	loss  float64

	last   []F   // gradient of the last update recorded
	lastOf int64 // its number; 0 for none

	again *replay[F]
	power *power[F]
	reach float64   // of differences of gradients, in this step
	minus []F       // a gradient
	scale []float64 // D^(-1/2); nil when nothing is divided
	w     []F       // a scaled vector
	event Diagnosis
}

// newDiagnoser returns a diagnoser, or nil if nothing is asked for.
func newDiagnoser[F optim.Float](o *Diagnostics, model Model[F], params []optim.Param[F], groups []optim.Group, probes bool) *diagnoser[F] {
	if o == nil {
		return nil
	}
	d := &diagnoser[F]{o: *o, params: params, fixed: make([]bool, len(params))}
	if d.o.Every == 0 {
		d.o.Every = 1
	}
	if d.o.Iterations == 0 {
		d.o.Iterations = defaultIterations
	}
	if d.o.Tolerance == 0 {
		d.o.Tolerance = defaultTolerance
	}
	if d.o.Reach == 0 {
		d.o.Reach, _ = precision[F]()
	}
	for i, p := range params {
		for _, g := range groups {
			if g.Match == nil || g.Match(p.Name, p.Shape) {
				d.fixed[i] = g.Frozen || p.Grad == nil
				break
			}
		}
	}
	if o.Params || o.Line || o.Sharpness {
		d.base = flat(params)
	}
	if o.Params {
		d.event.Params = make([]ParamNorms, len(params))
		for i, p := range params {
			d.event.Params[i].Name = p.Name
		}
		if probes {
			d.start = flat(params)
		}
	}
	if o.Cosine || o.Line {
		d.grad = flat(params)
	}
	if o.Cosine {
		d.last = flat(params)
	}
	if o.Line || o.Sharpness {
		d.again, d.minus = newReplay(model, params, d.fixed), flat(params)
	}
	if o.Sharpness {
		d.power = newPower[F](len(d.base), o.Seed)
		d.scales()
	}
	return d
}

// begin prepares for the step that makes update number n, before its gradient
// is computed and before the probe.
func (d *diagnoser[F]) begin(n int64) error {
	if d == nil {
		return nil
	}
	d.n, d.due = n, n%d.o.Every == 0
	d.record = d.o.Cosine && (d.due || (n+1)%d.o.Every == 0) || d.o.Line && d.due
	if !d.due {
		return nil
	}
	if d.start != nil {
		pack(d.start, d.params)
	}
	return d.again.begin()
}

// batch takes a batch of the step.
func (d *diagnoser[F]) batch(b *data.Batch) {
	if d != nil && d.due {
		d.again.keep(b)
	}
}

// before takes the loss and gradient of update number n, before it is applied. A
// run that was resumed within the step has not begun it here: its batches are
// gone, and there is no diagnosis.
func (d *diagnoser[F]) before(n int64, loss float64) {
	if d == nil {
		return
	}
	if d.n != n {
		d.due, d.record = false, d.o.Cosine && (n+1)%d.o.Every == 0
	}
	d.loss = loss
	if d.record {
		d.trained(d.grad)
	}
	if !d.due {
		return
	}
	if d.base != nil {
		pack(d.base, d.params)
	}
	if d.o.Params {
		was, at := d.base, 0
		if d.start != nil {
			was = d.start
		}
		for i, p := range d.params {
			e := &d.event.Params[i]
			e.Value, e.Grad = Real(norm(was[at:at+len(p.Data)])), Real(norm(p.Grad))
			at += len(p.Data)
		}
	}
}

// trained writes the gradient of all that is trained, zero for the rest.
func (d *diagnoser[F]) trained(dst []F) {
	at := 0
	for _, p := range d.params {
		clear(dst[at+copy(dst[at:at+len(p.Data)], p.Grad) : at+len(p.Data)])
		at += len(p.Data)
	}
	d.omit(dst)
}

// after looks into update number n, which has been applied at a rate. It
// returns nil when the step is not to be diagnosed.
func (d *diagnoser[F]) after(n int64, rate float64) (*Diagnosis, error) {
	nan := Real(math.NaN())
	e := &d.event
	e.Step, e.Rate = n, Real(rate)
	e.Cosine, e.Alpha, e.Along, e.Sharpness, e.Edge = nan, nan, nan, nan, nan
	if d.due && d.o.Cosine && d.lastOf > 0 && d.lastOf == n-1 {
		e.Cosine = Real(cosine(d.grad, d.last))
	}
	if d.due && d.o.Params {
		d.updates()
	}
	var err error
	if d.due && d.again != nil {
		err = d.curvature()
	}
	if d.record && d.o.Cosine {
		d.grad, d.last, d.lastOf = d.last, d.grad, n
	}
	if !d.due || err != nil {
		return nil, err
	}
	return e, nil
}

// diagnose looks into the step that has been taken.
func (l *loop[F]) diagnose(rate float64, skipped bool) error {
	if l.diag == nil || skipped {
		return nil
	}
	e, err := l.diag.after(l.opt.Updates(), rate)
	if err != nil {
		return fmt.Errorf("train: diagnosis of step %d: %w", l.opt.Updates(), err)
	}
	if e != nil {
		l.emit(e)
	}
	return nil
}

// measure has the norms of the step to come measured if they are due.
func (l *loop[F]) measure() {
	if n := l.o.MeasureEvery; n > 1 && l.o.MinUpdate == 0 {
		l.opt.Measure((l.opt.Updates()+1)%n == 0)
	}
}

// updates fills in the norms of the updates.
func (d *diagnoser[F]) updates() {
	was, at := d.base, 0
	if d.start != nil {
		was = d.start
	}
	for i, p := range d.params {
		e := &d.event.Params[i]
		e.Update = Real(distance(was[at:at+len(p.Data)], p.Data))
		e.Ratio = e.Update / e.Value
		at += len(p.Data)
	}
}

// curvature fills in what takes other evaluations of the loss.
func (d *diagnoser[F]) curvature() (err error) {
	if err = d.again.open(); err != nil {
		return err
	}
	defer func() {
		if e := d.again.close(); err == nil {
			err = e
		}
	}()
	if d.o.Line {
		if err = d.line(); err != nil {
			return err
		}
	}
	if !d.o.Sharpness {
		return nil
	}
	reach := d.o.Reach * math.Max(1, norm(d.base))
	if fraction, exp := math.Frexp(reach); fraction > 0.5 {
		reach = math.Ldexp(1, exp)
	}
	d.reach = reach
	value, err := d.power.largest(d, d.o.Iterations, d.o.Tolerance)
	d.event.Sharpness, d.event.Edge = Real(value), Real(2/value)
	if value <= 0 {
		d.event.Edge = Real(math.Inf(1))
	}
	return err
}

// line fills in α and the curvature along the update. The replay's values are
// where the update led.
func (d *diagnoser[F]) line() error {
	clear(d.minus)
	loss, err := d.again.gradient(d.minus, 1)
	if err != nil {
		return err
	}
	slope0, square := along(d.grad, d.base, d.again.values)
	slope1, _ := along(d.minus, d.base, d.again.values)
	_, roundoff := precision[F]()
	d.event.Alpha = Real(stepAlpha(d.loss, loss, slope0, slope1, roundoff))
	d.event.Along = Real((slope1 - slope0) / square)
	return nil
}
