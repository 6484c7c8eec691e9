/* kernels_neon.c - the kernels for NEON on AArch64, all of them shared with other instruction sets through vector/. Every
 * 64-bit ARM processor runs them. */
#include "arm/vector_neon.h"

#define TILE_VECTORS 4 /* 24 accumulators, 6 vectors of pixels and 2 of weights: all 32 registers */
#define GEMM_DEPTH 512 /* a panel of so many rows and 48 rows of it take half of a second-level cache */
#define TILE_TAKES_LANES

#define OUTER_ROWS 8  /* by 3 vectors: 24 accumulators, 3 vectors of a run and a gradient: 28 registers */
#define PLANE_SUMS 24 /* by up to 4 vectors of pixels and a weight: 29 registers */

#include "vector/table.h"

CNN_VECTOR_TABLE(CNN_ISA_NEON, neon, "6x16");
