package jobs

import (
	"errors"
	"fmt"
	"math"
	"runtime"
	"slices"
	"strconv"
	"strings"

	"github.com/descent-go/descent/experiment"
	"github.com/descent-go/descent/lab"
	"github.com/descent-go/descent/schedule"
)

// A Kind is what a job does: the name of a command.
type Kind string

// The kinds of jobs.
const (
	Train   Kind = "train"
	Compare Kind = "compare"
	Tune    Kind = "tune"
	FindLR  Kind = "find-lr"
)

// What a request may ask for at most.
const (
	MostSteps  = 100_000_000
	MostEpochs = 1_000_000
	MostBudget = 100 * MostSteps
	mostValues = 100      // of a flag that may be given again
	mostBytes  = 32 << 10 // of a value
)

// A command is what a kind of jobs may be told. Flags that say where files go are
// for the manager, and are not among them.
type command struct {
	settings bool // takes an experiment, and its settings as flags
	flags    []Flag
	events   bool // writes to --events
}

// A Flag is one that a command has beside the settings of experiments.
type Flag struct {
	Name string `json:"name"`
	// Type is "text", "list" (of texts: the flag may be given again), "switch",
	// "whole" or "number".
	Type string `json:"type"`
	// Min and Max bound a whole number.
	Min int64 `json:"min,omitempty"`
	Max int64 `json:"max,omitempty"`

	check func(text string) error    // nil: any text of the type
	all   func(texts []string) error // of a list; nil: they have nothing to do with one another
}

var commands = map[Kind]*command{
	Train: {settings: true, flags: []Flag{
		{Name: "no-figures", Type: "switch"},
	}},
	Compare: {events: true, flags: []Flag{
		{Name: "problem", Type: "list"},
		{Name: "optimizer", Type: "list", check: checkRivals},
		{Name: "schedule", Type: "text", check: checkSchedule},
		{Name: "steps", Type: "whole", Max: MostSteps},
		{Name: "epochs", Type: "whole", Max: MostEpochs},
		{Name: "start", Type: "text"},
		{Name: "noise", Type: "number"},
		{Name: "space", Type: "list", all: func(texts []string) error { _, err := lab.ParseDimensions(texts); return err }},
		{Name: "trials", Type: "whole", Min: 1, Max: 1000},
		{Name: "seeds", Type: "whole", Min: 1, Max: 499},
		{Name: "target", Type: "number"},
		{Name: "confidence", Type: "number", check: checkShare},
		{Name: "parallel", Type: "whole", Min: 1, Max: cores},
		{Name: "no-figures", Type: "switch"},
		{Name: "seed", Type: "whole", Max: math.MaxInt64},
	}},
	Tune: {settings: true, events: true, flags: []Flag{
		{Name: "space", Type: "list", all: func(texts []string) error { _, err := lab.ParseSpace(texts); return err }},
		{Name: "trials", Type: "whole", Max: 100_000},
		{Name: "budget", Type: "whole", Max: MostBudget},
		{Name: "sampler", Type: "text", check: oneOf(lab.Samplers())},
		{Name: "pruner", Type: "text", check: oneOf(lab.Pruners())},
		{Name: "eta", Type: "whole", Min: 2, Max: 100},
		{Name: "rungs", Type: "whole", Min: 1, Max: 12},
		{Name: "seeds", Type: "whole", Min: 1, Max: 250},
		{Name: "finalists", Type: "whole", Min: 1, Max: 100_000},
		{Name: "fresh-seeds", Type: "whole", Min: 1, Max: 499},
		{Name: "workers", Type: "whole", Min: 1, Max: 1 << 16},
		{Name: "parallel", Type: "whole", Min: 1, Max: cores},
		{Name: "no-figures", Type: "switch"},
	}},
	FindLR: {settings: true, events: true, flags: []Flag{
		{Name: "budget", Type: "whole", Max: MostBudget},
		{Name: "run-steps", Type: "whole", Max: MostSteps},
		{Name: "seeds", Type: "whole", Min: 3, Max: 499},
		{Name: "within", Type: "number", check: checkShare},
		{Name: "parallel", Type: "whole", Min: 1, Max: cores},
		{Name: "no-figures", Type: "switch"},
	}},
}

// Kinds lists the kinds of jobs.
func Kinds() []Kind { return []Kind{Train, Compare, Tune, FindLR} }

// Flags returns what a kind of jobs may be told beside the settings of
// experiments, and whether it may be told these.
func Flags(kind Kind) (flags []Flag, settings bool) {
	c := commands[kind]
	if c == nil {
		return nil, false
	}
	return slices.Clone(c.flags), c.settings
}

// cores stands for the number of processors as a bound.
const cores = -1

func (f *Flag) most() int64 {
	if f.Max == cores {
		return int64(runtime.NumCPU())
	}
	return f.Max
}

// verify says what is wrong with a value of the flag.
func (f *Flag) verify(text string) error {
	switch f.Type {
	case "switch":
		if text != "true" && text != "false" {
			return errors.New("want true or false")
		}
	case "number":
		if v, err := strconv.ParseFloat(text, 64); err != nil || v-v != 0 {
			return errors.New("want a finite number")
		}
	case "whole":
		n, err := strconv.ParseInt(text, 10, 64)
		if err == nil && n >= f.Min && n <= f.most() {
			return nil
		}
		if f.most() == math.MaxInt64 {
			return fmt.Errorf("want a whole number of at least %d", f.Min)
		}
		return fmt.Errorf("want a whole number, %d to %d", f.Min, f.most())
	}
	if f.check != nil {
		return f.check(text)
	}
	return nil
}

func oneOf(words []string) func(string) error {
	return func(text string) error {
		if !slices.Contains(words, text) {
			return errors.New("want " + strings.Join(words, ", "))
		}
		return nil
	}
}

func checkShare(text string) error {
	if v, _ := strconv.ParseFloat(text, 64); !(v > 0 && v <= 1) {
		return errors.New("want (0, 1]")
	}
	return nil
}

func checkSchedule(text string) error {
	if text == "" {
		return nil
	}
	_, err := schedule.Parse(text, MostSteps)
	return err
}

func checkRivals(text string) error {
	for _, spec := range experiment.SplitRules(text) {
		if _, err := lab.ParseContender(spec); err != nil {
			return err
		}
	}
	return nil
}
