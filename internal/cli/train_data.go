package cli

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/pflag"

	"github.com/descent-go/descent/data"
	"github.com/descent-go/descent/nn"
)

// dataFlags say what to learn from.
type dataFlags struct {
	source, test                 string
	val, holdout                 float64
	scale                        string
	sample                       int
	target, task, missing        string
	header                       string
	categorical, ignore, classes []string
}

func (f *dataFlags) flags(flags *pflag.FlagSet) {
	flags.StringVarP(&f.source, "data", "d", "digits", "what to learn from, a `source`: "+sources())
	flags.StringVar(&f.test, "test", "", "a `table` to test on")
	flags.Float64Var(&f.holdout, "holdout", 0.2, "without a test set: the share of the examples set apart as one")
	flags.Float64Var(&f.val, "val", 0.1, "the share of the training examples set apart for validation")
	flags.StringVar(&f.scale, "scale", "auto", "`how` features are scaled: standard, minmax, example, none, or auto: tables by standard, or by minmax when all columns are grey levels")
	flags.IntVar(&f.sample, "sample", 256, "rows on standard input to wait for before learning begins")
	flags.StringVar(&f.target, "target-column", "", "`column` to learn, by name or number (default: the last)")
	flags.StringVar(&f.task, "task", "auto", "`task`: classification, regression, or auto: as the target looks")
	flags.StringVar(&f.missing, "missing", "error", "what a missing value does: error, mean, median or drop")
	flags.StringVar(&f.header, "header", "auto", "whether the first row holds names: yes, no or auto")
	flags.StringSliceVar(&f.categorical, "categorical", nil, "`columns` that are categories although they are numbers")
	flags.StringSliceVar(&f.ignore, "ignore", nil, "`columns` to leave out")
	flags.StringSliceVar(&f.classes, "classes", nil, "the `classes` in order (default: those of the training table)")
}

// sources names what --data can be, in a line.
func sources() string {
	var names []string
	for _, f := range data.Forms() {
		name, _, _ := strings.Cut(f.Spec, "[")
		names = append(names, name)
	}
	return strings.Join(names, ", ")
}

// formsText describes what --data can be.
func formsText() string {
	forms, width := data.Forms(), 0
	for _, f := range forms {
		width = max(width, len(f.Spec))
	}
	var b strings.Builder
	for _, f := range forms {
		fmt.Fprintf(&b, "  %-*s  %s\n", width, f.Spec, f.Doc)
	}
	return b.String()
}

func indent(text string) string { return "  " + strings.ReplaceAll(text, "\n", "\n  ") }

func (f *dataFlags) check() error {
	for _, c := range []struct {
		name, value string
		words       []string
	}{
		{"scale", f.scale, []string{"auto", "standard", "minmax", "example", "none"}},
		{"task", f.task, []string{"auto", string(data.Classification), string(data.Regression)}},
		{"missing", f.missing, []string{string(data.MissingError), string(data.MissingMean), string(data.MissingMedian), string(data.MissingDrop)}},
		{"header", f.header, []string{"auto", "yes", "no"}},
	} {
		if !slices.Contains(c.words, c.value) {
			return badFlag(c.name, c.value, fmt.Errorf("want %s", strings.Join(c.words, ", ")))
		}
	}
	for _, c := range []struct {
		name  string
		value float64
	}{{"val", f.val}, {"holdout", f.holdout}} {
		if !(c.value >= 0 && c.value < 1) {
			return badFlag(c.name, c.value, errors.New("want a share in [0, 1)"))
		}
	}
	if f.sample < 1 {
		return badFlag("sample", f.sample, errors.New("want at least 1"))
	}
	return nil
}

func (f *dataFlags) table() data.TableOptions {
	auto := func(word string) string {
		if word == "auto" {
			return ""
		}
		return word
	}
	return data.TableOptions{
		Header: data.Header(auto(f.header)), Target: f.target, Task: data.Task(auto(f.task)),
		Missing: data.Missing(f.missing), Categorical: f.categorical, Ignore: f.ignore, Classes: f.classes,
	}
}

