// Package portable computes elementary functions of float64 to the same bits
// on every architecture.
//
// Package math may use assembly or fuse a product into a sum, and then the last
// bit depends on the machine. Here every product is either rounded on its own
// or fused by an explicit [math.FMA], which is exact everywhere, so that a
// result is fixed by the argument alone. Special values are those of package
// math. Every function is accurate to less than 0.6 units in the last place
// where the result is a normal number, and to one unit where it is subnormal;
// trigonometric arguments are reduced exactly over the whole range.
//
// The methods are table lookups followed by short Taylor polynomials, in the
// manner of Tang (ACM TOMS 15(2), 1989, and 16(4), 1990), with intermediate
// results held as unevaluated sums of two float64 (Dekker, Numerische
// Mathematik 18, 1971) where one would not do.
package portable

//go:generate go run tables.go
