package web

import (
	"encoding/json"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/descent-go/descent/record"
)

// Small curves are those of the log, follow it, and leave out what cannot be read.
func TestRunSparks(t *testing.T) {
	root := t.TempDir()
	b := newRunsBench(t, root)
	losses := make([]float64, 1000)
	for i := range losses {
		losses[i] = 1000 - float64(i)
	}
	losses[500] = 1e6 // a spike
	long := makeRun(t, root, "0.1", morning, losses...)
	short := makeRun(t, root, "0.2", morning.Add(time.Minute), 3, 1)
	empty := makeRun(t, root, "0.3", morning.Add(2*time.Minute), 3)
	if err := os.WriteFile(empty.Path(record.EventsFile), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	type spark struct {
		ID string
		X  []float64
		Y  []json.Number
	}
	ask := func(ids ...string) []spark {
		t.Helper()
		var answer struct{ Sparks []spark }
		b.get("/api/runs/sparks?id="+strings.Join(ids, "&id="), &answer)
		return answer.Sparks
	}
	for _, old := range []bool{false, true} { // the second time nobody writes to it any more
		if old {
			for _, r := range []*record.Run{long, short} {
				if err := os.Chtimes(r.Path(record.EventsFile), morning.AddDate(-1, 0, 0), morning.AddDate(-1, 0, 0)); err != nil {
					t.Fatal(err)
				}
			}
		}
		for range 2 {
			got := ask(long.ID, short.ID, empty.ID, "20200101-000000-gone-aaaa")
			if len(got) != 4 || got[0].ID != long.ID || got[2].X == nil || len(got[2].X) != 0 || got[3].Y == nil || len(got[3].X) != 0 {
				t.Fatalf("%+v", got)
			}
			n := len(got[0].X)
			if n > 4*sparkWidth || n < sparkWidth || got[0].X[0] != 1 || got[0].X[n-1] != 1000 {
				t.Errorf("%d points from %v to %v", n, got[0].X[0], got[0].X[n-1])
			}
			spike := false
			for _, y := range got[0].Y {
				spike = spike || y == "1000000"
			}
			if !spike {
				t.Error("the spike is lost")
			}
			if len(got[1].Y) != 2 || got[1].Y[1] != "1" {
				t.Errorf("%+v", got[1])
			}
		}
	}
	if err := os.WriteFile(empty.Path(record.EventsFile), make([]byte, mostSpark+1), 0o644); err != nil {
		t.Fatal(err)
	}
	if got := ask(empty.ID); len(got[0].X) != 0 {
		t.Errorf("%+v of a log that is too long", got)
	}
	var no refusal
	if status := b.call("GET", "/api/runs/sparks?id="+strings.Join(manyIDs(mostRuns+1), "&id="), nil, &no); status != http.StatusBadRequest || no.Field != "id" {
		t.Errorf("%d %+v, want no more than %d", status, no, mostRuns)
	}
}
