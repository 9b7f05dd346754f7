package experiment

import (
	"reflect"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// What is recorded is read back, and does not touch the settings.
func TestRecord(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.String()
		r := Record{
			ID:       text.Draw(t, "id"),
			Created:  time.Unix(rapid.Int64Range(1, 1<<33).Draw(t, "seconds"), rapid.Int64Range(0, 999_999_999).Draw(t, "ns")).UTC(),
			Model:    text.Draw(t, "model"),
			Command:  rapid.SliceOfN(text, 1, 4).Draw(t, "command"),
			Folder:   text.Draw(t, "folder"),
			Versions: rapid.MapOfN(rapid.StringMatching(`[a-z.]{1,8}`).Filter(func(s string) bool { return plainWord.MatchString(s) && !otherWord.MatchString(s) }), text.Filter(func(s string) bool { return s != "" }), 1, 3).Draw(t, "versions"),
			Hardware: Hardware{CPU: text.Draw(t, "cpu"), Cores: rapid.IntRange(0, 512).Draw(t, "cores"), SIMD: "avx2", Memory: rapid.Int64Range(0, 1<<50).Draw(t, "memory"), OS: "linux", Arch: "amd64"},
			Data:     []File{{Path: text.Draw(t, "path"), Bytes: rapid.Int64Range(0, 1<<40).Draw(t, "bytes"), SHA256: strings.Repeat("0", 64)}},
		}
		e := some(t)
		file := WithRecord(e.YAML(), r)
		got, err := ParseRecord("e.yaml", file)
		if err != nil {
			t.Fatalf("%v\n%s", err, file)
		}
		if !reflect.DeepEqual(*got, r) {
			t.Fatalf("%+v\nwant %+v\n%s", *got, r, file)
		}
		back, err := Parse("e.yaml", file)
		if err != nil || differing(e, back) != nil {
			t.Fatalf("%v, %v\n%s", err, differing(e, back), file)
		}
	})
}

func TestParseRecord(t *testing.T) {
	if r, err := ParseRecord("e.yaml", []byte("lr: 1\n")); r != nil || err != nil {
		t.Errorf("no record: %v, %v", r, err)
	}
	r, err := ParseRecord("e.yaml", []byte("recorded:\n  id: x\n  moon: full\n  data: []\n"))
	if err != nil || r.ID != "x" || len(r.Data) != 0 {
		t.Errorf("a record with more in it: %+v, %v", r, err)
	}
	for _, text := range []string{"recorded: 3", "recorded:\n  data: 7\n", "lr: {"} {
		if _, err := ParseRecord("e.yaml", []byte(text)); err == nil || !strings.HasPrefix(err.Error(), "e.yaml:1:") {
			t.Errorf("%q: %v, want a place", text, err)
		}
	}
}

func TestMachine(t *testing.T) {
	h := Machine()
	if h.Cores < 1 || h.SIMD == "" || h.OS == "" || h.Arch == "" || h.Memory < 0 {
		t.Errorf("%+v", h)
	}
	if got := entry("a\t: b c\nMemTotal:   12 kB\n", "MemTotal"); got != "12 kB" {
		t.Errorf("entry %q", got)
	}
	if v := Versions(); !strings.HasPrefix(v["go"], "go") {
		t.Errorf("versions %v", v)
	}
}
