package web

import (
	"fmt"
	"go/format"
	"iter"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/descent-go/descent/experiment"
	"github.com/descent-go/descent/schedule"
)

// scheduleGo declares a schedule as a Go program does.
func scheduleGo(s schedule.Schedule) (string, error) {
	text, err := format.Source([]byte("var rate schedule.Schedule = " + goLiteral(reflect.ValueOf(s))))
	return string(text), err
}

// goLiteral writes a schedule, or a field of one, as Go source. Fields that are
// zero are left out: zero means zero.
func goLiteral(v reflect.Value) string {
	switch v.Kind() {
	case reflect.Interface, reflect.Pointer:
		return goLiteral(v.Elem())
	case reflect.Struct:
		var fields []string
		lines := false
		for i := range v.NumField() {
			lines = lines || nested(v.Field(i))
			if f := v.Field(i); !f.IsZero() {
				fields = append(fields, v.Type().Field(i).Name+": "+goLiteral(f))
			}
		}
		if lines || len(fields) > 4 {
			return v.Type().String() + "{\n" + strings.Join(fields, ",\n") + ",\n}"
		}
		return v.Type().String() + "{" + strings.Join(fields, ", ") + "}"
	case reflect.Slice:
		items := make([]string, v.Len())
		for i := range items {
			items[i] = goLiteral(v.Index(i))
		}
		if v.Type().Elem().Kind() == reflect.Interface {
			return v.Type().String() + "{\n" + strings.Join(items, ",\n") + ",\n}"
		}
		return v.Type().String() + "{" + strings.Join(items, ", ") + "}"
	case reflect.Float64:
		return strconv.FormatFloat(v.Float(), 'g', -1, 64)
	}
	return fmt.Sprintf("%#v", v.Interface())
}

// nested reports whether a field holds schedules.
func nested(v reflect.Value) bool {
	return v.Kind() == reflect.Interface || v.Kind() == reflect.Slice && v.Type().Elem().Kind() == reflect.Interface
}

// scheduleYAML writes the settings of an experiment that a schedule is.
func scheduleYAML(spec string, lr float64, steps int64) string {
	e := experiment.Default()
	e.Schedule, e.LR, e.Steps = spec, &lr, steps
	var b strings.Builder
	for line := range strings.Lines(string(e.YAML())) {
		key, _, _ := strings.Cut(line, ":")
		if key == "schedule" || key == "lr" || key == "steps" {
			b.WriteString(line)
		}
	}
	return b.String()
}

func ascending(steps []int64) iter.Seq[int64] {
	slices.Sort(steps)
	return slices.Values(steps)
}
