package web

import (
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"

	"github.com/descent-go/descent/data"
	"github.com/descent-go/descent/experiment"
	"github.com/descent-go/descent/lab"
	"github.com/descent-go/descent/nn"
	"github.com/descent-go/descent/problem"
)

// mostListed is how many problems, rules or dimensions a form may name.
const mostListed = 64

func (s *Server) compareRoutes() []route {
	return []route{
		{pattern: "POST /api/compare/plan", handle: s.planComparison},
		{pattern: "POST /api/tune/plan", handle: s.planTuning},
	}
}

// ComparisonRequest is what the form of a comparison says; zero numbers stand for
// the defaults of descent compare.
type ComparisonRequest struct {
	Problems   []string `json:"problems"`   // as --problem
	Optimizers []string `json:"optimizers"` // as --optimizer, one rule each; none: the classic family
	Trials     int      `json:"trials"`
	Seeds      int      `json:"seeds"`
}

// ComparisonPlan is what a comparison will take.
type ComparisonPlan struct {
	Contenders []ClassicMeta `json:"contenders"` // with the rates around which tuning begins
	Problems   int           `json:"problems"`
	Each       int           `json:"each"`      // trainings of a contender on a problem, about
	Trainings  int           `json:"trainings"` // in all, about
}

// planComparison checks the form of a comparison and counts its trainings. What is
// wrong is refused with the field "problems.2" or "optimizers.0", or the number's.
func (s *Server) planComparison(w http.ResponseWriter, r *http.Request) error {
	q, err := readJSON[ComparisonRequest](r)
	if err != nil {
		return err
	}
	o := lab.DefaultCompare()
	for _, f := range []struct {
		name        string
		value, most int
		into        *int
	}{{"trials", q.Trials, 400, &o.Trials}, {"seeds", q.Seeds, 499, &o.Seeds}} {
		switch {
		case f.value < 0 || f.value > f.most:
			return refuse(http.StatusBadRequest, f.name, "%s %d, want 1 to %d", f.name, f.value, f.most)
		case f.value > 0:
			*f.into = f.value
		}
	}
	if s.Own != nil {
		q.Problems = []string{""}
	}
	switch {
	case len(q.Problems) > mostListed:
		return refuse(http.StatusBadRequest, "problems", "%d problems, want at most %d", len(q.Problems), mostListed)
	case len(q.Optimizers) > mostListed:
		return refuse(http.StatusBadRequest, "optimizers", "%d rules, want at most %d", len(q.Optimizers), mostListed)
	}
	for i, spec := range q.Problems {
		if err := s.checkProblem(spec); err != nil && s.Own == nil {
			return refuse(http.StatusBadRequest, fmt.Sprintf("problems.%d", i), "%s", tidy(err))
		}
	}
	plan := ComparisonPlan{Problems: len(q.Problems), Each: o.Trainings(), Contenders: []ClassicMeta{}}
	contenders := lab.Classic()
	if len(q.Optimizers) > 0 {
		contenders = nil
	}
	for i, spec := range q.Optimizers {
		c, err := lab.ParseContender(spec)
		if err == nil && c.Usual == 0 {
			err = errors.New("a rate of 0, want one above 0, to tune around")
		}
		if err != nil {
			return refuse(http.StatusBadRequest, fmt.Sprintf("optimizers.%d", i), "%s", tidy(err))
		}
		contenders = append(contenders, c)
	}
	for _, c := range contenders {
		plan.Contenders = append(plan.Contenders, ClassicMeta{c.Name, c.Optimizer, c.Usual})
	}
	plan.Trainings = plan.Each * len(contenders) * plan.Problems
	return writeJSON(w, plan)
}

// checkProblem checks what can be checked of a problem at once: whether functions
// and models can be read, and whether files are there. Data are read by the command.
func (s *Server) checkProblem(spec string) error {
	if strings.HasSuffix(spec, ".yaml") || strings.HasSuffix(spec, ".yml") {
		return s.checkFile(spec, "an experiment of the working folder")
	}
	if i := strings.LastIndexByte(spec, '/'); i > 0 && nn.Check(spec[i+1:]) == nil {
		return s.checkData(spec[:i])
	}
	_, err := problem.ResolveProblem(spec)
	if err != nil && s.checkData(spec) == nil {
		return nil
	}
	return err
}

// checkData checks a name of data: one of the forms of data.Open, or a file.
func (s *Server) checkData(spec string) error {
	kind, _, _ := strings.Cut(spec, ":")
	for _, form := range data.Forms() {
		name, _, _ := strings.Cut(form.Spec, ":")
		name, _, _ = strings.Cut(name, "[")
		if kind == name && kind != "-" {
			return nil
		}
	}
	return s.checkFile(spec, "data of the working folder")
}

