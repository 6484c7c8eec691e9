/* test_random.c - the generator against the vectors of its authors, tensors of random numbers against its definition word by
 * word, and their first moments; all instruction sets, threads and pieces have to give the same bits. */
#include "check.h"
#include "check_run.h"
#include "philox_reference.h"
#include "portable/philox.h"

#include <math.h>

static const uint64_t positions[] = {0, 1, 7, 8, 31, 32, 1000003, 0x7fffffff8u, 0xffffffffffffffe1u};

/* From the file kat_vectors of Random123. */
static void check_known_answers(void)
{
    static const struct {
        uint32_t counter[4], key[2], answer[4];
    } known[] = {
        {{0, 0, 0, 0}, {0, 0}, {0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}},
        {{~0u, ~0u, ~0u, ~0u}, {~0u, ~0u}, {0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}},
        {{0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344},
         {0xa4093822, 0x299f31d0},
         {0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}},
    };
    check_case("known answers of Philox4x32-10");
    for (size_t n = 0; n < sizeof known / sizeof *known; n++) {
        uint32_t lanes[4][RANDOM_LANES], result[4];
        for (int w = 0; w < 4; w++)
            for (int l = 0; l < RANDOM_LANES; l++) /* other lanes have other counters */
                lanes[w][l] = known[n].counter[w] + (l == (int)n ? 0 : (uint32_t)l + 1);
        philox(lanes, (uint64_t)known[n].key[1] << 32 | known[n].key[0]);
        reference_philox(known[n].counter, known[n].key, result);
        for (int w = 0; w < 4; w++) {
            CHECK(lanes[w][n] == known[n].answer[w], "word %d of vector %d is %08x", w, (int)n, (unsigned)lanes[w][n]);
            CHECK(result[w] == known[n].answer[w], "word %d of the reference is %08x", w, (unsigned)result[w]);
        }
    }
}

static double reference_normal(uint64_t seed, uint64_t position)
{
    const uint64_t first = position & ~(uint64_t)8;
    const double r = sqrt(-2 * log((reference_word(seed, first) + 1.0) / 4294967296.0));
    const double turn = 6.283185307179586477 * reference_word(seed, first + 8) / 4294967296.0;
    return position & 8 ? r * sin(turn) : r * cos(turn);
}

static void check_definitions(const cnn_context *context)
{
    const uint64_t seed = 0x123456789abcdef0u;
    for (size_t n = 0; n < sizeof positions / sizeof *positions; n++)
        for (int64_t count = 1; count <= 80; count += count < 40 ? 1 : 13) {
            const check_side side = count % 2 ? CHECK_START : CHECK_END;
            const cnn_buffer *uniform = check_buffer(count, side), *normal = check_buffer(count, side);
            check_case("random numbers %s, %d from %llx on", cnn_isa_name(cnn_context_isa(context)), (int)count,
                       (unsigned long long)positions[n]);
            CHECK_OK(cnn_random_uniform(context, seed, positions[n], count, -2, 5, uniform, &check_error));
            CHECK_OK(cnn_random_normal(context, seed, positions[n], count, 0.5f, 3, normal, &check_error));
            for (int64_t i = 0; i < count; i++) {
                const uint64_t position = positions[n] + (uint64_t)i;
                const double u = (reference_word(seed, position) >> 8) / 16777216.0;
                const double z = reference_normal(seed, position);
                check_near(check_data(uniform)[i], (float)(-2 + 7 * u), 1.2e-7, "uniform", i); /* an ulp: 7 u is rounded */
                check_near(check_data(normal)[i], 0.5 + 3 * z, ldexp(1, -24) * fabs(0.5 + 3 * z) + 1e-12, "normal", i);
            }
            check_release();
        }
}

/* The whole of a tensor, and the same in pieces, on each instruction set and thread count. */
static void check_same_everywhere(void)
{
    static const int32_t threads[] = {1, 2, 3, 7};
    const int64_t count = 200003, cut = 77777;
    const uint64_t seed = 42, offset = 5;
    cnn_isa isas[CHECK_MOST_ISAS];
    const int32_t isa_count = check_isas(isas);
    const cnn_buffer *first[2] = {check_buffer(count, CHECK_END), check_buffer(count, CHECK_END)};
    cnn_context *context = check_context(CNN_ISA_SCALAR, 1);
    CHECK_OK(cnn_random_uniform(context, seed, offset, count, 0, 1, first[0], &check_error));
    CHECK_OK(cnn_random_normal(context, seed, offset, count, 0, 1, first[1], &check_error));
    cnn_context_destroy(context);
    cnn_buffer *part = NULL;
    const cnn_buffer *whole = check_buffer(count, CHECK_END);
    CHECK_OK(cnn_buffer_view(whole, cut * 4, (count - cut) * 4, &part, &check_error));
    for (int32_t i = 0; i < isa_count; i++)
        for (int32_t t = 0; t < 4; t++) {
            context = check_context(isas[i], threads[t]);
            check_case("random numbers, %s, %d threads", cnn_isa_name(isas[i]), (int)threads[t]);
            CHECK_OK(cnn_random_uniform(context, seed, offset, cut, 0, 1, whole, &check_error));
            CHECK_OK(cnn_random_uniform(context, seed, offset + (uint64_t)cut, count - cut, 0, 1, part, &check_error));
            check_same_bits(check_data(whole), check_data(first[0]), count, "uniform");
            CHECK_OK(cnn_random_normal(context, seed, offset, cut, 0, 1, whole, &check_error));
            CHECK_OK(cnn_random_normal(context, seed, offset + (uint64_t)cut, count - cut, 0, 1, part, &check_error));
            check_same_bits(check_data(whole), check_data(first[1]), count, "normal");
            cnn_context_destroy(context);
        }
    cnn_buffer_destroy(part);
    check_release();
}

