package tail

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func write(t testing.TB, path string, text string) {
	t.Helper()
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o666)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.WriteString(text); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
}

func cut(t testing.TB, path string, size int64) {
	t.Helper()
	if err := os.Truncate(path, size); err != nil {
		t.Fatal(err)
	}
}

// begun returns a file that has some text, and a cursor at its beginning.
func begun(t *testing.T, text string) (path string, h *Hub, c *Cursor) {
	t.Helper()
	path, h = filepath.Join(t.TempDir(), "events.jsonl"), new(Hub)
	write(t, path, text)
	c = h.Open(path, Place{})
	t.Cleanup(c.Close)
	return path, h, c
}

// await waits until a cursor is ready and reads.
func await(t *testing.T, c *Cursor) Batch {
	t.Helper()
	for {
		select {
		case <-c.Ready():
		case <-time.After(10 * time.Second):
			t.Fatal("nothing new")
		}
		b, err := c.Read(Most)
		if err != nil {
			t.Fatal(err)
		}
		if len(b.Lines) > 0 || b.Rewound {
			return b
		}
	}
}

// expect waits for lines, which may come in several batches, the first of them
// rewound or not.
func expect(t *testing.T, c *Cursor, rewound bool, want string) {
	t.Helper()
	got := ""
	for first := true; len(got) < len(want) || first; first = false {
		b := await(t, c)
		if b.Rewound != (first && rewound) {
			t.Fatalf("rewound: %v, want %v (after %q, got %q)", b.Rewound, first && rewound, got, b.Lines)
		}
		if b.To != c.Place() || b.From.afterAll(b.Lines) != b.To {
			t.Fatalf("from %v to %v, the cursor is at %v", b.From, b.To, c.Place())
		}
		got += string(b.Lines)
	}
	if got != want {
		t.Fatalf("read %q, want %q", got, want)
	}
}

func quiet(t *testing.T, c *Cursor) {
	t.Helper()
	time.Sleep(2 * pause)
	if b, err := c.Read(Most); err != nil || len(b.Lines) > 0 || b.Rewound {
		t.Fatalf("read %q, rewound %v, %v: want nothing", b.Lines, b.Rewound, err)
	}
}

func TestFollow(t *testing.T) {
	var h Hub
	path := filepath.Join(t.TempDir(), "events.jsonl")
	c := h.Open(path, Place{})
	defer c.Close()
	quiet(t, c)
	write(t, path, "one\ntw")
	expect(t, c, false, "one\n")
	quiet(t, c) // a torn line is waited for
	write(t, path, "o\n\nthree\n")
	expect(t, c, false, "two\n\nthree\n")

	late := h.Open(path, Place{})
	defer late.Close()
	expect(t, late, false, "one\ntwo\n\nthree\n")
	if c.reader != late.reader {
		t.Error("two readers of one file")
	}
	again := h.Open(path, Place{}.after([]byte("one\n")))
	expect(t, again, false, "two\n\nthree\n")
	again.Close()
	again.Close()

	cut(t, path, 4)
	if b := await(t, c); !b.Rewound || b.From.Offset != 4 || len(b.Lines) > 0 {
		t.Errorf("after a cut to 4 bytes: %q from %v, rewound %v", b.Lines, b.From, b.Rewound)
	}
	write(t, path, "more\n")
	expect(t, c, false, "more\n")
	expect(t, late, true, "more\n")
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	if b := await(t, c); !b.Rewound || len(b.Lines) > 0 {
		t.Errorf("after the file was removed: %q, rewound %v", b.Lines, b.Rewound)
	}
	write(t, path, "new\n")
	expect(t, c, false, "new\n")
}

