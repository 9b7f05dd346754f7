package main

import (
	"math/rand/v2"

	"github.com/descent-go/descent/data"
)

// noise is the standard deviation of a rating about what the user thinks.
const noise = 0.25

// generate draws n ratings, of random items by random users, from a truth that
// the seed decides; the same seed makes the same bits on every machine.
func generate(n int, seed uint64) *data.Set {
	r := rand.New(rand.NewPCG(seed, 1))
	normal := func(deviation float64) float64 { // very nearly: the sum of twelve uniform numbers
		sum := -6.0
		for range 12 {
			sum += r.Float64()
		}
		return deviation * sum
	}
	draw := func(n int, deviation float64) []float64 {
		values := make([]float64, n)
		for i := range values {
			values[i] = normal(deviation)
		}
		return values
	}
	userBias, itemBias := draw(users, 0.4), draw(items, 0.5)
	taste, feature := draw(users*rank, 0.6), draw(items*rank, 0.6)

	s := &data.Set{Name: "ratings", Dim: 2, Out: 1, Features: []string{"user", "item"}}
	for range n {
		u, v := r.IntN(users), r.IntN(items)
		rating := 3.5 + userBias[u] + itemBias[v]
		for k := range rank {
			rating += float64(taste[u*rank+k] * feature[v*rank+k])
		}
		rating += normal(noise)
		s.X = append(s.X, float32(u), float32(v))
		s.Target = append(s.Target, float32(rating))
	}
	return s
}
