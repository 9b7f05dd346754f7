package data

import (
	"encoding/json"
	"math"
	"slices"
	"testing"
)

func TestScaler(t *testing.T) {
	train := &Set{Name: "train", Dim: 3, X: []float32{1, 7, -2, 3, 7, 0, 5, 7, 8}}
	test := &Set{Name: "test", Dim: 3, X: []float32{3, 8, 2}}
	sd := math.Sqrt(8.0 / 3)
	for _, c := range []struct {
		kind        Scaling
		first, test []float32
	}{
		{Standard, []float32{float32(-2 / sd), 0, float32(-4 / math.Sqrt(56.0/3))}, []float32{0, 1, 0}},
		{MinMax, []float32{0, 0, 0}, []float32{0.5, 1, 0.4}},
		{Example, nil, nil},
	} {
		t.Run(string(c.kind), func(t *testing.T) {
			sc, err := FitScaler(train, c.kind)
			if err != nil {
				t.Fatal(err)
			}
			b, err := json.Marshal(sc)
			if err != nil {
				t.Fatal(err)
			}
			var back Scaler
			if err := json.Unmarshal(b, &back); err != nil {
				t.Fatal(err)
			}
			scaled, err := back.Apply(train)
			if err != nil {
				t.Fatal(err)
			}
			other, err := sc.Apply(test)
			if err != nil {
				t.Fatal(err)
			}
			if train.X[0] != 1 || test.X[0] != 3 {
				t.Error("Apply changed its set")
			}
			if c.kind == Example {
				for _, row := range [][]float32{scaled.Row(0), scaled.Row(2), other.Row(0)} {
					mean, squares := 0.0, 0.0
					for _, x := range row {
						mean += float64(x) / 3
						squares += float64(x) * float64(x) / 3
					}
					if math.Abs(mean) > 1e-6 || math.Abs(squares-1) > 1e-6 {
						t.Errorf("an example has mean %v and variance %v", mean, squares)
					}
				}
				return
			}
			if !slices.Equal(scaled.Row(0), c.first) {
				t.Errorf("first example %v, want %v", scaled.Row(0), c.first)
			}
			if !slices.Equal(other.Row(0), c.test) {
				t.Errorf("test example %v, want %v", other.Row(0), c.test)
			}
		})
	}
}

// 0.1 has no exact mean over three examples: what rounding leaves is no scale.
func TestScalerConstant(t *testing.T) {
	x := make([]float32, 999)
	for i := range x {
		x[i] = 0.1
	}
	sc, err := FitScaler(&Set{Name: "flat", Dim: 1, X: x}, Standard)
	if err != nil {
		t.Fatal(err)
	}
	b := Batch{N: 1, Dim: 1, X: []float32{0.1}}
	if err := sc.ApplyBatch(&b); err != nil || math.Abs(float64(b.X[0])) > 1e-6 {
		t.Errorf("a constant becomes %v (%v), want 0", b.X[0], err)
	}
	b = Batch{N: 1, Dim: 4, X: []float32{3, 3, 3, 3}}
	each := Scaler{Kind: Example, Dim: 4}
	if err := each.ApplyBatch(&b); err != nil || b.X[0] != 0 {
		t.Errorf("a constant example becomes %v (%v), want 0", b.X, err)
	}
}

func TestScalerErrors(t *testing.T) {
	_, err := FitScaler(tiny(0), Standard)
	wantError(t, err, "no examples")
	_, err = FitScaler(tiny(3), "odd")
	wantError(t, err, `scaling "odd"`)
	s := tiny(3)
	s.X[3] = float32(math.Inf(1))
	for _, kind := range []Scaling{Standard, MinMax} {
		_, err = FitScaler(s, kind)
		wantError(t, err, "tiny", "feature 2 (v)", "not finite")
	}
	sc, err := FitScaler(tiny(3), MinMax)
	if err != nil {
		t.Fatal(err)
	}
	_, err = sc.Apply(&Set{Name: "wide", Dim: 3, X: make([]float32, 3)})
	wantError(t, err, "2 features", "3", "wide")
	for _, bad := range []string{
		`{"kind":"odd","dim":1}`,
		`{"kind":"standard","dim":2,"shift":[0],"scale":[1,1]}`,
		`{"kind":"minmax","dim":1,"shift":[0],"scale":[0]}`,
		`{"kind":"example","dim":0}`,
		`{"kind":3}`,
	} {
		wantError(t, json.Unmarshal([]byte(bad), new(Scaler)), "scaler")
	}
}
