package portable

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"math"
	"math/big"
	"math/rand/v2"
	"testing"

	"github.com/descent-go/descent/internal/portable/internal/exact"
)

// functions lists every function of one argument with its exact counterpart,
// package math's version (for special values) and a range to draw from.
var functions = []struct {
	name   string
	f, std func(float64) float64
	exact  func(*big.Float) *big.Float
	draw   func(*rand.Rand) float64
}{
	{"Exp", Exp, math.Exp, exact.Exp, within(-740, 709)},
	{"Expm1", Expm1, math.Expm1, exact.Expm1, either(within(-60, 60), near0)},
	{"Sinh", Sinh, math.Sinh, bigSinh, either(within(-60, 60), near0)},
	{"Cosh", Cosh, math.Cosh, bigCosh, either(within(-60, 60), near0)},
	{"Tanh", Tanh, math.Tanh, bigTanh, either(within(-21, 21), near0)},
	{"Log", Log, math.Log, exact.Log, either(positive, near1)},
	{"Log2", Log2, math.Log2, bigLog2, either(positive, near1)},
	{"Log10", Log10, math.Log10, bigLog10, either(positive, near1)},
	{"Log1p", Log1p, math.Log1p, exact.Log1p, either(within(-1, 3), near0, positive)},
	{"Sin", Sin, math.Sin, bigSin, either(within(-1e3, 1e3), near0, everything)},
	{"Cos", Cos, math.Cos, bigCos, either(within(-1e3, 1e3), near0, everything)},
	{"Tan", Tan, math.Tan, bigTan, either(within(-1e3, 1e3), near0, everything)},
	{"Atan", Atan, math.Atan, exact.Atan, either(within(-4, 4), near0, everything)},
	{"Asin", Asin, math.Asin, bigAsin, either(within(-1, 1), near0, within(0.999, 1))},
	{"Acos", Acos, math.Acos, bigAcos, either(within(-1, 1), near0, within(0.999, 1))},
	{"Erf", Erf, math.Erf, exact.Erf, either(within(-6, 6), near0)},
}

type draw = func(*rand.Rand) float64

func within(a, b float64) draw {
	return func(r *rand.Rand) float64 { return a + float64((b-a)*r.Float64()) }
}

func either(ds ...draw) draw {
	return func(r *rand.Rand) float64 { return ds[r.IntN(len(ds))](r) }
}

// near0 draws numbers of either sign with exponents from −60 to −1.
func near0(r *rand.Rand) float64 {
	return math.Ldexp(2*r.Float64()-1, r.IntN(61)-60)
}

func near1(r *rand.Rand) float64 { return 1 + near0(r)/2 }

// everything draws uniformly from the bit patterns of finite normal numbers.
func everything(r *rand.Rand) float64 {
	for {
		x := math.Float64frombits(r.Uint64())
		if a := math.Abs(x); a > 0x1p-1022 && a <= math.MaxFloat64 {
			return x
		}
	}
}

func positive(r *rand.Rand) float64 { return math.Abs(everything(r)) }

func bf(x float64) *big.Float       { return new(big.Float).SetPrec(400).SetFloat64(x) }
func qf(a, b *big.Float) *big.Float { return new(big.Float).SetPrec(400).Quo(a, b) }
func af(a, b *big.Float) *big.Float { return new(big.Float).SetPrec(400).Add(a, b) }
func ng(a *big.Float) *big.Float    { return new(big.Float).SetPrec(400).Neg(a) }
func ofFloat(x *big.Float) float64  { f, _ := x.Float64(); return f }

