// Package export writes the events of runs as tables, for spreadsheets, pandas,
// DuckDB and whatever else reads CSV or Parquet.
//
// There is a table for each kind of event, and every table begins with the
// columns run and time, so that the tables of several runs can be put together
// and are when several runs are written to one. Events are streamed: a table
// of any length takes the memory of one row group.
package export

import (
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"

	"github.com/descent-go/descent/train"
)

// A Run is a name and the events of a run: a function that calls yield with
// one after the other, with the seconds since the run began, and returns the
// first error. Yield keeps no event after it returns.
type Run struct {
	Name   string
	Events func(yield func(at float64, e train.Event) error) error
}

// A Format is how a table is written.
type Format string

// The formats. Floating-point numbers are exact in each of them.
const (
	// CSV has a head of names, commas and, where needed, quotes. Numbers are the
	// shortest that are read back to the same bits, or NaN, inf, -inf. What an
	// event does not have is empty; lists are in brackets, as in JSON.
	CSV Format = "csv"
	// TSV is CSV with tabs.
	TSV Format = "tsv"
	// JSONL has an object on each line. What an event does not have is left out,
	// and numbers that are not finite are the strings "NaN", "Infinity", "-Infinity".
	JSONL Format = "jsonl"
	// Parquet has columns of float64, int64, bool and strings, compressed by
	// Zstandard. What an event does not have is null.
	Parquet Format = "parquet"
)

// Formats returns all formats.
func Formats() []Format { return []Format{CSV, TSV, JSONL, Parquet} }

// FormatOf returns the format that the end of a file's name says.
func FormatOf(path string) (Format, error) {
	f := Format(strings.ToLower(strings.TrimPrefix(filepath.Ext(path), ".")))
	if !slices.Contains(Formats(), f) {
		return "", fmt.Errorf("export: %q ends in no format's name, want one of %v", path, Formats())
	}
	return f, nil
}

// A Table is a kind of event as rows.
type Table string

// The tables. The fields of their row types are the columns.
const (
	Steps       Table = "steps"       // StepRow
	Evaluations Table = "evaluations" // EvaluationRow
	Epochs      Table = "epochs"      // EpochRow
	Diagnostics Table = "diagnostics" // DiagnosisRow
	Norms       Table = "norms"       // NormRow: of every parameter in a diagnosis
	Checkpoints Table = "checkpoints" // CheckpointRow
)

// Tables returns all tables.
func Tables() []Table { return []Table{Steps, Evaluations, Epochs, Diagnostics, Norms, Checkpoints} }

// Write writes a table of runs, one after the other.
//
// An error names the table, the format or the run that it is about. What was
// written by then is not a whole file.
func Write(w io.Writer, t Table, f Format, runs ...Run) error {
	switch t {
	case Steps:
		return write(w, f, runs, one(stepRow))
	case Evaluations:
		return write(w, f, runs, one(evaluationRow))
	case Epochs:
		return write(w, f, runs, one(epochRow))
	case Diagnostics:
		return write(w, f, runs, one(diagnosisRow))
	case Norms:
		return write(w, f, runs, normRows)
	case Checkpoints:
		return write(w, f, runs, one(checkpointRow))
	}
	return fmt.Errorf("export: no table %q, want one of %v", t, Tables())
}

// WriteSteps writes the table of steps.
func WriteSteps(w io.Writer, f Format, runs ...Run) error { return Write(w, Steps, f, runs...) }

// WriteEvaluations writes the table of evaluations.
func WriteEvaluations(w io.Writer, f Format, runs ...Run) error {
	return Write(w, Evaluations, f, runs...)
}

// WriteDiagnostics writes the table of diagnoses.
func WriteDiagnostics(w io.Writer, f Format, runs ...Run) error {
	return Write(w, Diagnostics, f, runs...)
}

// rows appends the rows of an event to a table.
type rows[R any] func(table []R, h head, e train.Event) []R

// one makes rows of a function that returns the row of an event, and whether
// it has one.
func one[R any](row func(h head, e train.Event) (R, bool)) rows[R] {
	return func(table []R, h head, e train.Event) []R {
		if r, ok := row(h, e); ok {
			table = append(table, r)
		}
		return table
	}
}

// batch is how many rows are handed on at a time.
const batch = 1024

func write[R any](w io.Writer, f Format, runs []Run, rows rows[R]) error {
	sink, err := open[R](w, f)
	if err != nil {
		return err
	}
	table := make([]R, 0, batch)
	flush := func() error {
		err := sink.write(table)
		clear(table)
		table = table[:0]
		return err
	}
	for _, run := range runs {
		err := run.Events(func(at float64, e train.Event) error {
			if table = rows(table, head{Run: run.Name, Time: at}, e); len(table) < batch {
				return nil
			}
			return flush()
		})
		if err != nil {
			return fmt.Errorf("export: run %q: %w", run.Name, err)
		}
	}
	if err := flush(); err != nil {
		return fmt.Errorf("export: %w", err)
	}
	if err := sink.close(); err != nil {
		return fmt.Errorf("export: %w", err)
	}
	return nil
}

// A sink writes rows in a format.
type sink[R any] interface {
	write(table []R) error
	close() error
}

func open[R any](w io.Writer, f Format) (sink[R], error) {
	switch f {
	case CSV:
		return newDelimited[R](w, ',')
	case TSV:
		return newDelimited[R](w, '\t')
	case JSONL:
		return newLines[R](w), nil
	case Parquet:
		return newParquet[R](w), nil
	}
	return nil, fmt.Errorf("export: no format %q, want one of %v", f, Formats())
}
