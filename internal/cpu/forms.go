package cpu

// Forms are one function in plain Go and in the vector instructions of amd64,
// all with the same results. A build without kernels leaves AVX2 and AVX512
// out, and knows no level that asks for them.
type Forms[T any] struct{ Go, AVX2, AVX512 T }

// At returns the form for a level: Go where there is no other.
func (f *Forms[T]) At(level Level) T {
	switch level {
	case AVX512:
		return f.AVX512
	case AVX2:
		return f.AVX2
	}
	return f.Go
}
