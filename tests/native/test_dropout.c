/* test_dropout.c - dropout of elements and of channels against the generator's definition, bit by bit, forwards, backwards
 * and in place; the share that is dropped; and the same bits from every instruction set and number of threads. */
#include "check.h"
#include "check_run.h"
#include "philox_reference.h"

#include <math.h>
#include <stdlib.h>

/* What an element becomes: exact, for it is one product of float32. */
static float expected(const cnn_dropout_desc *desc, uint64_t index, float value)
{
    const uint32_t word = reference_word(desc->seed, desc->offset + index);
    if ((double)word < desc->probability * 4294967296.0) return 0.0f;
    return (float)(1 / (1 - (double)desc->probability)) * value;
}

static cnn_dropout_desc make_desc(float probability, uint64_t offset)
{
    cnn_dropout_desc desc;
    cnn_dropout_desc_init(&desc);
    desc.probability = probability;
    desc.seed = 0xfeedfacecafebeefu;
    desc.offset = offset;
    return desc;
}

static void check_elements(const cnn_context *context)
{
    static const float probabilities[] = {0, 0.1f, 0.5f, 0.9f, 0.99999994f};
    check_random random = {4};
    for (int64_t count = 1; count <= 3000; count += count < 40 ? 1 : 987) {
        const cnn_dropout_desc desc = make_desc(probabilities[count % 5], (uint64_t)count * 3);
        const check_side side = count % 2 ? CHECK_START : CHECK_END;
        const cnn_buffer *input = check_buffer(count, side), *output = check_buffer(count, side);
        float *wanted = check_floats(count, side);
        check_case("dropout %s, %d elements, probability %g", cnn_isa_name(cnn_context_isa(context)), (int)count,
                   (double)desc.probability);
        check_fill_normal(&random, check_data(input), count);
        check_data(input)[count / 2] = count % 3 ? NAN : INFINITY;
        for (int64_t i = 0; i < count; i++)
            wanted[i] = expected(&desc, (uint64_t)i, check_data(input)[i]);
        CHECK_OK(cnn_dropout(context, &desc, count, input, output, &check_error));
        check_same_bits(check_data(output), wanted, count, "dropout");
        CHECK_OK(cnn_dropout_backward(context, &desc, count, input, input, &check_error));
        check_same_bits(check_data(input), wanted, count, "dropout_backward in place");
        check_release();
    }
}

static void check_channels(const cnn_context *context)
{
    static const int64_t shapes[][3] = {{1, 1, 1},    {2, 5, 3},     {3, 40, 7},   {2, 700, 33},
                                        {1, 3, 1500}, {2, 20, 1024}, {1, 30000, 1}};
    check_random random = {9};
    for (size_t n = 0; n < sizeof shapes / sizeof *shapes; n++) {
        const int64_t batch = shapes[n][0], pixels = shapes[n][1], channels = shapes[n][2],
                      count = batch * pixels * channels;
        const cnn_dropout_desc desc = make_desc(0.4f, 0xfffffffffffffff0u); /* wraps */
        const cnn_buffer *input = check_buffer(count, CHECK_END), *output = check_buffer(count, CHECK_START);
        float *wanted = check_floats(count, CHECK_END);
        check_case("spatial dropout %s, %d x %d x %d", cnn_isa_name(cnn_context_isa(context)), (int)batch, (int)pixels,
                   (int)channels);
        check_fill_normal(&random, check_data(input), count);
        for (int64_t i = 0; i < count; i++)
            wanted[i] = expected(&desc, (uint64_t)(i / (pixels * channels) * channels + i % channels), check_data(input)[i]);
        CHECK_OK(cnn_spatial_dropout(context, &desc, batch, pixels, channels, input, output, &check_error));
        check_same_bits(check_data(output), wanted, count, "spatial_dropout");
        CHECK_OK(cnn_spatial_dropout_backward(context, &desc, batch, pixels, channels, input, input, &check_error));
        check_same_bits(check_data(input), wanted, count, "spatial_dropout_backward in place");
        check_release();
    }
}

/* 500000 elements: the share that is dropped lies within five deviations of the probability; seed and so outcome are fixed.
 */
