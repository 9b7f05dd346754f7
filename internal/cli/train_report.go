package cli

import (
	"fmt"
	"math"
	"path/filepath"
	"strconv"
	"time"

	"github.com/descent-go/descent/figure"
	"github.com/descent-go/descent/nn"
	"github.com/descent-go/descent/train"
)

// A trainReport tells how a training went.
type trainReport struct {
	Data       string          `json:"data"`
	Test       string          `json:"test,omitempty"`
	Examples   map[string]int  `json:"examples"`
	Features   int             `json:"features"`
	Task       string          `json:"task"`
	Classes    []string        `json:"classes,omitempty"`
	Model      string          `json:"model"`
	Parameters int64           `json:"parameters"`
	StateBytes int64           `json:"state_bytes"`
	Optimizer  string          `json:"optimizer"`
	LR         number          `json:"lr"`
	Schedule   string          `json:"schedule,omitempty"`
	Batch      int             `json:"batch"`
	Seed       uint64          `json:"seed"`
	FinalLoss  number          `json:"final_loss"`
	FirstLoss  number          `json:"first_loss"`
	ValLoss    *number         `json:"val_loss,omitempty"`
	ValAcc     *number         `json:"val_accuracy,omitempty"`
	TestLoss   *number         `json:"test_loss,omitempty"`
	TestAcc    *number         `json:"test_accuracy,omitempty"`
	Epochs     int             `json:"epochs"`
	Steps      int64           `json:"steps"`
	Skipped    int64           `json:"skipped"`
	Seconds    number          `json:"seconds"`
	PerSecond  number          `json:"examples_per_second"`
	Verdict    string          `json:"verdict"`
	Summary    string          `json:"summary"`
	Reason     train.Reason    `json:"reason"`
	Restored   bool            `json:"best_parameters,omitempty"`
	Averaged   bool            `json:"averaged_parameters,omitempty"`
	Diverged   *train.Diverged `json:"diverged,omitempty"`
	Curve      []curvePoint    `json:"curve"`
	ModelFile  string          `json:"model_file,omitempty"`
	Files      []string        `json:"files"`
	sets       *material
	started    train.Started
}

// A curvePoint is the learning curve after one epoch.
type curvePoint struct {
	Epoch     int     `json:"epoch"`
	Step      int64   `json:"step"`
	Rate      number  `json:"rate"`
	Loss      number  `json:"loss"` // mean over the epoch's examples, each before its update
	TrainLoss *number `json:"train_loss,omitempty"`
	TrainAcc  *number `json:"train_accuracy,omitempty"`
	ValLoss   *number `json:"val_loss,omitempty"`
	ValAcc    *number `json:"val_accuracy,omitempty"`
}

