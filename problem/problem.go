// Package problem has the functions that optimizers are tried on: functions of
// two variables, each from one expression, and test problems of any dimension.
//
// A function of two variables is parsed once; its value, its exact gradient,
// its exact Hessian and its formula in TeX all come from that. [Lookup] finds
// one by name, [Parse] reads a user's own, and [Resolve] takes either:
//
//	f, err := problem.Resolve("rosenbrock:b=10")
//	f, err := problem.Resolve("(1-x)^2 + 100*(y-x^2)^2")
//
// An optimizer sees a [Problem], whatever its dimension. [ResolveProblem]
// finds one by the same texts, and by those of the n-dimensional families,
// such as quadratic:n=100,kappa=1000,rotate=true. [Sampled] gives those that
// are defined with a random gradient theirs, and [Noisy] adds noise to any.
//
// Values and gradients have the same bits on every architecture.
package problem

import (
	"fmt"

	"gonum.org/v1/gonum/mat"
)

// A Problem is a function of Dim variables to minimize. Its methods panic when
// a slice does not have Dim elements, and are safe for concurrent use unless
// the type says otherwise.
type Problem interface {
	// Name identifies the problem.
	Name() string
	// Dim returns the number of variables, at least 1.
	Dim() int
	// Start writes the usual start into dst.
	Start(dst []float64)
	// Value returns the function at x.
	Value(x []float64) float64
	// Gradient writes the gradient at x into g and returns the value there.
	// x and g must not overlap.
	Gradient(x, g []float64) float64
}

// A HessianProblem also knows its second derivatives. All problems of this
// package do, below a Stochastic one too, whose Unwrap returns it.
type HessianProblem interface {
	Problem
	// Hessian writes the Hessian at x into h, which is empty or Dim × Dim.
	Hessian(x []float64, h *mat.SymDense)
}

func checkLength(name string, n int, slices ...[]float64) {
	for _, s := range slices {
		if len(s) != n {
			panic(fmt.Sprintf("problem: %s: a slice of %d elements, want %d", name, len(s), n))
		}
	}
}

// reuse makes an empty h n × n, and leaves any other to h's own checks.
func reuse(h *mat.SymDense, n int) {
	if h.IsEmpty() {
		h.ReuseAsSym(n)
	}
	if h.SymmetricDim() != n {
		panic(fmt.Sprintf("problem: a Hessian of dimension %d, want %d", h.SymmetricDim(), n))
	}
}
