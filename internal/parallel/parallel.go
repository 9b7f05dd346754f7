// Package parallel divides short pieces of work, of microseconds and upwards,
// among the processor's threads.
//
// A goroutine that sleeps takes 50 to 125 µs to wake, one that watches for
// work about one. So helpers watch while jobs follow each other closely, and
// sleep as soon as none has come for a while: a training loop finds them awake,
// an idle program burns nothing.
//
//	t.threads = parallel.Threads(work) // how many are worth it now
//	parallel.Do(t.threads, t)          // t.Part(0, n) … t.Part(n-1, n)
package parallel

import (
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"github.com/descent-go/descent/internal/cpu"
)

// A Task is work in parts that may run at the same time, in any order.
type Task interface {
	// Part does part i of n. It must not panic, and need not be quick to
	// return. A call of Do from here runs serially.
	Part(i, n int)
}

const (
	// watch is how long a helper watches for a job before it sleeps. It
	// covers what a training step does between two jobs.
	watch = 100 * time.Microsecond
	// patience is how long the caller watches for the last parts to be done
	// by others before it sleeps.
	patience = 100 * time.Microsecond
	// round is the number of looks between two readings of the clock, about
	// one microsecond.
	round = 32

	// perThread is the least work, in nanoseconds, that is worth another
	// thread that is awake.
	perThread = 3_000
	// forSleepers is the least work, in nanoseconds, that is worth waking
	// threads for.
	forSleepers = 150_000
	// together is the longest time between two jobs that seem to be of one
	// loop, so that helpers are woken for those to come.
	together = 2 * time.Millisecond
)

// pool holds the one job that is under way, and the helpers. Callers hold mu
// while their job runs; a caller that finds it taken works alone.
var pool struct {
	mu      sync.Mutex
	helpers int       // goroutines that exist
	last    time.Time // when Threads last saw a small job while helpers slept

	task Task
	// ticket holds the number of parts in its upper half, and the next one to
	// be taken in its lower half. Who raises it owns that part, and may read
	// task until it has reported to left.
	ticket atomic.Uint64
	left   atomic.Int64 // parts not yet done; plus asleep
	done   chan struct{}

	awake atomic.Int32 // helpers that watch or work
	wake  chan struct{}
}

// singly counts those who have asked for Singly.
var singly atomic.Int32

// Singly keeps every job on the thread of its caller until done is called, once: for
// a program that has as much to do side by side as there are threads, whose helpers
// would only be in the way.
func Singly() (done func()) {
	singly.Add(1)
	return func() { singly.Add(-1) }
}

// asleep, added to left, says that the caller sleeps until done.
const asleep = 1 << 40

func init() {
	pool.done = make(chan struct{}, 1)
	pool.wake = make(chan struct{})
}

// Threads returns how many threads a job deserves that would take one thread
// so many nanoseconds: at least 1, at most GOMAXPROCS. A small job gets more
// than one only while helpers are awake; asking for it wakes them when jobs
// seem to follow each other.
func Threads(work int) int {
	most := min(runtime.GOMAXPROCS(0), work/perThread)
	if most < 2 || singly.Load() > 0 {
		return 1
	}
	if work >= forSleepers || pool.awake.Load() > 0 {
		return most
	}
	if pool.mu.TryLock() {
		now := time.Now()
		if now.Sub(pool.last) < together {
			rouse(most - 1)
		}
		pool.last = now
		pool.mu.Unlock()
	}
	return 1
}

// Do calls t.Part(i, parts) for every i from 0 to parts-1 and returns when all
// are done. The caller takes part, and does what nobody else comes for: Do
// never waits for a helper to wake. Nothing is allocated once the helpers
// exist. Do may be called from several goroutines; while one call runs, the
// others do their jobs alone.
func Do(parts int, t Task) {
	most := min(parts, runtime.GOMAXPROCS(0))
	if most < 2 || singly.Load() > 0 || !pool.mu.TryLock() {
		for i := range parts {
			t.Part(i, parts)
		}
		return
	}
	p := &pool
	p.task = t
	p.left.Store(int64(parts))
	p.ticket.Store(uint64(parts) << 32)
	rouse(most - 1)
	for take() {
	}
	var start time.Time
	for looks := 0; p.left.Load() > 0; looks++ {
		cpu.Pause()
		switch {
		case looks%round != round-1:
		case start.IsZero():
			start = time.Now()
		case time.Since(start) > patience:
			if p.left.Add(asleep) > asleep {
				<-p.done
			}
			p.left.Store(0)
		}
	}
	p.task = nil
	p.mu.Unlock()
}

// take does the next part of the job, if there is one.
func take() bool {
	p := &pool
	for {
		v := p.ticket.Load()
		i, n := int(uint32(v)), int(v>>32)
		if i >= n {
			return false
		}
		if p.ticket.CompareAndSwap(v, v+1) {
			p.task.Part(i, n)
			if p.left.Add(-1) == asleep {
				p.done <- struct{}{}
			}
			return true
		}
	}
}

// rouse sees to it that so many helpers are awake, or about to be. The caller
// holds mu.
func rouse(want int) {
	p := &pool
	for n := want - int(p.awake.Load()); n > 0; n-- {
		if p.helpers < want {
			p.helpers++
			p.awake.Add(1)
			go help()
			continue
		}
		select {
		case p.wake <- struct{}{}:
		default: // on its way to sleep; the next job will find it there
		}
	}
}

// help does parts of jobs as they come, and sleeps when none has come for a
// while.
func help() {
	p := &pool
	for {
		start, turn := time.Now(), 0
		for looks := 0; ; looks++ {
			if take() {
				start, looks = time.Now(), 0
				continue
			}
			cpu.Pause()
			if looks%round != round-1 {
				continue
			}
			if time.Since(start) > watch {
				break
			}
			if turn++; turn%16 == 0 {
				runtime.Gosched() // others may be waiting for this thread
			}
		}
		p.awake.Add(-1)
		<-p.wake
		p.awake.Add(1)
	}
}
