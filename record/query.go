package record

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"
)

// A Query says which runs to list, and in what order. The zero value lists all,
// the newest first.
type Query struct {
	Where    []Condition // all of them hold
	Tags     []string    // the run has all of them
	Statuses []Status    // the run has one of them; nil is any
	// Sort is a field, with "-" before it for the highest first. Numbers come
	// before text, and runs without the field last. "" is "-created".
	Sort  string
	Limit int // at most so many; 0 is all
}

// A Condition compares a field of a run with a value. A field is id, name,
// status, created (in UTC, such as 2026-11-22T03:15:07Z), a metric or, where the
// run has no metric of that name, a setting.
// Numbers compare as numbers if both are; otherwise the text counts, so that
// created>=2026-11 works. A run without the field meets != only.
type Condition struct {
	Field string
	Op    string // = != < <= > >= or ~: contains the value
	Value string
}

// String writes the condition as ParseCondition reads it.
func (c Condition) String() string { return c.Field + c.Op + c.Value }

// ParseCondition reads a condition such as lr<0.01 or optimizer=adamw.
func ParseCondition(text string) (Condition, error) {
	i := strings.IndexAny(text, "=!<>~")
	if i > 0 {
		for _, op := range []string{"!=", "<=", ">=", "==", "=", "<", ">", "~"} {
			if value, ok := strings.CutPrefix(text[i:], op); ok {
				return Condition{strings.TrimSpace(text[:i]), strings.Replace(op, "==", "=", 1), strings.TrimSpace(value)}, nil
			}
		}
	}
	return Condition{}, fmt.Errorf("record: condition %+q, want a field, one of = != < <= > >= ~ and a value, such as lr<0.01", text)
}

// Check says what is wrong with a query for itself.
func (q *Query) Check() error {
	for _, s := range q.Statuses {
		if all := Statuses(); !slices.Contains(all, s) {
			return fmt.Errorf("record: no status %+q, want one of %v", string(s), all)
		}
	}
	if q.Limit < 0 {
		return fmt.Errorf("record: Query.Limit = %d, want at least 0", q.Limit)
	}
	return nil
}

// A FieldError says that no run has a field that a query names.
type FieldError struct {
	Field string
	Known []string // the fields that there are
}

func (e *FieldError) Error() string {
	return fmt.Sprintf("record: no run has a field %+q, there are %s", e.Field, strings.Join(e.Known, ", "))
}

// Filter returns those of some runs that a query asks for. The runs come with the
// newest first, as List returns them, and stay as they are.
func (q *Query) Filter(all []Summary) ([]Summary, error) { return q.apply(slices.Clone(all)) }

// apply filters and sorts runs that come with the newest first.
func (q *Query) apply(all []Summary) ([]Summary, error) {
	if err := q.Check(); err != nil {
		return nil, err
	}
	field, down := strings.CutPrefix(q.Sort, "-")
	if err := q.known(field, all); err != nil {
		return nil, err
	}
	list := slices.DeleteFunc(all, func(s Summary) bool { return !q.matches(&s) })
	if field != "" {
		slices.SortStableFunc(list, func(a, b Summary) int { return order(&a, &b, field, down) })
	}
	if q.Limit > 0 && len(list) > q.Limit {
		list = list[:q.Limit]
	}
	return list, nil
}

// known makes sure that there are the fields of a query: a misspelt one would
// list nothing, and say nothing.
func (q *Query) known(sort string, all []Summary) error {
	names := []string{sort}
	for _, c := range q.Where {
		names = append(names, c.Field)
	}
	for _, name := range names {
		has := func(s Summary) bool { _, ok := s.Field(name); return ok }
		if name == "" || len(all) == 0 || slices.Contains(metricNames, name) || slices.ContainsFunc(all, has) {
			continue
		}
		fields := map[string]bool{"id": true, "name": true, "status": true, "created": true}
		for _, m := range metricNames {
			fields[m] = true
		}
		for _, s := range all {
			for key := range s.Settings {
				fields[key] = true
			}
		}
		return &FieldError{name, slices.Sorted(maps.Keys(fields))}
	}
	return nil
}

func (q *Query) matches(s *Summary) bool {
	for _, c := range q.Where {
		if !c.matches(s) {
			return false
		}
	}
	for _, tag := range q.Tags {
		if !slices.Contains(s.Tags, tag) {
			return false
		}
	}
	return len(q.Statuses) == 0 || slices.Contains(q.Statuses, s.Status)
}

// Field returns a field of the run as text, and whether the run has it: see
// Condition.
func (s *Summary) Field(name string) (string, bool) {
	switch name {
	case "id":
		return s.ID, true
	case "status":
		return string(s.Status), true
	case "created":
		return s.Created.Format(time.RFC3339Nano), !s.Created.IsZero()
	}
	if text, ok := s.metric(name); ok {
		return text, true
	}
	text, ok := s.Settings[name]
	return text, ok
}

func (s *Summary) metric(name string) (string, bool) {
	v, ok := s.Metrics[name]
	return strconv.FormatFloat(v, 'g', -1, 64), ok
}

func (c Condition) matches(s *Summary) bool {
	text, ok := s.Field(c.Field)
	if !ok {
		return c.Op == "!="
	}
	if c.Op == "~" {
		return strings.Contains(text, c.Value)
	}
	d := strings.Compare(text, c.Value)
	if a, b, ok := twoNumbers(text, c.Value); ok {
		d = cmp.Compare(a, b)
	} else if _, err := strconv.ParseFloat(c.Value, 64); err == nil && c.Op != "=" && c.Op != "!=" && c.Field != "created" && c.Field != "id" {
		return false // a word is neither below nor above a number
	}
	switch c.Op {
	case "=":
		return d == 0
	case "!=":
		return d != 0
	case "<":
		return d < 0
	case "<=":
		return d <= 0
	case ">":
		return d > 0
	}
	return d >= 0
}

func twoNumbers(a, b string) (x, y float64, ok bool) {
	x, err := strconv.ParseFloat(a, 64)
	if err != nil {
		return 0, 0, false
	}
	y, err = strconv.ParseFloat(b, 64)
	return x, y, err == nil
}

// order compares two runs for sorting by a field.
func order(a, b *Summary, field string, down bool) int {
	ta, hasA := a.Field(field)
	tb, hasB := b.Field(field)
	if !hasA || !hasB {
		return cmp.Compare(btoi(!hasA), btoi(!hasB))
	}
	d := 0
	if x, y, ok := twoNumbers(ta, tb); ok {
		d = cmp.Compare(x, y)
	} else {
		_, errA := strconv.ParseFloat(ta, 64)
		_, errB := strconv.ParseFloat(tb, 64)
		if d = cmp.Compare(btoi(errA != nil), btoi(errB != nil)); d != 0 {
			return d
		}
		d = strings.Compare(ta, tb)
	}
	if down {
		return -d
	}
	return d
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}
