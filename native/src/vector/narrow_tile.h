/* narrow_tile.h - two convolution tiles of one vector of output channels, which convolve_tile.h includes for whole vectors
 * and, where an instruction set has them, for half ones: few channels would waste the other half of the multiply-adds. */

#define EACH(DO) DO(0) DO(1) DO(2) DO(3) DO(4) DO(5)
#define START(i) NARROW_VECTOR c##i = bias, d##i = bias;
#define POINT(i)                                                                                                            \
    p##i = rows[i];                                                                                                         \
    q##i = rows[below + i];
#define STEP(i)                                                                                                             \
    c##i = NARROW(fma)(NARROW(set)(p##i[k]), w, c##i);                                                                      \
    d##i = NARROW(fma)(NARROW(set)(q##i[k]), w, d##i);
#define STORE(i, sum)                                                                                                       \
    NARROW(store_tail)                                                                                                      \
    (tile->outputs[i] + tile->output_offset, tile->column_count,                                                            \
     NARROW(min)(upper, NARROW(max)(lower, sum))); /* a NaN passes */
#define FINISH(i, sum)                                                                                                      \
    if (tile->row_count > i) {                                                                                              \
        if (tile->residuals)                                                                                                \
            sum = NARROW(add)(sum, NARROW(load_tail)(tile->residuals[i] + tile->output_offset, tile->column_count));        \
        STORE(i, sum)                                                                                                       \
    }
#define STORE_ROW(i) STORE(i, c##i)
#define STORE_ROW_BELOW(i) STORE(TILE_ROWS + i, d##i)
#define STORE_OVER(i, sum)                                                                                                  \
    if ((i) < last)                                                                                                         \
        NARROW(store)(first + (i)*columns, NARROW(min)(upper, NARROW(max)(lower, sum)));                                    \
    else                                                                                                                    \
        STORE(i, sum)
#define STORE_ROW_OVER(i) STORE_OVER(i, c##i)
#define STORE_ROW_BELOW_OVER(i) STORE_OVER(TILE_ROWS + i, d##i)
#define FINISH_ROW(i) FINISH(i, c##i)
#define FINISH_ROW_BELOW(i) FINISH(TILE_ROWS + i, d##i)

static TILE_INLINE void NARROW_NAME(const cnn_tile *tile)
{
    const int64_t channels = tile->channels, below = tile->row_step > 0 ? tile->taps * TILE_ROWS : TILE_ROWS;
    int64_t offset = tile->channel_offset;
    const float *packed = tile->packed, *const *rows = tile->rows;
    const NARROW_VECTOR bias = NARROW(load)(tile->bias);
    const float *p0, *p1, *p2, *p3, *p4, *p5, *q0, *q1, *q2, *q3, *q4, *q5;
    EACH(START)
    EACH(POINT)
    for (int64_t t = 0; t < tile->taps; t++, offset += tile->tap_step) {
        for (int64_t k = offset; k < offset + channels; k++, packed += LANES) {
            const NARROW_VECTOR w = NARROW(load)(packed);
            EACH(STEP)
        }
        if (tile->row_step == 0)
            continue; /* the next tap has the same rows: a dozen pointers take longer than a few steps */
        rows += t + 1 < tile->taps ? tile->row_step : 0;
        EACH(POINT)
    }
    const NARROW_VECTOR lower = NARROW(set)(tile->lower), upper = NARROW(set)(tile->upper);
    if (tile->row_count == 2 * TILE_ROWS && !tile->residuals) { /* nearly always, and a fifth of a first layer otherwise */
        const int64_t columns = tile->column_count, last = 2 * TILE_ROWS - 1;
        float *first = tile->outputs[0];
        if (2 * columns >= NARROW_LANES && tile->outputs[last] - first == last * columns) {
            /* Pixels without a gap: whole vectors, whose ends the next pixel overwrites. Parts of vectors cost more. */
            EACH(STORE_ROW_OVER)
            EACH(STORE_ROW_BELOW_OVER)
            return;
        }
        EACH(STORE_ROW)
        EACH(STORE_ROW_BELOW)
        return;
    }
    EACH(FINISH_ROW)
    EACH(FINISH_ROW_BELOW)
}

#undef EACH
#undef START
#undef POINT
#undef STEP
#undef STORE
#undef FINISH
#undef STORE_ROW
#undef STORE_ROW_BELOW
#undef STORE_OVER
#undef STORE_ROW_OVER
#undef STORE_ROW_BELOW_OVER
#undef FINISH_ROW
#undef FINISH_ROW_BELOW
#undef NARROW_LANES
#undef NARROW_NAME
#undef NARROW_VECTOR
#undef NARROW
