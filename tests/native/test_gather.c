/* test_gather.c - choosing along a dimension by indices of both types, wrong indices, and the gradient, in which an index
 * that comes more than once collects a sum; constants and sequences. */
#include "check.h"
#include "check_run.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* A buffer of indices of the type; 64-bit ones may lie at a multiple of 4 bytes only. */
static const cnn_buffer *make_indices(const int64_t *values, int64_t count, cnn_index_type type, check_side side)
{
    const cnn_buffer *buffer = check_buffer(type == CNN_INDEX_INT64 ? 2 * count : count, side);
    char *data = cnn_buffer_data(buffer);
    for (int64_t k = 0; k < count; k++) {
        const int32_t narrow = (int32_t)values[k];
        if (type == CNN_INDEX_INT64)
            memcpy(data + 8 * k, &values[k], 8);
        else
            memcpy(data + 4 * k, &narrow, 4);
    }
    return buffer;
}

static void check_desc(const cnn_gather_desc *desc, const cnn_context *context, check_side side, check_random *random)
{
    const int64_t dense = desc->outer * desc->axis * desc->inner, chosen = desc->outer * desc->index_count * desc->inner;
    const cnn_buffer *input = check_buffer(dense, side), *output = check_buffer(chosen, side);
    const cnn_buffer *gradient = check_buffer(dense, side);
    float *expected = check_floats(chosen, side);
    int64_t *values = malloc((size_t)desc->index_count * sizeof *values);
    double *sums = calloc((size_t)dense, sizeof *sums), *magnitudes = calloc((size_t)dense, sizeof *magnitudes);
    if (!values || !sums || !magnitudes) abort();
    for (int64_t k = 0; k < desc->index_count; k++)
        values[k] = check_range(random, (int32_t)-desc->axis, (int32_t)desc->axis - 1);
    check_fill_normal(random, check_data(input), dense);
    for (int64_t o = 0, n = 0; o < desc->outer; o++)
        for (int64_t k = 0; k < desc->index_count; k++)
            for (int64_t i = 0; i < desc->inner; i++, n++) {
                const int64_t j = values[k] < 0 ? values[k] + desc->axis : values[k];
                const int64_t place = (o * desc->axis + j) * desc->inner + i;
                expected[n] = check_data(input)[place];
                sums[place] += expected[n];
                magnitudes[place] += fabs(expected[n]);
            }
    const cnn_buffer *indices = make_indices(values, desc->index_count, desc->index_type, side);
    CHECK_OK(cnn_gather(context, desc, input, indices, output, &check_error));
    check_same_bits(check_data(output), expected, chosen, "gather");
    CHECK_OK(cnn_gather_backward(context, desc, output, indices, gradient, &check_error));
    for (int64_t i = 0; i < dense; i++) /* as many additions as indices at most: Higham 2002, section 4.2 */
        check_near(check_data(gradient)[i], sums[i], (double)desc->index_count * ldexp(1, -24) * magnitudes[i],
                   "gather_backward", i);
    check_release();
    free(values);
    free(sums);
    free(magnitudes);
}

static void check_threads(cnn_isa isa)
{
    static const int32_t threads[] = {1, 2, 3, 7};
    static const int64_t shapes[][4] = {{5, 40, 33, 600}, {1, 10, 500, 3000}, {3000, 7, 1, 50}};
    for (size_t s = 0; s < sizeof shapes / sizeof *shapes; s++) {
        check_random random = {11};
        cnn_gather_desc desc;
        cnn_gather_desc_init(&desc);
        desc.outer = shapes[s][0];
        desc.axis = shapes[s][1];
        desc.inner = shapes[s][2];
        desc.index_count = shapes[s][3];
        const int64_t dense = desc.outer * desc.axis * desc.inner, chosen = desc.outer * desc.index_count * desc.inner;
        const cnn_buffer *gradient = check_buffer(chosen, CHECK_END), *results[4];
        int64_t values[3000];
        for (int64_t k = 0; k < desc.index_count; k++)
            values[k] = check_range(&random, 0, (int32_t)desc.axis - 1);
        const cnn_buffer *indices = make_indices(values, desc.index_count, CNN_INDEX_INT32, CHECK_END);
        check_fill_normal(&random, check_data(gradient), chosen);
        for (int32_t t = 0; t < 4; t++) {
            cnn_context *context = check_context(isa, threads[t]);
            check_case("gather_backward %s, %d threads", cnn_isa_name(isa), (int)threads[t]);
            results[t] = check_buffer(dense, CHECK_END);
            CHECK_OK(cnn_gather_backward(context, &desc, gradient, indices, results[t], &check_error));
            check_same_bits(check_data(results[t]), check_data(results[0]), dense, "gather_backward");
            cnn_context_destroy(context);
        }
        check_release();
    }
}

