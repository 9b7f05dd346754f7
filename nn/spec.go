package nn

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
)

// Specs describes what Parse understands, one form a line.
const Specs = `softmax                               softmax regression: one dense layer
linear                                linear regression: one dense layer
mlp:WIDTH[,WIDTH…][,act=A][,init=I]   perceptron with these hidden layers
cnn[,act=A][,init=I]                  conv:8x3,pool:2,conv:16x3,pool:2 for images
LAYER[,LAYER…][,act=A][,init=I]       any chain of layers before the dense layer of the outputs:
    dense:WIDTH                         fully connected, then the activation
    conv:CHANNELSxSIZE                  convolution, then the activation
        [:stride=1][:pad=(SIZE-1)/2]
    pool:SIZE[:stride=SIZE]             the largest of each window
    avgpool:SIZE[:stride=SIZE]          the mean of each window
    bn                                  batch normalisation, before the activation that is due
    dropout:RATE                        dropout
    flatten                             an image as a row of features; dense does it by itself
                                      A: relu (default), tanh, gelu
                                      I: he (default for relu, gelu), glorot (default for tanh)`

// cnn is what the model cnn stands for.
const cnn = "conv:8x3,pool:2,conv:16x3,pool:2"

const (
	// maxParams bounds the parameters of a network: 4 GiB of values.
	maxParams = 1 << 30
	// maxSize bounds the numbers of a layer, so that products of a few of them
	// do not overflow.
	maxSize = 1 << 20
)

// plan is a parsed spec.
type plan struct {
	kind   string // softmax, linear, mlp, cnn or chain
	stages []stage
	act    Activation
	start  Initialization // of the hidden layers
}

// A stage is one layer of a spec.
type stage struct {
	kind   string
	width  int // units or channels
	window     // of conv, pool and avgpool
	rate   float64
}

// stageKinds are the layers of a chain, with what their text looks like.
var stageKinds = []struct{ kind, form string }{
	{"dense", "dense:WIDTH"}, {"conv", "conv:CHANNELSxSIZE"}, {"pool", "pool:SIZE"}, {"avgpool", "avgpool:SIZE"},
	{"bn", "bn"}, {"dropout", "dropout:RATE"}, {"flatten", "flatten"},
}

// stageForm returns what the text of a kind of layer looks like, or "".
func stageForm(kind string) string {
	for _, k := range stageKinds {
		if k.kind == kind {
			return k.form
		}
	}
	return ""
}

// parse reads a spec.
func parse(spec string) (plan, error) {
	end := strings.IndexAny(spec, ":,")
	if end < 0 {
		end = len(spec)
	}
	kind, rest := spec[:end], spec[end:]
	p := plan{kind: kind}
	var err error
	switch {
	case kind == "softmax" || kind == "linear":
		if rest != "" {
			return plan{}, fmt.Errorf("nn: model %q: %s takes no arguments", spec, kind)
		}
		return p, nil
	case kind == "mlp":
		err = p.perceptron(strings.TrimPrefix(rest, ":"))
	case kind == "cnn":
		if rest != "" && rest[0] != ',' {
			return plan{}, fmt.Errorf("nn: model %q: cnn takes options only: act or init, as in cnn,act=tanh", spec)
		}
		err = p.chain(cnn + rest)
		if cnnStages := strings.Count(cnn, ",") + 1; err == nil && len(p.stages) != cnnStages {
			err = fmt.Errorf("cnn takes options only: for other layers, write them all, as in %s", cnn)
		}
	case stageForm(kind) != "":
		p.kind = "chain"
		err = p.chain(spec)
	default:
		return plan{}, fmt.Errorf("nn: unknown model %q; there are\n%s", spec, Specs)
	}
	if err != nil {
		return plan{}, fmt.Errorf("nn: model %q: %w", spec, err)
	}
	if p.act == "" {
		p.act = activations[0]
	}
	if p.start == "" {
		p.start = p.act.initialization()
	}
	return p, nil
}

