/* narrow_tile.h - two convolution tiles of one vector of output channels, which convolve_tile.h includes for whole vectors
 * and, where an instruction set has them, for half ones: few channels would waste the other half of the multiply-adds. */

#define EACH(DO) DO(0) DO(1) DO(2) DO(3) DO(4) DO(5)
#define START(i) NARROW_VECTOR c##i = bias, d##i = bias;
#define POINT(i) const float *p##i = rows[i] + offset, *q##i = rows[below + i] + offset;
#define STEP(i)                                                                                                             \
    c##i = NARROW(fma)(NARROW(set)(p##i[k]), w, c##i);                                                                      \
    d##i = NARROW(fma)(NARROW(set)(q##i[k]), w, d##i);
#define FINISH(i, sum)                                                                                                      \
    if (tile->row_count > i) {                                                                                              \
        if (tile->residuals)                                                                                                \
            sum = NARROW(add)(sum, NARROW(load_tail)(tile->residuals[i] + tile->output_offset, tile->column_count));        \
        sum = NARROW(min)(upper, NARROW(max)(lower, sum)); /* a NaN passes */                                               \
        NARROW(store_tail)(tile->outputs[i] + tile->output_offset, tile->column_count, sum);                                \
    }
#define FINISH_ROW(i) FINISH(i, c##i)
#define FINISH_ROW_BELOW(i) FINISH(TILE_ROWS + i, d##i)

static TILE_INLINE void NARROW_NAME(const cnn_tile *tile)
{
    const int64_t channels = tile->channels, below = tile->row_step > 0 ? tile->taps * TILE_ROWS : TILE_ROWS;
    int64_t offset = tile->channel_offset;
    const float *packed = tile->packed, *const *rows = tile->rows;
    const NARROW_VECTOR bias = NARROW(load)(tile->bias);
    EACH(START)
    for (int64_t t = 0; t < tile->taps; t++, rows += tile->row_step, offset += tile->tap_step) {
        EACH(POINT)
        for (int64_t k = 0; k < channels; k++, packed += LANES) {
            const NARROW_VECTOR w = NARROW(load)(packed);
            EACH(STEP)
        }
    }
    const NARROW_VECTOR lower = NARROW(set)(tile->lower), upper = NARROW(set)(tile->upper);
    EACH(FINISH_ROW)
    EACH(FINISH_ROW_BELOW)
}

#undef EACH
#undef START
#undef POINT
#undef STEP
#undef FINISH
#undef FINISH_ROW
#undef FINISH_ROW_BELOW
#undef NARROW_NAME
#undef NARROW_VECTOR
#undef NARROW
