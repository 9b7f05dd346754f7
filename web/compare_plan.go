package web

import (
	"errors"
	"fmt"
	"net/http"
	"strconv"

	"github.com/descent-go/descent/experiment"
	"github.com/descent-go/descent/lab"
	"github.com/descent-go/descent/web/internal/jobs"
)

// A LabPlan is what a comparison or a search will take, before it is started.
type LabPlan struct {
	// Trainings is how many there will be, about: a pruner makes more tries of the
	// same budget that end early.
	Trainings int `json:"trainings"`
	// Of a comparison: the contenders with the rates around which tuning begins, the
	// number of problems, and the trainings that each contender takes on each.
	Contenders []ClassicMeta `json:"contenders,omitempty"`
	Problems   int           `json:"problems,omitempty"`
	Each       int           `json:"each,omitempty"`
	// Of a search: the number of its tries, if all are whole trainings.
	Tries int `json:"tries,omitempty"`
}

// planJob checks a request for a job as starting it would, and says what it takes.
// What is wrong with one of several values is refused with a field such as
// "problem.2" or "space.0".
func (s *Server) planJob(w http.ResponseWriter, r *http.Request) error {
	q, err := readJSON[jobs.Request](r)
	if err != nil {
		return err
	}
	if q, err = s.jobs.Check(q); err != nil {
		return s.refuseValue(q, err)
	}
	var plan *LabPlan
	switch q.Kind {
	case jobs.Compare:
		plan, err = s.planComparison(q)
	case jobs.Tune:
		plan, err = s.planTuning(q)
	default:
		plan = &LabPlan{}
	}
	if err != nil {
		return err
	}
	return writeJSON(w, plan)
}

// refuseValue names the value of a list that is wrong by itself, if there is one.
func (s *Server) refuseValue(q jobs.Request, err error) error {
	var bad *jobs.Error
	if !errors.As(err, &bad) || len(q.Flags[bad.Field]) < 2 {
		return refuseJob(err)
	}
	for i, text := range q.Flags[bad.Field] {
		one := jobs.Request{Kind: q.Kind, Flags: map[string]jobs.Value{bad.Field: {text}}}
		var own *jobs.Error
		if _, e := s.jobs.Check(one); errors.As(e, &own) && own.Field == bad.Field {
			return refuseAt(http.StatusBadRequest, fmt.Sprintf("%s.%d", bad.Field, i), own.Column, "%v", own)
		}
	}
	return refuseJob(err)
}

func (s *Server) planComparison(q jobs.Request) (*LabPlan, error) {
	o := lab.DefaultCompare()
	take(q, "trials", &o.Trials)
	take(q, "seeds", &o.Seeds)
	plan := &LabPlan{Each: o.Trainings(), Problems: max(len(q.Flags["problem"]), 1)}
	if len(q.Flags["problem"]) == 0 && s.Own == nil {
		plan.Problems = 2 // the usual ones of descent compare
	}
	contenders := lab.Classic()
	if rivals := q.Flags["optimizer"]; len(rivals) > 0 {
		contenders = nil
		for _, list := range rivals {
			for _, spec := range experiment.SplitRules(list) {
				c, err := lab.ParseContender(spec)
				if err != nil {
					return nil, refuse(http.StatusBadRequest, "optimizer", "%v", err)
				}
				contenders = append(contenders, c)
			}
		}
	}
	for _, c := range contenders {
		plan.Contenders = append(plan.Contenders, ClassicMeta{c.Name, c.Optimizer, c.Usual})
	}
	plan.Trainings = plan.Each * len(contenders) * plan.Problems
	return plan, nil
}

func (s *Server) planTuning(q jobs.Request) (*LabPlan, error) {
	if err := s.checkSpace(q); err != nil {
		return nil, refuse(http.StatusBadRequest, "space", "--space: %v", err)
	}
	o := lab.DefaultTune()
	o.Trials = 0
	take(q, "trials", &o.Trials)
	if o.Trials == 0 {
		o.Trials = lab.DefaultTune().Trials
	}
	take(q, "seeds", &o.SearchSeeds)
	take(q, "finalists", &o.Finalists)
	take(q, "fresh-seeds", &o.Seeds)
	return &LabPlan{
		Tries:     o.Trials,
		Trainings: o.Trials*o.SearchSeeds + min(o.Finalists, o.Trials)*o.FinalistSeeds + 2*o.Seeds,
	}, nil
}

// checkSpace checks how the dimensions of a search go together with the settings
// whose parts they vary, and with the sampler.
func (s *Server) checkSpace(q jobs.Request) error {
	specs := q.Flags["space"]
	if len(specs) == 0 {
		return nil
	}
	space, err := lab.ParseSpace(specs)
	if err != nil {
		return err
	}
	e := experiment.DefaultOf(s.Own)
	if q.Experiment != "" {
		base, err := experiment.Parse("experiment", []byte(q.Experiment))
		if err != nil {
			return err
		}
		e = e.Over(base)
	}
	for _, key := range []string{"optimizer", "schedule", "model"} {
		if v := q.Flags[key]; len(v) == 1 {
			if err := e.Set(key, v[0]); err != nil {
				return err
			}
		}
	}
	rule, err := experiment.ParseRule(e.Optimizer)
	if err != nil {
		return err
	}
	space.Base = lab.Settings{"optimizer": rule.Spec, "schedule": e.Schedule, "model": e.Model}
	if err := space.Check(); err != nil {
		return err
	}
	sampler := lab.DefaultTune().Sampler
	if v := q.Flags["sampler"]; len(v) == 1 {
		sampler = v[0]
	}
	_, err = lab.NewSampler(sampler, space, 0)
	return err
}

// take reads a whole number that was checked before.
func take(q jobs.Request, flag string, into *int) {
	if v := q.Flags[flag]; len(v) == 1 {
		if n, err := strconv.Atoi(v[0]); err == nil {
			*into = n
		}
	}
}