// perceptron reads widths, then options.
func (p *plan) perceptron(args string) error {
	for arg := range strings.SplitSeq(args, ",") {
		arg := strings.TrimSpace(arg)
		if strings.Contains(arg, "=") {
			if err := p.option(arg); err != nil {
				return err
			}
			continue
		}
		width, err := strconv.Atoi(arg)
		if err != nil || width < 1 || p.act != "" || p.start != "" {
			return fmt.Errorf("argument %q, want positive widths, then options", arg)
		}
		p.stages = append(p.stages, stage{kind: "dense", width: width})
	}
	if len(p.stages) == 0 {
		return fmt.Errorf("no hidden layer, want at least one width, as in mlp:64")
	}
	return nil
}

// option reads act=… or init=….
func (p *plan) option(arg string) (err error) {
	key, value, _ := strings.Cut(arg, "=")
	switch key {
	case "act":
		return choose(&p.act, value, activations)
	case "init":
		return choose(&p.start, value, initializations)
	}
	return fmt.Errorf("no option %q, want act or init", key)
}

// chain reads layers, then options.
func (p *plan) chain(text string) error {
	for arg := range strings.SplitSeq(text, ",") {
		arg := strings.TrimSpace(arg)
		var err error
		if key, _, option := strings.Cut(arg, "="); option && !strings.Contains(key, ":") {
			err = p.option(arg)
		} else if p.act != "" || p.start != "" {
			err = fmt.Errorf("a layer after the options, want it before them")
		} else {
			var s stage
			s, err = parseStage(arg)
			p.stages = append(p.stages, s)
		}
		if err != nil {
			return fmt.Errorf("layer %d, %q: %w", len(p.stages), arg, err)
		}
	}
	return nil
}

// parseStage reads one layer: its kind, value and options, between colons.
func parseStage(text string) (stage, error) {
	parts := strings.Split(text, ":")
	s, form := stage{kind: parts[0]}, stageForm(parts[0])
	if form == "" {
		var all []string
		for _, k := range stageKinds {
			all = append(all, k.form)
		}
		return s, fmt.Errorf("no layer %q, want one of %s", parts[0], strings.Join(all, ", "))
	}
	value, args := "", parts[1:]
	if len(args) > 0 && !strings.Contains(args[0], "=") {
		value, args = args[0], args[1:]
	}
	malformed := fmt.Errorf("want %s, with whole numbers from 1 to %d", form, maxSize)
	var ok bool
	switch s.kind {
	case "dense":
		if s.width, ok = positive(value); !ok {
			return s, malformed
		}
	case "conv":
		channels, size, _ := strings.Cut(value, "x")
		var sized bool
		s.width, ok = positive(channels)
		if s.size, sized = positive(size); !ok || !sized {
			return s, malformed
		}
		s.stride, s.pad = 1, same(s.size)
	case "pool", "avgpool":
		if s.size, ok = positive(value); !ok {
			return s, malformed
		}
		s.stride = s.size
	case "dropout":
		rate, err := strconv.ParseFloat(value, 64)
		if err != nil || !(rate > 0 && rate < 1) {
			return s, fmt.Errorf("want dropout:RATE, a number between 0 and 1")
		}
		s.rate = rate
	default:
		if value != "" {
			return s, fmt.Errorf("%s takes no value", s.kind)
		}
	}
	return s, s.options(args)
}

// options reads stride=… and pad=….
func (s *stage) options(args []string) error {
	var allowed []string
	switch s.kind {
	case "conv":
		allowed = []string{"stride", "pad"}
	case "pool", "avgpool":
		allowed = []string{"stride"}
	}
	for i, arg := range args {
		key, value, _ := strings.Cut(arg, "=")
		if !slices.Contains(allowed, key) {
			if allowed == nil {
				return fmt.Errorf("no option %q: %s has none", key, s.kind)
			}
			return fmt.Errorf("no option %q, want one of %v", key, allowed)
		}
		for _, before := range args[:i] {
			if strings.HasPrefix(before, key+"=") {
				return fmt.Errorf("option %s twice", key)
			}
		}
		v, ok := positive(value)
		switch {
		case key == "stride" && ok:
			s.stride = v
		case key == "pad" && (ok || value == "0") && v < s.size:
			s.pad = v
		case key == "stride":
			return fmt.Errorf("stride %q, want a whole number from 1", value)
		default:
			return fmt.Errorf("pad %q, want a whole number from 0 to %d", value, s.size-1)
		}
	}
	return nil
}

