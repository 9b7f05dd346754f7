package lab

import (
	"cmp"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/descent-go/descent/experiment"
	"github.com/descent-go/descent/internal/portable"
	"github.com/descent-go/descent/optim"
)

// A scatter looks for the best place of a space in a fixed number of trials: first the
// usual place and others spread evenly, by a scrambled Sobol sequence; then, two at a
// time, places spread around the best one, nearer each time, so that it also gets
// beyond the edge of the rates that the best lies on.
type scatter struct {
	space  *Space // the first dimension is the rate
	usual  place
	trials int
	window [2]float64 // of the rate: where the first places are
	wide   Sampler    // of the first places
	near   Sampler    // of those around the best
	rounds int        // of the latter
	tried  []attempt  // in the order of the trials
	asked  []attempt
}

// closer is by how much places are nearer to the best one each time.
const closer = 0.7

func (s *scatter) next() []place {
	left := s.trials - len(s.tried)
	s.asked = nil
	switch {
	case left <= 0:
		return nil
	case len(s.tried) == 0:
		s.asked = append(s.asked, attempt{place: s.usual, u: s.usually()})
		for len(s.asked) < gridSize(s.trials) {
			u := s.wide.Next(nil)
			u[0] = s.window[0] + float64((s.window[1]-s.window[0])*u[0])
			s.asked = append(s.asked, s.at(u))
		}
	default:
		for range min(left, 2) {
			s.asked = append(s.asked, s.at(s.around()))
		}
		s.rounds++
	}
	places := make([]place, len(s.asked))
	for i := range s.asked {
		places[i] = s.asked[i].place
	}
	return places
}

// around returns the next place around the best one. When everything diverged, the
// best one is that of the lowest rate, and the next ones have lower ones still.
func (s *scatter) around() []float64 {
	best := slices.MinFunc(s.tried, betterPlace)
	reach := portable.Pow(float64(gridSize(s.trials)), -1/float64(s.space.Dim()))
	for range s.rounds {
		reach *= closer
	}
	u := s.near.Next(nil)
	for i := range u {
		width := reach
		if i == 0 {
			width = float64(reach * (s.window[1] - s.window[0]))
		}
		center := best.u[i]
		if i == 0 && math.IsInf(best.loss, 1) {
			center -= float64(2 * width)
		}
		u[i] = min(max(center+float64(width*(float64(2*u[i])-1)), 0), 1)
	}
	return u
}

// betterPlace sorts by the loss; of those that diverged, the lower rate is better.
func betterPlace(a, b attempt) int {
	if c := cmp.Compare(a.loss, b.loss); c != 0 || !math.IsInf(a.loss, 1) {
		return c
	}
	return cmp.Compare(a.rate, b.rate)
}

// at returns the attempt at a point of the unit cube.
func (s *scatter) at(u []float64) attempt {
	c := s.space.At(u)
	p := place{values: Configuration{}}
	p.rate, _ = number(c["lr"])
	for key, value := range c {
		if key != "lr" {
			p.values[key] = value
		}
	}
	p.settings, _ = s.space.Settings(c) // the space was checked
	return attempt{place: p, u: u}
}

// usually returns where the usual place lies in the space.
func (s *scatter) usually() []float64 {
	u := make([]float64, s.space.Dim())
	rule, err := experiment.ParseRule(s.space.base("optimizer"))
	for i := range u {
		d := &s.space.Params[i]
		text := ""
		if kind, name, part := strings.Cut(d.Key, "."); part && kind == "optimizer" && err == nil {
			if v, ok := optim.HyperValue(rule.Rule, name); ok {
				text = strconv.FormatFloat(v, 'g', -1, 64)
			}
		} else if !part {
			text = s.space.base(d.Key)
		}
		u[i] = d.coordinate(text)
	}
	u[0] = s.space.Params[0].coordinate(formatRate(s.usual.rate))
	return u
}

func (s *scatter) take(losses []float64) {
	for i, loss := range losses {
		s.asked[i].loss = loss
	}
	s.tried = append(s.tried, s.asked...)
}

func (s *scatter) all() []attempt {
	return slices.SortedStableFunc(slices.Values(s.tried), func(a, b attempt) int { return cmp.Compare(a.rate, b.rate) })
}

func (s *scatter) ranked() []place { return rankedPlaces(s.tried, betterPlace) }

// number reads a number that At wrote.
func number(text string) (float64, bool) {
	v, err := strconv.ParseFloat(text, 64)
	return v, err == nil && v-v == 0
}
