package experiment_test

import (
	"context"
	"fmt"
	"strings"

	"github.com/descent-go/descent/data"
	"github.com/descent-go/descent/experiment"
	"github.com/descent-go/descent/optim"
)

// A file of settings is all that a training needs.
func ExampleParse() {
	e, err := experiment.Parse("spirals.yaml", []byte(`
data: spirals:n=400,turns=0.5
model: mlp:16
lr: 0.02
schedule: onecycle
epochs: 20
`))
	if err != nil {
		fmt.Println(err)
		return
	}
	s, err := e.Open(context.Background(), experiment.Inputs{})
	if err != nil {
		fmt.Println(err)
		return
	}
	res, err := s.Train(context.Background())
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(s.Model, "with", s.Rule.Spec, "for", res.Epochs, "epochs")
	fmt.Println("learned:", *res.TestAccuracy > 0.9)
	// Output:
	// mlp:16 with adamw for 20 epochs
	// learned: true
}

// Mistakes are named with their place and with what was expected.
func ExampleParse_mistakes() {
	for _, text := range []string{"batch: 32\nlr: -1\n", "learning-rate: 1\nlrr: 1\n", "clip_norm: 1\n", "ema: 1.5\n"} {
		_, err := experiment.Parse("a.yaml", []byte(text))
		fmt.Printf("%.75s\n", err)
	}
	// Output:
	// a.yaml:2:5: lr = -1, want a finite number of at least 0
	// a.yaml:1:1: no setting "learning-rate", want one of data, test, holdout, va
	// a.yaml:1:1: no setting "clip_norm", did you mean clip-norm?
	// a.yaml:1:6: ema = 1.5, want a number in (0, 1), or 0
}

// An opened experiment has every value, so that it can be repeated.
func ExampleExperiment_YAML() {
	e := experiment.Default()
	e.Function, e.Steps = "rosenbrock", 100
	e.Optimizer = "sgd:momentum=0.9,lr=1e-4"
	s, err := e.Open(context.Background(), experiment.Inputs{})
	if err != nil {
		fmt.Println(err)
		return
	}
	for line := range strings.Lines(string(s.Experiment.YAML())) {
		if key, _, _ := strings.Cut(line, ":"); strings.Contains(" function optimizer lr steps seed ", " "+key+" ") {
			fmt.Print(line)
		}
	}
	// Output:
	// function: rosenbrock
	// optimizer: sgd:momentum=0.9
	// lr: 0.0001
	// steps: 100
	// seed: 0
}

// A line is a model of one's own: y = ax + b, fitted to examples by its mean
// squared error.
type line struct{ value, grad []float32 }

func (l *line) Params() []optim.Param[float32] {
	return []optim.Param[float32]{{Name: "line", Shape: []int{2}, Data: l.value, Grad: l.grad}}
}

func (l *line) Loss(b *data.Batch) (float64, error) {
	clear(l.grad)
	sum := 0.0
	for i := range b.N {
		miss := l.value[0]*b.X[i] + l.value[1] - b.Target[i]
		sum += float64(miss) * float64(miss)
		l.grad[0] += 2 * miss * b.X[i] / float32(b.N)
		l.grad[1] += 2 * miss / float32(b.N)
	}
	return sum / float64(b.N), nil
}

func (l *line) String() string { return "line" }

// A program offers its own model and data; what is left to set is the rest.
func ExampleNewOwn() {
	set := &data.Set{Name: "points", Dim: 1, Out: 1}
	for i := range 20 {
		x := float32(i) / 10
		set.X, set.Target = append(set.X, x), append(set.Target, 3*x+1)
	}
	l := &line{value: make([]float32, 2), grad: make([]float32, 2)}
	own, err := experiment.NewOwn(l, &data.Sets{Train: set})
	if err != nil {
		fmt.Println(err)
		return
	}
	e := experiment.DefaultOf(own)
	e.Optimizer, e.Batch = "sgd:momentum=0.9,lr=0.05", 5
	s, err := e.Open(context.Background(), experiment.Inputs{})
	if err != nil {
		fmt.Println(err)
		return
	}
	s.Options.Epochs = 200
	if _, err := s.Train(context.Background()); err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%s: y = %.2fx + %.2f\n", s.Model, l.value[0], l.value[1])
	// Output:
	// line: y = 3.00x + 1.00
}
