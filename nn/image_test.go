package nn

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/descent-go/descent/internal/rng"
)

// A convolution is the sum over its window, written out.
func TestConvolutionValues(t *testing.T) {
	r := rng.New(30, "convolution")
	for _, win := range []window{{3, 1, 1}, {3, 1, 0}, {5, 1, 2}, {2, 1, 0}, {2, 1, 1}, {3, 2, 1}, {3, 3, 0}, {1, 1, 0}, {4, 2, 3}, {3, 5, 2}, {1, 2, 0}} {
		const n, in, out, h, w = 19, 2, 3, 7, 5
		c := newConv[float64](win, out, []int{in, h, w}, He)
		c.weight, c.bias = normals(r, out*in*win.size*win.size), normals(r, out)
		x := normals(r, n*in*h*w)
		y := c.forward(x, n)
		s := c.shape()
		for i, got := range y {
			ox, oy, o, e := i%s[2], i/s[2]%s[1], i/(s[1]*s[2])%out, i/(out*s[1]*s[2])
			want := c.bias[o]
			for ch := range in {
				for ky := range win.size {
					for kx := range win.size {
						py, px := oy*win.stride+ky-win.pad, ox*win.stride+kx-win.pad
						if py >= 0 && py < h && px >= 0 && px < w {
							want += c.weight[((o*in+ch)*win.size+ky)*win.size+kx] * x[((e*in+ch)*h+py)*w+px]
						}
					}
				}
			}
			if math.Abs(got-want) > 1e-12 {
				t.Fatalf("%+v: example %d, channel %d, (%d, %d): %v, want %v", win, e, o, oy, ox, got, want)
			}
		}
	}
}

// The kernels of 2×2 windows and the general code agree, on ties and on what is
// not a number, and in odd images, whose last row and column are left out.
func TestPoolingByTwo(t *testing.T) {
	r := rng.New(31, "pooling")
	for _, at := range [][]int{{3, 8, 6}, {2, 7, 9}, {1, 2, 2}, {5, 5, 4}, {2, 6, 7}, {1, 3, 3}} {
		const n = 18
		p := newPool[float64](window{2, 2, 0}, false, at)
		x := normals(r, n*size(at))
		for i := range x {
			switch r.IntN(8) {
			case 0, 1, 2:
				x[i] = float64(r.IntN(2))
			case 3:
				x[i] = math.NaN()
			}
		}
		same := func(what string, got, want []float64) {
			t.Helper()
			for i, v := range got {
				if v != want[i] && (v == v || want[i] == want[i]) {
					t.Fatalf("%v: %s %d = %v, want %v", at, what, i, v, want[i])
				}
			}
		}
		y := slices.Clone(p.forward(x, n))
		dy := normals(r, len(y))
		dx := slices.Clone(p.backward(dy, n, true))
		from, to := at[1]*at[2], p.outH*p.outW
		for plane := range n * at[0] {
			py, pdx := make([]float64, to), make([]float64, from)
			p.plane(x[plane*from:][:from], py)
			p.planeBack(x[plane*from:][:from], dy[plane*to:][:to], pdx)
			same("output", y[plane*to:][:to], py)
			same("gradient", dx[plane*from:][:from], pdx)
		}
	}
}

func TestPoolingValues(t *testing.T) {
	x := []float64{
		1, 5, 2,
		4, 3, 9,
		7, 8, 6,
	}
	for _, c := range []struct {
		win  window
		mean bool
		want []float64
	}{
		{window{2, 1, 0}, false, []float64{5, 9, 8, 9}},
		{window{2, 2, 0}, false, []float64{5}},
		{window{2, 1, 0}, true, []float64{3.25, 4.75, 5.5, 6.5}},
		{window{3, 3, 0}, true, []float64{5}},
		{window{1, 2, 0}, false, []float64{1, 2, 7, 6}},
	} {
		if got := newPool[float64](c.win, c.mean, []int{1, 3, 3}).forward(x, 1); !slices.Equal(got, c.want) {
			t.Errorf("%+v, mean %v: %v, want %v", c.win, c.mean, got, c.want)
		}
	}
}

