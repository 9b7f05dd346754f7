package cli

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/spf13/cobra"

	"github.com/descent-go/descent/data"
	"github.com/descent-go/descent/experiment"
	"github.com/descent-go/descent/nn"
)

// ownProgram runs a program called spiral with a network of its own.
func ownProgram(t *testing.T, spec string, args ...string) outcome {
	t.Helper()
	var out, diag bytes.Buffer
	code := ownApp(t, spec, &out, &diag).execute(context.Background(), args)
	return outcome{code, out.String(), diag.String()}
}

func ownApp(t *testing.T, spec string, out, diag *bytes.Buffer) *app {
	t.Helper()
	set, err := data.Spirals(80, 1, 0.02, 1)
	if err != nil {
		t.Fatal(err)
	}
	net, err := nn.Parse(spec, 2, 2, nn.Classify)
	if err != nil {
		t.Fatal(err)
	}
	own, err := experiment.NewOwn(net, &data.Sets{Train: set.Head(60), Test: set.Tail(20)})
	if err != nil {
		t.Fatal(err)
	}
	return &app{program: "spiral", own: own, in: strings.NewReader(""), out: out, diag: diag}
}

// No help of a program speaks of descent's commands, nor of settings that the
// program does not have; examples are such that they can be typed.
func TestOwnHelp(t *testing.T) {
	var names []string
	for _, c := range newRoot(&app{program: "descent"}).Commands() {
		names = append(names, c.Name())
	}
	foreign := regexp.MustCompile(`(?i)\bdescent (` + strings.Join(names, "|") + `)\b|--(data|model|function|test|holdout)\b`)
	var visit func(root, c *cobra.Command)
	visit = func(root, c *cobra.Command) {
		args := append(strings.Fields(c.CommandPath())[1:], "--help")
		o := ownProgram(t, "mlp:4", args...)
		if o.code != exitOK || !strings.Contains(o.stdout, "Usage:\n  spiral") {
			t.Errorf("%v: exit code %d\n%s%s", args, o.code, o.stdout, o.stderr)
		}
		if found := foreign.FindString(o.stdout); found != "" {
			t.Errorf("%v speaks of %q:\n%s", args, found, o.stdout)
		}
		for line := range strings.Lines(c.Example) {
			if line = strings.TrimSpace(line); !strings.HasPrefix(line, "spiral") {
				t.Errorf("%v: example %q", args, line)
			}
		}
		for _, below := range c.Commands() {
			if below.Name() != "help" && below.Name() != "completion" {
				visit(root, below)
			}
		}
	}
	root := newRoot(ownApp(t, "mlp:4", nil, nil))
	visit(root, root)
	for _, args := range [][]string{{"init", "-"}, {"init", "--schema"}, {"rules"}, {"schedules"}} {
		o := ownProgram(t, "mlp:4", args...)
		if found := foreign.FindString(o.stdout + o.stderr); o.code != exitOK || found != "" {
			t.Errorf("%v: exit code %d, speaks of %q\n%s", args, o.code, found, o.stdout)
		}
	}
}

// Everything that descent keeps of a run, a program of one's own keeps too.
func TestOwnRun(t *testing.T) {
	t.Chdir(t.TempDir())
	for _, args := range [][]string{
		{"init", "a.yaml"},
		{"train", "a.yaml", "--epochs", "3", "--checkpoint-every", "2", "--tensorboard", "--metrics", "127.0.0.1:0", "--out", "run"},
		{"resume", "./run", "--epochs", "5"},
		{"repeat", "./run", "--out", "again"},
	} {
		if o := ownProgram(t, "mlp:4", args...); o.code != exitOK {
			t.Fatalf("%v: exit code %d\n%s%s", args, o.code, o.stdout, o.stderr)
		}
	}
	exists(t, "run/experiment.yaml", "run/events.jsonl", "run/train.json", "run/model.safetensors", "run/figures/learning.svg", "again/train.json")
	if found, _ := filepath.Glob("run/tensorboard/*"); len(found) == 0 {
		t.Error("nothing for TensorBoard")
	}
	text, err := os.ReadFile("run/experiment.yaml")
	if err != nil || !strings.Contains(string(text), "\n  model: \"mlp:4\"\n") {
		t.Errorf("%v: the model is not recorded:\n%s", err, text)
	}
	o := ownProgram(t, "mlp:4", "runs", "show", "./run")
	if !strings.Contains(o.stdout, "\nTo repeat: spiral repeat ") || !strings.Contains(o.stdout, "\nTo go on:  spiral resume ") {
		t.Errorf("%s%s", o.stdout, o.stderr)
	}
}

// A run is gone on with and repeated by the program that has its model.
func TestOwnModelDiffers(t *testing.T) {
	t.Chdir(t.TempDir())
	train := []string{"train", "--no-figures", "--epochs", "1"}
	if o := ownProgram(t, "mlp:4", append(train, "--out", "own")...); o.code != exitOK {
		t.Fatal(o.stderr)
	}
	succeed(t, "", append(train, "--data", "spirals:n=60", "--out", "other")...)
	for _, c := range []struct {
		own  bool
		run  string
		want string
	}{
		{true, "own", "it trained mlp:4, this program has mlp:5"},
		{false, "own", "it trained mlp:4, the model of another program"},
		{true, "other", "this program has its own model and data"},
	} {
		for _, verb := range []string{"resume", "repeat"} {
			before, err := os.ReadDir(".")
			if err != nil {
				t.Fatal(err)
			}
			var o outcome
			if c.own {
				o = ownProgram(t, "mlp:5", verb, "./"+c.run)
			} else {
				o = command(t, "", verb, "./"+c.run)
			}
			if o.code != exitFailure || !strings.Contains(o.stderr, c.want) {
				t.Errorf("%s %s: exit code %d\n%swant %s", verb, c.run, o.code, o.stderr, c.want)
			}
			if after, _ := os.ReadDir("."); len(after) != len(before) {
				t.Errorf("%s %s left something behind", verb, c.run)
			}
		}
	}
}
