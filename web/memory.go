package web

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"

	"github.com/descent-go/descent/experiment"
	"github.com/descent-go/descent/internal/quantity"
	"github.com/descent-go/descent/internal/shell"
	"github.com/descent-go/descent/nn"
	"github.com/descent-go/descent/optim"
)

// maxParams is the most parameters that the page counts with: their bytes are
// numbers that a browser holds exactly.
const maxParams = 100_000_000_000_000

const maxMemoryRules = 40

func (s *Server) memoryRoutes() []route {
	return []route{{pattern: "POST /api/memory", handle: s.postMemory}}
}

// MemoryAsked is the body of POST /api/memory. The parameters are given in one
// of three ways: their number, a model, or the shapes of arrays.
type MemoryAsked struct {
	Params     string   `json:"params,omitempty"`     // "7e9", "350M"
	Model      string   `json:"model,omitempty"`      // "mlp:128,64"
	Inputs     []int    `json:"inputs,omitempty"`     // shape of an example for the model: [784], [1, 28, 28]
	Outputs    int      `json:"outputs,omitempty"`    // of the model
	Shapes     [][]int  `json:"shapes,omitempty"`     // [[784, 128], [128]]
	Optimizers []string `json:"optimizers,omitempty"` // rules with options, or lists of them. Default: all with their defaults
	DType      string   `json:"dtype,omitempty"`      // float32 or float64. Default float32
	Memory     string   `json:"memory,omitempty"`     // there is: "80GB", "24GiB"
}

// MemoryTold is the answer, in bytes. Activations are not part of it.
type MemoryTold struct {
	Params  int64        `json:"params"`
	DType   string       `json:"dtype"`
	Memory  int64        `json:"memory,omitempty"`
	Runs    []MemoryRule `json:"runs"` // as the rules were asked for
	Command string       `json:"command"`
}

// MemoryRule is what training by a rule takes.
type MemoryRule struct {
	Optimizer string   `json:"optimizer"`
	Title     string   `json:"title"`
	Slots     []string `json:"slots"` // the state kept per parameter
	optim.Footprint
	BytesPerParam int64 `json:"bytes_per_parameter"`
	Fits          bool  `json:"fits"`    // in the memory that there is, or there was none asked about
	Largest       int64 `json:"largest"` // parameters that fit in it, at most 10^14; 0 without it
}

func (s *Server) postMemory(w http.ResponseWriter, r *http.Request) error {
	asked, err := readJSON[MemoryAsked](r)
	if err != nil {
		return err
	}
	told, err := s.tellMemory(asked)
	if err != nil {
		return err
	}
	return writeJSON(w, told)
}

func (s *Server) tellMemory(asked MemoryAsked) (*MemoryTold, error) {
	told := &MemoryTold{DType: asked.DType, Runs: []MemoryRule{}}
	if told.DType == "" {
		told.DType = "float32"
	}
	size := map[string]int{"float32": 4, "float64": 8}[told.DType]
	if size == 0 {
		return nil, refuse(http.StatusBadRequest, "dtype", "%.40q, want float32 or float64", told.DType)
	}
	var err error
	if told.Params, err = countParams(asked); err != nil {
		return nil, err
	}
	if asked.Memory != "" {
		if told.Memory, err = quantity.Bytes(asked.Memory); err != nil {
			return nil, refuse(http.StatusBadRequest, "memory", "%.40q: %v", asked.Memory, err)
		}
	}
	command := []string{s.Program, "memory", "--params", strconv.FormatInt(told.Params, 10), "--dtype", told.DType}
	if len(asked.Optimizers) == 0 {
		for _, info := range optim.Rules() {
			asked.Optimizers = append(asked.Optimizers, info.Name)
		}
	} else {
		var single []string
		for _, list := range asked.Optimizers {
			command = append(command, "--optimizer", list)
			if len(list) > maxSpec {
				return nil, refuse(http.StatusBadRequest, "optimizers", "%d bytes, want at most %d", len(list), maxSpec)
			}
			single = append(single, experiment.SplitRules(list)...)
		}
		asked.Optimizers = single
	}
	if len(asked.Optimizers) > maxMemoryRules {
		return nil, refuse(http.StatusBadRequest, "optimizers", "%d rules, want at most %d", len(asked.Optimizers), maxMemoryRules)
	}
	for i, spec := range asked.Optimizers {
		one, err := memoryRule(spec, told.Params, size, told.Memory)
		if err != nil {
			return nil, refuse(http.StatusBadRequest, fmt.Sprintf("optimizers.%d", i), "%s: %v", spec, err)
		}
		told.Runs = append(told.Runs, one)
	}
	told.Command = shell.Line(command...)
	return told, nil
}

