package record

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/descent-go/descent/internal/rng"
	"github.com/descent-go/descent/train"
)

// However often a log is cut back and goes on, the columns are those of all that it
// has, and a reader that may rejoin has all rows up to its place.
func TestColumnsGoBack(t *testing.T) {
	dir := t.TempDir()
	rapid.Check(t, func(rt *rapid.T) {
		path := filepath.Join(dir, EventsFile)
		c := &Columns{path: path, every: int64(rapid.IntRange(1, 3000).Draw(rt, "every"))}
		text := AppendEvent(nil, 0, &train.Started{PerEpoch: 5, Steps: 50})
		at := 0.0
		for range rapid.IntRange(1, 6).Draw(rt, "times") {
			place, rows := "", 0
			if c.size > 0 {
				place, rows = c.Place(), c.Steps().Len()
				lines := bytes.SplitAfter(text, []byte("\n"))
				text = bytes.Join(lines[:rapid.IntRange(0, len(lines)-1).Draw(rt, "kept")], nil)
			}
			old := c.Steps()
			losses := append([]float64(nil), columnOr(c, "loss")...)
			marks := len(c.Marks)
			for i := range rapid.IntRange(0, 12).Draw(rt, "events") {
				at++
				text = AppendEvent(text, at, anyEvent(rt, int64(i)))
			}
			if err := os.WriteFile(path, text, 0o644); err != nil {
				rt.Fatal(err)
			}
			if _, _, err := c.Refresh(t.Context()); err != nil {
				rt.Fatal(err)
			}
			if diff := sameColumns(c, plain(rt, text)); diff != "" {
				rt.Fatal(diff)
			}
			if size, void, ok := c.Rejoin(place); ok {
				n := c.Steps().before(size)
				now := columnOr(c, "loss")
				if n != rows && old.Len() > 0 {
					rt.Fatalf("a reader of %d rows rejoins behind %d", rows, n)
				}
				for i, v := range losses {
					if !sameBits(v, now[i]) {
						rt.Fatalf("loss %d was %v and is %v", i, v, now[i])
					}
				}
				if kept := marksBefore(c, size); kept != marks-void {
					rt.Fatalf("%d marks before %d, want %d less %d", kept, size, marks, void)
				}
			}
		}
	})
}

func columnOr(c *Columns, name string) []float64 {
	_, v, _ := c.Column(name)
	return v
}

func marksBefore(c *Columns, size int64) (n int) {
	for _, m := range c.Marks {
		if m.End <= size {
			n++
		}
	}
	return n
}

