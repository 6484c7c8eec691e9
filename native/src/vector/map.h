/* map.h - the loop of functions of one element: whole vectors, and what is left of one. */
#ifndef CNN_VECTOR_MAP_H
#define CNN_VECTOR_MAP_H

/* Stores an expression of x, an element of `input`, for each of the `count` elements of `output`. */
#define CNN_MAP(expression)                                                                                                 \
    do {                                                                                                                    \
        int64_t i = 0;                                                                                                      \
        for (; i + LANES <= count; i += LANES) {                                                                            \
            const vfloat x = v_load(input + i);                                                                             \
            v_store(output + i, expression);                                                                                \
        }                                                                                                                   \
        if (i < count) {                                                                                                    \
            const vfloat x = v_load_tail(input + i, count - i);                                                             \
            v_store_tail(output + i, count - i, expression);                                                                \
        }                                                                                                                   \
    } while (0)

#endif
