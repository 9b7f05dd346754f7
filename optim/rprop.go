package optim

import "fmt"

// Rprop uses only the signs of the gradient: each parameter's step grows while the sign stays and shrinks when it turns.
//
// M. Riedmiller, H. Braun, A direct adaptive method for faster backpropagation learning: the RPROP algorithm, ICNN 1993; the variant without weight backtracking, iRprop−, of C. Igel, M. Hüsken, 2000.
//
// As in PyTorch the rate is the first step of every parameter and plays no part afterwards. For full batches only.
//
//descent:rate 0.01
//descent:forms rprop
type Rprop struct {
	EtaMinus float64 `def:"0.5" in:"(0,1)" sym:"\\eta^-" doc:"factor of the step when the gradient turns"`
	EtaPlus  float64 `def:"1.2" in:"(1,inf)" sym:"\\eta^+" doc:"factor of the step while the gradient keeps its sign"`
	MinStep  float64 `def:"1e-6" in:"(0,inf)" sym:"\\Delta_{\\min}" doc:"smallest step"`
	MaxStep  float64 `def:"50" in:"(0,inf)" sym:"\\Delta_{\\max}" doc:"largest step"`
	L2       float64 `def:"0" in:"[0,inf)" sym:"\\lambda_2" doc:"weight decay added to the gradient"`
	Decay    float64 `def:"0" in:"[0,inf)" sym:"\\lambda" doc:"decoupled weight decay, scaled by the rate"`
}

type rpropStep[F Float] struct {
	L2       F `sym:"\\lambda_2"`
	EtaMinus F `sym:"\\eta^-"`
	EtaPlus  F `sym:"\\eta^+"`
	MinStep  F `sym:"\\Delta_{\\min}"`
	MaxStep  F `sym:"\\Delta_{\\max}"`
	Shrink   F `sym:"\\eta\\lambda"`
}

func (r Rprop) step(_ int64, lr float64) rpropStep[float64] {
	return rpropStep[float64]{L2: r.L2, EtaMinus: r.EtaMinus, EtaPlus: r.EtaPlus, MinStep: r.MinStep, MaxStep: r.MaxStep, Shrink: lr * r.Decay}
}

func (r Rprop) check() error {
	if r.MinStep > r.MaxStep {
		return fmt.Errorf("optim: Rprop.MinStep = %v, want at most MaxStep = %v", r.MinStep, r.MaxStep)
	}
	return nil
}

func (r Rprop) start(lr float64) [2]float64 { return [2]float64{0, lr} }

//descent:rule
func rprop[F Float](k *rpropStep[F], p, g, q, d F) (_, _, _ F) {
	g += k.L2 * p
	turn := g * q
	d = min(max(d*ifpos(turn, k.EtaPlus, ifpos(-turn, k.EtaMinus, 1)), k.MinStep), k.MaxStep)
	q = ifpos(-turn, 0, g)
	p -= sign(q)*d + k.Shrink*p
	return p, q, d
}
