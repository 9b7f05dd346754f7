package gemm

import "github.com/descent-go/descent/optim"

// A product is C = op(from + αAB), or a region of it.
type product[F optim.Float] struct {
	alpha F
	a, b  Matrix[F]
	from  Matrix[F] // no data: zeros; C itself: its elements
	c     Matrix[F]
	op    op
	gate  Matrix[F]
}

// region returns the product for the rows from i0 to i1 and the columns from
// j0 to j1 of C.
func (p *product[F]) region(i0, i1, j0, j1 int) product[F] {
	q := *p
	if p.a.cols > 0 {
		q.a = p.a.sub(i0, 0, i1-i0, p.a.cols)
		q.b = p.b.sub(0, j0, p.b.rows, j1-j0)
	}
	q.c = p.c.sub(i0, j0, i1-i0, j1-j0)
	if p.from.data != nil {
		q.from = p.from.sub(i0, j0, i1-i0, j1-j0)
	}
	if p.op == opGate {
		q.gate = p.gate.sub(i0, j0, i1-i0, j1-j0)
	}
	return q
}

const (
	// deep is the most steps along k that a tile takes at a time: the rows of A
	// and the columns of B that it reads so often stay in the second-level
	// cache, and so does C.
	deep = 512
	// blockA is the most elements of A that are read for all of B before the
	// next ones are.
	blockA = 1 << 16
)

// A worker computes one region of C with buffers of its own.
type worker[F optim.Float] struct {
	kern *kernel[F]
	product[F]
	tile tile[F]

	packA, packB, edge []F

	k0       int  // where the steps along k begin
	tileRows int  // of all tiles but the last
	keepB    bool // packB holds all of B, not one panel
}

// run computes the worker's region.
func (w *worker[F]) run() {
	k := w.a.cols
	if w.alpha == 0 {
		k = 0
	}
	w.tileRows = ceil(w.c.rows, ceil(w.c.rows, w.kern.rows))
	t := &w.tile
	t.ldc, t.ldgate = w.c.rs, w.gate.rs
	blocks := max(1, ceil(k, deep))
	for s := range blocks {
		w.k0 = k * s / blocks
		t.k = k*(s+1)/blocks - w.k0
		t.op = opNone
		if s == blocks-1 {
			t.op = w.op
		}
		w.steps()
		w.from = w.c
	}
	*t = tile[F]{} // holds on to nothing
	w.product = product[F]{}
}

// steps takes t.k steps for the whole region.
func (w *worker[F]) steps() {
	m, n := w.c.rows, w.c.cols
	tiles := ceil(m, w.tileRows)
	blocks := min(tiles, ceil(m*w.tile.k, blockA))
	w.keepB = blocks > 1
	packed := w.layA(n)
	for s := range max(1, blocks) {
		i0, i1 := tiles*s/max(1, blocks)*w.tileRows, min(m, tiles*(s+1)/max(1, blocks)*w.tileRows)
		if packed {
			w.fillA(i0, i1)
		}
		for j := 0; j < n; {
			cols := w.panel(n - j)
			w.layB(j, cols, s == 0)
			w.column(i0, i1, j, cols, packed)
			j += cols
		}
	}
}

// panel returns the columns of the next panel where so many are left.
func (w *worker[F]) panel(left int) int {
	kern := w.kern
	if whole := wide * kern.lanes; left >= whole && w.c.rows < len(kern.tiles[wide]) {
		return whole
	}
	return min(left, kern.vectors*kern.lanes)
}

// column computes the tiles of one panel of B between two rows.
func (w *worker[F]) column(i0, i1, j, cols int, packed bool) {
	kern, t := w.kern, &w.tile
	t.cols = cols
	vectors := ceil(cols, kern.lanes)
	whole := kern.partial || cols == vectors*kern.lanes
	a := t.a
	for i := i0; i < i1; i += w.tileRows {
		t.rows = min(w.tileRows, i1-i)
		switch {
		case t.k == 0:
		case packed:
			t.a = a[(i-i0)/w.tileRows*w.panelA():]
		default:
			t.a = w.a.data[i*w.a.rs+w.k0*w.a.cs:]
		}
		t.c = w.c.data[i*w.c.rs+j:]
		t.from, t.ldfrom = nil, w.from.rs
		if w.from.data != nil {
			t.from = w.from.data[i*w.from.rs+j:]
		}
		if t.op == opGate {
			t.gate = w.gate.data[i*w.gate.rs+j:]
		}
		if whole {
			kern.tiles[vectors][t.rows](t)
		} else {
			w.padded(vectors)
		}
	}
	t.a = a
}

