package record

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"sync"
	"time"

	"github.com/descent-go/descent/internal/durable"
	"github.com/descent-go/descent/train"
)

const (
	// fullLog is how many bytes of events wait before they are written.
	fullLog = 64 << 10
	// lostLog is how many bytes wait for a disk that takes none before they are
	// given up.
	lostLog = 16 << 20
)

// A Log is a sink that appends events to a run's events.jsonl. It is a
// train.Stateful: its state is where a checkpoint stands in the log, and a run
// that goes on from there cuts off what was logged after it.
//
// Steps are written when a second has passed since the last time or 64 KiB have
// come together, everything else at once. What could not be written, because the
// disk is full, is tried again, and the log ends with a whole line in the
// meantime; State has the error until then, so that no checkpoint claims what
// the log does not have.
type Log struct {
	clock func() time.Time
	path  string

	mu      sync.Mutex // Sync comes from another goroutine
	file    durable.File
	size    int64  // bytes of whole lines in the file
	torn    bool   // the file may be longer
	waiting []byte // lines to be written
	full    int    // bytes of them that are too many
	wrote   float64
	began   bool
	start   time.Time
	before  float64 // seconds of the run before start
	at      float64 // seconds of the last event
	err     error   // of the last attempt to write
	lost    error   // why the log cannot be whole again
	unsure  error   // of a Sync: what is on the disk, nobody can tell
}

// Log opens the run's log for writing. The clock tells seconds since the run
// began, usually time.Now; nil leaves them 0. A Started event, or a SetState,
// clears away what was there, as nothing of the run is older. The log must be
// closed.
func (r *Run) Log(clock func() time.Time) (*Log, error) {
	l := &Log{clock: clock, path: r.Path(EventsFile), full: fullLog}
	var err error
	if l.file, err = r.fsys.Append(l.path); err != nil {
		return nil, fmt.Errorf("record: %w", err)
	}
	info, err := l.file.Stat()
	if err == nil {
		l.size = info.Size()
		err = r.fsys.SyncDir(r.Dir)
	}
	if err != nil {
		return nil, fmt.Errorf("record: %w", errors.Join(err, l.file.Close()))
	}
	return l, nil
}

// Event appends an event.
func (l *Log) Event(e train.Event) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.lost != nil || l.file == nil {
		return
	}
	if _, ok := e.(*train.Started); ok && l.size+int64(len(l.waiting)) > 0 {
		l.cut(0)
	}
	l.tick()
	n := len(l.waiting)
	l.waiting = AppendEvent(l.waiting, l.at, e)
	if len(l.waiting)-n > longest {
		l.waiting = l.waiting[:n]
		if !l.shorten(e) {
			l.lost = fmt.Errorf("an event of more than %d bytes", longest)
		}
	}
	switch e.(type) {
	case *train.Step, *train.Diagnosis:
		if len(l.waiting) < l.full && l.at-l.wrote < 1 {
			return
		}
	}
	l.flush()
}

// shorten writes the end of a run without the evaluations, which have lines of
// their own.
func (l *Log) shorten(e train.Event) bool {
	end, ok := e.(*train.Finished)
	if !ok || end.Result == nil {
		return false
	}
	short := *end.Result
	short.Evaluations = nil
	l.waiting = AppendEvent(l.waiting, l.at, &train.Finished{Result: &short})
	return true
}

// tick sets at, in whole microseconds. The clock starts with the first event.
func (l *Log) tick() {
	if l.clock == nil {
		return
	}
	now := l.clock()
	if !l.began {
		l.began, l.start = true, now
	}
	l.at = math.Round(float64((l.before+now.Sub(l.start).Seconds())*1e6)) / 1e6
}