// Of those who follow a file that is cut back and goes on, the ones that were behind
// the cut go on, and the ones before it go back no further than that; as long as the
// lines that are the same are kept.
func TestCutBack(t *testing.T) {
	path, h, c := begun(t, "begun\n")
	expect(t, c, false, "begun\n")
	line := func(i int) string { return fmt.Sprintf("%06d %s\n", i, strings.Repeat("x", 90)) }
	var text strings.Builder
	for i := range 1000 {
		text.WriteString(line(i))
	}
	write(t, path, text.String())
	expect(t, c, false, text.String())
	kept := Place{}.afterAll([]byte("begun\n" + line(0)))
	behind, before := h.Open(path, Place{}), h.Open(path, kept)
	defer behind.Close()
	defer before.Close()
	if b, err := behind.Read(10); err != nil || string(b.Lines) != "begun\n" {
		t.Fatalf("%q, %v", b.Lines, err)
	}
	if b, err := before.Read(101 * 600); err != nil || len(b.Lines) == 0 {
		t.Fatal(err)
	}
	cut(t, path, 6+98*500+10) // in the middle of a line
	write(t, path, "\nother\n")
	c.Look()
	same := int64(6 + 98*500)
	for name, cursor := range map[string]*Cursor{"at the end": c, "before": before} {
		if b := await(t, cursor); !b.Rewound || b.From.Offset != same || !strings.HasSuffix(string(b.Lines), "\nother\n") {
			t.Errorf("%s: from %v, rewound %v, %.100q; want from %d", name, b.From, b.Rewound, b.Lines, same)
		}
	}
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	expect(t, behind, false, string(whole[6:]))

	more := strings.Repeat(line(1), 4*window/98)
	write(t, path, more)
	for c.Place().Offset < int64(len(whole)+len(more)) {
		await(t, c)
	}
	cut(t, path, same)
	expect(t, c, true, string(whole[:same]))
}

// A file that is cut back and grows past the place before anybody looks.
func TestCutAndGrown(t *testing.T) {
	for _, grown := range []string{"TWO\n", "TWO\nthree\n", "three\nfour\n", "TW"} {
		path := filepath.Join(t.TempDir(), "events.jsonl")
		write(t, path, "one\ntwo\n")
		var h Hub
		c := h.Open(path, Place{})
		expect(t, c, false, "one\ntwo\n")
		kept, err := ParsePlace(c.Place().String())
		if err != nil {
			t.Fatal(err)
		}
		c.reader.looking.Lock()
		cut(t, path, 4)
		write(t, path, grown)
		c.reader.looking.Unlock()
		whole := "one\n" + grown[:strings.LastIndexByte(grown, '\n')+1]
		expect(t, c, true, whole)
		c.Close()

		var other Hub // of a process that comes later
		c = other.Open(path, kept)
		expect(t, c, true, whole)
		c.Close()
	}
}

// The same bytes again are the same place.
func TestCutAndTheSame(t *testing.T) {
	path, _, c := begun(t, "one\ntwo\n")
	expect(t, c, false, "one\ntwo\n")
	c.reader.looking.Lock()
	cut(t, path, 4)
	write(t, path, "two\nthree\n")
	c.reader.looking.Unlock()
	expect(t, c, false, "three\n")
}

// Lines that are longer than what is read at once, and more lines than are kept.
func TestFollowMuch(t *testing.T) {
	path := filepath.Join(t.TempDir(), "events.jsonl")
	var want bytes.Buffer
	for i := range 300 {
		fmt.Fprintf(&want, "%d %s\n", i, strings.Repeat("x", i*37%20_000))
	}
	fmt.Fprintf(&want, "%s\n", strings.Repeat("y", 3*window))
	write(t, path, want.String())
	var h Hub
	slow := h.Open(path, Place{})
	defer slow.Close()
	for i := range 300 {
		line := fmt.Sprintf("%d %s\n", i, strings.Repeat("z", i*53%20_000))
		want.WriteString(line)
		write(t, path, line)
		if i%60 == 0 {
			slow.Look()
		}
	}
	slow.Look()
	if n := cap(slow.reader.kept); n > 4*window {
		t.Errorf("the reader keeps %d bytes", n)
	}
	var got bytes.Buffer
	for {
		b, err := slow.Read(1000)
		if err != nil || b.Rewound {
			t.Fatal(err, b.Rewound)
		}
		if len(b.Lines) == 0 {
			break
		}
		if n := bytes.Count(b.Lines, []byte("\n")); n > 1 && len(b.Lines) > 1000 {
			t.Fatalf("%d lines of %d bytes at once", n, len(b.Lines))
		}
		for place, line := range b.Each() {
			if got.Write(line); place.Offset != int64(got.Len())+1 {
				t.Fatalf("place %v after %d bytes", place, got.Len())
			}
			got.WriteByte('\n')
		}
	}
	if !bytes.Equal(got.Bytes(), want.Bytes()) {
		t.Errorf("read %d bytes, want %d", got.Len(), want.Len())
	}
}

