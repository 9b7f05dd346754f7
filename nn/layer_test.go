package nn

import (
	"fmt"
	"math"
	"testing"

	"github.com/descent-go/descent/internal/rng"
	"github.com/descent-go/descent/nn/internal/gemm"
)

// normals returns n standard normal numbers.
func normals(r *rng.Rand, n int) []float64 {
	x := make([]float64, n)
	for i := range x {
		x[i] = r.Normal()
	}
	return x
}

// checkGradient compares grad with central differences of f at x.
func checkGradient(t *testing.T, what string, x, grad []float64, f func() float64) {
	t.Helper()
	const h = 1e-5
	if len(grad) != len(x) {
		t.Fatalf("%s: gradient of %d elements, want %d", what, len(grad), len(x))
	}
	for i, v := range x {
		x[i] = v + h
		up := f()
		x[i] = v - h
		down := f()
		x[i] = v
		if want := (up - down) / (2 * h); math.Abs(grad[i]-want) > 1e-8*(1+math.Abs(want)) {
			t.Errorf("%s: derivative %d = %.12g, want %.12g", what, i, grad[i], want)
		}
	}
}

// Every layer's backward pass is the transpose of its derivative: for any v,
// it turns v into the gradient of v·forward(x).
func TestLayersAgainstFiniteDifferences(t *testing.T) {
	const in, batch = 7, 5
	layers := []layer[float64]{
		newDense(in, 4, He, &gemm.Workspace[float64]{}),
		newDense(in, 1, Glorot, &gemm.Workspace[float64]{}),
	}
	for _, a := range activations {
		layers = append(layers, newActivation[float64](a, []int{in}))
	}
	for _, l := range layers {
		t.Run(fmt.Sprint(l.kind(), l.shape()), func(t *testing.T) {
			r := rng.New(2, "layer test")
			for _, p := range l.tensors() {
				*p.values = normals(r, size(p.shape))
				*p.grad = normals(r, size(p.shape)) // to be overwritten
			}
			x := normals(r, batch*in)
			v := normals(r, batch*size(l.shape()))
			f := func() float64 {
				s := 0.0
				for i, y := range l.forward(x, batch) {
					s += y * v[i]
				}
				return s
			}
			f()
			dx := l.backward(append([]float64(nil), v...), batch, true)
			checkGradient(t, "input", x, append([]float64(nil), dx...), f)
			for _, p := range l.tensors() {
				checkGradient(t, p.name, *p.values, *p.grad, f)
			}
		})
	}
}

// testBatch returns random examples that fit a network.
func testBatch(r *rng.Rand, n, in, out int) examples[float64] {
	b := examples[float64]{n: n, x: normals(r, n*in), target: normals(r, n*out)}
	for range n {
		b.label = append(b.label, int32(r.IntN(out)))
	}
	return b
}

func TestNetworksAgainstFiniteDifferences(t *testing.T) {
	for _, spec := range []string{"softmax", "linear", "mlp:5", "mlp:6,5", "mlp:4,3,act=tanh", "mlp:5,4,act=gelu,init=glorot"} {
		for _, task := range []Task{Classify, Regress} {
			if spec == "softmax" && task == Regress || spec == "linear" && task == Classify {
				continue
			}
			t.Run(fmt.Sprint(spec, " ", task), func(t *testing.T) {
				p, err := parse(spec)
				if err != nil {
					t.Fatal(err)
				}
				n := build[float64](p, 6, 3, task)
				n.init(3)
				r := rng.New(4, "network test")
				for i := range n.values {
					n.values[i] += 0.1 * r.Normal() // biases too
				}
				b := testBatch(r, 4, 6, 3)
				f := func() float64 {
					mean, _ := n.loss.of(n.forward(b.x, b.n), b, nil)
					return mean
				}
				if got, want := n.learn(b), f(); got != want {
					t.Errorf("learn returned %v, loss is %v", got, want)
				}
				for _, p := range n.params {
					checkGradient(t, p.Name, p.Data, p.Grad, f)
				}
			})
		}
	}
}

// The mean loss and its gradient do not depend on how often the batch is
// repeated.
func TestMeanIsInvariantUnderRepetition(t *testing.T) {
	for _, task := range []Task{Classify, Regress} {
		p, _ := parse("mlp:5,act=tanh")
		n := build[float64](p, 6, 3, task)
		n.init(1)
		b := testBatch(rng.New(5, "repeat"), 4, 6, 3)
		want := n.learn(b)
		grads := append([]float64(nil), n.grads...)
		const times = 20
		repeated := examples[float64]{n: times * b.n}
		for range times {
			repeated.x = append(repeated.x, b.x...)
			repeated.label = append(repeated.label, b.label...)
			repeated.target = append(repeated.target, b.target...)
		}
		if got := n.learn(repeated); math.Abs(got-want) > 1e-14*want {
			t.Errorf("%v: loss %v of the repeated batch, want %v", task, got, want)
		}
		for i, g := range n.grads {
			if math.Abs(g-grads[i]) > 1e-14 {
				t.Errorf("%v: gradient %d = %v of the repeated batch, want %v", task, i, g, grads[i])
			}
		}
	}
}

