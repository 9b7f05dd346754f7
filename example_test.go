package descent_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/descent-go/descent"
	"github.com/descent-go/descent/checkpoint"
	"github.com/descent-go/descent/data"
	"github.com/descent-go/descent/optim"
	"github.com/descent-go/descent/train"
)

// A plane is a model of one's own: target = weights · features + bias, by least
// squares. That it is linear is no business of anything else here.
type plane struct {
	weights, bias         []float64
	weightsGrad, biasGrad []float64
}

func newPlane(dim int) *plane {
	return &plane{make([]float64, dim), make([]float64, 1), make([]float64, dim), make([]float64, 1)}
}

func (m *plane) String() string { return "plane" }

func (m *plane) Params() []optim.Param[float64] {
	return []optim.Param[float64]{
		{Name: "weights", Shape: []int{len(m.weights)}, Data: m.weights, Grad: m.weightsGrad},
		{Name: "bias", Shape: []int{1}, Data: m.bias, Grad: m.biasGrad},
	}
}

// Loss returns the mean squared error and writes its gradient.
func (m *plane) Loss(b *data.Batch) (float64, error) {
	clear(m.weightsGrad)
	clear(m.biasGrad)
	sum := 0.0
	for i := range b.N {
		miss := m.miss(b, i)
		sum += float64(miss * miss)
		g := 2 * miss / float64(b.N)
		m.biasGrad[0] += g
		for j := range m.weights {
			m.weightsGrad[j] += float64(g * float64(b.X[i*b.Dim+j]))
		}
	}
	return sum / float64(b.N), nil
}

// Evaluate returns the mean squared error.
func (m *plane) Evaluate(b *data.Batch) (float64, int, error) {
	sum := 0.0
	for i := range b.N {
		miss := m.miss(b, i)
		sum += float64(miss * miss)
	}
	return sum / float64(b.N), 0, nil
}

func (m *plane) miss(b *data.Batch, i int) float64 {
	y := m.bias[0]
	for j, w := range m.weights {
		y += float64(w * float64(b.X[i*b.Dim+j]))
	}
	return y - float64(b.Target[i])
}

// slope returns n examples of 3x − 2y + 1, on a grid that is walked through in
// jumps, with errors of up to 0.05.
func slope(n int) *data.Set {
	s := &data.Set{Name: "slope", Dim: 2, Out: 1}
	for i := range n {
		x, y := float32(i*37%101)/50-1, float32(i*53%97)/48-1
		s.X = append(s.X, x, y)
		s.Target = append(s.Target, float32(3*x)-float32(2*y)+1+(float32(i*29%41)/20-1)/20)
	}
	return s
}

// Everything is there without the command line: a model of one's own learns with
// checkpoints in a folder, from which it goes on when it is started again; it
// stops early and keeps its best parameters; a history is kept, and what happens
// arrives as events.
func Example() {
	if err := learn(); err != nil {
		fmt.Println(err)
	}
	// Output:
	// step 67: the loss is below 1
	// step 169: the loss is below 0.1
	// step 249: the loss is below 0.01
	// step 319: the loss is below 0.001
	// 41 evaluations; stopped: nothing better than 0.000887849 of step 420 in 20 observations; loss 0.000868405, from 5.70542 after 820 steps
	// the last checkpoint is of step 820
	// plane: 3.00 x + -2.00 y + 1.00
}

func learn() error {
	dir, err := os.MkdirTemp("", "descent-example-") // a folder that stays, in earnest
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	model, examples := newPlane(2), slope(500)
	batches, err := data.NewBatches(examples.Head(400), 20, 1)
	if err != nil {
		return err
	}
	store, err := checkpoint.Open(dir, 3)
	if err != nil {
		return err
	}
	o := train.Defaults(optim.NewAdam())
	o.LR, o.Epochs, o.Validation = 0.02, 200, examples.Tail(100)
	o.Patience, o.KeepBest = 20, true
	o.Checkpoints = &train.Checkpoints{Store: store, Every: 150, Resume: true}

	history, below := &train.History{}, 1.0
	watch := train.SinkFunc(func(e train.Event) {
		if e, ok := e.(*train.Step); ok && e.Loss < below {
			fmt.Printf("step %d: the loss is below %g\n", e.Step, below)
			below /= 10
		}
	})
	res, err := train.Run(context.Background(), model, batches, o, history, watch)
	if err != nil {
		return err
	}
	last, _, err := store.Newest()
	if err != nil {
		return err
	}
	fmt.Printf("%d evaluations; %s\n", len(history.Evaluations), res.Verdict)
	fmt.Println("the last checkpoint is of step", last.Info.Step)
	fmt.Printf("%v: %.2f x + %.2f y + %.2f\n", model, model.weights[0], model.weights[1], model.bias[0])
	return nil
}

// A program in one line: what it is called with, as in
//
//	slope train --lr 0.02 --epochs 50 --schedule cosine
//	slope resume latest
//
// is read from os.Args.
func ExampleMain() {
	examples := slope(500)
	descent.Main(newPlane(2), &data.Sets{Train: examples.Head(400), Test: examples.Tail(100)})
}

// Execute is the same for tests, and for programs with more than one model.
func ExampleExecute() {
	dir, err := os.MkdirTemp("", "descent-example-")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer func() { _ = os.RemoveAll(dir) }()
	examples := slope(500)
	sets := &data.Sets{Train: examples.Head(400), Test: examples.Tail(100)}
	for _, line := range []string{
		"slope train --lr 0.02 --epochs 50 --schedule cosine --no-figures --quiet --out " + filepath.Join(dir, "first"),
		"slope repeat --no-figures --quiet --runs " + dir + " " + filepath.Join(dir, "first"),
		"slope predict",
	} {
		code := descent.Execute(newPlane(2), sets, strings.Fields(line), strings.NewReader(""), os.Stdout, os.Stdout)
		fmt.Println("exit code", code)
	}
	// Output:
	// Test loss 0.00413468
	// Finished 50 epochs; loss 0.00456022, from 6.15032 after 600 steps.
	// exit code 0
	// The same bits: every event and all parameters of run first
	// exit code 0
	// slope: no command "predict" (there are: compare find-lr init landscape redraw repeat resume rules runs schedules serve train tune)
	// Try: slope --help
	// exit code 2
}
