package cli

import (
	"fmt"

	"github.com/descent-go/descent/experiment"
	"github.com/descent-go/descent/optim"
)

// A contender is a rule as the command line names it, and its rate.
type contender struct {
	spec string // without the rate
	rule optim.Rule
	rate float64
}

const optimizerHelp = `A list of rules, separated by commas, each with options after a colon:
  adam    adam,sgd    adam:beta2=0.99,eps=1e-6,sgd:momentum=0.9
An option lr is the rate of that rule alone: sgd:lr=0.001. What follows a comma
belongs to the rule before it when it has the form name=value.`

// parseContenders reads the values of --optimizer. A rule's rate is its option
// lr, else lr when it is given, else the default of the registry.
func parseContenders(values []string, lr float64, given bool) ([]contender, error) {
	var all []contender
	var rate *float64
	if given {
		rate = &lr
		if err := experiment.CheckRate(lr); err != nil {
			return nil, badFlag("lr", lr, err)
		}
	}
	for _, value := range values {
		for _, spec := range experiment.SplitRules(value) {
			r, err := experiment.ParseRule(spec)
			if err != nil {
				return nil, badFlag("optimizer", spec, err)
			}
			all = append(all, contender{spec: r.Spec, rule: r.Rule, rate: r.Or(rate)})
		}
	}
	if len(all) == 0 {
		return nil, usagef("--optimizer: want the name of a rule; descent rules lists them")
	}
	return all, nil
}

// label is the name of a contender in tables and figures, with its rate.
func (c contender) label() string { return fmt.Sprintf("%s, lr %s", c.spec, short(c.rate)) }
