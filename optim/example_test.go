package optim_test

import (
	"fmt"
	"math"
	"os"
	"path/filepath"

	"github.com/descent-go/descent/optim"
)

// descend minimises (x² + 10y²)/2 from (1, 1) and prints where it got to.
func descend(r optim.Rule, lr float64, steps int) {
	x, g := []float64{1, 1}, make([]float64, 2)
	opt, err := optim.New([]optim.Param[float64]{{Name: "x", Shape: []int{2}, Data: x, Grad: g}}, optim.All(r))
	if err != nil {
		fmt.Println(err)
		return
	}
	for range steps {
		if err := opt.Probe(lr); err != nil { // only Nesterov asks for it
			fmt.Println(err)
			return
		}
		g[0], g[1] = x[0], 10*x[1]
		if err := opt.Step(lr); err != nil {
			fmt.Println(err)
			return
		}
	}
	fmt.Printf("%.4f %.4f\n", math.Abs(x[0]), math.Abs(x[1]))
}

func Example() {
	// Fit y = a·x + b to four points by AdamW.
	xs, ys := []float64{0, 1, 2, 3}, []float64{1, 3, 5, 7}
	w, g := []float64{0, 0}, []float64{0, 0}
	opt, err := optim.New([]optim.Param[float64]{{Name: "line", Shape: []int{2}, Data: w, Grad: g}},
		optim.All(optim.AdamW{Beta1: 0.9, Beta2: 0.999, Eps: 1e-8, BiasCorrection: true}))
	if err != nil {
		fmt.Println(err)
		return
	}
	for range 2000 {
		g[0], g[1] = 0, 0
		for i, x := range xs {
			e := w[0]*x + w[1] - ys[i]
			g[0] += e * x / 2
			g[1] += e / 2
		}
		if err := opt.Step(0.02); err != nil {
			fmt.Println(err)
			return
		}
	}
	fmt.Printf("y = %.3f x + %.3f\n", w[0], w[1])
	// Output: y = 2.000 x + 1.000
}

func ExampleSGD() {
	descend(optim.SGD{Momentum: 0.9, Nesterov: true}, 0.05, 100)
	// Output: 0.0004 0.0000
}

func ExampleMomentum() {
	descend(optim.NewMomentum(), 0.05, 200)
	// Output: 0.0000 0.0000
}

func ExampleNesterov() {
	descend(optim.NewNesterov(), 0.05, 200)
	// Output: 0.0000 0.0000
}

func ExampleAdaGrad() {
	descend(optim.NewAdaGrad(), 0.5, 100)
	// Output: 0.0000 0.0000
}

func ExampleRMSProp() {
	descend(optim.RMSProp{Rho: 0.9, Eps: 1e-8, Centered: true}, 0.01, 100)
	// Output: 0.0000 0.0000
}

func ExampleAdaDelta() {
	descend(optim.NewAdaDelta(), 1, 1000)
	// Output: 0.0000 0.0115
}

func ExampleAdam() {
	descend(optim.NewAdam(), 0.1, 200)
	// Output: 0.0000 0.0000
}

func ExampleAMSGrad() {
	descend(optim.NewAMSGrad(), 0.1, 200)
	// Output: 0.0000 0.0000
}

func ExampleAdamW() {
	r := optim.NewAdamW()
	r.Decay = 0.1
	descend(r, 0.1, 200)
	// Output: 0.0000 0.0000
}

func ExampleNAdam() {
	descend(optim.NewNAdam(), 0.1, 200)
	// Output: 0.0000 0.0000
}

func ExampleRAdam() {
	r := optim.NewRAdam()
	fmt.Printf("%.3f %.3f %.3f\n", r.Rectification(5), r.Rectification(6), r.Rectification(1000))
	descend(r, 0.1, 300)
	// Output:
	// 0.000 0.026 0.645
	// 0.0000 0.0000
}

func ExampleAdamax() {
	descend(optim.NewAdamax(), 0.1, 200)
	// Output: 0.0000 0.0000
}

