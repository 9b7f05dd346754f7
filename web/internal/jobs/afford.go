package jobs

import (
	"strings"

	"github.com/descent-go/descent/data"
	"github.com/descent-go/descent/experiment"
	"github.com/descent-go/descent/nn"
)

// What an experiment of a request may take at most. The command line takes more.
const (
	mostData       = 1 << 30 // bytes of generated examples
	mostParameters = 1 << 27 // of a network, as far as they can be known
)

// affordable refuses trainings that are too long, and those that take more memory
// than others can spare, as far as that is known before the data are read.
func affordable(e *experiment.Experiment) error {
	if e.Steps > MostSteps {
		return bad("steps", "%d steps, want at most %d", e.Steps, MostSteps)
	}
	if e.Epochs != nil && *e.Epochs > MostEpochs {
		return bad("epochs", "%d epochs, want at most %d", *e.Epochs, MostEpochs)
	}
	if e.Function != "" || e.OwnModel() != "" {
		return nil
	}
	switch bytes, err := data.Generated(e.Data); {
	case err != nil:
		return bad("data", "--data %s: %w", e.Data, err)
	case bytes > mostData:
		return bad("data", "--data %s: its examples take %d MiB, want at most %d", e.Data, bytes>>20, mostData>>20)
	}
	if n := parameters(e); n > mostParameters {
		return bad("model", "--model %s: it has %d parameters or more, want at most %d", e.Model, n, mostParameters)
	}
	return nil
}

// parameters returns how many a network has at least: those of one feature and one
// output where the data are not known. A network that does not fit has none.
func parameters(e *experiment.Experiment) int64 {
	shape, out := []int{1}, 1
	switch kind, _, _ := strings.Cut(e.Data, ":"); kind {
	case "digits", "mnist":
		shape, out = []int{28, 28}, 10
	case "spirals":
		shape, out = []int{2}, 2
	}
	n, err := nn.Parameters(e.Model, shape, out)
	if err != nil {
		return 0
	}
	return n
}
