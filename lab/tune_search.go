package lab

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"
	"sync"

	"github.com/descent-go/descent/internal/parallel"
	"github.com/descent-go/descent/lab/internal/stats"
	"github.com/descent-go/descent/train"
)

// A tuner searches a space.
//
// What it decides next depends on what is known by then. So that this does not depend
// on how fast trainings run, or on how many run at a time, it is decided in virtual
// time: a fixed number of virtual workers take jobs, and a job takes as long as it
// has gradients to evaluate. Results are taken in the order in which the jobs end
// in virtual time, those that end at once in the order in which they began. Real
// threads do the jobs that virtual workers have taken, and are waited for.
type tuner struct {
	o       *TuneOptions
	task    *Task
	whole   int64 // gradient evaluations of a training
	space   *Space
	ladder  ladder
	sampler Sampler
	seeds   []uint64

	tries []*Try
	known []*Try // in the order in which their first results were taken
	spent int64  // units of the ladder
	limit int64
	room  int64 // bytes

	slots     chan struct{} // a token for each real thread
	jobs      sync.WaitGroup
	mu        sync.Mutex // of what follows, and of the sink
	done      int
	planned   int // jobs
	trainings int
	seconds   float64
}

// A job is a part of a try: what it takes to come to a rung.
type job struct {
	try      *Try
	rung     int
	number   int   // in the order of beginning
	finish   int64 // in virtual time
	outcomes []Outcome
	fresh    bool // some of them are not from the journal
	err      error
	done     chan struct{}
}

// searchStage is the stage in which places of the space are tried.
const searchStage = "search"

// parkedBytes is what trainings that rest may hold. Those beyond it are given up,
// the worst first, and trained again from their start if they are to go on: that
// changes nothing but the time it takes.
const parkedBytes = 256 << 20

// search tries places of the space until trials or budget are used up.
func (s *tuner) search(ctx context.Context) (err error) {
	ctx, cancel := context.WithCancel(ctx)
	if s.o.Sink != nil {
		s.o.Sink(&StageStarted{Task: s.task.name, Stage: searchStage, Total: s.planned * len(s.seeds)})
	}
	if s.o.Parallel > 1 {
		defer parallel.Singly()()
	}
	defer func() {
		cancel()
		s.jobs.Wait()
		for _, t := range s.tries {
			t.releaseAll()
		}
	}()
	if s.o.Pruner == Hyperband {
		return s.hyperband(ctx)
	}
	return s.work(ctx, s.o.workers(), s.next)
}

// work lets virtual workers take jobs until there are none.
func (s *tuner) work(ctx context.Context, workers int, next func() (*Try, int, error)) error {
	var at []*job // at work
	began, now := 0, int64(0)
	for {
		for len(at) < workers {
			t, rung, err := next()
			if err != nil {
				return err
			}
			if t == nil {
				break
			}
			j := s.begin(ctx, t, rung)
			j.number, j.finish = began, now+s.ladder.step(t.reached(), rung)
			began++
			at = append(at, j)
		}
		if len(at) == 0 {
			return nil
		}
		first := slices.MinFunc(at, func(a, b *job) int {
			return cmp.Or(cmp.Compare(a.finish, b.finish), cmp.Compare(a.number, b.number))
		})
		<-first.done
		if first.err != nil {
			return first.err
		}
		at = slices.DeleteFunc(at, func(j *job) bool { return j == first })
		now = first.finish
		s.record(first)
		s.tidy(at)
	}
}

// next is what the next free worker does: under ASHA (Li, Jamieson, Rostamizadeh,
// Gonina, Ben-tzur, Hardt, Recht and Talwalkar, MLSys 2020, algorithm 2) a try that may
// go on, from the highest rung possible, else a new one.
func (s *tuner) next() (*Try, int, error) {
	for rung := s.ladder.rungs - 2; rung >= 0; rung-- {
		if s.spent+s.ladder.step(rung, rung+1) > s.limit {
			continue
		}
		if t := s.ladder.promotable(s.seen(rung), rung); t != nil {
			t.granted++
			return t, rung + 1, nil
		}
	}
	if len(s.tries) >= s.o.Trials && s.o.Trials > 0 || s.spent+s.ladder.step(-1, 0) > s.limit {
		return nil, 0, nil
	}
	t, err := s.sample(0)
	return t, 0, err
}

// seen returns the tries that were looked at on a rung.
func (s *tuner) seen(rung int) []*Try {
	var at []*Try
	for _, t := range s.tries {
		if t.rung(rung) != nil {
			at = append(at, t)
		}
	}
	return at
}

// sample makes a new try, that begins with a rung.
func (s *tuner) sample(rung int) (*Try, error) {
	u := s.sampler.Next(s.history())
	c := s.space.At(u)
	settings, err := s.space.Settings(c)
	if err != nil {
		return nil, fmt.Errorf("lab: %s: %w", s.task.name, err)
	}
	t := &Try{
		Number: len(s.tries) + 1, U: u, Configuration: c, Settings: settings, first: rung, granted: rung,
		trainings: make([]*training, len(s.seeds)),
	}
	s.tries = append(s.tries, t)
	return t, nil
}

// begin hands a job to the threads.
func (s *tuner) begin(ctx context.Context, t *Try, rung int) *job {
	s.spent += s.ladder.step(t.reached(), rung)
	j := &job{try: t, rung: rung, outcomes: make([]Outcome, len(s.seeds)), done: make(chan struct{})}
	var parts sync.WaitGroup
	errs := make([]error, len(s.seeds))
	for i := range s.seeds {
		parts.Go(func() {
			select {
			case s.slots <- struct{}{}:
				defer func() { <-s.slots }()
				errs[i] = s.train(ctx, j, i)
			case <-ctx.Done():
				errs[i] = context.Cause(ctx)
			}
		})
	}
	s.jobs.Go(func() {
		parts.Wait()
		for _, err := range errs {
			j.err = cmp.Or(j.err, err)
		}
		close(j.done)
	})
	return j
}