// What batch normalisation learns from has mean 0 and variance 1; the running
// statistics approach those of the data, and evaluation uses them alone.
func TestBatchNorm(t *testing.T) {
	m := &mode{learn: true}
	b := newBatchNorm[float64]([]int{2, 3, 4}, m)
	b.weight, b.bias = make([]float64, 2), make([]float64, 2)
	b.init(nil)
	r := rng.New(32, "norm")
	const n = 50
	for range 200 {
		x := normals(r, n*24)
		for i := range x {
			x[i] = 3 + 2*x[i]
		}
		y := b.forward(x, n)
		sum, square := 0.0, 0.0
		for i := range n {
			for _, v := range y[i*24:][:12] {
				sum += v
				square += v * v
			}
		}
		if count := float64(12 * n); math.Abs(sum/count) > 1e-12 || math.Abs(square/count-1) > 1e-4 {
			t.Fatalf("mean %v, variance %v, want 0 and 1", sum/count, square/count)
		}
	}
	if math.Abs(b.mean[0]-3) > 0.1 || math.Abs(b.variance[0]-4) > 0.3 {
		t.Errorf("running mean %v and variance %v, want about 3 and 4", b.mean[0], b.variance[0])
	}
	m.learn = false
	mean, variance := b.mean[1], b.variance[1]
	x := make([]float64, 24)
	x[12] = 7
	if got, want := b.forward(x, 1)[12], (7-mean)/math.Sqrt(variance+normEpsilon); math.Abs(got-want) > 1e-12 {
		t.Errorf("evaluated to %v, want %v", got, want)
	}
	if b.mean[1] != mean || b.variance[1] != variance {
		t.Error("evaluation changes the running statistics")
	}
}

// The running variance is the unbiased one, with momentum 0.1.
func TestBatchNormRunning(t *testing.T) {
	b := newBatchNorm[float64]([]int{1}, &mode{learn: true})
	b.weight, b.bias = make([]float64, 1), make([]float64, 1)
	b.init(nil)
	b.forward([]float64{1, 3}, 2)
	if math.Abs(b.mean[0]-0.2) > 1e-15 || math.Abs(b.variance[0]-(0.9+0.1*2)) > 1e-15 {
		t.Errorf("running mean %v, variance %v, want 0.2, 1.1", b.mean[0], b.variance[0])
	}
}

func TestDropout(t *testing.T) {
	m := &mode{learn: true, random: rng.New(33, "dropout")}
	d := newDropout[float64](0.3, []int{1001}, m)
	const n = 51
	x := make([]float64, n*1001)
	spread(x, 1)
	zeros := 0
	y := d.forward(x, n)
	for _, v := range y {
		if v == 0 {
			zeros++
		} else if v != 1/(1-0.3) {
			t.Fatalf("1 became %v, want 0 or 1/0.7", v)
		}
	}
	if share := float64(zeros) / float64(len(x)); math.Abs(share-0.3) > 0.01 {
		t.Errorf("%.3f of the inputs were dropped, want 0.3", share)
	}
	before := slices.Clone(y)
	dy := slices.Clone(x)
	if !slices.Equal(d.backward(dy, n, true), before) {
		t.Error("the gradient is not dropped as the inputs were")
	}
	if slices.Equal(d.forward(x, n), before) {
		t.Error("the same inputs are dropped again")
	}
	m.learn = false
	if !slices.Equal(d.forward(x, n), x) {
		t.Error("evaluation drops inputs")
	}
}

// Images with channels pixel by pixel are seen channel by channel.
func TestChannels(t *testing.T) {
	c := &channels[float64]{h: 1, w: 2, c: 3}
	x := []float64{1, 2, 3, 4, 5, 6, 10, 20, 30, 40, 50, 60}
	want := []float64{1, 4, 2, 5, 3, 6, 10, 40, 20, 50, 30, 60}
	if got := c.forward(x, 2); !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
	if got := c.backward(slices.Clone(want), 2, true); !slices.Equal(got, x) {
		t.Errorf("%v, want %v", got, x)
	}
}

