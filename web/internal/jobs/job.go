package jobs

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/descent-go/descent/internal/durable"
)

// A State is how a job is.
type State string

// The states of jobs. Paused, stopped and failed ones can go on.
const (
	Queued   State = "queued"   // waits for its turn
	Running  State = "running"  // has a process
	Paused   State = "paused"   // was interrupted
	Stopped  State = "stopped"  // was ended before its end
	Done     State = "done"     // came to its end
	Failed   State = "failed"   // see Job.Error
	Diverged State = "diverged" // came to its end, and all that it trained diverged
)

// What a running job can have been asked to do.
const (
	askPause   = "pause"
	askStop    = "stop"
	askRestart = "restart" // pause, and go on with the next manager
)

// A Job is something that takes long, as others see it.
type Job struct {
	// ID is unique, and the name of a folder; that of a training is the ID of its
	// run.
	ID    string `json:"id"`
	Kind  Kind   `json:"kind"`
	State State  `json:"state"`
	// Asked is what a running job was asked to do and has not done yet: "pause",
	// "stop", or "restart" when the server is ending. Else "".
	Asked string `json:"asked,omitempty"`
	// Command is what a user would type.
	Command string `json:"command"`
	// Flags are those of the request.
	Flags map[string]Value `json:"flags,omitempty"`
	// Created is when the job came, Started when its last process began, Ended when
	// that ended.
	Created time.Time `json:"created"`
	Started time.Time `json:"started,omitzero"`
	Ended   time.Time `json:"ended,omitzero"`
	// Error is what the process last said when it failed, or how it ended.
	Error string `json:"error,omitempty"`
	// Run is the ID of the run of a training.
	Run string `json:"run,omitempty"`
	// Place is that in the queue, from 1; 0 for a job that is not in it.
	Place int `json:"place,omitempty"`
}

// over reports whether nothing comes any more unless the job is told to go on.
func (j *Job) over() bool { return j.State != Queued && j.State != Running }

// An entry is a job as its manager keeps it.
type entry struct {
	Job
	Args   []string  `json:"args"`   // behind the command, without the files that the manager chooses
	Folder string    `json:"folder"` // where the process works
	Starts int       `json:"starts"`
	Queue  time.Time `json:"queue"` // when it was last put there

	dir     string
	changed chan struct{}
	process *os.Process // of a running job that this manager has started
	asked   time.Time   // when it was last asked
	told    bool        // its process was interrupted
}

const jobName = "job.json"

// save writes an entry, whole or not at all.
func (e *entry) save() error {
	text, err := json.MarshalIndent(e, "", "  ")
	if err != nil {
		return err
	}
	return durable.WriteFile(durable.OS, filepath.Join(e.dir, jobName), func(w io.Writer) error {
		_, err := w.Write(append(text, '\n'))
		return err
	})
}

// load reads the entry in a folder.
func load(dir string) (*entry, error) {
	path := filepath.Join(dir, jobName)
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	e := &entry{dir: dir, changed: make(chan struct{})}
	if err := json.Unmarshal(text, e); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	switch e.State {
	case Queued, Running, Paused, Stopped, Done, Failed, Diverged:
	default:
		return nil, fmt.Errorf("%s: state %.40q, which is none", path, e.State)
	}
	if e.ID != filepath.Base(dir) || e.commands() == nil {
		return nil, fmt.Errorf("%s: job %.80q of kind %.40q, want %s", path, e.ID, e.Kind, filepath.Base(dir))
	}
	return e, nil
}

// commands returns the kind's description, nil when there is no such kind.
func (e *entry) commands() *command { return commands[e.Kind] }
