package record

import (
	"math"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/descent-go/descent/train"
)

func TestSummary(t *testing.T) {
	root := t.TempDir()
	res := result(train.ReasonTarget, 0.9)
	res.BestStep, res.Restored, res.Seconds, res.FirstLoss, res.BestLoss = 20, true, 1.5, math.NaN(), math.Inf(1)
	for i := range 4 {
		res.Evaluations = append(res.Evaluations,
			train.Evaluation{Step: int64(10 * (i + 1)), Set: "train", Loss: float64(i)},
			train.Evaluation{Step: int64(10 * (i + 1)), Set: "validation", Loss: float64(10 + i), Labelled: true, Accuracy: float64(i) / 10})
	}
	r := finishedRun(t, root, "a", "name: first\nlr: 0.1\nrecorded:\n  created: 2026-11-22T12:00:00.5Z\n  model: own\n", noon, res)
	want := Summary{
		ID: r.ID, Name: "first", Dir: r.Dir, Created: noon.Add(time.Second / 2), Status: StatusConverged, Verdict: "target reached",
		Settings: map[string]string{"name": "first", "lr": "0.1", "model": "own"}, Tags: []string{},
		Metrics: map[string]float64{
			"final_loss": 0.25, "best_step": 20, "steps": 40, "skipped": 0, "epochs": 4, "examples": 0, "seconds": 1.5,
			"test_loss": 1 - 0.9, "test_accuracy": 0.9, "train_loss": 1, "val_loss": 11, "val_accuracy": 0.1,
			"parameters": 100, "state_bytes": 0, "planned_steps": 40, "planned_epochs": 4,
		},
	}
	want.Metrics["test_loss"] = *res.TestLoss
	if got := r.Summary(); !reflect.DeepEqual(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
	for _, m := range metricNames {
		if _, ok := want.Metrics[m]; !ok && m != "first_loss" && m != "best_loss" && m != "train_accuracy" {
			t.Errorf("the summary of a run with everything has no %s", m)
		}
	}
}

func TestStatus(t *testing.T) {
	for reason := range train.ReasonTime + 1 {
		r := finishedRun(t, t.TempDir(), "a", "lr: 1\n", noon, result(reason, 0.5))
		if got := r.Summary().Status; !slices.Contains(Statuses(), got) || got == StatusRunning || got == StatusCrashed {
			t.Errorf("%v: %s", reason, got)
		}
	}
	root := t.TempDir()
	r := finishedRun(t, root, "a", "name: a\n", noon, nil)
	want := map[string]float64{
		"steps": 40, "epochs": 4, "final_loss": 0.25, "val_loss": 0.5, "val_accuracy": 0.75, "best_loss": 0.5, "best_step": 40,
		"parameters": 100, "state_bytes": 0, "planned_steps": 40, "planned_epochs": 4, "seconds": 0,
	}
	if s := r.Summary(); s.Status != StatusCrashed || !reflect.DeepEqual(s.Metrics, want) {
		t.Errorf("without an end: %s, %v, want %v", s.Status, s.Metrics, want)
	}
	again, err := OpenForWork(r.Dir)
	if err != nil {
		t.Fatal(err)
	}
	x := openIndex(t, root)
	if s := list(t, x, Query{}); len(s) != 1 || s[0].Status != StatusRunning {
		t.Errorf("while it is worked on: %+v", s)
	}
	if err := again.Close(); err != nil {
		t.Fatal(err)
	}
	if s := list(t, x, Query{}); s[0].Status != StatusCrashed {
		t.Errorf("after that: %s", s[0].Status)
	}
	if err := os.Remove(r.Path(lockFile)); err != nil {
		t.Fatal(err)
	}
	if s := list(t, x, Query{}); s[0].Status != StatusCrashed || again.has(lockFile) {
		t.Errorf("without a lock: %s, made one: %v", s[0].Status, again.has(lockFile))
	}
	if err := os.WriteFile(r.Path(EventsFile), []byte("{broken"), 0o666); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(r.Path(ExperimentFile), []byte("lr: [1\n"), 0o666); err != nil {
		t.Fatal(err)
	}
	if s := list(t, x, Query{}); len(s) != 1 || !strings.Contains(s[0].Problem, "experiment.yaml: [1:") || len(s[0].Settings) != 0 {
		t.Errorf("broken: %+v", s)
	}
}

// The end of a log tells what all of it tells, however long it is.
func TestOutcomeOfTheEnd(t *testing.T) {
	path := filepath.Join(t.TempDir(), EventsFile)
	rapid.Check(t, func(t *rapid.T) {
		var log []byte
		want := map[string]float64{}
		log = AppendEvent(log, 0, &train.Started{Parameters: 7})
		want["parameters"], want["state_bytes"], want["seconds"] = 7, 0, 0
		best := math.Inf(1)
		step := int64(0)
		for epoch := range rapid.IntRange(0, 5).Draw(t, "epochs") {
			for range rapid.SampledFrom([]int{1, 10, 3000}).Draw(t, "steps") {
				step++
				want["seconds"] = float64(step)
				log = AppendEvent(log, float64(step), &train.Step{Step: step, Epoch: epoch, Loss: 1, Rate: 0.1, GradNorm: 1 / float64(step)})
			}
			loss := rapid.Float64Range(0, 1).Draw(t, "loss")
			log = AppendEvent(log, float64(step), &train.EpochEnd{Epoch: epoch + 1, Step: step, Loss: float64(epoch)})
			log = AppendEvent(log, float64(step), &train.Evaluation{Epoch: epoch + 1, Step: step, Set: "validation", Loss: loss, Best: loss < best})
			want["steps"], want["epochs"], want["final_loss"], want["val_loss"] = float64(step), float64(epoch+1), float64(epoch), loss
			if loss < best {
				best = loss
				want["best_loss"], want["best_step"] = loss, float64(step)
			}
		}
		if rapid.Bool().Draw(t, "torn") {
			log = append(log, `{"event":"fini`...)
		}
		if err := os.WriteFile(path, log, 0o666); err != nil {
			t.Fatal(err)
		}
		o, err := readOutcome(path)
		if err != nil || o.status != "" || !reflect.DeepEqual(o.metrics, want) {
			t.Fatalf("%v, %v, want %v", o.metrics, err, want)
		}
	})
}

// The lines from the end are the lines.
func TestLinesFromEnd(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var text strings.Builder
		for range rapid.IntRange(0, 5).Draw(t, "lines") {
			n := rapid.SampledFrom([]int{0, 1, 100, firstTail - 1, firstTail, firstTail + 1, 5 * firstTail}).Draw(t, "length")
			text.WriteString(strings.Repeat("x", n) + "\n")
		}
		text.WriteString(strings.Repeat("y", rapid.SampledFrom([]int{0, 1, firstTail}).Draw(t, "torn")))
		var want, got []int
		for line := range strings.Lines(text.String()) {
			want = append(want, len(line))
		}
		err := linesFromEnd(strings.NewReader(text.String()), int64(text.Len()), 100*firstTail, func(line []byte) bool {
			got = append(got, len(line))
			return true
		})
		slices.Reverse(got)
		if err != nil || !slices.Equal(got, want) {
			t.Fatalf("lengths %v, %v, want %v", got, err, want)
		}
	})
	n := 0
	long := strings.Repeat("x\n", 10*firstTail)
	if err := linesFromEnd(strings.NewReader(long), int64(len(long)), firstTail, func([]byte) bool { n++; return true }); err != nil || n != firstTail/2-1 && n != firstTail/2 {
		t.Errorf("%d lines, %v", n, err)
	}
}
