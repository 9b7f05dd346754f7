package nn

import (
	"fmt"
	"math"
	"slices"
)

// Parse makes the network that a spec describes, for examples of in features
// and out classes or targets, and initializes it from seed 0. The specs are
// those of [Specs]: softmax is for classification, linear for regression, the
// others for both. Where the network looks at images, it takes the features
// for a square one of a single channel; [ParseShape] knows others.
func Parse(spec string, in, out int, task Task) (*Net, error) {
	p, err := parse(spec)
	if err != nil {
		return nil, err
	}
	shape, err := p.examples([]int{in})
	if err != nil {
		return nil, err
	}
	return assemble(p, shape, out, task)
}

// ParseShape is Parse for examples of a shape, such as data.Set's: [features],
// [height width] or [height width channels]. A network that does not look at
// images takes any shape as a row of features.
func ParseShape(spec string, shape []int, out int, task Task) (*Net, error) {
	p, err := parse(spec)
	if err != nil {
		return nil, err
	}
	if shape, err = p.examples(shape); err != nil {
		return nil, err
	}
	return assemble(p, shape, out, task)
}

// Parameters returns how many parameters the network of ParseShape would have,
// without making it.
func Parameters(spec string, shape []int, out int) (int64, error) {
	p, err := parse(spec)
	if err != nil {
		return 0, err
	}
	if shape, err = p.examples(shape); err != nil {
		return 0, err
	}
	total, err := p.parameters(planes(shape), out)
	return int64(min(total, math.MaxInt64/2)), err
}

// examples returns the shape in which the network takes examples of a shape: a
// row of features, or an image.
func (p plan) examples(shape []int) ([]int, error) {
	for _, d := range shape {
		if d > maxSize || d < 1 && len(shape) > 1 {
			return nil, fmt.Errorf("nn: %s with examples of shape %v, want sizes from 1 to %d", p, shape, maxSize)
		}
	}
	switch {
	case !p.images():
		return []int{size(shape)}, nil
	case len(shape) == 1 && shape[0] > 0:
		side := int(math.Sqrt(float64(shape[0])))
		if side*side != shape[0] {
			return nil, fmt.Errorf("nn: %s wants images, and %d features are not a square one: give their shape", p, shape[0])
		}
		return []int{side, side}, nil
	case len(shape) > 3 || len(shape) == 0:
		return nil, fmt.Errorf("nn: %s wants images, [height width] or [height width channels], and examples have shape %v", p, shape)
	}
	return slices.Clone(shape), nil
}

// Check says whether a spec is well formed. Whether its layers fit a data set
// is for Parse to say.
func Check(spec string) error {
	_, err := parse(spec)
	return err
}

// assemble makes the network of a plan.
func assemble(p plan, shape []int, out int, task Task) (*Net, error) {
	switch {
	case task != Classify && task != Regress:
		return nil, fmt.Errorf("nn: %v, want Classify or Regress", task)
	case p.kind == "softmax" && task != Classify, p.kind == "linear" && task != Regress:
		return nil, fmt.Errorf("nn: %s is not a model for %v", p.kind, task)
	case size(shape) < 1:
		return nil, fmt.Errorf("nn: %s with %d features, want at least 1", p, size(shape))
	case out < 1 || task == Classify && out < 2:
		return nil, fmt.Errorf("nn: %s for %v with %d outputs", p, task, out)
	}
	total, err := p.parameters(planes(shape), out)
	if err != nil {
		return nil, err
	}
	if total > maxParams {
		return nil, fmt.Errorf("nn: %s between %s features and %d outputs has %.3g parameters, want at most %d",
			p, dims(shape), out, total, maxParams)
	}
	n := &Net{plan: p, task: task, shape: shape, net: build[float32](p, shape, out, task)}
	n.Init(0)
	return n, nil
}

// Spec returns the spec that Parse makes the same network from, without the
// options that are defaults.
func (n *Net) Spec() string { return n.plan.String() }

// planes returns the shape in which layers see examples: images as
// [channels height width].
func planes(shape []int) []int {
	switch len(shape) {
	case 2:
		return []int{1, shape[0], shape[1]}
	case 3:
		return []int{shape[2], shape[0], shape[1]}
	}
	return shape
}
