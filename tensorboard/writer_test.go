package tensorboard

import (
	"errors"
	"io"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/descent-go/descent/train"
)

func open(t *testing.T, dir string, o Options) *Writer {
	t.Helper()
	if o.Clock == nil {
		o.Clock = ticking(1_700_000_000)
	}
	w, err := New(dir, o)
	if err != nil {
		t.Fatal(err)
	}
	return w
}

// reread closes a writer and reads its file.
func reread(t *testing.T, w *Writer) *recording {
	t.Helper()
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return readFile(t, w.Path())
}

// Names come one after the other, whatever the clock says.
func TestNames(t *testing.T) {
	dir := t.TempDir()
	var names []string
	for _, second := range []int64{100, 100, 50, -7, 3e9, 200} {
		w := open(t, dir, Options{Host: "h", Clock: func() time.Time { return time.Unix(second, 0) }})
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		names = append(names, filepath.Base(w.Path()))
	}
	want := []string{"0000000100.h", "0000000101.h", "0000000102.h", "0000000103.h", "3000000000.h", "3000000001.h"}
	for i, name := range names {
		if name != prefix+want[i] {
			t.Errorf("file %d is %s, want %s%s", i, name, prefix, want[i])
		}
	}
	if !slices.IsSorted(names) {
		t.Errorf("%v are not in order", names)
	}
}

func TestErrors(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o666); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		dir  string
		o    Options
		want string
	}{
		{"", Options{FlushEvery: -1}, "tensorboard: Options.FlushEvery = -1ns, want [0, +Inf)"},
		{"", Options{Every: -2}, "tensorboard: Options.Every = -2, want [0, +Inf)"},
		{"", Options{Host: "../x"}, `tensorboard: Options.Host = "../x"`},
		{"", Options{Settings: map[string]any{"sizes": []int{1}}}, `tensorboard: setting "sizes" is of type []int, want a string, a boolean or a number`},
		{"", Options{Settings: map[string]any{"none": nil}}, `setting "none" is of type <nil>`},
		{file, Options{}, "tensorboard: mkdir " + file},
	} {
		dir := c.dir
		if dir == "" {
			dir = t.TempDir()
		}
		if _, err := New(dir, c.o); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%+v: %v, want %q", c.o, err, c.want)
		}
	}
	for _, c := range []struct {
		s    Setting
		want string
	}{
		{Setting{Name: "lr"}, `tensorboard: setting "lr" has no values`},
		{Setting{Name: "lr", Values: []any{1, "two"}}, `setting "lr" has the values [1 two], want one type`},
		{Setting{Name: "lr", Values: []any{struct{}{}}}, `setting "lr" is of type struct {}`},
	} {
		err := Describe(t.TempDir(), Experiment{Settings: []Setting{c.s}}, Options{})
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%+v: %v, want %q", c.s, err, c.want)
		}
	}
	if err := Watch[float32](&Writer{}, nil, 0); err == nil || !strings.Contains(err.Error(), "every = 0 steps, want (0, +Inf)") {
		t.Errorf("Watch: %v", err)
	}
	if err := Describe(file, Experiment{}, Options{}); err == nil || !strings.Contains(err.Error(), file) {
		t.Errorf("Describe in a file: %v", err)
	}
}

// A disk takes so many bytes and then fails.
type disk struct {
	room   int
	closed error
}

var errFull = errors.New("no space left on device")

func (d *disk) Write(b []byte) (int, error) {
	n := min(d.room, len(b))
	d.room -= n
	if n < len(b) {
		return n, errFull
	}
	return n, nil
}

func (d *disk) Close() error { return d.closed }

// An error ends the writing, never the training, and is told at the end.
func TestFailure(t *testing.T) {
	for _, c := range []struct {
		file io.WriteCloser
		want error
	}{
		{&disk{room: 10}, errFull},
		{&disk{room: 500}, errFull},
		{&disk{room: 1 << 20, closed: errFull}, errFull},
		{&disk{room: 1 << 20}, nil},
	} {
		w := newWriter(c.file, Options{Clock: ticking(0), FlushEvery: time.Second, Every: 1}, time.Unix(0, 0))
		play(parameters(), 0, 12, w)
		for range 2 { // closing again says the same
			if err := w.Close(); !errors.Is(err, c.want) {
				t.Errorf("%+v: %v, want %v", c.file, err, c.want)
			}
		}
	}
	w := open(t, t.TempDir(), Options{})
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	w.Scalar("late", 1, 1)
	if err := w.Close(); err == nil || !strings.Contains(err.Error(), "an event after Close") {
		t.Errorf("after Close: %v", err)
	}
}

