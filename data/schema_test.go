package data

import (
	"encoding/json"
	"math"
	"slices"
	"strings"
	"testing"
)

const trainTable = "age,colour,income,y\n20,red,1.5,no\n30,green,2,yes\n40,red,2.5,no\n30,red,,yes\n"

// fitted returns the schema of trainTable after a way through JSON.
func fitted(t *testing.T, opt TableOptions) *Schema {
	t.Helper()
	_, schema, err := load("train.csv", trainTable, opt)
	if err != nil {
		t.Fatal(err)
	}
	b, err := json.Marshal(schema)
	if err != nil {
		t.Fatal(err)
	}
	back := new(Schema)
	if err := json.Unmarshal(b, back); err != nil {
		t.Fatal(err)
	}
	return back
}

func TestSchemaOtherFile(t *testing.T) {
	schema := fitted(t, TableOptions{Missing: MissingMean})
	want := []float32{25, 0, 1, 2, 35, 1, 0, 3}
	for name, text := range map[string]string{
		"same":           "age,colour,income,y\n25,red,,yes\n35,green,3,no\n",
		"another order":  "y,income,age,colour\nyes,?,25,red\nno,3,35,green\n",
		"no header":      "25,red,,yes\n35,green,3,no\n",
		"another symbol": "age;colour;income;y\n25;red;;yes\n35;green;3;no\n",
	} {
		t.Run(name, func(t *testing.T) {
			s, err := schema.Read(strings.NewReader(text), "test.csv")
			if err != nil {
				t.Fatal(err)
			}
			if err := s.Validate(); err != nil {
				t.Fatal(err)
			}
			if !slices.Equal(s.X, want) || !slices.Equal(s.Label, []int32{1, 0}) {
				t.Errorf("features %v and labels %v, want %v and [1 0]", s.X, s.Label, want)
			}
		})
	}
	for name, text := range map[string]string{
		"with target":       "age,colour,income,y\n25,red,,unheard of\n35,green,3,\n",
		"without":           "age,colour,income\n25,red,\n35,green,3\n",
		"without any names": "25,red,\n35,green,3\n",
	} {
		t.Run("inputs "+name, func(t *testing.T) {
			s, err := schema.ReadInputs(strings.NewReader(text), "test.csv")
			if err != nil {
				t.Fatal(err)
			}
			if !slices.Equal(s.X, want) || s.Label != nil || s.Target != nil || len(s.Classes) != 2 {
				t.Errorf("features %v, labels %v, classes %v", s.X, s.Label, s.Classes)
			}
		})
	}
}

// Missing values of a test file become what the training file says, not its own.
func TestSchemaFillsFromTraining(t *testing.T) {
	schema := fitted(t, TableOptions{Missing: MissingMedian})
	s, err := schema.Read(strings.NewReader("age,colour,income,y\n1,,100,no\n1,green,?,no\n1,green,300,no\n"), "test.csv")
	if err != nil {
		t.Fatal(err)
	}
	if s.Row(1)[3] != 2 {
		t.Errorf("a missing income became %v, want the training median 2", s.Row(1)[3])
	}
	if got := s.Row(0)[1:3]; !slices.Equal(got, []float32{0, 1}) {
		t.Errorf("a missing colour became %v, want red, the training file's most frequent", got)
	}
}

