package optim

import (
	"fmt"
	"math"
	"sort"

	"github.com/descent-go/descent/internal/cpu"
	"github.com/descent-go/descent/optim/internal/kernel"
)

// An Optimizer updates parameters by the rules of their groups. It is not safe
// for concurrent use.
type Optimizer[F Float] struct {
	params  []Param[F]
	tensors []tensor[F]
	groups  []*group[F]
	updates int64
	rate    float64 // of the last update, before LRScale
	probed  bool

	clip    clip
	measure bool
	stats   Stats
	scratch []F // parameters before an update, one block, while measuring

	update  job[F]
	planned bool // update holds for the parameters as they were last
	probe   job[F]
	tables  [][kernel.MaxCoefs]F // coefficients of the runs
	k64     [kernel.MaxCoefs]float64
	sum     kernel.Reduction[F]
	blocks  [][kernel.Lanes]float64 // sums of squares of blocks of gradients
}

// A tensor is what the optimizer keeps of one parameter.
type tensor[F Float] struct {
	group int   // index into groups
	size  int   // elements
	t     int64 // updates that the parameter has had
	state [kernel.MaxSlots][]F
	p, g  *F // where values and gradient were when the update was planned
}

// A group is a Group at work.
type group[F Float] struct {
	Group
	rule                bound
	form                int
	hypers              []scheduled
	update, probe, view kernel.Loop[F]
	coefs               [3]int // of each part
	saved               int    // the slot that keeps θ while the parameters are at the probe
	memo                memo

	// The coefficients of the last call of scalars: most parameters of a
	// group have had the same number of updates.
	table *[kernel.MaxCoefs]F
	of    part
	t     int64
}

// New returns an optimizer of params, which it keeps and updates in place: a
// caller may set the Grad of an element between steps, to nil for a parameter
// to be left alone. State is zero, or what the rule starts with.
//
// It is an error when a parameter has no name, no data of its shape's size or
// the name of another, when no group matches a parameter or a group matches
// none, and when a hyper-parameter lies outside its domain.
func New[F Float](params []Param[F], groups ...Group) (*Optimizer[F], error) {
	o := &Optimizer[F]{
		params:  params,
		tensors: make([]tensor[F], len(params)),
		clip:    noClip(),
		update:  job[F]{runs: make([]run[F], 0, len(params))},
		tables:  make([][kernel.MaxCoefs]F, 0, len(params)),
		sum:     reduction[F](cpu.Best()),
	}
	if err := checkParams(params); err != nil {
		return nil, err
	}
	for i, g := range groups {
		w, err := newGroup[F](i, g)
		if err != nil {
			return nil, err
		}
		o.groups = append(o.groups, w)
	}
	sizes := make([]int, len(groups))
	matched := make([]bool, len(groups))
	for i, p := range params {
		j := 0
		for j < len(groups) && groups[j].Match != nil && !groups[j].Match(p.Name, p.Shape) {
			j++
		}
		if j == len(groups) {
			return nil, fmt.Errorf("optim: no group matches parameter %q of shape %v; end the list with optim.All, or optim.Freeze what is to stay", p.Name, p.Shape)
		}
		o.tensors[i].group, o.tensors[i].size = j, len(p.Data)
		sizes[j] += len(p.Data)
		matched[j] = true
	}
	for j := range groups {
		if !matched[j] {
			return nil, fmt.Errorf("optim: group %d matches no parameter that an earlier group has not; the parameters are %s", j, nameList(params))
		}
		o.allocate(j, sizes[j])
	}
	return o, nil
}

func checkParams[F Float](params []Param[F]) error {
	if len(params) == 0 {
		return fmt.Errorf("optim: no parameters")
	}
	seen := map[string]bool{}
	for i, p := range params {
		switch {
		case p.Name == "":
			return fmt.Errorf("optim: parameter %d has no name", i)
		case seen[p.Name]:
			return fmt.Errorf("optim: two parameters are named %q", p.Name)
		}
		seen[p.Name] = true
		n, err := Elements(p.Shape)
		if err != nil {
			return fmt.Errorf("optim: parameter %q: %w", p.Name, err)
		}
		if int64(len(p.Data)) != n {
			return fmt.Errorf("optim: parameter %q has %d values, want %d for shape %v", p.Name, len(p.Data), n, p.Shape)
		}
	}
	return nil
}

// Elements returns the product of a shape, 1 for a scalar. Negative dimensions
// and products beyond int64 are errors.
func Elements(shape []int) (int64, error) {
	n := int64(1)
	for _, d := range shape {
		if d < 0 {
			return 0, fmt.Errorf("shape %v has a negative dimension", shape)
		}
		if d > 0 && n > math.MaxInt64/int64(d) {
			return 0, fmt.Errorf("shape %v has more elements than an int64 counts", shape)
		}
		n *= int64(d)
	}
	return n, nil
}

