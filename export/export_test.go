package export

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/descent-go/descent/train"
	"github.com/parquet-go/parquet-go"
	"pgregory.net/rapid"
)

// A story is the events of a run, a second apart.
func story(events ...train.Event) func(func(float64, train.Event) error) error {
	return func(yield func(float64, train.Event) error) error {
		for i, e := range events {
			if err := yield(float64(i), e); err != nil {
				return err
			}
		}
		return nil
	}
}

var (
	nan = math.NaN()
	inf = math.Inf(1)
)

// all has every kind of event.
var all = []Run{
	{"a, \"b\"\tc\nd", story(
		&train.Started{Optimizer: "adam"},
		&train.Step{Step: 1, Loss: 0.1, Rate: 1e-3, Examples: 32, GradNorm: 2, Clipped: true},
		&train.Step{Step: 1, Epoch: 1, Loss: nan, Rate: 1e300, GradNorm: nan, Skipped: true},
		&train.Step{Step: 2, Epoch: 1, Loss: -inf, UpdateNorm: 5e-324, ParamNorm: inf, Point: []float64{0.1, nan}, Value: 0},
		&train.Diagnosis{Step: 2, Cosine: train.Real(nan), Alpha: -1, Along: 3, Sharpness: 4, Edge: 0.5, Rate: 0.25, Params: []train.ParamNorms{
			{Name: "0.weight", Value: 1, Grad: 2, Update: 3, Ratio: 3}, {Name: "größe", Ratio: train.Real(inf)},
		}},
		&train.EpochEnd{Epoch: 1, Step: 2, Loss: 0.5, Rate: 0.25},
		&train.Evaluation{Step: 2, Epoch: 1, Set: "validation", Loss: 0.25, Accuracy: 0, Labelled: true, Examples: 10, Best: true},
		&train.Evaluation{Step: 2, Epoch: 1, Set: "test", Loss: 0.75, Accuracy: 9, Examples: 11},
		&train.Checkpointed{Step: 2, Epoch: 1, Name: "00000002", Bytes: 1 << 40, Seconds: 0.125, Warning: "read-only"},
		&train.Checkpointed{Step: 3, Name: "00000003", Error: "disk \"full\""},
		&train.Finished{Result: &train.Result{}},
	)},
	{"empty", story()},
	{"b", story(&train.Step{Step: 7, Loss: 7}, &train.Evaluation{Step: 7, Set: "train", Loss: 1})},
}

const awkward = "a, \"b\"\tc\nd"

func p(v float64) *float64 { return &v }

// Every format holds these rows, to the bit.
func TestTables(t *testing.T) {
	hold(t, Steps, []StepRow{
		{Run: awkward, Time: 1, Step: 1, Loss: 0.1, Rate: 1e-3, Examples: 32, GradNorm: p(2), Clipped: true},
		{Run: awkward, Time: 2, Step: 1, Epoch: 1, Loss: nan, Rate: 1e300, GradNorm: p(nan), Skipped: true},
		{Run: awkward, Time: 3, Step: 2, Epoch: 1, Loss: -inf, UpdateNorm: p(5e-324), ParamNorm: p(inf), Value: p(0), Point: []float64{0.1, nan}},
		{Run: "b", Step: 7, Loss: 7},
	})
	hold(t, Evaluations, []EvaluationRow{
		{Run: awkward, Time: 6, Step: 2, Epoch: 1, Set: "validation", Loss: 0.25, Accuracy: p(0), Examples: 10, Best: true},
		{Run: awkward, Time: 7, Step: 2, Epoch: 1, Set: "test", Loss: 0.75, Examples: 11},
		{Run: "b", Time: 1, Step: 7, Set: "train", Loss: 1},
	})
	hold(t, Epochs, []EpochRow{{Run: awkward, Time: 5, Step: 2, Epoch: 1, Loss: 0.5, Rate: 0.25}})
	hold(t, Diagnostics, []DiagnosisRow{{Run: awkward, Time: 4, Step: 2, Rate: 0.25, Cosine: nan, Alpha: -1, Curvature: 3, Sharpness: 4, Edge: 0.5}})
	hold(t, Norms, []NormRow{
		{Run: awkward, Time: 4, Step: 2, Parameter: "0.weight", Value: 1, Grad: 2, Update: 3, Ratio: 3},
		{Run: awkward, Time: 4, Step: 2, Parameter: "größe", Ratio: inf},
	})
	hold(t, Checkpoints, []CheckpointRow{
		{Run: awkward, Time: 8, Step: 2, Epoch: 1, Name: "00000002", Bytes: 1 << 40, Seconds: 0.125, Warning: "read-only"},
		{Run: awkward, Time: 9, Step: 3, Name: "00000003", Error: "disk \"full\""},
	})
}