func TestSchemaErrors(t *testing.T) {
	head := "age,colour,income,y\n"
	for _, c := range []struct {
		name, text string
		want       []string
	}{
		{"unknown class", head + "1,red,2,maybe\n", []string{`test.csv:2: column 4 (y): class "maybe" is unknown, want one of no, yes`}},
		{"unknown category", head + "1,red,2,no\n1,blue,2,no\n", []string{`test.csv:3: column 2 (colour): category "blue" is not in the training file`, "green, red"}},
		{"not a number", head + "x,red,2,no\n", []string{`test.csv:2: column 1 (age): "x" is not a number`}},
		{"missing target", head + "1,red,2,\n", []string{"test.csv:2: column 4 (y): the target is missing"}},
		{"column missing", "age,colour,y\n1,red,no\n", []string{`no column "income"`, "age, colour, y"}},
		{"column extra", "age,colour,income,y,z\n1,red,2,no,3\n", []string{`column "z" that the training file has not`}},
		{"column misnamed", "agee,colour,income,y\n1,red,2,no\n", []string{`no column "age"`}},
		{"columns fewer", "1,red,2\n", []string{"3 columns, want 4"}},
		{"another order in place", "red,1,2,no\n", []string{`test.csv:1: column 1 (age): "red" is not a number`}},
		{"empty", "", []string{"test.csv is empty"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			schema := fitted(t, TableOptions{Missing: MissingMean})
			_, err := schema.Read(strings.NewReader(c.text), "test.csv")
			wantError(t, err, c.want...)
		})
	}
	schema := fitted(t, TableOptions{Missing: MissingDrop})
	_, err := schema.Read(strings.NewReader(head+"?,red,2,no\n"), "test.csv")
	wantError(t, err, "every row has a missing value")
	_, err = schema.Load("none.csv")
	wantError(t, err, "none.csv")
}

func TestSchemaJSONErrors(t *testing.T) {
	for _, bad := range []string{
		`[]`,
		`{"columns":[{"name":"u","kind":"numeric"}],"task":"regression"}`,
		`{"columns":[{"name":"y","kind":"target"}],"task":"regression"}`,
		`{"columns":[{"name":"u","kind":"odd"},{"name":"y","kind":"target"}],"task":"regression"}`,
		`{"columns":[{"name":"u","kind":"categorical","categories":["a"],"fill":1},{"name":"y","kind":"target"}],"task":"regression"}`,
		`{"columns":[{"name":"u","kind":"numeric"},{"name":"y","kind":"target"}],"task":"classification","classes":["a"]}`,
		`{"columns":[{"name":"u","kind":"numeric"},{"name":"y","kind":"target"}],"task":"regression","missing":"zero"}`,
	} {
		wantError(t, json.Unmarshal([]byte(bad), new(Schema)), "data:", "schema")
	}
}