// flush writes what waits.
func (l *Log) flush() {
	if l.lost != nil || l.file == nil {
		return
	}
	l.wrote = l.at
	if l.err = l.mend(); l.err == nil {
		l.err = l.write()
	}
	if l.full = fullLog; l.err != nil {
		l.full += len(l.waiting) // not with every step
	}
	if len(l.waiting) > lostLog {
		l.lost, l.waiting = fmt.Errorf("events are lost: %w", l.err), nil
	}
}

// write writes what waits as far as there is room for whole lines.
func (l *Log) write() error {
	n, err := l.file.Write(l.waiting)
	if err == nil && n < len(l.waiting) {
		err = io.ErrShortWrite
	}
	if err != nil {
		n = bytes.LastIndexByte(l.waiting[:n], '\n') + 1
		l.torn = true
	}
	l.size += int64(n)
	l.waiting = append(l.waiting[:0], l.waiting[n:]...)
	if err != nil {
		return errors.Join(err, l.mend())
	}
	return nil
}

// mend cuts the file back to whole lines.
func (l *Log) mend() error {
	if !l.torn {
		return nil
	}
	err := l.file.Truncate(l.size)
	l.torn = err != nil
	return err
}

// cut drops all events after the first size bytes.
func (l *Log) cut(size int64) {
	l.size, l.torn, l.waiting = size, true, l.waiting[:0]
	l.err = l.mend()
}

// StateName is "events".
func (l *Log) StateName() string { return "events" }

// logState is the state of a log.
type logState struct {
	Bytes   int64   `json:"bytes"`   // of the events so far
	Seconds float64 `json:"seconds"` // since the run began
}

// State writes what waits and returns how long the log is.
func (l *Log) State() ([]byte, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.file == nil {
		return nil, fmt.Errorf("record: %s is closed", l.path)
	}
	l.tick()
	l.flush()
	if err := l.failure(); err != nil {
		return nil, err
	}
	return json.Marshal(logState{l.size, l.at})
}

// SetState cuts the log back to where State was called, and goes on with its
// time; nil is the beginning.
func (l *Log) SetState(state []byte) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	var s logState
	if state != nil {
		if err := json.Unmarshal(state, &s); err != nil {
			return fmt.Errorf("record: state of %s: %w", l.path, err)
		}
	}
	switch {
	case s.Bytes < 0 || !(s.Seconds >= 0):
		return fmt.Errorf("record: state of %s: %d bytes after %v s, want at least 0", l.path, s.Bytes, s.Seconds)
	case l.file == nil:
		return fmt.Errorf("record: %s is closed", l.path)
	case s.Bytes > l.size:
		return fmt.Errorf("record: %s has %d bytes, the checkpoint was taken after %d: this is not its log", l.path, l.size, s.Bytes)
	}
	l.cut(s.Bytes)
	l.began, l.before, l.at, l.wrote = false, s.Seconds, s.Seconds, s.Seconds
	return l.failure()
}

// Sync makes what State spoke of durable. That later events could not be written is
// none of its business.
func (l *Log) Sync() error {
	l.mu.Lock()
	file := l.file
	l.mu.Unlock()
	if file == nil {
		return fmt.Errorf("record: %s is closed", l.path)
	}
	err := file.Sync()
	l.mu.Lock()
	defer l.mu.Unlock()
	if err != nil {
		l.lost, l.unsure = err, err
	}
	if l.unsure != nil {
		return fmt.Errorf("record: %s: %w", l.path, l.unsure)
	}
	return nil
}

// Err returns why events could not be written, if so; it may pass.
func (l *Log) Err() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.failure()
}

func (l *Log) failure() error {
	err := l.err
	if l.lost != nil {
		err = l.lost
	}
	if err == nil {
		return nil
	}
	return fmt.Errorf("record: %s: %w", l.path, err)
}

// Close writes what waits, makes it durable and closes the log. Closing it again
// does nothing.
func (l *Log) Close() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.file == nil {
		return nil
	}
	l.flush()
	err := errors.Join(l.failure(), l.file.Sync(), l.file.Close())
	l.file = nil
	return err
}
