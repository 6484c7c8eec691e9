/* test_reduce.c - sums over any dimensions, on every instruction set, against float64; the same bits for any number of
 * threads; and that a sum is the gradient of a broadcast. */
#include "check.h"
#include "check_run.h"

#include <math.h>
#include <string.h>

#define RANDOM_CASES 500
#define IN_FLOAT 64 /* rows that are added in float32 */

static int64_t product(int32_t rank, const int64_t *sizes)
{
    int64_t result = 1;
    for (int32_t d = 0; d < rank; d++)
        result *= sizes[d];
    return result;
}

static void add_up(const cnn_reduce_desc *desc, const float *input, double *sums, double *magnitudes)
{
    const int64_t count = product(desc->rank, desc->shape);
    for (int64_t i = 0; i < count; i++) {
        int64_t index = i, to = 0, step = 1;
        for (int32_t d = desc->rank - 1; d >= 0; d--) {
            if (desc->output_shape[d] > 1) to += index % desc->shape[d] * step;
            index /= desc->shape[d];
            step *= desc->output_shape[d];
        }
        sums[to] += input[i];
        magnitudes[to] += fabs(input[i]);
    }
}

static void run_case(const cnn_context *context, cnn_reduce_desc *desc, check_random *random, check_side side)
{
    const int64_t count = product(desc->rank, desc->shape), outputs = product(desc->rank, desc->output_shape);
    int64_t bytes = -1;
    float *x = check_floats(count, side);
    double *sums = (double *)(void *)check_floats(outputs * 2, CHECK_END);
    double *magnitudes = (double *)(void *)check_floats(outputs * 2, CHECK_END);
    check_fill_normal(random, x, count);
    memset(sums, 0, (size_t)outputs * sizeof *sums);
    memset(magnitudes, 0, (size_t)outputs * sizeof *magnitudes);
    add_up(desc, x, sums, magnitudes);
    const cnn_buffer *input = check_buffer_of(x, count, side), *output = check_buffer(outputs, side);
    CHECK_OK(cnn_reduce_sum_workspace(desc, &bytes, &check_error));
    const cnn_buffer *workspace = bytes > 0 ? check_aligned_buffer(bytes) : NULL;
    desc->accumulate = 0;
    CHECK_OK(cnn_reduce_sum(context, desc, input, output, workspace, &check_error));
    desc->accumulate = 1;
    CHECK_OK(cnn_reduce_sum(context, desc, input, output, workspace, &check_error));
    for (int64_t i = 0; i < outputs; i++) {
        const double bound = 2 * fabs(desc->scale) * (IN_FLOAT + 2) * 0x1p-24 * magnitudes[i] + 1e-37;
        if (!check_near(check_data(output)[i], 2 * desc->scale * sums[i], bound, "sum", i)) break;
    }
    check_release();
}

static void check_random_shapes(const cnn_context *context, check_random *random)
{
    for (int32_t n = 0; n < RANDOM_CASES; n++) {
        cnn_reduce_desc desc;
        cnn_reduce_desc_init(&desc);
        desc.rank = check_range(random, 1, 6);
        desc.scale = n % 3 == 0 ? 0.25f : 1;
        const int32_t most = desc.rank < 3 ? 150 : desc.rank < 5 ? 12 : 5;
        for (int32_t d = 0; d < desc.rank; d++) {
            desc.shape[d] = check_range(random, 0, 3) == 0 ? 1 : check_range(random, 1, most);
            desc.output_shape[d] = check_range(random, 0, 1) ? desc.shape[d] : 1;
        }
        check_case("%s random shape %d of rank %d", cnn_isa_name(cnn_context_isa(context)), (int)n, (int)desc.rank);
        run_case(context, &desc, random, n % 2 ? CHECK_END : CHECK_START);
    }
}

typedef struct shape {
    int64_t sizes[3];
    int sums[3];
} shape;

/* Several slabs, several blocks of columns, several segments, and tails of all of them. */
static const shape shapes[] = {{{3, 900, 70}, {0, 1, 0}},  {{5, 41, 1100}, {1, 1, 0}}, {{1, 1, 200001}, {0, 0, 1}},
                               {{2, 3, 90001}, {0, 1, 1}}, {{2, 3, 9001}, {1, 0, 1}},  {{4, 700, 65}, {1, 0, 1}},
                               {{70, 3, 600}, {1, 0, 0}},  {{1, 70000, 3}, {0, 1, 0}}, {{9, 11, 4096}, {0, 0, 1}},
                               {{300, 2, 513}, {1, 0, 0}}, {{1, 1, 40000}, {0, 0, 0}}};

static void describe(const shape *from, cnn_reduce_desc *desc)
{
    cnn_reduce_desc_init(desc);
    desc->rank = 3;
    for (int d = 0; d < 3; d++) {
        desc->shape[d] = from->sizes[d];
        desc->output_shape[d] = from->sums[d] ? 1 : from->sizes[d];
    }
}

static void check_shapes(const cnn_context *context, check_random *random)
{
    for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++) {
        cnn_reduce_desc desc;
        describe(&shapes[i], &desc);
        check_case("%s shape %d", cnn_isa_name(cnn_context_isa(context)), (int)i);
        run_case(context, &desc, random, i % 2 ? CHECK_END : CHECK_START);
    }
}

