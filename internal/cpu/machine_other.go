//go:build purego || !(amd64 || arm64)

package cpu

// machine returns the levels of this machine in ascending order.
func machine() []Level { return []Level{Generic} }

// Pause stands where other machines tell the processor that it is in a loop
// that waits for another thread.
//
//go:noinline
func Pause() {}
