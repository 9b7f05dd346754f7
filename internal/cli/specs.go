package cli

import (
	"errors"
	"fmt"

	"github.com/descent-go/descent/experiment"
	"github.com/descent-go/descent/lab"
)

const optimizerHelp = `A list of rules, separated by commas, each with options after a colon:
  adam    adam,sgd    adam:beta2=0.99,eps=1e-6,sgd:momentum=0.9
An option lr is the rate of that rule alone: sgd:lr=0.001. What follows a comma
belongs to the rule before it when it has the form name=value.`

const scheduleHelp = `
An option schedule is that of its rate alone, in place of --schedule: adam:schedule=cosine.
One with commas stands in brackets: sgd:schedule=(step:every=100,gamma=0.5).`

// parseContenders reads the values of --optimizer. A rule's rate is its option
// lr, else lr when it is given, else the default of the registry.
func parseContenders(values []string, lr float64, given bool) ([]lab.Pace, error) {
	var rate *float64
	if given {
		rate = &lr
		if err := experiment.CheckRate(lr); err != nil {
			return nil, badFlag("lr", lr, err)
		}
	}
	all, err := lab.ParseRules(values, rate)
	var bad *lab.OptionError
	switch {
	case errors.As(err, &bad):
		return nil, badFlag(bad.Option, bad.Value, bad.Err)
	case err != nil:
		return nil, err
	case len(all) == 0:
		return nil, usagef("--optimizer: want the name of a rule; descent rules lists them")
	}
	return all, nil
}

// parseRules reads the values of --optimizer where no rate is followed, so that no
// schedule plays a part.
func parseRules(values []string) ([]lab.Pace, error) {
	all, err := parseContenders(values, 0, false)
	for _, p := range all {
		if p.Schedule != "" {
			return nil, badFlag("optimizer", experiment.WithSchedule(p.Spec, p.Schedule), errors.New("want no schedule: it plays no part here"))
		}
	}
	return all, err
}

// label is the name of a rule in tables and figures, with its rate and its own
// schedule.
func label(p lab.Pace) string {
	name := fmt.Sprintf("%s, lr %s", p.Spec, short(p.Rate))
	if p.Schedule != "" {
		name += ", " + p.Schedule
	}
	return name
}
