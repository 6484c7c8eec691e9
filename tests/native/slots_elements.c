/* slots_elements.c - kernels that go from element to element beside the portable ones: activations, arithmetic, losses,
 * optimisers, sums and random numbers. What the functions are worth is tested with the operators, and lanes and tails here.
 */
#include "slots.h"

#include <math.h>
#include <string.h>

/* The functions of vector/functions.h and what is made of them are good to some ten roundings, see test_functions.c; 64 of
 * the result, or of 1, leave room for sums of a few of them, and a wrong lane is off by thousands. */
#define FUNCTION_BOUND (64 * SLOT_UNIT)

static void near_function(const float *found, const float *expected, int64_t count, const char *what)
{
    for (int64_t i = 0; i < count; i++)
        if (!check_near(found[i], expected[i], FUNCTION_BOUND * (1 + fabs((double)expected[i])), what, i)) return;
}

/* -4 to 4, or 1/2 to 3/2. */
static float *make_wide(slot_room *room)
{
    float *made = slot_given(room, room->count);
    for (int64_t i = 0; i < room->count; i++)
        made[i] *= 4;
    return made;
}

static float *make_positive(slot_room *room)
{
    float *made = slot_given(room, room->count);
    for (int64_t i = 0; i < room->count; i++)
        made[i] = 1 + made[i] / 2;
    return made;
}

/* Two outputs that hold the same. */
typedef struct output_pair {
    float *found, *expected;
} output_pair;

static output_pair make_outputs(const slot_room *room)
{
    return (output_pair){slot_empty(room, room->count), slot_empty(room, room->count)};
}

static output_pair make_copies(const slot_room *room, const float *of)
{
    return (output_pair){slot_copy(room, of, room->count), slot_copy(room, of, room->count)};
}

void slot_activate(slot_room *room)
{
    const float *input = make_wide(room);
    const output_pair out = make_outputs(room);
    for (int32_t kind = CNN_ACTIVATION_NONE; kind <= CNN_ACTIVATION_CLIP; kind++) {
        const float alpha = kind == CNN_ACTIVATION_CLIP ? -1.5f : 0.2f, beta = 0.5f;
        room->tested->activate((cnn_activation_kind)kind, alpha, beta, room->count, input, out.found);
        room->portable->activate((cnn_activation_kind)kind, alpha, beta, room->count, input, out.expected);
        near_function(out.found, out.expected, room->count, "activate");
    }
}

void slot_activate_backward(slot_room *room)
{
    const float *input = make_wide(room), *gradient = slot_given(room, room->count);
    const output_pair out = make_outputs(room);
    for (int32_t kind = CNN_ACTIVATION_NONE; kind <= CNN_ACTIVATION_CLIP; kind++)
        for (int accumulate = 0; accumulate < 2; accumulate++) {
            const float alpha = kind == CNN_ACTIVATION_CLIP ? -1.5f : 0.2f, beta = 0.5f;
            memcpy(out.found, out.expected, (size_t)room->count * sizeof(float));
            room->tested->activate_backward((cnn_activation_kind)kind, alpha, beta, accumulate, room->count, input, gradient,
                                            out.found);
            room->portable->activate_backward((cnn_activation_kind)kind, alpha, beta, accumulate, room->count, input,
                                              gradient, out.expected);
            near_function(out.found, out.expected, room->count, "activate_backward");
        }
}

void slot_softmax_rows(slot_room *room)
{
    const int64_t rows = check_range(&room->random, 1, 4);
    const float *input = slot_given(room, rows * room->count);
    float *found = slot_empty(room, rows * room->count), *expected = slot_empty(room, rows * room->count);
    room->tested->softmax_rows(rows, room->count, input, found);
    room->portable->softmax_rows(rows, room->count, input, expected);
    near_function(found, expected, rows * room->count, "softmax_rows");
}

void slot_add(slot_room *room)
{
    const float *left = slot_given(room, room->count), *right = slot_given(room, room->count);
    const output_pair out = make_outputs(room);
    room->tested->add(room->count, left, right, out.found);
    room->portable->add(room->count, left, right, out.expected);
    check_same_bits(out.found, out.expected, room->count, "add");
}

void slot_inverse_power(slot_room *room)
{
    static const float exponents[] = {0.5f, 0.75f, 1, 1.3f};
    const float *input = make_positive(room);
    const output_pair out = make_outputs(room);
    for (int i = 0; i < 4; i++) {
        room->tested->inverse_power(room->count, input, exponents[i], out.found);
        room->portable->inverse_power(room->count, input, exponents[i], out.expected);
        near_function(out.found, out.expected, room->count, "inverse_power");
    }
}

