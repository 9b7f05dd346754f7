package data

import (
	"errors"
	"fmt"
	"io"
	"math"
	"os"
)

// Encode turns a table into a set. Its columns must be those of the schema, in
// any order if both have names; an unknown category or class is an error that
// names it with file, line and column.
func (s *Schema) Encode(t *Table) (*Set, error) { return s.encode(t, true) }

// EncodeInputs turns a table into a set without labels or targets, to predict
// them. The target's column may be left out.
func (s *Schema) EncodeInputs(t *Table) (*Set, error) { return s.encode(t, false) }

// Read reads a table and encodes it.
func (s *Schema) Read(r io.Reader, name string) (*Set, error) {
	t, err := s.table(r, name)
	if err != nil {
		return nil, err
	}
	return s.Encode(t)
}

// ReadInputs reads a table to predict from, with the target's column or
// without.
func (s *Schema) ReadInputs(r io.Reader, name string) (*Set, error) {
	t, err := s.table(r, name)
	if err != nil {
		return nil, err
	}
	return s.EncodeInputs(t)
}

// Load reads a file and encodes it.
func (s *Schema) Load(path string) (set *Set, err error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("data: %w", err)
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	return s.Read(f, path)
}

func (s *Schema) table(r io.Reader, name string) (*Table, error) {
	rs, err := newRows(r, name, TableOptions{Comma: s.Comma}, detectLines)
	if err != nil {
		return nil, err
	}
	return rs.table(s.Header, s.names(), math.MaxInt)
}

// names returns the names of the columns, if they have any.
func (s *Schema) names() []string {
	if !s.Named {
		return nil
	}
	names := make([]string, len(s.Columns))
	for i, c := range s.Columns {
		names[i] = c.Name
	}
	return names
}

func (s *Schema) encode(t *Table, answers bool) (*Set, error) {
	e, err := s.encoder(t, answers)
	if err != nil {
		return nil, err
	}
	set := &Set{Name: t.Name, Dim: e.dim, Shape: []int{e.dim}, Classes: s.Classes, Features: s.Features()}
	set.X = make([]float32, 0, len(t.Rows)*e.dim)
	row := make([]float32, e.dim)
	for i, cells := range t.Rows {
		label, target, keep, err := e.row(row, cells, t.Lines[i])
		if err != nil {
			return nil, err
		}
		if !keep {
			continue
		}
		set.X = append(set.X, row...)
		switch {
		case !answers:
		case s.Task == Classification:
			set.Label = append(set.Label, label)
		default:
			set.Target = append(set.Target, target)
			set.Out = 1
		}
	}
	if len(set.X) == 0 {
		return nil, fmt.Errorf("data: %s: every row has a missing value, and rows with one are dropped", t.Name)
	}
	return set, nil
}

// An encoder applies a schema to the rows of one file.
type encoder struct {
	*Schema
	file    string
	answers bool             // whether rows need their target
	from    []int            // the file's column of each of the schema's; -1: not there
	index   []map[string]int // the categories of each column
	class   map[string]int
	dim     int
}

// encoder matches the columns of a table with the schema's.
func (s *Schema) encoder(t *Table, answers bool) (*encoder, error) {
	e := &encoder{Schema: s, file: t.Name, answers: answers, dim: s.Dim(), class: indexOf(s.Classes)}
	for _, c := range s.Columns {
		e.index = append(e.index, indexOf(c.Categories))
	}
	var err error
	if s.Named && t.Named {
		err = e.matchNames(t)
	} else {
		err = e.matchPlaces(t)
	}
	return e, err
}

func indexOf(names []string) map[string]int {
	m := make(map[string]int, len(names))
	for i, name := range names {
		m[name] = i
	}
	return m
}

func (e *encoder) matchNames(t *Table) error {
	there := indexOf(t.Columns)
	for _, c := range e.Columns {
		i, ok := there[c.Name]
		if !ok {
			i = -1
			if c.Kind != Ignored && (c.Kind != Target || e.answers) {
				return fmt.Errorf("data: %s has no column %q, as the training file has; its columns are %s", t.Name, c.Name, list(t.Columns))
			}
		}
		e.from = append(e.from, i)
		delete(there, c.Name)
	}
	for _, name := range t.Columns {
		if _, extra := there[name]; extra {
			return fmt.Errorf("data: %s has a column %q that the training file has not", t.Name, name)
		}
	}
	return nil
}

func (e *encoder) matchPlaces(t *Table) error {
	have, want := len(t.Columns), len(e.Columns)
	withoutTarget := !e.answers && have == want-1
	if have != want && !withoutTarget {
		return fmt.Errorf("data: %s has %d columns, want %d as in the training file", t.Name, have, want)
	}
	next := 0
	for _, c := range e.Columns {
		if withoutTarget && c.Kind == Target {
			e.from = append(e.from, -1)
			continue
		}
		e.from = append(e.from, next)
		next++
	}
	return nil
}

// row encodes the cells of one row into dst. Keep is false for a row to leave
// out.
func (e *encoder) row(dst []float32, cells []string, line int) (label int32, target float32, keep bool, err error) {
	at := 0
	for i := range e.Columns {
		c := &e.Columns[i]
		if c.Kind == Ignored || c.Kind == Target && !e.answers {
			continue
		}
		cell := cells[e.from[i]]
		fail := func(format string, args ...any) (int32, float32, bool, error) {
			return 0, 0, false, cellError(e.file, line, e.from[i], c.Name, format, args...)
		}
		missing := isMissing(cell)
		if missing {
			if e.Missing == MissingDrop {
				return 0, 0, false, nil
			}
			if e.Missing == MissingError || c.Kind == Target {
				return fail("%s", e.missing(cell, i))
			}
		}
		switch {
		case c.Kind == Numeric:
			x, why := c.Fill, ""
			if !missing {
				x, why = quantity(cell)
			}
			if why != "" {
				return fail("%s", why)
			}
			dst[at] = float32(x)
			at++
		case c.Kind == Categorical:
			k, ok := int(c.Fill), true
			if !missing {
				k, ok = e.index[i][cell]
			}
			if !ok {
				return fail("category %q is not in the training file, which has %s", cell, list(c.Categories))
			}
			clear(dst[at : at+len(c.Categories)])
			dst[at+k] = 1
			at += len(c.Categories)
		case e.Task == Classification:
			k, ok := e.class[cell]
			if !ok {
				k, ok = e.class[canonical(cell)]
			}
			if !ok {
				return fail("class %q is unknown, want one of %s", cell, list(e.Classes))
			}
			label = int32(k)
		default:
			x, why := quantity(cell)
			if why != "" {
				return fail("%s", why)
			}
			target = float32(x)
		}
	}
	return label, target, true, nil
}
