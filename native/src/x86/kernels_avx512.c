/* kernels_avx512.c - the kernels for AVX-512 (F, BW, DQ and VL), all of them shared with other instruction sets through
 * vector/. Everything is static but the table, so nothing can leak into code that runs on older processors. */
#include "kernels.h"

#include "x86/vector_avx512.h"

#define TILE_VECTORS 4 /* 24 accumulators, 4 vectors of weights and a pixel: 29 of 32 registers */

#include "vector/activation.h"
#include "vector/convolve_tile.h"
#include "vector/outer_tile.h"
#include "vector/rows.h"
#include "vector/winograd.h"

const cnn_kernels cnn_kernels_avx512 = {
    .isa = CNN_ISA_AVX512,
    .tile_rows = TILE_ROWS,
    .tile_columns = TILE_COLUMNS,
    .column_step = LANES,
    .rows_per_block = 48,
    .depthwise_block = 4 * LANES,
    .lanes = LANES,
    .gemm_name = "implicit-gemm 6x64 avx512",
    .depthwise_name = "depthwise avx512",
    .winograd_4_name = "winograd 4x4 avx512",
    .winograd_2_name = "winograd 2x2 avx512",
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
