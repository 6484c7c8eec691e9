/* strided.c - the copy between any two layouts. Neighbouring dimensions that lie the same way on both sides become one; then
 * the innermost dimension of the source and that of the destination make a plane, which is copied in tiles that a
 * first-level cache holds: without them each element would cost a line of its own. */
#include "strided.h"

#include "error.h"
#include "geometry.h"
#include "prefetch.h"
#include "threads.h"

#include <string.h>

#define TILE 64        /* elements along the destination when there are enough */
#define TILE_AREA 4096 /* elements of a tile: 16 kB on each side */

/* One digit of the counter that walks over all tiles: `tile` elements of an axis at a time. */
typedef struct digit {
    cnn_strided_axis axis;
    int64_t tile;
    int64_t steps; /* tiles along the axis */
} digit;

typedef struct strided_job {
    const cnn_kernels *kernels;
    int32_t digits;
    digit digit[CNN_MAX_RANK + 2]; /* the last three: across (source's innermost), along (destination's), unit (both) */
    const float *source;
    float *destination;
} strided_job;

cnn_status cnn_shape_check(int32_t rank, const int64_t *sizes, const char *operation, const char *what, int64_t *elements,
                           cnn_error *error)
{
    if (rank < 1 || rank > CNN_MAX_RANK)
        return cnn_fail(error, CNN_INVALID_ARGUMENT, "%s: the rank is %d, expected 1 to %d.", operation, (int)rank,
                        CNN_MAX_RANK);
    for (int32_t i = 0; i < rank; i++)
        if (sizes[i] <= 0)
            return cnn_fail(error, CNN_INVALID_ARGUMENT, "%s: dimension %d has size %lld, expected at least 1.", operation,
                            (int)i, (long long)sizes[i]);
    return cnn_sizes_multiply(rank, sizes, operation, what, elements, error);
}

/* Units of `unit` elements, few enough that a call of memcpy for each would cost more than the copy. */
static inline void copy_units(const cnn_strided_axis *along, int64_t unit, const float *source, float *destination)
{
    for (int64_t j = 0; j < along->count; j++)
        memcpy(destination + j * along->destination, source + j * along->source, (size_t)unit * sizeof(float));
}

static void copy_row(const cnn_strided_axis *along, int64_t unit, const float *source, float *destination)
{
    switch (unit) {
    case 1:
        copy_units(along, 1, source, destination);
        break;
    case 2:
        copy_units(along, 2, source, destination);
        break;
    case 3:
        copy_units(along, 3, source, destination);
        break;
    case 4:
        copy_units(along, 4, source, destination);
        break;
    default:
        copy_units(along, unit, source, destination);
        break;
    }
}

static void copy_tile(const cnn_kernels *kernels, const cnn_strided_axis *across, const cnn_strided_axis *along,
                      int64_t unit, const float *source, float *destination)
{
    if (unit == 1 && across->source == 1 && along->destination == 1 && across->count > 1) {
        kernels->transpose(along->count, across->count, source, along->source, destination, across->destination);
        return;
    }
    for (int64_t i = 0; i < across->count; i++)
        copy_row(along, unit, source + i * across->source, destination + i * across->destination);
}

/* What is left of an axis at a step: a whole tile or the rest. */
static cnn_strided_axis tile_of(const digit *d, int64_t step)
{
    cnn_strided_axis axis = d->axis;
    const int64_t left = axis.count - step * d->tile;
    axis.count = left < d->tile ? left : d->tile;
    return axis;
}

static void copy_tiles(const void *argument, int32_t thread, int64_t begin, int64_t end)
{
    const strided_job *job = argument;
    const int32_t digits = job->digits;
    int64_t step[CNN_MAX_RANK + 2], source = 0, destination = 0, rest = begin;
    (void)thread;
    for (int32_t d = digits - 1; d >= 0; d--) {
        const digit *g = &job->digit[d];
        step[d] = rest % g->steps;
        rest /= g->steps;
        source += step[d] * g->tile * g->axis.source;
        destination += step[d] * g->tile * g->axis.destination;
    }
    for (int64_t item = begin; item < end; item++) {
        const digit *last = &job->digit[digits - 3];
        const cnn_strided_axis across = tile_of(last, step[digits - 3]), along = tile_of(last + 1, step[digits - 2]);
        copy_tile(job->kernels, &across, &along, tile_of(last + 2, step[digits - 1]).count, job->source + source,
                  job->destination + destination);
        for (int32_t d = digits - 1; d >= 0; d--) {
            const digit *g = &job->digit[d];
            source += g->tile * g->axis.source;
            destination += g->tile * g->axis.destination;
            if (++step[d] < g->steps) break;
            source -= g->steps * g->tile * g->axis.source;
            destination -= g->steps * g->tile * g->axis.destination;
            step[d] = 0;
        }
    }
}