// trial is the training of a try on a seed.
func (s *tuner) trial(settings Settings, seed uint64) Trial {
	return Trial{Settings: settings, Seed: seed, Steps: s.o.budgetOf(s.task, settings)}
}

// train brings a try to a rung on one seed, or finds in the journal what came of it.
func (s *tuner) train(ctx context.Context, j *job, i int) error {
	tr := s.trial(j.try.Settings, s.seeds[i])
	at := s.ladder.task(s.task, j.rung)
	o, known := s.o.Journal.find(at, tr)
	if !known {
		got, err := s.advance(ctx, j, i, tr)
		if err != nil {
			return err
		}
		o = *got
		if err := s.o.Journal.add(at, &o); err != nil {
			return err
		}
	}
	j.outcomes[i] = o
	s.tell(j, i, known)
	return nil
}

// advance brings a training to a rung: the one that rests, else a new one.
func (s *tuner) advance(ctx context.Context, j *job, i int, tr Trial) (*Outcome, error) {
	g := j.try.trainings[i]
	if s.task.prepared.Shared() { // there is one model: nothing can rest
		s.task.turn.Lock()
		defer s.task.turn.Unlock()
		defer func() { j.try.release(i) }()
	}
	if g == nil {
		var err error
		if g, err = s.task.begin(ctx, tr, s.ladder); err != nil {
			return nil, err
		}
		j.try.trainings[i] = g
	}
	return g.advance(ctx, j.rung)
}

// tell counts a part of a training and tells of it.
func (s *tuner) tell(j *job, i int, known bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.done++
	s.trainings++
	s.seconds += j.outcomes[i].Seconds
	j.fresh = j.fresh || !known
	if s.o.Sink != nil {
		s.o.Sink(&TrialDone{Task: s.task.name, Stage: searchStage, Done: s.done, Total: max(s.done, s.planned*len(s.seeds)), Outcome: &j.outcomes[i], Try: j.try.Number, Rung: j.rung + 1, Known: known})
	}
}

// record takes what came of a job.
func (s *tuner) record(j *job) {
	t := j.try
	r := Rung{Share: s.ladder.share(j.rung), Steps: j.outcomes[0].Steps}
	t.Diverged = 0
	losses := make([]float64, len(j.outcomes))
	for i := range j.outcomes {
		o := &j.outcomes[i]
		if losses[i] = float64(o.Final); o.Diverged != nil {
			t.Diverged++
		}
		r.Losses = append(r.Losses, o.Final)
	}
	r.Loss = train.Real(stats.Median(losses))
	t.Rungs = append(t.Rungs, r)
	t.Pruned = j.rung < s.ladder.rungs-1 && !math.IsInf(float64(r.Loss), 1)
	if j.rung == s.ladder.rungs-1 || math.IsInf(float64(r.Loss), 1) {
		t.releaseAll()
	}
	if len(t.Rungs) == 1 {
		s.known = append(s.known, t)
	}
	s.look(j)
}

// history is what is known of places. Losses that can be compared are those of one
// rung: the highest that enough tries were looked at on, as in BOHB (Falkner, Klein
// and Hutter, ICML 2018). Tries that have not come to it count as pruned.
func (s *tuner) history() []Observation {
	model := s.telling()
	all := make([]Observation, len(s.known))
	for i, t := range s.known {
		all[i] = Observation{U: t.U, Loss: t.Loss(), Pruned: t.reached() < model && !math.IsInf(t.Loss(), 1)}
		if r := t.rung(model); r != nil {
			all[i].Loss = float64(r.Loss)
		}
	}
	return all
}

// telling is the highest rung that enough tries were looked at on.
func (s *tuner) telling() int {
	for rung := s.ladder.rungs - 1; rung > 0; rung-- {
		if len(s.seen(rung)) >= s.space.Dim()+enough {
			return rung
		}
	}
	return 0
}

// importance says how much the dimensions matter, if that can be said.
func (s *tuner) importance(r *Tuning) {
	all := slices.DeleteFunc(s.history(), func(o Observation) bool { return o.Pruned })
	if len(all) < s.space.Dim()+enough {
		return
	}
	if m, err := NewImportance(s.space, all, s.o.Seed); err == nil {
		r.Importance, r.ImportanceAt = m, s.ladder.share(s.telling())
	}
}

// enough is how many tries, beyond the dimensions of the space, a rung needs to say
// where to look next.
const enough = 8

// tidy gives trainings up that rest, the worst first, while they hold too much.
func (s *tuner) tidy(at []*job) {
	var held int64
	var resting []*Try
	for _, t := range s.tries {
		if slices.ContainsFunc(at, func(j *job) bool { return j.try == t }) {
			continue
		}
		if n := t.bytes(); n > 0 {
			held, resting = held+n, append(resting, t)
		}
	}
	slices.SortFunc(resting, betterTry)
	for held > s.room && len(resting) > 0 {
		last := resting[len(resting)-1]
		held -= last.bytes()
		last.releaseAll()
		resting = resting[:len(resting)-1]
	}
}

// bytes is what the resting trainings of a try hold, about.
func (t *Try) bytes() (n int64) {
	for _, g := range t.trainings {
		if g != nil {
			n += g.bytes + g.watch.state
		}
	}
	return n
}

// release gives the training of a seed up, releaseAll those of all.
func (t *Try) release(i int) {
	if g := t.trainings[i]; g != nil {
		g.close()
		t.trainings[i] = nil
	}
}

func (t *Try) releaseAll() {
	for i := range t.trainings {
		t.release(i)
	}
}
