package record

import (
	"encoding/json"
	"fmt"
	"math"
	"strconv"
)

// deepest is how many objects and arrays may stand within one another in a
// value that is passed over.
const deepest = 100

// A scanner reads JSON of known types from a text. Its first error stays, and
// makes every method return zero at once.
type scanner struct {
	text   []byte
	at     int
	err    error
	placed bool // the error names the field
}

func (s *scanner) fail(format string, args ...any) {
	if s.err == nil {
		s.err = fmt.Errorf(format, args...)
	}
}

// want says what should stand here.
func (s *scanner) want(what string) {
	if s.at >= len(s.text) {
		s.fail("column %d: the line ends, want %s", s.at+1, what)
	} else {
		s.fail("column %d: %q, want %s", s.at+1, s.text[s.at], what)
	}
}

// peek returns the next byte that is not a space, 0 at the end.
func (s *scanner) peek() byte {
	for ; s.at < len(s.text); s.at++ {
		switch c := s.text[s.at]; c {
		case ' ', '\t', '\r', '\n':
		default:
			return c
		}
	}
	return 0
}

// more reports whether the object or array has an n-th element, which comes next.
func (s *scanner) more(open, shut byte, n int) bool {
	if s.err != nil {
		return false
	}
	c := s.peek()
	if n == 0 {
		if c != open {
			s.want(strconv.QuoteRune(rune(open)))
			return false
		}
		s.at++
		if s.peek() != shut {
			return true
		}
	} else if c == ',' {
		s.at++
		return true
	} else if c != shut {
		s.want("a comma or " + strconv.QuoteRune(rune(shut)))
		return false
	}
	s.at++
	return false
}

// key reads the name of a field and the colon.
func (s *scanner) key() []byte {
	key := s.bytes()
	if s.err == nil && s.peek() != ':' {
		s.want("a colon")
	}
	s.at++
	return key
}

// end makes sure that nothing follows.
func (s *scanner) end() {
	if s.err == nil && (s.peek() != 0 || s.at < len(s.text)) {
		s.want("the end of the line")
	}
}

func (s *scanner) string() string { return string(s.bytes()) }

// bytes reads a string; what it returns may be part of the text.
func (s *scanner) bytes() []byte {
	if s.err != nil {
		return nil
	}
	if s.peek() != '"' {
		s.want("a string")
		return nil
	}
	begin, plain := s.at, true
	for i := begin + 1; i < len(s.text); i++ {
		switch c := s.text[i]; {
		case c == '"':
			s.at = i + 1
			if plain {
				return s.text[begin+1 : i]
			}
			var text string
			if err := json.Unmarshal(s.text[begin:s.at], &text); err != nil {
				s.fail("column %d: %w", begin+1, err)
			}
			return []byte(text)
		case c == '\\':
			plain = false
			i++
		case c < ' ' || c >= 0x80:
			plain = false
		}
	}
	s.at = len(s.text)
	s.want(`the '"' that ends the string`)
	return nil
}

// number reads the text of a number.
func (s *scanner) number() []byte {
	s.peek()
	begin := s.at
	digits := func() bool {
		from := s.at
		for s.at < len(s.text) && '0' <= s.text[s.at] && s.text[s.at] <= '9' {
			s.at++
		}
		return s.at > from
	}
	is := func(set string) bool {
		for i := range len(set) {
			if s.at < len(s.text) && s.text[s.at] == set[i] {
				s.at++
				return true
			}
		}
		return false
	}
	is("-")
	ok := is("0") || digits()
	if ok && is(".") {
		ok = digits()
	}
	if ok && is("eE") {
		is("+-")
		ok = digits()
	}
	if !ok {
		s.want("a number")
	}
	return s.text[begin:s.at]
}

func (s *scanner) float() float64 {
	if s.err != nil {
		return 0
	}
	if s.peek() == '"' {
		switch text := s.bytes(); string(text) {
		case "NaN":
			return math.NaN()
		case "+Inf":
			return math.Inf(1)
		case "-Inf":
			return math.Inf(-1)
		default:
			s.fail(`%q, want a number, "NaN", "+Inf" or "-Inf"`, text)
			return 0
		}
	}
	text := s.number()
	if s.err != nil {
		return 0
	}
	v, err := strconv.ParseFloat(string(text), 64)
	if err != nil {
		s.fail("%s is beyond what 64 bits hold", text)
	}
	return v
}

func (s *scanner) int() int64 {
	if s.err != nil {
		return 0
	}
	text := s.number()
	if s.err != nil {
		return 0
	}
	v, err := strconv.ParseInt(string(text), 10, 64)
	if err != nil {
		s.fail("%s, want a whole number of 64 bits", text)
	}
	return v
}

func (s *scanner) bool() bool {
	yes := s.word("true")
	if !yes && !s.word("false") {
		s.want("true or false")
	}
	return yes
}

func (s *scanner) null() bool { return s.word("null") }

// word takes a word, if it comes next.
func (s *scanner) word(word string) bool {
	if s.err != nil || s.peek() != word[0] || len(s.text)-s.at < len(word) || string(s.text[s.at:s.at+len(word)]) != word {
		return false
	}
	s.at += len(word)
	return true
}

// skip passes over a value.
func (s *scanner) skip(depth int) {
	if depth > deepest {
		s.fail("column %d: more than %d levels", s.at+1, deepest)
	}
	if s.err != nil {
		return
	}
	switch s.peek() {
	case '"':
		s.bytes()
	case '{':
		for n := 0; s.more('{', '}', n); n++ {
			s.key()
			s.skip(depth + 1)
		}
	case '[':
		for n := 0; s.more('[', ']', n); n++ {
			s.skip(depth + 1)
		}
	case 't', 'f':
		s.bool()
	case 'n':
		if !s.null() {
			s.want("null")
		}
	default:
		s.number()
	}
}