void slot_prelu(slot_room *room)
{
    const float *input = slot_given(room, room->count), *slopes = slot_given(room, room->count);
    const output_pair out = make_outputs(room);
    room->tested->prelu(room->count, input, slopes, out.found);
    room->portable->prelu(room->count, input, slopes, out.expected);
    check_same_bits(out.found, out.expected, room->count, "prelu"); /* one product, rounded */
}

void slot_prelu_backward(slot_room *room)
{
    const float *input = slot_given(room, room->count), *slopes = slot_given(room, room->count);
    const float *gradient = slot_given(room, room->count), *before = slot_given(room, room->count);
    const output_pair out = make_copies(room, before), sums = make_copies(room, gradient);
    for (int accumulate = 0; accumulate < 2; accumulate++) {
        room->tested->prelu_backward(accumulate, room->count, input, slopes, gradient, out.found, sums.found);
        room->portable->prelu_backward(accumulate, room->count, input, slopes, gradient, out.expected, sums.expected);
        slot_near(out.found, out.expected, room->count, slot_sum_bound(3), "prelu_backward");
        slot_near(sums.found, sums.expected, room->count, slot_sum_bound(3), "sums of prelu_backward");
    }
}

void slot_binary(slot_room *room)
{
    for (int32_t steps = 0; steps < 4; steps++) {
        const int left_step = steps & 1, right_step = steps >> 1;
        const float *left = slot_given(room, left_step ? room->count : 1);
        const float *right = slot_given(room, right_step ? room->count : 1);
        const output_pair out = make_outputs(room);
        for (int32_t kind = CNN_BINARY_ADD; kind <= CNN_BINARY_EQUAL; kind++) {
            room->tested->binary((cnn_binary_kind)kind, room->count, left, left_step, right, right_step, out.found);
            room->portable->binary((cnn_binary_kind)kind, room->count, left, left_step, right, right_step, out.expected);
            check_same_bits(out.found, out.expected, room->count, "binary"); /* one operation, rounded */
        }
    }
}

void slot_unary(slot_room *room)
{
    static const float exponents[] = {2, -3, 0.5f, -0.5f, 1.7f};
    const float *signs = make_wide(room), *positive = make_positive(room);
    const output_pair out = make_outputs(room);
    for (int32_t kind = CNN_UNARY_EXP; kind <= CNN_UNARY_POW; kind++)
        for (int i = 0; i < (kind == CNN_UNARY_POW ? 5 : 1); i++) {
            const int any = kind == CNN_UNARY_EXP || kind == CNN_UNARY_NEG || kind == CNN_UNARY_ABS;
            const float *input = any ? signs : positive;
            room->tested->unary((cnn_unary_kind)kind, exponents[i], room->count, input, out.found);
            room->portable->unary((cnn_unary_kind)kind, exponents[i], room->count, input, out.expected);
            near_function(out.found, out.expected, room->count, "unary");
        }
}

static void same_double(double found, double expected, const char *what)
{
    CHECK(memcmp(&found, &expected, sizeof found) == 0, "%s: found %.17g, expected %.17g", what, found, expected);
}

void slot_sum(slot_room *room)
{
    const float *input = slot_given(room, room->count);
    same_double(room->tested->sum(room->count, input), room->portable->sum(room->count, input), "sum");
}

void slot_sum_of_squares(slot_room *room)
{
    const float *input = slot_given(room, room->count);
    same_double(room->tested->sum_of_squares(room->count, input), room->portable->sum_of_squares(room->count, input),
                "sum_of_squares");
}

/* Up to 128 elements are added in each lane in float32, all of one sign, before float64 takes over. */
static void near_positive_sum(double found, double expected, const char *what)
{
    check_near(found, expected, (128 * SLOT_UNIT + FUNCTION_BOUND) * fabs(expected), what, 0);
}

void slot_sum_of_exponentials(slot_room *room)
{
    const float *input = slot_given(room, room->count);
    float largest = NAN, expected_largest = NAN;
    const double found = room->tested->sum_of_exponentials(room->count, input, &largest);
    const double expected = room->portable->sum_of_exponentials(room->count, input, &expected_largest);
    near_positive_sum(found, expected, "sum_of_exponentials");
    check_same_bits(&largest, &expected_largest, 1, "largest");
}

void slot_scaled_exponentials(slot_room *room)
{
    const float *input = slot_given(room, room->count);
    const output_pair out = make_outputs(room);
    room->tested->scaled_exponentials(room->count, input, 0.5f, 0.75f, out.found);
    room->portable->scaled_exponentials(room->count, input, 0.5f, 0.75f, out.expected);
    near_function(out.found, out.expected, room->count, "scaled_exponentials");
}

