package record

import (
	"bytes"
	"fmt"
	"math"
	"math/bits"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/descent-go/descent/train"
)

// plain reads the columns of a log line by line, with the general parser alone.
func plain(t interface{ Fatal(...any) }, text []byte) *Columns {
	c := &Columns{}
	var step train.Step
	from := int64(0)
	for line := range bytes.Lines(text) {
		if line[len(line)-1] != '\n' {
			break
		}
		from += int64(len(line))
		at, e, err := parseEvent(line, &step)
		if err != nil {
			t.Fatal(err)
		}
		c.event(at, e, from)
	}
	c.size = from
	return c
}

// sameColumns says in what columns differ, "" for nothing.
func sameColumns(a, b *Columns) string {
	if !slices.Equal(a.Names(), b.Names()) {
		return fmt.Sprintf("names %v, want %v", a.Names(), b.Names())
	}
	for _, name := range a.Names() {
		ra, va, _ := a.Column(name)
		rb, vb, _ := b.Column(name)
		same := func(x, y float64) bool {
			return math.Float64bits(x) == math.Float64bits(y) || !Absent(x) && !Absent(y) && x != x && y != y
		}
		if !slices.EqualFunc(va, vb, same) {
			return fmt.Sprintf("%s = %v, want %v", name, va, vb)
		}
		if !slices.Equal(ra.Step, rb.Step) || !slices.EqualFunc(ra.Seconds, rb.Seconds, same) || !slices.Equal(ra.Examples, rb.Examples) || !slices.Equal(ra.End, rb.End) {
			return fmt.Sprintf("rows of %s = %v %v %v %v, want %v %v %v %v", name, ra.Step, ra.Seconds, ra.Examples, ra.End, rb.Step, rb.Seconds, rb.Examples, rb.End)
		}
	}
	equal := func(x, y Mark) bool {
		sameLoss := math.Float64bits(x.Loss) == math.Float64bits(y.Loss) || x.Loss != x.Loss && y.Loss != y.Loss
		x.Loss, y.Loss = 0, 0
		return sameLoss && x == y
	}
	switch {
	case !slices.EqualFunc(a.Marks, b.Marks, equal):
		return fmt.Sprintf("marks %v, want %v", a.Marks, b.Marks)
	case !slices.Equal(a.Skipped, b.Skipped) || a.Clipped != b.Clipped || a.examples != b.examples || a.size != b.size:
		return fmt.Sprintf("skipped %v clipped %d examples %d size %d, want %v %d %d %d", a.Skipped, a.Clipped, a.examples, a.size, b.Skipped, b.Clipped, b.examples, b.size)
	case a.Began != b.Began || a.Finished != b.Finished || a.PerEpoch != b.PerEpoch || a.Planned != b.Planned:
		return "what the first and last event tell differs"
	}
	return ""
}

var anyFloat = rapid.OneOf(rapid.Float64(), rapid.SampledFrom([]float64{
	0, 1, 0.1, 1e-5, 1e22, 1e23, 5e-324, math.MaxFloat64, math.NaN(), math.Inf(1), math.Inf(-1), 9007199254740993, 0.30000000000000004, 1e-300,
}), rapid.Map(rapid.Int64Range(0, 1<<54), func(v int64) float64 { return float64(v) / 1e6 }))

