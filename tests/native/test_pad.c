/* test_pad.c - padding in every mode, with cropping, against a definition that walks from element to element instead of
 * computing where it comes from; the gradient against the same walk run backwards in float64. */
#include "check.h"
#include "check_run.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static int64_t output_size(const cnn_pad_desc *desc, int32_t i)
{
    return desc->sizes[i] + desc->before[i] + desc->after[i];
}

/* The input index that output index `o` of a dimension shows, found by stepping from the first kept element; -1: none. */
static int64_t walk(const cnn_pad_desc *desc, int32_t i, int64_t o)
{
    const int64_t low = desc->before[i] < 0 ? -desc->before[i] : 0;
    const int64_t high = desc->sizes[i] - 1 + (desc->after[i] < 0 ? desc->after[i] : 0);
    const int64_t target = o - desc->before[i]; /* counted in the input, cropped or not */
    int64_t place = low, heading = 1;
    if (desc->mode == CNN_PAD_CONSTANT) return target >= low && target <= high ? target : -1;
    for (int64_t at = low; at < target; at++) { /* to the right */
        if (desc->mode == CNN_PAD_REFLECT && low < high && (place + heading > high || place + heading < low))
            heading = -heading;
        const int64_t next = desc->mode == CNN_PAD_REFLECT ? place + (low < high ? heading : 0) : place + 1;
        place = next <= high ? next : desc->mode == CNN_PAD_EDGE ? high : desc->mode == CNN_PAD_WRAP ? low : next;
    }
    for (int64_t at = low; at > target; at--) { /* to the left */
        if (desc->mode == CNN_PAD_REFLECT && low < high) {
            if (at == low)
                heading = 1;
            else if (place + heading > high || place + heading < low)
                heading = -heading;
            place += heading;
        } else if (desc->mode == CNN_PAD_WRAP) {
            place = place == low ? high : place - 1;
        }
    }
    return place;
}

static int64_t origin(const cnn_pad_desc *desc, int64_t n)
{
    int64_t place = 0, stride = 1;
    for (int32_t i = desc->rank - 1; i >= 0; i--) {
        const int64_t size = output_size(desc, i), from = walk(desc, i, n % size);
        if (from < 0) return -1;
        place += from * stride;
        n /= size;
        stride *= desc->sizes[i];
    }
    return place;
}

static void check_backward(const cnn_pad_desc *desc, const cnn_context *context, int64_t inputs, int64_t outputs,
                           const int64_t *origins, check_side side, check_random *random)
{
    double *sums = calloc((size_t)inputs, sizeof *sums), *magnitudes = calloc((size_t)inputs, sizeof *magnitudes);
    int32_t *terms = calloc((size_t)inputs, sizeof *terms);
    const cnn_buffer *gradient = check_buffer(outputs, side), *result = check_buffer(inputs, side);
    if (!sums || !magnitudes || !terms) abort();
    check_fill_normal(random, check_data(gradient), outputs);
    for (int64_t n = 0; n < outputs; n++) {
        if (origins[n] < 0) continue;
        sums[origins[n]] += check_data(gradient)[n];
        magnitudes[origins[n]] += fabs(check_data(gradient)[n]);
        terms[origins[n]]++;
    }
    CHECK_OK(cnn_pad_backward(context, desc, gradient, result, &check_error));
    for (int64_t i = 0; i < inputs; i++) /* n - 1 additions, each rounded: Higham 2002, section 4.2; one element is exact */
        check_near(check_data(result)[i], sums[i], terms[i] < 2 ? 0 : terms[i] * ldexp(1, -24) * magnitudes[i],
                   "pad_backward", i);
    free(sums);
    free(magnitudes);
    free(terms);
}

