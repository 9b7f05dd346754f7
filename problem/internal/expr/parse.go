package expr

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"unicode"
)

// The limits of an expression. Anything larger is an error.
const (
	MaxLength = 4096 // characters
	MaxNodes  = 1024 // numbers, names and operations
	MaxDepth  = 128  // parentheses, signs and powers within each other
)

// A SyntaxError says where an expression is wrong.
type SyntaxError struct {
	// Expr is the expression.
	Expr string
	// Column is the place of the error, in characters counted from 1.
	Column int
	// Msg says what was expected there.
	Msg string
	// Unknown is the name there that means nothing, if that is the error.
	Unknown string
}

// Error returns the message, the expression, and a caret under the column.
func (e *SyntaxError) Error() string {
	line := strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) {
			return r
		}
		return ' '
	}, e.Expr)
	return fmt.Sprintf("problem: column %d: %s\n%s\n%s^", e.Column, e.Msg, line, strings.Repeat(" ", e.Column-1))
}

// An Expr is a parsed expression.
type Expr struct {
	g    *graph
	root id
	// derived is set where the order of sums and products is not the user's.
	derived bool
}

// Uses reports whether the named parameter occurs in the expression.
func (e *Expr) Uses(name string) bool {
	for i, need := range e.g.reach(e.root) {
		if n := e.g.nodes[i]; need && n.op == opName && e.g.names[n.a] == name {
			return true
		}
	}
	return false
}

// CheckName reports why name cannot be a parameter's, if it cannot.
func CheckName(name string) error {
	letters := func(r rune) bool { return !isLetter(r) && !isDigit(r) }
	switch {
	case name == "" || isDigit(rune(name[0])) || strings.ContainsFunc(name, letters):
		return fmt.Errorf("problem: parameter %q, want letters, digits and _ with a letter first", name)
	case name == "x" || name == "y":
		return fmt.Errorf("problem: parameter %q has the name of a variable", name)
	case functions[name] != 0:
		return fmt.Errorf("problem: parameter %q has the name of a function", name)
	case constants[name] != 0:
		return fmt.Errorf("problem: parameter %q has the name of a constant", name)
	}
	return nil
}

// Parse reads an expression in x, y and the named parameters. A mistake in the
// expression is a *SyntaxError.
//
//	sum     = product { ("+" | "-") product } .
//	product = signed { ("*" | "/") signed } .
//	signed  = ("+" | "-") signed | power .
//	power   = operand [ ("^" | "**") signed ] .
//	operand = number | name | function "(" sum ")" | "(" sum ")" .
func Parse(src string, params []string) (*Expr, error) {
	names := slices.Sorted(maps.Keys(constants))
	for i, name := range params {
		if err := CheckName(name); err != nil {
			return nil, err
		}
		if slices.Contains(params[:i], name) {
			return nil, fmt.Errorf("problem: parameter %q is given twice", name)
		}
	}
	text := []rune(src)
	if len(text) > MaxLength {
		return nil, fmt.Errorf("problem: the expression has %d characters, at most %d are allowed", len(text), MaxLength)
	}
	p := &parser{src: string(text), text: text, g: newGraph(append(names, params...))}
	p.next()
	root, err := p.sum()
	if err == nil && p.kind != tokEnd {
		err = p.expectedOperator("the end")
	}
	if err != nil {
		return nil, err
	}
	return &Expr{g: p.g, root: root}, nil
}

type token uint8

const (
	tokEnd token = iota
	tokNumber
	tokName
	tokSymbol
)

type parser struct {
	src   string
	text  []rune
	pos   int // where the next token starts
	nodes int
	depth int
	g     *graph

	// The current token.
	kind token
	at   int // its place in text
	word string
}

func isDigit(r rune) bool  { return '0' <= r && r <= '9' }
func isLetter(r rune) bool { return 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || r == '_' }

// span returns the place after the characters from i on that is accepts.
func (p *parser) span(i int, is func(rune) bool) int {
	for i < len(p.text) && is(p.text[i]) {
		i++
	}
	return i
}

func (p *parser) next() {
	p.at = p.span(p.pos, unicode.IsSpace)
	end := p.at
	switch {
	case end == len(p.text):
		p.kind = tokEnd
	case isLetter(p.text[end]):
		p.kind = tokName
		end = p.span(end, func(r rune) bool { return isLetter(r) || isDigit(r) })
	case isDigit(p.text[end]) || p.text[end] == '.' && p.span(end+1, isDigit) > end+1:
		p.kind = tokNumber
		end = p.number(end)
	default:
		p.kind = tokSymbol
		end++
		if p.text[p.at] == '*' && end < len(p.text) && p.text[end] == '*' {
			end++
		}
	}
	p.word = string(p.text[p.at:end])
	p.pos = end
}

func (p *parser) number(i int) int {
	i = p.span(i, isDigit)
	if i < len(p.text) && p.text[i] == '.' {
		i = p.span(i+1, isDigit)
	}
	if i < len(p.text) && (p.text[i] == 'e' || p.text[i] == 'E') {
		digits := i + 1
		if digits < len(p.text) && (p.text[digits] == '+' || p.text[digits] == '-') {
			digits++
		}
		if end := p.span(digits, isDigit); end > digits {
			return end
		}
	}
	return i
}

