package cli

import (
	"bytes"
	"context"
	"encoding/csv"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/descent-go/descent/data"
	"github.com/descent-go/descent/internal/realdata"
)

func TestTrain(t *testing.T) {
	folder(t)
	m := object(t, "", "train", "--data", "spirals:n=600,turns=1", "--model", "mlp:32,16", "--epochs", "30", "--lr", "0.01", "--schedule", "onecycle")
	if acc, ok := m["test_accuracy"].(float64); !ok || acc < 0.95 || acc > 1 {
		t.Errorf("test_accuracy = %v, want 0.95 to 1", m["test_accuracy"])
	}
	examples := m["examples"].(map[string]any)
	if examples["train"] != 432.0 || examples["validation"] != 48.0 || examples["test"] != 120.0 {
		t.Errorf("examples %v, want 432, 48 and 120", examples)
	}
	if m["epochs"] != 30.0 || m["steps"] != 30*14.0 || m["verdict"] != "finished" || m["reason"] != "epochs" {
		t.Errorf("%v epochs, %v steps, %v: %v", m["epochs"], m["steps"], m["verdict"], m["reason"])
	}
	if !(m["final_loss"].(float64) < m["first_loss"].(float64)) || !(m["seconds"].(float64) > 0) || !(m["examples_per_second"].(float64) > 0) {
		t.Errorf("%v from %v in %v s", m["final_loss"], m["first_loss"], m["seconds"])
	}
	curve := m["curve"].([]any)
	last := curve[len(curve)-1].(map[string]any)
	if len(curve) != 30 || last["val_loss"] != m["val_loss"] || last["val_accuracy"] != m["val_accuracy"] || last["train_accuracy"] == nil {
		t.Errorf("%d points of the curve, the last %v", len(curve), last)
	}
	made := m["folder"].(string)
	if filepath.Dir(made) != "runs" || filepath.Base(made) != m["run"] {
		t.Errorf("run %v in %s", m["run"], made)
	}
	exists(t, made+"/model.safetensors", made+"/train.json", made+"/experiment.yaml", made+"/events.jsonl")
	if sniff(t, made+"/figures/learning.png") != "png" || sniff(t, made+"/figures/learning.svg") != "svg" {
		t.Error("figures are not what their names say")
	}
}

func TestTrainText(t *testing.T) {
	folder(t)
	o := succeed(t, "", "train", "--data", "points.csv", "--model", "softmax", "--epochs", "3", "--no-figures")
	for _, want := range []string{
		"points.csv: 43 to train, 5 to validate, 12 to test; 2 features, 2 classes\n",
		"softmax: 6 parameters, 48 B of optimizer state\n",
		"epoch  step   rate", "\n    3     6  0.001", "Test accuracy ", " of 12 right\n", "Finished 3 epochs; loss ",
	} {
		if !strings.Contains(o.stdout, want) {
			t.Errorf("no %q in\n%s", want, o.stdout)
		}
	}
	for _, want := range []string{"epoch 1/3  loss ", "epoch 3/3  loss ", "-softmax-adamw-", ": model.safetensors, train.json\n"} {
		if !strings.Contains(o.stderr, want) {
			t.Errorf("no %q in\n%s", want, o.stderr)
		}
	}
	if q := succeed(t, "", "train", "--data", "points.csv", "--model", "softmax", "--epochs", "1", "--no-figures", "-q"); q.stderr != "" || strings.Count(q.stdout, "\n") != 2 {
		t.Errorf("--quiet: %q, %q", q.stdout, q.stderr)
	}
}

