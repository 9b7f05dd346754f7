package descent_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/descent-go/descent"
	"github.com/descent-go/descent/data"
	"github.com/descent-go/descent/optim"
	"github.com/descent-go/descent/train"
)

// call runs the program slope for a model.
func call[F optim.Float](t *testing.T, model train.Model[F], sets *data.Sets, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	var out, diag bytes.Buffer
	code = descent.Execute(model, sets, args, strings.NewReader(""), &out, &diag)
	return code, out.String(), diag.String()
}

// A parabola is a function of its one parameter, in float32.
type parabola struct{ x, grad []float32 }

func newParabola() *parabola { return &parabola{[]float32{5}, []float32{0}} }

func (p *parabola) Params() []optim.Param[float32] {
	return []optim.Param[float32]{{Name: "x", Shape: []int{1}, Data: p.x, Grad: p.grad}}
}

func (p *parabola) Loss(*data.Batch) (float64, error) {
	miss := p.x[0] - 2
	p.grad[0] = 2 * miss
	return float64(miss * miss), nil
}

// A program is called by the name it was started under, and ends with codes that
// scripts can rely on.
func TestExecute(t *testing.T) {
	t.Chdir(t.TempDir())
	for _, c := range []struct {
		args           []string
		code           int
		stdout, stderr string // parts of them
	}{
		{[]string{"slope", "train", "--steps", "100", "--lr", "0.1", "-q"}, 0, "Finished; loss ", ""},
		{[]string{"slope", "runs", "-q"}, 0, "-parabola-adamw-", ""},
		{[]string{"slope", "resume", "latest", "-q", "--steps", "200"}, 0, "after 200 steps", ""},
		{[]string{"slope", "repeat", "latest", "-q"}, 0, "The same bits", ""},
		{[]string{"slope", "train", "--steps", "100", "--optimizer", "sgd", "--lr", "3"}, 3, "Diverged", ""},
		{[]string{filepath.Join("a", "b", "slope.exe"), "train", "--steps", "few"}, 2, "", "slope: --steps \"few\""},
		{[]string{"slope", "train"}, 2, "", "slope: --steps"},
		{[]string{"slope", "train", "--batch", "3"}, 2, "", "slope: unknown flag: --batch"},
		{[]string{"slope", "train", "no.yaml"}, 1, "", "as slope init writes it\n"},
		{[]string{"slope", "run"}, 2, "", "slope: no command \"run\""},
		{[]string{"slope"}, 0, "slope [command]", ""},
		{nil, 0, "program [command]", ""},
	} {
		code, stdout, stderr := call(t, newParabola(), nil, c.args...)
		if code != c.code || !strings.Contains(stdout, c.stdout) || !strings.Contains(stderr, c.stderr) {
			t.Errorf("%v: exit code %d, want %d\n%s%s", c.args, code, c.code, stdout, stderr)
		}
	}
}

// What cannot be trained is told under the program's name.
func TestExecuteRefuses(t *testing.T) {
	for _, c := range []struct {
		model *plane
		sets  *data.Sets
		want  string
	}{
		{nil, nil, "slope: experiment: the model is nil\n"},
		{newPlane(2), &data.Sets{Test: slope(3)}, "slope: experiment: a test set without a training set\n"},
	} {
		var model train.Model[float64]
		if c.model != nil {
			model = c.model
		}
		if code, stdout, stderr := call(t, model, c.sets, "slope", "train"); code != 1 || stdout != "" || stderr != c.want {
			t.Errorf("exit code %d\n%s%s, want %s", code, stdout, stderr, c.want)
		}
	}
}

// A model that judges nothing is not validated.
func TestExecuteBlind(t *testing.T) {
	t.Chdir(t.TempDir())
	sets := &data.Sets{Train: slope(40)}
	code, stdout, stderr := call(t, newParabola(), sets, "slope", "train", "-q", "--epochs", "3", "--out", "run")
	if code != 0 || !strings.Contains(stdout, "Finished 3 epochs") {
		t.Errorf("exit code %d\n%s%s", code, stdout, stderr)
	}
	if _, err := os.Stat(filepath.Join("run", "model.safetensors")); err != nil {
		t.Error(err)
	}
}
