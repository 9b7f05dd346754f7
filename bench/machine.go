package bench

import (
	"os"
	"runtime"
	"strconv"
	"strings"

	"github.com/descent-go/descent/internal/cpu"
)

// A Machine is where something was measured.
type Machine struct {
	CPU       string `json:"cpu"`   // its model; the architecture where that can't be told
	Cores     int    `json:"cores"` // that the process may use
	SIMD      string `json:"simd"`  // the instructions that kernels use: see DESCENT_SIMD
	Go        string `json:"go"`
	OS        string `json:"os"`
	Arch      string `json:"arch"`
	Available int64  `json:"available_bytes"` // memory that is free; 0: unknown
}

// ThisMachine describes the machine that the process runs on.
func ThisMachine() Machine {
	m := Machine{
		CPU: runtime.GOARCH, Cores: runtime.NumCPU(), SIMD: cpu.Best().String(),
		Go: runtime.Version(), OS: runtime.GOOS, Arch: runtime.GOARCH,
	}
	if text, err := os.ReadFile("/proc/cpuinfo"); err == nil {
		if model := field(string(text), "model name"); model != "" {
			m.CPU = model
		}
	}
	if text, err := os.ReadFile("/proc/meminfo"); err == nil {
		kib, _, _ := strings.Cut(field(string(text), "MemAvailable"), " ")
		if n, err := strconv.ParseInt(kib, 10, 64); err == nil {
			m.Available = n << 10
		}
	}
	return m
}

// field returns what follows the first "name :" at the start of a line.
func field(text, name string) string {
	for line := range strings.Lines(text) {
		key, value, ok := strings.Cut(line, ":")
		if ok && strings.TrimSpace(key) == name {
			return strings.TrimSpace(value)
		}
	}
	return ""
}
