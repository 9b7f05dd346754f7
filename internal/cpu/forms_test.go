package cpu

import "testing"

func TestForms(t *testing.T) {
	f := Forms[string]{Go: "go", AVX2: "avx2", AVX512: "avx512"}
	for level, want := range map[Level]string{Generic: "go", NEON: "go", AVX2: "avx2", AVX512: "avx512"} {
		if got := f.At(level); got != want {
			t.Errorf("At(%v) = %s, want %s", level, got, want)
		}
	}
}
