package experiment

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"reflect"
	"strings"
	"unicode/utf8"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/lexer"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"
)

// The limits of a file of settings. Reading YAML can take time that grows with
// the square of its lines or tokens.
const (
	MaxBytes  = 1 << 20
	maxLines  = 5_000
	maxTokens = 20_000
)

// recorded is the section that is written beside the settings: see [Record].
const recorded = "recorded"

// Read reads a file of settings: see [Parse].
func Read(path string) (*Experiment, error) {
	text, err := readLimited(path)
	if err != nil {
		return nil, err
	}
	return Parse(path, text)
}

func readLimited(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("experiment: %w", err)
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, MaxBytes+1))
	if err != nil {
		return nil, fmt.Errorf("experiment: %w", err)
	}
	return text, nil
}

// Parse reads settings from a YAML mapping of keys to values, which stand over
// those of [Default]; name is used in messages. It is strict: an unknown key, a
// key given twice, a value of the wrong type or outside its domain, a
// specification that is none, anchors, aliases and tags, several documents, and
// more than MaxBytes are errors, each an [*Error] with line and column. A
// section "recorded" is skipped. How settings go together is for
// [Experiment.Check] to say, because flags may still change them.
func Parse(name string, text []byte) (*Experiment, error) {
	root, err := document(name, text)
	if err != nil {
		return nil, err
	}
	e := Default()
	for _, pair := range root {
		if pair.key == recorded {
			continue
		}
		s := find(pair.key)
		if s == nil {
			return nil, pair.fail(pair.keyToken, unknown(pair.key))
		}
		at := pair.keyToken
		if t := pair.value.GetToken(); t != nil {
			at = t
		}
		e.given[s.Key] = pair.position(at)
		if err := s.decode(e.field(s), pair.value); err != nil {
			bad := pair.fail(at, err)
			bad.Key, bad.Value = s.Key, shown(pair.value)
			return nil, bad
		}
	}
	if err := e.checkEach(); err != nil {
		return nil, err
	}
	return e, nil
}

// A pair is an entry of the file's mapping.
type pair struct {
	file     string
	key      string
	keyToken *token.Token
	value    ast.Node
}

func (p *pair) position(t *token.Token) position {
	return position{p.file, t.Position.Line, t.Position.Column}
}

func (p *pair) fail(t *token.Token, err error) *Error {
	at := p.position(t)
	return &Error{File: at.file, Line: at.line, Column: at.column, Err: err}
}

// document returns the entries of the one mapping that a file holds.
func document(name string, text []byte) ([]pair, error) {
	bad := func(line, column int, format string, args ...any) error {
		return &Error{File: name, Line: line, Column: column, Err: errWant(format, args...)}
	}
	text = bytes.TrimPrefix(text, []byte("\ufeff"))
	lines := bytes.Count(text, []byte("\n")) + bytes.Count(text, []byte("\r"))
	switch {
	case len(text) > MaxBytes:
		return nil, bad(1, 1, "more than %d bytes, want a file of settings", MaxBytes)
	case lines > maxLines:
		return nil, bad(maxLines, 1, "more than %d lines, want a file of settings", maxLines)
	case !utf8.Valid(text):
		line, column := firstBad(text)
		return nil, bad(line, column, "want UTF-8")
	}
	tokens := lexer.Tokenize(string(text))
	if len(tokens) > maxTokens {
		at := tokens[maxTokens].Position
		return nil, bad(at.Line, at.Column, "more than %d words and signs, want a file of settings", maxTokens)
	}
	for _, t := range tokens {
		if what := map[token.Type]string{
			token.AnchorType: "an anchor", token.AliasType: "an alias", token.TagType: "a tag",
			token.MergeKeyType: "a merge", token.DirectiveType: "a directive",
		}[t.Type]; what != "" {
			return nil, bad(t.Position.Line, t.Position.Column, "%s (%s), want plain keys and values", what, strings.TrimSpace(t.Value))
		}
	}
	file, err := parser.Parse(tokens, 0, parser.AllowDuplicateMapKey())
	if err != nil {
		line, column, message := 1, 1, err.Error()
		var syntax *yaml.SyntaxError
		if errors.As(err, &syntax) {
			message = syntax.GetMessage()
			if t := syntax.GetToken(); t != nil {
				line, column = t.Position.Line, t.Position.Column
			}
		}
		return nil, bad(line, column, "no YAML: %s", message)
	}
	var body ast.Node
	for _, doc := range file.Docs {
		if doc.Body == nil {
			continue
		}
		if body != nil {
			at := doc.Body.GetToken()
			if doc.Start != nil {
				at = doc.Start
			}
			return nil, bad(at.Position.Line, at.Position.Column, "a second document, want one")
		}
		body = doc.Body
	}
	if body == nil {
		return nil, nil // an empty file: all defaults
	}
	mapping, ok := body.(*ast.MappingNode)
	if !ok {
		at := body.GetToken().Position
		return nil, bad(at.Line, at.Column, "%s, want settings such as lr: 0.001", kind(body))
	}
	var pairs []pair
	first := map[string]int{}
	for _, v := range mapping.Values {
		key, ok := v.Key.(*ast.StringNode)
		t := v.Key.GetToken()
		if !ok {
			return nil, bad(t.Position.Line, t.Position.Column, "%q, want the name of a setting", t.Value)
		}
		if line, again := first[key.Value]; again {
			return nil, bad(t.Position.Line, t.Position.Column, "%s is given twice, first in line %d", key.Value, line)
		}
		first[key.Value] = t.Position.Line
		pairs = append(pairs, pair{file: name, key: key.Value, keyToken: t, value: v.Value})
	}
	return pairs, nil
}

