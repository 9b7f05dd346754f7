package jobs

import (
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/descent-go/descent/experiment"
	"github.com/descent-go/descent/internal/shell"
)

// A Request is what somebody wants done.
type Request struct {
	Kind Kind `json:"kind"`
	// Flags are those of the command, by their names without dashes; see [Flags].
	Flags map[string]Value `json:"flags"`
	// Experiment is the text of an experiment, YAML, for kinds that take one. Flags
	// win over it.
	Experiment string `json:"experiment"`
	// From is the ID of a tuning whose best experiment is taken as Experiment.
	From string `json:"from"`
}

// A Value is that of a flag: a text, or several for one that may be given again.
// In JSON it is a string, a number, true, false or a list of strings.
type Value []string

// MarshalJSON writes one text as a string, several as a list.
func (v Value) MarshalJSON() ([]byte, error) {
	if len(v) == 1 {
		return json.Marshal(v[0])
	}
	return json.Marshal([]string(v))
}

// UnmarshalJSON reads any of the forms.
func (v *Value) UnmarshalJSON(text []byte) error {
	var list []string
	if json.Unmarshal(text, &list) == nil && list != nil {
		*v = list
		return nil
	}
	var s string
	if json.Unmarshal(text, &s) == nil && text[0] == '"' {
		*v = Value{s}
		return nil
	}
	if c := text[0]; c == '{' || c == '[' || c == 'n' {
		return errors.New("a flag is a JSON object, a list of other things or null, want a string, a number, true, false or a list of strings")
	}
	*v = Value{string(text)} // a number, as it was written, true or false
	return nil
}

// An Error says what is wrong with a request.
type Error struct {
	Field  string // of the request: "kind", "experiment", or the name of a flag; "" for all of it
	Column int    // in the field's text, from 1; 0: none
	Err    error
}

// Error names the flag and says what was expected.
func (e *Error) Error() string { return e.Err.Error() }

// Unwrap returns what was expected.
func (e *Error) Unwrap() error { return e.Err }

func bad(field, format string, args ...any) error {
	return &Error{Field: field, Err: fmt.Errorf(format, args...)}
}

// badSetting turns an experiment's error into one of the request.
func badSetting(err error) error {
	var e *experiment.Error
	if !errors.As(err, &e) {
		return &Error{Err: err}
	}
	if e.File != "" {
		return &Error{Field: "experiment", Column: e.Column, Err: err}
	}
	return &Error{Field: e.Key, Err: errors.New(e.Flag())}
}

// A plan is a request that can be done.
type plan struct {
	args  []string // as the process gets them
	words []string // as a user would type them
	name  string   // for the ID
	yaml  string
}

// Check says what is wrong with a request, as Start does, and starts nothing. What
// it returns has the experiment of From in its place.
func (m *Manager) Check(r Request) (Request, error) {
	_, err := m.plan(&r)
	if err == nil {
		r.From = ""
	}
	return r, err
}

// plan checks a request.
func (m *Manager) plan(r *Request) (*plan, error) {
	c := commands[r.Kind]
	if c == nil {
		return nil, bad("kind", "kind %.40q, want train, compare, tune or find-lr", r.Kind)
	}
	if r.From != "" {
		if r.Experiment != "" {
			return nil, bad("from", "from %.80q: there is an experiment too, want one of both", r.From)
		}
		best, err := m.best(r.From)
		if err != nil {
			return nil, err
		}
		r.Experiment = best
	}
	if r.Experiment != "" && !c.settings {
		return nil, bad("experiment", "%s takes no experiment: want a file of the working folder as problem", r.Kind)
	}
	p := &plan{name: string(r.Kind), yaml: r.Experiment}
	settings := experiment.DefaultOf(m.Own)
	for _, name := range m.order(r) {
		texts, err := m.accept(c, settings, name, r.Flags[name])
		if err != nil {
			return nil, err
		}
		for _, text := range texts {
			p.args = append(p.args, "--"+name+"="+text)
			p.words = append(p.words, word(name, text, isSwitch(name)))
		}
	}
	if !c.settings {
		return p, m.checkProblems(r)
	}
	if r.Experiment != "" {
		base, err := experiment.Parse("experiment", []byte(r.Experiment))
		if err != nil {
			return nil, badSetting(err)
		}
		settings = settings.Over(base)
	}
	if err := m.checkSettings(r.Kind, settings); err != nil {
		return nil, err
	}
	if err := affordableSpace(settings, r.Flags["space"]); err != nil {
		return nil, err
	}
	if r.Kind == Train {
		p.name = called(settings)
	}
	return p, nil
}

