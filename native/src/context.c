/* context.c - chooses kernels and threads once, so that no operation has to look at the machine again. */
#include "context.h"

#include "build_info.h"
#include "error.h"
#include "memory.h"
#include "platform.h"

#include <stdlib.h>
#include <string.h>

static const cnn_isa all_isas[] = {CNN_ISA_SCALAR, CNN_ISA_AVX2, CNN_ISA_AVX512, CNN_ISA_NEON};
#define ISA_COUNT (sizeof all_isas / sizeof all_isas[0])

uint32_t cnn_abi_version(void)
{
    return CNN_ABI_VERSION;
}

uint64_t cnn_abi_hash(void)
{
    return CNN_BUILD_HEADER_HASH;
}

const char *cnn_version(void)
{
    return CNN_BUILD_VERSION;
}

void cnn_context_options_init(cnn_context_options *options)
{
    if (!options) return;
    options->struct_size = (uint32_t)sizeof *options;
    options->threads = 0;
    options->max_isa = all_isas[ISA_COUNT - 1];
    options->winograd = 1;
}

/* Lowers *cap to what CNN_MAX_ISA names, where it is set. */
static cnn_status apply_environment(cnn_isa *cap, cnn_error *error)
{
    const char *name = getenv("CNN_MAX_ISA");
    if (!name || !*name) return CNN_OK;
    for (size_t i = 0; i < ISA_COUNT; i++) {
        if (strcmp(name, cnn_isa_name(all_isas[i])) != 0) continue;
        if (all_isas[i] < *cap) *cap = all_isas[i];
        return CNN_OK;
    }
    return cnn_fail(
        error, CNN_INVALID_ARGUMENT,
        "cnn_context_create: the environment variable CNN_MAX_ISA is '%.40s', expected scalar, avx2, avx512 or neon.", name);
}

/* CNN_WINOGRAD=0 takes Winograd's algorithm out of the choice. */
static int32_t winograd_allowed(int32_t option)
{
    const char *value = getenv("CNN_WINOGRAD");
    return option != 0 && !(value && strcmp(value, "0") == 0);
}

static int is_arm(cnn_isa isa)
{
    return isa == CNN_ISA_NEON;
}

/* Whether a cap lets an instruction set through. A cap says nothing about the other family of processors; the portable set
 * belongs to both, and as a cap shuts everything else out. */
static int cap_allows(cnn_isa cap, cnn_isa isa)
{
    const int other_family = cap != CNN_ISA_SCALAR && is_arm(cap) != is_arm(isa);
    return other_family || isa <= cap;
}

static const cnn_kernels *best_kernels(cnn_isa cap)
{
    const cnn_kernels *best = &cnn_kernels_scalar;
    for (size_t i = 0; i < ISA_COUNT; i++) {
        const cnn_kernels *candidate = cap_allows(cap, all_isas[i]) ? cnn_kernels_for(all_isas[i]) : NULL;
        if (candidate) best = candidate;
    }
    return best;
}

/* As many as this process may use processors. */
static int32_t threads_allowed(void)
{
    const int32_t allowed = cnn_processors_allowed();
    return allowed < CNN_MAX_THREADS ? allowed : CNN_MAX_THREADS;
}

cnn_status cnn_context_create(const cnn_context_options *options, cnn_context **context, cnn_error *error)
{
    CNN_TRY(cnn_require(options, "cnn_context_create", "options", error));
    CNN_TRY(cnn_require(context, "cnn_context_create", "context", error));
    CNN_TRY(cnn_require_size(options->struct_size, sizeof *options, "cnn_context_options", error));
    if (options->threads < 0 || options->threads > CNN_MAX_THREADS)
        return cnn_fail(error, CNN_INVALID_ARGUMENT, "cnn_context_create: %d threads were asked for, expected 0 to %d.",
                        (int)options->threads, CNN_MAX_THREADS);
    cnn_isa cap = options->max_isa;
    if (strcmp(cnn_isa_name(cap), "unknown") == 0)
        return cnn_fail(error, CNN_INVALID_ARGUMENT, "cnn_context_create: max_isa is %d, expected a value of cnn_isa.",
                        (int)cap);
    CNN_TRY(apply_environment(&cap, error));

    cnn_context *created = cnn_memory_allocate((int64_t)sizeof *created);
    if (!created) return cnn_fail(error, CNN_OUT_OF_MEMORY, "cnn_context_create: no memory for a context.");
    created->kernels = best_kernels(cap);
    created->threads = options->threads ? options->threads : threads_allowed();
    created->winograd = winograd_allowed(options->winograd);
    atomic_init(&created->changes, 0);
    *context = created;
    return CNN_OK;
}

void cnn_context_destroy(cnn_context *context)
{
    cnn_memory_free(context);
}

void cnn_context_cancel(cnn_context *context)
{
    if (context) (void)atomic_fetch_or(&context->changes, 1u);
}

void cnn_context_resume(cnn_context *context)
{
    if (!context) return;
    unsigned changes = atomic_load(&context->changes);
    while ((changes & 1u) != 0 && !atomic_compare_exchange_weak(&context->changes, &changes, changes + 1)) {
    }
}

int32_t cnn_context_is_cancelled(const cnn_context *context)
{
    return context ? cnn_is_cancelled(context) : 0;
}

cnn_isa cnn_context_isa(const cnn_context *context)
{
    return context ? context->kernels->isa : CNN_ISA_SCALAR;
}

int32_t cnn_context_threads(const cnn_context *context)
{
    return context ? context->threads : 0;
}
