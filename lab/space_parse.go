package lab

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/descent-go/descent/experiment"
)

// ParseSpace reads the dimensions of a space, each as the command line writes it:
//
//	lr=1e-4..1 log
//	batch={16,32,64}
//	width=8..256 int log
//	optimizer.beta1=0.5..0.99
//	clip-norm=0..5 step 0.5
//	optimizer={adam,sgd}
//	optimizer.momentum=0..0.99 if optimizer=sgd
//	schedule.gamma=0.1..0.9 if schedule={step:every=100|exponential}
//
// A bar separates choices that have commas in them. Numbers of settings that are
// whole are whole. The error says which dimension is wrong and what was expected;
// Check says how the dimensions go together with the rest.
func ParseSpace(specs []string) (*Space, error) {
	all, err := ParseDimensions(specs)
	if err != nil {
		return nil, err
	}
	s := &Space{Params: all}
	if err := s.checkShape(); err != nil {
		return nil, err
	}
	return s, nil
}

// ParseDimensions reads dimensions as ParseSpace does, each by itself: for
// [CompareOptions], where conditions are about contenders.
func ParseDimensions(specs []string) ([]Dimension, error) {
	var all []Dimension
	for _, spec := range specs {
		d, err := parseDimension(spec)
		if err != nil {
			return nil, fmt.Errorf("lab: dimension %q: %w", spec, err)
		}
		all = append(all, d)
	}
	return all, nil
}

const dimensionForm = "want KEY=LOW..HIGH [log] [int] [step S] [if KEY=VALUE], or KEY={A,B,…} [if KEY=VALUE]"

func parseDimension(spec string) (Dimension, error) {
	key, rest, ok := strings.Cut(spec, "=")
	d := Dimension{Key: strings.TrimSpace(key)}
	rest = strings.TrimSpace(rest)
	if !ok || d.Key == "" || rest == "" || strings.ContainsAny(d.Key, " {}") {
		return d, errors.New(dimensionForm)
	}
	if rest[0] == '{' {
		list, after, ok := strings.Cut(rest[1:], "}")
		if !ok {
			return d, fmt.Errorf("the brace is not closed; %s", dimensionForm)
		}
		var err error
		if d.Choices, err = splitChoices(d.Key, list); err != nil {
			return d, err
		}
		return d, d.parseWords(after)
	}
	span, words := rest, ""
	if i := strings.IndexByte(rest, ' '); i >= 0 {
		span, words = rest[:i], rest[i:]
	}
	low, high, ok := strings.Cut(span, "..")
	if !ok {
		return d, fmt.Errorf("%q is neither a range nor choices in braces; %s", span, dimensionForm)
	}
	var err error
	if d.Low, err = parseEnd(low); err != nil {
		return d, err
	}
	if d.High, err = parseEnd(high); err != nil {
		return d, err
	}
	d.Int = wholeKey(d.Key)
	return d, d.parseWords(words)
}

func parseEnd(text string) (float64, error) {
	v, err := strconv.ParseFloat(text, 64)
	if err != nil || math.IsNaN(v) || math.IsInf(v, 0) {
		return 0, fmt.Errorf("%q is not an end of a range, want a finite number", text)
	}
	return v, nil
}

// parseWords reads what stands behind a range or choices.
func (d *Dimension) parseWords(text string) error {
	words := strings.Fields(text)
	for i := 0; i < len(words); i++ {
		switch word := words[i]; {
		case word == "if":
			when, err := parseCondition(strings.Join(words[i+1:], " "))
			d.When = when
			return err
		case d.Choices != nil:
			return fmt.Errorf("%q behind choices, want nothing but if KEY=VALUE", word)
		case word == "log":
			d.Log = true
		case word == "int":
			d.Int = true
		case word == "step" && i+1 < len(words):
			i++
			step, err := strconv.ParseFloat(words[i], 64)
			if err != nil || !(step > 0) || math.IsInf(step, 1) {
				return fmt.Errorf("step %s, want a positive number", words[i])
			}
			d.Step = step
		default:
			return fmt.Errorf("%q, want log, int, step S or if KEY=VALUE", word)
		}
	}
	return nil
}

func parseCondition(text string) (*Condition, error) {
	key, rest, ok := strings.Cut(text, "=")
	key, rest = strings.TrimSpace(key), strings.TrimSpace(rest)
	list, braced := strings.CutPrefix(rest, "{")
	if braced {
		var closed bool
		list, closed = strings.CutSuffix(list, "}")
		ok = ok && closed
	}
	if !ok || key == "" || rest == "" {
		return nil, fmt.Errorf("if %s, want if KEY=VALUE or if KEY={A,B,…}", text)
	}
	values := []string{list}
	if braced {
		var err error
		if values, err = splitChoices(key, list); err != nil {
			return nil, err
		}
	}
	return &Condition{Key: key, Values: values}, nil
}

// splitChoices cuts a list at its bars, else at its commas. Options of a rule stay
// with it.
func splitChoices(key, list string) ([]string, error) {
	var choices []string
	switch {
	case strings.Contains(list, "|"):
		choices = strings.Split(list, "|")
	case key == "optimizer":
		choices = experiment.SplitRules(list)
	default:
		choices = strings.Split(list, ",")
	}
	for i, c := range choices {
		choices[i] = strings.TrimSpace(c)
		switch {
		case choices[i] == "":
			return nil, fmt.Errorf("an empty choice, want {A,B,…}")
		case slices.Contains(choices[:i], choices[i]):
			return nil, fmt.Errorf("%s is a choice twice", choices[i])
		}
	}
	return choices, nil
}

// String writes the dimension as ParseSpace reads it.
func (d Dimension) String() string {
	var b strings.Builder
	b.WriteString(d.Key + "=")
	if d.Choices != nil {
		b.WriteString(braced(d.Choices))
	} else {
		fmt.Fprintf(&b, "%v..%v", d.Low, d.High)
		if d.Log {
			b.WriteString(" log")
		}
		if d.Int && !wholeKey(d.Key) {
			b.WriteString(" int")
		}
		if d.Step > 0 {
			fmt.Fprintf(&b, " step %v", d.Step)
		}
	}
	if w := d.When; w != nil {
		b.WriteString(" if " + w.Key + "=")
		if len(w.Values) == 1 && !strings.ContainsAny(w.Values[0], "{}") {
			b.WriteString(w.Values[0])
		} else {
			b.WriteString(braced(w.Values))
		}
	}
	return b.String()
}

func braced(choices []string) string {
	comma := func(c string) bool { return strings.Contains(c, ",") }
	if slices.ContainsFunc(choices, comma) && len(choices) > 1 {
		return "{" + strings.Join(choices, "|") + "}"
	}
	return "{" + strings.Join(choices, ",") + "}"
}
