//go:build !purego

package cpu

import "golang.org/x/sys/cpu"

// machine returns the levels of this machine in ascending order.
func machine() []Level {
	found := []Level{Generic}
	if cpu.X86.HasAVX2 && cpu.X86.HasFMA {
		found = append(found, AVX2)
		if cpu.X86.HasAVX512F && cpu.X86.HasAVX512VL && cpu.X86.HasAVX512BW && cpu.X86.HasAVX512DQ {
			found = append(found, AVX512)
		}
	}
	return found
}

// Pause tells the processor that it is in a loop that waits for another
// thread. It takes 10 to 150 clock cycles.
func Pause()
