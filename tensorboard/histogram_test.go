package tensorboard

import (
	"math"
	"slices"
	"testing"

	"github.com/descent-go/descent/optim"
	"github.com/descent-go/descent/train"
	"pgregory.net/rapid"
)

// Every finite value is in the bucket that its edges say, and nothing else is.
func TestBuckets(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		value := rapid.OneOf(
			rapid.Float64(), rapid.Float64Range(-1, 1), rapid.Float64Range(1, 1+1e-13),
			rapid.SampledFrom([]float64{0, math.Copysign(0, -1), 5e-324, -5e-324, 1e-323, math.MaxFloat64, -math.MaxFloat64, math.Inf(1), math.Inf(-1), math.NaN()}),
		)
		values := rapid.SliceOfN(value, 0, 200).Draw(t, "values")
		buckets, left := bucketed(values)
		finite := slices.DeleteFunc(slices.Clone(values), func(v float64) bool { return v-v != 0 })
		if left != len(values)-len(finite) {
			t.Fatalf("%d are left out, want %d", left, len(values)-len(finite))
		}
		if len(finite) == 0 {
			if buckets != nil {
				t.Fatalf("buckets %v without values", buckets)
			}
			return
		}
		if low, high := slices.Min(finite), slices.Max(finite); buckets[0][0] != low || buckets[bucketCount-1][1] != high {
			t.Fatalf("from %v to %v, want %v to %v", buckets[0][0], buckets[bucketCount-1][1], low, high)
		}
		first, last := buckets[0], buckets[bucketCount-1]
		single := first[0] == last[0] && first[1] == last[1] // too little between them for buckets
		for i, b := range buckets {
			if b[0] > b[1] || i > 0 && !single && b[0] != buckets[i-1][1] {
				t.Fatalf("bucket %d has the edges %v, after %v", i, b[:2], buckets[max(i, 1)-1][:2])
			}
			want := 0.0
			for _, v := range finite {
				last := i == bucketCount-1
				if v >= b[0] && (v < b[1] || last) && (!single || last) {
					want++
				}
			}
			if b[2] != want && !thin(buckets) {
				t.Fatalf("bucket %d %v holds %v, want %v", i, b[:2], b[2], want)
			}
		}
		total := 0.0
		for _, b := range buckets {
			total += b[2]
		}
		if total != float64(len(finite)) {
			t.Fatalf("%v values in all buckets, want %d", total, len(finite))
		}
	})
}

// thin reports whether buckets have edges closer than numbers are.
func thin(buckets *[bucketCount][3]float64) bool {
	return slices.ContainsFunc(buckets[:], func(b [3]float64) bool { return b[0] == b[1] })
}

func TestBucketsOfEqualValues(t *testing.T) {
	buckets, _ := bucketed([]float32{0.25, 0.25, 0.25})
	for i, b := range buckets {
		want := [3]float64{0.25, 0.25, 0}
		if i == bucketCount-1 {
			want[2] = 3
		}
		if b != want {
			t.Errorf("bucket %d is %v, want %v", i, b, want)
		}
	}
}

// Updates are what one step changed, at every n-th.
func TestWatch(t *testing.T) {
	for _, every := range []int64{1, 2, 3} {
		w := open(t, t.TempDir(), Options{})
		x := []float32{0, 0}
		p := []optim.Param[float32]{{Name: "x", Shape: []int{2}, Data: x}}
		if err := Watch(w, p, every); err != nil {
			t.Fatal(err)
		}
		w.Event(&train.Started{})
		for step := int64(1); step <= 6; step++ {
			x[0] += float32(step) // the update is the number of the step
			w.Event(&train.Step{Step: step})
			if step == 3 { // what is skipped is no step
				w.Event(&train.Step{Step: step, Skipped: true})
			}
		}
		var values, updates []int64
		for _, v := range reread(t, w).values {
			switch v.tag {
			case "parameters/x":
				values = append(values, v.step)
				if high, want := v.numbers[len(v.numbers)-2], float64(v.step*(v.step+1)/2); high != want {
					t.Errorf("every %d, step %d: the parameter is %v, want %v", every, v.step, high, want)
				}
			case "updates/x":
				updates = append(updates, v.step)
				if high := v.numbers[len(v.numbers)-2]; high != float64(v.step) {
					t.Errorf("every %d, step %d: the update is %v", every, v.step, high)
				}
			}
		}
		var want []int64
		for step := every; step <= 6; step += every {
			want = append(want, step)
		}
		if !slices.Equal(updates, want) || !slices.Equal(values, append([]int64{0}, want...)) {
			t.Errorf("every %d: parameters at %v, updates at %v", every, values, updates)
		}
	}
}

// What is not finite is in no bucket, and is counted.
func TestWatchNotFinite(t *testing.T) {
	w := open(t, t.TempDir(), Options{})
	nan, inf := math.NaN(), math.Inf(1)
	Histogram(w, "h", 1, []float64{1, nan, 2, inf, -inf})
	Histogram(w, "h", 2, []float64{nan})
	Histogram(w, "h", 3, []float64{1})
	r := reread(t, w)
	steps, counts := r.series("not_finite/h")
	if !slices.Equal(steps, []int64{1, 2}) || !slices.Equal(counts, []float64{3, 1}) {
		t.Errorf("not finite: %v at %v, want 3 at 1 and 1 at 2", counts, steps)
	}
	if shape := r.values[2].shape; !slices.Equal(shape, []uint64{0, 3}) {
		t.Errorf("without values the shape is %v, want [0 3]", shape)
	}
}
