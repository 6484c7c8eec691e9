/* test_hostile_operators.c - one value that nobody wishes for, in one element of one input of products, losses and
 * optimisers: it must reach every result that depends on it, and no other may change by a bit. Subnormals count as zeros. */
#include "check.h"
#include "check_run.h"

#include <float.h>
#include <math.h>
#include <string.h>

static const float specials[] = {NAN, INFINITY, -INFINITY};
#define SPECIALS 3

/* ---- products */

enum { PRODUCT_LEFT, PRODUCT_RIGHT, PRODUCT_BIAS, PRODUCT_RESIDUAL, PRODUCT_OUTPUT, PRODUCT_INPUTS };
#define MOST_PRODUCT 3500

typedef struct product_inputs {
    float values[PRODUCT_INPUTS][MOST_PRODUCT];
    int64_t counts[PRODUCT_INPUTS];
} product_inputs;

static const float *run_product(const cnn_context *context, const cnn_gemm_desc *desc, const product_inputs *inputs)
{
    cnn_gemm_plan *plan = NULL;
    cnn_gemm_plan_info info;
    const cnn_buffer *given[PRODUCT_INPUTS];
    cnn_gemm_plan_info_init(&info);
    if (!CHECK_OK(cnn_gemm_plan_create(context, desc, &plan, &check_error))) return NULL;
    CHECK_OK(cnn_gemm_plan_describe(plan, &info, &check_error));
    for (int n = 0; n < PRODUCT_INPUTS; n++)
        given[n] = check_buffer_of(inputs->values[n], inputs->counts[n], n % 2 ? CHECK_START : CHECK_END);
    const cnn_buffer *packed = check_aligned_buffer(info.packed_bytes),
                     *workspace = check_aligned_buffer(info.workspace_bytes_per_thread);
    if (desc->packed_right) CHECK_OK(cnn_gemm_pack_right(context, plan, given[PRODUCT_RIGHT], packed, &check_error));
    CHECK_OK(cnn_gemm_run(context, plan, given[PRODUCT_LEFT], desc->packed_right ? packed : given[PRODUCT_RIGHT],
                          given[PRODUCT_BIAS], given[PRODUCT_RESIDUAL], given[PRODUCT_OUTPUT], workspace, &check_error));
    cnn_gemm_plan_destroy(plan);
    return check_data(given[PRODUCT_OUTPUT]);
}

/* Which outputs element `at` of the input goes into: a row, a column, or itself. */
static void reach_of_product(const cnn_gemm_desc *d, int input, int64_t at, unsigned char *reached)
{
    const int64_t row = d->transpose_left ? at % d->rows : at / d->depth;
    const int64_t column = input == PRODUCT_BIAS ? at : d->transpose_right ? at / d->depth : at % d->columns;
    for (int64_t i = 0; i < d->rows * d->columns; i++)
        reached[i] = (unsigned char)(input == PRODUCT_LEFT      ? i / d->columns == row
                                     : input < PRODUCT_RESIDUAL ? i % d->columns == column
                                                                : i == at);
}

static void check_product(const cnn_context *context, const cnn_gemm_desc *desc, check_random *random)
{
    static product_inputs inputs;
    static unsigned char reached[MOST_PRODUCT];
    static float clean[MOST_PRODUCT];
    const int64_t outputs = desc->rows * desc->columns;
    const int64_t counts[] = {desc->rows * desc->depth, desc->depth * desc->columns, desc->columns, outputs, outputs};
    for (int n = 0; n < PRODUCT_INPUTS; n++) {
        inputs.counts[n] = counts[n];
        check_fill_normal(random, inputs.values[n], counts[n]);
    }
    const float *found = run_product(context, desc, &inputs);
    if (!found) return;
    memcpy(clean, found, (size_t)outputs * sizeof *clean);
    check_release();
    for (int n = 0; n < PRODUCT_INPUTS * SPECIALS; n++) {
        const int input = n / SPECIALS;
        const int64_t at = check_range(random, 0, (int32_t)counts[input] - 1);
        const float was = inputs.values[input][at], special = specials[n % SPECIALS];
        if (input == PRODUCT_OUTPUT && !desc->accumulate) continue;
        check_case("%s product %lldx%lldx%lld, options %d%d%d%d, %g in element %lld of input %d",
                   cnn_isa_name(cnn_context_isa(context)), (long long)desc->rows, (long long)desc->columns,
                   (long long)desc->depth, (int)desc->transpose_left, (int)desc->transpose_right, (int)desc->packed_right,
                   (int)desc->accumulate, (double)special, (long long)at, input);
        inputs.values[input][at] = special;
        reach_of_product(desc, input, at, reached);
        found = run_product(context, desc, &inputs);
        if (found) check_spread(found, clean, outputs, reached, special, "product");
        check_release();
        inputs.values[input][at] = was;
    }
}

