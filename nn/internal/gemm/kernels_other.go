//go:build purego || !(amd64 || arm64)

package gemm

import "github.com/descent-go/descent/internal/cpu"

func kernel32(cpu.Level) *kernel[float32] { return generic32 }
func kernel64(cpu.Level) *kernel[float64] { return generic64 }