// What a reader sees while the run goes on.
func TestFlush(t *testing.T) {
	now := time.Unix(100, 0)
	w := open(t, t.TempDir(), Options{Clock: func() time.Time { return now }})
	defer w.Close()
	w.Event(&train.Started{})
	step := func(n int64) { w.Event(&train.Step{Step: n, Loss: 1, Examples: 10}) }
	seen := func(what string, want int) {
		t.Helper()
		steps, _ := readFile(t, w.Path()).series("loss/step")
		if len(steps) != want {
			t.Errorf("%s: %d steps are in the file, want %d", what, len(steps), want)
		}
	}
	step(1)
	now = now.Add(1999 * time.Millisecond)
	step(2)
	seen("before two seconds", 0)
	now = now.Add(time.Millisecond)
	step(3)
	seen("after two seconds", 3)
	now = now.Add(time.Millisecond)
	step(4)
	seen("soon after", 3)
	w.Event(&train.Evaluation{Step: 4, Set: "test"})
	seen("after an evaluation", 4)
	step(5)
	w.Event(&train.Finished{Result: &train.Result{}})
	seen("after the end", 5)
	steps, speeds := readFile(t, w.Path()).series("speed/examples_per_second")
	if !slices.Equal(steps, []int64{3, 4}) || !slices.Equal(speeds, []float64{15, 10000}) {
		t.Errorf("speeds %v at %v, want 30 examples in 2 s, then 10 in 1 ms", speeds, steps)
	}
}

func TestEvery(t *testing.T) {
	w := open(t, t.TempDir(), Options{Every: 5})
	play(parameters(), 0, 12, w)
	w.Scalar("mine/x", 3, 1e300)
	w.Text("mine/note", 4, "a *note*")
	Histogram(w, "mine/h", 5, []float32{1, 2, 2})
	r := reread(t, w)
	if steps, _ := r.series("loss/step"); !slices.Equal(steps, []int64{5, 10}) {
		t.Errorf("steps %v, want 5 and 10", steps)
	}
	if steps, _ := r.series("loss/validation"); !slices.Equal(steps, []int64{4, 8, 12}) {
		t.Errorf("evaluations at %v, want all", steps)
	}
	if _, v := r.series("mine/x"); !slices.Equal(v, []float64{math.Inf(1)}) {
		t.Errorf("1e300 is %v in float32", v)
	}
	mine := r.values[len(r.values)-2:]
	if mine[0].text != "a *note*" || mine[0].plugin != "text" || mine[0].step != 4 {
		t.Errorf("text: %+v", mine[0])
	}
	if h := mine[1]; h.plugin != "histograms" || !slices.Equal(h.shape, []uint64{30, 3}) || h.numbers[2] != 1 || h.numbers[89] != 2 {
		t.Errorf("histogram: %+v", h)
	}
}

// A run that goes on from a checkpoint says from where, and keeps its files.
func TestResume(t *testing.T) {
	dir := t.TempDir()
	first, second := open(t, dir, Options{}), open(t, dir, Options{})
	play(parameters(), 0, 9, first)
	play(parameters(), 6, 12, second)
	if r := reread(t, first); !slices.Equal(r.starts, []int64{0}) {
		t.Errorf("starts at %v, want 0", r.starts)
	}
	r := reread(t, second)
	if steps, _ := r.series("loss/step"); !slices.Equal(r.starts, []int64{7}) || steps[0] != 7 {
		t.Errorf("goes on at %v with step %d, want 7: the checkpoint has 6", r.starts, steps[0])
	}
}

// A step costs no memory, with the norms that it may have.
func TestNoAllocation(t *testing.T) {
	w := newWriter(&disk{room: math.MaxInt}, Options{Clock: ticking(0), FlushEvery: time.Second, Every: 1}, time.Unix(0, 0))
	e := &train.Step{Loss: 1, Rate: 0.1, Examples: 32, GradNorm: 1, UpdateNorm: 2, ParamNorm: 3}
	v := &train.Evaluation{Set: "validation", Loss: 1, Labelled: true}
	w.Event(e)
	w.Event(v)
	if n := testing.AllocsPerRun(1000, func() {
		e.Step++
		w.Event(e)
		w.Event(v)
	}); n != 0 {
		t.Errorf("%v allocations in a step, want none", n)
	}
}

func BenchmarkStep(b *testing.B) {
	w := newWriter(&disk{room: math.MaxInt}, Options{Clock: time.Now, FlushEvery: 2 * time.Second, Every: 1}, time.Now())
	e := &train.Step{Loss: 1, Rate: 0.1, Examples: 32, GradNorm: 1}
	b.ReportAllocs()
	for b.Loop() {
		e.Step++
		w.Event(e)
	}
}
