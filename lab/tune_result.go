package lab

import (
	"math"

	"github.com/descent-go/descent/train"
)

// A Tuning is what came of [Tune], with all that a report of it needs.
type Tuning struct {
	Task string `json:"task"`
	// Objective is what tuning looks at: "validation loss", "value" or "training
	// loss". Measure is what the result is about: "test loss" where there is a test
	// set, else the objective.
	Objective string `json:"objective"`
	Measure   string `json:"measure"`
	// Budget is that of a whole training in gradient evaluations; Spent is what the
	// search has used, in whole trainings.
	Budget int64   `json:"budget"`
	Spent  float64 `json:"spent"`

	Sampler string    `json:"sampler"`
	Pruner  string    `json:"pruner"`
	Shares  []float64 `json:"shares"` // of the budget, after which tries are looked at
	Space   *Space    `json:"space"`

	SearchSeeds   []uint64 `json:"search_seeds"`
	FinalistSeeds []uint64 `json:"finalist_seeds"`
	FreshSeeds    []uint64 `json:"fresh_seeds"`
	Seed          uint64   `json:"seed"`
	Confidence    float64  `json:"confidence"`

	Tries     []*Try     `json:"tries"` // in the order in which they began
	Finalists []Finalist `json:"finalists"`
	// Best is the number of the try that was chosen; 0 when everything diverged.
	Best int `json:"best"`
	// Tuned is what it comes to on fresh seeds, Untuned what the task as it is comes to
	// on the same seeds. Improved says that the tuned settings have the lower median,
	// Difference how much higher the others end, seed by seed, and Clear that this
	// is no chance; MoreSeeds is how many seeds would settle it, 0 if none would.
	Tuned      Final       `json:"tuned"`
	Untuned    Final       `json:"untuned"`
	Improved   bool        `json:"improved"`
	Difference *Difference `json:"difference,omitempty"`
	Clear      bool        `json:"clear"`
	MoreSeeds  int         `json:"more_seeds,omitempty"`
	// Edges has the dimensions in which the chosen try lies at an edge of the space.
	Edges []SpaceEdge `json:"edges,omitempty"`
	// Importance is of the dimensions, by the tries that came to a share of the budget
	// of ImportanceAt at least; nil where they are too few to tell.
	Importance   *Importance `json:"importance,omitempty"`
	ImportanceAt float64     `json:"importance_at,omitempty"`

	Summary    string   `json:"summary"`
	Protocol   []string `json:"protocol"`
	Experiment string   `json:"experiment"` // of the task, as a file
	// BestExperiment is the file that descent train takes, with the settings that were
	// chosen; "" when everything diverged.
	BestExperiment string  `json:"best_experiment"`
	Trainings      int     `json:"trainings"` // parts of trainings counted each
	Seconds        float64 `json:"seconds"`   // of all trainings together
}

// A Try is a place of the space with what came of it.
type Try struct {
	Number        int           `json:"number"` // from 1
	U             []float64     `json:"u"`      // in the unit cube of the space
	Configuration Configuration `json:"configuration"`
	Settings      Settings      `json:"settings"`
	Rungs         []Rung        `json:"rungs"` // where it was looked at
	Diverged      int           `json:"diverged,omitempty"`
	Pruned        bool          `json:"pruned,omitempty"` // it was not trained to its end

	granted   int // the rung that it may go on to
	first     int // the rung that it began with, from 0
	trainings []*training
}

// reached is the rung that a try was last looked at on, counted from 0; -1: none.
func (t *Try) reached() int {
	if len(t.Rungs) == 0 {
		return -1
	}
	return t.first + len(t.Rungs) - 1
}

// rung is what there was to see on a rung; nil: it was not looked at there.
func (t *Try) rung(k int) *Rung {
	if k < t.first || k > t.reached() {
		return nil
	}
	return &t.Rungs[k-t.first]
}

// A Rung is what a try had come to after a share of its budget: the objective for each
// seed, +Inf where it diverged, and their median.
type Rung struct {
	Share  float64      `json:"share"`
	Steps  int64        `json:"steps"` // updates by then, of the first seed
	Losses []train.Real `json:"losses"`
	Loss   train.Real   `json:"loss"`
}

// Loss is the median at the last rung, +Inf when there is none.
func (t *Try) Loss() float64 {
	if len(t.Rungs) == 0 {
		return math.Inf(1)
	}
	return float64(t.Rungs[len(t.Rungs)-1].Loss)
}

// A Finalist is one of the best tries, run again on seeds that the search has not
// seen.
type Finalist struct {
	Number    int          `json:"number"` // of the try
	Losses    []train.Real `json:"losses"` // the objective for each seed
	Objective Summary      `json:"objective"`
	Diverged  int          `json:"diverged"`
}

// A Final is what settings come to on fresh seeds.
type Final struct {
	Settings  Settings  `json:"settings"`
	Final     Summary   `json:"final"` // of the measure
	Objective Summary   `json:"objective"`
	Accuracy  *Summary  `json:"accuracy,omitempty"`
	Diverged  int       `json:"diverged"`
	Runs      []Outcome `json:"runs"`
}

// A SpaceEdge is a dimension at whose edge the chosen try lies: a better one may lie
// beyond.
type SpaceEdge struct {
	Key   string  `json:"key"`
	Value string  `json:"value"`
	High  bool    `json:"high"` // at the upper edge
	Limit float64 `json:"limit"`
}
