/* test_gemm.c - matrix products against float64: every instruction set, transposition and summand, sizes with tails and some
 * larger than a block, matrices with gaps that hold NaN, and every way to call the functions wrongly. */
#include "check.h"
#include "check_run.h"
#include "reference.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

typedef enum residual_kind { NO_RESIDUAL, RESIDUAL_APART, RESIDUAL_IN_PLACE } residual_kind;

/* A product, its matrices (with NaN in their gaps), and what it should give. */
typedef struct product {
    cnn_gemm_desc desc;
    residual_kind residual_kind;
    float *left, *right, *bias, *residual, *output; /* output: what is there before */
    int64_t left_count, right_count, residual_count, output_count;
    int64_t output_step;
    double *sums, *magnitudes;
} product;

static float *matrix(int64_t rows, int64_t columns, int64_t stride, double scale, int64_t *count, check_random *random)
{
    const int64_t step = stride == 0 ? columns : stride;
    *count = (rows - 1) * step + columns;
    float *made = malloc((size_t)*count * sizeof *made);
    for (int64_t i = 0; i < *count; i++)
        made[i] = i % step < columns ? (float)(check_normal(random) * scale) : NAN;
    return made;
}

static void expect(product *p)
{
    const cnn_gemm_desc *d = &p->desc;
    const int64_t left_step = d->left_stride ? d->left_stride : d->transpose_left ? d->rows : d->depth;
    const int64_t right_step = d->right_stride ? d->right_stride : d->transpose_right ? d->depth : d->columns;
    const int64_t residual_step = d->residual_stride ? d->residual_stride : d->columns;
    for (int64_t i = 0; i < d->rows; i++)
        for (int64_t j = 0; j < d->columns; j++) {
            const double was = p->output[i * p->output_step + j];
            const double bias = p->bias ? p->bias[j] : 0, before = d->accumulate ? was : 0;
            const double residual = p->residual_kind == NO_RESIDUAL      ? 0
                                    : p->residual_kind == RESIDUAL_APART ? p->residual[i * residual_step + j]
                                                                         : was;
            double sum = bias + before + residual, magnitude = fabs(bias) + fabs(before) + fabs(residual);
            for (int64_t k = 0; k < d->depth; k++) {
                const double a = p->left[d->transpose_left ? k * left_step + i : i * left_step + k];
                const double b = p->right[d->transpose_right ? j * right_step + k : k * right_step + j];
                sum += a * b;
                magnitude += fabs(a * b);
            }
            p->sums[i * d->columns + j] = sum;
            p->magnitudes[i * d->columns + j] = magnitude;
        }
}

static product create(const cnn_gemm_desc *d, int bias, residual_kind kind, check_random *random)
{
    product p = {.desc = *d, .residual_kind = kind, .output_step = d->output_stride ? d->output_stride : d->columns};
    int64_t unused = 0;
    p.left = matrix(d->transpose_left ? d->depth : d->rows, d->transpose_left ? d->rows : d->depth, d->left_stride, 1,
                    &p.left_count, random);
    p.right = matrix(d->transpose_right ? d->columns : d->depth, d->transpose_right ? d->depth : d->columns, d->right_stride,
                     1 / sqrt((double)d->depth), &p.right_count, random);
    if (bias) p.bias = matrix(1, d->columns, 0, 1, &unused, random);
    if (kind == RESIDUAL_APART) p.residual = matrix(d->rows, d->columns, d->residual_stride, 1, &p.residual_count, random);
    p.output = matrix(d->rows, d->columns, d->output_stride, 1, &p.output_count, random);
    p.sums = malloc((size_t)(d->rows * d->columns) * sizeof *p.sums);
    p.magnitudes = malloc((size_t)(d->rows * d->columns) * sizeof *p.magnitudes);
    expect(&p);
    return p;
}

static void destroy(product *p)
{
    free(p->left);
    free(p->right);
    free(p->bias);
    free(p->residual);
    free(p->output);
    free(p->sums);
    free(p->magnitudes);
}