func (p *parser) is(symbols ...string) bool {
	return p.kind == tokSymbol && slices.Contains(symbols, p.word)
}

func (p *parser) errorAt(at int, format string, args ...any) error {
	return &SyntaxError{Expr: p.src, Column: at + 1, Msg: fmt.Sprintf(format, args...)}
}

// expectedOperator is the error of a token that cannot follow an operand.
func (p *parser) expectedOperator(or string) error {
	hint := ""
	if p.kind == tokNumber || p.kind == tokName || p.is("(") {
		hint = "; a product is written with *"
	}
	return p.errorAt(p.at, "expected an operator (+ - * / ^) or %s%s", or, hint)
}

// node adds a node; at is the place of its operator or name.
func (p *parser) node(at int, n node) (id, error) {
	if p.nodes++; p.nodes > MaxNodes {
		return 0, p.errorAt(at, "the expression has more than %d numbers, names and operations", MaxNodes)
	}
	return p.g.node(n), nil
}

// deeper calls parse one level down.
func (p *parser) deeper(parse func() (id, error)) (id, error) {
	if p.depth++; p.depth > MaxDepth {
		return 0, p.errorAt(p.at, "the expression is nested more than %d deep", MaxDepth)
	}
	i, err := parse()
	p.depth--
	return i, err
}

// chain reads operands joined from the left by operators.
func (p *parser) chain(operand func() (id, error), ops map[string]op) (id, error) {
	a, err := operand()
	for err == nil && p.kind == tokSymbol && ops[p.word] != 0 {
		o, at := ops[p.word], p.at
		p.next()
		var b id
		if b, err = operand(); err == nil {
			a, err = p.node(at, node{op: o, a: a, b: b})
		}
	}
	return a, err
}

var (
	sums     = map[string]op{"+": opAdd, "-": opSub}
	products = map[string]op{"*": opMul, "/": opDiv}
)

func (p *parser) sum() (id, error)     { return p.chain(p.product, sums) }
func (p *parser) product() (id, error) { return p.chain(p.signed, products) }

func (p *parser) signed() (id, error) {
	if !p.is("+", "-") {
		return p.power()
	}
	minus, at := p.word == "-", p.at
	p.next()
	a, err := p.deeper(p.signed)
	if err != nil || !minus {
		return a, err
	}
	return p.node(at, node{op: opNeg, a: a})
}

func (p *parser) power() (id, error) {
	a, err := p.operand()
	if err != nil || !p.is("^", "**") {
		return a, err
	}
	at := p.at
	p.next()
	b, err := p.deeper(p.signed)
	if err != nil {
		return 0, err
	}
	return p.node(at, node{op: opPow, a: a, b: b})
}

func (p *parser) operand() (id, error) {
	at, word := p.at, p.word
	switch {
	case p.kind == tokNumber:
		v, err := strconv.ParseFloat(word, 64)
		if err != nil {
			return 0, p.errorAt(at, "%s is beyond the largest number", word)
		}
		p.next()
		return p.node(at, node{op: opNum, val: v})
	case p.kind == tokName:
		return p.name()
	case p.is("("):
		return p.parenthesis()
	}
	return 0, p.errorAt(at, `expected a number, a variable (x, y), a function or "("`)
}

func (p *parser) name() (id, error) {
	at, word := p.at, p.word
	p.next()
	if o := functions[word]; o != 0 {
		if !p.is("(") {
			return 0, p.errorAt(p.at, `expected "(" after the function %s`, word)
		}
		a, err := p.parenthesis()
		if err != nil {
			return 0, err
		}
		return p.node(at, node{op: o, a: a})
	}
	if i := slices.Index(p.g.names, word); i >= 0 {
		return p.node(at, node{op: opName, a: id(i)})
	}
	switch word {
	case "x":
		return p.node(at, node{op: opX})
	case "y":
		return p.node(at, node{op: opY})
	}
	names := append([]string{"x", "y"}, p.g.names...)
	calls := slices.Sorted(maps.Keys(functions))
	hint := ""
	if near := Nearest(word, append(calls, names...)); near != "" {
		hint = fmt.Sprintf(", did you mean %s?", near)
	}
	msg := fmt.Sprintf("unknown name %q%s (known: %s; functions: %s)",
		word, hint, strings.Join(names, ", "), strings.Join(calls, ", "))
	return 0, &SyntaxError{Expr: p.src, Column: at + 1, Msg: msg, Unknown: word}
}

// parenthesis reads from "(" to its ")".
func (p *parser) parenthesis() (id, error) {
	open := p.at
	p.next()
	a, err := p.deeper(p.sum)
	switch {
	case err != nil:
		return 0, err
	case p.kind == tokEnd:
		return 0, p.errorAt(open, `this "(" is never closed`)
	case !p.is(")"):
		return 0, p.expectedOperator(`")"`)
	}
	p.next()
	return a, nil
}
