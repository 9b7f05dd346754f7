package nn

import (
	"math"

	"github.com/descent-go/descent/internal/cpu"
	"github.com/descent-go/descent/internal/portable"
	"github.com/descent-go/descent/nn/internal/kernel"
	"github.com/descent-go/descent/optim"
)

// loops are the functions that layers apply to the elements of slices: results
// come first, then parameters.
type loops[F optim.Float] struct {
	add, mul             kernel.Loop3[F]
	relu, exp, tanh      kernel.Loop2[F]
	reluBack, tanhBack   kernel.Loop3[F]
	gelu                 kernel.Loop3[F] // value and derivative
	maxPool, maxPoolBack func(*kernel.Pool[F])
}

// loopsOf returns the loops for F at the best level of this machine.
func loopsOf[F optim.Float]() *loops[F] {
	var found any
	level := cpu.Best()
	if _, single := any(F(0)).(float32); single {
		found = &loops[float32]{
			add: kernel.Add32Loops.At(level), mul: kernel.Mul32Loops.At(level),
			relu: kernel.Relu32Loops.At(level), exp: kernel.Exp32Loops.At(level), tanh: kernel.Tanh32Loops.At(level),
			reluBack: kernel.ReluBack32Loops.At(level), tanhBack: kernel.TanhBack32Loops.At(level),
			gelu:    kernel.Gelu32Loops.At(level),
			maxPool: kernel.MaxPool32Forms.At(level), maxPoolBack: kernel.MaxPoolBack32Forms.At(level),
		}
	} else {
		found = &loops[float64]{
			add: kernel.Add64Loops.At(level), mul: kernel.Mul64Loops.At(level),
			relu: kernel.Relu64Loops.At(level), exp: kernel.Exp64Loops.At(level), tanh: kernel.Tanh64Loops.At(level),
			reluBack: kernel.ReluBack64Loops.At(level), tanhBack: kernel.TanhBack64Loops.At(level),
			gelu:    gelu64,
			maxPool: kernel.MaxPool64Forms.At(level), maxPoolBack: kernel.MaxPoolBack64Forms.At(level),
		}
	}
	return found.(*loops[F])
}

// gelu64 is gelu in float64, which only the tests of gradients use: exact, and
// not in vectors.
func gelu64(y, slope, x []float64) {
	for i, v := range x[:len(y)] {
		cdf := float64(0.5 * (1 + portable.Erf(float64(v*(1/math.Sqrt2)))))
		density := portable.Exp(float64(-0.5*v*v)) * (1 / (math.Sqrt2 * math.SqrtPi))
		y[i], slope[i] = v*cdf, cdf+float64(v*density)
	}
}
