package optim

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"math"
	"testing"

	"github.com/descent-go/descent/internal/cpu"
	"github.com/descent-go/descent/optim/internal/kernel"
)

// fused reports whether this build contracts x*y + z into one rounding.
//
//go:noinline
func fused(x, y, z float64) bool { return x*y+z != float64(x*y)+z }

// TestLoopsEqualDefinitions compares every loop with the scalar function that
// it was made from: to the bit in float64, but where the compiler fuses the
// function itself; to rounding in float32, whose constants are rounded once.
func TestLoopsEqualDefinitions(t *testing.T) {
	contracts := fused(1+0x1p-30, 1+0x1p-30, -1)
	run := 0
	for _, v := range variants(t) {
		for _, d := range definitions {
			if d.rule != v.rule.Info().Name || d.form != v.form.Name {
				continue
			}
			run++
			const n = 97
			fn := map[part]*scalarFunc{partUpdate: v.form.update, partProbe: v.form.probe, partView: v.form.view}[d.of]
			b := v.rule.bind()
			for step := int64(1); step < 12; step += 5 {
				p, g := vector[float64](n, 1, false), vector[float64](n, 2, false)
				var s, s64 [kernel.MaxSlots][]float64
				var s32 [kernel.MaxSlots][]float32
				for i := range s {
					s[i] = vector[float64](n, uint64(3+i), false)
					for j := range s[i] {
						s[i][j] = math.Abs(s[i][j]) + 0.01
					}
					s64[i], s32[i] = append([]float64(nil), s[i]...), narrow(s[i])
				}
				p64, p32 := append([]float64(nil), p...), narrow(p)
				var k [kernel.MaxCoefs]float64
				b.scalars(b.formIndex(), d.of, step, 0.1, new(memo), &k)
				if d.of == partUpdate {
					k[0] = 1
				}
				var k32 [kernel.MaxCoefs]float32
				for i := range k {
					k32[i] = float32(k[i])
				}
				d.run(b, step, 0.1, p, g, &s)
				fn.f64.Go(&k, p64, g, &s64, 0, n)
				fn.f32.Go(&k32, p32, narrow(g), &s32, 0, n)
				check := func(what string, want, got float64, got32 float32) {
					t.Helper()
					exact := want == got
					if contracts {
						exact = math.Abs(want-got) <= 1e-13*math.Max(1, math.Abs(want))
					}
					if !exact {
						t.Fatalf("%v: %s: definition %.17g, loop %.17g", v, what, want, got)
					}
					if math.Abs(want-float64(got32)) > 2e-5*math.Max(1, math.Abs(want)) {
						t.Fatalf("%v: %s: definition %.9g, float32 loop %.9g", v, what, want, got32)
					}
				}
				for i := range p {
					check("p", p[i], p64[i], p32[i])
					if d.of == partView {
						continue
					}
					for j, name := range v.form.Slots {
						check(name, s[j][i], s64[j][i], s32[j][i])
					}
				}
			}
		}
	}
	if run < 20 {
		t.Fatalf("compared %d functions", run)
	}
}

func narrow(x []float64) []float32 {
	out := make([]float32, len(x))
	for i, v := range x {
		out[i] = float32(v)
	}
	return out
}

// TestLevels runs every form of every function, at every level of this
// machine, on odd lengths, offsets and values, whole and in pieces: all give
// the bits of the Go loop, and nothing outside [lo, hi) changes.
func TestLevels(t *testing.T) {
	for _, level := range cpu.Levels() {
		t.Run(level.String(), func(t *testing.T) {
			for _, v := range variants(t) {
				bounds[float32](t, v, level)
				bounds[float64](t, v, level)
			}
		})
	}
}