/* Drops axes of one element and merges neighbours that step alike on both sides. Returns the axes that are left. */
static int32_t merge(int32_t rank, const cnn_strided_axis *axes, cnn_strided_axis *merged)
{
    int32_t count = 0;
    for (int32_t i = 0; i < rank; i++) {
        const cnn_strided_axis *axis = &axes[i];
        cnn_strided_axis *outer = count > 0 ? &merged[count - 1] : NULL;
        if (axis->count == 1) continue;
        if (outer && outer->source == axis->source * axis->count && outer->destination == axis->destination * axis->count)
            *outer = (cnn_strided_axis){outer->count * axis->count, axis->source, axis->destination};
        else
            merged[count++] = *axis;
    }
    return count;
}

static int64_t magnitude(int64_t stride)
{
    return stride < 0 ? -stride : stride;
}

/* Takes an axis out of `axes`; one of a single element when there is none. */
static cnn_strided_axis take(cnn_strided_axis *axes, int32_t *count, int32_t index)
{
    const cnn_strided_axis none = {1, 0, 0};
    if (index < 0) return none;
    const cnn_strided_axis taken = axes[index];
    for (int32_t i = index; i + 1 < *count; i++)
        axes[i] = axes[i + 1];
    --*count;
    return taken;
}

/* The axis that is innermost in the source, but for equals the one that is inner in the destination. */
static int32_t innermost_of_source(const cnn_strided_axis *axes, int32_t count)
{
    int32_t best = count - 1;
    for (int32_t i = count - 2; i >= 0; i--)
        if (magnitude(axes[i].source) < magnitude(axes[best].source)) best = i;
    return best;
}

static digit make_digit(cnn_strided_axis axis, int64_t tile)
{
    if (tile < 1) tile = 1;
    if (tile > axis.count) tile = axis.count;
    return (digit){axis, tile, (axis.count + tile - 1) / tile};
}

/* The last three digits. Where one side of the plane is short, the tile is longer on the other, in multiples of a line.
 * Returns the elements of a whole tile. */
static int64_t add_tile_digits(strided_job *job, cnn_strided_axis across, cnn_strided_axis along, cnn_strided_axis unit)
{
    const digit of_unit = make_digit(unit, TILE_AREA);
    const int64_t area = TILE_AREA / of_unit.tile, side = TILE / of_unit.tile < 1 ? 1 : TILE / of_unit.tile;
    int64_t tile = area / (along.count < side ? along.count : side);
    const digit of_across = make_digit(across, tile > CNN_LINE ? tile / CNN_LINE * CNN_LINE : tile);
    tile = area / of_across.tile;
    const digit of_along = make_digit(along, tile > CNN_LINE ? tile / CNN_LINE * CNN_LINE : tile);
    job->digit[job->digits++] = of_across;
    job->digit[job->digits++] = of_along;
    job->digit[job->digits++] = of_unit;
    return of_across.tile * of_along.tile * of_unit.tile;
}

cnn_status cnn_strided_copy(const cnn_context *context, int32_t rank, const cnn_strided_axis *axes, const float *source,
                            float *destination)
{
    cnn_strided_axis left[CNN_MAX_RANK];
    int32_t count = merge(rank, axes, left);
    const int dense = count > 0 && left[count - 1].source == 1 && left[count - 1].destination == 1;
    cnn_strided_axis unit = {1, 1, 1};
    if (dense) unit = take(left, &count, count - 1);
    const cnn_strided_axis along = take(left, &count, count - 1);
    const cnn_strided_axis across = take(left, &count, innermost_of_source(left, count));

    strided_job job = {.kernels = context->kernels, .source = source, .destination = destination};
    int64_t items = 1;
    for (; job.digits < count; job.digits++)
        job.digit[job.digits] = make_digit(left[job.digits], 1);
    const int64_t area = add_tile_digits(&job, across, along, unit);
    for (int32_t d = 0; d < job.digits; d++)
        items *= job.digit[d].steps;
    return cnn_parallel(context, items, area, copy_tiles, &job);
}
