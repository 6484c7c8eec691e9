/* test_slice.c - parts of tensors with steps in both directions, and their gradients, against the definition element by
 * element; concatenation and splitting are there too, made of cnn_copy_rows. */
#include "check.h"
#include "check_run.h"

#include <stdlib.h>
#include <string.h>

static int64_t product(int32_t rank, const int64_t *sizes)
{
    int64_t elements = 1;
    for (int32_t i = 0; i < rank; i++)
        elements *= sizes[i];
    return elements;
}

/* Where element n of the part lies in the whole. */
static int64_t place_of(const cnn_slice_desc *desc, int64_t n)
{
    int64_t place = 0, stride = 1;
    for (int32_t i = desc->rank - 1; i >= 0; i--) {
        place += (desc->starts[i] + n % desc->counts[i] * desc->steps[i]) * stride;
        n /= desc->counts[i];
        stride *= desc->sizes[i];
    }
    return place;
}

static cnn_slice_desc random_desc(check_random *random, int32_t most)
{
    cnn_slice_desc desc;
    cnn_slice_desc_init(&desc);
    desc.rank = check_range(random, 1, 6);
    for (int32_t i = 0; i < desc.rank; i++) {
        const int32_t size = check_range(random, 1, most / desc.rank / desc.rank + 2), kind = check_range(random, 0, 3);
        const int32_t start = check_range(random, 0, size - 1), step = check_range(random, 1, kind == 2 ? 1 : 4);
        desc.sizes[i] = desc.counts[i] = size;
        if (kind == 0) continue; /* all of it */
        desc.starts[i] = start;
        desc.steps[i] = kind == 3 ? -step : step;
        desc.counts[i] = check_range(random, 1, (kind == 3 ? start : size - 1 - start) / step + 1);
    }
    return desc;
}

static void check_desc(const cnn_slice_desc *desc, const cnn_context *context, check_side side)
{
    const int64_t whole = product(desc->rank, desc->sizes), taken = product(desc->rank, desc->counts);
    const cnn_buffer *input = check_buffer(whole, side), *output = check_buffer(taken, side);
    const cnn_buffer *gradient = check_buffer(whole, side);
    float *expected = check_floats(taken, side), *expected_gradient = check_floats(whole, side);
    for (int64_t i = 0; i < whole; i++)
        check_data(input)[i] = (float)i;
    for (int64_t i = 0; i < whole; i++)
        expected_gradient[i] = 0;
    for (int64_t i = 0; i < taken; i++) {
        expected[i] = check_data(input)[place_of(desc, i)];
        expected_gradient[place_of(desc, i)] = expected[i];
    }
    CHECK_OK(cnn_slice(context, desc, input, output, &check_error));
    check_same_bits(check_data(output), expected, taken, "slice");
    CHECK_OK(cnn_slice_backward(context, desc, output, gradient, &check_error));
    check_same_bits(check_data(gradient), expected_gradient, whole, "slice_backward");
    check_release();
}

