//go:build !purego

package cpu

// machine returns the levels of this machine in ascending order.
func machine() []Level { return []Level{Generic, NEON} }

// Pause tells the processor that it is in a loop that waits for another
// thread.
func Pause()