func hold[R any](t *testing.T, table Table, want []R) {
	t.Helper()
	for _, f := range Formats() {
		var b bytes.Buffer
		if err := Write(&b, table, f, all...); err != nil {
			t.Errorf("%s as %s: %v", table, f, err)
			continue
		}
		got, err := reread[R](b.Bytes(), f)
		if err != nil {
			t.Errorf("%s as %s: %v", table, f, err)
		}
		if fmt.Sprint(text(got)) != fmt.Sprint(text(want)) {
			t.Errorf("%s as %s holds\n%v, want\n%v", table, f, text(got), text(want))
		}
	}
}

// text writes rows so that equal texts are equal bits, of one NaN.
func text[R any](rows []R) []string {
	var lines []string
	for _, r := range rows {
		var fields []string
		v := reflect.ValueOf(r)
		for i := range v.NumField() {
			field := v.Field(i)
			if field.Kind() == reflect.Pointer && !field.IsNil() {
				field = field.Elem()
			}
			fields = append(fields, fmt.Sprintf("%#v", field.Interface()))
		}
		lines = append(lines, strings.Join(fields, " "))
	}
	return lines
}

// reread reads what Write wrote, as other programs do.
func reread[R any](text []byte, f Format) (rows []R, err error) {
	switch f {
	case Parquet:
		return parquet.Read[R](bytes.NewReader(text), int64(len(text)))
	case JSONL:
		lines := bufio.NewScanner(bytes.NewReader(text))
		for lines.Scan() {
			var fields map[string]json.RawMessage
			if err := json.Unmarshal(lines.Bytes(), &fields); err != nil {
				return nil, fmt.Errorf("%q: %w", lines.Text(), err)
			}
			words := map[string]string{}
			for name, raw := range fields {
				// A number or a list of numbers is taken as it is written.
				word := strings.NewReplacer("[", "", "]", "", `"`, "").Replace(string(raw))
				if raw[0] == '"' {
					if err := json.Unmarshal(raw, &word); err != nil {
						return nil, err
					}
				}
				words[name] = word
			}
			row, err := parse[R](words)
			if err != nil {
				return nil, err
			}
			rows = append(rows, row)
		}
		return rows, lines.Err()
	}
	r := csv.NewReader(bytes.NewReader(text))
	if f == TSV {
		r.Comma = '\t'
	}
	records, err := r.ReadAll()
	if err != nil {
		return nil, err
	}
	for _, record := range records[1:] {
		words := map[string]string{}
		for i, name := range records[0] {
			if record[i] != "" {
				words[name] = strings.Trim(record[i], "[]")
			}
		}
		row, err := parse[R](words)
		if err != nil {
			return nil, err
		}
		rows = append(rows, row)
	}
	return rows, nil
}

// parse makes a row of the words of its columns.
func parse[R any](words map[string]string) (row R, err error) {
	v := reflect.ValueOf(&row).Elem()
	for i, name := range columns[R]() {
		word, ok := words[name]
		if !ok {
			continue
		}
		field := v.Field(i)
		switch field.Interface().(type) {
		case string:
			field.SetString(word)
		case bool:
			field.SetBool(word == "true")
		case int64:
			n, e := strconv.ParseInt(word, 10, 64)
			field.SetInt(n)
			err = errors.Join(err, e)
		case float64:
			x, e := strconv.ParseFloat(word, 64)
			field.SetFloat(x)
			err = errors.Join(err, e)
		case *float64:
			x, e := strconv.ParseFloat(word, 64)
			field.Set(reflect.ValueOf(&x))
			err = errors.Join(err, e)
		case []float64:
			point := []float64{}
			for part := range strings.SplitSeq(word, ",") {
				x, e := strconv.ParseFloat(part, 64)
				point = append(point, x)
				err = errors.Join(err, e)
			}
			field.Set(reflect.ValueOf(point))
		}
		delete(words, name)
	}
	if len(words) > 0 {
		err = errors.Join(err, fmt.Errorf("columns that the row does not have: %v", words))
	}
	return row, err
}

