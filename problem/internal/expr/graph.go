// Package expr turns the text of a function of x and y into straight-line
// programs for its value, exact gradient and exact Hessian, and into TeX.
//
// The text is parsed once, into a graph whose equal subexpressions are one
// node. Differentiation, simplification and binding of parameters build more
// nodes of such graphs; compiling lays the nodes that are needed out in order.
package expr

import (
	"math"

	"github.com/descent-go/descent/internal/portable"
)

// An op is what a node computes from its operands.
type op uint8

const (
	opNum  op = iota // the number val
	opName           // the named constant or parameter names[a]
	opX
	opY

	opAdd
	opSub
	opMul
	opDiv
	opQuo // a/b where 0/0 is 0: the derivative of sqrt at its kink
	opPow

	opNeg
	opAbs
	opSign
	opSqrt
	opExp
	opLog
	opSin
	opCos
	opTan
	opSinh
	opCosh
	opTanh
	opAsin
	opAcos
	opAtan
	opErf
)

// functions are the names that may stand before a parenthesis.
var functions = map[string]op{
	"abs": opAbs, "acos": opAcos, "asin": opAsin, "atan": opAtan, "cos": opCos, "cosh": opCosh, "erf": opErf, "exp": opExp,
	"ln": opLog, "log": opLog, "sign": opSign, "sin": opSin, "sinh": opSinh,
	"sqrt": opSqrt, "tan": opTan, "tanh": opTanh,
}

// constants are the numbers that have a name.
var constants = map[string]float64{"e": math.E, "pi": math.Pi}

func (o op) arity() int {
	switch {
	case o < opAdd:
		return 0
	case o < opNeg:
		return 2
	}
	return 1
}

// An id is a node's place in its graph; operands come before their users.
type id int32

type node struct {
	op   op
	a, b id
	val  float64
}

// A graph holds each distinct node once.
type graph struct {
	names []string
	nodes []node
	index map[node]id
}

func newGraph(names []string) *graph {
	return &graph{names: names, index: map[node]id{}}
}

// node returns the id of n, which it adds when it is new.
func (g *graph) node(n node) id {
	if i, ok := g.index[n]; ok {
		return i
	}
	i := id(len(g.nodes))
	g.nodes = append(g.nodes, n)
	g.index[n] = i
	return i
}

// num adds a number; there is one zero.
func (g *graph) num(v float64) id {
	if v == 0 {
		v = 0
	}
	return g.node(node{op: opNum, val: v})
}

// isNum reports whether i is the number v.
func (g *graph) isNum(i id, v float64) bool {
	return g.nodes[i].op == opNum && g.nodes[i].val == v
}

// reach marks the nodes that roots are made of.
func (g *graph) reach(roots ...id) []bool {
	var last id
	for _, r := range roots {
		last = max(last, r)
	}
	need := make([]bool, last+1)
	for _, r := range roots {
		need[r] = true
	}
	for i := last; i >= 0; i-- {
		if !need[i] {
			continue
		}
		n := g.nodes[i]
		switch n.op.arity() {
		case 2:
			need[n.b] = true
			need[n.a] = true
		case 1:
			need[n.a] = true
		}
	}
	return need
}

// uses reports whether root depends on a node of operation o.
func (g *graph) uses(root id, o op) bool {
	for i, need := range g.reach(root) {
		if need && g.nodes[i].op == o {
			return true
		}
	}
	return false
}

// apply computes one operation. It is the meaning of every op: the program
// and the folding of constants agree because both come here.
func apply(o op, a, b float64) float64 {
	switch o {
	case opAdd:
		return a + b
	case opSub:
		return a - b
	case opMul:
		return float64(a * b)
	case opDiv:
		return a / b
	case opQuo:
		if a == 0 && b == 0 {
			return 0
		}
		return a / b
	case opPow:
		return portable.Pow(a, b)
	case opNeg:
		return -a
	case opAbs:
		return math.Abs(a)
	case opSign:
		switch {
		case a > 0:
			return 1
		case a < 0:
			return -1
		}
		return a
	case opSqrt:
		return math.Sqrt(a)
	case opExp:
		return portable.Exp(a)
	case opLog:
		return portable.Log(a)
	case opSin:
		return portable.Sin(a)
	case opCos:
		return portable.Cos(a)
	case opTan:
		return portable.Tan(a)
	case opSinh:
		return portable.Sinh(a)
	case opCosh:
		return portable.Cosh(a)
	case opTanh:
		return portable.Tanh(a)
	case opAsin:
		return portable.Asin(a)
	case opAcos:
		return portable.Acos(a)
	case opAtan:
		return portable.Atan(a)
	case opErf:
		return portable.Erf(a)
	}
	panic("expr: a node without operands is not applied")
}