/* All of the left matrix the same: subnormal numbers and zeros give zeros, and the largest float times 1 / (2 depth),
 * summed, is half of it, to one rounding a term. */
static void check_uniform_products(const cnn_context *context, const cnn_gemm_desc *desc)
{
    static const float values[] = {1e-40f, -1e-40f, -0.0f, 0.0f, FLT_MAX, -FLT_MAX};
    static product_inputs inputs;
    const int64_t outputs = desc->rows * desc->columns;
    const int64_t counts[] = {desc->rows * desc->depth, desc->depth * desc->columns, desc->columns, outputs, outputs};
    memset(&inputs, 0, sizeof inputs);
    memcpy(inputs.counts, counts, sizeof counts);
    for (int64_t i = 0; i < counts[PRODUCT_RIGHT]; i++)
        inputs.values[PRODUCT_RIGHT][i] = 0.5f / (float)desc->depth;
    for (size_t n = 0; n < sizeof values / sizeof *values; n++) {
        for (int64_t i = 0; i < counts[PRODUCT_LEFT]; i++)
            inputs.values[PRODUCT_LEFT][i] = values[n];
        check_case("%s product of %g", cnn_isa_name(cnn_context_isa(context)), (double)values[n]);
        const float *found = run_product(context, desc, &inputs);
        const double expected = n < 4 ? 0 : 0.5 * values[n];
        const double bound = n < 4 ? 1e-37 : ((double)desc->depth + 2) * 0x1p-24 * fabs(expected);
        for (int64_t i = 0; found && i < outputs; i++)
            if (!check_near(found[i], expected, bound, "product", i)) break;
        check_release();
    }
}

static void check_products(const cnn_context *context)
{
    /* Tiles, panels with tails, one row, one column, and more than one block of the depth on portable and vector tiers. */
    static const int64_t sizes[][3] = {{7, 33, 19}, {13, 70, 9}, {1, 41, 37}, {41, 1, 37}, {1, 1, 67}, {3, 3, 1100}};
    check_random random = {31};
    for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++)
        for (int32_t options = 0; options < 16; options++) {
            cnn_gemm_desc desc;
            cnn_gemm_desc_init(&desc);
            desc.rows = sizes[s][0];
            desc.columns = sizes[s][1];
            desc.depth = sizes[s][2];
            desc.transpose_left = options & 1;
            desc.transpose_right = options >> 1 & 1;
            desc.packed_right = options >> 2 & 1;
            desc.accumulate = options >> 3 & 1;
            check_product(context, &desc, &random);
            if (!desc.accumulate) check_uniform_products(context, &desc);
        }
}

/* ---- losses */

enum { LOSS_ROWS = 5, LOSS_CHANNELS = 37, LOSS_COUNT = LOSS_ROWS * LOSS_CHANNELS };

typedef struct loss_inputs {
    float prediction[LOSS_COUNT], target[LOSS_COUNT], weights[LOSS_CHANNELS];
} loss_inputs;

