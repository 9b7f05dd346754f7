package experiment

import (
	"bytes"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"time"

	"github.com/goccy/go-yaml"
)

// A Record is what is written beside the settings of a run: when and on what it
// ran. It does not take part in anything.
type Record struct {
	ID       string            `yaml:"id"`
	Created  time.Time         `yaml:"created"`
	Model    string            `yaml:"model"` // what a program of one's own trained: see Experiment.OwnModel
	Command  []string          `yaml:"command"`
	Folder   string            `yaml:"folder"`   // that relative paths begin at
	Versions map[string]string `yaml:"versions"` // of descent and of Go
	Hardware Hardware          `yaml:"hardware"`
	Data     []File            `yaml:"data"`
}

// Hardware describes a machine. What is not known is zero.
type Hardware struct {
	CPU    string `yaml:"cpu"`
	Cores  int    `yaml:"cores"`
	SIMD   string `yaml:"simd"`   // vector instructions in use
	Memory int64  `yaml:"memory"` // bytes
	OS     string `yaml:"os"`
	Arch   string `yaml:"arch"`
}

// WithRecord appends the section "recorded" to settings as YAML writes them.
func WithRecord(text []byte, r Record) []byte {
	var b bytes.Buffer
	b.Write(text)
	quoted := func(indent, key, value string) {
		if value != "" {
			fmt.Fprintf(&b, "%s%s: %s\n", indent, key, strconv.Quote(value))
		}
	}
	b.WriteString(recorded + ":\n")
	quoted("  ", "id", r.ID)
	if !r.Created.IsZero() {
		quoted("  ", "created", r.Created.UTC().Format(time.RFC3339Nano))
	}
	quoted("  ", "model", r.Model)
	if len(r.Command) > 0 {
		b.WriteString("  command:\n")
		for _, word := range r.Command {
			fmt.Fprintf(&b, "    - %s\n", strconv.Quote(word))
		}
	}
	quoted("  ", "folder", r.Folder)
	if len(r.Versions) > 0 {
		b.WriteString("  versions:\n")
		for _, name := range slices.Sorted(maps.Keys(r.Versions)) {
			quoted("    ", name, r.Versions[name])
		}
	}
	b.WriteString("  hardware:\n")
	quoted("    ", "cpu", r.Hardware.CPU)
	fmt.Fprintf(&b, "    cores: %d\n", r.Hardware.Cores)
	quoted("    ", "simd", r.Hardware.SIMD)
	fmt.Fprintf(&b, "    memory: %d\n", r.Hardware.Memory)
	quoted("    ", "os", r.Hardware.OS)
	quoted("    ", "arch", r.Hardware.Arch)
	if len(r.Data) > 0 {
		b.WriteString("  data:\n")
		for _, f := range r.Data {
			fmt.Fprintf(&b, "    - path: %s\n      bytes: %d\n      sha256: %q\n", strconv.Quote(f.Path), f.Bytes, f.SHA256)
		}
	}
	return b.Bytes()
}

// ParseRecord reads the section "recorded" of a file of settings; name is used
// in messages. It is nil when there is none. What it does not know it skips.
func ParseRecord(name string, text []byte) (*Record, error) {
	root, err := document(name, text)
	if err != nil {
		return nil, err
	}
	for _, p := range root {
		if p.key != recorded {
			continue
		}
		r := new(Record)
		if err := yaml.NodeToValue(p.value, r); err != nil {
			return nil, p.fail(p.keyToken, errWant("recorded: want what descent wrote there: %v", err))
		}
		return r, nil
	}
	return nil, nil
}
