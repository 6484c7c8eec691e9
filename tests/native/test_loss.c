/* test_loss.c - losses and their gradients on every instruction set: against values of PyTorch, against the library's own
 * float64 tier on many sizes, and that gradients are what the losses change by. */
#include "check.h"
#include "check_run.h"

#include "golden/loss_golden.h"

#include <math.h>
#include <string.h>

#define ULP 0x1p-23
#define GOLDEN (GOLDEN_ROWS * GOLDEN_COLUMNS)

static const cnn_buffer *labels_buffer(const int32_t *labels, int64_t count)
{
    const cnn_buffer *buffer = check_buffer(count, CHECK_END);
    memcpy(cnn_buffer_data(buffer), labels, (size_t)count * sizeof *labels);
    return buffer;
}

/* Logits are up to 10, whose exponentials carry 10 roundings or so, and the smoothed sums have a few terms of that size. */
static void check_result(double loss, double expected, const float *gradient, const double *slopes)
{
    check_near(loss, expected, 64 * ULP * (1 + fabs(expected)), "loss", 0);
    for (int i = 0; i < GOLDEN; i++)
        check_near(gradient[i], slopes[i], 32 * ULP * (0.1 + fabs(slopes[i])), "gradient", i);
}

static void check_golden(const cnn_context *context)
{
    const char *const isa = cnn_isa_name(cnn_context_isa(context));
    for (size_t i = 0; i < sizeof golden_entropies / sizeof *golden_entropies; i++) {
        const struct golden_entropy *g = &golden_entropies[i];
        cnn_cross_entropy_desc desc;
        double loss = NAN;
        cnn_cross_entropy_desc_init(&desc);
        desc.rows = GOLDEN_ROWS;
        desc.classes = GOLDEN_COLUMNS;
        desc.label_smoothing = g->smoothing;
        desc.ignore_index = g->ignored;
        desc.reduction = g->sum ? CNN_REDUCTION_SUM : CNN_REDUCTION_MEAN;
        check_case("%s golden cross-entropy %d", isa, (int)i);
        const cnn_buffer *logits = check_buffer_of(golden_logits, GOLDEN, CHECK_END), *work = check_aligned_buffer(64);
        const cnn_buffer *labels = g->soft ? NULL : labels_buffer(golden_labels, GOLDEN_ROWS);
        const cnn_buffer *soft = g->soft ? check_buffer_of(golden_soft, GOLDEN, CHECK_END) : NULL;
        const cnn_buffer *weights = g->weighted ? check_buffer_of(golden_weights, GOLDEN_COLUMNS, CHECK_END) : NULL;
        const cnn_buffer *gradient = check_buffer(GOLDEN, CHECK_END);
        CHECK_OK(cnn_cross_entropy(context, &desc, logits, labels, soft, weights, gradient, work, &loss, &check_error));
        check_result(loss, g->loss, check_data(gradient), g->gradient);
        check_release();
    }
    for (size_t i = 0; i < sizeof golden_losses / sizeof *golden_losses; i++) {
        const struct golden_loss *g = &golden_losses[i];
        cnn_loss_desc desc;
        double loss = NAN;
        cnn_loss_desc_init(&desc);
        desc.kind = g->kind;
        desc.rows = GOLDEN_ROWS;
        desc.channels = GOLDEN_COLUMNS;
        desc.delta = g->delta;
        desc.gamma = g->gamma;
        desc.alpha = g->alpha;
        desc.reduction = g->sum ? CNN_REDUCTION_SUM : CNN_REDUCTION_MEAN;
        check_case("%s golden loss %d", isa, (int)i);
        const cnn_buffer *x = check_buffer_of(golden_logits, GOLDEN, CHECK_END), *work = check_aligned_buffer(64);
        const cnn_buffer *t = check_buffer_of(golden_target, GOLDEN, CHECK_END), *gradient = check_buffer(GOLDEN, CHECK_END);
        const cnn_buffer *weights = g->weighted ? check_buffer_of(golden_weights, GOLDEN_COLUMNS, CHECK_END) : NULL;
        CHECK_OK(cnn_loss(context, &desc, x, t, weights, gradient, work, &loss, &check_error));
        check_result(loss, g->loss, check_data(gradient), g->gradient);
        check_release();
    }
}

