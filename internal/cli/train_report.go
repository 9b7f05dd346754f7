package cli

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/descent-go/descent/data"
	"github.com/descent-go/descent/lab"
	"github.com/descent-go/descent/nn"
	"github.com/descent-go/descent/train"
)

// A trainReport tells how a training went.
type trainReport struct {
	Run        string           `json:"run"`
	Folder     string           `json:"folder"`
	Name       string           `json:"name,omitempty"`
	Data       string           `json:"data,omitempty"`
	Test       string           `json:"test,omitempty"`
	Examples   map[string]int   `json:"examples,omitempty"`
	Features   int              `json:"features,omitempty"`
	Task       string           `json:"task,omitempty"`
	Classes    []string         `json:"classes,omitempty"`
	Model      string           `json:"model,omitempty"`
	Function   string           `json:"function,omitempty"`
	Start      []number         `json:"start,omitempty"`
	Noise      number           `json:"noise,omitempty"`
	End        []number         `json:"end,omitempty"`
	Parameters int64            `json:"parameters"`
	StateBytes int64            `json:"state_bytes"`
	Optimizer  string           `json:"optimizer"`
	LR         number           `json:"lr"`
	Schedule   string           `json:"schedule,omitempty"`
	Batch      *int             `json:"batch,omitempty"`
	Seed       uint64           `json:"seed"`
	FinalLoss  number           `json:"final_loss"`
	FirstLoss  number           `json:"first_loss"`
	ValLoss    *number          `json:"val_loss,omitempty"`
	ValAcc     *number          `json:"val_accuracy,omitempty"`
	TestLoss   *number          `json:"test_loss,omitempty"`
	TestAcc    *number          `json:"test_accuracy,omitempty"`
	Epochs     int              `json:"epochs"`
	Steps      int64            `json:"steps"`
	Skipped    int64            `json:"skipped"`
	Seconds    number           `json:"seconds"`
	PerSecond  number           `json:"examples_per_second"`
	Verdict    string           `json:"verdict"`
	Summary    string           `json:"summary"`
	Reason     train.Reason     `json:"reason"`
	Restored   bool             `json:"best_parameters,omitempty"`
	Averaged   bool             `json:"averaged_parameters,omitempty"`
	Diverged   *train.Diverged  `json:"diverged,omitempty"`
	Diagnosis  *train.Diagnosis `json:"diagnosis,omitempty"` // the last one
	Curve      []curvePoint     `json:"curve"`
	ModelFile  string           `json:"model_file,omitempty"`
	Files      []string         `json:"files"`
}

// A curvePoint is the learning curve after one epoch or, where there are none,
// after a step.
type curvePoint struct {
	Epoch     int     `json:"epoch,omitempty"`
	Step      int64   `json:"step"`
	Rate      number  `json:"rate"`
	Loss      number  `json:"loss"` // mean over the epoch's examples, each before its update; of the step before its own
	TrainLoss *number `json:"train_loss,omitempty"`
	TrainAcc  *number `json:"train_accuracy,omitempty"`
	ValLoss   *number `json:"val_loss,omitempty"`
	ValAcc    *number `json:"val_accuracy,omitempty"`
}

func newTrainReport(t *training, h *train.History, res *train.Result) *trainReport {
	e := t.Experiment
	r := &trainReport{
		Name: e.Name, Model: t.Model, Parameters: h.Started.Parameters, StateBytes: h.Started.StateBytes,
		Optimizer: t.Rule.Spec, LR: number(*t.Rule.Rate), Schedule: e.Schedule, Seed: e.Seed,
		FinalLoss: number(res.FinalLoss), FirstLoss: number(res.FirstLoss),
		Epochs: res.Epochs, Steps: res.Steps, Skipped: res.Skipped,
		Seconds: number(res.Seconds), PerSecond: number(perSecond(res)),
		Verdict: verdictOf(res), Summary: res.Verdict, Reason: res.Reason,
		Restored: res.Restored, Averaged: res.Averaged, Diverged: res.Diverged,
		Curve: []curvePoint{}, Files: []string{},
	}
	if t.Data != nil {
		r.learned(t, res)
	}
	if t.Function != nil {
		r.Model, r.Function, r.Noise = "", t.Model, number(e.Noise)
		if len(t.Start) <= mostPrinted {
			r.Start, r.End = numbersOf(t.Start), numbersOf(res.Point)
		}
	}
	if res.TestLoss != nil {
		r.TestLoss = pointer(float64(*res.TestLoss))
	}
	if res.TestAccuracy != nil {
		r.TestAcc = pointer(float64(*res.TestAccuracy))
	}
	if t.Source == nil {
		for i, step := range h.Steps {
			if lab.IsMilestone(step) || i == len(h.Steps)-1 {
				r.Curve = append(r.Curve, curvePoint{Step: step, Rate: number(h.Rates[i]), Loss: number(h.Losses[i])})
			}
		}
	}
	for _, e := range h.EpochEnds {
		r.Curve = append(r.Curve, curvePoint{Epoch: e.Epoch, Step: e.Step, Rate: number(e.Rate), Loss: number(e.Loss)})
	}
	for _, e := range h.Evaluations {
		r.evaluated(e)
	}
	return r
}

