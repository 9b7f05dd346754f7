package experiment

import (
	"context"
	"strconv"

	"github.com/descent-go/descent/data"
	"github.com/descent-go/descent/nn"
)

// A Material is what a training learns from, scaled.
type Material struct {
	Name                    string
	Train, Validation, Test *data.Set // nil where there is none
	Probe                   *data.Set // a part of Train, for the learning curve
	Scaler                  *data.Scaler
	Schema                  *data.Schema
	Classes                 []string // nil in a regression
	Shape                   []int    // of an example
	Dim, Out                int
	Task                    nn.Task
}

// describe fills what follows from any of the sets.
func (m *Material) describe(s *data.Set) {
	m.Dim, m.Out, m.Task, m.Classes = s.Dim, len(s.Classes), nn.Classify, s.Classes
	if m.Shape = s.Shape; m.Shape == nil {
		m.Shape = []int{s.Dim}
	}
	if s.Label == nil {
		m.Out, m.Task, m.Classes = s.Out, nn.Regress, nil
	}
}

// probed is how many training examples the learning curve is measured on.
const probed = 2000

// readSets reads a set, splits and scales it.
func (o *opening) readSets() error {
	if o.from != nil {
		return o.share(o.from.first)
	}
	e := o.e
	sets, err := data.Open(e.Data, data.Options{
		Test: e.Test, Holdout: e.Holdout, Seed: e.Seed, Table: e.table(), Stdin: o.in.Stdin,
	})
	if err != nil {
		return o.notRead(err)
	}
	m := &Material{Name: e.Data, Train: sets.Train, Test: sets.Test, Schema: sets.Schema}
	if err := o.sumData(sets); err != nil {
		return err
	}
	if err := o.divide(m); err != nil {
		return err
	}
	kind := e.scaling(m.Train, m.Schema != nil)
	if kind != "" {
		if m.Scaler, err = data.FitScaler(m.Train, kind); err != nil {
			return err
		}
		for _, s := range []**data.Set{&m.Train, &m.Validation, &m.Test} {
			if *s == nil {
				continue
			}
			if *s, err = m.Scaler.Apply(*s); err != nil {
				return err
			}
		}
	}
	e.scaled(kind)
	return o.serve(m)
}

// divide sets a part of the training examples apart for validation.
func (o *opening) divide(m *Material) error {
	m.describe(m.Train)
	e := o.e
	share, _ := strconv.ParseFloat(find("val").Usual, 64)
	asked := e.Val != nil && *e.Val != share
	if asked {
		share = *e.Val
	}
	set(&e.Val, 0)
	if share == 0 {
		return nil
	}
	parts, err := data.Split(m.Train, e.Seed, m.Train.Label != nil, 1-share, share)
	switch {
	case err == nil:
		m.Train, m.Validation = parts[0], parts[1]
		set(&e.Val, share)
	case asked:
		set(&e.Val, share)
		return e.fail("val", err)
	default:
		o.note("no validation: %v", err)
	}
	return nil
}

// serve makes the source of batches, and says what is evaluated.
func (o *opening) serve(m *Material) error {
	if m.Probe == nil {
		m.Probe = sampled(m.Train, probed)
	}
	source, err := data.NewBatches(m.Train, o.e.Batch, o.e.Seed)
	if err != nil {
		return o.e.fail("batch", err)
	}
	o.s.Data, o.s.Source = m, source
	o.s.Options.Train, o.s.Options.Validation, o.s.Options.Test = m.Probe, m.Validation, m.Test
	return nil
}

// sampled returns at most n examples of a set, evenly spaced.
func sampled(s *data.Set, n int) *data.Set {
	if s.Len() <= n {
		return s
	}
	index := make([]int, n)
	for i := range index {
		index[i] = i * s.Len() / n
	}
	return s.Take(index)
}

// openStream learns from standard input row by row.
func (o *opening) openStream(ctx context.Context) error {
	e := o.e
	if e.Patience > 0 || e.Plateau != "" || e.Target != nil {
		o.s.Options.EvalEvery = 100
	}
	in := &untilDone{ctx: ctx, in: o.in.Stdin}
	s, err := data.NewStream(in, "standard input", data.StreamOptions{Size: e.Batch, Sample: e.Sample, Table: e.table()})
	switch {
	case in.ended.Load():
		return ctx.Err()
	case err != nil:
		return err
	}
	m := &Material{Name: "standard input", Schema: s.Schema()}
	m.describe(s.Sample())
	kind := e.scaling(s.Sample(), true)
	if kind != "" {
		if m.Scaler, err = data.FitScaler(s.Sample(), kind); err != nil {
			return err
		}
	}
	if e.Test != "" {
		if err := o.sum(e.Test); err != nil {
			return err
		}
		if m.Test, err = m.Schema.Load(e.Test); err != nil {
			return err
		}
		if m.Scaler != nil {
			if m.Test, err = m.Scaler.Apply(m.Test); err != nil {
				return err
			}
		}
	}
	e.scaled(kind)
	set(&e.Val, 0)
	o.s.Data, o.s.Source = m, &feed{stream: s, scaler: m.Scaler, in: in}
	o.s.Options.Test = m.Test
	return nil
}

// A feed serves the batches of a stream, scaled. An interrupt ends it.
type feed struct {
	stream *data.Stream
	scaler *data.Scaler
	in     *untilDone
	err    error
}

// Next returns the next batch.
func (f *feed) Next(b *data.Batch) bool {
	if f.err != nil || !f.stream.Next(b) {
		return false
	}
	if f.scaler != nil {
		f.err = f.scaler.ApplyBatch(b)
	}
	return f.err == nil
}

// Err returns what ended the stream; an interrupt is not an error.
func (f *feed) Err() error {
	switch {
	case f.err != nil:
		return f.err
	case f.in.ended.Load():
		return nil
	}
	return f.stream.Err()
}

func (e *Experiment) table() data.TableOptions {
	auto := func(word string) string {
		if word == "auto" {
			return ""
		}
		return word
	}
	return data.TableOptions{
		Header: data.Header(auto(e.Header)), Target: e.TargetColumn, Task: data.Task(auto(e.Task)),
		Missing: data.Missing(e.Missing), Categorical: e.Categorical, Ignore: e.Ignore, Classes: e.Classes,
	}
}

// scaling returns how the features of a training set are scaled, "" for not at
// all.
func (e *Experiment) scaling(s *data.Set, table bool) data.Scaling {
	switch {
	case e.Scale == "none", e.Scale == "auto" && !table:
		return ""
	case e.Scale == "auto" && greyLevels(s):
		return data.MinMax
	case e.Scale == "auto":
		return data.Standard
	}
	return data.Scaling(e.Scale)
}

// scaled puts what auto has come to in its place.
func (e *Experiment) scaled(kind data.Scaling) {
	if e.Scale = string(kind); kind == "" {
		e.Scale = "none"
	}
}

// greyLevels reports whether a table looks like images: many columns, and in
// all of them whole numbers from 0 to 255. Pixels near the border are hardly
// ever set, and dividing by their tiny deviation would turn them into outliers.
func greyLevels(s *data.Set) bool {
	if s.Dim < 16 {
		return false
	}
	for _, v := range s.X {
		if !(v >= 0 && v <= 255) || v != float32(int32(v)) {
			return false
		}
	}
	return true
}
