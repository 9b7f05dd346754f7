package main

import (
	"fmt"
	"strings"
)

// An op is one node of a scalar function's straight-line program. Nodes are
// shared: the same sub-expression is one node.
type op struct {
	kind string // slot, coef, lit, + - * / neg, or the name of an intrinsic
	name string // of the slot or coefficient; the literal's text
	args []*op
	// hoisted nodes depend on coefficients and literals alone: they are
	// computed once per step, in float64, and rounded once to the element type.
	hoisted bool
}

// intrinsics are the functions that a rule may call, with their arity.
//
//	sqrt(x), abs(x)
//	max(x, y), min(x, y)   by comparison: y when either is NaN, as x86 does
//	sign(x)                x itself when it is zero or NaN
//	ifpos(x, y, z)         y when x > 0, else z
var intrinsics = map[string]int{"sqrt": 1, "abs": 1, "max": 2, "min": 2, "sign": 1, "ifpos": 3}

// A builder makes nodes and finds those that it has made before.
type builder struct {
	seen map[string]*op
	id   map[*op]int
}

func newBuilder() *builder { return &builder{seen: map[string]*op{}, id: map[*op]int{}} }

func (b *builder) node(kind, name string, args ...*op) *op {
	key := kind + " " + name
	hoisted := kind != "slot"
	for _, a := range args {
		key += fmt.Sprintf(" %d", b.id[a])
		hoisted = hoisted && a.hoisted
	}
	if o, ok := b.seen[key]; ok {
		return o
	}
	o := &op{kind: kind, name: name, args: args, hoisted: hoisted}
	b.seen[key], b.id[o] = o, len(b.id)
	return o
}

// A program is a scalar function lowered to nodes.
type program struct {
	fn    *function
	slots []string // the state it reads and writes, in order
	outs  []*op    // the new p, then the new state, in order of slots
	table []*op    // hoisted nodes, in the order of the coefficient table
}

// scaleName is the coefficient that every update multiplies its gradient by:
// clipping and accumulation cost no pass of their own.
const scaleName = "gradient scale"

// fill collects the hoisted nodes that the loop reads. Entry 0 of an update is the gradient scale.
func (p *program) fill() {
	seen := map[*op]bool{}
	var walk func(o *op)
	walk = func(o *op) {
		if seen[o] {
			return
		}
		seen[o] = true
		if o.hoisted {
			p.table = append(p.table, o)
			return
		}
		for _, a := range o.args {
			walk(a)
		}
	}
	for _, o := range p.outs {
		walk(o)
	}
	for i, o := range p.table {
		if o.kind == "coef" && o.name == scaleName {
			p.table = append([]*op{o}, append(p.table[:i:i], p.table[i+1:]...)...)
		}
	}
}

// float64Expr prints a hoisted node as float64 Go over the scalars in s, every product rounded.
func float64Expr(o *op) string {
	var a []string
	for _, x := range o.args {
		a = append(a, float64Expr(x))
	}
	switch o.kind {
	case "coef":
		return "s." + o.name
	case "lit":
		return o.name
	case "+", "-", "/":
		return "(" + a[0] + " " + o.kind + " " + a[1] + ")"
	case "*":
		return "float64(" + a[0] + " * " + a[1] + ")"
	case "neg":
		return "(-" + a[0] + ")"
	}
	return o.kind + "(" + strings.Join(a, ", ") + ")"
}