/* Means of n draws of the powers 1 to 4, within five deviations of what they should be; the seed is fixed, so this passes
 * always or never. Powers of u have the variance 1 / (2k + 1) - 1 / (k + 1)^2, those of z 1, 2, 15 and 96. */
static void check_moments(void)
{
    const int64_t count = 1 << 20;
    const double normal[] = {0, 1, 0, 3}, variance[] = {1, 2, 15, 96};
    cnn_context *context = check_context(CNN_ISA_SCALAR, 1);
    const cnn_buffer *u = check_buffer(count, CHECK_END), *z = check_buffer(count, CHECK_END);
    double sums[2][4] = {{0}}, neighbours = 0;
    check_case("moments of random numbers");
    CHECK_OK(cnn_random_uniform(context, 7, 0, count, 0, 1, u, &check_error));
    CHECK_OK(cnn_random_normal(context, 7, 0, count, 0, 1, z, &check_error));
    for (int64_t i = 0; i < count; i++)
        for (int k = 0; k < 4; k++) {
            sums[0][k] += pow(check_data(u)[i], k + 1);
            sums[1][k] += pow(check_data(z)[i], k + 1);
        }
    for (int k = 1; k <= 4; k++) {
        const double spread = sqrt(1.0 / (2 * k + 1) - 1.0 / ((k + 1) * (k + 1)));
        check_near(sums[0][k - 1] / (double)count, 1.0 / (k + 1), 5 * spread / sqrt((double)count), "uniform", k);
        check_near(sums[1][k - 1] / (double)count, normal[k - 1], 5 * sqrt(variance[k - 1] / (double)count), "normal", k);
    }
    for (int64_t lag = 1; lag <= 32; lag++) { /* the products of independent draws have mean 0 and variance 1 */
        neighbours = 0;
        for (int64_t i = lag; i < count; i++)
            neighbours += (double)check_data(z)[i] * check_data(z)[i - lag];
        check_near(neighbours / (double)count, 0, 5 / sqrt((double)count), "correlation", lag);
    }
    cnn_context_destroy(context);
    check_release();
}

static void check_misuse(void)
{
    cnn_context *context = check_context(CNN_ISA_SCALAR, 1);
    const cnn_buffer *output = check_buffer(4, CHECK_END);
    check_case("random numbers: misuse");
    CHECK_STATUS(CNN_INVALID_ARGUMENT, cnn_random_uniform(NULL, 0, 0, 4, 0, 1, output, &check_error));
    CHECK_STATUS(CNN_INVALID_ARGUMENT, cnn_random_uniform(context, 0, 0, 0, 0, 1, output, &check_error));
    CHECK_STATUS(CNN_INVALID_ARGUMENT, cnn_random_uniform(context, 0, 0, 4, 1, 0, output, &check_error));
    CHECK_STATUS(CNN_INVALID_ARGUMENT, cnn_random_uniform(context, 0, 0, 4, 0, INFINITY, output, &check_error));
    CHECK_STATUS(CNN_INVALID_ARGUMENT, cnn_random_uniform(context, 0, 0, 4, 0, 1, NULL, &check_error));
    CHECK_STATUS(CNN_BUFFER_TOO_SMALL, cnn_random_uniform(context, 0, 0, 5, 0, 1, output, &check_error));
    CHECK_STATUS(CNN_INVALID_ARGUMENT, cnn_random_normal(NULL, 0, 0, 4, 0, 1, output, &check_error));
    CHECK_STATUS(CNN_INVALID_ARGUMENT, cnn_random_normal(context, 0, 0, -1, 0, 1, output, &check_error));
    CHECK_STATUS(CNN_INVALID_ARGUMENT, cnn_random_normal(context, 0, 0, 4, NAN, 1, output, &check_error));
    CHECK_STATUS(CNN_INVALID_ARGUMENT, cnn_random_normal(context, 0, 0, 4, 0, -1, output, &check_error));
    CHECK_STATUS(CNN_BUFFER_TOO_SMALL, cnn_random_normal(context, 0, 0, 5, 0, 1, output, &check_error));
    cnn_context_destroy(context);
    check_release();
}

void test_random_numbers(void)
{
    cnn_isa isas[CHECK_MOST_ISAS];
    const int32_t count = check_isas(isas);
    check_known_answers();
    for (int32_t i = 0; i < count; i++) {
        cnn_context *context = check_context(isas[i], 1);
        check_definitions(context);
        cnn_context_destroy(context);
    }
    check_same_everywhere();
    check_moments();
    check_misuse();
}
