package nn_test

import (
	"fmt"
	"hash/fnv"
	"math"
	"runtime"
	"slices"
	"testing"

	"github.com/descent-go/descent/internal/rng"
	"github.com/descent-go/descent/nn"
)

// hash returns a digest of the bits of all parameters.
func hash(n *nn.Net) string {
	h := fnv.New64a()
	values, _ := n.Flat()
	for _, v := range values {
		bits := math.Float32bits(v)
		_, _ = h.Write([]byte{byte(bits), byte(bits >> 8), byte(bits >> 16), byte(bits >> 24)})
	}
	return fmt.Sprintf("%016x", h.Sum64())
}

// trained returns the digest of a network after twenty steps on made-up data.
func trained(t testing.TB, spec string, task nn.Task) string {
	r := rng.New(9, "golden")
	n := parse(t, spec, 50, 5, task)
	n.Init(10)
	for range 20 {
		step(t, n, batch(r, 33, 50, 5), 0.05)
	}
	return hash(n)
}

// The bits after twenty steps are the same on every architecture and at every
// level of vector instructions. The digests are those of this code on amd64.
func TestGoldenBits(t *testing.T) {
	for _, g := range []struct {
		spec string
		task nn.Task
		want string
	}{
		{"softmax", nn.Classify, "782da71570533845"},
		{"linear", nn.Regress, "ca28a2661142cd0e"},
		{"mlp:64,32", nn.Classify, "4f1fd6ab611277a4"},
		{"mlp:64,32,act=tanh", nn.Classify, "89809aeafcb4c234"},
		{"mlp:64,32,act=gelu", nn.Regress, "8ba029204b8b8312"},
	} {
		if got := trained(t, g.spec, g.task); got != g.want {
			t.Errorf("%s, %v: parameters hash to %s, want %s", g.spec, g.task, got, g.want)
		}
	}
}

// The number of threads does not change a bit of the loss or the gradients,
// even where the products are shared among them.
func TestThreadsDoNotChangeBits(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(0))
	b := batch(rng.New(11, "threads"), 130, 150, 10)
	for _, spec := range []string{"mlp:120,70", "mlp:120,70,act=gelu"} {
		var loss float64
		var grads []float32
		for _, threads := range []int{1, 2, 3} {
			runtime.GOMAXPROCS(threads)
			n := parse(t, spec, 150, 10, nn.Classify)
			l, err := n.Loss(b)
			if err != nil {
				t.Fatal(err)
			}
			_, g := n.Flat()
			if threads == 1 {
				loss, grads = l, g
			} else if l != loss || !slices.Equal(g, grads) {
				t.Errorf("%s: other bits on %d threads", spec, threads)
			}
		}
	}
}