static void check_desc(const cnn_pad_desc *desc, const cnn_context *context, check_side side, check_random *random)
{
    int64_t inputs = 1, outputs = 1;
    for (int32_t i = 0; i < desc->rank; i++) {
        inputs *= desc->sizes[i];
        outputs *= output_size(desc, i);
    }
    int64_t *origins = malloc((size_t)outputs * sizeof *origins);
    const cnn_buffer *input = check_buffer(inputs, side), *output = check_buffer(outputs, side);
    float *expected = check_floats(outputs, side);
    if (!origins) abort();
    for (int64_t i = 0; i < inputs; i++)
        check_data(input)[i] = (float)i;
    for (int64_t n = 0; n < outputs; n++) {
        origins[n] = origin(desc, n);
        expected[n] = origins[n] < 0 ? desc->value : (float)origins[n];
    }
    CHECK_OK(cnn_pad(context, desc, input, output, &check_error));
    check_same_bits(check_data(output), expected, outputs, "pad");
    check_backward(desc, context, inputs, outputs, origins, side, random);
    check_release();
    free(origins);
}

static cnn_pad_desc random_desc(check_random *random, cnn_pad_mode mode)
{
    cnn_pad_desc desc;
    cnn_pad_desc_init(&desc);
    desc.rank = check_range(random, 1, 5);
    desc.mode = mode;
    desc.value = -2.5f;
    for (int32_t i = 0; i < desc.rank; i++) {
        const int32_t size = check_range(random, 1, desc.rank == 1 ? 60 : 20 / desc.rank + 1);
        desc.sizes[i] = size;
        if (check_range(random, 0, 2) == 0) continue;
        desc.before[i] = check_range(random, size > 1 ? -1 : 0, 5);
        desc.after[i] = check_range(random, size > 2 ? -1 : 0, 5);
    }
    return desc;
}

/* An image with the usual borders, large enough for several threads: the same bits as from one. */
static void check_threads(cnn_isa isa)
{
    static const int32_t threads[] = {1, 2, 3, 7};
    for (int32_t mode = CNN_PAD_CONSTANT; mode <= CNN_PAD_WRAP; mode++) {
        check_random random = {3};
        cnn_pad_desc desc;
        cnn_pad_desc_init(&desc);
        desc.rank = 4;
        desc.mode = (cnn_pad_mode)mode;
        const int64_t sizes[] = {2, 61, 67, 40}, before[] = {0, 3, 5, 0}, after[] = {0, 2, 1, 0};
        memcpy(desc.sizes, sizes, sizeof sizes);
        memcpy(desc.before, before, sizeof before);
        memcpy(desc.after, after, sizeof after);
        const int64_t inputs = 2 * 61 * 67 * 40, outputs = 2 * 66 * 73 * 40;
        const cnn_buffer *gradient = check_buffer(outputs, CHECK_END), *input = check_buffer(inputs, CHECK_END);
        const cnn_buffer *results[2][4];
        check_fill_normal(&random, check_data(gradient), outputs);
        check_fill_normal(&random, check_data(input), inputs);
        for (int32_t t = 0; t < 4; t++) {
            cnn_context *context = check_context(isa, threads[t]);
            check_case("pad %s, mode %d, %d threads", cnn_isa_name(isa), (int)mode, (int)threads[t]);
            results[0][t] = check_buffer(outputs, CHECK_END);
            results[1][t] = check_buffer(inputs, CHECK_END);
            CHECK_OK(cnn_pad(context, &desc, input, results[0][t], &check_error));
            CHECK_OK(cnn_pad_backward(context, &desc, gradient, results[1][t], &check_error));
            check_same_bits(check_data(results[0][t]), check_data(results[0][0]), outputs, "pad");
            check_same_bits(check_data(results[1][t]), check_data(results[1][0]), inputs, "pad_backward");
            cnn_context_destroy(context);
        }
        check_release();
    }
}

