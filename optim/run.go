package optim

import (
	"math"
	"unsafe"

	"github.com/descent-go/descent/internal/parallel"
	"github.com/descent-go/descent/optim/internal/kernel"
)

// chunk is how many elements a kernel gets at a time: assembly can't be preempted.
const chunk = 1 << 16

// A job is work on all parameters.
type job[F Float] struct {
	runs []run[F]
	size int // elements of all runs
}

// A run is work on parameters that lie side by side in memory, with their
// gradients and state, and have had as many updates: many small tensors are
// one piece of work.
type run[F Float] struct {
	group *group[F]
	loop  kernel.Loop[F]
	t     int64
	k     *[kernel.MaxCoefs]F
	p, g  []F
	state [kernel.MaxSlots][]F
}

// add adds one parameter, to the last run if it continues it.
func (j *job[F]) add(in *group[F], loop kernel.Loop[F], w *tensor[F], p, g []F) {
	if len(p) == 0 {
		return
	}
	j.size += len(p)
	if n := len(j.runs); n > 0 {
		r := &j.runs[n-1]
		if r.group == in && r.t == w.t && follows(r.p, p) && (g == nil || follows(r.g, g)) && in.continues(r, w) {
			r.p = r.p[:len(r.p)+len(p)]
			if g != nil {
				r.g = r.g[:len(r.g)+len(g)]
			}
			for s := range r.state {
				r.state[s] = r.state[s][:len(r.state[s])+len(w.state[s])]
			}
			return
		}
	}
	j.runs = append(j.runs, run[F]{group: in, loop: loop, t: w.t, p: p, g: g, state: w.state})
}

// plan makes the runs of an update of all parameters that have a gradient.
func (o *Optimizer[F]) plan(lr float64) {
	o.update.runs, o.update.size = o.update.runs[:0], 0
	for i := range o.params {
		p, w := &o.params[i], &o.tensors[i]
		w.p, w.g = unsafe.SliceData(p.Data), unsafe.SliceData(p.Grad)
		if o.trained(i) {
			o.start(i, lr)
			g := o.groups[w.group]
			o.update.add(g, g.update, w, p.Data, p.Grad)
		}
	}
	o.planned = true
}

// unchanged reports whether the runs of the last update still hold: values and
// gradients are where they were.
func (o *Optimizer[F]) unchanged() bool {
	if !o.planned {
		return false
	}
	for i := range o.params {
		p, w := &o.params[i], &o.tensors[i]
		if unsafe.SliceData(p.Data) != w.p || unsafe.SliceData(p.Grad) != w.g {
			return false
		}
	}
	return true
}

// follows reports whether b begins where a ends, in the same array.
func follows[F Float](a, b []F) bool {
	return cap(a) >= len(a)+len(b) && &a[:len(a)+1][len(a)] == &b[0]
}

// continues reports whether the state of w begins where that of r ends.
func (w *group[F]) continues(r *run[F], t *tensor[F]) bool {
	for s := range w.slots() {
		if !follows(r.state[s], t.state[s]) {
			return false
		}
	}
	return true
}

const (
	// perElement is the time of an element in nanoseconds, by which the number
	// of threads is chosen; out of cache memory sets a slower pace.
	perElement = 0.25
	// smallest is the least number of elements that two threads could share with profit.
	smallest = 1 << 12
)

// execute does a job, on as many threads as it deserves. Every element is
// computed on its own: the division does not show in the bits.
func (o *Optimizer[F]) execute(j *job[F]) {
	threads := 1
	if j.size >= smallest {
		threads = parallel.Threads(int(float64(j.size) * perElement))
	}
	if threads == 1 {
		j.Part(0, 1)
		return
	}
	parallel.Do(threads, j)
}

// Part does part i of n.
func (j *job[F]) Part(i, n int) {
	const grain = 1 << 10 // parts begin at whole cache lines
	share := (j.size/n + grain) &^ (grain - 1)
	lo, hi := i*share, lowest((i+1)*share, j.size)
	at := 0
	for i := range j.runs {
		r := &j.runs[i]
		from, to := lo-at, lowest(hi-at, len(r.p))
		if from < 0 {
			from = 0
		}
		for ; from < to; from += chunk {
			r.loop(r.k, r.p, r.g, &r.state, from, lowest(from+chunk, to))
		}
		at += len(r.p)
	}
}

// measured does the update block by block, and takes the norms of parameters
// and of their change.
func (o *Optimizer[F]) measured() {
	var update, before float64
	for j := range o.update.runs {
		r := &o.update.runs[j]
		old := r.p
		if r.group.probe != nil {
			old = r.state[r.group.saved]
		}
		for lo := 0; lo < len(r.p); lo += len(o.scratch) {
			hi := lowest(lo+len(o.scratch), len(r.p))
			was := o.scratch[:copy(o.scratch, old[lo:hi])]
			r.loop(r.k, r.p, r.g, &r.state, lo, hi)
			d, b := change(was, r.p[lo:hi])
			update += d
			before += b
		}
	}
	o.stats.UpdateNorm, o.stats.ParamNorm = math.Sqrt(update), math.Sqrt(before)
	o.stats.Ratio = o.stats.UpdateNorm / o.stats.ParamNorm
}