func TestLongest(t *testing.T) {
	path := filepath.Join(t.TempDir(), "events.jsonl")
	write(t, path, "one\n")
	var h Hub
	c := h.Open(path, Place{})
	defer c.Close()
	expect(t, c, false, "one\n")
	write(t, path, strings.Repeat("x", Longest+1))
	c.Look()
	if _, err := c.Read(Most); err == nil || err.Error() != errLong.Error() {
		t.Errorf("a line without end: %v", err)
	}
	cut(t, path, 4)
	write(t, path, "two\n")
	expect(t, c, false, "two\n")
}

// Whatever a writer does between two looks, what a cursor has read since it was
// last rewound is the beginning of the file, and in the end all of it.
func TestFollowAnything(t *testing.T) {
	dir := t.TempDir()
	n := 0
	rapid.Check(t, func(t *rapid.T) {
		n++
		path := filepath.Join(dir, fmt.Sprint(n))
		var h Hub
		var file []byte
		cursors := make([]*Cursor, 2)
		read := make([][]byte, len(cursors))
		for i := range cursors {
			cursors[i] = h.Open(path, Place{})
			defer func() { cursors[i].Close() }()
		}
		save := func() {
			if err := os.WriteFile(path, file, 0o666); err != nil {
				t.Fatal(err)
			}
		}
		step := func(i int, all bool) {
			c := cursors[i]
			if all {
				c.Look()
			}
			for more := true; more; more = all {
				b, err := c.Read(rapid.IntRange(1, 40).Draw(t, "most"))
				if err != nil {
					t.Fatal(err)
				}
				if b.Rewound {
					read[i] = read[i][:b.From.Offset]
				}
				if read[i] = append(read[i], b.Lines...); len(b.Lines) == 0 {
					return
				}
			}
		}
		line := 0
		for range rapid.IntRange(1, 30).Draw(t, "steps") {
			switch rapid.IntRange(0, 6).Draw(t, "what") {
			case 0, 1:
				for range rapid.IntRange(1, 5).Draw(t, "lines") {
					line++
					file = fmt.Appendf(file, "%d%s\n", line, strings.Repeat(".", rapid.IntRange(0, 9).Draw(t, "dots")))
				}
				save()
			case 2:
				line++
				file = fmt.Appendf(file, "%d", line) // torn
				save()
			case 3:
				file = file[:rapid.IntRange(0, len(file)).Draw(t, "cut")]
				if i := bytes.LastIndexByte(file, '\n'); rapid.Bool().Draw(t, "whole") {
					file = file[:i+1]
				}
				save()
			case 4:
				step(rapid.IntRange(0, len(cursors)-1).Draw(t, "who"), false)
			case 5:
				i := rapid.IntRange(0, len(cursors)-1).Draw(t, "who")
				step(i, true)
				if !bytes.HasPrefix(file, read[i]) {
					t.Fatalf("read %q of %q", read[i], file)
				}
			case 6: // goes away and comes back
				i := rapid.IntRange(0, len(cursors)-1).Draw(t, "who")
				place, err := ParsePlace(cursors[i].Place().String())
				if err != nil {
					t.Fatal(err)
				}
				cursors[i].Close()
				cursors[i] = h.Open(path, place)
			}
		}
		whole := file[:bytes.LastIndexByte(file, '\n')+1]
		for i := range cursors {
			step(i, true)
			if !bytes.Equal(read[i], whole) {
				t.Fatalf("cursor %d read %q, the file has %q", i, read[i], whole)
			}
		}
	})
}

func FuzzParsePlace(f *testing.F) {
	for _, s := range []string{"", "0", "5120-9ae0daaf", "-1-00000000", "1-0", "007-00000000", "9223372036854775807-ffffffff", "99999999999999999999-ffffffff"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		p, err := ParsePlace(text)
		if err == nil && text != "" && p.String() != text {
			t.Errorf("%q is read as %v", text, p)
		}
		if err == nil && p.Offset < 0 {
			t.Errorf("%q: %d bytes", text, p.Offset)
		}
	})
}
