package nn_test

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/descent-go/descent/data"
	"github.com/descent-go/descent/internal/rng"
	"github.com/descent-go/descent/nn"
)

// parse makes a network or fails the test.
func parse(t testing.TB, spec string, in, out int, task nn.Task) *nn.Net {
	t.Helper()
	n, err := nn.Parse(spec, in, out, task)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// batch returns n random examples with labels below out and out targets.
func batch(r *rng.Rand, n, in, out int) *data.Batch {
	b := &data.Batch{N: n, Dim: in, Out: out}
	for range n * in {
		b.X = append(b.X, float32(r.Normal()))
	}
	for range n * out {
		b.Target = append(b.Target, float32(r.Normal()))
	}
	for range n {
		b.Label = append(b.Label, int32(r.IntN(out)))
	}
	return b
}

// step takes one step of plain gradient descent.
func step(t testing.TB, n *nn.Net, b *data.Batch, lr float32) float64 {
	t.Helper()
	loss, err := n.Loss(b)
	if err != nil {
		t.Fatal(err)
	}
	values, grads := n.Flat()
	for i, g := range grads {
		values[i] -= float32(lr * g)
	}
	return loss
}

// descend trains for some epochs in batches of size from the front of b, and
// returns the loss and the number of examples that are then right.
func descend(t testing.TB, n *nn.Net, b *data.Batch, size, epochs int, lr float32) (float64, int) {
	t.Helper()
	for range epochs {
		for i := 0; i < b.N; i += size {
			m := min(size, b.N-i)
			part := &data.Batch{N: m, Dim: b.Dim, X: b.X[i*b.Dim : (i+m)*b.Dim], Out: b.Out}
			if b.Label != nil {
				part.Label = b.Label[i : i+m]
			}
			if b.Target != nil {
				part.Target = b.Target[i*b.Out : (i+m)*b.Out]
			}
			step(t, n, part, lr)
		}
	}
	loss, correct, err := n.Evaluate(b)
	if err != nil {
		t.Fatal(err)
	}
	return loss, correct
}

func TestTwoSpirals(t *testing.T) {
	r := rng.New(7, "spirals")
	b := &data.Batch{N: 400, Dim: 2}
	for range b.N {
		arm := r.IntN(2)
		turn := math.Sqrt(r.Float64()) * 3 * math.Pi
		angle := turn + math.Pi*float64(arm)
		b.X = append(b.X, float32(turn/6*math.Cos(angle)), float32(turn/6*math.Sin(angle)))
		b.Label = append(b.Label, int32(arm))
	}
	for _, spec := range []string{"mlp:32,32", "mlp:32,32,act=tanh", "mlp:32,32,act=gelu"} {
		n := parse(t, spec, 2, 2, nn.Classify)
		if loss, correct := descend(t, n, b, 20, 400, 0.1); correct < 396 || loss > 0.05 {
			t.Errorf("%s: loss %.4f, %d of %d right", spec, loss, correct, b.N)
		}
	}
	if _, correct := descend(t, parse(t, "softmax", 2, 2, nn.Classify), b, 20, 50, 0.1); correct > 320 {
		t.Errorf("softmax regression classifies %d of %d spiral points: the set is too easy", correct, b.N)
	}
}

// Linear regression finds the coefficients that made the targets.
func TestLinearRegression(t *testing.T) {
	b := batch(rng.New(8, "linear"), 200, 3, 2)
	weight := [3][2]float64{{1, -2}, {0.5, 3}, {-1.5, 0.25}}
	bias := [2]float64{0.75, -1}
	for i := range b.N {
		for k := range b.Out {
			y := bias[k]
			for j := range b.Dim {
				y += weight[j][k] * float64(b.X[i*b.Dim+j])
			}
			b.Target[i*b.Out+k] = float32(y)
		}
	}
	n := parse(t, "linear", 3, 2, nn.Regress)
	loss, correct := descend(t, n, b, b.N, 200, 0.5)
	if loss > 1e-10 || correct != 0 {
		t.Errorf("loss %g, %d right, want 0, 0", loss, correct)
	}
	p := n.Params()
	for j := range 3 {
		for k := range 2 {
			if got := float64(p[0].Data[j*2+k]); math.Abs(got-weight[j][k]) > 1e-5 {
				t.Errorf("weight[%d][%d] = %v, want %v", j, k, got, weight[j][k])
			}
		}
	}
	for k, want := range bias {
		if got := float64(p[1].Data[k]); math.Abs(got-want) > 1e-5 {
			t.Errorf("bias[%d] = %v, want %v", k, got, want)
		}
	}
	out := make([]float32, b.N*2)
	if err := n.Predict(b, out); err != nil {
		t.Fatal(err)
	}
	for i, y := range out {
		if math.Abs(float64(y-b.Target[i])) > 1e-4 {
			t.Errorf("prediction %d = %v, want %v", i, y, b.Target[i])
		}
	}
}

// What is evaluated in pieces, or predicted one by one, has the same bits.
func TestPiecesAreTheWhole(t *testing.T) {
	const in, out = 20, 4
	b := batch(rng.New(12, "pieces"), 37, in, out)
	n := parse(t, "mlp:30,20,act=tanh", in, out, nn.Classify)
	whole := make([]float32, b.N*out)
	if err := n.Predict(b, whole); err != nil {
		t.Fatal(err)
	}
	loss, correct, err := n.Evaluate(b)
	if err != nil {
		t.Fatal(err)
	}
	for _, size := range []int{1, 5, 36} {
		sum, right := 0.0, 0
		pieces := make([]float32, b.N*out)
		for i := 0; i < b.N; i += size {
			m := min(size, b.N-i)
			part := &data.Batch{N: m, Dim: in, X: b.X[i*in : (i+m)*in], Label: b.Label[i : i+m]}
			l, c, err := n.Evaluate(part)
			if err != nil {
				t.Fatal(err)
			}
			sum += float64(l * float64(m))
			right += c
			if err := n.Predict(part, pieces[i*out:(i+m)*out]); err != nil {
				t.Fatal(err)
			}
		}
		if !slices.Equal(pieces, whole) {
			t.Errorf("pieces of %d: other probabilities", size)
		}
		if right != correct || math.Abs(sum/float64(b.N)-loss) > 1e-14 {
			t.Errorf("pieces of %d: loss %v, %d right, want %v, %d", size, sum/float64(b.N), right, loss, correct)
		}
	}
	for i := 0; i < len(whole); i += out {
		sum := 0.0
		for _, p := range whole[i : i+out] {
			sum += float64(p)
		}
		if math.Abs(sum-1) > 1e-6 {
			t.Errorf("probabilities of example %d add up to %v", i/out, sum)
		}
	}
}

// Evaluate and Predict leave the gradients alone; Loss overwrites what is
// there.
func TestGradientsAreOverwrittenByLossOnly(t *testing.T) {
	b := batch(rng.New(13, "overwrite"), 8, 6, 3)
	n := parse(t, "mlp:5", 6, 3, nn.Classify)
	if _, err := n.Loss(b); err != nil {
		t.Fatal(err)
	}
	_, grads := n.Flat()
	want := slices.Clone(grads)
	for i := range grads {
		grads[i] = float32(math.NaN())
	}
	if _, _, err := n.Evaluate(b); err != nil {
		t.Fatal(err)
	}
	if err := n.Predict(b, make([]float32, 8*3)); err != nil {
		t.Fatal(err)
	}
	if slices.ContainsFunc(grads, func(g float32) bool { return g == g }) {
		t.Error("Evaluate or Predict wrote a gradient")
	}
	if _, err := n.Loss(b); err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(grads, want) {
		t.Error("Loss did not overwrite the gradients")
	}
}

func TestParams(t *testing.T) {
	n := parse(t, "mlp:5,4", 6, 3, nn.Classify)
	values, grads := n.Flat()
	at := 0
	var got []string
	for _, p := range n.Params() {
		got = append(got, fmt.Sprint(p.Name, p.Shape))
		size := 1
		for _, d := range p.Shape {
			size *= d
		}
		if len(p.Data) != size || len(p.Grad) != size {
			t.Errorf("%s: %d values, %d gradients, want %d", p.Name, len(p.Data), len(p.Grad), size)
		}
		if &p.Data[0] != &values[at] || &p.Grad[0] != &grads[at] {
			t.Errorf("%s is not at %d of the slabs", p.Name, at)
		}
		at += size
	}
	want := []string{
		"dense1.weight[6 5]", "dense1.bias[5]", "dense2.weight[5 4]",
		"dense2.bias[4]", "dense3.weight[4 3]", "dense3.bias[3]",
	}
	if !slices.Equal(got, want) {
		t.Errorf("parameters %v, want %v", got, want)
	}
	if at != len(values) || at != len(grads) {
		t.Errorf("%d parameters in slabs of %d and %d", at, len(values), len(grads))
	}
}

// Init depends on the seed and on nothing that happened before.
func TestInit(t *testing.T) {
	n := parse(t, "mlp:5", 6, 3, nn.Classify)
	fresh := hash(n)
	n.Init(1)
	if hash(n) == fresh {
		t.Error("seeds 0 and 1 give the same parameters")
	}
	values, _ := n.Flat()
	for i := range values {
		values[i] = 1
	}
	n.Init(0)
	if hash(n) != fresh {
		t.Error("Init(0) does not give what Parse gave")
	}
	for _, p := range n.Params() {
		if strings.HasSuffix(p.Name, ".bias") && slices.ContainsFunc(p.Data, func(b float32) bool { return b != 0 }) {
			t.Errorf("%s does not begin at zero", p.Name)
		}
	}
}

func TestLossDoesNotAllocate(t *testing.T) {
	r := rng.New(14, "allocations")
	large, small := batch(r, 64, 36, 4), batch(r, 3, 36, 4)
	out := make([]float32, 64*4)
	for _, spec := range []string{"mlp:32,16", "mlp:32,16,act=tanh", "mlp:32,16,act=gelu",
		"cnn", "conv:4x3:stride=2,bn,avgpool:2,dropout:0.5,dense:8,act=gelu"} {
		for _, task := range []nn.Task{nn.Classify, nn.Regress} {
			n := parse(t, spec, 36, 4, task)
			all := func() {
				for _, b := range []*data.Batch{large, small} {
					if _, err := n.Loss(b); err != nil {
						t.Fatal(err)
					}
					if _, _, err := n.Evaluate(b); err != nil {
						t.Fatal(err)
					}
					if err := n.Predict(b, out[:b.N*4]); err != nil {
						t.Fatal(err)
					}
				}
			}
			if got := testing.AllocsPerRun(20, all); got != 0 {
				t.Errorf("%s, %v: %v allocations after the first batch", spec, task, got)
			}
		}
	}
}

func TestBatchErrors(t *testing.T) {
	for _, c := range []struct {
		name string
		task nn.Task
		bad  func(*data.Batch)
		want string
	}{
		{"empty", nn.Classify, func(b *data.Batch) { *b = data.Batch{Dim: 3} }, "nn: batch of 0 examples, want at least 1"},
		{"dimension", nn.Classify, func(b *data.Batch) { b.Dim = 4 }, "nn: batch has 4 features, want 3"},
		{"features", nn.Classify, func(b *data.Batch) { b.X = b.X[1:] }, "nn: batch of 2×3 has 5 features in all"},
		{"labels", nn.Classify, func(b *data.Batch) { b.Label = nil }, "nn: batch of 2 examples has 0 labels"},
		{"large label", nn.Classify, func(b *data.Batch) { b.Label[1] = 2 }, "nn: label 2 of example 1 of the batch, want 0 to 1"},
		{"negative label", nn.Classify, func(b *data.Batch) { b.Label[0] = -1 }, "nn: label -1 of example 0 of the batch, want 0 to 1"},
		{"targets", nn.Regress, func(b *data.Batch) { b.Target = b.Target[1:] }, "nn: batch of 2 examples has 3 targets, want 2 each"},
	} {
		t.Run(c.name, func(t *testing.T) {
			n := parse(t, "mlp:4", 3, 2, c.task)
			b := batch(rng.New(15, "errors"), 2, 3, 2)
			c.bad(b)
			if _, err := n.Loss(b); err == nil || err.Error() != c.want {
				t.Errorf("Loss: %v, want %s", err, c.want)
			}
			if _, _, err := n.Evaluate(b); err == nil || err.Error() != c.want {
				t.Errorf("Evaluate: %v, want %s", err, c.want)
			}
			if _, grads := n.Flat(); slices.ContainsFunc(grads, func(g float32) bool { return g != 0 }) {
				t.Error("a gradient was written")
			}
		})
	}
	n := parse(t, "mlp:4", 3, 2, nn.Classify)
	if err := n.Predict(batch(rng.New(15, "errors"), 2, 3, 2), make([]float32, 3)); err == nil ||
		err.Error() != "nn: room for 3 predictions, want 2×2" {
		t.Errorf("Predict: %v", err)
	}
	if err := n.Predict(&data.Batch{N: 1, Dim: 2, X: make([]float32, 2)}, make([]float32, 2)); err == nil {
		t.Error("Predict takes 2 features for 3")
	}
}
