package data

import (
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strconv"
)

// maxCategories is the most categories of one column.
const maxCategories = 1000

// maxClasses is the most classes that an integer target is taken for.
const maxClasses = 32

// A Kind is what a column of a table is.
type Kind string

const (
	Numeric     Kind = "numeric"     // one feature
	Categorical Kind = "categorical" // one feature per category, 1 for the row's own and 0 for the others
	Target      Kind = "target"      // what is learned
	Ignored     Kind = "ignored"     // left out
)

// A Column is one column of a Schema.
type Column struct {
	Name       string   `json:"name"`
	Kind       Kind     `json:"kind"`
	Categories []string `json:"categories,omitempty"` // sorted; of a categorical column
	Fill       float64  `json:"fill"`                 // takes the place of a missing value: the number, or the index of the category
}

// A Schema is how the rows of a table become numbers: it is fitted on the
// training file, and every other file is encoded by it, with the same columns,
// categories, classes and values for what is missing. It marshals to JSON.
//
// A column is numeric when more than half of its values are numbers, and then
// another value in it is an error; else it is categorical. The target is a
// class when its column is categorical, or when it holds integers, at most 32
// different ones and each twice on average; else it is a quantity. Classes and
// categories are ordered as numbers if they all are, else as text.
type Schema struct {
	Columns []Column `json:"columns"`
	Named   bool     `json:"named"` // the columns have names of their own
	Task    Task     `json:"task"`
	Classes []string `json:"classes,omitempty"` // indexed by label
	Missing Missing  `json:"missing"`
	Comma   rune     `json:"comma,omitempty"`  // as in TableOptions
	Header  Header   `json:"header,omitempty"` // as in TableOptions
}

// FitSchema decides how the training table t is encoded. Errors name file,
// line and column.
func FitSchema(t *Table, opt TableOptions) (*Schema, error) {
	if err := opt.check(); err != nil {
		return nil, err
	}
	s := &Schema{Named: t.Named, Task: opt.Task, Missing: opt.Missing, Comma: opt.Comma, Header: opt.Header}
	if s.Missing == "" {
		s.Missing = MissingError
	}
	if err := s.roles(t, opt); err != nil {
		return nil, err
	}
	if s.Missing == MissingDrop {
		if t = s.complete(t); len(t.Rows) == 0 {
			return nil, fmt.Errorf("data: %s: every row has a missing value, and rows with one are dropped", t.Name)
		}
	}
	for col := range s.Columns {
		var err error
		switch c := &s.Columns[col]; c.Kind {
		case Ignored:
		case Target:
			err = s.fitTarget(t, col, opt.Classes)
		default:
			err = s.fitInput(t, col, c)
		}
		if err != nil {
			return nil, err
		}
	}
	return s, nil
}

// roles finds the target and the columns that options name.
func (s *Schema) roles(t *Table, opt TableOptions) error {
	s.Columns = make([]Column, len(t.Columns))
	for i, name := range t.Columns {
		s.Columns[i].Name = name
	}
	for _, name := range opt.Ignore {
		i, err := t.find("ignored column", name)
		if err != nil {
			return err
		}
		s.Columns[i].Kind = Ignored
	}
	target := opt.Target
	if target == "" {
		target = "-1"
	}
	i, err := t.find("target", target)
	if err != nil {
		return err
	}
	if s.Columns[i].Kind == Ignored {
		return fmt.Errorf("data: %s: column %q is the target and cannot be ignored", t.Name, t.Columns[i])
	}
	s.Columns[i].Kind = Target
	for _, name := range opt.Categorical {
		i, err := t.find("categorical column", name)
		if err != nil {
			return err
		}
		if s.Columns[i].Kind == "" {
			s.Columns[i].Kind = Categorical
		}
	}
	for _, c := range s.Columns {
		if c.Kind == "" || c.Kind == Categorical {
			return nil
		}
	}
	return fmt.Errorf("data: %s has %d columns and none to learn from, want a target and at least one more", t.Name, len(t.Columns))
}

