package main

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
)

// What the package holds is what the generator writes.
func TestGeneratedFilesAreCurrent(t *testing.T) {
	for name, text := range generate() {
		held, err := os.ReadFile(filepath.Join("../../nn/internal/gemm", name))
		if err != nil {
			t.Error(err)
		} else if !bytes.Equal(held, text) {
			t.Errorf("%s: run go generate ./nn/internal/gemm", name)
		}
	}
}

// Every tile of a target keeps its sums and operands in the registers there
// are.
func TestTilesFitInRegisters(t *testing.T) {
	for _, c := range []struct {
		of        target
		registers int
	}{{avx512, 32}, {avx2, 16}, {neon, 32}} {
		for _, s := range c.of.most {
			if need := s.rows*s.vectors + s.vectors + 2; need > c.registers {
				t.Errorf("%s: %d rows of %d vectors need %d registers of %d", c.of.name, s.rows, s.vectors, need, c.registers)
			}
		}
	}
}
