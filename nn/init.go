package nn

import (
	"math"

	"github.com/descent-go/descent/internal/rng"
	"github.com/descent-go/descent/optim"
)

// An Initialization draws the first weights of a layer. Biases begin at zero.
//
// PyTorch's nn.Linear differs: it draws weights and biases uniformly from
// ±1/√in, whatever follows.
type Initialization string

const (
	// He draws from the normal distribution of variance 2/in. He et al., ICCV
	// 2015, arXiv:1502.01852. The default before ReLU and GELU.
	He Initialization = "he"
	// Glorot draws uniformly from ±√(6/(in+out)). Glorot & Bengio, AISTATS
	// 2010. The default before tanh, and what output layers use.
	Glorot Initialization = "glorot"
)

// initializations lists the initializations.
var initializations = []Initialization{He, Glorot}

// initialization returns the default before an activation.
func (a Activation) initialization() Initialization {
	if a == Tanh {
		return Glorot
	}
	return He
}

// fill draws the weights of a layer between in and out units.
func fill[F optim.Float](start Initialization, weight []F, in, out int, r *rng.Rand) {
	switch start {
	case He:
		std := math.Sqrt(2 / float64(in))
		for i := range weight {
			weight[i] = F(std * r.Normal())
		}
	case Glorot:
		bound := math.Sqrt(6 / float64(in+out))
		for i := range weight {
			weight[i] = F(bound * (float64(2*r.Float64()) - 1))
		}
	default:
		panic("nn: unknown initialization " + string(start))
	}
}