// checkFile checks that a path leads to something within the working folder.
func (s *Server) checkFile(name, want string) error {
	if !filepath.IsLocal(name) {
		return fmt.Errorf("%s lies outside of the working folder, want %s", name, want)
	}
	root, err := os.OpenRoot(".")
	if err != nil {
		return err
	}
	defer root.Close()
	if _, err := root.Stat(filepath.ToSlash(name)); err != nil {
		return fmt.Errorf("%s is not there, want %s", name, want)
	}
	return nil
}

// TuningRequest is what the form of a search says; zero numbers stand for the
// defaults of descent tune.
type TuningRequest struct {
	Optimizer  string   `json:"optimizer"` // of the task; "": the default
	Schedule   string   `json:"schedule"`
	Model      string   `json:"model"`
	Space      []string `json:"space"` // dimensions, as --space; none: the rate
	Sampler    string   `json:"sampler"`
	Trials     int      `json:"trials"`
	Seeds      int      `json:"seeds"`
	Finalists  int      `json:"finalists"`
	FreshSeeds int      `json:"fresh_seeds"`
}

// TuningPlan is what a search will take.
type TuningPlan struct {
	Dimensions []lab.Dimension `json:"dimensions"`
	Texts      []string        `json:"texts"` // the dimensions as the command line writes them
	Tries      int             `json:"tries"` // whole ones; a pruner makes more of the same budget
	Trainings  int             `json:"trainings"`
}

// planTuning checks a space and counts trainings. What is wrong with a dimension is
// refused with the field "space.1", what is wrong with all of them with "space".
func (s *Server) planTuning(w http.ResponseWriter, r *http.Request) error {
	q, err := readJSON[TuningRequest](r)
	if err != nil {
		return err
	}
	if len(q.Space) > mostListed {
		return refuse(http.StatusBadRequest, "space", "%d dimensions, want at most %d", len(q.Space), mostListed)
	}
	usual := experiment.DefaultOf(s.Own)
	if q.Optimizer == "" {
		q.Optimizer = usual.Optimizer
	}
	rule, err := experiment.ParseRule(q.Optimizer)
	if err != nil {
		return refuse(http.StatusBadRequest, "optimizer", "%s", tidy(err))
	}
	if q.Model == "" {
		q.Model = usual.Model
	}
	plan := TuningPlan{Dimensions: []lab.Dimension{}, Texts: []string{}}
	for i, spec := range q.Space {
		if _, err := lab.ParseSpace([]string{spec}); err != nil && !strings.Contains(spec, " if ") {
			return refuse(http.StatusBadRequest, fmt.Sprintf("space.%d", i), "%s", tidy(err))
		}
	}
	if len(q.Space) > 0 {
		space, err := lab.ParseSpace(q.Space)
		if err == nil {
			space.Base = lab.Settings{"optimizer": rule.Spec, "schedule": q.Schedule, "model": q.Model}
			err = space.Check()
		}
		if err == nil && q.Sampler != "" {
			_, err = lab.NewSampler(q.Sampler, space, 0)
		}
		if err != nil {
			return refuse(http.StatusBadRequest, "space", "%s", tidy(err))
		}
		plan.Dimensions = space.Params
		for _, d := range space.Params {
			plan.Texts = append(plan.Texts, d.String())
		}
	}
	o := lab.DefaultTune()
	for _, f := range []struct {
		name        string
		value, most int
		into        *int
	}{
		{"trials", q.Trials, 100_000, &o.Trials}, {"seeds", q.Seeds, 250, &o.SearchSeeds},
		{"finalists", q.Finalists, 100_000, &o.Finalists}, {"fresh_seeds", q.FreshSeeds, 499, &o.Seeds},
	} {
		switch {
		case f.value < 0 || f.value > f.most:
			return refuse(http.StatusBadRequest, f.name, "%s %d, want 1 to %d", f.name, f.value, f.most)
		case f.value > 0:
			*f.into = f.value
		}
	}
	plan.Tries = o.Trials
	plan.Trainings = o.Trials*o.SearchSeeds + min(o.Finalists, o.Trials)*o.FinalistSeeds + 2*o.Seeds
	return writeJSON(w, plan)
}

// tidy is an error without the name of the package that it comes from.
func tidy(err error) string {
	text := err.Error()
	for _, room := range []string{"lab: ", "experiment: ", "optim: ", "problem: ", "nn: ", "schedule: ", "data: "} {
		text = strings.TrimPrefix(text, room)
	}
	return text
}
