package record

import (
	"math"
	"math/bits"
	"strconv"

	"github.com/descent-go/descent/train"
)

// quickStep reads a step as appendStep writes it, without a point, and reports
// whether that is what the line is.
func quickStep(line []byte, e *train.Step) (at float64, ok bool) {
	*e = train.Step{}
	q := quick{text: line}
	q.literal(`{"event":"step","t":`)
	at = q.float()
	q.literal(`,"step":`)
	e.Step = q.int()
	q.literal(`,"epoch":`)
	e.Epoch = int(q.int())
	q.literal(`,"loss":`)
	e.Loss = q.float()
	q.literal(`,"rate":`)
	e.Rate = q.float()
	if q.failed {
		return 0, false
	}
	if q.has(`,"examples":`) {
		e.Examples = int(q.int())
	}
	if q.has(`,"grad_norm":`) {
		e.GradNorm = q.float()
	}
	if q.has(`,"update_norm":`) {
		e.UpdateNorm = q.float()
	}
	if q.has(`,"param_norm":`) {
		e.ParamNorm = q.float()
	}
	e.Clipped = q.has(`,"clipped":true`)
	e.Skipped = q.has(`,"skipped":true`)
	q.literal("}\n")
	return at, !q.failed && q.at == len(line)
}

// quick reads text that is expected to be just so; anything else fails.
type quick struct {
	text   []byte
	at     int
	failed bool
}

func (q *quick) has(literal string) bool {
	if len(q.text)-q.at < len(literal) || string(q.text[q.at:q.at+len(literal)]) != literal {
		return false
	}
	q.at += len(literal)
	return true
}

func (q *quick) literal(literal string) { q.failed = !q.has(literal) || q.failed }

// int reads up to 18 digits.
func (q *quick) int() (v int64) {
	from := q.at
	for q.at < len(q.text) && q.at-from < 18 {
		d := q.text[q.at] - '0'
		if d > 9 {
			break
		}
		v = v*10 + int64(d)
		q.at++
	}
	q.failed = q.failed || q.at == from || q.text[from] == '0' && q.at > from+1
	return v
}

// tens are the powers of ten that a float64 holds exactly.
var tens = [...]float64{1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22}

// fives are the powers of five below 2⁶⁴.
var fives = func() (powers [28]uint64) {
	powers[0] = 1
	for i := range powers[1:] {
		powers[i+1] = 5 * powers[i]
	}
	return powers
}()

// over returns m/10ᵏ, rounded to the nearest, ties to even, for m > 0 and a power of
// five below 2⁶⁴: the quotient with two bits more than 62, and a last bit that tells
// whether something is left, is rounded once.
func over(m uint64, k int) float64 {
	shift := bits.LeadingZeros64(m)
	down := bits.LeadingZeros64(fives[k])
	m <<= shift
	q, rest := bits.Div64(m>>1, m<<63, fives[k]<<down) // m·2⁶³ over a divisor of at least 2⁶³
	sticky := q & 3
	if q >>= 2; sticky|rest != 0 {
		q |= 1
	}
	// q·2² = m·2^shift·2⁶³ / (5ᵏ·2^down), and m/10ᵏ is over 2ᵏ too
	return float64(int64(q)) * math.Float64frombits(uint64(1023+2-shift-63+down-k)<<52)
}

// float reads a number, or the text of one that is not finite. A significand
// below 2⁵³ times or over an exact power of ten is rounded once, which is right,
// and so is what over returns; the rest is left to strconv.
func (q *quick) float() float64 {
	text := q.text[q.at:]
	i, negative := 0, false
	if len(text) > 0 && text[0] == '-' {
		negative, i = true, 1
	}
	var m uint64
	digits, point, begin := 0, -1, i
	for ; i < len(text); i++ {
		c := text[i]
		if c-'0' <= 9 {
			if digits < 19 {
				m = m*10 + uint64(c-'0')
			}
			if m > 0 || digits > 0 {
				digits++
			}
			continue
		}
		if c != '.' || point >= 0 {
			break
		}
		point = i
	}
	switch {
	case i == begin:
		return q.infinite()
	case point == begin || point == i-1 || text[begin] == '0' && i > begin+1 && point != begin+1:
		q.failed = true // no number of JSON's
		return 0
	}
	exp := 0
	if point >= 0 {
		exp = point + 1 - i
	}
	end := i
	if i < len(text) && (text[i] == 'e' || text[i] == 'E') {
		end++
		sign := 1
		if end < len(text) && (text[end] == '-' || text[end] == '+') {
			if text[end] == '-' {
				sign = -1
			}
			end++
		}
		from, e := end, 0
		for end < len(text) && text[end]-'0' <= 9 && end < from+5 {
			e = e*10 + int(text[end]-'0')
			end++
		}
		if end == from {
			q.failed = true
			return 0
		}
		exp += sign * e
	}
	q.at += end
	if digits <= 19 && m < 1<<53 && exp >= -22 && exp <= 22 {
		v := float64(m)
		if exp < 0 {
			v /= tens[-exp]
		} else {
			v *= tens[exp]
		}
		if negative {
			v = -v
		}
		return v
	}
	if m > 0 && digits <= 19 && exp < 0 && exp >= -len(fives)+1 {
		v := over(m, -exp)
		if negative {
			v = -v
		}
		return v
	}
	v, err := strconv.ParseFloat(string(text[:end]), 64)
	q.failed = q.failed || err != nil
	return v
}

// infinite reads the text of a number that is not finite.
func (q *quick) infinite() float64 {
	switch {
	case q.has(`"NaN"`):
		return math.NaN()
	case q.has(`"+Inf"`):
		return math.Inf(1)
	case q.has(`"-Inf"`):
		return math.Inf(-1)
	}
	q.failed = true
	return 0
}
