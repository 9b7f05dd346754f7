package tail

import (
	"bufio"
	"context"
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// serve serves streams of a file.
func serve(t testing.TB, feed func() Feed, path string, deadline time.Duration) (*httptest.Server, *Hub) {
	var h Hub
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		from, err := From(r)
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		f := feed()
		f.Cursor = h.Open(path, from)
		defer f.Cursor.Close()
		s, err := NewStream(w, deadline)
		if err == nil {
			_ = s.Follow(r.Context(), f) // the reader is gone
		}
	}))
	// Systems take megabytes for who does not read, and when they have got rid of a
	// third of them, more.
	server.Config.ConnContext = func(ctx context.Context, c net.Conn) context.Context {
		if err := c.(*net.TCPConn).SetWriteBuffer(64 << 10); err != nil {
			t.Error(err)
		}
		return ctx
	}
	server.Start()
	t.Cleanup(server.Close)
	return server, &h
}

// An event is a server-sent event.
type event struct{ name, id, data string }

// events calls each with the events of a stream until it returns false.
func events(t testing.TB, url, last string, each func(event) bool) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), "GET", url, nil)
	if err != nil {
		t.Fatal(err)
	}
	if last != "" {
		r.Header.Set("Last-Event-ID", last)
	}
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != 200 || resp.Header.Get("Content-Type") != "text/event-stream" {
		t.Fatalf("status %s, %s", resp.Status, resp.Header.Get("Content-Type"))
	}
	var e event
	var data []string
	for lines := bufio.NewReader(resp.Body); ; {
		line, err := lines.ReadString('\n')
		if err != nil {
			return
		}
		line = strings.TrimSuffix(line, "\n")
		if line == "" {
			e.data = strings.Join(data, "\n")
			if (e.name != "" || data != nil) && !each(e) {
				return
			}
			e, data = event{}, nil
			continue
		}
		field, value, _ := strings.Cut(line, ":")
		value = strings.TrimPrefix(value, " ")
		switch field {
		case "event":
			e.name = value
		case "id":
			e.id = value
		case "data":
			data = append(data, value)
		case "":
			if !each(event{name: ":"}) {
				return
			}
		}
	}
}

func TestStream(t *testing.T) {
	path := filepath.Join(t.TempDir(), "events.jsonl")
	write(t, path, "{\"a\":1}\n{\"a\":2}\n")
	server, h := serve(t, func() Feed { return Feed{Beat: 100 * time.Millisecond, Every: time.Millisecond} }, path, 0)
	var seen []event
	beats := 0
	events(t, server.URL, "", func(e event) bool {
		if e.name == ":" {
			beats++
			return beats < 3
		}
		switch seen = append(seen, e); len(seen) {
		case 2:
			write(t, path, "{\"a\":3}\n")
		case 3:
			cut(t, path, 8)
			write(t, path, "b\rc\n")
		}
		return true
	})
	first := Place{}.after([]byte("{\"a\":1}\n"))
	second := first.after([]byte("{\"a\":2}\n"))
	want := []event{
		{"line", first.String(), `{"a":1}`}, {"line", second.String(), `{"a":2}`},
		{"line", second.after([]byte("{\"a\":3}\n")).String(), `{"a":3}`},
		{"rewind", "0", ""}, {"line", first.String(), `{"a":1}`}, {"line", first.after([]byte("b\rc\n")).String(), "b\nc"},
	}
	if len(seen) != len(want) {
		t.Fatalf("events %v, want %v", seen, want)
	}
	for i := range want {
		if seen[i] != want[i] {
			t.Errorf("event %d is %q, want %q", i, seen[i], want[i])
		}
	}
	events(t, server.URL, first.String(), func(e event) bool {
		if e != want[5] {
			t.Errorf("after %v: %q, want %q", first, e, want[5])
		}
		return false
	})
	events(t, server.URL+"?from="+second.String(), "", func(e event) bool {
		if e != want[3] {
			t.Errorf("after %v: %q, want %q", second, e, want[3])
		}
		return false
	})
	if resp, err := http.Get(server.URL + "?from=8"); err != nil || resp.StatusCode != http.StatusBadRequest {
		t.Errorf("a place that was never given out: %v, %v", resp, err)
	}
	server.Close() // waits for the handlers
	if h.mu.Lock(); len(h.readers) != 0 {
		t.Errorf("%d readers are left", len(h.readers))
	}
	h.mu.Unlock()
}

// A stream tells the last lines before it ends, and then what became of it.
func TestStreamEnds(t *testing.T) {
	path := filepath.Join(t.TempDir(), "events.jsonl")
	changed := make(chan struct{})
	var ended atomic.Bool
	server, _ := serve(t, func() Feed {
		return Feed{
			Changed: func() <-chan struct{} { return changed },
			Ended:   ended.Load,
			State: func(s *Stream) error {
				s.Event("job", "", []byte(map[bool]string{false: "running", true: "done"}[ended.Load()]))
				return nil
			},
		}
	}, path, 0)
	var seen []string
	events(t, server.URL, "", func(e event) bool {
		if seen = append(seen, e.name+" "+e.data); len(seen) == 2 { // asked for twice before the first line
			ended.Store(true)
			write(t, path, "last\n")
			close(changed)
		}
		return true
	})
	if got, want := strings.Join(seen, ", "), "job running, job running, line last, job done"; got != want {
		t.Errorf("events: %s, want %s", got, want)
	}
}

// stuck is a connection whose reader does not read.
type stuck struct {
	http.ResponseWriter
	deadline time.Time
	full     bool
}

func (s *stuck) SetWriteDeadline(t time.Time) error { s.deadline = t; return nil }
func (s *stuck) FlushError() error                  { return nil }
func (s *stuck) Write(p []byte) (int, error) {
	if !s.full {
		return len(p), nil
	}
	time.Sleep(time.Until(s.deadline))
	return 0, context.DeadlineExceeded
}

func TestStreamDropsStuck(t *testing.T) {
	_, _, c := begun(t, "one\n")
	w := &stuck{ResponseWriter: httptest.NewRecorder()}
	s, err := NewStream(w, 50*time.Millisecond)
	if err != nil {
		t.Fatal(err)
	}
	w.full = true
	began := time.Now()
	if err := s.Follow(t.Context(), Feed{Cursor: c}); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("a reader that is stuck: %v", err)
	}
	if d := time.Since(began); d < 40*time.Millisecond || d > 5*time.Second {
		t.Errorf("dropped after %v", d)
	}
}