/* The same call on the portable tier, which computes in float64. */
static void check_against_scalar(const cnn_context *context, const cnn_context *scalar, int64_t rows, int64_t channels,
                                 check_random *random)
{
    const int64_t count = rows * channels;
    const check_side side = channels % 2 ? CHECK_END : CHECK_START;
    const cnn_buffer *x = check_buffer(count, side), *t = check_buffer(count, side), *w = check_buffer(channels, side);
    const cnn_buffer *gradient = check_buffer(count, side), *expected = check_buffer(count, side);
    for (int64_t i = 0; i < count; i++) {
        check_data(x)[i] = check_normal(random) * 4;
        check_data(t)[i] = i % 3 ? (float)check_range(random, 0, 1) : check_uniform(random, 0, 1);
    }
    for (int64_t c = 0; c < channels; c++)
        check_data(w)[c] = check_uniform(random, 0.1f, 3);
    for (int32_t kind = 0; kind <= CNN_LOSS_FOCAL; kind++) {
        cnn_loss_desc desc;
        int64_t bytes = 0;
        double found = NAN, loss = NAN;
        cnn_loss_desc_init(&desc);
        desc.kind = (cnn_loss_kind)kind;
        desc.rows = rows;
        desc.channels = channels;
        desc.reduction = CNN_REDUCTION_SUM;
        check_case("%s loss %d, %lld x %lld", cnn_isa_name(cnn_context_isa(context)), (int)kind, (long long)rows,
                   (long long)channels);
        CHECK_OK(cnn_loss_workspace(&desc, &bytes, &check_error));
        const cnn_buffer *weights = kind == CNN_LOSS_BCE_WITH_LOGITS ? w : NULL, *work = check_aligned_buffer(bytes);
        CHECK_OK(cnn_loss(context, &desc, x, t, weights, gradient, work, &found, &check_error));
        CHECK_OK(cnn_loss(scalar, &desc, x, t, weights, expected, work, &loss, &check_error));
        /* Losses are positive, so that their sum is as exact as they are, but for 64 additions in each lane. */
        check_near(found, loss, 128 * 0x1p-24 * fabs(loss) + 1e-30, "loss", 0);
        for (int64_t i = 0; i < count; i++) {
            const double e = check_data(expected)[i];
            check_near(check_data(gradient)[i], e, 32 * ULP * (fabs(e) + 0.1), "gradient", i);
        }
    }
    check_release();
}

/* Rows whose target is not a single label, against sums in float64. A logit of minus infinity has no part in the loss where
 * its target is 0. With K = 128 2^-24, which stands for the exponentials and for 64 additions in each lane, log p is off by
 * K and p by K p; p times the sum of a is what the gradient and a have together. A coefficient a is rounded three times, and
 * once more with the difference to the largest logit or with the scale, and lanes add four terms: 8 2^-24 of each. */
