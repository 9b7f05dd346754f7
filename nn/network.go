package nn

import (
	"fmt"

	"github.com/descent-go/descent/internal/rng"
	"github.com/descent-go/descent/nn/internal/gemm"
	"github.com/descent-go/descent/optim"
)

// network is a chain of layers with a loss at its end. It is generic so that
// finite differences can check it in float64.
type network[F optim.Float] struct {
	in     int
	out    int
	layers []layer[F]
	names  []string // of the layers: their kinds, numbered
	loss   loss[F]

	values, grads []F // of all parameters, one after the other
	params        []optim.Param[F]
	buffers       []optim.Param[F] // what layers remember besides parameters
	first         int              // the first layer with parameters
	mode          mode
	dz            []F
}

// build makes the network of a plan, for examples of a shape as [ParseShape]
// takes it, and leaves its parameters at zero.
func build[F optim.Float](p plan, shape []int, out int, task Task) *network[F] {
	n := &network[F]{in: size(shape), out: out}
	mul := &gemm.Workspace[F]{}
	at := planes(shape)
	if len(shape) == 3 && shape[2] > 1 {
		n.add(&channels[F]{h: shape[0], w: shape[1], c: shape[2]})
	}
	// What is due after a convolution or a dense layer waits for bn, and where
	// it changes nothing but the time it takes, for the largest of a window.
	due, rising := false, p.act == ReLU || p.act == Tanh
	activate := func() {
		if due {
			n.add(newActivation[F](p.act, at))
		}
		due = false
	}
	for i, s := range p.stages {
		weights := func(kind string) bool { return kind == "conv" || kind == "dense" }
		if !(s.kind == "bn" && i > 0 && weights(p.stages[i-1].kind) || s.kind == "pool" && rising) {
			activate()
		}
		switch s.kind {
		case "dense":
			if len(at) == 3 {
				n.add(flatten[F]{size(at)})
			}
			n.add(newDense(size(at), s.width, p.start, mul))
		case "conv":
			n.add(newConv[F](s.window, s.width, at, p.start))
		case "pool", "avgpool":
			n.add(newPool[F](s.window, s.kind == "avgpool", at))
		case "bn":
			n.add(newBatchNorm[F](at, &n.mode))
		case "dropout":
			n.add(newDropout[F](s.rate, at, &n.mode))
		case "flatten":
			n.add(flatten[F]{size(at)})
		}
		at = n.layers[len(n.layers)-1].shape()
		due = due || weights(s.kind)
	}
	activate()
	if len(at) == 3 {
		n.add(flatten[F]{size(at)})
	}
	n.add(newDense(size(at), out, Glorot, mul))
	if task == Classify {
		n.loss = newCrossEntropy[F](out)
	} else {
		n.loss = squaredError[F]{out}
	}
	fuse(n.layers)
	n.bind()
	return n
}

// add appends a layer and names it.
func (n *network[F]) add(l layer[F]) {
	count := 1
	for _, before := range n.layers {
		if before.kind() == l.kind() {
			count++
		}
	}
	n.layers = append(n.layers, l)
	n.names = append(n.names, fmt.Sprintf("%s%d", l.kind(), count))
}

// bind lays the parameters of all layers into one slab, their gradients into
// another.
func (n *network[F]) bind() {
	total := 0
	for _, l := range n.layers {
		for _, t := range l.tensors() {
			total += size(t.shape)
		}
	}
	n.values, n.grads = make([]F, total), make([]F, total)
	at := 0
	n.first = len(n.layers)
	for i, l := range n.layers {
		for _, t := range l.tensors() {
			end := at + size(t.shape)
			*t.values, *t.grad = n.values[at:end], n.grads[at:end]
			n.params = append(n.params, optim.Param[F]{
				Name: n.names[i] + "." + t.name, Shape: t.shape, Data: *t.values, Grad: *t.grad,
			})
			at = end
			n.first = min(n.first, i)
		}
		if l, ok := l.(remembering[F]); ok {
			for _, t := range l.buffers() {
				n.buffers = append(n.buffers, optim.Param[F]{Name: n.names[i] + "." + t.name, Shape: t.shape, Data: *t.values})
			}
		}
	}
}

// init draws all parameters from the seed's stream "init", layer by layer, and
// begins the stream "dropout".
func (n *network[F]) init(seed uint64) {
	n.mode.random = rng.New(seed, "dropout")
	r := rng.New(seed, "init")
	for _, l := range n.layers {
		l.init(r)
	}
}

// forward returns the outputs of the last layer.
func (n *network[F]) forward(x []F, count int) []F {
	for _, l := range n.layers {
		x = l.forward(x, count)
	}
	return x
}

// learn returns the mean loss of a batch and sets all gradients.
func (n *network[F]) learn(b examples[F]) float64 {
	n.mode.learn = true
	z := n.forward(b.x, b.n)
	n.mode.learn = false
	n.dz = sized(n.dz, len(z))
	mean, _ := n.loss.of(z, b, n.dz)
	d := n.dz
	for i := len(n.layers) - 1; i >= n.first; i-- {
		d = n.layers[i].backward(d, b.n, i > n.first)
	}
	return mean
}
