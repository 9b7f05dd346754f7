package cli

import (
	"bytes"
	"math"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"pgregory.net/rapid"

	"github.com/descent-go/descent/train"
)

// A screen is what a terminal shows of the few codes that the bar writes. Text
// at the last column is an error: it would fold the line.
type screen struct {
	t       testing.TB
	columns int
	rows    [][]rune
	row, at int
}

func (s *screen) Write(p []byte) (int, error) {
	text := string(p)
	for text != "" {
		if s.row == len(s.rows) {
			s.rows = append(s.rows, nil)
		}
		line := &s.rows[s.row]
		if rest, ok := strings.CutPrefix(text, "\x1b[K"); ok {
			*line, text = (*line)[:min(s.at, len(*line))], rest
			continue
		}
		if rest, ok := strings.CutPrefix(text, "\x1b[J"); ok {
			*line, text = (*line)[:min(s.at, len(*line))], rest
			s.rows = s.rows[:s.row+1]
			continue
		}
		r, n := utf8.DecodeRuneInString(text)
		text = text[n:]
		switch r {
		case '\r':
			s.at = 0
		case '\n':
			s.row, s.at = s.row+1, 0
		case '\x1b':
			s.t.Fatalf("an unknown code: %q", text)
		default:
			for len(*line) <= s.at {
				*line = append(*line, ' ')
			}
			(*line)[s.at] = r
			s.at++
		}
	}
	return len(p), nil
}

func (s *screen) lines() (lines []string) {
	for _, r := range s.rows {
		lines = append(lines, strings.TrimRight(string(r), " "))
	}
	return lines
}

// newTestBar returns a bar on a screen, or without one, with a clock to turn.
func newTestBar(t testing.TB, terminal bool) (b *bar, s *screen, out *bytes.Buffer, now *time.Time) {
	s, out = &screen{t: t, columns: 100}, &bytes.Buffer{}
	start := time.Unix(1000, 0)
	now = &start
	b = &bar{a: &app{program: "descent", diag: out}, name: "adam", out: out, terminal: terminal, columns: func() int { return s.columns }, clock: func() time.Time { return *now }}
	if terminal {
		b.out = s
	}
	return b, s, out, now
}

func TestBarOnATerminal(t *testing.T) {
	b, s, _, now := newTestBar(t, true)
	b.Event(&train.Started{Steps: 1000, PerEpoch: 100, Epochs: 10})
	for i := range int64(500) {
		*now = now.Add(10 * time.Millisecond)
		e := &train.Step{Step: i + 1, Epoch: int(i / 100), Loss: 0.5, Rate: 0.01, Examples: 32}
		if i%10 == 0 {
			e.GradNorm = 1.25
		}
		b.Event(e)
		if i == 20 && len(s.rows) > 0 {
			t.Fatalf("a bar after %v: %q", 10*time.Millisecond*20, s.lines())
		}
		switch i {
		case 200:
			b.say("a remark")
		case 300:
			s.columns = 60
		case 465:
			b.Event(&train.Checkpointed{Step: 465})
		case 470:
			s.columns = 130
		}
		if n := len(s.rows); n > 2 {
			t.Fatalf("%d rows at step %d: %q", n, i, s.lines())
		}
	}
	lines := s.lines()
	for _, want := range []string{"adam", "epoch 5/10", "[=", "5.", "s left", "loss 0.5", "rate 0.01", "|g| 1.25", "3,200 ex/s", "saved at 465"} {
		if len(lines) != 2 || lines[0] != "a remark" || !strings.Contains(lines[1], want) {
			t.Errorf("the screen has no %q: %q", want, lines)
		}
	}
	if s.at != 0 {
		t.Errorf("the cursor is at column %d", s.at)
	}
	b.Event(&train.Checkpointed{Step: 500, Error: "disk full"})
	b.close()
	want := "a remark\ndescent: no checkpoint at step 500: disk full"
	if got := strings.TrimSpace(strings.Join(s.lines(), "\n")); got != want {
		t.Errorf("what remains is %q, want %q", got, want)
	}
}

func TestBarGoesOnFromACheckpoint(t *testing.T) {
	b, s, _, now := newTestBar(t, true)
	b.Event(&train.Resumed{Started: train.Started{Steps: 1000}, Step: 900})
	for i := range int64(50) {
		*now = now.Add(20 * time.Millisecond)
		b.Event(&train.Step{Step: 901 + i, Loss: 0.5, Examples: 1})
	}
	// 50 steps a second, 50 to go: not the time that a thousand take.
	if line := strings.Join(s.lines(), "\n"); !strings.Contains(line, "1.") || !strings.Contains(line, "s left") || !strings.Contains(line, "===>") {
		t.Errorf("%q", line)
	}
	if d, ok := b.state.pace.left(50); !ok || d < 900*time.Millisecond || d > 1100*time.Millisecond {
		t.Errorf("%v left", d)
	}
}

