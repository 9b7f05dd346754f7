package tensorboard

import (
	"bytes"
	"flag"
	"math"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/descent-go/descent/optim"
	"github.com/descent-go/descent/train"
)

var update = flag.Bool("update", false, "write the golden files anew")

// ticking returns a clock that is a quarter of a second later at every look.
func ticking(start int64) func() time.Time {
	now := time.Unix(start, 0)
	return func() time.Time {
		now = now.Add(time.Second / 4)
		return now
	}
}

// settings are those of the runs below.
func settings(rate float64) map[string]any {
	return map[string]any{
		"optimizer": "adamw", "learning-rate": rate, "batch": 32, "nesterov": true, "clip": math.Inf(1),
		"seed": uint64(1<<63 + 1), "budget": 90 * time.Second,
	}
}

// play tells sinks what happens in a made-up run, from a step on, and moves
// the parameters accordingly.
func play(params []optim.Param[float64], from, to int64, sink train.Sink) {
	head := train.Started{Optimizer: "adamw", Rate: 0.5, Parameters: 6, Steps: 12, PerEpoch: 4, Epochs: 3}
	if from == 0 {
		sink.Event(&head)
	} else {
		sink.Event(&train.Resumed{Started: head, Step: from, Epoch: int(from / 4), From: "00000006"})
	}
	for step := from + 1; step <= to; step++ {
		loss := 1/float64(step) + float64(from)/1024
		for i := range params {
			for j := range params[i].Data {
				params[i].Data[j] -= float64(j) / 16 / float64(step)
			}
		}
		e := &train.Step{Step: step, Epoch: int(step-1) / 4, Loss: loss, Rate: 0.5 / float64(step), Examples: 32, GradNorm: loss / 3}
		if step > 8 {
			e.UpdateNorm, e.ParamNorm = loss/8, 2
		}
		sink.Event(e)
		if step == 5 {
			sink.Event(&train.Step{Step: step, Epoch: 1, Loss: math.NaN(), Rate: 0.5, Examples: 32, GradNorm: math.NaN(), Skipped: true})
			sink.Event(&train.Diagnosis{
				Step: step, Cosine: -0.25, Alpha: train.Real(math.NaN()), Along: 3, Sharpness: 4, Edge: 0.5, Rate: 0.5,
				Params: []train.ParamNorms{{Name: "0.weight", Value: 2, Grad: 0.5, Update: 0.25, Ratio: 0.125}, {Name: "0.bias", Value: 0, Grad: 1, Update: 1, Ratio: train.Real(math.Inf(1))}},
			})
		}
		if step%4 == 0 {
			epoch := int(step / 4)
			sink.Event(&train.EpochEnd{Epoch: epoch, Step: step, Loss: loss * 2, Rate: e.Rate})
			sink.Event(&train.Evaluation{Step: step, Epoch: epoch, Set: "train", Loss: loss / 2, Examples: 128})
			sink.Event(&train.Evaluation{Step: step, Epoch: epoch, Set: "validation", Loss: loss, Accuracy: 1 - loss, Labelled: true, Examples: 64, Best: true})
		}
		if step == 7 {
			sink.Event(&train.Checkpointed{Step: 6, Epoch: 1, Name: "00000006", Bytes: 4096, Seconds: 0.125})
			sink.Event(&train.Checkpointed{Step: 7, Epoch: 1, Name: "00000007", Error: "no space left on device"})
		}
	}
}

func parameters() []optim.Param[float64] {
	return []optim.Param[float64]{
		{Name: "0.weight", Shape: []int{2, 2}, Data: []float64{1, -1, 0.5, 3}},
		{Name: "0.bias", Shape: []int{2}, Data: []float64{0, math.Inf(-1)}},
	}
}

// stories are runs whose files are kept.
var stories = []struct {
	name string
	tell func(t *testing.T, w *Writer)
}{
	{"complete", func(t *testing.T, w *Writer) {
		params := parameters()
		if err := Watch(w, params, 4); err != nil {
			t.Fatal(err)
		}
		play(params, 0, 12, w)
		w.Event(&train.Evaluation{Step: 12, Epoch: 3, Set: "test", Loss: 0.125, Accuracy: 0.75, Labelled: true, Examples: 50})
		w.Event(&train.Finished{Result: &train.Result{Steps: 12, Reason: train.ReasonEpochs, Verdict: "finished 3 epochs"}})
	}},
	{"interrupted", func(t *testing.T, w *Writer) {
		play(parameters(), 0, 9, w)
		w.Event(&train.Finished{Result: &train.Result{Steps: 9, Reason: train.ReasonInterrupted, Verdict: "interrupted"}})
	}},
	{"resumed", func(t *testing.T, w *Writer) {
		params := parameters()
		if err := Watch(w, params, 1); err != nil {
			t.Fatal(err)
		}
		play(params, 6, 12, w)
		w.Event(&train.Finished{Result: &train.Result{Steps: 12, Reason: train.ReasonTarget, Verdict: "reached the target loss of 0.1"}})
	}},
	{"diverged", func(t *testing.T, w *Writer) {
		play(parameters(), 0, 3, w)
		w.Event(&train.Oscillating{Step: 2, Period: 2})
		w.Event(&train.Step{Step: 4, Loss: math.Inf(1), Rate: 1e300, Examples: 32})
		d := &train.Diverged{Step: 4, Cause: train.CauseParameter, Param: "0.weight", Index: 2, Value: train.Real(math.NaN())}
		w.Event(d)
		w.Event(&train.Finished{Result: &train.Result{Steps: 4, Reason: train.ReasonDiverged, Verdict: d.String(), Diverged: d}})
	}},
}

// Files are the same bytes today as when the real TensorBoard read them.
func TestGolden(t *testing.T) {
	for i, story := range stories {
		dir := t.TempDir()
		w, err := New(dir, Options{Clock: ticking(1_700_000_000), Host: "host", Settings: settings(0.5 + float64(i))})
		if err != nil {
			t.Fatal(err)
		}
		story.tell(t, w)
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		compare(t, w.Path(), filepath.Join("testdata", story.name+".tfevents"))
	}
}

func TestGoldenExperiment(t *testing.T) {
	dir := t.TempDir()
	for range 2 { // the second takes the place of the first
		if err := Describe(dir, experiment, Options{Clock: ticking(1_700_000_000)}); err != nil {
			t.Fatal(err)
		}
	}
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) != 1 {
		t.Fatalf("%v, %v, want one file", entries, err)
	}
	compare(t, filepath.Join(dir, entries[0].Name()), filepath.Join("testdata", "experiment.tfevents"))
}

var experiment = Experiment{
	Description: "rates of AdamW",
	Settings: []Setting{
		{Name: "learning-rate", Doc: "the base rate", Values: []any{0.5, 1.5, 2.5, 3.5}},
		{Name: "optimizer", Doc: "the rule", Values: []any{"adamw"}},
		{Name: "nesterov", Values: []any{false, true}},
	},
	Metrics: []string{"loss/validation", "accuracy/validation"},
}

func compare(t *testing.T, path, golden string) {
	t.Helper()
	got, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if *update {
		if err := os.WriteFile(golden, got, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("%s has changed. It is\n%v\nand was\n%v", golden, read(t, got), read(t, want))
	}
}
