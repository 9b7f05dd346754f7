package report

import (
	"bytes"
	"cmp"
	"encoding/csv"
	"fmt"
	"math"
	"strconv"
	"strings"
)

// A Table is rows under a head. The first column names the rows.
type Table struct {
	Caption string
	File    string // name of the file of numbers, without .csv; each table its own
	Columns []Column
	Rows    []Row
	Notes   []string // below the table
}

// Column is the head of a column.
type Column struct {
	Name    string
	Numeric bool // set to the right
}

// Row is one row: a cell for each column.
type Row struct {
	Cells  []Cell
	Strong bool // stands out
}

// A Cell is what stands in a table: a text, a number, or nothing, which is the
// zero Cell.
type Cell struct {
	text   string
	number *float64
}

// Text is a cell with a text.
func Text(s string) Cell { return Cell{text: s} }

// Number is a cell with a number: four significant digits of it are shown, ∞ for
// +Inf and nothing for NaN.
func Number(v float64) Cell { return Shown(v, short(v)) }

// Count is a cell with a whole number.
func Count(n int64) Cell { return Shown(float64(n), grouped(n)) }

// Percent is a cell with a share: 0.25 is shown as 25.00 %.
func Percent(v float64) Cell { return Shown(v, fmt.Sprintf("%.2f %%", 100*v)) }

// Shown is a cell with a number that is shown as a text says. NaN is nothing.
func Shown(v float64, text string) Cell {
	if math.IsNaN(v) {
		return Cell{}
	}
	return Cell{text, &v}
}

// empty reports whether there is nothing in the cell.
func (c Cell) empty() bool { return c.text == "" && c.number == nil }

// Text is what is shown.
func (c Cell) Text() string {
	if c.empty() {
		return "–"
	}
	return c.text
}

// Key is what the cell is sorted by: a number for JavaScript; "" if it has none.
func (c Cell) Key() string {
	if c.number == nil {
		return ""
	}
	return strings.NewReplacer("+Inf", "Infinity", "-Inf", "-Infinity").Replace(exact(*c.number))
}

// csv is the cell in a file of numbers.
func (c Cell) csv() string {
	if c.number == nil {
		return c.text
	}
	return exact(*c.number)
}

// exact writes all digits of a number.
func exact(v float64) string {
	if v == math.Trunc(v) && math.Abs(v) < 1e15 {
		return strconv.FormatFloat(v, 'f', -1, 64)
	}
	return strconv.FormatFloat(v, 'g', -1, 64)
}

// csv writes the table, its head first. Numbers have all of their digits.
func (t *Table) csv() []byte {
	var b bytes.Buffer
	w := csv.NewWriter(&b) // into memory: nothing fails
	line := make([]string, len(t.Columns))
	for i, c := range t.Columns {
		line[i] = c.Name
	}
	_ = w.Write(line)
	for _, r := range t.Rows {
		for i, c := range r.Cells {
			line[i] = c.csv()
		}
		_ = w.Write(line)
	}
	w.Flush()
	return b.Bytes()
}

func (t *Table) check() error {
	if len(t.Columns) == 0 {
		return fmt.Errorf("report: table %q has no columns, want at least one", t.Caption)
	}
	for i, r := range t.Rows {
		if len(r.Cells) != len(t.Columns) {
			return fmt.Errorf("report: table %q: row %d has %d cells, want %d, one for each column", t.Caption, i, len(r.Cells), len(t.Columns))
		}
	}
	return nil
}

// short writes a number for people, with four significant digits.
func short(v float64) string {
	switch a := math.Abs(v); {
	case math.IsInf(v, 1):
		return "∞"
	case math.IsInf(v, -1):
		return "−∞"
	case v == math.Trunc(v) && a < 1e7:
		return grouped(int64(v))
	case a >= 1e-4 && a < 1e5:
		if a >= 9999.5 {
			return grouped(int64(math.Round(v)))
		}
		return minus(strconv.FormatFloat(v, 'g', 4, 64))
	case math.IsNaN(v):
		return "NaN"
	}
	mantissa, exponent, _ := strings.Cut(strconv.FormatFloat(v, 'e', 3, 64), "e")
	mantissa = strings.TrimRight(strings.TrimRight(mantissa, "0"), ".")
	n, _ := strconv.Atoi(exponent) // as FormatFloat wrote it
	return minus(mantissa + "e" + strconv.Itoa(n))
}

// minus puts the sign of minus before a negative number.
func minus(text string) string {
	if text[0] == '-' {
		return "−" + text[1:]
	}
	return text
}

// grouped writes a whole number with commas between thousands, from five digits.
func grouped(n int64) string {
	text := strconv.FormatInt(n, 10)
	sign := ""
	if text[0] == '-' {
		sign, text = "−", text[1:]
	}
	if len(text) < 5 {
		return sign + text
	}
	for i := len(text) - 3; i > 0; i -= 3 {
		text = text[:i] + "," + text[i:]
	}
	return sign + text
}

// compare orders cells: numbers by value, then what has none.
func (c Cell) compare(d Cell) int {
	switch {
	case c.number != nil && d.number != nil:
		return cmp.Compare(*c.number, *d.number)
	case c.number != nil:
		return -1
	case d.number != nil:
		return 1
	}
	return strings.Compare(c.text, d.text)
}
