package nn

// lay writes the matrix of an image x: one row for each element of the window,
// channel by channel, one column for each position. What lies in the padding
// is not written: it stays zero.
func (c *conv[F]) lay(columns, x []F) {
	p, row := c.positions(), 0
	for ch := range c.in {
		plane := x[ch*c.h*c.w:][:c.h*c.w]
		for ky := range c.size {
			for kx := range c.size {
				c.layRow(columns[row*p:][:p], plane, ky, kx)
				row++
			}
		}
	}
}

// layRow writes one row: the element (ky, kx) of the window at all positions.
func (c *conv[F]) layRow(to, plane []F, ky, kx int) {
	y0, y1 := c.down[ky].lo, c.down[ky].hi
	x0, x1 := c.across[kx].lo, c.across[kx].hi
	if y0 == y1 || x0 == x1 {
		return
	}
	switch {
	case c.stride == 1 && c.outW == c.w:
		// Rows are as long on both sides: one run, and then zeros again where
		// the end of one row came to the beginning of the next.
		first, last := y0*c.w+x0, (y1-1)*c.w+x1
		shift := (ky-c.pad)*c.w + kx - c.pad
		copy(to[first:last], plane[first+shift:last+shift])
		c.clearEdges(to, y0, y1, x0, x1)
	case c.stride == 1:
		for y := y0; y < y1; y++ {
			copy(to[y*c.outW+x0:y*c.outW+x1], plane[(y+ky-c.pad)*c.w+x0+kx-c.pad:])
		}
	default:
		for y := y0; y < y1; y++ {
			from := plane[(y*c.stride+ky-c.pad)*c.w+x0*c.stride+kx-c.pad:]
			for i := range to[y*c.outW+x0 : y*c.outW+x1] {
				to[y*c.outW+x0+i] = from[i*c.stride]
			}
		}
	}
}

// clearEdges sets to zero what lies before x0 and from x1 on in the rows from
// y0 to y1-1.
func (c *conv[F]) clearEdges(to []F, y0, y1, x0, x1 int) {
	for x := range x0 {
		for i := y0*c.w + x; i < y1*c.w; i += c.w {
			to[i] = 0
		}
	}
	for x := x1; x < c.w; x++ {
		for i := y0*c.w + x; i < y1*c.w; i += c.w {
			to[i] = 0
		}
	}
}

// gather is the transpose of lay: it sets dx to the sums of the elements that
// were copied from each pixel. It may change columns.
func (c *conv[F]) gather(dx, columns []F) {
	clear(dx)
	p, row := c.positions(), 0
	for ch := range c.in {
		plane := dx[ch*c.h*c.w:][:c.h*c.w]
		for ky := range c.size {
			for kx := range c.size {
				c.gatherRow(plane, columns[row*p:][:p], ky, kx)
				row++
			}
		}
	}
}

// gatherRow is the transpose of layRow.
func (c *conv[F]) gatherRow(plane, from []F, ky, kx int) {
	y0, y1 := c.down[ky].lo, c.down[ky].hi
	x0, x1 := c.across[kx].lo, c.across[kx].hi
	if y0 == y1 || x0 == x1 {
		return
	}
	if c.stride == 1 && c.outW == c.w {
		c.clearEdges(from, y0, y1, x0, x1)
		first, last := y0*c.w+x0, (y1-1)*c.w+x1
		shift := (ky-c.pad)*c.w + kx - c.pad
		to := plane[first+shift : last+shift]
		c.loops.add(to, to, from[first:last])
		return
	}
	for y := y0; y < y1; y++ {
		to := plane[(y*c.stride+ky-c.pad)*c.w+x0*c.stride+kx-c.pad:]
		for i, g := range from[y*c.outW+x0 : y*c.outW+x1] {
			to[i*c.stride] += g
		}
	}
}
