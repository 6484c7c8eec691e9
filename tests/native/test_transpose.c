/* test_transpose.c - every permutation of up to five dimensions, and of eight at random, against the definition, element by
 * element and bit by bit; the layouts of images with tails of every kind, beside pages that may not be touched. */
#include "check.h"
#include "check_run.h"

#include <stdlib.h>
#include <string.h>

static int64_t elements_of(const cnn_transpose_desc *desc)
{
    int64_t product = 1;
    for (int32_t i = 0; i < desc->rank; i++)
        product *= desc->sizes[i];
    return product;
}

/* The definition: the index of each output element is taken apart, and put together along the input's dimensions. */
static void reference(const cnn_transpose_desc *desc, const float *input, float *output)
{
    const int64_t count = elements_of(desc);
    for (int64_t n = 0; n < count; n++) {
        int64_t index[CNN_MAX_RANK], rest = n, from = 0;
        for (int32_t i = desc->rank - 1; i >= 0; i--) {
            index[desc->axes[i]] = rest % desc->sizes[desc->axes[i]];
            rest /= desc->sizes[desc->axes[i]];
        }
        for (int32_t i = 0; i < desc->rank; i++)
            from = from * desc->sizes[i] + index[i];
        memcpy(output + n, input + from, sizeof *output);
    }
}

static void fill_bits(float *values, int64_t count) /* each element another, signalling NaNs and subnormals among them */
{
    for (int64_t i = 0; i < count; i++) {
        const uint32_t bits = (uint32_t)i * 2654435761u;
        memcpy(values + i, &bits, sizeof bits);
    }
}

static void check_desc(const cnn_transpose_desc *desc, const cnn_context *context, check_side side)
{
    const int64_t count = elements_of(desc);
    float *values = malloc((size_t)count * sizeof *values), *expected = malloc((size_t)count * sizeof *expected);
    if (!values || !expected) abort();
    fill_bits(values, count);
    reference(desc, values, expected);
    const cnn_buffer *input = check_buffer_of(values, count, side), *output = check_buffer(count, side);
    check_case("transpose %s, rank %d, sizes %d %d %d %d %d, axes %d %d %d %d %d", cnn_isa_name(cnn_context_isa(context)),
               (int)desc->rank, (int)desc->sizes[0], (int)desc->sizes[1], (int)desc->sizes[2], (int)desc->sizes[3],
               (int)desc->sizes[4], (int)desc->axes[0], (int)desc->axes[1], (int)desc->axes[2], (int)desc->axes[3],
               (int)desc->axes[4]);
    CHECK_OK(cnn_transpose(context, desc, input, output, &check_error));
    check_same_bits(check_data(output), expected, count, "transpose");
    check_release();
    free(values);
    free(expected);
}

/* The next permutation in the order of a dictionary; 0 after the last. */
static int next_permutation(int32_t *axes, int32_t rank)
{
    int32_t i = rank - 2, j = rank - 1;
    while (i >= 0 && axes[i] > axes[i + 1])
        i--;
    if (i < 0) return 0;
    while (axes[j] < axes[i])
        j--;
    int32_t swapped = axes[i];
    axes[i] = axes[j];
    axes[j] = swapped;
    for (int32_t a = i + 1, b = rank - 1; a < b; a++, b--) {
        swapped = axes[a];
        axes[a] = axes[b];
        axes[b] = swapped;
    }
    return 1;
}

static void check_permutations(const cnn_context *context, check_random *random)
{
    static const int32_t largest[] = {0, 200, 80, 30, 13, 9};
    for (int32_t rank = 1; rank <= 5; rank++) {
        cnn_transpose_desc desc;
        cnn_transpose_desc_init(&desc);
        desc.rank = rank;
        for (int32_t i = 0; i < rank; i++)
            desc.axes[i] = i;
        do {
            for (int32_t n = 0; n < 6; n++) {
                for (int32_t i = 0; i < rank; i++)
                    desc.sizes[i] = n == 0 ? 2 + i : check_range(random, 1, largest[rank]);
                check_desc(&desc, context, n % 2 ? CHECK_START : CHECK_END);
            }
        } while (next_permutation(desc.axes, rank));
    }
}

static void check_eight_dimensions(const cnn_context *context, check_random *random)
{
    for (int32_t n = 0; n < 200; n++) {
        cnn_transpose_desc desc;
        cnn_transpose_desc_init(&desc);
        desc.rank = check_range(random, 6, 8);
        for (int32_t i = 0; i < desc.rank; i++) {
            const int32_t j = check_range(random, 0, i); /* Fisher and Yates */
            desc.axes[i] = desc.axes[j];
            desc.axes[j] = i;
            desc.sizes[i] = check_range(random, 1, 4);
        }
        check_desc(&desc, context, n % 2 ? CHECK_START : CHECK_END);
    }
}

