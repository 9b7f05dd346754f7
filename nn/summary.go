package nn

import (
	"fmt"
	"strings"
)

// A LayerInfo describes one layer.
type LayerInfo struct {
	Name   string // such as "dense1"
	In     []int  // shape of one example before the layer
	Out    []int  // and after it
	Params int    // number of parameters
}

// Layers describes the layers, first to last.
func (n *Net) Layers() []LayerInfo {
	infos := make([]LayerInfo, len(n.net.layers))
	in := n.Shape()
	for i, l := range n.net.layers {
		infos[i] = LayerInfo{Name: n.net.names[i], In: in, Out: l.shape()}
		for _, t := range l.tensors() {
			infos[i].Params += size(t.shape)
		}
		in = l.shape()
	}
	return infos
}

// Summary returns a table of the layers, their shapes and parameters.
func (n *Net) Summary() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s, %v\n", n.Spec(), n.task)
	fmt.Fprintf(&b, "%-10s %12s %12s %12s\n", "layer", "in", "out", "parameters")
	for _, l := range n.Layers() {
		fmt.Fprintf(&b, "%-10s %12s %12s %12d\n", l.Name, dims(l.In), dims(l.Out), l.Params)
	}
	fmt.Fprintf(&b, "%-10s %12s %12s %12d\n", "total", dims(n.shape), dims([]int{n.net.out}), len(n.net.values))
	return b.String()
}

// dims writes a shape as 28×28.
func dims(shape []int) string {
	s := make([]string, len(shape))
	for i, d := range shape {
		s[i] = fmt.Sprint(d)
	}
	return strings.Join(s, "×")
}
