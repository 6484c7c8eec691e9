/* test_isas.c - which instruction set a context takes: the best of its family of processors that the cap, given as an option
 * or in the environment, lets through. */
#include "check.h"
#include "check_run.h"

#include "kernels.h"

#include <stdlib.h>
#include <string.h>

static const struct {
    cnn_isa isa;
    const char *name;
} known[] = {{CNN_ISA_SCALAR, "scalar"}, {CNN_ISA_AVX2, "avx2"}, {CNN_ISA_AVX512, "avx512"}, {CNN_ISA_NEON, "neon"}};
#define KNOWN (sizeof known / sizeof *known)

#if defined(_WIN32)
static void set_environment(const char *value)
{
    _putenv_s("CNN_MAX_ISA", value ? value : "");
}
#else
static void set_environment(const char *value)
{
    if (value)
        setenv("CNN_MAX_ISA", value, 1);
    else
        unsetenv("CNN_MAX_ISA");
}
#endif

/* What the header promises, written down case by case: the best available set with the cap `cap`. */
static cnn_isa expected_under(cnn_isa cap)
{
    const int avx2 = cnn_isa_available(CNN_ISA_AVX2), avx512 = cnn_isa_available(CNN_ISA_AVX512);
    switch (cap) {
    case CNN_ISA_SCALAR:
        return CNN_ISA_SCALAR;
    case CNN_ISA_AVX2:
        return cnn_isa_available(CNN_ISA_NEON) ? CNN_ISA_NEON : avx2 ? CNN_ISA_AVX2 : CNN_ISA_SCALAR;
    case CNN_ISA_AVX512:
    case CNN_ISA_NEON:
        return cnn_isa_available(CNN_ISA_NEON) ? CNN_ISA_NEON
               : avx512                        ? CNN_ISA_AVX512
               : avx2                          ? CNN_ISA_AVX2
                                               : CNN_ISA_SCALAR;
    }
    return CNN_ISA_SCALAR;
}

static void check_names(void)
{
    check_case("names and availability");
    for (size_t i = 0; i < KNOWN; i++) {
        const cnn_kernels *kernels = cnn_kernels_for(known[i].isa);
        CHECK(strcmp(cnn_isa_name(known[i].isa), known[i].name) == 0, "found %s", cnn_isa_name(known[i].isa));
        CHECK(cnn_isa_available(known[i].isa) == (kernels != NULL), "%s", known[i].name);
        if (kernels) CHECK(kernels->isa == known[i].isa, "the table of %s is of %d", known[i].name, (int)kernels->isa);
    }
    CHECK(cnn_isa_available(CNN_ISA_SCALAR), "the portable kernels are missing");
    CHECK(!cnn_isa_available(CNN_ISA_AVX512) || cnn_isa_available(CNN_ISA_AVX2), "AVX-512 without AVX2");
    CHECK(!cnn_isa_available(CNN_ISA_AVX2) || !cnn_isa_available(CNN_ISA_NEON), "two families at once");
#if defined(__aarch64__)
    CHECK(cnn_isa_available(CNN_ISA_NEON), "NEON is missing");
#endif
    CHECK(strcmp(cnn_isa_name((cnn_isa)KNOWN), "unknown") == 0, "found %s; is it in this test's table?",
          cnn_isa_name((cnn_isa)KNOWN));
}

/* What the loops around the kernels rely on. */
static void check_tables(void)
{
    for (size_t i = 0; i < KNOWN; i++) {
        const cnn_kernels *k = cnn_kernels_for(known[i].isa);
        if (!k) continue;
        check_case("the table of %s", known[i].name);
        CHECK(k->tile_columns % k->column_step == 0, "steps of %d in %d columns", (int)k->column_step, (int)k->tile_columns);
        CHECK(k->rows_per_block % k->tile_rows == 0, "blocks of %d, tiles of %d", (int)k->rows_per_block, (int)k->tile_rows);
        CHECK(strstr(k->gemm_name, known[i].name) && strstr(k->depthwise_name, known[i].name) &&
                  strstr(k->winograd_4_name, known[i].name) && strstr(k->winograd_2_name, known[i].name),
              "named %s", k->gemm_name);
    }
}

static cnn_isa isa_of(const cnn_context_options *options)
{
    cnn_context *context = NULL;
    if (!CHECK_OK(cnn_context_create(options, &context, &check_error))) return CNN_ISA_SCALAR;
    const cnn_isa isa = cnn_context_isa(context);
    cnn_context_destroy(context);
    return isa;
}

/* The lower of two caps; a cap of the other family of processors limits nothing. */
static cnn_isa both(cnn_isa a, cnn_isa b)
{
    const cnn_isa first = expected_under(a), second = expected_under(b);
    return first < second ? first : second;
}

static void check_caps(void)
{
    cnn_context_options options;
    cnn_context_options_init(&options);
    for (size_t i = 0; i < KNOWN; i++) {
        options.max_isa = known[i].isa;
        set_environment(NULL);
        check_case("a cap of %s", known[i].name);
        CHECK(isa_of(&options) == expected_under(known[i].isa), "found %s", cnn_isa_name(isa_of(&options)));
        for (size_t j = 0; j < KNOWN; j++) {
            set_environment(known[j].name);
            check_case("a cap of %s, and of %s in the environment", known[i].name, known[j].name);
            CHECK(isa_of(&options) == both(known[i].isa, known[j].isa), "found %s", cnn_isa_name(isa_of(&options)));
        }
    }
}

static void check_wrong_caps(void)
{
    cnn_context_options options;
    cnn_context *context = NULL;
    cnn_context_options_init(&options);
    check_case("caps that are none");
    set_environment("avx3");
    CHECK_STATUS(CNN_INVALID_ARGUMENT, cnn_context_create(&options, &context, &check_error));
    set_environment(NULL);
    options.max_isa = (cnn_isa)KNOWN;
    CHECK_STATUS(CNN_INVALID_ARGUMENT, cnn_context_create(&options, &context, &check_error));
    CHECK(context == NULL, "a failing call wrote its result");
}

void test_isas_and_caps(void)
{
    const char *before = getenv("CNN_MAX_ISA");
    char kept[64] = "";
    if (before) strncpy(kept, before, sizeof kept - 1);
    check_names();
    check_tables();
    check_caps();
    check_wrong_caps();
    set_environment(before ? kept : NULL);
}
