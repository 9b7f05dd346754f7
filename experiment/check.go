package experiment

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/descent-go/descent/nn"
	"github.com/descent-go/descent/problem"
	"github.com/descent-go/descent/schedule"
)

// grammars check the settings that have a grammar of their own.
var grammars = map[string]func(e *Experiment, text string) error{
	"model":     func(_ *Experiment, text string) error { return nn.Check(text) },
	"function":  func(_ *Experiment, text string) error { _, err := problem.ResolveProblem(text); return err },
	"start":     func(_ *Experiment, text string) error { _, err := parsePoint(text); return err },
	"optimizer": func(_ *Experiment, text string) error { _, err := oneRule(text); return err },
	"schedule": func(e *Experiment, text string) error {
		_, err := schedule.Parse(text, max(e.Steps, unknownLength)) // the length of the run is not known yet
		return err
	},
	"plateau": func(_ *Experiment, text string) error { _, err := parsePlateau(text); return err },
}

// unknownLength is a number of steps in which any schedule fits.
const unknownLength = 1_000_000

// required lists the settings that cannot be empty.
var required = []string{"data", "model", "optimizer"}

// checkEach checks every setting by itself.
func (e *Experiment) checkEach() error {
	for i := range settings {
		if err := e.checkOne(&settings[i]); err != nil {
			return err
		}
	}
	return nil
}

// checkOne checks a setting by itself.
func (e *Experiment) checkOne(s *Setting) error {
	v := e.field(s)
	if !s.inDomain(v) {
		return e.fail(s.Key, s.refuse())
	}
	if s.Type != "text" && s.Type != "list" {
		return nil
	}
	text := s.format(v)
	if !utf8.ValidString(text) {
		return e.fail(s.Key, errWant("want UTF-8"))
	}
	if text == "" && !slices.Contains(required, s.Key) {
		return nil
	}
	if grammar := grammars[s.Key]; grammar != nil {
		if err := grammar(e, text); err != nil {
			return e.fail(s.Key, err)
		}
	}
	if text == "" {
		return e.fail(s.Key, errWant("want a source of data"))
	}
	return nil
}

// Check says what is wrong with the settings, as far as that can be said before
// the data are read: values, and how they go together. The error is an *Error.
func (e *Experiment) Check() error {
	if err := e.checkEach(); err != nil {
		return err
	}
	return e.checkTogether()
}

// checkTogether checks how settings go together that have been checked one by
// one.
func (e *Experiment) checkTogether() error {
	for i := range settings {
		if err := e.checkSubject(&settings[i]); err != nil {
			return err
		}
	}
	return e.checkPairs()
}

// checkPairs refuses settings that contradict each other.
func (e *Experiment) checkPairs() error {
	rule, _ := oneRule(e.Optimizer) // checked above
	switch {
	case e.EMA != 0 && e.SWA:
		return e.fail("ema", errWant("want one of it and {swa}"))
	case rule.Rate != nil && e.LR != nil && *rule.Rate != *e.LR:
		return e.fail("lr", errWant("{optimizer} %s has a rate of its own, want one of them", e.Optimizer))
	case !e.batched() && e.Steps == 0:
		return e.fail("steps", errWant("want at least 1, because a function has no epochs"))
	case e.batched() && e.Steps == 0 && e.passes() == 0 && !e.streams():
		return e.fail("epochs", errWant("want at least 1, or that of {steps}"))
	case e.streams() && e.Batch == 0:
		return e.fail("batch", errWant("a stream has no whole; want at least 1"))
	case e.Noise > 0 && e.Function == "":
		return e.fail("noise", errWant("it goes with {function}"))
	}
	return nil
}

// checkSubject refuses a setting that does not go with what is trained.
func (e *Experiment) checkSubject(s *Setting) error {
	_, given := e.given[s.Key]
	if e.applies(s) || e.isUsual(s) && !(given && e.own != nil) {
		return nil
	}
	why := errWant("it goes with {function}")
	switch {
	case e.own != nil && s.subject == "examples":
		why = errWant("this program's model learns without examples")
	case e.own != nil:
		why = errWant("this program has its own model and data")
	case e.Function != "":
		why = errWant("a {function} has neither data nor a network")
	}
	return e.fail(s.Key, why)
}

// has reports whether the setting exists for this program.
func (e *Experiment) has(s *Setting) bool {
	return e.own == nil || s.subject == "" || s.subject == "examples" && e.own.HasExamples()
}

// applies reports whether the setting goes with what is trained.
func (e *Experiment) applies(s *Setting) bool {
	return e.has(s) && (e.own != nil || s.subject == "" || (s.subject == "function") == (e.Function != ""))
}

// batched reports whether there are examples to serve.
func (e *Experiment) batched() bool {
	if e.own != nil {
		return e.own.HasExamples()
	}
	return e.Function == ""
}

// streams reports whether rows are learned from as they arrive, each once.
func (e *Experiment) streams() bool {
	return e.own == nil && e.Function == "" && e.Data == "-" && (e.Epochs == nil || *e.Epochs == 0)
}

// passes returns the epochs, with the usual number where none is given.
func (e *Experiment) passes() int {
	switch {
	case !e.batched() || e.streams():
		return 0
	case e.Epochs == nil:
		n, _ := strconv.Atoi(find("epochs").Usual)
		return n
	}
	return *e.Epochs
}

// parsePoint reads coordinates separated by commas.
func parsePoint(text string) ([]float64, error) {
	var point []float64
	for part := range strings.SplitSeq(text, ",") {
		v, err := strconv.ParseFloat(strings.TrimSpace(part), 64)
		if err != nil || math.IsNaN(v) || math.IsInf(v, 0) {
			return nil, fmt.Errorf("%q is not a finite number, want coordinates such as -1.2,1", part)
		}
		point = append(point, v)
	}
	return point, nil
}

func parsePlateau(text string) (*schedule.Plateau, error) {
	if !strings.HasPrefix(text, "plateau") {
		text = "plateau:" + text
	}
	return schedule.ParsePlateau(text)
}

// PointText writes a point as [Experiment.Start] takes it, each number with as few
// digits as read back to the same bits.
func PointText(point []float64) string {
	var b []byte
	for i, v := range point {
		if i > 0 {
			b = append(b, ',')
		}
		b = strconv.AppendFloat(b, v, 'g', -1, 64)
	}
	return string(b)
}
