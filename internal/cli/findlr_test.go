package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/descent-go/descent/data"
	"github.com/descent-go/descent/experiment"
	"github.com/descent-go/descent/optim"
)

func TestFindLR(t *testing.T) {
	t.Chdir(t.TempDir())
	m := object(t, "", "find-lr", "--function", "booth", "--optimizer", "sgd:momentum=0.5,lr=7", "--steps", "60", "--out", "o")
	answer := m["answer"].(map[string]any)
	low, high, best := answer["low"].(float64), answer["high"].(float64), answer["best"].(float64)
	if !(0 < low && low <= best && best <= high && high < 1) {
		t.Errorf("answer %v", answer)
	}
	if m["optimizer"] != "sgd:momentum=0.5" || m["task"] != "booth" || m["steps"] != 60.0 || m["seeds"] != 3.0 {
		t.Errorf("%v on %v in %v steps, %v seeds", m["optimizer"], m["task"], m["steps"], m["seeds"])
	}
	if m["spent"].(float64) > m["budget"].(float64) {
		t.Errorf("spent %v of %v", m["spent"], m["budget"])
	}
	edge := m["edge"].(map[string]any)
	if sharpness := edge["sharpness"].(float64); edge["applies"] != true || sharpness < 17.9 || sharpness > 18.1 {
		t.Errorf("edge %v", edge)
	}
	if got := len(m["suggestions"].([]any)); got != 3 {
		t.Errorf("%d suggestions", got)
	}
	exists(t, "o/find-lr.json", "o/find-lr.png", "o/find-lr.svg")
	if got := sniff(t, "o/find-lr.png"); got != "png" {
		t.Errorf("find-lr.png is %q", got)
	}
	saved, err := os.ReadFile("o/find-lr.json")
	if err != nil {
		t.Fatal(err)
	}
	if files := parse(t, string(saved))["files"].([]any); len(files) != 3 {
		t.Errorf("files %v", files)
	}
	svg, err := os.ReadFile("o/find-lr.svg")
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"stability edge", "steepest descent", "tenth of the minimum", "answer", "learning rate"} {
		if !bytes.Contains(svg, []byte(want)) {
			t.Errorf("the figure lacks %q", want)
		}
	}
	// The command that it hints at trains.
	args := strings.Fields(m["try"].(string))[1:]
	if want := []string{"train", "--function", "booth", "--steps", "60", "--optimizer", "sgd:momentum=0.5", "--lr", short(best)}; !slices.Equal(args, want) {
		t.Errorf("try %q, want %q", args, want)
	}
	if r := object(t, "", append(args, "--no-figures")...); !(r["final_loss"].(float64) < r["first_loss"].(float64)/100) {
		t.Errorf("%v ends at %v from %v", m["try"], r["final_loss"], r["first_loss"])
	}
}

func TestFindLROfData(t *testing.T) {
	folder(t)
	write(t, "e.yaml", "data: points.csv\nmodel: softmax\nbatch: 8\nepochs: 5\n")
	o := succeed(t, "", "find-lr", "e.yaml", "--optimizer", "adam", "--budget", "3000", "--no-figures")
	for _, want := range []string{
		"Learning rate ", " for adam on points.csv/softmax", "steepest descent", "preconditioned", "gradient evaluations",
		"Try: descent train e.yaml --optimizer adam --lr ",
	} {
		if !strings.Contains(o.stdout, want) {
			t.Errorf("no %q in\n%s", want, o.stdout)
		}
	}
	for _, want := range []string{"range test", "validation", "confirmation", "of the budget"} {
		if !strings.Contains(o.stderr, want) {
			t.Errorf("no %q in\n%s", want, o.stderr)
		}
	}
	if _, err := os.Stat("out/find-lr.png"); err == nil {
		t.Error("a figure in spite of --no-figures")
	}
	quiet := succeed(t, "", "find-lr", "e.yaml", "--budget", "3000", "--quiet", "--no-figures")
	if quiet.stderr != "" || strings.Count(quiet.stdout, "\n") != 2 {
		t.Errorf("quiet: %q, %q", quiet.stdout, quiet.stderr)
	}
}

