package portable

import "math"

// double is the unevaluated sum hi + lo, with |lo| at most half a unit in the
// last place of hi unless noted.
type double struct{ hi, lo float64 }

func (a double) value() float64 { return a.hi + a.lo }
func (a double) neg() double    { return double{-a.hi, -a.lo} }

// times2 multiplies by a power of two, which is exact short of under- and
// overflow.
func (a double) times2(s float64) double { return double{a.hi * s, a.lo * s} }

// twoSum returns a + b exactly (Knuth).
func twoSum(a, b float64) double {
	s := a + b
	t := s - a
	return double{s, (a - (s - t)) + (b - t)}
}

// quickSum returns a + b exactly for |a| ≥ |b| or a = 0 (Dekker).
func quickSum(a, b float64) double {
	s := a + b
	return double{s, b - (s - a)}
}

// twoProduct returns a·b exactly, short of underflow.
func twoProduct(a, b float64) double {
	p := float64(a * b)
	return double{p, math.FMA(a, b, -p)}
}

func (a double) add(b double) double {
	s := twoSum(a.hi, b.hi)
	return quickSum(s.hi, s.lo+(a.lo+b.lo))
}

func (a double) mul(b double) double {
	p := twoProduct(a.hi, b.hi)
	return quickSum(p.hi, math.FMA(a.hi, b.lo, math.FMA(a.lo, b.hi, p.lo)))
}

func (a double) quo(b double) double {
	q := a.hi / b.hi
	r := math.FMA(-q, b.hi, a.hi)
	r = math.FMA(-q, b.lo, r) + a.lo
	return quickSum(q, r/b.hi)
}

func (a double) sqrt() double {
	if a.hi == 0 {
		return a
	}
	s := math.Sqrt(a.hi)
	return quickSum(s, (math.FMA(-s, s, a.hi)+a.lo)/(2*s))
}
