package experiment

import (
	"context"
	"slices"
	"testing"

	"github.com/descent-go/descent/data"
	"github.com/descent-go/descent/train"
)

func openText(t *testing.T, text string) *Session {
	t.Helper()
	e, err := Parse("test.yaml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	s, err := e.Open(context.Background(), Inputs{})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// The loss of a set is what the loop reports at the end, in pieces of any size.
func TestSessionLoss(t *testing.T) {
	s := openText(t, "data: digits:n=700\nmodel: dense:8,bn\nepochs: 2")
	last := map[string]float64{}
	_, err := s.Train(context.Background(), train.SinkFunc(func(e train.Event) {
		if e, ok := e.(*train.Evaluation); ok {
			last[e.Set] = e.Loss
		}
	}))
	if err != nil {
		t.Fatal(err)
	}
	for name, set := range map[string]*data.Set{"train": s.Data.Probe, "validation": s.Data.Validation, "test": s.Data.Test} {
		for _, size := range []int{0, 7, 5000} {
			s.Options.EvalBatch = size
			got, err := s.Loss(set)
			if err != nil {
				t.Fatal(err)
			}
			if d := got - last[name]; d > 1e-6 || d < -1e-6 || got == 0 {
				t.Errorf("%s, pieces of %d: %v, want %v", name, size, got, last[name])
			}
		}
	}
	if _, err := s.Loss(&data.Set{Name: "none", Dim: s.Data.Dim}); err == nil {
		t.Error("an empty set has a loss")
	}
	// Elsewhere it is another one, and back again the same.
	here, there := s.Point(), s.Point()
	for i := range there {
		there[i] *= 1.5
	}
	before, err := s.Loss(s.Data.Probe)
	if err != nil {
		t.Fatal(err)
	}
	s.Put(there)
	if after, err := s.Loss(s.Data.Probe); err != nil || after == before {
		t.Errorf("%v there, %v here (%v)", after, before, err)
	}
	s.Put(here)
	if after, err := s.Loss(s.Data.Probe); err != nil || after != before || !slices.Equal(s.Point(), here) {
		t.Errorf("%v after coming back, want %v (%v)", after, before, err)
	}
	defer func() {
		if recover() == nil {
			t.Error("no panic for a value too many")
		}
	}()
	s.Put(append(here, 0))
}

// A function has its exact loss, whatever the noise of its gradient.
func TestSessionLossOfFunction(t *testing.T) {
	s := openText(t, "function: 'x^2 + 3*y^2'\nsteps: 5\nnoise: 0.5")
	s.Put([]float64{2, -1})
	if v, err := s.Loss(nil); err != nil || v != 7 {
		t.Errorf("%v, %v, want 7", v, err)
	}
}

// A model without Evaluate is asked for its loss in learning.
func TestSessionLossOfOwn(t *testing.T) {
	set := &data.Set{X: []float32{1, 2, 3}, Target: []float32{1, 2, 3}, Dim: 1, Out: 1, Name: "three"}
	for name, c := range map[string]struct {
		own  *Own
		set  *data.Set
		want float64
	}{
		"function":  {owned(t, newBowl(7), nil), nil, 8},
		"learning":  {owned(t, newBowl(7), &data.Sets{Train: set}), set, 8},
		"evaluated": {owned(t, judged{newBowl(7)}, &data.Sets{Train: set}), set, 7},
	} {
		e := DefaultOf(c.own)
		e.Steps = 3
		val := 0.0
		if c.set != nil {
			e.Val = &val
		}
		s, err := e.Open(context.Background(), Inputs{})
		if err != nil {
			t.Fatal(err)
		}
		if v, err := s.Loss(c.set); err != nil || v != c.want {
			t.Errorf("%s: %v, %v, want %v", name, v, err, c.want)
		}
	}
}
