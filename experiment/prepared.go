package experiment

import (
	"context"
	"maps"
	"slices"

	"github.com/descent-go/descent/problem"
)

// A Prepared is an experiment whose data have been read, split and scaled: its
// sessions share them. It may be used on several goroutines.
type Prepared struct {
	e        *Experiment
	in       Inputs
	first    *Session
	function problem.Problem // that is minimized; nil when something else is trained
}

// Prepare checks the settings and reads the data, as Open does. Rows that arrive
// once cannot be shared and are an error.
func (e *Experiment) Prepare(ctx context.Context, in Inputs) (*Prepared, error) {
	s, err := e.Open(ctx, in)
	if err != nil {
		return nil, err
	}
	if !s.Resumable() {
		return nil, e.fail("data", errWant("its rows arrive once, want data for several runs"))
	}
	return &Prepared{e: e.copy(), in: in, first: s, function: s.Function}, nil
}

// First returns the session of the settings as they are. It tells what was read;
// who trains it must not Open others of a Shared model meanwhile.
func (p *Prepared) First() *Session { return p.first }

// Shared reports whether all sessions train the one model of the program: then
// only one of them can be at work, the last one opened.
func (p *Prepared) Shared() bool { return p.e.own != nil }

// Open returns a session with other settings: keys and values as on the command
// line of descent train. The model's initial parameters, the order of batches and
// the noise come from the seed; the data stay as they are, so the settings that
// say what they are cannot be given. Errors are as those of Experiment.Open.
func (p *Prepared) Open(ctx context.Context, settings map[string]string, seed uint64) (*Session, error) {
	e := p.e.copy()
	e.Seed = seed
	keys := slices.Sorted(maps.Keys(settings))
	for _, key := range keys {
		if err := e.change(key, settings[key]); err != nil {
			return nil, err
		}
	}
	for _, key := range keys { // the others are as they were
		if err := e.checkSubject(find(key)); err != nil {
			return nil, err
		}
	}
	if err := e.checkPairs(); err != nil {
		return nil, err
	}
	return e.open(ctx, p.in, p)
}

// change gives a setting another value than that of the file or flag.
func (e *Experiment) change(key, text string) error {
	s := find(key)
	switch {
	case s == nil:
		return &Error{Key: key, Value: text, Err: errWant("there is no such setting")}
	case s.subject == "data" || s.subject == "function" || key == "val" || key == "seed":
		return &Error{Key: key, Value: text, Err: errWant("it is the same for all runs")}
	}
	if err := s.parse(e.field(s), text); err != nil {
		return &Error{Key: key, Value: text, Err: err}
	}
	e.given[key] = position{}
	return e.checkOne(s)
}

// share takes the data of another session of the same settings.
func (o *opening) share(first *Session) error {
	o.e.Scale, o.e.Val = first.Experiment.Scale, first.Experiment.Val
	o.s.Files = first.Files
	m := *first.Data
	return o.serve(&m)
}
