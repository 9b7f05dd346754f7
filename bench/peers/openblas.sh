#!/usr/bin/env bash
# Compares the products of matrices with OpenBLAS's, both in turn in one process.
#
#   bash bench/peers/openblas.sh [-threads 1] [-rounds 31]
#
# It needs Go, a C compiler and OpenBLAS: on Debian, gcc and libopenblas-dev.
# An OpenBLAS older than the processor may not use what it has; then a second
# comparison makes it use its kernels for AVX-512.
set -euo pipefail
cd "$(dirname "$0")/../gemm"
bench=$(mktemp)
trap 'rm -f "$bench"' EXIT
CGO_ENABLED=1 go build -tags openblas -o "$bench" .
export OPENBLAS_NUM_THREADS=1
"$bench" "$@"
if grep -qs avx512dq /proc/cpuinfo && [ -z "${OPENBLAS_CORETYPE-}" ]; then
	OPENBLAS_CORETYPE=SkylakeX "$bench" "$@"
fi
