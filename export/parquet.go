package export

import (
	"io"

	"github.com/parquet-go/parquet-go"
)

// rowGroup is how many rows of a Parquet file are in memory.
const rowGroup = 1 << 16

// parquetFile writes Parquet.
type parquetFile[R any] struct{ w *parquet.GenericWriter[R] }

func newParquet[R any](w io.Writer) parquetFile[R] {
	return parquetFile[R]{parquet.NewGenericWriter[R](w,
		parquet.Compression(&parquet.Zstd),
		parquet.MaxRowsPerRowGroup(rowGroup),
		parquet.CreatedBy("descent", "1.0.0", "go"), // the same bytes from every build
	)}
}

func (p parquetFile[R]) write(table []R) error {
	_, err := p.w.Write(table)
	return err
}

func (p parquetFile[R]) close() error { return p.w.Close() }
