package optim

import (
	"encoding/binary"
	"math"
	"testing"

	"github.com/descent-go/descent/internal/cpu"
	"github.com/descent-go/descent/optim/internal/kernel"
)

// FuzzLevels gives every form of every rule whatever bits the fuzzer finds, at
// every level of this machine: all compute the bits of the Go loop.
func FuzzLevels(f *testing.F) {
	all := variants(f)
	f.Add(uint8(0), uint64(1), 0.01, []byte("some bytes that make numbers of any kind, of any length"))
	f.Add(uint8(7), uint64(1000), 1e-300, make([]byte, 200))
	f.Add(uint8(12), uint64(1)<<40, 1e300, []byte{0xff, 0xff, 0xff, 0x7f, 0, 0, 0x80, 0, 1, 0, 0, 0, 0, 0, 0xf8, 0x7f})
	f.Fuzz(func(t *testing.T, which uint8, step uint64, lr float64, raw []byte) {
		if !(lr >= 0) || math.IsInf(lr, 1) || len(raw) > 1<<12 {
			return
		}
		v := all[int(which)%len(all)]
		at := int64(step>>1) + 1
		if v.rule.Info().Name == "nadam" {
			at = at%1000 + 1 // a product of as many factors
		}
		levels[float32](t, v, at, lr, raw, 4, func(b []byte) float32 { return math.Float32frombits(binary.LittleEndian.Uint32(b)) })
		levels[float64](t, v, at, lr, raw, 8, func(b []byte) float64 { return math.Float64frombits(binary.LittleEndian.Uint64(b)) })
	})
}

func levels[F Float](t *testing.T, v variant, step int64, lr float64, raw []byte, size int, number func([]byte) F) {
	t.Helper()
	n := len(raw) / size
	fill := func(rotate int) []F {
		x := make([]F, n)
		for i := range x {
			x[i] = number(raw[size*((i+rotate)%n):])
		}
		return x
	}
	b := v.rule.bind()
	for of, fn := range map[part]*scalarFunc{partUpdate: v.form.update, partProbe: v.form.probe, partView: v.form.view} {
		if fn == nil || n == 0 {
			continue
		}
		var k64 [kernel.MaxCoefs]float64
		var k [kernel.MaxCoefs]F
		b.scalars(b.formIndex(), of, step, lr, new(memo), &k64)
		if of == partUpdate {
			k64[0] = 0.75
		}
		for i, x := range k64 {
			k[i] = F(x)
		}
		run := func(level cpu.Level) (p []F, s [kernel.MaxSlots][]F) {
			p = fill(0)
			for i := range s {
				s[i] = fill(2 + i)
			}
			loopOf[F](fn, level)(&k, p, fill(1), &s, 0, n)
			return p, s
		}
		want, state := run(cpu.Generic)
		for _, level := range cpu.Levels() {
			got, s := run(level)
			for i := range got {
				if !same(want[i], got[i]) {
					t.Fatalf("%v, %v, step %d, rate %v: p[%d] is %v, the Go loop has %v", v, level, step, lr, i, got[i], want[i])
				}
				for j := range s {
					if !same(state[j][i], s[j][i]) {
						t.Fatalf("%v, %v, step %d, rate %v: slot %d of element %d is %v, the Go loop has %v", v, level, step, lr, j, i, s[j][i], state[j][i])
					}
				}
			}
		}
	}
}
