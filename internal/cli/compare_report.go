package cli

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/descent-go/descent/lab"
	"github.com/descent-go/descent/train"
)

// A comparisonReport is what came of comparing.
type comparisonReport struct {
	*lab.Comparison
	Elapsed  number   `json:"elapsed_seconds"`
	Parallel int      `json:"parallel"`
	Command  string   `json:"command"`
	Files    []string `json:"files"`
}

// lost reports whether everything has diverged.
func (r *comparisonReport) lost() bool {
	for i := range r.Tasks {
		if !math.IsInf(float64(r.Tasks[i].Rows[0].Final.Median), 1) {
			return false
		}
	}
	return true
}

func (r *comparisonReport) text(p *page) {
	for i := range r.Tasks {
		t := &r.Tasks[i]
		if !p.quiet {
			p.heading("%s: %s after %s", t.Name, t.Measure, plural(t.Budget, "gradient"))
			p.blank()
			outcomeTable(p, t)
			p.blank()
			tuningTable(p, t)
			p.blank()
		} else if len(r.Tasks) > 1 {
			p.line("%s:", t.Name)
		}
		p.heading("%s", strings.Join(wrapped(t.Verdict.Text, p.width), "\n"))
		if !p.quiet {
			p.blank()
		}
	}
	if len(r.Tasks) > 1 {
		p.wrap("", r.Summary)
	}
	if p.quiet {
		return
	}
	p.line("%s trainings of %s together, in %s", grouped(int64(r.Trials)),
		secondsText(duration(r.Seconds)), secondsText(duration(float64(r.Elapsed))))
}

func duration(seconds float64) time.Duration { return time.Duration(seconds * float64(time.Second)) }

// outcomeTable says what the tuned contenders came to.
func outcomeTable(p *page, t *lab.TaskComparison) {
	columns := []column{words("rule"), numbers("rate"), numbers(t.Measure), numbers("quartiles"), numbers("to the best")}
	if t.Accuracy {
		columns = append(columns, numbers("accuracy"))
	}
	columns = append(columns, numbers("untuned"))
	spacious := slices.ContainsFunc(t.Rows, func(r lab.Row) bool { return len(r.Values) > 0 })
	if spacious {
		columns = append(columns, words("tuned to"))
	}
	var rows [][]string
	for i := range t.Rows {
		row := &t.Rows[i]
		rate := brief(row.Rate)
		if row.Edge {
			rate += "!"
		}
		line := []string{row.Name, rate, lossText(row.Final.Median), spanText(row.Final), against(t, row)}
		if t.Accuracy {
			line = append(line, accuracyText(row.Accuracy))
		}
		line = append(line, lossText(row.Untuned.Final.Median))
		if spacious {
			line = append(line, strings.ReplaceAll(configurationText(row.Values), "optimizer.", ""))
		}
		rows = append(rows, line)
	}
	p.table(columns, rows)
}

// tuningTable says how hard the contenders are to tune, and how fast they are.
func tuningTable(p *page, t *lab.TaskComparison) {
	columns := []column{words("rule"), numbers("steps to target"), numbers("seconds"), numbers("reached"),
		numbers("width"), numbers("diverged"), numbers("state")}
	var rows [][]string
	for i := range t.Rows {
		row := &t.Rows[i]
		rows = append(rows, []string{
			row.Name, stepsText(row.StepsToTarget.Median), lossText(row.SecondsToTarget.Median),
			fmt.Sprintf("%d/%d", row.Reached, len(row.Runs)), fixed(row.Tolerance),
			strconv.Itoa(len(row.Divergences)), bytesText(row.StateBytes),
		})
	}
	p.table(columns, rows)
	p.wrap("", fmt.Sprintf("%s; width: decades of rates within 5 %% of the best%s", targetText(t), edgeText(t)))
}

// targetText says what the target is, or why there is none.
func targetText(t *lab.TaskComparison) string {
	if math.IsInf(float64(t.Target), 1) {
		return "no target: " + t.TargetRule
	}
	return fmt.Sprintf("target: %s of %s, %s", t.Objective, lossText(t.Target), t.TargetRule)
}

// edgeText explains the mark of rates at an edge, if there is one.
func edgeText(t *lab.TaskComparison) string {
	for i := range t.Rows {
		if t.Rows[i].Edge {
			return "; !: the last rate that was tried on its side, better ones may lie beyond"
		}
	}
	return ""
}

// lossText writes a loss with three digits; ∞ stands for divergence, and for what
// was not reached.
func lossText(v train.Real) string {
	if math.IsInf(float64(v), 1) {
		return "∞"
	}
	return strings.NewReplacer("e-0", "e-", "e+0", "e+").Replace(strconv.FormatFloat(float64(v), 'g', 3, 64))
}

func spanText(s lab.Summary) string { return lossText(s.Low) + "…" + lossText(s.High) }

// against is how a contender compares with the best; nothing when that diverges too.
func against(t *lab.TaskComparison, row *lab.Row) string {
	if math.IsInf(float64(t.Rows[0].Final.Median), 1) {
		return "-"
	}
	return differenceText(row.Difference)
}

func differenceText(d *lab.Difference) string {
	if d == nil {
		return "-"
	}
	sign := "+"
	if d.Ratio {
		sign = "×"
	}
	return sign + lossText(d.Low) + "…" + lossText(d.High)
}

func accuracyText(s *lab.Summary) string {
	if s == nil {
		return "-"
	}
	return percent(float64(s.Median))
}

func stepsText(v train.Real) string {
	if math.IsInf(float64(v), 1) {
		return "∞"
	}
	return grouped(int64(v))
}

func fixed(v float64) string { return strconv.FormatFloat(v, 'f', 2, 64) }