// evaluate sends what an epoch ends with.
func evaluate(b *bar, epoch int, step int64) {
	b.Event(&train.EpochEnd{Epoch: epoch, Step: step, Loss: 0.5, Rate: 0.01})
	b.Event(&train.Evaluation{Epoch: epoch, Step: step, Set: "train", Loss: 0.25})
	b.Event(&train.Evaluation{Epoch: epoch, Step: step, Set: "validation", Loss: 0.75, Accuracy: 0.5, Labelled: true})
}

func TestBarInLines(t *testing.T) {
	for _, c := range []struct {
		name            string
		terminal, plain bool
		lines           int // of a thousand epochs in ten seconds
	}{{"plain", true, true, 1000}, {"no terminal", false, false, lineFirst + 5}, {"both", false, true, 1000}} {
		b, s, out, now := newTestBar(t, c.terminal)
		b.plain = c.plain
		b.Event(&train.Started{Steps: 2000, PerEpoch: 2, Epochs: 1000})
		for i := range int64(1000) {
			b.Event(&train.Step{Step: 2*i + 1, Epoch: int(i), Loss: 1, Rate: 0.01, Examples: 32})
			b.Event(&train.Step{Step: 2*i + 2, Epoch: int(i), Loss: 1, Rate: 0.01, Examples: 32})
			evaluate(b, int(i)+1, 2*i+2)
			*now = now.Add(10 * time.Millisecond)
		}
		b.Event(&train.Evaluation{Step: 2000, Set: "test", Loss: 9})
		b.Event(&train.Finished{})
		b.close()
		lines := strings.Split(strings.TrimSuffix(out.String(), "\n"), "\n")
		if c.terminal {
			lines = s.lines()
		}
		if n := len(lines); n != c.lines {
			t.Errorf("%s: %d lines, want %d", c.name, n, c.lines)
		}
		if want := "   0.0s  step 2/2000  epoch 1/1000  loss 0.5  train 0.25  validation 0.75 50.00 %  rate 0.01"; lines[0] != want {
			t.Errorf("%s: %q, want %q", c.name, lines[0], want)
		}
		if want := "  10.0s  step 2000/2000  epoch 1000/1000  loss 0.5  train 0.25  validation 0.75 50.00 %  rate 0.01"; lines[len(lines)-1] != want {
			t.Errorf("%s: %q, want %q", c.name, lines[len(lines)-1], want)
		}
	}
}

// Within an epoch the loss is the average of late; a run that evaluates nothing
// says now and then where it is.
func TestBarLinesWithoutEpochs(t *testing.T) {
	b, _, out, now := newTestBar(t, false)
	b.Event(&train.Started{PerEpoch: 400})
	for i := range int64(100) {
		*now = now.Add(250 * time.Millisecond)
		b.Event(&train.Step{Step: i + 1, Loss: 2, Rate: 0.1, Examples: 1})
		if i == 9 {
			b.Event(&train.Evaluation{Step: 10, Set: "validation", Loss: 1})
		}
	}
	b.Event(&train.Finished{})
	want := "   2.5s  step 10  epoch 0.03  loss 2  validation 1  rate 0.1\n" +
		"    13s  step 51  epoch 0.13  loss 2  rate 0.1\n" +
		"    23s  step 91  epoch 0.23  loss 2  rate 0.1\n"
	if out.String() != want {
		t.Errorf("%s\nwant\n%s", out, want)
	}
}

func TestQuietBar(t *testing.T) {
	b, _, out, now := newTestBar(t, false)
	b.a.quiet, b.plain = true, true
	b.Event(&train.Started{Steps: 10})
	*now = now.Add(time.Minute)
	b.Event(&train.Step{Step: 1})
	evaluate(b, 1, 1)
	b.Event(&train.Finished{})
	if out.Len() > 0 {
		t.Errorf("%q", out)
	}
	b.Event(&train.Checkpointed{Step: 1, Error: "disk full"})
	if want := "descent: no checkpoint at step 1: disk full\n"; out.String() != want {
		t.Errorf("%q, want %q", out, want)
	}
}

