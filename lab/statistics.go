package lab

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/descent-go/descent/lab/internal/stats"
	"github.com/descent-go/descent/train"
)

func summarize(v []float64) Summary {
	q := stats.Quartiles(v)
	return Summary{Median: train.Real(q.Median), Low: train.Real(q.Low), High: train.Real(q.High)}
}

// tuningCost is what to expect of so many of the trials that were made.
func tuningCost(losses []float64) []CostPoint {
	all := stats.TuningCost(losses, 0.05, 0.95)
	points := make([]CostPoint, len(all))
	for i, b := range all {
		points[i] = CostPoint{
			Trials: i + 1, Best: train.Real(b.Median), Mean: train.Real(b.Mean), Low: train.Real(b.Low), High: train.Real(b.High),
		}
	}
	return points
}

// judge says who is the best, if that can be said.
func (c *TaskComparison) judge(confidence float64, seed uint64) error {
	losses := make([][]float64, len(c.Rows))
	for i := range c.Rows {
		losses[i] = sixDigits(measures(c.Rows[i].Runs))
	}
	o := stats.DefaultJudge()
	o.Confidence, o.MaxSeeds, o.Seed = confidence, mostSeeds, seed
	v, err := stats.Judge(losses, o)
	if err != nil {
		return err
	}
	c.Verdict.Best = c.Rows[v.Best].Name
	for i := range c.Rows {
		if i == v.Best {
			continue
		}
		d := v.Differences[i]
		row := &c.Rows[i]
		row.Difference = &Difference{
			Ratio: v.Ratio, Median: train.Real(d.Estimate), Low: train.Real(d.Low), High: train.Real(d.High), Clear: d.Clear,
		}
		if err := row.Difference.bootstrap(losses[i], losses[v.Best], confidence); err != nil {
			return err
		}
		if !d.Clear {
			c.Verdict.Tied = append(c.Verdict.Tied, row.Name)
		}
	}
	if v.Winner && len(c.Rows) > 1 {
		c.Verdict.Winner = c.Verdict.Best
	}
	c.Verdict.MoreSeeds = v.Seeds
	c.Verdict.Text = c.say(losses[0], confidence)
	return nil
}

// sixDigits leaves numbers six digits: what differs beyond is rounding, which favours
// one of two equal rules again and again.
func sixDigits(v []float64) []float64 {
	r := make([]float64, len(v))
	for i, x := range v {
		r[i], _ = strconv.ParseFloat(strconv.FormatFloat(x, 'e', 5, 64), 64) // reads what it wrote
	}
	return r
}

// bootstrap takes the paired interval of the median difference.
func (d *Difference) bootstrap(losses, best []float64, confidence float64) error {
	v, err := stats.BootstrapMedian(stats.Differences(losses, best, d.Ratio), confidence)
	if d.Ratio {
		v = v.Exp()
	}
	d.BootstrapLow, d.BootstrapHigh = train.Real(v.Low), train.Real(v.High)
	return err
}

// fewestSeeds is how many seeds can exclude anything with this confidence: so many
// fair coins never all show heads by chance more often.
func fewestSeeds(confidence float64) int {
	n := 1
	for math.Ldexp(1, 1-n) > 1-confidence+1e-12 {
		n++
	}
	return n
}

// say puts the verdict into words.
func (c *TaskComparison) say(best []float64, confidence float64) string {
	v, seeds := &c.Verdict, len(best)
	switch {
	case math.IsInf(float64(c.Rows[0].Final.Median), 1):
		return "Nothing to compare: all rules diverge on most seeds, at every rate that was tried."
	case len(c.Rows) == 1:
		return fmt.Sprintf("There is nothing to compare %s with.", v.Best)
	case v.Winner != "":
		next := &c.Rows[1]
		return fmt.Sprintf("%s is the best: its %s is clearly the lowest. The next, %s, ends %s.", v.Winner, c.Measure, next.Name, next.Difference.words())
	}
	text := fmt.Sprintf("No clear difference between %s and %s in %s", v.Best, list(v.Tied, "or"), plural(seeds, "seed"))
	if others := len(c.Rows) - 1 - len(v.Tied); others > 0 {
		text += fmt.Sprintf("; %s clearly worse", map[bool]string{true: "the other is", false: "the others are"}[others == 1])
	}
	text += ". "
	switch least := fewestSeeds(confidence); {
	case seeds < least:
		text += fmt.Sprintf("Fewer than %d seeds cannot tell anything apart with a confidence of %g %%.", least, 100*confidence)
	case c.alike():
		text += "On every seed they end alike."
	case c.blind():
		text += fmt.Sprintf("%d seeds are too few to tell %d contenders apart with a confidence of %g %%.", seeds, len(c.Rows), 100*confidence)
		if v.MoreSeeds > 0 {
			text += fmt.Sprintf(" By the spread that they have, %d would probably settle it.", v.MoreSeeds)
		}
	case v.MoreSeeds > 0:
		text += fmt.Sprintf("By the spread that they have, %d seeds would probably settle it.", v.MoreSeeds)
	default:
		text += fmt.Sprintf("By the spread that they have, not even %d seeds would settle it.", mostSeeds)
	}
	return text
}

// words says a difference, with its interval.
func (d *Difference) words() string {
	if math.IsInf(float64(d.Median), 1) {
		return "in divergence"
	}
	if d.Ratio {
		return fmt.Sprintf("%s times as high (%s to %s)", digits(d.Median), digits(d.Low), digits(d.High))
	}
	return fmt.Sprintf("%s higher (%s to %s)", digits(d.Median), digits(d.Low), digits(d.High))
}

// digits writes a number with three of them.
func digits[T ~float64](v T) string {
	if math.IsInf(float64(v), 1) {
		return "∞"
	}
	return strings.NewReplacer("e-0", "e-", "e+0", "e+").Replace(strconv.FormatFloat(float64(v), 'g', 3, 64))
}

// alike reports whether those that are tied end with the very losses of the best.
func (c *TaskComparison) alike() bool {
	best := sixDigits(measures(c.Rows[0].Runs))
	for i := range c.Rows {
		if slices.Contains(c.Verdict.Tied, c.Rows[i].Name) && !slices.Equal(sixDigits(measures(c.Rows[i].Runs)), best) {
			return false
		}
	}
	return true
}

// blind reports whether so few seeds cannot exclude anything of those that are tied:
// the more contenders, the more seeds that takes.
func (c *TaskComparison) blind() bool {
	for i := range c.Rows {
		if d := c.Rows[i].Difference; d != nil && slices.Contains(c.Verdict.Tied, c.Rows[i].Name) {
			if bounded := d.Low > 0 || !d.Ratio && !math.IsInf(float64(d.Low), -1); bounded {
				return false
			}
		}
	}
	return true
}

// list writes names one after the other, with a word before the last one.
func list(names []string, word string) string {
	if n := len(names); n > 1 {
		return strings.Join(names[:n-1], ", ") + " " + word + " " + names[n-1]
	}
	return strings.Join(names, "")
}

// plural counts things: 1 seed, 2 seeds.
func plural[N int | int64](n N, thing string) string {
	if n == 1 {
		return "1 " + thing
	}
	return fmt.Sprintf("%d %ss", n, thing)
}
