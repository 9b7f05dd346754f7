package cli

import (
	"encoding/json"
	"os"
	"strings"
	"testing"

	"github.com/descent-go/descent/experiment"
)

func TestInit(t *testing.T) {
	folder(t)
	o := succeed(t, "", "init")
	text, err := os.ReadFile("experiment.yaml")
	if err != nil || o.stdout != "Wrote experiment.yaml.\nEdit it, then run: descent train experiment.yaml\n" {
		t.Fatalf("%v, %q", err, o.stdout)
	}
	if _, err := experiment.Parse("experiment.yaml", text); err != nil {
		t.Error(err)
	}
	write(t, "experiment.yaml", "mine\n")
	if o := command(t, "", "init"); o.code != exitFailure || !strings.Contains(o.stderr, "experiment.yaml is there already") || !strings.Contains(o.stderr, "--force") {
		t.Errorf("over a file: exit code %d, %s", o.code, o.stderr)
	}
	if kept, _ := os.ReadFile("experiment.yaml"); string(kept) != "mine\n" {
		t.Errorf("the file is now %q", kept)
	}
	if m := object(t, "", "init", "--force"); m["file"] != "experiment.yaml" {
		t.Errorf("%v", m)
	}
	if again, _ := os.ReadFile("experiment.yaml"); string(again) != string(text) {
		t.Error("--force does not write over a file")
	}
	if o := succeed(t, "", "init", "-"); o.stdout != string(text) || o.stderr != "" {
		t.Errorf("on standard output: %.100q, %q", o.stdout, o.stderr)
	}
	var schema map[string]any
	if err := json.Unmarshal([]byte(succeed(t, "", "init", "--schema").stdout), &schema); err != nil || schema["properties"] == nil {
		t.Errorf("the schema: %v", err)
	}
	succeed(t, "", "init", "--schema", "s.json")
	exists(t, "s.json")
	if o := command(t, "", "init", "none/e.yaml"); o.code != exitFailure || !strings.Contains(o.stderr, "none") {
		t.Errorf("into no folder: %d, %s", o.code, o.stderr)
	}
}

// A file says what flags say, and flags win over it.
func TestTrainFile(t *testing.T) {
	folder(t)
	write(t, "e.yaml", "data: spirals:n=200\nmodel: mlp:8\nepochs: 2\noptimizer: sgd:momentum=0.5\nlr: 0.03\nseed: 9\nname: first\n")
	file := object(t, "", "train", "e.yaml", "--no-figures")
	flags := object(t, "", "train", "--data", "spirals:n=200", "--model", "mlp:8", "--epochs", "2", "--optimizer", "sgd:momentum=0.5", "--lr", "0.03", "--seed", "9", "--name", "first", "--no-figures")
	for _, key := range []string{"final_loss", "test_loss", "optimizer", "lr", "seed", "steps", "model", "name"} {
		if file[key] != flags[key] || file[key] == nil {
			t.Errorf("%s: %v from a file, %v from flags", key, file[key], flags[key])
		}
	}
	over := object(t, "", "train", "e.yaml", "--no-figures", "--lr", "0.5", "-e", "1")
	if over["lr"] != 0.5 || over["epochs"] != 1.0 || over["optimizer"] != "sgd:momentum=0.5" || over["seed"] != 9.0 {
		t.Errorf("flags over a file: %v", over)
	}
	write(t, "bad.yaml", "data: spirals\n\nlr: -1\n")
	write(t, "both.yaml", "ema: 0.5\n")
	write(t, "source.yaml", "model: softmax\ndata: digits:m=4\n")
	for _, c := range []struct {
		args []string
		code int
		want string
	}{
		{[]string{"bad.yaml"}, exitFailure, "descent: bad.yaml:3:5: lr = -1, want a finite number of at least 0\n"},
		{[]string{"both.yaml", "--swa"}, exitFailure, "descent: both.yaml:1:6: ema = 0.5, want one of it and swa\n"},
		{[]string{"both.yaml", "--ema", "0.9", "--swa"}, exitUsage, "descent: --ema 0.9: want one of it and --swa\n"},
		{[]string{"source.yaml"}, exitFailure, "descent: source.yaml:2:7: data = digits:m=4: data: "},
		{[]string{"none.yaml"}, exitFailure, "none.yaml: no such file or directory; want an experiment file"},
		{[]string{"bad.yaml", "both.yaml"}, exitUsage, "at most 1"},
	} {
		if o := command(t, "", append([]string{"train"}, c.args...)...); o.code != c.code || !strings.Contains(o.stderr, c.want) {
			t.Errorf("train %q: exit code %d, %q, want %d, %q", c.args, o.code, o.stderr, c.code, c.want)
		}
	}
}

func TestTrainFunction(t *testing.T) {
	folder(t)
	args := []string{"train", "--function", "rosenbrock", "--optimizer", "adam", "--lr", "0.1", "--steps", "2000"}
	m := object(t, "", args...)
	end := m["end"].([]any)
	if m["function"] != "rosenbrock" || m["verdict"] != "finished" || m["steps"] != 2000.0 || !(m["final_loss"].(float64) < 1e-6) ||
		len(end) != 2 || m["data"] != nil || m["batch"] != nil || m["model_file"] != nil {
		t.Errorf("%v", m)
	}
	made := m["folder"].(string)
	exists(t, made+"/figures/learning.png", made+"/figures/learning.svg", made+"/train.json", made+"/experiment.yaml", made+"/events.jsonl")
	if isFile(made + "/model.safetensors") {
		t.Error("a function has a model file")
	}
	o := succeed(t, "", args...)
	for _, want := range []string{"rosenbrock: 2 variables, from (-1.2, 1)\nadam, lr 0.1\n", "\nstep  rate ", "\n2000   0.1 ", "\nf = ", "Finished; loss "} {
		if !strings.Contains(o.stdout, want) {
			t.Errorf("no %q in\n%s", want, o.stdout)
		}
	}
	if o := command(t, "", "train", "-f", "x+y", "--steps", "3000", "--lr", "1e9", "--optimizer", "sgd", "--json"); o.code != exitOK || parse(t, o.stdout)["verdict"] != "unbounded" {
		t.Errorf("without a lower bound: exit code %d, %s%s", o.code, o.stdout, o.stderr)
	}
}
