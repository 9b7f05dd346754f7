package experiment

import (
	"strings"
	"testing"

	"github.com/spf13/pflag"

	"github.com/descent-go/descent/data"
	"github.com/descent-go/descent/nn"
	"github.com/descent-go/descent/optim"
	"github.com/descent-go/descent/train"
)

// A bowl is a model of one's own: (x − 3)²/2, without examples.
type bowl struct{ x, g []float64 }

func newBowl(x float64) *bowl { return &bowl{x: []float64{x}, g: []float64{0}} }

func (b *bowl) Params() []optim.Param[float64] {
	return []optim.Param[float64]{{Name: "x", Shape: []int{1}, Data: b.x, Grad: b.g}}
}

func (b *bowl) Loss(*data.Batch) (float64, error) {
	d := b.x[0] - 3
	b.g[0] = d
	return 0.5 * d * d, nil
}

// A seeded bowl begins where its seed says.
type seeded struct{ *bowl }

func (s seeded) Init(seed uint64) { s.x[0] = float64(seed) }

// A judged bowl can be evaluated.
type judged struct{ *bowl }

func (j judged) Evaluate(b *data.Batch) (float64, int, error) { return j.x[0], 0, nil }

func owned[F optim.Float](t *testing.T, model train.Model[F], sets *data.Sets) *Own {
	t.Helper()
	own, err := NewOwn(model, sets)
	if err != nil {
		t.Fatal(err)
	}
	return own
}

func flagsOf(e *Experiment) *pflag.FlagSet {
	flags := pflag.NewFlagSet("train", pflag.ContinueOnError)
	e.Flags(flags)
	return flags
}

// Without a method Init the model begins where the program left it, every time.
func TestOwnFunction(t *testing.T) {
	b := newBowl(7)
	own := owned(t, b, nil)
	e := DefaultOf(own)
	flags := flagsOf(e)
	for _, key := range []string{"data", "model", "function", "test", "holdout", "scale", "target-column", "epochs", "batch", "val"} {
		if flags.Lookup(key) != nil {
			t.Errorf("there is a flag --%s", key)
		}
	}
	if err := flags.Parse([]string{"--steps", "5", "--optimizer", "sgd", "--lr", "0.5"}); err != nil {
		t.Fatal(err)
	}
	if e.OwnModel() != "experiment.bowl" || Default().OwnModel() != "" {
		t.Errorf("own models %q and %q", e.OwnModel(), Default().OwnModel())
	}
	for range 2 {
		s := opened(t, e, Inputs{})
		if b.x[0] != 7 || s.Model != "experiment.bowl" || s.Source != nil || s.Data != nil {
			t.Errorf("starts at %v: %+v", b.x[0], s)
		}
		res, err := s.Train(t.Context())
		if want := 3 + 4.0/32; err != nil || res.Steps != 5 || b.x[0] != want {
			t.Errorf("%v, at %v after %d steps, want %v", err, b.x[0], res.Steps, want)
		}
		if text := string(s.Experiment.YAML()); strings.Contains(text, "data:") || strings.Contains(text, "epochs:") || !strings.Contains(text, "steps: 5\n") {
			t.Errorf("written:\n%s", text)
		}
	}
	e = DefaultOf(owned(t, seeded{newBowl(0)}, nil))
	e.Seed, e.Steps = 11, 1
	if s := opened(t, e, Inputs{}); s.Experiment.own == nil {
		t.Error("the session forgot its program")
	} else if f, err := s.Parameters(); err != nil || len(f.Names()) != 1 {
		t.Errorf("parameters: %v", err)
	}
	base := parsed(t, "lr: 0.25\nmodel: softmax\nsteps: 3\n")
	if err := DefaultOf(own).Over(base).Check(); err == nil || err.Error() != "e.yaml:2:8: model = softmax: this program has its own model and data" {
		t.Errorf("a file with a model: %v", err)
	}
	if err := DefaultOf(own).Over(parsed(t, "batch: 32\nsteps: 3\n")).Check(); err == nil || err.Error() != "e.yaml:1:8: batch = 32: this program's model learns without examples" {
		t.Errorf("a file with batches: %v", err)
	}
}

func TestOwnExamples(t *testing.T) {
	set, err := data.Spirals(60, 1, 0.02, 1)
	if err != nil {
		t.Fatal(err)
	}
	sets := &data.Sets{Train: set.Head(40), Test: set.Tail(20)}
	net, err := nn.Parse("mlp:4", 2, 2, nn.Classify)
	if err != nil {
		t.Fatal(err)
	}
	e := DefaultOf(owned(t, net, sets))
	if flags := flagsOf(e); flags.Lookup("epochs") == nil || flags.Lookup("val") == nil || flags.Lookup("data") != nil {
		t.Error("the flags are not those of a model with examples")
	}
	if text := string(e.Template()); strings.Contains(text, "data:") || !strings.Contains(text, "\nbatch: 32\n") {
		t.Errorf("template:\n%s", text)
	}
	if text := string(e.Schema()); strings.Contains(text, `"data"`) || !strings.Contains(text, `"batch"`) {
		t.Errorf("schema:\n%s", text)
	}
	set2 := 2
	e.Epochs = &set2
	e.Seed = 5
	s := opened(t, e, Inputs{})
	if m := s.Data; m.Train.Len() != 36 || m.Validation.Len() != 4 || m.Test.Len() != 20 || s.Net != net || s.Model != "mlp:4" || len(s.Files) != 1 {
		t.Errorf("%+v", s)
	}
	first := outcome(t, s)
	if again := outcome(t, opened(t, e, Inputs{})); again != first {
		t.Error("the second run has other bits")
	}
	e.Seed = 6
	if other := outcome(t, opened(t, e, Inputs{})); other == first {
		t.Error("another seed gives the same")
	}

	blind := DefaultOf(owned(t, newBowl(1), &data.Sets{Train: set}))
	s = opened(t, blind, Inputs{})
	if s.Options.Train != nil || s.Options.Validation != nil || *s.Experiment.Val != 0 || s.Source == nil {
		t.Errorf("a model that cannot judge is asked to: %+v", s.Options)
	}
	share := 0.3
	blind.Val = &share
	if _, err := blind.Open(t.Context(), Inputs{}); err == nil || !strings.Contains(err.Error(), "no Evaluate") {
		t.Errorf("validation without Evaluate: %v", err)
	}
}

func TestNewOwnErrors(t *testing.T) {
	set, err := data.Spirals(20, 1, 0.02, 1)
	if err != nil {
		t.Fatal(err)
	}
	wide := &data.Set{Dim: 3, X: make([]float32, 6), Label: []int32{0, 1}, Classes: []string{"a", "b"}}
	empty := &data.Set{Dim: 2}
	for _, c := range []struct {
		model train.Model[float64]
		sets  *data.Sets
		want  string
	}{
		{nil, nil, "the model is nil"},
		{nothing{}, nil, "no parameters"},
		{newBowl(1), &data.Sets{Test: set}, "without a training set"},
		{newBowl(1), &data.Sets{Train: set, Test: set}, "no Evaluate"},
		{judged{newBowl(1)}, &data.Sets{Train: set, Test: wide}, "3 features to test on, want 2"},
		{newBowl(1), &data.Sets{Train: empty}, "data: "},
	} {
		if own, err := NewOwn(c.model, c.sets); own != nil || err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%T: %v, want %q", c.model, err, c.want)
		}
	}
}

type nothing struct{}

func (nothing) Params() []optim.Param[float64]    { return nil }
func (nothing) Loss(*data.Batch) (float64, error) { return 0, nil }
