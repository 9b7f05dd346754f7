package optim

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/descent-go/descent/internal/safetensors"
)

// stateFormat is the version of the layout of saved state.
const stateFormat = "1"

// savedParam is what the metadata says of one parameter.
type savedParam struct {
	Group   int   `json:"group"`
	Updates int64 `json:"updates"`
}

// Save writes the state to a safetensors file, whole or not at all: a tensor
// per parameter and slot, named "parameter#slot", and in the metadata the rule
// and hyper-parameters of every group, the updates of every parameter and the
// step. The parameters themselves are saved by SaveParams.
func (o *Optimizer[F]) Save(path string) error {
	f, err := o.stateFile()
	if err != nil {
		return err
	}
	return f.WriteFile(path)
}

// WriteState writes to w what Save writes to a file.
func (o *Optimizer[F]) WriteState(w io.Writer) error {
	f, err := o.stateFile()
	if err != nil {
		return err
	}
	_, err = f.WriteTo(w)
	return err
}

func (o *Optimizer[F]) stateFile() (*safetensors.File, error) {
	metadata, err := o.stateMetadata()
	if err != nil {
		return nil, err
	}
	f := &safetensors.File{Metadata: metadata}
	for i, p := range o.params {
		w := &o.tensors[i]
		for s, slot := range o.groups[w.group].slots() {
			if err := safetensors.Put(f, p.Name+"#"+slot, p.Shape, w.state[s]); err != nil {
				return nil, err
			}
		}
	}
	return f, nil
}

// stateMetadata says what the tensors of a state do not. It fails while the
// parameters are at the probe.
func (o *Optimizer[F]) stateMetadata() (map[string]string, error) {
	if o.probed {
		return nil, errProbed
	}
	saved := make(map[string]savedParam, len(o.params))
	for i, p := range o.params {
		saved[p.Name] = savedParam{Group: o.tensors[i].group, Updates: o.tensors[i].t}
	}
	rules := make([]json.RawMessage, len(o.groups))
	for i, g := range o.groups {
		rules[i] = json.RawMessage("null")
		if !g.Frozen {
			var err error
			if rules[i], err = MarshalRule(g.rule); err != nil {
				return nil, err
			}
		}
	}
	rulesText, err := json.Marshal(rules)
	if err != nil {
		return nil, err
	}
	savedText, err := json.Marshal(saved)
	if err != nil {
		return nil, err
	}
	return map[string]string{
		"descent":    "optimizer state",
		"format":     stateFormat,
		"step":       strconv.FormatInt(o.updates, 10),
		"rate":       strconv.FormatFloat(o.rate, 'x', -1, 64),
		"rules":      string(rulesText),
		"parameters": string(savedText),
	}, nil
}

// slots lists the state of a group's parameters, nil when it is frozen.
func (w *group[F]) slots() []string {
	if w.Frozen {
		return nil
	}
	return w.rule.Info().Forms[w.form].Slots
}

// Load reads state that Save wrote and makes the optimizer go on from it to
// the bit. It is strict: parameters, shapes, element type, rules and
// hyper-parameters (but those that follow a schedule) must be the optimizer's
// own. An error names what is missing, extra or different, and changes nothing.
func (o *Optimizer[F]) Load(path string) error {
	f, err := safetensors.ReadFile(path)
	if err != nil {
		return err
	}
	if err := o.restoreState(f); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	return nil
}

// ReadState reads from r what WriteState wrote, size bytes.
func (o *Optimizer[F]) ReadState(r io.Reader, size int64) error {
	f, err := safetensors.Read(r, size)
	if err != nil {
		return err
	}
	return o.restoreState(f)
}

// checkKind says what is wrong with a file that should hold such a thing.
func checkKind(f *safetensors.File, kind, format string) error {
	if got := f.Metadata["descent"]; got != kind {
		return fmt.Errorf("optim: not saved %s: metadata descent = %q, want %q", kind, got, kind)
	}
	if got := f.Metadata["format"]; got != format {
		return fmt.Errorf("optim: %s of format %q, want %q", kind, got, format)
	}
	return nil
}

