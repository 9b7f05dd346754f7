package rng

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"math"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// draws returns n numbers of every kind in turn.
func draws(r *Rand, n int) []float64 {
	v := make([]float64, n)
	for i := range v {
		switch i % 4 {
		case 0, 3:
			v[i] = r.Normal()
		case 1:
			v[i] = r.Float64()
		case 2:
			v[i] = float64(r.IntN(1000))
		}
	}
	return v
}

func TestStreams(t *testing.T) {
	base := draws(New(1, "order"), 50)
	if !slices.Equal(base, draws(New(1, "order"), 50)) {
		t.Error("one seed and purpose gave two streams")
	}
	for _, other := range []*Rand{New(2, "order"), New(1, "init"), New(1, "")} {
		if same := draws(other, 50); slices.Equal(base, same) || same[1] == base[1] {
			t.Error("another seed or purpose gave the same stream")
		}
	}
}

// TestNeighbours checks that streams of adjacent seeds are not correlated.
func TestNeighbours(t *testing.T) {
	const n = 50000
	a, b, c := New(7, "order"), New(8, "order"), New(7, "init")
	var ab, ac float64
	for range n {
		x := a.Float64() - 0.5
		ab += x * (b.Float64() - 0.5) * 12
		ac += x * (c.Float64() - 0.5) * 12
	}
	for _, s := range []float64{ab, ac} {
		if z := s / math.Sqrt(n); math.Abs(z) > 4 {
			t.Errorf("correlation is %.1f standard errors from zero", z)
		}
	}
}

func TestNormalMoments(t *testing.T) {
	const n = 200000
	r := New(3, "moments")
	var sum [5]float64
	within := 0
	for range n {
		x := r.Normal()
		for k, p := 0, 1.0; k < len(sum); k, p = k+1, p*x {
			sum[k] += p
		}
		if math.Abs(x) < 1 {
			within++
		}
	}
	for k, want := range []float64{1, 0, 1, 0, 3} {
		if got := sum[k] / n; math.Abs(got-want) > 0.05 {
			t.Errorf("moment %d is %.4f, want %v", k, got, want)
		}
	}
	if p := float64(within) / n; math.Abs(p-math.Erf(math.Sqrt2/2)) > 0.004 {
		t.Errorf("%.4f of the numbers lie within one deviation", p)
	}
}

func TestStateRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := New(rapid.Uint64().Draw(t, "seed"), rapid.String().Draw(t, "purpose"))
		draws(r, rapid.IntRange(0, 20).Draw(t, "drawn"))
		state, err := r.MarshalBinary()
		if err != nil {
			t.Fatal(err)
		}
		again := New(0, "other")
		again.Normal()
		var zero Rand
		for _, q := range []*Rand{again, &zero} {
			if err := q.UnmarshalBinary(state); err != nil {
				t.Fatal(err)
			}
		}
		want := draws(r, 20)
		if !slices.Equal(want, draws(again, 20)) || !slices.Equal(want, draws(&zero, 20)) {
			t.Fatal("a restored stream goes on differently")
		}
	})
}

func TestBadStates(t *testing.T) {
	good, err := New(1, "x").MarshalBinary()
	if err != nil {
		t.Fatal(err)
	}
	change := func(i int, v byte) []byte {
		b := slices.Clone(good)
		b[i] = v
		return b
	}
	for name, b := range map[string][]byte{
		"empty":        nil,
		"short":        good[:len(good)-1],
		"long":         append(slices.Clone(good), 0),
		"mark":         change(0, 'x'),
		"spare flag":   change(markEnd, 2),
		"generator":    change(pcgStart, 'x'),
		"another file": []byte("\x89PNG\r\n\x1a\n0123456789012345678901"),
	} {
		r := New(2, "y")
		if err := r.UnmarshalBinary(b); err == nil {
			t.Errorf("%s: no error", name)
		}
		if r.Float64() != New(2, "y").Float64() {
			t.Errorf("%s: a refused state changed the stream", name)
		}
	}
	if _, err := new(Rand).MarshalBinary(); err == nil {
		t.Error("a zero Rand was marshalled")
	}
}

func FuzzState(f *testing.F) {
	good, _ := New(1, "x").MarshalBinary()
	f.Add(good)
	f.Add(good[:20])
	f.Fuzz(func(t *testing.T, b []byte) {
		var r Rand
		if r.UnmarshalBinary(b) != nil {
			return
		}
		again, err := r.MarshalBinary()
		if err != nil || r.has && !slices.Equal(again, b) {
			t.Fatalf("%x came back as %x, %v", b, again, err)
		}
	})
}

// TestBits holds the streams to numbers that must come out on every
// architecture and in every version.
func TestBits(t *testing.T) {
	const want = "34facfde2a9c660b"
	h := sha256.New()
	for seed := range uint64(20) {
		r := New(seed, "bits")
		for range 20 {
			_ = binary.Write(h, binary.LittleEndian, draws(r, 100))
		}
		p := r.Perm(100)
		r.Shuffle(len(p), func(i, j int) { p[i], p[j] = p[j], p[i] })
		for _, i := range p {
			_ = binary.Write(h, binary.LittleEndian, int64(i))
		}
	}
	if got := hex.EncodeToString(h.Sum(nil)[:8]); got != want {
		t.Errorf("the streams hash to %q, want %q", got, want)
	}
}
