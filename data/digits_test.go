package data

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"hash"
	"math"
	"slices"
	"testing"
)

// sum hashes the features and labels of a set.
func sum(s *Set) string {
	h := sha256.New()
	put(h, s.X)
	put(h, s.Label)
	return hex.EncodeToString(h.Sum(nil))
}

func put(h hash.Hash, v any) { _ = binary.Write(h, binary.LittleEndian, v) }

func digits(t testing.TB, n int, seed uint64) *Set {
	t.Helper()
	s, err := Digits(n, seed)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestDigitsBits(t *testing.T) {
	const want = "970c784417b5dd34d1939c4585b5338a5566a4e6bb560fbb7cbc279b4b73718b"
	if got := sum(digits(t, 200, 1)); got != want {
		t.Errorf("Digits(200, 1) has sum %s, want %s on every architecture", got, want)
	}
}

func TestDigits(t *testing.T) {
	s := digits(t, 400, 7)
	if err := s.Validate(); err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(s.Shape, []int{28, 28}) || len(s.Classes) != 10 {
		t.Errorf("shape %v, classes %v", s.Shape, s.Classes)
	}
	for i := 0; i < 400; i += 10 {
		for d, n := range s.Slice(i, i+10).ClassCounts() {
			if n != 1 {
				t.Fatalf("images %d to %d hold %d of class %d, want one of each", i, i+9, n, d)
			}
		}
	}
	for i := range s.Len() {
		ink := 0.0
		for _, x := range s.Row(i) {
			if x < 0 || x > 1 {
				t.Fatalf("image %d has a pixel of %v, want [0, 1]", i, x)
			}
			if x > 0.4 {
				ink++
			}
		}
		if ink < 20 || ink > 400 {
			t.Errorf("image %d, a %d, has ink on %v of 784 pixels", i, s.Label[i], ink)
		}
	}
	if part := digits(t, 123, 7); sum(part) != sum(s.Head(123)) {
		t.Error("a smaller set is not the beginning of a larger one")
	}
	if sum(digits(t, 400, 8)) == sum(s) {
		t.Error("two seeds give the same set")
	}
	for _, n := range []int{0, -1, maxDigits + 1} {
		_, err := Digits(n, 1)
		wantError(t, err, "Digits", "want 1 to")
	}
}

// A linear model must get the generated digits mostly and not nearly all
// right: they are to be learnable and not trivial.
func TestDigitsAreNotTrivial(t *testing.T) {
	s := digits(t, 10000, 1)
	const epochs = 6
	acc := softmaxAccuracy(t, s.Head(8000), s.Tail(2000), epochs)
	t.Logf("softmax regression, %d epochs: %.4f held out", epochs, acc)
	if acc < 0.82 || acc >= 0.95 {
		t.Errorf("softmax regression is right on %.4f, want [0.82, 0.95)", acc)
	}
}

// softmaxAccuracy trains softmax regression by stochastic gradient descent,
// the rate falling linearly, and returns the share it has right on test.
func softmaxAccuracy(t *testing.T, train, test *Set, epochs int) float64 {
	k, dim := len(train.Classes), train.Dim
	w, bias := make([]float32, k*dim), make([]float32, k)
	z := make([]float64, k)
	logits := func(x []float32) {
		for c := range z {
			sum := bias[c]
			row := w[c*dim : (c+1)*dim]
			for j, v := range x {
				sum += row[j] * v
			}
			z[c] = float64(sum)
		}
	}
	batches, err := NewBatches(train, 1, 1)
	if err != nil {
		t.Fatal(err)
	}
	var b Batch
	for step := 0; step < epochs*batches.PerEpoch(); {
		if !batches.Next(&b) {
			continue
		}
		rate := 0.02 * (1 - float64(step)/float64(epochs*batches.PerEpoch()))
		step++
		logits(b.X)
		most, total := slices.Max(z), 0.0
		for c := range z {
			z[c] = math.Exp(z[c] - most)
			total += z[c]
		}
		for c := range z {
			g := z[c] / total
			if int32(c) == b.Label[0] {
				g--
			}
			d := float32(rate * g)
			row := w[c*dim : (c+1)*dim]
			for j, v := range b.X {
				row[j] -= d * v
			}
			bias[c] -= d
		}
	}
	right := 0
	for i := range test.Len() {
		logits(test.Row(i))
		if slices.Index(z, slices.Max(z)) == int(test.Label[i]) {
			right++
		}
	}
	return float64(right) / float64(test.Len())
}

func TestSpirals(t *testing.T) {
	const want = "51f001d872be361cf7814c02342c45d57dc1c14cfcb45747d1aa194b56db76d6"
	s, err := Spirals(500, 1.5, 0.02, 3)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Validate(); err != nil {
		t.Fatal(err)
	}
	if got := sum(s); got != want {
		t.Errorf("Spirals(500, 1.5, 0.02, 3) has sum %s, want %s on every architecture", got, want)
	}
	if n := s.ClassCounts(); n[0] != 250 || n[1] != 250 {
		t.Errorf("class counts %v, want 250 each", n)
	}
	clean, err := Spirals(500, 1.5, 0, 3)
	if err != nil {
		t.Fatal(err)
	}
	for i := range clean.Len() {
		// On its spiral, the angle of a point is 2π·turns·radius, plus π for class 1.
		x, y := float64(clean.Row(i)[0]), float64(clean.Row(i)[1])
		r := math.Hypot(x, y)
		a := 3*math.Pi*r + math.Pi*float64(clean.Label[i])
		if d := math.Hypot(x-r*math.Cos(a), y-r*math.Sin(a)); d > 1e-5 || r > 1 {
			t.Fatalf("point %d (%v, %v) is %v off its spiral", i, x, y, d)
		}
	}
	for _, c := range []struct {
		n            int
		turns, noise float64
		want         string
	}{
		{1, 1, 0, "n = 1"},
		{10, 0, 0, "0 turns"},
		{10, math.NaN(), 0, "NaN turns"},
		{10, 1, -0.1, "noise -0.1"},
	} {
		_, err := Spirals(c.n, c.turns, c.noise, 1)
		wantError(t, err, "Spirals", c.want)
	}
}

// A square's coverage is known exactly, off the grid too.
func TestCanvas(t *testing.T) {
	c := newCanvas(6, 5)
	img := make([]float64, 30)
	for _, q := range []struct{ x0, y0, x1, y1 float64 }{
		{1, 1, 4, 3}, {1.25, 0.5, 4.75, 3.5}, {-2, -1, 2.5, 9}, {3.5, 1, 11, 2}, {2.25, 2.25, 2.5, 2.5},
	} {
		for _, turn := range []float64{1, -1} {
			p := []point{{q.x0, q.y0}, {q.x1, q.y0}, {q.x1, q.y1}, {q.x0, q.y1}}
			if turn < 0 {
				slices.Reverse(p)
			}
			c.contour(p)
			if area(p)*turn <= 0 {
				t.Errorf("area %v of a square turning %v", area(p), turn)
			}
			c.draw(img, turn)
			for i, got := range img {
				x, y := float64(i%6), float64(i/6)
				want := math.Max(0, math.Min(q.x1, x+1)-math.Max(q.x0, x)) * math.Max(0, math.Min(q.y1, y+1)-math.Max(q.y0, y))
				if math.Abs(got-want) > 1e-12 {
					t.Fatalf("square %v, turning %v: pixel (%v, %v) covered %v, want %v", q, turn, x, y, got, want)
				}
			}
		}
	}
	triangle := []point{{0.5, 4.5}, {3, 0.3}, {5.4, 3.9}}
	c.contour(triangle)
	c.draw(img, 1)
	total := 0.0
	for _, v := range img {
		total += v
	}
	if want := area(triangle) / 2; math.Abs(total-want) > 1e-12 {
		t.Errorf("a triangle covers %v, want its area %v", total, want)
	}
	grown := thicken(nil, []point{{1, 1}, {3, 1}, {3, 3}, {1, 3}}, 0.5, 1)
	if area(grown) <= 8 {
		t.Errorf("twice the area of a thickened square is %v, want more than 8", area(grown))
	}
}

func BenchmarkDigits10000(b *testing.B) {
	for range b.N {
		digits(b, 10000, 1)
	}
}
