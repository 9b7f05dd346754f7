package cli

import (
	"encoding/csv"
	"fmt"
	"os"
	"strconv"

	"github.com/spf13/cobra"

	"github.com/descent-go/descent/data"
	"github.com/descent-go/descent/experiment"
	"github.com/descent-go/descent/nn"
	"github.com/descent-go/descent/record"
)

func newPredict(a *app) *cobra.Command {
	var file, source, from string
	var where runsFlag
	cmd := &cobra.Command{
		Use:     "predict --data FILE",
		GroupID: "do",
		Short:   "Tell the classes of examples, with their probabilities",
		Long: `Predict applies the model of a run of descent train, the newest one's unless --run
or --model-file names another. It writes one line for each example as CSV: the class and the probability of every class, or for a regression
the value. A table may hold the target's column or leave it out.`,
		Example: `  descent predict --data new.csv > classes.csv
  descent predict --run 20261122-03 --data digits:n=20,seed=9
  cat new.csv | descent predict --model-file model.safetensors --data - --json`,
		Args: positional(0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if source == "" {
				return usagef("--data is missing, want a file, - for standard input, or another source of descent train")
			}
			m, err := where.model(file, from)
			if err != nil {
				return err
			}
			set, err := a.inputs(m, source)
			if err != nil {
				return err
			}
			values, err := m.predict(set)
			if err != nil {
				return err
			}
			return a.show(cmd, newPredictions(m, set, values), nil)
		},
	}
	cmd.Flags().StringVar(&from, "run", record.Latest, "the `run` whose model to apply: an ID, the beginning of one, latest, or a folder")
	cmd.Flags().StringVarP(&file, "model-file", "m", "", "the model `file`, as descent train saved it, in place of a run's")
	where.flag(cmd.Flags())
	cmd.Flags().StringVarP(&source, "data", "d", "", "`source` of the examples: "+experiment.Sources()+" (required)")
	return cmd
}

// model reads the model in a file or, if that is "", that of a run.
func (f *runsFlag) model(file, from string) (*model, error) {
	flag := "--model-file"
	if file == "" {
		run, err := f.find(from)
		if err != nil {
			return nil, fmt.Errorf("--run %s: %w", from, err)
		}
		flag, file = "--run "+from, run.Path(record.ModelFile)
	}
	m, err := readModel(file)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", flag, err)
	}
	return m, nil
}

// inputs reads the examples to predict.
func (a *app) inputs(m *model, source string) (*data.Set, error) {
	if m.schema == nil {
		sets, err := data.Open(source, data.Options{Seed: a.seed, Stdin: a.in})
		if err != nil {
			return nil, err
		}
		if sets.Schema != nil {
			return nil, fmt.Errorf("--data %s is a table, and the model was not trained on one", source)
		}
		return sets.Train, nil
	}
	if source == "-" {
		return m.schema.ReadInputs(a.in, "standard input")
	}
	f, err := os.Open(source)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return m.schema.ReadInputs(f, source)
}

type predictions struct {
	Task     string       `json:"task"`
	Model    string       `json:"model"`
	Classes  []string     `json:"classes,omitempty"`
	Count    int          `json:"count"`
	Accuracy *number      `json:"accuracy,omitempty"` // when the examples have labels
	Examples []prediction `json:"predictions"`
}

type prediction struct {
	Class         string     `json:"class,omitempty"`
	Probabilities []number32 `json:"probabilities,omitempty"`
	Values        []number32 `json:"values,omitempty"`
}

func newPredictions(m *model, s *data.Set, values []float32) *predictions {
	out := m.net.Out()
	r := &predictions{
		Task: m.net.Task().String(), Model: m.net.Spec(), Classes: m.classes, Count: s.Len(),
		Examples: make([]prediction, s.Len()),
	}
	correct := 0
	for i := range r.Examples {
		row := values[i*out : (i+1)*out]
		p := prediction{Values: numbers32(row)}
		if m.net.Task() == nn.Classify {
			best := 0
			for j, v := range row {
				if v > row[best] {
					best = j
				}
			}
			p = prediction{Class: m.classes[best], Probabilities: numbers32(row)}
			if s.Label != nil && s.Classes[s.Label[i]] == p.Class {
				correct++
			}
		}
		r.Examples[i] = p
	}
	if s.Label != nil && m.net.Task() == nn.Classify {
		share := number(float64(correct) / float64(s.Len()))
		r.Accuracy = &share
	}
	return r
}

// text writes CSV, which is for programs: every digit that a float32 has.
func (r *predictions) text(p *page) {
	w := csv.NewWriter(&p.b)
	header := []string{"class"}
	for _, class := range r.Classes {
		header = append(header, "p_"+class)
	}
	if r.Classes == nil {
		header = []string{"value"}
	}
	rows := [][]string{header}
	for _, e := range r.Examples {
		row := []string{}
		if r.Classes != nil {
			row = append(row, e.Class)
		}
		for _, v := range append(e.Probabilities, e.Values...) {
			row = append(row, strconv.FormatFloat(float64(v), 'g', -1, 32))
		}
		rows = append(rows, row)
	}
	_ = w.WriteAll(rows) // into memory: cannot fail
}
