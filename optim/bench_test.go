package optim

import (
	"fmt"
	"testing"

	"github.com/descent-go/descent/internal/cpu"
	"github.com/descent-go/descent/optim/internal/kernel"
)

func BenchmarkKernels(b *testing.B) {
	for _, n := range []int{1000, 16000, 100_000, 10_000_000} {
		for _, level := range cpu.Levels() {
			b.Run(fmt.Sprintf("%v/%d", level, n), func(b *testing.B) {
				loop := loopOf[float32](infoAdamW.Forms[0].update, level)
				p, g := vector[float32](n, 1, false), vector[float32](n, 2, false)
				var s [kernel.MaxSlots][]float32
				s[0], s[1] = make([]float32, n), make([]float32, n)
				r := NewAdamW()
				var k64 [kernel.MaxCoefs]float64
				var k [kernel.MaxCoefs]float32
				r.bind().scalars(0, partUpdate, 10, 1e-3, new(memo), &k64)
				for i := range k {
					k[i] = float32(k64[i])
				}
				k[0] = 1
				b.SetBytes(int64(28 * n))
				for b.Loop() {
					loop(&k, p, g, &s, 0, n)
				}
				b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(n), "ns/param")
			})
		}
	}
}

func BenchmarkStep(b *testing.B) {
	for _, c := range []struct{ tensors, size int }{{1, 2}, {1, 1000}, {1, 16000}, {1, 100_000}, {1000, 100}, {1, 10_000_000}} {
		for _, name := range []string{"sgd:momentum=0.9", "adamw"} {
			for _, flat := range []bool{true, false} {
				b.Run(fmt.Sprintf("%s/%dx%d/flat=%v", name, c.tensors, c.size, flat), func(b *testing.B) {
					r, err := Parse(name)
					if err != nil {
						b.Fatal(err)
					}
					n := c.tensors * c.size
					data, grad := vector[float32](n, 1, false), vector[float32](n, 2, false)
					var params []Param[float32]
					for i := range c.tensors {
						p := Param[float32]{Name: fmt.Sprint(i), Shape: []int{c.size}, Data: data[i*c.size : (i+1)*c.size], Grad: grad[i*c.size : (i+1)*c.size]}
						if !flat {
							p.Data, p.Grad = append([]float32(nil), p.Data...), append([]float32(nil), p.Grad...)
						}
						params = append(params, p)
					}
					o := mustNew(b, params, All(r))
					b.ReportAllocs()
					for b.Loop() {
						if err := o.Step(1e-3); err != nil {
							b.Fatal(err)
						}
					}
				})
			}
		}
	}
}
