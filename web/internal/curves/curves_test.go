package curves

import (
	"context"
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/descent-go/descent/internal/rng"
	"github.com/descent-go/descent/record"
	"github.com/descent-go/descent/train"
)

// written returns the columns of a log of events.
func written(t interface{ Fatal(...any) }, dir string, events ...train.Event) *record.Columns {
	var text []byte
	for i, e := range events {
		text = record.AppendEvent(text, float64(i)/10, e)
	}
	if err := os.WriteFile(filepath.Join(dir, record.EventsFile), text, 0o644); err != nil {
		t.Fatal(err)
	}
	run, err := record.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	c := run.Columns()
	if _, _, err := c.Refresh(context.Background()); err != nil {
		t.Fatal(err)
	}
	return c
}

var anyLoss = rapid.OneOf(rapid.Float64Range(-10, 10), rapid.SampledFrom([]float64{math.NaN(), math.Inf(1), 1e9, -1e9}))

// In every column of a picture the lowest, the highest and a gap are where they
// were; nothing is drawn that is not in the log, and nothing out of order.
func TestThinLosesNoSpike(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		n := rapid.IntRange(0, 300).Draw(rt, "points")
		x, y := make([]float64, n), make([]float64, n)
		at := 0.0
		for i := range x {
			at += float64(rapid.IntRange(0, 5).Draw(rt, "dx"))
			x[i] = at
			y[i] = anyLoss.Draw(rt, "y")
			if rapid.IntRange(0, 5).Draw(rt, "absent") == 0 {
				y[i] = record.None
			}
		}
		w := Window{Log: rapid.Bool().Draw(rt, "log")}
		width := rapid.IntRange(1, 40).Draw(rt, "width")
		l := thin(x, y, w, width)
		if len(l.X) != len(l.Y) || len(l.X) > max(2*width, 3*(width+2)+2) {
			rt.Fatalf("%d points in %d columns", len(l.X), width)
		}
		next := 0 // what is drawn is a part of the log, in order
		for i := range l.X {
			for next < n && !(x[next] == l.X[i] && math.Float64bits(y[next]) == math.Float64bits(l.Y[i])) {
				next++
			}
			if next == n {
				rt.Fatalf("point %d (%v, %v) is not in the log, or out of order", i, l.X[i], l.Y[i])
			}
			next++
		}
		if n == 0 || x[n-1] == x[0] {
			return
		}
		type extent struct {
			lo, hi float64
			gap    bool
		}
		column := w.columns(x[0], x[n-1], width)
		extents := func(xs, ys []float64) map[int]extent {
			m := map[int]extent{}
			for i, v := range ys {
				if record.Absent(v) {
					continue
				}
				k := column(xs[i])
				e, ok := m[k]
				if !ok {
					e = extent{math.Inf(1), math.Inf(-1), false}
				}
				if v-v != 0 {
					e.gap = true
				} else {
					e.lo, e.hi = min(e.lo, v), max(e.hi, v)
				}
				m[k] = e
			}
			return m
		}
		want, got := extents(x, y), extents(l.X, l.Y)
		for k, e := range want {
			if got[k] != e {
				rt.Fatalf("column %d shows %+v, want %+v", k, got[k], e)
			}
		}
	})
}

// The average is the weighted mean that its definition says.
func TestMeanIsUnbiased(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		beta := rapid.Float64Range(0, 0.999).Draw(rt, "beta")
		ys := rapid.SliceOfN(anyLoss, 1, 50).Draw(rt, "y")
		m := NewMean(beta)
		var seen []float64
		for _, y := range ys {
			got := m.Add(y)
			if y-y != 0 {
				if got-got == 0 {
					rt.Fatalf("the average at %v is %v, want a gap", y, got)
				}
				continue
			}
			seen = append(seen, y)
			sum, weight, most := 0.0, 0.0, 0.0
			for i, v := range seen {
				w := math.Pow(beta, float64(len(seen)-1-i))
				sum, weight, most = sum+w*v, weight+w, max(most, math.Abs(v))
			}
			if want := sum / weight; !(math.Abs(got-want) <= 1e-9*max(1, most)) {
				rt.Fatalf("average of %v with decay %v = %v, want %v", seen, beta, got, want)
			}
		}
	})
}

