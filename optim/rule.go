package optim

import (
	"encoding/json"
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/descent-go/descent/internal/cpu"
	"github.com/descent-go/descent/optim/internal/kernel"
)

// A Rule is an update rule with its hyper-parameters: one of this package's
// structs, such as AdamW, or a Custom one. Rules are values: the optimizer
// works on its own copy.
type Rule interface {
	// Info returns the registry entry of the rule.
	Info() *Info
	bind() bound
}

// bound is an optimizer's own copy of a rule. Rules implement it by generated code.
type bound interface {
	Rule
	// value returns the rule as the caller passed it.
	value() Rule
	// hyper returns the field of hyper-parameter i of Info.Hypers.
	hyper(i int) (*float64, *bool)
	// formIndex chooses the form of Info.Forms by the hyper-parameters.
	formIndex() int
	// initial returns the state that a parameter starts with.
	initial(lr float64) [kernel.MaxSlots]float64
	// scalars fills k for update t, counted from 1, at rate lr.
	scalars(form int, of part, t int64, lr float64, m *memo, k *[kernel.MaxCoefs]float64)
}

// A part names one of a form's scalar functions.
type part int

const (
	partUpdate part = iota
	partProbe
	partView
)

// A scalarFunc is a generated loop in both element types.
type scalarFunc struct {
	f32 *kernel.Loops[float32]
	f64 *kernel.Loops[float64]
	// coefs is how much of the coefficient table it reads.
	coefs int
}

// loopOf returns the loop for F at a level, nil when there is none for F.
func loopOf[F Float](s *scalarFunc, level cpu.Level) kernel.Loop[F] {
	if s == nil {
		return nil
	}
	var loops any = s.f32
	l, ok := loops.(*kernel.Loops[F])
	if !ok {
		loops = s.f64
		l = loops.(*kernel.Loops[F])
	}
	if l == nil {
		return nil
	}
	return l.At(level)
}

// Info describes a rule: what the registry, the command line and the documentation show.
type Info struct {
	Name     string   // as in specs and files: "adamw"
	Title    string   // "AdamW"
	Summary  string   // what it is, one sentence
	Citation string   // where it was published
	Notes    []string // conventions, and where it differs from its source
	Rate     float64  // default learning rate
	Hypers   []Hyper
	Forms    []Form // what runs depends on the hyper-parameters: FormOf chooses
	// New returns the rule with its defaults; nil for custom rules.
	New func() Rule
}

// A Hyper describes one hyper-parameter.
type Hyper struct {
	Field   string   // Go field
	Name    string   // in specs and files: "beta1"
	Bool    bool     // a switch; Default is 0 or 1
	Default float64  // what New sets
	Domain  Interval // allowed values, when it is a number
	Symbol  string   // TeX
	Doc     string
}

// DefaultString prints the default: a number or true/false.
func (h Hyper) DefaultString() string {
	if h.Bool {
		return strconv.FormatBool(h.Default != 0)
	}
	return strconv.FormatFloat(h.Default, 'g', -1, 64)
}

// A Form is one of the ways in which a rule runs.
type Form struct {
	Name  string
	Slots []string // names of the state kept per parameter element
	TeX   []string // the update, line by line

	update, probe, view *scalarFunc
}

// Probes reports whether the form takes its gradient at another point: see Optimizer.Probe.
func (f *Form) Probes() bool { return f.probe != nil }

// Views reports whether the point to look at is not the one stored: see Optimizer.View.
func (f *Form) Views() bool { return f.view != nil }

// StateBytes returns the bytes of state per parameter element of elem bytes.
func (f *Form) StateBytes(elem int) int { return elem * len(f.Slots) }

// FormOf returns the form in which the rule runs.
func FormOf(r Rule) *Form {
	b := r.bind()
	return &b.Info().Forms[b.formIndex()]
}

// An Interval is a domain of numbers.
type Interval struct {
	Min, Max         float64
	MinOpen, MaxOpen bool // the end itself is excluded
}

// Contains reports whether v lies in the interval; NaN never does.
func (i Interval) Contains(v float64) bool {
	return (v > i.Min || v == i.Min && !i.MinOpen) && (v < i.Max || v == i.Max && !i.MaxOpen)
}

// String prints the interval in mathematical notation: [0, 1).
func (i Interval) String() string {
	open, closing := "[", "]"
	if i.MinOpen {
		open = "("
	}
	if i.MaxOpen {
		closing = ")"
	}
	end := func(v float64) string {
		if math.IsInf(v, 1) {
			return "+Inf"
		}
		return strconv.FormatFloat(v, 'g', -1, 64)
	}
	return open + end(i.Min) + ", " + end(i.Max) + closing
}