static void check_soft_entropy(const cnn_context *context, int64_t classes, int kind, check_random *random)
{
    const double k = 128 * 0x1p-24, smoothing = kind & 1 ? 0.25 : 0, keep = 1 - smoothing,
                 even = smoothing / (double)classes;
    const int64_t rows = 3, count = rows * classes, hole = kind & 1 ? -1 : classes / 2;
    const check_side side = classes % 2 ? CHECK_END : CHECK_START;
    const cnn_buffer *x = check_buffer(count, side), *q = check_buffer(count, side), *dx = check_buffer(count, side);
    const cnn_buffer *w = kind & 2 ? check_buffer(classes, side) : NULL, *work = check_aligned_buffer(64);
    double loss = NAN, expected = 0, weight = 0;
    cnn_cross_entropy_desc desc;
    cnn_cross_entropy_desc_init(&desc);
    desc.rows = rows;
    desc.classes = classes;
    desc.label_smoothing = (float)smoothing;
    desc.reduction = CNN_REDUCTION_SUM;
    check_case("%s soft cross-entropy %d of %lld", cnn_isa_name(cnn_context_isa(context)), kind, (long long)classes);
    check_fill_normal(random, check_data(x), count);
    for (int64_t i = 0; i < count; i++)
        check_data(q)[i] = i % 3 ? check_uniform(random, 0, 1) : 0;
    for (int64_t c = 0; w && c < classes; c++)
        check_data(w)[c] = c % 4 ? check_uniform(random, 0.1f, 3) : 0;
    if (hole > 0) check_data(x)[hole] = -INFINITY, check_data(q)[hole] = 0;
    CHECK_OK(cnn_cross_entropy(context, &desc, x, NULL, q, w, dx, work, &loss, &check_error));
    for (int64_t row = 0; row < rows; row++) {
        const float *in = check_data(x) + row * classes, *share = check_data(q) + row * classes;
        double sum = 0, all = 0;
        for (int64_t c = 0; c < classes; c++) {
            sum += exp((double)in[c]);
            all += (w ? check_data(w)[c] : 1) * (keep * share[c] + even);
        }
        for (int64_t c = 0; c < classes; c++) {
            const double a = (w ? check_data(w)[c] : 1) * (keep * share[c] + even), p = exp((double)in[c]) / sum;
            if (a > 0) expected += a * (log(sum) - in[c]);
            check_near(check_data(dx)[row * classes + c], p * all - a, k * p * all + 8 * 0x1p-24 * a + 1e-30, "gradient", c);
        }
        weight += all;
    }
    check_near(loss, expected, k * weight + 8 * 0x1p-24 * expected, "loss", 0);
    check_release();
}

/* Central differences of the loss itself, which the portable tier computes in float64 from float32 logits. */
static void check_differences(const cnn_context *context, check_random *random)
{
    const int32_t labels[] = {3, 0, -100, 4};
    const cnn_buffer *x = check_buffer(20, CHECK_END), *gradient = check_buffer(20, CHECK_END);
    const cnn_buffer *work = check_aligned_buffer(64), *goal = labels_buffer(labels, 4), *w = check_buffer(5, CHECK_END);
    cnn_cross_entropy_desc desc;
    double loss = 0, up = 0, down = 0;
    const float h = 0x1p-8f;
    check_fill_normal(random, check_data(x), 20);
    for (int i = 0; i < 5; i++)
        check_data(w)[i] = 0.5f + (float)i;
    cnn_cross_entropy_desc_init(&desc);
    desc.rows = 4;
    desc.classes = 5;
    desc.label_smoothing = 0.1f;
    check_case("central differences of the cross-entropy");
    CHECK_OK(cnn_cross_entropy(context, &desc, x, goal, NULL, w, gradient, work, &loss, &check_error));
    for (int i = 0; i < 20; i++) {
        const float old = check_data(x)[i], above = old + h, below = old - h;
        check_data(x)[i] = above;
        CHECK_OK(cnn_cross_entropy(context, &desc, x, goal, NULL, w, NULL, work, &up, &check_error));
        check_data(x)[i] = below;
        CHECK_OK(cnn_cross_entropy(context, &desc, x, goal, NULL, w, NULL, work, &down, &check_error));
        check_data(x)[i] = old;
        /* h^2 / 6 times a third derivative below 1 */
        check_near(check_data(gradient)[i], (up - down) / ((double)above - below), h * h / 6, "gradient", i);
    }
    check_release();
}

