package cli

import (
	"bytes"
	"context"
	"os"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/descent-go/descent/lab"
)

// happened reads what a command logged.
func happened(t *testing.T, path string) []lab.Event {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var all []lab.Event
	if err := lab.ReadEvents(bytes.NewReader(text), func(_ float64, e lab.Event) error {
		all = append(all, e)
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	return all
}

// The commands of the lab log what happens: from a beginning to an end, and when they
// are called again, once more behind it.
func TestEvents(t *testing.T) {
	folder(t)
	for _, c := range []struct {
		begin lab.Event
		args  []string
	}{
		{&lab.ComparisonStarted{}, compareArgs("--problem", "rosenbrock", "--optimizer", "sgd,adam", "--no-figures")},
		{&lab.TuningStarted{}, smallTune("--function", "rosenbrock", "--steps", "40", "--no-figures")},
		{&lab.SearchStarted{}, []string{"find-lr", "--function", "rosenbrock", "--steps", "40", "--no-figures"}},
	} {
		path := c.args[0] + ".jsonl"
		args := append(c.args, "--events", path)
		want := object(t, "", append(c.args, "--out", "silent")...)
		if got := object(t, "", args...); got["summary"] != want["summary"] || !reflect.DeepEqual(got["answer"], want["answer"]) {
			t.Errorf("%s: the log changes the result: %v, %v", path, got, want)
		}
		first := happened(t, path)
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		succeed(t, "", args...)
		all := happened(t, path)
		if after, err := os.ReadFile(path); err != nil || !bytes.HasPrefix(after, text) {
			t.Errorf("%s: what was there has changed (%v)", path, err)
		}
		for i, run := range [][]lab.Event{first, all[len(first):]} {
			if reflect.TypeOf(run[0]) != reflect.TypeOf(c.begin) {
				t.Errorf("%s begins with %T", path, run[0])
			}
			if end, ok := run[len(run)-1].(*lab.Finished); !ok || end.Summary == "" {
				t.Errorf("%s ends with %+v", path, run[len(run)-1])
			}
			trials := 0
			for _, e := range run {
				if e, ok := e.(*lab.TrialDone); ok {
					trials++
					if e.Known != (i > 0) {
						t.Fatalf("%s: known %v when called for the %d. time", path, e.Known, i+1)
					}
				}
			}
			if trials < 10 {
				t.Errorf("%s: %d trials", path, trials)
			}
		}
	}
}

func TestEventsEnd(t *testing.T) {
	folder(t)
	ctx, cancel := context.WithTimeout(context.Background(), 100*time.Millisecond)
	defer cancel()
	var out, diag bytes.Buffer
	args := []string{"tune", "--function", "rosenbrock", "--steps", "1000000", "--no-figures", "--events", "e"}
	if code := execute(ctx, args, strings.NewReader(""), &out, &diag); code != exitInterrupted {
		t.Fatalf("code %d, %s", code, diag.String())
	}
	all := happened(t, "e")
	if _, ok := all[len(all)-1].(*lab.Interrupted); !ok {
		t.Errorf("an interrupted log ends with %+v", all[len(all)-1])
	}
	o := command(t, "", compareArgs("--problem", "saddle", "--optimizer", "sgd:lr=1e9", "--schedule", "cosin", "--events", "f")...)
	if all := happened(t, "f"); o.code != exitUsage || len(all) < 2 || !strings.Contains(all[len(all)-1].(*lab.Failed).Error, "cosin") {
		t.Errorf("code %d, %+v", o.code, all)
	}
	o = command(t, "", compareArgs("--problem", "saddle", "--optimizer", "sgd:lr=1e9,momentum:lr=1e9", "--no-figures", "--events", "d")...)
	if all := happened(t, "d"); o.code != exitDiverged || !strings.Contains(all[len(all)-1].(*lab.Finished).Summary, "Nothing to compare") {
		t.Errorf("code %d, %+v", o.code, all[len(all)-1])
	}
	for _, path := range []string{"none/e", "out"} {
		if o := command(t, "", compareArgs("--problem", "beale", "--events", path)...); o.code != exitFailure || !strings.Contains(o.stderr, "--events "+path+": ") {
			t.Errorf("code %d, %s", o.code, o.stderr)
		}
	}
}