// complete returns the rows of t without missing values in columns of use.
func (s *Schema) complete(t *Table) *Table {
	c := *t
	c.Rows, c.Lines = nil, nil
	for i, row := range t.Rows {
		whole := true
		for col, cell := range row {
			whole = whole && (s.Columns[col].Kind == Ignored || !isMissing(cell))
		}
		if whole {
			c.Rows, c.Lines = append(c.Rows, row), append(c.Lines, t.Lines[i])
		}
	}
	return &c
}

// values returns the cells of a column that are there, and whether most of them
// are numbers.
func (s *Schema) values(t *Table, col int) (cells []string, numeric bool, err error) {
	numbers := 0
	for i, row := range t.Rows {
		cell := row[col]
		if isMissing(cell) {
			if s.Missing == MissingError || s.Columns[col].Kind == Target {
				return nil, false, t.errorf(i, col, "%s", s.missing(cell, col))
			}
			continue
		}
		cells = append(cells, cell)
		if _, ok := number(cell); ok {
			numbers++
		}
	}
	if len(cells) == 0 {
		return nil, false, fmt.Errorf("data: %s: column %d (%s) has no values; ignore it", t.Name, col+1, t.Columns[col])
	}
	return cells, 2*numbers > len(cells), nil
}

// missing says that a value is, and what can be done.
func (s *Schema) missing(cell string, col int) string {
	if s.Columns[col].Kind == Target {
		return fmt.Sprintf("the target is missing (%q); rows without one can be dropped", cell)
	}
	return fmt.Sprintf("a value is missing (%q); choose mean, median or drop to go on", cell)
}

// fitInput decides on a column of features.
func (s *Schema) fitInput(t *Table, col int, c *Column) error {
	cells, numeric, err := s.values(t, col)
	if err != nil {
		return err
	}
	if c.Kind == Categorical || !numeric {
		c.Kind = Categorical
		count := make(map[string]int)
		for _, cell := range cells {
			count[cell]++
		}
		c.Categories = ordered(count)
		if len(c.Categories) > maxCategories {
			return fmt.Errorf("data: %s: column %d (%s) has %d categories, want at most %d; ignore it if it is an identifier or free text",
				t.Name, col+1, c.Name, len(c.Categories), maxCategories)
		}
		for i, name := range c.Categories {
			if count[name] > count[c.Categories[int(c.Fill)]] {
				c.Fill = float64(i)
			}
		}
		return nil
	}
	c.Kind = Numeric
	x := make([]float64, 0, len(cells))
	for i, row := range t.Rows {
		if isMissing(row[col]) {
			continue
		}
		v, why := quantity(row[col])
		if why != "" {
			return t.errorf(i, col, "%s; if the column holds categories, say so", why)
		}
		x = append(x, v)
	}
	c.Fill = fill(x, s.Missing)
	return nil
}

// fill returns what takes the place of a missing number.
func fill(x []float64, policy Missing) float64 {
	switch policy {
	case MissingMean:
		sum := 0.0
		for _, v := range x {
			sum += v
		}
		return sum / float64(len(x))
	case MissingMedian:
		slices.Sort(x)
		n := len(x)
		return x[(n-1)/2]/2 + x[n/2]/2
	}
	return 0
}

// fitTarget decides on the task and the classes.
func (s *Schema) fitTarget(t *Table, col int, classes []string) error {
	cells, numeric, err := s.values(t, col)
	if err != nil {
		return err
	}
	count := make(map[string]int)
	integers := true
	for _, cell := range cells {
		if numeric {
			x, _ := number(cell)
			integers = integers && x == math.Trunc(x) && !math.IsInf(x, 0)
			cell = canonical(cell)
		}
		count[cell]++
	}
	if s.Task == TaskAuto {
		s.Task = Regression
		if !numeric || classes != nil || integers && len(count) <= maxClasses && 2*len(count) <= len(cells) {
			s.Task = Classification
		}
	}
	if s.Task == Regression {
		for i, row := range t.Rows {
			if _, why := quantity(row[col]); why != "" {
				return t.errorf(i, col, "%s, and the target of a regression has to be one", why)
			}
		}
		return nil
	}
	s.Classes = slices.Clone(classes)
	if classes == nil {
		s.Classes = ordered(count)
	}
	if len(s.Classes) < 2 {
		return fmt.Errorf("data: %s: column %d (%s) has one class only (%s), want at least two to tell apart", t.Name, col+1, t.Columns[col], list(s.Classes))
	}
	if len(s.Classes) > maxCategories {
		return fmt.Errorf("data: %s: column %d (%s) has %d classes, want at most %d; is it the target?", t.Name, col+1, t.Columns[col], len(s.Classes), maxCategories)
	}
	return nil
}