// What a follower tells bit by bit is what is drawn at once.
func TestFollowerTellsEverythingOnce(t *testing.T) {
	dir := t.TempDir()
	rapid.Check(t, func(rt *rapid.T) {
		ask := Ask{Axis: rapid.SampledFrom(Axes()).Draw(rt, "axis"), Metrics: []string{"loss", "val_loss", "nothing"}, Width: 1000, Smooth: rapid.SampledFrom([]float64{0, 0.9}).Draw(rt, "smooth")}
		text := record.AppendEvent(nil, 0, &train.Started{PerEpoch: 4})
		path := filepath.Join(dir, record.EventsFile)
		var c *record.Columns
		var f *Follower
		got := map[string]*Curve{}
		for i := range rapid.IntRange(1, 60).Draw(rt, "events") {
			step := &train.Step{Step: int64(i), Loss: anyLoss.Draw(rt, "loss"), Examples: 3, Skipped: rapid.IntRange(0, 4).Draw(rt, "skipped") == 0}
			text = record.AppendEvent(text, float64(i), step)
			if i%5 == 4 {
				text = record.AppendEvent(text, float64(i), &train.Evaluation{Step: int64(i), Set: "validation", Loss: float64(i)})
				text = record.AppendEvent(text, float64(i), &train.Checkpointed{Step: int64(i), Name: "x"})
			}
			if rapid.IntRange(0, 3).Draw(rt, "wait") > 0 && i > 0 {
				continue
			}
			if err := os.WriteFile(path, text, 0o644); err != nil {
				rt.Fatal(err)
			}
			if c == nil {
				run, err := record.Open(dir)
				if err != nil {
					rt.Fatal(err)
				}
				c = run.Columns()
			}
			if _, _, err := c.Refresh(t.Context()); err != nil {
				rt.Fatal(err)
			}
			if f == nil {
				f = Follow(c, ask, c.Size())
				for _, one := range Draw(c, ask) {
					got[one.Metric] = &one
				}
			} else if rapid.IntRange(0, 3).Draw(rt, "again") == 0 {
				f = Follow(c, ask, f.At()) // as after a restart
			}
			curves, _ := f.Next(c)
			for _, more := range curves {
				g := got[more.Metric]
				if g == nil {
					got[more.Metric] = &more
					continue
				}
				g.X, g.Y = append(g.X, more.X...), append(g.Y, more.Y...)
				g.Points += more.Points
				if more.Smooth != nil {
					g.Smooth.X, g.Smooth.Y = append(g.Smooth.X, more.Smooth.X...), append(g.Smooth.Y, more.Smooth.Y...)
				}
			}
		}
		for _, want := range Draw(c, ask) {
			g := got[want.Metric]
			if g == nil || g.Points != want.Points || !sameLine(g.Line, want.Line) || (g.Smooth == nil) != (want.Smooth == nil) || want.Smooth != nil && !sameLine(*g.Smooth, *want.Smooth) {
				a, _ := json.Marshal(g)
				b, _ := json.Marshal(want)
				rt.Fatalf("told %s, want %s", a, b)
			}
		}
	})
}

func sameLine(a, b Line) bool {
	same := func(x, y float64) bool { return x == y || x != x && y != y }
	return slices.EqualFunc(a.X, b.X, same) && slices.EqualFunc(a.Y, b.Y, same)
}

