package cli

import (
	"errors"
	"fmt"
	"path/filepath"
	"time"

	"github.com/spf13/pflag"

	"github.com/descent-go/descent/lab"
)

// eventsFlag is the flag of the commands that write what happens while they work.
type eventsFlag struct{ path string }

func (f *eventsFlag) flag(flags *pflag.FlagSet) {
	flags.StringVar(&f.path, "events", "", "append what happens to `FILE` while it does, as lines of JSON, for others to follow")
}

// absolute keeps the file where it is when the working folder changes.
func (f *eventsFlag) absolute() (err error) {
	if f.path != "" {
		f.path, err = filepath.Abs(f.path)
	}
	return err
}

// A stage is who looks on while the lab is at work: a bar on the terminal, and the
// log of --events, if there is one.
type stage struct {
	a       *app
	bar     interface{ event(lab.Event) }
	log     *lab.EventLog
	summary string // of the result, once there is one
}

// stage opens the log. It must be closed.
func (a *app) stage(f *eventsFlag, bar interface{ event(lab.Event) }) (*stage, error) {
	s := &stage{a: a, bar: bar}
	if f.path == "" {
		return s, nil
	}
	var err error
	if s.log, err = lab.OpenEventLog(f.path, time.Now); err != nil {
		return nil, fmt.Errorf("--events %s: %w, want a file that can be written", f.path, err)
	}
	return s, nil
}

// event takes an event of the lab.
func (s *stage) event(e lab.Event) {
	s.bar.event(e)
	if s.log != nil {
		s.log.Event(e)
	}
}

// close writes how the command ended. That events are missing is no failure of the
// command.
func (s *stage) close(err error) {
	if s.log == nil {
		return
	}
	switch {
	case err == nil, errors.Is(err, errDiverged):
		s.log.Event(&lab.Finished{Summary: s.summary})
	case exitCode(err) == exitInterrupted:
		s.log.Event(&lab.Interrupted{})
	default:
		s.log.Event(&lab.Failed{Error: err.Error()})
	}
	if err := s.log.Close(); err != nil {
		s.a.warn("--events: some are missing: %v", err)
	}
}
