// Package cpu says which vector instructions the kernels of this module may
// use. The results do not depend on it: every level gives the same bits.
//
// The environment variable DESCENT_SIMD, read once when the program starts,
// forbids the levels above the one that it names: generic, avx2, avx512 or
// neon. Where the machine lacks that level, the best one below it is used; a
// value that is none of these names is ignored. A build with the tag purego
// knows the generic level alone. The cache of go test does not see the
// variable: set it together with -count=1.
package cpu

import (
	"os"
	"slices"
)

// A Level is a set of vector instructions.
type Level int

const (
	// Generic is plain Go.
	Generic Level = iota
	// AVX2 is AVX2 with FMA, on amd64.
	AVX2
	// AVX512 is AVX-512 F, VL, BW and DQ with all of AVX2, on amd64.
	AVX512
	// NEON is what every arm64 has.
	NEON
)

var names = []string{"generic", "avx2", "avx512", "neon"}

// String returns the name that DESCENT_SIMD takes.
func (l Level) String() string { return names[l] }

// levels holds what this process may use, the best last.
var levels = limit(machine(), os.Getenv("DESCENT_SIMD"))

// Best returns the level to use.
func Best() Level { return levels[len(levels)-1] }

// Levels returns every level that this process may use, Generic first and Best
// last, for tests that compare them.
func Levels() []Level { return slices.Clone(levels) }

// limit removes from the levels of a machine those above the one that is
// asked for.
func limit(machine []Level, asked string) []Level {
	most := slices.Index(names, asked)
	if most < 0 {
		return machine
	}
	if Level(most) == NEON && !slices.Contains(machine, NEON) {
		most = int(Generic) // AVX is not below NEON
	}
	if Level(most) < NEON {
		machine = slices.DeleteFunc(machine, func(l Level) bool { return int(l) > most })
	}
	return machine
}
