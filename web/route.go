package web

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"io"
	"net/http"
	"runtime/debug"
	"strings"
	"syscall"
	"time"
)

// patience says how long the server waits for clients, and they for it.
type patience struct {
	header time.Duration // for the header of a request
	body   time.Duration // for all of it
	idle   time.Duration // for the next request of a connection
	write  time.Duration // for a client to accept what is written at once
	work   time.Duration // a request waits for its turn
	heavy  time.Duration // a heavy one does
}

var usualPatience = patience{
	header: 5 * time.Second, body: 15 * time.Second, idle: 2 * time.Minute, write: 10 * time.Second, work: 10 * time.Second, heavy: time.Minute,
}

// A route is one thing that the page may ask for.
type route struct {
	pattern string // as http.ServeMux takes it: "POST /api/explore"; GET changes nothing
	limit   limit
	handle  func(w http.ResponseWriter, r *http.Request) error
}

// A limit bounds a request. Zero values are the defaults.
type limit struct {
	body   int64         // bytes of the body. Default 64 KiB
	time   time.Duration // of all of the work. Default 10 s; a stream has none
	work   bool          // it computes: it waits for one of a few slots
	heavy  bool          // for long, on all processors: it waits longer, for one of fewer; a tab has one
	does   string        // what that is, for those who wait. Default the pattern
	stream bool          // it goes on until the client leaves: one of Options.Streams
}

// limited returns the handler of a route: the body has arrived before the route
// sees the request, and what the route returns is what the client is told.
func (s *Server) limited(r route) http.Handler {
	l := r.limit
	if l.body == 0 {
		l.body = 64 << 10
	}
	if l.time == 0 {
		l.time = 10 * time.Second
	}
	return http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		watched := &response{ResponseWriter: w, control: http.NewResponseController(w), patience: s.patience.write, stream: l.stream}
		defer func() {
			switch p := recover(); p {
			case nil:
			case http.ErrAbortHandler: // of fail
				panic(p)
			default:
				s.Note("%s %s: %v\n%s", req.Method, req.URL.Path, p, debug.Stack())
				s.fail(watched, req, errPanic)
			}
		}()
		if err := s.serve(watched, req, r, l); err != nil {
			s.fail(watched, req, err)
		}
	})
}

func (s *Server) serve(w *response, req *http.Request, r route, l limit) error {
	if err := arrive(w, req, l.body); err != nil {
		return err
	}
	if l.stream {
		if s.slots.open.Add(1) > s.slots.streams {
			s.slots.open.Add(-1)
			w.Header().Set("Retry-After", "10")
			return refuse(http.StatusServiceUnavailable, "", "%d event streams are open, and no more are allowed: close some tabs", s.slots.streams)
		}
		defer s.slots.open.Add(-1)
		return r.handle(w, req)
	}
	work := req.Context()
	if l.work || l.heavy {
		q, patience, whose := s.slots.work, s.patience.work, ""
		if l.heavy {
			q, patience, whose = s.slots.heavy, s.patience.heavy, s.tabOf(req)
		}
		var leave func()
		var err error
		if work, leave, err = q.take(work, whose, cmp.Or(l.does, r.pattern), patience); err != nil {
			if errors.As(err, new(*refusal)) {
				w.Header().Set("Retry-After", "5")
			}
			return newer(err)
		}
		defer leave()
	}
	ctx, cancel := context.WithTimeout(work, l.time)
	defer cancel()
	err := r.handle(w, req.WithContext(ctx))
	if err != nil && errors.Is(context.Cause(ctx), errNewer) {
		return newer(errNewer)
	}
	if err != nil && errors.Is(err, context.DeadlineExceeded) && req.Context().Err() == nil {
		return refuse(http.StatusServiceUnavailable, "", "it took longer than %v, the most that a request may: ask for less", l.time)
	}
	return err
}

// newer tells a tab that it wanted something else since.
func newer(err error) error {
	if errors.Is(err, errNewer) {
		return refuse(http.StatusConflict, "", "%v", errNewer)
	}
	return err
}

// arrive reads the body of a request, of at most n bytes, and frees the
// connection from the deadlines until there is something to write.
func arrive(w *response, req *http.Request, n int64) error {
	body, err := io.ReadAll(http.MaxBytesReader(w, req.Body, n))
	var long *http.MaxBytesError
	switch {
	case errors.As(err, &long):
		return refuse(http.StatusRequestEntityTooLarge, "", "the request is longer than %d bytes, the most that is taken here", n)
	case err != nil:
		return refuse(http.StatusBadRequest, "", "the request did not arrive")
	}
	req.Body = io.NopCloser(bytes.NewReader(body))
	_ = w.control.SetReadDeadline(time.Time{}) // a connection without deadlines is one of a test
	_ = w.control.SetWriteDeadline(time.Time{})
	return nil
}

// errPanic is the error of a route that the operator has been told of.
var errPanic = errors.New("panic")

// fail tells the client what it did wrong, or the operator what the server did.
func (s *Server) fail(w *response, req *http.Request, err error) {
	if req.Context().Err() != nil {
		return // nobody waits for it
	}
	var no *refusal
	refused := errors.As(err, &no)
	if !refused && !w.lost && !errors.Is(err, errPanic) {
		s.Note("%s %s: %v", req.Method, req.URL.Path, err)
	}
	if w.begun {
		panic(http.ErrAbortHandler) // the client must not take half of an answer for all of it
	}
	switch {
	case refused:
	case errors.Is(err, syscall.ENOSPC), errors.Is(err, syscall.EDQUOT):
		no = &refusal{status: http.StatusInsufficientStorage, Text: "the disk of the folder of runs is full: make room, and try again"}
	default:
		no = &refusal{status: http.StatusInternalServerError, Text: "the server failed: see what " + s.Program + " serve wrote"}
	}
	h := w.Header()
	for name := range h {
		if strings.HasPrefix(name, "Content-") && name != "Content-Security-Policy" {
			h.Del(name)
		}
	}
	_ = reply(w, no.status, no.short()) // a client that is gone needs no answer
}

// A response is a ResponseWriter that knows whether an answer has begun, and
// that does not wait for a client that has stopped to read.
type response struct {
	http.ResponseWriter
	control  *http.ResponseController
	patience time.Duration
	stream   bool
	begun    bool
	lost     bool // the client does not take what is written
}

// Unwrap is for http.ResponseController.
func (w *response) Unwrap() http.ResponseWriter { return w.ResponseWriter }

func (w *response) WriteHeader(status int) {
	w.begun = true
	w.ResponseWriter.WriteHeader(status)
}

func (w *response) Write(p []byte) (int, error) {
	w.begun = true
	w.hurry()
	n, err := w.ResponseWriter.Write(p)
	w.lost = w.lost || err != nil
	return n, err
}

// FlushError sends what was written. Until more is, a stream has time.
func (w *response) FlushError() error {
	w.begun = true
	w.hurry()
	err := w.control.Flush()
	w.lost = w.lost || err != nil
	if w.stream && err == nil {
		_ = w.control.SetWriteDeadline(time.Time{})
	}
	return err
}

// Flush sends what was written.
func (w *response) Flush() { _ = w.FlushError() } // the next write says it too

// hurry sets the deadline of a write; a connection without deadlines is one of a
// test.
func (w *response) hurry() { _ = w.control.SetWriteDeadline(time.Now().Add(w.patience)) }