func bigSinh(x *big.Float) *big.Float {
	return qf(af(exact.Expm1(x), ng(exact.Expm1(ng(x)))), bf(2))
}
func bigCosh(x *big.Float) *big.Float  { return qf(af(exact.Exp(x), exact.Exp(ng(x))), bf(2)) }
func bigTanh(x *big.Float) *big.Float  { return qf(bigSinh(x), bigCosh(x)) }
func bigLog2(x *big.Float) *big.Float  { return qf(exact.Log(x), exact.Ln2()) }
func bigLog10(x *big.Float) *big.Float { return qf(exact.Log(x), exact.Log(bf(10))) }
func bigSin(x *big.Float) *big.Float   { s, _ := exact.SinCos(ofFloat(x)); return s }
func bigCos(x *big.Float) *big.Float   { _, c := exact.SinCos(ofFloat(x)); return c }
func bigTan(x *big.Float) *big.Float   { s, c := exact.SinCos(ofFloat(x)); return qf(s, c) }
func bigCathetus(x *big.Float) *big.Float {
	s := new(big.Float).SetPrec(400).Mul(af(bf(1), ng(x)), af(bf(1), x))
	return s.Sqrt(s)
}
func bigAsin(x *big.Float) *big.Float { return exact.Atan(qf(x, bigCathetus(x))) }
func bigAcos(x *big.Float) *big.Float {
	return af(qf(exact.Pi(400), bf(2)), ng(bigAsin(x)))
}

// ulps returns |got − want| in units in the last place of want, of which the
// smallest is that of subnormal numbers.
func ulps(got float64, want *big.Float) float64 {
	d := new(big.Float).SetPrec(400).Sub(bf(got), want)
	if d.Sign() == 0 {
		return 0
	}
	e := max(want.MantExp(nil)-53, -1074)
	return math.Abs(ofFloat(d.SetMantExp(d, -e)))
}

func TestAccuracy(t *testing.T) {
	for _, fn := range functions {
		t.Run(fn.name, func(t *testing.T) {
			r := rand.New(rand.NewPCG(1, 2))
			worst, at := 0.0, 0.0
			for range 3000 {
				x := fn.draw(r)
				if x == 0 || math.Abs(x) == 1 {
					continue
				}
				if e := ulps(fn.f(x), fn.exact(bf(x))); !(e <= worst) {
					worst, at = e, x
				}
			}
			if !(worst < 0.6) {
				t.Errorf("%s(%v) = %v is %.3f units off, want < 0.6", fn.name, at, fn.f(at), worst)
			}
			t.Logf("worst error %.4f units at %v", worst, at)
		})
	}
}

func TestPowAccuracy(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	worst := 0.0
	check := func(x, y float64) {
		t.Helper()
		want := exact.Exp(new(big.Float).SetPrec(400).Mul(bf(y), exact.Log(bf(x))))
		limit := 0.6
		if want.MantExp(nil) < -1021 {
			limit = 1
		}
		e := ulps(Pow(x, y), want)
		if limit < 1 {
			worst = max(worst, e)
		}
		if !(e < limit) {
			t.Errorf("Pow(%v, %v) = %v is %.3f units off", x, y, Pow(x, y), e)
		}
	}
	for _, beta := range []float64{0.5, 0.9, 0.95, 0.99, 0.999, 0.9999, 0.999999} {
		for range 300 { // the powers of bias correction
			n := math.Floor(math.Exp(r.Float64() * math.Log(1e7)))
			if n*math.Log(beta) > -744 {
				check(beta, n)
			}
		}
	}
	for range 3000 {
		x := positive(r)
		check(x, (r.Float64()*1450-743)/math.Log(x))
		check(near1(r), r.Float64()*1e3)
	}
	t.Logf("worst error %.4f units", worst)
}

