/* test_functions.c - exp, log, tanh, sigmoid and softplus over the whole range of float32, on every instruction set: at most
 * 4 units in the last place from the correctly rounded value, which comes from the C library in float64.
 * Each run strides through the bit patterns; with CNN_CHECK_EVERY_FLOAT set in the environment it takes all 2^32 of them. */
#include "check.h"
#include "check_run.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define BATCH 4096
#define STRIDE 1009 /* prime, so that all exponents and low bits are met */
#define MOST_ULP 4

typedef struct function {
    const char *name;
    cnn_status (*run)(const cnn_context *context, const cnn_buffer *input, const cnn_buffer *output);
    double (*exact)(double);
} function;

static cnn_status run_tanh(const cnn_context *context, const cnn_buffer *input, const cnn_buffer *output)
{
    return cnn_activate(context, CNN_ACTIVATION_TANH, 0, 0, BATCH, input, output, &check_error);
}

static cnn_status run_sigmoid(const cnn_context *context, const cnn_buffer *input, const cnn_buffer *output)
{
    return cnn_activate(context, CNN_ACTIVATION_SIGMOID, 0, 0, BATCH, input, output, &check_error);
}

static cnn_status run_softplus(const cnn_context *context, const cnn_buffer *input, const cnn_buffer *output)
{
    return cnn_activate(context, CNN_ACTIVATION_SOFTPLUS, 0, 0, BATCH, input, output, &check_error);
}

static cnn_status run_exp(const cnn_context *context, const cnn_buffer *input, const cnn_buffer *output)
{
    return cnn_unary(context, CNN_UNARY_EXP, 0, BATCH, input, output, &check_error);
}

static cnn_status run_log(const cnn_context *context, const cnn_buffer *input, const cnn_buffer *output)
{
    return cnn_unary(context, CNN_UNARY_LOG, 0, BATCH, input, output, &check_error);
}

static double sigmoid(double x)
{
    return x < 0 ? exp(x) / (1 + exp(x)) : 1 / (1 + exp(-x));
}

static double softplus(double x)
{
    return x > 40 ? x : log1p(exp(x));
}

static const function functions[] = {{"exp", run_exp, exp},
                                     {"log", run_log, log},
                                     {"tanh", run_tanh, tanh},
                                     {"sigmoid", run_sigmoid, sigmoid},
                                     {"softplus", run_softplus, softplus}};

static float from_bits(uint32_t bits)
{
    float value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

/* Subnormal arguments count as zeros and subnormal results may be zero: kernels run with such numbers flushed. */
static double flushed(float x)
{
    return fabsf(x) < 0x1p-126f ? 0 : x;
}

static double distance(float found, double expected)
{
    if (fabs(expected) < 0x1p-126 && fabs(found) <= 0x1p-126) return 0;
    return check_ulp(found, expected);
}

/* The patterns first, first + step, ... below `end`. Returns the largest distance. */
static double sweep(const cnn_context *context, const function *f, uint64_t first, uint64_t end, uint64_t step)
{
    const cnn_buffer *input = check_buffer(BATCH, CHECK_END), *output = check_buffer(BATCH, CHECK_END);
    float *x = check_data(input), *y = check_data(output);
    double worst = 0, at = 0;
    for (uint64_t bits = first; bits < end;) {
        for (int32_t i = 0; i < BATCH; i++, bits += step)
            x[i] = from_bits((uint32_t)(bits < end ? bits : first));
        if (!CHECK_OK(f->run(context, input, output))) break;
        for (int32_t i = 0; i < BATCH; i++) {
            const double found = distance(y[i], f->exact(flushed(x[i])));
            if (found > worst) at = x[i];
            if (found > worst) worst = found;
        }
    }
    CHECK(worst <= MOST_ULP, "%.2f ulp at %.9g", worst, at);
    check_release();
    return worst;
}

static uint64_t bits_of(float value)
{
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    return bits;
}

void test_functions(void)
{
    cnn_isa isas[CHECK_MOST_ISAS];
    const int32_t count = check_isas(isas);
    const uint64_t all = (uint64_t)1 << 32, negative = (uint64_t)1 << 31;
    const uint64_t stride = (uint64_t)check_thinned(STRIDE, 4001), dense = (uint64_t)check_thinned(211, 809); /* primes */
    const int every = getenv("CNN_CHECK_EVERY_FLOAT") != NULL;
    for (int32_t i = 0; i < count; i++) {
        cnn_context *context = check_context(isas[i], 1);
        for (size_t f = 0; f < sizeof functions / sizeof *functions; f++) {
            check_case("%s %s", cnn_isa_name(isas[i]), functions[f].name);
            sweep(context, &functions[f], 0, all, every ? 1 : stride);
            /* Densely where the functions bend: 1/64 to 128, on both sides. */
            sweep(context, &functions[f], bits_of(0.015625f), bits_of(128), dense);
            sweep(context, &functions[f], negative + bits_of(0.015625f), negative + bits_of(128), dense);
        }
        cnn_context_destroy(context);
    }
}
