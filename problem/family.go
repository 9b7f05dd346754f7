package problem

import (
	"fmt"
	"strconv"
)

// A Family is a problem of any dimension, as ResolveProblem makes it.
type Family struct {
	Name, Title string
	// Doc says what it is for; Source cites where it comes from.
	Doc, Source string
	// TeX is the formula, without delimiters.
	TeX     string
	Options []Option

	build func(o *options) (Problem, error)
}

// An Option is a setting of a family.
type Option struct{ Name, Default, Doc string }

// Families returns the n-dimensional problems, in a fixed order.
func Families() []Family {
	n := Option{"n", "10", "number of variables"}
	return []Family{
		{
			Name: "quadratic", Title: "Quadratic",
			Doc:    "A quadratic with eigenvalues from 1 to kappa, evenly spaced by their logarithm.",
			Source: "Nocedal and Wright, Numerical Optimization (2006), section 3.3",
			TeX:    `\frac{1}{2} \left(x - c\right)^{\top} Q^{\top} \Lambda Q \left(x - c\right)`,
			Options: []Option{n,
				{"kappa", "100", "condition number"},
				{"rotate", "false", "turn the axes by a random orthogonal matrix"},
				{"seed", "0", "of the rotation"},
				{"center", "0", "every coordinate of the minimum"},
			},
			build: buildQuadratic,
		},
		{
			Name: "rosenbrock-n", Title: "Rosenbrock's valley in n variables",
			Doc:     "A chain of curved valleys; for n from 4 to 7 there is a second minimum.",
			Source:  "Kok and Sandrock, Evolutionary Computation 17 (2009), 437-453",
			TeX:     `\sum_{i=1}^{n-1} \left(1 - x_{i}\right)^{2} + b \left(x_{i+1} - x_{i}^{2}\right)^{2}`,
			Options: []Option{n, {"b", "100", "steepness of the valley's sides"}},
			build: func(o *options) (Problem, error) {
				return result(NewRosenbrockN(o.int("n"), o.float("b")))
			},
		},
		{
			Name: "rastrigin-n", Title: "Rastrigin in n variables",
			Doc:     "A bowl under a regular grid of ripples, with about 11ⁿ minima within |xᵢ| ≤ 5.12.",
			Source:  "Mühlenbein, Schomisch and Born, Parallel Computing 17 (1991), 619-632",
			TeX:     `\sum_{i=1}^{n} a + x_{i}^{2} - a \cos\left(2 \pi x_{i}\right)`,
			Options: []Option{n, {"a", "10", "depth of the ripples"}},
			build: func(o *options) (Problem, error) {
				return result(NewRastriginN(o.int("n"), o.float("a")))
			},
		},
		{
			Name: "quadratic_deep", Title: "Quadratic with the spectrum of a deep network",
			Doc:    "Nine tenths of the eigenvalues are in [0, 1], one tenth in [30, 60]; the gradient is that of a batch of points, the value that of others.",
			Source: "Schneider, Balles and Hennig, DeepOBS: A Deep Learning Optimizer Benchmark Suite, ICLR 2019",
			TeX:    `\frac{1}{\left|B\right|} \sum_{x \in B} \frac{1}{2} \left(\theta - x\right)^{\top} H \left(\theta - x\right)`,
			Options: []Option{
				{"n", "100", "number of variables"},
				{"batch", "128", "points of a batch, of 1,000"},
				{"seed", "0", "of spectrum, eigenvectors and points"},
			},
			build: buildQuadraticDeep,
		},
	}
}

// result makes sure that a failed constructor returns no problem at all.
func result[P Problem](p P, err error) (Problem, error) {
	if err != nil {
		return nil, err
	}
	return p, nil
}

func buildQuadratic(o *options) (Problem, error) {
	n := o.int("n")
	spectrum, err := LogSpectrum(n, o.float("kappa"))
	if err != nil {
		return nil, err
	}
	center := make([]float64, n)
	for i := range center {
		center[i] = o.float("center")
	}
	return result(NewQuadratic(QuadraticOptions{
		Spectrum: spectrum, Rotate: o.bool("rotate"), Seed: o.uint("seed"), Center: center,
	}))
}

// maxDimension bounds n in a text; a program may build larger problems.
const maxDimension = 10_000_000

// options are a family's settings as texts, and the first of them that cannot
// be read.
type options struct {
	family string
	text   map[string]string
	err    error
}

func (o *options) fail(name, want string) {
	if o.err == nil {
		o.err = fmt.Errorf("problem: %s: %s = %q, want %s", o.family, name, o.text[name], want)
	}
}

func (o *options) int(name string) int {
	v, err := strconv.Atoi(o.text[name])
	if err != nil || v < 1 || v > maxDimension {
		o.fail(name, fmt.Sprintf("a whole number from 1 to %d", maxDimension))
		return 2
	}
	return v
}

func (o *options) uint(name string) uint64 {
	v, err := strconv.ParseUint(o.text[name], 10, 64)
	if err != nil {
		o.fail(name, "a whole number")
	}
	return v
}

func (o *options) float(name string) float64 {
	v, err := strconv.ParseFloat(o.text[name], 64)
	if err != nil || !finite(v) {
		o.fail(name, "a number")
		return 1
	}
	return v
}

func (o *options) bool(name string) bool {
	v, err := strconv.ParseBool(o.text[name])
	if err != nil {
		o.fail(name, "true or false")
	}
	return v
}
