/* kernels_avx512.c - the kernels for AVX-512 (F, BW, DQ and VL), all of them shared with other instruction sets through
 * vector/. Everything is static but the table, so nothing can leak into code that runs on older processors. */
#include "x86/philox_avx512.h"
#include "x86/vector_avx512.h"

#define TILE_VECTORS 4  /* 24 accumulators, 4 vectors of weights and a pixel: 29 of 32 registers */
#define GEMM_DEPTH 1024 /* a panel of so many rows and 48 rows of it take half of a second-level cache */

#define OUTER_ROWS 8  /* by 3 vectors: 24 accumulators, 3 vectors of a run and a gradient: 28 registers */
#define PLANE_SUMS 24 /* by up to 4 vectors of pixels and a weight: 29 registers */

#include "vector/table.h"

CNN_VECTOR_TABLE(CNN_ISA_AVX512, avx512, "6x64");
