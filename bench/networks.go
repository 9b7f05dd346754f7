package bench

import (
	"fmt"

	"github.com/descent-go/descent/data"
	"github.com/descent-go/descent/internal/rng"
	"github.com/descent-go/descent/nn"
	"github.com/descent-go/descent/optim"
)

// A Product is how fast matrices are multiplied, in float32: C = AB, A of m×k
// and B of k×n.
type Product struct {
	M       int     `json:"m"`
	N       int     `json:"n"`
	K       int     `json:"k"`
	TransA  bool    `json:"trans_a"` // A is stored as k×m
	TransB  bool    `json:"trans_b"` // B is stored as n×k
	Threads int     `json:"threads"`
	GFLOPS  float64 `json:"gflops"` // 2mnk operations in 1e9 a second
	Allocs  int     `json:"allocs_per_call"`
}

// A Training is how fast a network learns: loss, gradients and a step of Adam,
// in float32, on examples of 28×28 in 10 classes.
type Training struct {
	Model   string  `json:"model"`
	Batch   int     `json:"batch"`
	Threads int     `json:"threads"`
	NS      float64 `json:"ns_per_step"`
	Rate    float64 `json:"examples_per_s"`
	Allocs  int     `json:"allocs_per_step"`
}

// A workload is what is multiplied and trained.
type workload struct {
	products []Product
	models   []model
	batches  []int
}

// A model is a network by the name of its layers, and by its spec.
type model struct{ name, spec string }

// usual has the products of a hidden layer of 784-512 on a batch of 128
// (forward, the gradient of its weights, that of its inputs), and a square one.
var usual = workload{
	products: []Product{
		{M: 128, N: 512, K: 784},
		{M: 784, N: 512, K: 128, TransA: true},
		{M: 128, N: 784, K: 512, TransB: true},
		{M: 512, N: 512, K: 512},
	},
	models: []model{
		{"784-128-10", "mlp:128"},
		{"784-512-512-10", "mlp:512,512"},
		{"cnn", "cnn"},
	},
	batches: []int{32, 128},
}

// Multiply returns the product of two matrices of the shape of p.
func Multiply(p Product) Job {
	a, b, c := make([]float32, p.M*p.K), make([]float32, p.K*p.N), make([]float32, p.M*p.N)
	fill(a, 1)
	fill(b, 2)
	var w nn.Multiplier
	return func() error {
		w.Multiply(p.M, p.N, p.K, p.TransA, a, p.TransB, b, c)
		return nil
	}
}

// Train returns a training step of a network, named by its spec, on one batch.
// The rate is so low that the network stays as it was: a step of one that has
// learned its batch by heart computes with other numbers.
func Train(spec string, batch int) (Job, error) {
	const features, classes, lr = 784, 10, 1e-7
	net, err := nn.Parse(spec, features, classes, nn.Classify)
	if err != nil {
		return nil, err
	}
	b := &data.Batch{N: batch, Dim: features, X: make([]float32, batch*features), Label: make([]int32, batch)}
	fill(b.X, 1)
	r := rng.New(3, "bench")
	for i := range b.Label {
		b.Label[i] = int32(r.IntN(classes))
	}
	opt, err := optim.New(net.Params(), optim.All(optim.NewAdam()))
	if err != nil {
		return nil, err
	}
	return func() error {
		if _, err := net.Loss(b); err != nil {
			return err
		}
		return opt.Step(lr)
	}, nil
}

func (w *workload) multiply(threads []int) []task {
	var tasks []task
	for _, p := range w.products {
		tasks = append(tasks, task{fmt.Sprintf("GEMM %d×%d×%d", p.M, p.N, p.K), func(m *meter) error {
			job := Multiply(p)
			return each(threads, func(t int) error {
				ns, allocs, err := m.time(job)
				if err != nil {
					return err
				}
				p.Threads, p.Allocs = t, allocs
				p.GFLOPS = 2 * float64(p.M) * float64(p.N) * float64(p.K) / ns
				m.report.GEMM = append(m.report.GEMM, p)
				return nil
			})
		}})
	}
	return tasks
}

func (w *workload) train(threads []int) []task {
	var tasks []task
	for _, model := range w.models {
		for _, batch := range w.batches {
			tasks = append(tasks, task{fmt.Sprintf("training %s, batch %d", model.name, batch), func(m *meter) error {
				step, err := Train(model.spec, batch)
				if err != nil {
					return err
				}
				return each(threads, func(t int) error {
					ns, allocs, err := m.time(step)
					if err != nil {
						return err
					}
					m.report.Train = append(m.report.Train, Training{
						Model: model.name, Batch: batch, Threads: t, NS: ns, Rate: 1e9 * float64(batch) / ns, Allocs: allocs,
					})
					return nil
				})
			}})
		}
	}
	return tasks
}
