package optim

import "github.com/descent-go/descent/internal/portable"

// A memo keeps what the scalars of the next update are computed from. It
// holds nothing that they depend on: without it they are the same, but slower.
type memo struct {
	beta1, beta2 powers
	product      momentumProduct
}

// powers computes βᵗ for t that mostly counts up, at the cost of one product
// per step: βᵗ = β^(64q) · βʳ, of which both are kept.
type powers struct {
	beta   float64
	q      int64
	anchor float64     // β^(64q)
	rest   [64]float64 // βʳ; 0 where it is not known yet
}

// at returns βᵗ, to within a unit in the last place or two. It is a pure function of β and t.
func (p *powers) at(beta float64, t int64) float64 {
	if p.beta != beta {
		*p = powers{beta: beta, anchor: 1}
	}
	if q := t >> 6; q != p.q {
		p.q, p.anchor = q, portable.Pow(beta, float64(q<<6))
	}
	if p.anchor == 0 { // 0, or too small for a float64
		return 0
	}
	r := t & 63
	if p.rest[r] == 0 {
		p.rest[r] = portable.Pow(beta, float64(r))
	}
	return float64(p.anchor * p.rest[r])
}

// debt returns 1 − βᵗ, the weight that a decaying mean has gathered after t values.
func (p *powers) debt(beta float64, t int64) float64 { return 1 - p.at(beta, t) }

// warm returns μₜ/β₁ = 1 − ½·0.96^(tψ) of NAdam.
func warm(t int64, psi float64) float64 {
	return 1 - float64(0.5*portable.Pow(0.96, float64(float64(t)*psi)))
}

// A momentumProduct computes ∏ warm(i, ψ) for i = 1 … t. The last few products
// are kept, so that a step costs one factor even when parameters have had
// different numbers of updates.
type momentumProduct struct {
	psi  float64
	last [4]struct {
		t int64
		v float64
	}
	next int
}

func (m *momentumProduct) upTo(t int64, psi float64) float64 {
	if m.psi != psi {
		*m = momentumProduct{psi: psi}
	}
	from, v, slot := int64(0), 1.0, -1
	for i, l := range m.last {
		if l.t <= t && l.t > from {
			from, v, slot = l.t, l.v, i
		}
	}
	if slot < 0 {
		slot, m.next = m.next, (m.next+1)%len(m.last)
	}
	for i := from + 1; i <= t; i++ {
		v *= warm(i, psi)
	}
	m.last[slot].t, m.last[slot].v = t, v
	return v
}
