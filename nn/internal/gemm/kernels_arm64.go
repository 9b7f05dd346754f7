//go:build !purego

package gemm

import "github.com/descent-go/descent/internal/cpu"

var (
	neonx32 = kernel[float32]{lanes: 4, rows: 8, vectors: 3, tiles: neonF32Tiles, turn: neonF32Turn, square: 4, speed: 15}
	neonx64 = kernel[float64]{lanes: 2, rows: 8, vectors: 3, tiles: neonF64Tiles, turn: neonF64Turn, square: 2, speed: 7}
)

func kernel32(level cpu.Level) *kernel[float32] {
	if level == cpu.NEON {
		return &neonx32
	}
	return generic32
}

func kernel64(level cpu.Level) *kernel[float64] {
	if level == cpu.NEON {
		return &neonx64
	}
	return generic64
}
