package kernel

import (
	"math"
	"testing"
)

// ulps returns how far got is from want in units in the last place of float32.
func ulps(got float32, want float64) float64 {
	if w := float32(want); math.IsInf(float64(w), 0) || math.IsInf(float64(got), 0) {
		if got == w {
			return 0
		}
		return math.Inf(1)
	}
	unit := math.Max(0x1p-149, math.Ldexp(1, math.Ilogb(want)-23))
	return math.Abs(float64(got)-want) / unit
}

// worst returns the largest distance over many arguments.
func worst(f func(float32) float32, exact func(float64) float64, from, to float64) (at float32, distance float64) {
	const n = 400_000
	for i := range n + 1 {
		x := float32(from + (to-from)*float64(i)/n)
		if d := ulps(f(x), exact(float64(x))); !(d <= distance) {
			at, distance = x, d
		}
	}
	return at, distance
}

func TestAccuracy(t *testing.T) {
	one := func(f Loop2[float32]) func(float32) float32 {
		var y, x [1]float32
		return func(v float32) float32 {
			x[0] = v
			f(y[:], x[:])
			return y[0]
		}
	}
	gelu := func(which int) func(float32) float32 {
		var x [1]float32
		var y [2][1]float32
		return func(v float32) float32 {
			x[0] = v
			Gelu32(y[0][:], y[1][:], x[:])
			return y[which][0]
		}
	}
	cdf := func(x float64) float64 { return 0.5 * math.Erfc(-x/math.Sqrt2) }
	slope := func(x float64) float64 { return cdf(x) + x*math.Exp(-x*x/2)/math.Sqrt(2*math.Pi) }
	for _, c := range []struct {
		name     string
		f        func(float32) float32
		exact    func(float64) float64
		from, to float64
		within   float64
	}{
		{"exp", one(Exp32), math.Exp, -104.5, 89, 1},
		{"exp", one(Exp32), math.Exp, -1, 1, 1},
		{"tanh", one(Tanh32), math.Tanh, -10, 10, 2},
		{"tanh", one(Tanh32), math.Tanh, -0.7, 0.7, 2},
		{"tanh", one(Tanh32), math.Tanh, -1e-3, 1e-3, 2},
		{"gelu", gelu(0), func(x float64) float64 { return x * cdf(x) }, -12.5, 10, 6},
		{"gelu", gelu(0), func(x float64) float64 { return x * cdf(x) }, -1, 1, 6},
	} {
		if at, d := worst(c.f, c.exact, c.from, c.to); !(d <= c.within) {
			t.Errorf("%s(%v) is off by %.3f units in the last place, want at most %v", c.name, at, d, c.within)
		} else {
			t.Logf("%s from %v to %v: at most %.3f units", c.name, c.from, c.to, d)
		}
	}
	for i := range 100_000 {
		x := float32(-13 + 26*float64(i)/100_000)
		if got, want := float64(gelu(1)(x)), slope(float64(x)); math.Abs(got-want) > 2e-7 {
			t.Fatalf("gelu's derivative at %v = %v, want %v", x, got, want)
		}
	}
	var y, x [1]float64
	for i := range 200_000 {
		x[0] = -745 + 1455*float64(i)/200_000
		Exp64(y[:], x[:])
		if want := math.Exp(x[0]); math.Abs(y[0]-want) > 0x1p-51*want+0x1p-1074 {
			t.Fatalf("exp(%v) = %v, want %v", x[0], y[0], want)
		}
		x[0] = -20 + 40*float64(i)/200_000
		Tanh64(y[:], x[:])
		if want := math.Tanh(x[0]); math.Abs(y[0]-want) > 0x1p-51*math.Abs(want) {
			t.Fatalf("tanh(%v) = %v, want %v", x[0], y[0], want)
		}
	}
}