// anyEvent draws an event of a log.
func anyEvent(t *rapid.T, step int64) train.Event {
	f := func(name string) float64 { return anyFloat.Draw(t, name) }
	switch rapid.IntRange(0, 12).Draw(t, "kind") {
	case 0:
		return &train.EpochEnd{Epoch: 3, Step: step, Loss: f("loss")}
	case 1:
		return &train.Evaluation{Step: step, Set: rapid.SampledFrom([]string{"train", "validation", "test"}).Draw(t, "set"), Loss: f("loss"), Accuracy: 0.5, Labelled: rapid.Bool().Draw(t, "labelled")}
	case 2:
		return &train.Diagnosis{Step: step, Cosine: train.Real(f("cosine")), Alpha: train.Real(math.NaN()), Sharpness: train.Real(f("sharpness")), Params: []train.ParamNorms{{Name: "w", Grad: train.Real(f("grad"))}, {Name: "b", Ratio: train.Real(f("ratio"))}}}
	case 3:
		return &train.Checkpointed{Step: step, Name: "step-1"}
	case 4:
		return &train.Resumed{Started: train.Started{PerEpoch: 7, Steps: 70}, Step: step, From: "step-1"}
	case 5:
		return &train.Diverged{Step: step, Cause: train.CauseLoss, Loss: train.Real(f("loss"))}
	}
	e := &train.Step{
		Step: step, Epoch: int(step / 7), Loss: f("loss"), Rate: f("rate"), Examples: rapid.IntRange(0, 99).Draw(t, "examples"),
		Clipped: rapid.Bool().Draw(t, "clipped"), Skipped: rapid.Bool().Draw(t, "skipped"),
	}
	for _, v := range []*float64{&e.GradNorm, &e.UpdateNorm, &e.ParamNorm} {
		if rapid.Bool().Draw(t, "measured") {
			*v = f("norm")
		}
	}
	if rapid.IntRange(0, 9).Draw(t, "point") == 0 {
		e.Point = []float64{f("x"), f("y")}
	}
	return e
}

// Read at once or bit by bit, with torn lines between, the columns are those of
// the general parser.
func TestColumnsReadWhatWasWritten(t *testing.T) {
	dir := t.TempDir()
	rapid.Check(t, func(rt *rapid.T) {
		text := AppendEvent(nil, 0, &train.Started{PerEpoch: 5, Steps: 50})
		for i := range rapid.IntRange(0, 40).Draw(rt, "events") {
			text = AppendEvent(text, math.Abs(float64(i)*0.1), anyEvent(rt, int64(i)))
		}
		path := filepath.Join(dir, EventsFile)
		if err := os.WriteFile(path, nil, 0o644); err != nil {
			rt.Fatal(err)
		}
		c := &Columns{path: path}
		for at := 0; at < len(text); {
			n := rapid.IntRange(1, len(text)-at).Draw(rt, "bytes")
			if err := appendTo(path, text[at:at+n]); err != nil {
				rt.Fatal(err)
			}
			at += n
			if _, rewound, err := c.Refresh(t.Context()); err != nil || rewound {
				rt.Fatal(rewound, err)
			}
			if diff := sameColumns(c, plain(rt, text[:at])); diff != "" {
				rt.Fatalf("after %d bytes: %s", at, diff)
			}
			if size, ok := c.Holds(c.Place()); !ok || size != c.Size() {
				rt.Fatalf("the columns do not hold their own place %s", c.Place())
			}
		}
	})
}

