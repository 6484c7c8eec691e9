/* grouped_scalar.h - the portable convolution of groups that are narrower than a vector, which kernels_scalar.c includes. */

static double sum_of_group(const cnn_grouped_band *band, int64_t row, int64_t pixel, int64_t c)
{
    const int64_t first = c / band->group * band->group;
    double sum = band->bias[c];
    if (band->residual) sum += band->residual[row * band->residual_row + pixel * band->residual_step + c];
    for (int64_t i = 0; i < band->window_down; i++)
        for (int64_t j = 0; j < 3; j++) {
            const int64_t y = band->top + row * band->stride_down + i, x = band->left + pixel * band->stride + j;
            if (y < 0 || y >= band->height || x < 0 || x >= band->width) continue;
            for (int64_t k = 0; k < band->group; k++)
                sum += (double)band->input[y * band->input_row + x * band->input_step + first + k] *
                       band->weights[((i * band->group + k) * 3 + j) * PLANE_LANES + c];
        }
    return sum;
}

static void convolve_grouped_band(const cnn_grouped_band *band)
{
    for (int64_t row = 0; row < band->rows; row++)
        for (int64_t pixel = 0; pixel < band->pixels; pixel++)
            for (int64_t c = 0; c < band->channels; c++)
                band->output[row * band->output_row + pixel * band->output_step + c] =
                    clamp(sum_of_group(band, row, pixel, c), band->lower, band->upper);
}
