/* test_binary.c - arithmetic on one and two tensors, on every instruction set, against the operation on each element: which
 * must agree to the bit, because each is one rounding, except for powers. */
#include "check.h"
#include "check_run.h"

#include <math.h>
#include <string.h>

#define KINDS (CNN_BINARY_EQUAL + 1)
#define RANDOM_CASES 600
#define ULP 0x1p-23

static float expected_of(cnn_binary_kind kind, float x, float y)
{
    switch (kind) {
    case CNN_BINARY_ADD:
        return x + y;
    case CNN_BINARY_SUB:
        return x - y;
    case CNN_BINARY_MUL:
        return x * y;
    case CNN_BINARY_DIV:
        return x / y;
    case CNN_BINARY_MIN:
        return isnan(x) || isnan(y) ? NAN : fminf(x, y);
    case CNN_BINARY_MAX:
        return isnan(x) || isnan(y) ? NAN : fmaxf(x, y);
    case CNN_BINARY_LESS:
        return isless(x, y) ? 1 : 0;
    default:
        return !isnan(x) && !isnan(y) && !islessgreater(x, y) ? 1 : 0;
    }
}

/* The largest index that is read, plus one. */
static int64_t extent(const cnn_binary_desc *desc, const int64_t *strides)
{
    int64_t last = 0;
    for (int32_t d = 0; d < desc->rank; d++)
        last += (desc->shape[d] - 1) * strides[d];
    return last + 1;
}

static int64_t count_of(const cnn_binary_desc *desc)
{
    int64_t count = 1;
    for (int32_t d = 0; d < desc->rank; d++)
        count *= desc->shape[d];
    return count;
}

static int64_t place(const cnn_binary_desc *desc, const int64_t *strides, int64_t index)
{
    int64_t at = 0;
    for (int32_t d = desc->rank - 1; d >= 0; d--) {
        at += index % desc->shape[d] * strides[d];
        index /= desc->shape[d];
    }
    return at;
}

/* Zeros and small whole numbers among the rest, so that ties and equal elements happen; now and then NaN and infinity. */
static void fill(check_random *random, float *values, int64_t count)
{
    for (int64_t i = 0; i < count; i++)
        switch (check_range(random, 0, 15)) {
        case 0:
            values[i] = (float)check_range(random, -2, 2);
            break;
        case 1:
            values[i] = check_range(random, 0, 9) == 0 ? NAN : check_range(random, 0, 9) == 0 ? -INFINITY : 3e38f;
            break;
        default:
            values[i] = check_normal(random);
        }
}

static int same(float found, float expected) /* kernels flush subnormal results to zero */
{
    if (fabsf(expected) < 0x1p-126f && fabsf(found) < 0x1p-126f) return 1;
    return isnan(expected) ? isnan(found) : !(found < expected) && !(found > expected) && !isnan(found);
}

static void run_case(const cnn_context *context, const cnn_binary_desc *desc, check_random *random, check_side side)
{
    const int64_t count = count_of(desc), left_count = extent(desc, desc->left_strides);
    const int64_t right_count = extent(desc, desc->right_strides);
    float *x = check_floats(left_count, side), *y = check_floats(right_count, side);
    fill(random, x, left_count);
    fill(random, y, right_count);
    const cnn_buffer *left = check_buffer_of(x, left_count, side), *right = check_buffer_of(y, right_count, side);
    const cnn_buffer *output = check_buffer(count, side);
    if (!CHECK_OK(cnn_binary(context, desc, left, right, output, &check_error))) return;
    for (int64_t i = 0; i < count; i++) {
        const float a = x[place(desc, desc->left_strides, i)], b = y[place(desc, desc->right_strides, i)];
        const float expected = expected_of(desc->kind, a, b), found = check_data(output)[i];
        if (!CHECK(same(found, expected), "element %lld: %g and %g gave %.9g, expected %.9g", (long long)i, (double)a,
                   (double)b, (double)found, (double)expected))
            break;
    }
    check_release();
}

static cnn_binary_desc dense_desc(cnn_binary_kind kind, int32_t rank, const int64_t *shape)
{
    cnn_binary_desc desc;
    int64_t stride = 1;
    cnn_binary_desc_init(&desc);
    desc.kind = kind;
    desc.rank = rank;
    for (int32_t d = rank - 1; d >= 0; stride *= shape[d--]) {
        desc.shape[d] = shape[d];
        desc.left_strides[d] = desc.right_strides[d] = stride;
    }
    return desc;
}

