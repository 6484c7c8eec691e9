/* optimizers_scalar.h - one step of each optimiser, in float64 and rounded when stored; the rules stand at
 * cnn_optimizer_kind. Included by kernels_scalar.c. */

static void optimize(const cnn_optimizer_work *work, int64_t count, float *parameters, const float *gradient, float *first,
                     float *second)
{
    const int adaptive = work->kind == CNN_OPTIMIZER_ADAM || work->kind == CNN_OPTIMIZER_ADAMW;
    for (int64_t i = 0; i < count; i++) {
        const double p = (double)parameters[i] * work->shrink;
        const double scaled = (double)gradient[i] * work->scale;
        const double g = work->decay == 0 ? scaled : scaled + work->decay * p; /* 0 times infinity is NaN */
        double root = 1, mean = g;
        if (second) {
            const double square = (double)work->keep2 * second[i] + work->take2 * g * g;
            root = sqrt(square) * work->inverse + work->epsilon;
            second[i] = (float)square;
        }
        if (!adaptive) mean = g / root;
        if (first) {
            const double pushed = mean;
            mean = (double)work->keep1 * first[i] + work->take1 * mean;
            first[i] = (float)mean;
            if (work->nesterov) mean = pushed + work->keep1 * mean;
        }
        parameters[i] = (float)(p - work->rate * (adaptive ? mean / root : mean));
    }
}
