package optim

import (
	"bytes"
	"math"
	"testing"

	"github.com/descent-go/descent/internal/safetensors"
)

// written returns the bytes of a snapshot.
func written[F Float](t *testing.T, s *Snapshot[F]) []byte {
	t.Helper()
	var buf bytes.Buffer
	if _, err := s.WriteTo(&buf); err != nil {
		t.Fatal(err)
	}
	return buf.Bytes()
}

// A snapshot has the bytes that WriteState had when it was taken, whatever
// happens to the optimizer afterwards.
func TestSnapshotOfState(t *testing.T) {
	for _, v := range variants(t) {
		snapshotOfState[float32](t, v)
		snapshotOfState[float64](t, v)
	}
}

func snapshotOfState[F Float](t *testing.T, v variant) {
	t.Helper()
	o, _ := trained[F](t, v.rule)
	var s Snapshot[F]
	for range 3 { // taken again into the same memory
		var want bytes.Buffer
		if err := o.WriteState(&want); err != nil {
			t.Fatal(err)
		}
		if err := s.TakeState(o); err != nil {
			t.Fatal(err)
		}
		mustStep(t, o, 0.03)
		if !bytes.Equal(written(t, &s), want.Bytes()) {
			t.Fatalf("%v: the snapshot differs from what WriteState wrote", v)
		}
		if s.Bytes() != o.StateBytes() {
			t.Fatalf("%v: a snapshot of %d bytes, want %d", v, s.Bytes(), o.StateBytes())
		}
	}
}

func TestSnapshotAtTheProbe(t *testing.T) {
	p := tensorOf[float64]("p", 3)
	n := NewNesterov()
	o := mustNew(t, []Param[float64]{p}, All(n))
	if !o.Probes() {
		t.Fatal("nesterov has no probe")
	}
	if err := o.Probe(0.1); err != nil {
		t.Fatal(err)
	}
	var s Snapshot[float64]
	wantError(t, s.TakeState(o), "the parameters are at the probe")
}

func TestSnapshotOfParams(t *testing.T) {
	a := []Param[float32]{tensorOf[float32]("a", 4), tensorOf[float32]("b", 2)}
	var s Snapshot[float32]
	s.TakeParams(a, map[string]string{"note": "x"})
	want := []float32{a[0].Data[0], a[1].Data[1]}
	a[0].Data[0], a[1].Data[1] = 7, 8
	text := written(t, &s)
	b := []Param[float32]{{Name: "b", Shape: a[1].Shape, Data: make([]float32, 2)}, {Name: "a", Shape: a[0].Shape, Data: make([]float32, 4)}}
	meta, err := ReadParams(bytes.NewReader(text), int64(len(text)), b)
	if err != nil || meta["note"] != "x" {
		t.Fatal(meta, err)
	}
	if b[1].Data[0] != want[0] || b[0].Data[1] != want[1] {
		t.Errorf("read %v and %v, want %v", b[1].Data[0], b[0].Data[1], want)
	}
	c := []Param[float32]{{Name: "a", Shape: []int{4}, Data: make([]float32, 4)}}
	_, err = ReadParams(bytes.NewReader(text), int64(len(text)), c)
	wantError(t, err, `tensor "b", which the model has not`)
	if c[0].Data[1] != 0 {
		t.Error("a refused file changed a parameter")
	}
	if !s.Finite() {
		t.Error("finite values are called not finite")
	}
	a[1].Data[0] = float32(math.Inf(-1))
	if s.TakeParams(a, nil); s.Finite() {
		t.Error("-Inf is called finite")
	}
	if s.TakeParams(a[:1], nil); !s.Finite() || s.Bytes() != 16 {
		t.Errorf("of one parameter: %d bytes, want 16", s.Bytes())
	}
}

// Taking a snapshot again copies into the same memory.
func TestSnapshotReusesMemory(t *testing.T) {
	params := []Param[float64]{tensorOf[float64]("p", 1<<16)}
	o := mustNew(t, params, All(NewAdam()))
	mustStep(t, o, 0.1)
	var state, values Snapshot[float64]
	take := func() {
		if err := state.TakeState(o); err != nil {
			t.Fatal(err)
		}
		values.TakeParams(params, nil)
	}
	take()
	m, p := &state.tensors[0].Data[0], &values.tensors[0].Data[0]
	take()
	if m != &state.tensors[0].Data[0] || p != &values.tensors[0].Data[0] {
		t.Error("taken again, a snapshot has other memory")
	}
	if n := testing.AllocsPerRun(10, func() { values.TakeParams(params, nil) }); n > 0 {
		t.Errorf("%v allocations for parameters taken again", n)
	}
}