func TestChainSpecs(t *testing.T) {
	for _, c := range []struct{ spec, canonical, layers string }{
		{"cnn", "cnn", "conv1 8×28×28, pool1 8×14×14, relu1 8×14×14, conv2 16×14×14, pool2 16×7×7, relu2 16×7×7, flatten1 784, dense1 10"},
		{"cnn,act=gelu", "cnn,act=gelu", "conv1 8×28×28, gelu1 8×28×28, pool1 8×14×14, conv2 16×14×14, gelu2 16×14×14, pool2 16×7×7, flatten1 784, dense1 10"},
		{"cnn,init=glorot", "cnn,init=glorot", ""},
		{"conv:8x3:stride=1:pad=1, pool:2:stride=2,dense:128,act=relu", "conv:8x3,pool:2,dense:128", "conv1 8×28×28, pool1 8×14×14, relu1 8×14×14, flatten1 1568, dense1 128, relu2 128, dense2 10"},
		{"conv:4x5:stride=2:pad=0,bn,avgpool:3:stride=1,dropout:0.25,flatten,dense:7,bn", "conv:4x5:stride=2:pad=0,bn,avgpool:3:stride=1,dropout:0.25,flatten,dense:7,bn",
			"conv1 4×12×12, bn1 4×12×12, relu1 4×12×12, avgpool1 4×10×10, dropout1 4×10×10, flatten1 400, dense1 7, bn2 7, relu2 7, dense2 10"},
		{"conv:2x3,pool:2,bn,act=tanh", "conv:2x3,pool:2,bn,act=tanh", "conv1 2×28×28, pool1 2×14×14, tanh1 2×14×14, bn1 2×14×14, flatten1 392, dense1 10"},
		{"dropout:0.5", "dropout:0.5", "dropout1 784, dense1 10"},
		{"dense:5,dropout:0.5", "dense:5,dropout:0.5", "dense1 5, relu1 5, dropout1 5, dense2 10"},
	} {
		n, err := ParseShape(c.spec, []int{28, 28}, 10, Classify)
		if err != nil {
			t.Errorf("%s: %v", c.spec, err)
			continue
		}
		if n.Spec() != c.canonical {
			t.Errorf("%s: spec %s, want %s", c.spec, n.Spec(), c.canonical)
		}
		var layers []string
		for _, l := range n.Layers() {
			layers = append(layers, l.Name+" "+dims(l.Out))
		}
		if got := strings.Join(layers, ", "); c.layers != "" && got != c.layers {
			t.Errorf("%s: layers %s, want %s", c.spec, got, c.layers)
		}
		again, err := Parse(n.Spec(), 784, 10, Classify)
		if err != nil || again.Summary() != n.Summary() {
			t.Errorf("%s: parsed again: %v\n%s", c.spec, err, again.Summary())
		}
		total := 0
		for _, p := range n.Params() {
			total += len(p.Data)
		}
		if want, _ := n.plan.parameters(planes(n.shape), 10); float64(total) != want {
			t.Errorf("%s: %d parameters, counted %v", c.spec, total, want)
		}
	}
}

