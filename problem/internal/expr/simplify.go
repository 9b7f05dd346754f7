package expr

import "math"

// build adds the operation o to the graph in its simplest form: numbers are
// folded, signs and numeric factors are pulled to the front of products, like
// terms are joined, and the operands of sums and products are put in one order.
func (g *graph) build(o op, a, b id) id {
	x, y := g.nodes[a], node{op: opNum}
	if o.arity() == 2 {
		y = g.nodes[b]
	} else {
		b = 0
	}
	if x.op == opNum && y.op == opNum {
		if v := apply(o, x.val, y.val); finite(v) {
			return g.num(v)
		}
		return g.node(node{op: o, a: a, b: b})
	}
	switch o {
	case opAdd:
		return g.add(a, b)
	case opSub:
		return g.sub(a, b)
	case opMul:
		return g.mul(a, b)
	case opDiv, opQuo:
		return g.div(o, a, b)
	case opPow:
		return g.pow(a, b)
	case opNeg:
		return g.neg(a)
	}
	return g.node(node{op: o, a: a, b: b})
}

// split returns i as number times rest; the rest of a number is 1.
func (g *graph) split(i id) (float64, id) {
	n := g.nodes[i]
	switch {
	case n.op == opNum:
		return n.val, g.num(1)
	case n.op == opNeg:
		c, rest := g.split(n.a)
		return -c, rest
	case n.op == opMul && g.nodes[n.a].op == opNum:
		return g.nodes[n.a].val, n.b
	}
	return 1, i
}

// scaled returns c times i, where i has no numeric factor of its own.
func (g *graph) scaled(c float64, i id) id {
	switch {
	case g.isNum(i, 1):
		return g.num(c)
	case c == 0:
		return g.num(0)
	case c == 1:
		return i
	case c == -1:
		if n := g.nodes[i]; n.op == opSub {
			return g.node(node{op: opSub, a: n.b, b: n.a})
		}
		return g.node(node{op: opNeg, a: i})
	}
	return g.node(node{op: opMul, a: g.num(c), b: i})
}

// ordered adds a commutative operation, with its operands in the order in
// which they are best read: parameters, variables, the rest; in a sum, numbers
// last.
func (g *graph) ordered(o op, a, b id) id {
	if ra, rb := g.rank(o, a), g.rank(o, b); ra > rb || ra == rb && a > b {
		a, b = b, a
	}
	return g.node(node{op: o, a: a, b: b})
}

func (g *graph) rank(o op, i id) int {
	switch n := g.nodes[i].op; {
	case o == opAdd && n == opNum:
		return 4
	case o == opAdd:
		return 3
	case n == opName:
		return 0
	case n.arity() == 0:
		return 1
	case n == opMul:
		return g.rank(o, g.nodes[i].a)
	}
	return 2
}

func (g *graph) add(a, b id) id {
	switch {
	case g.isNum(a, 0):
		return b
	case g.isNum(b, 0):
		return a
	}
	ca, ra := g.split(a)
	cb, rb := g.split(b)
	switch {
	case ra == rb && finite(ca+cb):
		return g.scaled(ca+cb, ra)
	case ca < 0 && cb < 0:
		return g.neg(g.add(g.neg(a), g.neg(b)))
	case cb < 0:
		return g.node(node{op: opSub, a: a, b: g.scaled(-cb, rb)})
	case ca < 0:
		return g.node(node{op: opSub, a: b, b: g.scaled(-ca, ra)})
	}
	return g.ordered(opAdd, a, b)
}

func (g *graph) sub(a, b id) id {
	switch {
	case g.isNum(b, 0):
		return a
	case g.isNum(a, 0):
		return g.neg(b)
	}
	ca, ra := g.split(a)
	cb, rb := g.split(b)
	switch {
	case ra == rb && finite(ca-cb):
		return g.scaled(ca-cb, ra)
	case cb < 0:
		return g.add(a, g.scaled(-cb, rb))
	case ca < 0:
		return g.neg(g.add(g.scaled(-ca, ra), b))
	}
	return g.node(node{op: opSub, a: a, b: b})
}

func (g *graph) neg(a id) id {
	c, rest := g.split(a)
	return g.scaled(-c, rest)
}

func (g *graph) mul(a, b id) id {
	ca, ra := g.split(a)
	cb, rb := g.split(b)
	c := ca * cb
	switch {
	case !finite(c) || c == 0 && ca != 0 && cb != 0:
		return g.ordered(opMul, a, b)
	case g.isNum(ra, 1):
		return g.scaled(c, rb)
	case g.isNum(rb, 1):
		return g.scaled(c, ra)
	case ra == rb:
		return g.scaled(c, g.node(node{op: opPow, a: ra, b: g.num(2)}))
	}
	return g.scaled(c, g.ordered(opMul, ra, rb))
}

// div adds a quotient, plain or with 0/0 = 0.
func (g *graph) div(o op, a, b id) id {
	if g.isNum(a, 0) {
		return a
	}
	ca, ra := g.split(a)
	cb, rb := g.split(b)
	c := ca / cb
	switch {
	case float64(c*cb) == ca && math.Abs(c) >= 1 && g.isNum(rb, 1):
		return g.scaled(c, ra)
	case float64(c*cb) == ca && math.Abs(c) >= 1:
		return g.scaled(c, g.node(node{op: o, a: ra, b: rb}))
	case ca < 0:
		return g.neg(g.node(node{op: o, a: g.scaled(-ca, ra), b: b}))
	}
	return g.node(node{op: o, a: a, b: b})
}

func finite(v float64) bool { return !math.IsNaN(v) && !math.IsInf(v, 0) }

func (g *graph) pow(a, b id) id {
	base, exponent := g.nodes[a], g.nodes[b]
	switch {
	case g.isNum(b, 0):
		return g.num(1)
	case g.isNum(b, 1):
		return a
	case g.isNum(b, 0.5):
		return g.node(node{op: opSqrt, a: a})
	case base.op == opName && g.names[base.a] == "e", base.op == opNum && base.val == math.E:
		return g.node(node{op: opExp, a: b})
	case base.op == opNeg && exponent.op == opNum && math.Mod(exponent.val, 2) == 0:
		return g.pow(base.a, b)
	}
	return g.node(node{op: opPow, a: a, b: b})
}

// rebuild simplifies root into a graph of its own. With values, one for each
// name, names become those numbers; without, they stay.
func (g *graph) rebuild(root id, values []float64) (*graph, id) {
	out := newGraph(g.names)
	to := make([]id, root+1)
	for i, need := range g.reach(root) {
		if !need {
			continue
		}
		n := g.nodes[i]
		switch {
		case n.op == opName && values != nil:
			to[i] = out.num(values[n.a])
		case n.op.arity() == 0:
			to[i] = out.node(n)
		case n.op.arity() == 1:
			to[i] = out.build(n.op, to[n.a], 0)
		default:
			to[i] = out.build(n.op, to[n.a], to[n.b])
		}
	}
	return out, to[root]
}
