package bench

import (
	"context"
	"runtime"
	"slices"
	"time"
)

// A Job does a piece of work once, always the same amount.
type Job func() error

// Time returns how long so many calls of a job take.
func Time(job Job, calls int) (time.Duration, error) {
	start := time.Now()
	for range calls {
		if err := job(); err != nil {
			return 0, err
		}
	}
	return time.Since(start), nil
}

// Calls returns how many calls of a job take about a duration, at least 1. It
// warms the job up on the way.
func Calls(job Job, about time.Duration) (int, error) {
	if _, err := Time(job, 1); err != nil { // what is done once
		return 0, err
	}
	for n := 1; ; n *= 2 {
		took, err := Time(job, n)
		if err != nil {
			return 0, err
		}
		if took >= about/2 {
			return max(1, int(float64(n)*float64(about)/float64(took)+0.5)), nil
		}
	}
}

// A pace says how long is measured.
type pace struct {
	round  time.Duration // a round takes about that, or one call
	rounds int
}

var (
	thorough = pace{round: 10 * time.Millisecond, rounds: 31}
	hasty    = pace{round: time.Millisecond, rounds: 15}
)

// A meter measures at a pace and writes what it finds into a report.
type meter struct {
	ctx      context.Context
	pace     pace
	report   *Report
	progress func(done, of int, next string)
}

// time returns the median time of a call in nanoseconds, and how many
// allocations a call makes.
func (m *meter) time(job Job) (ns float64, allocs int, err error) {
	times, _, err := m.rounds(job, nil)
	if err != nil {
		return 0, 0, err
	}
	allocs, err = allocations(job)
	return median(times), allocs, err
}

// compare returns the median time of a call in nanoseconds, and the median of
// what a call of other takes in terms of it.
func (m *meter) compare(job, other Job) (ns, ratio float64, err error) {
	times, ratios, err := m.rounds(job, other)
	if err != nil {
		return 0, 0, err
	}
	return median(times), median(ratios), nil
}

// rounds times a job in rounds. With another job, rounds of the two alternate,
// and each gives a ratio; who goes first changes every time.
func (m *meter) rounds(job, other Job) (times, ratios []float64, err error) {
	calls, err := Calls(job, m.pace.round)
	if err != nil {
		return nil, nil, err
	}
	calls2 := 0
	if other != nil {
		if calls2, err = Calls(other, m.pace.round); err != nil {
			return nil, nil, err
		}
	}
	round := func(job Job, calls int) (float64, error) {
		if err := m.ctx.Err(); err != nil {
			return 0, err
		}
		took, err := Time(job, calls)
		return float64(max(took, 1)) / float64(calls), err
	}
	for i := range m.pace.rounds {
		var a, b float64
		if other != nil && i%2 == 1 {
			if b, err = round(other, calls2); err != nil {
				return nil, nil, err
			}
		}
		if a, err = round(job, calls); err != nil {
			return nil, nil, err
		}
		if other != nil && i%2 == 0 {
			if b, err = round(other, calls2); err != nil {
				return nil, nil, err
			}
		}
		times, ratios = append(times, a), append(ratios, b/a)
	}
	return times, ratios, nil
}

// each runs measure at several values of GOMAXPROCS.
func each(threads []int, measure func(threads int) error) error {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(0))
	for _, t := range threads {
		runtime.GOMAXPROCS(t)
		if err := measure(t); err != nil {
			return err
		}
	}
	return nil
}

// allocations returns how many allocations a call of a job makes, rounded
// down: the run time makes some of its own now and then.
func allocations(job Job) (int, error) {
	const calls = 10
	if err := job(); err != nil {
		return 0, err
	}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	if _, err := Time(job, calls); err != nil {
		return 0, err
	}
	runtime.ReadMemStats(&after)
	return int((after.Mallocs - before.Mallocs) / calls), nil
}

// median returns the middle value, the mean of two where there are two. It
// sorts the values.
func median(v []float64) float64 {
	slices.Sort(v)
	n := len(v)
	return (v[(n-1)/2] + v[n/2]) / 2
}
