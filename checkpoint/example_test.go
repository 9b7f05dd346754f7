package checkpoint_test

import (
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/descent-go/descent/checkpoint"
)

func Example() {
	dir, err := os.MkdirTemp("", "example")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer func() { _ = os.RemoveAll(dir) }()
	store, err := checkpoint.Open(filepath.Join(dir, "checkpoints"), 3)
	if err != nil {
		fmt.Println(err)
		return
	}
	for step := int64(500); step <= 2500; step += 500 {
		_, err := store.Save(checkpoint.Info{Step: step, Epoch: 1}, []checkpoint.Part{
			{"weights", func(w io.Writer) error { _, err := fmt.Fprintln(w, 0.1, 0.2, step); return err }},
		})
		if err != nil {
			fmt.Println(err)
			return
		}
	}
	c, rejected, err := store.Newest()
	if err != nil {
		fmt.Println(err)
		return
	}
	weights, err := c.Part("weights")
	fmt.Printf("%s: %s%v %v\n", c.Name, weights, rejected, err)
	list, err := store.List()
	for _, e := range list {
		fmt.Println(e.Name, e.Bytes, "bytes", err)
	}
	// Output:
	// 000005-step-2500: 0.1 0.2 2500
	// [] <nil>
	// 000003-step-1500 298 bytes <nil>
	// 000004-step-2000 298 bytes <nil>
	// 000005-step-2500 298 bytes <nil>
}
