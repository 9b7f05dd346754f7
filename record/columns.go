package record

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/descent-go/descent/train"
)

// Columns hold the numbers of a run's log by name, in the order of the log, to
// draw curves from; Refresh reads what the log has got since. They are not safe
// for concurrent use.
//
// The names are those of what steps have (loss, rate, grad_norm, update_norm,
// param_norm), of the means of epochs (epoch_loss), of evaluations (val_loss,
// val_accuracy, train_loss, train_accuracy, test_loss, test_accuracy), of
// diagnoses (cosine, alpha, along, sharpness, edge) and, for each parameter that
// they look at, value, grad, update and ratio, such as "grad/layer1.weight".
type Columns struct {
	// PerEpoch is the number of steps in an epoch, 0 without epochs.
	PerEpoch int64
	// Planned are the steps that the run will take at most, 0 when unknown.
	Planned int64
	// Began says that there is the first event.
	Began bool
	// Finished says that there is the last event.
	Finished bool
	// Marks are what happened beside the numbers.
	Marks []Mark
	// Skipped are the rows of steps that had no update, and Skips how many there
	// were: of a log that is thinned, not all have a row.
	Skipped []int
	Skips   int64
	// Clipped is the number of steps whose gradient was scaled.
	Clipped int64
	// Most is about how many bytes of memory the rows may take. 0 is MostHeld.
	Most int64
	// Problem says which line could not be read and was left out, the first of them.
	Problem string

	path     string
	reading  int    // times that rows or marks have changed, and not only come
	size     int64  // bytes of the log that have been read: whole lines
	lines    int    // of them
	broken   int    // the line that Problem is about
	examples int64  // that steps have had
	last     []byte // that lie before size: see Place
	rows     map[string]*Rows
	kinds    []string // the keys of rows, as they came
	steps    *Rows    // of rows, or nil
	spare    *Rows    // room for steps

	stops []stop // that reading can go back to
	sum   uint32 // of the bytes behind the last one
	cut   cut    // the last time that the log was cut back
	grain int64  // of rows that are thinned, in bytes; 0: none are
	every int64  // bytes between stops, 0 for stopEvery
}

// Rows are the events of a kind.
type Rows struct {
	Step     []int64   // updates applied
	Seconds  []float64 // since the run began
	Examples []int64   // trained on by then
	End      []int64   // bytes of the log up to the event's end

	names   []string
	columns [][]float64 // nil until there is a number
	room    [][]float64 // for columns
	spans   []span      // of columns, when rows are thinned
}

// A Mark is an event without a curve.
type Mark struct {
	Kind     string // resumed, checkpoint, oscillating, diverged, finished
	Step     int64
	Seconds  float64
	Examples int64
	End      int64
	Text     string // a sentence, or a checkpoint's name
	Loss     float64
}

// none are the bits of None.
const none = 0x7ff8_0000_0000_0bad

// None is what a column has where an event has no such number. It is a NaN of
// its own: the NaN of a run that diverges is a number that there is.
var None = math.Float64frombits(none)

// Absent reports whether an element of a column is None.
func Absent(v float64) bool { return math.Float64bits(v) == none }

// Columns returns the columns of the run's log, empty before the first Refresh.
func (r *Run) Columns() *Columns { return &Columns{path: r.Path(EventsFile)} }

// stepKind is the kind of steps.
const stepKind = "step"

// The columns of every kind of event, and the names they have.
var (
	stepColumns      = []string{"loss", "rate", "grad_norm", "update_norm", "param_norm"}
	diagnosisColumns = []string{"cosine", "alpha", "along", "sharpness", "edge"}
	paramColumns     = []string{"value", "grad", "update", "ratio"}
	setColumns       = map[string][]string{
		"validation": {"val_loss", "val_accuracy"}, "train": {"train_loss", "train_accuracy"}, "test": {"test_loss", "test_accuracy"},
	}
)

// kind returns the rows of a kind of event, which has columns of these names.
func (c *Columns) kind(name string, columns []string) *Rows {
	r := c.rows[name]
	if r == nil {
		if r = c.spare; r == nil || name != stepKind {
			r = &Rows{names: columns, columns: make([][]float64, len(columns)), room: make([][]float64, len(columns))}
		}
		if c.rows == nil {
			c.rows = map[string]*Rows{}
		}
		if name == stepKind {
			c.steps = r
		}
		c.rows[name] = r
		c.kinds = append(c.kinds, name)
	}
	return r
}

// Names lists the columns that have a number.
func (c *Columns) Names() []string {
	var names []string
	for _, kind := range c.kinds {
		for i, name := range c.rows[kind].names {
			if c.rows[kind].columns[i] != nil {
				names = append(names, name)
			}
		}
	}
	return names
}

// Column returns a column, its elements one for each row, and false if there is
// none of that name. They are valid until the next Refresh, and not to be changed.
func (c *Columns) Column(name string) (rows *Rows, column []float64, ok bool) {
	for _, kind := range c.kinds {
		r := c.rows[kind]
		if i := slices.Index(r.names, name); i >= 0 && r.columns[i] != nil {
			return r, r.columns[i], true
		}
	}
	return nil, nil, false
}

// Steps returns the rows of steps, empty when there are none.
func (c *Columns) Steps() *Rows {
	if c.steps != nil {
		return c.steps
	}
	return &Rows{}
}

// Examples returns how many examples the run has been trained on.
func (c *Columns) Examples() int64 { return c.examples }

// Bytes returns about how much memory the columns take.
func (c *Columns) Bytes() int64 {
	var n int64
	for _, r := range c.rows {
		n += 8 * int64(cap(r.Step)+cap(r.Seconds)+cap(r.Examples)+cap(r.End))
		for _, v := range r.columns {
			n += 8 * int64(cap(v))
		}
		for _, s := range r.spans {
			n += 12 * int64(cap(s.mean))
		}
	}
	return n + int64(cap(c.Marks))*96 + int64(cap(c.Skipped))*8 + int64(cap(c.stops))*400
}

