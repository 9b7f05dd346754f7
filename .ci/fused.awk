# Reads the arm64 assembly that go build -gcflags=-S prints, and prints the
# places (file:line) of instructions that multiply and add in one rounding.
#
# A product by a power of two is exact, so rounding it or not is the same: such
# instructions are left out where the power is loaded into a register in the
# same stretch of straight code.

/ STEXT / { finish(); next }
/^\t0x/ { code[++n] = $0 }
END { finish() }

# finish looks at the instructions of one function.
function finish(    i, j, f, g, pc, op, args, place, target, exact) {
	for (i = 1; i <= n; i++) {
		split(code[i], f, "\t")
		if (f[3] ~ /^(B|BL[A-Z]|B[A-Z][A-Z]|FB[A-Z]+|JMP|CBN?Z[W]?|TBN?Z)$/ && match(f[4], /[0-9]+$/))
			target[substr(f[4], RSTART) + 0] = 1
	}
	for (i = 1; i <= n; i++) {
		split(code[i], f, "\t")
		split(f[2], g, " ")
		pc = g[2] + 0
		if (pc in target)
			split("", exact)
		op = f[3]
		j = split(f[4], args, ", ")
		if (op ~ /^FN?M(ADD|SUB)[SD]$/ && !exact[args[1]] && !exact[args[3]]) {
			place = f[2]
			sub(/^[^(]*\(/, "", place)
			sub(/\)$/, "", place)
			print place
		}
		if (args[j] ~ /^F[0-9]+$/)
			exact[args[j]] = op ~ /^FMOV[SD]$/ && j == 2 && power(args[1])
		if (op == "CALL")
			split("", exact)
	}
	n = 0
}

# power reports whether an operand is a constant power of two.
function power(c,    x) {
	if (c ~ /^\$f64\./)
		return c ~ /^\$f64\....0000000000000\(SB\)$/
	if (c ~ /^\$f32\./)
		return c ~ /^\$f32\...[08]00000\(SB\)$/
	if (c !~ /^\$\(-?[0-9.]+\)$/)
		return 0
	x = substr(c, 3) + 0
	if (x < 0)
		x = -x
	if (x == 0)
		return 0
	while (x < 1)
		x *= 2
	while (x > 1)
		x /= 2
	return x == 1
}
