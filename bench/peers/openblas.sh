#!/usr/bin/env bash
# Compares the products of matrices with OpenBLAS's, both in turn in one process.
#
#   bash bench/peers/openblas.sh [-threads 1] [-rounds 31]
#
# It needs Go, a C compiler and OpenBLAS: on Debian, gcc and libopenblas-dev.
# OpenBLAS chooses its kernels by itself, whatever the environment says: the
# first line of the output names them.
set -euo pipefail
cd "$(dirname "$0")/../gemm"
for setting in "${!OPENBLAS_@}"; do
	unset "$setting"
done
CGO_ENABLED=1 OPENBLAS_NUM_THREADS=1 go run -tags openblas . "$@"