// learned tells what was learned from.
func (r *trainReport) learned(t *training, res *train.Result) {
	d, batch := t.Data, t.Experiment.Batch
	r.Data, r.Test, r.Batch = d.Name, t.Experiment.Test, &batch
	r.Features, r.Task, r.Classes = d.Dim, d.Task.String(), d.Classes
	r.Examples = map[string]int{"train": int(res.Examples)}
	for name, s := range map[string]*data.Set{"train": d.Train, "validation": d.Validation, "test": d.Test} {
		if s != nil {
			r.Examples[name] = s.Len()
		}
	}
}

// perSecond returns the examples learned from in a second, 0 without a step.
func perSecond(res *train.Result) float64 {
	if res.Examples == 0 || res.Seconds <= 0 {
		return 0
	}
	return float64(res.Examples) / res.Seconds
}

// evaluated adds an evaluation to the learning curve.
func (r *trainReport) evaluated(e train.Evaluation) {
	loss, acc := pointer(float64(e.Loss)), pointer(float64(e.Accuracy))
	if !e.Labelled {
		acc = nil
	}
	if e.Set == "validation" {
		r.ValLoss, r.ValAcc = loss, acc
	}
	for i := range r.Curve {
		c := &r.Curve[i]
		if c.Step != e.Step {
			continue
		}
		switch e.Set {
		case "train":
			c.TrainLoss, c.TrainAcc = loss, acc
		case "validation":
			c.ValLoss, c.ValAcc = loss, acc
		}
	}
}

func pointer(v float64) *number {
	n := number(v)
	return &n
}

// verdictOf says in a word how a training ended.
func verdictOf(res *train.Result) string {
	switch res.Reason {
	case train.ReasonDiverged:
		if !lab.HasDiverged(res) {
			return "unbounded"
		}
		return "diverged"
	case train.ReasonInterrupted:
		return "interrupted"
	case train.ReasonTarget, train.ReasonSmallGradient, train.ReasonSmallUpdate:
		return "converged"
	case train.ReasonNoImprovement, train.ReasonTime:
		return "stopped"
	}
	return "finished"
}

// method says how the network was trained.
func (r *trainReport) method() string {
	text := fmt.Sprintf("%s, lr %s", r.Optimizer, short(float64(r.LR)))
	if r.Schedule != "" {
		text += ", schedule " + r.Schedule
	}
	switch {
	case r.Batch == nil:
	case *r.Batch > 0:
		text += fmt.Sprintf(", batch %d", *r.Batch)
	default:
		text += ", the whole set at once"
	}
	if r.TestAcc != nil {
		text += fmt.Sprintf("; test accuracy %s", percent(float64(*r.TestAcc)))
	}
	return text
}

func (r *trainReport) text(p *page) {
	if !p.quiet {
		r.header(p)
		r.table(p)
	}
	if r.TestAcc != nil {
		n := r.Examples["test"]
		right := int(math.Round(float64(*r.TestAcc) * float64(n)))
		p.heading("Test accuracy %s: %s of %s right", percent(float64(*r.TestAcc)), grouped(int64(right)), grouped(int64(n)))
	} else if r.TestLoss != nil {
		p.heading("Test loss %s", short(float64(*r.TestLoss)))
	}
	if 0 < len(r.End) && len(r.End) <= 8 {
		p.heading("f = %s at %s", short(float64(r.FinalLoss)), pointText(r.End))
	}
	p.wrap("", capital(r.Summary)+".")
	if r.Diagnosis != nil && !p.quiet {
		p.wrap("", diagnosisText(r.Diagnosis))
	}
	switch {
	case p.quiet:
	case r.Data == "":
		p.line("%s", secondsText(time.Duration(float64(r.Seconds)*1e9)))
	default:
		p.line("%s, %s examples/s", secondsText(time.Duration(float64(r.Seconds)*1e9)), grouped(int64(r.PerSecond)))
	}
}

