package lab

import "fmt"

// protocol writes down how it is compared.
func (o *CompareOptions) protocol() Protocol {
	p := Protocol{
		Schedule: o.Schedule, Trials: o.Trials, Decades: o.Decades, Finalists: min(o.Finalists, o.Trials),
		TuningSeed: o.tuningSeed(), FinalistSeeds: o.finalistSeeds(), FreshSeeds: o.freshSeeds(), Seed: o.Seed,
		Confidence: o.Confidence,
	}
	for _, d := range o.Space {
		p.Space = append(p.Space, d.String())
	}
	for _, c := range o.Contenders {
		p.Contenders = append(p.Contenders, c.Name)
	}
	schedule := "The rate follows the schedule of the task, a constant as a rule."
	if o.Schedule != "" {
		schedule = "The rate of all follows the schedule " + o.Schedule + "."
	}
	for _, c := range o.Contenders {
		if own := c.Settings["schedule"]; own != "" {
			schedule += fmt.Sprintf(" That of %s follows its own, %s.", c.Name, own)
		}
	}
	tuning := fmt.Sprintf("Tuning tries %d learning rates for each contender and task, on seed %d.", o.Trials, p.TuningSeed)
	if o.Trials > 1 {
		tuning = fmt.Sprintf("Tuning tries %d learning rates for each contender and task, on seed %d: evenly spaced by their logarithm over %g decades around the usual rate, then beyond the edge that the best one lies on, else on both sides of it. A rate that diverges has been tried. Other hyper-parameters stay as they are.",
			o.Trials, p.TuningSeed, o.Decades)
	}
	if len(o.Space) > 0 {
		where := fmt.Sprintf("over %g decades around the usual rate and over the ranges of the rest", o.Decades)
		if o.rated() {
			where = "over their ranges"
		}
		tuning = fmt.Sprintf("Tuning makes %d trials for each contender and task, on seed %d, over the rate and what the contender has of %s: first the usual settings and others along a scrambled Sobol sequence %s, then places around the best one, nearer each time. Contenders that have nothing of it are tuned over the rate alone, evenly spaced by its logarithm, then beyond the edge that the best one lies on, else on both sides of it. Trials that diverge have been made. Other hyper-parameters stay as they are. What a rate matters is found out by further trials, at the chosen values of all else.",
			o.Trials, p.TuningSeed, list(p.Space, "and"), where)
	}
	selection := "The rate that ended with the lowest objective is chosen."
	if n := len(p.FinalistSeeds); n > 0 {
		selection = fmt.Sprintf("The best %d run again on %d other seeds; while all of them diverge on some seed, the next best follow. The one with the fewest divergences and the lowest median of the objective is chosen.", p.Finalists, n)
	}
	p.Text = []string{
		"For the same seed all contenders have the same initial parameters, order of batches and noise; on functions without noise seeds move the start, by up to 5 % of the domain's width. All have the same budget of gradient evaluations, and use it up.",
		schedule, tuning, selection,
		fmt.Sprintf("The chosen rate runs on %d fresh seeds, and so does the usual rate. Only these runs look at test data, at their end, and only they are reported.", len(p.FreshSeeds)),
		fmt.Sprintf("Differences to the best are taken seed by seed. Their intervals are those of the signed-rank test, adjusted so that all of a task hold together with a confidence of %g %%. A winner is named where every one of them excludes that there is no difference.", 100*o.Confidence),
	}
	return p
}
