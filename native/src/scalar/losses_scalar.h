/* losses_scalar.h - losses and their gradients in float64, rounded once; the formulas stand at cnn_loss_kind.
 * Included by kernels_scalar.c after sigmoid and softplus. */

static double sum_of_exponentials(int64_t count, const float *input, float *largest)
{
    double sum = 0;
    *largest = input[0];
    for (int64_t i = 1; i < count; i++)
        if (input[i] > *largest) *largest = input[i];
    for (int64_t i = 0; i < count; i++)
        sum += exp((double)input[i] - *largest);
    return sum;
}

static void scaled_exponentials(int64_t count, const float *input, float shift, float factor, float *output)
{
    for (int64_t i = 0; i < count; i++)
        output[i] = (float)(factor * exp((double)input[i] - shift));
}

static double entropy_coefficient(const cnn_entropy_target *target, int64_t c)
{
    const double share = target->soft ? target->keep * target->soft[c] : 0;
    return (target->weights ? target->weights[c] : 1) * (share + target->even);
}

static void entropy_sums(const cnn_entropy_target *target, int64_t count, const float *logits, float largest, double *sums)
{
    sums[0] = sums[1] = 0;
    for (int64_t c = 0; c < count; c++) {
        const double a = entropy_coefficient(target, c);
        sums[0] += a;
        if (a != 0) sums[1] += a * ((double)largest - logits[c]);
    }
}

static void entropy_gradient(const cnn_entropy_target *target, int64_t count, const float *logits, float largest,
                             double factor, double scale, float *output)
{
    for (int64_t c = 0; c < count; c++)
        output[c] = (float)(factor * exp((double)logits[c] - largest) - scale * entropy_coefficient(target, c));
}

/* With b = (1 - t) softplus(x) + t softplus(-x), p = sigmoid(x) and 1 - p = sigmoid(-x), so that nothing cancels. */
static double focal(const cnn_loss_work *work, double x, double t, double *slope)
{
    const double p = sigmoid(x), q = sigmoid(-x), b = (1 - t) * softplus(x) + t * softplus(-x);
    const double m = fmax(p * (1 - t) + q * t, 1e-37), alpha = work->alpha, gamma = work->gamma;
    const double a = alpha < 0 ? 1 : alpha * t + (1 - alpha) * (1 - t), power = pow(m, gamma);
    *slope = a * (gamma * pow(m, gamma - 1) * (1 - 2 * t) * p * q * b + power * (p * (1 - t) - q * t));
    return a * power * b;
}

static double loss_of(cnn_loss_kind kind, const cnn_loss_work *work, double x, double t, double w, double *slope)
{
    const double d = x - t, delta = work->delta;
    switch (kind) {
    case CNN_LOSS_BCE_WITH_LOGITS:
        *slope = (1 - t) * sigmoid(x) - w * t * sigmoid(-x);
        return (1 - t) * softplus(x) + w * t * softplus(-x);
    case CNN_LOSS_MSE:
        *slope = 2 * d;
        return d * d;
    case CNN_LOSS_L1:
        *slope = d > 0 ? 1 : d < 0 ? -1 : d;
        return fabs(d);
    case CNN_LOSS_HUBER:
        *slope = limit(d, -delta, delta);
        return fabs(d) > delta ? delta * (fabs(d) - 0.5 * delta) : 0.5 * d * d;
    case CNN_LOSS_FOCAL:
        return focal(work, x, t, slope);
    }
    return 0;
}

static double loss(cnn_loss_kind kind, const cnn_loss_work *work, int64_t count, const float *prediction,
                   const float *target, const float *weights, float *gradient)
{
    double total = 0;
    for (int64_t i = 0; i < count; i++) {
        double slope = 0;
        total += loss_of(kind, work, prediction[i], target[i], weights ? weights[i] : 1, &slope);
        if (gradient) gradient[i] = (float)(slope * work->scale);
    }
    return total;
}
