package expr

import (
	"math"
	"slices"
	"strconv"
	"strings"
)

// How tightly an operation binds, from a sum to an operand.
const (
	bindSum = iota + 1
	bindProduct
	bindSign
	bindPower
	bindOperand
)

// String returns the expression in the syntax that Parse reads. For an
// expression that came from Parse it reads back as the same expression.
func (e *Expr) String() string {
	p := printer{g: e.g, loose: e.derived}
	p.plain(e.root, bindSum)
	return string(p.buf)
}

// TeX returns the expression as a TeX formula, without delimiters.
func (e *Expr) TeX() string {
	p := printer{g: e.g}
	p.tex(e.root, bindSum)
	return string(p.buf)
}

type printer struct {
	g   *graph
	buf []byte
	// loose leaves out the parentheses of a + (b + c) and a*(b*c).
	loose bool
}

func (p *printer) put(s string) { p.buf = append(p.buf, s...) }

// negative reports whether i is written with a sign in front.
func (p *printer) negative(i id) bool {
	n := p.g.nodes[i]
	return n.op == opNeg || n.op == opNum && math.Signbit(n.val) ||
		n.op == opMul && p.negative(n.a)
}

func (p *printer) plainBinding(i id) int {
	n := p.g.nodes[i]
	switch n.op {
	case opAdd, opSub:
		return bindSum
	case opMul, opDiv, opQuo:
		return bindProduct
	case opNeg:
		return bindSign
	case opPow:
		return bindPower
	case opNum:
		if math.Signbit(n.val) {
			return bindSign
		}
	}
	return bindOperand
}

// plain writes node i, in parentheses if it binds less than least.
func (p *printer) plain(i id, least int) {
	if p.plainBinding(i) < least {
		p.put("(")
		p.plain(i, bindSum)
		p.put(")")
		return
	}
	n := p.g.nodes[i]
	right := func(i id, least int) {
		if p.negative(i) {
			least = bindOperand
		} else if p.loose && (n.op == opAdd || n.op == opMul) {
			least--
		}
		p.plain(i, least)
	}
	switch n.op {
	case opNum:
		p.put(strconv.FormatFloat(n.val, 'g', -1, 64))
	case opName:
		p.put(p.g.names[n.a])
	case opX:
		p.put("x")
	case opY:
		p.put("y")
	case opAdd, opSub:
		p.plain(n.a, bindSum)
		p.put(map[op]string{opAdd: " + ", opSub: " - "}[n.op])
		right(n.b, bindProduct)
	case opMul, opDiv, opQuo:
		p.plain(n.a, bindProduct)
		p.put(map[op]string{opMul: "*", opDiv: "/", opQuo: "/"}[n.op])
		right(n.b, bindProduct+1)
	case opNeg:
		p.put("-")
		p.plain(n.a, bindSign)
	case opPow:
		p.plain(n.a, bindOperand)
		p.put("^")
		p.plain(n.b, bindSign)
	default:
		p.put(functionName(n.op))
		p.put("(")
		p.plain(n.a, bindSum)
		p.put(")")
	}
}

func functionName(o op) string {
	for name, f := range functions {
		if f == o && name != "ln" {
			return name
		}
	}
	panic("expr: not a function")
}

func (p *printer) texBinding(i id) int {
	n := p.g.nodes[i]
	switch n.op {
	case opDiv, opQuo:
		return bindPower
	case opNum:
		if !math.Signbit(n.val) && strings.Contains(texNumber(n.val), " ") {
			return bindProduct
		}
	case opSqrt, opAbs, opName, opX, opY:
		return bindOperand
	}
	if n.op > opNeg {
		return bindPower
	}
	return p.plainBinding(i)
}

// tex writes node i, in parentheses if it binds less than least.
func (p *printer) tex(i id, least int) {
	if p.texBinding(i) < least {
		p.wrap(`\left(`, i, `\right)`)
		return
	}
	n := p.g.nodes[i]
	switch n.op {
	case opNum:
		p.put(texNumber(n.val))
	case opName:
		p.put(TeXName(p.g.names[n.a]))
	case opX:
		p.put("x")
	case opY:
		p.put("y")
	case opAdd:
		p.tex(n.a, bindSum)
		p.put(" + ")
		p.texRight(n.b, bindSum)
	case opSub:
		p.tex(n.a, bindSum)
		p.put(" - ")
		p.texRight(n.b, bindProduct)
	case opMul:
		p.tex(n.a, bindProduct)
		p.put(" ")
		at := len(p.buf)
		p.texRight(n.b, bindProduct)
		if c := p.buf[at]; '0' <= c && c <= '9' {
			p.buf = slices.Insert(p.buf, at, []byte(`\cdot `)...)
		}
	case opDiv, opQuo:
		p.wrap(`\frac{`, n.a, `}`)
		p.wrap(`{`, n.b, `}`)
	case opPow:
		p.tex(n.a, bindOperand)
		p.wrap(`^{`, n.b, `}`)
	case opNeg:
		p.put("-")
		p.texRight(n.a, bindProduct)
	case opSqrt:
		p.wrap(`\sqrt{`, n.a, `}`)
	case opAbs:
		p.wrap(`\left|`, n.a, `\right|`)
	case opSign, opErf:
		p.wrap(`\operatorname{`+functionName(n.op)+`}\left(`, n.a, `\right)`)
	case opAsin, opAcos, opAtan:
		p.wrap(`\arc`+functionName(n.op)[1:]+`\left(`, n.a, `\right)`)
	default:
		p.wrap(`\`+functionName(n.op)+`\left(`, n.a, `\right)`)
	}
}

func (p *printer) wrap(left string, i id, right string) {
	p.put(left)
	p.tex(i, bindSum)
	p.put(right)
}

// texRight writes an operand that another one precedes: a sign of its own
// needs parentheses.
func (p *printer) texRight(i id, least int) {
	if p.negative(i) {
		least = bindOperand
	}
	p.tex(i, least)
}

func texNumber(v float64) string {
	s := strconv.FormatFloat(v, 'g', -1, 64)
	mantissa, exponent, found := strings.Cut(s, "e")
	if !found {
		return s
	}
	power, _ := strconv.Atoi(exponent)
	return mantissa + ` \cdot 10^{` + strconv.Itoa(power) + `}`
}

// TeXName returns a parameter's name as a TeX symbol: a Greek letter by its
// command, a letter with a number as an index, a word upright.
func TeXName(name string) string {
	greek := strings.Fields("alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi pi rho sigma tau phi chi psi omega")
	letters := strings.TrimRightFunc(name, isDigit)
	digits := name[len(letters):]
	letters = strings.TrimSuffix(letters, "_")
	switch {
	case slices.Contains(greek, letters):
		letters = `\` + letters
	case len(letters) > 1:
		letters = `\mathrm{` + strings.ReplaceAll(letters, "_", `\_`) + `}`
	case letters == "":
		letters = `\_`
	}
	if digits != "" {
		return letters + "_{" + digits + "}"
	}
	return letters
}
