package expr

import (
	"math"
	"sync"
)

// A Compiled expression has its parameters bound to values. It is safe for
// concurrent use.
type Compiled struct {
	// UsesX and UsesY report whether the function depends on the variable.
	UsesX, UsesY bool
	// Value computes the function; Grad the function and its derivatives in x
	// and y; Hess the second derivatives in xx, xy and yy.
	Value, Grad, Hess *Program
}

// Compile binds the parameters, in the order given to Parse, and lays out the
// programs. It panics when their number differs.
func (e *Expr) Compile(values []float64) *Compiled {
	if len(values) != len(e.g.names)-len(constants) {
		panic("expr: as many values as parameters are needed")
	}
	bound := make([]float64, 0, len(e.g.names))
	for _, name := range e.g.names[:len(constants)] {
		bound = append(bound, constants[name])
	}
	g, f := e.g.rebuild(e.root, append(bound, values...))
	dx, dy := g.diff(f, opX), g.diff(f, opY)
	return &Compiled{
		UsesX: g.uses(f, opX),
		UsesY: g.uses(f, opY),
		Value: g.program(f),
		Grad:  g.program(f, dx, dy),
		Hess:  g.program(g.diff(dx, opX), g.diff(dx, opY), g.diff(dy, opY)),
	}
}

// A Program computes up to three results from x and y in a straight line.
// Registers 0 and 1 hold x and y, the next ones the numbers, the rest
// intermediate results.
type Program struct {
	code []instr
	nums []float64
	regs int
	outs [3]int32
	// large lends registers to programs that need more than a small frame.
	large *sync.Pool
}

type instr struct {
	op        op
	dst, a, b int32
}

// frame is how many registers are taken from the stack.
const frame = 48

// Eval returns the program's first result at (x, y).
func (p *Program) Eval(x, y float64) float64 {
	a, _, _ := p.Eval3(x, y)
	return a
}

// Eval3 returns the program's results at (x, y).
func (p *Program) Eval3(x, y float64) (a, b, c float64) {
	if p.regs > frame {
		r := p.large.Get().(*[]float64)
		a, b, c = p.run(*r, x, y)
		p.large.Put(r)
		return a, b, c
	}
	var r [frame]float64
	return p.run(r[:], x, y)
}

func (p *Program) run(r []float64, x, y float64) (a, b, c float64) {
	r[0], r[1] = x, y
	copy(r[2:], p.nums)
	for i := range p.code {
		in := &p.code[i]
		a, b := r[in.a], r[in.b]
		switch in.op {
		case opAdd:
			r[in.dst] = a + b
		case opSub:
			r[in.dst] = a - b
		case opMul:
			r[in.dst] = float64(a * b)
		case opNeg:
			r[in.dst] = -a
		case opDiv:
			r[in.dst] = a / b
		default:
			r[in.dst] = apply(in.op, a, b)
		}
	}
	return r[p.outs[0]], r[p.outs[1]], r[p.outs[2]]
}

// program lays out what roots need; the results beyond them repeat the last.
func (g *graph) program(roots ...id) *Program {
	g, roots = g.lower(roots)
	need := g.reach(roots...)
	last := make([]id, len(need)) // the last user of a node
	for i := range need {
		if n := g.nodes[i]; need[i] && n.op.arity() > 0 {
			last[n.a] = id(i)
			if n.op.arity() == 2 {
				last[n.b] = id(i)
			}
		}
	}
	for _, r := range roots {
		last[r] = math.MaxInt32
	}

	p := &Program{}
	reg := make([]int32, len(need))
	for i := range need {
		switch n := g.nodes[i]; {
		case !need[i]:
		case n.op == opNum:
			reg[i] = int32(2 + len(p.nums))
			p.nums = append(p.nums, n.val)
		case n.op == opY:
			reg[i] = 1
		}
	}
	p.regs = 2 + len(p.nums)
	var free []int32
	for i := range need {
		n := g.nodes[i]
		if !need[i] || n.op.arity() == 0 {
			continue
		}
		in := instr{op: n.op, a: reg[n.a], b: reg[n.a]}
		release := []id{n.a}
		if n.op.arity() == 2 {
			in.b = reg[n.b]
			if n.b != n.a {
				release = append(release, n.b)
			}
		}
		for _, k := range release {
			if last[k] == id(i) && g.nodes[k].op.arity() > 0 {
				free = append(free, reg[k])
			}
		}
		if len(free) == 0 {
			free = append(free, int32(p.regs))
			p.regs++
		}
		in.dst = free[len(free)-1]
		free = free[:len(free)-1]
		reg[i] = in.dst
		p.code = append(p.code, in)
	}
	for k := range p.outs {
		p.outs[k] = reg[roots[min(k, len(roots)-1)]]
	}
	if p.regs > frame {
		size := p.regs
		p.large = &sync.Pool{New: func() any {
			r := make([]float64, size)
			return &r
		}}
	}
	return p
}

// maxMultiplied is the largest whole power that is computed by multiplication.
const maxMultiplied = 64

// lower replaces whole powers by products.
func (g *graph) lower(roots []id) (*graph, []id) {
	out := newGraph(g.names)
	need := g.reach(roots...)
	to := make([]id, len(need))
	for i := range need {
		if !need[i] {
			continue
		}
		n := g.nodes[i]
		if n.op == opPow && g.nodes[n.b].op == opNum {
			if k := g.nodes[n.b].val; k == math.Trunc(k) && math.Abs(k) <= maxMultiplied {
				to[i] = out.power(to[n.a], int(k))
				continue
			}
		}
		switch n.op.arity() {
		case 2:
			n.a, n.b = to[n.a], to[n.b]
		case 1:
			n.a, n.b = to[n.a], 0
		}
		to[i] = out.node(n)
	}
	lowered := make([]id, len(roots))
	for k, r := range roots {
		lowered[k] = to[r]
	}
	return out, lowered
}

// power adds a^k by squaring.
func (g *graph) power(a id, k int) id {
	switch {
	case k < 0:
		return g.node(node{op: opDiv, a: g.num(1), b: g.power(a, -k)})
	case k == 0:
		return g.num(1)
	case k == 1:
		return a
	case k%2 == 1:
		return g.ordered(opMul, g.power(a, k-1), a)
	}
	half := g.power(a, k/2)
	return g.node(node{op: opMul, a: half, b: half})
}
