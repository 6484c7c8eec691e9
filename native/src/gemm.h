/* gemm.h - the inside of a matrix product's plan, shared by planning, packing and running.
 *
 * Packed (the scheme of BLIS; Van Zee and van de Geijn 2015): the depth is cut into blocks of a few hundred. For each, the
 * right matrix is a row of panels of tile_columns columns, depth x columns elements each, the last panel only as wide as
 * what is left, rounded up to column_step, with missing columns zero; the blocks follow each other. A block of rows of the
 * left matrix stays in the second-level cache while all panels pass it, and a panel in the first or second level while all
 * rows of the block pass it. The first block of the depth starts from bias and residual, later ones from the output.
 * Plain: the same with the right matrix read where it lies, because it is not used often enough.
 * Dots and sums: a vector, or a few, times a matrix whose rows lie along the depth, or across it.
 *
 * The output is always cut at the same multiples of a tile, whoever computes a part of it. */
#ifndef CNN_GEMM_H
#define CNN_GEMM_H

#include "context.h"
#include "kernels.h"
#include "memory.h"

typedef enum cnn_gemm_algorithm { CNN_GEMM_PACKED, CNN_GEMM_PLAIN, CNN_GEMM_DOTS, CNN_GEMM_SUMS } cnn_gemm_algorithm;

#define CNN_GEMM_VECTOR 4096 /* elements of the vector, and outputs, that a step of a vector product keeps in the cache */

struct cnn_gemm_plan {
    const cnn_kernels *kernels;
    cnn_gemm_desc desc; /* with the strides filled in */
    cnn_gemm_algorithm algorithm;
    int64_t left_elements; /* from the first to the last */
    int64_t right_elements;
    int64_t output_elements;
    int64_t residual_elements;
    int64_t packed_elements;
    int64_t multiply_accumulates;
    int64_t expected_cost;

    int64_t panels;
    int64_t padded_columns; /* rounded up to column_step */
    int64_t depth_block;
    int64_t row_block;    /* rows that stay in the cache */
    int64_t panel_block;  /* panels that are packed at once; all of them where nothing is packed */
    int32_t copies_left;  /* 1 when blocks of the left matrix are copied into the workspace, as rows */
    int64_t left_step;    /* elements from a row of such a block to the next */
    int64_t tables_bytes; /* of the workspace: the tables of rows, */
    int64_t left_bytes;   /* the block of the left matrix */
    int64_t right_bytes;  /* and that of the right one */
    int64_t workspace_bytes;

    float lower; /* the part of the activation that the kernels apply: a clamp */
    float upper;
    int32_t activate_after;
};

/* What a run is given; arguments are checked. */
typedef struct cnn_gemm_work {
    const cnn_context *context;
    const cnn_gemm_plan *plan;
    const float *left;
    const float *right; /* as it is, or packed */
    const float *bias;  /* null: none */
    const float *residual;
    float *output;
    char *workspace;
} cnn_gemm_work;

static inline int64_t cnn_gemm_round_up(int64_t value, int64_t multiple)
{
    return (value + multiple - 1) / multiple * multiple;
}

static inline int64_t cnn_gemm_panel_columns(const cnn_gemm_plan *plan, int64_t panel) /* with the padding */
{
    const int64_t left = plan->padded_columns - panel * plan->kernels->tile_columns, most = plan->kernels->tile_columns;
    return left < most ? left : most;
}

/* Packs `count` panels from `panel` on of the `depth` rows from `first` on of op(right); `right` is not packed. */
void cnn_gemm_pack_panels(const cnn_gemm_plan *plan, const float *right, int64_t first, int64_t depth, int64_t panel,
                          int64_t count, float *target);

/* Writes `rows` rows from `row` on, and of them the `depth` elements from `first` on, of the transpose of left to target,
 * left_step elements apart. */
void cnn_gemm_pack_left(const cnn_gemm_plan *plan, const float *left, int64_t row, int64_t rows, int64_t first,
                        int64_t depth, float *target);

cnn_status cnn_gemm_run_tiles(const cnn_gemm_work *work);
cnn_status cnn_gemm_run_vector(const cnn_gemm_work *work);

#endif
