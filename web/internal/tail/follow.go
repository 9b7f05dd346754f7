// Package tail follows files of lines that grow, such as a run's events.jsonl,
// for many who look at the same time.
//
// A [Hub] has one reader for every file that somebody looks at; it looks every
// few milliseconds whether the file has grown, and keeps the last lines. Who
// looks has a [Cursor]: a place in the file and no queue. One that is slow falls
// behind and reads from the file what the reader does not have any more; nobody
// waits for it. Lines are given out whole, in order and once each, and when the
// file was cut back before the cursor, as a run does that goes on from a
// checkpoint, the cursor says so and goes on from the last line that is still
// there, or from the beginning when it cannot tell.
package tail

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"os"
	"sync"
	"time"
)

const (
	// window is how many bytes of the end of a file its reader keeps, at most
	// twice of it for a moment.
	window = 256 << 10
	// chunk is how many bytes are read at once.
	chunk = 64 << 10
	// pause is the time between two looks at a file.
	pause = 25 * time.Millisecond
	// settled is after how long without a change the time of a file's last
	// change tells whether it has changed: clocks of file systems are coarse.
	settled = 2 * time.Second
)

var errNotFile = errors.New("want a file, not a link or a pipe")

// A Hub shares the readers of files. The zero Hub is ready.
type Hub struct {
	mu      sync.Mutex
	readers map[string]*reader
}

// Open returns a cursor at a place of the file at path. The file may be missing:
// it is waited for. A place that is none of the file's gives a cursor that says
// at once that it begins again. The cursor must be closed.
func (h *Hub) Open(path string, from Place) *Cursor {
	h.mu.Lock()
	defer h.mu.Unlock()
	r := h.readers[path]
	if r == nil {
		r = &reader{path: path, changed: make(chan struct{}), stop: make(chan struct{})}
		if h.readers == nil {
			h.readers = map[string]*reader{}
		}
		h.readers[path] = r
		go r.run()
	}
	r.users++
	r.look() // so that a place beyond what is known is none
	r.mu.Lock()
	defer r.mu.Unlock()
	return &Cursor{hub: h, reader: r, place: from, age: r.age, doubtful: from.Offset > 0}
}

// release lets go of a reader when it has no users left.
func (h *Hub) release(r *reader) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if r.users--; r.users == 0 {
		delete(h.readers, r.path)
		close(r.stop)
	}
}

// A reader follows one file.
type reader struct {
	path  string
	users int // under the hub's lock
	stop  chan struct{}

	looking sync.Mutex
	info    fs.FileInfo // of the last look; nil: look again
	buf     []byte

	mu      sync.Mutex    // what follows is written under both locks
	changed chan struct{} // closed and replaced when there is something new
	age     int           // how often the file was cut back
	end     Place         // of what was seen of the file
	begins  Place         // of what is kept
	kept    []byte        // the last lines before end; what was given out is not written again
	err     error         // of the last look
	stays   Place         // of the file of the last age, what is still there
}

func (r *reader) run() {
	t := time.NewTicker(pause)
	defer t.Stop()
	for {
		select {
		case <-r.stop:
			return
		case <-t.C:
			r.look()
		}
	}
}

// look sees what is new.
func (r *reader) look() {
	r.looking.Lock()
	defer r.looking.Unlock()
	info, err := os.Lstat(r.path)
	if err == nil && !info.Mode().IsRegular() {
		err = &fs.PathError{Op: "open", Path: r.path, Err: errNotFile} // it may lead elsewhere, or wait
	}
	switch {
	case os.IsNotExist(err):
		if r.info = nil; r.end.Offset > 0 {
			r.begin(Place{}, true)
		}
		return
	case err == nil && r.info != nil && os.SameFile(info, r.info) && info.Size() == r.info.Size() &&
		info.ModTime().Equal(r.info.ModTime()) && time.Since(info.ModTime()) > settled:
		return
	}
	first := r.info == nil
	if r.info = info; err == nil {
		err = r.read(first)
	}
	if err != nil {
		r.info = nil
		r.fail(err)
	}
}

// read reads what has come since the last look.
func (r *reader) read(first bool) error {
	f, err := os.Open(r.path)
	if err != nil {
		return err
	}
	defer f.Close()
	if first && r.end.Offset == 0 { // whoever wants what came before reads it
		to, err := end(f)
		if err == nil {
			r.begin(to, false)
		}
		return err
	}
	for {
		from := r.end
		same, err := from.holds(f)
		if err != nil {
			return err
		}
		var more []byte
		if same {
			if more, err = lines(f, from.Offset, chunk, r.buf); err != nil {
				return err
			}
			if r.buf = more; cap(more) > 4*chunk { // a long line is rare
				r.buf = nil
			}
			same, err = from.holds(f) // still: so the lines are those behind it
		}
		switch {
		case err != nil:
			return err
		case !same:
			if r.back(f) {
				continue
			}
			to, err := end(f)
			if err != nil {
				return err
			}
			r.begin(to, true)
			return nil
		case len(more) == 0:
			r.well()
			return nil
		}
		r.publish(from.afterAll(more), more)
	}
}

// publish adds lines, and wakes who waits for them.
func (r *reader) publish(to Place, more []byte) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.kept)+len(more) > 2*window {
		last := r.kept[min(len(r.kept), len(r.kept)+len(more)-window):]
		last = last[nextLine(last):]
		r.begins = r.begins.afterAll(r.kept[:len(r.kept)-len(last)])
		r.kept = append(make([]byte, 0, max(2*window, len(last)+len(more))), last...)
	}
	r.kept = append(r.kept, more...)
	r.end, r.err = to, nil
	r.wake()
}

// back goes back to the last line that the file and what is kept of it have in
// common, and reports whether there is one. A file is appended to and cut, and never
// written over: when a line is the same, so is what lies before it.
func (r *reader) back(f io.ReaderAt) bool {
	now := make([]byte, len(r.kept))
	n, err := f.ReadAt(now, r.begins.Offset)
	if err != nil && err != io.EOF {
		return false
	}
	same := 0
	for same < n && now[same] == r.kept[same] {
		same++
	}
	same = bytes.LastIndexByte(r.kept[:same], '\n') + 1
	to := r.begins.afterAll(r.kept[:same])
	if holds, err := to.holds(f); to.Offset == 0 || err != nil || !holds {
		return false
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.age++
	r.end, r.stays, r.err = to, to, nil
	r.kept = append(make([]byte, 0, 2*window), r.kept[:same]...) // what was given out stays as it is
	r.wake()
	return true
}

// begin begins at the end of what a file has; cut says that it is another one
// than before.
func (r *reader) begin(to Place, cut bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if cut {
		r.age++
		r.stays = Place{}
	}
	r.begins, r.end, r.kept, r.err = to, to, nil, nil
	r.wake()
}

func (r *reader) fail(err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.err == nil {
		r.err = err
		r.wake()
	}
}

func (r *reader) well() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.err = nil
}

func (r *reader) wake() {
	close(r.changed)
	r.changed = make(chan struct{})
}
