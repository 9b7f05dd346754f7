package gemm

import "github.com/descent-go/descent/optim"

// packRows copies a plain matrix of at most maxVectors vectors a row, and fills
// up the last vector of every row with zeros. Rows are ldd elements apart.
func (k *kernel[F]) packRows(dst []F, ldd int, m Matrix[F]) {
	if k.copyRows != nil {
		for j := 0; j < m.cols; j += 2 * k.lanes {
			cols := min(2*k.lanes, m.cols-j)
			_, _ = dst[(m.rows-1)*ldd+j+ceil(cols, k.lanes)*k.lanes-1], m.data[(m.rows-1)*m.rs+j+cols-1]
			k.copyRows(&dst[j], ldd, &m.data[j], m.rs, m.rows, cols)
		}
		return
	}
	full := ceil(m.cols, k.lanes) * k.lanes
	for i := range m.rows {
		row := dst[i*ldd:][:full]
		clear(row[copy(row, m.data[i*m.rs:][:m.cols]):])
	}
}

// packTurned copies a transposed matrix likewise: the rows of dst are columns
// in memory.
func (k *kernel[F]) packTurned(dst []F, ldd int, m Matrix[F]) {
	turned := 0 // rows of dst that the kernel fills, of whole vectors
	if k.turn != nil {
		turned = m.rows / k.square * k.square
	}
	for j := 0; j < m.cols; j += k.lanes {
		first := 0
		if j+k.lanes <= m.cols && turned > 0 {
			first = turned
			_, _ = dst[(turned-1)*ldd+j+k.lanes-1], m.data[(j+k.lanes-1)*m.cs+turned-1]
			k.turn(&dst[j], ldd, &m.data[j*m.cs], m.cs, turned)
		}
		turnScalars(dst[j:], ldd, m.sub(0, j, m.rows, min(k.lanes, m.cols-j)), first, k.lanes)
	}
}

// turnScalars fills the rows of dst from one on with as many elements each,
// zeros where m has no more columns.
func turnScalars[F optim.Float](dst []F, ldd int, m Matrix[F], from, width int) {
	for i := from; i < m.rows; i++ {
		row := dst[i*ldd:][:width]
		for j := range m.cols {
			row[j] = m.data[i+j*m.cs]
		}
		clear(row[m.cols:])
	}
}

// scale sets c = βc.
func scale[F optim.Float](beta F, c Matrix[F]) {
	for i := range c.rows {
		row := c.data[i*c.rs:][:c.cols]
		for j, v := range row {
			row[j] = F(beta * v)
		}
	}
}

// sized returns buf with n elements, a new one if it is too small.
func sized[F optim.Float](buf []F, n int) []F {
	if cap(buf) < n {
		return make([]F, n)
	}
	return buf[:n]
}