func (r *trainReport) header(p *page) {
	trained := fmt.Sprintf("%s parameters, %s of optimizer state", grouped(r.Parameters), bytesText(r.StateBytes))
	switch {
	case r.Data != "":
		p.wrap("", r.Data+": "+r.examplesText())
		p.wrap("", r.Model+": "+trained)
	case r.Function != "":
		text := r.Function + ": " + plural(r.Parameters, "variable")
		if n := len(r.Start); 0 < n && n <= 8 {
			text += ", from " + pointText(r.Start)
		}
		p.wrap("", text)
	default:
		p.wrap("", r.Model+": "+trained)
	}
	quiet := *r
	quiet.TestAcc = nil
	p.wrap("", quiet.method())
	p.blank()
}

// examplesText says how many examples of what there were.
func (r *trainReport) examplesText() string {
	text := fmt.Sprintf("%s to train", grouped(int64(r.Examples["train"])))
	for _, set := range []string{"validation", "test"} {
		if n, ok := r.Examples[set]; ok {
			verb := map[string]string{"validation": "validate", "test": "test"}[set]
			text += fmt.Sprintf(", %s to %s", grouped(int64(n)), verb)
		}
	}
	text += fmt.Sprintf("; %d features", r.Features)
	if r.Task == nn.Classify.String() {
		text += fmt.Sprintf(", %d classes", len(r.Classes))
	}
	return text
}

// table shows the learning curve after epochs 1, 2, 5, 10, … and the last.
func (r *trainReport) table(p *page) {
	if len(r.Curve) == 0 {
		return
	}
	classes := r.Task == nn.Classify.String()
	columns := []column{numbers("epoch"), numbers("step"), numbers("rate"), numbers("loss")}
	if r.Data == "" {
		columns = columns[1:]
	}
	validated := r.ValLoss != nil
	if classes {
		columns = append(columns, numbers("train accuracy"))
	}
	if validated {
		columns = append(columns, numbers("val loss"))
	}
	if validated && classes {
		columns = append(columns, numbers("val accuracy"))
	}
	cell := func(v *number, format func(float64) string) string {
		if v == nil {
			return "-"
		}
		return format(float64(*v))
	}
	var rows [][]string
	for i, c := range r.Curve {
		if len(r.Curve) > 12 && c.Epoch > 0 && !lab.IsMilestone(int64(c.Epoch)) && i < len(r.Curve)-1 {
			continue
		}
		row := []string{strconv.Itoa(c.Epoch), strconv.FormatInt(c.Step, 10), brief(float64(c.Rate)), short(float64(c.Loss))}
		if r.Data == "" {
			row = row[1:]
		}
		if classes {
			row = append(row, cell(c.TrainAcc, percent))
		}
		if validated {
			row = append(row, cell(c.ValLoss, short))
		}
		if validated && classes {
			row = append(row, cell(c.ValAcc, percent))
		}
		rows = append(rows, row)
	}
	p.table(columns, rows)
	p.blank()
}

// diagnosisText tells what a diagnosis has found, in a line.
func diagnosisText(d *train.Diagnosis) string {
	var parts []string
	say := func(v train.Real, format string, args ...any) {
		if v == v {
			parts = append(parts, fmt.Sprintf(format, args...))
		}
	}
	sharpness := fmt.Sprintf("sharpness %s", brief(float64(d.Sharpness)))
	if edge := float64(d.Edge); !math.IsInf(edge, 0) {
		side := "below"
		if float64(d.Rate) > edge {
			side = "above"
		}
		sharpness += fmt.Sprintf(", the rate %s is %s the edge %s of gradient descent", brief(float64(d.Rate)), side, brief(edge))
	}
	say(d.Sharpness, "%s", sharpness)
	say(d.Alpha, "α %s on the line (−1 no step, 0 its minimum, 1 as high again)", brief(float64(d.Alpha)))
	say(d.Along, "curvature %s along the step", brief(float64(d.Along)))
	say(d.Cosine, "cosine %s with the gradient before", brief(float64(d.Cosine)))
	if n := len(d.Params); n > 0 {
		most := slices.MaxFunc(d.Params, func(a, b train.ParamNorms) int { return cmp.Compare(a.Ratio, b.Ratio) })
		parts = append(parts, fmt.Sprintf("largest update for its size in %s, %s of it", most.Name, brief(float64(most.Ratio))))
	}
	return fmt.Sprintf("Diagnosis of step %d: %s.", d.Step, strings.Join(parts, "; "))
}
