package lab

import (
	"strconv"

	"github.com/descent-go/descent/train"
)

// An Event is something that happens in the lab: a pointer to one of the types
// below. Protocols begin with ComparisonStarted, TuningStarted, SearchStarted or
// SurveyStarted.
type Event interface{ event() }

// StageStarted comes before the trials of a stage of a protocol. Stages may come
// again: tuning in several rounds, for one.
type StageStarted struct {
	Task  string `json:"task"`
	Stage string `json:"stage"`
	Total int    `json:"total"` // trials that it will have, as far as that is known
}

// TrialDone comes after every trial.
type TrialDone struct {
	Task  string `json:"task"`
	Stage string `json:"stage"` // of the protocol
	Done  int    `json:"done"`  // trials of the stage, this one included
	Total int    `json:"total"`
	// Contender is who is tried in a comparison, by name.
	Contender string `json:"contender,omitempty"`
	// Rate is the learning rate in a comparison or a search for a rate; 0 there is
	// a run that stands still, to tell the loss where training begins.
	Rate float64 `json:"rate,omitempty"`
	// Try and Rung, both from 1, say in tuning which try it is of, and up to which rung;
	// Try is 0 for the task as it is.
	Try     int      `json:"try,omitempty"`
	Rung    int      `json:"rung,omitempty"`
	Outcome *Outcome `json:"outcome"`
	Known   bool     `json:"known,omitempty"` // from the journal
}

// ComparisonStarted comes first in a comparison.
type ComparisonStarted struct {
	Trials   int        `json:"trials"` // that there will be, about
	Protocol Protocol   `json:"protocol"`
	Tasks    []TaskInfo `json:"tasks"`
}

// TaskInfo describes a task of a comparison.
type TaskInfo struct {
	Name      string `json:"name"`
	Objective string `json:"objective"` // see TaskComparison
	Measure   string `json:"measure"`
	Budget    int64  `json:"budget"` // gradient evaluations of a trial
}

// RateChosen comes when tuning of a contender is over.
type RateChosen struct {
	Task      string  `json:"task"`
	Contender string  `json:"contender"`
	Rate      float64 `json:"rate"`
	Usual     float64 `json:"usual"`
	// Values are those that were chosen of what is tuned beside the rate.
	Values Configuration `json:"values,omitempty"`
	// Spared is how many of the trials of ComparisonStarted there will not be: where the
	// usual place was chosen, its runs on fresh seeds are both.
	Spared int `json:"spared,omitempty"`
}

// TaskCompared comes when there is a verdict on a task.
type TaskCompared struct {
	Task      string     `json:"task"`
	Standings []Standing `json:"standings"` // the best first
	Verdict   Verdict    `json:"verdict"`
}

// A Standing is the gist of a Row.
type Standing struct {
	Name     string        `json:"name"`
	Rate     float64       `json:"rate"`
	Values   Configuration `json:"values,omitempty"` // see Row
	Final    Summary       `json:"final"`
	Accuracy *Summary      `json:"accuracy,omitempty"`
	Diverged int           `json:"diverged"` // runs on fresh seeds that did
	Runs     int           `json:"runs"`
}

// TuningStarted comes first in tuning.
type TuningStarted struct {
	// Trainings is how many there may be, parts of trainings counted each.
	Trainings int       `json:"trainings"`
	Task      string    `json:"task"`
	Objective string    `json:"objective"` // see Tuning
	Measure   string    `json:"measure"`
	Budget    int64     `json:"budget"`
	Sampler   string    `json:"sampler"`
	Pruner    string    `json:"pruner"`
	Shares    []float64 `json:"shares"`
	Tries     int       `json:"tries,omitempty"` // at most; 0: as the budget allows
	Seeds     int       `json:"seeds"`           // of a try
	Space     *Space    `json:"space"`
}

// TryLooked comes when a try has come to a rung on all its seeds. These events come
// in the order in which the search decides, whatever runs at a time.
type TryLooked struct {
	Task          string        `json:"task"`
	Number        int           `json:"number"` // from 1
	Configuration Configuration `json:"configuration"`
	// Values has a number for each dimension of the space: see Space.Values.
	Values   []train.Real `json:"values"`
	Settings Settings     `json:"settings"`
	Rung     int          `json:"rung"` // from 1; the last is the whole training
	Share    float64      `json:"share"`
	Steps    int64        `json:"steps"` // updates by then, of the first seed
	Losses   []train.Real `json:"losses"`
	Loss     train.Real   `json:"loss"` // their median
	Diverged int          `json:"diverged,omitempty"`
	// Pruned says that it stops here, unless an event of a later rung follows.
	Pruned  bool    `json:"pruned,omitempty"`
	Seconds float64 `json:"seconds"` // of training since its beginning, all seeds
	Known   bool    `json:"known,omitempty"`
}

// TryChosen comes when finalists have run on seeds of their own.
type TryChosen struct {
	Task      string     `json:"task"`
	Number    int        `json:"number"` // 0 when everything diverged
	Finalists []Finalist `json:"finalists"`
}

// SearchStarted comes first in the search for a rate.
type SearchStarted struct {
	Task      string  `json:"task"`
	Optimizer string  `json:"optimizer"`
	Steps     int64   `json:"steps"` // gradient evaluations of a run that validates
	Seeds     int     `json:"seeds"`
	Budget    int64   `json:"budget"`
	Within    float64 `json:"within"`
	Low       float64 `json:"low"` // rates of the range test
	High      float64 `json:"high"`
}

