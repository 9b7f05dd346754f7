package record

import (
	"errors"
	"fmt"
	"reflect"

	"github.com/descent-go/descent/train"
)

// known lists the events that a log holds. The name of an event in the log is
// that of its type: EpochEnd is epoch_end.
var known = []train.Event{
	(*train.Started)(nil), (*train.Resumed)(nil), (*train.Step)(nil), (*train.Diagnosis)(nil),
	(*train.Evaluation)(nil), (*train.EpochEnd)(nil), (*train.Oscillating)(nil),
	(*train.Checkpointed)(nil), (*train.Diverged)(nil), (*train.Finished)(nil),
}

// byType and byName have the shape of every known event.
var byType, byName = func() (map[reflect.Type]*shape, map[string]*shape) {
	types, names := map[reflect.Type]*shape{}, map[string]*shape{}
	for _, e := range known {
		t := reflect.TypeOf(e).Elem()
		s := shapeOf(t)
		types[t], names[s.name] = s, s
	}
	return types, names
}()

// ErrUnknownEvent is wrapped by the error for an event that this version does
// not know.
var ErrUnknownEvent = errors.New("unknown event")

// AppendEvent appends a line of a log: one JSON object with the event's name,
// the seconds since the run began, and the event's fields as its JSON has them:
//
//	{"event":"step","t":0.512,"step":12,"epoch":0,"loss":0.25,"rate":0.001}
//
// Floats are the shortest decimals that read back to the same bits; NaN and
// infinities are the strings "NaN", "+Inf" and "-Inf". Text is UTF-8; bytes that
// are not become U+FFFD.
func AppendEvent(dst []byte, at float64, e train.Event) []byte {
	if step, ok := e.(*train.Step); ok && len(step.Slot) == 0 {
		return appendStep(dst, at, step)
	}
	return appendAny(dst, at, e)
}

// appendAny is AppendEvent for every type.
func appendAny(dst []byte, at float64, e train.Event) []byte {
	v := reflect.ValueOf(e).Elem()
	s := byType[v.Type()]
	dst = append(append(append(dst, `{"event":"`...), s.name...), `","t":`...)
	dst = appendFloat(dst, at)
	for i := range s.fields {
		dst = s.fields[i].append(dst, v)
	}
	return append(dst, "}\n"...)
}

// appendStep writes what appendAny writes of a step without a slot, without
// reflection: such steps are what a log consists of.
func appendStep(dst []byte, at float64, e *train.Step) []byte {
	dst = appendFloat(append(dst, `{"event":"step","t":`...), at)
	dst = appendInt(append(dst, `,"step":`...), e.Step)
	dst = appendInt(append(dst, `,"epoch":`...), int64(e.Epoch))
	dst = appendFloat(append(dst, `,"loss":`...), e.Loss)
	dst = appendFloat(append(dst, `,"rate":`...), e.Rate)
	if e.Examples != 0 {
		dst = appendInt(append(dst, `,"examples":`...), int64(e.Examples))
	}
	if !zero(e.GradNorm) {
		dst = appendFloat(append(dst, `,"grad_norm":`...), e.GradNorm)
	}
	if !zero(e.UpdateNorm) {
		dst = appendFloat(append(dst, `,"update_norm":`...), e.UpdateNorm)
	}
	if !zero(e.ParamNorm) {
		dst = appendFloat(append(dst, `,"param_norm":`...), e.ParamNorm)
	}
	if e.Clipped {
		dst = append(dst, `,"clipped":true`...)
	}
	if e.Skipped {
		dst = append(dst, `,"skipped":true`...)
	}
	if len(e.Point) > 0 {
		dst = append(dst, `,"point":[`...)
		for i, v := range e.Point {
			if i > 0 {
				dst = append(dst, ',')
			}
			dst = appendFloat(dst, v)
		}
		dst = append(dst, ']')
	}
	if !zero(e.Value) {
		dst = appendFloat(append(dst, `,"value":`...), e.Value)
	}
	return append(dst, "}\n"...)
}

// ParseEvent reads a line that AppendEvent wrote. Fields that this version does
// not know are passed over. An event that it does not know is an error that
// wraps ErrUnknownEvent: a single line has nothing else to tell, while Replay
// leaves such lines out. A value of another type than its field's is an error,
// as is a field that comes twice.
func ParseEvent(line []byte) (at float64, e train.Event, err error) {
	return parseEvent(line, new(train.Step))
}

// parseEvent reads a Step into the one given.
func parseEvent(line []byte, step *train.Step) (at float64, e train.Event, err error) {
	name, err := eventName(line)
	if err != nil {
		return 0, nil, err
	}
	s := byName[name]
	if s == nil {
		return 0, nil, fmt.Errorf("%w %q", ErrUnknownEvent, name)
	}
	*step = train.Step{}
	e = step
	v := reflect.ValueOf(step)
	if s.typ != v.Type().Elem() {
		v = reflect.New(s.typ)
		e = v.Interface().(train.Event)
	}
	sc := scanner{text: line}
	var seen seen
	for n := 0; sc.more('{', '}', n); n++ {
		key := sc.key()
		switch string(key) {
		case "event":
			sc.skip(0)
		case "t":
			at = sc.float()
		default:
			s.readField(&sc, key, v.Elem(), &seen)
		}
	}
	if sc.end(); sc.err != nil {
		return 0, nil, fmt.Errorf("%s: %w", name, sc.err)
	}
	return at, e, nil
}

// eventName finds the event's name, which comes first in what AppendEvent writes.
func eventName(line []byte) (string, error) {
	sc := scanner{text: line}
	for n := 0; sc.more('{', '}', n); n++ {
		if string(sc.key()) == "event" {
			return sc.string(), sc.err
		}
		sc.skip(0)
	}
	if sc.err != nil {
		return "", sc.err
	}
	return "", errors.New(`no "event"`)
}