// A search without an answer is a result; one that diverges everywhere ends as a
// training that diverges.
func TestFindLRWithoutAnswer(t *testing.T) {
	t.Chdir(t.TempDir())
	o := succeed(t, "", "find-lr", "--function", "3+0*x", "--steps", "20")
	if !strings.Contains(o.stdout, "No answer for adamw on 3+0*x: never falls") || strings.Contains(o.stdout, "Try:") {
		t.Errorf("%s", o.stdout)
	}
	exists(t, "out/find-lr.png")
	o = command(t, "", "find-lr", "--function", "exp(1e6*x^2)", "--json", "--optimizer", "sgd", "--steps", "20")
	m := parse(t, o.stdout)
	if no := m["no_answer"].(map[string]any); o.code != exitDiverged || m["answer"] != nil || no["reason"] != "diverges at once" {
		t.Errorf("code %d, %v, %v", o.code, m["answer"], m["no_answer"])
	}
}

func TestFindLRBadFlags(t *testing.T) {
	t.Chdir(t.TempDir())
	for _, c := range []struct {
		args string
		want string
	}{
		{"--budget -1", "--budget -1: want at least 0"},
		{"--budget 50", "--budget 50: want at least"},
		{"--run-steps -1", "--run-steps -1: want at least 0"},
		{"--seeds 2", "--seeds 2: want at least 3"},
		{"--within 0", "--within 0: want (0, 1]"},
		{"--parallel 0", "--parallel 0: want at least 1"},
		{"--optimizer adamx", `no rule "adamx"`},
		{"--theme pink", "--theme pink"},
		{"--function nosuch(", "--function"},
		{"a b", `unexpected argument "b"`},
	} {
		o := command(t, "", append([]string{"find-lr"}, strings.Fields(c.args)...)...)
		if o.code != exitUsage || !strings.Contains(o.stderr, c.want) || o.stdout != "" {
			t.Errorf("find-lr %s: code %d, %q, want %q", c.args, o.code, o.stderr, c.want)
		}
	}
}

func TestFindLRInterrupted(t *testing.T) {
	t.Chdir(t.TempDir())
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	var out, diag bytes.Buffer
	if code := execute(ctx, []string{"find-lr", "--function", "booth"}, strings.NewReader(""), &out, &diag); code != exitInterrupted {
		t.Errorf("code %d, want %d: %s", code, exitInterrupted, diag.String())
	}
}

// bowl is a model of one's own.
type bowl struct{ x, grad []float64 }

func (b *bowl) Params() []optim.Param[float64] {
	return []optim.Param[float64]{{Name: "x", Shape: []int{1}, Data: b.x, Grad: b.grad}}
}

func (b *bowl) Loss(*data.Batch) (float64, error) {
	b.grad[0] = b.x[0]
	return b.x[0] * b.x[0] / 2, nil
}

func TestFindLROfOwnModel(t *testing.T) {
	t.Chdir(t.TempDir())
	b := &bowl{[]float64{3}, []float64{0}}
	own, err := experiment.NewOwn(b, nil)
	if err != nil {
		t.Fatal(err)
	}
	var out, diag bytes.Buffer
	a := &app{program: "mine", own: own, in: strings.NewReader(""), out: &out, diag: &diag}
	if code := a.execute(context.Background(), []string{"find-lr", "--optimizer", "sgd", "--steps", "40", "--json"}); code != exitOK {
		t.Fatalf("code %d: %s", code, diag.String())
	}
	var m struct {
		Answer struct{ Low, High float64 }
		Edge   struct{ Rate float64 }
		Try    string
	}
	if err := json.Unmarshal(out.Bytes(), &m); err != nil {
		t.Fatal(err)
	}
	if m.Edge.Rate < 1.99 || m.Edge.Rate > 2.01 || m.Answer.Low > 1 || m.Answer.High < 1 || m.Answer.High > 2 {
		t.Errorf("answer %+v, edge %g; the curvature is 1", m.Answer, m.Edge.Rate)
	}
	if !strings.HasPrefix(m.Try, "mine train --steps 40 --optimizer sgd --lr ") {
		t.Errorf("try %q", m.Try)
	}
	if b.x[0] != 3 {
		t.Errorf("the model is at %g after the search, want 3", b.x[0])
	}
}
