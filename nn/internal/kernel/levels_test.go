package kernel

import (
	"fmt"
	"math"
	"testing"

	"github.com/descent-go/descent/internal/cpu"
	"github.com/descent-go/descent/internal/rng"
)

// A form names the loops of one function.
type form[F Float] struct {
	name  string
	two   *Loops2[F]
	three *Loops3[F]
	// results says how many of the slices are results.
	results int
}

var forms32 = []form[float32]{
	{"add", nil, &Add32Loops, 1}, {"mul", nil, &Mul32Loops, 1}, {"relu", &Relu32Loops, nil, 1}, {"reluBack", nil, &ReluBack32Loops, 1},
	{"exp", &Exp32Loops, nil, 1}, {"tanh", &Tanh32Loops, nil, 1}, {"tanhBack", nil, &TanhBack32Loops, 1}, {"gelu", nil, &Gelu32Loops, 2},
}

var forms64 = []form[float64]{
	{"add", nil, &Add64Loops, 1}, {"mul", nil, &Mul64Loops, 1}, {"relu", &Relu64Loops, nil, 1}, {"reluBack", nil, &ReluBack64Loops, 1},
	{"exp", &Exp64Loops, nil, 1}, {"tanh", &Tanh64Loops, nil, 1}, {"tanhBack", nil, &TanhBack64Loops, 1},
}

// at calls the form of a level.
func (f form[F]) at(level cpu.Level, s [3][]F) {
	if f.two != nil {
		f.two.At(level)(s[0], s[1])
	} else {
		f.three.At(level)(s[0], s[1], s[2])
	}
}

// special are values that need care.
func special[F Float]() []F {
	inf := math.Inf(1)
	all := []float64{0, math.Copysign(0, -1), inf, -inf, math.NaN(), 1, -1, 0.625, 88.7, 89.1, -87.4, -103.9, -104.1, 15, -15,
		0x1p-126, -0x1p-126, 0x1p-140, 0x1p-149, -0x1p-149, 1e-310, 709.7, 710, -745, -746, 0x1p127, -0x1p127, 1e308}
	var out []F
	for _, v := range all {
		out = append(out, F(v))
	}
	return out
}

// same reports whether two numbers have the same bits, or are both NaN.
func same[F Float](a, b F) bool {
	return a == b && math.Signbit(float64(a)) == math.Signbit(float64(b)) || a != a && b != b
}

// guarded returns n numbers, some special, in the middle of guard zones, and
// a function that says whether the zones are as they were.
func guarded[F Float](r *rng.Rand, n, offset int) ([]F, func() bool) {
	const guard = 33
	values := special[F]()
	room := make([]F, guard+offset+n+guard)
	for i := range room {
		room[i] = -12345
	}
	s := room[guard+offset:][:n]
	for i := range s {
		switch r.IntN(4) {
		case 0:
			s[i] = values[r.IntN(len(values))]
		case 1:
			s[i] = F(30 * r.Normal())
		default:
			s[i] = F(r.Normal())
		}
	}
	return s, func() bool {
		for i, v := range room {
			if (i < guard+offset || i >= guard+offset+n) && v != -12345 {
				return false
			}
		}
		return true
	}
}

// Every form of every loop gives the bits of the Go loop, for any length and
// offset, and writes nothing beside its results; also into a parameter.
func testForms[F Float](t *testing.T, forms []form[F], level cpu.Level) {
	r := rng.New(1, "forms")
	for _, f := range forms {
		for n := range 70 {
			var want, got, zones [3][]F
			var intact [3]func() bool
			for i := range want {
				zones[i], intact[i] = guarded[F](r, n, r.IntN(5))
				want[i] = append([]F(nil), zones[i]...)
				got[i] = zones[i]
			}
			f.at(cpu.Generic, want)
			f.at(level, got)
			for i := range want {
				if !intact[i]() {
					t.Fatalf("%s of %d: wrote beside slice %d", f.name, n, i)
				}
				for j := range want[i] {
					if !same(want[i][j], got[i][j]) {
						t.Fatalf("%s of %d: slice %d, element %d: %v, want %v", f.name, n, i, j, got[i][j], want[i][j])
					}
				}
			}
			place := append([]F(nil), zones[2]...)
			if f.two != nil {
				place = append([]F(nil), zones[1]...)
				f.at(level, [3][]F{place, place})
			} else if f.results == 1 {
				f.at(level, [3][]F{place, zones[1], place})
			} else {
				f.at(level, [3][]F{got[0], place, place})
			}
			result := want[0]
			if f.results == 2 {
				f.at(cpu.Generic, [3][]F{got[0], want[1], zones[2]})
				result = want[1]
			}
			for j := range place {
				if !same(place[j], result[j]) {
					t.Fatalf("%s of %d in place: element %d: %v, want %v", f.name, n, j, place[j], result[j])
				}
			}
		}
	}
}

func TestLevels(t *testing.T) {
	for _, level := range cpu.Levels() {
		t.Run(fmt.Sprint(level), func(t *testing.T) {
			testForms(t, forms32, level)
			testForms(t, forms64, level)
		})
	}
}