// countParams returns how many parameters are asked about.
func countParams(asked MemoryAsked) (int64, error) {
	given := 0
	for _, is := range []bool{asked.Params != "", asked.Model != "", len(asked.Shapes) > 0} {
		if is {
			given++
		}
	}
	if given != 1 {
		return 0, refuse(http.StatusBadRequest, "params", "the parameters are given in %d ways, want one of params, model and shapes", given)
	}
	var n int64
	var err error
	field := "params"
	switch {
	case asked.Params != "":
		if n, err = quantity.Count(asked.Params); err != nil {
			return 0, refuse(http.StatusBadRequest, field, "%.40q: %v", asked.Params, err)
		}
	case asked.Model != "":
		field = "model"
		if len(asked.Model) > maxSpec {
			return 0, refuse(http.StatusBadRequest, field, "%d bytes, want at most %d", len(asked.Model), maxSpec)
		}
		for _, d := range append(slices.Clone(asked.Inputs), asked.Outputs) {
			if len(asked.Inputs) == 0 || len(asked.Inputs) > 3 || d < 1 || d > 1<<30 {
				return 0, refuse(http.StatusBadRequest, "inputs", "inputs %v and outputs %d, want one to three numbers from 1 to 2^30 and one more", asked.Inputs, asked.Outputs)
			}
		}
		if n, err = nn.Parameters(asked.Model, asked.Inputs, asked.Outputs); err != nil {
			return 0, refuse(http.StatusBadRequest, field, "%v", err)
		}
	default:
		field = "shapes"
		for i, shape := range asked.Shapes {
			one, err := optim.Elements(shape)
			if err != nil || one < 1 || one > maxParams {
				return 0, refuse(http.StatusBadRequest, fmt.Sprintf("shapes.%d", i), "shape %v, want numbers of at least 1 with a product of at most 10^14", shape)
			}
			n = min(n+one, maxParams+1)
		}
	}
	if n > maxParams {
		return 0, refuse(http.StatusBadRequest, field, "%d parameters, want at most 10^14", n)
	}
	return n, nil
}

// memoryRule tells what n parameters of a size take by a rule, and how many fit
// in a memory, if that is not 0.
func memoryRule(spec string, n int64, size int, memory int64) (MemoryRule, error) {
	parsed, err := experiment.ParseRule(spec)
	if err != nil {
		return MemoryRule{}, err
	}
	f, err := optim.MemoryOf(n, size, parsed.Rule)
	if err != nil {
		return MemoryRule{}, err
	}
	one := MemoryRule{
		Optimizer: parsed.Spec, Title: parsed.Rule.Info().Title, Slots: append([]string{}, optim.FormOf(parsed.Rule).Slots...),
		Footprint: f, BytesPerParam: f.Total / n, Fits: memory == 0 || f.Total <= memory,
	}
	if memory == 0 {
		return one, nil
	}
	low, high := int64(0), int64(maxParams) // the first fits, what is above the second does not
	for low < high {
		middle := high - (high-low)/2
		if f, err := optim.MemoryOf(middle, size, parsed.Rule); err == nil && f.Total <= memory {
			low = middle
		} else {
			high = middle - 1
		}
	}
	one.Largest = low
	return one, nil
}
