package web

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/descent-go/descent/experiment"
	"github.com/descent-go/descent/schedule"
)

// specs are schedules of every kind and of every way to combine them.
var specs = []string{
	"constant", "hold:factor=0.5,steps=30+cosine", "step:every=100,gamma=0.5", "multistep:at=20/50/90,gamma=0.3", "exponential:gamma=0.99",
	"linear:start=0.2,end=1", "polynomial:power=2", "cosine:min=0.01,periodic", "sgdr:t0=50,t_mult=2", "onecycle:anneal=linear,three_phase",
	"onecycle_momentum", "cyclic:mode=exp_range,gamma=0.999", "cyclic_momentum", "inverse_sqrt:warmup=100", "wsd:warmup=50,shape=cosine",
	"warmup:steps=50+cosine", "hold:factor=0.5,steps=10+warmup+0.5*step:gamma=5e-1", "0.5*(hold:factor=1,steps=50+cosine:total=50)",
	"(warmup+cosine)*exponential:gamma=0.999", "cosine*exponential:gamma=0.999*constant:factor=1e+0", "linear:total=20+hold:steps=5,factor=2+warmup+onecycle",
}

func draw(t *testing.T, asked SchedulesAsked) *SchedulesDrawn {
	t.Helper()
	d, err := (&Server{Options: Options{Program: "descent"}}).drawSchedules(context.Background(), asked)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// askAll asks for every one of specs.
func askAll(t *testing.T, total int64, lr float64) []ScheduleDrawn {
	t.Helper()
	var all []ScheduleDrawn
	for some := range slices.Chunk(specs, maxSchedules) {
		asked := SchedulesAsked{Total: total, LR: &lr}
		for _, spec := range some {
			asked.Schedules = append(asked.Schedules, ScheduleAsked{Spec: spec})
		}
		all = append(all, draw(t, asked).Schedules...)
	}
	return all
}

// What is drawn is what trains, to the bit, and what is copied makes it again:
// as Go, as a file, as flags, as JSON.
func TestScheduleTexts(t *testing.T) {
	const total, lr = 1000, 0.3
	var program strings.Builder
	program.WriteString("package main\n\nimport (\n\t\"fmt\"\n\n\t\"github.com/descent-go/descent/schedule\"\n)\n\nfunc main() {\n")
	var want bytes.Buffer
	for _, d := range askAll(t, total, lr) {
		if d.Error != nil {
			t.Fatalf("%s: %v", d.Spec, d.Error)
		}
		s, err := schedule.Parse(d.Spec, total)
		if err != nil {
			t.Fatal(err)
		}
		for i, step := range d.Steps {
			if got := float64(d.Rate[i]); got != lr*s.At(step) {
				t.Errorf("%s: the rate of step %d is %v, want %v", d.Spec, step, got, lr*s.At(step))
			}
		}
		m, cycled := s.(interface{ Momentum() schedule.Schedule })
		if cycled != (d.Momentum != nil) {
			t.Errorf("%s: momentum %v", d.Spec, d.Momentum)
		}
		for i, v := range d.Momentum {
			if float64(v) != m.Momentum().At(d.Steps[i]) {
				t.Errorf("%s: the momentum of step %d is %v", d.Spec, d.Steps[i], v)
			}
		}
		e, err := experiment.Parse("e.yaml", []byte(d.YAML))
		if err != nil || e.Schedule != d.Spec || e.LR == nil || *e.LR != lr || e.Steps != total || strings.Count(d.YAML, "\n") != 3 {
			t.Errorf("%s: %q: %v", d.Spec, d.YAML, err)
		}
		if want := []string{"--schedule", e.Schedule, "--lr", fmt.Sprint(*e.LR), "--steps", fmt.Sprint(e.Steps)}; !slices.Equal(shellSplit(d.Flags), want) {
			t.Errorf("%s: flags %s, want %q", d.Spec, d.Flags, want)
		}
		if want := []string{"descent", "schedules", d.Spec, "--plot", "--total", "1000", "--lr", "0.3"}; !slices.Equal(shellSplit(d.Command), want) {
			t.Errorf("command %s, want %q", d.Command, want)
		}
		fmt.Fprintf(&program, "\t{\n%s\n\t\ttext, err := schedule.Marshal(rate)\n\t\tif err != nil {\n\t\t\tpanic(err)\n\t\t}\n\t\tfmt.Printf(\"%%s\\n\", text)\n\t}\n", d.Go)
		want.Write(d.JSON)
		want.WriteByte('\n')
	}
	program.WriteString("}\n")
	file := filepath.Join(t.TempDir(), "main.go")
	if err := os.WriteFile(file, []byte(program.String()), 0o666); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("go", "run", file)
	cmd.Dir = ".."
	var diag bytes.Buffer
	cmd.Stderr = &diag
	if got, err := cmd.Output(); err != nil || !bytes.Equal(got, want.Bytes()) {
		t.Errorf("%v\n%s\n%s\nprints\n%s\nwant\n%s", err, diag.String(), program.String(), got, want.Bytes())
	}
}

// shellSplit takes a command apart as a shell does, for the quotes that
// commandLine writes.
func shellSplit(command string) []string {
	var words []string
	word, quoted := "", false
	for _, c := range command + " " {
		switch {
		case c == '\'':
			quoted = !quoted
		case c == ' ' && !quoted:
			words, word = append(words, word), ""
		default:
			word += string(c)
		}
	}
	return words
}

func TestScheduleBlocks(t *testing.T) {
	for _, c := range []struct{ spec, want string }{
		{"cosine", "cosine{} from 0"},
		{" warmup:steps=50 + Cosine:min=0.1", "warmup{steps=50} from 0 steps 50|cosine{min=0.1} from 50"},
		{"hold:factor=0.5,steps=10+warmup+0.5*step:gamma=5e-1", "hold{factor=0.5,steps=10} from 0 steps 10|warmup{} from 10 steps 49|0.5*step{gamma=5e-1} from 59"},
		{"linear:total=20+cosine:periodic", "linear{total=20} from 0 steps 20|cosine{periodic=true} from 20"},
		{"hold:steps=5,factor=1e+0+cosine", "hold{factor=1e+0,steps=5} from 0 steps 5|cosine{} from 5"},
		{"(warmup+cosine)", ""}, {"cosine*constant", ""}, {"0.5*(constant+cosine)", ""}, {"2*0.5*cosine", ""}, {"(warmup+cosine)*exponential:gamma=0.9", ""},
	} {
		d := draw(t, SchedulesAsked{Total: 1000, Schedules: []ScheduleAsked{{Spec: c.spec}}}).Schedules[0]
		var got []string
		for _, b := range d.Blocks {
			var params []string
			for _, name := range slices.Sorted(maps.Keys(b.Params)) {
				params = append(params, name+"="+b.Params[name])
			}
			scale, steps := "", ""
			if b.Scale != "" {
				scale = b.Scale + "*"
			}
			if b.Steps != 0 {
				steps = fmt.Sprintf(" steps %d", b.Steps)
			}
			got = append(got, fmt.Sprintf("%s%s{%s} from %d%s", scale, b.Kind, strings.Join(params, ","), b.From, steps))
		}
		if d.Error == nil && strings.Join(got, "|") != c.want || c.want != "" && d.Error != nil {
			t.Errorf("%s: %s, %v, want %s", c.spec, strings.Join(got, "|"), d.Error, c.want)
		}
	}
}

// Blocks that are written and read again are the same blocks.
func TestScheduleBlocksRoundTrip(t *testing.T) {
	s := &Server{Options: Options{Program: "descent"}}
	rapid.Check(t, func(t *rapid.T) {
		var blocks []Block
		for range rapid.IntRange(0, 3).Draw(t, "before") {
			steps := fmt.Sprint(rapid.IntRange(1, 100).Draw(t, "steps"))
			if rapid.Bool().Draw(t, "hold") {
				blocks = append(blocks, Block{Kind: "hold", Params: map[string]string{"steps": steps, "factor": "2e+0"}})
			} else {
				blocks = append(blocks, Block{Kind: "linear", Scale: "0.5", Params: map[string]string{"total": steps}})
			}
		}
		if rapid.Bool().Draw(t, "warm") {
			blocks = append(blocks, Block{Kind: "warmup", Params: map[string]string{}})
		}
		blocks = append(blocks, Block{Kind: "cosine", Params: map[string]string{"min": rapid.SampledFrom([]string{"0", "1e-3", "0.5"}).Draw(t, "min")}})
		d, err := s.drawSchedules(context.Background(), SchedulesAsked{Total: 10000, Schedules: []ScheduleAsked{{Blocks: blocks}}})
		if err != nil {
			t.Fatal(err)
		}
		got := d.Schedules[0]
		if got.Error != nil || len(got.Blocks) != len(blocks) {
			t.Fatalf("%+v", got)
		}
		for i, b := range got.Blocks {
			if b.Kind != blocks[i].Kind || b.Scale != blocks[i].Scale || !maps.Equal(b.Params, blocks[i].Params) || len(b.Values) == 0 {
				t.Errorf("block %d of %s: %+v, want %+v", i, got.Spec, b, blocks[i])
			}
		}
	})
}

// What is wrong with a schedule is said where it stands, and hides no other.
func TestScheduleErrors(t *testing.T) {
	block := func(kind string, pairs ...string) Block {
		b := Block{Kind: kind, Params: map[string]string{}}
		for i := 0; i < len(pairs); i += 2 {
			b.Params[pairs[i]] = pairs[i+1]
		}
		return b
	}
	for _, c := range []struct {
		asked  ScheduleAsked
		field  string
		column int
		want   string
	}{
		{ScheduleAsked{Spec: "cosin"}, "spec", 1, "did you mean cosine?"},
		{ScheduleAsked{Spec: "warmup+cosine:mn=1"}, "spec", 15, "did you mean min?"},
		{ScheduleAsked{Spec: ""}, "spec", 1, "want a schedule"},
		{ScheduleAsked{Spec: `co"sine`}, "spec", 1, "no schedule"},
		{ScheduleAsked{Spec: strings.Repeat("cosine+", 300)}, "spec", 0, "want at most 2000"},
		{ScheduleAsked{Spec: strings.Repeat("(", 1999)}, "spec", 101, "more than"},
		{ScheduleAsked{Blocks: []Block{block("warmup", "steps", "10"), block("cosine", "min", "-1")}}, "blocks.1", 17, "Cosine.Min = -1, want [0, +Inf)"},
		{ScheduleAsked{Blocks: []Block{block("warmup", "steps", "10"), block("cosine", "min", "x")}}, "blocks.1", 24, `min = "x"`},
		{ScheduleAsked{Blocks: []Block{block("warmup")}}, "blocks.0", 1, "needs a schedule behind it"},
		{ScheduleAsked{Blocks: []Block{}}, "spec", 1, "want a schedule"},
		{ScheduleAsked{Blocks: []Block{block("nothing")}}, "blocks.0", 0, "no schedule"},
		{ScheduleAsked{Blocks: []Block{block("cosine", "mn", "1")}}, "blocks.0.params.mn", 0, `cosine has no parameter "mn"`},
		{ScheduleAsked{Blocks: []Block{block("cosine", "min", "0+constant")}}, "blocks.0.params.min", 0, "there is a sign in it"},
		{ScheduleAsked{Blocks: []Block{{Kind: "cosine", Scale: "2*(1"}}}, "blocks.0.scale", 0, "want a number"},
		{ScheduleAsked{Blocks: []Block{block("constant"), block("cosine")}}, "blocks.0", 1, "has no end"},
	} {
		all := draw(t, SchedulesAsked{Total: 1000, Schedules: []ScheduleAsked{{Spec: "cosine"}, c.asked}}).Schedules
		e := all[1].Error
		if e == nil || e.Field != c.field || e.Column != c.column || !strings.Contains(e.Text, c.want) || all[1].Steps != nil {
			t.Errorf("%+v: %+v, want %s, column %d: %s", c.asked, e, c.field, c.column, c.want)
		}
		if all[0].Error != nil || len(all[0].Steps) == 0 {
			t.Errorf("%+v has hidden a schedule beside it", c.asked)
		}
	}
	s := open(t, Options{})
	c := s.browser()
	for body, want := range map[string]string{
		`{"total":0,"schedules":[]}`:                                                    `"field":"total"`,
		`{"total":1000000000,"schedules":[]}`:                                           `want 1 to 10000000 steps`,
		`{"total":10,"lr":-1,"schedules":[]}`:                                           `"field":"lr"`,
		`{"total":10,"points":100000,"schedules":[]}`:                                   `"field":"points"`,
		`{"total":10,"schedules":[` + strings.Repeat(`{"spec":"cosine"},`, 12) + `{}]}`: `want at most 12`,
		`{"total":10,"schedule":[]}`:                                                    `"field":"schedule"`,
	} {
		if r := s.do(c, "POST", "/api/schedules/curve", body); r.status != http.StatusBadRequest || !strings.Contains(r.body, want) {
			t.Errorf("%s: %d %s, want %s", body, r.status, r.body, want)
		}
	}
	r := s.do(c, "POST", "/api/schedules/curve", `{"total":100,"schedules":[{"spec":"<b>"}]}`)
	var d SchedulesDrawn
	if err := json.Unmarshal([]byte(r.body), &d); err != nil || r.status != http.StatusOK || strings.Contains(r.body, "<b>") || d.Schedules[0].Error == nil {
		t.Errorf("%d %s", r.status, r.body)
	}
}

// The steps that are drawn show every spike and both sides of a jump, and there
// are no more than asked for.
func TestDecimate(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		total := rapid.Int64Range(1, 50000).Draw(t, "total")
		points := rapid.IntRange(20, 500).Draw(t, "points")
		spike := rapid.Int64Range(0, total-1).Draw(t, "spike")
		jump := rapid.Int64Range(0, total-1).Draw(t, "jump")
		at := func(step int64) float64 {
			v := float64(step) * 1e-9
			if step >= jump {
				v++
			}
			if step == spike {
				v += 10
			}
			return v
		}
		steps, err := decimate(context.Background(), at, total, points)
		if err != nil {
			t.Fatal(err)
		}
		has := func(step int64) bool { _, found := slices.BinarySearch(steps, step); return found }
		if !slices.IsSorted(steps) || len(slices.Compact(slices.Clone(steps))) != len(steps) || steps[0] != 0 || steps[len(steps)-1] != total-1 {
			t.Fatalf("%v of %d", steps, total)
		}
		if len(steps) > max(points, 6) {
			t.Errorf("%d steps, want at most %d", len(steps), points)
		}
		if !has(spike) {
			t.Errorf("the spike at %d is lost", spike)
		}
		bucket := total/max(int64(points/6), 1) + 1
		near := spike-jump <= bucket && jump-spike <= bucket // the spike is the steepest change there
		if !near && jump > 0 && (!has(jump) || !has(jump-1)) {
			t.Errorf("the jump at %d of %d has no two sides in %v", jump, total, steps)
		}
		if total <= int64(points) && int64(len(steps)) != total {
			t.Errorf("%d steps of %d, though all fit", len(steps), total)
		}
	})
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	looked := 0
	if _, err := decimate(context.Background(), func(int64) float64 { looked++; return 1 }, 100, 50); err != nil || looked < 100 {
		t.Errorf("%d steps looked at, %v", looked, err)
	}
	// One that is cancelled in the middle of a bucket does not look at the rest.
	half, stop := context.WithCancel(context.Background())
	defer stop()
	looked = 0
	if _, err := decimate(half, func(int64) float64 {
		if looked++; looked == 100_000 {
			stop()
		}
		return 1
	}, 10_000_000, 20); err == nil || looked > 200_000 {
		t.Errorf("%d steps looked at, %v", looked, err)
	}
	if _, err := decimate(ctx, func(int64) float64 { return 1 }, 100, 50); err == nil {
		t.Error("it goes on after its end")
	}
}