static void check_wrong_indices(const cnn_context *context)
{
    static const int64_t wrong[] = {4, -5, INT32_MAX, INT32_MIN, INT64_MAX, INT64_MIN, 1LL << 32};
    for (int32_t type = CNN_INDEX_INT32; type <= CNN_INDEX_INT64; type++)
        for (size_t n = 0; n < (type == CNN_INDEX_INT32 ? 4 : sizeof wrong / sizeof *wrong); n++) {
            const int64_t values[] = {0, -4, wrong[n]};
            const cnn_gather_desc desc = {sizeof desc, (cnn_index_type)type, 1, 4, 2, 3};
            const cnn_buffer *input = check_buffer(8, CHECK_END), *output = check_buffer(6, CHECK_END);
            const cnn_buffer *indices = make_indices(values, 3, desc.index_type, CHECK_END);
            check_case("gather: index %lld of type %d", (long long)wrong[n], (int)type);
            CHECK_OK(cnn_buffer_fill(output, 7, &check_error));
            CHECK_STATUS(CNN_INVALID_ARGUMENT, cnn_gather(context, &desc, input, indices, output, &check_error));
            check_near(check_data(output)[0], 7, 0, "output after a wrong index", 0);
            CHECK_STATUS(CNN_INVALID_ARGUMENT, cnn_gather_backward(context, &desc, output, indices, input, &check_error));
            CHECK(isnan(check_data(input)[0]), "the gradient was written");
            check_release();
        }
}

static void check_misuse(const cnn_context *context)
{
    const int64_t values[] = {0, 1, 2};
    cnn_gather_desc good, desc;
    const cnn_buffer *input = check_buffer(8, CHECK_END), *output = check_buffer(6, CHECK_END);
    const cnn_buffer *indices = make_indices(values, 3, CNN_INDEX_INT32, CHECK_END);
    check_case("gather: misuse");
    cnn_gather_desc_init(NULL);
    cnn_gather_desc_init(&good);
    good.axis = 4;
    good.inner = 2;
    good.index_count = 3;
    CHECK_OK(cnn_gather(context, &good, input, indices, output, &check_error));
    CHECK_STATUS(CNN_INVALID_ARGUMENT, cnn_gather(NULL, &good, input, indices, output, &check_error));
    CHECK_STATUS(CNN_INVALID_ARGUMENT, cnn_gather(context, NULL, input, indices, output, &check_error));
    CHECK_STATUS(CNN_INVALID_ARGUMENT, cnn_gather(context, &good, NULL, indices, output, &check_error));
    CHECK_STATUS(CNN_INVALID_ARGUMENT, cnn_gather(context, &good, input, NULL, output, &check_error));
    CHECK_STATUS(CNN_INVALID_ARGUMENT, cnn_gather(context, &good, input, indices, NULL, &check_error));
    CHECK_STATUS(CNN_INVALID_ARGUMENT, cnn_gather(context, &good, input, indices, input, &check_error));
    CHECK_STATUS(CNN_BUFFER_TOO_SMALL, cnn_gather(context, &good, output, indices, input, &check_error));
    CHECK_STATUS(CNN_BUFFER_TOO_SMALL, cnn_gather_backward(context, &good, input, indices, output, &check_error));
    CHECK_STATUS(CNN_INVALID_ARGUMENT, cnn_gather_backward(context, &good, output, indices, NULL, &check_error));
#define WRONG(status, change)                                                                                               \
    desc = good;                                                                                                            \
    change;                                                                                                                 \
    CHECK_STATUS(status, cnn_gather(context, &desc, input, indices, output, &check_error));
    WRONG(CNN_INVALID_ARGUMENT, desc.struct_size = 0)
    WRONG(CNN_INVALID_ARGUMENT, desc.axis = 0)
    WRONG(CNN_INVALID_ARGUMENT, desc.index_count = -1)
    WRONG(CNN_INVALID_ARGUMENT, desc.index_type = (cnn_index_type)2)
    WRONG(CNN_BUFFER_TOO_SMALL, desc.index_type = CNN_INDEX_INT64)
    WRONG(CNN_SIZE_OVERFLOW, desc.outer = INT64_MAX)
#undef WRONG
    check_release();
}

