package bench

import (
	"fmt"
	"runtime"
	"strconv"

	"github.com/descent-go/descent/internal/rng"
	"github.com/descent-go/descent/optim"
)

// A Rule is how fast one rule is at one size, through Optimizer.Step.
type Rule struct {
	Rule    string  `json:"rule"` // its spec
	DType   string  `json:"dtype"`
	Params  int     `json:"params"`
	Threads int     `json:"threads"`
	NS      float64 `json:"ns_per_param"`
	// Share is the time of a step that only moves the same memory
	// (optim.Stream) in terms of the rule's: 1 is as fast as memory allows. A
	// rule that probes passes over the parameters twice, and so does the
	// stream that it is compared with.
	Share  float64 `json:"stream_share"`
	Allocs int     `json:"allocs_per_step"`
}

// A Bandwidth is how fast memory moves at one size: what a step reads and
// writes with a stream of two slots of float32, 28 bytes a parameter.
type Bandwidth struct {
	Params  int     `json:"params"`
	Bytes   int64   `json:"bytes"` // that the step touches: parameters, gradients, state
	Threads int     `json:"threads"`
	GBs     float64 `json:"gb_per_s"` // read and written, 1e9 bytes a second
}

// dtype returns the name of an element type, and its bytes.
func dtype[F optim.Float]() (name string, size int) {
	if _, ok := any(F(0)).(float32); ok {
		return "float32", 4
	}
	return "float64", 8
}

// fill fills a slice with normal numbers that repeat.
func fill[F optim.Float](v []F, seed uint64) {
	r := rng.New(seed, "bench")
	n := min(len(v), 1<<14)
	for i := range v[:n] {
		v[i] = F(r.Normal())
	}
	for n > 0 && n < len(v) {
		n += copy(v[n:], v[:n])
	}
}

// Update returns a step of a rule on so many tensors of a number of
// parameters each. Flat tensors lie side by side in memory, as a network's do.
func Update[F optim.Float](rule optim.Rule, tensors, size int, flat bool) (Job, error) {
	var params []optim.Param[F]
	p, g := make([]F, tensors*size), make([]F, tensors*size)
	fill(p, 1)
	fill(g, 2)
	for i := range tensors {
		q := optim.Param[F]{
			Name: strconv.Itoa(i), Shape: []int{size},
			Data: p[i*size : (i+1)*size], Grad: g[i*size : (i+1)*size],
		}
		if !flat {
			q.Data, q.Grad = append([]F(nil), q.Data...), append([]F(nil), q.Grad...)
		}
		params = append(params, q)
	}
	return update(rule, params)
}

// update returns a step of a rule on parameters.
func update[F optim.Float](rule optim.Rule, params []optim.Param[F]) (Job, error) {
	opt, err := optim.New(params, optim.All(rule))
	if err != nil {
		return nil, err
	}
	lr := rateOf(rule)
	if !opt.Probes() {
		return func() error { return opt.Step(lr) }, nil
	}
	return func() error {
		if err := opt.Probe(lr); err != nil {
			return err
		}
		return opt.Step(lr)
	}, nil
}

// rateOf returns the default rate of a rule; any will do for one without.
func rateOf(rule optim.Rule) float64 {
	if info := rule.Info(); info.Rate > 0 {
		return info.Rate
	}
	return 1e-3
}

// stream returns what moves the memory of a step of a rule and computes nothing.
func stream[F optim.Float](rule optim.Rule, params []optim.Param[F]) (Job, error) {
	form := optim.FormOf(rule)
	slots, passes := len(form.Slots), 1
	if form.Probes() {
		// The slot that keeps the parameters is written by one pass and read
		// by the other, so each moves one array less both ways.
		slots, passes = slots-1, 2
	}
	s, err := optim.Stream(slots)
	if err != nil {
		return nil, err
	}
	step, err := update(s, params)
	if err != nil || passes == 1 {
		return step, err
	}
	return func() error {
		if err := step(); err != nil {
			return err
		}
		return step()
	}, nil
}

// ruleTasks returns the tasks that measure rules, size by size. The rules of a
// size share parameters and gradients, and so does the stream of each.
func ruleTasks[F optim.Float](specs []string, sizes, threads []int) []task {
	name, _ := dtype[F]()
	var tasks []task
	for _, n := range sizes {
		var params []optim.Param[F]
		for i, spec := range specs {
			tasks = append(tasks, task{
				name: fmt.Sprintf("%s, %d parameters of %s", spec, n, name),
				measure: func(m *meter) error {
					if params == nil {
						params = []optim.Param[F]{{Name: "p", Shape: []int{n}, Data: make([]F, n), Grad: make([]F, n)}}
						fill(params[0].Grad, 2)
					}
					fill(params[0].Data, 1)
					err := measureRule(m, spec, params, threads)
					if i == len(specs)-1 {
						params = nil
					}
					if n >= 1_000_000 {
						runtime.GC() // the state of one rule at a time
					}
					return err
				},
			})
		}
	}
	return tasks
}

func measureRule[F optim.Float](m *meter, spec string, params []optim.Param[F], threads []int) error {
	rule, err := optim.Parse(spec)
	if err != nil {
		return err
	}
	step, err := update(rule, params)
	if err != nil {
		return err
	}
	limit, err := stream(rule, params)
	if err != nil {
		return err
	}
	name, _ := dtype[F]()
	n := len(params[0].Data)
	return each(threads, func(t int) error {
		ns, share, err := m.compare(step, limit)
		if err != nil {
			return err
		}
		allocs, err := allocations(step)
		if err != nil {
			return err
		}
		m.report.Rules = append(m.report.Rules, Rule{
			Rule: spec, DType: name, Params: n, Threads: t, NS: ns / float64(n), Share: share, Allocs: allocs,
		})
		return nil
	})
}

// bandwidthTask measures how fast memory moves.
func bandwidthTask(sizes, threads []int) task {
	return task{"memory", func(m *meter) error {
		const slots, moved, held = 2, 28, 16
		s, err := optim.Stream(slots)
		if err != nil {
			return err
		}
		for _, n := range sizes {
			step, err := Update[float32](s, 1, n, true)
			if err != nil {
				return err
			}
			err = each(threads, func(t int) error {
				ns, _, err := m.time(step)
				if err != nil {
					return err
				}
				m.report.Bandwidth = append(m.report.Bandwidth, Bandwidth{
					Params: n, Bytes: held * int64(n), Threads: t, GBs: moved * float64(n) / ns,
				})
				return nil
			})
			if err != nil {
				return err
			}
			runtime.GC()
		}
		return nil
	}}
}
