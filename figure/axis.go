package figure

import (
	"math"
	"strconv"
	"strings"

	"github.com/descent-go/descent/internal/portable"
)

// axis maps values to [0, 1].
type axis struct {
	lo, hi float64 // lo < hi, both > 0 when log
	log    bool
	whole  bool     // only whole numbers are labelled, if at least two are in reach
	names  []string // of the places 0, 1, …, which alone are labelled then
}

func log10(v float64) float64 { return portable.Log(v) / math.Ln10 }

// unit returns the place of v: 0 at lo, 1 at hi. Halving keeps the difference
// of values of opposite sign near the largest float64 finite.
func (a axis) unit(v float64) float64 {
	if a.log {
		lo := log10(a.lo)
		return (log10(v) - lo) / (log10(a.hi) - lo)
	}
	return (v/2 - a.lo/2) / (a.hi/2 - a.lo/2)
}

// tiny is a span whose parts may not be numbers of full precision any more.
const tiny = 1e-300

// fitAxis returns an axis that holds lo to hi with a margin on both sides,
// given as a share of the span. Equal ends are moved apart.
func fitAxis(lo, hi, margin float64, log bool) axis {
	if log {
		l, h := log10(lo), log10(hi)
		if h-l < 1e-9 {
			l, h = l-0.5, h+0.5
		}
		m := margin * (h - l)
		return axis{lo: max(pow10(l-m), math.SmallestNonzeroFloat64), hi: min(pow10(h+m), math.MaxFloat64), log: true}
	}
	span := hi/2 - lo/2
	if size := max(math.Abs(lo), math.Abs(hi)); span <= 1e-12*size || span < tiny {
		if size < tiny {
			size = 1
		}
		lo, hi = lo-float64(0.05*size), hi+float64(0.05*size)
	} else {
		lo, hi = lo-float64(2*margin*span), hi+float64(2*margin*span)
	}
	return axis{lo: max(lo, -math.MaxFloat64), hi: min(hi, math.MaxFloat64)}
}

func pow10(e float64) float64 {
	if e == math.Trunc(e) {
		return math.Pow10(int(e))
	}
	return portable.Exp(e * math.Ln10)
}

// tick is a labelled place on an axis.
type tick struct {
	value float64
	text  string
}

// ticks returns about n labelled ticks, and unlabelled ones between them on a
// logarithmic axis.
func (a axis) ticks(n int) (major []tick, minor []float64) {
	for i, name := range a.names {
		major = append(major, tick{float64(i), name})
	}
	if a.names != nil {
		return major, nil
	}
	if a.log {
		return logTicks(a.lo, a.hi, n)
	}
	if a.whole && a.hi-a.lo >= 2 {
		n = max(1, min(n, int(a.hi-a.lo)))
		for ts := linearTicks(a.lo, a.hi, n); ; ts = linearTicks(a.lo, a.hi, n) {
			if n == 1 || len(ts) < 2 || ts[1].value-ts[0].value >= 1 && ts[0].value == math.Trunc(ts[0].value) && ts[1].value == math.Trunc(ts[1].value) {
				return ts, nil
			}
			n--
		}
	}
	return linearTicks(a.lo, a.hi, n), nil
}

func linearTicks(lo, hi float64, n int) []tick {
	step := niceStep((hi/2 - lo/2) / float64(n) * 2)
	if step == 0 || math.IsInf(step, 0) {
		return []tick{{lo, number(lo)}, {hi, number(hi)}}
	}
	var vs []float64
	first, last := math.Ceil(lo/step-1e-9), math.Floor(hi/step+1e-9)
	if last-first > 100 || max(math.Abs(first), math.Abs(last)) >= 1<<53 { // the span is below the resolution of the values
		return []tick{{lo, number(lo)}}
	}
	for k := first; k <= last; k++ {
		vs = append(vs, k*step)
	}
	return labelled(vs, step)
}

// niceStep returns the smallest of 1, 2, 2.5, 5 times a power of ten that is
// not far below v.
func niceStep(v float64) float64 {
	if !(v > 0) || math.IsInf(v, 0) {
		return 0
	}
	base := math.Pow10(int(math.Floor(log10(v))))
	for _, m := range []float64{1, 2, 2.5, 5, 10} {
		if m*base >= 0.75*v {
			return m * base
		}
	}
	return 10 * base
}

// labelled writes multiples of step with the decimals that the step needs.
func labelled(vs []float64, step float64) []tick {
	var top float64
	for _, v := range vs {
		top = max(top, math.Abs(v))
	}
	ts := make([]tick, len(vs))
	exp := 0
	if top > 0 {
		exp = int(math.Floor(log10(top) + 1e-9))
	}
	for i, v := range vs {
		switch {
		case math.Abs(v) < 1e-9*step:
			ts[i] = tick{0, strconv.FormatFloat(0, 'f', decimals(step), 64)}
			if exp < -4 || step >= 1 {
				ts[i].text = "0"
			}
		case exp < -4 || exp >= 9:
			ts[i] = tick{v, scientific(v, 5)}
		case step >= 1e6 && math.Mod(step, 1e5) == 0:
			ts[i] = tick{v, minus(strconv.FormatFloat(v/1e6, 'f', -1, 64)) + "M"}
		default:
			ts[i] = tick{v, minus(grouped(strconv.FormatFloat(v, 'f', decimals(step), 64)))}
		}
	}
	return ts
}

