/* activation_scalar.h - derivatives of the activations and PReLU, in float64 and rounded once.
 * Included by kernels_scalar.c after the activations themselves. */

/* Phi(x) + x phi(x), the derivative of x Phi(x), with the limits at infinity. */
static double gelu_slope(double x)
{
    const double sqrt_half = 0.70710678118654752440, phi_0 = 0.39894228040143267794;
    return 0.5 * erfc(-x * sqrt_half) + (fabs(x) == HUGE_VAL ? 0 : x * phi_0 * exp(-0.5 * x * x));
}

/* With t = tanh(softplus(x)) the derivative is t + x (1 - t^2) sigmoid(x); 1 - t = 2 / (n + 2) for n = e^2 + 2 e. */
static double mish_slope(double x)
{
    const double e = exp(x), n = e * (e + 2), t = n / (n + 2);
    if (x > 40) return 1;
    return t + (fabs(x) == HUGE_VAL ? 0 : x * (1 + t) * 2 / (n + 2) * sigmoid(x));
}

/* The derivative at x; where it jumps, see cnn_activate_backward. */
static double activation_slope(cnn_activation_kind kind, double alpha, double beta, double x)
{
    const double selu_scale = 1.0507009873554804934, selu_alpha = 1.6732632423543772848;
    switch (kind) {
    case CNN_ACTIVATION_NONE:
        return 1;
    case CNN_ACTIVATION_RELU:
        return x <= 0 ? 0 : 1;
    case CNN_ACTIVATION_LEAKY_RELU:
        return x <= 0 ? alpha : 1;
    case CNN_ACTIVATION_TANH:
        return 1 / (cosh(x) * cosh(x));
    case CNN_ACTIVATION_SIGMOID:
        return sigmoid(x) * sigmoid(-x);
    case CNN_ACTIVATION_ELU:
        return x <= 0 ? alpha * exp(x) : 1;
    case CNN_ACTIVATION_SELU:
        return x <= 0 ? selu_scale * selu_alpha * exp(x) : selu_scale;
    case CNN_ACTIVATION_GELU:
        return gelu_slope(x);
    case CNN_ACTIVATION_SILU:
        return sigmoid(x) * (fabs(x) == HUGE_VAL ? 1 : 1 + x * sigmoid(-x));
    case CNN_ACTIVATION_HARD_SWISH:
        return x < -3 ? 0 : x > 3 ? 1 : x / 3 + 0.5;
    case CNN_ACTIVATION_MISH:
        return mish_slope(x);
    case CNN_ACTIVATION_HARD_SIGMOID: {
        const double z = alpha * x + beta;
        return z <= 0 || z >= 1 ? 0 : alpha;
    }
    case CNN_ACTIVATION_SOFTPLUS:
        return sigmoid(x);
    case CNN_ACTIVATION_CLIP:
        return x <= alpha || x >= beta ? 0 : 1;
    }
    return 1;
}

static void activate_backward(cnn_activation_kind kind, float alpha, float beta, int accumulate, int64_t count,
                              const float *input, const float *gradient, float *output)
{
    for (int64_t i = 0; i < count; i++) {
        const double product = gradient[i] * activation_slope(kind, alpha, beta, input[i]);
        output[i] = (float)(accumulate ? output[i] + product : product);
    }
}

static void prelu(int64_t count, const float *input, const float *slopes, float *output)
{
    for (int64_t i = 0; i < count; i++)
        output[i] = input[i] < 0 ? slopes[i] * input[i] : input[i];
}

static void prelu_backward(int accumulate, int64_t count, const float *input, const float *slopes, const float *gradient,
                           float *output, float *sums)
{
    for (int64_t i = 0; i < count; i++) {
        const double product = input[i] <= 0 ? (double)gradient[i] * slopes[i] : gradient[i];
        if (input[i] < 0) sums[i] += input[i] * gradient[i];
        output[i] = (float)(accumulate ? output[i] + product : product);
    }
}
