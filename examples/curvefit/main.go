// Command curvefit fits a model that is not a network: the decay
// y = a·exp(−b·x) + c through noisy measurements, by AdamW under a cosine
// schedule. Any program that can compute a gradient can use package optim so.
package main

import (
	"fmt"
	"io"
	"log"
	"math"
	"os"

	"github.com/descent-go/descent/optim"
	"github.com/descent-go/descent/schedule"
)

func main() {
	if err := run(os.Stdout); err != nil {
		log.Fatal(err)
	}
}

// measurements of 3·exp(−0.5·x) + 1, with errors of about 0.02.
var (
	xs = []float64{0, 0.5, 1, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10}
	ys = []float64{4.01, 3.32, 2.83, 2.41, 2.12, 1.85, 1.69, 1.40, 1.26, 1.13, 1.07, 1.01}
)

func run(w io.Writer) error {
	abc, grad := []float64{1, 1, 0}, make([]float64, 3)
	rule := optim.NewAdamW()
	rule.Decay = 0
	opt, err := optim.New([]optim.Param[float64]{{Name: "abc", Shape: []int{3}, Data: abc, Grad: grad}}, optim.All(rule))
	if err != nil {
		return err
	}
	const steps = 3000
	rate, err := schedule.Parse("cosine", steps)
	if err != nil {
		return err
	}
	for range steps {
		loss(abc, grad)
		if err := opt.Step(0.05 * rate.At(opt.Updates())); err != nil {
			return err
		}
	}
	_, err = fmt.Fprintf(w, "y = %.3f exp(-%.3f x) + %.3f, root mean square error %.3f\n", abc[0], abc[1], abc[2], math.Sqrt(loss(abc, grad)))
	return err
}

// loss returns the mean squared error and writes its gradient.
func loss(abc, grad []float64) float64 {
	clear(grad)
	sum := 0.0
	n := float64(len(xs))
	for i, x := range xs {
		e := math.Exp(-abc[1] * x)
		d := abc[0]*e + abc[2] - ys[i]
		sum += d * d / n
		grad[0] += 2 * d * e / n
		grad[1] -= 2 * d * abc[0] * x * e / n
		grad[2] += 2 * d / n
	}
	return sum
}