static void check_share_and_threads(const cnn_context *first)
{
    static const int32_t threads[] = {2, 3, 7};
    const int64_t count = 500000;
    const cnn_dropout_desc desc = make_desc(0.3f, 11);
    const cnn_buffer *input = check_buffer(count, CHECK_END), *output = check_buffer(count, CHECK_END);
    const cnn_buffer *spatial = check_buffer(count, CHECK_END), *other = check_buffer(count, CHECK_END);
    int64_t dropped = 0;
    check_case("dropout: share and threads");
    CHECK_OK(cnn_fill(first, count, 1, input, &check_error));
    CHECK_OK(cnn_dropout(first, &desc, count, input, output, &check_error));
    CHECK_OK(cnn_spatial_dropout(first, &desc, 5, 1000, 100, input, spatial, &check_error));
    for (int64_t i = 0; i < count; i++)
        dropped += check_data(output)[i] == 0;
    check_near((double)dropped / (double)count, 0.3, 5 * sqrt(0.3 * 0.7 / (double)count), "share", 0);
    for (int32_t t = 0; t < 3; t++) {
        cnn_context *context = check_context(cnn_context_isa(first), threads[t]);
        CHECK_OK(cnn_dropout(context, &desc, count, input, other, &check_error));
        check_same_bits(check_data(other), check_data(output), count, "dropout");
        CHECK_OK(cnn_spatial_dropout(context, &desc, 5, 1000, 100, input, other, &check_error));
        check_same_bits(check_data(other), check_data(spatial), count, "spatial_dropout");
        cnn_context_destroy(context);
    }
    check_release();
}

static void check_misuse(const cnn_context *context)
{
    const cnn_dropout_desc good = make_desc(0.5f, 0);
    cnn_dropout_desc desc;
    const cnn_buffer *input = check_buffer(12, CHECK_END), *output = check_buffer(12, CHECK_END);
    cnn_buffer *moved = NULL;
    check_case("dropout: misuse");
    cnn_dropout_desc_init(NULL);
    CHECK_OK(cnn_buffer_view(input, 4, 40, &moved, &check_error));
    CHECK_STATUS(CNN_INVALID_ARGUMENT, cnn_dropout(NULL, &good, 12, input, output, &check_error));
    CHECK_STATUS(CNN_INVALID_ARGUMENT, cnn_dropout(context, NULL, 12, input, output, &check_error));
    CHECK_STATUS(CNN_INVALID_ARGUMENT, cnn_dropout(context, &good, 0, input, output, &check_error));
    CHECK_STATUS(CNN_INVALID_ARGUMENT, cnn_dropout(context, &good, 12, NULL, output, &check_error));
    CHECK_STATUS(CNN_INVALID_ARGUMENT, cnn_dropout(context, &good, 12, input, NULL, &check_error));
    CHECK_STATUS(CNN_INVALID_ARGUMENT, cnn_dropout(context, &good, 10, input, moved, &check_error));
    CHECK_STATUS(CNN_BUFFER_TOO_SMALL, cnn_dropout(context, &good, 13, input, output, &check_error));
    CHECK_STATUS(CNN_BUFFER_TOO_SMALL, cnn_spatial_dropout(context, &good, 1, 5, 3, input, output, &check_error));
    CHECK_STATUS(CNN_INVALID_ARGUMENT, cnn_spatial_dropout(context, &good, 1, 4, -3, input, output, &check_error));
    CHECK_STATUS(CNN_SIZE_OVERFLOW,
                 cnn_spatial_dropout(context, &good, INT64_MAX, INT64_MAX, 3, input, output, &check_error));
#define WRONG(change)                                                                                                       \
    desc = good;                                                                                                            \
    change;                                                                                                                 \
    CHECK_STATUS(CNN_INVALID_ARGUMENT, cnn_dropout(context, &desc, 12, input, output, &check_error));                       \
    CHECK_STATUS(CNN_INVALID_ARGUMENT, cnn_spatial_dropout_backward(context, &desc, 1, 4, 3, input, output, &check_error));
    WRONG(desc.struct_size = 0)
    WRONG(desc.probability = 1)
    WRONG(desc.probability = -0.1f)
    WRONG(desc.probability = NAN)
#undef WRONG
    cnn_buffer_destroy(moved);
    check_release();
}

void test_dropout(void)
{
    cnn_isa isas[CHECK_MOST_ISAS];
    const int32_t count = check_isas(isas);
    for (int32_t i = 0; i < count; i++) {
        cnn_context *context = check_context(isas[i], 1);
        check_elements(context);
        check_channels(context);
        check_share_and_threads(context);
        check_misuse(context);
        cnn_context_destroy(context);
    }
}
