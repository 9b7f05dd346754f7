package optim

import (
	"errors"
	"fmt"
	"math"

	"github.com/descent-go/descent/optim/internal/kernel"
)

// Step applies one update at a learning rate, a finite number of at least
// zero, which each group multiplies by its LRScale. It allocates nothing.
//
// Parameters without a gradient are left alone. Gradients are read, not
// changed, except by ClipValue and the policy ZeroNonFinite. On an error
// nothing has been updated, and parameters are back from the probe.
func (o *Optimizer[F]) Step(lr float64) error {
	if err := o.begin(lr); err != nil {
		o.Restore()
		return err
	}
	for _, g := range o.groups {
		if g.probe != nil && !o.probed {
			return fmt.Errorf("optim: %s takes its gradient at another point: call Probe before it is computed", g.rule.Info().Title)
		}
	}
	o.stats = Stats{Rate: lr}
	scale, apply, err := o.gradients()
	if err != nil || !apply {
		o.Restore()
	}
	if err != nil {
		return err
	}
	if !apply {
		o.stats.Skipped = true
		o.clip.skipped++
		return nil
	}
	if !o.unchanged() {
		o.plan(lr)
	}
	for i := range o.params {
		if o.trained(i) {
			o.tensors[i].t++
		} else {
			o.unprobe(i)
		}
	}
	for i := range o.update.runs {
		r := &o.update.runs[i]
		r.t++
		r.k = o.scalars(r.group, partUpdate, r.t, lr, scale)
	}
	if o.measure {
		o.measured()
	} else {
		o.execute(&o.update)
	}
	o.probed = false
	o.updates++
	o.rate = lr
	return nil
}

// begin checks what a step is given and lets hyper-parameters follow their curves.
func (o *Optimizer[F]) begin(lr float64) error {
	if !(lr >= 0) || math.IsInf(lr, 1) {
		return fmt.Errorf("optim: learning rate %v at step %d, want a finite number ≥ 0", lr, o.updates)
	}
	for i := range o.params {
		p := &o.params[i]
		if len(p.Data) != o.tensors[i].size {
			return fmt.Errorf("optim: parameter %q has %d values, had %d when the optimizer was made", p.Name, len(p.Data), o.tensors[i].size)
		}
		if p.Grad != nil && len(p.Grad) != len(p.Data) {
			return fmt.Errorf("optim: gradient of %q has %d values, want %d", p.Name, len(p.Grad), len(p.Data))
		}
	}
	o.clear()
	for _, g := range o.groups {
		if err := follow(g.hypers, o.updates); err != nil {
			return err
		}
	}
	return nil
}

// clear forgets the coefficients of the last call.
func (o *Optimizer[F]) clear() {
	o.tables = o.tables[:0]
	for _, g := range o.groups {
		g.table = nil
	}
}

// start fills the state of a parameter that has had no update yet.
func (o *Optimizer[F]) start(i int, lr float64) {
	w := &o.tensors[i]
	g := o.groups[w.group]
	if w.t > 0 || o.probed && g.probe != nil {
		return
	}
	init := g.rule.initial(lr * g.LRScale)
	for s, state := range w.state {
		if init[s] != 0 {
			for j := range state {
				state[j] = F(init[s])
			}
		}
	}
}

// scalars returns the coefficients of one of the form's functions, rounded once to F.
func (o *Optimizer[F]) scalars(g *group[F], of part, t int64, lr, scale float64) *[kernel.MaxCoefs]F {
	if g.table != nil && g.of == of && g.t == t {
		return g.table
	}
	g.rule.scalars(g.form, of, t, lr*g.LRScale, &g.memo, &o.k64)
	n := g.coefs[of]
	if of == partUpdate {
		o.k64[0] = scale
	}
	o.tables = o.tables[:len(o.tables)+1]
	k := &o.tables[len(o.tables)-1]
	for i, v := range o.k64[:n] {
		k[i] = F(v)
	}
	g.table, g.of, g.t = k, of, t
	return k
}

// Probes reports whether a rule takes its gradient at another point than the
// parameters', so that Probe must come before each gradient.
func (o *Optimizer[F]) Probes() bool {
	for _, g := range o.groups {
		if g.probe != nil {
			return true
		}
	}
	return false
}

// Probe moves the parameters of rules that ask for it (Nesterov) to the point
// where their gradient is to be taken; the next Step at the same rate moves
// them back and updates them. Other parameters stay. Without such rules it does nothing.
func (o *Optimizer[F]) Probe(lr float64) error {
	if o.probed || !o.Probes() {
		return nil
	}
	if err := o.begin(lr); err != nil {
		return err
	}
	o.probe.runs, o.probe.size = o.probe.runs[:0], 0
	for i := range o.params {
		w := &o.tensors[i]
		if g := o.groups[w.group]; g.probe != nil {
			o.start(i, lr)
			o.probe.add(g, g.probe, w, o.params[i].Data, nil)
		}
	}
	for i := range o.probe.runs {
		r := &o.probe.runs[i]
		r.k = o.scalars(r.group, partProbe, r.t+1, lr, 1)
	}
	o.execute(&o.probe)
	o.probed = true
	return nil
}

// Restore undoes Probe without an update, to the bit.
func (o *Optimizer[F]) Restore() {
	for i := range o.params {
		o.unprobe(i)
	}
	o.probed = false
}

// unprobe moves parameter i back from the probe.
func (o *Optimizer[F]) unprobe(i int) {
	if w := &o.tensors[i]; o.probed && o.groups[w.group].probe != nil {
		copy(o.params[i].Data, w.state[o.groups[w.group].saved])
	}
}

// errProbed refuses what would read parameters that are at the probe.
var errProbed = errors.New("optim: the parameters are at the probe; call Step or Restore first")

// View writes to dst the point of parameter i (of Params) that the method
// speaks of: the true θ of reparametrised Nesterov, the average of ASGD, for
// other rules the parameter itself. dst has as many elements as the parameter.
func (o *Optimizer[F]) View(i int, dst []F) error {
	p, w := &o.params[i], &o.tensors[i]
	if len(dst) != len(p.Data) {
		return fmt.Errorf("optim: view of %q: %d elements to write to, want %d", p.Name, len(dst), len(p.Data))
	}
	if o.probed {
		return errProbed
	}
	copy(dst, p.Data)
	g := o.groups[w.group]
	if g.view == nil || w.t == 0 {
		return nil
	}
	o.clear()
	k := o.scalars(g, partView, w.t, o.rate, 1)
	for lo := 0; lo < len(dst); lo += chunk {
		g.view(k, dst, nil, &w.state, lo, lowest(lo+chunk, len(dst)))
	}
	return nil
}

// lowest is the minimum of two ints; min belongs to the rules.
func lowest(a, b int) int {
	if a < b {
		return a
	}
	return b
}

func elemBytes[F Float]() int {
	var f F
	if _, ok := any(f).(float32); ok {
		return 4
	}
	return 8
}