static void check_thread_counts(cnn_isa isa, check_random *random)
{
    static const int32_t threads[] = {1, 2, 3, 7};
    static const shape large[] = {{{1, 20000, 61}, {0, 1, 0}}, {{1, 1, 1500001}, {0, 0, 1}}, {{3001, 1, 401}, {0, 1, 1}}};
    for (size_t i = 0; i < sizeof large / sizeof *large; i++) {
        cnn_reduce_desc desc;
        describe(&large[i], &desc);
        const int64_t count = product(3, desc.shape), outputs = product(3, desc.output_shape);
        int64_t bytes = 0;
        const cnn_buffer *input = check_buffer(count, CHECK_END);
        check_fill_normal(random, check_data(input), count);
        CHECK_OK(cnn_reduce_sum_workspace(&desc, &bytes, &check_error));
        const cnn_buffer *workspace = bytes > 0 ? check_aligned_buffer(bytes) : NULL;
        float *first = NULL;
        for (int32_t t = 0; t < 4; t++) {
            cnn_context *context = check_context(isa, threads[t]);
            const cnn_buffer *output = check_buffer(outputs, CHECK_END);
            check_case("%s shape %d with %d threads", cnn_isa_name(isa), (int)i, (int)threads[t]);
            CHECK_OK(cnn_reduce_sum(context, &desc, input, output, workspace, &check_error));
            if (!first) first = check_data(output);
            check_same_bits(check_data(output), first, outputs, "threads");
            cnn_context_destroy(context);
        }
        check_release();
    }
}

/* The sum of all elements of x + broadcast(v), in float64, changes with v as reduce_sum of ones says. */
static void check_gradient_of_broadcast(const cnn_context *context)
{
    static const shape bias = {{4, 9, 5}, {1, 1, 0}};
    cnn_reduce_desc desc;
    describe(&bias, &desc);
    const cnn_buffer *ones = check_buffer(180, CHECK_END), *gradient = check_buffer(5, CHECK_END);
    check_case("%s gradient of a bias", cnn_isa_name(cnn_context_isa(context)));
    CHECK_OK(cnn_buffer_fill(ones, 1, &check_error));
    CHECK_OK(cnn_reduce_sum(context, &desc, ones, gradient, NULL, &check_error));
    for (int i = 0; i < 5; i++)
        check_near(check_data(gradient)[i], 36, 0, "elements that see a bias", i);
    check_data(ones)[7] = NAN;
    check_data(ones)[8] = INFINITY;
    CHECK_OK(cnn_reduce_sum(context, &desc, ones, gradient, NULL, &check_error));
    check_near(check_data(gradient)[2], NAN, 0, "NaN", 2);
    check_near(check_data(gradient)[3], INFINITY, 0, "infinity", 3);
    check_near(check_data(gradient)[4], 36, 0, "the rest", 4);
    check_release();
}

static void check_misuse(void)
{
    static const shape total = {{3, 4, 50000}, {1, 1, 1}};
    cnn_context *context = check_context(CNN_ISA_SCALAR, 1);
    const cnn_buffer *a = check_buffer(600000, CHECK_END), *b = check_buffer(4, CHECK_END), *w = check_aligned_buffer(1024);
    cnn_reduce_desc good, desc;
    int64_t bytes = 77;
    describe(&total, &good);
    check_case("misuse");
    CHECK_OK(cnn_reduce_sum_workspace(&good, &bytes, &check_error));
    CHECK(bytes > 0 && bytes <= 1024, "%lld bytes", (long long)bytes);
    CHECK_STATUS(CNN_INVALID_ARGUMENT, cnn_reduce_sum(context, &good, a, b, NULL, &check_error));
    CHECK_STATUS(CNN_BUFFER_TOO_SMALL, cnn_reduce_sum(context, &good, a, b, b, &check_error));
    CHECK_STATUS(CNN_BUFFER_TOO_SMALL, cnn_reduce_sum(context, &good, b, b, w, &check_error));
    CHECK_STATUS(CNN_INVALID_ARGUMENT, cnn_reduce_sum(context, &good, a, a, w, &check_error));
    CHECK_STATUS(CNN_INVALID_ARGUMENT, cnn_reduce_sum_workspace(&good, NULL, &check_error));
#define REFUSED(status, change)                                                                                             \
    desc = good;                                                                                                            \
    change;                                                                                                                 \
    CHECK_STATUS(status, cnn_reduce_sum(context, &desc, a, b, w, &check_error))
    REFUSED(CNN_INVALID_ARGUMENT, desc.struct_size = 3);
    REFUSED(CNN_INVALID_ARGUMENT, desc.rank = 0);
    REFUSED(CNN_INVALID_ARGUMENT, desc.rank = 7);
    REFUSED(CNN_INVALID_ARGUMENT, desc.accumulate = 2);
    REFUSED(CNN_INVALID_ARGUMENT, desc.shape[0] = -1);
    REFUSED(CNN_SHAPE_MISMATCH, desc.output_shape[0] = 2);
    REFUSED(CNN_SIZE_OVERFLOW, desc.shape[0] = INT64_MAX / 8);
    REFUSED(CNN_BUFFER_TOO_SMALL, desc.output_shape[2] = 50000);
#undef REFUSED
    cnn_context_destroy(context);
    check_release();
}

void test_reduce(void)
{
    cnn_isa isas[CHECK_MOST_ISAS];
    const int32_t count = check_isas(isas);
    check_random random = {3};
    for (int32_t i = 0; i < count; i++) {
        cnn_context *context = check_context(isas[i], 1);
        check_random_shapes(context, &random);
        check_shapes(context, &random);
        check_gradient_of_broadcast(context);
        cnn_context_destroy(context);
        check_thread_counts(isas[i], &random);
    }
    check_misuse();
}