static void name_case(const product *p, const cnn_context *context, const char *algorithm)
{
    const cnn_gemm_desc *d = &p->desc;
    check_case(
        "%s %d threads: %s, %lldx%lldx%lld transposed %d %d packed %d accumulate %d bias %d residual %d activation %d "
        "strides %lld %lld %lld %lld",
        cnn_isa_name(cnn_context_isa(context)), (int)cnn_context_threads(context), algorithm, (long long)d->rows,
        (long long)d->columns, (long long)d->depth, (int)d->transpose_left, (int)d->transpose_right, (int)d->packed_right,
        (int)d->accumulate, p->bias != NULL, (int)p->residual_kind, (int)d->activation, (long long)d->left_stride,
        (long long)d->right_stride, (long long)d->output_stride, (long long)d->residual_stride);
}

/* Plans, packs and runs; the output lives until check_release. */
static const float *run(const product *p, const cnn_context *context, check_side side)
{
    cnn_gemm_plan *plan = NULL;
    cnn_gemm_plan_info info;
    cnn_gemm_plan_info_init(&info);
    name_case(p, context, "not planned yet");
    if (!CHECK_OK(cnn_gemm_plan_create(context, &p->desc, &plan, &check_error))) exit(2);
    CHECK_OK(cnn_gemm_plan_describe(plan, &info, &check_error));
    name_case(p, context, info.algorithm_name);
    CHECK(info.left_bytes == p->left_count * 4 && info.right_bytes == p->right_count * 4 &&
              info.output_bytes == p->output_count * 4 && (info.packed_bytes > 0) == p->desc.packed_right,
          "%lld bytes of output", (long long)info.output_bytes);
    const cnn_buffer *workspace = check_aligned_buffer(info.workspace_bytes_per_thread * cnn_context_threads(context));
    const cnn_buffer *left = check_buffer_of(p->left, p->left_count, side);
    const cnn_buffer *right = check_buffer_of(p->right, p->right_count, side);
    const cnn_buffer *bias = p->bias ? check_buffer_of(p->bias, p->desc.columns, side) : NULL;
    const cnn_buffer *output = check_buffer_of(p->output, p->output_count, side);
    const cnn_buffer *residual = p->residual_kind == NO_RESIDUAL      ? NULL
                                 : p->residual_kind == RESIDUAL_APART ? check_buffer_of(p->residual, p->residual_count, side)
                                                                      : output;
    const int reads = p->desc.accumulate || p->residual_kind == RESIDUAL_IN_PLACE;
    for (int64_t i = 0; !reads && i < p->output_count; i++)
        check_data(output)[i] = NAN; /* may not be looked at */
    if (p->desc.packed_right) {
        const cnn_buffer *packed = check_aligned_buffer(info.packed_bytes);
        CHECK_OK(cnn_gemm_pack_right(context, plan, right, packed, &check_error));
        right = packed;
    }
    CHECK_OK(cnn_gemm_run(context, plan, left, right, bias, residual, output, workspace, &check_error));
    cnn_gemm_plan_destroy(plan);
    return check_data(output);
}

/* A sum of n products in any order is within (n + 2) 2^-24 of the sum of their absolute values (Higham 2002, section 4.2);
 * bias, residual and old output are three more summands. The activation adds its own 8 ulp, as for convolutions. */
static void check_output(const product *p, const float *output)
{
    const cnn_gemm_desc *d = &p->desc;
    const double unit = 0x1p-24, slope = reference_slope(d->activation, d->activation_alpha);
    const float gap = NAN;
    for (int64_t i = 0; i < d->rows * d->columns; i++) {
        const double sum = p->sums[i];
        const double expected = reference_activation(d->activation, d->activation_alpha, d->activation_beta, sum);
        const double own = d->activation > CNN_ACTIVATION_LEAKY_RELU ? 8 * unit * (fabs(expected) + fabs(sum)) : 0;
        const double bound = slope * ((double)d->depth + 5) * unit * p->magnitudes[i] + own + 1e-37;
        if (!check_near(output[i / d->columns * p->output_step + i % d->columns], expected, bound, "gemm", i)) return;
    }
    for (int64_t i = 0; i < p->output_count; i++)
        if (i % p->output_step >= d->columns &&
            !CHECK(memcmp(output + i, &gap, sizeof gap) == 0, "the gap at %lld was written", (long long)i))
            return;
}