// Every option of the loop does what its name says.
func TestTrainOptions(t *testing.T) {
	folder(t)
	base := []string{"train", "--data", "spirals:n=200", "--model", "mlp:8", "--no-figures", "--epochs", "6"}
	for _, c := range []struct {
		name  string
		args  []string
		check func(m map[string]any) bool
	}{
		{"whole set", []string{"--batch", "0"}, func(m map[string]any) bool { return m["steps"] == 6.0 }},
		{"one by one", []string{"--batch", "1", "--epochs", "1"}, func(m map[string]any) bool { return m["steps"] == 144.0 }},
		{"steps", []string{"--steps", "7"}, func(m map[string]any) bool { return m["steps"] == 7.0 && m["reason"] == "steps" }},
		{"steps alone", []string{"--epochs", "0", "--steps", "9"}, func(m map[string]any) bool { return m["steps"] == 9.0 }},
		{"accumulate", []string{"--accumulate", "2", "--batch", "16"}, func(m map[string]any) bool { return m["steps"] == 30.0 }},
		{"target", []string{"--target", "100"}, func(m map[string]any) bool { return m["reason"] == "target reached" && m["verdict"] == "converged" }},
		{"patience", []string{"--patience", "2", "--lr", "0"}, func(m map[string]any) bool {
			return m["reason"] == "no improvement" && m["epochs"] == 3.0 && m["verdict"] == "stopped"
		}},
		{"time", []string{"--max-seconds", "1e-9"}, func(m map[string]any) bool { return m["reason"] == "time budget" }},
		{"no validation", []string{"--val", "0"}, func(m map[string]any) bool { return m["val_loss"] == nil && m["steps"] == 30.0 }},
		{"no test", []string{"--holdout", "0"}, func(m map[string]any) bool { return m["test_accuracy"] == nil }},
		{"plateau", []string{"--plateau", "factor=0.5,patience=0,threshold=0.9", "--lr", "0.001"}, func(m map[string]any) bool {
			c := m["curve"].([]any)
			return c[5].(map[string]any)["rate"].(float64) < 0.0005
		}},
		{"average", []string{"--ema", "0.9"}, func(m map[string]any) bool { return m["averaged_parameters"] == true }},
		{"mean", []string{"--swa", "--average-from", "5"}, func(m map[string]any) bool { return m["averaged_parameters"] == true }},
		{"clipping", []string{"--clip-norm", "1e-3", "--clip-value", "1e-3", "--optimizer", "sgd", "--lr", "1"}, func(m map[string]any) bool {
			return m["final_loss"].(float64) > 0.5 // hardly moves
		}},
		{"skipping", []string{"--non-finite", "skip"}, func(m map[string]any) bool { return m["skipped"] == 0.0 }},
		{"look-ahead", []string{"--optimizer", "nesterov:beta=0.8,lr=0.05"}, func(m map[string]any) bool { return m["optimizer"] == "nesterov:beta=0.8" && m["lr"] == 0.05 }},
		{"a switch", []string{"--optimizer", "sgd:momentum=0.9,nesterov"}, func(m map[string]any) bool { return m["optimizer"] == "sgd:momentum=0.9,nesterov=true" }},
	} {
		if m := object(t, "", append(slices.Clone(base), c.args...)...); !c.check(m) {
			delete(m, "curve")
			t.Errorf("%s: %v", c.name, m)
		}
	}
}

func TestTrainDiverged(t *testing.T) {
	folder(t)
	o := command(t, "", "train", "--data", "points.csv", "--target-column", "y", "--task", "regression", "--ignore", "side",
		"--model", "linear", "--optimizer", "sgd", "--lr", "1e9", "--json")
	m := parse(t, o.stdout)
	if o.code != exitDiverged || m["verdict"] != "diverged" || m["diverged"] == nil {
		t.Errorf("exit code %d, verdict %v, diverged %v", o.code, m["verdict"], m["diverged"])
	}
	made := m["folder"].(string)
	exists(t, made+"/figures/learning.png", made+"/train.json")
	if isFile(made+"/model.safetensors") || m["model_file"] != nil {
		t.Error("a model was saved")
	}
	if early := command(t, "", "train", "--data", "points.csv", "--model", "softmax", "--max-seconds", "1e-9"); early.code != exitOK ||
		!strings.Contains(early.stdout, ", 0 examples/s\n") || strings.Contains(early.stderr, "learning") {
		t.Errorf("without a single step: exit code %d, %s%s", early.code, early.stdout, early.stderr)
	}
}

func TestTrainRegression(t *testing.T) {
	folder(t)
	var b strings.Builder
	b.WriteString("x,kind,y\n")
	for i := range 120 {
		x, kind := float64(i%12), []string{"low", "high"}[i%2]
		fmt.Fprintf(&b, "%g,%s,%g\n", x, kind, 0.5*x+float64(i%2)-2)
	}
	write(t, "line.csv", b.String())
	m := object(t, "", "train", "--data", "line.csv", "--task", "regression", "--model", "linear", "--optimizer", "adam", "--lr", "0.1", "--epochs", "60", "--no-figures")
	if loss := m["test_loss"].(float64); !(loss < 1e-3) || m["test_accuracy"] != nil || m["task"] != "regression" {
		t.Errorf("test loss %v, accuracy %v, task %v", loss, m["test_accuracy"], m["task"])
	}
	p := object(t, "x,kind\n4,high\n", "predict", "--data", "-")
	value := p["predictions"].([]any)[0].(map[string]any)["values"].([]any)[0].(float64)
	if value < 0.9 || value > 1.1 {
		t.Errorf("predicted %v at (4, high), want about 1", value)
	}
}

