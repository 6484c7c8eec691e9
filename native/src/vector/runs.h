/* runs.h - the second half of a transposed convolution: each pixel of a row of output takes its elements of the products of
 * all pixels whose windows cover it. Taken, not added by those pixels, because windows overlap, and a vector that is loaded
 * where another one was just stored waits for it. */
#ifndef CNN_VECTOR_RUNS_H
#define CNN_VECTOR_RUNS_H

#include "kernels.h"
#include "vector/convolve_tile.h"

/* The products of one output pixel: `count` of them, from `products` on, `step` elements apart. */
typedef struct run_terms {
    const float *products;
    int64_t step;
    int64_t count;
} run_terms;

/* Output pixel `place`, counted from the first one that a window reaches, sees pixels from (place - window) / stride on. */
static TILE_INLINE run_terms terms_of(const cnn_runs *work, int64_t place, const int strided)
{
    const int64_t stride = strided ? work->stride : 1, beyond = place - work->window;
    const int64_t first = beyond < 0 ? 0 : strided ? beyond / stride + 1 : beyond + 1;
    const int64_t reached = strided ? place / stride : place, last = reached < work->pixels ? reached : work->pixels - 1;
    return (run_terms){work->products + first * work->pitch + (place - first * stride) * work->channels,
                       work->pitch - stride * work->channels, last - first + 1};
}

/* Pixels without gaps are stored as whole vectors while what is too much belongs to pixels that come later. */
static TILE_INLINE void sum_run_vectors(const cnn_runs *work, const int strided)
{
    const int64_t channels = work->channels, whole = work->output_step == channels ? work->outputs * channels - LANES : -1;
    for (int64_t x = 0; x < work->outputs; x++) {
        const run_terms terms = terms_of(work, x + work->padding, strided);
        for (int64_t c = 0; c < channels; c += LANES) {
            const int64_t at = x * work->output_step + c, left = channels - c;
            vfloat sum = v_load_tail(work->bias + c, left < LANES ? left : LANES);
            for (int64_t i = 0; i < terms.count; i++)
                sum = v_add(sum, v_load(terms.products + i * terms.step + c));
            if (left >= LANES || at <= whole)
                v_store(work->output + at, sum);
            else
                v_store_tail(work->output + at, left, sum);
        }
    }
}

#if defined(VECTOR_HAS_HALVES)
static TILE_INLINE void sum_run_halves(const cnn_runs *work, const int strided)
{
    const int64_t channels = work->channels,
                  whole = work->output_step == channels ? work->outputs * channels - LANES / 2 : -1;
    const vhalf bias = h_load_tail(work->bias, channels);
    for (int64_t x = 0; x < work->outputs; x++) {
        const run_terms terms = terms_of(work, x + work->padding, strided);
        const int64_t at = x * work->output_step;
        vhalf sum = bias;
        for (int64_t i = 0; i < terms.count; i++)
            sum = h_add(sum, h_load(terms.products + i * terms.step));
        if (at <= whole)
            h_store(work->output + at, sum);
        else
            h_store_tail(work->output + at, channels, sum);
    }
}
#endif

static void sum_runs(const cnn_runs *given)
{
    const cnn_runs copy = *given, *work = &copy; /* so that the compiler knows that no store changes it */
#if defined(VECTOR_HAS_HALVES)
    if (work->channels <= LANES / 2 && work->stride == 1) return sum_run_halves(work, 0);
    if (work->channels <= LANES / 2) return sum_run_halves(work, 1);
#endif
    if (work->stride == 1) return sum_run_vectors(work, 0);
    sum_run_vectors(work, 1);
}

#endif
