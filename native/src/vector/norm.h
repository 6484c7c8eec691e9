/* norm.h - the kernels of the normalisations on vectors: sums of columns and of rows in float64, and the element-wise passes
 * that follow them. Totals of columns lie in memory, so rows are taken in groups that share one load and store of them. */
#ifndef CNN_VECTOR_NORM_H
#define CNN_VECTOR_NORM_H

#include "kernels.h"

#define NORM_ROWS 8 /* rows of a group */
#define HALF (LANES / 2)

static inline vfloat norm_load(const float *p, int64_t count)
{
    return count == LANES ? v_load(p) : v_load_tail(p, count);
}

static inline void norm_store(float *p, int64_t count, vfloat a)
{
    if (count == LANES)
        v_store(p, a);
    else
        v_store_tail(p, count, a);
}

/* Two totals for each lane of a vector. */
typedef struct lane_sums {
    vdouble first_low, first_high, second_low, second_high;
} lane_sums;

static inline lane_sums load_sums(const cnn_column_sums *work, int64_t i)
{
    lane_sums s = {v_load_double(work->first + i), v_load_double(work->first + i + HALF), v_load_double(work->second + i),
                   v_load_double(work->second + i + HALF)};
    return s;
}

static inline void store_sums(const cnn_column_sums *work, int64_t i, lane_sums s)
{
    v_store_double(work->first + i, s.first_low);
    v_store_double(work->first + i + HALF, s.first_high);
    v_store_double(work->second + i, s.second_low);
    v_store_double(work->second + i + HALF, s.second_high);
}

static inline void moments_of(const cnn_column_sums *work, int64_t row, int64_t rows, int64_t i, int64_t count)
{
    const vfloat center = norm_load(work->center + i, count);
    const vdouble low = v_widen_low(center), high = v_widen_high(center);
    lane_sums s = load_sums(work, i);
    for (int64_t r = row; r < row + rows; r++) {
        const vfloat x = norm_load(work->input + r * work->stride + i, count);
        const vdouble a = v_sub_double(v_widen_low(x), low), b = v_sub_double(v_widen_high(x), high);
        s.first_low = v_add_double(s.first_low, a);
        s.first_high = v_add_double(s.first_high, b);
        s.second_low = v_fma_double(a, a, s.second_low);
        s.second_high = v_fma_double(b, b, s.second_high);
    }
    store_sums(work, i, s);
}

/* The gradient, or 0 where the activation after the normalisation was not active. */
static inline vfloat active_gradient(vfloat dy, vfloat x, vfloat scale, vfloat offset)
{
    const vfloat zero = v_set(0.0f);
    return v_select(v_less(zero, v_fma(x, scale, offset)), dy, zero);
}

static inline void products_of(const cnn_column_sums *work, int64_t row, int64_t rows, int64_t i, int64_t count, int masked)
{
    const vfloat center = norm_load(work->center + i, count), zero = v_set(0.0f);
    const vfloat scale = masked ? norm_load(work->scale + i, count) : zero;
    const vfloat offset = masked ? norm_load(work->offset + i, count) : zero;
    const vdouble low = v_widen_low(center), high = v_widen_high(center);
    lane_sums s = load_sums(work, i);
    for (int64_t r = row; r < row + rows; r++) {
        const vfloat x = norm_load(work->input + r * work->stride + i, count);
        vfloat dy = norm_load(work->gradient + r * work->stride + i, count);
        if (masked) dy = active_gradient(dy, x, scale, offset);
        const vdouble a = v_widen_low(dy), b = v_widen_high(dy);
        s.first_low = v_add_double(s.first_low, a);
        s.first_high = v_add_double(s.first_high, b);
        s.second_low = v_fma_double(a, v_sub_double(v_widen_low(x), low), s.second_low);
        s.second_high = v_fma_double(b, v_sub_double(v_widen_high(x), high), s.second_high);
    }
    store_sums(work, i, s);
}

static inline void plain_products_of(const cnn_column_sums *work, int64_t row, int64_t rows, int64_t i, int64_t count)
{
    products_of(work, row, rows, i, count, 0);
}

static inline void masked_products_of(const cnn_column_sums *work, int64_t row, int64_t rows, int64_t i, int64_t count)
{
    products_of(work, row, rows, i, count, 1);
}

