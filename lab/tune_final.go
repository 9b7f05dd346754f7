package lab

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"

	"github.com/descent-go/descent/lab/internal/stats"
	"github.com/descent-go/descent/train"
)

// result is what came of the search.
func (s *tuner) result() *Tuning {
	o := s.o
	return &Tuning{
		Task: s.task.name, Objective: s.task.objective(), Measure: s.task.measure(), Budget: s.whole,
		Spent:   float64(s.spent) / float64(s.ladder.whole()),
		Sampler: o.Sampler, Pruner: o.Pruner, Shares: s.ladder.shares(), Space: s.space,
		SearchSeeds: s.seeds, FinalistSeeds: o.finalistSeeds(), FreshSeeds: o.freshSeeds(), Seed: o.Seed, Confidence: o.Confidence,
		Tries: s.tries, Experiment: string(s.task.prepared.First().Experiment.YAML()),
	}
}

// mostRounds is how often other finalists are called when all so far diverge on some
// seed.
const mostRounds = 5

// choose runs the best tries again on other seeds, and the next best after them while
// all of them diverge on some seed.
func (s *tuner) choose(ctx context.Context, r *Tuning) error {
	ranked := slices.SortedFunc(slices.Values(s.tries), betterTry)
	ranked = slices.DeleteFunc(ranked, func(t *Try) bool { return math.IsInf(t.Loss(), 1) })
	ranked = ranked[:min(mostRounds*s.o.Finalists, len(ranked))]
	for group := range slices.Chunk(ranked, s.o.Finalists) {
		if err := s.again(ctx, r, group); err != nil {
			return err
		}
		if slices.ContainsFunc(r.Finalists, func(f Finalist) bool { return f.Diverged == 0 }) {
			break
		}
	}
	slices.SortStableFunc(r.Finalists, func(a, b Finalist) int {
		return cmp.Or(cmp.Compare(a.Diverged, b.Diverged), cmp.Compare(a.Objective.Median, b.Objective.Median))
	})
	if len(r.Finalists) > 0 {
		r.Best = r.Finalists[0].Number
	}
	if s.o.Sink != nil {
		s.o.Sink(&TryChosen{Task: s.task.name, Number: r.Best, Finalists: r.Finalists})
	}
	return nil
}

// again runs some of the best tries on the seeds of finalists.
func (s *tuner) again(ctx context.Context, r *Tuning, group []*Try) error {
	var trials []Trial
	for _, t := range group {
		for _, seed := range r.FinalistSeeds {
			trials = append(trials, s.trial(t.Settings, seed))
		}
	}
	outcomes, err := s.pool(ctx, "selection", trials, func(i int) int { return group[i/len(r.FinalistSeeds)].Number })
	if err != nil {
		return err
	}
	for i, t := range group {
		runs := outcomes[i*len(r.FinalistSeeds) : (i+1)*len(r.FinalistSeeds)]
		f := Finalist{Number: t.Number, Objective: summarize(objectives(runs)), Diverged: countDiverged(runs)}
		for k := range runs {
			f.Losses = append(f.Losses, runs[k].Final)
		}
		r.Finalists = append(r.Finalists, f)
	}
	return nil
}

// fresh runs settings on fresh seeds.
func (s *tuner) fresh(ctx context.Context, stage string, settings Settings, try int) (Final, error) {
	var trials []Trial
	for _, seed := range s.o.freshSeeds() {
		t := s.trial(settings, seed)
		t.Test, t.Curve = true, true
		trials = append(trials, t)
	}
	runs, err := s.pool(ctx, stage, trials, func(int) int { return try })
	if err != nil {
		return Final{}, err
	}
	return Final{
		Settings: settings, Final: summarize(measures(runs)), Objective: summarize(objectives(runs)),
		Accuracy: accuracies(runs), Diverged: countDiverged(runs), Runs: runs,
	}, nil
}

// judge runs the chosen settings and the task's own on fresh seeds, and compares
// them.
func (s *tuner) judge(ctx context.Context, r *Tuning) (err error) {
	defer func() { r.Trainings, r.Seconds = s.trainings, s.seconds }()
	if r.Untuned, err = s.fresh(ctx, "untuned", Settings{}, 0); err != nil {
		return err
	}
	if r.Best == 0 {
		r.say()
		return nil
	}
	best := s.tries[r.Best-1]
	if r.Tuned, err = s.fresh(ctx, "final", best.Settings, best.Number); err != nil {
		return err
	}
	if r.BestExperiment, err = s.experiment(best.Settings); err != nil {
		return err
	}
	tuned, untuned := sixDigits(measures(r.Tuned.Runs)), sixDigits(measures(r.Untuned.Runs))
	o := stats.DefaultJudge()
	o.Confidence, o.MaxSeeds, o.Seed = r.Confidence, mostSeeds, r.Seed
	v, err := stats.Judge([][]float64{tuned, untuned}, o)
	if err != nil {
		return err
	}
	d := v.Differences[1-v.Best]
	r.Difference = &Difference{Ratio: v.Ratio, Median: train.Real(d.Estimate), Low: train.Real(d.Low), High: train.Real(d.High), Clear: d.Clear}
	r.Improved, r.Clear, r.MoreSeeds = v.Best == 0, v.Winner, v.Seeds
	worse, better := untuned, tuned
	if !r.Improved {
		worse, better = better, worse
	}
	if err := r.Difference.bootstrap(worse, better, r.Confidence); err != nil {
		return err
	}
	r.Edges = s.space.edges(best)
	r.say()
	return nil
}