/* Broadcasts each dimension of a side with a chance of one in three; now and then spreads the elements apart. */
static void draw_strides(check_random *random, const cnn_binary_desc *desc, int64_t *strides)
{
    int64_t stride = check_range(random, 0, 9) == 0 ? check_range(random, 2, 3) : 1;
    for (int32_t d = desc->rank - 1; d >= 0; d--) {
        const int broadcast = check_range(random, 0, 2) == 0;
        strides[d] = broadcast ? 0 : stride;
        if (!broadcast) stride *= desc->shape[d];
        if (check_range(random, 0, 9) == 0) stride += check_range(random, 1, 5);
    }
}

static void check_broadcasts(const cnn_context *context, check_random *random)
{
    for (int32_t n = 0; n < RANDOM_CASES; n++) {
        cnn_binary_desc desc;
        cnn_binary_desc_init(&desc);
        desc.kind = (cnn_binary_kind)(n % KINDS);
        desc.rank = check_range(random, 1, 6);
        const int32_t most = desc.rank < 3 ? 60 : desc.rank < 5 ? 9 : 4;
        for (int32_t d = 0; d < desc.rank; d++)
            desc.shape[d] = check_range(random, 0, 3) == 0 ? 1 : check_range(random, 1, most);
        draw_strides(random, &desc, desc.left_strides);
        draw_strides(random, &desc, desc.right_strides);
        check_case("%s broadcast %d, kind %d rank %d", cnn_isa_name(cnn_context_isa(context)), (int)n, (int)desc.kind,
                   (int)desc.rank);
        run_case(context, &desc, random, n % 2 ? CHECK_END : CHECK_START);
    }
}

/* The shapes with fast paths: the same, a scalar on either side, a channel vector on either side, gates of images. */
static void check_fast_paths(const cnn_context *context, check_random *random)
{
    static const int64_t channels[] = {1, 2, 3, 7, 8, 16, 33, 256, 512, 513, 1024, 3000};
    for (int32_t kind = 0; kind < KINDS; kind++)
        for (size_t i = 0; i < sizeof channels / sizeof *channels; i++)
            for (int32_t way = 0; way < 6; way++) {
                if (!check_wanted(kind + (int32_t)i + way, 4)) continue; /* each two of the three still meet */
                const int64_t c = channels[i], shape[] = {3, c > 100 ? 11 : 1300 / c + 40, c};
                cnn_binary_desc desc = dense_desc((cnn_binary_kind)kind, 3, shape);
                int64_t *broadcast = way % 2 ? desc.left_strides : desc.right_strides;
                if (way >= 2) broadcast[0] = broadcast[1] = 0;
                if (way >= 2 && way <= 3) broadcast[2] = 0;
                if (way == 5) broadcast[0] = c; /* a vector for each image */
                check_case("%s fast path %d of kind %d, %lld channels", cnn_isa_name(cnn_context_isa(context)), (int)way,
                           (int)kind, (long long)c);
                run_case(context, &desc, random, way % 2 ? CHECK_END : CHECK_START);
            }
}

static void check_in_place(const cnn_context *context, check_random *random)
{
    const int64_t shape[] = {5, 9, 7}, count = 5 * 9 * 7;
    cnn_binary_desc desc = dense_desc(CNN_BINARY_SUB, 3, shape);
    desc.right_strides[0] = desc.right_strides[1] = 0;
    float *x = check_floats(count, CHECK_END), *y = check_floats(7, CHECK_END);
    check_fill_normal(random, x, count);
    check_fill_normal(random, y, 7);
    check_case("%s in place", cnn_isa_name(cnn_context_isa(context)));
    const cnn_buffer *left = check_buffer_of(x, count, CHECK_END), *right = check_buffer_of(y, 7, CHECK_END);
    CHECK_OK(cnn_binary(context, &desc, left, right, left, &check_error));
    for (int64_t i = 0; i < count; i++)
        check_near(check_data(left)[i], x[i] - y[i % 7], 0, "in place", i);
    check_release();
}

