/* norm_slab.c - where slabs lie, and their way through the kernels: as rows of some hundred columns, for which pixels with
 * few channels are taken together, so that one channel is as fast as many. */
#include "norm_slab.h"

#include "error.h"
#include "geometry.h"

#include <stddef.h>

#define SLAB 16384 /* elements of a slab, or more */
#define SLABS 64   /* of a sample at most, so that adding them up stays small */
#define PIXELS 32  /* of a slab at least, so that its sums are small beside it */

static int64_t smaller(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

static int64_t rounded_up(int64_t count, int64_t multiple)
{
    return (count + multiple - 1) / multiple * multiple;
}

static void place_slabs(cnn_norm *norm)
{
    const int64_t elements = norm->pixels * norm->channels;
    int64_t slabs = smaller(smaller(elements / SLAB, norm->pixels / PIXELS), SLABS);
    if (slabs < 1) slabs = 1;
    norm->repeat = norm->channels <= CNN_SLAB_COLUMNS / 2 ? CNN_SLAB_COLUMNS / norm->channels : 1;
    norm->slab_pixels = smaller(rounded_up((norm->pixels + slabs - 1) / slabs, norm->repeat), norm->pixels);
    norm->slabs = (norm->pixels + norm->slab_pixels - 1) / norm->slab_pixels;
}

cnn_status cnn_norm_place(cnn_norm *norm, const char *operation, int64_t *elements, int64_t *workspace_bytes,
                          cnn_error *error)
{
    const int64_t sizes[] = {norm->samples, norm->pixels, norm->groups, norm->depth};
    CNN_TRY(cnn_sizes_multiply(4, sizes, operation, "input", elements, error));
    norm->channels = norm->groups * norm->depth;
    place_slabs(norm);
    /* Two float64 sums and five coefficients; a multiple of 16 in front of each part keeps it aligned. */
    const int64_t all[] = {norm->samples, norm->slabs, norm->channels, 2 * 2 + CNN_NORM_VECTORS + 16};
    int64_t words;
    CNN_TRY(cnn_sizes_multiply(4, all, operation, "workspace", &words, error));
    const int64_t sums = rounded_up(norm->samples * norm->slabs * norm->channels * 2 * 2, 16);
    *workspace_bytes = (sums + norm->samples * norm->channels * CNN_NORM_VECTORS) * (int64_t)sizeof(float);
    return CNN_OK;
}

void cnn_norm_use(cnn_norm *norm, void *workspace)
{
    const int64_t sums = rounded_up(norm->samples * norm->slabs * norm->channels * 2 * 2, 16);
    norm->partials = workspace;
    norm->coefficients = (float *)workspace + sums;
}

cnn_slab cnn_slab_at(const cnn_norm *norm, int64_t sample, int64_t index)
{
    const int64_t first = index * norm->slab_pixels, count = smaller(norm->slab_pixels, norm->pixels - first);
    cnn_slab s = {norm,
                  sample,
                  (sample * norm->pixels + first) * norm->channels,
                  count / norm->repeat,
                  norm->repeat * norm->channels,
                  count % norm->repeat * norm->channels};
    return s;
}

void cnn_slab_expand(const cnn_norm *norm, const float *channels, int64_t first, int64_t count, float *expanded)
{
    for (int64_t i = 0, c = first; i < count; i++) {
        expanded[i] = channels[c];
        if (++c == norm->channels) c = 0;
    }
}

void cnn_slab_sums(const cnn_slab *s, cnn_column_sums *work, int64_t first, int64_t count)
{
    const cnn_norm *norm = s->norm;
    void (*kernel)(const cnn_column_sums *) =
        norm->gradient ? norm->kernels->column_products : norm->kernels->column_moments;
    for (int64_t i = 0; i < CNN_SLAB_COLUMNS; i++)
        work->first[i] = work->second[i] = 0;
    work->rows = s->rows;
    work->stride = s->stride;
    work->count = count;
    work->input = norm->input + s->begin + first;
    work->gradient = norm->gradient ? norm->gradient + s->begin + first : NULL;
    if (s->rows > 0) kernel(work);
    if (s->rest == 0) return; /* only where a pixel is repeated, and there is one block */
    work->rows = 1;
    work->count = s->rest;
    work->input += s->rows * s->stride;
    if (work->gradient) work->gradient += s->rows * s->stride;
    kernel(work);
}

void cnn_slab_rows(const cnn_slab *s, cnn_norm_rows *work)
{
    const cnn_norm *norm = s->norm;
    void (*kernel)(const cnn_norm_rows *) = norm->gradient ? norm->kernels->norm_gradient_rows : norm->kernels->norm_rows;
    work->rows = s->rows;
    work->stride = work->count = s->stride;
    work->input = norm->input + s->begin;
    work->gradient = norm->gradient ? norm->gradient + s->begin : NULL;
    work->output = norm->output + s->begin;
    if (s->rows > 0) kernel(work);
    if (s->rest == 0) return;
    const int64_t done = s->rows * s->stride;
    work->rows = 1;
    work->count = s->rest;
    work->input += done;
    if (work->gradient) work->gradient += done;
    work->output += done;
    kernel(work);
}

const float *cnn_slab_columns(const cnn_slab *s, const float *channels, float *expanded)
{
    if (s->norm->repeat == 1) return channels;
    cnn_slab_expand(s->norm, channels, 0, s->stride, expanded);
    return expanded;
}
