package train_test

import (
	"slices"
	"testing"

	"github.com/descent-go/descent/data"
	"github.com/descent-go/descent/internal/realdata"
	"github.com/descent-go/descent/schedule"
	"github.com/descent-go/descent/train"
)

// accuracy trains by AdamW under one-cycle and returns the share of test
// digits that are read rightly.
func accuracy(t *testing.T, spec string, learning, test *data.Set, lr float64, batch, epochs int, seed uint64) float64 {
	t.Helper()
	source := batches(t, learning, batch, seed)
	o := options(t, "adamw", lr, epochs)
	o.Test, o.CycleMomentum = test, true
	o.Schedule = schedule.OneCycle{Total: train.PlannedSteps(source, o), PctStart: 0.3, DivFactor: 25, FinalDivFactor: 1e4, Anneal: "cos", BaseMomentum: 0.85, MaxMomentum: 0.95}
	res := learn(t, network(t, spec, learning, seed), source, o)
	t.Logf("%s, %d examples, seed %d: %.2f %%; %s", spec, learning.Len(), seed, 100**res.TestAccuracy, res.Verdict)
	return *res.TestAccuracy
}

// PyTorch reaches 96.9 to 97.3 % by the same protocol.
func TestOptdigits(t *testing.T) {
	sets, err := data.Open(realdata.Path(t, "optdigits", "optdigits.tra"), data.Options{Test: realdata.Path(t, "optdigits", "optdigits.tes")})
	if err != nil {
		t.Fatal(err)
	}
	if sets.Train.Len() != 3823 || sets.Test.Len() != 1797 {
		t.Fatalf("%d to train and %d to test, want 3823 and 1797", sets.Train.Len(), sets.Test.Len())
	}
	scaler, err := data.FitScaler(sets.Train, data.MinMax)
	if err != nil {
		t.Fatal(err)
	}
	learning, err := scaler.Apply(sets.Train)
	if err != nil {
		t.Fatal(err)
	}
	test, err := scaler.Apply(sets.Test)
	if err != nil {
		t.Fatal(err)
	}
	var got []float64
	for seed := range uint64(3) {
		got = append(got, accuracy(t, "mlp:128,64", learning, test, 0.01, 32, 20, seed))
	}
	slices.Sort(got)
	if got[1] < 0.968 {
		t.Errorf("median accuracy %.4f, want at least 0.968", got[1])
	}
}

// PyTorch reaches 96.95 to 97.05 % by the same protocol.
func TestMNIST(t *testing.T) {
	all, _, err := data.LoadMNIST(realdata.Path(t, "mnist10k"))
	if err != nil {
		t.Fatal(err)
	}
	if got := accuracy(t, "mlp:256,128", all.Head(8000), all.Tail(2000), 0.005, 64, 10, 1); got < 0.965 {
		t.Errorf("accuracy %.4f, want at least 0.965", got)
	}
}

// The generated digits can be learned, but not by a linear model.
func TestGeneratedDigits(t *testing.T) {
	all, err := data.Digits(10000, 1)
	if err != nil {
		t.Fatal(err)
	}
	learning, test := all.Head(8000), all.Tail(2000)
	if got := accuracy(t, "mlp:128,64", learning, test, 0.01, 64, 6, 1); got < 0.98 {
		t.Errorf("accuracy %.4f, want at least 0.98", got)
	}
	if got := accuracy(t, "softmax", learning, test, 0.01, 64, 6, 1); got >= 0.95 || got < 0.8 {
		t.Errorf("softmax regression's accuracy is %.4f, want less than 0.95", got)
	}
}
