package main

import (
	"fmt"
	"math"

	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// constant returns a vector of one bit pattern.
func (k *kernel) constant(name string, bits32 uint32, bits64 uint64) reg.VecVirtual {
	if v, ok := k.consts[name]; ok {
		return v
	}
	m, ok := k.data[name]
	if !ok {
		var v operand.Constant = operand.U32(bits32)
		if k.elem == 64 {
			v = operand.U64(bits64)
		}
		m = k.c.ConstData(asmName(k.prog.fn, k.elem, k.level)+"_"+name, v)
		k.data[name] = m
	}
	return k.broadcast(m)
}

func (k *kernel) absMask() reg.VecVirtual {
	return k.constant("abs", 1<<31-1, 1<<63-1)
}

func (k *kernel) zero() reg.VecVirtual {
	if z, ok := k.consts["zero"]; ok {
		return z
	}
	z := k.vec()
	k.logic("XOR", z, z, z)
	return z
}

func (k *kernel) signBit() reg.VecVirtual { return k.constant("sign", 1<<31, 1<<63) }

// logic adds a bitwise instruction: AND, ANDN, OR, XOR.
func (k *kernel) logic(name string, a, b, to reg.VecVirtual) {
	if k.level.bits == 512 {
		k.ins("VP"+name+map[int]string{32: "D", 64: "Q"}[k.elem], a, b, to)
		return
	}
	k.ins("V"+name+"*", a, b, to)
}

// Comparison predicates of VCMPPS.
const (
	neqOQ = 0x0c
	nltUQ = 0x15
	gtOQ  = 0x1e
)

// compare returns a mask: x against y.
func (k *kernel) compare(predicate int, x, y reg.VecVirtual) operand.Op {
	var m operand.Op = k.vec()
	if k.level.bits == 512 {
		m = k.c.K()
	}
	k.ins("VCMP*", operand.Imm(uint64(predicate)), y, x, m)
	return m
}

// choose returns yes where the mask is set, no elsewhere.
func (k *kernel) choose(mask operand.Op, yes, no reg.VecVirtual) reg.VecVirtual {
	v := k.vec()
	if k.level.bits == 512 {
		k.ins("VBLENDM*", yes, no, mask, v)
	} else {
		k.ins("VBLENDV*", mask, yes, no, v)
	}
	return v
}

// negativeZero and denormal are classes of VFPCLASSPS.
const (
	negativeZero = 0x04
	denormal     = 0x20
)

// flush returns v with +0 for what is below the smallest normal number.
func (k *kernel) flush(v reg.VecVirtual) reg.VecVirtual {
	if k.level.bits == 512 {
		small := k.c.K()
		k.ins("VFPCLASS*Z", operand.Imm(negativeZero|denormal), v, small)
		return k.choose(small, k.consts["zero"], v)
	}
	size, out := k.vec(), k.vec()
	k.logic("AND", k.absMask(), v, size)
	tiny := k.constant("tiny", math.Float32bits(0x1p-126), math.Float64bits(0x1p-1022))
	normal := k.compare(nltUQ, size, tiny)
	k.logic("AND", normal.(reg.VecVirtual), v, out)
	return out
}

// value returns the register that holds o, computing it first.
func (k *kernel) value(o *op) reg.VecVirtual {
	if v, ok := k.coefs[o]; ok {
		return v
	}
	if v, ok := k.values[o]; ok {
		return v
	}
	var v reg.VecVirtual
	if i, ok := k.lits[o]; ok {
		bits32, bits64 := literal(o.name)
		return k.constant(fmt.Sprintf("n%d", i), bits32, bits64)
	}
	if o.hoisted {
		for i, t := range k.prog.table {
			if t == o {
				v = k.broadcast(k.coef(i))
			}
		}
		return v // read again at each use: it needs no register between
	}
	if o.kind == "slot" {
		v = k.load(o.name + "_")
	} else {
		v = k.compute(o)
	}
	k.values[o] = v
	return v
}

func (k *kernel) compute(o *op) reg.VecVirtual {
	a := make([]reg.VecVirtual, len(o.args))
	for i, x := range o.args {
		a[i] = k.value(x)
	}
	d := k.vec()
	one := func() reg.VecVirtual { return k.constant("one", math.Float32bits(1), math.Float64bits(1)) }
	switch o.kind {
	case "move":
		return a[0]
	case "+":
		k.ins("VADD*", a[1], a[0], d)
	case "-":
		k.ins("VSUB*", a[1], a[0], d)
	case "*":
		k.ins("VMUL*", a[1], a[0], d)
	case "/":
		k.ins("VDIV*", a[1], a[0], d)
	case "sqrt":
		k.ins("VSQRT*", a[0], d)
	case "max":
		k.ins("VMAX*", a[1], a[0], d) // the second when unordered or both zero
	case "min":
		k.ins("VMIN*", a[1], a[0], d)
	case "abs":
		k.logic("AND", k.absMask(), a[0], d)
	case "neg":
		k.logic("XOR", k.signBit(), a[0], d)
	case "round":
		const nearestEven = 8 // without an inexact exception
		if k.level.bits == 512 {
			k.ins("VRNDSCALE*", operand.Imm(nearestEven), a[0], d)
		} else {
			k.ins("VROUND*", operand.Imm(nearestEven), a[0], d)
		}
	case "pow2":
		_, shift, bits := pow2Of(k.elem)
		k.ins("VADD*", k.constant("pow2", uint32(bits), bits), a[0], d)
		k.ins(map[int]string{32: "VPSLLD", 64: "VPSLLQ"}[k.elem], operand.Imm(uint64(shift)), d, d)
	case "sign":
		unit := k.vec()
		k.logic("AND", k.signBit(), a[0], unit)
		k.logic("OR", one(), unit, unit)
		return k.choose(k.compare(neqOQ, a[0], k.zero()), unit, a[0])
	case "ifpos":
		return k.choose(k.compare(gtOQ, a[0], k.zero()), a[1], a[2])
	default:
		panic("rulegen: no vector form of " + o.kind)
	}
	return d
}
