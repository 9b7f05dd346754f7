package data

import (
	"fmt"
	"math"

	"github.com/descent-go/descent/internal/portable"
	"github.com/descent-go/descent/internal/rng"
)

// Spirals returns n points of two interleaved spirals in the plane, classes
// "0" and "1" in turn (Lang & Witbrock, 1988, with noise). Each winds from the
// origin to radius 1 by the given number of turns, evenly dense along its
// radius squared; noise is the standard deviation added to each coordinate.
// Two turns with noise 0.02 can be told apart by a small network and not by a
// line.
//
// n must be at least 2, turns in (0, 20], noise in [0, 1].
func Spirals(n int, turns, noise float64, seed uint64) (*Set, error) {
	if err := checkSpirals(n, turns, noise); err != nil {
		return nil, err
	}
	s := &Set{
		Name: fmt.Sprintf("spirals (n %d, turns %v, noise %v, seed %d)", n, turns, noise, seed),
		Dim:  2, Shape: []int{2}, Features: []string{"x", "y"},
		X: make([]float32, 0, 2*n), Label: make([]int32, n), Classes: classNumbers(2),
	}
	r := rng.New(seed, "spirals")
	for i := range n {
		s.Label[i] = int32(i % 2)
		radius := math.Sqrt(r.Float64())
		angle := float64(2 * math.Pi * turns * radius)
		if i%2 == 1 {
			angle += math.Pi
		}
		x := float64(radius*portable.Cos(angle)) + float64(noise*r.Normal())
		y := float64(radius*portable.Sin(angle)) + float64(noise*r.Normal())
		s.X = append(s.X, float32(x), float32(y))
	}
	return s, nil
}

const maxSpirals = 1 << 26

func checkSpirals(n int, turns, noise float64) error {
	if n < 2 || n > maxSpirals {
		return fmt.Errorf("data: Spirals of n = %d points, want 2 to %d", n, maxSpirals)
	}
	if !(turns > 0 && turns <= 20) {
		return fmt.Errorf("data: Spirals of %v turns, want (0, 20]", turns)
	}
	if !(noise >= 0 && noise <= 1) {
		return fmt.Errorf("data: Spirals with noise %v, want [0, 1]", noise)
	}
	return nil
}
