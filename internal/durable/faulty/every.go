package faulty

import "fmt"

// A Trial is one way in which things went wrong.
type Trial struct {
	What  string // in words
	Fault Kind
	Err   error // what the tried function returned
	// After is what is found after a crash; when the machine does not crash, it
	// is what Everything leaves.
	After *FS
	Left  Survival
}

// Every tries a function on the file system that setup makes: without a fault,
// then with every kind of fault at each of its operations in turn, each time
// followed by every way a crash may go. It returns the number of operations of
// the trial without a fault, in which Trial.Fault is -1.
func Every(setup func() *FS, try func(*FS) error, check func(Trial)) int {
	one := func(n int, kind Kind, what string) int {
		f := setup()
		if n > 0 {
			f.FailAt(n, kind)
		}
		before := f.Operations()
		err := try(f)
		operations := f.Operations() - before
		for _, s := range Survivals {
			check(Trial{What: fmt.Sprintf("%s; %v", what, s), Fault: kind, Err: err, After: f.Crash(s), Left: s})
		}
		return operations
	}
	operations := one(0, -1, "no fault")
	for n := 1; n <= operations; n++ {
		for _, kind := range Kinds {
			one(n, kind, fmt.Sprintf("%v at operation %d of %d", kind, n, operations))
		}
	}
	return operations
}
