package kernel

import (
	"encoding/binary"
	"math"
	"testing"

	"github.com/descent-go/descent/internal/cpu"
)

// Every form of every loop gives the bits of the Go loop for any numbers.
func FuzzForms(f *testing.F) {
	seed := func(values ...float32) {
		var b []byte
		for _, v := range values {
			b = binary.LittleEndian.AppendUint32(b, math.Float32bits(v))
		}
		f.Add(b)
	}
	seed(0, 1, -1, 0.5, 89, -104, 0.625, -3)
	seed(float32(math.NaN()), float32(math.Inf(1)), float32(math.Inf(-1)), 0x1p-149, 0x1p-126, 0x1p127)
	f.Fuzz(func(t *testing.T, b []byte) {
		var x32 []float32
		for ; len(b) >= 4 && len(x32) < 100; b = b[4:] {
			x32 = append(x32, math.Float32frombits(binary.LittleEndian.Uint32(b)))
		}
		x64 := make([]float64, len(x32))
		for i, v := range x32 {
			x64[i] = float64(v)
			if i > 0 && i%2 == 1 { // all bits of a float64
				x64[i] = math.Float64frombits(uint64(math.Float32bits(v))<<32 | uint64(math.Float32bits(x32[i-1])))
			}
		}
		for _, level := range cpu.Levels() {
			compare(t, forms32, level, x32)
			compare(t, forms64, level, x64)
		}
	})
}

func compare[F Float](t *testing.T, forms []form[F], level cpu.Level, x []F) {
	for _, f := range forms {
		run := func(l cpu.Level) [3][]F {
			s := [3][]F{make([]F, len(x)), append([]F(nil), x...), append([]F(nil), x...)}
			f.at(l, s)
			return s
		}
		want, got := run(cpu.Generic), run(level)
		for i := range want {
			for j := range want[i] {
				if !same(want[i][j], got[i][j]) {
					t.Fatalf("%s, %v: slice %d, element %d of %v: %v, want %v", f.name, level, i, j, x, got[i][j], want[i][j])
				}
			}
		}
	}
}

// The time of every loop on vectors that stay in cache.
func BenchmarkForms(b *testing.B) {
	for _, f := range forms32 {
		for _, level := range cpu.Levels() {
			b.Run(f.name+"/"+level.String(), func(b *testing.B) {
				const n = 8192
				s := [3][]float32{make([]float32, n), make([]float32, n), make([]float32, n)}
				for i := range n {
					s[1][i], s[2][i] = float32(i%97)/16-3, float32(i%89)/16-2
				}
				b.SetBytes(n * 4)
				for b.Loop() {
					f.at(level, s)
				}
			})
		}
	}
}