// order lists the flags of a request in the order of the command's help, so that
// the same request is the same command; unknown ones come last.
func (m *Manager) order(r *Request) []string {
	rank := map[string]int{}
	for _, f := range commands[r.Kind].flags {
		rank[f.Name] = len(rank) - 1000
	}
	for _, s := range experiment.Settings() {
		if _, ok := rank[s.Key]; !ok {
			rank[s.Key] = len(rank) - 1000
		}
	}
	return slices.SortedFunc(maps.Keys(r.Flags), func(a, b string) int {
		if d := rank[a] - rank[b]; d != 0 {
			return d
		}
		return strings.Compare(a, b)
	})
}

// accept checks a flag and returns its values as the command takes them.
func (m *Manager) accept(c *command, settings *experiment.Experiment, name string, v Value) ([]string, error) {
	if len(v) == 0 || len(v) > mostValues {
		return nil, bad(name, "--%.80s: %d values, want 1 to %d", name, len(v), mostValues)
	}
	for _, text := range v {
		if len(text) > mostBytes || !utf8.ValidString(text) || strings.ContainsFunc(text, unicode.IsControl) {
			return nil, bad(name, "--%.80s %.80q: want a text without control characters, of at most %d bytes", name, text, mostBytes)
		}
	}
	i := slices.IndexFunc(c.flags, func(f Flag) bool { return f.Name == name })
	if i < 0 {
		return m.acceptSetting(c, settings, name, v)
	}
	f := &c.flags[i]
	if m.Own != nil && name == "problem" {
		return nil, bad(name, "--problem: this program has its own model")
	}
	if len(v) > 1 && f.Type != "list" {
		return nil, bad(name, "--%s: %d values, want one", name, len(v))
	}
	for _, text := range v {
		if err := f.verify(text); err != nil {
			return nil, bad(name, "--%s %s: %w", name, text, err)
		}
	}
	if f.all != nil {
		if err := f.all(v); err != nil {
			return nil, bad(name, "--%s: %w", name, err)
		}
	}
	return v, nil
}

// acceptSetting checks a setting of an experiment.
func (m *Manager) acceptSetting(c *command, settings *experiment.Experiment, name string, v Value) ([]string, error) {
	all := experiment.Settings()
	i := slices.IndexFunc(all, func(s experiment.Setting) bool { return s.Key == name })
	if !c.settings || i < 0 {
		return nil, bad(name, "there is no flag --%.80s for the page to set", name)
	}
	if all[i].Type == "list" {
		v = Value{commas(v)}
	}
	if len(v) > 1 {
		return nil, bad(name, "--%s: %d values, want one", name, len(v))
	}
	if err := settings.Set(name, v[0]); err != nil {
		return nil, badSetting(err)
	}
	return v, nil
}

// commas writes values as the flag of a list takes them; one is such a text
// already.
func commas(v Value) string {
	if len(v) == 1 {
		return v[0]
	}
	var b strings.Builder
	w := csv.NewWriter(&b)
	_ = w.Write(v) // into memory: cannot fail
	w.Flush()
	return strings.TrimSuffix(b.String(), "\n")
}

// checkSettings checks how settings go together, what they cost, and which files
// they name.
func (m *Manager) checkSettings(kind Kind, e *experiment.Experiment) error {
	if e.Data == "-" {
		return bad("data", "--data -: a job has no standard input, want a file")
	}
	whole := *e
	if kind != Train && whole.Steps == 0 { // these commands know how many steps are usual
		whole.Steps = 1
	}
	if err := whole.Check(); err != nil {
		return badSetting(err)
	}
	if err := affordable(e); err != nil {
		return err
	}
	for _, path := range e.Paths() {
		field := "data"
		if path != "" && path == e.Test {
			field = "test"
		}
		if err := m.inside(path); err != nil {
			return bad(field, "--%s %s: %w", field, path, err)
		}
	}
	return nil
}

// called is what the ID of a run tells of it.
func called(e *experiment.Experiment) string {
	if e.Name != "" {
		return e.Name
	}
	what := e.Model
	switch {
	case e.OwnModel() != "":
		what = e.OwnModel()
	case e.Function != "":
		what = e.Function
	}
	rule, _, _ := strings.Cut(e.Optimizer, ":")
	what, _, _ = strings.Cut(what, ":")
	return what + " " + rule
}

func isSwitch(name string) bool {
	return name == "no-figures" || slices.ContainsFunc(experiment.Settings(), func(s experiment.Setting) bool { return s.Key == name && s.Type == "switch" })
}

// word writes a flag as a user would type it.
func word(name, text string, isSwitch bool) string {
	switch {
	case isSwitch && text == "true":
		return "--" + name
	case isSwitch, strings.HasPrefix(text, "-"):
		return "--" + name + "=" + shell.Word(text)
	}
	return "--" + name + " " + shell.Word(text)
}
