/* planes.h - convolutions whose vectors are neighbouring pixels of a plane, for so few output channels that vectors of those
 * would be mostly empty. The includer defines PLANE_SUMS, the sums that stay in registers beside the pixels and a weight:
 * each vector of pixels that is loaded goes into up to PLANE_OUTPUTS sums, each weight into up to four.
 *
 * The loop is compiled once for each number of channels and vectors. Sums are named for the reason that convolve_tile.h
 * tells. */
#ifndef CNN_VECTOR_PLANES_H
#define CNN_VECTOR_PLANES_H

#include "kernels.h"
#include "vector/convolve_tile.h"

#if PLANE_SUMS == 24
#define PLANE_OUTPUTS 8
#define PLANE_VECTORS(outputs) ((outputs) > 6 ? 3 : 4)
#elif PLANE_SUMS == 12
#define PLANE_OUTPUTS 6
#define PLANE_VECTORS(outputs) ((outputs) > 4 ? 2 : 3)
#endif

/* Keeps a vector in its register: compilers take the vectors of pixels for cheap enough to be loaded again for each sum. */
#if defined(__GNUC__) && defined(__x86_64__)
#define KEEP(x) __asm__("" : "+v"(x))
#elif defined(__GNUC__) && defined(__aarch64__)
#define KEEP(x) __asm__("" : "+w"(x))
#else
#define KEEP(x) ((void)(x))
#endif

#if PLANE_OUTPUTS > 6
#define EACH_OUTPUT(DO) DO(0) DO(1) DO(2) DO(3) DO(4) DO(5) DO(6) DO(7)
#else
#define EACH_OUTPUT(DO) DO(0) DO(1) DO(2) DO(3) DO(4) DO(5)
#endif
#define START(i) vfloat a##i = v_set(work->bias[outputs > i ? i : 0]), b##i = a##i, c##i = a##i, d##i = a##i;
#define STEP(i)                                                                                                             \
    if (outputs > i) {                                                                                                      \
        const vfloat w = v_set(packed[i]);                                                                                  \
        a##i = v_fma(x0, w, a##i);                                                                                          \
        if (vectors > 1) b##i = v_fma(x1, w, b##i);                                                                         \
        if (vectors > 2) c##i = v_fma(x2, w, c##i);                                                                         \
        if (vectors > 3) d##i = v_fma(x3, w, d##i);                                                                         \
    }
#define STORE(v, i, sum)                                                                                                    \
    v_store(to[v] + work->output_offset + i * work->output_step, v_min(upper, v_max(lower, sum))); /* a NaN passes */
#define FINISH(i)                                                                                                           \
    if (outputs > i) {                                                                                                      \
        STORE(0, i, a##i)                                                                                                   \
        if (vectors > 1) STORE(1, i, b##i)                                                                                  \
        if (vectors > 2) STORE(2, i, c##i)                                                                                  \
        if (vectors > 3) STORE(3, i, d##i)                                                                                  \
    }

static TILE_INLINE void convolve_plane_vectors(const cnn_planes *work, int64_t first, const int outputs, const int vectors)
{
    const float *const *from = work->inputs + first, *packed = work->packed;
    const float *p0 = from[0], *p1 = vectors > 1 ? from[1] : p0, *p2 = vectors > 2 ? from[2] : p0;
    const float *p3 = vectors > 3 ? from[3] : p0;
    const int64_t across = work->across * work->across_step;
    EACH_OUTPUT(START)
    for (int64_t y = 0; y < work->down; y++) {
        int64_t line = y * work->down_step;
        for (int64_t c = 0; c < work->channels; c++, line += work->channel_step)
            for (int64_t at = line; at < line + across; at += work->across_step, packed += outputs) {
                vfloat x0 = v_load(p0 + at), x1 = vectors > 1 ? v_load(p1 + at) : x0;
                vfloat x2 = vectors > 2 ? v_load(p2 + at) : x0, x3 = vectors > 3 ? v_load(p3 + at) : x0;
                KEEP(x0);
                if (vectors > 1) KEEP(x1);
                if (vectors > 2) KEEP(x2);
                if (vectors > 3) KEEP(x3);
                EACH_OUTPUT(STEP)
            }
    }
    const vfloat lower = v_set(work->lower), upper = v_set(work->upper);
    float *const *to = work->outputs + first;
    EACH_OUTPUT(FINISH)
}

#undef EACH_OUTPUT
#undef START
#undef STEP
#undef STORE
#undef FINISH
#undef KEEP

static TILE_INLINE void convolve_plane_outputs(const cnn_planes *work, const int outputs)
{
    const int64_t most = PLANE_VECTORS(outputs);
    int64_t v = 0;
    for (; v + most <= work->vector_count; v += most)
        convolve_plane_vectors(work, v, outputs, PLANE_VECTORS(outputs));
    switch (work->vector_count - v) {
    case 1:
        convolve_plane_vectors(work, v, outputs, 1);
        break;
    case 2:
        if (PLANE_VECTORS(outputs) > 2) convolve_plane_vectors(work, v, outputs, 2);
        break;
    case 3:
        if (PLANE_VECTORS(outputs) > 3) convolve_plane_vectors(work, v, outputs, 3);
        break;
    default:
        break;
    }
}

static void convolve_planes(const cnn_planes *given)
{
    const cnn_planes copy = *given, *work = &copy; /* so that the compiler knows that no store changes it */
    switch (work->output_count) {
    case 1:
        convolve_plane_outputs(work, 1);
        break;
    case 2:
        convolve_plane_outputs(work, 2);
        break;
    case 3:
        convolve_plane_outputs(work, 3);
        break;
    case 4:
        convolve_plane_outputs(work, 4);
        break;
    case 5:
        convolve_plane_outputs(work, 5);
        break;
#if PLANE_OUTPUTS > 6
    case 6:
        convolve_plane_outputs(work, 6);
        break;
    case 7:
        convolve_plane_outputs(work, 7);
        break;
#endif
    default:
        convolve_plane_outputs(work, PLANE_OUTPUTS);
        break;
    }
}

#endif
