package gemm

import "github.com/descent-go/descent/optim"

// A kernel is the arithmetic of a product: its two innermost loops, which
// round alike. Everything around them takes the tile size from here, so another
// kernel only has to be returned by kernelOf.
type kernel[F optim.Float] struct {
	// mr and nr are the rows and columns of the tile of C that it updates.
	mr, nr int
	// add performs c[i*ldc+j] += a[k*mr+i]·b[k*nr+j] for every element of the
	// tile and k from 0 to len(a)/mr-1 in order; len(b)/nr is the same.
	add func(a, b, c []F, ldc int)
	// row performs c[j] += a[k]·b[k*ldb+j] for every element of c and k from 0
	// to len(a)-1 in order.
	row func(a, b []F, ldb int, c []F)
}

// kernelOf returns the kernel for F on this machine.
func kernelOf[F optim.Float]() kernel[F] {
	return kernel[F]{mr: 2, nr: 4, add: add2x4[F], row: addRow[F]}
}

// add2x4 is the kernel in plain Go, for any CPU. Eight sums with the operands
// they need fit in sixteen registers, and four steps per turn hide the cost of
// the loop.
func add2x4[F optim.Float](a, b, c []F, ldc int) {
	c0, c1 := c[:4:4], c[ldc:ldc+4:ldc+4]
	s00, s01, s02, s03 := c0[0], c0[1], c0[2], c0[3]
	s10, s11, s12, s13 := c1[0], c1[1], c1[2], c1[3]
	for len(a) >= 8 && len(b) >= 16 {
		b0, b1, b2, b3 := b[0], b[1], b[2], b[3]
		x := a[0]
		s00 += F(x * b0)
		s01 += F(x * b1)
		s02 += F(x * b2)
		s03 += F(x * b3)
		x = a[1]
		s10 += F(x * b0)
		s11 += F(x * b1)
		s12 += F(x * b2)
		s13 += F(x * b3)

		b0, b1, b2, b3 = b[4], b[5], b[6], b[7]
		x = a[2]
		s00 += F(x * b0)
		s01 += F(x * b1)
		s02 += F(x * b2)
		s03 += F(x * b3)
		x = a[3]
		s10 += F(x * b0)
		s11 += F(x * b1)
		s12 += F(x * b2)
		s13 += F(x * b3)

		b0, b1, b2, b3 = b[8], b[9], b[10], b[11]
		x = a[4]
		s00 += F(x * b0)
		s01 += F(x * b1)
		s02 += F(x * b2)
		s03 += F(x * b3)
		x = a[5]
		s10 += F(x * b0)
		s11 += F(x * b1)
		s12 += F(x * b2)
		s13 += F(x * b3)

		b0, b1, b2, b3 = b[12], b[13], b[14], b[15]
		x = a[6]
		s00 += F(x * b0)
		s01 += F(x * b1)
		s02 += F(x * b2)
		s03 += F(x * b3)
		x = a[7]
		s10 += F(x * b0)
		s11 += F(x * b1)
		s12 += F(x * b2)
		s13 += F(x * b3)

		a, b = a[8:], b[16:]
	}
	for len(a) >= 2 && len(b) >= 4 {
		b0, b1, b2, b3 := b[0], b[1], b[2], b[3]
		x := a[0]
		s00 += F(x * b0)
		s01 += F(x * b1)
		s02 += F(x * b2)
		s03 += F(x * b3)
		x = a[1]
		s10 += F(x * b0)
		s11 += F(x * b1)
		s12 += F(x * b2)
		s13 += F(x * b3)
		a, b = a[2:], b[4:]
	}
	c0[0], c0[1], c0[2], c0[3] = s00, s01, s02, s03
	c1[0], c1[1], c1[2], c1[3] = s10, s11, s12, s13
}

// addRow is the row kernel in plain Go; four steps per turn spare loads and
// stores of c.
func addRow[F optim.Float](a, b []F, ldb int, c []F) {
	k := 0
	for ; k+4 <= len(a); k += 4 {
		x0, x1, x2, x3 := a[k], a[k+1], a[k+2], a[k+3]
		b0 := b[k*ldb:][:len(c)]
		b1 := b[(k+1)*ldb:][:len(c)]
		b2 := b[(k+2)*ldb:][:len(c)]
		b3 := b[(k+3)*ldb:][:len(c)]
		for j, s := range c {
			s += F(x0 * b0[j])
			s += F(x1 * b1[j])
			s += F(x2 * b2[j])
			s += F(x3 * b3[j])
			c[j] = s
		}
	}
	for ; k < len(a); k++ {
		x, row := a[k], b[k*ldb:][:len(c)]
		for j, s := range c {
			c[j] = s + F(x*row[j])
		}
	}
}