func TestActivationValues(t *testing.T) {
	inf, nan := math.Inf(1), math.NaN()
	for _, c := range []struct {
		of      Activation
		x, want float64
	}{
		{ReLU, 2, 2}, {ReLU, -2, 0}, {ReLU, nan, nan}, {ReLU, inf, inf},
		{Tanh, 0, 0}, {Tanh, 1, 0.7615941559557649}, {Tanh, -inf, -1}, {Tanh, nan, nan},
		{GELU, 0, 0}, {GELU, 1, 0.8413447460685429}, {GELU, -1, -0.15865525393145707}, {GELU, inf, inf}, {GELU, nan, nan},
	} {
		y := newActivation[float64](c.of, []int{1}).forward([]float64{c.x}, 1)[0]
		if y != c.want && math.Abs(y-c.want) > 1e-15 || math.IsNaN(y) != math.IsNaN(c.want) {
			t.Errorf("%s(%v) = %v, want %v", c.of, c.x, y, c.want)
		}
	}
}

// Softmax does not overflow, and what is not a number shows.
func TestCrossEntropyExtremes(t *testing.T) {
	c := &crossEntropy[float64]{p: make([]float64, 3)}
	for _, k := range []struct {
		z       []float64
		label   int32
		loss    float64
		correct int
	}{
		{[]float64{0, 0, 0}, 0, math.Log(3), 1},
		{[]float64{0, 0, 0}, 1, math.Log(3), 0}, // the first of equals is chosen
		{[]float64{1e4, 0, -1e4}, 0, 0, 1},
		{[]float64{1e4, 0, -1e4}, 2, 2e4, 0},
		{[]float64{-1e5, -1e5 - 1, -1e5 - 1}, 0, math.Log(1 + 2/math.E), 1},
		{[]float64{0, math.NaN(), 1}, 2, math.NaN(), 0},
		{[]float64{math.NaN(), 0, 1}, 2, math.NaN(), 0},
		{[]float64{math.Inf(1), 0, 1}, 0, math.NaN(), 0},
	} {
		mean, correct := c.of(k.z, examples[float64]{n: 1, label: []int32{k.label}}, nil)
		if correct != k.correct || math.IsNaN(mean) != math.IsNaN(k.loss) || math.Abs(mean-k.loss) > 1e-10 {
			t.Errorf("%v, label %d: loss %v, %d correct, want %v, %d", k.z, k.label, mean, correct, k.loss, k.correct)
		}
	}
}

// The draws have the mean and spread that the papers ask for.
func TestInitializations(t *testing.T) {
	const in, out = 300, 200
	for _, c := range []struct {
		start    Initialization
		variance float64
		most     float64 // largest absolute value that may occur
	}{
		{He, 2.0 / in, math.Inf(1)},
		{Glorot, 2.0 / (in + out), math.Sqrt(6.0 / (in + out))},
	} {
		w := make([]float64, in*out)
		fill(c.start, w, in, out, rng.New(1, "init"))
		sum, squares, most := 0.0, 0.0, 0.0
		for _, v := range w {
			sum += v
			squares += v * v
			most = max(most, math.Abs(v))
		}
		n := float64(len(w))
		if mean := sum / n; math.Abs(mean) > 5*math.Sqrt(c.variance/n) {
			t.Errorf("%s: mean %v", c.start, mean)
		}
		if v := squares / n; math.Abs(v/c.variance-1) > 0.03 {
			t.Errorf("%s: variance %v, want %v", c.start, v, c.variance)
		}
		if most > c.most {
			t.Errorf("%s: weight of %v, want at most %v", c.start, most, c.most)
		}
	}
}

// A network gives the same bits whether dense layers do the work of the ReLU
// beside them or not.
func TestFusedLayersKeepTheirBits(t *testing.T) {
	r := rng.New(20, "fused layers")
	const in, out, batch = 30, 4, 21
	b := examples[float32]{n: batch, label: make([]int32, batch)}
	for _, v := range normals(r, in*batch) {
		b.x = append(b.x, float32(v))
	}
	n := build[float32](plan{hidden: []int{40, 17}, act: ReLU, start: He}, in, out, Classify)
	n.init(3)
	fused := n.learn(b)
	grads := append([]float32(nil), n.grads...)
	undone := 0
	for _, l := range n.layers {
		switch l := l.(type) {
		case *dense[float32]:
			l.rectify, l.rectified = false, false
		case *relu[float32]:
			if l.done && l.undone {
				undone++
			}
			l.done, l.undone = false, false
		}
	}
	if undone != 2 {
		t.Errorf("%d of 2 activations were fused", undone)
	}
	clear(n.grads)
	if apart := n.learn(b); apart != fused {
		t.Errorf("loss %v fused, %v apart", fused, apart)
	}
	for i, g := range n.grads {
		if math.Float32bits(g) != math.Float32bits(grads[i]) {
			t.Fatalf("gradient %d: %v fused, %v apart", i, grads[i], g)
		}
	}
}