static void check_log_softmax(const cnn_context *context, check_random *random)
{
    for (int64_t n = 1; n <= 41; n++) {
        const int64_t channels = n < 41 ? n : 1500, count = 3 * channels;
        const cnn_buffer *x = check_buffer(count, n % 2 ? CHECK_END : CHECK_START), *y = check_buffer(count, CHECK_END);
        check_case("%s log-softmax of %lld", cnn_isa_name(cnn_context_isa(context)), (long long)channels);
        for (int64_t i = 0; i < count; i++)
            check_data(x)[i] = check_normal(random) * 3 + (i >= 2 * channels ? 1e4f : 0);
        CHECK_OK(cnn_log_softmax(context, 3, channels, x, y, &check_error));
        for (int64_t row = 0; row < 3; row++) {
            const float *in = check_data(x) + row * channels;
            double sum = 0;
            for (int64_t c = 0; c < channels; c++)
                sum += exp((double)in[c] - in[0]);
            for (int64_t c = 0; c < channels; c++) {
                const double expected = (double)in[c] - in[0] - log(sum);
                check_near(check_data(y)[row * channels + c], expected, 32 * ULP * (1 + fabs(expected)), "log p", c);
            }
        }
        check_release();
    }
}

static void check_thread_counts(cnn_isa isa, check_random *random)
{
    static const int32_t threads[] = {1, 2, 3, 7};
    enum { ROWS = 9001, CLASSES = 21, COUNT = ROWS * CLASSES };
    const cnn_buffer *x = check_buffer(COUNT, CHECK_END), *t = check_buffer(COUNT, CHECK_END);
    const cnn_buffer *labels = check_buffer(ROWS, CHECK_END), *work = check_aligned_buffer(ROWS * 8);
    const float *first[2] = {0};
    double first_loss[2] = {0};
    cnn_cross_entropy_desc entropy;
    cnn_loss_desc element;
    check_fill_normal(random, check_data(x), COUNT);
    check_fill_normal(random, check_data(t), COUNT);
    for (int32_t i = 0; i < ROWS; i++)
        ((int32_t *)cnn_buffer_data(labels))[i] = i % CLASSES;
    cnn_cross_entropy_desc_init(&entropy);
    cnn_loss_desc_init(&element);
    entropy.rows = element.rows = ROWS;
    entropy.classes = element.channels = CLASSES;
    for (int32_t i = 0; i < 4; i++) {
        cnn_context *context = check_context(isa, threads[i]);
        const cnn_buffer *g[2] = {check_buffer(COUNT, CHECK_END), check_buffer(COUNT, CHECK_END)};
        double loss[2] = {0};
        check_case("%s losses with %d threads", cnn_isa_name(isa), (int)threads[i]);
        CHECK_OK(cnn_cross_entropy(context, &entropy, x, labels, NULL, NULL, g[0], work, &loss[0], &check_error));
        CHECK_OK(cnn_loss(context, &element, x, t, NULL, g[1], work, &loss[1], &check_error));
        for (int j = 0; j < 2; j++) {
            if (i == 0) first[j] = check_data(g[j]);
            if (i == 0) first_loss[j] = loss[j];
            check_same_bits(check_data(g[j]), first[j], COUNT, "gradient");
            CHECK(memcmp(&loss[j], &first_loss[j], sizeof(double)) == 0, "loss %.17g and %.17g", loss[j], first_loss[j]);
        }
        cnn_context_destroy(context);
    }
    check_release();
}