// scaling returns how the features of a training set are scaled, "" for not at
// all.
func (f *dataFlags) scaling(s *data.Set, table bool) data.Scaling {
	switch {
	case f.scale == "none", f.scale == "auto" && !table:
		return ""
	case f.scale == "auto" && greyLevels(s):
		return data.MinMax
	case f.scale == "auto":
		return data.Standard
	}
	return data.Scaling(f.scale)
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

// material is what a training learns from, scaled.
type material struct {
	name                    string
	train, validation, test *data.Set // nil where there is none
	probe                   *data.Set // a part of train, for the learning curve
	scaler                  *data.Scaler
	schema                  *data.Schema
	classes                 []string
	dim, out                int
	shape                   []int // of an example
	task                    nn.Task
}

// describe fills what follows from any of the sets.
func (m *material) describe(s *data.Set) {
	m.dim, m.out, m.task, m.classes = s.Dim, len(s.Classes), nn.Classify, s.Classes
	if m.shape = s.Shape; m.shape == nil {
		m.shape = []int{s.Dim}
	}
	if s.Label == nil {
		m.out, m.task, m.classes = s.Out, nn.Regress, nil
	}
}

// probed is how many training examples the learning curve is measured on.
const probed = 2000

// openSets reads a set, splits and scales it.
func (a *app) openSets(t *training) error {
	f := t.flags.data
	sets, err := data.Open(f.source, data.Options{
		Test: f.test, Holdout: f.holdout, Seed: a.seed, Table: f.table(), Stdin: a.in,
	})
	if err != nil {
		return err
	}
	m := &material{name: f.source, train: sets.Train, test: sets.Test, schema: sets.Schema}
	m.describe(m.train)
	if f.val > 0 {
		parts, err := data.Split(m.train, a.seed, m.train.Label != nil, 1-f.val, f.val)
		switch {
		case err == nil:
			m.train, m.validation = parts[0], parts[1]
		case t.flags.set("val"):
			return badFlag("val", f.val, err)
		default:
			a.note("no validation: %v", err)
		}
	}
	if kind := f.scaling(m.train, m.schema != nil); kind != "" {
		if m.scaler, err = data.FitScaler(m.train, kind); err != nil {
			return err
		}
		for _, s := range []**data.Set{&m.train, &m.validation, &m.test} {
			if *s == nil {
				continue
			}
			if *s, err = m.scaler.Apply(*s); err != nil {
				return err
			}
		}
	}
	m.probe = sampled(m.train, probed)
	if t.source, err = data.NewBatches(m.train, t.flags.batch, a.seed); err != nil {
		return badFlag("batch", t.flags.batch, err)
	}
	t.sets = m
	t.options.Train, t.options.Validation, t.options.Test = m.probe, m.validation, m.test
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
func (a *app) openStream(ctx context.Context, t *training) error {
	f := t.flags.data
	size := t.flags.batch
	if size == 0 {
		return badFlag("batch", size, errors.New("a stream has no whole; want at least 1"))
	}
	if t.flags.patience > 0 || t.flags.plateau != "" || t.flags.set("target") {
		t.options.EvalEvery = 100
	}
	t.options.Epochs = 0
	if a.terminal(a.in) {
		a.note("reading rows from the terminal; Ctrl-D at the beginning of a line ends them")
	}
	in := &untilDone{ctx: ctx, in: a.in}
	s, err := data.NewStream(in, "standard input", data.StreamOptions{Size: size, Sample: f.sample, Table: f.table()})
	switch {
	case in.ended.Load():
		return errInterrupted
	case err != nil:
		return err
	}
	m := &material{name: "standard input", schema: s.Schema()}
	m.describe(s.Sample())
	if kind := f.scaling(s.Sample(), true); kind != "" {
		if m.scaler, err = data.FitScaler(s.Sample(), kind); err != nil {
			return err
		}
	}
	if f.test != "" {
		if m.test, err = m.schema.Load(f.test); err != nil {
			return err
		}
		if m.scaler != nil {
			if m.test, err = m.scaler.Apply(m.test); err != nil {
				return err
			}
		}
	}
	t.sets, t.source = m, &feed{stream: s, scaler: m.scaler, in: in}
	t.options.Test = m.test
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
