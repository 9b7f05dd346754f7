//go:build !openblas

package main

import (
	"github.com/descent-go/descent/nn/internal/gemm"
	"github.com/descent-go/descent/optim"
)

// peer says that there is none.
func peer(int) string { return "itself, for want of the tag openblas" }

// multiply sets c = op(a)·op(b) with package gemm.
func multiply[F optim.Float](ta, tb bool, m, n, k int, a []F, lda int, b []F, ldb int, c []F) {
	x, y := gemm.Strided(a, m, k, max(lda, k)), gemm.Strided(b, k, n, max(ldb, n))
	if ta {
		x = gemm.Strided(a, k, m, lda).T()
	}
	if tb {
		y = gemm.Strided(b, n, k, ldb).T()
	}
	var ws gemm.Workspace[F]
	ws.Mul(1, x, y, 0, gemm.Of(c, m, n))
}