// Numbers come back with the bits that they had.
func TestExact(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		losses := rapid.SliceOf(rapid.OneOf(rapid.Float64(), rapid.SampledFrom([]float64{nan, inf, -inf, 0.1, 5e-324, math.Copysign(0, -1)}))).Draw(t, "losses")
		run := Run{rapid.StringMatching(`[a-zA-Z0-9 ,"'\t.äß]{1,12}`).Draw(t, "run"), func(yield func(float64, train.Event) error) error {
			for i, v := range losses {
				if err := yield(v, &train.Step{Step: int64(i), Loss: v, GradNorm: v}); err != nil {
					return err
				}
			}
			return nil
		}}
		var want []StepRow
		for i, v := range losses {
			want = append(want, StepRow{Run: run.Name, Time: v, Step: int64(i), Loss: v, GradNorm: measured(v)})
		}
		for _, f := range Formats() {
			var b bytes.Buffer
			if err := WriteSteps(&b, f, run); err != nil {
				t.Fatal(err)
			}
			got, err := reread[StepRow](b.Bytes(), f)
			if err != nil {
				t.Fatalf("%s: %v", f, err)
			}
			if !slices.Equal(text(got), text(want)) {
				t.Fatalf("%s holds %v, want %v", f, text(got), text(want))
			}
		}
	})
}

// A meter counts what is written, and fails when it is full.
type meter struct{ bytes, limit int }

var errFull = errors.New("no space left on device")

func (m *meter) Write(b []byte) (int, error) {
	if m.bytes += len(b); m.bytes > m.limit {
		return 0, errFull
	}
	return len(b), nil
}

// Rows leave while events come: memory does not grow with the run.
func TestStreaming(t *testing.T) {
	for _, f := range Formats() {
		out := &meter{limit: math.MaxInt}
		gone := 0 // row groups' worth of events after which more had left
		run := Run{"long", func(yield func(float64, train.Event) error) error {
			e := &train.Step{}
			for group := range 3 {
				before := out.bytes
				for i := range rowGroup {
					e.Step++
					e.Loss = math.Sqrt(float64(i + group))
					if err := yield(0, e); err != nil {
						return err
					}
				}
				if out.bytes > before {
					gone++
				}
			}
			return nil
		}}
		if err := WriteSteps(out, f, run); err != nil {
			t.Fatal(err)
		}
		if gone < 2 {
			t.Errorf("%s: rows left in %d of 3 row groups", f, gone)
		}
	}
}

func TestErrors(t *testing.T) {
	broken := Run{"broken", func(func(float64, train.Event) error) error { return errors.New("line 7: no event") }}
	for _, c := range []struct {
		err  error
		want string
	}{
		{Write(io.Discard, "weights", CSV), `export: no table "weights", want one of [steps evaluations`},
		{Write(io.Discard, Steps, "xlsx"), `export: no format "xlsx", want one of [csv tsv jsonl parquet]`},
		{WriteEvaluations(io.Discard, Parquet, all[0], broken), `export: run "broken": line 7: no event`},
	} {
		if c.err == nil || !strings.Contains(c.err.Error(), c.want) {
			t.Errorf("%v, want %q", c.err, c.want)
		}
	}
	for _, f := range Formats() {
		long := Run{"long", func(yield func(float64, train.Event) error) error {
			for i := range int64(rowGroup + batch) {
				if err := yield(0, &train.Diagnosis{Step: i}); err != nil {
					return err
				}
			}
			return nil
		}}
		for _, limit := range []int{0, 5000} {
			if err := WriteDiagnostics(&meter{limit: limit}, f, long); !errors.Is(err, errFull) {
				t.Errorf("%s with room for %d bytes: %v, want %v", f, limit, err, errFull)
			}
		}
	}
}

func TestFormatOf(t *testing.T) {
	for _, c := range []struct {
		path string
		want Format
	}{
		{"runs/a.csv", CSV}, {"b.TSV", TSV}, {"c.x.jsonl", JSONL}, {"d.parquet", Parquet}, {"csv", ""}, {"e.csv.gz", ""}, {"", ""},
	} {
		got, err := FormatOf(c.path)
		if got != c.want || (err == nil) != (c.want != "") {
			t.Errorf("%q: %q, %v, want %q", c.path, got, err, c.want)
		}
		if err != nil && !strings.Contains(err.Error(), "want one of [csv tsv jsonl parquet]") {
			t.Error(err)
		}
	}
}

// The same events are the same bytes.
func TestSameBytes(t *testing.T) {
	for _, f := range Formats() {
		for _, table := range Tables() {
			var a, b bytes.Buffer
			if err := errors.Join(Write(&a, table, f, all...), Write(&b, table, f, all...)); err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(a.Bytes(), b.Bytes()) {
				t.Errorf("%s as %s differs from one time to the next", table, f)
			}
		}
	}
}