void test_gather(void)
{
    cnn_isa isas[CHECK_MOST_ISAS];
    const int32_t count = check_isas(isas);
    for (int32_t i = 0; i < count; i++) {
        check_random random = {23};
        cnn_context *context = check_context(isas[i], 1);
        for (int32_t n = 0; n < 300; n++) {
            cnn_gather_desc desc;
            cnn_gather_desc_init(&desc);
            desc.index_type = (cnn_index_type)(n % 2);
            desc.outer = check_range(&random, 1, 5);
            desc.axis = check_range(&random, 1, 12);
            desc.inner = n % 7 == 0 ? check_range(&random, 41, 300) : 1 + n % 40;
            desc.index_count = check_range(&random, 1, 30);
            check_case("gather %s, %d x %d x %d, %d indices of type %d", cnn_isa_name(isas[i]), (int)desc.outer,
                       (int)desc.axis, (int)desc.inner, (int)desc.index_count, (int)desc.index_type);
            check_desc(&desc, context, n % 4 < 2 ? CHECK_START : CHECK_END, &random);
        }
        check_wrong_indices(context);
        check_misuse(context);
        cnn_context_destroy(context);
        check_threads(isas[i]);
    }
}

/* Constants and sequences with the context's kernels, and tails of all lengths. */
static void check_fill(const cnn_context *context)
{
    for (int32_t n = 1; n <= 72; n++) {
        const int64_t count = n <= 70 ? n : n == 71 ? 4097 : 1000003;
        const cnn_buffer *constants = check_buffer(count, n % 2 ? CHECK_END : CHECK_START);
        const cnn_buffer *sequence = check_buffer(count, n % 2 ? CHECK_START : CHECK_END);
        check_case("%s fill and range, %d elements", cnn_isa_name(cnn_context_isa(context)), (int)count);
        CHECK_OK(cnn_fill(context, count, -1.5f, constants, &check_error));
        CHECK_OK(cnn_range(context, count, 3, -0.1, sequence, &check_error));
        for (int64_t i = 0; i < count; i += n < 72 ? 1 : 997) {
            check_near(check_data(constants)[i], -1.5, 0, "fill", i);
            check_near(check_data(sequence)[i], (float)(3 + (double)i * -0.1), 0, "range", i);
        }
        CHECK_STATUS(CNN_BUFFER_TOO_SMALL, cnn_fill(context, count + 1, 0, constants, &check_error));
        check_release();
    }
}

void test_fill(void)
{
    cnn_isa isas[CHECK_MOST_ISAS];
    const int32_t isa_count = check_isas(isas);
    for (int32_t i = 0; i < isa_count; i++)
        for (int32_t threads = 1; threads <= 7; threads += 2) {
            cnn_context *context = check_context(isas[i], threads);
            check_fill(context);
            cnn_context_destroy(context);
        }
    cnn_context *context = check_context(CNN_ISA_SCALAR, 1);
    const cnn_buffer *some = check_buffer(4, CHECK_END);
    check_case("fill and range: misuse");
    CHECK_STATUS(CNN_INVALID_ARGUMENT, cnn_fill(NULL, 4, 0, some, &check_error));
    CHECK_STATUS(CNN_INVALID_ARGUMENT, cnn_fill(context, 0, 0, some, &check_error));
    CHECK_STATUS(CNN_INVALID_ARGUMENT, cnn_range(context, 4, 0, 1, NULL, &check_error));
    check_release();
    cnn_context_destroy(context);
}
