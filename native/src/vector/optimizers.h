/* optimizers.h - one step of each optimiser in one pass over memory: everything is read once and written once. */
#ifndef CNN_VECTOR_OPTIMIZERS_H
#define CNN_VECTOR_OPTIMIZERS_H

#include "kernels.h"

typedef struct optimizer_state {
    vfloat parameter, gradient, first, second;
} optimizer_state;

/* `has_first`, `has_second` and `adaptive` are constants where this is inlined. */
static inline optimizer_state optimizer_update(const cnn_optimizer_work *work, optimizer_state s, int has_first,
                                               int has_second, int adaptive)
{
    const vfloat p = v_mul(s.parameter, v_set(work->shrink));
    const vfloat scaled = v_mul(s.gradient, v_set(work->scale));
    const vfloat g = work->decay == 0 ? scaled : v_fma(v_set(work->decay), p, scaled); /* 0 times infinity is NaN */
    vfloat root = v_set(1.0f), mean = g;
    if (has_second) {
        s.second = v_fma(v_set(work->keep2), s.second, v_mul(v_mul(v_set(work->take2), g), g));
        root = v_fma(v_sqrt(s.second), v_set(work->inverse), v_set(work->epsilon));
        if (!adaptive) mean = v_div(g, root);
    }
    if (has_first) {
        const vfloat pushed = mean;
        s.first = mean = v_fma(v_set(work->keep1), s.first, v_mul(v_set(work->take1), mean));
        if (work->nesterov) mean = v_fma(v_set(work->keep1), mean, pushed);
    }
    s.parameter = v_fnma(v_set(work->rate), adaptive ? v_div(mean, root) : mean, p);
    return s;
}

#define STEP(has_first, has_second, adaptive)                                                                               \
    do {                                                                                                                    \
        int64_t i = 0;                                                                                                      \
        for (; i + LANES <= count; i += LANES) {                                                                            \
            optimizer_state s = {v_load(parameters + i), v_load(gradient + i), has_first ? v_load(first + i) : zero,        \
                                 has_second ? v_load(second + i) : zero};                                                   \
            s = optimizer_update(work, s, has_first, has_second, adaptive);                                                 \
            v_store(parameters + i, s.parameter);                                                                           \
            if (has_first) v_store(first + i, s.first);                                                                     \
            if (has_second) v_store(second + i, s.second);                                                                  \
        }                                                                                                                   \
        if (i < count) {                                                                                                    \
            const int64_t left = count - i;                                                                                 \
            optimizer_state s = {v_load_tail(parameters + i, left), v_load_tail(gradient + i, left),                        \
                                 has_first ? v_load_tail(first + i, left) : zero,                                           \
                                 has_second ? v_load_tail(second + i, left) : zero};                                        \
            s = optimizer_update(work, s, has_first, has_second, adaptive);                                                 \
            v_store_tail(parameters + i, left, s.parameter);                                                                \
            if (has_first) v_store_tail(first + i, left, s.first);                                                          \
            if (has_second) v_store_tail(second + i, left, s.second);                                                       \
        }                                                                                                                   \
    } while (0)

/* The fields of `work` are floats, which a store to the tensors could change as far as a compiler knows: a copy cannot. */
static void optimize(const cnn_optimizer_work *given, int64_t count, float *parameters, const float *gradient, float *first,
                     float *second)
{
    const cnn_optimizer_work copy = *given, *const work = &copy;
    const vfloat zero = v_set(0.0f);
    if (work->kind == CNN_OPTIMIZER_ADAM || work->kind == CNN_OPTIMIZER_ADAMW)
        STEP(1, 1, 1);
    else if (first && second)
        STEP(1, 1, 0);
    else if (second)
        STEP(0, 1, 0);
    else if (first)
        STEP(1, 0, 0);
    else
        STEP(0, 0, 0);
}

#undef STEP

#endif
