package experiment

import (
	"context"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"pgregory.net/rapid"
)

func TestUntilDone(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		text := rapid.String().Draw(rt, "text")
		for _, in := range []io.Reader{strings.NewReader(text), iotest.OneByteReader(strings.NewReader(text)), iotest.DataErrReader(strings.NewReader(text))} {
			u := &untilDone{ctx: t.Context(), in: in}
			if got, err := io.ReadAll(u); err != nil || string(got) != text {
				rt.Fatalf("read %q, %v, want %q", got, err, text)
			}
		}
	})
	broken := errors.New("broken")
	u := &untilDone{ctx: t.Context(), in: iotest.ErrReader(broken)}
	if _, err := u.Read(make([]byte, 4)); !errors.Is(err, broken) {
		t.Errorf("error %v, want %v", err, broken)
	}
	r, w := io.Pipe()
	defer func() { _ = w.Close() }()
	ctx, cancel := context.WithCancel(t.Context())
	u = &untilDone{ctx: ctx, in: r}
	time.AfterFunc(10*time.Millisecond, cancel)
	if n, err := u.Read(make([]byte, 4)); n != 0 || !errors.Is(err, context.Canceled) || !u.ended.Load() {
		t.Errorf("an interrupted read gave %d, %v", n, err)
	}
}