static const float *run_loss(const cnn_context *context, const cnn_loss_desc *desc, const loss_inputs *inputs, double *loss)
{
    int64_t bytes = 0;
    CHECK_OK(cnn_loss_workspace(desc, &bytes, &check_error));
    const cnn_buffer *x = check_buffer_of(inputs->prediction, LOSS_COUNT, CHECK_END);
    const cnn_buffer *t = check_buffer_of(inputs->target, LOSS_COUNT, CHECK_START);
    const cnn_buffer *w = check_buffer_of(inputs->weights, LOSS_CHANNELS, CHECK_END);
    const cnn_buffer *gradient = check_buffer(LOSS_COUNT, CHECK_END), *work = check_aligned_buffer(bytes);
    CHECK_OK(cnn_loss(context, desc, x, t, desc->kind == CNN_LOSS_BCE_WITH_LOGITS ? w : NULL, gradient, work, loss,
                      &check_error));
    return check_data(gradient);
}

/* With an infinity a loss may have a slope, as Huber's has: what counts then is that the portable tier says the same. */
static void check_loss(const cnn_context *context, const cnn_context *portable, const cnn_loss_desc *desc)
{
    static const float values[] = {NAN, INFINITY, -INFINITY, -0.0f, 1e-40f, FLT_MAX, -FLT_MAX};
    check_random random = {8};
    loss_inputs inputs;
    float clean[LOSS_COUNT];
    double loss = 0, portable_loss = 0;
    for (int i = 0; i < LOSS_COUNT; i++) {
        inputs.prediction[i] = 4 * check_normal(&random);
        inputs.target[i] = (float)check_range(&random, 0, 1);
        if (i < LOSS_CHANNELS) inputs.weights[i] = check_uniform(&random, 0.5f, 2);
    }
    memcpy(clean, run_loss(context, desc, &inputs, &loss), sizeof clean);
    for (int n = 0; n < 12; n++) { /* no target is as large as the last two: those of some losses are probabilities */
        unsigned char reached[LOSS_COUNT] = {0};
        const int at = check_range(&random, 0, LOSS_COUNT - 1);
        float *input = (n < 7 ? inputs.prediction : inputs.target) + at;
        const float was = *input, special = values[n % 7];
        check_case("%s loss %d, %g in element %d of the %s", cnn_isa_name(cnn_context_isa(context)), (int)desc->kind,
                   (double)special, at, n < 7 ? "prediction" : "target");
        *input = special;
        const float *found = run_loss(context, desc, &inputs, &loss);
        const float expected = run_loss(portable, desc, &inputs, &portable_loss)[at];
        reached[at] = 1;
        if (isnan(special)) {
            check_spread(found, clean, LOSS_COUNT, reached, special, "gradient of a loss");
            CHECK(isnan(loss), "the loss is %g", loss);
        } else {
            const float first = found[at];
            CHECK(isnan(first) == isnan(expected), "the slope is %g, expected %g", (double)first, (double)expected);
            if (isinf(first) && fabsf(special) >= FLT_MAX) /* twice the largest float, on the way to a share of it */
                CHECK((first > 0) == (expected > 0), "the slope is %g, expected %g", (double)first, (double)expected);
            else if (isfinite(expected))
                check_near(first, expected, 0x1p-18 * (1 + fabs((double)expected)), "slope", at);
            CHECK(isnan(loss) == isnan(portable_loss), "the loss is %g, expected %g", loss, portable_loss);
            check_same_bits(found, clean, at, "gradient before");
            check_same_bits(found + at + 1, clean + at + 1, LOSS_COUNT - at - 1, "gradient after");
        }
        *input = was;
        check_release();
    }
}

/* A NaN or plus infinity in a row of logits spoils it; minus infinity is a class that cannot be, which is no harm where it
 * is not the label. */
