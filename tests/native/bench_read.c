/* bench_read.c - times work that waits for memory against reading as many bytes, which is all that such work can hope for;
 * and the buffers that the cases work on. */
#include "bench.h"
#include "bench_peak.h"
#include "check.h"

#define ROUNDS 31
#define FEW_BYTES (1 << 24) /* fewer are read and worked on several times in a round */
#define ROUND_SECONDS 0.002

cnn_buffer *bench_buffer(int64_t bytes)
{
    cnn_buffer *made = NULL;
    CHECK_OK(cnn_buffer_create(bytes > 0 ? bytes : 4, &made, &check_error));
    float *values = cnn_buffer_data(made);
    for (int64_t i = 0; i < bytes / 4; i++)
        values[i] = (float)(i * 7919 % 1024) / 512 - 1;
    return made;
}

/* Each item is to read the whole buffer once. */
static void read_buffer(const void *argument, int32_t thread, int64_t begin, int64_t end)
{
    enum { SUMS = 64 };
    const cnn_buffer *buffer = argument;
    const float *values = cnn_buffer_data(buffer);
    const int64_t elements = cnn_buffer_bytes(buffer) / 4;
    volatile float sink = 0;
    (void)thread;
    for (; begin < end; begin++) {
        float sums[SUMS] = {0}, all = 0;
        for (int64_t i = 0; i + SUMS <= elements; i += SUMS)
            for (int j = 0; j < SUMS; j++)
                sums[j] += values[i + j];
        for (int j = 0; j < SUMS; j++)
            all += sums[j];
        sink = all;
    }
    (void)sink;
}

static double seconds_to_read(const cnn_buffer *buffer, int repeats)
{
    const double begin = bench_now();
    read_buffer(buffer, 0, 0, repeats);
    return bench_now() - begin;
}

bench_result bench_measure_read(const cnn_context *context, int64_t bytes, void (*run)(void *), void *argument)
{
    double seconds[ROUNDS], shares[ROUNDS], gains[ROUNDS] = {0};
    cnn_buffer *buffer = bench_buffer(bytes);
    run(argument);
    const double begin = bench_now();
    run(argument);
    const double once = bench_now() - begin;
    const int repeats = bytes < FEW_BYTES ? (int)(ROUND_SECONDS / (once + 1e-7)) + 1 : 1;
    for (int round = 0; round < ROUNDS; round++) {
        const double before = seconds_to_read(buffer, repeats), start = bench_now();
        for (int i = 0; i < repeats; i++)
            run(argument);
        seconds[round] = (bench_now() - start) / repeats;
        const double after = seconds_to_read(buffer, repeats);
        shares[round] = (before + after) / repeats / 2 / seconds[round];
        if (cnn_context_threads(context) > 1) gains[round] = bench_gain(context, read_buffer, buffer);
    }
    cnn_buffer_destroy(buffer);
    const double middle = bench_median(seconds, ROUNDS);
    const bench_result result = {middle, (double)bytes / 2 / middle * 1e-9, bench_median(shares, ROUNDS) * 100,
                                 bench_median(gains, ROUNDS)};
    return result;
}
