package nn

import (
	"fmt"
	"strconv"
	"strings"
)

// Specs describes what Parse understands, one form a line.
const Specs = `softmax                               softmax regression: one dense layer
linear                                linear regression: one dense layer
mlp:WIDTH[,WIDTH…][,act=A][,init=I]   perceptron with these hidden layers
                                      A: relu (default), tanh, gelu
                                      I: he (default for relu, gelu), glorot (default for tanh)`

// maxParams bounds the parameters of a network: 4 GiB of values.
const maxParams = 1 << 30

// plan is a parsed spec.
type plan struct {
	kind   string // softmax, linear or mlp
	hidden []int  // widths; none but in mlp
	act    Activation
	start  Initialization // of the hidden layers
}

// Parse makes the network that a spec describes, for examples of in features
// and out classes or targets, and initializes it from seed 0. The specs are
// those of [Specs]: softmax is for classification, linear for regression, mlp
// for both.
func Parse(spec string, in, out int, task Task) (*Net, error) {
	p, err := parse(spec)
	if err != nil {
		return nil, err
	}
	switch {
	case task != Classify && task != Regress:
		return nil, fmt.Errorf("nn: %v, want Classify or Regress", task)
	case p.kind == "softmax" && task != Classify, p.kind == "linear" && task != Regress:
		return nil, fmt.Errorf("nn: %s is not a model for %v", p.kind, task)
	case in < 1:
		return nil, fmt.Errorf("nn: %s with %d features, want at least 1", p, in)
	case out < 1 || task == Classify && out < 2:
		return nil, fmt.Errorf("nn: %s for %v with %d outputs", p, task, out)
	}
	if total := p.parameters(in, out); total > maxParams {
		return nil, fmt.Errorf("nn: %s between %d features and %d outputs has %.3g parameters, want at most %d",
			p, in, out, total, maxParams)
	}
	n := &Net{plan: p, task: task, net: build[float32](p, in, out, task)}
	n.Init(0)
	return n, nil
}

// Spec returns the spec that Parse makes the same network from, without the
// options that are defaults.
func (n *Net) Spec() string { return n.plan.String() }

// parse reads a spec.
func parse(spec string) (plan, error) {
	kind, args, has := strings.Cut(spec, ":")
	switch kind {
	case "softmax", "linear":
		if has {
			return plan{}, fmt.Errorf("nn: model %q: %s takes no arguments", spec, kind)
		}
		return plan{kind: kind}, nil
	case "mlp":
	default:
		return plan{}, fmt.Errorf("nn: unknown model %q; there are\n%s", spec, Specs)
	}
	p := plan{kind: kind}
	for arg := range strings.SplitSeq(args, ",") {
		key, value, option := strings.Cut(strings.TrimSpace(arg), "=")
		if !option {
			width, err := strconv.Atoi(key)
			if err != nil || width < 1 || p.act != "" || p.start != "" {
				return plan{}, fmt.Errorf("nn: model %q: argument %q, want positive widths, then options", spec, arg)
			}
			p.hidden = append(p.hidden, width)
			continue
		}
		var err error
		switch key {
		case "act":
			err = choose(&p.act, value, activations)
		case "init":
			err = choose(&p.start, value, initializations)
		default:
			err = fmt.Errorf("no option %q, want act or init", key)
		}
		if err != nil {
			return plan{}, fmt.Errorf("nn: model %q: %w", spec, err)
		}
	}
	if len(p.hidden) == 0 {
		return plan{}, fmt.Errorf("nn: model %q: no hidden layer, want at least one width, as in mlp:64", spec)
	}
	if p.act == "" {
		p.act = activations[0]
	}
	if p.start == "" {
		p.start = p.act.initialization()
	}
	return p, nil
}

// choose sets an option once, to one of the values that there are.
func choose[T ~string](option *T, value string, all []T) error {
	if *option != "" {
		return fmt.Errorf("%q after %q", value, *option)
	}
	for _, v := range all {
		if string(v) == value {
			*option = v
			return nil
		}
	}
	return fmt.Errorf("no %q, want one of %v", value, all)
}

// String returns the shortest spec of the plan.
func (p plan) String() string {
	if p.kind != "mlp" {
		return p.kind
	}
	var b strings.Builder
	b.WriteString("mlp:")
	for i, w := range p.hidden {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteString(strconv.Itoa(w))
	}
	if p.act != activations[0] {
		b.WriteString(",act=" + string(p.act))
	}
	if p.start != p.act.initialization() {
		b.WriteString(",init=" + string(p.start))
	}
	return b.String()
}

// parameters returns how many parameters the plan's network has. It is a float
// because a spec may ask for more than an int holds.
func (p plan) parameters(in, out int) float64 {
	total, width := 0.0, float64(in)
	for _, h := range p.hidden {
		total += float64((width + 1) * float64(h))
		width = float64(h)
	}
	return total + float64((width+1)*float64(out))
}
