package lab

import (
	"math"
	"slices"

	"github.com/descent-go/descent/train"
)

func summarize(v []float64) Summary {
	return Summary{Median: quantile(v, 0.5), Low: quantile(v, 0.25), High: quantile(v, 0.75)}
}

func quantile(v []float64, q float64) train.Real {
	s := slices.Sorted(slices.Values(v))
	at := q * float64(len(s)-1)
	i := int(at)
	if i+1 >= len(s) || s[i] == s[i+1] {
		return train.Real(s[i])
	}
	f := at - float64(i)
	if f == 0 {
		return train.Real(s[i])
	}
	return train.Real(s[i] + float64(f*(s[i+1]-s[i])))
}

func tolerance(rates, losses []float64) float64 { return math.NaN() }

func tuningCost(losses []float64) []CostPoint { return nil }

func (c *TaskComparison) judge(confidence float64, seed uint64) {
	c.Verdict = Verdict{Best: c.Rows[0].Name, Text: "no clear difference"}
}