func bounds[F Float](t *testing.T, v variant, level cpu.Level) {
	t.Helper()
	b := v.rule.bind()
	for of, fn := range map[part]*scalarFunc{partUpdate: v.form.update, partProbe: v.form.probe, partView: v.form.view} {
		reference, loop := loopOf[F](fn, cpu.Generic), loopOf[F](fn, level)
		if loop == nil {
			continue
		}
		var k64 [kernel.MaxCoefs]float64
		var k [kernel.MaxCoefs]F
		b.scalars(b.formIndex(), of, 3, 0.01, new(memo), &k64)
		for i := range k {
			k[i] = F(k64[i])
		}
		if of == partUpdate {
			k[0] = 0.5
		}
		for n := 0; n <= 300; n += 1 + n/17 {
			const guard = 13
			make4 := func() (p, g []F, s [kernel.MaxSlots][]F) {
				p, g = vector[F](n+2*guard, 1, true), vector[F](n+2*guard, 2, true)
				for i := range s {
					s[i] = vector[F](n+2*guard, uint64(3+i), true)
				}
				return p, g, s
			}
			p0, g, s0 := make4()
			p1, _, s1 := make4()
			p2, _, s2 := make4()
			reference(&k, p1, g, &s1, guard, guard+n)
			p3, _, s3 := make4()
			loop(&k, p3, g, &s3, guard, guard+n)
			for lo := guard; lo < guard+n; {
				hi := lowest(lo+1+lo%37, guard+n)
				loop(&k, p2, g, &s2, lo, hi)
				lo = hi
			}
			compare := func(what string, was, want, whole, pieces []F, state bool) {
				t.Helper()
				for i := range was {
					if !same(want[i], whole[i]) || !same(want[i], pieces[i]) {
						t.Fatalf("%v, %d elements, %s[%d], %v before: Go loop %v, whole %v, in pieces %v", v, n, what, i, was[i], want[i], whole[i], pieces[i])
					}
					if (i < guard || i >= guard+n) && !same(was[i], whole[i]) {
						t.Fatalf("%v, %d elements: %s[%d] outside the range changed", v, n, what, i)
					}
					if state && i >= guard && i < guard+n && whole[i] != 0 && math.Abs(float64(whole[i])) < float64(smallestNormal[F]()) {
						t.Fatalf("%v: %s[%d] = %g is subnormal", v, what, i, whole[i])
					}
				}
			}
			compare("p", p0, p1, p3, p2, false)
			for j := range v.form.Slots {
				compare(v.form.Slots[j], s0[j], s1[j], s3[j], s2[j], of == partUpdate && v.form.probe == nil)
			}
		}
	}
}

func smallestNormal[F Float]() F {
	var f F
	if _, ok := any(f).(float32); ok {
		return F(float32(0x1p-126))
	}
	tiny := 0x1p-1022
	return F(tiny)
}

// TestGoldenBits holds a hash over long runs of every rule in both element
// types: the same on every architecture, compiler setting and thread count.
func TestGoldenBits(t *testing.T) {
	h := sha256.New()
	for _, v := range variants(t) {
		for i, p := range trajectory[float32](t, v) {
			_ = binary.Write(h, binary.LittleEndian, [2]uint32{uint32(i), math.Float32bits(p)})
		}
		for i, p := range trajectory[float64](t, v) {
			_ = binary.Write(h, binary.LittleEndian, [2]uint64{uint64(i), math.Float64bits(p)})
		}
	}
	const want = "e7216942eb46cdd9094210a395604b59c5045089cfca3cc5897def44a38ed5ac"
	if got := hex.EncodeToString(h.Sum(nil)); got != want {
		t.Errorf("bits of all rules hash to %s, want %s; after a deliberate change of a rule put the new hash here", got, want)
	}
}

// trajectory runs a rule for 200 steps on gradients that shrink, turn and vanish.
func trajectory[F Float](t *testing.T, v variant) []F {
	t.Helper()
	const n = 37
	p, noise := vector[F](n, 11, false), vector[F](n, 12, false)
	g := make([]F, n)
	opt, err := New([]Param[F]{{Name: "p", Shape: []int{n}, Data: p, Grad: g}}, All(v.rule))
	if err != nil {
		t.Fatal(err)
	}
	if err := opt.ClipNorm(3); err != nil {
		t.Fatal(err)
	}
	view := make([]F, n)
	var out []F
	for step := range 200 {
		if err := opt.Probe(0.01); err != nil {
			t.Fatal(err)
		}
		for i := range g {
			g[i] = 0
			if i%9 != 0 {
				g[i] = F(p[i]*F(1+i%4)) + noise[(i*7+step)%n]
			}
		}
		if err := opt.Step(0.01); err != nil {
			t.Fatal(err)
		}
		if step%50 == 49 {
			if err := opt.View(0, view); err != nil {
				t.Fatal(err)
			}
			out = append(append(out, p...), view...)
		}
	}
	return out
}

// TestReductionLevels sums squares at every level: the bits of the Go loop.
func TestReductionLevels(t *testing.T) {
	reductions[float32](t)
	reductions[float64](t)
}

func reductions[F Float](t *testing.T) {
	t.Helper()
	for _, level := range cpu.Levels() {
		for n := range 300 {
			for _, odd := range []bool{false, true} {
				x := vector[F](n+5, uint64(n), odd)[5:]
				var want, got [kernel.Lanes]float64
				want[3], got[3] = 0.1, 0.1
				reduction[F](cpu.Generic)(x, &want)
				reduction[F](level)(x, &got)
				for l := range want {
					if !same(want[l], got[l]) {
						t.Fatalf("%v, %d elements: sum %d is %v, want %v", level, n, l, got[l], want[l])
					}
				}
			}
		}
	}
}