func ExampleASGD() {
	descend(optim.ASGD{Lambda: 1e-4, Alpha: 0.75, T0: 50}, 0.1, 100)
	// Output: 0.0000 0.0000
}

func ExampleRprop() {
	descend(optim.NewRprop(), 0.01, 100)
	// Output: 0.0000 0.0000
}

func ExampleLion() {
	descend(optim.NewLion(), 0.01, 100)
	// Output: 0.0000 0.0000
}

// Biases are not decayed, and one layer learns at a tenth of the rate.
func ExampleNew_groups() {
	params := []optim.Param[float32]{
		{Name: "embed.weight", Shape: []int{4, 2}, Data: make([]float32, 8)},
		{Name: "dense.weight", Shape: []int{2, 3}, Data: make([]float32, 6)},
		{Name: "dense.bias", Shape: []int{3}, Data: make([]float32, 3)},
	}
	plain := optim.NewAdamW()
	plain.Decay = 0
	slow := optim.Where(optim.Named("embed.*"), optim.NewAdamW())
	slow.LRScale = 0.1
	opt, err := optim.New(params, optim.Where(optim.Rank(1), plain), slow, optim.All(optim.NewAdamW()))
	fmt.Println(opt.StateBytes(), "bytes of state", err)

	_, err = optim.New(params, optim.Where(optim.Named("dense.*"), plain))
	fmt.Println(err)
	// Output:
	// 136 bytes of state <nil>
	// optim: no group matches parameter "embed.weight" of shape [4 2]; end the list with optim.All, or optim.Freeze what is to stay
}

// A rule of one's own is one scalar function.
func ExampleCustom() {
	rule, err := optim.Custom("signum", []string{"m"}, signum[float32], signum[float64])
	if err != nil {
		fmt.Println(err)
		return
	}
	descend(rule, 0.01, 300) // circles the minimum at the size of its steps
	// Output: 0.0200 0.0200
}

func signum[F optim.Float](k optim.Scalars[F], p, g F, s optim.Slots[F]) (F, optim.Slots[F]) {
	s[0] = F(0.9*s[0]) + F(0.1*g)
	switch {
	case s[0] > 0:
		p -= k.LR
	case s[0] < 0:
		p += k.LR
	}
	return p, s
}

// What a model of 7 billion float32 parameters takes before it is allocated.
func ExampleMemoryOf() {
	for _, spec := range []string{"sgd", "lion", "adamw"} {
		r, err := optim.Parse(spec)
		if err != nil {
			fmt.Println(err)
			return
		}
		m, err := optim.MemoryOf(7_000_000_000, 4, r)
		fmt.Printf("%-5s %3d GB, %2d of them state %v\n", spec, m.Total/1e9, m.State/1e9, err)
	}
	// Output:
	// sgd    56 GB,  0 of them state <nil>
	// lion   84 GB, 28 of them state <nil>
	// adamw 112 GB, 56 of them state <nil>
}

func ExampleOptimizer_Save() {
	dir, err := os.MkdirTemp("", "")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer func() { _ = os.RemoveAll(dir) }()
	path := filepath.Join(dir, "state.safetensors")
	params := []optim.Param[float32]{{Name: "w", Shape: []int{2}, Data: []float32{1, 2}, Grad: []float32{3, 4}}}
	opt, _ := optim.New(params, optim.All(optim.NewAdam()))
	fmt.Println(opt.Step(0.1), opt.Save(path))

	same, _ := optim.New(params, optim.All(optim.NewAdam()))
	fmt.Println(same.Load(path), same.Updates())

	other, _ := optim.New(params, optim.All(optim.NewLion()))
	err = other.Load(path)
	fmt.Println(err.Error()[len(path)+2:])
	// Output:
	// <nil> <nil>
	// <nil> 1
	// optim: parameter "w": rule was "adam" when saved, is "lion" now
}

func ExampleEffectiveRate() {
	fmt.Printf("%.3f\n", optim.EffectiveRate(0.01, 0.9))
	// Output: 0.100
}