func TestSpecialValues(t *testing.T) {
	inf, nan, minus := math.Inf(1), math.NaN(), math.Copysign(0, -1)
	for _, c := range []struct {
		name     string
		loop     Loop2[float32]
		wide     Loop2[float64]
		in, want float64
	}{
		{"exp", Exp32, Exp64, inf, inf}, {"exp", Exp32, Exp64, -inf, 0}, {"exp", Exp32, Exp64, nan, nan}, {"exp", Exp32, Exp64, minus, 1},
		{"exp", Exp32, Exp64, 1e30, inf}, {"exp", Exp32, Exp64, -1e30, 0},
		{"tanh", Tanh32, Tanh64, inf, 1}, {"tanh", Tanh32, Tanh64, -inf, -1}, {"tanh", Tanh32, Tanh64, nan, nan},
		{"tanh", Tanh32, Tanh64, minus, minus}, {"tanh", Tanh32, Tanh64, 0, 0}, {"tanh", Tanh32, Tanh64, 0x1p-126, 0x1p-126},
		{"relu", Relu32, Relu64, inf, inf}, {"relu", Relu32, Relu64, -inf, 0}, {"relu", Relu32, Relu64, nan, nan}, {"relu", Relu32, Relu64, -1, 0},
	} {
		var y, x [1]float32
		var v, u [1]float64
		x[0], u[0] = float32(c.in), c.in
		c.loop(y[:], x[:])
		c.wide(v[:], u[:])
		if !same(y[0], float32(c.want)) || !same(v[0], c.want) {
			t.Errorf("%s(%v) = %v, %v, want %v", c.name, c.in, y[0], v[0], c.want)
		}
	}
	for in, want := range map[float32][2]float32{float32(inf): {float32(inf), 1}, float32(-inf): {0, 0}, 0: {0, 0.5}, -20: {0, 0}, 20: {20, 1}} {
		var y, d [1]float32
		Gelu32(y[:], d[:], []float32{in})
		if y[0] != want[0] || d[0] != want[1] {
			t.Errorf("gelu(%v) = %v with derivative %v, want %v", in, y[0], d[0], want)
		}
	}
}

// The loops compute what their definitions say: to rounding, as a compiler may
// fuse a product and a sum of the definition.
func TestDefinitions(t *testing.T) {
	for i := range 2000 {
		x, d := float32(i-1000)/100, float32(i%17)-8
		var got, want [3]float32
		Exp32(got[:1], []float32{x})
		Tanh32(got[1:2], []float32{x})
		want[0], want[1] = exp32(x), tanh32(x)
		TanhBack32(got[2:], want[1:2], []float32{d})
		want[2] = tanhBack(want[1], d)
		for j := range got {
			if math.Abs(float64(got[j]-want[j])) > 1e-5*math.Abs(float64(want[j]))+2e-6 {
				t.Fatalf("loop %d at %v: %v, definition %v", j, x, got[j], want[j])
			}
		}
		var y, s [1]float32
		Gelu32(y[:], s[:], []float32{x})
		wy, ws := gelu32(x)
		if math.Abs(float64(y[0]-wy)) > 1e-6 || math.Abs(float64(s[0]-ws)) > 1e-6 {
			t.Fatalf("gelu at %v: %v, %v, definition %v, %v", x, y[0], s[0], wy, ws)
		}
		var u [4]float64
		v := float64(x)
		Exp64(u[:1], []float64{v})
		Tanh64(u[1:2], []float64{v})
		ReluBack64(u[2:3], []float64{v}, []float64{2})
		Relu64(u[3:], []float64{v})
		for j, w := range []float64{exp64(v), tanh64(v), reluBack(v, 2), relu(v)} {
			if math.Abs(u[j]-w) > 1e-13*math.Abs(w) {
				t.Fatalf("loop %d at %v: %v, definition %v", j, v, u[j], w)
			}
		}
		var p [2]float32
		Add32(p[:1], []float32{x}, []float32{d})
		Mul32(p[1:], []float32{x}, []float32{d})
		if p[0] != add(x, d) || p[1] != mul(x, d) {
			t.Fatalf("%v and %v: sum %v, product %v", x, d, p[0], p[1])
		}
	}
}