func stream(t *testing.T, text string, opt StreamOptions) *Stream {
	t.Helper()
	s, err := NewStream(strings.NewReader(text), "standard input", opt)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// drain serves a stream to its end and returns copies of what it served.
func drain(s *Stream) (sizes []int, x []float32, label []int32, target []float32) {
	var b Batch
	for s.Next(&b) {
		sizes = append(sizes, b.N)
		x, label, target = append(x, b.X...), append(label, b.Label...), append(target, b.Target...)
	}
	return
}

func TestStream(t *testing.T) {
	text := "u,y\n1,a\n2,b\n3,a\n4,b\n5,a\n"
	for sample := 1; sample < 9; sample++ {
		s := stream(t, text, StreamOptions{Size: 2, Sample: sample, Table: TableOptions{Classes: []string{"a", "b"}}})
		sizes, x, label, _ := drain(s)
		if s.Err() != nil || !slices.Equal(sizes, []int{2, 2, 1}) || !slices.Equal(x, []float32{1, 2, 3, 4, 5}) || !slices.Equal(label, []int32{0, 1, 0, 1, 0}) {
			t.Errorf("sample %d: served %v: %v, %v (%v)", sample, sizes, x, label, s.Err())
		}
		if s.Rows() != 5 || s.Sample().Len() != min(sample, 5) {
			t.Errorf("sample %d: %d rows, sample of %d", sample, s.Rows(), s.Sample().Len())
		}
	}

	schema := fitted(t, TableOptions{Missing: MissingDrop})
	for name, text := range map[string]string{
		"header":    "age,colour,income,y\n1,red,2,no\n?,red,2,no\n3,green,4,yes\n",
		"no header": "1,red,2,no\n?,red,2,no\n3,green,4,yes\n",
	} {
		s := stream(t, text, StreamOptions{Size: 5, Schema: schema})
		sizes, x, label, _ := drain(s)
		if s.Err() != nil || !slices.Equal(sizes, []int{2}) || !slices.Equal(x, []float32{1, 0, 1, 2, 3, 1, 0, 4}) || !slices.Equal(label, []int32{0, 1}) {
			t.Errorf("%s: served %v: %v, %v (%v)", name, sizes, x, label, s.Err())
		}
	}

	s := stream(t, "1,0.5\n2,0.25\n", StreamOptions{Size: 1, Sample: 1})
	if sizes, x, _, target := drain(s); len(sizes) != 2 || !slices.Equal(x, []float32{1, 2}) || !slices.Equal(target, []float32{0.5, 0.25}) {
		t.Errorf("regression: served %v: %v, %v (%v)", sizes, x, target, s.Err())
	}
}

func TestStreamErrors(t *testing.T) {
	s := stream(t, "1,a\n2,b\n3,a\nx,b\n5,a\n", StreamOptions{Size: 2, Sample: 2})
	sizes, x, _, _ := drain(s)
	wantError(t, s.Err(), `standard input:4: column 1: "x" is not a number`)
	if !slices.Equal(sizes, []int{2, 1}) || !slices.Equal(x, []float32{1, 2, 3}) {
		t.Errorf("before the error %v: %v, want the three rows before it", sizes, x)
	}
	s = stream(t, "1,a\n2,b\n3\n", StreamOptions{Size: 1, Sample: 1, Table: TableOptions{Classes: []string{"a", "b"}}})
	drain(s)
	wantError(t, s.Err(), "standard input:3: 1 columns, want 2")
	s = stream(t, "1,a\n2,b\n3,a\n4,c\n", StreamOptions{Size: 1, Sample: 1, Table: TableOptions{Header: HeaderYes, Classes: []string{"a", "b"}}})
	drain(s)
	wantError(t, s.Err(), `standard input:4: column 2 (a): class "c" is unknown`)

	for _, c := range []struct {
		text string
		opt  StreamOptions
		want string
	}{
		{"1,a\n", StreamOptions{Sample: 1}, "Size = 0"},
		{"1,a\n", StreamOptions{Size: 1}, "Sample = 0"},
		{"", StreamOptions{Size: 1, Sample: 1}, "standard input is empty"},
		{"", StreamOptions{Size: 1, Schema: fitted(t, TableOptions{Missing: MissingDrop})}, "standard input is empty"},
		{"1,2\n", StreamOptions{Size: 1, Schema: fitted(t, TableOptions{Missing: MissingDrop})}, "2 columns, want 4"},
		{"u,y\n", StreamOptions{Size: 1, Sample: 1}, "no rows"},
	} {
		_, err := NewStream(strings.NewReader(c.text), "standard input", c.opt)
		wantError(t, err, c.want)
	}
}

// A row is served as soon as its batch is full: nothing waits for more input.
func TestStreamDoesNotWait(t *testing.T) {
	lines := make(chan string, 1)
	s := make(chan *Stream, 1)
	go func() {
		st, err := NewStream(feed(lines), "feed", StreamOptions{Size: 1, Schema: fitted(t, TableOptions{Missing: MissingMean})})
		if err != nil {
			t.Error(err)
		}
		s <- st
	}()
	lines <- "1,red,2,no\n"
	st := <-s
	var b Batch
	for i := range 5 {
		if !st.Next(&b) || b.X[0] != float32(math.Pow(2, float64(i))) {
			t.Fatalf("row %d: %v (%v)", i, b.X, st.Err())
		}
		lines <- map[int]string{0: "2,red,2,no\n", 1: "4,red,2,no\n", 2: "8,red,2,no\n", 3: "16,red,2,no\n"}[i]
	}
}

// A feed is a reader that has one line at a time.
type feed chan string

func (f feed) Read(p []byte) (int, error) { return copy(p, <-f), nil }