// Searching tells how far the search for a rate is.
type Searching struct {
	Task   string `json:"task"`
	Stage  string `json:"stage"` // "range test", "edge", "validation" or "confirmation"
	Spent  int64  `json:"spent"`
	Budget int64  `json:"budget"`
}

// RangeTested comes with the points of the range test.
type RangeTested struct {
	Task string `json:"task"`
	Ramp Ramp   `json:"ramp"`
}

// RatesSuggested comes when all criteria have been asked.
type RatesSuggested struct {
	Task        string       `json:"task"`
	Edge        Edge         `json:"edge"`
	Suggestions []Suggestion `json:"suggestions"`
}

// RateTried comes when a rate has been validated on all its seeds.
type RateTried struct {
	Task string `json:"task"`
	TriedRate
}

// RateAnswered comes when the search for a rate is over; one of both is nil.
type RateAnswered struct {
	Task   string      `json:"task"`
	Answer *RateAnswer `json:"answer"`
	No     *NoRate     `json:"no_answer,omitempty"`
}

// SurveyStarted comes first in the survey of a landscape.
type SurveyStarted struct {
	Task       string   `json:"task"`
	Plane      string   `json:"plane"`
	Grid       int      `json:"grid"`
	Optimizers []string `json:"optimizers,omitempty"` // beside the task's own
}

// Surveying tells how far a survey is.
type Surveying struct {
	Task  string `json:"task"`
	Stage string `json:"stage"` // "training RULE" or "grid"
	Done  int64  `json:"done"`  // steps, or points of the grid
	Total int64  `json:"total"` // 0 when unknown
}

// Finished ends a log of work that came to its end.
type Finished struct {
	Summary string `json:"summary"` // the result in a sentence
}

// Interrupted ends a log of work that was interrupted; called again, it goes on.
type Interrupted struct{}

// Failed ends a log of work that failed.
type Failed struct {
	Error string `json:"error"`
}

func (*StageStarted) event()      {}
func (*TrialDone) event()         {}
func (*ComparisonStarted) event() {}
func (*RateChosen) event()        {}
func (*TaskCompared) event()      {}
func (*TuningStarted) event()     {}
func (*TryLooked) event()         {}
func (*TryChosen) event()         {}
func (*SearchStarted) event()     {}
func (*Searching) event()         {}
func (*RangeTested) event()       {}
func (*RatesSuggested) event()    {}
func (*RateTried) event()         {}
func (*RateAnswered) event()      {}
func (*SurveyStarted) event()     {}
func (*Surveying) event()         {}
func (*Finished) event()          {}
func (*Interrupted) event()       {}
func (*Failed) event()            {}

// rateOf is the rate among the settings of a trial; 0 when there is none.
func rateOf(t Trial) float64 {
	rate, err := strconv.ParseFloat(t.Settings["lr"], 64)
	if err != nil || !finite(rate) {
		return 0
	}
	return rate
}

func (o *CompareOptions) started(planned int) *ComparisonStarted {
	e := &ComparisonStarted{Trials: planned, Protocol: o.protocol()}
	for _, t := range o.Tasks {
		budget := o.Steps
		if budget == 0 {
			budget = t.steps
		}
		e.Tasks = append(e.Tasks, TaskInfo{Name: t.name, Objective: t.objective(), Measure: t.measure(), Budget: budget})
	}
	return e
}

func (c *TaskComparison) told() *TaskCompared {
	e := &TaskCompared{Task: c.Name, Verdict: c.Verdict}
	for i := range c.Rows {
		r := &c.Rows[i]
		e.Standings = append(e.Standings, Standing{
			Name: r.Name, Rate: r.Rate, Values: r.Values, Final: r.Final, Accuracy: r.Accuracy, Diverged: countDiverged(r.Runs), Runs: len(r.Runs),
		})
	}
	return e
}

func (s *tuner) started() *TuningStarted {
	o := s.o
	return &TuningStarted{
		Trainings: s.planned*len(s.seeds) + min(o.Finalists, s.planned)*o.FinalistSeeds + 2*o.Seeds,
		Task:      s.task.name, Objective: s.task.objective(), Measure: s.task.measure(), Budget: s.whole,
		Sampler: o.Sampler, Pruner: o.Pruner, Shares: s.ladder.shares(), Tries: o.Trials, Seeds: len(s.seeds), Space: s.space,
	}
}

// look tells what a try has come to.
func (s *tuner) look(j *job) {
	if s.o.Sink == nil {
		return
	}
	t, r := j.try, &j.try.Rungs[len(j.try.Rungs)-1]
	e := &TryLooked{
		Task: s.task.name, Number: t.Number, Configuration: t.Configuration, Settings: t.Settings,
		Rung: j.rung + 1, Share: r.Share, Steps: r.Steps, Losses: r.Losses, Loss: r.Loss,
		Diverged: t.Diverged, Pruned: t.Pruned, Known: !j.fresh,
	}
	for _, v := range s.space.Values(t.U) {
		e.Values = append(e.Values, train.Real(v))
	}
	for i := range j.outcomes {
		e.Seconds += j.outcomes[i].Seconds
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.o.Sink(e)
}

func (f *finder) started() *SearchStarted {
	r := f.res
	return &SearchStarted{
		Task: r.Task, Optimizer: r.Optimizer, Steps: r.Steps, Seeds: r.Seeds, Budget: r.Budget, Within: r.Within,
		Low: f.low, High: f.high,
	}
}