/* Targets from 0 to 1; weights and gradient, or either of them null. */
void slot_loss(slot_room *room)
{
    static const cnn_loss_work work = {.delta = 0.75f, .gamma = 2, .alpha = 0.25f, .scale = 0.75f};
    const float *prediction = make_wide(room), *weights = make_positive(room);
    float *target = slot_given(room, room->count);
    const output_pair out = make_outputs(room);
    for (int64_t i = 0; i < room->count; i++)
        target[i] = fabsf(target[i]);
    for (int32_t kind = CNN_LOSS_BCE_WITH_LOGITS; kind <= CNN_LOSS_FOCAL; kind++)
        for (int given = 0; given < 4; given++) {
            const float *w = given & 1 ? weights : NULL;
            const double found = room->tested->loss((cnn_loss_kind)kind, &work, room->count, prediction, target, w,
                                                    given & 2 ? out.found : NULL);
            const double expected = room->portable->loss((cnn_loss_kind)kind, &work, room->count, prediction, target, w,
                                                         given & 2 ? out.expected : NULL);
            near_positive_sum(found, expected, "loss");
            near_function(out.found, out.expected, given & 2 ? room->count : 0, "gradient of a loss");
        }
}

/* Second moments are at least 1/2, so that a root of them magnifies no rounding. */
void slot_optimize(slot_room *room)
{
    static const struct {
        cnn_optimizer_kind kind;
        int nesterov, first, second;
    } rules[] = {{CNN_OPTIMIZER_SGD, 0, 0, 0},    {CNN_OPTIMIZER_SGD, 0, 1, 0},   {CNN_OPTIMIZER_SGD, 1, 1, 0},
                 {CNN_OPTIMIZER_ADAM, 0, 1, 1},   {CNN_OPTIMIZER_ADAMW, 0, 1, 1}, {CNN_OPTIMIZER_RMSPROP, 0, 0, 1},
                 {CNN_OPTIMIZER_RMSPROP, 0, 1, 1}};
    const float *parameters = slot_given(room, room->count), *gradient = slot_given(room, room->count);
    const float *moments = slot_given(room, room->count), *squares = make_positive(room);
    for (size_t i = 0; i < sizeof rules / sizeof *rules; i++) {
        const cnn_optimizer_work work = {.kind = rules[i].kind,
                                         .nesterov = rules[i].nesterov,
                                         .scale = 0.5f,
                                         .decay = 0.125f,
                                         .shrink = 0.75f,
                                         .keep1 = 0.875f,
                                         .take1 = 0.25f,
                                         .keep2 = 0.75f,
                                         .take2 = 0.375f,
                                         .inverse = 1.25f,
                                         .epsilon = 0.0625f,
                                         .rate = 0.5f};
        const output_pair p = make_copies(room, parameters);
        const output_pair m = make_copies(room, moments), s = make_copies(room, squares);
        room->tested->optimize(&work, room->count, p.found, gradient, rules[i].first ? m.found : NULL,
                               rules[i].second ? s.found : NULL);
        room->portable->optimize(&work, room->count, p.expected, gradient, rules[i].first ? m.expected : NULL,
                                 rules[i].second ? s.expected : NULL);
        near_function(p.found, p.expected, room->count, "parameters");
        near_function(m.found, m.expected, room->count, "first moments");
        near_function(s.found, s.expected, room->count, "second moments");
    }
}

/* Random numbers are the same bits everywhere; positions start within a block and between two. */
void slot_random_words(slot_room *room)
{
    const uint64_t position = check_next(&room->random);
    const output_pair out = make_outputs(room);
    room->tested->random_words(7, position, room->count, (uint32_t *)(void *)out.found);
    room->portable->random_words(7, position, room->count, (uint32_t *)(void *)out.expected);
    check_same_bits(out.found, out.expected, room->count, "random_words");
}

void slot_random_uniform(slot_room *room)
{
    const uint64_t position = check_next(&room->random);
    const output_pair out = make_outputs(room);
    room->tested->random_uniform(7, position, room->count, -1, 2, out.found);
    room->portable->random_uniform(7, position, room->count, -1, 2, out.expected);
    check_same_bits(out.found, out.expected, room->count, "random_uniform");
}

void slot_random_normal(slot_room *room)
{
    const uint64_t position = check_next(&room->random);
    const output_pair out = make_outputs(room);
    room->tested->random_normal(7, position, room->count, -1, 2, out.found);
    room->portable->random_normal(7, position, room->count, -1, 2, out.expected);
    check_same_bits(out.found, out.expected, room->count, "random_normal");
}

void slot_drop(slot_room *room)
{
    uint32_t *words = (uint32_t *)(void *)slot_empty(room, room->count);
    const float *input = slot_given(room, room->count);
    const output_pair out = make_outputs(room);
    for (int64_t i = 0; i < room->count; i++)
        words[i] = (uint32_t)(check_next(&room->random) >> 32);
    room->tested->drop(room->count, words, 1u << 31, 2, input, out.found);
    room->portable->drop(room->count, words, 1u << 31, 2, input, out.expected);
    check_same_bits(out.found, out.expected, room->count, "drop");
}
