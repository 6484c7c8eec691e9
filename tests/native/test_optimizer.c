/* test_optimizer.c - five steps of each optimiser against PyTorch, on every instruction set, with the clipping factor; the
 * norm of a gradient; and the same bits for any number of threads. */
#include "check.h"
#include "check_run.h"

#include "golden/optimizer_golden.h"

#include <math.h>
#include <string.h>

#define ULP 0x1p-23
#define CASES ((int32_t)(sizeof golden_optimizers / sizeof *golden_optimizers))

typedef struct state {
    const cnn_buffer *parameters, *gradient, *first, *second;
} state;

static cnn_optimizer_desc describe(const struct golden_optimizer *g)
{
    cnn_optimizer_desc desc;
    cnn_optimizer_desc_init(&desc);
    desc.kind = g->kind;
    desc.nesterov = g->nesterov;
    desc.momentum = g->momentum;
    desc.weight_decay = g->weight_decay;
    desc.learning_rate = 0.1;
    desc.gradient_scale = 0.5; /* the gradients are given twice as large */
    return desc;
}

static state make_state(const struct golden_optimizer *g, int64_t count, check_side side)
{
    const int adam = g->kind == CNN_OPTIMIZER_ADAM || g->kind == CNN_OPTIMIZER_ADAMW;
    state s = {check_buffer(count, side), check_buffer(count, side), NULL, NULL};
    if (adam || g->momentum > 0) s.first = check_buffer(count, side);
    if (g->kind != CNN_OPTIMIZER_SGD) s.second = check_buffer(count, side);
    if (s.first) CHECK_OK(cnn_buffer_fill(s.first, 0, &check_error));
    if (s.second) CHECK_OK(cnn_buffer_fill(s.second, 0, &check_error));
    for (int64_t i = 0; i < count; i++)
        check_data(s.parameters)[i] = golden_start[i % GOLDEN_COUNT];
    return s;
}

/* Five steps; element i is the golden element i mod GOLDEN_COUNT. */
static void run(const cnn_context *context, const struct golden_optimizer *g, const state *s, int64_t count)
{
    cnn_optimizer_desc desc = describe(g);
    for (int32_t step = 0; step < GOLDEN_STEPS; step++) {
        for (int64_t i = 0; i < count; i++)
            check_data(s->gradient)[i] = 2 * golden_gradients[step * GOLDEN_COUNT + i % GOLDEN_COUNT];
        desc.step = step + 1;
        CHECK_OK(cnn_optimizer_step(context, &desc, count, s->parameters, s->gradient, s->first, s->second, &check_error));
    }
}

static void check_steps(const cnn_context *context, const struct golden_optimizer *g, int64_t count)
{
    const state s = make_state(g, count, count % 2 ? CHECK_END : CHECK_START);
    check_case("%s optimiser %d, momentum %g, %lld elements", cnn_isa_name(cnn_context_isa(context)), (int)g->kind,
               g->momentum, (long long)count);
    run(context, g, &s, count);
    /* Some eight roundings a step, of moves that are below 4 (RMSProp's first, 0.1 / sqrt(0.001)). */
    for (int64_t i = 0; i < count; i++)
        check_near(check_data(s.parameters)[i], g->parameters[i % GOLDEN_COUNT], 5 * 8 * 4 * ULP, "parameter", i);
    check_release();
}

static void check_thread_counts(cnn_isa isa, check_random *random)
{
    static const int32_t threads[] = {1, 2, 3, 7};
    const int64_t count = 500009;
    int64_t bytes = 0;
    const cnn_buffer *x = check_buffer(count, CHECK_END);
    double first_sum = 0, expected = 0;
    const float *first[8] = {0};
    check_fill_normal(random, check_data(x), count);
    for (int64_t i = 0; i < count; i++)
        expected += (double)check_data(x)[i] * check_data(x)[i];
    CHECK_OK(cnn_sum_of_squares_workspace(count, &bytes, &check_error));
    const cnn_buffer *work = check_aligned_buffer(bytes);
    for (int32_t t = 0; t < 4; t++) {
        cnn_context *context = check_context(isa, threads[t]);
        double sum = NAN;
        check_case("%s with %d threads", cnn_isa_name(isa), (int)threads[t]);
        CHECK_OK(cnn_sum_of_squares(context, count, x, work, &sum, &check_error));
        check_near(sum, expected, 1e-12 * expected, "sum of squares", 0);
        if (t == 0) first_sum = sum;
        CHECK(memcmp(&sum, &first_sum, sizeof sum) == 0, "sums %.17g and %.17g", sum, first_sum);
        for (int32_t c = 2; c < CASES; c += 3) {
            const state s = make_state(&golden_optimizers[c], count, CHECK_END);
            run(context, &golden_optimizers[c], &s, count);
            if (t == 0) first[c] = check_data(s.parameters);
            check_same_bits(check_data(s.parameters), first[c], count, "threads");
        }
        cnn_context_destroy(context);
    }
    check_release();
}

static void check_misuse(void)
{
    cnn_context *context = check_context(CNN_ISA_SCALAR, 1);
    const cnn_buffer *a = check_buffer(8, CHECK_END), *b = check_buffer(8, CHECK_END), *c = check_buffer(8, CHECK_END);
    const cnn_buffer *d = check_buffer(8, CHECK_END);
    cnn_optimizer_desc desc;
    double sum;
    check_case("misuse");
    cnn_optimizer_desc_init(&desc);
#define STEP(count, p, g, m, v) cnn_optimizer_step(context, &desc, count, p, g, m, v, &check_error)
    CHECK_STATUS(CNN_INVALID_ARGUMENT, STEP(0, a, b, NULL, NULL));
    CHECK_STATUS(CNN_BUFFER_TOO_SMALL, STEP(9, a, b, NULL, NULL));
    CHECK_STATUS(CNN_INVALID_ARGUMENT, STEP(8, a, b, c, NULL));
    CHECK_STATUS(CNN_INVALID_ARGUMENT, STEP(8, a, a, NULL, NULL));
    desc.kind = CNN_OPTIMIZER_ADAM;
    CHECK_STATUS(CNN_INVALID_ARGUMENT, STEP(8, a, b, NULL, d));
    CHECK_STATUS(CNN_INVALID_ARGUMENT, STEP(8, a, b, c, c));
    desc.step = 0;
    CHECK_STATUS(CNN_INVALID_ARGUMENT, STEP(8, a, b, c, d));
    desc.step = 1;
    desc.beta2 = 1;
    CHECK_STATUS(CNN_INVALID_ARGUMENT, STEP(8, a, b, c, d));
#undef STEP
    CHECK_STATUS(CNN_INVALID_ARGUMENT, cnn_sum_of_squares(context, 8, a, NULL, &sum, &check_error));
    CHECK_STATUS(CNN_INVALID_ARGUMENT, cnn_sum_of_squares(context, 8, a, b, NULL, &check_error));
    cnn_context_destroy(context);
    check_release();
}

void test_optimizer(void)
{
    cnn_isa isas[CHECK_MOST_ISAS];
    const int32_t count = check_isas(isas);
    check_random random = {5};
    for (int32_t i = 0; i < count; i++) {
        cnn_context *context = check_context(isas[i], 1);
        for (int32_t c = 0; c < CASES; c++)
            for (int64_t n = 1; n <= 40; n++)
                check_steps(context, &golden_optimizers[c], n);
        cnn_context_destroy(context);
        check_thread_counts(isas[i], &random);
    }
    check_misuse();
}
