package cli

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

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
	if given {
		if err := checkRate(lr); err != nil {
			return nil, badFlag("lr", lr, err)
		}
	}
	var all []contender
	for _, value := range values {
		for _, spec := range splitSpecs(value) {
			c, err := parseContender(spec, lr, given)
			if err != nil {
				return nil, badFlag("optimizer", spec, err)
			}
			all = append(all, c)
		}
	}
	if len(all) == 0 {
		return nil, usagef("--optimizer: want the name of a rule; descent rules lists them")
	}
	return all, nil
}

// splitSpecs cuts a list of rules at its commas. A part of the form name=value
// belongs to the spec before it, and so does a switch of that rule, unless it
// is the name of a rule itself.
func splitSpecs(list string) []string {
	var specs []string
	for part := range strings.SplitSeq(list, ",") {
		part = strings.TrimSpace(part)
		last := len(specs) - 1
		if last >= 0 && strings.Contains(specs[last], ":") && isOption(specs[last], part) {
			specs[last] += "," + part
			continue
		}
		specs = append(specs, part)
	}
	return specs
}

func isOption(spec, part string) bool {
	name, _, _ := strings.Cut(part, ":")
	if strings.Contains(name, "=") {
		return true
	}
	if _, err := optim.Lookup(part); err == nil {
		return false
	}
	rule, _, _ := strings.Cut(spec, ":")
	info, err := optim.Lookup(rule)
	return err == nil && slices.ContainsFunc(info.Hypers, func(h optim.Hyper) bool { return h.Bool && h.Name == part })
}

// parseContender reads one rule with its options, lr among them.
func parseContender(spec string, lr float64, given bool) (contender, error) {
	name, options, found := strings.Cut(spec, ":")
	own := ""
	if found {
		var rest []string
		for option := range strings.SplitSeq(options, ",") {
			if key, value, ok := strings.Cut(option, "="); ok && strings.TrimSpace(key) == "lr" {
				own = strings.TrimSpace(value)
			} else {
				rest = append(rest, option)
			}
		}
		if spec = name; len(rest) > 0 {
			spec += ":" + strings.Join(rest, ",")
		}
	}
	rule, err := optim.Parse(spec)
	if err != nil {
		return contender{}, err
	}
	c := contender{spec: optim.Spec(rule), rule: rule, rate: rule.Info().Rate}
	switch {
	case own != "":
		c.rate, err = strconv.ParseFloat(own, 64)
		if err == nil {
			err = checkRate(c.rate)
		}
		if err != nil {
			return contender{}, fmt.Errorf("lr = %s, want a finite number of at least 0", own)
		}
	case given:
		c.rate = lr
	}
	return c, nil
}

func checkRate(lr float64) error {
	if !(lr >= 0) || math.IsInf(lr, 1) {
		return fmt.Errorf("want a finite number of at least 0")
	}
	return nil
}

// label is the name of a contender in tables and figures, with its rate.
func (c contender) label() string { return fmt.Sprintf("%s, lr %s", c.spec, short(c.rate)) }