// experiment is the file with which descent train does the chosen training.
func (s *tuner) experiment(settings Settings) (string, error) {
	own := s.task.prepared.First().Experiment
	if s.task.prepared.Shared() {
		s.task.turn.Lock()
		defer s.task.turn.Unlock()
	}
	chosen, err := s.task.trial(s.trial(settings, own.Seed))
	if err != nil {
		return "", err
	}
	return string(chosen.Experiment.YAML()), nil
}

// nearEdge is how near to an edge, as a share of the dimension, a value is at it.
const nearEdge = 0.03

// edges returns the dimensions of numbers at whose edge a try lies.
func (s *Space) edges(t *Try) []SpaceEdge {
	var all []SpaceEdge
	values := s.Values(t.U)
	for i, d := range s.Params {
		value, there := t.Configuration[d.Key]
		if len(d.Choices) > 0 || !there || d.Low == d.High {
			continue
		}
		switch v, u := values[i], t.U[i]; {
		case v == d.Low || d.levels() == 0 && u <= nearEdge:
			all = append(all, SpaceEdge{Key: d.Key, Value: value, Limit: d.Low})
		case v == d.High || d.levels() == 0 && u >= 1-nearEdge:
			all = append(all, SpaceEdge{Key: d.Key, Value: value, High: true, Limit: d.High})
		}
	}
	return all
}

// say puts what came of it into words.
func (r *Tuning) say() {
	r.Protocol = r.protocol()
	if r.Best == 0 {
		r.Summary = fmt.Sprintf("Nothing to choose from: all of %s diverged.", tries(len(r.Tries)))
		return
	}
	ends := fmt.Sprintf("Try %d of %d ends with a %s of %s (quartiles %s to %s) in %s", r.Best, len(r.Tries), r.Measure,
		digits(r.Tuned.Final.Median), digits(r.Tuned.Final.Low), digits(r.Tuned.Final.High), plural(len(r.FreshSeeds), "fresh seed"))
	switch {
	case math.IsInf(float64(r.Tuned.Final.Median), 1):
		r.Summary = fmt.Sprintf("Try %d of %d did best in the search, but diverges on most of %s.", r.Best, len(r.Tries), plural(len(r.FreshSeeds), "fresh seed"))
	case r.Clear && r.Improved:
		r.Summary = fmt.Sprintf("%s, clearly better than the settings as they were, which end %s.", ends, r.Difference.words())
	case r.Clear:
		r.Summary = fmt.Sprintf("%s. The settings as they were are clearly better: it ends %s.", ends, r.Difference.words())
	default:
		r.Summary = ends + ". There is no clear difference to the settings as they were."
		switch least := fewestSeeds(r.Confidence); {
		case len(r.FreshSeeds) < least:
			r.Summary += fmt.Sprintf(" Fewer than %d seeds cannot tell anything apart with a confidence of %g %%.", least, 100*r.Confidence)
		case r.MoreSeeds > 0:
			r.Summary += fmt.Sprintf(" By the spread that they have, %d seeds would probably settle it.", r.MoreSeeds)
		}
	}
	if n := r.Tuned.Diverged; n > 0 {
		r.Summary += fmt.Sprintf(" It diverges on %s: a search with more seeds for each try would shun that.", plural(n, "seed"))
	}
}

func tries(n int) string {
	if n == 1 {
		return "1 try"
	}
	return fmt.Sprintf("%d tries", n)
}

// protocol writes down how it was searched.
func (r *Tuning) protocol() []string {
	where := map[string]string{
		"random": "at random", "sobol": "along a scrambled Sobol sequence", "halton": "along a scrambled Halton sequence",
		"tpe": "where a tree-structured Parzen estimator expects the most",
	}[r.Sampler]
	looks := "Every try is trained to its end."
	if n := len(r.Shares); n > 1 {
		first := fmt.Sprintf("a share of %s of the budget", digits(train.Real(r.Shares[0])))
		if looks = fmt.Sprintf("Asynchronous successive halving looks at a try after %s and %s more often; the best of those that were seen there go on, without starting again.", first, plural(n-1, "time")); r.Pruner == Hyperband {
			looks = fmt.Sprintf("Hyperband runs brackets of successive halving, from many tries that are looked at after %s first to few that are trained to their end; those that go on do not start again.", first)
		}
	}
	return []string{
		fmt.Sprintf("The search looks at %s of the space, %s, on %s each; the median counts, and a try that diverges is the worst.", tries(len(r.Tries)), where, plural(len(r.SearchSeeds), "seed")),
		looks,
		fmt.Sprintf("The best %d have run again, whole, on %s that the search has not seen; the next best follow while all of them diverge on some seed. The one with the fewest divergences and the lowest median is chosen.", len(r.Finalists), plural(len(r.FinalistSeeds), "seed")),
		fmt.Sprintf("It runs on %s, and so do the settings as they were. Only these runs look at test data, at their end, and only they are the result. The best score of a search is lower than what its settings are worth: it is the luckiest of many.", plural(len(r.FreshSeeds), "fresh seed")),
		fmt.Sprintf("The difference is taken seed by seed, with the interval of the signed-rank test and a confidence of %g %%.", 100*r.Confidence),
	}
}