static void check_product(const cnn_gemm_desc *desc, int bias, residual_kind kind, cnn_context *const *contexts,
                          int32_t count, check_random *random)
{
    product p = create(desc, bias, kind, random);
    for (int32_t i = 0; i < count; i++) {
        check_output(&p, run(&p, contexts[i], check_next(random) % 2 ? CHECK_END : CHECK_START));
        check_release();
    }
    destroy(&p);
}

static void set_activation(cnn_gemm_desc *desc, int32_t kind)
{
    desc->activation = (cnn_activation_kind)kind;
    desc->activation_alpha = kind == CNN_ACTIVATION_CLIP ? -0.5f : 0.3f;
    desc->activation_beta = 0.5f;
}

static cnn_gemm_desc describe(int64_t rows, int64_t columns, int64_t depth, int32_t options)
{
    cnn_gemm_desc desc;
    cnn_gemm_desc_init(&desc);
    desc.rows = rows;
    desc.columns = columns;
    desc.depth = depth;
    desc.transpose_left = options & 1;
    desc.transpose_right = options >> 1 & 1;
    desc.packed_right = options >> 2 & 1;
    desc.accumulate = options >> 3 & 1;
    return desc;
}

/* Every combination of options over sizes with tails, of one row or column, and, from 768 on, of more than one block. */
static void check_options(cnn_context *const *contexts, int32_t count, check_random *random)
{
    static const int64_t sizes[][3] = {{1, 1, 1},   {1, 1, 37},   {1, 29, 17},  {31, 1, 19},   {2, 3, 5},
                                       {6, 64, 16}, {7, 65, 33},  {13, 16, 40}, {25, 31, 23},  {24, 128, 9},
                                       {49, 17, 7}, {97, 19, 11}, {1, 70, 768}, {11, 23, 769}, {29, 5, 1283}};
    int32_t kind = 0;
    for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++)
        for (int32_t options = 0; options < 16; options++)
            for (int32_t bias = 0; bias < 2; bias++)
                for (int32_t residual = NO_RESIDUAL; residual <= RESIDUAL_IN_PLACE; residual++) {
                    /* Each options meet every bias and residual, at other sizes. */
                    if (!check_wanted((int64_t)s + options + 3 * bias + residual, 6)) continue;
                    cnn_gemm_desc desc = describe(sizes[s][0], sizes[s][1], sizes[s][2], options);
                    set_activation(&desc, kind++ % (CNN_ACTIVATION_CLIP + 1));
                    check_product(&desc, bias, (residual_kind)residual, contexts, count, random);
                }
}

static void check_gaps(cnn_context *const *contexts, int32_t count, check_random *random)
{
    const int32_t cases = (int32_t)check_thinned(400, 120);
    for (int32_t n = 0; n < cases; n++) {
        const int32_t options = check_range(random, 0, 15);
        const int32_t most = n % 40 == 0 ? 300 : 40; /* 300 rows are several blocks */
        const int32_t rows = check_range(random, 1, most), columns = check_range(random, 1, 40);
        cnn_gemm_desc desc = describe(rows, columns, check_range(random, 1, 40), options);
        const residual_kind kind = (residual_kind)check_range(random, NO_RESIDUAL, RESIDUAL_IN_PLACE);
        set_activation(&desc, check_range(random, CNN_ACTIVATION_NONE, CNN_ACTIVATION_CLIP));
        desc.left_stride = (desc.transpose_left ? desc.rows : desc.depth) + check_range(random, 0, 9);
        desc.right_stride = (desc.transpose_right ? desc.depth : desc.columns) + check_range(random, 0, 9);
        desc.output_stride = desc.columns + check_range(random, 0, 9);
        desc.residual_stride = kind == RESIDUAL_IN_PLACE ? desc.output_stride : desc.columns + check_range(random, 0, 9);
        check_product(&desc, n % 2, kind, contexts, count, random);
    }
}