static void check_thread_counts(cnn_isa isa, check_random *random)
{
    static const int32_t threads[] = {1, 2, 3, 7};
    const int64_t shape[] = {2, 9000, 43}, count = 2 * 9000 * 43;
    cnn_binary_desc desc = dense_desc(CNN_BINARY_DIV, 3, shape);
    desc.right_strides[0] = desc.right_strides[1] = 0;
    float *x = check_floats(count, CHECK_END), *y = check_floats(43, CHECK_END), *first = NULL;
    check_fill_normal(random, x, count);
    check_fill_normal(random, y, 43);
    const cnn_buffer *left = check_buffer_of(x, count, CHECK_END), *right = check_buffer_of(y, 43, CHECK_END);
    for (int32_t t = 0; t < 4; t++) {
        cnn_context *context = check_context(isa, threads[t]);
        const cnn_buffer *output = check_buffer(2 * count, CHECK_END);
        cnn_buffer *half = NULL;
        check_case("%s with %d threads", cnn_isa_name(isa), (int)threads[t]);
        CHECK_OK(cnn_buffer_view(output, count * 4, count * 4, &half, &check_error));
        CHECK_OK(cnn_binary(context, &desc, left, right, output, &check_error));
        CHECK_OK(cnn_unary(context, CNN_UNARY_EXP, 0, count, left, half, &check_error));
        if (!first) first = check_data(output);
        check_same_bits(check_data(output), first, 2 * count, "threads");
        cnn_buffer_destroy(half);
        cnn_context_destroy(context);
    }
    check_release();
}

typedef struct unary_case {
    cnn_unary_kind kind;
    float parameter;
    double ulp; /* what the header promises */
} unary_case;

static const unary_case unaries[] = {
    {CNN_UNARY_EXP, 0, 4},    {CNN_UNARY_LOG, 0, 4},        {CNN_UNARY_SQRT, 0, 0},   {CNN_UNARY_NEG, 0, 0},
    {CNN_UNARY_ABS, 0, 0},    {CNN_UNARY_RECIPROCAL, 0, 0}, {CNN_UNARY_POW, 0, 0},    {CNN_UNARY_POW, 1, 0},
    {CNN_UNARY_POW, 2, 0},    {CNN_UNARY_POW, 3, 3},        {CNN_UNARY_POW, -1, 0},   {CNN_UNARY_POW, -3, 3},
    {CNN_UNARY_POW, 7, 7},    {CNN_UNARY_POW, -8, 8},       {CNN_UNARY_POW, 0.5f, 0}, {CNN_UNARY_POW, -0.5f, 1},
    {CNN_UNARY_POW, 2.5f, 1}, {CNN_UNARY_POW, -0.75f, 1},   {CNN_UNARY_POW, 19, 1},
};

static double exact_unary(const unary_case *c, double x)
{
    switch (c->kind) {
    case CNN_UNARY_EXP:
        return exp(x);
    case CNN_UNARY_LOG:
        return log(x);
    case CNN_UNARY_SQRT:
        return sqrt(x);
    case CNN_UNARY_NEG:
        return -x;
    case CNN_UNARY_ABS:
        return fabs(x);
    case CNN_UNARY_RECIPROCAL:
        return 1 / x;
    default:
        return pow(x, c->parameter);
    }
}

static void check_unary_case(const cnn_context *context, const unary_case *c, int64_t count, check_random *random)
{
    static const float special[] = {0, -0.0f, 1, -1, INFINITY, -INFINITY, NAN, 1e30f, -1e30f, 1e-30f, 2};
    const check_side side = count % 2 ? CHECK_END : CHECK_START;
    float *x = check_floats(count, side);
    for (int64_t i = 0; i < count; i++)
        x[i] = i < 11 ? special[i] : check_normal(random) * 3;
    const cnn_buffer *input = check_buffer_of(x, count, side), *output = check_buffer(count, side);
    check_case("%s unary %d with %g, %lld elements", cnn_isa_name(cnn_context_isa(context)), (int)c->kind,
               (double)c->parameter, (long long)count);
    CHECK_OK(cnn_unary(context, c->kind, c->parameter, count, input, output, &check_error));
    CHECK_OK(cnn_unary(context, c->kind, c->parameter, count, input, input, &check_error));
    check_same_bits(check_data(input), check_data(output), count, "in place");
    for (int64_t i = 0; i < count; i++) {
        const double expected = exact_unary(c, x[i]);
        const double found = fabs(expected) < 0x1p-126 && fabsf(check_data(output)[i]) <= 0x1p-126f
                                 ? 0
                                 : check_ulp(check_data(output)[i], expected);
        CHECK(found <= c->ulp, "%g gave %.9g, expected %.9g", (double)x[i], (double)check_data(output)[i], expected);
        if (fabs(expected) <= 0)
            CHECK(!signbit(check_data(output)[i]) == !signbit(expected), "%g gave %g, expected %g", (double)x[i],
                  (double)check_data(output)[i], expected);
    }
    check_release();
}

