package checkpoint

import (
	"fmt"
	"io"
	"testing"

	"github.com/descent-go/descent/internal/durable"
)

// Saving and reading, on the disk that holds the folder for temporary files.
func BenchmarkStore(b *testing.B) {
	for _, size := range []int{1 << 10, 1 << 20, 64 << 20} {
		content := make([]byte, size)
		for i := range content {
			content[i] = byte(i * i >> 3)
		}
		parts := []Part{{"model", func(w io.Writer) error { _, err := w.Write(content); return err }}}
		s := open(b, durable.OS, b.TempDir(), 2)
		b.Run(fmt.Sprintf("Save/%dKiB", size>>10), func(b *testing.B) {
			b.SetBytes(int64(size))
			for b.Loop() {
				if _, err := s.Save(Info{}, parts); err != nil {
					b.Fatal(err)
				}
			}
		})
		b.Run(fmt.Sprintf("Newest/%dKiB", size>>10), func(b *testing.B) {
			b.SetBytes(int64(size))
			for b.Loop() {
				newest(b, s)
			}
		})
	}
}
