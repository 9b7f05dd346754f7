// Command ownrule invents an update rule and races it against Adam on
// Rosenbrock's function. A rule is one scalar function; clipping, groups,
// schedules, saved state and the training loop work with it as with any other.
package main

import (
	"context"
	"fmt"
	"io"
	"log"
	"os"

	"github.com/descent-go/descent/optim"
	"github.com/descent-go/descent/problem"
	"github.com/descent-go/descent/schedule"
	"github.com/descent-go/descent/train"
)

func main() {
	if err := run(os.Stdout); err != nil {
		log.Fatal(err)
	}
}

// softsign moves by the rate times m/(|m| + c), where m is a mean of gradients
// and c a slow mean of their magnitudes: bold where gradients agree.
func softsign[F optim.Float](k optim.Scalars[F], p, g F, s optim.Slots[F]) (F, optim.Slots[F]) {
	size := g
	if size < 0 {
		size = -size
	}
	s[0] += F(0.1 * (g - s[0]))
	s[1] += F(0.01 * (size - s[1]))
	bold := s[0]
	if bold < 0 {
		bold = -bold
	}
	return p - F(k.LR*(s[0]/(bold+s[1]+1e-12))), s
}

func run(w io.Writer) error {
	own, err := optim.Custom("softsign", []string{"mean", "size"}, softsign[float32], softsign[float64])
	if err != nil {
		return err
	}
	valley, err := problem.ResolveProblem("rosenbrock")
	if err != nil {
		return err
	}
	for _, rule := range []optim.Rule{optim.NewAdam(), own} {
		model, err := train.Function(valley, []float64{-1.2, 1})
		if err != nil {
			return err
		}
		o := train.Defaults(rule)
		o.LR, o.Steps = 0.05, 3000
		if o.Schedule, err = schedule.Parse("cosine", o.Steps); err != nil {
			return err
		}
		result, err := train.Run(context.Background(), model, nil, o)
		if err != nil {
			return err
		}
		if _, err := fmt.Fprintf(w, "%-8s f(%.3f, %.3f) = %.0e\n", rule.Info().Name, result.Point[0], result.Point[1], result.FinalLoss); err != nil {
			return err
		}
	}
	return nil
}