static void check_misuse(const cnn_context *context)
{
    cnn_slice_desc good, desc;
    const cnn_buffer *input = check_buffer(24, CHECK_END), *output = check_buffer(6, CHECK_END);
    check_case("slice: misuse");
    cnn_slice_desc_init(NULL);
    cnn_slice_desc_init(&good);
    good.rank = 2;
    good.sizes[0] = 4;
    good.sizes[1] = 6;
    good.starts[0] = 3;
    good.steps[0] = -2;
    good.counts[0] = 2;
    good.counts[1] = 3;
    good.steps[1] = 2;
    CHECK_OK(cnn_slice(context, &good, input, output, &check_error));
    CHECK_OK(cnn_slice_backward(context, &good, output, input, &check_error));
    CHECK_STATUS(CNN_INVALID_ARGUMENT, cnn_slice(NULL, &good, input, output, &check_error));
    CHECK_STATUS(CNN_INVALID_ARGUMENT, cnn_slice(context, NULL, input, output, &check_error));
    CHECK_STATUS(CNN_INVALID_ARGUMENT, cnn_slice(context, &good, NULL, output, &check_error));
    CHECK_STATUS(CNN_INVALID_ARGUMENT, cnn_slice(context, &good, input, NULL, &check_error));
    CHECK_STATUS(CNN_INVALID_ARGUMENT, cnn_slice(context, &good, input, input, &check_error));
    CHECK_STATUS(CNN_BUFFER_TOO_SMALL, cnn_slice(context, &good, output, input, &check_error));
    CHECK_STATUS(CNN_INVALID_ARGUMENT, cnn_slice_backward(NULL, &good, output, input, &check_error));
    CHECK_STATUS(CNN_INVALID_ARGUMENT, cnn_slice_backward(context, &good, NULL, input, &check_error));
    CHECK_STATUS(CNN_BUFFER_TOO_SMALL, cnn_slice_backward(context, &good, input, output, &check_error));
#define WRONG(status, change)                                                                                               \
    desc = good;                                                                                                            \
    change;                                                                                                                 \
    CHECK_STATUS(status, cnn_slice(context, &desc, input, output, &check_error));                                           \
    CHECK_STATUS(status, cnn_slice_backward(context, &desc, output, input, &check_error));
    WRONG(CNN_INVALID_ARGUMENT, desc.struct_size = 1)
    WRONG(CNN_INVALID_ARGUMENT, desc.rank = -1)
    WRONG(CNN_INVALID_ARGUMENT, desc.rank = 9)
    WRONG(CNN_INVALID_ARGUMENT, desc.sizes[0] = 0)
    WRONG(CNN_INVALID_ARGUMENT, desc.counts[0] = 0)
    WRONG(CNN_INVALID_ARGUMENT, desc.counts[0] = 3)
    WRONG(CNN_INVALID_ARGUMENT, desc.counts[1] = 4)
    WRONG(CNN_INVALID_ARGUMENT, desc.starts[1] = -1)
    WRONG(CNN_INVALID_ARGUMENT, desc.starts[1] = 6)
    WRONG(CNN_INVALID_ARGUMENT, desc.steps[1] = 0)
    WRONG(CNN_INVALID_ARGUMENT, desc.steps[1] = INT64_MAX)
    WRONG(CNN_INVALID_ARGUMENT, desc.steps[0] = INT64_MIN)
    WRONG(CNN_SIZE_OVERFLOW, desc.sizes[0] = INT64_MAX)
#undef WRONG
    check_release();
}

/* Parts of an axis of outer x axis x inner elements: rows of part x inner elements. */
static void check_concatenation(const cnn_context *context)
{
    static const int64_t parts[] = {3, 1, 5};
    const int64_t outer = 7, inner = 11, axis = 9;
    const cnn_buffer *whole = check_buffer(outer * axis * inner, CHECK_END);
    int64_t at = 0;
    check_case("concatenation and splitting are cnn_copy_rows");
    for (int32_t p = 0; p < 3; at += parts[p++]) {
        const cnn_buffer *part = check_buffer(outer * parts[p] * inner, CHECK_START);
        const cnn_buffer *back = check_buffer(outer * parts[p] * inner, CHECK_END);
        const int64_t row = parts[p] * inner, stride = axis * inner;
        for (int64_t i = 0; i < outer * row; i++)
            check_data(part)[i] = (float)(1000 * p + i);
        CHECK_OK(cnn_copy_rows(context, outer, row, part, 0, row, whole, at * inner, stride, &check_error));
        CHECK_OK(cnn_copy_rows(context, outer, row, whole, at * inner, stride, back, 0, row, &check_error));
        check_same_bits(check_data(back), check_data(part), outer * row, "split");
    }
    at = 0;
    for (int32_t p = 0; p < 3; at += parts[p++])
        for (int64_t o = 0; o < outer; o++)
            for (int64_t i = 0; i < parts[p] * inner; i++)
                check_near(check_data(whole)[(o * axis + at) * inner + i], (double)(1000 * p + o * parts[p] * inner + i), 0,
                           "concatenation", i);
    check_release();
}

void test_slice(void)
{
    cnn_isa isas[CHECK_MOST_ISAS];
    const int32_t count = check_isas(isas);
    for (int32_t i = 0; i < count; i++) {
        static const int32_t threads[] = {1, 2, 3, 7};
        check_random random = {5};
        for (size_t t = 0; t < sizeof threads / sizeof *threads; t++) {
            cnn_context *context = check_context(isas[i], threads[t]);
            const int32_t most = threads[t] == 1 ? 60 : 1500; /* the larger ones are split over threads */
            for (int32_t n = 0; n < (threads[t] == 1 ? 500 : 12); n++) {
                const cnn_slice_desc desc = random_desc(&random, most);
                check_case("slice %s, %d threads, number %d, rank %d", cnn_isa_name(isas[i]), (int)threads[t], (int)n,
                           (int)desc.rank);
                if (product(desc.rank, desc.sizes) < 4000000) check_desc(&desc, context, n % 2 ? CHECK_START : CHECK_END);
            }
            check_misuse(context);
            check_concatenation(context);
            cnn_context_destroy(context);
        }
    }
}