func TestDraw(t *testing.T) {
	c := written(t, t.TempDir(),
		&train.Started{PerEpoch: 2},
		&train.Step{Step: 1, Loss: 4, Examples: 10, GradNorm: 1},
		&train.Step{Step: 1, Loss: math.NaN(), Examples: 10, Skipped: true},
		&train.Step{Step: 2, Loss: math.Inf(1), Examples: 10},
		&train.Step{Step: 3, Loss: 2, Examples: 10, GradNorm: 3},
		&train.Diverged{Step: 3, Loss: train.Real(math.NaN()), Cause: train.CauseLoss},
	)
	for _, test := range []struct {
		axis Axis
		x    Values
	}{
		{Step, Values{1, 2, 3}}, {Epoch, Values{0.5, 1, 1.5}}, {Examples, Values{10, 30, 40}}, {Seconds, Values{0.1, 0.3, 0.4}},
	} {
		list := Draw(c, Ask{Axis: test.axis, Metrics: []string{"loss", "grad_norm"}, Width: 100})
		if len(list) != 2 || !slices.Equal(list[0].X, test.x) || list[0].Points != 3 || len(list[1].X) != 2 {
			t.Errorf("%s: %+v, want places %v", test.axis, list, test.x)
		}
		text, err := json.Marshal(list[0])
		if err != nil {
			t.Fatal(err)
		}
		var back struct {
			Y   []*float64 `json:"y"`
			Bad []Bad      `json:"bad"`
		}
		if err := json.Unmarshal(text, &back); err != nil || len(back.Y) != 3 || back.Y[1] != nil || *back.Y[2] != 2 {
			t.Errorf("%s, %v, want [4,null,2]", text, err)
		}
		bad := list[0].Bad
		if len(bad) != 2 || !bad[0].Skipped || bad[0].Step != 1 || bad[1].Skipped || bad[1].Step != 2 || !math.IsInf(float64(bad[1].Value), 1) {
			t.Errorf("marked %+v, want the step that was skipped and the one that is +Inf", bad)
		}
		marks := Marks(c, test.axis)
		if len(marks) != 1 || marks[0].Kind != "diverged" || marks[0].Step != 4 || marks[0].Loss == nil {
			t.Errorf("marks %+v", marks)
		}
	}
	list := Draw(c, Ask{Axis: Step, Metrics: []string{"loss"}, Width: 100, Window: Window{From: 2.5, To: 3}})
	if !slices.Equal(list[0].X, Values{2, 3}) {
		t.Errorf("window has %v, want the point before it too", list[0].X)
	}
}

// A band lies at the points of runs that have them in common, on the lines between
// those that do not, and above all for what diverged.
func TestGroup(t *testing.T) {
	steps := func(n int, loss func(i int) float64, end ...train.Event) *record.Columns {
		events := []train.Event{&train.Started{}}
		for i := 1; i <= n; i++ {
			events = append(events, &train.Step{Step: int64(i), Loss: loss(i)})
		}
		return written(t, t.TempDir(), append(events, end...)...)
	}
	runs := []*record.Columns{
		steps(4, func(i int) float64 { return float64(i) }),
		steps(4, func(i int) float64 { return float64(2 * i) }),
		steps(2, func(int) float64 { return 100 }, &train.Diverged{Step: 2, Loss: train.Real(math.NaN())}),
	}
	ask := Ask{Axis: Step, Metrics: []string{"loss", "none"}, Width: 100}
	bands := Group(runs, ask)
	if len(bands) != 1 {
		t.Fatalf("%d bands, want 1", len(bands))
	}
	b := bands[0]
	if !slices.Equal(b.X, Values{1, 2, 3, 4}) || !slices.Equal(b.Low, Values{1, 2, 3, 4}) || !slices.Equal(b.Mid, Values{2, 4, 6, 8}) ||
		b.High[1] != 100 || !math.IsInf(b.High[3], 1) || b.Runs != 3 || b.Edges != "lowest to highest" {
		t.Errorf("band %+v", b)
	}
	if b := Group(runs[:2], Ask{Axis: Step, Metrics: []string{"loss"}, Width: 1})[0]; len(b.X) != 2 || b.X[1] != 4 {
		t.Errorf("a narrow band %+v, want two places", b)
	}
	ts := track{x: []float64{0, 10}, y: []float64{0, 5}}
	if got := ts.sample([]float64{-1, 0, 2, 10, 11}); !record.Absent(got[0]) || got[1] != 0 || got[2] != 1 || got[3] != 5 || !record.Absent(got[4]) {
		t.Errorf("sample %v, want none, 0, 1, 5, none", got)
	}
	five := Group(append(slices.Clone(runs[:2]), runs[0], runs[1], runs[0]), ask)[0]
	if five.Edges != "lower to upper quartile" || five.Low[0] != 1 || five.High[0] != 2 {
		t.Errorf("quartiles %+v", five)
	}
}