static inline void layer_products_of(const cnn_column_sums *work, int64_t row, int64_t rows, int64_t i, int64_t count)
{
    lane_sums s = load_sums(work, i);
    for (int64_t r = row; r < row + rows; r++) {
        const vdouble center = v_set_double(work->row_center[r]), factor = v_set_double(work->row_factor[r]);
        const vfloat x = norm_load(work->input + r * work->stride + i, count);
        const vfloat dy = norm_load(work->gradient + r * work->stride + i, count);
        const vdouble a = v_widen_low(dy), b = v_widen_high(dy);
        const vdouble low = v_mul_double(v_sub_double(v_widen_low(x), center), factor);
        const vdouble high = v_mul_double(v_sub_double(v_widen_high(x), center), factor);
        s.first_low = v_add_double(s.first_low, a);
        s.first_high = v_add_double(s.first_high, b);
        s.second_low = v_fma_double(a, low, s.second_low);
        s.second_high = v_fma_double(b, high, s.second_high);
    }
    store_sums(work, i, s);
}

#define CNN_COLUMNS(function)                                                                                               \
    for (int64_t row = 0; row < work->rows; row += NORM_ROWS) {                                                             \
        const int64_t rows = work->rows - row < NORM_ROWS ? work->rows - row : NORM_ROWS;                                   \
        int64_t i = 0;                                                                                                      \
        for (; i + LANES <= work->count; i += LANES)                                                                        \
            function(work, row, rows, i, LANES);                                                                            \
        if (i < work->count) function(work, row, rows, i, work->count - i);                                                 \
    }

static void column_moments(const cnn_column_sums *work)
{
    CNN_COLUMNS(moments_of)
}

static void column_products(const cnn_column_sums *work)
{
    if (work->scale) {
        CNN_COLUMNS(masked_products_of)
    } else {
        CNN_COLUMNS(plain_products_of)
    }
}

static void layer_products(const cnn_column_sums *work)
{
    CNN_COLUMNS(layer_products_of)
}

#undef CNN_COLUMNS

static inline void norm_lanes(const cnn_norm_rows *work, int64_t at, int64_t i, int64_t count)
{
    const vfloat x = norm_load(work->input + at, count);
    const vfloat y = v_fma(x, norm_load(work->scale + i, count), norm_load(work->offset + i, count));
    norm_store(work->output + at, count, v_max(v_set(work->lower), y));
}

static inline void norm_gradient_lanes(const cnn_norm_rows *work, int64_t at, int64_t i, int64_t count)
{
    const vfloat x = norm_load(work->input + at, count);
    vfloat dy = norm_load(work->gradient + at, count);
    if (work->scale) dy = active_gradient(dy, x, norm_load(work->scale + i, count), norm_load(work->offset + i, count));
    const vfloat rest = v_fma(x, norm_load(work->by_input + i, count), norm_load(work->constant + i, count));
    norm_store(work->output + at, count, v_fma(dy, norm_load(work->by_gradient + i, count), rest));
}

#define CNN_ROWS(function)                                                                                                  \
    for (int64_t r = 0; r < work->rows; r++) {                                                                              \
        int64_t i = 0;                                                                                                      \
        for (; i + LANES <= work->count; i += LANES)                                                                        \
            function(work, r * work->stride + i, i, LANES);                                                                 \
        if (i < work->count) function(work, r * work->stride + i, i, work->count - i);                                      \
    }

static void norm_rows(const cnn_norm_rows *given)
{
    const cnn_norm_rows copy = *given, *work = &copy; /* so that the compiler knows that no store changes it */
    CNN_ROWS(norm_lanes)
}

static void norm_gradient_rows(const cnn_norm_rows *given)
{
    const cnn_norm_rows copy = *given, *work = &copy;
    CNN_ROWS(norm_gradient_lanes)
}

#undef CNN_ROWS

static inline lane_sums no_sums(void)
{
    const vdouble zero = v_set_double(0);
    lane_sums s = {zero, zero, zero, zero};
    return s;
}

static inline void total_of(lane_sums s, lane_sums t, double *sums)
{
    sums[0] = v_sum_double(v_add_double(v_add_double(s.first_low, t.first_low), v_add_double(s.first_high, t.first_high)));
    sums[1] =
        v_sum_double(v_add_double(v_add_double(s.second_low, t.second_low), v_add_double(s.second_high, t.second_high)));
}