func nameList[F Float](params []Param[F]) string {
	s := ""
	for i, p := range params {
		if i == 8 {
			return fmt.Sprintf("%s and %d more", s, len(params)-i)
		}
		if i > 0 {
			s += ", "
		}
		s += p.Name
	}
	return s
}

func newGroup[F Float](i int, g Group) (*group[F], error) {
	w := &group[F]{Group: g}
	if g.Frozen {
		return w, nil
	}
	if g.Rule == nil {
		return nil, fmt.Errorf("optim: group %d has no rule", i)
	}
	if !(g.LRScale > 0) || math.IsInf(g.LRScale, 1) {
		return nil, fmt.Errorf("optim: group %d: LRScale = %v, want (0, +Inf); optim.All and optim.Where set it to 1, Frozen leaves parameters alone", i, g.LRScale)
	}
	if err := Validate(g.Rule); err != nil {
		return nil, fmt.Errorf("%w (group %d)", err, i)
	}
	w.rule = g.Rule.bind()
	if err := w.schedule(); err != nil {
		return nil, fmt.Errorf("%w (group %d)", err, i)
	}
	w.form = w.rule.formIndex()
	if err := follow(w.hypers, 0); err != nil {
		return nil, err
	}
	f := &w.rule.Info().Forms[w.form]
	if w.update = loopOf[F](f.update, cpu.Best()); w.update == nil {
		var zero F
		return nil, fmt.Errorf("optim: rule %s has no function for %T (group %d)", w.rule.Info().Name, zero, i)
	}
	for of, fn := range []*scalarFunc{f.update, f.probe, f.view} {
		if fn != nil {
			w.coefs[of] = fn.coefs
		}
	}
	w.probe, w.view = loopOf[F](f.probe, cpu.Best()), loopOf[F](f.view, cpu.Best())
	for j, s := range f.Slots {
		if s == "x" {
			w.saved = j
		}
	}
	return w, nil
}

// schedule binds the hyper-parameters that follow curves. They are NaN until
// the first step: whatever their first value, the form chosen keeps their state.
func (w *group[F]) schedule() error {
	info := w.rule.Info()
	names := make([]string, 0, len(w.Hyper))
	for name := range w.Hyper {
		names = append(names, name)
	}
	sort.Strings(names)
	for _, name := range names {
		j := info.hyperIndex(name)
		if j < 0 {
			return fmt.Errorf("optim: %s has no hyper-parameter %q to follow a schedule; it has %s", info.Name, name, info.hyperNames())
		}
		field, _ := w.rule.hyper(j)
		h := info.Hypers[j]
		switch {
		case field == nil:
			return fmt.Errorf("optim: %s.%s is a switch and can't follow a schedule", info.Title, h.Field)
		case w.Hyper[name] == nil:
			return fmt.Errorf("optim: %s.%s: the schedule is nil", info.Title, h.Field)
		}
		*field = math.NaN()
		w.hypers = append(w.hypers, scheduled{field: field, curve: w.Hyper[name], title: info.Title + "." + h.Field, in: h.Domain})
	}
	return nil
}

// allocate makes the state of group j, one array per slot: neighbours among
// the parameters are neighbours in memory.
func (o *Optimizer[F]) allocate(j, size int) {
	g := o.groups[j]
	if g.Frozen {
		return
	}
	for s := range g.rule.Info().Forms[g.form].Slots {
		slab, at := staggered[F](size, s), 0
		for i := range o.tensors {
			if o.tensors[i].group == j {
				n := len(o.params[i].Data)
				o.tensors[i].state[s] = slab[at : at+n]
				at += n
			}
		}
	}
}

// staggered returns n zeros that start an odd number of cache lines into a
// page, another for each slot: arrays that all start at the same offset
// compete for the same lines of the cache.
func staggered[F Float](n, slot int) []F {
	const line = 64
	if n*elemBytes[F]() < 32<<10 {
		return make([]F, n)
	}
	skip := (2*slot + 1) * 3 * line / elemBytes[F]()
	return make([]F, skip+n)[skip:]
}

// Updates returns how many updates have been applied. Skipped steps do not count.
func (o *Optimizer[F]) Updates() int64 { return o.updates }

// Params returns the parameters that New was given.
func (o *Optimizer[F]) Params() []Param[F] { return o.params }

// State returns the state of a parameter by its name and its slot's, such as
// "m"; nil when there is none. It is the optimizer's own memory.
func (o *Optimizer[F]) State(name, slot string) []F {
	for i, p := range o.params {
		if p.Name != name || o.groups[o.tensors[i].group].Frozen {
			continue
		}
		g := o.groups[o.tensors[i].group]
		for s, n := range g.rule.Info().Forms[g.form].Slots {
			if n == slot {
				return o.tensors[i].state[s]
			}
		}
	}
	return nil
}

// StateBytes returns the bytes of state that the optimizer holds.
func (o *Optimizer[F]) StateBytes() int64 {
	var n int64
	for i := range o.tensors {
		for _, s := range o.tensors[i].state {
			n += int64(len(s)) * int64(elemBytes[F]())
		}
	}
	return n
}