func TestLineFits(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		total := rapid.Int64Range(0, 1e9).Draw(t, "total")
		p := &progress{
			name: rapid.StringMatching(`[a-zäλ:=.,]{0,30}`).Draw(t, "name"), total: total,
			perEpoch: rapid.Int64Range(0, 1000).Draw(t, "per epoch"), epochs: rapid.IntRange(0, 1e6).Draw(t, "epochs"),
			norm: rapid.Float64().Draw(t, "norm"), examples: rapid.Int64Range(0, 1e15).Draw(t, "examples"),
		}
		p.step(&train.Step{Step: rapid.Int64Range(0, 2e9).Draw(t, "step"), Loss: rapid.OneOf(rapid.Float64(), rapid.Just(math.NaN()), rapid.Just(math.Inf(1))).Draw(t, "loss"), Rate: rapid.Float64().Draw(t, "rate")})
		now := time.Unix(1000, 0)
		p.pace.start(now, 0)
		p.pace.take(now.Add(time.Duration(rapid.Int64Range(0, 1e15).Draw(t, "elapsed"))), p.now.Step, p.examples)
		for columns := 1; columns < 200; columns++ {
			line := p.line(now, columns)
			if n := utf8.RuneCountInString(line); n > columns {
				t.Fatalf("%q has %d columns of %d", line, n, columns)
			}
			if columns >= 5 && !strings.Contains(line, "epoch") && !strings.Contains(line, "step") {
				t.Fatalf("%d columns: %q", columns, line)
			}
		}
	})
}

func TestLineLeavesOutInOrder(t *testing.T) {
	p := &progress{name: "adam", total: 100, epochs: 10, perEpoch: 10}
	start := time.Unix(1000, 0)
	p.pace.start(start, 0)
	for i := range int64(50) {
		p.step(&train.Step{Step: i + 1, Epoch: int(i / 10), Loss: 0.25, Rate: 0.001, Examples: 100, GradNorm: 2})
		p.pace.take(start.Add(time.Duration(i+1)*time.Second), i+1, p.examples)
	}
	for _, c := range []struct {
		columns int
		want    string
	}{
		{110, "adam  epoch 5/10  [==========>---------]  50s left     loss 0.25       rate 0.001      |g| 2          100 ex/s"},
		{85, "epoch 5/10  [=====>-----]  50s left     loss 0.25       rate 0.001      |g| 2"},
		{59, "epoch 5/10  [========>-------]  50s left     loss 0.25"},
		{39, "epoch 5/10  [====>----]  loss 0.25"},
		{28, "epoch 5/10  loss 0.25"},
		{12, "epoch 5/10"},
		{5, "epoch"},
	} {
		if got := p.line(start, c.columns); got != c.want {
			t.Errorf("%d columns: %q, want %q", c.columns, got, c.want)
		}
	}
}

func TestAverageOfLosses(t *testing.T) {
	var a average
	for i := range 300 {
		a.add(float64(i%2), true)
		if i == 0 && a.value() != 0 {
			t.Errorf("after one value: %v", a.value())
		}
	}
	if math.Abs(a.value()-0.5) > 0.02 {
		t.Errorf("the mean of 0 and 1 is %v", a.value())
	}
	a.add(math.NaN(), true)
	if !math.IsNaN(a.value()) {
		t.Errorf("NaN is not shown: %v", a.value())
	}
	a.add(0.5, true)
	if math.Abs(a.value()-0.5) > 0.02 {
		t.Errorf("after NaN: %v", a.value())
	}
	if a.add(7, false); a.value() != 7 {
		t.Errorf("an exact loss: %v", a.value())
	}
}

func TestPaceIsOfLate(t *testing.T) {
	var p pace
	now := time.Unix(1000, 0)
	p.start(now, 100)
	step, learned := int64(100), int64(0)
	tick := func(n int, perTick int64) {
		for range n {
			now = now.Add(100 * time.Millisecond)
			step, learned = step+perTick, learned+32*perTick
			p.take(now, step, learned)
		}
	}
	tick(100, 1)
	if v := p.examples(); math.Abs(v-320) > 1e-6 {
		t.Errorf("%v examples a second, want 320", v)
	}
	tick(200, 10)
	if v := p.examples(); math.Abs(v-3200) > 10 {
		t.Errorf("%v examples a second 20 s later, want 3200", v)
	}
	p.take(now, step, learned) // the clock stands
	if d, ok := p.left(0); !ok || d != 0 {
		t.Errorf("%v left of nothing", d)
	}
	if _, ok := (&pace{}).left(10); ok {
		t.Error("time left is known before the first step")
	}
}

func TestClockText(t *testing.T) {
	for d, want := range map[time.Duration]string{
		0: "0.0s", 400 * time.Millisecond: "0.4s", 12 * time.Second: "12s", 59600 * time.Millisecond: "1m00s", 185 * time.Second: "3m05s",
		5*time.Hour + 12*time.Minute: "5h12m", 76 * time.Hour: "3d04h", 2880 * time.Hour: "120d", -time.Second: "0.0s",
	} {
		if got := clockText(d); got != want || len(got) > 6 {
			t.Errorf("clockText(%v) = %q, want %q", d, got, want)
		}
	}
	if got := strings.Join([]string{barText(0, 8), barText(0.5, 8), barText(1, 8), barText(7, 8)}, " "); got != "[>-----] [===>--] [======] [======]" {
		t.Errorf("bars %s", got)
	}
}