// A log that is thinned looks as one that is not: the same number of points, the
// same extremes in the columns of a picture but for those at their edges, averages
// and bands that are close.
func TestThinnedLogLooksTheSame(t *testing.T) {
	dir := t.TempDir()
	const n = 40_000
	random := rng.New(1, "thinned")
	events := []train.Event{&train.Started{Steps: n}}
	for i := 1; i <= n; i++ {
		e := &train.Step{Step: int64(i), Loss: 5/math.Sqrt(float64(i)) + 0.1*random.Normal(), Rate: 0.1, Skipped: i%1000 == 7}
		switch i {
		case 17_003:
			e.Loss = 99
		case 17_004:
			e.Loss = -99
		case 23_456:
			e.Loss = math.NaN()
		}
		events = append(events, e)
	}
	whole := written(t, dir, events...)
	run, err := record.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	c := run.Columns()
	c.Most = whole.Bytes() * 3 / 4
	if _, _, err := c.Refresh(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := c.Steps().Len(); got > whole.Steps().Len()*3/4 {
		t.Fatalf("%d rows of %d", got, whole.Steps().Len())
	}
	ask := Ask{Axis: Step, Metrics: []string{"loss"}, Width: 60, Smooth: 0.99}
	got, want := Draw(c, ask)[0], Draw(whole, ask)[0]
	if got.Points != want.Points || slices.Max(finite(got.Y)) != 99 || slices.Min(finite(got.Y)) != -99 {
		t.Errorf("%d points from %v to %v, want %d from -99 to 99", got.Points, slices.Min(finite(got.Y)), slices.Max(finite(got.Y)), want.Points)
	}
	if k := slices.IndexFunc(got.Bad, func(b Bad) bool { return !b.Skipped }); k < 0 || got.Bad[k].Step != 23_456 {
		t.Errorf("the step without a loss is not marked: %+v", got.Bad)
	}
	for i, x := range want.Smooth.X {
		if x < 1000 || x > 15_000 && x < 19_000 || math.IsNaN(want.Smooth.Y[i]) {
			continue
		}
		k, _ := slices.BinarySearch(got.Smooth.X, x)
		if k = min(k, len(got.Smooth.X)-1); math.Abs(got.Smooth.Y[k]-want.Smooth.Y[i]) > 0.06 {
			t.Errorf("the average at %v is %v, want about %v", x, got.Smooth.Y[k], want.Smooth.Y[i])
		}
	}
	ask.Smooth = 0
	a, b := Group([]*record.Columns{c}, ask)[0], Group([]*record.Columns{whole}, ask)[0]
	for i := range b.X {
		if a.X[i] != b.X[i] || math.Abs(a.Mid[i]-b.Mid[i]) > 0.03*(1+math.Abs(b.Mid[i])) {
			t.Errorf("the band at %v is at %v, want about %v", b.X[i], a.Mid[i], b.Mid[i])
		}
	}
	f := Follow(c, Ask{Axis: Step, Metrics: []string{"loss"}, Width: 60, Smooth: 0.99}, c.Size())
	if p := f.done["loss"]; p.rows != c.Steps().Len() || math.Abs(p.mean.sum-want.Smooth.Y[len(want.Smooth.Y)-1]) > 1e-6 {
		t.Errorf("a follower begins at row %d with %v, want %v", p.rows, p.mean.sum, want.Smooth.Y[len(want.Smooth.Y)-1])
	}
}

func finite(all Values) (some []float64) {
	for _, v := range all {
		if v-v == 0 {
			some = append(some, v)
		}
	}
	return some
}

func BenchmarkDraw(b *testing.B) {
	dir := b.TempDir()
	var text []byte
	for i := range 1_000_000 {
		text = record.AppendEvent(text, float64(i)/1e5, &train.Step{Step: int64(i), Loss: math.Sin(float64(i)), Rate: 0.1})
	}
	if err := os.WriteFile(filepath.Join(dir, record.EventsFile), text, 0o644); err != nil {
		b.Fatal(err)
	}
	run, err := record.Open(dir)
	if err != nil {
		b.Fatal(err)
	}
	c := run.Columns()
	if _, _, err := c.Refresh(b.Context()); err != nil {
		b.Fatal(err)
	}
	for _, smooth := range []float64{0, 0.9} {
		b.Run(map[float64]string{0: "raw", 0.9: "smooth"}[smooth], func(b *testing.B) {
			for b.Loop() {
				Draw(c, Ask{Axis: Step, Metrics: []string{"loss", "rate"}, Width: 800, Smooth: smooth})
			}
		})
	}
}
