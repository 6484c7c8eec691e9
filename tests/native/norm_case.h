/* norm_case.h - one normalisation to check, batch, group or layer, through the same three steps: make data, run forward and
 * backward with guarded buffers, compare with float64. */
#ifndef NORM_CASE_H
#define NORM_CASE_H

#include "check.h"
#include "reference_norm.h"

typedef enum norm_kind { NORM_BATCH, NORM_GROUP, NORM_LAYER } norm_kind;

typedef struct norm_case {
    norm_kind kind;
    reference_norm shape; /* batch: one sample and depth 1; layer: one pixel and one group */
    int affine;           /* whether there is a gamma and a beta */
    int in_place;
    int64_t elements, channels, statistics;
    float *input, *gradient, *gamma, *beta;
} norm_case;

/* What a run gave; the memory lives until check_release. */
typedef struct norm_result {
    const float *output, *mean, *inverse, *running_mean, *running_variance;
    const float *input_gradient, *gamma_gradient, *beta_gradient;
} norm_result;

void norm_case_create(norm_case *made, norm_kind kind, const reference_norm *shape, int affine, double mean,
                      check_random *random);
void norm_case_free(norm_case *made);
norm_result norm_case_run(const norm_case *given, const cnn_context *context, check_side side);
void norm_case_check(const norm_case *given, const norm_result *result);

#endif