// Len returns the number of rows.
func (r *Rows) Len() int { return len(r.Step) }

// add adds a row without numbers.
func (r *Rows) add(step int64, at float64, examples, end int64) {
	r.Step, r.Seconds = append(r.Step, step), append(r.Seconds, at)
	r.Examples, r.End = append(r.Examples, examples), append(r.End, end)
	for i, v := range r.columns {
		if v != nil {
			r.columns[i] = append(v, None)
		}
	}
}

// set sets a number of the last row.
func (r *Rows) set(i int, v float64) {
	if r.columns[i] == nil {
		r.columns[i] = missing(r.room[i], len(r.Step))
	}
	r.columns[i][len(r.Step)-1] = v
}

// missing returns a column without numbers, in room if it has enough.
func missing(room []float64, n int) []float64 {
	if cap(room) < n {
		room = make([]float64, n, n+n/4)
	}
	room = room[:n]
	for i := range room {
		room[i] = None
	}
	return room
}

// clear removes all rows, and keeps the memory.
func (r *Rows) clear() {
	r.Step, r.Seconds, r.Examples, r.End = r.Step[:0], r.Seconds[:0], r.Examples[:0], r.End[:0]
	for i, v := range r.columns {
		if v != nil {
			r.room[i], r.columns[i] = v[:0], nil
		}
	}
}

// clear removes all that has been read, and keeps the memory of steps.
func (c *Columns) clear() {
	spare := c.steps
	if spare == nil {
		spare = c.spare
	}
	if *c = (Columns{spare: spare}); spare != nil {
		spare.clear()
	}
}

// step adds a row for a step.
func (c *Columns) step(at float64, e *train.Step, end int64) {
	r := c.steps
	if r == nil {
		r = c.kind(stepKind, stepColumns)
	}
	c.examples += int64(e.Examples)
	r.add(e.Step, at, c.examples, end)
	r.set(0, e.Loss)
	r.set(1, e.Rate)
	for i, v := range [...]float64{e.GradNorm, e.UpdateNorm, e.ParamNorm} {
		if v != 0 { // which stands for one that was not measured
			r.set(2+i, v)
		}
	}
	if e.Skipped {
		c.Skipped = append(c.Skipped, r.Len()-1)
		c.Skips++
	}
	if e.Clipped {
		c.Clipped++
	}
}

// event adds what an event that is no step has.
func (c *Columns) event(at float64, e train.Event, end int64) {
	mark := func(kind string, step int64, text string) *Mark {
		c.Marks = append(c.Marks, Mark{Kind: kind, Step: step, Seconds: at, Examples: c.examples, End: end, Text: text, Loss: None})
		return &c.Marks[len(c.Marks)-1]
	}
	switch e := e.(type) {
	case *train.Started:
		c.Began, c.PerEpoch, c.Planned = true, e.PerEpoch, e.Steps
	case *train.Resumed:
		c.Began, c.PerEpoch, c.Planned, c.Finished = true, e.PerEpoch, e.Steps, false
		mark("resumed", e.Step, e.From)
	case *train.Step:
		c.step(at, e, end)
	case *train.EpochEnd:
		r := c.kind("epoch", []string{"epoch_loss"})
		r.add(e.Step, at, c.examples, end)
		r.set(0, e.Loss)
	case *train.Evaluation:
		columns := setColumns[e.Set]
		if columns == nil {
			return
		}
		r := c.kind(e.Set, columns)
		r.add(e.Step, at, c.examples, end)
		if r.set(0, e.Loss); e.Labelled {
			r.set(1, e.Accuracy)
		}
	case *train.Diagnosis:
		c.diagnosis(at, e, end)
	case *train.Checkpointed:
		text := e.Name
		if e.Error != "" {
			text = e.Error
		}
		mark("checkpoint", e.Step, text)
	case *train.Oscillating:
		mark("oscillating", e.Step, fmt.Sprintf("oscillates with a period of %.4g updates", e.Period))
	case *train.Diverged:
		mark("diverged", e.Step+1, e.String()).Loss = float64(e.Loss)
	case *train.Finished:
		c.Finished = true
		text := ""
		step := int64(0)
		if e.Result != nil {
			text, step = e.Result.Verdict, e.Result.Steps
		}
		mark("finished", step, text)
	}
}

// diagnosis adds rows for a diagnosis. NaN in it stands for no number: what was
// not asked for.
func (c *Columns) diagnosis(at float64, e *train.Diagnosis, end int64) {
	add := func(r *Rows, values ...train.Real) {
		r.add(e.Step, at, c.examples, end)
		for i, v := range values {
			if !math.IsNaN(float64(v)) {
				r.set(i, float64(v))
			}
		}
	}
	add(c.kind("diagnosis", diagnosisColumns), e.Cosine, e.Alpha, e.Along, e.Sharpness, e.Edge)
	for i := range e.Params {
		p := &e.Params[i]
		kind := "param " + p.Name
		r := c.rows[kind]
		if r == nil {
			names := make([]string, len(paramColumns))
			for k, what := range paramColumns {
				names[k] = what + "/" + p.Name
			}
			r = c.kind(kind, names)
		}
		add(r, p.Value, p.Grad, p.Update, p.Ratio)
	}
}

// Params lists the parameters that diagnoses have looked at, in their order.
func (c *Columns) Params() []string {
	var names []string
	for _, kind := range c.kinds {
		if name, ok := strings.CutPrefix(kind, "param "); ok {
			names = append(names, name)
		}
	}
	return names
}