// positive reads a whole number from 1 to maxSize.
func positive(text string) (int, bool) {
	v, err := strconv.Atoi(text)
	if err != nil || v < 1 || v > maxSize {
		return 0, false
	}
	return v, true
}

// same is the padding with which a window of an odd size and stride 1 keeps
// the size of an image.
func same(size int) int { return (size - 1) / 2 }

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
	var parts []string
	head := ""
	switch p.kind {
	case "softmax", "linear":
		return p.kind
	case "cnn":
		parts = []string{"cnn"}
	case "mlp":
		head = "mlp:"
		for _, s := range p.stages {
			parts = append(parts, strconv.Itoa(s.width))
		}
	default:
		for _, s := range p.stages {
			parts = append(parts, s.String())
		}
	}
	if p.act != activations[0] {
		parts = append(parts, "act="+string(p.act))
	}
	if p.start != p.act.initialization() {
		parts = append(parts, "init="+string(p.start))
	}
	return head + strings.Join(parts, ",")
}

// String returns the shortest text of the layer.
func (s stage) String() string {
	switch s.kind {
	case "dense":
		return fmt.Sprintf("dense:%d", s.width)
	case "conv":
		text := fmt.Sprintf("conv:%dx%d", s.width, s.size)
		if s.stride != 1 {
			text += fmt.Sprintf(":stride=%d", s.stride)
		}
		if s.pad != same(s.size) {
			text += fmt.Sprintf(":pad=%d", s.pad)
		}
		return text
	case "pool", "avgpool":
		text := fmt.Sprintf("%s:%d", s.kind, s.size)
		if s.stride != s.size {
			text += fmt.Sprintf(":stride=%d", s.stride)
		}
		return text
	case "dropout":
		return "dropout:" + strconv.FormatFloat(s.rate, 'g', -1, 64)
	}
	return s.kind
}

// images says whether the network looks at examples as images.
func (p plan) images() bool {
	return slices.ContainsFunc(p.stages, func(s stage) bool { return s.size > 0 })
}

// after returns the shape of an example after the layer, and how many
// parameters the layer has: a float, as a spec may ask for more than an int
// holds. Shapes are [channels height width], or [features].
func (s stage) after(in []int) (out []int, params float64, err error) {
	switch s.kind {
	case "dense":
		return []int{s.width}, float64((float64(size(in)) + 1) * float64(s.width)), nil
	case "flatten":
		return []int{size(in)}, 0, nil
	case "bn":
		return in, 2 * float64(in[0]), nil
	case "dropout":
		return in, 0, nil
	}
	if len(in) != 3 {
		return nil, 0, fmt.Errorf("wants images, and gets %s features: put it before dense and flatten", dims(in))
	}
	h, w := s.along(in[1]), s.along(in[2])
	if h < 1 || w < 1 {
		return nil, 0, fmt.Errorf("the window is larger than the image of %s", dims(in))
	}
	if s.kind != "conv" {
		return []int{in[0], h, w}, 0, nil
	}
	if float64(s.width)*float64(h)*float64(w) > math.MaxInt32 {
		return nil, 0, fmt.Errorf("makes images of %s: too large", dims([]int{s.width, h, w}))
	}
	return []int{s.width, h, w}, float64((float64(float64(in[0])*float64(s.size)*float64(s.size)) + 1) * float64(s.width)), nil
}

// parameters returns how many parameters the plan's network has. It fails where
// a layer does not fit what comes before it.
func (p plan) parameters(shape []int, out int) (total float64, err error) {
	for i, s := range p.stages {
		after, params, err := s.after(shape)
		if err != nil {
			return 0, fmt.Errorf("nn: %s: layer %d, %s: %w", p, i+1, s, err)
		}
		total += params
		shape = after
	}
	return total + float64((float64(size(shape))+1)*float64(out)), nil
}
