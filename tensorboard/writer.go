// Package tensorboard writes what happens in a run to event files that
// TensorBoard reads: scalars, histograms of parameters and updates,
// hyper-parameters and how the run ended.
//
// A [Writer] is a sink of a run. Its tags:
//
//	loss/step, loss/epoch                        training loss of a step, mean of an epoch
//	loss/skipped                                 of steps without an update, at the update before
//	loss/train, loss/validation, loss/test       evaluations
//	accuracy/train, …                            of sets with classes
//	optimizer/rate                               that the update had
//	norm/gradient, norm/update, norm/parameters  where the run measures them
//	speed/examples_per_second, speed/steps_per_second
//	checkpoint/bytes, checkpoint/seconds
//	diagnosis/cosine, /alpha, /curvature, /sharpness, /edge
//	parameter_norm/NAME, gradient_norm/NAME, update_norm/NAME, update_ratio/NAME
//	parameters/NAME, updates/NAME                histograms: see Watch
//	verdict, divergence, oscillation             text
//
// The step of every value is the number of updates applied. Scalars are
// float32, as TensorBoard wants them, NaN and ±Inf among them.
//
// The format is that of TensorFlow's event files: records framed as TFRecord,
// each holding one message of tensorflow/core/util/event.proto.
package tensorboard

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/descent-go/descent/train"
)

// Options say how to write. The zero value is sensible.
type Options struct {
	// Clock tells the wall time of events. Nil is time.Now.
	Clock func() time.Time
	// Host is part of the file's name. Empty is the name of this machine.
	Host string
	// FlushEvery is how long values stay in memory at most while events come;
	// evaluations and the end of the run are written at once. 0 is 2 s.
	FlushEvery time.Duration
	// Every writes each n-th step only. 0 is 1.
	Every int64
	// Settings are the run's hyper-parameters: strings, booleans, numbers, and
	// what has a method String. Nil writes none.
	Settings map[string]any
	// Group joins runs that differ in nothing but the seed to one row of
	// TensorBoard's table of hyper-parameters. Empty is a row of its own.
	Group string
}

// A Writer is a [train.Sink] that writes an event file. An error does not stop
// the training: it ends the writing, and Close returns it. A Writer belongs to
// the goroutine that runs the training.
type Writer struct {
	o      Options
	path   string
	file   io.WriteCloser
	buf    *bufio.Writer
	err    error
	values encoder
	record []byte

	flushed time.Time
	speed   speed
	watched []watched
	joined  map[[2]string]string
}

// New starts an event file in a folder, which it makes when it is missing. A
// folder is a run to TensorBoard. Files that are there already are earlier
// parts of the run: what they have of later steps is dropped by TensorBoard
// once the run goes on (see [train.Resumed]).
//
// An error names the option that is out of its domain, the setting that has no
// place in the table, or the file that cannot be made.
func New(dir string, o Options) (*Writer, error) {
	if o.Clock == nil {
		o.Clock = time.Now
	}
	if o.FlushEvery == 0 {
		o.FlushEvery = 2 * time.Second
	}
	if o.Every == 0 {
		o.Every = 1
	}
	if o.Host == "" {
		o.Host, _ = os.Hostname() // a name only
	}
	switch {
	case o.FlushEvery < 0:
		return nil, fmt.Errorf("tensorboard: Options.FlushEvery = %v, want [0, +Inf)", o.FlushEvery)
	case o.Every < 0:
		return nil, fmt.Errorf("tensorboard: Options.Every = %d, want [0, +Inf)", o.Every)
	case strings.ContainsAny(o.Host, `/\`):
		return nil, fmt.Errorf("tensorboard: Options.Host = %q, want a name without slashes", o.Host)
	}
	if _, err := appendSettings(nil, o.Settings); err != nil {
		return nil, err
	}
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return nil, fmt.Errorf("tensorboard: %w", err)
	}
	now := o.Clock()
	file, err := create(dir, now.Unix(), o.Host)
	if err != nil {
		return nil, fmt.Errorf("tensorboard: %w", err)
	}
	w := newWriter(file, o, now)
	w.path = file.Name()
	return w, nil
}

func newWriter(file io.WriteCloser, o Options, now time.Time) *Writer {
	w := &Writer{o: o, file: file, buf: bufio.NewWriterSize(file, 1<<16), flushed: now, joined: map[[2]string]string{}}
	w.values.known = map[string]bool{}
	w.put(appendVersion(nil, now))
	w.Flush()
	return w
}

// prefix is that of every event file; TensorBoard reads those of a folder in
// the order of their names.
const prefix = "events.out.tfevents."

// create makes an event file whose name comes after those of the folder.
func create(dir string, seconds int64, host string) (*os.File, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	seconds = max(seconds, 0)
	for _, e := range entries {
		if name, ok := strings.CutPrefix(e.Name(), prefix); ok {
			digits, _, _ := strings.Cut(name, ".")
			if n, err := strconv.ParseInt(digits, 10, 64); err == nil {
				seconds = max(seconds, n+1)
			}
		}
	}
	for {
		name := filepath.Join(dir, fmt.Sprintf("%s%010d.%s", prefix, seconds, host))
		f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
		if !errors.Is(err, fs.ErrExist) {
			return f, err
		}
		seconds++ // another process was faster
	}
}

// Path returns the name of the event file.
func (w *Writer) Path() string { return w.path }

// Scalar writes a number of one's own under a tag; what comes before the first
// slash of a tag is its section.
func (w *Writer) Scalar(tag string, step int64, v float64) {
	w.values.scalar(tag, v)
	w.commit(step, w.o.Clock())
}

// Text writes a text, which TensorBoard takes for Markdown, under a tag.
func (w *Writer) Text(tag string, step int64, text string) {
	w.values.text(tag, text)
	w.commit(step, w.o.Clock())
}

// Flush hands to the operating system what is still in memory.
func (w *Writer) Flush() {
	if w.err == nil {
		w.fail(w.buf.Flush())
	}
}

// Close ends the file and returns the first error of the whole writing.
func (w *Writer) Close() error {
	if w.file == nil {
		return w.err
	}
	w.Flush()
	err := w.file.Close()
	w.file = nil
	if w.err == nil {
		w.fail(err)
	}
	return w.err
}

// commit writes the values collected as one event.
func (w *Writer) commit(step int64, now time.Time) {
	if event := w.values.event(step, now); event != nil {
		w.put(event)
	}
}

// put writes one record.
func (w *Writer) put(event []byte) {
	if w.err != nil {
		return
	}
	if w.file == nil {
		w.err = errors.New("tensorboard: an event after Close")
		return
	}
	w.record = appendRecord(w.record[:0], event)
	_, err := w.buf.Write(w.record)
	w.fail(err)
}

func (w *Writer) fail(err error) {
	if err != nil {
		w.err = fmt.Errorf("tensorboard: %w", err)
	}
}

var _ train.Sink = (*Writer)(nil)
