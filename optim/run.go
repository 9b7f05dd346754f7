package optim

import (
	"math"

	"github.com/descent-go/descent/internal/parallel"
	"github.com/descent-go/descent/optim/internal/kernel"
)

// chunk is how many elements a kernel gets at a time: assembly can't be preempted.
const chunk = 1 << 16

// A run is an update of parameters that lie side by side in memory, with their
// gradients and state: many small tensors are one piece of work.
type run[F Float] struct {
	group *group[F]
	loop  kernel.Loop[F]
	t     int64
	k     *[kernel.MaxCoefs]F
	p, g  []F
	state [kernel.MaxSlots][]F
}

// plan adds one parameter to the work, to the last run if it continues it.
func (o *Optimizer[F]) plan(loop kernel.Loop[F], k *[kernel.MaxCoefs]F, p, g []F, w *tensor[F], in *group[F]) {
	if len(p) == 0 {
		return
	}
	o.size += len(p)
	if n := len(o.runs); n > 0 {
		r := &o.runs[n-1]
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
	o.runs = append(o.runs, run[F]{group: in, loop: loop, t: w.t, k: k, p: p, g: g, state: w.state})
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

// execute does the planned work, on as many threads as it deserves. Every
// element is computed on its own: the division does not show in the bits.
func (o *Optimizer[F]) execute() {
	threads := 1
	if o.size >= smallest {
		threads = parallel.Threads(int(float64(o.size) * perElement))
	}
	if threads == 1 {
		(*work[F])(o).Part(0, 1)
		return
	}
	parallel.Do(threads, (*work[F])(o))
}

// work is an optimizer's planned work in parts.
type work[F Float] Optimizer[F]

// Part does part i of n.
func (o *work[F]) Part(i, n int) {
	const grain = 1 << 10 // parts begin at whole cache lines
	share := (o.size/n + grain) &^ (grain - 1)
	lo, hi := i*share, lowest((i+1)*share, o.size)
	at := 0
	for j := range o.runs {
		r := &o.runs[j]
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

// measured does the planned work block by block, and takes the norms of
// parameters and of their change.
func (o *Optimizer[F]) measured() {
	var update, before float64
	for j := range o.runs {
		r := &o.runs[j]
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
