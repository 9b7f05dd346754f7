package experiment

import (
	"slices"
	"testing"

	"github.com/descent-go/descent/data"
)

func TestGreyLevels(t *testing.T) {
	grey := &data.Set{Dim: 16, X: make([]float32, 32)}
	grey.X[3], grey.X[20] = 16, 255
	if !greyLevels(grey) {
		t.Error("grey levels are not recognised")
	}
	for _, v := range []float32{-1, 256, 0.5} {
		other := &data.Set{Dim: 16, X: slices.Clone(grey.X)}
		other.X[7] = v
		if greyLevels(other) {
			t.Errorf("%v passes for a grey level", v)
		}
	}
	if greyLevels(&data.Set{Dim: 4, X: make([]float32, 8)}) {
		t.Error("four columns pass for an image")
	}
}
