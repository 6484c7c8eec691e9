/* geometry.c - the arithmetic of windows, done once in 64 bits for convolution and pooling, so that no later code has to
 * think of overflow or of a border. */
#include "geometry.h"

#include "error.h"

static int64_t covered(const cnn_axis *axis)
{
    return ((int64_t)axis->window - 1) * axis->dilation + 1;
}

static cnn_status check_axis(const cnn_axis *axis, const char *operation, cnn_error *error)
{
    const int32_t values[] = {axis->input, axis->window, axis->stride, axis->dilation};
    static const char *const names[] = {"input", "window", "stride", "dilation"};
    for (int i = 0; i < 4; i++)
        if (values[i] <= 0)
            return cnn_fail(error, CNN_INVALID_ARGUMENT, "%s: %s %s is %d, expected at least 1.", operation, names[i],
                            axis->name, (int)values[i]);
    return CNN_OK;
}

static cnn_status resolve_same(cnn_axis *axis, cnn_padding_mode mode, const char *operation, cnn_error *error)
{
    int64_t output = ((int64_t)axis->input + axis->stride - 1) / axis->stride;
    int64_t total = (output - 1) * axis->stride + covered(axis) - axis->input;
    if (total < 0) total = 0;
    if (total > INT32_MAX)
        return cnn_fail(error, CNN_SIZE_OVERFLOW, "%s: the window covers %lld elements of the %s, expected fewer than 2^31.",
                        operation, (long long)covered(axis), axis->name);
    int32_t smaller = (int32_t)(total / 2), larger = (int32_t)(total - total / 2);
    axis->padding_before = mode == CNN_PADDING_SAME ? smaller : larger;
    axis->padding_after = mode == CNN_PADDING_SAME ? larger : smaller;
    return CNN_OK;
}

cnn_status cnn_axis_resolve(cnn_axis *axis, cnn_padding_mode mode, int ceil_mode, const char *operation, cnn_error *error)
{
    CNN_TRY(check_axis(axis, operation, error));
    switch (mode) {
    case CNN_PADDING_EXPLICIT:
        break;
    case CNN_PADDING_VALID:
        axis->padding_before = axis->padding_after = 0;
        break;
    case CNN_PADDING_SAME:
    case CNN_PADDING_SAME_LOWER:
        CNN_TRY(resolve_same(axis, mode, operation, error));
        break;
    default:
        return cnn_fail(error, CNN_INVALID_ARGUMENT, "%s: padding_mode is %d, expected a value of cnn_padding_mode.",
                        operation, (int)mode);
    }
    if (axis->padding_before < 0 || axis->padding_after < 0)
        return cnn_fail(error, CNN_INVALID_ARGUMENT, "%s: padding of the %s is %d and %d, expected none below 0.", operation,
                        axis->name, (int)axis->padding_before, (int)axis->padding_after);

    int64_t padded = (int64_t)axis->input + axis->padding_before + axis->padding_after;
    int64_t room = padded - covered(axis);
    if (room < 0)
        return cnn_fail(
            error, CNN_SHAPE_MISMATCH,
            "%s: the window covers %lld elements of the %s (%d with dilation %d), but the padded input has only %lld.",
            operation, (long long)covered(axis), axis->name, (int)axis->window, (int)axis->dilation, (long long)padded);
    int64_t output = room / axis->stride + 1;
    if (ceil_mode && room % axis->stride != 0 && output * axis->stride < (int64_t)axis->input + axis->padding_before)
        output++;
    if (output > INT32_MAX)
        return cnn_fail(error, CNN_SIZE_OVERFLOW, "%s: the output %s would be %lld, expected less than 2^31.", operation,
                        axis->name, (long long)output);
    axis->output = (int32_t)output;
    return CNN_OK;
}

cnn_status cnn_sizes_check(int32_t count, const int64_t *sizes, const char *const *names, const char *operation,
                           cnn_error *error)
{
    for (int32_t i = 0; i < count; i++)
        if (sizes[i] <= 0)
            return cnn_fail(error, CNN_INVALID_ARGUMENT, "%s: %s is %lld, expected at least 1.", operation, names[i],
                            (long long)sizes[i]);
    return CNN_OK;
}

