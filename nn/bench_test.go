package nn_test

import (
	"fmt"
	"testing"

	"github.com/descent-go/descent/internal/rng"
	"github.com/descent-go/descent/nn"
)

// The loss and gradients of one batch of 784 features and 10 classes.
func BenchmarkLoss(b *testing.B) {
	for _, c := range []struct {
		spec string
		size int
	}{
		{"mlp:128", 32}, {"mlp:128", 128}, {"mlp:512,512", 32}, {"mlp:512,512", 128},
		{"mlp:256,128", 64}, {"mlp:256,128", 1}, {"mlp:256,128", 1024},
		{"mlp:256,128,act=tanh", 64}, {"mlp:256,128,act=gelu", 64}, {"softmax", 64},
	} {
		b.Run(fmt.Sprintf("%s/batch=%d", c.spec, c.size), func(b *testing.B) {
			n := parse(b, c.spec, 784, 10, nn.Classify)
			x := batch(rng.New(16, "benchmark"), c.size, 784, 10)
			flop := 0.0 // two products backward for every product forward, but the first layer's
			for i, l := range n.Layers() {
				if l.In[0] != l.Out[0] {
					flop += 2 * 3 * float64(c.size*l.In[0]*l.Out[0])
				}
				if i == 0 {
					flop -= 2 * float64(c.size*l.In[0]*l.Out[0])
				}
			}
			for b.Loop() {
				if _, err := n.Loss(x); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(flop*float64(b.N)/float64(b.Elapsed().Nanoseconds()), "GFLOP/s")
			b.ReportMetric(float64(c.size)*float64(b.N)/b.Elapsed().Seconds(), "examples/s")
		})
	}
}
