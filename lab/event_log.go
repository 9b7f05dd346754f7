package lab

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"sync"
	"time"
)

const (
	// loggedWithin is how long an event waits to be written.
	loggedWithin = 50 * time.Millisecond
	// mostUnlogged is how many bytes wait for a disk that takes none before events
	// are given up.
	mostUnlogged = 16 << 20
)

// An EventLog appends events to a file as they happen, one line each as
// [AppendEvent] writes it, for others to follow.
//
// Nothing that is in the file is ever changed: it only grows. Every beginning of
// the work has its own events, the first of them one that says that it started,
// and followers start over there. What was done before comes again then, at once
// and marked as known. A line that a killed process did not write to its end is
// ended, and does not count.
//
// Events are in the file within 100 ms of their happening, several in one write;
// nobody waits for the disk. What it refuses is tried again.
type EventLog struct {
	path  string
	clock func() time.Time
	start time.Time

	mu      sync.Mutex // of what follows; never held while the disk is at work
	waiting []byte
	armed   bool // a flush will come
	last    Surveying
	told    time.Time // when last was
	lost    error     // why events are missing

	writing sync.Mutex // of what follows
	file    io.WriteCloser
	left    []byte // of what has been taken from waiting, what is not in the file
	failed  error  // of the last write
}

// OpenEventLog opens the log at a path, and makes it when it is missing; its folder
// must be there. The clock tells how long work has been going on, usually time.Now;
// nil leaves times 0. The log must be closed.
func OpenEventLog(path string, clock func() time.Time) (*EventLog, error) {
	if clock == nil {
		clock = func() time.Time { return time.Time{} }
	}
	if info, err := os.Stat(path); err == nil && !info.Mode().IsRegular() {
		return nil, &fs.PathError{Op: "open", Path: path, Err: errors.New("is not a regular file")}
	}
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_APPEND, 0o666)
	if err != nil {
		return nil, err
	}
	l := &EventLog{path: path, clock: clock, start: clock(), file: f}
	end, err := f.Seek(0, io.SeekEnd)
	if err == nil && end > 0 {
		var last [1]byte
		if _, err = f.ReadAt(last[:], end-1); last[0] != '\n' {
			l.waiting = append(l.waiting, '\n')
		}
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("lab: %s: %w", path, err), f.Close())
	}
	return l, nil
}

// Event takes an event. Of a survey's progress no more is logged than can be seen.
func (l *EventLog) Event(e Event) {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := l.clock()
	if s, ok := e.(*Surveying); ok {
		if s.Stage == l.last.Stage && s.Done != s.Total && now.Sub(l.told) < loggedWithin {
			return
		}
		l.last, l.told = *s, now
	}
	line, err := AppendEvent(l.waiting, now.Sub(l.start).Seconds(), e)
	if err == nil && len(line) > mostUnlogged {
		err = errors.New("lab: the disk takes no events")
		line = l.waiting
	}
	if l.waiting = line; err != nil {
		l.lost = err
	}
	if !l.armed && len(l.waiting) > 0 {
		l.armed = true
		time.AfterFunc(loggedWithin, l.flush)
	}
}

// flush writes what waits.
func (l *EventLog) flush() {
	l.writing.Lock()
	defer l.writing.Unlock()
	l.mu.Lock()
	l.armed = false
	if len(l.left) == 0 {
		l.left, l.waiting = l.waiting, l.left
	}
	l.mu.Unlock()
	if l.file == nil || len(l.left) == 0 {
		return
	}
	n, err := l.file.Write(l.left)
	if err == nil && n < len(l.left) {
		err = io.ErrShortWrite
	}
	if l.failed = err; err == nil {
		l.left = l.left[:0]
	} else {
		l.left = l.left[:copy(l.left, l.left[n:])]
	}
}

// Close writes what waits and closes the log. It returns why events are missing, if
// any are. Closing it again does nothing.
func (l *EventLog) Close() error {
	l.flush()
	l.flush() // what came while older events were tried again
	l.writing.Lock()
	defer l.writing.Unlock()
	if l.file == nil {
		return nil
	}
	err := l.failed
	if err != nil {
		err = fmt.Errorf("lab: %s: %w", l.path, err)
	}
	l.mu.Lock()
	err = errors.Join(l.lost, err)
	l.mu.Unlock()
	err = errors.Join(err, l.file.Close())
	l.file = nil
	return err
}
