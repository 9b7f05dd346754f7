package lab

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/descent-go/descent/experiment"
	"github.com/descent-go/descent/schedule"
)

// searchable returns the setting with a key, if it is one that trials may differ
// in: data, function and seeds are the task's, budget and files the lab's.
func searchable(key string) (experiment.Setting, bool) {
	all := experiment.Settings()
	i := slices.IndexFunc(all, func(s experiment.Setting) bool { return s.Key == key })
	if i < 0 || all[i].Free || all[i].Part == "Data" || all[i].Part == "Function" || key == "seed" {
		return experiment.Setting{}, false
	}
	return all[i], true
}

// wholeKey reports whether all values of a key are whole numbers.
func wholeKey(key string) bool {
	s, ok := searchable(key)
	return ok && s.Type == "whole" || key == "width" || key == "depth"
}

// checkShape checks each dimension by itself, and its condition.
func (s *Space) checkShape() error {
	if len(s.Params) == 0 {
		return errors.New("lab: a space without dimensions, want at least one")
	}
	for i := range s.Params {
		d := &s.Params[i]
		err := d.check()
		if err == nil {
			err = s.checkCondition(d.When, i)
		}
		if first := s.dimension(d.Key); err == nil && first != d {
			err = errors.New("the key is there twice")
		}
		if err != nil {
			return fmt.Errorf("lab: dimension %s: %w", d, err)
		}
	}
	return nil
}

// check checks a dimension by itself.
func (d *Dimension) check() error {
	kind, name, part := strings.Cut(d.Key, ".")
	_, known := searchable(d.Key)
	switch {
	case part && name != "" && slices.Contains([]string{"optimizer", "schedule", "model"}, kind):
	case !known && d.Key != "width" && d.Key != "depth":
		return fmt.Errorf("no key %q of a search; there are %s, width, depth, optimizer.NAME, schedule.NAME and model.NAME", d.Key, strings.Join(searchableKeys(), ", "))
	}
	if d.Choices != nil {
		for i, c := range d.Choices {
			if c == "" || slices.Contains(d.Choices[:i], c) {
				return fmt.Errorf("choice %q is empty or there twice", c)
			}
		}
		if len(d.Choices) == 0 {
			return errors.New("no choices, want at least one")
		}
		return nil
	}
	switch whole := func(v float64) bool { return v == math.Trunc(v) && math.Abs(v) < 1<<53 }; {
	case !(d.Low < d.High) || math.IsInf(d.High-d.Low, 0):
		return fmt.Errorf("from %v to %v, want a lower and a higher finite number", d.Low, d.High)
	case d.Log && d.Low <= 0:
		return fmt.Errorf("from %v by the logarithm, want a positive number", d.Low)
	case d.Log && d.Step != 0:
		return errors.New("log and step, want one of them")
	case d.Step < 0 || math.IsNaN(d.Step) || d.Step > d.High-d.Low:
		return fmt.Errorf("step %v, want at most the width %v", d.Step, d.High-d.Low)
	case d.Int && !(whole(d.Low) && whole(d.High) && whole(d.Step)):
		return errors.New("want whole numbers")
	case (d.Int || d.Step > 0) && (d.High-d.Low)/d.step() > 1<<31:
		return errors.New("want at most 2³¹ values")
	}
	return nil
}

func searchableKeys() []string {
	var keys []string
	for _, s := range experiment.Settings() {
		if _, ok := searchable(s.Key); ok {
			keys = append(keys, s.Key)
		}
	}
	return keys
}

// checkCondition checks the condition of dimension i.
func (s *Space) checkCondition(w *Condition, i int) error {
	if w == nil {
		return nil
	}
	parent := (&Space{Params: s.Params[:i]}).dimension(w.Key)
	if parent == nil || parent.Choices == nil {
		return fmt.Errorf("if %s, want an earlier dimension with choices", w.Key)
	}
	if len(w.Values) == 0 {
		return fmt.Errorf("if %s has no values, want at least one", w.Key)
	}
	for _, v := range w.Values {
		if !slices.ContainsFunc(parent.Choices, (&Condition{Values: []string{v}}).has) {
			return fmt.Errorf("if %s=%s, want one of %s", w.Key, v, braced(parent.Choices))
		}
	}
	return nil
}

// Check says what is wrong with the space: with its dimensions, with how they go
// together, and with the values at their ends, which the settings and the rules
// have to take.
func (s *Space) Check() error {
	if err := s.checkShape(); err != nil {
		return err
	}
	for i := range s.Params {
		d := &s.Params[i]
		values := d.Choices
		if values == nil {
			values = []string{d.text(0), d.text(1)}
		}
		for _, value := range values {
			if err := s.checkValue(d, value); err != nil {
				return fmt.Errorf("lab: dimension %s: %w", d, err)
			}
		}
	}
	return nil
}

// checkValue checks one value of a dimension with everything that it may be part of.
func (s *Space) checkValue(d *Dimension, value string) error {
	whole := ""
	switch kind, _, part := strings.Cut(d.Key, "."); {
	case part:
		whole = kind
	case d.Key == "width" || d.Key == "depth":
		whole = "model"
	default:
		return checkSetting(d.Key, value)
	}
	for _, c := range s.wholes(whole, d.When) {
		c[d.Key] = value
		settings, err := s.Settings(c)
		if err == nil && whole == "schedule" {
			_, err = schedule.Parse(settings[whole], 1_000_000) // any schedule fits
		}
		if err != nil {
			return errors.New(strings.TrimPrefix(err.Error(), "lab: "))
		}
	}
	return nil
}

// wholes returns a configuration for each value that a setting may have where a
// condition holds; an empty one stands for the task's own.
func (s *Space) wholes(key string, when *Condition) []Configuration {
	d := s.dimension(key)
	if d == nil {
		return []Configuration{{}}
	}
	var all []Configuration
	own := when != nil && when.Key == key
	if d.When != nil && !own {
		all = append(all, Configuration{})
	}
	for _, c := range d.Choices {
		if !own || when.has(c) {
			all = append(all, Configuration{key: c})
		}
	}
	return all
}

// checkSetting has a setting checked where it is at home.
func checkSetting(key, value string) error {
	setting, _ := searchable(key)
	if setting.Type == "text" {
		value = strconv.Quote(value)
	}
	_, err := experiment.Parse("space", []byte(key+": "+value+"\n"))
	var bad *experiment.Error
	if errors.As(err, &bad) {
		bad.File = "" // there is none
		err = errors.New(strings.TrimPrefix(bad.Error(), "experiment: "))
	}
	return err
}
