package cli

import (
	"bytes"
	"context"
	"math"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/descent-go/descent/figure"
	"github.com/descent-go/descent/lab"
	"github.com/descent-go/descent/problem"
	"github.com/descent-go/descent/train"
)

func TestRun(t *testing.T) {
	folder(t)
	m := object(t, "", "run", "--function", "rosenbrock", "--optimizer", "adam", "--lr", "0.1", "--steps", "1500", "--gif", "--resolution", "0.5")
	if loss := m["final_loss"].(float64); !(loss >= 0 && loss <= 1e-6) {
		t.Errorf("final_loss = %v, want at most 1e-6", loss)
	}
	if m["steps"] != 1500.0 || m["optimizer"] != "adam" || m["lr"] != 0.1 || m["verdict"] != "minimum" || m["reason"] != "steps" {
		t.Errorf("%v", m)
	}
	if s, ok := m["seconds"].(float64); !ok || s <= 0 {
		t.Errorf("seconds = %v", m["seconds"])
	}
	milestones := m["milestones"].([]any)
	first, last := milestones[0].(map[string]any), milestones[len(milestones)-1].(map[string]any)
	if first["step"] != 0.0 || math.Abs(first["f"].(float64)-24.2) > 1e-12 {
		t.Errorf("first milestone %v, want f(-1.2, 1) = 24.2 at step 0", first)
	}
	if last["step"] != 1500.0 || last["f"] != m["final_loss"] {
		t.Errorf("last milestone %v, want the end", last)
	}
	kinds := map[string]int{}
	for _, f := range m["files"].([]any) {
		exists(t, f.(string))
		kinds[sniff(t, f.(string))]++
	}
	if kinds["png"] != 3 || kinds["svg"] != 3 || kinds["gif"] != 1 {
		t.Errorf("files %v", m["files"])
	}
	if saved, err := os.ReadFile("out/run.json"); err != nil || parse(t, string(saved))["final_loss"] != m["final_loss"] {
		t.Errorf("out/run.json differs from standard output (%v)", err)
	}
	heavy := object(t, "", "run", "--optimizer", "sgd:momentum=0.9,lr=0.001", "--steps", "2000", "--no-figures")
	if loss := heavy["final_loss"].(float64); !(loss <= 1e-6) {
		t.Errorf("heavy ball: final_loss = %v, want at most 1e-6", loss)
	}
}

func TestRunTable(t *testing.T) {
	folder(t)
	o := succeed(t, "", "run", "--function", "parabola", "--optimizer", "sgd", "--lr", "0.25", "--steps", "4", "--start", "2,-1", "--resolution", "0.5")
	const want = `Parabola
f(x, y) = x^2 + y^2
start (2, -1)

sgd, lr 0.25
step      x        y          f       |g|
   0      2       -1          5   4.47214
   1      1     -0.5       1.25   2.23607
   2    0.5    -0.25     0.3125   1.11803
   4  0.125  -0.0625  0.0195312  0.279508

Not stationary
`
	if !strings.HasPrefix(o.stdout, want) {
		t.Errorf("got\n%s\nwant it to begin with\n%s", o.stdout, want)
	}
	if !strings.Contains(o.stderr, "wrote to out: contour.png, contour.svg, surface.png, surface.svg, loss.png, loss.svg, run.json\n") {
		t.Errorf("standard error: %s", o.stderr)
	}
	if strings.ContainsAny(o.stdout+o.stderr, "\x1b\r") {
		t.Error("control characters where there is no terminal")
	}
	quiet := succeed(t, "", "run", "--function", "parabola", "--steps", "4", "--quiet", "--no-figures")
	if quiet.stderr != "" || !strings.HasPrefix(quiet.stdout, "Not stationary\n") {
		t.Errorf("--quiet: %q, %q", quiet.stdout, quiet.stderr)
	}
}

func TestRunSeveral(t *testing.T) {
	folder(t)
	list := "sgd,momentum,nesterov,adagrad,rmsprop,adadelta,adam,radam"
	m := object(t, "", "run", "--optimizer", list, "--steps", "50", "--no-figures")
	var names []string
	for _, run := range m["runs"].([]any) {
		r := run.(map[string]any)
		names = append(names, r["optimizer"].(string))
		for _, key := range []string{"final_loss", "steps", "seconds", "verdict", "lr"} {
			if _, ok := r[key]; !ok {
				t.Errorf("%s has no %s", r["optimizer"], key)
			}
		}
	}
	if strings.Join(names, ",") != list {
		t.Errorf("runs of %v", names)
	}
	if m["final_loss"] != nil {
		t.Error("a single final_loss beside runs")
	}
	o := succeed(t, "", "run", "--optimizer", "adam:beta2=0.99,lr=0.1,sgd", "--lr", "0.001", "--steps", "20", "--no-figures")
	for _, want := range []string{"adam:beta2=0.99  0.1", "sgd              0.001"} {
		if !strings.Contains(strings.Join(strings.Fields(o.stdout), " "), strings.Join(strings.Fields(want), " ")) {
			t.Errorf("no %q in\n%s", want, o.stdout)
		}
	}
}

