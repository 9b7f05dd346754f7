package tail

import (
	"bytes"
	"context"
	"errors"
	"net/http"
	"time"
)

// What a stream is when it is not told otherwise.
const (
	// Every is the least time between two writes.
	Every = 50 * time.Millisecond
	// Beat is the time without events after which a comment shows that the
	// stream lives.
	Beat = 15 * time.Second
	// Deadline is how long a write may take before the reader is dropped.
	Deadline = 10 * time.Second
	// Most is how many bytes of lines are written at once.
	Most = 64 << 10
)

// A Stream writes server-sent events to a response. Events are collected until
// Flush writes them, which fails when the reader does not take them in time.
type Stream struct {
	w        http.ResponseWriter
	control  *http.ResponseController
	buf      []byte
	deadline time.Duration
}

// NewStream begins a stream: the response has its headers from here on. A
// deadline of 0 is Deadline.
func NewStream(w http.ResponseWriter, deadline time.Duration) (*Stream, error) {
	if deadline == 0 {
		deadline = Deadline
	}
	s := &Stream{w: w, control: http.NewResponseController(w), deadline: deadline}
	h := w.Header()
	h.Set("Content-Type", "text/event-stream")
	h.Set("Cache-Control", "no-store")
	h.Set("X-Accel-Buffering", "no") // or proxies keep events until there are many
	w.WriteHeader(http.StatusOK)
	s.buf = append(s.buf, "retry: 1000\n\n"...)
	return s, s.Flush()
}

// From returns the place that a request wants to go on from: that of the last
// event that the reader has, else of its parameter from, else the beginning.
func From(r *http.Request) (Place, error) {
	if id := r.Header.Get("Last-Event-ID"); id != "" {
		return ParsePlace(id)
	}
	return ParsePlace(r.URL.Query().Get("from"))
}

// Event adds an event; without an id when that is "".
func (s *Stream) Event(name, id string, data []byte) {
	s.buf = append(append(append(s.buf, "event: "...), name...), '\n')
	if id != "" {
		s.buf = append(append(append(s.buf, "id: "...), id...), '\n')
	}
	for {
		i := bytes.IndexAny(data, "\r\n")
		if i < 0 {
			break
		}
		s.buf = append(append(append(s.buf, "data: "...), data[:i]...), '\n')
		data = data[i+1:]
	}
	s.buf = append(append(append(s.buf, "data: "...), data...), '\n', '\n')
}

// Comment adds a line that readers pass over: the stream lives.
func (s *Stream) Comment() { s.buf = append(s.buf, ":\n\n"...) }

// Flush writes what has been added.
func (s *Stream) Flush() error {
	if len(s.buf) == 0 {
		return nil
	}
	if err := s.control.SetWriteDeadline(time.Now().Add(s.deadline)); err != nil {
		return err
	}
	_, err := s.w.Write(s.buf)
	if err == nil {
		err = s.control.Flush()
	}
	if s.buf = s.buf[:0]; cap(s.buf) > 4*Most {
		s.buf = nil
	}
	return errors.Join(err, s.control.SetWriteDeadline(time.Time{})) // the connection may serve others
}

// A Feed is what Follow sends.
type Feed struct {
	Cursor *Cursor
	// Lines adds what a batch says. Nil adds an event "rewind" where the file
	// was cut back, with the place as id behind which all is void, 0 for the
	// beginning, and an event "line" for every line, with the place behind it as id.
	Lines func(*Stream, Batch) error
	// Changed returns a channel that is closed when State may have something
	// new. Nil: the cursor alone has.
	Changed func() <-chan struct{}
	// State adds what else there is to say, if it is new; it is called at first
	// and after every change, and the last time after the last line.
	State func(*Stream) error
	// Ended reports whether the file does not grow any more. Nil: it may.
	Ended func() bool
	// Every and Beat stand for the constants of these names where they are 0.
	Every, Beat time.Duration
}

// Follow sends a file as it grows until the feed has ended, the context ends or
// the reader is gone; the latter two are errors. A slow reader gets more at once.
func (s *Stream) Follow(ctx context.Context, f Feed) error {
	f = f.whole()
	beat := time.NewTicker(f.Beat)
	defer beat.Stop()
	pace := time.NewTimer(0)
	defer pace.Stop()
	if err := f.State(s); err != nil {
		return err
	}
	for {
		changed := f.Changed()
		ended := f.Ended()
		if ended {
			f.Cursor.Look() // what was written before the end
		}
		if err := s.drain(ctx, f); err != nil {
			return err
		}
		if err := f.State(s); err != nil {
			return err
		}
		if err := s.Flush(); err != nil || ended {
			return err
		}
		select { // not more often than that
		case <-ctx.Done():
			return ctx.Err()
		case <-pace.C:
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-changed:
		case <-f.Cursor.Ready():
		case <-beat.C:
			s.Comment()
		}
		pace.Reset(f.Every)
	}
}

// whole fills in what a feed leaves open.
func (f Feed) whole() Feed {
	if f.Lines == nil {
		f.Lines = eachLine
	}
	if f.Changed == nil {
		f.Changed = func() <-chan struct{} { return nil }
	}
	if f.State == nil {
		f.State = func(*Stream) error { return nil }
	}
	if f.Ended == nil {
		f.Ended = func() bool { return false }
	}
	if f.Every == 0 {
		f.Every = Every
	}
	if f.Beat == 0 {
		f.Beat = Beat
	}
	return f
}

// drain sends all that is new.
func (s *Stream) drain(ctx context.Context, f Feed) error {
	for ctx.Err() == nil {
		b, err := f.Cursor.Read(Most)
		if err != nil {
			return err
		}
		if len(b.Lines) == 0 && !b.Rewound {
			return nil
		}
		if err := f.Lines(s, b); err != nil {
			return err
		}
		if err := s.Flush(); err != nil {
			return err
		}
	}
	return ctx.Err()
}

func eachLine(s *Stream, b Batch) error {
	if b.Rewound {
		s.Event("rewind", b.From.String(), nil)
	}
	for place, line := range b.Each() {
		s.Event("line", place.String(), line)
	}
	return nil
}
