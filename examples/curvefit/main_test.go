package main

import "os"

func Example() {
	if err := run(os.Stdout); err != nil {
		panic(err)
	}
	// Output: y = 3.002 exp(-0.498 x) + 0.998, root mean square error 0.014
}
