package web

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strings"

	"github.com/descent-go/descent/schedule"
)

// A Block is a part of a schedule that is a row of them, one after another.
type Block struct {
	Kind string `json:"kind"` // "cosine"
	// Scale multiplies the block, as text; "" stands for 1.
	Scale string `json:"scale,omitempty"`
	// Params are the parameters that were given, as text; the others have their
	// defaults.
	Params map[string]string `json:"params"`
	// Values are all parameters, as the run of so many steps makes them. They are
	// not read in requests.
	Values map[string]json.RawMessage `json:"values,omitempty"`
	From   int64                      `json:"from,omitempty"` // its first step
	// Steps is how many it has; 0: as many as there are, for the last one.
	Steps int64 `json:"steps,omitempty"`
}

var (
	plainValue = regexp.MustCompile(`^[^ :,=+*()]*(?:[eE]\+\d+)?$`)
	plainBlock = regexp.MustCompile(`^ *(?:([0-9.][^ :,=*()]*) *\* *)?([^ :,=+*()0-9.][^ :,=+*()]*)(?::([^:*()]*))? *$`)
	exponent   = regexp.MustCompile(`[0-9.][eE]$`)
)

// joinBlocks writes blocks as a specification, and says where each begins.
func joinBlocks(blocks []Block) (spec string, starts []int, wrong *refusal) {
	var b strings.Builder
	for i, block := range blocks {
		field := fmt.Sprintf("blocks.%d", i)
		info, err := schedule.Lookup(block.Kind)
		if err != nil {
			return "", nil, &refusal{Field: field, Text: strings.TrimPrefix(err.Error(), "schedule: ")}
		}
		if i > 0 {
			b.WriteByte('+')
		}
		starts = append(starts, b.Len())
		if block.Scale != "" {
			if !plainValue.MatchString(block.Scale) {
				return "", nil, &refusal{Field: field + ".scale", Text: fmt.Sprintf("%q, want a number", block.Scale)}
			}
			b.WriteString(block.Scale + "*")
		}
		b.WriteString(info.Name)
		sign := ":"
		known := map[string]bool{}
		for _, p := range info.Params {
			known[p.Name] = true
			value := strings.TrimSpace(block.Params[p.Name])
			switch {
			case value == "":
				continue
			case !plainValue.MatchString(value):
				return "", nil, &refusal{Field: field + ".params." + p.Name, Text: fmt.Sprintf("%s = %q: there is a sign in it that a value does not have", p.Name, value)}
			}
			b.WriteString(sign + p.Name + "=" + value)
			sign = ","
		}
		for name := range block.Params {
			if !known[name] {
				return "", nil, &refusal{Field: field + ".params." + name, Text: fmt.Sprintf("%s has no parameter %q", info.Name, name)}
			}
		}
	}
	return b.String(), starts, nil
}

// splitBlocks returns the blocks of a specification that has been parsed, or nil
// when it is not a plain row of them.
func splitBlocks(spec string, parsed schedule.Schedule) ([]Block, error) {
	parts := appendLeaves(nil, parsed, 0)
	texts := splitPlus(spec)
	if len(texts) != len(parts) {
		return nil, nil
	}
	blocks := make([]Block, len(texts))
	for i, text := range texts {
		m := plainBlock.FindStringSubmatch(text)
		if m == nil {
			return nil, nil
		}
		info, err := schedule.Lookup(m[2])
		if err != nil {
			return nil, nil // a sign where a name should be: not a plain row
		}
		values, err := valuesOf(parts[i].schedule)
		if err != nil {
			return nil, err
		}
		b := Block{Kind: info.Name, Scale: m[1], Params: map[string]string{}, Values: values, From: parts[i].from}
		for pair := range strings.SplitSeq(m[3], ",") {
			if name, value, given := strings.Cut(strings.TrimSpace(pair), "="); given {
				b.Params[strings.ToLower(strings.TrimSpace(name))] = strings.TrimSpace(value)
			} else if name != "" {
				b.Params[strings.ToLower(name)] = "true"
			}
		}
		if i < len(texts)-1 {
			b.Steps = parts[i+1].from - b.From
		}
		blocks[i] = b
	}
	return blocks, nil
}

// splitPlus cuts a specification where one schedule comes after another; a plus
// may be the sign of an exponent, too.
func splitPlus(spec string) []string {
	var parts []string
	begin := 0
	for i, c := range spec {
		if c == '+' && !exponent.MatchString(spec[begin:i]) {
			parts = append(parts, spec[begin:i])
			begin = i + 1
		}
	}
	return append(parts, spec[begin:])
}

// A leaf is a schedule of a row, and where it begins.
type leaf struct {
	schedule schedule.Schedule
	from     int64
}

// appendLeaves takes a row of schedules, which begins at a step, apart.
func appendLeaves(all []leaf, s schedule.Schedule, from int64) []leaf {
	switch s := s.(type) {
	case schedule.Warmup:
		all = append(all, leaf{s, from})
		return appendLeaves(all, s.Then, from+s.Steps)
	case schedule.Join:
		for i, part := range s.Parts {
			begin := from
			if i > 0 {
				begin += s.Milestones[i-1]
			}
			all = appendLeaves(all, part, begin)
		}
		return all
	}
	return append(all, leaf{s, from})
}

// valuesOf returns all parameters of a schedule of one kind, scaled or not.
func valuesOf(s schedule.Schedule) (map[string]json.RawMessage, error) {
	if scaled, ok := s.(schedule.Scale); ok {
		s = scaled.Of
	}
	text, err := schedule.Marshal(s)
	if err != nil {
		return nil, err
	}
	values := map[string]json.RawMessage{}
	err = json.Unmarshal(text, &values)
	delete(values, "schedule")
	delete(values, "then")
	return values, err
}