// padded computes a tile that ends within a vector in a place with room for
// the rest.
func (w *worker[F]) padded(vectors int) {
	t := &w.tile
	kept := *t
	width := vectors * w.kern.lanes
	w.edge = sized(w.edge, w.kern.rows*width)
	if t.from != nil {
		for i := range t.rows {
			row := w.edge[i*width:][:width]
			clear(row[copy(row, t.from[i*t.ldfrom:][:t.cols]):])
		}
		t.from, t.ldfrom = w.edge, width
	}
	t.c, t.ldc, t.op = w.edge, width, opNone
	w.kern.tiles[vectors][t.rows](t)
	*t = kept
	for i := range t.rows {
		copy(t.c[i*t.ldc:][:t.cols], w.edge[i*width:])
	}
	t.finish()
}

// layA decides how A is read and returns whether it is packed: not if it is
// read only once or twice, or if its rows lie well in memory.
func (w *worker[F]) layA(n int) bool {
	t := &w.tile
	if t.k == 0 {
		t.rs, t.cs = 0, 0
		return false
	}
	t.rs, t.cs = w.a.rs, w.a.cs
	often := n > 2*w.kern.vectors*w.kern.lanes
	if w.alpha == 1 && (!often || w.a.cs == 1 && !w.collide(w.a.rs)) {
		return false
	}
	if w.a.cs == 1 {
		t.rs = t.k + pad
	} else {
		t.rs, t.cs = 1, ceil(w.tileRows, w.kern.lanes)*w.kern.lanes
	}
	return true
}

// pad keeps the packed rows of A from beginning a power of two apart.
const pad = 16

// collide says whether rows that begin so many elements apart compete for few
// places in a cache.
func (w *worker[F]) collide(step int) bool { return step%512 == 0 }

// panelA returns the elements that the packed rows of one tile take.
func (w *worker[F]) panelA() int {
	if w.tile.cs == 1 {
		return w.tileRows * w.tile.rs
	}
	return w.tile.k * w.tile.cs
}

// fillA packs the rows from i0 to i1 of A, multiplied by α.
func (w *worker[F]) fillA(i0, i1 int) {
	t, size := &w.tile, w.panelA()
	w.packA = sized(w.packA, ceil(i1-i0, w.tileRows)*size)
	for i := i0; i < i1; i += w.tileRows {
		rows := min(w.tileRows, i1-i)
		dst, a := w.packA[(i-i0)/w.tileRows*size:][:size], w.a.sub(i, w.k0, rows, t.k)
		if t.cs == 1 {
			for r := range rows {
				copy(dst[r*t.rs:][:t.k], a.data[r*a.rs:])
			}
		} else {
			w.kern.packRows(dst, t.cs, a.T())
		}
		if w.alpha != 1 {
			for l, v := range dst {
				dst[l] = F(w.alpha * v)
			}
		}
	}
	t.a = w.packA
}

// layB says where the panel of cols columns from j on is read: in place, or
// where it is packed to, which is done the first time.
func (w *worker[F]) layB(j, cols int, first bool) {
	t, kern := &w.tile, w.kern
	if t.k == 0 {
		return
	}
	width := ceil(cols, kern.lanes) * kern.lanes
	inPlace := w.b.cs == 1 && (kern.partial || cols == width) && w.c.rows <= 4*w.tileRows
	if inPlace {
		t.b, t.ldb = w.b.data[w.k0*w.b.rs+j:], w.b.rs
		return
	}
	at := 0
	if w.keepB {
		at = j * t.k
	}
	if first {
		if need := at + width*t.k; len(w.packB) < need {
			grown := make([]F, max(need, w.sizeB()))
			copy(grown, w.packB)
			w.packB = grown
		}
		b := w.b.sub(w.k0, j, t.k, cols)
		if w.b.cs == 1 {
			kern.packRows(w.packB[at:], width, b)
		} else {
			kern.packTurned(w.packB[at:], width, b)
		}
	}
	t.b, t.ldb = w.packB[at:], width
}

// sizeB returns the elements of packB that the region needs.
func (w *worker[F]) sizeB() int {
	panel := wide * w.kern.lanes
	if w.keepB {
		return ceil(w.c.cols, panel) * panel * min(w.a.cols, deep)
	}
	return panel * min(w.a.cols, deep)
}