func averages(t *testing.T, decay float64) (*Average[float32], []Param[float32]) {
	t.Helper()
	params := []Param[float32]{tensorOf[float32]("w", 5), tensorOf[float32]("b", 1)}
	if decay == 0 {
		return NewSWA(params), params
	}
	a, err := NewEMA(params, decay)
	if err != nil {
		t.Fatal(err)
	}
	return a, params
}

// Averages that were saved go on to the same bits.
func TestAverageState(t *testing.T) {
	for _, decay := range []float64{0, 0.9, 0.999} {
		a, params := averages(t, decay)
		move := func(of []Param[float32], to float32) {
			for i := range of {
				for j := range of[i].Data {
					of[i].Data[j] = to + float32(j)/3
				}
			}
		}
		update := func(a *Average[float32]) {
			if err := a.Update(); err != nil {
				t.Fatal(err)
			}
		}
		for k := range 5 {
			move(params, float32(k*k))
			update(a)
		}
		var s Snapshot[float32]
		if err := s.TakeAverage(a); err != nil {
			t.Fatal(err)
		}
		var direct bytes.Buffer
		if err := a.WriteState(&direct); err != nil {
			t.Fatal(err)
		}
		text := written(t, &s)
		if !bytes.Equal(text, direct.Bytes()) {
			t.Errorf("decay %v: the snapshot differs from what WriteState wrote", decay)
		}
		b, others := averages(t, decay)
		if err := b.ReadState(bytes.NewReader(text), int64(len(text))); err != nil {
			t.Fatal(err)
		}
		for k := range 3 {
			move(params, float32(1-k))
			move(others, float32(1-k))
			update(a)
			update(b)
		}
		if a.Swap(); a.Count() != 8 {
			t.Errorf("%d updates", a.Count())
		}
		wantError(t, s.TakeAverage(a), "swapped in")
		wantError(t, a.WriteState(&direct), "swapped in")
		wantError(t, a.ReadState(bytes.NewReader(text), int64(len(text))), "swapped in")
		b.Swap()
		for i := range params {
			if !equal(params[i].Data, others[i].Data) {
				t.Errorf("decay %v: %v, want %v", decay, others[i].Data, params[i].Data)
			}
		}
	}
}

func TestAverageStateIsStrict(t *testing.T) {
	a, _ := averages(t, 0.9)
	if err := a.Update(); err != nil {
		t.Fatal(err)
	}
	var buf bytes.Buffer
	if err := a.WriteState(&buf); err != nil {
		t.Fatal(err)
	}
	read := func(a *Average[float32], text []byte) error {
		return a.ReadState(bytes.NewReader(text), int64(len(text)))
	}
	other, _ := averages(t, 0.99)
	wantError(t, read(other, buf.Bytes()), "decay was 0.9 when saved, is 0.99 now")
	plain, _ := averages(t, 0)
	wantError(t, read(plain, buf.Bytes()), "decay was 0.9 when saved, is 0 now")
	small := []Param[float32]{tensorOf[float32]("w", 4), tensorOf[float32]("b", 1)}
	shape, err := NewEMA(small, 0.9)
	if err != nil {
		t.Fatal(err)
	}
	wantError(t, read(shape, buf.Bytes()), `tensor "w": shape is [5], want [4]`)
	for key, c := range map[string]struct{ value, want string }{
		"descent": {"optimizer state", `metadata descent = "optimizer state", want "averages"`},
		"format":  {"2", `averages of format "2", want "1"`},
		"count":   {"-1", `metadata count = "-1", want a count`},
	} {
		f, err := safetensors.Read(bytes.NewReader(buf.Bytes()), int64(buf.Len()))
		if err != nil {
			t.Fatal(err)
		}
		f.Metadata[key] = c.value
		var bad bytes.Buffer
		if _, err := f.WriteTo(&bad); err != nil {
			t.Fatal(err)
		}
		fresh, _ := averages(t, 0.9)
		wantError(t, read(fresh, bad.Bytes()), c.want)
		if fresh.Count() != 0 || fresh.means[0].Data[0] != 0 {
			t.Errorf("%s: a refused state changed the averages", key)
		}
	}
}
