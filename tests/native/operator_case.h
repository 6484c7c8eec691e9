/* operator_case.h - one call of every public function that computes, on tensors large enough for several slabs and threads.
 * What holds for all of them, such as that each can be cancelled, is checked in a loop over this table. */
#ifndef OPERATOR_CASE_H
#define OPERATOR_CASE_H

#include "check.h"

#define OPERATOR_HEIGHT 67
#define OPERATOR_WIDTH 71
#define OPERATOR_PIXELS (OPERATOR_HEIGHT * OPERATOR_WIDTH)
#define OPERATOR_CHANNELS 24
#define OPERATOR_ELEMENTS ((int64_t)OPERATOR_PIXELS * OPERATOR_CHANNELS)
#define OPERATOR_BIG 3   /* outputs of OPERATOR_ELEMENTS */
#define OPERATOR_SMALL 4 /* outputs of OPERATOR_CHANNELS, or of OPERATOR_PIXELS at most */

typedef struct operator_room {
    const cnn_context *preparing; /* what comes before the call itself, such as packing */
    cnn_buffer *left, *right;     /* inputs */
    cnn_buffer *vector, *positive;
    cnn_buffer *indices, *labels;
    cnn_buffer *big[OPERATOR_BIG], *small[OPERATOR_SMALL];
    cnn_buffer *packed, *workspace;
    double result;
} operator_room;

typedef struct operator_case {
    const char *name;
    cnn_status (*call)(const cnn_context *context, operator_room *room);
} operator_case;

extern const operator_case operator_cases[];
extern const int32_t operator_count;

/* Makes the tensors; check_release takes them away. */
void operator_room_create(operator_room *room, const cnn_context *preparing);

/* Gives the outputs the values from which every call starts, as some add to them. */
void operator_room_reset(operator_room *room);

/* All outputs in one row, operator_outputs() of them, `result` as its last two. */
int64_t operator_outputs(void);
void operator_collect(const operator_room *room, float *results);

#endif