func TestPowExact(t *testing.T) {
	for b := int64(-40); b <= 40; b++ {
		want := big.NewInt(1)
		for n := 0; want.BitLen() <= 53; n++ {
			if got := Pow(float64(b), float64(n)); got != float64(want.Int64()) {
				t.Errorf("Pow(%d, %d) = %v, want %v", b, n, got, want)
			}
			if b == 0 || b*b == 1 {
				if n > 9 {
					break
				}
			}
			want = new(big.Int).Mul(want, big.NewInt(b))
		}
	}
	for k := -1074; k <= 1023; k++ {
		if got := Pow(2, float64(k)); got != math.Ldexp(1, k) {
			t.Errorf("Pow(2, %d) = %v", k, got)
		}
		if got := Log2(math.Ldexp(1, k)); got != float64(k) {
			t.Errorf("Log2(2^%d) = %v", k, got)
		}
	}
	for k, x := 0, 1.0; k <= 22; k, x = k+1, x*10 {
		if got := Log10(x); got != float64(k) {
			t.Errorf("Log10(1e%d) = %v", k, got)
		}
	}
	r := rand.New(rand.NewPCG(5, 6))
	for range 2000 {
		x := positive(r)
		if got := Pow(x, 0.5); got != math.Sqrt(x) {
			t.Errorf("Pow(%v, ½) = %v, want %v", x, got, math.Sqrt(x))
		}
		s := float64(float32(within(0.1, 9)(r)))
		if got := Pow(s, 2); got != s*s {
			t.Errorf("Pow(%v, 2) = %v, want %v", s, got, s*s)
		}
	}
}

var specials = []float64{
	0, math.Copysign(0, -1), 1, -1, 2, -2, 3, -3, 0.5, -0.5, math.Inf(1), math.Inf(-1), math.NaN(),
	math.MaxFloat64, -math.MaxFloat64, math.SmallestNonzeroFloat64, -math.SmallestNonzeroFloat64,
	0x1p-1022, 0x1.fffffffffffffp-1023, 1e-300, -1e-300, 1e300, -1e300, 0x1p52, 0x1p53, 0x1p53 + 2, -0x1p53 + 1,
	709.782712893384, 709.7827128933841, 710, -708, -745.1332191019411, -745.1332191019412, -746, 711, 1e9, -1e9, 1.5, 2.5, -2.5,
}

// same allows for the error of package math, which is larger than ours; accuracy
// is judged elsewhere.
func same(a, b float64) bool {
	if a != a || b != b {
		return a != a && b != b
	}
	if a == 0 || math.IsInf(a, 0) {
		return a == b && math.Signbit(a) == math.Signbit(b)
	}
	return math.Abs(a-b) <= max(1e-13*math.Abs(b), math.SmallestNonzeroFloat64)
}

func TestSpecialValues(t *testing.T) {
	for _, fn := range functions {
		for _, x := range specials {
			want := fn.std(x)
			if x > 0 && x < 0x1p-1022 && !math.IsNaN(want) {
				want = ofFloat(fn.exact(bf(x))) // math.Log is wrong on some architectures
			}
			if got := fn.f(x); !same(got, want) {
				t.Errorf("%s(%v) = %v, want %v", fn.name, x, got, want)
			}
		}
	}
	for _, x := range specials {
		for _, y := range specials {
			if got, want := Pow(x, y), math.Pow(x, y); !same(got, want) {
				t.Errorf("Pow(%v, %v) = %v, want %v", x, y, got, want)
			}
		}
	}
}

func TestHardReductions(t *testing.T) {
	// Numbers that come closest to a multiple of π/2, and each binade's ends.
	xs := []float64{0x1.6ac5b262ca1ffp+849, 0x1.921fb54442d18p+0, 0x1.921fb54442d18p+1, 0x1.46f3f3d16fe5bp+70, 6381956970095103 * 0x1p797}
	for e := -20; e < 1023; e++ {
		xs = append(xs, math.Ldexp(1, e), math.Nextafter(math.Ldexp(2, e), 0))
	}
	for k := 1.0; k < 1e6; k += 977 {
		xs = append(xs, k*math.Pi/2)
	}
	for _, x := range xs {
		for _, fn := range functions[9:12] {
			if e := ulps(fn.f(x), fn.exact(bf(x))); !(e < 0.6) {
				t.Errorf("%s(%v) = %v is %.3f units off", fn.name, x, fn.f(x), e)
			}
			if a, b := fn.f(x), fn.f(-x); a != b && a != -b {
				t.Errorf("%s(±%v) = %v, %v", fn.name, x, a, b)
			}
		}
	}
}