// firstBad returns line and column of the first byte that is not UTF-8.
func firstBad(text []byte) (line, column int) {
	line = 1
	for len(text) > 0 {
		column++
		r, size := utf8.DecodeRune(text)
		switch {
		case r == utf8.RuneError && size == 1:
			return line, column
		case r == '\n':
			line, column = line+1, 0
		}
		text = text[size:]
	}
	return line, column
}

// unknown is the error of a key that there is not.
func unknown(key string) error {
	var keys []string
	for _, s := range settings {
		keys = append(keys, s.Key)
	}
	if len(key) > 80 {
		key = key[:80] + "…"
	}
	if word := near(key, keys); word != "" {
		return errWant("no setting %q, did you mean %s?", key, word)
	}
	return errWant("no setting %q, want one of %s", key, strings.Join(keys, ", "))
}

// decode sets a field from a node.
func (s *Setting) decode(v reflect.Value, node ast.Node) error {
	if s.Type == "list" {
		list, ok := node.(*ast.SequenceNode)
		if !ok {
			return s.refuse()
		}
		var words []string
		for _, item := range list.Values {
			word, ok := scalar(item)
			if !ok {
				return s.refuse()
			}
			words = append(words, word)
		}
		v.Set(reflect.ValueOf(words))
		return nil
	}
	if _, null := node.(*ast.NullNode); null && s.Optional {
		return nil
	}
	text, ok := scalar(node)
	quoted := node.Type() == ast.StringType && node.GetToken().Type != token.StringType
	switch {
	case quoted && s.Type != "text":
		return errWant("%s, without quotes", s.want())
	case !ok, s.Type == "switch" && node.Type() != ast.BoolType:
		return s.refuse()
	}
	return s.parse(v, text)
}

// scalar returns the text of a word, a number, or true or false, as it is
// written in the file.
func scalar(node ast.Node) (string, bool) {
	switch node.(type) {
	case *ast.StringNode, *ast.IntegerNode, *ast.FloatNode, *ast.BoolNode, *ast.InfinityNode, *ast.NanNode:
		return node.GetToken().Value, true
	}
	return "", false
}

// shown is a value as messages quote it.
func shown(node ast.Node) string {
	text, ok := scalar(node)
	switch {
	case !ok:
		return kind(node)
	case len(text) > 80:
		return text[:80] + "…"
	}
	return text
}

// kind says what a node is.
func kind(node ast.Node) string {
	switch node.Type() {
	case ast.MappingType, ast.MappingValueType:
		return "a mapping"
	case ast.SequenceType:
		return "a list"
	case ast.NullType:
		return "nothing"
	case ast.LiteralType:
		return "a block of text"
	}
	return "a single value"
}