static void check_cross_entropy(const cnn_context *context)
{
    check_random random = {12};
    cnn_cross_entropy_desc desc;
    float logits[LOSS_COUNT], labels[LOSS_ROWS];
    const int32_t classes[LOSS_ROWS] = {3, 36, 0, 17, 30};
    double loss = 0;
    int64_t bytes = 0;
    cnn_cross_entropy_desc_init(&desc);
    desc.rows = LOSS_ROWS;
    desc.classes = LOSS_CHANNELS;
    CHECK_OK(cnn_cross_entropy_workspace(&desc, &bytes, &check_error));
    memcpy(labels, classes, sizeof labels);
    check_fill_normal(&random, logits, LOSS_COUNT);
    const cnn_buffer *x = check_buffer_of(logits, LOSS_COUNT, CHECK_END), *work = check_aligned_buffer(bytes);
    const cnn_buffer *goal = check_buffer_of(labels, LOSS_ROWS, CHECK_START), *clean = check_buffer(LOSS_COUNT, CHECK_END);
    const cnn_buffer *gradient = check_buffer(LOSS_COUNT, CHECK_END), *y = check_buffer(LOSS_COUNT, CHECK_END);
    CHECK_OK(cnn_cross_entropy(context, &desc, x, goal, NULL, NULL, clean, work, &loss, &check_error));
    for (int at = 0; at < LOSS_COUNT; at++)
        for (int n = 0; n < SPECIALS; n++) {
            const int row = at / LOSS_CHANNELS, is_label = at % LOSS_CHANNELS == classes[row], harmless = n == 2;
            unsigned char reached[LOSS_COUNT];
            for (int i = 0; i < LOSS_COUNT; i++)
                reached[i] = i / LOSS_CHANNELS == row;
            check_case("%s cross-entropy, logit %d is %g", cnn_isa_name(cnn_context_isa(context)), at, (double)specials[n]);
            check_data(x)[at] = specials[n];
            CHECK_OK(cnn_cross_entropy(context, &desc, x, goal, NULL, NULL, gradient, work, &loss, &check_error));
            CHECK_OK(cnn_log_softmax(context, LOSS_ROWS, LOSS_CHANNELS, x, y, &check_error));
            if (harmless) {
                CHECK(is_label ? loss == INFINITY : isfinite(loss), "the loss is %g", loss);
                for (int i = 0; i < LOSS_COUNT; i++)
                    CHECK(isfinite(check_data(gradient)[i]), "gradient %d is %g", i, (double)check_data(gradient)[i]);
                CHECK(check_data(y)[at] == -INFINITY, "its logarithm is %g", (double)check_data(y)[at]);
            } else {
                /* Every element of the row is NaN, for the probabilities are. */
                check_spread(check_data(gradient), check_data(clean), LOSS_COUNT, reached, NAN, "gradient");
                CHECK(isnan(loss), "the loss is %g", loss);
                for (int i = 0; i < LOSS_COUNT; i++)
                    CHECK(isnan(check_data(y)[i]) == reached[i], "log p %d is %g", i, (double)check_data(y)[i]);
            }
            check_data(x)[at] = logits[at];
        }
    check_release();
}

/* ---- optimisers */

enum { STEP_PARAMETERS, STEP_GRADIENT, STEP_FIRST, STEP_SECOND, STEP_INPUTS, STEP_COUNT = 75 };

typedef struct rule {
    cnn_optimizer_kind kind;
    double momentum;
    int nesterov;
    /* Which of parameters, first and second an input goes into, as bits 1, 2 and 4. */
    int reach[STEP_INPUTS];
} rule;

static const rule rules[] = {{CNN_OPTIMIZER_SGD, 0, 0, {1, 1, 0, 0}},      {CNN_OPTIMIZER_SGD, 0.9, 0, {1, 3, 3, 0}},
                             {CNN_OPTIMIZER_SGD, 0.9, 1, {1, 3, 3, 0}},    {CNN_OPTIMIZER_ADAM, 0, 0, {1, 7, 3, 5}},
                             {CNN_OPTIMIZER_ADAMW, 0, 0, {1, 7, 3, 5}},    {CNN_OPTIMIZER_RMSPROP, 0, 0, {1, 5, 0, 5}},
                             {CNN_OPTIMIZER_RMSPROP, 0.9, 0, {1, 7, 3, 7}}};

typedef struct step_state {
    const cnn_buffer *buffers[STEP_INPUTS];
} step_state;

