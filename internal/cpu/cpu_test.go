package cpu

import (
	"slices"
	"testing"
)

func TestLimit(t *testing.T) {
	full, haswell, arm, plain := []Level{Generic, AVX2, AVX512}, []Level{Generic, AVX2}, []Level{Generic, NEON}, []Level{Generic}
	for _, c := range []struct {
		machine []Level
		asked   string
		want    []Level
	}{
		{full, "", full}, {full, "avx512", full}, {full, "avx2", haswell}, {full, "generic", plain}, {full, "neon", plain},
		{full, "AVX2", full}, {full, "sse9", full},
		{haswell, "avx512", haswell}, {haswell, "generic", plain},
		{arm, "", arm}, {arm, "neon", arm}, {arm, "avx2", plain}, {arm, "generic", plain},
		{plain, "avx512", plain}, {plain, "neon", plain},
	} {
		if got := limit(slices.Clone(c.machine), c.asked); !slices.Equal(got, c.want) {
			t.Errorf("%v limited to %q: %v, want %v", c.machine, c.asked, got, c.want)
		}
	}
}

func TestLevels(t *testing.T) {
	got := Levels()
	if got[0] != Generic || got[len(got)-1] != Best() || !slices.IsSorted(got) {
		t.Errorf("Levels() = %v, Best() = %v", got, Best())
	}
	got[0] = NEON
	if Levels()[0] != Generic {
		t.Error("Levels returns the package's own slice")
	}
}