static inline void add_moments(lane_sums *s, vfloat x, vdouble center)
{
    const vdouble a = v_sub_double(v_widen_low(x), center), b = v_sub_double(v_widen_high(x), center);
    s->first_low = v_add_double(s->first_low, a);
    s->first_high = v_add_double(s->first_high, b);
    s->second_low = v_fma_double(a, a, s->second_low);
    s->second_high = v_fma_double(b, b, s->second_high);
}

static void row_moments(int64_t count, const float *input, float center, double *sums)
{
    const vdouble middle = v_set_double(center);
    lane_sums s = no_sums(), t = no_sums(); /* two, for the latency of an addition */
    int64_t i = 0;
    for (; i + 2 * LANES <= count; i += 2 * LANES) {
        add_moments(&s, v_load(input + i), middle);
        add_moments(&t, v_load(input + i + LANES), middle);
    }
    for (; i < count; i += LANES) {
        const int64_t left = count - i < LANES ? count - i : LANES;
        add_moments(&s, v_select(v_first_lanes(left), v_load_tail(input + i, left), v_set(center)), middle);
    }
    total_of(s, t, sums);
}

static inline void add_lane_products(lane_sums *s, vfloat dy, vfloat gamma, vfloat x, vdouble center)
{
    const vdouble a = v_mul_double(v_widen_low(dy), v_widen_low(gamma));
    const vdouble b = v_mul_double(v_widen_high(dy), v_widen_high(gamma));
    s->first_low = v_add_double(s->first_low, a);
    s->first_high = v_add_double(s->first_high, b);
    s->second_low = v_fma_double(a, v_sub_double(v_widen_low(x), center), s->second_low);
    s->second_high = v_fma_double(b, v_sub_double(v_widen_high(x), center), s->second_high);
}

static void row_products(int64_t count, const float *gradient, const float *gamma, const float *input, float center,
                         double *sums)
{
    const vdouble middle = v_set_double(center);
    const vfloat one = v_set(1.0f);
    lane_sums s = no_sums(), t = no_sums();
    int64_t i = 0;
    for (; i + 2 * LANES <= count; i += 2 * LANES) {
        const int64_t j = i + LANES;
        add_lane_products(&s, v_load(gradient + i), gamma ? v_load(gamma + i) : one, v_load(input + i), middle);
        add_lane_products(&t, v_load(gradient + j), gamma ? v_load(gamma + j) : one, v_load(input + j), middle);
    }
    for (; i < count; i += LANES) {
        const int64_t left = count - i < LANES ? count - i : LANES;
        const vfloat x = v_select(v_first_lanes(left), v_load_tail(input + i, left), v_set(0.0f));
        add_lane_products(&s, v_load_tail(gradient + i, left), gamma ? v_load_tail(gamma + i, left) : one, x, middle);
    }
    total_of(s, t, sums);
}

static void layer_row(int64_t count, const float *input, float factor, float offset, const float *gamma, const float *beta,
                      float *output)
{
    const vfloat by = v_set(factor), plus = v_set(offset), one = v_set(1.0f), zero = v_set(0.0f);
    for (int64_t i = 0; i < count; i += LANES) {
        const int64_t left = count - i < LANES ? count - i : LANES;
        const vfloat normal = v_fma(norm_load(input + i, left), by, plus);
        const vfloat y = v_fma(normal, gamma ? norm_load(gamma + i, left) : one, beta ? norm_load(beta + i, left) : zero);
        norm_store(output + i, left, y);
    }
}

static void layer_gradient_row(int64_t count, const float *gradient, const float *gamma, const float *input,
                               const float *coefficients, float *output)
{
    const vfloat a = v_set(coefficients[0]), b = v_set(coefficients[1]), c = v_set(coefficients[2]), one = v_set(1.0f);
    for (int64_t i = 0; i < count; i += LANES) {
        const int64_t left = count - i < LANES ? count - i : LANES;
        const vfloat w = v_mul(norm_load(gradient + i, left), gamma ? norm_load(gamma + i, left) : one);
        norm_store(output + i, left, v_fma(a, w, v_fma(b, norm_load(input + i, left), c)));
    }
}

#undef HALF
#undef NORM_ROWS

#endif