// ordered returns the keys in numeric order if all are numbers, else in that
// of text.
func ordered(count map[string]int) []string {
	names := make([]string, 0, len(count))
	numeric := true
	for name := range count {
		x, ok := number(name)
		numeric = numeric && ok && !math.IsNaN(x)
		names = append(names, name)
	}
	slices.Sort(names)
	if numeric {
		slices.SortStableFunc(names, func(a, b string) int {
			x, _ := number(a)
			y, _ := number(b)
			switch {
			case x < y:
				return -1
			case x > y:
				return 1
			}
			return 0
		})
	}
	return names
}

// canonical writes equal numbers alike, so that 1, 1.0 and 01 are one class.
func canonical(cell string) string {
	x, ok := number(cell)
	if !ok {
		return cell
	}
	if x == 0 {
		x = 0 // not -0
	}
	return strconv.FormatFloat(x, 'g', -1, 64)
}

// quantity reads a cell that has to be a number within float32's range, or
// says why it is not.
func quantity(cell string) (x float64, why string) {
	x, ok := number(cell)
	switch {
	case !ok:
		return 0, fmt.Sprintf("%q is not a number", cell)
	case notFinite(float32(x)):
		return 0, fmt.Sprintf("%s is not a finite 32-bit number", cell)
	}
	return x, ""
}

// Dim returns the number of features.
func (s *Schema) Dim() int { return len(s.Features()) }

// Features returns the names of the features: those of the numeric columns,
// and column=category.
func (s *Schema) Features() []string {
	var names []string
	for _, c := range s.Columns {
		switch c.Kind {
		case Numeric:
			names = append(names, c.Name)
		case Categorical:
			for _, k := range c.Categories {
				names = append(names, c.Name+"="+k)
			}
		}
	}
	return names
}

// UnmarshalJSON reads a schema and checks it.
func (s *Schema) UnmarshalJSON(b []byte) error {
	type plain Schema
	var p plain
	if err := json.Unmarshal(b, &p); err != nil {
		return fmt.Errorf("data: schema: %w", err)
	}
	if err := (TableOptions{Comma: p.Comma, Header: p.Header, Missing: p.Missing}).check(); err != nil {
		return fmt.Errorf("data: schema: %w", err)
	}
	targets, inputs := 0, 0
	for i, c := range p.Columns {
		switch {
		case c.Kind == Target:
			targets++
		case c.Kind == Numeric:
			inputs++
		case c.Kind == Categorical && len(c.Categories) > 0 && c.Fill >= 0 && c.Fill < float64(len(c.Categories)):
			inputs++
		case c.Kind == Ignored:
		default:
			return fmt.Errorf("data: schema: column %d (%s) of kind %q with %d categories and fill %v makes no sense", i+1, c.Name, c.Kind, len(c.Categories), c.Fill)
		}
	}
	switch {
	case targets != 1 || inputs == 0:
		return fmt.Errorf("data: schema: %d targets and %d inputs, want one and at least one", targets, inputs)
	case p.Task == Regression && len(p.Classes) == 0:
	case p.Task == Classification && len(p.Classes) > 1:
	default:
		return fmt.Errorf("data: schema: task %q with %d classes, want %q without or %q with at least two", p.Task, len(p.Classes), Regression, Classification)
	}
	*s = Schema(p)
	return nil
}
