package data

import (
	"errors"
	"fmt"
	"io"
)

// StreamOptions say how a Stream reads.
type StreamOptions struct {
	Size   int          // rows of a batch, at least 1; the last batch may be shorter
	Schema *Schema      // how rows are encoded; nil: fitted on the first rows
	Sample int          // how many first rows to fit it on, at least 1 (one more where there is no header); unused with a Schema
	Table  TableOptions // how the table is read; with a Schema only Comma and Header matter, and its own stand in for theirs
}

// A Stream serves the rows of a table as they arrive, for online learning:
// each row once, in order, and nothing but one batch is kept.
type Stream struct {
	rows    *rows
	enc     *encoder
	size    int
	waiting *Table // rows that have been read and not served
	sample  *Set
	count   int64
	err     error
	buf     Batch
	row     []float32
}

// NewStream reads the beginning of r and returns a stream of its rows. Without
// a schema it waits for Sample rows, fits one on them, and serves them too; a
// category or class that first appears later is then an error, unless
// TableOptions.Classes lists it.
func NewStream(r io.Reader, name string, opt StreamOptions) (*Stream, error) {
	if opt.Size < 1 {
		return nil, fmt.Errorf("data: StreamOptions.Size = %d, want at least 1", opt.Size)
	}
	schema, table := opt.Schema, opt.Table
	if schema == nil && opt.Sample < 1 {
		return nil, fmt.Errorf("data: StreamOptions.Sample = %d, want at least 1 without a schema", opt.Sample)
	}
	look := min(opt.Sample, detectLines)
	if schema != nil {
		look = 1
		if table.Comma == 0 {
			table.Comma = schema.Comma
		}
		if table.Header == HeaderAuto {
			table.Header = schema.Header
		}
	}
	s := &Stream{size: opt.Size}
	var err error
	if s.rows, err = newRows(r, name, table, look); err != nil {
		return nil, err
	}
	if schema != nil {
		s.waiting, err = s.rows.begin(table.Header, schema.names())
	} else {
		s.waiting, err = s.rows.table(table.Header, nil, opt.Sample+1)
	}
	if err != nil {
		return nil, err
	}
	if schema == nil {
		if schema, err = FitSchema(s.waiting, table); err != nil {
			return nil, err
		}
		if s.sample, err = schema.Encode(s.waiting); err != nil {
			return nil, err
		}
	}
	if s.enc, err = schema.encoder(s.waiting, true); err != nil {
		return nil, err
	}
	s.row = make([]float32, s.enc.dim)
	s.buf = Batch{Dim: s.enc.dim, X: make([]float32, s.size*s.enc.dim)}
	if schema.Task == Classification {
		s.buf.Label = make([]int32, s.size)
	} else {
		s.buf.Out, s.buf.Target = 1, make([]float32, s.size)
	}
	return s, nil
}

// begin reads the first row of a stream, which may be a header of the known
// names: rows can follow later.
func (r *rows) begin(header Header, known []string) (*Table, error) {
	cells, line, err := r.next()
	if errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("data: %s is empty", r.name)
	}
	if err != nil {
		return nil, err
	}
	t := &Table{Name: r.name, Rows: [][]string{cells}, Lines: []int{line}}
	if header == HeaderAuto && sameNames(cells, known) {
		header = HeaderYes
	}
	return t, t.name(header == HeaderYes)
}

// Schema returns how rows are encoded.
func (s *Stream) Schema() *Schema { return s.enc.Schema }

// Sample returns the first rows, on which the schema was fitted, as a set: to
// fit a Scaler on, say. The stream serves them too. It is nil if a schema was
// given.
func (s *Stream) Sample() *Set { return s.sample }

// Rows returns the number of rows served.
func (s *Stream) Rows() int64 { return s.count }

// Next waits for the next batch. Before an error it serves the rows that came
// before it.
func (s *Stream) Next(dst *Batch) bool {
	n := 0
	for n < s.size && s.err == nil {
		var cells []string
		var line int
		if cells, line, s.err = s.read(); s.err != nil {
			break
		}
		label, target, keep, err := s.enc.row(s.row, cells, line)
		if err != nil {
			s.err = err
			break
		}
		if !keep {
			continue
		}
		copy(s.buf.X[n*s.buf.Dim:], s.row)
		if s.buf.Label != nil {
			s.buf.Label[n] = label
		} else {
			s.buf.Target[n] = target
		}
		n++
	}
	s.count += int64(n)
	*dst = s.buf
	dst.N = n
	dst.X = s.buf.X[:n*s.buf.Dim]
	if s.buf.Label != nil {
		dst.Label = s.buf.Label[:n]
	} else {
		dst.Target = s.buf.Target[:n]
	}
	return n > 0
}

// read returns the next row, waiting or new.
func (s *Stream) read() ([]string, int, error) {
	if w := s.waiting; len(w.Rows) > 0 {
		cells, line := w.Rows[0], w.Lines[0]
		w.Rows, w.Lines = w.Rows[1:], w.Lines[1:]
		return cells, line, nil
	}
	return s.rows.next()
}

// Err returns the error that ended the stream, with file and line, or nil if
// it was the end of the input. It is meaningful once Next has returned false.
func (s *Stream) Err() error {
	if errors.Is(s.err, io.EOF) {
		return nil
	}
	return s.err
}
