/* kernels_neon.c - the kernels for NEON on AArch64, all of them shared with other instruction sets through vector/. Every
 * 64-bit ARM processor runs them. */
#include "kernels.h"

#include "arm/vector_neon.h"

#define TILE_VECTORS 4 /* 24 accumulators, 6 vectors of pixels and 2 of weights: all 32 registers */
#define TILE_TAKES_LANES

#include "vector/activation.h"
#include "vector/convolve_tile.h"
#include "vector/outer_tile.h"
#include "vector/rows.h"
#include "vector/winograd.h"

const cnn_kernels cnn_kernels_neon = {
    .isa = CNN_ISA_NEON,
    .tile_rows = TILE_ROWS,
    .tile_columns = TILE_COLUMNS,
    .column_step = LANES,
    .rows_per_block = 48,
    .depthwise_block = 4 * LANES,
    .lanes = LANES,
    .gemm_name = "implicit-gemm 6x16 neon",
    .depthwise_name = "depthwise neon",
    .winograd_4_name = "winograd 4x4 neon",
    .winograd_2_name = "winograd 2x2 neon",
    .convolve_tile = convolve_tile,
    .convolve_depthwise = convolve_depthwise,
    .add_outer = add_outer,
    .add_products = add_products,
    .winograd_input_4 = winograd_input_4,
    .winograd_input_2 = winograd_input_2,
    .winograd_output_4 = winograd_output_4,
    .winograd_output_2 = winograd_output_2,
    .max_rows = max_rows,
    .sum_rows = sum_rows,
    .activate = activate,
    .softmax_rows = softmax_rows,
    .add = add,
};