func appendTo(path string, text []byte) error {
	f, err := os.OpenFile(path, os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	_, err = f.Write(text)
	if e := f.Close(); err == nil {
		err = e
	}
	return err
}

// A log that has been cut back is read anew, though it may be longer by then, and
// places in what was cut off are known no more.
func TestColumnsRewind(t *testing.T) {
	r := newTestRun(t, CreateOptions{})
	l := openLog(t, r, ticking(time.Millisecond))
	l.Event(&train.Started{Steps: 1000})
	steps := func(from, to int64, loss float64) {
		for i := from; i <= to; i++ {
			l.Event(&train.Step{Step: i, Loss: loss, Rate: 0.1})
		}
	}
	steps(1, 100, 2)
	state, err := l.State()
	if err != nil {
		t.Fatal(err)
	}
	c := r.Columns()
	refresh := func() bool {
		t.Helper()
		changed, rewound, err := c.Refresh(t.Context())
		if err != nil || !changed {
			t.Fatal(changed, err)
		}
		return rewound
	}
	if refresh() {
		t.Fatal("the first read is no rewind")
	}
	kept := c.Place()
	steps(101, 200, 2)
	if _, err := l.State(); err != nil {
		t.Fatal(err)
	}
	if refresh() || c.Steps().Len() != 200 {
		t.Fatalf("%d steps, want 200", c.Steps().Len())
	}
	lost := c.Place()
	if err := l.SetState(state); err != nil {
		t.Fatal(err)
	}
	l.Event(&train.Resumed{Step: 100, From: "x"})
	steps(101, 400, 3)
	if _, err := l.State(); err != nil {
		t.Fatal(err)
	}
	if !refresh() {
		t.Fatal("the log was cut back and has grown past the old place, want a rewind")
	}
	_, loss, _ := c.Column("loss")
	if c.Steps().Len() != 400 || loss[99] != 2 || loss[100] != 3 {
		t.Fatalf("%d steps, losses %v %v, want 400, 2 3", c.Steps().Len(), loss[99], loss[100])
	}
	if _, ok := c.Holds(kept); !ok {
		t.Error("the place of the checkpoint is gone")
	}
	if _, ok := c.Holds(lost); ok {
		t.Error("a place that was cut off is held")
	}
	for _, place := range []string{"", "x", "-1-00000000", "99999999999-00000000", "0-1"} {
		if _, ok := c.Holds(place); ok {
			t.Errorf("place %q is held", place)
		}
	}
	if err := os.Remove(r.Path(EventsFile)); err != nil {
		t.Fatal(err)
	}
	if !refresh() || c.Steps().Len() != 0 {
		t.Error("columns of a log that is gone")
	}
}

// A line that cannot be read is left out and named.
func TestColumnsProblem(t *testing.T) {
	path := filepath.Join(t.TempDir(), EventsFile)
	text := AppendEvent(nil, 0, &train.Started{})
	text = append(text, "{\"event\":\"step\",\"t\":oops}\n{\"event\":\"tomorrow\"}\n"...)
	text = AppendEvent(text, 1, &train.Step{Step: 1, Loss: 2})
	if err := os.WriteFile(path, text, 0o644); err != nil {
		t.Fatal(err)
	}
	c := &Columns{path: path}
	if _, _, err := c.Refresh(t.Context()); err != nil {
		t.Fatal(err)
	}
	if want := "events.jsonl:2: "; len(c.Problem) < len(want) || c.Problem[:len(want)] != want || c.Steps().Len() != 1 {
		t.Errorf("problem %q, %d steps, want one that begins with %s, and 1", c.Problem, c.Steps().Len(), want)
	}
}

// Blocks that are read at the same time are joined in their order.
func TestColumnsOfManyBlocks(t *testing.T) {
	path := filepath.Join(t.TempDir(), EventsFile)
	text := manySteps(120_000)
	if len(text) < 3*columnBlock {
		t.Fatalf("%d bytes, want several blocks", len(text))
	}
	if err := os.WriteFile(path, text, 0o644); err != nil {
		t.Fatal(err)
	}
	c := &Columns{path: path}
	if _, _, err := c.Refresh(t.Context()); err != nil {
		t.Fatal(err)
	}
	if diff := sameColumns(c, plain(t, text)); diff != "" {
		t.Error(diff[:min(len(diff), 200)])
	}
}

// manySteps is the log of a long run.
func manySteps(n int) []byte {
	text := AppendEvent(nil, 0, &train.Started{PerEpoch: 100, Steps: int64(n)})
	for i := range n {
		e := train.Step{Step: int64(i + 1), Epoch: i / 100, Loss: 2.3 / math.Sqrt(float64(i+1)), Rate: 0.001, Examples: 32, GradNorm: math.Sqrt(float64(i)) / 7}
		text = AppendEvent(text, math.Round(float64(i)*37)/1e6, &e)
		if i%100 == 99 {
			text = AppendEvent(text, float64(i), &train.EpochEnd{Epoch: i/100 + 1, Step: int64(i + 1), Loss: 1})
		}
	}
	return text
}

// What the quick reader takes, the general one reads to the same bits.
func FuzzQuickStep(f *testing.F) {
	for _, line := range []string{
		`{"event":"step","t":0.512,"step":12,"epoch":0,"loss":0.25,"rate":0.001}`,
		`{"event":"step","t":1e-06,"step":1,"epoch":3,"loss":"NaN","rate":1.7976931348623157e+308,"examples":5,"grad_norm":0.1,"clipped":true,"skipped":true}`,
		`{"event":"step","t":-0,"step":1,"epoch":3,"loss":00.5,"rate":.5}`,
		`{"event":"step","t":0.30000000000000004,"step":1,"epoch":3,"loss":9007199254740993,"rate":1e23}`,
		`{"event":"step","t":2.3453425345234567e-08,"step":1,"epoch":3,"loss":0.12345678901234568,"rate":1.234567890123456789e-9}`,
	} {
		f.Add([]byte(line + "\n"))
	}
	f.Fuzz(func(t *testing.T, line []byte) {
		var got, want train.Step
		at, ok := quickStep(line, &got)
		if !ok {
			return
		}
		wantAt, e, err := parseEvent(line, &want)
		if err != nil {
			t.Fatalf("quickStep takes %q, the parser says %v", line, err)
		}
		if _, isStep := e.(*train.Step); !isStep {
			t.Fatalf("quickStep takes %q, which is a %T", line, e)
		}
		bits := func(at float64, s train.Step) [6]uint64 {
			return [6]uint64{math.Float64bits(at), math.Float64bits(s.Loss), math.Float64bits(s.Rate), math.Float64bits(s.GradNorm), math.Float64bits(s.UpdateNorm), math.Float64bits(s.ParamNorm)}
		}
		if bits(at, got) != bits(wantAt, want) {
			t.Fatalf("%q: %+v, want %+v", line, got, want)
		}
		got.Loss, got.Rate, got.GradNorm, got.UpdateNorm, got.ParamNorm = want.Loss, want.Rate, want.GradNorm, want.UpdateNorm, want.ParamNorm
		if !reflect.DeepEqual(got, want) && want.Loss == want.Loss && want.Rate == want.Rate && want.GradNorm == want.GradNorm && want.UpdateNorm == want.UpdateNorm && want.ParamNorm == want.ParamNorm {
			t.Fatalf("%q: %+v, want %+v", line, got, want)
		}
	})
}

// Quotients are rounded as strconv rounds them, ties and all.
func TestOver(t *testing.T) {
	check := func(m uint64, k int) string {
		want, err := strconv.ParseFloat(fmt.Sprintf("%de-%d", m, k), 64)
		if got := over(m, k); err != nil || got != want {
			return fmt.Sprintf("%d/10^%d = %b, want %b (%v)", m, k, got, want, err)
		}
		return ""
	}
	for k := range fives {
		for _, m := range []uint64{1, 2, 3, 5, 1<<53 - 1, 1 << 53, 1<<53 + 1, 1<<53 + 2, 1<<54 + 2, 1<<54 + 6, 1<<63 - 1, 1 << 63, 1<<63 + 1<<10, 1<<63 + 1<<10 + 1, 1<<63 + 3<<10, math.MaxUint64} {
			if why := check(m, k); why != "" {
				t.Error(why)
			}
			if high, low := bits.Mul64(m, fives[k]); high == 0 { // a tie where m is one
				if why := check(low, k); why != "" {
					t.Error(why)
				}
			}
		}
	}
	rapid.Check(t, func(rt *rapid.T) {
		if why := check(rapid.Uint64Min(1).Draw(rt, "m"), rapid.IntRange(0, len(fives)-1).Draw(rt, "k")); why != "" {
			rt.Fatal(why)
		}
	})
}

func BenchmarkColumns(b *testing.B) {
	path := filepath.Join(b.TempDir(), EventsFile)
	text := manySteps(1_000_000)
	if err := os.WriteFile(path, text, 0o644); err != nil {
		b.Fatal(err)
	}
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		c := &Columns{path: path}
		if _, _, err := c.Refresh(b.Context()); err != nil {
			b.Fatal(err)
		}
		b.ReportMetric(float64(c.Bytes()), "bytes-held")
	}
}