cnn_status cnn_sizes_multiply(int32_t count, const int64_t *sizes, const char *operation, const char *what, int64_t *product,
                              cnn_error *error)
{
    const int64_t limit = INT64_MAX / (int64_t)sizeof(float);
    int64_t result = 1;
    for (int32_t i = 0; i < count; i++) {
        if (result > limit / sizes[i])
            return cnn_fail(error, CNN_SIZE_OVERFLOW, "%s: the %s has more bytes than 63 bits can count.", operation, what);
        result *= sizes[i];
    }
    *product = result;
    return CNN_OK;
}

cnn_status cnn_sizes_of_rows(int64_t rows, int64_t channels, const char *operation, const char *what, int64_t *elements,
                             cnn_error *error)
{
    const int64_t sizes[] = {rows, channels};
    static const char *const names[] = {"rows", "channels"};
    CNN_TRY(cnn_sizes_check(2, sizes, names, operation, error));
    return cnn_sizes_multiply(2, sizes, operation, what, elements, error);
}

void cnn_axis_interior(const cnn_axis *axis, int32_t *first, int32_t *last)
{
    int64_t begin = ((int64_t)axis->padding_before + axis->stride - 1) / axis->stride;
    int64_t room = (int64_t)axis->input - covered(axis) + axis->padding_before;
    int64_t end = room < 0 ? 0 : room / axis->stride + 1;
    if (begin < 0) begin = 0; /* a negative padding */
    if (end > axis->output) end = axis->output;
    if (begin > end) begin = end;
    *first = (int32_t)begin;
    *last = (int32_t)end;
}

void cnn_axis_taps(const cnn_axis *axis, int32_t output, int32_t *first, int32_t *last)
{
    const cnn_axis_phase phase = cnn_axis_phase_at(axis, 0);
    cnn_axis_phase_taps(&phase, output, first, last);
}

int32_t cnn_axis_phases(const cnn_axis *axis)
{
    return axis->upsample > 1 ? axis->upsample : 1;
}

cnn_axis_phase cnn_axis_phase_at(const cnn_axis *axis, int32_t index)
{
    const int64_t upsample = cnn_axis_phases(axis), start = (int64_t)index - axis->padding_before;
    cnn_axis_phase phase = {.outputs = axis->output,
                            .step = 1,
                            .taps = axis->window,
                            .tap_step = 1,
                            .stride = axis->stride,
                            .input = axis->input,
                            .offset = -(int64_t)axis->padding_before,
                            .offset_step = axis->dilation};
    if (upsample == 1) return phase;
    /* The taps t with start + t * dilation divisible by upsample repeat after at most upsample taps. */
    int32_t tap = 0, period = 1;
    while (tap < upsample && (start + (int64_t)tap * axis->dilation) % upsample != 0)
        tap++;
    while ((int64_t)period * axis->dilation % upsample != 0)
        period++;
    phase.first = index;
    phase.step = (int32_t)upsample;
    phase.outputs = index < axis->output ? (int32_t)((axis->output - index + upsample - 1) / upsample) : 0;
    phase.taps = tap < upsample && tap < axis->window ? (axis->window - tap + period - 1) / period : 0;
    phase.tap_first = tap;
    phase.tap_step = period;
    phase.offset = (start + (int64_t)tap * axis->dilation) / upsample;
    phase.offset_step = (int64_t)period * axis->dilation / upsample;
    return phase;
}

void cnn_axis_phase_taps(const cnn_axis_phase *phase, int64_t j, int32_t *first, int32_t *last)
{
    const int64_t start = j * phase->stride + phase->offset, step = phase->offset_step;
    int64_t begin = start >= 0 ? 0 : (-start + step - 1) / step;
    int64_t end = start >= phase->input ? 0 : (phase->input - start + step - 1) / step;
    if (end > phase->taps) end = phase->taps;
    if (begin > end) begin = end;
    *first = (int32_t)begin;
    *last = (int32_t)end;
}

cnn_status cnn_axis_transpose(cnn_axis *axis, const char *operation, cnn_error *error)
{
    const int64_t padding = covered(axis) - 1 - axis->padding_before;
    const int32_t input = axis->input;
    if (padding > INT32_MAX)
        return cnn_fail(error, CNN_SIZE_OVERFLOW, "%s: the window covers %lld elements of the %s, expected less than 2^31.",
                        operation, (long long)covered(axis), axis->name);
    axis->input = axis->output;
    axis->output = input;
    axis->padding_before = (int32_t)padding;
    axis->upsample = axis->stride;
    axis->stride = 1;
    return CNN_OK;
}
