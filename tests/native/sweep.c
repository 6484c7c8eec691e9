/* sweep.c - checkcnn --sweep: the convolutions of a file on each instruction set, forward and both gradients, against
 * float64. Shapes that people use meet paths that drawn ones miss, and are too large to be computed twice: of each result a
 * sample is checked exactly, and of every element that it was written. */
#include "bench.h"
#include "check.h"
#include "check_run.h"
#include "reference_sample.h"
#include "shapes.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SKIPPED 77 /* CTest knows it as SKIP_RETURN_CODE */
#define SAMPLES 300
#define WEIGHT_SAMPLES 40 /* each is a sum over all pixels */
#define POOL 1000003      /* random numbers that all tensors are cut from; a prime, so that no row meets itself */
#define WINOGRAD_ERROR 1e-4

/* Multiply-accumulates that a shape may take, larger ones are made smaller: whole networks fit a vector's budget. */
#define MOST_WORK 3e9
#define MOST_SCALAR_WORK 1e7
#define MOST_GRADIENT_SHARE 0.1 /* of it: gradients are run where they are cheap */
#define MOST_ELEMENTS 40e6      /* of a tensor */

typedef reference_element (*sampler)(const cnn_conv2d_desc *, const float *, const float *, int64_t);

typedef struct sweep {
    cnn_context *context;
    const float *pool;
    check_random random;
    double most_work;
    int64_t shapes, shrunk, gradients, left_out, samples;
} sweep;

/* A tensor of `bytes`, from a place of the pool that differs from call to call. */
static cnn_buffer *tensor(sweep *s, int64_t bytes)
{
    cnn_buffer *made = check_buffer(bytes / 4, CHECK_END);
    float *values = check_data(made);
    int64_t from = check_range(&s->random, 0, POOL - 1);
    for (int64_t done = 0; done < bytes / 4; from = 0) {
        const int64_t left = bytes / 4 - done, count = left < POOL - from ? left : POOL - from;
        memcpy(values + done, s->pool + from, (size_t)count * sizeof *values);
        done += count;
    }
    return made;
}

static int is_written(const cnn_buffer *buffer, int64_t count)
{
    const float *values = check_data(buffer);
    for (int64_t i = 0; i < count; i++)
        if (!isfinite(values[i])) return CHECK(0, "element %lld is not finite", (long long)i);
    return CHECK(1, "written");
}

/* The corners of the tensor, where paddings and tails meet, and elements drawn at random; all of it where it is small. */
static int64_t choose(sweep *s, int64_t count, int64_t samples, int64_t n)
{
    if (count <= samples) return n;
    if (n < 16) return n;
    if (n < 32) return count - 1 - (n - 16);
    return (int64_t)(check_next(&s->random) % (uint64_t)count);
}

/* Checks the first `samples` elements that choose names. */
static void check_samples(sweep *s, sampler reference, const cnn_conv2d_desc *desc, const cnn_buffer *left,
                          const cnn_buffer *right, const cnn_buffer *output, int64_t samples, double winograd)
{
    const int64_t count = cnn_buffer_bytes(output) / 4, taken = count < samples ? count : samples;
    reference_element elements[SAMPLES];
    int64_t places[SAMPLES];
    double largest = 0;
    if (!is_written(output, count)) return;
    for (int64_t n = 0; n < taken; n++) {
        places[n] = choose(s, count, samples, n);
        elements[n] = reference(desc, check_data(left), check_data(right), places[n]);
        largest = fabs(elements[n].sum) > largest ? fabs(elements[n].sum) : largest;
    }
    for (int64_t n = 0; n < taken; n++) {
        /* Higham, as at conv2d_case_check; of Winograd's error the largest output of the sample is the stricter measure. */
        const double bound = (elements[n].terms + 3) * 0x1p-24 * elements[n].magnitude + winograd * largest + 1e-37;
        if (!check_near(check_data(output)[places[n]], elements[n].sum, bound, "sweep", places[n])) break;
    }
    s->samples += taken;
}

static void name_case(const sweep *s, const char *kind, const shape_row *row, const cnn_conv2d_desc *d,
                      const char *algorithm)
{
    check_case("%s %s, %s: %s, %dx%dx%dx%d to %d, kernel %dx%d stride %dx%d dilation %dx%d groups %d padding %d %d %d %d",
               cnn_isa_name(cnn_context_isa(s->context)), kind, row->name, algorithm, (int)d->batch, (int)d->input_height,
               (int)d->input_width, (int)d->input_channels, (int)d->output_channels, (int)d->kernel_height,
               (int)d->kernel_width, (int)d->stride_height, (int)d->stride_width, (int)d->dilation_height,
               (int)d->dilation_width, (int)d->groups, (int)d->padding_top, (int)d->padding_left, (int)d->padding_bottom,
               (int)d->padding_right);
}

