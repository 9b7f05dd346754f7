package optim_test

import (
	"encoding/json"
	"math"
	"os"
	"testing"

	"github.com/descent-go/descent/optim"
)

// A torchCase is one trajectory of torch.optim 1.13.0 in float64; see the
// reference in testdata/torch.json.
type torchCase struct {
	Name       string         `json:"name"`
	Optimizer  string         `json:"optimizer"`
	Hyper      map[string]any `json:"hyper"`
	Start      []float64      `json:"start"`
	Gradients  [][]float64    `json:"gradients"`
	Objective  string         `json:"objective"`
	Trajectory []any          `json:"trajectory"`
}

func loadTorch(t *testing.T) []torchCase {
	t.Helper()
	text, err := os.ReadFile("testdata/torch.json")
	if err != nil {
		t.Fatal(err)
	}
	var file struct {
		Optimizers []torchCase `json:"optimizers"`
	}
	if err := json.Unmarshal(text, &file); err != nil {
		t.Fatal(err)
	}
	return file.Optimizers
}

// torchRule translates a torch optimizer and its hyper-parameters.
func torchRule(t *testing.T, c torchCase) (optim.Rule, float64) {
	t.Helper()
	names := map[string]string{
		"SGD": "sgd", "Adagrad": "adagrad", "RMSprop": "rmsprop", "Adadelta": "adadelta", "Adam": "adam",
		"AdamW": "adamw", "RAdam": "radam", "NAdam": "nadam", "Adamax": "adamax", "ASGD": "asgd", "Rprop": "rprop",
	}
	fields := map[string][]string{
		"momentum": {"momentum"}, "dampening": {"dampening"}, "nesterov": {"nesterov"}, "maximize": {"maximize"},
		"eps": {"eps"}, "lr_decay": {"lr_decay"}, "initial_accumulator_value": {"initial"}, "centered": {"centered"},
		"alpha": {"rho"}, "rho": {"rho"}, "betas": {"beta1", "beta2"}, "momentum_decay": {"momentum_decay"},
		"t0": {"t0"}, "lambd": {"lambda"}, "etas": {"eta_minus", "eta_plus"}, "step_sizes": {"min_step", "max_step"},
		"weight_decay": {"l2"},
	}
	name := names[c.Optimizer]
	rest := map[string]any{}
	for k, v := range c.Hyper {
		rest[k] = v
	}
	var decay any
	if rest["amsgrad"] == true {
		delete(rest, "amsgrad")
		name = "amsgrad"
		if c.Optimizer == "AdamW" {
			decay = 0.01
		}
	}
	if c.Optimizer == "AdamW" {
		if v, ok := rest["weight_decay"]; ok {
			decay = v
			delete(rest, "weight_decay")
		}
	}
	info, err := optim.Lookup(name)
	if err != nil {
		t.Fatal(err)
	}
	rule, lr := info.New(), info.Rate
	set := func(field string, v any) {
		text, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		if rule, err = optim.With(rule, field, string(text)); err != nil {
			t.Fatal(err)
		}
	}
	if decay != nil {
		set("decay", decay)
	}
	if name == "nadam" {
		set("repeat_mu", true) // the release that the trajectories come from
	}
	for k, v := range rest {
		if k == "lr" {
			lr = v.(float64)
			continue
		}
		to := fields[k]
		if to == nil {
			t.Fatalf("no translation of %s", k)
		}
		if len(to) == 1 {
			set(to[0], v)
			continue
		}
		for i, f := range to {
			set(f, v.([]any)[i])
		}
	}
	return rule, lr
}

// TestTorch follows every torch.optim trajectory to 1e-12 relative.
func TestTorch(t *testing.T) {
	for _, c := range loadTorch(t) {
		t.Run(c.Name, func(t *testing.T) {
			rule, lr := torchRule(t, c)
			x := append([]float64(nil), c.Start...)
			g := make([]float64, len(x))
			opt, err := optim.New([]optim.Param[float64]{{Name: "x", Shape: []int{len(x)}, Data: x, Grad: g}}, optim.All(rule))
			if err != nil {
				t.Fatal(err)
			}
			compared := 0
			for step := 1; step <= 300; step++ {
				if c.Gradients != nil {
					if step > len(c.Gradients) {
						break
					}
					copy(g, c.Gradients[step-1])
				} else {
					g[0], g[1] = rosenbrockGradient(x[0], x[1])
				}
				if err := opt.Step(lr); err != nil {
					t.Fatal(err)
				}
				for i, want := range c.at(step) {
					compared++
					if diff := math.Abs(x[i] - want); !(diff <= 1e-12*math.Max(1, math.Abs(want))) {
						t.Fatalf("step %d, element %d: %.17g, torch has %.17g, off by %.3g", step, i, x[i], want, diff)
					}
				}
			}
			if compared < 20 {
				t.Fatalf("compared only %d values", compared)
			}
		})
	}
}

// at returns the point after a step; nil when the case does not have it.
func (c torchCase) at(step int) []float64 {
	floats := func(v any) []float64 {
		var out []float64
		for _, e := range v.([]any) {
			out = append(out, e.(float64))
		}
		return out
	}
	if c.Gradients != nil {
		return floats(c.Trajectory[step-1])
	}
	for _, e := range c.Trajectory {
		if m := e.(map[string]any); int(m["step"].(float64)) == step {
			return floats(m["x"])
		}
	}
	return nil
}

func rosenbrockGradient(x, y float64) (gx, gy float64) {
	d := y - x*x
	return -2*(1-x) - 400*x*d, 200 * d
}