func TestChainErrors(t *testing.T) {
	for _, c := range []struct {
		spec  string
		shape []int
		want  string
	}{
		{"conv:8x3,pol:2", []int{8, 8}, `layer 2, "pol:2": no layer "pol", want one of dense:WIDTH, conv:CHANNELSxSIZE, pool:SIZE`},
		{"conv:8", []int{8, 8}, `layer 1, "conv:8": want conv:CHANNELSxSIZE, with whole numbers from 1 to 1048576`},
		{"conv:0x3", []int{8, 8}, "want conv:CHANNELSxSIZE"},
		{"conv", []int{8, 8}, "want conv:CHANNELSxSIZE"},
		{"conv:8x3:stride=0", []int{8, 8}, `stride "0", want a whole number from 1`},
		{"conv:8x3:pad=3", []int{8, 8}, `pad "3", want a whole number from 0 to 2`},
		{"conv:8x3:pad=1:pad=1", []int{8, 8}, "option pad twice"},
		{"conv:8x3:act=tanh", []int{8, 8}, `no option "act", want one of [stride pad]`},
		{"pool:2:pad=1", []int{8, 8}, `no option "pad", want one of [stride]`},
		{"pool:two", []int{8, 8}, "want pool:SIZE"},
		{"dense:3:bias=0", []int{8, 8}, `no option "bias": dense has none`},
		{"bn:2", []int{8, 8}, "bn takes no value"},
		{"dropout:1", []int{8, 8}, "a number between 0 and 1"},
		{"dropout:NaN", []int{8, 8}, "a number between 0 and 1"},
		{"conv:8x3,act=swish", []int{8, 8}, `layer 1, "act=swish": no "swish", want one of [relu tanh gelu]`},
		{"conv:8x3,rate=2", []int{8, 8}, `no option "rate", want act or init`},
		{"conv:8x3,act=relu,pool:2", []int{8, 8}, `layer 1, "pool:2": a layer after the options`},
		{"cnn,dense:3", []int{8, 8}, "cnn takes options only"},
		{"cnn:3", []int{8, 8}, "cnn takes options only"},
		{"cnn", []int{3, 3}, "nn: cnn: layer 4, pool:2: the window is larger than the image of 16×1×1"},
		{"conv:8x3:pad=0", []int{2, 9}, "layer 1, conv:8x3:pad=0: the window is larger than the image of 1×2×9"},
		{"dense:4,conv:8x3", []int{8, 8}, "layer 2, conv:8x3: wants images, and gets 4 features"},
		{"cnn", []int{63}, "63 features are not a square"},
		{"cnn", []int{2, 2, 2, 2}, "want"},
		{"cnn", []int{0, 5}, "want sizes from 1 to 1048576"},
		{"conv:1048576x1", []int{9999, 9999}, "too large"},
		{"conv:1048576x999", []int{1000, 1000, 3}, "too large"},
	} {
		n, err := ParseShape(c.spec, c.shape, 3, Classify)
		if err == nil {
			t.Errorf("%s for %v: made %s", c.spec, c.shape, n.Spec())
		} else if !strings.Contains(err.Error(), c.want) || !strings.HasPrefix(err.Error(), "nn: ") {
			t.Errorf("%s for %v: %q does not say %q", c.spec, c.shape, err, c.want)
		}
	}
	for spec, good := range map[string]bool{"cnn": true, "conv:3": false, "softmax": true, "resnet": false} {
		if err := Check(spec); (err == nil) != good {
			t.Errorf("Check(%q) = %v", spec, err)
		}
	}
}

// Buffers and the state of dropout are all that a network remembers: with them
// and the parameters, another one goes on as the first.
func TestRemembers(t *testing.T) {
	const spec = "conv:3x3,bn,pool:2,dropout:0.4,dense:6,bn"
	parse := func() *Net {
		n, err := ParseShape(spec, []int{6, 6, 2}, 3, Classify)
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	a, b := parse(), parse()
	r := rng.New(34, "remembers")
	learn := func(n *Net, e examples[float64]) {
		f := examples[float32]{n: e.n, label: e.label}
		for _, v := range e.x {
			f.x = append(f.x, float32(v))
		}
		n.net.learn(f)
		values, grads := n.Flat()
		for i, g := range grads {
			values[i] -= float32(0.05 * g)
		}
	}
	for range 3 {
		learn(a, testBatch(r, 5, 72, 3))
	}
	var names []string
	for i, p := range a.Buffers() {
		names = append(names, p.Name)
		copy(b.Buffers()[i].Data, p.Data)
	}
	if want := "[bn1.running_mean bn1.running_var bn2.running_mean bn2.running_var]"; fmt.Sprint(names) != want {
		t.Errorf("buffers %v, want %s", names, want)
	}
	copy(b.net.values, a.net.values)
	state, err := a.State()
	if err != nil {
		t.Fatal(err)
	}
	if err := b.SetState(state); err != nil {
		t.Fatal(err)
	}
	if err := b.SetState([]byte("nothing")); err == nil {
		t.Error("took nothing for a state")
	}
	for range 3 {
		e := testBatch(r, 5, 72, 3)
		learn(a, e)
		learn(b, e)
	}
	if !slices.Equal(a.net.values, b.net.values) {
		t.Error("the copy went another way")
	}
	for i, p := range a.Buffers() {
		if !slices.Equal(p.Data, b.Buffers()[i].Data) {
			t.Errorf("%s differ", p.Name)
		}
	}
}
