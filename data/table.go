package data

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"slices"
	"strconv"
	"strings"
)

// TableOptions say how a table of separated values is read. The zero value
// detects everything: the last column is the target, and a missing value is an
// error.
//
// Columns are named by the header, or by their number: 1 is the first, -1 the
// last. A name wins over a number.
type TableOptions struct {
	Comma       rune     // delimiter; 0: a tab in .tsv and .tab, else the one of tab ; | , that the first lines agree on
	Header      Header   // whether the first row holds names; "": detected
	Target      string   // the column to learn; "": the last
	Task        Task     // "": classification unless the target is a quantity, see Schema
	Missing     Missing  // "": MissingError
	Categorical []string // columns that are categories although they are numbers
	Ignore      []string // columns left out
	Classes     []string // the classes in order; nil: those of the training file
}

// A Header tells whether the first row of a table holds names.
type Header string

const (
	HeaderAuto Header = ""    // it does if it is unlike the rows below: no number or gap in it, and one below or no value of it again
	HeaderYes  Header = "yes" // it does
	HeaderNo   Header = "no"  // it is the first example
)

// A Task is what is learned from a table.
type Task string

const (
	TaskAuto       Task = ""
	Classification Task = "classification"
	Regression     Task = "regression"
)

// Missing is what happens to missing values: cells that are empty or hold ?,
// NA, N/A, NaN or null in any case. A target is never filled in.
type Missing string

const (
	MissingError  Missing = "error"  // the first one is an error
	MissingMean   Missing = "mean"   // numbers become the training file's mean, categories its most frequent
	MissingMedian Missing = "median" // numbers become the training file's median, categories its most frequent
	MissingDrop   Missing = "drop"   // rows with one are left out
)

func (o TableOptions) check() error {
	switch o.Header {
	case HeaderAuto, HeaderYes, HeaderNo:
	default:
		return fmt.Errorf("data: TableOptions.Header = %q, want %q, %q or nothing", o.Header, HeaderYes, HeaderNo)
	}
	switch o.Task {
	case TaskAuto, Classification, Regression:
	default:
		return fmt.Errorf("data: TableOptions.Task = %q, want %q, %q or nothing", o.Task, Classification, Regression)
	}
	switch o.Missing {
	case "", MissingError, MissingMean, MissingMedian, MissingDrop:
	default:
		return fmt.Errorf("data: TableOptions.Missing = %q, want %q, %q, %q or %q", o.Missing, MissingError, MissingMean, MissingMedian, MissingDrop)
	}
	if o.Classes != nil {
		if o.Task == Regression {
			return fmt.Errorf("data: TableOptions.Classes of a regression, want none")
		}
		for i, c := range o.Classes {
			if slices.Contains(o.Classes[:i], c) {
				return fmt.Errorf("data: TableOptions.Classes has %q twice", c)
			}
		}
	}
	switch o.Comma {
	case '"', '\r', '\n', '\uFFFD':
		return fmt.Errorf("data: TableOptions.Comma = %q cannot separate values", o.Comma)
	}
	return nil
}

// A Table is the text of a file of separated values.
type Table struct {
	Name    string     // the file, for messages
	Columns []string   // the names of the columns; "column 1" and on where there are none
	Named   bool       // whether the file named them
	Rows    [][]string // the cells, without surrounding space
	Lines   []int      // the line that each row begins at
}

// errorf makes an error about a cell: file:line: column n (name): what.
func (t *Table) errorf(row, col int, format string, args ...any) error {
	return cellError(t.Name, t.Lines[row], col, t.Columns[col], format, args...)
}

func cellError(file string, line, col int, name, format string, args ...any) error {
	if name == columnName(col) {
		return fmt.Errorf("data: %s:%d: column %d: %s", file, line, col+1, fmt.Sprintf(format, args...))
	}
	return fmt.Errorf("data: %s:%d: column %d (%s): %s", file, line, col+1, name, fmt.Sprintf(format, args...))
}

func columnName(col int) string { return "column " + strconv.Itoa(col+1) }

// find returns the column of a name or number.
func (t *Table) find(what, column string) (int, error) {
	for i, name := range t.Columns {
		if t.Named && name == column {
			return i, nil
		}
	}
	n := len(t.Columns)
	if i, err := strconv.Atoi(column); err == nil {
		switch {
		case i >= 1 && i <= n:
			return i - 1, nil
		case i <= -1 && i >= -n:
			return n + i, nil
		}
		return 0, fmt.Errorf("data: %s: %s %s, want 1 to %d, or -1 to -%d from the end", t.Name, what, column, n, n)
	}
	if !t.Named {
		return 0, fmt.Errorf("data: %s: %s %q: the columns have no names, want a number from 1 to %d", t.Name, what, column, n)
	}
	return 0, fmt.Errorf("data: %s: %s %q is not a column, want one of %s", t.Name, what, column, list(t.Columns))
}

