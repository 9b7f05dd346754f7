package cli

import (
	"context"
	"errors"
	"fmt"
	"math"
	"runtime"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/descent-go/descent/bench"
	"github.com/descent-go/descent/figure"
	"github.com/descent-go/descent/internal/quantity"
)

// benchFlags are what the command line of descent bench says.
type benchFlags struct {
	quick, float64    bool
	parts, optimizers []string
	sizes             []string
	threads           []int
	look              drawing
}

func newBench(a *app) *cobra.Command {
	var f benchFlags
	cmd := &cobra.Command{
		Use:     "bench",
		GroupID: "look",
		Short:   "Measure this machine: rules against memory, products, training",
		Long: `Bench measures how fast this machine is with Descent: the bandwidth of its memory,
the time of every update rule, the product of matrices, and training.

The share of a rule is the time of a step that only moves the same memory, in terms
of the rule's own: at 100 % nothing could be faster. The two are measured in turns.
Leave the machine alone meanwhile. --quick takes about 20 s, all a few minutes.

--only takes some of the parts: ` + strings.Join(bench.PartNames(), ", ") + `.`,
		Example: `  descent bench --quick
  descent bench --out measured --float64
  descent bench --only rules --optimizer adamw,lion --sizes 1e3,1e6 --threads 1
  descent bench --only gemm,train --json`,
		Args: positional(0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			o, err := f.options()
			if err != nil {
				return err
			}
			style, err := f.look.style()
			if err != nil {
				return err
			}
			return a.bench(cmd, o, f.look.none, style)
		},
	}
	flags := cmd.Flags()
	flags.SortFlags = false
	flags.BoolVar(&f.quick, "quick", false, "short rounds and no 1e8 parameters: more noise")
	flags.StringSliceVar(&f.parts, "only", nil, "`parts` to measure, separated by commas (default: all)")
	flags.StringArrayVar(&f.optimizers, "optimizer", nil, "`rules` with options, separated by commas (default: all)")
	flags.StringSliceVar(&f.sizes, "sizes", nil, "`numbers` of parameters, such as 1e3,1e7")
	flags.IntSliceVar(&f.threads, "threads", nil, "`numbers` of threads (default: 1 and all)")
	flags.BoolVar(&f.float64, "float64", false, "measure the rules on float64 too")
	f.look.skip(flags)
	f.look.flag(flags)
	return cmd
}

// options checks the flags.
func (f *benchFlags) options() (bench.Options, error) {
	o := bench.Options{Quick: f.quick, Float64: f.float64, Threads: f.threads, Parts: f.parts}
	for _, part := range f.parts {
		if !slices.Contains(bench.PartNames(), part) {
			return o, badFlag("only", part, fmt.Errorf("want some of %s", strings.Join(bench.PartNames(), ", ")))
		}
	}
	for _, n := range f.threads {
		if most := runtime.NumCPU(); n < 1 || n > most {
			return o, badFlag("threads", n, fmt.Errorf("want 1 to %d, the processors that there are", most))
		}
	}
	for _, text := range f.sizes {
		n, err := quantity.Count(text)
		if err == nil && n > 1<<31 {
			err = errors.New("want at most 2^31 parameters")
		}
		if err != nil {
			return o, badFlag("sizes", text, err)
		}
		o.Sizes = append(o.Sizes, int(n))
	}
	if f.optimizers != nil {
		all, err := parseRules(f.optimizers)
		if err != nil {
			return o, err
		}
		for _, c := range all {
			o.Rules = append(o.Rules, c.Spec)
		}
	}
	return o, nil
}

// A benchReport is what was measured.
type benchReport struct {
	*bench.Report
	Files []string `json:"files"`
}

// bench measures, shows and draws. An interrupt keeps what there is by then.
func (a *app) bench(cmd *cobra.Command, o bench.Options, blank bool, style figure.Style) error {
	if err := a.writable(); err != nil {
		return err
	}
	tell := !a.quiet && a.terminal(a.diag)
	if tell {
		o.Progress = func(done, of int, next string) {
			fmt.Fprintf(a.diag, "\r\x1b[K%d/%d  %s", done, of, next)
		}
	}
	measured, err := bench.Measure(cmd.Context(), o)
	if tell {
		fmt.Fprint(a.diag, "\r\x1b[K")
	}
	interrupted := errors.Is(err, context.Canceled)
	if err != nil && (!interrupted || measured == nil) {
		return err
	}
	r := &benchReport{Report: measured, Files: []string{}}
	if len(r.Rules) > 0 && !blank {
		drawn, err := r.draw(style)
		if err != nil {
			return err
		}
		if r.Files, err = a.save([]picture{{"bench", drawn}}); err != nil {
			return err
		}
	}
	if err := a.finish(cmd, r, &r.Files); err != nil {
		return err
	}
	if interrupted {
		return errInterrupted
	}
	return nil
}

// draw shows the share of every rule at every size.
func (r *benchReport) draw(style figure.Style) (*figure.Figure, error) {
	c := figure.Dots{
		Style:  titled(style, "How near to the speed of memory", r.machineText()),
		XLabel: "share of the stream limit in %", Limit: 100, LimitName: "a step that only moves memory",
	}
	for _, v := range r.Rules {
		if name := r.rowName(v); !slices.Contains(c.Rows, name) {
			c.Rows = append(c.Rows, name)
		}
	}
	for _, t := range r.threads() {
		panel := figure.DotPanel{Title: threadsText(t)}
		for _, n := range r.sizes() {
			s := figure.Series{Name: sizeText(n) + " parameters", Y: make([]float64, len(c.Rows))}
			for i := range s.Y {
				s.Y[i] = math.NaN()
			}
			for _, v := range r.Rules {
				if v.Params == n && v.Threads == t {
					s.Y[slices.Index(c.Rows, r.rowName(v))] = 100 * v.Share
				}
			}
			panel.Marks = append(panel.Marks, s)
		}
		c.Panels = append(c.Panels, panel)
	}
	c.Panels = c.Panels[:min(len(c.Panels), 4)]
	return c.Figure()
}

// rowName names a rule, and its element type where there are several.
func (r *benchReport) rowName(v bench.Rule) string {
	if r.mixed() {
		return v.Rule + " " + v.DType
	}
	return v.Rule
}

// mixed reports whether rules were measured on several element types.
func (r *benchReport) mixed() bool {
	return slices.ContainsFunc(r.Rules, func(v bench.Rule) bool { return v.DType != r.Rules[0].DType })
}

// threads and sizes list what the rules were measured at.
func (r *benchReport) threads() []int {
	return distinct(r.Rules, func(v bench.Rule) int { return v.Threads })
}

func (r *benchReport) sizes() []int {
	return distinct(r.Rules, func(v bench.Rule) int { return v.Params })
}

// distinct lists the values of a field in ascending order.
func distinct[T any](list []T, field func(T) int) []int {
	var values []int
	for _, v := range list {
		values = append(values, field(v))
	}
	slices.Sort(values)
	return slices.Compact(values)
}
