package data

import (
	"math"
	"slices"
	"strings"
	"testing"
)

// load reads a table from text and encodes it by a schema fitted on itself.
func load(name, text string, opt TableOptions) (*Set, *Schema, error) {
	t, err := ReadTable(strings.NewReader(text), name, opt)
	if err != nil {
		return nil, nil, err
	}
	schema, err := FitSchema(t, opt)
	if err != nil {
		return nil, nil, err
	}
	s, err := schema.Encode(t)
	return s, schema, err
}

func TestTable(t *testing.T) {
	for _, c := range []struct {
		name, file, text string
		opt              TableOptions
		x                []float32
		label            []int32
		target           []float32
		classes          []string
		features         []string
	}{
		{
			name: "no header", file: "a.csv", text: "1,2,0\n3,4,1\n5,6,1\n7,8,0\n",
			x: []float32{1, 2, 3, 4, 5, 6, 7, 8}, label: []int32{0, 1, 1, 0}, classes: []string{"0", "1"},
			features: []string{"column 1", "column 2"},
		},
		{
			name: "header, quotes, CRLF, BOM and spaces", file: "a.csv",
			text: "\xef\xbb\xbfwidth, \"length, cm\",kind\r\n1, 2 ,\"big, red\"\r\n3,4,small\r\n",
			x:    []float32{1, 2, 3, 4}, label: []int32{0, 1}, classes: []string{"big, red", "small"},
			features: []string{"width", "length, cm"},
		},
		{
			name: "tabs by extension", file: "a.tsv", text: "a,b\ty\n1\tp\n2\tq\n",
			x: []float32{1, 2}, label: []int32{0, 1}, classes: []string{"p", "q"}, features: []string{"a,b"},
		},
		{
			name: "tabs by content", file: "a.txt", text: "1\tone, two\n2\tthree, four\n3\tfive, six\n",
			x: []float32{1, 2, 3}, label: []int32{1, 2, 0}, classes: []string{"five, six", "one, two", "three, four"}, features: []string{"column 1"},
		},
		{
			name: "semicolons", file: "a.csv", text: "u;v;y\n1;2;0.5\n3;4;1.5\n",
			x: []float32{1, 2, 3, 4}, target: []float32{0.5, 1.5}, features: []string{"u", "v"},
		},
		{
			name: "given delimiter", file: "a.csv", text: "1:2:a\n3:4:b\n", opt: TableOptions{Comma: ':'},
			x: []float32{1, 2, 3, 4}, label: []int32{0, 1}, classes: []string{"a", "b"}, features: []string{"column 1", "column 2"},
		},
		{
			name: "gzip", file: "a.csv.gz", text: string(zipped([]byte("1,a\n2,b\n"))),
			x: []float32{1, 2}, label: []int32{0, 1}, classes: []string{"a", "b"}, features: []string{"column 1"},
		},
		{
			name: "one-hot", file: "a.csv", text: "colour,n,y\nred,1,a\ngreen,2,b\nred,3,a\n",
			x:     []float32{0, 1, 1, 1, 0, 2, 0, 1, 3},
			label: []int32{0, 1, 0}, classes: []string{"a", "b"}, features: []string{"colour=green", "colour=red", "n"},
		},
		{
			name: "all text, header by repetition", file: "a.csv", text: "colour,y\nred,a\ngreen,b\nred,a\n",
			x: []float32{0, 1, 1, 0, 0, 1}, label: []int32{0, 1, 0}, classes: []string{"a", "b"}, features: []string{"colour=green", "colour=red"},
		},
		{
			name: "all text, first row repeated: no header", file: "a.csv", text: "red,a\ngreen,b\nred,a\n",
			x: []float32{0, 1, 1, 0, 0, 1}, label: []int32{0, 1, 0}, classes: []string{"a", "b"}, features: []string{"column 1=green", "column 1=red"},
		},
		{
			name: "numbers as header when told", file: "a.csv", text: "2019,2020\n1,a\n2,b\n", opt: TableOptions{Header: HeaderYes, Target: "2020"},
			x: []float32{1, 2}, label: []int32{0, 1}, classes: []string{"a", "b"}, features: []string{"2019"},
		},
		{
			name: "names as values when told", file: "a.csv", text: "p,q\nr,s\n", opt: TableOptions{Header: HeaderNo},
			x: []float32{1, 0, 0, 1}, label: []int32{0, 1}, classes: []string{"q", "s"}, features: []string{"column 1=p", "column 1=r"},
		},
		{
			name: "target by name, ignored and categorical columns", file: "a.csv", text: "id,y,zip\n10,a,1\n11,b,2\n12,a,10\n",
			opt: TableOptions{Target: "y", Ignore: []string{"id"}, Categorical: []string{"3"}},
			x:   []float32{1, 0, 0, 0, 1, 0, 0, 0, 1}, label: []int32{0, 1, 0}, classes: []string{"a", "b"},
			features: []string{"zip=1", "zip=2", "zip=10"},
		},
		{
			name: "target by number", file: "a.csv", text: "a,1\nb,2\n", opt: TableOptions{Target: "1"},
			x: []float32{1, 2}, label: []int32{0, 1}, classes: []string{"a", "b"}, features: []string{"column 2"},
		},
		{
			name: "classes in the order of numbers, written in several ways", file: "a.csv", text: "1,10\n2,9\n3,10.0\n4,09\n", opt: TableOptions{Target: "-1"},
			x: []float32{1, 2, 3, 4}, label: []int32{1, 0, 1, 0}, classes: []string{"9", "10"}, features: []string{"column 1"},
		},
		{
			name: "integers that are quantities", file: "a.csv", text: "1,10\n2,11\n3,12\n",
			x: []float32{1, 2, 3}, target: []float32{10, 11, 12}, features: []string{"column 1"},
		},
		{
			name: "regression when told", file: "a.csv", text: "1,0\n2,1\n3,1\n4,0\n", opt: TableOptions{Task: Regression},
			x: []float32{1, 2, 3, 4}, target: []float32{0, 1, 1, 0}, features: []string{"column 1"},
		},
		{
			name: "classification when told", file: "a.csv", text: "1,0.5\n2,1.5\n", opt: TableOptions{Task: Classification},
			x: []float32{1, 2}, label: []int32{0, 1}, classes: []string{"0.5", "1.5"}, features: []string{"column 1"},
		},
		{
			name: "given classes", file: "a.csv", text: "1,b\n2,a\n", opt: TableOptions{Classes: []string{"c", "b", "a"}},
			x: []float32{1, 2}, label: []int32{1, 2}, classes: []string{"c", "b", "a"}, features: []string{"column 1"},
		},
		{
			name: "mean", file: "a.csv", text: "u,c,y\n1,p,a\n?,q,b\n6,,a\nNA,q,b\n", opt: TableOptions{Missing: MissingMean},
			x:     []float32{1, 1, 0, 3.5, 0, 1, 6, 0, 1, 3.5, 0, 1},
			label: []int32{0, 1, 0, 1}, classes: []string{"a", "b"}, features: []string{"u", "c=p", "c=q"},
		},
		{
			name: "median", file: "a.csv", text: "1,a\nnan,b\n2,a\n9,b\n", opt: TableOptions{Missing: MissingMedian},
			x: []float32{1, 2, 2, 9}, label: []int32{0, 1, 0, 1}, classes: []string{"a", "b"}, features: []string{"column 1"},
		},
		{
			name: "drop", file: "a.csv", text: "1,a\n,b\n3,\n4,b\n5,n/a\n", opt: TableOptions{Missing: MissingDrop},
			x: []float32{1, 4}, label: []int32{0, 1}, classes: []string{"a", "b"}, features: []string{"column 1"},
		},
		{
			name: "an index column without a name", file: "a.csv", text: ",u,y\n0,1,a\n1,2,b\n", opt: TableOptions{Ignore: []string{"1"}},
			x: []float32{1, 2}, label: []int32{0, 1}, classes: []string{"a", "b"}, features: []string{"u"},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			s, schema, err := load(c.file, c.text, c.opt)
			if err != nil {
				t.Fatal(err)
			}
			if err := s.Validate(); err != nil {
				t.Fatal(err)
			}
			if !slices.Equal(s.X, c.x) {
				t.Errorf("features %v, want %v", s.X, c.x)
			}
			if !slices.Equal(s.Label, c.label) || !slices.Equal(s.Target, c.target) {
				t.Errorf("labels %v and targets %v, want %v and %v", s.Label, s.Target, c.label, c.target)
			}
			if !slices.Equal(s.Classes, c.classes) || !slices.Equal(s.Features, c.features) {
				t.Errorf("classes %q and features %q, want %q and %q", s.Classes, s.Features, c.classes, c.features)
			}
			if (c.target != nil) != (schema.Task == Regression) || schema.Dim() != s.Dim {
				t.Errorf("task %q of %d features", schema.Task, schema.Dim())
			}
		})
	}
}

