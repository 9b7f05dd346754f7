package lab

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/descent-go/descent/experiment"
	"github.com/descent-go/descent/nn"
	"github.com/descent-go/descent/optim"
	"github.com/descent-go/descent/schedule"
)

// Settings returns the settings of a configuration: options are written into the
// optimizer, the schedule and the model that they belong to, and width and depth
// into the model's hidden layers. A rate that is an option of a rule gives way to a
// dimension lr. The error names the key, its value and what was expected.
func (s *Space) Settings(c Configuration) (Settings, error) {
	settings := Settings{}
	for key, value := range c {
		if !isPart(key) {
			settings[key] = value
		}
	}
	for _, fold := range []func(Configuration, Settings) error{s.foldOptimizer, s.foldSchedule, s.foldModel} {
		if err := fold(c, settings); err != nil {
			return nil, err
		}
	}
	return settings, nil
}

// isPart reports whether a key is no setting but a part of one.
func isPart(key string) bool {
	return key == "width" || key == "depth" || strings.Contains(key, ".")
}

// options returns the values of the keys KIND.NAME by their names, with the names in
// order.
func options(c Configuration, kind string) (values map[string]string, names []string) {
	values = map[string]string{}
	for key, value := range c {
		if name, ok := strings.CutPrefix(key, kind+"."); ok {
			values[name] = value
		}
	}
	return values, slices.Sorted(maps.Keys(values))
}

// base is the value of a setting that no dimension chooses.
func (s *Space) base(key string) string {
	if text, ok := s.Base[key]; ok {
		return text
	}
	all := experiment.Settings()
	return all[slices.IndexFunc(all, func(s experiment.Setting) bool { return s.Key == key })].Default
}

func (s *Space) foldOptimizer(c Configuration, settings Settings) error {
	values, names := options(c, "optimizer")
	text, chosen := c["optimizer"]
	if !chosen {
		text = s.base("optimizer")
	}
	rule, err := experiment.ParseRule(text)
	if err != nil {
		return fmt.Errorf("lab: optimizer = %s: %w", text, err)
	}
	for _, name := range names {
		if rule.Rule, err = optim.With(rule.Rule, name, values[name]); err != nil {
			return fmt.Errorf("lab: optimizer.%s = %s: %w", name, values[name], err)
		}
	}
	if !chosen && len(names) == 0 && rule.Rate == nil {
		return nil
	}
	settings["optimizer"] = optim.Spec(rule.Rule)
	if _, given := c["lr"]; !given && rule.Rate != nil {
		settings["lr"] = strconv.FormatFloat(*rule.Rate, 'g', -1, 64)
	}
	return nil
}

// scheduled finds the schedules in a specification, each with its parameters; the
// plus of an exponent belongs to them.
var scheduled = regexp.MustCompile(`([A-Za-z_]+)(:(?:[eE]\+[0-9]|[^+*()])*)?`)

func (s *Space) foldSchedule(c Configuration, settings Settings) error {
	values, names := options(c, "schedule")
	if len(names) == 0 {
		return nil
	}
	text, ok := c["schedule"]
	if !ok {
		text = s.base("schedule")
	}
	for _, name := range names {
		folded := false
		text = scheduled.ReplaceAllStringFunc(text, func(part string) string {
			kind, params, _ := strings.Cut(part, ":")
			info, err := schedule.Lookup(kind)
			has := func(p schedule.Param) bool { return p.Name == name }
			if folded || err != nil || !slices.ContainsFunc(info.Params, has) {
				return part
			}
			folded = true
			return kind + ":" + withOption(params, name, values[name])
		})
		if !folded {
			return fmt.Errorf("lab: schedule.%s = %s: schedule %q has no such parameter", name, values[name], text)
		}
	}
	settings["schedule"] = text
	return nil
}

// withOption returns a list of options with one of them set.
func withOption(list, name, value string) string {
	var parts []string
	for part := range strings.SplitSeq(list, ",") {
		part := strings.TrimSpace(part)
		key, _, _ := strings.Cut(part, "=")
		if part != "" && strings.TrimSpace(key) != name {
			parts = append(parts, part)
		}
	}
	return strings.Join(append(parts, name+"="+value), ",")
}

func (s *Space) foldModel(c Configuration, settings Settings) error {
	values, names := options(c, "model")
	width, wide := c["width"]
	depth, deep := c["depth"]
	if len(names) == 0 && !wide && !deep {
		return nil
	}
	text, ok := c["model"]
	if !ok {
		text = s.base("model")
	}
	if wide || deep {
		kind, args, _ := strings.Cut(text, ":")
		var widths, rest []string
		for arg := range strings.SplitSeq(args, ",") {
			if arg := strings.TrimSpace(arg); strings.Contains(arg, "=") {
				rest = append(rest, arg)
			} else {
				widths = append(widths, arg)
			}
		}
		if kind != "mlp" {
			return fmt.Errorf("lab: width and depth of model %s, want an mlp", text)
		}
		if !wide {
			width = widths[0]
		}
		n := len(widths)
		if deep {
			var err error
			if n, err = strconv.Atoi(depth); err != nil || n < 1 {
				return fmt.Errorf("lab: depth = %s, want a whole number of at least 1", depth)
			}
		}
		text = "mlp:" + strings.Join(append(slices.Repeat([]string{width}, n), rest...), ",")
	}
	for _, name := range names {
		if head, args, ok := strings.Cut(text, ":"); ok {
			text = head + ":" + withOption(args, name, values[name])
		} else { // cnn,act=relu
			head, args, _ := strings.Cut(text, ",")
			text = head + "," + withOption(args, name, values[name])
		}
	}
	if err := nn.Check(text); err != nil {
		return fmt.Errorf("lab: model %s: %w", text, err)
	}
	settings["model"] = text
	return nil
}
