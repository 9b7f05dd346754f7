package record

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"reflect"
	"strings"
	"syscall"
	"testing"

	"pgregory.net/rapid"

	"github.com/descent-go/descent/train"
)

// replayed counts the events of a log.
func replayed(text string) (n int, err error) {
	err = Replay("events.jsonl", strings.NewReader(text), func(float64, train.Event) error { n++; return nil })
	return n, err
}

func TestReplay(t *testing.T) {
	const line = `{"event":"step","t":1,"step":1}` + "\n"
	for text, want := range map[string]int{
		"":                              0,
		"\x00\x00\x00":                  0,
		line:                            1,
		line + line[:20]:                1,
		line + line[:20] + "\n":         1,
		line + line[:len(line)-1]:       2,
		line + "\x00\x00":               1,
		line + `{"event":"new"}` + "\n": 1,
		`{"event":"new"}` + "\n" + line: 1,
	} {
		if n, err := replayed(text); n != want || err != nil {
			t.Errorf("%q: %d events, %v, want %d", text, n, err, want)
		}
	}
	for text, want := range map[string]string{
		line + line[:20] + "\n" + line:                     "record: events.jsonl:2: step: column 22: the line ends, want a number, want an event",
		line + "\n" + line:                                 "record: events.jsonl:2: column 2: the line ends, want '{', want an event",
		line + `{"event":"step","step":1.5}` + "\n" + line: `events.jsonl:2: step: "step": 1.5, want a whole number`,
		line + strings.Repeat("x", longest+10):             "events.jsonl:2: a line of more than 33554432 bytes",
	} {
		if n, err := replayed(text); n != 1 || err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%.60q: %d events, %v, want %q", text, n, err, want)
		}
	}
	stop := errors.New("enough")
	err := Replay("", strings.NewReader(line+line), func(float64, train.Event) error { return stop })
	if err != stop {
		t.Errorf("%v, want the error of the callback", err)
	}
	if err := Replay("", io.MultiReader(strings.NewReader(line), &failing{}), func(float64, train.Event) error { return nil }); !errors.Is(err, syscall.EIO) {
		t.Errorf("%v, want that of the reader", err)
	}
	if err := (&Run{Dir: t.TempDir(), fsys: newTestRun(t, CreateOptions{}).fsys}).Events(nil); err != nil {
		t.Errorf("a run without a log: %v", err)
	}
}

type failing struct{}

func (*failing) Read([]byte) (int, error) { return 0, syscall.EIO }

// Of a log that was cut anywhere, whole lines come back and nothing else.
func TestReplayOfACutLog(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var log []byte
		var all []train.Event
		for range rapid.IntRange(0, 6).Draw(t, "events") {
			e := drawEvent(t)
			all = append(all, e)
			log = AppendEvent(log, 1, e)
		}
		cut := log[:rapid.IntRange(0, len(log)).Draw(t, "cut")]
		n := 0
		err := Replay("log", bytes.NewReader(cut), func(_ float64, e train.Event) error {
			if !sameEvent(e, all[n]) {
				return fmt.Errorf("%+v, want %+v", e, all[n])
			}
			n++
			return nil
		})
		whole := bytes.Count(cut, []byte("\n"))
		if err != nil || n < whole || n > whole+1 {
			t.Fatalf("%d events of %d whole lines, %v", n, whole, err)
		}
	})
}

// Logs, and the documents that are read beside them, are read in small memory
// whatever they hold.
func FuzzReplay(f *testing.F) {
	var log []byte
	for _, e := range known {
		v := reflect.New(reflect.TypeOf(e).Elem())
		log = AppendEvent(log, 0.5, v.Interface().(train.Event))
	}
	f.Add(log)
	f.Add(log[:len(log)-7])
	f.Add([]byte("\n\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		n := 0
		_ = Replay("fuzz", bytes.NewReader(text), func(float64, train.Event) error { n++; return nil })
		if lines := bytes.Count(text, []byte("\n")); n > lines+1 {
			t.Errorf("%d events of %d lines", n, lines)
		}
		path := t.TempDir() + "/events.jsonl"
		if err := os.WriteFile(path, text, 0o666); err != nil {
			t.Fatal(err)
		}
		o, err := readOutcome(path)
		if err != nil {
			t.Fatal(err)
		}
		for name, v := range o.metrics {
			if v-v != 0 {
				t.Errorf("%s = %v", name, v)
			}
		}
	})
}

// What can be parsed is written the same when it is parsed again.
func FuzzParseEvent(f *testing.F) {
	for _, e := range known {
		v := reflect.New(reflect.TypeOf(e).Elem())
		f.Add(AppendEvent(nil, 0.5, v.Interface().(train.Event)))
	}
	f.Add([]byte(`{"event":"step","t":1,"loss":"NaN","x":[{}],"point":[1e3,"-Inf"]}`))
	f.Fuzz(func(t *testing.T, line []byte) {
		at, e, err := ParseEvent(line)
		if err != nil {
			if e != nil {
				t.Errorf("an event and %v", err)
			}
			return
		}
		again := AppendEvent(nil, at, e)
		at2, e2, err := ParseEvent(again)
		if err != nil {
			t.Fatalf("%s: %v", again, err)
		}
		if third := AppendEvent(nil, at2, e2); !bytes.Equal(again, third) {
			t.Errorf("%s, then %s", again, third)
		}
	})
}
