package expr

import "math"

// diff adds the derivative of root with respect to the variable v, opX or opY.
// Each node is differentiated once, so the result grows with the number of
// distinct nodes, not with the length of the formula.
//
// Where a function has a kink, the derivative is the subgradient of least
// norm: sign(0) = 0 for abs, and 0/0 = 0 for sqrt, so that the gradient of
// sqrt(x^2 + y^2) vanishes at the origin.
func (g *graph) diff(root id, v op) id {
	need := g.reach(root)
	d := make([]id, root+1)
	zero := g.num(0)
	for i := range need {
		if need[i] {
			d[i] = g.derive(id(i), v, d, zero)
		}
	}
	return d[root]
}

// derive returns the derivative of node i, given those of its operands.
func (g *graph) derive(i id, v op, d []id, zero id) id {
	n := g.nodes[i]
	if n.op == v {
		return g.num(1)
	}
	if n.op.arity() == 0 {
		return zero
	}
	a, da, b, db := n.a, d[n.a], n.b, zero
	if n.op.arity() == 2 {
		db = d[b]
	}
	if da == zero && db == zero {
		return zero
	}
	switch n.op {
	case opAdd, opSub:
		return g.build(n.op, da, db)
	case opMul:
		return g.build(opAdd, g.build(opMul, da, b), g.build(opMul, a, db))
	case opDiv, opQuo:
		return g.build(n.op, g.build(opSub, da, g.build(opMul, i, db)), b)
	case opPow:
		return g.derivePow(i, da, db, zero)
	case opNeg:
		return g.build(opNeg, da, 0)
	case opSqrt:
		return g.build(opQuo, da, g.build(opMul, g.num(2), i))
	case opLog:
		return g.build(opDiv, da, a)
	case opSign:
		return zero
	}
	return g.build(opMul, g.slope(i), da)
}

// slope returns the derivative of the function at node i in its operand.
func (g *graph) slope(i id) id {
	n := g.nodes[i]
	square := func(i id) id { return g.build(opPow, i, g.num(2)) }
	switch n.op {
	case opAbs:
		return g.build(opSign, n.a, 0)
	case opExp:
		return i
	case opSin:
		return g.build(opCos, n.a, 0)
	case opCos:
		return g.build(opNeg, g.build(opSin, n.a, 0), 0)
	case opTan:
		return g.build(opAdd, square(i), g.num(1))
	case opSinh:
		return g.build(opCosh, n.a, 0)
	case opCosh:
		return g.build(opSinh, n.a, 0)
	case opTanh:
		return g.build(opSub, g.num(1), square(i))
	case opAsin:
		return g.build(opDiv, g.num(1), g.build(opSqrt, g.build(opSub, g.num(1), square(n.a)), 0))
	case opAcos:
		return g.build(opDiv, g.num(-1), g.build(opSqrt, g.build(opSub, g.num(1), square(n.a)), 0))
	case opAtan:
		return g.build(opDiv, g.num(1), g.build(opAdd, square(n.a), g.num(1)))
	case opErf:
		bell := g.build(opExp, g.build(opNeg, square(n.a), 0), 0)
		return g.build(opMul, g.num(2/math.SqrtPi), bell)
	}
	panic("expr: an operation without a derivative")
}

func (g *graph) derivePow(i, da, db, zero id) id {
	a, b := g.nodes[i].a, g.nodes[i].b
	if db == zero {
		lower := g.build(opPow, a, g.build(opSub, b, g.num(1)))
		return g.build(opMul, g.build(opMul, b, lower), da)
	}
	rate := g.build(opMul, db, g.build(opLog, a, 0))
	if da != zero {
		rate = g.build(opAdd, rate, g.build(opDiv, g.build(opMul, b, da), a))
	}
	return g.build(opMul, i, rate)
}

// Gradient returns the partial derivatives, simplified, with the parameters
// still by name.
func (e *Expr) Gradient() (dx, dy *Expr) {
	g, root := e.g.rebuild(e.root, nil)
	dx = &Expr{g: g, root: g.diff(root, opX), derived: true}
	dy = &Expr{g: g, root: g.diff(root, opY), derived: true}
	return dx, dy
}