static void check_misuse(const cnn_context *context)
{
    cnn_pad_desc good, desc;
    const cnn_buffer *input = check_buffer(6, CHECK_END), *output = check_buffer(15, CHECK_END);
    check_case("pad: misuse");
    cnn_pad_desc_init(NULL);
    cnn_pad_desc_init(&good);
    good.rank = 2;
    good.sizes[0] = 2;
    good.sizes[1] = 3;
    good.before[0] = 1;
    good.after[1] = 2;
    CHECK_OK(cnn_pad(context, &good, input, output, &check_error));
    CHECK_STATUS(CNN_INVALID_ARGUMENT, cnn_pad(NULL, &good, input, output, &check_error));
    CHECK_STATUS(CNN_INVALID_ARGUMENT, cnn_pad(context, NULL, input, output, &check_error));
    CHECK_STATUS(CNN_INVALID_ARGUMENT, cnn_pad(context, &good, NULL, output, &check_error));
    CHECK_STATUS(CNN_INVALID_ARGUMENT, cnn_pad(context, &good, input, NULL, &check_error));
    CHECK_STATUS(CNN_INVALID_ARGUMENT, cnn_pad(context, &good, output, output, &check_error));
    CHECK_STATUS(CNN_BUFFER_TOO_SMALL, cnn_pad(context, &good, output, input, &check_error));
    CHECK_STATUS(CNN_BUFFER_TOO_SMALL, cnn_pad_backward(context, &good, input, output, &check_error));
    CHECK_STATUS(CNN_INVALID_ARGUMENT, cnn_pad_backward(context, &good, output, NULL, &check_error));
#define WRONG(status, change)                                                                                               \
    desc = good;                                                                                                            \
    change;                                                                                                                 \
    CHECK_STATUS(status, cnn_pad(context, &desc, input, output, &check_error));                                             \
    CHECK_STATUS(status, cnn_pad_backward(context, &desc, output, input, &check_error));
    WRONG(CNN_INVALID_ARGUMENT, desc.struct_size = 0)
    WRONG(CNN_INVALID_ARGUMENT, desc.rank = 0)
    WRONG(CNN_INVALID_ARGUMENT, desc.rank = 9)
    WRONG(CNN_INVALID_ARGUMENT, desc.sizes[1] = 0)
    WRONG(CNN_INVALID_ARGUMENT, desc.mode = (cnn_pad_mode)4)
    WRONG(CNN_SHAPE_MISMATCH, desc.before[0] = -2)
    WRONG(CNN_SHAPE_MISMATCH, desc.before[0] = INT64_MIN)
    WRONG(CNN_SHAPE_MISMATCH, desc.before[1] = -1; desc.after[1] = -2)
    WRONG(CNN_SIZE_OVERFLOW, desc.after[1] = INT64_MAX)
    WRONG(CNN_SIZE_OVERFLOW, desc.after[1] = desc.after[0] = INT64_MAX / 16)
#undef WRONG
    check_release();
}

void test_pad(void)
{
    cnn_isa isas[CHECK_MOST_ISAS];
    const int32_t count = check_isas(isas);
    for (int32_t i = 0; i < count; i++) {
        check_random random = {17};
        cnn_context *context = check_context(isas[i], 1);
        for (int32_t n = 0; n < 800; n++) {
            const cnn_pad_desc desc = random_desc(&random, (cnn_pad_mode)(n % 4));
            check_case("pad %s, mode %d, rank %d, sizes %d %d %d, before %d %d %d, after %d %d %d", cnn_isa_name(isas[i]),
                       (int)desc.mode, (int)desc.rank, (int)desc.sizes[0], (int)desc.sizes[1], (int)desc.sizes[2],
                       (int)desc.before[0], (int)desc.before[1], (int)desc.before[2], (int)desc.after[0], (int)desc.after[1],
                       (int)desc.after[2]);
            check_desc(&desc, context, n % 8 < 4 ? CHECK_START : CHECK_END, &random);
        }
        check_misuse(context);
        cnn_context_destroy(context);
        check_threads(isas[i]);
    }
}