// Validate checks every hyper-parameter of a rule against its domain. The
// error names the field, its value and the domain.
func Validate(r Rule) error {
	if r == nil {
		return fmt.Errorf("optim: rule is nil")
	}
	b := r.bind()
	info := b.Info()
	for i, h := range info.Hypers {
		if v, _ := b.hyper(i); v != nil && !h.Domain.Contains(*v) {
			return fmt.Errorf("optim: %s.%s = %v, want %v", info.Title, h.Field, *v, h.Domain)
		}
	}
	if c, ok := r.(interface{ check() error }); ok {
		return c.check() // what no single domain can say
	}
	return nil
}

// hyperIndex finds a hyper-parameter by its name or its Go field, -1 when there is none.
func (i *Info) hyperIndex(name string) int {
	for j, h := range i.Hypers {
		if h.Name == name || h.Field == name {
			return j
		}
	}
	return -1
}

func (i *Info) hyperNames() string {
	names := make([]string, len(i.Hypers))
	for j, h := range i.Hypers {
		names[j] = h.Name
	}
	if len(names) == 0 {
		return "none"
	}
	return strings.Join(names, ", ")
}

// With returns a copy of the rule with one hyper-parameter set from text: a
// number, or true or false for a switch.
func With(r Rule, name, value string) (Rule, error) {
	b := r.bind()
	info := b.Info()
	i := info.hyperIndex(name)
	if i < 0 {
		return nil, fmt.Errorf("optim: %s has no hyper-parameter %q; it has %s", info.Name, name, info.hyperNames())
	}
	number, toggle := b.hyper(i)
	if toggle != nil {
		v, err := strconv.ParseBool(value)
		if err != nil {
			return nil, fmt.Errorf("optim: %s.%s = %q, want true or false", info.Title, info.Hypers[i].Field, value)
		}
		*toggle = v
	} else {
		v, err := strconv.ParseFloat(value, 64)
		if err != nil {
			return nil, fmt.Errorf("optim: %s.%s = %q, want a number in %v", info.Title, info.Hypers[i].Field, value, info.Hypers[i].Domain)
		}
		*number = v
	}
	return b.value(), Validate(b.value())
}

// HyperValue returns the value of a rule's hyper-parameter by name; switches are 0 or 1.
func HyperValue(r Rule, name string) (float64, bool) {
	b := r.bind()
	i := b.Info().hyperIndex(name)
	if i < 0 {
		return 0, false
	}
	number, toggle := b.hyper(i)
	if toggle != nil {
		if *toggle {
			return 1, true
		}
		return 0, true
	}
	return *number, true
}

// MarshalRule writes a rule as JSON: {"rule":"adamw","beta1":0.9,…}, fields in
// the order of the registry.
func MarshalRule(r Rule) ([]byte, error) {
	b := r.bind()
	info := b.Info()
	out := append([]byte(`{"rule":`), strconv.Quote(info.Name)...)
	for i, h := range info.Hypers {
		number, toggle := b.hyper(i)
		var v any = toggle
		if number != nil {
			v = number
		}
		text, err := json.Marshal(v)
		if err != nil {
			return nil, fmt.Errorf("optim: %s.%s: %w", info.Title, h.Field, err)
		}
		out = append(append(append(out, `,"`...), h.Name...), `":`...)
		out = append(out, text...)
	}
	return append(out, '}'), nil
}

// UnmarshalRule reads what MarshalRule wrote. Hyper-parameters that are left
// out have their defaults; unknown ones and values outside their domain are errors.
func UnmarshalRule(text []byte) (Rule, error) {
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(text, &fields); err != nil {
		return nil, fmt.Errorf("optim: rule: %w", err)
	}
	var name string
	if err := json.Unmarshal(fields["rule"], &name); err != nil {
		return nil, fmt.Errorf(`optim: rule: want a field "rule" with the rule's name`)
	}
	info, err := Lookup(name)
	if err != nil {
		return nil, err
	}
	delete(fields, "rule")
	r := info.New()
	for _, h := range info.Hypers { // in order, so that the first error is always the same
		raw, ok := fields[h.Name]
		if !ok {
			continue
		}
		delete(fields, h.Name)
		if r, err = With(r, h.Name, string(raw)); err != nil {
			return nil, err
		}
	}
	for name := range fields {
		return nil, fmt.Errorf("optim: %s has no hyper-parameter %q; it has %s", info.Name, name, info.hyperNames())
	}
	return r, nil
}
