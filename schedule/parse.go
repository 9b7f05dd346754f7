package schedule

import (
	"math"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Parse reads a schedule as the command line writes it, for a run of total
// steps: a name, then the parameters that differ from their defaults.
//
//	cosine
//	cosine:min=0.01
//	multistep:at=20/50/90,gamma=0.3
//	onecycle:anneal=linear,three_phase
//	warmup:steps=100+cosine
//	cosine*exponential:gamma=0.999
//	0.5*(hold:factor=0.1,steps=50+cosine)
//
// A switch without a value is true. A plus puts one schedule after another:
// behind a warm-up, or behind a schedule that has an end when its length is
// given. Products bind closer; a number scales; brackets group. Parameters that
// follow from the number of steps of the run do so from total or, behind a
// plus, from what remains of it; total 0 stands for a run of unknown length.
// An error names the column, counted from 1, and what there is to choose from.
func Parse(spec string, total int64) (Schedule, error) {
	p := &parser{text: spec}
	s, err := p.sequence(total)
	if err == nil && p.peek() != 0 {
		err = p.fail(p.pos, "%q is one too many", p.peek())
	}
	if err != nil {
		return nil, err
	}
	return s, Validate(s)
}

// ParsePlateau reads a Plateau as the command line writes it, such as
// "plateau:factor=0.5,patience=5".
func ParsePlateau(spec string) (*Plateau, error) {
	p := &parser{text: spec}
	p.peek()
	at := p.pos
	if name := p.word(); !strings.EqualFold(name, "plateau") {
		return nil, p.fail(at, "%q, want plateau", name)
	}
	q := new(Plateau)
	if err := p.params(reflect.ValueOf(q).Elem(), PlateauInfo(), 0); err != nil {
		return nil, err
	}
	if p.peek() != 0 {
		return nil, p.fail(p.pos, "%q is one too many: a plateau multiplies the run's schedule by itself", p.peek())
	}
	return q, q.Validate()
}

// A parser reads a specification from left to right.
type parser struct {
	text  string
	pos   int
	depth int
}

func (p *parser) fail(at int, format string, args ...any) error {
	column := utf8.RuneCountInString(p.text[:at]) + 1
	return errorf("%q, column %d: "+format, append([]any{p.text, column}, args...)...)
}

// peek returns the next character that is not a space, 0 at the end.
func (p *parser) peek() rune {
	for p.pos < len(p.text) && p.text[p.pos] == ' ' {
		p.pos++
	}
	if p.pos == len(p.text) {
		return 0
	}
	r, _ := utf8.DecodeRuneInString(p.text[p.pos:])
	return r
}

// accept takes the next character if it is c.
func (p *parser) accept(c rune) bool {
	ok := p.peek() == c
	if ok {
		p.pos++
	}
	return ok
}

// word takes what stands before the next sign.
func (p *parser) word() string {
	start := p.pos
	for p.pos < len(p.text) && !strings.ContainsRune(" :,=+*()", rune(p.text[p.pos])) {
		p.pos++
	}
	return p.text[start:p.pos]
}

// value takes a parameter's value: a word, or a number with a signed exponent.
func (p *parser) value() string {
	start := p.pos
	p.word()
	if p.pos < len(p.text) && p.text[p.pos] == '+' {
		if head := p.text[start:p.pos]; strings.HasSuffix(strings.ToLower(head), "e") {
			if _, err := strconv.ParseFloat(head[:len(head)-1], 64); err == nil {
				p.pos++
				p.word()
			}
		}
	}
	return p.text[start:p.pos]
}

// sequence reads schedules with pluses between them.
func (p *parser) sequence(total int64) (Schedule, error) {
	if p.depth++; p.depth > maxDepth {
		return nil, p.fail(p.pos, "more than %d schedules within one another", maxDepth)
	}
	defer func() { p.depth-- }()
	p.peek()
	at, start := p.pos, p.pos
	var parts []Schedule
	var lengths []int64
	for remaining := total; ; {
		s, err := p.product(remaining)
		if err != nil {
			return nil, err
		}
		parts = append(parts, s)
		if !p.accept('+') {
			return chain(parts, lengths, p, start)
		}
		n, ok := lasts(s)
		switch {
		case !ok:
			return nil, p.fail(at, "%s has no end, so nothing can come after it; before a plus stands warmup, hold, or a schedule with total=…", strings.TrimSpace(p.text[at:p.pos-1]))
		case total > 0 && n >= remaining:
			return nil, p.fail(at, "%s takes %d of %d remaining steps and leaves none for what comes after it; give it a shorter length", strings.TrimSpace(p.text[at:p.pos-1]), n, remaining)
		}
		lengths = append(lengths, n)
		remaining = max(remaining-n, 0)
		p.peek()
		at = p.pos
	}
}

// chain makes one schedule of parts of which all but the last have a length.
func chain(parts []Schedule, lengths []int64, p *parser, start int) (Schedule, error) {
	last := len(parts) - 1
	s := parts[last]
	if w, ok := s.(Warmup); ok && w.Then == nil {
		return nil, p.fail(start, "a warm-up needs a schedule behind it, as in warmup:steps=100+cosine")
	}
	for i, part := range slices.Backward(parts[:last]) {
		if w, ok := part.(Warmup); ok && w.Then == nil {
			w.Then = s
			s = w
			continue
		}
		j, ok := s.(Join)
		if !ok || i == last-1 {
			j = Join{Parts: []Schedule{s}}
		}
		at := []int64{lengths[i]}
		for _, m := range j.Milestones {
			if m > math.MaxInt64-lengths[i] {
				return nil, p.fail(start, "the lengths add up to more than there are numbers")
			}
			at = append(at, m+lengths[i])
		}
		s = Join{Parts: append([]Schedule{part}, j.Parts...), Milestones: at}
	}
	return s, nil
}

// product reads schedules and numbers with stars between them.
func (p *parser) product(total int64) (Schedule, error) {
	var factors []Schedule
	scale, scaled := 1.0, false
	for {
		p.peek()
		at := p.pos
		c := p.peek()
		if strings.ContainsRune("0123456789.", c) && c != 0 {
			text := p.value()
			x, err := strconv.ParseFloat(text, 64)
			if err != nil || p.peek() != '*' && len(factors) == 0 {
				return nil, p.fail(at, "%q, want a number and a schedule as in 0.5*cosine", text)
			}
			scale, scaled = float64(scale*x), true
		} else {
			s, err := p.single(total)
			if err != nil {
				return nil, err
			}
			factors = append(factors, s)
		}
		if !p.accept('*') {
			break
		}
		if w, ok := last(factors).(Warmup); ok && w.Then == nil {
			return nil, p.fail(at, "a warm-up is followed by a plus, as in warmup:steps=100+cosine; brackets group: (warmup+cosine)*exponential:gamma=0.99")
		}
	}
	s := last(factors)
	if w, ok := s.(Warmup); ok && w.Then == nil && (scaled || len(factors) > 1) {
		return nil, p.fail(p.pos, "a warm-up can't be multiplied alone; brackets group: 0.5*(warmup+cosine)")
	}
	if len(factors) > 1 {
		s = Times{Parts: factors}
	}
	if scaled {
		s = Scale{By: scale, Of: s}
	}
	return s, nil
}

func last(list []Schedule) Schedule {
	if len(list) == 0 {
		return nil
	}
	return list[len(list)-1]
}

// single reads a schedule or a sequence in brackets.
func (p *parser) single(total int64) (Schedule, error) {
	if p.accept('(') {
		open := p.pos - 1
		s, err := p.sequence(total)
		if err == nil && !p.accept(')') {
			err = p.fail(open, "the bracket is not closed")
		}
		return s, err
	}
	at := p.pos
	name := p.word()
	if name == "" {
		return nil, p.fail(at, "want a schedule%s", suggestion("", spellable()))
	}
	info, err := Lookup(name)
	if err != nil {
		return nil, p.fail(at, "no schedule %s%s", quote(name), suggestion(name, spellable()))
	}
	if !slices.Contains(spellable(), info.Name) {
		return nil, p.fail(at, "%s is written with signs: + puts one schedule after another, * multiplies, and a number scales, as in 0.5*cosine", info.Name)
	}
	v := reflect.New(info.typ).Elem()
	if err := p.params(v, info, total); err != nil {
		return nil, err
	}
	s, _ := v.Interface().(Schedule)
	if w, ok := s.(Warmup); ok { // complete only behind the plus
		w.Then = Constant{Factor: 1}
		if err := w.Validate(); err != nil {
			return nil, p.fail(at, "%s", strings.TrimPrefix(err.Error(), "schedule: "))
		}
		return s, nil
	}
	if err := Validate(s); err != nil {
		return nil, p.fail(at, "%s", strings.TrimPrefix(err.Error(), "schedule: "))
	}
	return s, nil
}

// spellable lists the schedules that have a name in a specification.
func spellable() []string {
	var names []string
	for _, info := range registry {
		switch info.Name {
		case "join", "times", "scale":
		default:
			names = append(names, info.Name)
		}
	}
	return names
}

// params reads the parameters behind a name and gives the others their defaults.
func (p *parser) params(v reflect.Value, info Info, total int64) error {
	name := p.pos
	given := map[string]bool{}
	info.Params = slices.DeleteFunc(slices.Clone(info.Params), func(q Param) bool { return q.Type == "schedule" })
	if p.accept(':') {
		for more := true; more; more = p.accept(',') {
			p.peek()
			at := p.pos
			key := p.word()
			i := slices.IndexFunc(info.Params, func(q Param) bool { return q.Name == key })
			if i < 0 {
				return p.fail(at, "%s", info.unknown(key))
			}
			q := info.Params[i]
			if given[key] {
				return p.fail(at, "%s is given twice", key)
			}
			given[key] = true
			text := "true"
			if p.accept('=') {
				p.peek()
				text = p.value()
			} else if q.Type != "bool" {
				return p.fail(p.pos, "want %s=… (%s)", key, q.Doc)
			}
			if err := setText(v.FieldByName(q.Field), q, text); err != nil {
				return p.fail(at, "%v", err)
			}
		}
	}
	if total == 0 {
		total = -1
	}
	for _, q := range setDefaults(v, total, given) {
		switch {
		case q.Type == "schedule":
		case q.Default != "":
			return p.fail(name, "%s needs %s=…, because the number of steps is not known (%s)", info.Name, q.Name, q.Doc)
		default:
			return p.fail(name, "%s needs %s=… (%s)", info.Name, q.Name, q.Doc)
		}
	}
	return nil
}