// A run that was paused goes on from its last step: who follows it misses nothing,
// but for the mark of the checkpoint that is gone, and only the end is read again.
func TestColumnsRejoin(t *testing.T) {
	r := newTestRun(t, CreateOptions{})
	l := openLog(t, r, ticking(time.Millisecond))
	l.Event(&train.Started{Steps: 1 << 20})
	steps := func(from, to int64) []byte {
		t.Helper()
		for i := from; i <= to; i++ {
			l.Event(&train.Step{Step: i, Loss: 1 / float64(i), Rate: 0.1})
		}
		state, err := l.State()
		if err != nil {
			t.Fatal(err)
		}
		return state
	}
	state := steps(1, 30_000)
	c := r.Columns()
	refresh := func() {
		t.Helper()
		if _, _, err := c.Refresh(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	refresh()
	l.Event(&train.Checkpointed{Step: 30_000, Name: "step-30000"})
	refresh()
	if len(c.stops) == 0 || len(c.Marks) != 1 {
		t.Fatalf("%d stops, %d marks", len(c.stops), len(c.Marks))
	}
	first := &c.Steps().Step[0]
	place, reading := c.Place(), c.Reading()
	if err := l.SetState(state); err != nil {
		t.Fatal(err)
	}
	l.Event(&train.Resumed{Step: 30_000, From: "step-30000"})
	refresh()
	size, marks, ok := c.Rejoin(place)
	if !ok || marks != 1 || c.Steps().before(size) != 30_000 || c.Reading() == reading {
		t.Fatalf("rejoins %v behind %d of %d bytes, %d marks gone", ok, size, c.Size(), marks)
	}
	if &c.Steps().Step[0] != first {
		t.Error("the log was read from the start")
	}
	if _, _, ok := c.Rejoin("1-00000000"); ok {
		t.Error("a place that was never read rejoins")
	}
	state = steps(30_001, 30_010)
	refresh()
	l.Event(&train.Step{Step: 30_011, Loss: 1})
	steps(30_012, 30_012)
	refresh()
	place = c.Place()
	if err := l.SetState(state); err != nil {
		t.Fatal(err)
	}
	steps(30_011, 30_011)
	refresh()
	if _, _, ok := c.Rejoin(place); ok {
		t.Error("a reader of rows that are gone rejoins")
	}
}

// A log that is cut back while it is read is not mixed with what comes after.
func TestColumnsCutWhileRead(t *testing.T) {
	path := filepath.Join(t.TempDir(), EventsFile)
	text := manySteps(90_000)
	if err := os.WriteFile(path, text, 0o644); err != nil {
		t.Fatal(err)
	}
	other := AppendEvent(nil, 0, &train.Started{PerEpoch: 100, Steps: 90_000})
	for i := 0; len(other) < len(text); i++ { // else the end would tell
		other = AppendEvent(other, float64(i), &train.Step{Step: int64(i + 1), Loss: -1.5 / float64(i+1), Rate: 1})
	}
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	c := &Columns{path: path}
	if err := c.read(t.Context(), &swapped{f: f, other: other}, int64(len(text))); !errors.Is(err, errCut) {
		t.Fatalf("%v, want that two logs are not taken for one", err)
	}
	if _, _, err := c.Refresh(t.Context()); err != nil {
		t.Fatal(err)
	}
	if diff := sameColumns(c, plain(t, text)); diff != "" {
		t.Error(diff[:min(len(diff), 200)])
	}
}

// A reader that was told nothing of the last cut does not rejoin by the one before.
func TestColumnsRejoinIsOfTheLastCut(t *testing.T) {
	c := &Columns{path: filepath.Join(t.TempDir(), EventsFile), every: 100}
	steps := manySteps(100)
	half := bytes.Clone(steps[:bytes.LastIndexByte(steps[:len(steps)/2], '\n')+1])
	marked := AppendEvent(bytes.Clone(steps), 1, &train.Checkpointed{Step: 100, Name: "step-100"})
	refresh := func(ctx context.Context, text []byte) error {
		if err := os.WriteFile(c.path, text, 0o644); err != nil {
			t.Fatal(err)
		}
		_, _, err := c.Refresh(ctx)
		return err
	}
	for _, text := range [][]byte{half, marked} {
		if err := refresh(t.Context(), text); err != nil {
			t.Fatal(err)
		}
	}
	place := c.Place()
	if err := refresh(t.Context(), steps); err != nil {
		t.Fatal(err)
	}
	if _, _, ok := c.Rejoin(place); !ok {
		t.Fatal("a reader of all rows does not rejoin")
	}
	over, cancel := context.WithCancel(t.Context())
	cancel()
	if err := refresh(over, AppendEvent(half, 1, &train.Resumed{Step: 50})); !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	if size, _, ok := c.Rejoin(place); ok {
		t.Errorf("a reader of rows that are gone rejoins behind %d of %d bytes", size, len(half))
	}
}

// Marks that are dropped while a log is read again have nothing to be compared with.
func TestColumnsCutOfManyMarks(t *testing.T) {
	c := &Columns{path: filepath.Join(t.TempDir(), EventsFile)}
	refresh := func(text []byte) {
		t.Helper()
		if err := os.WriteFile(c.path, text, 0o644); err != nil {
			t.Fatal(err)
		}
		if _, _, err := c.Refresh(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	marks := func(text []byte, from, to int) []byte {
		for i := from; i < to; i++ {
			text = AppendEvent(text, float64(i), &train.Checkpointed{Step: int64(i), Name: "x"})
		}
		return text
	}
	text := marks(nil, 0, 2*mostMarks-100)
	refresh(marks(bytes.Clone(text), 0, 1))
	place := c.Place()
	refresh(marks(text, 1, 200))
	if _, _, ok := c.Rejoin(place); ok || len(c.Marks) >= 2*mostMarks {
		t.Errorf("%d marks, and a reader rejoins: %v", len(c.Marks), ok)
	}
}

// swapped is a file that is another one from the second block on.
type swapped struct {
	f     *os.File
	other []byte
	reads int
}

func (s *swapped) ReadAt(p []byte, at int64) (int, error) {
	if s.reads++; s.reads <= 2 {
		return s.f.ReadAt(p, at)
	}
	return bytes.NewReader(s.other).ReadAt(p, at)
}

// A log that takes too much memory is thinned: no grain loses its extremes, what is
// dropped is in the means, the beginning and the end stay, and going back is as before.
func TestColumnsThin(t *testing.T) {
	dir := t.TempDir()
	for seed := range uint64(20) {
		random := rng.New(seed, "thin")
		n := 1600 + random.IntN(900)
		noise := func(i int) float64 { return float64(seed*2654435761+uint64(i)*uint64(i)*40503%65521) / 1e4 }
		text := AppendEvent(nil, 0, &train.Started{Steps: int64(n)})
		for i := range n {
			e := train.Step{Step: int64(i + 1), Loss: noise(i), Rate: 0.1, Skipped: i%97 == 5}
			if i%501 == 500 {
				e.Loss = math.NaN()
			}
			if i%7 == 0 {
				e.GradNorm = noise(i+n) + 1
			}
			text = AppendEvent(text, float64(i), &e)
			if i%50 == 49 {
				text = AppendEvent(text, float64(i), &train.Evaluation{Step: int64(i + 1), Set: "validation", Loss: noise(i)})
			}
		}
		path := filepath.Join(dir, EventsFile)
		c := &Columns{path: path, Most: 80_000, every: 4_000}
		for at := 0; at < len(text); {
			at = min(len(text), at+len(text)/10+random.IntN(len(text)/2))
			if err := os.WriteFile(path, text[:at], 0o644); err != nil {
				t.Fatal(err)
			}
			if _, _, err := c.Refresh(t.Context()); err != nil {
				t.Fatal(err)
			}
			if c.held() > c.Most {
				t.Fatalf("%d bytes held, want at most %d", c.held(), c.Most)
			}
			whole := plain(t, text[:bytes.LastIndexByte(text[:at], '\n')+1])
			if why := thinned(c, whole); why != "" {
				t.Fatal(why)
			}
		}
		cut := len(text) - random.IntN(len(text)/8)
		cut = bytes.LastIndexByte(text[:cut], '\n') + 1
		text = AppendEvent(text[:cut:cut], 1e6, &train.Resumed{Step: int64(n)})
		if err := os.WriteFile(path, text, 0o644); err != nil {
			t.Fatal(err)
		}
		if _, _, err := c.Refresh(t.Context()); err != nil {
			t.Fatal(err)
		}
		if why := thinned(c, plain(t, text)); why != "" {
			t.Fatal("after the cut: ", why)
		}
	}
}

// thinned says where columns are not those of the whole log, thinned.
func thinned(c, whole *Columns) string {
	if c.Skips != int64(len(whole.Skipped)) || c.size != whole.size || c.examples != whole.examples {
		return fmt.Sprintf("%d skipped, %d bytes, want %d and %d", c.Skips, c.size, len(whole.Skipped), whole.size)
	}
	for _, name := range whole.Names() {
		r, v, ok := c.Column(name)
		all, w, _ := whole.Column(name)
		if !ok {
			return "there is no " + name
		}
		skipped := func(c *Columns, r *Rows) map[int]bool {
			set := map[int]bool{}
			if r == c.Steps() {
				for _, i := range c.Skipped {
					set[i] = true
				}
			}
			return set
		}
		outHere, outThere := skipped(c, r), skipped(whole, all)
		mean, n := r.Means(name)
		k := 0 // row of the whole log
		sum, count := 0.0, 0
		lows, highs, gotLows, gotHighs := map[int64]float64{}, map[int64]float64{}, map[int64]float64{}, map[int64]float64{}
		extend := func(lows, highs map[int64]float64, end int64, y float64) {
			g := end / max(c.grain, 1)
			if low, ok := lows[g]; !ok || y < low {
				lows[g] = y
			}
			if high, ok := highs[g]; !ok || y > high {
				highs[g] = y
			}
		}
		for i := range v {
			for ; k < len(w) && all.End[k] <= r.End[i]; k++ {
				if y := w[k]; y-y == 0 && !outThere[k] {
					sum, count = sum+y, count+1
					extend(lows, highs, all.End[k], y)
				}
			}
			if all.End[k-1] != r.End[i] || !sameBits(w[k-1], v[i]) && w[k-1] == w[k-1] || outHere[i] != outThere[k-1] {
				return fmt.Sprintf("%s: row %d is none of the log", name, i)
			}
			if y := v[i]; y-y == 0 && !outHere[i] {
				extend(gotLows, gotHighs, r.End[i], y)
			}
			gotSum, got := 0.0, 0
			if i < len(n) {
				gotSum, got = mean[i]*float64(n[i]), int(n[i])
			} else if y := v[i]; y-y == 0 && !outHere[i] {
				gotSum, got = y, 1
			}
			if got != count || math.Abs(gotSum-sum) > 1e-9*(1+math.Abs(sum)) {
				return fmt.Sprintf("%s: row %d stands for %d numbers that add up to %v, want %d and %v", name, i, got, gotSum, count, sum)
			}
			sum, count = 0, 0
		}
		if k != len(w) {
			return fmt.Sprintf("%s: the last %d rows are missing", name, len(w)-k)
		}
		for g := range lows {
			if lows[g] != gotLows[g] || highs[g] != gotHighs[g] {
				return fmt.Sprintf("%s: grain %d goes from %v to %v, want %v to %v", name, g, gotLows[g], gotHighs[g], lows[g], highs[g])
			}
		}
	}
	return ""
}
