/* slots_norm.c - the kernels of normalisations beside the portable ones: columns of matrices with NaN in their gaps, totals
 * whose room beyond the last column is NaN, and rows with and without gamma and beta. */
#include "slots.h"

#include <math.h>

/* Each of n terms is at most 4, products of float32 are exact in float64, and so a sum of them is within 4 n n 2^-53. */
static double double_bound(int64_t terms)
{
    return 4 * (double)(terms + 2) * (double)(terms + 2) * 0x1p-53;
}

/* Totals of `count` columns: room for the next multiple of 16, of which the rest is NaN. */
static double *make_totals(const slot_room *room)
{
    const int64_t wide = (room->count + 15) / 16 * 16;
    double *totals = (double *)(void *)slot_empty(room, 2 * wide);
    for (int64_t i = 0; i < wide; i++)
        totals[i] = i < room->count ? 0.5 : (double)NAN;
    return totals;
}

static void near_totals(const double *found, const double *expected, int64_t count, double bound, const char *what)
{
    for (int64_t i = 0; i < count; i++)
        if (!check_near(found[i], expected[i], bound, what, i)) return;
}

typedef void column_kernel(const cnn_column_sums *work);

static void compare_columns(slot_room *room, column_kernel *tested, column_kernel *portable, cnn_column_sums work,
                            const char *what)
{
    cnn_column_sums same = work;
    work.first = make_totals(room);
    work.second = make_totals(room);
    same.first = make_totals(room);
    same.second = make_totals(room);
    tested(&work);
    portable(&same);
    near_totals(work.first, same.first, room->count, double_bound(work.rows), what);
    near_totals(work.second, same.second, room->count, double_bound(work.rows), what);
}

static cnn_column_sums make_columns(slot_room *room, int has_gradient)
{
    cnn_column_sums work = {.rows = check_range(&room->random, 0, 21), .stride = room->count + 7, .count = room->count};
    work.input = slot_matrix(room, work.rows, room->count, work.stride);
    if (has_gradient) work.gradient = slot_matrix(room, work.rows, room->count, work.stride);
    return work;
}

void slot_column_moments(slot_room *room)
{
    cnn_column_sums work = make_columns(room, 0);
    work.center = slot_given(room, room->count);
    compare_columns(room, room->tested->column_moments, room->portable->column_moments, work, "column_moments");
}

void slot_column_products(slot_room *room)
{
    cnn_column_sums work = make_columns(room, 1);
    work.center = slot_given(room, room->count);
    compare_columns(room, room->tested->column_products, room->portable->column_products, work, "column_products");
    work.scale = slot_given(room, room->count);
    work.offset = slot_given(room, room->count);
    compare_columns(room, room->tested->column_products, room->portable->column_products, work, "masked column_products");
}

void slot_layer_products(slot_room *room)
{
    cnn_column_sums work = make_columns(room, 1);
    work.row_center = slot_given(room, work.rows);
    work.row_factor = slot_given(room, work.rows);
    compare_columns(room, room->tested->layer_products, room->portable->layer_products, work, "layer_products");
}

typedef void norm_kernel(const cnn_norm_rows *work);

/* Gaps of the output are NaN on both sides; two products and a sum of numbers up to 1. */
static void compare_norm(slot_room *room, norm_kernel *tested, norm_kernel *portable, cnn_norm_rows work, const char *what)
{
    cnn_norm_rows same = work;
    const int64_t outputs = (work.rows - 1) * work.stride + room->count;
    work.output = slot_empty(room, outputs);
    same.output = slot_empty(room, outputs);
    tested(&work);
    portable(&same);
    slot_near(work.output, same.output, outputs, slot_sum_bound(3), what);
}

static cnn_norm_rows make_norm(slot_room *room)
{
    cnn_norm_rows work = {.rows = check_range(&room->random, 1, 5), .stride = room->count + 5, .count = room->count};
    work.input = slot_matrix(room, work.rows, room->count, work.stride);
    work.scale = slot_given(room, room->count);
    work.offset = slot_given(room, room->count);
    return work;
}

void slot_norm_rows(slot_room *room)
{
    cnn_norm_rows work = make_norm(room);
    work.lower = -INFINITY;
    compare_norm(room, room->tested->norm_rows, room->portable->norm_rows, work, "norm_rows");
    work.lower = 0;
    compare_norm(room, room->tested->norm_rows, room->portable->norm_rows, work, "norm_rows with ReLU");
}

void slot_norm_gradient_rows(slot_room *room)
{
    cnn_norm_rows work = make_norm(room);
    work.gradient = slot_matrix(room, work.rows, room->count, work.stride);
    work.by_gradient = slot_given(room, room->count);
    work.by_input = slot_given(room, room->count);
    work.constant = slot_given(room, room->count);
    compare_norm(room, room->tested->norm_gradient_rows, room->portable->norm_gradient_rows, work, "masked norm_gradient");
    work.scale = work.offset = NULL;
    compare_norm(room, room->tested->norm_gradient_rows, room->portable->norm_gradient_rows, work, "norm_gradient_rows");
}

void slot_row_moments(slot_room *room)
{
    const float *input = slot_given(room, room->count);
    double found[2] = {NAN, NAN}, expected[2];
    room->tested->row_moments(room->count, input, 0.25f, found);
    room->portable->row_moments(room->count, input, 0.25f, expected);
    near_totals(found, expected, 2, double_bound(room->count), "row_moments");
}

void slot_row_products(slot_room *room)
{
    const float *gradient = slot_given(room, room->count), *input = slot_given(room, room->count);
    const float *gamma = slot_given(room, room->count);
    for (int has_gamma = 0; has_gamma < 2; has_gamma++) {
        double found[2] = {NAN, NAN}, expected[2];
        room->tested->row_products(room->count, gradient, has_gamma ? gamma : NULL, input, 0.25f, found);
        room->portable->row_products(room->count, gradient, has_gamma ? gamma : NULL, input, 0.25f, expected);
        near_totals(found, expected, 2, double_bound(room->count), "row_products");
    }
}

void slot_layer_row(slot_room *room)
{
    const float *input = slot_given(room, room->count), *gamma = slot_given(room, room->count);
    const float *beta = slot_given(room, room->count);
    for (int affine = 0; affine < 4; affine++) {
        const float *by = affine & 1 ? gamma : NULL, *plus = affine & 2 ? beta : NULL;
        float *found = slot_empty(room, room->count), *expected = slot_empty(room, room->count);
        room->tested->layer_row(room->count, input, 0.75f, 0.5f, by, plus, found);
        room->portable->layer_row(room->count, input, 0.75f, 0.5f, by, plus, expected);
        slot_near(found, expected, room->count, slot_sum_bound(3), "layer_row");
    }
}

void slot_layer_gradient_row(slot_room *room)
{
    static const float coefficients[] = {0.75f, -0.5f, 0.25f};
    const float *gradient = slot_given(room, room->count), *input = slot_given(room, room->count);
    const float *gamma = slot_given(room, room->count);
    for (int has_gamma = 0; has_gamma < 2; has_gamma++) {
        float *found = slot_empty(room, room->count), *expected = slot_empty(room, room->count);
        const float *by = has_gamma ? gamma : NULL;
        room->tested->layer_gradient_row(room->count, gradient, by, input, coefficients, found);
        room->portable->layer_gradient_row(room->count, gradient, by, input, coefficients, expected);
        slot_near(found, expected, room->count, slot_sum_bound(3), "layer_gradient_row");
    }
}