func (o *Optimizer[F]) restoreState(f *safetensors.File) error {
	if o.probed {
		return errProbed
	}
	if err := checkKind(f, "optimizer state", stateFormat); err != nil {
		return err
	}
	step, err := strconv.ParseInt(f.Metadata["step"], 10, 64)
	if err != nil || step < 0 {
		return fmt.Errorf("optim: saved state: metadata step = %q, want a count", f.Metadata["step"])
	}
	rate, err := strconv.ParseFloat(f.Metadata["rate"], 64)
	if err != nil {
		return fmt.Errorf("optim: saved state: metadata rate = %q, want a number", f.Metadata["rate"])
	}
	var rules []json.RawMessage
	if err := json.Unmarshal([]byte(f.Metadata["rules"]), &rules); err != nil {
		return fmt.Errorf("optim: saved state: metadata rules: %w", err)
	}
	var saved map[string]savedParam
	if err := json.Unmarshal([]byte(f.Metadata["parameters"]), &saved); err != nil {
		return fmt.Errorf("optim: saved state: metadata parameters: %w", err)
	}
	for i := range o.params {
		if err := o.matches(i, saved, rules); err != nil {
			return err
		}
	}
	for _, name := range sortedNames(saved) {
		if !slices.ContainsFunc(o.params, func(p Param[F]) bool { return p.Name == name }) {
			return fmt.Errorf("optim: saved state has parameter %q, which the optimizer has not", name)
		}
	}
	read, err := o.readSlots(f)
	if err != nil {
		return err
	}
	for i, p := range o.params { // nothing can fail from here on
		w := &o.tensors[i]
		w.t = saved[p.Name].Updates
		for s := range w.state {
			copy(w.state[s], read[i][s])
		}
	}
	o.updates, o.rate, o.planned = step, rate, false
	return nil
}

// readSlots reads the state of every parameter, and refuses tensors that no parameter has.
func (o *Optimizer[F]) readSlots(f *safetensors.File) ([][][]F, error) {
	read := make([][][]F, len(o.params))
	known := map[string]bool{}
	for i, p := range o.params {
		read[i] = make([][]F, len(o.tensors[i].state))
		for s, slot := range o.groups[o.tensors[i].group].slots() {
			name := p.Name + "#" + slot
			known[name] = true
			data := make([]F, len(p.Data))
			if err := safetensors.GetInto(f, name, p.Shape, data); err != nil {
				return nil, fmt.Errorf("optim: saved state: %w", err)
			}
			read[i][s] = data
		}
	}
	for _, name := range f.Names() {
		if !known[name] {
			return nil, fmt.Errorf("optim: saved state has tensor %q, which the optimizer has not", name)
		}
	}
	return read, nil
}

// matches checks that parameter i was saved under the same rule.
func (o *Optimizer[F]) matches(i int, saved map[string]savedParam, rules []json.RawMessage) error {
	name, g := o.params[i].Name, o.groups[o.tensors[i].group]
	s, ok := saved[name]
	if !ok {
		return fmt.Errorf("optim: saved state lacks parameter %q; it has %s", name, strings.Join(sortedNames(saved), ", "))
	}
	if s.Group < 0 || s.Group >= len(rules) || s.Updates < 0 {
		return fmt.Errorf("optim: saved state: parameter %q has group %d of %d and %d updates", name, s.Group, len(rules), s.Updates)
	}
	frozen := string(rules[s.Group]) == "null"
	if frozen != g.Frozen {
		return fmt.Errorf("optim: parameter %q: frozen = %v when saved, %v now", name, frozen, g.Frozen)
	}
	if frozen {
		return nil
	}
	return g.sameRule(name, rules[s.Group])
}

// sameRule compares a saved rule with the group's, field by field.
func (w *group[F]) sameRule(param string, text json.RawMessage) error {
	now, err := MarshalRule(w.rule)
	if err != nil {
		return err
	}
	var a, b map[string]json.RawMessage
	if err := json.Unmarshal(text, &a); err != nil {
		return fmt.Errorf("optim: saved state: rule of %q: %w", param, err)
	}
	if err := json.Unmarshal(now, &b); err != nil {
		return err
	}
	info := w.rule.Info()
	names := []string{"rule"}
	for _, h := range info.Hypers {
		names = append(names, h.Name)
	}
	for _, n := range names {
		if i := info.hyperIndex(n); i >= 0 {
			field, _ := w.rule.hyper(i)
			if slices.ContainsFunc(w.hypers, func(s scheduled) bool { return s.field == field }) && field != nil {
				continue
			}
		}
		if !bytes.Equal(a[n], b[n]) {
			return fmt.Errorf("optim: parameter %q: %s was %s when saved, is %s now", param, n, orNothing(a[n]), orNothing(b[n]))
		}
	}
	return nil
}

func orNothing(b []byte) string {
	if len(b) == 0 {
		return "absent"
	}
	return string(b)
}

func sortedNames[V any](m map[string]V) []string {
	names := make([]string, 0, len(m))
	for n := range m {
		names = append(names, n)
	}
	slices.Sort(names)
	return names
}
