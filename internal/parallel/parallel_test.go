package parallel

import (
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// counter counts how often each part is done.
type counter struct {
	done []atomic.Int32
	work func(i int)
}

func (c *counter) Part(i, n int) {
	if n != len(c.done) {
		panic("wrong number of parts")
	}
	if c.work != nil {
		c.work(i)
	}
	c.done[i].Add(1)
}

func (c *counter) check(t *testing.T, want int32) {
	t.Helper()
	for i := range c.done {
		if got := c.done[i].Load(); got != want {
			t.Fatalf("part %d of %d was done %d times, want %d", i, len(c.done), got, want)
		}
	}
}

// procs sets GOMAXPROCS until the test ends.
func procs(t testing.TB, n int) {
	before := runtime.GOMAXPROCS(n)
	t.Cleanup(func() { runtime.GOMAXPROCS(before) })
}

func TestDoDoesEveryPartOnce(t *testing.T) {
	for _, threads := range []int{1, 2, 3, 8} {
		procs(t, threads)
		for _, parts := range []int{0, 1, 2, 3, 7, 64, 1000} {
			c := &counter{done: make([]atomic.Int32, parts)}
			for range 50 {
				Do(parts, c)
			}
			c.check(t, 50)
		}
	}
}

// What a part writes is seen after Do, and what stands before it by the parts.
func TestDoOrdersMemory(t *testing.T) {
	procs(t, 4)
	x, sum := make([]int, 40), 0
	c := &counter{done: make([]atomic.Int32, 40), work: func(i int) { x[i] += i }}
	for n := range 2000 {
		Do(40, c)
		for i := range x {
			if x[i] != (n+1)*i {
				t.Fatalf("round %d: x[%d] = %d", n, i, x[i])
			}
			sum += x[i]
		}
	}
	c.check(t, 2000)
}

// Callers that meet, and calls from within parts, all get their work done.
func TestDoFromManyAndWithin(t *testing.T) {
	procs(t, 3)
	var running sync.WaitGroup
	for range 6 {
		running.Go(func() {
			inner := &counter{done: make([]atomic.Int32, 5)}
			outer := &counter{done: make([]atomic.Int32, 4), work: func(i int) {
				if i == 0 {
					Do(5, inner)
				}
			}}
			for range 300 {
				Do(4, outer)
			}
			outer.check(t, 300)
			inner.check(t, 300)
		})
	}
	running.Wait()
}

// Parts that take much longer than anybody watches still end the call.
func TestDoSleepsThroughLongParts(t *testing.T) {
	procs(t, 2)
	c := &counter{done: make([]atomic.Int32, 2), work: func(i int) { time.Sleep(time.Duration(i+1) * 2 * time.Millisecond) }}
	for range 5 {
		Do(2, c)
	}
	c.check(t, 5)
	if got := pool.left.Load(); got != 0 {
		t.Errorf("%d parts left over", got)
	}
}

// Helpers come while jobs follow each other, and sleep once they do not.
func TestHelpersSleepWhenIdle(t *testing.T) {
	procs(t, 2)
	c := &counter{done: make([]atomic.Int32, 2)}
	Do(2, c)
	deadline := time.Now().Add(10 * time.Second)
	for pool.awake.Load() != 0 {
		if time.Now().After(deadline) {
			t.Fatal("helpers are awake ten seconds after the last job")
		}
		time.Sleep(watch)
	}
	for asked := 0; Threads(10*perThread) != 2; asked++ {
		if time.Now().After(deadline) {
			t.Fatalf("jobs in a row wake nobody in %d calls", asked)
		}
	}
}

func TestThreads(t *testing.T) {
	procs(t, 4)
	for _, c := range []struct{ work, want int }{
		{0, 1}, {perThread, 1}, {2*perThread - 1, 1}, {forSleepers, 4}, {1 << 30, 4},
	} {
		if got := Threads(c.work); got != c.want {
			t.Errorf("Threads(%d) = %d, want %d", c.work, got, c.want)
		}
	}
	runtime.GOMAXPROCS(1)
	if got := Threads(1 << 30); got != 1 {
		t.Errorf("Threads = %d where GOMAXPROCS is 1", got)
	}
}

func TestDoDoesNotAllocate(t *testing.T) {
	procs(t, 2) // testing.AllocsPerRun would set it to 1
	c := &counter{done: make([]atomic.Int32, 8)}
	least := ^uint64(0)
	for range 5 { // the least of several: the runtime allocates at times
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		for range 100 {
			if Threads(1<<30) != 2 {
				t.Fatal("want two threads")
			}
			Do(8, c)
		}
		runtime.ReadMemStats(&after)
		least = min(least, after.Mallocs-before.Mallocs)
	}
	if least != 0 {
		t.Errorf("%d allocations in 100 calls", least)
	}
}

// spin is a task that takes the same time for any number of parts.
type spin struct {
	loops int
	sum   [16]struct { // a cache line each
		n int
		_ [56]byte
	}
}

func (s *spin) Part(i, n int) {
	sum := 0
	for j := range s.loops / n {
		sum += j ^ sum<<1
	}
	s.sum[i].n = sum
}

// The cost of dividing a job of about 20 µs: alone, among helpers that watch,
// and among helpers that sleep.
func BenchmarkDo(b *testing.B) {
	s := &spin{loops: 30_000}
	b.Run("alone", func(b *testing.B) {
		for b.Loop() {
			s.Part(0, 1)
		}
	})
	b.Run("hot", func(b *testing.B) {
		for b.Loop() {
			Do(2, s)
		}
	})
	b.Run("cold", func(b *testing.B) {
		for b.Loop() {
			b.StopTimer()
			time.Sleep(3 * watch)
			b.StartTimer()
			Do(2, s)
		}
	})
	b.Run("empty", func(b *testing.B) { // the handing over alone
		e := &spin{}
		for b.Loop() {
			Do(2, e)
		}
	})
}

// While somebody asks for Singly, jobs stay on their callers' threads.
func TestSingly(t *testing.T) {
	procs(t, 4)
	first, second := Singly(), Singly()
	first()
	if n := Threads(1 << 30); n != 1 {
		t.Errorf("%d threads, want 1", n)
	}
	order := []int{}
	c := &counter{done: make([]atomic.Int32, 200), work: func(i int) { order = append(order, i) }}
	Do(len(c.done), c)
	c.check(t, 1)
	for i, part := range order {
		if part != i {
			t.Fatalf("part %d came %d-th", part, i)
		}
	}
	second()
	if n := Threads(1 << 30); n != 4 {
		t.Errorf("%d threads afterwards, want 4", n)
	}
}
