package main

import "fmt"

// moveAVX writes the kernels that copy and transpose.
func moveAVX(w *writer, t target, e element) {
	copyAVX(w, t, e)
	turnAVX(w, t, e)
}

// arguments loads the arguments that both kernels have.
func arguments(w *writer, e element) {
	w.op("MOVQ dst+0(FP), DI")
	w.op("MOVQ ldd+8(FP), DX")
	w.op("SHLQ $%d, DX", e.shift)
	w.op("MOVQ src+16(FP), SI")
	w.op("MOVQ lds+24(FP), R10")
	w.op("SHLQ $%d, R10", e.shift)
}

// copyAVX writes the kernel that copies rows of at most two vectors, and fills
// the last vector of each with zeros.
func copyAVX(w *writer, t target, e element) {
	ps, lanes := "P"+e.s, t.lanes(e)
	w.text(signature(t, e, "Copy"), 48)
	arguments(w, e)
	w.op("MOVQ rows+32(FP), CX")
	w.op("MOVQ cols+40(FP), AX")
	// mask makes the mask for the lanes below AX, which is at most their number.
	mask := func(v int) {
		if t.masked {
			w.op("MOVL $-1, R15")
			w.op("BZHIL AX, R15, R15")
			w.op("KMOVW R15, K%d", v+1)
			return
		}
		w.op("LEAQ ·lanemasks%d(SB), R15", e.bits)
		w.op("NEGQ AX")
		w.op("VMOVUPS %d(R15)(AX*%d), Y%d", t.bytes, e.bits/8, v+4)
	}
	move := func(v int) {
		if t.masked {
			w.op("VMOVU%s.Z %s, K%d, Z%d", ps, at("SI", v*t.bytes), v+1, v)
		} else {
			w.op("VMASKMOV%s %s, Y%d, Y%d", ps, at("SI", v*t.bytes), v+4, v)
		}
		w.op("VMOVU%s %s, %s", ps, t.z(v), at("DI", v*t.bytes))
	}
	loop := func(label string, vectors int) {
		w.label(label)
		for v := range vectors {
			move(v)
			w.op("PREFETCHT0 %s", at("(SI)(R10*8)", v*t.bytes))
		}
		w.op("ADDQ R10, SI")
		w.op("ADDQ DX, DI")
		w.op("DECQ CX")
		w.op("JNZ %s", label)
		w.op("VZEROUPPER")
		w.op("RET")
	}
	w.op("CMPQ AX, $%d", lanes)
	w.op("JG two")
	mask(0)
	loop("loop1", 1)
	w.label("two")
	w.op("MOVQ AX, BX")
	w.op("MOVQ $%d, AX", lanes)
	mask(0)
	w.op("LEAQ -%d(BX), AX", lanes)
	mask(1)
	loop("loop2", 2)
	if !t.masked { // all ones for the lanes of a vector, then zeros for another
		for i := range 2 * lanes {
			w.writeMask(e, i, i < lanes)
		}
		fmt.Fprintf(w, "GLOBL ·lanemasks%d(SB), RODATA|NOPTR, $%d\n", e.bits, 2*t.bytes)
	}
}

// writeMask writes one element of the table of masks.
func (w *writer) writeMask(e element, i int, on bool) {
	value := 0
	if on {
		value = -1
	}
	fmt.Fprintf(w, "DATA ·lanemasks%d+%d(SB)/%d, $%d\n", e.bits, i*e.bits/8, e.bits/8, value)
}

// turnAVX writes the kernel that transposes as many rows as a vector has
// lanes. Lane for lane of 16 bytes it transposes squares: register r holds the
// r-th row of each square.
func turnAVX(w *writer, t target, e element) {
	ps, side, lanes := "P"+e.s, 128/e.bits, t.lanes(e)
	w.text(signature(t, e, "Turn"), 40)
	arguments(w, e)
	w.op("MOVQ cols+32(FP), CX")
	steps(w, lanes)
	w.label("loop")
	for r := range side {
		w.op("VMOVU%s %s, X%d", ps, stepped(r), r)
		for lane := 1; lane < t.bytes/16; lane++ {
			if t.bytes == 64 {
				w.op("VINSERTF32X4 $%d, %s, Z%d, Z%[3]d", lane, stepped(r+lane*side), r)
			} else {
				w.op("VINSERTF128 $%d, %s, Y%d, Y%[3]d", lane, stepped(r+lane*side), r)
			}
		}
	}
	out := func(i int) {
		w.op("VMOVU%s %s, (DI)", ps, t.z(i))
		w.op("ADDQ DX, DI")
	}
	unpack := func(half, kind string, a, b, to int) {
		w.op("VUNPCK%s%s %s, %s, %s", half, kind, t.z(b), t.z(a), t.z(to))
	}
	if side == 4 {
		unpack("L", "PS", 0, 1, 4)
		unpack("H", "PS", 0, 1, 5)
		unpack("L", "PS", 2, 3, 6)
		unpack("H", "PS", 2, 3, 7)
		unpack("L", "PD", 4, 6, 8)
		unpack("H", "PD", 4, 6, 9)
		unpack("L", "PD", 5, 7, 10)
		unpack("H", "PD", 5, 7, 11)
		for i := range 4 {
			out(8 + i)
		}
	} else {
		unpack("L", "PD", 0, 1, 4)
		unpack("H", "PD", 0, 1, 5)
		out(4)
		out(5)
	}
	w.op("ADDQ $16, SI")
	if lanes > 9 {
		w.op("ADDQ $16, R9")
	}
	w.op("SUBQ $%d, CX", side)
	w.op("JNZ loop")
	w.op("VZEROUPPER")
	w.op("RET")
}
