//go:build !purego

package gemm

import "github.com/descent-go/descent/internal/cpu"

var (
	avx512x32 = kernel[float32]{
		lanes: 16, rows: 14, vectors: 2, tiles: avx512F32Tiles, partial: true,
		copyRows: avx512F32Copy, turn: avx512F32Turn, square: 4, speed: 60,
	}
	avx512x64 = kernel[float64]{
		lanes: 8, rows: 14, vectors: 2, tiles: avx512F64Tiles, partial: true,
		copyRows: avx512F64Copy, turn: avx512F64Turn, square: 2, speed: 30,
	}
	avx2x32 = kernel[float32]{
		lanes: 8, rows: 6, vectors: 2, tiles: avx2F32Tiles,
		copyRows: avx2F32Copy, turn: avx2F32Turn, square: 4, speed: 40,
	}
	avx2x64 = kernel[float64]{
		lanes: 4, rows: 6, vectors: 2, tiles: avx2F64Tiles,
		copyRows: avx2F64Copy, turn: avx2F64Turn, square: 2, speed: 20,
	}
)

func kernel32(level cpu.Level) *kernel[float32] {
	switch level {
	case cpu.AVX512:
		return &avx512x32
	case cpu.AVX2:
		return &avx2x32
	}
	return generic32
}

func kernel64(level cpu.Level) *kernel[float64] {
	switch level {
	case cpu.AVX512:
		return &avx512x64
	case cpu.AVX2:
		return &avx2x64
	}
	return generic64
}
