package jobs

import (
	"slices"

	"github.com/descent-go/descent/experiment"
	"github.com/descent-go/descent/lab"
)

// mostModels is how many models a search may choose from.
const mostModels = 10_000

// affordableSpace refuses a search in which some try has a model that affordable
// refuses: the widest and deepest that each choice leads to is looked at.
func affordableSpace(e *experiment.Experiment, specs []string) error {
	if len(specs) == 0 {
		return nil
	}
	space, err := lab.ParseSpace(specs)
	if err != nil {
		return bad("space", "--space: %w", err)
	}
	models := along(space, "model", "width", "depth")
	if len(models) > mostModels {
		return bad("space", "--space: %d models or more, want at most %d", len(models), mostModels)
	}
	space.Base = lab.Settings{"model": e.Model}
	for _, c := range models {
		for key := range c {
			if key != "model" && key != "width" && key != "depth" {
				delete(c, key)
			}
		}
		settings, err := space.Settings(c)
		one := *e
		if err != nil || settings["model"] == "" || one.Set("model", settings["model"]) != nil {
			continue // the search varies no model, or its own check has more to say
		}
		if err := affordable(&one); err != nil {
			return bad("space", "--space: a try could have %w", err)
		}
	}
	return nil
}

// along returns a configuration for every choice, and the highest number, of
// dimensions and of those on whose choices they depend; one more than mostModels
// if there are more than that.
func along(space *lab.Space, keys ...string) []lab.Configuration {
	for i := range slices.Backward(space.Params) { // conditions look back
		if d := &space.Params[i]; d.When != nil && slices.Contains(keys, d.Key) {
			keys = append(keys, d.When.Key)
		}
	}
	places := [][]float64{make([]float64, len(space.Params))}
	for i, d := range space.Params {
		switch n := len(d.Choices); {
		case !slices.Contains(keys, d.Key):
		case n == 0:
			for _, u := range places {
				u[i] = 1
			}
		case len(places)*n > mostModels:
			return make([]lab.Configuration, mostModels+1)
		default:
			all := make([][]float64, 0, len(places)*n)
			for _, u := range places {
				for k := range n {
					v := slices.Clone(u)
					v[i] = (float64(k) + 0.5) / float64(n)
					all = append(all, v)
				}
			}
			places = all
		}
	}
	list := make([]lab.Configuration, len(places))
	for i, u := range places {
		list[i] = space.At(u)
	}
	return list
}
