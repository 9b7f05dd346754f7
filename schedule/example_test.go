package schedule_test

import (
	"encoding/json"
	"fmt"

	"github.com/descent-go/descent/schedule"
)

// show prints the factors at some steps.
func show(s schedule.Schedule, steps ...int64) {
	for _, step := range steps {
		fmt.Printf("%4d %.4f\n", step, s.At(step))
	}
}

func ExampleHold() {
	show(schedule.Hold{Factor: 0.25, Steps: 15}, 0, 14, 15)
	// Output:
	//    0 0.2500
	//   14 0.2500
	//   15 1.0000
}

func ExampleStep() {
	show(schedule.Step{Every: 30, Gamma: 0.1}, 0, 29, 30, 60)
	// Output:
	//    0 1.0000
	//   29 1.0000
	//   30 0.1000
	//   60 0.0100
}

func ExampleMultiStep() {
	show(schedule.MultiStep{Milestones: []int64{20, 50, 90}, Gamma: 0.5}, 19, 20, 50, 90)
	// Output:
	//   19 1.0000
	//   20 0.5000
	//   50 0.2500
	//   90 0.1250
}

func ExampleExponential() {
	show(schedule.Exponential{Gamma: 0.95}, 0, 1, 2, 100)
	// Output:
	//    0 1.0000
	//    1 0.9500
	//    2 0.9025
	//  100 0.0059
}

func ExampleLinear() {
	show(schedule.Linear{Start: 1, End: 0.2, Total: 100}, 0, 50, 100, 500)
	// Output:
	//    0 1.0000
	//   50 0.6000
	//  100 0.2000
	//  500 0.2000
}

func ExamplePolynomial() {
	show(schedule.Polynomial{Total: 100, Power: 2}, 0, 50, 100)
	// Output:
	//    0 1.0000
	//   50 0.2500
	//  100 0.0000
}

func ExampleCosine() {
	show(schedule.Cosine{Total: 100, Min: 0.01}, 0, 25, 50, 75, 100)
	// Output:
	//    0 1.0000
	//   25 0.8550
	//   50 0.5050
	//   75 0.1550
	//  100 0.0100
}

func ExampleSGDR() {
	show(schedule.SGDR{T0: 10, TMult: 2}, 0, 5, 10, 20, 30, 50)
	// Output:
	//    0 1.0000
	//    5 0.5000
	//   10 1.0000
	//   20 0.5000
	//   30 1.0000
	//   50 0.5000
}

func ExampleOneCycle() {
	s := schedule.Default[schedule.OneCycle](101)
	m := s.Momentum()
	for _, step := range []int64{0, 15, 29, 65, 100} {
		fmt.Printf("%4d rate %.6f momentum %.4f\n", step, s.At(step), m.At(step))
	}
	// Output:
	//    0 rate 0.040000 momentum 0.9500
	//   15 rate 0.538009 momentum 0.8981
	//   29 rate 0.999752 momentum 0.8500
	//   65 rate 0.492226 momentum 0.9008
	//  100 rate 0.000004 momentum 0.9500
}

func ExampleCyclic() {
	s := schedule.Default[schedule.Cyclic](0)
	s.Min, s.Max, s.Up, s.Down, s.Mode = 0.1, 1, 10, 20, "triangular2"
	show(s, 0, 10, 30, 40, 70)
	// Output:
	//    0 0.1000
	//   10 1.0000
	//   30 0.1000
	//   40 0.5500
	//   70 0.3250
}

func ExampleInverseSqrt() {
	show(schedule.InverseSqrt{Warmup: 100}, 0, 49, 99, 399)
	// Output:
	//    0 0.0100
	//   49 0.5000
	//   99 1.0000
	//  399 0.5000
}

func ExampleWSD() {
	show(schedule.WSD{Total: 100, Warmup: 10, Decay: 20, Shape: "1-sqrt"}, 0, 9, 80, 85, 100)
	// Output:
	//    0 0.1000
	//    9 1.0000
	//   80 1.0000
	//   85 0.5000
	//  100 0.0000
}

func ExampleWarmup() {
	show(schedule.Warmup{Steps: 10, Start: 0.1, Then: schedule.Cosine{Total: 90}}, 0, 5, 10, 55, 100)
	// Output:
	//    0 0.1000
	//    5 0.5500
	//   10 1.0000
	//   55 0.5000
	//  100 0.0000
}

func ExampleJoin() {
	show(schedule.Join{
		Parts:      []schedule.Schedule{schedule.Constant{Factor: 1}, schedule.Linear{Start: 1, Total: 50}},
		Milestones: []int64{50},
	}, 0, 50, 75, 100)
	// Output:
	//    0 1.0000
	//   50 1.0000
	//   75 0.5000
	//  100 0.0000
}

func ExampleTimes() {
	show(schedule.Times{Parts: []schedule.Schedule{
		schedule.SGDR{T0: 10, TMult: 1},
		schedule.Step{Every: 10, Gamma: 0.5},
	}}, 0, 5, 10, 15)
	// Output:
	//    0 1.0000
	//    5 0.5000
	//   10 0.5000
	//   15 0.2500
}

func ExampleScale() {
	show(schedule.Scale{By: 0.5, Of: schedule.Constant{Factor: 1}}, 0)
	// Output:
	//    0 0.5000
}

func ExamplePlateau() {
	p := schedule.NewPlateau()
	p.Factor, p.Patience = 0.5, 2
	for _, loss := range []float64{1, 0.8, 0.81, 0.8, 0.82, 0.7} {
		fmt.Println(loss, p.Observe(loss))
	}
	// Output:
	// 1 1
	// 0.8 1
	// 0.81 1
	// 0.8 1
	// 0.82 0.5
	// 0.7 0.5
}

func ExampleParse() {
	s, err := schedule.Parse("warmup:steps=100+cosine:min=0.01", 1000)
	if err != nil {
		fmt.Println(err)
		return
	}
	b, _ := json.Marshal(s)
	fmt.Println(string(b))
	_, err = schedule.Parse("cosine:mim=0.01", 1000)
	fmt.Println(err)
	// Output:
	// {"schedule":"warmup","steps":100,"start":0.01,"then":{"schedule":"cosine","total":900,"min":0.01,"periodic":false}}
	// schedule: "cosine:mim=0.01", column 8: cosine has no parameter "mim", did you mean min? there are total, min, periodic
}

func ExampleUnmarshal() {
	s, err := schedule.Unmarshal([]byte(`{"schedule":"cosine","total":1000}`))
	fmt.Printf("%+v %v\n", s, err)
	_, err = schedule.Unmarshal([]byte(`{"schedule":"step","every":10,"gamma":-1}`))
	fmt.Println(err)
	// Output:
	// {Total:1000 Min:0 Periodic:false} <nil>
	// schedule: Step.Gamma = -1, want (0, +Inf)
}

func ExampleAll() {
	for _, info := range schedule.All()[:4] {
		fmt.Printf("%s: %s\n", info.Name, info.Doc)
	}
	// Output:
	// constant: the same factor at every step
	// hold: a factor for a number of steps, then 1
	// step: reduces the rate after every so many steps
	// multistep: reduces the rate at given steps
}
