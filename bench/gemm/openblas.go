//go:build openblas

package main

/*
#cgo LDFLAGS: -lopenblas
#include <stddef.h>
void openblas_set_num_threads(int);
char *openblas_get_config(void);
char *openblas_get_corename(void);
void cblas_sgemm(int order, int ta, int tb, int m, int n, int k, float alpha, const float *a, int lda, const float *b, int ldb, float beta, float *c, int ldc);
void cblas_dgemm(int order, int ta, int tb, int m, int n, int k, double alpha, const double *a, int lda, const double *b, int ldb, double beta, double *c, int ldc);
*/
import "C"

import (
	"unsafe"

	"github.com/descent-go/descent/optim"
)

// peer names the library and sets its threads.
func peer(threads int) string {
	C.openblas_set_num_threads(C.int(threads))
	return C.GoString(C.openblas_get_config()) + " on " + C.GoString(C.openblas_get_corename())
}

// multiply sets c = op(a)·op(b) with the library.
func multiply[F optim.Float](ta, tb bool, m, n, k int, a []F, lda int, b []F, ldb int, c []F) {
	const rowMajor, plain, transposed = 101, 111, 112
	at, bt := C.int(plain), C.int(plain)
	if ta {
		at = transposed
	}
	if tb {
		bt = transposed
	}
	p, q, r := unsafe.Pointer(&a[0]), unsafe.Pointer(&b[0]), unsafe.Pointer(&c[0])
	if unsafe.Sizeof(a[0]) == 4 {
		C.cblas_sgemm(rowMajor, at, bt, C.int(m), C.int(n), C.int(k), 1, (*C.float)(p), C.int(lda), (*C.float)(q), C.int(ldb), 0, (*C.float)(r), C.int(n))
	} else {
		C.cblas_dgemm(rowMajor, at, bt, C.int(m), C.int(n), C.int(k), 1, (*C.double)(p), C.int(lda), (*C.double)(q), C.int(ldb), 0, (*C.double)(r), C.int(n))
	}
}