// A rule may have a schedule of its own: it goes as if it were that of all.
func TestRunOwnSchedule(t *testing.T) {
	folder(t)
	m := object(t, "", "run", "--optimizer", "adam:lr=0.1,schedule=(step:every=5,gamma=0.5),adam:lr=0.1,adam:lr=0.1,schedule=constant", "--schedule", "cosine", "--steps", "20", "--no-figures")
	var ends []any
	for i, want := range []any{"step:every=5,gamma=0.5", nil, "constant"} {
		run := m["runs"].([]any)[i].(map[string]any)
		if run["own_schedule"] != want {
			t.Errorf("schedule %v, want %v", run["own_schedule"], want)
		}
		ends = append(ends, run["final_loss"])
	}
	for i, common := range []string{"step:every=5,gamma=0.5", "cosine", "constant"} {
		if alone := object(t, "", "run", "--optimizer", "adam:lr=0.1", "--schedule", common, "--steps", "20", "--no-figures"); alone["final_loss"] != ends[i] {
			t.Errorf("%s: %v alone, %v as a schedule of its own", common, alone["final_loss"], ends[i])
		}
	}
	o := succeed(t, "", "run", "--optimizer", "adam:schedule=cosine,sgd", "--steps", "20", "--no-figures")
	if !strings.Contains(o.stdout, "schedule") || !strings.Contains(o.stdout, "cosine") || !strings.Contains(o.stdout, "constant") {
		t.Errorf("%s", o.stdout)
	}
	if o = succeed(t, "", "run", "--optimizer", "adam:schedule=cosine", "--steps", "20", "--no-figures"); !strings.Contains(o.stdout, "schedule cosine") {
		t.Errorf("%s", o.stdout)
	}
	for line, want := range map[string]string{
		"run --optimizer adam:schedule=cosinus":                         "did you mean cosine",
		"run --steps 5 --optimizer adam:schedule=warmup:steps=5+cosine": "5 of 5",
		"run --optimizer adam:schedule=":                                "schedule is empty",
		"memory --params 10 --optimizer adam:schedule=cosine":           "plays no part",
		"bench --optimizer adam:schedule=cosine":                        "plays no part",
		"compare --optimizer adam:schedule=cosinus,sgd":                 "did you mean cosine",
	} {
		if o := command(t, "", strings.Fields(line)...); o.code != 2 || !strings.Contains(o.stderr, want) {
			t.Errorf("%s: %d %s, want %q", line, o.code, o.stderr, want)
		}
	}
}

// Where a run diverges its results are written all the same, and JSON stays
// JSON though numbers are not finite.
func TestRunDiverged(t *testing.T) {
	for _, c := range []struct {
		name    string
		args    []string
		code    int
		verdict string
	}{
		{"too fast", []string{"--function", "x^2+y^2", "--optimizer", "sgd", "--lr", "1.5"}, exitDiverged, "diverged"},
		{"leaves the domain", []string{"--function", "sqrt(x)+y^2", "--start", "0.01,1", "--optimizer", "sgd", "--lr", "0.1"}, exitDiverged, "diverged"},
		{"starts outside", []string{"--function", "log(x)", "--start", "-1,0", "--no-figures"}, exitDiverged, "diverged"},
		{"overflows", []string{"--function", "exp(x^4)", "--start", "3,0", "--optimizer", "sgd", "--lr", "1", "--no-figures"}, exitDiverged, "diverged"},
		{"no lower bound", []string{"--function", "saddle", "--start", "1,0", "--noise", "0.01", "--optimizer", "momentum", "--lr", "0.01"}, exitOK, "unbounded"},
	} {
		t.Run(c.name, func(t *testing.T) {
			folder(t)
			o := command(t, "", append([]string{"run", "--json", "--steps", "200", "--resolution", "0.5"}, c.args...)...)
			if o.code != c.code {
				t.Errorf("exit code %d, want %d: %s", o.code, c.code, o.stderr)
			}
			m := parse(t, o.stdout)
			if m["verdict"] != c.verdict || m["diverged"] == nil || m["why"] == "" {
				t.Errorf("verdict %v, diverged %v", m["verdict"], m["diverged"])
			}
			exists(t, "out/run.json")
			if !slices.Contains(c.args, "--no-figures") {
				exists(t, "out/contour.png", "out/surface.svg", "out/loss.png")
			}
			if text := command(t, "", append([]string{"run", "--no-figures"}, c.args...)...); !strings.Contains(text.stdout, capital(c.verdict)) {
				t.Errorf("text says\n%s", text.stdout)
			}
		})
	}
	folder(t)
	one := command(t, "", "run", "--function", "x^2+y^2", "--optimizer", "sgd:lr=1.5,adam", "--no-figures")
	if one.code != exitOK {
		t.Errorf("one of two diverged: exit code %d, want 0", one.code)
	}
}

