package experiment

import (
	"os"
	"runtime"
	"runtime/debug"
	"strconv"
	"strings"

	"github.com/descent-go/descent/internal/cpu"
)

// Machine describes the machine that the program runs on. The model of the CPU
// and the memory are known on Linux.
func Machine() Hardware {
	h := Hardware{Cores: runtime.NumCPU(), SIMD: cpu.Best().String(), OS: runtime.GOOS, Arch: runtime.GOARCH}
	// Where there are no such files, nothing is known.
	cpuinfo, _ := os.ReadFile("/proc/cpuinfo")
	h.CPU = entry(string(cpuinfo), "model name")
	meminfo, _ := os.ReadFile("/proc/meminfo")
	kib, _, _ := strings.Cut(entry(string(meminfo), "MemTotal"), " ")
	n, _ := strconv.ParseInt(kib, 10, 64)
	h.Memory = n << 10
	return h
}

// entry returns the value of a line "key : value".
func entry(text, key string) string {
	for line := range strings.Lines(text) {
		if k, v, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(k) == key {
			return strings.TrimSpace(v)
		}
	}
	return ""
}

// module is the path of this module.
const module = "github.com/descent-go/descent"

// Versions returns the versions of Go, of this module, and of the program that
// it is part of.
func Versions() map[string]string {
	v := map[string]string{"go": runtime.Version()}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return v
	}
	v["descent"] = info.Main.Version
	if info.Main.Path != module {
		v["program"] = strings.TrimSpace(info.Main.Path + " " + info.Main.Version)
		for _, d := range info.Deps {
			if d.Path == module {
				v["descent"] = d.Version
			}
		}
	}
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" || s.Key == "vcs.modified" {
			v[s.Key] = s.Value
		}
	}
	return v
}