static void check_misuse(void)
{
    cnn_context *context = check_context(CNN_ISA_SCALAR, 1);
    const int32_t good_labels[] = {0, 1, -100}, all_ignored[] = {-100, -100, -100}, wrong_labels[] = {0, 4, 1};
    const cnn_buffer *x = check_buffer(12, CHECK_END), *y = check_buffer(12, CHECK_END), *w = check_aligned_buffer(64);
    const cnn_buffer *good = labels_buffer(good_labels, 3), *wrong = labels_buffer(wrong_labels, 3);
    const cnn_buffer *none = labels_buffer(all_ignored, 3), *small = check_buffer(2, CHECK_END);
    cnn_cross_entropy_desc desc;
    cnn_loss_desc element;
    double loss = 5;
    int64_t bytes;
    cnn_cross_entropy_desc_init(&desc);
    desc.rows = 3;
    desc.classes = 4;
    cnn_loss_desc_init(&element);
    element.rows = 3;
    element.channels = 4;
    check_case("misuse");
#define ENTROPY(x, labels, soft, dx, work)                                                                                  \
    cnn_cross_entropy(context, &desc, x, labels, soft, NULL, dx, work, &loss, &check_error)
    CHECK_STATUS(CNN_INVALID_ARGUMENT, ENTROPY(x, wrong, NULL, y, w));
    CHECK_STATUS(CNN_INVALID_ARGUMENT, ENTROPY(x, NULL, NULL, y, w));
    CHECK_STATUS(CNN_INVALID_ARGUMENT, ENTROPY(x, good, x, y, w));
    CHECK_STATUS(CNN_INVALID_ARGUMENT, ENTROPY(x, NULL, y, y, w));
    CHECK_STATUS(CNN_INVALID_ARGUMENT, ENTROPY(x, good, NULL, y, NULL));
    CHECK_STATUS(CNN_BUFFER_TOO_SMALL, ENTROPY(x, small, NULL, y, w));
    CHECK_STATUS(CNN_BUFFER_TOO_SMALL, ENTROPY(x, good, NULL, y, small));
    CHECK(loss >= 5, "a failing call wrote its result");
    CHECK_OK(cnn_buffer_fill(x, 1, &check_error));
    CHECK_OK(ENTROPY(x, none, NULL, y, w));
    CHECK(fabs(loss) <= 0 && fabsf(check_data(y)[11]) <= 0, "loss %g where nothing counts", loss);
    desc.label_smoothing = 1.5f;
    CHECK_STATUS(CNN_INVALID_ARGUMENT, ENTROPY(x, good, NULL, y, w));
#undef ENTROPY
#define LOSS(x, t, weights, dx, work) cnn_loss(context, &element, x, t, weights, dx, work, &loss, &check_error)
    CHECK_STATUS(CNN_INVALID_ARGUMENT, LOSS(x, y, NULL, y, w));
    CHECK_STATUS(CNN_INVALID_ARGUMENT, LOSS(NULL, y, NULL, x, w));
    CHECK_STATUS(CNN_BUFFER_TOO_SMALL, LOSS(x, y, small, NULL, w));
    CHECK_STATUS(CNN_BUFFER_TOO_SMALL, LOSS(x, small, NULL, NULL, w));
    element.kind = CNN_LOSS_MSE;
    CHECK_STATUS(CNN_INVALID_ARGUMENT, LOSS(x, y, x, NULL, w));
    element.delta = 0;
    CHECK_STATUS(CNN_INVALID_ARGUMENT, LOSS(x, y, NULL, NULL, w));
    element.delta = 1;
    element.rows = INT64_MAX;
    CHECK_STATUS(CNN_SIZE_OVERFLOW, cnn_loss_workspace(&element, &bytes, &check_error));
#undef LOSS
    cnn_context_destroy(context);
    check_release();
}

void test_loss(void)
{
    cnn_isa isas[CHECK_MOST_ISAS];
    const int32_t count = check_isas(isas);
    cnn_context *scalar = check_context(CNN_ISA_SCALAR, 1);
    check_random random = {4};
    check_differences(scalar, &random);
    for (int32_t i = 0; i < count; i++) {
        cnn_context *context = check_context(isas[i], 1);
        check_golden(context);
        for (int64_t n = 1; n <= 40; n++)
            check_against_scalar(context, scalar, 1 + n % 5, n, &random);
        for (int64_t n = 1; n <= 42; n++)
            for (int kind = 0; kind < 4; kind++)
                check_soft_entropy(context, n <= 40 ? n : n == 41 ? 1000 : 1537, kind, &random);
        check_against_scalar(context, scalar, 300, 17, &random);
        check_against_scalar(context, scalar, 3, 1500, &random);
        check_log_softmax(context, &random);
        cnn_context_destroy(context);
        check_thread_counts(isas[i], &random);
    }
    check_misuse();
    cnn_context_destroy(scalar);
}
