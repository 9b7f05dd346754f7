package main

import "os"

func Example() {
	if err := run(os.Stdout); err != nil {
		panic(err)
	}
	// Output:
	// adam     f(0.998, 0.997) = 3e-06
	// softsign f(1.000, 1.000) = 3e-18
}