// list joins names for a message, the first ten of them.
func list(names []string) string {
	const most = 10
	if len(names) <= most {
		return strings.Join(names, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(names[:most], ", "), len(names)-most)
}

// ReadTable reads a table, plain or gzip. Name is used in messages and its
// extension to detect the delimiter. No rows, a row of another length than the
// first, a name that appears twice and broken quotes are errors with file and
// line.
func ReadTable(r io.Reader, name string, opt TableOptions) (*Table, error) {
	rs, err := newRows(r, name, opt, detectLines)
	if err != nil {
		return nil, err
	}
	return rs.table(opt.Header, nil, math.MaxInt)
}

// LoadTable reads a table from a file.
func LoadTable(path string, opt TableOptions) (t *Table, err error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("data: %w", err)
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	return ReadTable(f, path, opt)
}

// rows reads a table row by row.
type rows struct {
	csv   *csv.Reader
	name  string
	width int // cells of a row; 0 before the first
	first int // the line of the first row
}

// newRows begins to read a table; look is how many lines it may wait for to
// detect the delimiter.
func newRows(r io.Reader, name string, opt TableOptions, look int) (*rows, error) {
	if err := opt.check(); err != nil {
		return nil, err
	}
	r, err := plain(r)
	if err != nil {
		return nil, fmt.Errorf("data: %s: %w", name, err)
	}
	br := bufio.NewReader(r)
	if bom, _ := br.Peek(3); bytes.Equal(bom, []byte("\xef\xbb\xbf")) {
		_, _ = br.Discard(3)
	}
	r = br
	if opt.Comma == 0 {
		start, err := firstLines(br, look)
		if err != nil {
			return nil, fmt.Errorf("data: %s: %w", name, err)
		}
		if i := bytes.IndexByte(start, 0); i >= 0 {
			return nil, fmt.Errorf("data: %s: offset %d holds a zero byte: not a text file", name, i)
		}
		opt.Comma = detectComma(name, start)
		r = io.MultiReader(bytes.NewReader(start), br)
	}
	c := csv.NewReader(r)
	c.Comma = opt.Comma
	c.FieldsPerRecord = -1
	c.TrimLeadingSpace = opt.Comma != '\t' && opt.Comma != ' '
	return &rows{csv: c, name: name}, nil
}

// next returns the cells of the next row and the line it begins at, or io.EOF.
func (r *rows) next() ([]string, int, error) {
	cells, err := r.csv.Read()
	var bad *csv.ParseError
	switch {
	case errors.Is(err, io.EOF):
		return nil, 0, io.EOF
	case errors.As(err, &bad):
		return nil, 0, fmt.Errorf("data: %s:%d:%d: %w", r.name, bad.Line, bad.Column, bad.Err)
	case err != nil:
		return nil, 0, fmt.Errorf("data: %s: %w", r.name, err)
	}
	line, _ := r.csv.FieldPos(0)
	if r.width == 0 {
		r.width, r.first = len(cells), line
	}
	if len(cells) != r.width {
		return nil, 0, fmt.Errorf("data: %s:%d: %d columns, want %d as in line %d", r.name, line, len(cells), r.width, r.first)
	}
	for i := range cells {
		cells[i] = strings.TrimSpace(cells[i])
	}
	return cells, line, nil
}

// table reads at most limit rows. Known are the column names to recognise a
// header by, if any.
func (r *rows) table(header Header, known []string, limit int) (*Table, error) {
	t := &Table{Name: r.name}
	for len(t.Rows) < limit {
		cells, line, err := r.next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, err
		}
		t.Rows = append(t.Rows, cells)
		t.Lines = append(t.Lines, line)
	}
	if len(t.Rows) == 0 {
		return nil, fmt.Errorf("data: %s is empty", r.name)
	}
	if header == HeaderAuto && (isHeader(t.Rows) || sameNames(t.Rows[0], known)) {
		header = HeaderYes
	}
	if err := t.name(header == HeaderYes); err != nil {
		return nil, err
	}
	if len(t.Rows) == 0 {
		return nil, fmt.Errorf("data: %s:%d: a header (%s) and no rows", r.name, r.first, list(t.Columns))
	}
	return t, nil
}

// name names the columns, by the first row if that is a header.
func (t *Table) name(header bool) error {
	t.Named = header
	t.Columns = make([]string, len(t.Rows[0]))
	seen := make(map[string]int)
	for i := range t.Columns {
		if header {
			t.Columns[i] = t.Rows[0][i]
		}
		if t.Columns[i] == "" {
			t.Columns[i] = columnName(i)
		}
		if j, ok := seen[t.Columns[i]]; ok {
			return fmt.Errorf("data: %s:%d: columns %d and %d are both named %q", t.Name, t.Lines[0], j+1, i+1, t.Columns[i])
		}
		seen[t.Columns[i]] = i
	}
	if header {
		t.Rows, t.Lines = t.Rows[1:], t.Lines[1:]
	}
	return nil
}