/* Forward, or (`transposed`) the gradient by the input. */
static void check_run_of(sweep *s, const shape_row *row, const cnn_conv2d_desc *desc, int transposed)
{
    cnn_conv2d_plan *plan = NULL;
    cnn_conv2d_plan_info info;
    const char *kind = transposed ? "by data" : "forward";
    name_case(s, kind, row, desc, "not planned yet");
    if (!CHECK_OK(
            (transposed ? cnn_conv2d_transpose_plan_create : cnn_conv2d_plan_create)(s->context, desc, &plan, &check_error)))
        return;
    cnn_conv2d_plan_info_init(&info);
    CHECK_OK(cnn_conv2d_plan_describe(plan, &info, &check_error));
    name_case(s, kind, row, desc, info.algorithm_name);
    const cnn_buffer *packed = check_aligned_buffer(info.packed_bytes), *input = tensor(s, info.input_bytes);
    const cnn_buffer *workspace = check_aligned_buffer(info.workspace_bytes_per_thread),
                     *weights = tensor(s, info.weights_bytes);
    const cnn_buffer *output = check_buffer(info.output_bytes / 4, CHECK_END);
    CHECK_OK(cnn_conv2d_pack(s->context, plan, weights, NULL, packed, &check_error));
    CHECK_OK(cnn_conv2d_run(s->context, plan, packed, input, NULL, output, workspace, &check_error));
    check_samples(s, transposed ? reference_sample_data : reference_sample_forward, desc, input, weights, output, SAMPLES,
                  info.algorithm >= CNN_CONV2D_WINOGRAD_4X4 ? WINOGRAD_ERROR : 0);
    cnn_conv2d_plan_destroy(plan);
    check_release();
}

static void check_weights(sweep *s, const shape_row *row, const cnn_conv2d_desc *desc)
{
    cnn_conv2d_plan *plan = NULL;
    cnn_conv2d_plan_info info;
    int64_t bytes = 0;
    name_case(s, "by weights", row, desc, "gradient");
    if (!CHECK_OK(cnn_conv2d_plan_create(s->context, desc, &plan, &check_error))) return;
    cnn_conv2d_plan_info_init(&info);
    CHECK_OK(cnn_conv2d_plan_describe(plan, &info, &check_error));
    CHECK_OK(cnn_conv2d_backward_weights_workspace(s->context, plan, &bytes, &check_error));
    const cnn_buffer *input = tensor(s, info.input_bytes), *gradient = tensor(s, info.output_bytes);
    const cnn_buffer *weights = check_buffer(info.weights_bytes / 4, CHECK_END), *workspace = check_aligned_buffer(bytes);
    CHECK_OK(cnn_conv2d_backward_weights(s->context, plan, input, gradient, 0, weights, NULL, workspace, &check_error));
    check_samples(s, reference_sample_weights, desc, input, gradient, weights, WEIGHT_SAMPLES, 0);
    cnn_conv2d_plan_destroy(plan);
    check_release();
}

static void check_row(sweep *s, const shape_row *row)
{
    cnn_conv2d_desc desc = row->desc;
    s->shrunk += shape_shrink(&desc, s->most_work);
    if (shape_largest_tensor(&desc) > MOST_ELEMENTS || shape_work(&desc) > 4 * s->most_work) {
        s->left_out++;
        return;
    }
    s->shapes++;
    check_run_of(s, row, &desc, 0);
    if (shape_work(&desc) > MOST_GRADIENT_SHARE * s->most_work) return;
    s->gradients++;
    check_run_of(s, row, &desc, 1);
    check_weights(s, row, &desc);
}

static void sweep_isa(const shape_list *list, cnn_isa isa, const float *pool)
{
    sweep s = {.context = check_context(isa, 1), .pool = pool, .random = {20261124}};
    const int64_t failures = check_failures();
    s.most_work = isa == CNN_ISA_SCALAR ? MOST_SCALAR_WORK : MOST_WORK;
    const double begin = bench_now();
    for (int32_t i = 0; i < list->count; i++)
        check_row(&s, &list->rows[i]);
    printf("%-8s %lld shapes (%lld made smaller, %lld with gradients, %lld left out as too large), %lld elements, %lld "
           "failed, %.1f s\n",
           cnn_isa_name(isa), (long long)s.shapes, (long long)s.shrunk, (long long)s.gradients, (long long)s.left_out,
           (long long)s.samples, (long long)(check_failures() - failures), bench_now() - begin);
    fflush(stdout);
    cnn_context_destroy(s.context);
}

int check_sweep(int count, char **arguments)
{
    char shared[1024];
    const char *path = count > 0 && arguments[0][0] != '-'        ? arguments[0]
                       : shape_list_shared(shared, sizeof shared) ? shared
                                                                  : NULL;
    const int options = count > 0 && arguments[0][0] != '-' ? 1 : 0;
    const char *wanted = count == options + 2 && strcmp(arguments[options], "--isa") == 0 ? arguments[options + 1] : NULL;
    cnn_isa isas[CHECK_MOST_ISAS];
    shape_list list;
    if (count > options && !wanted) {
        fprintf(stderr, "usage: checkcnn --sweep [FILE.csv] [--isa NAME]\n");
        return 2;
    }
    if (!path) {
        printf("skipped: set CNN_SHARED_DATA to a folder with conv-shapes/onednn.csv, or name a file\n");
        return SKIPPED;
    }
    if (!shape_list_read(&list, path)) return 2;
    printf("%d shapes; %d rows repeat one or have three dimensions\n", (int)list.count, (int)list.left_out);
    float *pool = malloc(POOL * sizeof *pool);
    if (!pool) return 2;
    check_random random = {20261123};
    check_fill_normal(&random, pool, POOL);
    const int32_t isa_count = check_isas(isas);
    for (int32_t i = 0; i < isa_count; i++)
        if (!wanted || strcmp(cnn_isa_name(isas[i]), wanted) == 0) sweep_isa(&list, isas[i], pool);
    free(pool);
    shape_list_free(&list);
    if (check_count() == 0) fprintf(stderr, "checkcnn: nothing was checked\n");
    return check_count() > 0 && check_failures() == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
