package main

import "fmt"

var neon = target{
	name: "neon", bytes: 16,
	most:   []shape{{1, 8}, {2, 8}, {3, 8}},
	tile:   tileNEON,
	moves:  turnNEON,
	movers: []string{"Turn"},
}

// arrangement returns how a register is divided.
func (e element) arrangement() string { return fmt.Sprintf("%s%d", e.s, 128/e.bits) }

// tileNEON writes the kernel of one tile, without its TEXT line. V0 to V23 hold
// the sums, V24 to V26 a row of B, V27 to V31 elements of A in turn; R1 to R8
// point into the rows of A.
func tileNEON(w *writer, _ target, e element, rows, vectors int) {
	form := e.arrangement()
	stride := func(offset int, register string) {
		w.op("MOVD %d(R0), %s", offset, register)
		w.op("LSL $%d, %s", e.shift, register)
	}
	list := func(first int) string {
		s := fmt.Sprintf("V%d.%s", first, form)
		for v := 1; v < vectors; v++ {
			s += fmt.Sprintf(", V%d.%s", first+v, form)
		}
		return "[" + s + "]"
	}
	w.op("MOVD t+0(FP), R0")
	w.op("MOVD %d(R0), R1", offA)
	stride(offRS, "R13")
	stride(offCS, "R9")
	w.op("MOVD %d(R0), R10", offB)
	stride(offLDB, "R11")
	w.op("MOVD %d(R0), R12", offK)
	for i := 1; i < rows; i++ {
		w.op("ADD R13, R%d, R%d", i, i+1)
	}
	w.op("MOVD %d(R0), R14", offFrom)
	w.op("CBZ R14, zero")
	stride(offLDFrom, "R15")
	for i := range rows {
		w.op("VLD1.P (R14)(R15), %s", list(i*vectors))
	}
	w.op("B start")
	w.label("zero")
	for i := range rows * vectors {
		w.op("VEOR V%d.B16, V%[1]d.B16, V%[1]d.B16", i)
	}
	w.label("start")
	w.op("CBZ R12, done")
	w.label("loop")
	w.op("VLD1.P (R10)(R11), %s", list(24))
	for i := range rows {
		a := 27 + i%5
		w.op("VLD1R.P (R%d)(R9), [V%d.%s]", i+1, a, form)
		for v := range vectors {
			w.op("VFMLA V%d.%s, V%d.%[2]s, V%[4]d.%[2]s", 24+v, form, a, i*vectors+v)
		}
	}
	w.op("SUBS $1, R12")
	w.op("BNE loop")
	w.label("done")

	w.op("MOVD %d(R0), R14", offOp)
	w.op("CBZ R14, store")
	w.op("CMP $%d, R14", opGate)
	w.op("BEQ gate")
	for i := range rows * vectors { // 0 where x < 0, else x
		word(w, e, 0x4EA0E800, 0, i, 27, "FCMLT V%d, #0, V27", i)
		word(w, element{bits: 32}, 0x4E601C00, 27, i, i, "BIC V27, V%d, V%d", i, i)
	}
	w.op("B store")
	w.label("gate")
	w.op("MOVD %d(R0), R14", offGate)
	stride(offLDGate, "R15")
	for i := range rows { // 0 where y ≤ 0, else x
		w.op("VLD1.P (R14)(R15), %s", list(24))
		for v := range vectors {
			word(w, e, 0x6EA0D800, 0, 24+v, 27, "FCMLE V%d, #0, V27", 24+v)
			x := i*vectors + v
			word(w, element{bits: 32}, 0x4E601C00, 27, x, x, "BIC V27, V%d, V%d", x, x)
		}
	}
	w.label("store")
	w.op("MOVD %d(R0), R14", offC)
	stride(offLDC, "R15")
	for i := range rows {
		w.op("VST1.P %s, (R14)(R15)", list(i*vectors))
	}
	w.op("RET")
}

// word writes an instruction that the assembler does not know, on the vectors
// m, n and d, of the form for 64 bits where e has as many.
func word(w *writer, e element, code, m, n, d int, comment string, args ...any) {
	if e.bits == 64 {
		code |= 1 << 22
	}
	w.op("WORD $0x%08X // %s", code|m<<16|n<<5|d, fmt.Sprintf(comment, args...))
}

// turnNEON writes the kernel that transposes as many rows as a vector has
// lanes.
func turnNEON(w *writer, t target, e element) {
	form, lanes := e.arrangement(), t.lanes(e)
	w.text(signature(t, e, "Turn"), 40)
	w.op("MOVD dst+0(FP), R0")
	w.op("MOVD ldd+8(FP), R9")
	w.op("LSL $%d, R9", e.shift)
	w.op("MOVD src+16(FP), R1")
	w.op("MOVD lds+24(FP), R13")
	w.op("LSL $%d, R13", e.shift)
	w.op("MOVD cols+32(FP), R12")
	for i := 1; i < lanes; i++ {
		w.op("ADD R13, R%d, R%d", i, i+1)
	}
	w.label("loop")
	for i := range lanes {
		w.op("VLD1.P 16(R%d), [V%d.%s]", i+1, i, form)
	}
	zip := func(half int, kind string, a, b, to int) {
		w.op("VZIP%d V%d.%s, V%d.%[3]s, V%[5]d.%[3]s", half, b, kind, a, to)
	}
	first := 4
	if lanes == 4 {
		zip(1, form, 0, 1, 4)
		zip(2, form, 0, 1, 5)
		zip(1, form, 2, 3, 6)
		zip(2, form, 2, 3, 7)
		zip(1, "D2", 4, 6, 8)
		zip(2, "D2", 4, 6, 9)
		zip(1, "D2", 5, 7, 10)
		zip(2, "D2", 5, 7, 11)
		first = 8
	} else {
		zip(1, form, 0, 1, 4)
		zip(2, form, 0, 1, 5)
	}
	for i := range lanes {
		w.op("VST1.P [V%d.%s], (R0)(R9)", first+i, form)
	}
	w.op("SUBS $%d, R12", lanes)
	w.op("BNE loop")
	w.op("RET")
}