func TestTableErrors(t *testing.T) {
	many := strings.Builder{}
	for i := range 1200 {
		many.WriteString("word")
		many.WriteString(strings.Repeat("x", i))
		many.WriteString(",a\nz,b\n")
	}
	for _, c := range []struct {
		name, text string
		opt        TableOptions
		want       []string
	}{
		{"empty", "", TableOptions{}, []string{"f.csv is empty"}},
		{"blank lines", "\n\n\n", TableOptions{}, []string{"f.csv is empty"}},
		{"header only", "age,income,y\n", TableOptions{}, []string{"f.csv:1", "header (age, income, y) and no rows"}},
		{"ragged short", "1,2,a\n3,4,b\n5,6\n", TableOptions{}, []string{"f.csv:3: 2 columns, want 3 as in line 1"}},
		{"ragged long", "\nu,v,y\n3,4,b\n5,6,a,9\n", TableOptions{}, []string{"f.csv:4: 4 columns, want 3 as in line 2"}},
		{"bare quote", "1,2,a\n3,4\"x,b\n", TableOptions{}, []string{"f.csv:2:4:", `"`}},
		{"open quote", "1,2,a\n3,\"4,b\n", TableOptions{}, []string{"f.csv:", "quote"}},
		{"binary", "1,2\x00,a\n", TableOptions{}, []string{"offset 3", "not a text file"}},
		{"text among numbers", "age,y\n1,a\n2,b\nold,a\n4,b\n", TableOptions{}, []string{`f.csv:4: column 1 (age): "old" is not a number`}},
		{"text among numbers, no header", "1,a\n2,b\nold,a\n4,b\n", TableOptions{}, []string{`f.csv:3: column 1: "old" is not a number`}},
		{"infinite", "1,a\n2,b\ninf,a\n", TableOptions{}, []string{"f.csv:3: column 1: inf is not a finite"}},
		{"too large", "1,a\n1e300,b\n", TableOptions{}, []string{"f.csv:2: column 1: 1e300 is not a finite 32-bit number"}},
		{"missing", "u,y\n1,a\n?,b\n", TableOptions{}, []string{"f.csv:3: column 1 (u): ", `missing ("?")`, "mean, median or drop"}},
		{"missing category", "c,y\np,a\n,b\np,a\n", TableOptions{}, []string{"f.csv:3: column 1 (c): ", `missing ("")`}},
		{"missing target", "1,a\n2,\n", TableOptions{Missing: MissingMean}, []string{"f.csv:2: column 2: the target is missing"}},
		{"nothing there", "u,v,y\n,1,a\n,2,b\n", TableOptions{Header: HeaderYes, Missing: MissingMean}, []string{"column 1 (u) has no values"}},
		{"nothing left", "1,\n,b\n", TableOptions{Missing: MissingDrop}, []string{"every row has a missing value"}},
		{"one class", "1,a\n2,a\n", TableOptions{}, []string{"column 2", "one class only (a)"}},
		{"one column", "1\n2\n", TableOptions{}, []string{"1 columns and none to learn from"}},
		{"all ignored", "1,a\n2,b\n", TableOptions{Ignore: []string{"1"}}, []string{"none to learn from"}},
		{"ignored target", "1,a\n2,b\n", TableOptions{Ignore: []string{"2"}}, []string{"is the target and cannot be ignored"}},
		{"same names", "u,u,y\n1,2,a\n3,4,b\n", TableOptions{}, []string{`f.csv:1: columns 1 and 2 are both named "u"`}},
		{"unknown target", "u,y\n1,a\n2,b\n", TableOptions{Target: "z"}, []string{`target "z" is not a column, want one of u, y`}},
		{"unnamed target", "1,a\n2,b\n", TableOptions{Target: "z"}, []string{`target "z": the columns have no names, want a number from 1 to 2`}},
		{"target number", "1,a\n2,b\n", TableOptions{Target: "3"}, []string{"target 3, want 1 to 2, or -1 to -2"}},
		{"target zero", "1,a\n2,b\n", TableOptions{Target: "0"}, []string{"target 0, want 1 to 2"}},
		{"unknown ignored", "1,a\n2,b\n", TableOptions{Ignore: []string{"w"}}, []string{`ignored column "w"`}},
		{"regression of text", "1,a\n2,b\n", TableOptions{Task: Regression}, []string{`f.csv:1: column 2: "a" is not a number`, "regression"}},
		{"unlisted class", "1,a\n2,b\n3,q\n", TableOptions{Classes: []string{"a", "b"}}, []string{`f.csv:3: column 2: class "q" is unknown, want one of a, b`}},
		{"too many categories", many.String(), TableOptions{}, []string{"column 1", "1201 categories, want at most 1000"}},
		{"header option", "1,a\n", TableOptions{Header: "maybe"}, []string{`Header = "maybe"`}},
		{"task option", "1,a\n", TableOptions{Task: "guess"}, []string{`Task = "guess"`}},
		{"missing option", "1,a\n", TableOptions{Missing: "zero"}, []string{`Missing = "zero"`, "median"}},
		{"delimiter option", "1,a\n", TableOptions{Comma: '"'}, []string{"Comma = '\"'"}},
		{"class twice", "1,a\n", TableOptions{Classes: []string{"a", "a"}}, []string{`has "a" twice`}},
		{"classes of a regression", "1,a\n", TableOptions{Classes: []string{"a"}, Task: Regression}, []string{"Classes of a regression"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, _, err := load("f.csv", c.text, c.opt)
			wantError(t, err, c.want...)
		})
	}
	_, err := LoadTable("none.csv", TableOptions{})
	wantError(t, err, "none.csv", "no such file")
}

func FuzzTable(f *testing.F) {
	for _, seed := range []string{
		"u,v,y\n1,2,a\n3,4,b\n", "1;2\n3;?\n", "\"a\"\"b\",1\nc,2\n", "p\tq\nr\ts\n", "1e999,a\nNaN,b\n", ",,\n,,\n",
	} {
		f.Add(seed, "")
		f.Add(seed, string(MissingMedian))
		f.Add(seed, string(MissingDrop))
	}
	f.Fuzz(func(t *testing.T, text, missing string) {
		s, schema, err := load("f", text, TableOptions{Missing: Missing(missing)})
		if err != nil {
			if s != nil {
				t.Fatal("a set with an error")
			}
			return
		}
		if err := s.Validate(); err != nil {
			t.Fatal(err)
		}
		if schema.Dim() != s.Dim || len(schema.Features()) != s.Dim {
			t.Fatalf("schema of %d features, set of %d", schema.Dim(), s.Dim)
		}
		for _, c := range schema.Columns {
			if math.IsNaN(c.Fill) || math.IsInf(c.Fill, 0) {
				t.Fatalf("column %q is filled with %v", c.Name, c.Fill)
			}
		}
	})
}
