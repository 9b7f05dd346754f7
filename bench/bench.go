// Package bench measures this machine: how near every update rule comes to the
// speed of its memory, how fast matrices are multiplied and networks trained.
//
// Times of things that are compared are taken in one run, in short rounds that
// alternate, and what is reported is a median: of times, or of the ratios of
// neighbouring rounds. So a machine that changes its clock, or has other work,
// changes both sides alike.
package bench

import (
	"context"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/descent-go/descent/optim"
)

// Options say what to measure and for how long. The zero value measures
// everything in float32.
type Options struct {
	// Quick takes short rounds and leaves out the largest size: about 20 s
	// instead of a few minutes, with more noise.
	Quick bool
	// Parts are those of PartNames that are measured. Nil: all of them.
	Parts []string
	// Rules are specs as optim.Parse reads them. Nil: every registered rule
	// with its defaults, and SGD with momentum.
	Rules []string
	// Float64 measures the rules on float64 too.
	Float64 bool
	// Threads are values of GOMAXPROCS to measure at. Nil: 1 and the present
	// one.
	Threads []int
	// Sizes are numbers of parameters. Nil: 1e3, 1.6e4, 1e5, 1e7, and 1e8
	// unless Quick is set or memory is short.
	Sizes []int
	// Progress, unless nil, is told before each measurement how many are done,
	// of how many, and what comes.
	Progress func(done, of int, next string)

	pace     *pace     // nil: by Quick
	workload *workload // nil: usual
}

// A Report is what was measured.
type Report struct {
	Date      string      `json:"date"` // of the measurement, in UTC
	Quick     bool        `json:"quick"`
	Machine   Machine     `json:"machine"`
	Bandwidth []Bandwidth `json:"bandwidth"`
	Rules     []Rule      `json:"rules"`
	Plain     []Plain     `json:"plain"`
	Tensors   []Tensors   `json:"tensors"`
	GEMM      []Product   `json:"gemm"`
	Train     []Training  `json:"train"`
	Notes     []string    `json:"notes,omitempty"` // what was left out, and why
}

// PartNames lists the parts of a measurement, in their order: bandwidth, rules,
// AdamW against a plain loop, many tensors against one, products of matrices
// and training.
func PartNames() []string { return []string{"memory", "rules", "plain", "tensors", "gemm", "train"} }

// Measure measures what the options ask for. When the context ends it returns
// what it has by then, with the context's error. GOMAXPROCS is changed
// meanwhile, and restored; nothing else should run in the process.
func Measure(ctx context.Context, o Options) (*Report, error) {
	if err := o.settle(); err != nil {
		return nil, err
	}
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(0))
	r := &Report{
		Date: time.Now().UTC().Format(time.DateOnly), Quick: o.Quick, Machine: ThisMachine(),
		Bandwidth: []Bandwidth{}, Rules: []Rule{}, Plain: []Plain{}, Tensors: []Tensors{}, GEMM: []Product{}, Train: []Training{},
	}
	m := &meter{ctx: ctx, pace: *o.pace, report: r, progress: o.Progress}
	sizes := o.Sizes
	if sizes == nil {
		sizes = m.sizes(o)
	}
	var work []task
	for _, part := range o.Parts {
		switch part {
		case "memory":
			work = append(work, bandwidthTask(sizes, o.Threads))
		case "rules":
			work = append(work, ruleTasks[float32](o.Rules, sizes, o.Threads)...)
			if o.Float64 {
				work = append(work, ruleTasks[float64](o.Rules, sizes, o.Threads)...)
			}
		case "plain":
			work = append(work, plainTasks()...)
		case "tensors":
			work = append(work, tensorTask(o.Threads))
		case "gemm":
			work = append(work, o.workload.multiply(o.Threads)...)
		case "train":
			work = append(work, o.workload.train(o.Threads)...)
		}
	}
	for i, t := range work {
		if err := ctx.Err(); err != nil {
			return r, err
		}
		if m.progress != nil {
			m.progress(i, len(work), t.name)
		}
		if err := t.measure(m); err != nil {
			return r, fmt.Errorf("bench: %s: %w", t.name, err)
		}
	}
	return r, nil
}

// A task is a part of a measurement.
type task struct {
	name    string
	measure func(m *meter) error
}

// settle checks the options and fills in what was left open.
func (o *Options) settle() error {
	if o.pace == nil {
		o.pace = &thorough
		if o.Quick {
			o.pace = &hasty
		}
	}
	if o.workload == nil {
		o.workload = &usual
	}
	if o.Rules == nil {
		for _, info := range optim.Rules() {
			o.Rules = append(o.Rules, info.Name)
			if info.Name == "sgd" {
				o.Rules = append(o.Rules, "sgd:momentum=0.9")
			}
		}
	}
	if o.Parts == nil {
		o.Parts = PartNames()
	}
	for _, part := range o.Parts {
		if !slices.Contains(PartNames(), part) {
			return fmt.Errorf("bench: no part %q, want some of %s", part, strings.Join(PartNames(), ", "))
		}
	}
	for _, spec := range o.Rules {
		if _, err := optim.Parse(spec); err != nil {
			return err
		}
	}
	if o.Threads == nil {
		o.Threads = []int{1}
		if n := runtime.GOMAXPROCS(0); n > 1 {
			o.Threads = append(o.Threads, n)
		}
	}
	for _, n := range o.Threads {
		if n < 1 || n > runtime.NumCPU() {
			return fmt.Errorf("bench: %d threads, want 1 to %d, the processors that there are", n, runtime.NumCPU())
		}
	}
	for _, n := range o.Sizes {
		if n < 1 {
			return fmt.Errorf("bench: %d parameters, want at least 1", n)
		}
	}
	return nil
}

// largest is measured where memory allows.
const largest = 100_000_000

// sizes returns the usual numbers of parameters.
func (m *meter) sizes(o Options) []int {
	sizes := []int{1_000, 16_000, 100_000, 10_000_000}
	if o.Quick {
		return sizes
	}
	// Parameters and gradients, and the state of a rule and of its stream; as
	// much again, so that nobody else is short of memory.
	elem := int64(4)
	if o.Float64 {
		elem = 8
	}
	need := 2 * largest * elem * (2 + 2*3)
	if have := m.report.Machine.Available; have < need {
		m.report.Notes = append(m.report.Notes, fmt.Sprintf(
			"1e8 parameters are left out: that wants %.1f GB of free memory, and there are %.1f", float64(need)/1e9, float64(have)/1e9))
		return sizes
	}
	return append(sizes, largest)
}