// decimals is the number of decimals that write multiples of step exactly.
func decimals(step float64) int {
	d := 0
	for s := step; d < 12 && math.Abs(s-math.Round(s)) > 1e-6*s; d++ {
		s *= 10
	}
	return d
}

func minus(s string) string { return strings.Replace(s, "-", "−", 1) }

// grouped puts commas between the thousands of a decimal number of five digits
// or more.
func grouped(s string) string {
	whole, frac, _ := strings.Cut(strings.TrimPrefix(s, "-"), ".")
	if len(whole) < 5 {
		return s
	}
	var b strings.Builder
	if s[0] == '-' {
		b.WriteByte('-')
	}
	for i, r := range whole {
		if i > 0 && (len(whole)-i)%3 == 0 {
			b.WriteByte(',')
		}
		b.WriteRune(r)
	}
	if frac != "" {
		b.WriteString("." + frac)
	}
	return b.String()
}

func logTicks(lo, hi float64, n int) (major []tick, minor []float64) {
	l, h := log10(lo), log10(hi)
	first, last := int(math.Ceil(l-1e-9)), int(math.Floor(h+1e-9))
	if decades := last - first + 1; decades < 2 {
		return narrowLogTicks(lo, hi, n), nil
	}
	every := 1
	for _, every = range []int{1, 2, 3, 5, 10, 20, 30, 50, 100, 200} {
		if (last-first)/every < n {
			break
		}
	}
	plain := first >= -3 && last <= 5 // 0.001 to 100,000 are read faster without an exponent
	for e := first; e <= last; e++ {
		v := math.Pow10(e)
		if v == 0 || math.IsInf(v, 0) {
			continue
		}
		switch {
		case mod(e, every) != 0:
			if every <= 10 {
				minor = append(minor, v)
			}
		case plain:
			major = append(major, tick{v, grouped(strconv.FormatFloat(v, 'f', -1, 64))})
		default:
			major = append(major, tick{v, "10" + superscript(e)})
		}
	}
	if every == 1 && last-first < 10 {
		for e := first - 1; e <= last; e++ {
			for m := 2; m < 10; m++ {
				if v := float64(m) * math.Pow10(e); v >= lo && v <= hi {
					minor = append(minor, v)
				}
			}
		}
	}
	return major, minor
}

// narrowLogTicks labels an axis that spans less than about two decades.
func narrowLogTicks(lo, hi float64, n int) []tick {
	var ts []tick
	e0 := int(math.Floor(log10(lo)))
	for e := e0; e <= e0+2; e++ {
		for _, m := range []float64{1, 2, 5} {
			if v := m * math.Pow10(e); v >= lo && v <= hi {
				ts = append(ts, tick{v, number(v)})
			}
		}
	}
	if len(ts) >= 3 {
		return ts
	}
	ts = ts[:0]
	for _, t := range linearTicks(lo, hi, n) {
		if t.value > 0 {
			ts = append(ts, t)
		}
	}
	return ts
}

func mod(a, b int) int { return ((a % b) + b) % b }

func superscript(e int) string {
	return strings.Map(func(r rune) rune {
		if r == '-' {
			return '⁻'
		}
		return []rune("⁰¹²³⁴⁵⁶⁷⁸⁹")[r-'0']
	}, strconv.Itoa(e))
}

// number writes v with at most four significant digits, for legends and marks.
func number(v float64) string {
	switch a := math.Abs(v); {
	case math.IsNaN(v):
		return "NaN"
	case math.IsInf(v, 1):
		return "+Inf"
	case math.IsInf(v, -1):
		return "−Inf"
	case v == math.Trunc(v) && a < 1e7:
		return minus(grouped(strconv.FormatFloat(v, 'f', 0, 64)))
	case a < 1e-3 || a >= 1e5:
		return scientific(v, 2)
	case a >= 999.5:
		return minus(grouped(strconv.FormatFloat(v, 'f', 0, 64)))
	default:
		return minus(strconv.FormatFloat(v, 'g', 4, 64))
	}
}

// scientific writes v as a multiple of a power of ten, with at most the given
// number of decimals.
func scientific(v float64, decimals int) string {
	m, e, _ := strings.Cut(strconv.FormatFloat(v, 'e', decimals, 64), "e")
	if strings.Contains(m, ".") {
		m = strings.TrimRight(strings.TrimRight(m, "0"), ".")
	}
	exp, _ := strconv.Atoi(e) // written by FormatFloat
	switch m {
	case "1":
		return "10" + superscript(exp)
	case "-1":
		return "−10" + superscript(exp)
	}
	return minus(m) + "×10" + superscript(exp)
}

// count writes a number of steps.
func count(n int64) string { return grouped(strconv.FormatInt(n, 10)) }
