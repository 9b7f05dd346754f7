package record

import (
	"fmt"
	"strings"
	"time"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
)

// The most that an experiment.yaml may have. The parser takes time in the square
// of some of these.
const (
	mostExperiment = 1 << 20 // bytes
	mostLines      = 10_000
	mostPairs      = 1_000 // in a line
	mostLevels     = 100
)

// A Setting is a key of an experiment and its value as text.
type Setting struct {
	Key   string `json:"key"`
	Value string `json:"value"`
}

// ParseExperiment reads an experiment.yaml as far as that goes without knowing
// what the keys mean: settings, and separately those of the section "recorded",
// both in the order of the file. The keys of mappings within are joined with
// dots, the values of lists with commas. It takes at most 1 MiB, and no aliases.
// Errors begin with the name and have line and column.
func ParseExperiment(name string, text []byte) (settings, recorded []Setting, err error) {
	if err := modest(text); err != nil {
		return nil, nil, fmt.Errorf("%s: %w", name, err)
	}
	file, err := parser.ParseBytes(text, 0)
	if err != nil {
		return nil, nil, fmt.Errorf("%s: %s", name, strings.ReplaceAll(firstLine(err.Error()), "\t", " "))
	}
	var all []Setting
	for i, doc := range file.Docs {
		if doc.Body == nil {
			continue
		}
		if i > 0 {
			return nil, nil, fmt.Errorf("%s: %s: a second document, want one", name, place(doc.Body))
		}
		if _, ok := doc.Body.(ast.MapNode); !ok {
			return nil, nil, fmt.Errorf("%s: %s: %s, want settings such as \"lr: 0.1\"", name, place(doc.Body), kind(doc.Body))
		}
		if all, err = flatten(nil, "", doc.Body); err != nil {
			return nil, nil, fmt.Errorf("%s: %w", name, err)
		}
	}
	for _, s := range all {
		if key, ok := strings.CutPrefix(s.Key, "recorded."); ok {
			recorded = append(recorded, Setting{key, s.Value})
		} else if s.Key != "recorded" {
			settings = append(settings, s)
		}
	}
	return settings, recorded, nil
}

// modest refuses a text that the parser would take too long for.
func modest(text []byte) error {
	if len(text) > mostExperiment {
		return fmt.Errorf("%d bytes, want at most %d", len(text), mostExperiment)
	}
	n, level := 0, 0
	for line := range strings.Lines(string(text)) {
		n++
		pairs := 0
		for _, mark := range []string{": ", "- ", "? ", "&", "!", "*"} {
			pairs += strings.Count(line, mark)
		}
		level += strings.Count(line, "[") + strings.Count(line, "{")
		switch {
		case n > mostLines:
			return fmt.Errorf("more than %d lines", mostLines)
		case pairs > mostPairs:
			return fmt.Errorf("line %d: more than %d values", n, mostPairs)
		case level > mostLevels && level-strings.Count(line, "]")-strings.Count(line, "}") > mostLevels:
			return fmt.Errorf("line %d: more than %d levels", n, mostLevels)
		}
		level = max(0, level-strings.Count(line, "]")-strings.Count(line, "}"))
	}
	return nil
}

func flatten(list []Setting, key string, node ast.Node) ([]Setting, error) {
	if strings.Count(key, ".") > mostLevels {
		return nil, fmt.Errorf("%s: more than %d levels", place(node), mostLevels)
	}
	switch n := node.(type) {
	case ast.MapNode:
		for it := n.MapRange(); it.Next(); {
			if _, ok := it.Key().(*ast.MergeKeyNode); ok {
				return nil, fmt.Errorf("%s: a merge, want plain settings", place(it.Key()))
			}
			name, err := scalar(it.Key())
			if err != nil {
				return nil, err
			}
			if key != "" {
				name = key + "." + name
			}
			if list, err = flatten(list, name, it.Value()); err != nil {
				return nil, err
			}
		}
		return list, nil
	case *ast.SequenceNode:
		values := make([]string, len(n.Values))
		for i, v := range n.Values {
			inner, err := flatten(nil, key+".", v)
			if err != nil {
				return nil, err
			}
			texts := make([]string, len(inner))
			for j, s := range inner {
				if texts[j] = s.Value; s.Key != key+"." {
					texts[j] = strings.TrimPrefix(s.Key, key+"..") + ": " + s.Value
				}
			}
			values[i] = strings.Join(texts, ", ")
		}
		return append(list, Setting{key, strings.Join(values, ", ")}), nil
	}
	text, err := scalar(node)
	return append(list, Setting{key, text}), err
}

// scalar returns the text of a value that is neither a list nor a mapping.
func scalar(node ast.Node) (string, error) {
	switch n := node.(type) {
	case *ast.StringNode:
		return n.Value, nil
	case *ast.LiteralNode:
		return strings.TrimRight(n.Value.Value, "\n"), nil
	case *ast.NullNode:
		return "", nil
	case *ast.IntegerNode, *ast.FloatNode, *ast.BoolNode, *ast.InfinityNode, *ast.NanNode:
		return n.GetToken().Value, nil
	case *ast.TagNode:
		return scalar(n.Value)
	case *ast.AnchorNode:
		return scalar(n.Value)
	}
	if node == nil {
		return "", nil
	}
	return "", fmt.Errorf("%s: %s, want a plain value", place(node), kind(node))
}

// kind says what a value is: "a sequence".
func kind(node ast.Node) string {
	word := strings.ToLower(node.Type().String())
	if strings.ContainsRune("aeiou", rune(word[0])) {
		return "an " + word
	}
	return "a " + word
}

func place(node ast.Node) string {
	if t := node.GetToken(); t != nil && t.Position != nil {
		return fmt.Sprintf("%d:%d", t.Position.Line, t.Position.Column)
	}
	return "1:1"
}

func firstLine(text string) string {
	line, _, _ := strings.Cut(text, "\n")
	return line
}

// value returns the value of a key.
func value(settings []Setting, key string) (string, bool) {
	for _, s := range settings {
		if s.Key == key {
			return s.Value, true
		}
	}
	return "", false
}

// createdAt returns when a run was created: what it has recorded, or what its ID
// says, or the zero time.
func createdAt(id string, recorded []Setting) time.Time {
	if text, ok := value(recorded, "created"); ok {
		if t, err := time.Parse(time.RFC3339Nano, text); err == nil {
			return t.UTC()
		}
	}
	t, _ := idTime(id)
	return t
}
