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
	dz            []F
}

// build makes the network of a plan and leaves its parameters at zero.
func build[F optim.Float](p plan, in, out int, task Task) *network[F] {
	n := &network[F]{in: in, out: out}
	mul := &gemm.Workspace[F]{}
	width := in
	for _, hidden := range p.hidden {
		n.add(newDense(width, hidden, p.start, mul))
		n.add(newActivation[F](p.act, []int{hidden}))
		width = hidden
	}
	n.add(newDense(width, out, Glorot, mul))
	if task == Classify {
		n.loss = &crossEntropy[F]{p: make([]float64, out)}
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
	for i, l := range n.layers {
		for _, t := range l.tensors() {
			end := at + size(t.shape)
			*t.values, *t.grad = n.values[at:end:end], n.grads[at:end:end]
			n.params = append(n.params, optim.Param[F]{
				Name: n.names[i] + "." + t.name, Shape: t.shape, Data: *t.values, Grad: *t.grad,
			})
			at = end
		}
	}
}

// init draws all parameters from the seed's stream "init", layer by layer.
func (n *network[F]) init(seed uint64) {
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
	z := n.forward(b.x, b.n)
	n.dz = sized(n.dz, len(z))
	mean, _ := n.loss.of(z, b, n.dz)
	d := n.dz
	for i := len(n.layers) - 1; i >= 0; i-- {
		d = n.layers[i].backward(d, b.n, i > 0)
	}
	return mean
}
