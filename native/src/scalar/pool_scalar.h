/* pool_scalar.h - the kernels of pooling with positions and of its gradients in portable C. */
#ifndef CNN_POOL_SCALAR_H
#define CNN_POOL_SCALAR_H

#include "kernels.h"

#include <math.h>

static void max_rows_indexed(int64_t row_count, const float *const *rows, const int32_t *positions, int continued,
                             int64_t count, float *output, int32_t *indices)
{
    for (int64_t i = 0; i < count; i++) {
        float largest = continued ? output[i] : rows[0][i];
        int32_t index = continued ? indices[i] : positions[0];
        for (int64_t r = continued ? 0 : 1; r < row_count; r++)
            if (rows[r][i] > largest || (isnan(rows[r][i]) && !isnan(largest))) {
                largest = rows[r][i];
                index = positions[r];
            }
        output[i] = largest;
        indices[i] = index;
    }
}

static int64_t first_maximum(const cnn_tap_windows *work, int64_t at)
{
    int64_t first = 0;
    for (int64_t t = 1; t < work->taps; t++) {
        const float x = work->rows[t][at], largest = work->rows[first][at];
        if (x > largest || (isnan(x) && !isnan(largest))) first = t;
    }
    return first;
}

static void max_windows_indexed(const cnn_tap_windows *work, float *output, int32_t *indices)
{
    int64_t to = 0;
    for (int64_t l = 0; l < work->lines; l++)
        for (int64_t w = 0; w < work->windows; w++)
            for (int64_t c = 0; c < work->channels; c++, to++) {
                const int64_t at = l * work->line_step + w * work->row_step + c, t = first_maximum(work, at);
                if (output) output[to] = work->rows[t][at];
                if (indices)
                    indices[to] = work->positions[t] + (int32_t)l * work->line_positions + (int32_t)w * work->position_step;
            }
}

static int64_t add_to_maxima(const cnn_max_gradient *work)
{
    const cnn_tap_windows *windows = &work->windows;
    int64_t found = 0;
    for (int64_t w = 0; w < windows->windows; w++)
        for (int64_t c = 0; c < windows->channels; c++) {
            const int64_t at = w * windows->row_step + c, from = w * work->gradient_step + c;
            int64_t t = 0;
            if (!work->indices)
                t = first_maximum(windows, at);
            else
                while (t < windows->taps &&
                       work->indices[from] != windows->positions[t] + (int32_t)w * windows->position_step)
                    t++;
            if (t >= work->first && t < work->last) work->targets[t][at] += work->gradient[from];
            found += t < windows->taps;
        }
    return found;
}

static void weighted_rows(int64_t row_count, const float *const *rows, const float *weights, int continued, int64_t count,
                          float *output)
{
    for (int64_t i = 0; i < count; i++) {
        double sum = continued ? output[i] : 0;
        for (int64_t r = 0; r < row_count; r++)
            sum += (double)weights[r] * rows[r][i];
        output[i] = (float)sum;
    }
}

static void max_windows(const cnn_windows *work)
{
    for (int64_t w = 0; w < work->windows; w++)
        for (int64_t c = 0; c < work->channels; c++) {
            const float *input = work->input + w * work->step + c;
            float largest = input[0];
            for (int64_t r = 0; r < work->rows; r++)
                for (int64_t t = 0; t < work->taps; t++) {
                    const float value = input[r * work->row_step + t * work->channels];
                    if (!(value <= largest) && largest == largest) largest = value;
                }
            work->output[w * work->channels + c] = largest;
        }
}

static void sum_windows(const cnn_windows *work)
{
    for (int64_t w = 0; w < work->windows; w++)
        for (int64_t c = 0; c < work->channels; c++) {
            const float *input = work->input + w * work->step + c;
            double sum = 0;
            for (int64_t t = 0; t < work->taps; t++)
                for (int64_t r = 0; r < work->rows; r++)
                    sum += input[r * work->row_step + t * work->channels];
            work->output[w * work->channels + c] = (float)(sum * work->scale);
        }
}

static void spread_windows(int64_t windows, int64_t taps, int64_t channels, float scale, const float *input, float *output)
{
    for (int64_t w = 0; w < windows; w++)
        for (int64_t t = 0; t < taps; t++)
            for (int64_t c = 0; c < channels; c++)
                output[(w * taps + t) * channels + c] = scale * input[w * channels + c];
}

#endif

static int64_t write_maxima(const cnn_max_gradient *work)
{
    (void)work;
    return -1;
}
