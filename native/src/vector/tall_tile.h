/* tall_tile.h - two convolution tiles of two vectors of output channels at once, which convolve_tile.h includes: 12 pixels
 * by two vectors read half as many weights for each multiply-add as 6 by four. Weights that come from memory can keep up so.
 */

#define EACH(DO) DO(0) DO(1) DO(2) DO(3) DO(4) DO(5)
#define START(i) vfloat c##i##0 = b0, c##i##1 = b1, d##i##0 = b0, d##i##1 = b1;
#define POINT(i)                                                                                                            \
    p##i = rows[i] + offset;                                                                                                \
    q##i = rows[below + i] + offset;
#define STEP(i)                                                                                                             \
    x = v_set(p##i[k]);                                                                                                     \
    c##i##0 = v_fma(x, w0, c##i##0);                                                                                        \
    c##i##1 = v_fma(x, w1, c##i##1);
#define STEP_BELOW(i)                                                                                                       \
    x = v_set(q##i[k]);                                                                                                     \
    d##i##0 = v_fma(x, w0, d##i##0);                                                                                        \
    d##i##1 = v_fma(x, w1, d##i##1);
#define FINISH(i, sum)                                                                                                      \
    if (tile->row_count > i) {                                                                                              \
        float *output = tile->outputs[i] + tile->output_offset;                                                             \
        if (tile->residuals) {                                                                                              \
            const float *residual = tile->residuals[i] + tile->output_offset;                                               \
            sum##0 = v_add(sum##0, v_load(residual));                                                                       \
            sum##1 = v_add(sum##1, load_columns(residual + LANES, left));                                                   \
        }                                                                                                                   \
        store_columns(output, sum##0, lower, upper, LANES);                                                                 \
        store_columns(output + LANES, sum##1, lower, upper, left);                                                          \
    }
#define FINISH_ROW(i) FINISH(i, c##i)
#define FINISH_ROW_BELOW(i) FINISH(TILE_ROWS + i, d##i)

static TILE_INLINE void convolve_tall(const cnn_tile *tile, const int fetches)
{
    const int64_t channels = tile->channels, below = tile->row_step > 0 ? tile->taps * TILE_ROWS : TILE_ROWS;
    int64_t offset = tile->channel_offset;
    const float *packed = tile->packed, *ahead = tile->ahead, *const *rows = tile->rows;
    const vfloat b0 = v_load(tile->bias), b1 = v_load(tile->bias + LANES);
    EACH(START)
    for (int64_t t = 0; t < tile->taps; t++, rows += tile->row_step, offset += tile->tap_step) {
        const float *p0, *p1, *p2, *p3, *p4, *p5, *q0, *q1, *q2, *q3, *q4, *q5;
        EACH(POINT)
        for (int64_t k = 0; k < channels; k++, packed += 2 * LANES) {
            const vfloat w0 = v_load(packed), w1 = v_load(packed + LANES);
            vfloat x;
            if (fetches) CNN_PREFETCH(ahead, 2);
            ahead += fetches * CNN_LINE;
            EACH(STEP)
            EACH(STEP_BELOW)
        }
    }
    const vfloat lower = v_set(tile->lower), upper = v_set(tile->upper);
    const int64_t left = tile->column_count - LANES;
    EACH(FINISH_ROW)
    EACH(FINISH_ROW_BELOW)
}

#undef EACH
#undef START
#undef POINT
#undef STEP
#undef STEP_BELOW
#undef FINISH
#undef FINISH_ROW
#undef FINISH_ROW_BELOW
