/* planes_scalar.h - the portable convolution of planes, which kernels_scalar.c includes: as the others, for runs of pixels
 * that vectors would hold. */

#define PLANE_LANES 4
#define PLANE_OUTPUTS 4

static double sum_of_plane(const cnn_planes *work, const float *pixel, int32_t output)
{
    const float *weight = work->packed + output;
    double sum = work->bias[output];
    for (int64_t y = 0; y < work->down; y++)
        for (int64_t c = 0; c < work->channels; c++)
            for (int64_t x = 0; x < work->across; x++, weight += work->output_count)
                sum += (double)pixel[y * work->down_step + c * work->channel_step + x * work->across_step] * *weight;
    return sum;
}

static void convolve_planes(const cnn_planes *work)
{
    for (int64_t v = 0; v < work->vector_count; v++)
        for (int32_t i = 0; i < work->output_count; i++) {
            float *output = work->outputs[v] + work->output_offset + i * work->output_step;
            for (int64_t l = 0; l < PLANE_LANES; l++)
                output[l] = clamp(sum_of_plane(work, work->inputs[v] + l, i), work->lower, work->upper);
        }
}
