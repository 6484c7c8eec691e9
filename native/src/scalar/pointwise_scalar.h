/* pointwise_scalar.h - arithmetic on one and two elements in portable C: single operations in float32, which rounds them
 * correctly, and functions in float64. Included by kernels_scalar.c. */

static float binary_value(cnn_binary_kind kind, float x, float y)
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
        return x < y || isnan(x) ? x : y;
    case CNN_BINARY_MAX:
        return x > y || isnan(x) ? x : y;
    case CNN_BINARY_LESS:
        return x < y ? 1 : 0;
    case CNN_BINARY_EQUAL:
        return x <= y && y <= x ? 1 : 0;
    }
    return x;
}

static void binary(cnn_binary_kind kind, int64_t count, const float *left, int left_step, const float *right, int right_step,
                   float *output)
{
    for (int64_t i = 0; i < count; i++)
        output[i] = binary_value(kind, left[i * left_step], right[i * right_step]);
}

/* pow(x, 0.5), but rounded as a square root is: -0 gives 0, and minus infinity gives infinity. */
static double root_power(double x)
{
    return fabs(x) == INFINITY ? INFINITY : sqrt(x + 0.0);
}

static double unary_value(cnn_unary_kind kind, double parameter, double x)
{
    switch (kind) {
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
    case CNN_UNARY_POW:
        if (parameter >= 0.5 && parameter <= 0.5) return root_power(x);
        if (parameter >= -0.5 && parameter <= -0.5) return 1 / root_power(x);
        return pow(x, parameter);
    }
    return x;
}

static void unary(cnn_unary_kind kind, float parameter, int64_t count, const float *input, float *output)
{
    for (int64_t i = 0; i < count; i++)
        output[i] = (float)unary_value(kind, parameter, input[i]);
}
