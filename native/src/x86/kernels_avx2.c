/* kernels_avx2.c - the kernels for AVX2 and FMA3, all of them shared with other instruction sets through vector/. Everything
 * is static but the table, so nothing can leak into code that runs on older processors. */
#include "x86/philox_avx2.h"
#include "x86/vector_avx2.h"

#define TILE_VECTORS 2  /* 12 accumulators, 2 vectors of weights and a pixel: 15 of 16 registers */
#define GEMM_DEPTH 1024 /* a panel of so many rows and 48 rows of it take half of a second-level cache */

#define OUTER_ROWS 4  /* by 3 vectors: 12 accumulators, 3 vectors of a run and a gradient: 16 registers */
#define PLANE_SUMS 12 /* by up to 3 vectors of pixels and a weight: 16 registers */

#include "vector/table.h"

CNN_VECTOR_TABLE(CNN_ISA_AVX2, avx2, "6x16");
