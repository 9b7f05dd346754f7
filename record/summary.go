package record

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/descent-go/descent/internal/durable"
)

// A Status says where a run stands.
type Status string

// The statuses of a run.
const (
	StatusRunning     Status = "running"     // a process works on it
	StatusFinished    Status = "finished"    // all epochs or steps are done, or the data ended
	StatusConverged   Status = "converged"   // a target or threshold was reached
	StatusStopped     Status = "stopped"     // no improvement, or the time was up
	StatusDiverged    Status = "diverged"    //
	StatusInterrupted Status = "interrupted" // it can go on from its last checkpoint
	StatusFailed      Status = "failed"      // an error ended it
	StatusCrashed     Status = "crashed"     // it has no end, and no process works on it
	StatusUnknown     Status = "unknown"     // it has no end, and its lock cannot be looked at
)

// Statuses lists all statuses.
func Statuses() []Status {
	return []Status{
		StatusRunning, StatusFinished, StatusConverged, StatusStopped, StatusDiverged,
		StatusInterrupted, StatusFailed, StatusCrashed, StatusUnknown,
	}
}

// A Summary is a run in a list.
type Summary struct {
	ID      string    `json:"id"`
	Name    string    `json:"name,omitempty"` // the setting of that name
	Dir     string    `json:"dir"`
	Created time.Time `json:"created"`
	Status  Status    `json:"status"`
	Verdict string    `json:"verdict,omitempty"` // how it ended, in a sentence
	// Settings are those of experiment.yaml, by key: see ParseExperiment. Where
	// none is the model, it is the recorded one: a program's own.
	Settings map[string]string `json:"settings"`
	// Metrics, as far as they are known and finite: final_loss, first_loss,
	// best_loss, best_step, train_loss, train_accuracy, val_loss, val_accuracy,
	// test_loss, test_accuracy, steps, skipped, epochs, examples, seconds,
	// parameters, state_bytes, planned_steps, planned_epochs. Those of the
	// validation set belong to the parameters that the model was left with. Of a
	// run that is not over they are the latest.
	Metrics map[string]float64 `json:"metrics"`
	Tags    []string           `json:"tags"`
	// Problem says what could not be read.
	Problem string `json:"problem,omitempty"`

	written int64 // when experiment.yaml was, in nanoseconds
}

// metricNames are the metrics that a run may have.
var metricNames = strings.Fields(`final_loss first_loss best_loss best_step train_loss train_accuracy
	val_loss val_accuracy test_loss test_accuracy steps skipped epochs examples seconds
	parameters state_bytes planned_steps planned_epochs`)

// Metrics lists the metrics that a run may have, in the order to show them.
func Metrics() []string { return slices.Clone(metricNames) }

// Summary reads what there is to know of the run, except for the middle of its log.
func (r *Run) Summary() Summary {
	s := summarize(r.Dir)
	s.ID = r.ID
	s.settle()
	return s
}

// summarize reads a run's folder; the status is that of its log.
func summarize(dir string) Summary {
	s := Summary{ID: filepath.Base(dir), Dir: dir, Settings: map[string]string{}, Tags: []string{}}
	var problems []error
	note := func(err error) {
		if err != nil {
			problems = append(problems, err)
		}
	}
	text, err := readFile(durable.OS, filepath.Join(dir, ExperimentFile), mostExperiment)
	var recorded []Setting
	if err == nil {
		var settings []Setting
		settings, recorded, err = ParseExperiment(ExperimentFile, text)
		for _, v := range settings {
			s.Settings[v.Key] = v.Value
		}
		for _, v := range recorded {
			if _, chosen := s.Settings[v.Key]; v.Key == "model" && !chosen {
				s.Settings["model"] = v.Value
			}
		}
	} else if errors.Is(err, fs.ErrNotExist) {
		err = nil
	}
	note(err)
	s.Name, s.Created = s.Settings["name"], createdAt(s.ID, recorded)
	o, err := readOutcome(filepath.Join(dir, EventsFile))
	note(err)
	s.Status, s.Verdict, s.Metrics = o.status, o.verdict, o.metrics
	tags, err := readTags(durable.OS, filepath.Join(dir, tagsFile))
	note(err)
	s.Tags = append(s.Tags, tags...)
	if err := errors.Join(problems...); err != nil {
		s.Problem = strings.ReplaceAll(err.Error(), "\n", "; ")
	}
	return s
}

// settle finds the status of a run whose log has no end.
func (s *Summary) settle() {
	if s.Status != "" {
		return
	}
	switch running, err := locked(s.Dir); {
	case err != nil:
		s.Status = StatusUnknown
	case running:
		s.Status = StatusRunning
	default:
		s.Status = StatusCrashed
	}
}

// Running reports whether a process has the run's lock: it works on the run,
// though the run may have come to its end and be about to be saved.
func (r *Run) Running() (bool, error) { return locked(r.Dir) }

// locked reports whether a process has the lock of a folder.
func locked(dir string) (bool, error) {
	path := filepath.Join(dir, lockFile)
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		return false, nil // do not make one
	}
	unlock, err := durable.Lock(path)
	if errors.Is(err, durable.ErrLocked) {
		return true, nil
	}
	if err != nil {
		return false, fmt.Errorf("record: %w", err)
	}
	return false, unlock()
}

// Tags returns the run's tags in alphabetical order.
func (r *Run) Tags() ([]string, error) { return readTags(r.fsys, r.Path(tagsFile)) }

// Tag adds and removes tags and returns those that there are now. A tag has 1 to
// 64 printable characters, without spaces, commas, quotes and slashes, and does
// not begin with + or -. A run that does not have a tag can do without it.
func (r *Run) Tag(add, remove []string) ([]string, error) {
	for _, tag := range add {
		if err := checkTag(tag); err != nil {
			return nil, err
		}
	}
	had, err := r.Tags()
	if err != nil {
		return nil, fmt.Errorf("record: %w", err)
	}
	tags := slices.DeleteFunc(append(slices.Clone(had), add...), func(tag string) bool { return slices.Contains(remove, tag) })
	slices.Sort(tags)
	if tags = slices.Compact(tags); slices.Equal(tags, had) {
		return tags, nil
	}
	text, err := json.Marshal(tags)
	if err != nil {
		return nil, fmt.Errorf("record: tags: %w", err)
	}
	return tags, r.WriteFile(tagsFile, func(w io.Writer) error {
		_, err := w.Write(append(text, '\n'))
		return err
	})
}

func checkTag(tag string) error {
	if tag == "" || tag[0] == '+' || tag[0] == '-' {
		return fmt.Errorf("record: tag %+q, want a word that does not begin with + or -", tag)
	}
	return checkWord("tag", tag, " ,;'\"`/\\", 64)
}

// readTags reads a tags.json; a missing one has none.
func readTags(fsys durable.FS, path string) ([]string, error) {
	text, err := readFile(fsys, path, 1<<20)
	if errors.Is(err, fs.ErrNotExist) {
		return []string{}, nil
	}
	if err != nil {
		return nil, err
	}
	tags := []string{}
	if err := json.Unmarshal(text, &tags); err != nil {
		return nil, fmt.Errorf("%s: %w, want a list of words", path, err)
	}
	for _, tag := range tags {
		if err := checkTag(tag); err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
	}
	return tags, nil
}
