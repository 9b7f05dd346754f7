package schedule_test

import (
	"encoding/json"
	"math"
	"os"
	"testing"

	"github.com/descent-go/descent/schedule"
)

// A torchCase is a scheduler of PyTorch with its arguments and what it did.
type torchCase struct {
	Name      string
	Scheduler string
	Base      float64 `json:"base_lr"`
	Args      torchArgs
	LR        []float64
	Momentum  []float64
	Metrics   []float64
}

// torchArgs joins the arguments of all schedulers, named as PyTorch names them.
type torchArgs struct {
	StepSize      int64   `json:"step_size"`
	Gamma         float64 `json:"gamma"`
	Milestones    []int64 `json:"milestones"`
	Factor        float64 `json:"factor"`
	TotalIters    int64   `json:"total_iters"`
	StartFactor   float64 `json:"start_factor"`
	EndFactor     float64 `json:"end_factor"`
	Power         float64 `json:"power"`
	TMax          int64   `json:"T_max"`
	EtaMin        float64 `json:"eta_min"`
	T0            int64   `json:"T_0"`
	TMult         int64   `json:"T_mult"`
	MaxLR         float64 `json:"max_lr"`
	BaseLR        float64 `json:"base_lr"`
	TotalSteps    int64   `json:"total_steps"`
	PctStart      float64 `json:"pct_start"`
	DivFactor     float64 `json:"div_factor"`
	FinalDiv      float64 `json:"final_div_factor"`
	Anneal        string  `json:"anneal_strategy"`
	ThreePhase    bool    `json:"three_phase"`
	StepUp        int64   `json:"step_size_up"`
	StepDown      int64   `json:"step_size_down"`
	Mode          string  `json:"mode"`
	CycleMomentum *bool   `json:"cycle_momentum"`
	Patience      int64   `json:"patience"`
	Threshold     float64 `json:"threshold"`
	ThresholdMode string  `json:"threshold_mode"`
	Cooldown      int64   `json:"cooldown"`
	MinLR         float64 `json:"min_lr"`
	Warmup        *part   `json:"warmup"`
	Then          *part   `json:"then"`
}

type part struct {
	Kind string `json:"kind"`
	torchArgs
}

// translate returns our schedule for PyTorch's and the base rate it multiplies.
func translate(t *testing.T, kind string, a torchArgs, base float64) (schedule.Schedule, float64) {
	t.Helper()
	switch kind {
	case "StepLR":
		return schedule.Step{Every: a.StepSize, Gamma: a.Gamma}, base
	case "MultiStepLR":
		return schedule.MultiStep{Milestones: a.Milestones, Gamma: a.Gamma}, base
	case "ExponentialLR":
		return schedule.Exponential{Gamma: a.Gamma}, base
	case "ConstantLR":
		return schedule.Hold{Factor: a.Factor, Steps: a.TotalIters}, base
	case "LinearLR":
		return schedule.Linear{Start: a.StartFactor, End: a.EndFactor, Total: a.TotalIters}, base
	case "PolynomialLR":
		return schedule.Polynomial{Total: a.TotalIters, Power: a.Power}, base
	case "CosineAnnealingLR":
		return schedule.Cosine{Total: a.TMax, Min: a.EtaMin / base, Periodic: true}, base
	case "CosineAnnealingWarmRestarts":
		return schedule.SGDR{T0: a.T0, TMult: a.TMult, Min: a.EtaMin / base}, base
	case "OneCycleLR":
		s := schedule.Default[schedule.OneCycle](a.TotalSteps)
		if a.PctStart > 0 {
			s.PctStart = a.PctStart
		}
		if a.DivFactor > 0 {
			s.DivFactor, s.FinalDivFactor = a.DivFactor, a.FinalDiv
		}
		if a.Anneal != "" {
			s.Anneal = a.Anneal
		}
		s.ThreePhase = a.ThreePhase
		return s, a.MaxLR
	case "CyclicLR":
		s := schedule.Default[schedule.Cyclic](0)
		s.Min, s.Max, s.Mode = a.BaseLR/a.MaxLR, 1, a.Mode
		s.Up, s.Down = a.StepUp, a.StepUp
		if a.StepDown > 0 {
			s.Down = a.StepDown
		}
		if a.Gamma > 0 {
			s.Gamma = a.Gamma
		}
		return s, a.MaxLR
	case "SequentialLR":
		then, _ := translate(t, a.Then.Kind, a.Then.torchArgs, base)
		if a.Warmup.Kind != "LinearLR" || a.Warmup.EndFactor != 0 {
			t.Fatalf("warm-up %+v", a.Warmup)
		}
		return schedule.Warmup{Steps: a.Warmup.TotalIters, Start: a.Warmup.StartFactor, Then: then}, base
	}
	t.Fatalf("scheduler %q", kind)
	return nil, 0
}

func TestTorch(t *testing.T) {
	b, err := os.ReadFile("testdata/torch.json")
	if err != nil {
		t.Fatal(err)
	}
	var golden struct{ Schedules []torchCase }
	if err := json.Unmarshal(b, &golden); err != nil {
		t.Fatal(err)
	}
	if n := len(golden.Schedules); n != 17 {
		t.Fatalf("%d cases, want 17", n)
	}
	for _, c := range golden.Schedules {
		t.Run(c.Name, func(t *testing.T) {
			if len(c.LR) < 100 {
				t.Fatalf("%d rates", len(c.LR))
			}
			if c.Scheduler == "ReduceLROnPlateau" {
				plateau(t, c)
				return
			}
			s, base := translate(t, c.Scheduler, c.Args, c.Base)
			if err := schedule.Validate(s); err != nil {
				t.Fatal(err)
			}
			for i, want := range c.LR {
				near(t, "rate", i, base*s.At(int64(i)), want)
			}
			if s, ok := s.(schedule.OneCycle); ok {
				if len(c.Momentum) != len(c.LR) {
					t.Fatalf("%d momenta", len(c.Momentum))
				}
				for i, want := range c.Momentum {
					near(t, "momentum", i, s.Momentum().At(int64(i)), want)
				}
			}
		})
	}
}

func near(t *testing.T, what string, step int, got, want float64) {
	t.Helper()
	if !(math.Abs(got-want) <= 1e-15) {
		t.Errorf("step %d: %s %v, want %v", step, what, got, want)
	}
}

func plateau(t *testing.T, c torchCase) {
	p := schedule.NewPlateau()
	p.Mode, p.ThresholdMode, p.Threshold = c.Args.Mode, c.Args.ThresholdMode, c.Args.Threshold
	p.Factor, p.Patience, p.Cooldown = c.Args.Factor, c.Args.Patience, c.Args.Cooldown
	p.Min, p.Eps = c.Args.MinLR/c.Base, 1e-8/c.Base
	if err := p.Validate(); err != nil {
		t.Fatal(err)
	}
	for i, metric := range c.Metrics {
		near(t, "rate", i, c.Base*p.Current(), c.LR[i])
		if got := p.Observe(metric); got != p.Current() {
			t.Fatalf("Observe returned %v, Current is %v", got, p.Current())
		}
	}
}
