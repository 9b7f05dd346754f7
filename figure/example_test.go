package figure_test

import (
	"bytes"
	"fmt"
	"image/gif"
	"math"
	"strings"

	"github.com/descent-go/descent/figure"
)

func bowl(x, y float64) float64 { return x*x + 10*y*y }

// downhill is gradient descent on the bowl.
func downhill(lr float64, n int) figure.Path {
	p := figure.Path{Name: "gradient descent", Ends: true, Every: 10}
	x, y := -4.0, 1.5
	for range n {
		p.X, p.Y = append(p.X, x), append(p.Y, y)
		x, y = x-lr*2*x, y-lr*20*y
	}
	return p
}

func ExampleContour() {
	fig, err := figure.Contour{
		Style:  figure.Style{Title: "A bowl", Width: 900, Height: 600},
		Func:   bowl,
		Domain: figure.Domain{XMin: -5, XMax: 5, YMin: -2, YMax: 2},
		Paths:  []figure.Path{downhill(0.05, 100)},
		Minima: []figure.Point{{X: 0, Y: 0}},
	}.Figure()
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(fig.Size())
	fmt.Println(fig.Save("bowl.bmp"))
	// Output:
	// 1800 1200
	// figure: save bowl.bmp: unknown extension ".bmp", want .png or .svg
}

func ExampleSurface() {
	fig, err := figure.Surface{
		Func:   bowl,
		Domain: figure.Domain{XMin: -5, XMax: 5, YMin: -2, YMax: 2},
		Paths:  []figure.Path{downhill(0.05, 100)},
	}.Figure()
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(fig.Size())
	// Output: 1920 1360
}

func ExampleLoss() {
	p := downhill(0.11, 60) // too fast: the steep direction grows
	run := figure.Series{Name: "gradient descent"}
	for i := range p.X {
		run.Y = append(run.Y, bowl(p.X[i], p.Y[i]))
	}
	run.Y = append(run.Y, math.NaN())
	fig, err := figure.Loss{Runs: []figure.Series{run}}.Figure()
	if err != nil {
		fmt.Println(err)
		return
	}
	var svg bytes.Buffer
	if err := fig.WriteSVG(&svg); err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(strings.Contains(svg.String(), "NaN at step 60"))
	// Output: true
}

func ExampleLearning() {
	fig, err := figure.Learning{
		XLabel: "epoch",
		Runs: []figure.LearningRun{{
			TrainLoss: figure.Series{X: []float64{1, 2, 3}, Y: []float64{1.2, 0.6, 0.4}},
			ValLoss:   figure.Series{X: []float64{1, 2, 3}, Y: []float64{1.1, 0.7, 0.6}},
			ValAcc:    figure.Series{X: []float64{1, 2, 3}, Y: []float64{0.7, 0.8, 0.82}},
		}},
	}.Figure()
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(fig.Size())
	// Output: 1920 1192
}

// Five seeds of each of two rules: two curves, each in a band.
func ExampleLearning_seeds() {
	c := figure.Learning{Style: figure.Style{Title: "Two rules, five seeds each", Theme: figure.Dark}}
	for _, rule := range []string{"slow", "fast"} {
		for seed := range 5 {
			r := figure.LearningRun{Group: rule}
			for step := range 300 {
				y := math.Exp(-float64(step*len(rule)*(seed+8))/8000) + 0.1*float64(seed)
				r.TrainLoss.Y = append(r.TrainLoss.Y, y)
			}
			if rule == "fast" && seed == 3 { // one of them diverged
				r.TrainLoss.Y = r.TrainLoss.Y[:200]
				r.TrainLoss.Diverged = true
			}
			c.Runs = append(c.Runs, r)
		}
	}
	fig, err := c.Figure()
	if err != nil {
		fmt.Println(err)
		return
	}
	var svg bytes.Buffer
	if err := fig.WriteSVG(&svg); err != nil {
		fmt.Println(err)
		return
	}
	for _, note := range []string{"median of 5 runs, band from lower to upper quartile", "1 diverged at step 199"} {
		fmt.Println(strings.Contains(svg.String(), note))
	}
	// Output:
	// true
	// true
}

// The default rate of the second rule is far from its best one.
func ExampleSensitivity() {
	rates := []float64{0.001, 0.01, 0.1, 1}
	fig, err := figure.Sensitivity{
		Rules: []figure.RateCurve{
			{Name: "adam", Rates: rates, Default: 0.001, Final: [][]float64{{0.2}, {0.3, 0.25, 0.4}, {1.9}, {math.NaN()}}},
			{Name: "sgd", Rates: rates, Default: 0.01, Final: [][]float64{{2.1}, {0.9}, {0.2, 0.3, 0.3}, {0.5}}},
		},
	}.Figure()
	if err != nil {
		fmt.Println(err)
		return
	}
	var svg bytes.Buffer
	if err := fig.WriteSVG(&svg); err != nil {
		fmt.Println(err)
		return
	}
	for _, note := range []string{"0.2 at 0.001; 1 of 4 diverge", "0.3 at 0.1"} {
		fmt.Println(strings.Contains(svg.String(), note))
	}
	// Output:
	// true
	// true
}

func ExampleSchedules() {
	cosine := func(step int64) float64 { return 0.05 * (1 + math.Cos(math.Pi*float64(step)/1000)) }
	fig, err := figure.Schedules{Curves: []figure.Curve{{Name: "cosine", Total: 1000, Rate: cosine}}}.Figure()
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(fig.Size())
	// Output: 1920 960
}

func ExampleAnimation() {
	a := figure.Animation{
		Contour: figure.Contour{
			Func:   bowl,
			Domain: figure.Domain{XMin: -5, XMax: 5, YMin: -2, YMax: 2},
			Paths:  []figure.Path{downhill(0.05, 100)},
		},
		Frames: 10,
	}
	var b bytes.Buffer
	if err := a.WriteGIF(&b); err != nil {
		fmt.Println(err)
		return
	}
	g, err := gif.DecodeAll(&b)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(len(g.Image), "frames")
	// Output: 10 frames
}
