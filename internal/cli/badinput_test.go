package cli

import (
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"os"
	"strings"
	"testing"
)

// idx returns a file in the IDX format.
func idx(dims []int, data []byte) string {
	b := []byte{0, 0, 8, byte(len(dims))}
	for _, d := range dims {
		b = binary.BigEndian.AppendUint32(b, uint32(d))
	}
	return string(append(b, data...))
}

// Whatever is wrong, the answer is an exit code, nothing on standard output and
// a message that names the thing, the place and what was expected.
func TestBadInput(t *testing.T) {
	folder(t)
	write(t, "file", "in the way")
	write(t, "empty.csv", "")
	write(t, "header.csv", "x,y,side\n")
	write(t, "ragged.csv", "x,y,side\n1,2,left\n3,4\n")
	write(t, "text.csv", "x,y\n1,2\n2,three\n3,4\n4,5\n")
	write(t, "quote.csv", "x,y\n\"1,2\n")
	write(t, "missing.csv", "x,y,side\n1,,left\n2,3,right\n")
	write(t, "one.csv", "x,side\n1,left\n2,left\n3,left\n")
	write(t, "other.csv", "a,b,side\n1,2,left\n")
	write(t, "wider.csv", "x,y,z,side\n1,2,3,left\n")
	write(t, "classes.csv", "x,y,side\n1,2,middle\n")
	write(t, "binary.csv", "a,b\x00\n1,2\n")
	write(t, "short/t10k-images-idx3-ubyte", idx([]int{4, 2, 2}, make([]byte, 7)))
	write(t, "short/t10k-labels-idx1-ubyte", idx([]int{4}, make([]byte, 4)))
	write(t, "magic/t10k-images-idx3-ubyte", "GIF89a not an IDX file at all")
	write(t, "magic/t10k-labels-idx1-ubyte", idx([]int{4}, make([]byte, 4)))
	write(t, "labels/t10k-images-idx3-ubyte", idx([]int{4, 2, 2}, make([]byte, 16)))
	write(t, "labels/t10k-labels-idx1-ubyte", idx([]int{4}, []byte{0, 1, 2, 77}))
	write(t, "count/t10k-images-idx3-ubyte", idx([]int{4, 2, 2}, make([]byte, 16)))
	write(t, "count/t10k-labels-idx1-ubyte", idx([]int{3}, make([]byte, 3)))
	var zipped bytes.Buffer
	z := gzip.NewWriter(&zipped)
	_, _ = z.Write([]byte(pointsCSV(60)))
	_ = z.Close()
	write(t, "cut.csv.gz", zipped.String()[:zipped.Len()/2])
	if err := os.Mkdir("none", 0o755); err != nil {
		t.Fatal(err)
	}
	succeed(t, "", "train", "--data", "points.csv", "--model", "softmax", "--epochs", "1", "--out", "good", "--no-figures")
	model, err := os.ReadFile("good/model.safetensors")
	if err != nil {
		t.Fatal(err)
	}
	write(t, "cut.safetensors", string(model[:len(model)-5]))
	write(t, "long.safetensors", string(model)+"more")
	write(t, "swapped.safetensors", strings.Replace(string(model), `dense1.bias"`, `dense9.bias"`, 1))
	write(t, "future.safetensors", strings.Replace(string(model), modelFormat, "descent-model-9", 1))
	write(t, "widths.safetensors", strings.Replace(string(model), `"softmax"`, `"mlp:900"`, 1))
	write(t, "scaler.safetensors", strings.Replace(string(model), `\"dim\":2`, `\"dim\":7`, 1))
	write(t, "huge.safetensors", "\xff\xff\xff\xff\xff\xff\xff\x7f{}")

	fit := []string{"train", "--epochs", "1", "--model", "softmax", "--data"}
	for _, c := range []struct {
		name string
		args []string
		code int
		want []string // all of them in the message
	}{
		{"no such command", []string{"fly"}, exitUsage, []string{`"fly"`, "run", "train"}},
		{"misspelt command", []string{"ruls"}, exitUsage, []string{"did you mean", "or rules or"}},
		{"unknown flag", []string{"run", "--speed", "9"}, exitUsage, []string{"--speed", "descent run --help"}},
		{"flag without value", []string{"run", "--lr"}, exitUsage, []string{"--lr"}},
		{"argument too many", []string{"run", "fast"}, exitUsage, []string{`"fast"`, "flags only"}},
		{"two names", []string{"rules", "adam", "sgd"}, exitUsage, []string{`"sgd"`, "at most 1"}},
		{"text for a number", []string{"run", "--steps", "many"}, exitUsage, []string{"--steps", `"many"`, "whole number"}},
		{"text for a rate", []string{"run", "--lr", "high"}, exitUsage, []string{"--lr", `"high"`, "a number"}},
		{"negative seed", []string{"run", "--seed", "-1"}, exitUsage, []string{"--seed", `"-1"`, "at least 0"}},

		{"unknown rule", []string{"run", "--optimizer", "adamm"}, exitUsage, []string{"adamm", "adamw"}},
		{"unknown rule among several", []string{"run", "--optimizer", "sgd,adamm,adam"}, exitUsage, []string{"adamm"}},
		{"no rule", []string{"run", "--optimizer", ""}, exitUsage, []string{"--optimizer", "there are"}},
		{"beta of 1.2", []string{"run", "--optimizer", "adam:beta2=1.2"}, exitUsage, []string{"Adam.Beta2 = 1.2", "[0, 1)"}},
		{"NaN momentum", []string{"run", "--optimizer", "sgd:momentum=NaN"}, exitUsage, []string{"SGD.Momentum = NaN", "[0, 1)"}},
		{"unknown option", []string{"run", "--optimizer", "adam:beta3=0.9"}, exitUsage, []string{"beta3", "beta1"}},
		{"option without value", []string{"run", "--optimizer", "adam:beta1"}, exitUsage, []string{"beta1", "name=value"}},
		{"NaN rate", []string{"run", "--lr", "NaN"}, exitUsage, []string{"--lr NaN", "finite"}},
		{"infinite rate", []string{"run", "--lr", "Inf"}, exitUsage, []string{"--lr", "Inf", "finite"}},
		{"negative rate", []string{"run", "--lr", "-0.1"}, exitUsage, []string{"--lr -0.1", "at least 0"}},
		{"negative rate of one rule", []string{"run", "--optimizer", "adam:lr=-1"}, exitUsage, []string{"adam:lr=-1", "at least 0"}},
		{"rate of one rule no number", []string{"run", "--optimizer", "adam:lr=x"}, exitUsage, []string{"lr = x", "finite number"}},
		{"NaN rate in training", []string{"train", "--lr", "NaN"}, exitUsage, []string{"--lr NaN", "finite"}},
		{"several rules in training", []string{"train", "--optimizer", "adam,sgd"}, exitUsage, []string{"adam,sgd", "one rule", "compare takes several"}},
		{"unknown rule to explain", []string{"rules", "adamm"}, exitUsage, []string{`"adamm"`, "adamw"}},

		{"zero steps", []string{"run", "--steps", "0"}, exitUsage, []string{"--steps 0", "at least 1"}},
		{"start no number", []string{"run", "--start", "1,b"}, exitUsage, []string{"--start", `"b"`, "-1.2,1"}},
		{"start of three", []string{"run", "--start", "1,2,3"}, exitUsage, []string{"--start 1,2,3", "want 2"}},
		{"start at infinity", []string{"run", "--start", "1,inf"}, exitUsage, []string{"coordinate 2", "finite"}},
		{"negative noise", []string{"run", "--noise", "-1"}, exitUsage, []string{"--noise -1"}},
		{"NaN noise", []string{"run", "--noise", "nan"}, exitUsage, []string{"--noise NaN"}},
		{"unknown function", []string{"run", "--function", "rosenbrok"}, exitUsage, []string{"rosenbrok", "rosenbrock"}},
		{"unknown parameter", []string{"run", "--function", "rosenbrock:c=1"}, exitUsage, []string{`"c"`, "a, b"}},
		{"malformed expression", []string{"run", "--function", "x^2 + * y"}, exitUsage, []string{"column 7", "x^2 + * y", "\n      ^"}},
		{"unclosed bracket", []string{"functions", "(x + y"}, exitUsage, []string{"column", "(x + y", "^"}},
		{"unknown name in expression", []string{"functions", "x + q"}, exitUsage, []string{"column 5", `"q"`}},
		{"family's options", []string{"run", "--function", "quadratic:n=-3"}, exitUsage, []string{"n", `"-3"`, "whole number"}},
		{"animation of n variables", []string{"run", "--function", "quadratic:n=5", "--gif"}, exitUsage, []string{"--gif", "5 variables"}},
		{"plot of no function", []string{"functions", "--plot"}, exitUsage, []string{"--plot", "function"}},
		{"theme", []string{"run", "--theme", "pink"}, exitUsage, []string{"pink", "light", "dark"}},
		{"resolution", []string{"train", "--resolution", "100"}, exitUsage, []string{"--resolution 100", "0.5 to 8"}},

		{"unknown schedule", []string{"run", "--schedule", "cosin"}, exitUsage, []string{"cosin", "cosine"}},
		{"schedule's parameter", []string{"run", "--schedule", "step:every=10,gamma=-1"}, exitUsage, []string{"Gamma = -1"}},
		{"unknown schedule in training", []string{"train", "--schedule", "onecircle"}, exitUsage, []string{"onecircle", "onecycle"}},
		{"unknown schedule to explain", []string{"schedules", "cosin"}, exitUsage, []string{"cosin", "cosine"}},
		{"total of a schedule", []string{"schedules", "cosine", "--total", "0"}, exitUsage, []string{"--total 0", "at least 1"}},
		{"plateau", []string{"train", "--plateau", "factor=2"}, exitUsage, []string{"--plateau", "Factor = 2"}},

		{"no parameters", []string{"memory"}, exitUsage, []string{"--params", "7e9"}},
		{"half a parameter", []string{"memory", "--params", "7.5"}, exitUsage, []string{"--params 7.5", "whole number"}},
		{"element type", []string{"memory", "--params", "7", "--dtype", "int8"}, exitUsage, []string{"int8", "float32"}},

		{"missing file", []string{"train", "--data", "nowhere.csv"}, exitFailure, []string{"nowhere.csv", "no such file"}},
		{"neither file nor name", []string{"train", "--data", "digit"}, exitFailure, []string{`"digit"`, "digits"}},
		{"folder for a file", []string{"train", "--data", "none"}, exitFailure, []string{"none", "folder", "mnist:"}},
		{"empty data", append(fit, "empty.csv"), exitFailure, []string{"empty.csv", "empty"}},
		{"header only", append(fit, "header.csv"), exitFailure, []string{"header.csv"}},
		{"empty standard input", append(fit, "-"), exitFailure, []string{"standard input", "empty"}},
		{"ragged table", append(fit, "ragged.csv"), exitFailure, []string{"ragged.csv:3", "2 columns", "want 3"}},
		{"text among numbers", append(fit, "text.csv", "--model", "linear"), exitFailure, []string{"text.csv:3", "three"}},
		{"broken quotes", append(fit, "quote.csv"), exitFailure, []string{"quote.csv"}},
		{"missing value", append(fit, "missing.csv"), exitFailure, []string{"missing.csv:2", "missing"}},
		{"one class", append(fit, "one.csv"), exitFailure, []string{"one.csv", "one class"}},
		{"not a text file", append(fit, "binary.csv"), exitFailure, []string{"binary.csv", "zero byte"}},
		{"truncated gzip", append(fit, "cut.csv.gz"), exitFailure, []string{"cut.csv.gz", "EOF"}},
		{"missing target", append(fit, "points.csv", "--target-column", "color"), exitFailure, []string{"points.csv", `"color"`, "side"}},
		{"target beyond the last", append(fit, "points.csv", "--target-column", "9"), exitFailure, []string{"points.csv", "9", "1 to 3"}},
		{"other columns in the test", append(fit, "points.csv", "--test", "other.csv"), exitFailure, []string{"other.csv", `"x"`}},
		{"more columns in the test", append(fit, "points.csv", "--test", "wider.csv"), exitFailure, []string{"wider.csv", `"z"`}},
		{"new class in the test", append(fit, "points.csv", "--test", "classes.csv"), exitFailure, []string{"classes.csv:2", "middle"}},
		{"missing test", append(fit, "points.csv", "--test", "gone.csv"), exitFailure, []string{"gone.csv", "no such file"}},
		{"test of generated data", append(fit, "spirals", "--test", "points.csv"), exitFailure, []string{"points.csv", "table"}},
		{"digits' settings", append(fit, "digits:m=5"), exitFailure, []string{"digits:m=5", "n, seed"}},
		{"truncated IDX", append(fit, "mnist:short"), exitFailure, []string{"t10k-images-idx3-ubyte"}},
		{"wrong magic", append(fit, "mnist:magic"), exitFailure, []string{"t10k-images-idx3-ubyte", "magic"}},
		{"label out of range", append(fit, "mnist:labels"), exitFailure, []string{"t10k-labels-idx1-ubyte", "77"}},
		{"counts differ", append(fit, "mnist:count"), exitFailure, []string{"4", "3"}},
		{"no MNIST here", append(fit, "mnist:none"), exitFailure, []string{"none"}},

		{"unknown model", []string{"train", "--model", "resnet:3"}, exitUsage, []string{"resnet:3", "mlp:"}},
		{"width zero", []string{"train", "--model", "mlp:64,0"}, exitUsage, []string{"mlp:64,0", "positive"}},
		{"softmax of a quantity", append(fit, "points.csv", "--target-column", "y", "--task", "regression"), exitUsage, []string{"softmax", "regression"}},
		{"negative batch", []string{"train", "--batch", "-1"}, exitUsage, []string{"--batch -1", "at least 0"}},
		{"no epochs", []string{"train", "--epochs", "0"}, exitUsage, []string{"--epochs 0", "--steps"}},
		{"negative epochs", []string{"train", "--epochs", "-2"}, exitUsage, []string{"--epochs -2"}},
		{"validation of all", []string{"train", "--val", "1"}, exitUsage, []string{"--val 1", "[0, 1)"}},
		{"holdout NaN", []string{"train", "--holdout", "NaN"}, exitUsage, []string{"--holdout NaN", "[0, 1)"}},
		{"validation too small", append(fit, "points.csv", "--val", "0.001"), exitUsage, []string{"--val"}},
		{"negative clipping", []string{"train", "--clip-norm", "-1"}, exitUsage, []string{"--clip-norm -1"}},
		{"no accumulation", []string{"train", "--accumulate", "0"}, exitUsage, []string{"--accumulate 0", "at least 1"}},
		{"policy", []string{"train", "--non-finite", "ignore"}, exitUsage, []string{"--non-finite ignore", "fail, skip or zero"}},
		{"averaging", []string{"train", "--ema", "1"}, exitUsage, []string{"--ema 1", "(0, 1)"}},
		{"both averages", []string{"train", "--ema", "0.9", "--swa"}, exitUsage, []string{"--ema", "--swa"}},
		{"scaling", []string{"train", "--scale", "log"}, exitUsage, []string{"--scale log", "standard"}},
		{"missing policy", []string{"train", "--missing", "guess"}, exitUsage, []string{"--missing guess", "median"}},
		{"NaN time", []string{"train", "--max-seconds", "NaN"}, exitUsage, []string{"--max-seconds NaN"}},

		{"folder in the way of a file", []string{"run", "--out", "file"}, exitFailure, []string{"--out file", "folder"}},
		{"folder below a file", append(fit, "points.csv", "--out", "file/below"), exitFailure, []string{"--out file/below", "folder"}},
		{"folder that refuses", []string{"rules", "--out", "/proc/none"}, exitFailure, []string{"--out /proc/none", "folder"}},

		{"no data to predict", []string{"predict", "--model-file", "good/model.safetensors"}, exitUsage, []string{"--data"}},
		{"no model", []string{"predict", "--model-file", "gone", "--data", "points.csv"}, exitFailure, []string{"--model-file", "gone"}},
		{"folder for a model", []string{"predict", "--model-file", "good", "--data", "points.csv"}, exitFailure, []string{"good", "folder"}},
		{"table for a model", []string{"predict", "--model-file", "points.csv", "--data", "points.csv"}, exitFailure, []string{"points.csv"}},
		{"truncated model", []string{"predict", "--model-file", "cut.safetensors", "--data", "points.csv"}, exitFailure, []string{"cut.safetensors"}},
		{"model with a tail", []string{"predict", "--model-file", "long.safetensors", "--data", "points.csv"}, exitFailure, []string{"long.safetensors"}},
		{"huge header", []string{"predict", "--model-file", "huge.safetensors", "--data", "points.csv"}, exitFailure, []string{"huge.safetensors"}},
		{"missing tensor", []string{"predict", "--model-file", "swapped.safetensors", "--data", "points.csv"}, exitFailure, []string{"swapped.safetensors", "dense1.bias"}},
		{"unknown format", []string{"predict", "--model-file", "future.safetensors", "--data", "points.csv"}, exitFailure, []string{"descent-model-9", modelFormat}},
		{"another network", []string{"predict", "--model-file", "widths.safetensors", "--data", "points.csv"}, exitFailure, []string{"widths.safetensors", "mlp:900 has 4502 parameters"}},
		{"another scaler", []string{"predict", "--model-file", "scaler.safetensors", "--data", "points.csv"}, exitFailure, []string{"scaler.safetensors", "scaler"}},
		{"other columns to predict", []string{"predict", "--model-file", "good/model.safetensors", "--data", "other.csv"}, exitFailure, []string{"other.csv", `"x"`}},
		{"ragged table to predict", []string{"predict", "--model-file", "good/model.safetensors", "--data", "ragged.csv"}, exitFailure, []string{"ragged.csv:3"}},
		{"images for a table's model", []string{"predict", "--model-file", "good/model.safetensors", "--data", "digits"}, exitFailure, []string{"digits"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			for _, args := range [][]string{c.args, append(c.args[:len(c.args):len(c.args)], "--json")} {
				o := command(t, "", args...)
				if o.code != c.code {
					t.Errorf("exit code %d, want %d", o.code, c.code)
				}
				if o.stdout != "" {
					t.Errorf("on standard output: %.200s", o.stdout)
				}
				if !strings.HasPrefix(o.stderr, "descent: ") {
					t.Errorf("message %q, want it to begin with the program's name", o.stderr)
				}
				for _, want := range c.want {
					if !strings.Contains(o.stderr, want) {
						t.Errorf("message %q lacks %q", o.stderr, want)
					}
				}
				for _, never := range []string{"panic", "goroutine", "strconv", "%!", "runtime error"} {
					if strings.Contains(o.stderr, never) {
						t.Errorf("message %q has %q", o.stderr, never)
					}
				}
			}
		})
	}
}