/* Vectors longer than what a step of the vector products keeps, and outputs that fill more than one step, or block. */
static void check_large(cnn_context *const *contexts, int32_t count, check_random *random)
{
    static const int64_t sizes[][3] = {{1, 4099, 9},  {4099, 1, 9},  {1, 7, 9001},    {5, 1, 9001},
                                       {3, 1033, 5},  {7, 1100, 67}, {211, 1031, 23}, {1, 1, 8193},
                                       {3, 600, 450}, {8, 30, 9001}, {2, 5000, 60}};
    for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++)
        for (int32_t options = 0; options < 8; options++) {
            if (!check_wanted((int64_t)s + options, 2)) continue;
            cnn_gemm_desc desc = describe(sizes[s][0], sizes[s][1], sizes[s][2], options);
            desc.right_stride = options % 4 == 0 ? desc.columns + 1 : 0;
            desc.left_stride = options % 4 == 1 ? desc.rows + 3 : 0;
            check_product(&desc, 1, NO_RESIDUAL, contexts, count, random);
        }
}

static void check_threads(cnn_isa isa, check_random *random)
{
    static const int64_t sizes[][3] = {{97, 700, 1100}, {1, 5003, 300}, {5003, 1, 300}, {701, 33, 130},
                                       {13, 2001, 90},  {3, 5000, 60},  {8, 2001, 160}};
    static const int32_t threads[] = {1, 2, 3, 7};
    for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++)
        for (int32_t options = 0; options < 16; options++) {
            if (!check_wanted((int64_t)s + options, 7)) continue; /* two or three each */
            cnn_gemm_desc desc = describe(sizes[s][0], sizes[s][1], isa == CNN_ISA_SCALAR ? 40 : sizes[s][2], options);
            set_activation(&desc, options % 2 ? CNN_ACTIVATION_TANH : CNN_ACTIVATION_RELU);
            product p = create(&desc, 1, RESIDUAL_APART, random);
            const float *first = NULL;
            for (size_t t = 0; t < sizeof threads / sizeof *threads; t++) {
                cnn_context *context = check_context(isa, threads[t]);
                const float *output = run(&p, context, CHECK_END);
                if (!first) check_output(&p, first = output);
                check_same_bits(output, first, p.output_count, "gemm");
                cnn_context_destroy(context);
            }
            check_release();
            destroy(&p);
        }
}

/* A NaN on the left reaches its row and nothing else; an infinity on the right its column; and large numbers overflow. */
static void check_specials(const cnn_context *context, check_random *random)
{
    static const int64_t sizes[][3] = {{9, 70, 40}, {30, 20, 10}, {1, 70, 40}, {70, 1, 40}, {50, 33, 1300}};
    for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++)
        for (int32_t options = 0; options < 8; options++) {
            cnn_gemm_desc desc = describe(sizes[s][0], sizes[s][1], sizes[s][2], options);
            desc.activation = options % 3 == 0 ? CNN_ACTIVATION_RELU : CNN_ACTIVATION_NONE;
            product p = create(&desc, 0, NO_RESIDUAL, random);
            p.left[0] = NAN;
            p.right[p.right_count - 1] = INFINITY;
            expect(&p);
            check_output(&p, run(&p, context, CHECK_END));
            for (int64_t i = 0; i < p.left_count; i++)
                p.left[i] = 3e38f;
            for (int64_t i = 0; i < p.right_count; i++)
                p.right[i] = i % 2 ? 2.0f : 0.0f;
            const float *output = run(&p, context, CHECK_END);
            for (int64_t i = 0; i < p.output_count; i++)
                CHECK(output[i] == INFINITY || output[i] == 0, "element %lld is %g", (long long)i, (double)output[i]);
            check_release();
            destroy(&p);
        }
}

void test_gemm(void)
{
    cnn_isa isas[CHECK_MOST_ISAS];
    cnn_context *contexts[CHECK_MOST_ISAS];
    check_random random = {.state = 20240611};
    const int32_t count = check_isas(isas);
    for (int32_t i = 0; i < count; i++)
        contexts[i] = check_context(isas[i], 1);
    check_options(contexts, count, &random);
    check_gaps(contexts, count, &random);
    check_large(contexts, count, &random);
    for (int32_t i = 0; i < count; i++) {
        check_specials(contexts[i], &random);
        check_threads(isas[i], &random);
        cnn_context_destroy(contexts[i]);
    }
}