// A stream is learned from once, and an interrupt while it is silent keeps what
// was learned.
func TestTrainStream(t *testing.T) {
	folder(t)
	m := object(t, pointsCSV(400), "train", "--data", "-", "--test", "points.csv", "--model", "softmax", "--batch", "4", "--sample", "20", "--lr", "0.05")
	if m["steps"] != 100.0 || m["reason"] != "data exhausted" || !(m["test_accuracy"].(float64) > 0.9) {
		t.Errorf("%v steps, %v, test accuracy %v", m["steps"], m["reason"], m["test_accuracy"])
	}
	passes := object(t, pointsCSV(50), "train", "--data", "-", "--model", "softmax", "--epochs", "2", "--no-figures")
	if passes["epochs"] != 2.0 {
		t.Errorf("several passes: %v", passes["epochs"])
	}

	r, w := io.Pipe()
	defer func() { _ = w.Close() }()
	ctx, cancel := context.WithCancel(context.Background())
	go func() {
		_, _ = io.WriteString(w, pointsCSV(200))
		time.Sleep(20 * time.Millisecond) // time to learn what has come
		cancel()
	}()
	var out, diag bytes.Buffer
	code := execute(ctx, []string{"train", "--data", "-", "--model", "softmax", "--batch", "4", "--sample", "20", "--json", "--no-figures"}, r, &out, &diag)
	if code != exitInterrupted {
		t.Fatalf("exit code %d, want %d: %s", code, exitInterrupted, diag.String())
	}
	if m := parse(t, out.String()); m["verdict"] != "interrupted" || m["model_file"] == nil {
		t.Errorf("verdict %v, model %v", m["verdict"], m["model_file"])
	}
}

func TestTrainIDX(t *testing.T) {
	folder(t)
	set, err := data.Digits(300, 1)
	if err != nil {
		t.Fatal(err)
	}
	pixels, labels := make([]byte, len(set.X)), make([]byte, set.Len())
	for i, v := range set.X {
		pixels[i] = byte(v*255 + 0.5)
	}
	for i, l := range set.Label {
		labels[i] = byte(l)
	}
	write(t, "m/train-images-idx3-ubyte", idx([]int{300, 28, 28}, pixels))
	write(t, "m/train-labels-idx1-ubyte", idx([]int{300}, labels))
	m := object(t, "", "train", "--data", "mnist:m", "--model", "softmax", "--epochs", "4", "--lr", "0.01", "--no-figures")
	if m["features"] != 784.0 || len(m["classes"].([]any)) != 10 || m["examples"].(map[string]any)["test"] != 60.0 {
		t.Errorf("%v features, classes %v, examples %v", m["features"], m["classes"], m["examples"])
	}
}

// What predict says of the test file is what training measured on it.
func TestPredict(t *testing.T) {
	folder(t)
	write(t, "test.csv", pointsCSV(77))
	m := object(t, "", "train", "--data", "points.csv", "--test", "test.csv", "--model", "mlp:8", "--epochs", "12", "--lr", "0.02", "--no-figures")
	o := succeed(t, "", "predict", "--data", "test.csv")
	rows, err := csv.NewReader(strings.NewReader(o.stdout)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	truth, err := csv.NewReader(strings.NewReader(pointsCSV(77))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	if len(rows) != len(truth) || strings.Join(rows[0], ",") != "class,p_left,p_right" {
		t.Fatalf("%d rows of %v", len(rows), rows[0])
	}
	right := 0
	for i := range truth {
		if i > 0 && rows[i][0] == truth[i][2] {
			right++
		}
	}
	if acc := float64(right) / 77; acc != m["test_accuracy"] || acc < 0.8 {
		t.Errorf("predict is right in %v, training measured %v", acc, m["test_accuracy"])
	}
	p := object(t, "", "predict", "--data", "test.csv")
	for i, e := range p["predictions"].([]any) {
		e := e.(map[string]any)
		sum := 0.0
		for _, v := range e["probabilities"].([]any) {
			sum += v.(float64)
		}
		if e["class"] != rows[i+1][0] || sum < 0.999999 || sum > 1.000001 {
			t.Errorf("example %d: %v, want %s and a sum of 1", i, e, rows[i+1][0])
		}
	}
	bare := succeed(t, "x,y\n1,2\n-3,0\n", "predict", "--data", "-")
	if strings.Count(bare.stdout, "\n") != 3 || bare.stderr != "" {
		t.Errorf("without the target: %q, %q", bare.stdout, bare.stderr)
	}
	succeed(t, "", "train", "--data", "spirals:n=100", "--model", "softmax", "--epochs", "1", "--no-figures", "--out", "s")
	if p := object(t, "", "predict", "--data", "spirals:n=10", "--model-file", "s/model.safetensors"); p["accuracy"] == nil || p["count"] != 10.0 {
		t.Errorf("%v", p)
	}
}

// The promise for real digits, 96.8 % on the test file, holds from the command
// line too.
func TestTrainOptdigits(t *testing.T) {
	train, test := realdata.Path(t, "optdigits", "optdigits.tra"), realdata.Path(t, "optdigits", "optdigits.tes")
	folder(t)
	m := object(t, "", "train", "--data", train, "--test", test, "--model", "mlp:128,64", "--optimizer", "adamw",
		"--lr", "0.01", "--schedule", "onecycle", "--epochs", "20", "--seed", "1", "--no-figures", "-q")
	t.Logf("test accuracy %v in %v s", m["test_accuracy"], m["seconds"])
	if acc := m["test_accuracy"].(float64); acc < 0.968 {
		t.Errorf("test accuracy %v, want at least 0.968", acc)
	}
}
