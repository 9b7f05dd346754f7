//go:build unix

package cli

import (
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"syscall"
	"testing"

	"github.com/descent-go/descent/lab"
)

// A search for a rate that is interrupted, or killed, goes on when it is called again:
// what was trained is not trained again, and the answer is that of a search that
// was left in peace.
func TestFindLRGoesOn(t *testing.T) {
	heedInterrupts(t)
	args := []string{"find-lr", "--data", "spirals:n=600", "--model", "mlp:64,64", "--steps", "1500", "--run-steps", "900", "--no-figures", "--parallel", "1", "--events", "e"}
	answer := func(dir string) map[string]any {
		t.Helper()
		text, err := os.ReadFile(filepath.Join(dir, "out", "find-lr.json"))
		if err != nil {
			t.Fatal(err)
		}
		r := parse(t, string(text))
		delete(r, "seconds")
		return r
	}
	whole := t.TempDir()
	complete(t, whole, nil, exitOK, args...)
	want := answer(whole)

	dir := t.TempDir()
	events := filepath.Join(dir, "e")
	known := 0
	for _, c := range []struct {
		signal syscall.Signal
		code   int
		after  int // so many trainings of its own
	}{{syscall.SIGINT, exitInterrupted, 5}, {syscall.SIGKILL, -int(syscall.SIGKILL), 6}, {0, exitOK, 0}} {
		kept := func() int {
			text, err := os.ReadFile(filepath.Join(dir, "out", rateJournal))
			if err != nil {
				return 0
			}
			return strings.Count(string(text), "\n")
		}
		from := kept()
		p := launch(t, dir, nil, args...)
		if c.signal != 0 {
			p.until("the trainings", func() bool { return kept() >= from+c.after })
			p.signal(c.signal)
		}
		if code := p.wait(); code != c.code {
			t.Fatalf("exit code %d, want %d\n%s", code, c.code, p.stderr.String())
		}
		before := known
		known = 0
		for _, e := range happened(t, events) {
			if _, ok := e.(*lab.SearchStarted); ok {
				known = 0
			}
			if e, ok := e.(*lab.TrialDone); ok && e.Known {
				known++
			}
		}
		if c.after != 5 && known <= before {
			t.Errorf("%d trainings are known, %d were before\n%s", known, before, p.stderr.String())
		}
		if said := p.stderr.String(); c.signal == syscall.SIGINT && !strings.Contains(said, "done; the same command goes on") {
			t.Error(said)
		}
	}
	if got := answer(dir); !reflect.DeepEqual(got, want) {
		t.Errorf("%v of %v after interruptions, want %v of %v", got["answer"], got["tried"], want["answer"], want["tried"])
	}
}
