package train

import (
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/descent-go/descent/data"
	"github.com/descent-go/descent/optim"
	"github.com/descent-go/descent/schedule"
)

// checkpointFormat is the version of what this package puts into a checkpoint.
const checkpointFormat = "1"

// settled is a model or a source that names what must be the same when a run
// over it is resumed, beside the shapes of its parameters.
type settled interface{ Settings() map[string]string }

// settings returns all that must be the same when the run is resumed, by name,
// and the format. What only ends a run is not among them.
func (l *loop[F]) settings(cycled string) (map[string]string, error) {
	o, c := l.o, l.o.Checkpoints
	number := func(v float64) string { return strconv.FormatFloat(v, 'g', -1, 64) }
	m := map[string]string{
		"format":       checkpointFormat,
		"element type": reflect.TypeFor[F]().String(),
		"model":        fmt.Sprintf("%T", l.model),
		"source":       fmt.Sprintf("%T", l.source),

		"Options.LR":          number(o.LR),
		"Options.Schedule":    describeCurve(o.Schedule),
		"Options.Accumulate":  strconv.Itoa(max(o.Accumulate, 1)),
		"Options.ClipNorm":    number(o.ClipNorm),
		"Options.ClipValue":   number(o.ClipValue),
		"Options.NonFinite":   o.NonFinite.String(),
		"Options.Watch":       strconv.FormatBool(l.watch != nil),
		"Options.EMA":         number(o.EMA),
		"Options.SWA":         strconv.FormatBool(o.SWA),
		"Options.AverageFrom": strconv.FormatInt(o.AverageFrom, 10),
		"Options.Validation":  describeSet(o.Validation),
		"Options.Train":       describeSet(o.Train),
		"Options.EvalEvery":   strconv.FormatInt(o.EvalEvery, 10),
		"Options.EvalBatch":   strconv.Itoa(l.evalBatch()),
		"Options.MinDelta":    number(o.MinDelta),
		"Options.KeepBest":    strconv.FormatBool(o.KeepBest),
	}
	if cycled != "" {
		m["Options.CycleMomentum"] = cycled
	}
	if o.Plateau != nil {
		p := *o.Plateau
		p.State = schedule.PlateauState{}
		text, err := json.Marshal(p)
		if err != nil {
			return nil, err
		}
		m["Options.Plateau"] = string(text)
	}
	if o.Rule != nil {
		m["Options.Rule"] = optim.Spec(o.Rule)
		settleCurves(m, "Options.Hyper.", o.Hyper)
	}
	for i, g := range o.Groups {
		name := fmt.Sprintf("Options.Groups[%d].", i)
		m[name+"parameters"] = strings.Join(l.matched(i), ", ")
		if g.Frozen {
			m[name+"Frozen"] = "true"
			continue
		}
		m[name+"Rule"], m[name+"LRScale"] = optim.Spec(g.Rule), number(g.LRScale)
		settleCurves(m, name+"Hyper.", g.Hyper)
	}
	if spec, ok := l.model.(interface{ Spec() string }); ok {
		m["model spec"] = spec.Spec()
	}
	for what, thing := range map[string]any{"model ": l.model, "source ": l.source} {
		if thing, ok := thing.(settled); ok {
			settle(m, what, thing.Settings())
		}
	}
	settle(m, "setting ", c.Settings)
	return m, nil
}

func settle(m map[string]string, prefix string, more map[string]string) {
	for name, value := range more {
		m[prefix+name] = value
	}
}

func settleCurves(m map[string]string, prefix string, curves map[string]optim.Curve) {
	for name, curve := range curves {
		m[prefix+name] = describeCurve(curve)
	}
}

// matched returns the names of the parameters that a group has.
func (l *loop[F]) matched(group int) []string {
	var names []string
	for _, p := range l.params {
		first := slices.IndexFunc(l.o.Groups, func(g optim.Group) bool { return g.Match == nil || g.Match(p.Name, p.Shape) })
		if first == group {
			names = append(names, p.Name)
		}
	}
	return names
}

// describeCurve returns the JSON of a schedule; that of a type of one's own is
// preceded by its type, or absent if it has none.
func describeCurve(c optim.Curve) string {
	if c == nil {
		return "none"
	}
	if text, err := schedule.Marshal(c); err == nil {
		return string(text)
	}
	text, err := json.Marshal(c)
	if err != nil {
		text = nil
	}
	return strings.TrimSpace(fmt.Sprintf("%T %s", c, text))
}

func describeSet(s *data.Set) string {
	if s == nil {
		return "none"
	}
	return fmt.Sprintf("%d examples of %d features", s.Len(), s.Dim)
}

// sameSettings returns an error that names all settings that differ from those
// that were saved.
func sameSettings(saved, now map[string]string) error {
	if got := saved["format"]; got != now["format"] {
		return fmt.Errorf("the state of a run in format %q, this program reads %q", got, now["format"])
	}
	both := maps.Clone(saved)
	maps.Copy(both, now)
	var differ []string
	for _, name := range slices.Sorted(maps.Keys(both)) {
		was, before := saved[name]
		is, after := now[name]
		if before && after && was == is {
			continue
		}
		if was == "" || !before {
			was = "nothing"
		}
		if is == "" || !after {
			is = "nothing"
		}
		differ = append(differ, fmt.Sprintf("%s was %s when saved, is %s now", name, was, is))
	}
	if differ != nil {
		return fmt.Errorf("%s", strings.Join(differ, "; "))
	}
	return nil
}
