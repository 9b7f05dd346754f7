package experiment

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/descent-go/descent/optim"
)

// A Rule is an update rule as a setting names it, with the rate if it has one
// of its own.
type Rule struct {
	optim.Rule
	Spec string   // as optim.Spec writes it, without the rate
	Rate *float64 // the option lr; nil: not given
}

// Or returns the rule's own rate, else lr if there is one, else the default of
// the registry.
func (r Rule) Or(lr *float64) float64 {
	switch {
	case r.Rate != nil:
		return *r.Rate
	case lr != nil:
		return *lr
	}
	return r.Info().Rate
}

// ParseRule reads one rule with its options, lr among them: sgd:lr=0.1.
func ParseRule(spec string) (Rule, error) {
	if rule, curve, err := CutSchedule(spec); err != nil || curve != "" {
		return Rule{}, cmp.Or(err, fmt.Errorf("here a rule has no schedule of its own, want %s and the schedule %s beside it", rule, curve))
	}
	name, options, found := strings.Cut(spec, ":")
	var rate *float64
	if found {
		var rest []string
		for option := range strings.SplitSeq(options, ",") {
			key, value, ok := strings.Cut(option, "=")
			if !ok || strings.TrimSpace(key) != "lr" {
				rest = append(rest, option)
				continue
			}
			lr, err := strconv.ParseFloat(strings.TrimSpace(value), 64)
			if err != nil || CheckRate(lr) != nil {
				return Rule{}, fmt.Errorf("lr = %s, want a finite number of at least 0", strings.TrimSpace(value))
			}
			rate = &lr
		}
		if spec = name; len(rest) > 0 {
			spec += ":" + strings.Join(rest, ",")
		}
	}
	rule, err := optim.Parse(spec)
	if err != nil {
		return Rule{}, err
	}
	return Rule{Rule: rule, Spec: optim.Spec(rule), Rate: rate}, nil
}

// CheckRate says what is wrong with a learning rate.
func CheckRate(lr float64) error {
	if !(lr >= 0) || math.IsInf(lr, 1) {
		return errWant("want a finite number of at least 0")
	}
	return nil
}

// CutSchedule takes the option schedule out of a rule with its options: that of
// its rate alone, as schedule.Parse reads it. One that has commas itself stands in
// brackets: sgd:lr=0.1,schedule=(step:every=30,gamma=0.5) is sgd:lr=0.1 and
// step:every=30,gamma=0.5. Without the option the schedule is "".
func CutSchedule(spec string) (rule, schedule string, err error) {
	name, options, _ := strings.Cut(spec, ":")
	var rest []string
	for _, option := range splitOutside(options) {
		key, value, _ := strings.Cut(option, "=")
		if strings.TrimSpace(key) != "schedule" {
			rest = append(rest, option)
			continue
		}
		value = withoutBrackets(strings.TrimSpace(value))
		switch {
		case schedule != "":
			return "", "", errWant("schedule is given twice")
		case value == "":
			return "", "", errWant("schedule is empty, want one such as schedule=cosine")
		}
		schedule = value
	}
	if schedule == "" {
		return spec, "", nil
	}
	if len(rest) > 0 {
		name += ":" + strings.Join(rest, ",")
	}
	return name, schedule, nil
}

// WithSchedule writes what [CutSchedule] reads; "" adds nothing.
func WithSchedule(rule, schedule string) string {
	if schedule == "" {
		return rule
	}
	if strings.Contains(schedule, ",") {
		schedule = "(" + schedule + ")"
	}
	return WithOption(rule, "schedule", schedule)
}

// WithOption writes one more option behind a rule, with or without others.
func WithOption(rule, name, value string) string {
	sep := ":"
	if strings.Contains(rule, ":") {
		sep = ","
	}
	return rule + sep + name + "=" + value
}

// splitOutside cuts a text at the commas that no brackets enclose.
func splitOutside(text string) []string {
	var parts []string
	depth, start := 0, 0
	for i, c := range []byte(text) {
		switch {
		case c == '(':
			depth++
		case c == ')':
			depth = max(depth-1, 0)
		case c == ',' && depth == 0:
			parts = append(parts, text[start:i])
			start = i + 1
		}
	}
	return append(parts, text[start:])
}

// withoutBrackets takes away brackets that enclose a whole text.
func withoutBrackets(text string) string {
	for strings.HasPrefix(text, "(") && strings.HasSuffix(text, ")") {
		depth := 0
		for i, c := range []byte(text) {
			if c == '(' {
				depth++
			} else if c == ')' {
				depth--
			}
			if depth == 0 && i < len(text)-1 {
				return text
			}
		}
		if depth != 0 {
			return text
		}
		text = strings.TrimSpace(text[1 : len(text)-1])
	}
	return text
}

// SplitRules cuts a list of rules at its commas but those in brackets. A part of
// the form name=value belongs to the rule before it, and so does a switch of that
// rule, unless it is the name of a rule itself.
func SplitRules(list string) []string {
	var specs []string
	for _, part := range splitOutside(list) {
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

// oneRule reads a rule where there can be only one.
func oneRule(text string) (Rule, error) {
	rule, err := ParseRule(text)
	if err != nil && len(SplitRules(text)) > 1 {
		return Rule{}, errWant("want one rule; compare takes several")
	}
	return rule, err
}
