package tail

import (
	"bytes"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"os"
	"strconv"
	"strings"
)

// Longest is how many bytes a line may have, its end included.
const Longest = 32 << 20

// A Place is the end of a line of a file, or the file's beginning, which is the
// zero Place. It tells whether it still is what it was: it has the line's
// checksum, so that it outlives the process, and a file that was cut back before
// it and has grown past it again.
type Place struct {
	Offset int64 // bytes before it
	sum    uint32
}

// summed is how many bytes of the end of a line its checksum is of.
const summed = 1 << 10

var table = crc32.MakeTable(crc32.Castagnoli)

// String writes the place as ParsePlace reads it, such as 5120-9ae0daaf.
func (p Place) String() string {
	if p.Offset == 0 {
		return "0"
	}
	return fmt.Sprintf("%d-%08x", p.Offset, p.sum)
}

// ParsePlace reads a place as String writes it; "" is the beginning.
func ParsePlace(text string) (Place, error) {
	if text == "" || text == "0" {
		return Place{}, nil
	}
	offset, sum, _ := strings.Cut(text, "-")
	n, err1 := strconv.ParseInt(offset, 10, 64)
	s, err2 := strconv.ParseUint(sum, 16, 32)
	p := Place{n, uint32(s)}
	if errors.Join(err1, err2) != nil || n <= 0 || p.String() != text {
		return Place{}, fmt.Errorf("tail: place %.40q, want 0 or one that was given out, such as 5120-9ae0daaf", text)
	}
	return p, nil
}

// after returns the place behind a line that begins here.
func (p Place) after(line []byte) Place {
	return Place{p.Offset + int64(len(line)), sumOf(line)}
}

// sumOf returns the checksum of a line.
func sumOf(line []byte) uint32 {
	return crc32.Checksum(line[max(0, len(line)-summed):], table)
}

// afterAll returns the place behind whole lines that begin here.
func (p Place) afterAll(lines []byte) Place {
	if len(lines) == 0 {
		return p
	}
	last := bytes.LastIndexByte(lines[:len(lines)-1], '\n') + 1
	return Place{p.Offset + int64(len(lines)), sumOf(lines[last:])}
}

// at returns the place of a file behind the line that ends at an offset, and
// false when no line ends there.
func at(f io.ReaderAt, offset int64) (Place, bool, error) {
	if offset == 0 {
		return Place{}, true, nil
	}
	var buf [summed + 1]byte
	n := min(offset, summed+1)
	if _, err := f.ReadAt(buf[:n], offset-n); err != nil {
		if err == io.EOF {
			err = nil // the file is shorter
		}
		return Place{}, false, err
	}
	if buf[n-1] != '\n' {
		return Place{}, false, nil
	}
	begin := bytes.LastIndexByte(buf[:n-1], '\n') + 1
	return Place{offset, sumOf(buf[begin:n])}, true, nil
}

// holds reports whether the place is one of the file as it is now.
func (p Place) holds(f io.ReaderAt) (bool, error) {
	now, ok, err := at(f, p.Offset)
	return ok && now == p, err
}

// end returns the end of the last whole line of a file.
func end(f *os.File) (Place, error) {
	info, err := f.Stat()
	if err != nil {
		return Place{}, err
	}
	buf := make([]byte, chunk)
	for size := info.Size(); size > 0; {
		n := min(size, int64(len(buf)))
		if _, err := f.ReadAt(buf[:n], size-n); err == io.EOF {
			return Place{}, nil // it was cut back: the next look finds more
		} else if err != nil {
			return Place{}, err
		}
		if i := bytes.LastIndexByte(buf[:n], '\n'); i >= 0 {
			p, ok, err := at(f, size-n+int64(i)+1)
			if !ok {
				p = Place{}
			}
			return p, err
		}
		if info.Size()-size > Longest {
			return Place{}, errLong
		}
		size -= n
	}
	return Place{}, nil
}

var errLong = fmt.Errorf("tail: a line of more than %d bytes", Longest)

// lines reads whole lines from an offset on: as many as fit into most bytes, or
// one that is longer; none when there is none. It uses buf when it suffices.
func lines(f io.ReaderAt, offset int64, most int, buf []byte) ([]byte, error) {
	for size := most; ; size = min(2*size, Longest) {
		if cap(buf) < size {
			buf = make([]byte, size)
		}
		buf = buf[:size]
		n, err := f.ReadAt(buf, offset)
		if err != nil && err != io.EOF {
			return nil, err
		}
		last := bytes.LastIndexByte
		if size > most {
			last = bytes.IndexByte
		}
		switch i := last(buf[:n], '\n'); {
		case i >= 0:
			return buf[:i+1], nil
		case n < size:
			return buf[:0], nil
		case size >= Longest:
			return nil, errLong
		}
	}
}
