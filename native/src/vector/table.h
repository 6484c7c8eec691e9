/* table.h - the table of an instruction set that is made of the kernels in vector/. A kernels_<isa>.c includes its
 * vector_<isa>.h, says how many vectors its tile has, and ends with CNN_VECTOR_TABLE. */
#ifndef CNN_VECTOR_TABLE_H
#define CNN_VECTOR_TABLE_H

#include "kernels.h"
#include "portable/fill.h"
#include "portable/random.h"
#include "sums.h"
#include "vector/activation.h"
#include "vector/activation_backward.h"
#include "vector/convolve_tile.h"
#include "vector/depthwise.h"
#include "vector/depthwise_band.h"
#include "vector/entropy.h"
#include "vector/gemm.h"
#include "vector/grouped_band.h"
#include "vector/losses.h"
#include "vector/lrn.h"
#include "vector/norm.h"
#include "vector/optimizers.h"
#include "vector/outer_tile.h"
#include "vector/planes.h"
#include "vector/pointwise.h"
#include "vector/pool.h"
#include "vector/products.h"
#include "vector/rearrange.h"
#include "vector/resample.h"
#include "vector/rows.h"
#include "vector/runs.h"
#include "vector/winograd.h"
#include "vector/winograd_filters.h"

/* SET is the end of the names, such as avx2; TILE is how people call the tile, such as "6x16". */
#define CNN_VECTOR_TABLE(ISA, SET, TILE)                                                                                    \
    const cnn_kernels cnn_kernels_##SET = {                                                                                 \
        .isa = ISA,                                                                                                         \
        .tile_rows = TILE_ROWS,                                                                                             \
        .tall_tile_rows = 2 * TILE_ROWS,                                                                                    \
        .tall_columns = TALL_COLUMNS,                                                                                       \
        .outer_rows = OUTER_ROWS,                                                                                           \
        .outer_columns = 3 * LANES,                                                                                         \
        .tile_columns = TILE_COLUMNS,                                                                                       \
        .column_step = LANES,                                                                                               \
        .rows_per_block = 48,                                                                                               \
        .plane_outputs = PLANE_OUTPUTS,                                                                                     \
        .depthwise_block = 4 * LANES,                                                                                       \
        .band_rows = BAND_ROWS,                                                                                             \
        .lanes = LANES,                                                                                                     \
        .gemm_name = "implicit-gemm " TILE " " #SET,                                                                        \
        .depthwise_name = "depthwise " #SET,                                                                                \
        .grouped_name = "grouped " #SET,                                                                                    \
        .scatter_name = "scatter " TILE " " #SET,                                                                           \
        .planes_name = "planes " #SET,                                                                                      \
        .winograd_4_name = "winograd 4x4 " #SET,                                                                            \
        .winograd_2_name = "winograd 2x2 " #SET,                                                                            \
        .convolve_tile = convolve_tile,                                                                                     \
        .convolve_planes = convolve_planes,                                                                                 \
        .convolve_depthwise = convolve_depthwise,                                                                           \
        .convolve_depthwise_pixels = convolve_depthwise_pixels,                                                             \
        .convolve_depthwise_band = convolve_depthwise_band,                                                                 \
        .convolve_grouped_band = convolve_grouped_band,                                                                     \
        .add_outer = add_outer,                                                                                             \
        .copy_patches = copy_patches,                                                                                       \
        .add_products = add_products,                                                                                       \
        .sum_runs = sum_runs,                                                                                               \
        .winograd_input_4 = winograd_input_4,                                                                               \
        .winograd_input_2 = winograd_input_2,                                                                               \
        .winograd_gradient_4 = winograd_gradient_4,                                                                         \
        .winograd_taps_4 = winograd_taps_4,                                                                                 \
        .winograd_output_4 = winograd_output_4,                                                                             \
        .winograd_output_2 = winograd_output_2,                                                                             \
        .max_rows = max_rows,                                                                                               \
        .sum_rows = sum_rows,                                                                                               \
        .max_windows = max_windows,                                                                                         \
        .sum_windows = sum_windows,                                                                                         \
        .spread_windows = spread_windows,                                                                                   \
        .activate = activate,                                                                                               \
        .softmax_rows = softmax_rows,                                                                                       \
        .add = add,                                                                                                         \
        .column_moments = column_moments,                                                                                   \
        .column_products = column_products,                                                                                 \
        .layer_products = layer_products,                                                                                   \
        .norm_rows = norm_rows,                                                                                             \
        .norm_gradient_rows = norm_gradient_rows,                                                                           \
        .row_moments = row_moments,                                                                                         \
        .row_products = row_products,                                                                                       \
        .layer_row = layer_row,                                                                                             \
        .layer_gradient_row = layer_gradient_row,                                                                           \
        .window_sums = window_sums,                                                                                         \
        .inverse_power = inverse_power,                                                                                     \
        .max_rows_indexed = max_rows_indexed,                                                                               \
        .weighted_rows = weighted_rows,                                                                                     \
        .activate_backward = activate_backward,                                                                             \
        .prelu = prelu,                                                                                                     \
        .prelu_backward = prelu_backward,                                                                                   \
        .binary = binary,                                                                                                   \
        .unary = unary,                                                                                                     \
        .sum = sum_elements,                                                                                                \
        .sum_of_squares = sum_of_squares,                                                                                   \
        .sum_of_exponentials = sum_of_exponentials,                                                                         \
        .scaled_exponentials = scaled_exponentials,                                                                         \
        .loss = loss,                                                                                                       \
        .optimize = optimize,                                                                                               \
        .transpose = transpose,                                                                                             \
        .resample = resample,                                                                                               \
        .random_words = random_words,                                                                                       \
        .random_uniform = random_uniform,                                                                                   \
        .random_normal = random_normal,                                                                                     \
        .drop = drop,                                                                                                       \
        .gemm_depth = GEMM_DEPTH,                                                                                           \
        .gemm_rows = 48,                                                                                                    \
        .gemm_columns = 1024,                                                                                               \
        .product_packed_name = "gemm packed " #SET,                                                                         \
        .product_plain_name = "gemm plain " #SET,                                                                           \
        .product_dots_name = "gemv dots " #SET,                                                                             \
        .product_sums_name = "gemv sums " #SET,                                                                             \
        .multiply_plain = multiply_plain,                                                                                   \
        .dot_rows = dot_rows,                                                                                               \
        .entropy_sums = entropy_sums,                                                                                       \
        .entropy_gradient = entropy_gradient,                                                                               \
        .winograd_filters_4 = winograd_filters_4,                                                                           \
        .winograd_filters_2 = winograd_filters_2,                                                                           \
        .max_windows_indexed = max_windows_indexed,                                                                         \
        .add_to_maxima = add_to_maxima,                                                                                     \
        .write_maxima = write_maxima,                                                                                       \
        .fill = fill,                                                                                                       \
        .range = range,                                                                                                     \
    }

#endif
