package cli

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/descent-go/descent/internal/quantity"
	"github.com/descent-go/descent/optim"
)

// dtypes are the element types that parameters can have, and their bytes.
var dtypes = []struct {
	name string
	size int
}{{"float32", 4}, {"float64", 8}}

func newMemory(a *app) *cobra.Command {
	var params, dtype string
	var rules []string
	cmd := &cobra.Command{
		Use:     "memory --params N",
		GroupID: "look",
		Short:   "Tell the memory that training takes: parameters, gradients, state",
		Long: `Memory tells what training takes before anything is allocated: parameters,
gradients and the state of the optimizer. Activations are not part of it.
Without --optimizer it compares all rules.`,
		Example: `  descent memory --params 7e9 --optimizer adamw
  descent memory --params 350M --dtype float64
  descent memory --params 7B --optimizer sgd,sgd:momentum=0.9,adamw --json`,
		Args: positional(0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			r, err := memoryOf(params, dtype, rules)
			if err != nil {
				return err
			}
			return a.show(cmd, r, nil)
		},
	}
	cmd.Flags().StringVar(&params, "params", "", "`number` of parameters: 7e9, 350M, 7B (required)")
	cmd.Flags().StringArrayVar(&rules, "optimizer", nil, "`rules` with options, separated by commas (default: all)")
	cmd.Flags().StringVar(&dtype, "dtype", "float32", "element `type`: float32 or float64")
	return cmd
}

// A memoryReport holds one run, or a list of several.
type memoryReport struct {
	Params int64  `json:"params"`
	DType  string `json:"dtype"`
	*memoryRun
	Runs []memoryRun `json:"runs,omitempty"`
}

type memoryRun struct {
	Optimizer string `json:"optimizer"`
	optim.Footprint
	BytesPerParam int64 `json:"bytes_per_parameter"`
}

func memoryOf(params, dtype string, rules []string) (*memoryReport, error) {
	if params == "" {
		return nil, usagef("--params is missing, want the number of parameters, such as 7e9")
	}
	n, err := quantity.Count(params)
	if err != nil {
		return nil, badFlag("params", params, err)
	}
	size := 0
	for _, d := range dtypes {
		if d.name == dtype {
			size = d.size
		}
	}
	if size == 0 {
		return nil, badFlag("dtype", dtype, fmt.Errorf("want float32 or float64"))
	}
	if len(rules) == 0 {
		for _, info := range optim.Rules() {
			rules = append(rules, info.Name)
		}
	}
	all, err := parseRules(rules)
	if err != nil {
		return nil, err
	}
	var runs []memoryRun
	for _, c := range all {
		f, err := optim.MemoryOf(n, size, c.Rule)
		if err != nil {
			return nil, badFlag("params", params, err)
		}
		runs = append(runs, memoryRun{c.Spec, f, f.Total / n})
	}
	r := &memoryReport{Params: n, DType: dtype, Runs: runs}
	if len(runs) == 1 {
		r.memoryRun, r.Runs = &runs[0], nil
	}
	return r, nil
}

func (r *memoryReport) text(p *page) {
	p.heading("%s parameters of %s", grouped(r.Params), r.DType)
	p.blank()
	runs := r.Runs
	if r.memoryRun != nil {
		runs = []memoryRun{*r.memoryRun}
	}
	var rows [][]string
	for _, run := range runs {
		rows = append(rows, []string{
			run.Optimizer, bytesText(run.Parameters), bytesText(run.Gradients), bytesText(run.State), bytesText(run.Total),
			fmt.Sprint(run.BytesPerParam),
		})
	}
	p.table([]column{
		words("optimizer"), numbers("parameters"), numbers("gradients"), numbers("state"), numbers("total"), numbers("bytes/parameter"),
	}, rows)
}
