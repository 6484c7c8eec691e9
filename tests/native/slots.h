/* slots.h - every member of the kernel table, in its order, and what the comparisons of its kernels with the portable ones
 * share. test_slots.c makes a structure of this list: a kernel that is added to the table and not here does not compile. */
#ifndef SLOTS_H
#define SLOTS_H

#include "check.h"
#include "kernels.h"

/* DATA has a type; NAMED is text; COMPARED is a kernel that slot_cases runs beside the portable one; COVERED is one that an
 * operator hands the caller's own memory, over all tails and gaps and against float64: its test would only be repeated here.
 * These are the transforms of Winograd's convolutions and the outer products of gradients, for which test_conv2d.c and
 * test_conv2d_gradient.c draw channels, strides and groups; targets with soft labels (test_loss.c), maxima with their
 * positions (test_pool.c), constants and ranges (test_gather.c): all with guard pages on both sides. */
#define SLOTS(DATA, NAMED, COMPARED, COVERED)                                                                               \
    DATA(cnn_isa, isa)                                                                                                      \
    DATA(int32_t, tile_rows)                                                                                                \
    DATA(int32_t, tile_columns)                                                                                             \
    DATA(int32_t, column_step)                                                                                              \
    DATA(int32_t, tall_columns)                                                                                             \
    DATA(int32_t, tall_tile_rows)                                                                                           \
    DATA(int32_t, rows_per_block)                                                                                           \
    DATA(int32_t, plane_outputs)                                                                                            \
    DATA(int32_t, depthwise_block)                                                                                          \
    DATA(int32_t, band_rows)                                                                                                \
    DATA(int32_t, outer_rows)                                                                                               \
    DATA(int32_t, outer_columns)                                                                                            \
    DATA(int32_t, lanes)                                                                                                    \
    NAMED(gemm_name)                                                                                                        \
    NAMED(depthwise_name)                                                                                                   \
    NAMED(grouped_name)                                                                                                     \
    NAMED(scatter_name)                                                                                                     \
    NAMED(planes_name)                                                                                                      \
    NAMED(winograd_4_name)                                                                                                  \
    NAMED(winograd_2_name)                                                                                                  \
    COMPARED(convolve_tile)                                                                                                 \
    COMPARED(convolve_planes)                                                                                               \
    COMPARED(convolve_depthwise)                                                                                            \
    COMPARED(convolve_depthwise_pixels)                                                                                     \
    COMPARED(convolve_depthwise_band)                                                                                       \
    COMPARED(convolve_grouped_band)                                                                                         \
    COVERED(add_outer)                                                                                                      \
    COVERED(copy_patches)                                                                                                   \
    COMPARED(add_products)                                                                                                  \
    COMPARED(sum_runs)                                                                                                      \
    COVERED(winograd_input_4)                                                                                               \
    COVERED(winograd_input_2)                                                                                               \
    COVERED(winograd_gradient_4)                                                                                            \
    COVERED(winograd_taps_4)                                                                                                \
    COVERED(winograd_output_4)                                                                                              \
    COVERED(winograd_output_2)                                                                                              \
    COMPARED(max_rows)                                                                                                      \
    COMPARED(sum_rows)                                                                                                      \
    COMPARED(max_windows)                                                                                                   \
    COMPARED(sum_windows)                                                                                                   \
    COMPARED(spread_windows)                                                                                                \
    COMPARED(activate)                                                                                                      \
    COMPARED(softmax_rows)                                                                                                  \
    COMPARED(add)                                                                                                           \
    COMPARED(column_moments)                                                                                                \
    COMPARED(column_products)                                                                                               \
    COMPARED(layer_products)                                                                                                \
    COMPARED(norm_rows)                                                                                                     \
    COMPARED(norm_gradient_rows)                                                                                            \
    COMPARED(row_moments)                                                                                                   \
    COMPARED(row_products)                                                                                                  \
    COMPARED(layer_row)                                                                                                     \
    COMPARED(layer_gradient_row)                                                                                            \
    COMPARED(window_sums)                                                                                                   \
    COMPARED(inverse_power)                                                                                                 \
    COMPARED(max_rows_indexed)                                                                                              \
    COMPARED(weighted_rows)                                                                                                 \
    COMPARED(activate_backward)                                                                                             \
    COMPARED(prelu)                                                                                                         \
    COMPARED(prelu_backward)                                                                                                \
    COMPARED(binary)                                                                                                        \
    COMPARED(unary)                                                                                                         \
    COMPARED(sum)                                                                                                           \
    COMPARED(sum_of_squares)                                                                                                \
    COMPARED(sum_of_exponentials)                                                                                           \
    COMPARED(scaled_exponentials)                                                                                           \
    COMPARED(loss)                                                                                                          \
    COMPARED(optimize)                                                                                                      \
    COMPARED(transpose)                                                                                                     \
    COMPARED(resample)                                                                                                      \
    COMPARED(random_words)                                                                                                  \
    COMPARED(random_uniform)                                                                                                \
    COMPARED(random_normal)                                                                                                 \
    COMPARED(drop)                                                                                                          \
    DATA(int32_t, gemm_depth)                                                                                               \
    DATA(int32_t, gemm_rows)                                                                                                \
    DATA(int32_t, gemm_columns)                                                                                             \
    NAMED(product_packed_name)                                                                                              \
    NAMED(product_plain_name)                                                                                               \
    NAMED(product_dots_name)                                                                                                \
    NAMED(product_sums_name)                                                                                                \
    COMPARED(multiply_plain)                                                                                                \
    COMPARED(dot_rows)                                                                                                      \
    COVERED(entropy_sums)                                                                                                   \
    COVERED(entropy_gradient)                                                                                               \
    COVERED(winograd_filters_4)                                                                                             \
    COVERED(winograd_filters_2)                                                                                             \
    COVERED(max_windows_indexed)                                                                                            \
    COVERED(add_to_maxima)                                                                                                  \
    COVERED(write_maxima)                                                                                                   \
    COVERED(fill)                                                                                                           \
    COVERED(range)

/* One comparison: `count` is the length that the kernel's loop runs over, and the memory lies against `side`. */
typedef struct slot_room {
    const cnn_kernels *tested;
    const cnn_kernels *portable;
    int64_t count;
    check_side side;
    check_random random;
} slot_room;

/* Runs the kernel of the name and the portable one on the same inputs, and compares. */
#define SLOT_NOTHING_2(type, name)
#define SLOT_NOTHING(name)
#define SLOT_CASE(name) void slot_##name(slot_room *room);
SLOTS(SLOT_NOTHING_2, SLOT_NOTHING, SLOT_CASE, SLOT_NOTHING)
#undef SLOT_CASE

/* Unit roundoff of float32. All inputs are at most 1 in magnitude unless a case says otherwise, so that a sum of n products
 * is within (n + 2) n u of the exact one in any order (Higham 2002, section 4.2). */
#define SLOT_UNIT 0x1p-24
double slot_sum_bound(int64_t terms);

/* Guarded memory, which check_release takes away; no byte of an empty one may be touched. */
float *slot_empty(const slot_room *room, int64_t count); /* NaN */
float *slot_given(slot_room *room, int64_t count);       /* -1 to 1 */
float *slot_copy(const slot_room *room, const float *of, int64_t count);

/* `count` rows of a matrix that has NaN between them; the last row ends the memory. */
float *slot_matrix(slot_room *room, int64_t rows, int64_t columns, int64_t stride);

/* Checks each element within the bound, and NaN with NaN. */
void slot_near(const float *found, const float *expected, int64_t count, double bound, const char *what);

#endif