static void check_matrices(const cnn_context *context)
{
    for (int32_t rows = 1; rows <= 40; rows++)
        for (int32_t columns = 1; columns <= 40; columns++) {
            const cnn_transpose_desc desc = {
                .struct_size = sizeof desc, .rank = 2, .sizes = {rows, columns}, .axes = {1, 0}};
            check_desc(&desc, context, (rows + columns) % 2 ? CHECK_START : CHECK_END);
        }
}

/* Sizes of which tiles leave rests on both axes, and copies long enough to be split over threads. */
static void check_images(const cnn_context *context)
{
    static const int32_t shapes[][4] = {{2, 3, 130, 67}, {2, 67, 33, 41}, {1, 200, 24, 24}, {3, 64, 64, 64}, {2, 4, 80, 81}};
    static const int32_t orders[][4] = {{0, 2, 3, 1}, {0, 3, 1, 2}, {0, 2, 1, 3}, {3, 2, 1, 0}, {0, 1, 3, 2}, {0, 1, 2, 3}};
    for (size_t n = 0; n < sizeof shapes / sizeof *shapes; n++)
        for (size_t m = 0; m < sizeof orders / sizeof *orders; m++) {
            cnn_transpose_desc desc;
            cnn_transpose_desc_init(&desc);
            desc.rank = 4;
            for (int32_t i = 0; i < 4; i++) {
                desc.sizes[i] = shapes[n][i];
                desc.axes[i] = orders[m][i];
            }
            check_desc(&desc, context, CHECK_END);
        }
}

static void check_misuse(const cnn_context *context)
{
    cnn_transpose_desc good, desc;
    const cnn_buffer *input = check_buffer(24, CHECK_END), *output = check_buffer(24, CHECK_END);
    check_case("transpose: misuse");
    cnn_transpose_desc_init(NULL);
    cnn_transpose_desc_init(&good);
    good.rank = 2;
    good.sizes[0] = 4;
    good.sizes[1] = 6;
    good.axes[0] = 1;
    CHECK_OK(cnn_transpose(context, &good, input, output, &check_error));
    CHECK_STATUS(CNN_INVALID_ARGUMENT, cnn_transpose(NULL, &good, input, output, &check_error));
    CHECK_STATUS(CNN_INVALID_ARGUMENT, cnn_transpose(context, NULL, input, output, &check_error));
    CHECK_STATUS(CNN_INVALID_ARGUMENT, cnn_transpose(context, &good, NULL, output, &check_error));
    CHECK_STATUS(CNN_INVALID_ARGUMENT, cnn_transpose(context, &good, input, NULL, &check_error));
    CHECK_STATUS(CNN_INVALID_ARGUMENT, cnn_transpose(context, &good, input, input, &check_error));
    CHECK(cnn_transpose(context, &good, input, input, NULL) == CNN_INVALID_ARGUMENT, "the error record may be null");
#define WRONG(status, change)                                                                                               \
    desc = good;                                                                                                            \
    change;                                                                                                                 \
    CHECK_STATUS(status, cnn_transpose(context, &desc, input, output, &check_error));
    WRONG(CNN_INVALID_ARGUMENT, desc.struct_size = 0)
    WRONG(CNN_INVALID_ARGUMENT, desc.rank = 0)
    WRONG(CNN_INVALID_ARGUMENT, desc.rank = 9)
    WRONG(CNN_INVALID_ARGUMENT, desc.sizes[1] = 0)
    WRONG(CNN_INVALID_ARGUMENT, desc.sizes[0] = -4)
    WRONG(CNN_INVALID_ARGUMENT, desc.axes[1] = 1)
    WRONG(CNN_INVALID_ARGUMENT, desc.axes[0] = 2)
    WRONG(CNN_INVALID_ARGUMENT, desc.axes[0] = -1)
    WRONG(CNN_BUFFER_TOO_SMALL, desc.sizes[0] = 5)
    WRONG(CNN_SIZE_OVERFLOW, desc.sizes[0] = INT64_MAX)
#undef WRONG
    check_release();
}

void test_transpose(void)
{
    cnn_isa isas[CHECK_MOST_ISAS];
    const int32_t count = check_isas(isas);
    for (int32_t i = 0; i < count; i++) {
        static const int32_t threads[] = {1, 2, 3, 7};
        check_random random = {31};
        cnn_context *context = check_context(isas[i], 1);
        check_permutations(context, &random);
        check_eight_dimensions(context, &random);
        check_matrices(context);
        check_misuse(context);
        cnn_context_destroy(context);
        for (size_t t = 0; t < sizeof threads / sizeof *threads; t++) {
            context = check_context(isas[i], threads[t]);
            check_images(context);
            cnn_context_destroy(context);
        }
    }
}