func TestTables(t *testing.T) {
	within := func(name string, i int, hi, lo float64, want *big.Float) {
		t.Helper()
		d := new(big.Float).SetPrec(400).Sub(af(bf(hi), bf(lo)), want)
		if math.Abs(ofFloat(d)) > 0x1p-104*math.Abs(hi) {
			t.Errorf("%s[%d] = %v + %v, want %v", name, i, hi, lo, want)
		}
	}
	frac := func(i, n int) *big.Float { return qf(bf(float64(i)), bf(float64(n))) }
	for i, e := range exp2Table {
		x := new(big.Float).SetPrec(400).Mul(exact.Ln2(), frac(i, 128))
		within("exp2Table", i, e.s, e.s*e.tail, exact.Exp(x))
	}
	for i, e := range logTable {
		within("logTable", i, e.hi, e.lo, ng(exact.Log(bf(e.inv))))
	}
	for i, e := range atanTable {
		within("atanTable", i, e.hi, e.lo, exact.Atan(frac(i, 16)))
	}
	for i, e := range erfTable {
		within("erfTable", i, e.hi, e.lo, exact.Erf(frac(i, 16)))
		within("erfTable.slope", i, e.slope, e.slopeLo, exact.ErfSlope(frac(i, 16)))
	}
}

// TestBits holds the results of every function at many arguments to one hash,
// which must come out on every architecture.
func TestBits(t *testing.T) {
	want := map[string]string{
		"Acos":  "42fb25d8dd3d2210",
		"Asin":  "1364471691618492",
		"Atan":  "898036b957847b31",
		"Cos":   "e47e8de532438368",
		"Cosh":  "3e33346b35d99476",
		"Erf":   "6c74dd5c72d2c7c0",
		"Exp":   "5e1138f59eeca85c",
		"Expm1": "cfb8ec9260525ad7",
		"Log":   "4f25e092d90b7f3b",
		"Log10": "3ab537578d2691d3",
		"Log1p": "43ff9e1ab6cccd49",
		"Log2":  "9fc82293cbc389df",
		"Pow":   "d215a8c8eb474daf",
		"Sin":   "32117cc16bccc886",
		"Sinh":  "21df94fcd1db2db4",
		"Tan":   "be79d020775f4d55",
		"Tanh":  "c3767f6d787e6e6d",
	}
	r := rand.New(rand.NewPCG(7, 8))
	args := append([]float64(nil), specials...)
	for range 20000 {
		args = append(args, everything(r), near0(r), near1(r), within(-750, 750)(r), within(-6, 6)(r))
	}
	digest := func(results func(put func(float64))) string {
		h := sha256.New()
		results(func(x float64) {
			if x != x {
				x = math.NaN() // the payload is the machine's own
			}
			_ = binary.Write(h, binary.LittleEndian, x)
		})
		return hex.EncodeToString(h.Sum(nil)[:8])
	}
	got := map[string]string{}
	for _, fn := range functions {
		got[fn.name] = digest(func(put func(float64)) {
			for _, x := range args {
				put(fn.f(x))
			}
		})
	}
	got["Pow"] = digest(func(put func(float64)) {
		for i, x := range args {
			put(Pow(x, args[len(args)-1-i]))
			put(Pow(math.Abs(x), args[i*7%len(args)]/100))
			put(Pow(0.999, float64(i)))
		}
	})
	for name, g := range got {
		if want[name] != g {
			t.Errorf("%q: %q, // have %q", name, g, want[name])
		}
	}
}

func BenchmarkFunctions(b *testing.B) {
	xs := make([]float64, 1024)
	r := rand.New(rand.NewPCG(9, 10))
	for i := range xs {
		xs[i] = r.Float64()
	}
	for _, fn := range functions {
		b.Run(fn.name, func(b *testing.B) {
			i := 0
			for b.Loop() {
				sink = fn.f(xs[i&1023])
				i++
			}
		})
	}
	b.Run("Pow", func(b *testing.B) {
		i := 0
		for b.Loop() {
			sink = Pow(xs[i&1023], 37)
			i++
		}
	})
}

var sink float64
