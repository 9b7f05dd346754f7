package experiment

import (
	"context"
	"io"
	"sync/atomic"
)

// An untilDone is a reader that stops waiting when its context ends.
type untilDone struct {
	ctx   context.Context
	in    io.Reader
	ended atomic.Bool // by the context

	asked, answered chan chunk
	rest            []byte
}

// A chunk is what one read brought.
type chunk struct {
	b   []byte
	err error
}

// Read reads from in, or returns the context's error. The read that was waiting
// then goes on in the background and its bytes are lost.
func (u *untilDone) Read(p []byte) (int, error) {
	if len(u.rest) > 0 {
		n := copy(p, u.rest)
		u.rest = u.rest[n:]
		return n, nil
	}
	if u.answered == nil {
		u.asked, u.answered = make(chan chunk, 1), make(chan chunk, 1)
		go u.work()
	}
	if u.ctx.Err() == nil {
		u.asked <- chunk{b: make([]byte, max(len(p), 4096))}
		select {
		case c := <-u.answered:
			n := copy(p, c.b)
			u.rest = c.b[n:]
			if len(u.rest) > 0 {
				return n, nil
			}
			return n, c.err
		case <-u.ctx.Done():
		}
	}
	u.ended.Store(true)
	return 0, u.ctx.Err()
}

func (u *untilDone) work() {
	for {
		select {
		case c := <-u.asked:
			n, err := u.in.Read(c.b)
			u.answered <- chunk{c.b[:n], err}
		case <-u.ctx.Done():
			return
		}
	}
}
