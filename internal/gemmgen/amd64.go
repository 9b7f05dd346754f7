package main

import "fmt"

var avx512 = target{
	name: "avx512", bytes: 64, masked: true,
	most:   []shape{{1, 14}, {2, 14}, {4, 6}},
	tile:   tileAVX,
	moves:  moveAVX,
	movers: []string{"Copy", "Turn"},
}

var avx2 = target{
	name: "avx2", bytes: 32,
	most:   []shape{{1, 6}, {2, 6}, {4, 2}},
	tile:   tileAVX,
	moves:  moveAVX,
	movers: []string{"Copy", "Turn"},
}

// z names vector register i.
func (t target) z(i int) string {
	if t.bytes == 64 {
		return fmt.Sprintf("Z%d", i)
	}
	return fmt.Sprintf("Y%d", i)
}

// stepped returns the address of row i of rows that start in SI and, from row
// 9 on, in R9. R10, R11, R12, R13 hold one, three, five and seven steps.
func stepped(i int) string {
	base := "SI"
	if i >= 9 {
		base, i = "R9", i-9
	}
	return fmt.Sprintf([]string{
		"(%s)", "(%s)(R10*1)", "(%s)(R10*2)", "(%s)(R11*1)", "(%s)(R10*4)",
		"(%s)(R12*1)", "(%s)(R11*2)", "(%s)(R13*1)", "(%s)(R10*8)",
	}[i], base)
}

// steps computes what stepped uses from the step in R10, for so many rows.
func steps(w *writer, rows int) {
	if rows > 3 {
		w.op("LEAQ (R10)(R10*2), R11")
	}
	if rows > 5 {
		w.op("LEAQ (R10)(R10*4), R12")
	}
	if rows > 7 {
		w.op("LEAQ (R11)(R10*4), R13")
	}
	if rows > 9 {
		w.op("LEAQ (SI)(R10*8), R9")
		w.op("ADDQ R10, R9")
	}
}

// stride loads a stride of the tile and turns it into bytes.
func stride(w *writer, offset int, e element, register string) {
	w.op("MOVQ %d(DI), %s", offset, register)
	w.op("SHLQ $%d, %s", e.shift, register)
}

// tileAVX writes the kernel of one tile, without its TEXT line. Registers 0 to
// rows·vectors-1 hold the sums, row by row; then come a row of B, and two of
// elements of A in turn.
func tileAVX(w *writer, t target, e element, rows, vectors int) {
	ps := "P" + e.s
	sums := rows * vectors
	row, spare := sums, sums+vectors
	// The last vector of a row may end early; a load zeroes what it does not reach.
	load := func(addr string, v int, to int) {
		suffix, mask := "", ""
		if t.masked && v == vectors-1 {
			suffix, mask = ".Z", " K1,"
		}
		w.op("VMOVU%s%s %s,%s %s", ps, suffix, at(addr, v*t.bytes), mask, t.z(to))
	}
	store := func(from int, addr string, v int) {
		mask := ""
		if t.masked && v == vectors-1 {
			mask = " K1,"
		}
		w.op("VMOVU%s %s,%s %s", ps, t.z(from), mask, at(addr, v*t.bytes))
	}

	w.op("MOVQ t+0(FP), DI")
	w.op("MOVQ %d(DI), SI", offA)
	w.op("MOVQ %d(DI), BX", offB)
	w.op("MOVQ %d(DI), CX", offK)
	stride(w, offRS, e, "R10")
	stride(w, offCS, e, "R8")
	stride(w, offLDB, e, "DX")
	steps(w, rows)
	if t.masked {
		w.op("MOVQ %d(DI), AX", offCols)
		if vectors > 1 {
			w.op("SUBQ $%d, AX", (vectors-1)*t.lanes(e))
		}
		w.op("MOVL $-1, R15")
		w.op("BZHIL AX, R15, R15")
		w.op("KMOVW R15, K1")
	}

	w.op("MOVQ %d(DI), AX", offFrom)
	w.op("TESTQ AX, AX")
	w.op("JZ zero")
	stride(w, offLDFrom, e, "R15")
	for i := range rows {
		for v := range vectors {
			load("AX", v, i*vectors+v)
		}
		if i < rows-1 {
			w.op("ADDQ R15, AX")
		}
	}
	w.op("JMP start")
	w.label("zero")
	for i := range sums {
		w.op("VXOR%s %s, %[2]s, %[2]s", ps, t.z(i))
	}
	w.label("start")
	w.op("TESTQ CX, CX")
	w.op("JZ done")
	w.op("PCALIGN $32")
	w.label("loop")
	for v := range vectors {
		load("BX", v, row+v)
		if v*t.bytes%64 == 0 {
			w.op("PREFETCHT0 %s", at("(BX)(DX*8)", v*t.bytes))
		}
	}
	for i := range rows {
		a := spare + i%2
		w.op("VBROADCASTS%s %s, %s", e.s, stepped(i), t.z(a))
		for v := range vectors {
			w.op("VFMADD231%s %s, %s, %s", ps, t.z(row+v), t.z(a), t.z(i*vectors+v))
		}
	}
	w.op("ADDQ DX, BX")
	w.op("ADDQ R8, SI")
	if rows > 9 {
		w.op("ADDQ R8, R9")
	}
	w.op("DECQ CX")
	w.op("JNZ loop")
	w.label("done")

	w.op("MOVQ %d(DI), AX", offOp)
	w.op("CMPQ AX, $%d", opReLU)
	w.op("JB store")
	zero, y := t.z(row), row+1
	w.op("VXOR%s %s, %[2]s, %[2]s", ps, zero)
	w.op("JA gate")
	for i := range sums { // 0 where 0 > x, else x
		w.op("VMAX%s %s, %s, %[2]s", ps, t.z(i), zero)
	}
	w.op("JMP store")
	w.label("gate")
	w.op("MOVQ %d(DI), AX", offGate)
	stride(w, offLDGate, e, "R15")
	for i := range rows { // 0 where y ≤ 0, else x
		for v := range vectors {
			load("AX", v, y)
			if t.masked {
				w.op("VCMP%s $6, %s, %s, K2", ps, zero, t.z(y))
				w.op("VMOVA%s.Z %s, K2, %[2]s", ps, t.z(i*vectors+v))
			} else {
				w.op("VCMP%s $6, %s, %s, %[3]s", ps, zero, t.z(y))
				w.op("VAND%s %s, %s, %[3]s", ps, t.z(y), t.z(i*vectors+v))
			}
		}
		if i < rows-1 {
			w.op("ADDQ R15, AX")
		}
	}
	w.label("store")
	w.op("MOVQ %d(DI), AX", offC)
	stride(w, offLDC, e, "R15")
	for i := range rows {
		for v := range vectors {
			store(i*vectors+v, "AX", v)
		}
		if i < rows-1 {
			w.op("ADDQ R15, AX")
		}
	}
	w.op("VZEROUPPER")
	w.op("RET")
}

// at adds an offset to an address, which may be a mere register.
func at(addr string, offset int) string {
	if addr[0] != '(' {
		addr = "(" + addr + ")"
	}
	if offset == 0 {
		return addr
	}
	return fmt.Sprintf("%d%s", offset, addr)
}
