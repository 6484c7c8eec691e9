/* runs_scalar.h - the portable second half of a transposed convolution, which kernels_scalar.c includes. */

static void sum_runs(const cnn_runs *work)
{
    for (int64_t x = 0; x < work->outputs; x++)
        for (int64_t c = 0; c < work->channels; c++) {
            double sum = work->bias[c];
            for (int64_t p = 0; p < work->pixels; p++) {
                const int64_t tap = x + work->padding - p * work->stride;
                if (tap >= 0 && tap < work->window) sum += work->products[p * work->pitch + tap * work->channels + c];
            }
            work->output[x * work->output_step + c] = (float)sum;
        }
}
