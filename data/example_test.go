package data_test

import (
	"fmt"
	"strings"

	"github.com/descent-go/descent/data"
)

// A table's columns find their kinds; the last one is the target.
func ExampleFitSchema() {
	const train = `age,colour,bought
23,red,yes
35,green,no
61,red,yes
`
	table, err := data.ReadTable(strings.NewReader(train), "train.csv", data.TableOptions{})
	if err != nil {
		fmt.Println(err)
		return
	}
	schema, err := data.FitSchema(table, data.TableOptions{})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(schema.Task, schema.Features(), schema.Classes)

	test, err := schema.Read(strings.NewReader("colour,bought,age\ngreen,yes,44\n"), "test.csv")
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(test.X, test.Label)

	_, err = schema.Read(strings.NewReader("age,colour,bought\n50,blue,no\n"), "test.csv")
	fmt.Println(err)
	// Output:
	// classification [age colour=green colour=red] [no yes]
	// [44 1 0] [1]
	// data: test.csv:2: column 2 (colour): category "blue" is not in the training file, which has green, red
}

func ExampleDigits() {
	set, err := data.Digits(1000, 1)
	if err != nil {
		fmt.Println(err)
		return
	}
	train, test := set.Head(800), set.Tail(200)
	fmt.Println(train.Len(), test.Len(), set.Shape, set.Classes)
	// Output: 800 200 [28 28] [0 1 2 3 4 5 6 7 8 9]
}

func ExampleBatches() {
	set, err := data.Spirals(10, 1, 0, 1)
	if err != nil {
		fmt.Println(err)
		return
	}
	batches, err := data.NewBatches(set, 4, 1)
	if err != nil {
		fmt.Println(err)
		return
	}
	var b data.Batch
	for range 2 {
		for batches.Next(&b) {
			epoch, n := batches.Position()
			fmt.Printf("epoch %d, batch %d: %d examples\n", epoch, n, b.N)
		}
	}
	// Output:
	// epoch 0, batch 1: 4 examples
	// epoch 0, batch 2: 4 examples
	// epoch 0, batch 3: 2 examples
	// epoch 1, batch 1: 4 examples
	// epoch 1, batch 2: 4 examples
	// epoch 1, batch 3: 2 examples
}

func ExampleStream() {
	in := strings.NewReader("0.5,low\n0.7,low\n2.5,high\n3.5,high\n")
	stream, err := data.NewStream(in, "standard input", data.StreamOptions{
		Size: 3, Sample: 2, Table: data.TableOptions{Classes: []string{"low", "high"}},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	var b data.Batch
	for stream.Next(&b) {
		fmt.Println(b.X, b.Label)
	}
	fmt.Println(stream.Rows(), stream.Err())
	// Output:
	// [0.5 0.7 2.5] [0 0 1]
	// [3.5] [1]
	// 4 <nil>
}
