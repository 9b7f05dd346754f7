package lab

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"reflect"
	"strconv"
	"strings"
	"unicode"
)

// MaxEventLine is how many bytes a line of an event log has at most, its end
// included.
const MaxEventLine = 256 << 10

// loggedPoints is how many points of an outcome's curve are logged at most.
const loggedPoints = 50

// events lists what a log holds. The name of an event there is that of its type:
// TrialDone is trial_done.
var events = []Event{
	(*StageStarted)(nil), (*TrialDone)(nil),
	(*ComparisonStarted)(nil), (*RateChosen)(nil), (*TaskCompared)(nil),
	(*TuningStarted)(nil), (*TryLooked)(nil), (*TryChosen)(nil),
	(*SearchStarted)(nil), (*Searching)(nil), (*RangeTested)(nil), (*RatesSuggested)(nil), (*RateTried)(nil), (*RateAnswered)(nil),
	(*SurveyStarted)(nil), (*Surveying)(nil),
	(*Finished)(nil), (*Interrupted)(nil), (*Failed)(nil),
}

// eventTypes and eventNames lead from one to the other.
var eventTypes, eventNames = func() (map[string]reflect.Type, map[reflect.Type]string) {
	types, names := map[string]reflect.Type{}, map[reflect.Type]string{}
	for _, e := range events {
		t := reflect.TypeOf(e).Elem()
		name := snake(t.Name())
		types[name], names[t] = t, name
	}
	return types, names
}()

// snake writes TrialDone as trial_done.
func snake(name string) string {
	var b strings.Builder
	for i, r := range name {
		if unicode.IsUpper(r) && i > 0 {
			b.WriteByte('_')
		}
		b.WriteRune(unicode.ToLower(r))
	}
	return b.String()
}

// ErrUnknownEvent is wrapped by the error for an event that this version does not
// know.
var ErrUnknownEvent = errors.New("unknown event")

// AppendEvent appends a line of an event log: one JSON object with the event's
// name, the seconds since the log was opened, and the event's fields as its JSON
// has them:
//
//	{"event":"searching","t":0.512,"task":"rosenbrock","stage":"edge","spent":300,"budget":5000}
//
// Floats are the shortest decimals that read back to the same bits; NaN and
// infinities are the strings "NaN", "+Inf" and "-Inf". Of an outcome's curve at
// most 50 points are written, evenly chosen, the last one always. A line that
// would be longer than [MaxEventLine] is written without the curve, else it is an
// error, as is a number that is not finite where none is expected.
func AppendEvent(dst []byte, seconds float64, e Event) ([]byte, error) {
	done, trial := e.(*TrialDone)
	if trial {
		e = done.thinned(loggedPoints)
	}
	line, err := appendEvent(dst, seconds, e)
	if err == nil && len(line)-len(dst) > MaxEventLine && trial {
		line, err = appendEvent(dst, seconds, done.thinned(0))
	}
	switch {
	case err != nil:
		return dst, fmt.Errorf("lab: %s: %w", eventNames[reflect.TypeOf(e).Elem()], err)
	case len(line)-len(dst) > MaxEventLine:
		return dst, fmt.Errorf("lab: %s: an event of %d bytes, want at most %d", eventNames[reflect.TypeOf(e).Elem()], len(line)-len(dst), MaxEventLine)
	}
	return line, nil
}

func appendEvent(dst []byte, seconds float64, e Event) ([]byte, error) {
	fields, err := json.Marshal(e)
	if err != nil {
		return dst, err
	}
	dst = append(append(append(dst, `{"event":"`...), eventNames[reflect.TypeOf(e).Elem()]...), `","t":`...)
	dst = strconv.AppendFloat(dst, math.Round(float64(seconds*1e6))/1e6, 'g', -1, 64)
	if len(fields) > len("{}") {
		dst = append(append(dst, ','), fields[1:len(fields)-1]...)
	}
	return append(dst, "}\n"...), nil
}

// thinned returns the event with at most n points of the curve.
func (e *TrialDone) thinned(n int) *TrialDone {
	if e.Outcome == nil || len(e.Outcome.Curve) <= n {
		return e
	}
	thin, outcome := *e, *e.Outcome
	thin.Outcome, outcome.Curve = &outcome, nil
	for i := range n {
		at := (i + 1) * len(e.Outcome.Curve) / n
		outcome.Curve = append(outcome.Curve, e.Outcome.Curve[at-1])
	}
	return &thin
}

// ParseEvent reads a line that AppendEvent wrote. Fields that this version does not
// know are passed over. An event that it does not know is an error that wraps
// [ErrUnknownEvent].
func ParseEvent(line []byte) (seconds float64, e Event, err error) {
	var head struct {
		Event string  `json:"event"`
		T     float64 `json:"t"`
	}
	if err := json.Unmarshal(line, &head); err != nil {
		return 0, nil, fmt.Errorf("lab: %w, want an event", err)
	}
	t := eventTypes[head.Event]
	if t == nil {
		return 0, nil, fmt.Errorf("lab: %w %q", ErrUnknownEvent, head.Event)
	}
	v := reflect.New(t)
	if err := json.Unmarshal(line, v.Interface()); err != nil {
		return 0, nil, fmt.Errorf("lab: %s: %w", head.Event, err)
	}
	e = v.Interface().(Event)
	if done, ok := e.(*TrialDone); ok && done.Outcome == nil {
		return 0, nil, errors.New("lab: trial_done: no outcome")
	}
	return head.T, e, nil
}

// ReadEvents reads a log and hands its events to f, in their order, until f
// returns an error. Events that this version does not know are left out, and so is
// a line that was not written to its end; it may stand in the middle where a
// process that was killed left it and the next one wrote on.
func ReadEvents(r io.Reader, f func(seconds float64, e Event) error) error {
	lines := bufio.NewScanner(r)
	lines.Buffer(nil, 2*MaxEventLine) // what was torn and the next line
	for number := 1; lines.Scan(); number++ {
		line := bytes.TrimSpace(lines.Bytes())
		if len(line) == 0 || !json.Valid(line) {
			continue
		}
		seconds, e, err := ParseEvent(line)
		switch {
		case errors.Is(err, ErrUnknownEvent):
			continue
		case err != nil:
			return fmt.Errorf("line %d: %w", number, err)
		}
		if err := f(seconds, e); err != nil {
			return err
		}
	}
	return lines.Err()
}