static step_state run_step(const cnn_context *context, const rule *r, float values[STEP_INPUTS][STEP_COUNT])
{
    cnn_optimizer_desc desc;
    step_state s;
    cnn_optimizer_desc_init(&desc);
    desc.kind = r->kind;
    desc.momentum = r->momentum;
    desc.nesterov = r->nesterov;
    desc.learning_rate = 0.1;
    desc.weight_decay = r->kind == CNN_OPTIMIZER_ADAMW ? 0.01 : 0;
    for (int n = 0; n < STEP_INPUTS; n++)
        s.buffers[n] = check_buffer_of(values[n], STEP_COUNT, n % 2 ? CHECK_START : CHECK_END);
    CHECK_OK(cnn_optimizer_step(context, &desc, STEP_COUNT, s.buffers[0], s.buffers[1],
                                r->reach[STEP_FIRST] ? s.buffers[STEP_FIRST] : NULL,
                                r->reach[STEP_SECOND] ? s.buffers[STEP_SECOND] : NULL, &check_error));
    return s;
}

static void check_step(const cnn_context *context, const rule *r, check_random *random)
{
    static const float harmless[] = {-0.0f, 1e-40f, -1e-40f, FLT_MAX};
    static float values[STEP_INPUTS][STEP_COUNT], clean[STEP_INPUTS][STEP_COUNT];
    for (int i = 0; i < STEP_INPUTS * STEP_COUNT; i++)
        values[i / STEP_COUNT][i % STEP_COUNT] = check_uniform(random, 0.25f, 1);
    const step_state first = run_step(context, r, values);
    for (int n = 0; n < STEP_INPUTS; n++)
        memcpy(clean[n], check_data(first.buffers[n]), sizeof clean[n]);
    check_release();
    for (int n = 0; n < STEP_INPUTS * (SPECIALS + 4); n++) {
        const int input = n / (SPECIALS + 4), kind = n % (SPECIALS + 4), at = check_range(random, 0, STEP_COUNT - 1);
        const float special = kind < SPECIALS ? specials[kind] : harmless[kind - SPECIALS], was = values[input][at];
        /* Squares are not negative, and what infinite ones divide is nothing. */
        if (!r->reach[input] || (input == STEP_SECOND && !isnan(special))) continue;
        check_case("%s optimiser %d, momentum %g, %g in element %d of input %d", cnn_isa_name(cnn_context_isa(context)),
                   (int)r->kind, r->momentum, (double)special, at, input);
        values[input][at] = special;
        const step_state found = run_step(context, r, values);
        for (int result = 0, bit = 1; result < STEP_INPUTS; result += result ? 1 : 2, bit *= 2) {
            unsigned char reached[STEP_COUNT] = {0};
            const float *data = check_data(found.buffers[result]);
            /* An infinite gradient over an infinite root is NaN, and RMSProp's step another one. */
            reached[at] = (r->reach[input] & bit) != 0;
            if (kind >= SPECIALS) {
                CHECK(!isnan(data[at]), "result %d is %g", result, (double)data[at]);
                check_same_bits(data, clean[result], at, "results before");
                check_same_bits(data + at + 1, clean[result] + at + 1, STEP_COUNT - at - 1, "and after");
            } else if (result != input || reached[at]) {
                check_spread(data, clean[result], STEP_COUNT, reached, special, "optimiser");
            }
        }
        values[input][at] = was;
        check_release();
    }
}

void test_hostile_operators(void)
{
    cnn_isa isas[CHECK_MOST_ISAS];
    const int32_t count = check_isas(isas);
    cnn_context *portable = check_context(CNN_ISA_SCALAR, 1);
    for (int32_t i = 0; i < count; i++) {
        cnn_context *context = check_context(isas[i], 1);
        check_random random = {3};
        cnn_loss_desc loss;
        check_products(context);
        cnn_loss_desc_init(&loss);
        loss.rows = LOSS_ROWS;
        loss.channels = LOSS_CHANNELS;
        for (int32_t kind = CNN_LOSS_BCE_WITH_LOGITS; kind <= CNN_LOSS_FOCAL; kind++) {
            loss.kind = (cnn_loss_kind)kind;
            check_loss(context, portable, &loss);
        }
        check_cross_entropy(context);
        for (size_t r = 0; r < sizeof rules / sizeof *rules; r++)
            check_step(context, &rules[r], &random);
        cnn_context_destroy(context);
    }
    cnn_context_destroy(portable);
}
