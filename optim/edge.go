package optim

import (
	"math"

	"github.com/descent-go/descent/internal/portable"
)

// A Response is how a rule answers small oscillations of its parameters about a
// minimum while the divisors of its gradients stand still, as those of Adam nearly
// do. It is what decides the rate above which the rule is unstable.
//
// There, on a quadratic of largest curvature a, parameters change their sign with
// every update and keep their size: a root of the rule's characteristic polynomial
// is at −1. The rate is 2/(Decay + Gain·a).
//
// For gradient descent that is 2/a, for heavy-ball momentum μ (2+2μ)/a, and for
// Adam, whose momentum is a decaying mean, (2+2β₁)/((1−β₁)a), which is 38/a for
// β₁ = 0.9: there a is the largest eigenvalue of the preconditioned Hessian
// D^(-1/2)·H·D^(-1/2), D being the divisors. J. M. Cohen et al., Gradient descent on
// neural networks typically occurs at the edge of stability, ICLR 2021,
// arXiv:2103.00065, appendix B; J. M. Cohen et al., Adaptive gradient methods at the
// edge of stability, 2022, arXiv:2207.14484, section 2.
type Response struct {
	// Gain is the size of the update, in rates, that a gradient of 1 leads to once it
	// has changed its sign with every update for long.
	Gain float64
	// L2 is added to every curvature, before divisors. Decay is decoupled.
	L2, Decay float64
	// Divides says that gradients are divided: see Optimizer.Divisors.
	Divides bool
}

// Edge returns the rate above which the rule is unstable where the curvature, of
// the preconditioned Hessian if the rule divides, is at most that. It is +Inf when
// no rate is.
func (r Response) Edge(curvature float64) float64 {
	slope := r.Decay + float64(r.Gain*curvature)
	if slope <= 0 {
		return math.Inf(1)
	}
	return 2 / slope
}

// ResponseOf returns the response of a rule when it has left its beginning behind:
// corrections for it are over. It is false for rules that have no such thing: Lion
// and Rprop, whose steps do not grow with the gradient; AdaDelta, whose divisors
// follow its updates; SGD that climbs; custom rules.
func ResponseOf(rule Rule) (Response, bool) {
	mean := func(beta float64) float64 { return (1 - beta) / (1 + beta) }
	switch r := rule.bind().value().(type) {
	case SGD:
		return Response{Gain: velocity(r.Momentum, 1-r.Dampening, r.Nesterov), L2: r.L2, Decay: r.Decay}, !r.Maximize
	case Momentum:
		return Response{Gain: velocity(r.Beta, 1, r.Nesterov), L2: r.L2, Decay: r.Decay}, true
	case Nesterov:
		return Response{Gain: velocity(r.Beta, 1, true), L2: r.L2, Decay: r.Decay}, true
	case ASGD: // its rate falls from here
		return Response{Gain: 1, L2: r.L2, Decay: r.Decay + r.Lambda}, true
	case Adam:
		return Response{Gain: mean(r.Beta1), L2: r.L2, Decay: r.Decay, Divides: true}, true
	case AdamW:
		return Response{Gain: mean(r.Beta1), L2: r.L2, Decay: r.Decay, Divides: true}, true
	case AMSGrad:
		return Response{Gain: mean(r.Beta1), L2: r.L2, Decay: r.Decay, Divides: true}, true
	case Adamax:
		return Response{Gain: mean(r.Beta1), L2: r.L2, Decay: r.Decay, Divides: true}, true
	case RAdam:
		return Response{Gain: mean(r.Beta1), L2: r.L2, Decay: r.Decay, Divides: 2/(1-r.Beta2)-1 > r.Threshold}, true
	case NAdam:
		return Response{Gain: (1 - r.Beta1) + float64(r.Beta1*mean(r.Beta1)), L2: r.L2, Decay: r.Decay, Divides: true}, true
	case RMSProp:
		return Response{Gain: velocity(r.Momentum, 1, false), L2: r.L2, Decay: r.Decay, Divides: true}, true
	case AdaGrad:
		return Response{Gain: 1, L2: r.L2, Decay: r.Decay, Divides: true}, true
	}
	return Response{}, false
}

// velocity is the gain of momentum μ, of which each gradient adds a share.
func velocity(mu, share float64, nesterov bool) float64 {
	switch {
	case mu == 0:
		return 1
	case nesterov:
		return 1 + float64(mu*share)/(1+mu)
	}
	return share / (1 + mu)
}

// Divisors sets dst to what the rule of a parameter divides its gradients by, element
// by element, and reports whether there is such a thing: not for rules that do not
// divide, for other names, for frozen parameters and before the first update. What
// decaying means lack of their beginning is made up for, also by rules that do
// without a correction. It panics unless dst has an element for each of the
// parameter's.
func (o *Optimizer[F]) Divisors(name string, dst []float64) bool {
	for i, p := range o.params {
		if p.Name != name {
			continue
		}
		if len(dst) != len(p.Data) {
			panic("optim: Divisors: as many elements as the parameter has are wanted")
		}
		g, t := o.groups[o.tensors[i].group], o.tensors[i].t
		if g.Frozen || t == 0 {
			return false
		}
		return divisors(g.rule.value(), t, func(slot string) []F { return o.State(name, slot) }, dst)
	}
	return false
}

// divisors computes them from the state after t updates.
func divisors[F Float](rule Rule, t int64, state func(slot string) []F, dst []float64) bool {
	response, ok := ResponseOf(rule)
	if !ok || !response.Divides {
		return false
	}
	root := func(squares []F, weight, under, eps float64) bool {
		for j, s := range squares {
			dst[j] = math.Sqrt(float64(s)/weight+under) + eps
		}
		return true
	}
	weight := func(beta float64) float64 { return 1 - portable.Pow(beta, float64(t)) }
	switch r := rule.(type) {
	case Adam:
		return root(state("v"), weight(r.Beta2), 0, r.Eps)
	case AdamW:
		return root(state("v"), weight(r.Beta2), 0, r.Eps)
	case NAdam:
		return root(state("v"), weight(r.Beta2), 0, r.Eps)
	case RAdam:
		return root(state("v"), weight(r.Beta2), 0, r.Eps)
	case AMSGrad:
		return root(state("x"), weight(r.Beta2), 0, r.Eps)
	case Adamax:
		for j, u := range state("u") {
			dst[j] = float64(u)
		}
		return true
	case RMSProp:
		under, eps := when(r.EpsInside, r.Eps, 0), when(r.EpsInside, 0, r.Eps)
		w := when(r.FirstSquare, 1, weight(r.Rho))
		if !r.Centered {
			return root(state("s"), w, under, eps)
		}
		for j, a := range state("a") { // the mean always starts at 0
			m, s := float64(a)/weight(r.Rho), float64(state("s")[j])/w
			dst[j] = math.Sqrt(math.Max(s-float64(m*m), 0)+under) + eps
		}
		return true
	case AdaGrad:
		n := 1.0
		if r.Mean {
			n = float64(t)
		}
		root(state("s"), n, when(r.EpsInside, r.Eps, 0), when(r.EpsInside, 0, r.Eps))
		for j := range dst {
			dst[j] *= 1 + float64(float64(t)*r.LRDecay)
		}
		return true
	}
	return false
}
