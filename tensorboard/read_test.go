package tensorboard

import (
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"math"
	"os"
	"strings"
	"testing"

	"google.golang.org/protobuf/encoding/protowire"
)

// An occurrence is one value of an event file.
type occurrence struct {
	wall    float64
	step    int64
	tag     string
	plugin  string
	content []byte
	class   uint64
	dtype   uint64
	shape   []uint64
	numbers []float64
	text    string
}

// A recording is what an event file holds.
type recording struct {
	version string
	starts  []int64
	values  []occurrence
	events  int
}

// series returns steps and numbers of a scalar.
func (r *recording) series(tag string) (steps []int64, values []float64) {
	for _, v := range r.values {
		if v.tag == tag {
			steps, values = append(steps, v.step), append(values, v.numbers[0])
		}
	}
	return steps, values
}

// String writes a line for each value, to compare files by.
func (r *recording) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s, %d events, starts at %v\n", r.version, r.events, r.starts)
	for _, v := range r.values {
		fmt.Fprintf(&b, "%v %d %s [%s %d %x] %d%v %v %q\n", v.wall, v.step, v.tag, v.plugin, v.class, v.content, v.dtype, v.shape, v.numbers, v.text)
	}
	return b.String()
}

func readFile(t *testing.T, path string) *recording {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return read(t, text)
}

// read takes an event file apart, down to its last byte. It does not use the
// code that wrote it.
func read(t *testing.T, text []byte) *recording {
	t.Helper()
	r := &recording{}
	for len(text) > 0 {
		if len(text) < 16 {
			t.Fatalf("%d bytes remain, want a record", len(text))
		}
		n := binary.LittleEndian.Uint64(text)
		checksum(t, text[:8], text[8:12])
		if uint64(len(text)) < 16+n {
			t.Fatalf("a record of %d bytes in %d", n, len(text))
		}
		checksum(t, text[12:12+n], text[12+n:16+n])
		r.event(t, text[12:12+n])
		text = text[16+n:]
	}
	return r
}

func checksum(t *testing.T, data, sum []byte) {
	t.Helper()
	c := crc32.Checksum(data, crc32.MakeTable(crc32.Castagnoli))
	if got, want := binary.LittleEndian.Uint32(sum), c>>15+c<<17+0xa282ead8; got != want {
		t.Fatalf("checksum %08x, want %08x", got, want)
	}
}

func (r *recording) event(t *testing.T, text []byte) {
	t.Helper()
	r.events++
	var wall float64
	var step int64
	fields(t, text, func(n protowire.Number, num uint64, sub []byte) {
		switch n {
		case 1:
			wall = math.Float64frombits(num)
		case 2:
			step = int64(num)
		case 3:
			r.version = string(sub)
		case 5:
			fields(t, sub, func(_ protowire.Number, _ uint64, sub []byte) {
				v := decode(t, sub)
				v.wall, v.step = wall, step
				r.values = append(r.values, v)
			})
		case 7:
			fields(t, sub, func(n protowire.Number, num uint64, _ []byte) {
				if n != 1 || num != 1 {
					t.Errorf("session log %d = %d", n, num)
				}
				r.starts = append(r.starts, step)
			})
		default:
			t.Errorf("event: field %d", n)
		}
	})
}

func decode(t *testing.T, text []byte) (v occurrence) {
	t.Helper()
	fields(t, text, func(n protowire.Number, _ uint64, sub []byte) {
		switch n {
		case 1:
			v.tag = string(sub)
		case 8:
			fields(t, sub, func(n protowire.Number, num uint64, sub []byte) {
				switch n {
				case 1:
					v.dtype = num
				case 2:
					fields(t, sub, func(_ protowire.Number, _ uint64, sub []byte) {
						fields(t, sub, func(_ protowire.Number, num uint64, _ []byte) { v.shape = append(v.shape, num) })
					})
				case 5:
					v.numbers = append(v.numbers, float64(math.Float32frombits(binary.LittleEndian.Uint32(sub))))
				case 4:
					for ; len(sub) > 0; sub = sub[8:] {
						v.numbers = append(v.numbers, math.Float64frombits(binary.LittleEndian.Uint64(sub)))
					}
				case 8:
					v.text = string(sub)
				}
			})
		case 9:
			fields(t, sub, func(n protowire.Number, num uint64, sub []byte) {
				if n == 4 {
					v.class = num
					return
				}
				fields(t, sub, func(n protowire.Number, _ uint64, sub []byte) {
					if n == 1 {
						v.plugin = string(sub)
					} else {
						v.content = sub
					}
				})
			})
		}
	})
	return v
}

// fields calls visit with every field of a message: its number, and its number
// or bytes.
func fields(t *testing.T, text []byte, visit func(n protowire.Number, num uint64, sub []byte)) {
	t.Helper()
	for len(text) > 0 {
		field, kind, n := protowire.ConsumeTag(text)
		if n < 0 {
			t.Fatal(protowire.ParseError(n))
		}
		text = text[n:]
		var num uint64
		var sub []byte
		switch kind {
		case protowire.VarintType:
			num, n = protowire.ConsumeVarint(text)
		case protowire.Fixed64Type:
			num, n = protowire.ConsumeFixed64(text)
		case protowire.BytesType:
			sub, n = protowire.ConsumeBytes(text)
		default:
			t.Fatalf("field %d is of wire type %d", field, kind)
		}
		if n < 0 {
			t.Fatal(protowire.ParseError(n))
		}
		text = text[n:]
		visit(field, num, sub)
	}
}