static void check_misuse(void)
{
    cnn_context *context = check_context(CNN_ISA_SCALAR, 1);
    const int64_t shape[] = {3, 4};
    const cnn_buffer *a = check_buffer(12, CHECK_END), *b = check_buffer(12, CHECK_END), *c = check_buffer(12, CHECK_END);
    const cnn_binary_desc good = dense_desc(CNN_BINARY_ADD, 2, shape);
    cnn_binary_desc desc;
    check_case("misuse");
#define REFUSED(status, change)                                                                                             \
    desc = good;                                                                                                            \
    change;                                                                                                                 \
    CHECK_STATUS(status, cnn_binary(context, &desc, a, b, c, &check_error))
    REFUSED(CNN_INVALID_ARGUMENT, desc.struct_size = 0);
    REFUSED(CNN_INVALID_ARGUMENT, desc.rank = 0);
    REFUSED(CNN_INVALID_ARGUMENT, desc.rank = 7);
    REFUSED(CNN_INVALID_ARGUMENT, desc.kind = (cnn_binary_kind)KINDS);
    REFUSED(CNN_INVALID_ARGUMENT, desc.shape[1] = 0);
    REFUSED(CNN_INVALID_ARGUMENT, desc.left_strides[0] = -4);
    REFUSED(CNN_BUFFER_TOO_SMALL, desc.left_strides[0] = 5);
    REFUSED(CNN_BUFFER_TOO_SMALL, desc.shape[0] = 4);
    REFUSED(CNN_SIZE_OVERFLOW, desc.right_strides[0] = INT64_MAX / 4);
    REFUSED(CNN_SIZE_OVERFLOW, desc.shape[0] = INT64_MAX / 4);
#undef REFUSED
    CHECK_STATUS(CNN_INVALID_ARGUMENT, cnn_binary(NULL, &good, a, b, c, &check_error));
    CHECK_STATUS(CNN_INVALID_ARGUMENT, cnn_binary(context, NULL, a, b, c, &check_error));
    CHECK_STATUS(CNN_INVALID_ARGUMENT, cnn_binary(context, &good, NULL, b, c, &check_error));
    CHECK_STATUS(CNN_INVALID_ARGUMENT, cnn_binary(context, &good, a, b, NULL, &check_error));
    desc = good;
    desc.right_strides[0] = 0;
    CHECK_OK(cnn_binary(context, &desc, a, b, a, &check_error));
    CHECK_STATUS(CNN_INVALID_ARGUMENT, cnn_binary(context, &desc, a, b, b, &check_error));
    CHECK_STATUS(CNN_INVALID_ARGUMENT, cnn_unary(context, (cnn_unary_kind)7, 0, 3, a, b, &check_error));
    CHECK_STATUS(CNN_INVALID_ARGUMENT, cnn_unary(context, CNN_UNARY_NEG, 0, 0, a, b, &check_error));
    CHECK_STATUS(CNN_BUFFER_TOO_SMALL, cnn_unary(context, CNN_UNARY_NEG, 0, 13, a, b, &check_error));
    CHECK_STATUS(CNN_INVALID_ARGUMENT, cnn_unary(context, CNN_UNARY_NEG, 0, 3, a, NULL, &check_error));
    cnn_context_destroy(context);
    check_release();
}

void test_binary(void)
{
    cnn_isa isas[CHECK_MOST_ISAS];
    const int32_t count = check_isas(isas);
    check_random random = {2};
    for (int32_t i = 0; i < count; i++) {
        cnn_context *context = check_context(isas[i], 1);
        check_broadcasts(context, &random);
        check_fast_paths(context, &random);
        check_in_place(context, &random);
        for (size_t u = 0; u < sizeof unaries / sizeof *unaries; u++)
            for (int64_t n = 1; n <= 40; n++)
                if (check_wanted(n + (int64_t)u, 3)) check_unary_case(context, &unaries[u], n < 40 ? n : 5000, &random);
        cnn_context_destroy(context);
        check_thread_counts(isas[i], &random);
    }
    check_misuse();
}