// Noise makes momentum leave the ridge of a saddle.
func TestRunLeavesSaddle(t *testing.T) {
	folder(t)
	args := []string{"run", "--function", "saddle", "--start", "1,0", "--optimizer", "momentum", "--lr", "0.01", "--steps", "100", "--no-figures"}
	if m := object(t, "", args...); m["verdict"] != "saddle" && m["verdict"] != "not stationary" || m["end"].([]any)[1] != 0.0 {
		t.Errorf("without noise: %v at %v, want to stay on the ridge", m["verdict"], m["end"])
	}
	if m := object(t, "", append(args, "--noise", "0.01")...); !(m["final_loss"].(float64) < -1) {
		t.Errorf("with noise: f = %v, want below -1", m["final_loss"])
	}
}

func TestRunVariables(t *testing.T) {
	folder(t)
	m := object(t, "", "run", "--function", "quadratic:n=50,kappa=10", "--optimizer", "sgd", "--lr", "0.18", "--steps", "400", "--resolution", "0.5")
	if m["verdict"] != "minimum" || m["variables"] != 50.0 || len(m["end"].([]any)) != 50 {
		t.Errorf("%v in %v variables at %v", m["verdict"], m["variables"], m["end"])
	}
	if _, err := os.Stat("out/contour.png"); err == nil {
		t.Error("a contour of 50 variables")
	}
	exists(t, "out/loss.png", "out/loss.svg")
	if two := object(t, "", "run", "--function", "rosenbrock-n:n=2", "--steps", "5", "--no-figures"); two["variables"] != 2.0 {
		t.Errorf("%v", two)
	}
}

// An interrupt ends the step at work and keeps what there is.
func TestRunInterrupted(t *testing.T) {
	folder(t)
	ctx, cancel := context.WithTimeout(context.Background(), 50*time.Millisecond)
	defer cancel()
	var out, diag bytes.Buffer
	code := execute(ctx, []string{"run", "--optimizer", "adam,sgd", "--steps", "1000000000000", "--json", "--resolution", "0.5"}, strings.NewReader(""), &out, &diag)
	if code != exitInterrupted {
		t.Errorf("exit code %d, want %d: %s", code, exitInterrupted, diag.String())
	}
	m := parse(t, out.String())
	runs := m["runs"].([]any)
	if len(runs) != 1 || runs[0].(map[string]any)["reason"] != "interrupted" {
		t.Errorf("runs %v", runs)
	}
	exists(t, "out/contour.png", "out/loss.svg", "out/run.json")
}

// The frame of the contours holds what matters of paths that leave the
// function's own.
func TestWindow(t *testing.T) {
	f, err := problem.Resolve("rosenbrock")
	if err != nil {
		t.Fatal(err)
	}
	own := figure.Domain(f.Domain)
	path := func(diverged bool, x, y []float64) *lab.Track {
		r := &train.Result{Point: []float64{x[len(x)-1], y[len(y)-1]}}
		if diverged {
			r.Diverged, r.Point = &train.Diverged{}, nil
		}
		return &lab.Track{X: x, Y: y, Result: r}
	}
	for _, c := range []struct {
		name  string
		start []float64
		track *lab.Track
		holds [][2]float64
		want  func(d figure.Domain) bool
	}{
		{"inside", []float64{-1, 1}, path(false, []float64{-1, 3, 1}, []float64{1, 2, 1}), nil, func(d figure.Domain) bool { return d == own }},
		{"diverged", []float64{-1, 1}, path(true, []float64{-1, 9, -1e9}, []float64{1, 2, 1e9}), nil, func(d figure.Domain) bool { return d == own }},
		{"start far away", []float64{100, 50}, path(false, []float64{100, 60, 1}, []float64{50, 70, 1}),
			[][2]float64{{100, 50}, {60, 70}, {1, 1}}, func(d figure.Domain) bool { return d.XMax < 110 && d.YMax < 80 }},
		{"end outside", []float64{-1, 1}, path(false, []float64{-1, 3}, []float64{1, 4}), [][2]float64{{3, 4}, {-2, -1}},
			func(d figure.Domain) bool { return d.XMax > 3 && d.XMax < 4 }},
		{"end far away", []float64{-1, 1}, path(false, []float64{-1, 3e5}, []float64{1, 4}), nil, func(d figure.Domain) bool { return d == own }},
	} {
		d := window(&expedition{Descent: &lab.Descent{Plane: f, From: c.start}}, []*lab.Track{c.track})
		if !c.want(d) {
			t.Errorf("%s: %v", c.name, d)
		}
		for _, p := range c.holds {
			if p[0] < d.XMin || p[0] > d.XMax || p[1] < d.YMin || p[1] > d.YMax {
				t.Errorf("%s: %v is not in %v", c.name, p, d)
			}
		}
	}
}
