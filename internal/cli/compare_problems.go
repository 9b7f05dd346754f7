package cli

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/descent-go/descent/data"
	"github.com/descent-go/descent/experiment"
	"github.com/descent-go/descent/nn"
	"github.com/descent-go/descent/problem"
)

// problemOf returns the experiment that a value of --problem means, with its
// budget; that of the program's own model when it has one.
func (a *app) problemOf(spec string, f *compareFlags) (*experiment.Experiment, error) {
	e, err := experiment.DefaultOf(a.own), error(nil)
	if a.own == nil {
		e, err = readProblem(spec)
	}
	if err != nil {
		return nil, err
	}
	if f.start != "" || f.noise != 0 {
		if e.Function == "" {
			return nil, usagef("--start and --noise go with functions, which %s is not", spec)
		}
		if f.start != "" {
			e.Start = f.start
		}
		if f.noise != 0 {
			e.Noise = f.noise
		}
	}
	switch {
	case f.Steps > 0:
		e.Steps, e.Epochs = f.Steps, nil
		if e.Function == "" && (a.own == nil || a.own.HasExamples()) {
			e.Epochs = new(int)
		}
	case e.Function != "" || a.own != nil && !a.own.HasExamples():
		if e.Steps == 0 {
			e.Steps = usualSteps
		}
	case f.epochs > 0:
		e.Steps, e.Epochs = 0, &f.epochs
	}
	return e, nil
}

// readProblem reads a value of --problem: a file of an experiment, a function, or
// data, with a model behind the last slash.
func readProblem(spec string) (*experiment.Experiment, error) {
	if strings.HasSuffix(spec, ".yaml") || strings.HasSuffix(spec, ".yml") {
		e, err := experiment.Read(spec)
		if errors.Is(err, fs.ErrNotExist) {
			return nil, fmt.Errorf("--problem %s: %w; want an experiment file, as descent init writes it", spec, err)
		}
		return e, err
	}
	e := experiment.Default()
	source, model := spec, ""
	if i := strings.LastIndexByte(spec, '/'); i > 0 {
		source, model = spec[:i], spec[i+1:]
	}
	noModel := nn.Check(model)
	if noModel == nil {
		e.Data, e.Model = source, model
		return e, nil
	}
	_, err := problem.ResolveProblem(spec)
	switch {
	case err == nil:
		e.Function = spec
		return e, nil
	case isData(spec):
		e.Data = spec
		return e, nil
	case spec == "":
		err = errors.New("want a function, data with a model, such as digits/mlp:32, or an experiment file, such as a.yaml")
	case source != spec && isData(source) && !isFolder(source):
		err = fmt.Errorf("%s is data, but %w", source, noModel)
	case isFileName(spec):
		err = errors.New("no such file")
	case source != spec && isFileName(source):
		err = fmt.Errorf("no such file: %s", source)
	default:
		err = fmt.Errorf("neither data with a model, such as digits/mlp:32, nor an experiment file, such as a.yaml; nor a function: %w", err)
	}
	return nil, badFlag("problem", spec, err)
}

// isFolder reports whether there is a folder of this name.
func isFolder(name string) bool {
	info, err := os.Stat(name)
	return err == nil && info.IsDir()
}

// isFileName reports whether a text ends as names of files do: no expression has
// letters behind a dot.
func isFileName(text string) bool {
	suffix := strings.TrimPrefix(filepath.Ext(text), ".")
	return suffix != "" && strings.Trim(suffix, "abcdefghijklmnopqrstuvwxyz") == ""
}

// isData reports whether a text names data: one of the forms of data.Open, or a
// file that is there.
func isData(spec string) bool {
	kind, _, more := strings.Cut(spec, ":")
	for _, form := range data.Forms() {
		name, _, options := strings.Cut(form.Spec, ":")
		name, _, _ = strings.Cut(name, "[")
		if kind == name && kind != "-" && (options || more || kind == spec) {
			return true
		}
	}
	_, err := os.Stat(spec)
	return err == nil
}