func newTrainReport(t *training, h *train.History, res *train.Result, seed uint64) *trainReport {
	s := t.sets
	r := &trainReport{
		Data: s.name, Test: t.flags.data.test, Examples: map[string]int{}, Features: s.dim,
		Task: s.task.String(), Classes: s.classes, Model: t.net.Spec(),
		Parameters: h.Started.Parameters, StateBytes: h.Started.StateBytes,
		Optimizer: t.rule.spec, LR: number(t.rule.rate), Schedule: t.flags.schedule, Batch: t.flags.batch, Seed: seed,
		FinalLoss: number(res.FinalLoss), FirstLoss: number(res.FirstLoss),
		Epochs: res.Epochs, Steps: res.Steps, Skipped: res.Skipped,
		Seconds: number(res.Seconds), PerSecond: number(perSecond(res)),
		Verdict: verdictOf(res), Summary: res.Verdict, Reason: res.Reason,
		Restored: res.Restored, Averaged: res.Averaged, Diverged: res.Diverged,
		Curve: []curvePoint{}, Files: []string{}, sets: s, started: h.Started,
	}
	if s.train == nil {
		r.Examples["train"] = int(res.Examples)
	} else {
		r.Examples["train"] = s.train.Len()
	}
	if s.validation != nil {
		r.Examples["validation"] = s.validation.Len()
	}
	if s.test != nil {
		r.Examples["test"] = s.test.Len()
	}
	if res.TestLoss != nil {
		r.TestLoss = pointer(*res.TestLoss)
	}
	if res.TestAccuracy != nil {
		r.TestAcc = pointer(*res.TestAccuracy)
	}
	for _, e := range h.EpochEnds {
		r.Curve = append(r.Curve, curvePoint{Epoch: e.Epoch, Step: e.Step, Rate: number(e.Rate), Loss: number(e.Loss)})
	}
	for _, e := range h.Evaluations {
		r.evaluated(e)
	}
	return r
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
	loss, acc := pointer(e.Loss), pointer(e.Accuracy)
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

// drawTraining draws the learning curve.
func (a *app) drawTraining(t *training, h *train.History, r *trainReport) ([]string, error) {
	c := figure.Learning{
		Style: titled(t.style, fmt.Sprintf("%s on %s", r.Model, filepath.Base(r.Data)), r.method()),
	}
	var run figure.LearningRun
	per := 1.0
	if h.Started.PerEpoch > 0 {
		per, c.XLabel = float64(h.Started.PerEpoch), "epoch"
	}
	for i, step := range h.Steps {
		x := float64(step) / per
		run.TrainLoss.X, run.TrainLoss.Y = append(run.TrainLoss.X, x), append(run.TrainLoss.Y, h.Losses[i])
		run.Rate.X, run.Rate.Y = append(run.Rate.X, x), append(run.Rate.Y, h.Rates[i])
	}
	for _, e := range h.Evaluations {
		if e.Set == "test" {
			continue
		}
		x := float64(e.Step) / per
		acc := &run.TrainAcc
		if e.Set == "validation" {
			acc = &run.ValAcc
			run.ValLoss.X, run.ValLoss.Y = append(run.ValLoss.X, x), append(run.ValLoss.Y, e.Loss)
		}
		if e.Labelled {
			acc.X, acc.Y = append(acc.X, x), append(acc.Y, e.Accuracy)
		}
	}
	if len(h.Steps) == 0 {
		return nil, nil // nothing was learned before the end
	}
	if d := h.Diverged; d != nil {
		run.TrainLoss.X, run.TrainLoss.Y = append(run.TrainLoss.X, float64(d.Step+1)/per), append(run.TrainLoss.Y, float64(d.Loss))
		run.TrainLoss.Diverged = true
	}
	c.Runs = []figure.LearningRun{run}
	drawn, err := c.Figure()
	if err != nil {
		return nil, err
	}
	return a.save([]picture{{"learning", drawn}})
}

// method says how the network was trained.
func (r *trainReport) method() string {
	text := fmt.Sprintf("%s, lr %s", r.Optimizer, short(float64(r.LR)))
	if r.Schedule != "" {
		text += ", schedule " + r.Schedule
	}
	if r.Batch > 0 {
		text += fmt.Sprintf(", batch %d", r.Batch)
	} else {
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
	p.wrap("", capital(r.Summary)+".")
	if !p.quiet {
		p.line("%s, %s examples/s", secondsText(time.Duration(float64(r.Seconds)*1e9)), grouped(int64(r.PerSecond)))
	}
}

func (r *trainReport) header(p *page) {
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
	p.wrap("", r.Data+": "+text)
	p.wrap("", r.Model+": "+fmt.Sprintf("%s parameters, %s of optimizer state", grouped(r.Parameters), bytesText(r.StateBytes)))
	quiet := *r
	quiet.TestAcc = nil
	p.wrap("", quiet.method())
	p.blank()
}

// table shows the learning curve after epochs 1, 2, 5, 10, … and the last.
func (r *trainReport) table(p *page) {
	if len(r.Curve) == 0 {
		return
	}
	classes := r.Task == nn.Classify.String()
	columns := []column{numbers("epoch"), numbers("step"), numbers("rate"), numbers("loss")}
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
		if len(r.Curve) > 12 && !isMilestone(int64(c.Epoch)) && i < len(r.Curve)-1 {
			continue
		}
		row := []string{strconv.Itoa(c.Epoch), strconv.FormatInt(c.Step, 10), brief(float64(c.Rate)), short(float64(c.Loss))}
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
