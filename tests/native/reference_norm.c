/* reference_norm.c - the formulas of normalisation, element by element: the variance in two passes, the gradients as the
 * derivative of the formula, with sums over all elements that share a statistic. */
#include "reference_norm.h"

#include <math.h>
#include <stddef.h>

/* Where element (sample, pixel, channel) lies. */
static int64_t at(const reference_norm *n, int64_t sample, int64_t pixel, int64_t channel)
{
    return (sample * n->pixels + pixel) * n->groups * n->depth + channel;
}

static void statistics(const reference_norm *n, const double *input, int64_t sample, int64_t group, double *mean,
                       double *variance)
{
    const double count = (double)(n->pixels * n->depth);
    double sum = 0, squares = 0;
    for (int64_t p = 0; p < n->pixels; p++)
        for (int64_t d = 0; d < n->depth; d++)
            sum += input[at(n, sample, p, group * n->depth + d)];
    for (int64_t p = 0; p < n->pixels; p++)
        for (int64_t d = 0; d < n->depth; d++) {
            const double off = input[at(n, sample, p, group * n->depth + d)] - sum / count;
            squares += off * off;
        }
    *mean = sum / count;
    *variance = squares / count;
}

void reference_norm_forward(const reference_norm *n, const double *input, const double *gamma, const double *beta,
                            double *mean, double *variance, double *output)
{
    for (int64_t s = 0; s < n->samples; s++)
        for (int64_t g = 0; g < n->groups; g++) {
            const int64_t i = s * n->groups + g;
            statistics(n, input, s, g, &mean[i], &variance[i]);
            for (int64_t p = 0; p < n->pixels; p++)
                for (int64_t c = g * n->depth; c < (g + 1) * n->depth; c++) {
                    const double normal = (input[at(n, s, p, c)] - mean[i]) / sqrt(variance[i] + n->epsilon);
                    const double y = normal * (gamma ? gamma[c] : 1) + (beta ? beta[c] : 0);
                    output[at(n, s, p, c)] = n->relu && y < 0 ? 0 : y;
                }
        }
}

void reference_norm_backward(const reference_norm *n, const double *input, const double *gradient, const double *gamma,
                             const double *mean, const double *inverse, const unsigned char *active, double *input_gradient,
                             double *gamma_gradient, double *beta_gradient)
{
    const double count = (double)(n->pixels * n->depth);
    for (int64_t c = 0; c < n->groups * n->depth; c++)
        gamma_gradient[c] = beta_gradient[c] = 0;
    for (int64_t s = 0; s < n->samples; s++)
        for (int64_t g = 0; g < n->groups; g++) {
            const int64_t k = s * n->groups + g;
            double plain = 0, product = 0;
            for (int64_t p = 0; p < n->pixels; p++)
                for (int64_t c = g * n->depth; c < (g + 1) * n->depth; c++) {
                    const int64_t i = at(n, s, p, c);
                    const double dy = active && !active[i] ? 0 : gradient[i], normal = (input[i] - mean[k]) * inverse[k];
                    beta_gradient[c] += dy;
                    gamma_gradient[c] += dy * normal;
                    plain += dy * (gamma ? gamma[c] : 1);
                    product += dy * (gamma ? gamma[c] : 1) * normal;
                }
            for (int64_t p = 0; p < n->pixels; p++)
                for (int64_t c = g * n->depth; c < (g + 1) * n->depth; c++) {
                    const int64_t i = at(n, s, p, c);
                    const double dy = active && !active[i] ? 0 : gradient[i], normal = (input[i] - mean[k]) * inverse[k];
                    input_gradient[i] =
                        inverse[k] * (dy * (gamma ? gamma[c] : 1) - plain / count - normal * product / count);
                }
        }
}
