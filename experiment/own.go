package experiment

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/descent-go/descent/data"
	"github.com/descent-go/descent/nn"
	"github.com/descent-go/descent/optim"
	"github.com/descent-go/descent/train"
)

// An Own is a program's own model and data, offered to the command line, which
// then has no settings to choose them.
type Own struct {
	sets   *data.Sets
	name   string
	judges bool                                // the model is a train.Evaluator
	begin  func(s *Session, seed uint64) error // puts the model at its start, for s to train
}

// NewOwn offers a model and the sets that it learns from; sets that are nil, or
// have no Train, make the model a function of its parameters alone.
//
// A model with a method Init(seed uint64) is initialized by it. Any other begins
// where its parameters (and buffers and random streams: see train.Buffered and
// train.Randomised) are now, every time. Sets to test on, and a part for
// validation, need a train.Evaluator.
func NewOwn[F optim.Float](model train.Model[F], sets *data.Sets) (*Own, error) {
	if model == nil {
		return nil, errors.New("experiment: the model is nil")
	}
	o := &Own{sets: sets, name: nameOf(model)}
	_, o.judges = model.(train.Evaluator)
	if len(model.Params()) == 0 {
		return nil, fmt.Errorf("experiment: the model %s has no parameters", o.name)
	}
	if err := o.checkSets(); err != nil {
		return nil, err
	}
	restore, err := keep(model)
	if err != nil {
		return nil, err
	}
	o.begin = func(s *Session, seed uint64) error {
		if err := restore(); err != nil {
			return err
		}
		if m, ok := model.(interface{ Init(seed uint64) }); ok {
			m.Init(seed)
		}
		s.Net, _ = any(model).(*nn.Net)
		bind(s, model)
		return nil
	}
	return o, nil
}

// OwnModel returns what the model of a program of one's own is called; "" when the
// settings choose the model.
func (e *Experiment) OwnModel() string {
	if e.own == nil {
		return ""
	}
	return e.own.name
}

// nameOf is what a model calls itself, or its type.
func nameOf(model any) string {
	switch m := model.(type) {
	case interface{ Spec() string }:
		return m.Spec()
	case fmt.Stringer:
		return m.String()
	}
	return strings.TrimPrefix(strings.TrimPrefix(fmt.Sprintf("%T", model), "*"), "main.")
}

func (o *Own) checkSets() error {
	if o.sets == nil {
		return nil
	}
	train, test := o.sets.Train, o.sets.Test
	switch {
	case train == nil && test != nil:
		return errors.New("experiment: a test set without a training set")
	case test != nil && !o.judges:
		return fmt.Errorf("experiment: a test set, but the model %s has no Evaluate", o.name)
	}
	for _, s := range []*data.Set{train, test} {
		if s == nil {
			continue
		}
		if err := s.Validate(); err != nil {
			return err
		}
		if s.Dim != train.Dim {
			return fmt.Errorf("experiment: %d features to test on, want %d as in the training set", s.Dim, train.Dim)
		}
	}
	return nil
}

// keep copies all that a model consists of, and returns what puts it back.
func keep[F optim.Float](model train.Model[F]) (restore func() error, err error) {
	buffered, _ := model.(train.Buffered[F])
	all := func() []optim.Param[F] {
		params := slices.Clone(model.Params())
		if buffered != nil {
			params = append(params, buffered.Buffers()...)
		}
		return params
	}
	var values [][]F
	for _, p := range all() {
		values = append(values, slices.Clone(p.Data))
	}
	random, _ := model.(train.Randomised)
	var streams []byte
	if random != nil {
		state, err := random.State()
		if err != nil {
			return nil, fmt.Errorf("experiment: the random streams of the model: %w", err)
		}
		streams = slices.Clone(state)
	}
	return func() error {
		for i, p := range all() {
			copy(p.Data, values[i])
		}
		if random == nil {
			return nil
		}
		return random.SetState(streams)
	}, nil
}

// HasExamples reports whether there is something to serve in batches.
func (o *Own) HasExamples() bool { return o.sets != nil && o.sets.Train != nil }

// openOwn trains the program's own model.
func (o *opening) openOwn() error {
	own := o.e.own
	o.s.Model = own.name
	if err := own.begin(o.s, o.e.Seed); err != nil {
		return err
	}
	if !own.HasExamples() {
		return nil
	}
	if !own.judges {
		if o.e.Val != nil && *o.e.Val > 0 {
			return o.e.fail("val", errWant("the model %s has no Evaluate, so nothing can be validated", own.name))
		}
		set(&o.e.Val, 0)
	}
	if err := o.ownSets(); err != nil {
		return err
	}
	if !own.judges {
		o.s.Options.Train = nil
	}
	return nil
}

// ownSets serves the program's own examples.
func (o *opening) ownSets() error {
	if o.from != nil {
		return o.share(o.from.first)
	}
	own := o.e.own
	m := &Material{Name: own.sets.Train.Name, Train: own.sets.Train, Test: own.sets.Test, Schema: own.sets.Schema}
	if m.Name == "" {
		m.Name = "examples"
	}
	o.sumSets(m.Name, own.sets)
	if err := o.divide(m); err != nil {
		return err
	}
	return o.serve(m)
}
