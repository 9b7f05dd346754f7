package gemm

import (
	"syscall"
	"testing"
	"unsafe"

	"github.com/descent-go/descent/internal/cpu"
	"github.com/descent-go/descent/internal/rng"
	"github.com/descent-go/descent/optim"
)

// A guarded matrix lies directly before memory that cannot be read, or
// directly behind it.
func guarded[F optim.Float](t *testing.T, m Matrix[F], atEnd bool) Matrix[F] {
	t.Helper()
	page := syscall.Getpagesize()
	bytes := len(m.data) * int(unsafe.Sizeof(m.data[0]))
	body := (bytes + page - 1) / page * page
	mem, err := syscall.Mmap(-1, 0, body+2*page, syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_ANON|syscall.MAP_PRIVATE)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := syscall.Munmap(mem); err != nil {
			t.Error(err)
		}
	})
	for _, wall := range [][]byte{mem[:page], mem[page+body:]} {
		if err := syscall.Mprotect(wall, syscall.PROT_NONE); err != nil {
			t.Fatal(err)
		}
	}
	at := page
	if atEnd {
		at += body - bytes
	}
	data := unsafe.Slice((*F)(unsafe.Pointer(&mem[at])), len(m.data))
	copy(data, m.data)
	m.data = data
	return m
}

// trimmed drops what lies behind the last element.
func trimmed[F optim.Float](m Matrix[F]) Matrix[F] {
	m.data = m.data[:(m.rows-1)*m.rs+(m.cols-1)*m.cs+1]
	return m
}

// Nothing outside of the matrices is touched: the program would not survive it.
func testGuards[F optim.Float](t *testing.T) {
	r := rng.New(7, "guards")
	for range 250 {
		m, n, k := 1+r.IntN(40), 1+r.IntN(70), 1+r.IntN(40)
		if r.IntN(8) == 0 {
			n = 65 + r.IntN(100)
		}
		end := r.IntN(2) == 0
		put := func(m Matrix[F]) Matrix[F] { return guarded(t, trimmed(m), end) }
		a, b := put(random[F](r, m, k, r.IntN(2) == 0)), put(random[F](r, k, n, r.IntN(2) == 0))
		c, gate, bias := put(random[F](r, m, n, false)), put(random[F](r, m, n, false)), put(random[F](r, 1, n, false)).data
		for _, level := range cpu.Levels() {
			for _, threads := range []int{1, 3} {
				ws := Workspace[F]{Threads: threads, kern: kernelOf[F](level)}
				ws.Mul(1, a, b, 1, c)
				ws.Layer(a, b, bias, true, c)
				ws.Gated(a, b, gate, c)
			}
		}
	}
}

func TestNothingOutsideIsTouched(t *testing.T) {
	t.Run("float32", testGuards[float32])
	t.Run("float64", testGuards[float64])
}
