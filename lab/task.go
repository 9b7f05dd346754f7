package lab

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math"
	"strconv"
	"sync"

	"github.com/descent-go/descent/experiment"
	"github.com/descent-go/descent/internal/rng"
	"github.com/descent-go/descent/problem"
	"github.com/descent-go/descent/train"
)

// A Task is what contenders are tried on: a function, or data with a model. Its
// data are read once and its sessions share them. It may be used on several
// goroutines.
type Task struct {
	name     string
	prepared *experiment.Prepared
	steps    int64
	box      []float64 // by how much seeds move the start; nil: not at all
	start    []float64
	key      string
	turn     sync.Mutex // of a model that only one session can train at a time
}

// NewTask makes a task of an experiment, and reads its data. Data that arrive once
// are an error; other errors are those of [experiment.Experiment.Open]. What would
// end a run early is left out in trials: patience, target and limits of time.
func NewTask(ctx context.Context, e *experiment.Experiment, in experiment.Inputs) (*Task, error) {
	p, err := e.Prepare(ctx, in)
	if err != nil {
		return nil, err
	}
	s := p.First()
	t := &Task{name: nameOf(s), prepared: p, steps: budget(s)}
	if s.Function != nil {
		t.start = s.Start
		t.box = spread(s)
	}
	if t.key, err = fingerprint(s, t); err != nil {
		return nil, err
	}
	return t, nil
}

// Name is the experiment's name; without one, the function, or data and model.
func (t *Task) Name() string { return t.name }

// Steps is the task's own budget in gradient evaluations, as the experiment says.
func (t *Task) Steps() int64 { return t.steps }

// Session returns a training of the task, with a model of its own: initial
// parameters, order of batches and noise come from the seed; how the data are
// split, from the task's own. A function without noise starts at a point of a box
// around its usual start, as the seed says, the same for all settings: ±5 % of the
// domain's width for functions of two variables that have a domain, else ±5 % of
// max(1, |xᵢ|).
//
// Sessions of a program's own model share it: one has to be trained before the
// next is asked for.
func (t *Task) Session(settings Settings, seed uint64) (*experiment.Session, error) {
	s, err := t.prepared.Open(context.Background(), settings, seed)
	if err != nil || t.box == nil {
		return s, err
	}
	r := rng.New(seed, "start")
	for i, w := range t.box {
		u := float64(2*r.Float64()) - 1
		s.Start[i] = t.start[i] + float64(w*u)
	}
	copy(s.Params64[0].Data, s.Start)
	return s, nil
}

// trial returns the session of a trial.
func (t *Task) trial(tr Trial) (*experiment.Session, error) {
	steps := tr.Steps
	if steps == 0 {
		steps = t.steps
	}
	if steps < 1 {
		return nil, fmt.Errorf("lab: %s: a budget of %d gradient evaluations, want at least 1", t.name, steps)
	}
	settings := maps.Clone(tr.Settings)
	if settings == nil {
		settings = Settings{}
	}
	settings["steps"] = strconv.FormatInt(t.updates(settings, steps), 10)
	if t.prepared.First().Source != nil {
		settings["epochs"] = "0"
	}
	return t.Session(settings, tr.Seed)
}

// updates is how many a trial with settings makes of so many gradient evaluations.
func (t *Task) updates(settings Settings, gradients int64) int64 {
	accumulate := int64(t.prepared.First().Experiment.Accumulate)
	if text, ok := settings["accumulate"]; ok {
		n, err := strconv.ParseInt(text, 10, 64)
		if err == nil && n > 0 { // else Session says what is wrong
			accumulate = n
		}
	}
	return max(gradients/max(accumulate, 1), 1)
}

// nameOf is what a task is called.
func nameOf(s *experiment.Session) string {
	switch {
	case s.Experiment.Name != "":
		return s.Experiment.Name
	case s.Data != nil:
		return s.Data.Name + "/" + s.Model
	}
	return s.Model
}

// budget is how many gradients a session takes.
func budget(s *experiment.Session) int64 {
	return train.PlannedSteps(s.Source, s.Options) * int64(max(s.Options.Accumulate, 1))
}

// spread is how far seeds move each coordinate of the start; nil where they make the
// gradient's noise.
func spread(s *experiment.Session) []float64 {
	if _, sampled := s.Function.(problem.Sampler); sampled || s.Experiment.Noise > 0 {
		return nil
	}
	const share = 0.05
	box := make([]float64, len(s.Start))
	for i, x := range s.Start {
		box[i] = share * math.Max(1, math.Abs(x))
	}
	if len(box) == 2 {
		if f, err := problem.Resolve(s.Model); err == nil {
			box[0], box[1] = share*(f.Domain.XMax-f.Domain.XMin), share*(f.Domain.YMax-f.Domain.YMin)
		}
	}
	return box
}

// fingerprint identifies a task in journals: all that its outcomes depend on, the
// version of this program included.
func fingerprint(s *experiment.Session, t *Task) (string, error) {
	settings, err := s.Settings()
	if err != nil {
		return "", err
	}
	version := experiment.Versions()
	text, err := json.Marshal([]any{settings, t.steps, t.box, t.start, version["descent"], version["vcs.revision"]})
	if err != nil {
		return "", errors.Join(fmt.Errorf("lab: %s", t.name), err)
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:8]), nil
}
