package data

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"errors"
	"io"
	"path/filepath"
	"strconv"
	"strings"
)

// detectLines is how many lines of a file tell its delimiter.
const detectLines = 20

// firstLines returns the start of a text: so many lines or 64 KiB or all of it.
func firstLines(r *bufio.Reader, most int) ([]byte, error) {
	var start []byte
	for lines := 0; lines < most && len(start) < 1<<16; {
		part, err := r.ReadSlice('\n')
		start = append(start, part...)
		switch {
		case errors.Is(err, io.EOF):
			return start, nil
		case errors.Is(err, bufio.ErrBufferFull):
		case err != nil:
			return nil, err
		default:
			lines++
		}
	}
	return start, nil
}

// detectComma finds the delimiter of a text that begins with start.
func detectComma(name string, start []byte) rune {
	switch ext := strings.ToLower(filepath.Ext(strings.TrimSuffix(name, ".gz"))); ext {
	case ".tsv", ".tab":
		return '\t'
	}
	if i := bytes.LastIndexByte(start, '\n'); i > 0 {
		start = start[:i] // what follows may be cut off
	}
	for _, comma := range []rune{'\t', ';', '|', ','} {
		c := csv.NewReader(bytes.NewReader(start))
		c.Comma = comma
		c.TrimLeadingSpace = comma != '\t'
		c.LazyQuotes = true
		if all, err := c.ReadAll(); err == nil && len(all) > 0 && len(all[0]) > 1 {
			return comma // csv demands rows of equal length
		}
	}
	first, _, _ := bytes.Cut(start, []byte("\n"))
	best, most := ',', bytes.Count(first, []byte(","))
	for _, comma := range "\t;|" {
		if n := bytes.Count(first, []byte(string(comma))); n > most {
			best, most = comma, n
		}
	}
	return best
}

// isHeader tells whether the first of rows holds names: it has no number and at
// most a first cell without text, and either some column is numbers below it,
// or none of its cells is found again in its column.
func isHeader(rows [][]string) bool {
	for i, cell := range rows[0] {
		if _, ok := number(cell); ok || (isMissing(cell) && (i > 0 || cell != "")) {
			return false
		}
	}
	rows = rows[:min(len(rows), 200)]
	again := false
	for col, name := range rows[0] {
		numbers, values := 0, 0
		for _, row := range rows[1:] {
			if isMissing(row[col]) {
				continue
			}
			values++
			if _, ok := number(row[col]); ok {
				numbers++
			}
			again = again || row[col] == name
		}
		if 2*numbers > values {
			return true
		}
	}
	return !again
}

// sameNames tells whether row holds just the known names, in any order.
func sameNames(row, known []string) bool {
	if len(known) == 0 || len(row) != len(known) {
		return false
	}
	in := make(map[string]bool)
	for _, name := range known {
		in[name] = true
	}
	for _, cell := range row {
		if !in[cell] {
			return false
		}
	}
	return true
}

// isMissing tells whether a cell holds no value.
func isMissing(cell string) bool {
	switch cell {
	case "", "?":
		return true
	}
	if len(cell) > 4 {
		return false
	}
	switch strings.ToLower(cell) {
	case "na", "n/a", "nan", "null":
		return true
	}
	return false
}

// number reads a cell as a number, finite or not.
func number(cell string) (float64, bool) {
	x, err := strconv.ParseFloat(cell, 64)
	return x, err == nil || errors.Is(err, strconv.ErrRange)
}
