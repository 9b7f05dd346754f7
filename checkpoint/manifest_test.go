package checkpoint

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"math"
	"reflect"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func sumOf(s string) string { return fmt.Sprintf("%x", sha256.Sum256([]byte(s))) }

// The format is fixed: this is what version 1 looks like. The last sum is what
// sha256sum says of all bytes before the comma of the last member.
func TestManifestFormat(t *testing.T) {
	m := &manifest{Format: 1, Step: 1500, Epoch: 2, Meta: map[string]string{"seed": "7", "rule": "adam <β>"},
		Parts: []partEntry{{"model.safetensors", 12, sumOf("x")}}}
	const want = `{
  "format": 1,
  "step": 1500,
  "epoch": 2,
  "meta": {
    "rule": "adam <β>",
    "seed": "7"
  },
  "parts": [
    {
      "name": "model.safetensors",
      "bytes": 12,
      "sha256": "2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881"
    }
  ],
  "sha256": "3b8d362ccc86a11dbad8279e1d668f3137dcaba573b75b59295df9f3fdc5ec5f"
}
`
	got, err := m.encode()
	if err != nil || string(got) != want {
		t.Errorf("%s%v", got, err)
	}
}

func TestManifestRoundTrip(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		m := &manifest{
			Format: 1,
			Step:   rapid.Int64Range(0, math.MaxInt64).Draw(r, "step"),
			Epoch:  rapid.IntRange(0, math.MaxInt).Draw(r, "epoch"),
			Meta:   rapid.MapOfN(rapid.String(), rapid.String(), 0, 4).Draw(r, "meta"),
		}
		if len(m.Meta) == 0 {
			m.Meta = nil
		}
		for _, name := range rapid.SliceOfNDistinct(rapid.StringMatching(`[a-z0-9_-][a-z0-9._-]{0,99}`), 1, 5, rapid.ID[string]).Draw(r, "parts") {
			m.Parts = append(m.Parts, partEntry{name, rapid.Int64Range(0, math.MaxInt64/8).Draw(r, "bytes"), sumOf(name)})
		}
		file, err := m.encode()
		if err != nil {
			r.Fatal(err)
		}
		if got, err := decodeManifest(file); err != nil || !reflect.DeepEqual(got, m) {
			r.Fatalf("%+v, %v, want %+v", got, err, m)
		}
	})
}

// Whatever the bytes, reading neither panics nor believes what is not so; the
// second reading gives them a checksum that fits, as no accident would.
func FuzzManifest(f *testing.F) {
	m := &manifest{Format: 1, Step: 3, Meta: map[string]string{"a": "b"}, Parts: []partEntry{{"x", 1, sumOf("x")}, {"y", 0, sumOf("")}}}
	sound, err := m.encode()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(sound)
	f.Add(sound[:len(sound)-sealSize])
	f.Add([]byte(`{"format": 2`))
	f.Add([]byte(`{"format": 1, "step": -1, "parts": []`))
	f.Add([]byte(`{"format": 1, "parts": [{"name": "../x", "bytes": 9223372036854775807, "sha256": ""}]`))
	f.Add([]byte(``))
	f.Fuzz(func(t *testing.T, b []byte) {
		for _, file := range [][]byte{b, seal(b)} {
			m, err := decodeManifest(file)
			if err != nil {
				if future, ok := errors.AsType[*FutureError](err); ok && future.Format <= formatVersion {
					t.Errorf("%v", err)
				}
				continue
			}
			if m.Format < 1 || m.Format > formatVersion || m.Step < 0 || m.Epoch < 0 || len(m.Parts) == 0 {
				t.Errorf("accepted %+v", m)
			}
			var total int64
			for _, p := range m.Parts {
				if total += p.Bytes; strings.ContainsAny(p.Name, `/\:`) || strings.HasPrefix(p.Name, ".") || p.Name == "" || p.Bytes < 0 || total < 0 {
					t.Errorf("accepted part %+v", p)
				}
			}
			again, err := m.encode()
			if err != nil {
				if len(file) < maxManifest/8 {
					t.Errorf("accepted and cannot be written: %v", err)
				}
				continue
			}
			if back, err := decodeManifest(again); err != nil || !reflect.DeepEqual(normal(back), normal(m)) {
				t.Errorf("%+v came back as %+v, %v", m, back, err)
			}
		}
	})
}

// normal returns m with no meta for an empty one.
func normal(m *manifest) manifest {
	n := *m
	if len(n.Meta) == 0 {
		n.Meta = nil
	}
	return n
}
