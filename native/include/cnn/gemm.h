/* cnn/gemm.h - products of matrices. Part of cnn.h; include that.
 * All four transpositions, with a right side that may be packed once, and what layers do to a result on top. */
#ifndef CNN_PUBLIC_GEMM_H
#define CNN_PUBLIC_GEMM_H

#include "base.h"

#ifdef __cplusplus
extern "C" {
#endif

/** A matrix product of row-major matrices: output = activation(op(left) op(right) + bias + residual), where op is the
 *  matrix itself or its transpose, op(left) has rows x depth and op(right) depth x columns elements. */
typedef struct cnn_gemm_desc {
    /** sizeof(cnn_gemm_desc), set by cnn_gemm_desc_init. */
    uint32_t struct_size;
    /** 1: the left matrix is stored as depth x rows; 0 (default): as rows x depth. */
    int32_t transpose_left;
    /** 1: the right matrix is stored as columns x depth; 0 (default): as depth x columns. */
    int32_t transpose_right;
    /** 1: what the output holds is one more summand, before the activation; 0 (default): it is overwritten. */
    int32_t accumulate;
    /** 1: cnn_gemm_run gets what cnn_gemm_pack_right wrote, which pays when a right matrix is used more than once; 0
     *  (default): it gets the matrix itself. */
    int32_t packed_right;
    /** Applied to each output after all sums (default CNN_ACTIVATION_NONE). */
    cnn_activation_kind activation;
    /** First parameter of the activation (default 0). */
    float activation_alpha;
    /** Second parameter of the activation (default 0). */
    float activation_beta;
    /** Rows of the output. */
    int64_t rows;
    /** Columns of the output. */
    int64_t columns;
    /** Products in each sum. */
    int64_t depth;
    /** Elements from one stored row of the left matrix to the next (default 0: as many as a row has). */
    int64_t left_stride;
    /** Elements from one stored row of the right matrix to the next (default 0: as many as a row has). */
    int64_t right_stride;
    /** Elements from one row of the output to the next (default 0: as many as it has columns). What lies between rows is
     *  neither read nor written. */
    int64_t output_stride;
    /** Elements from one row of the residual to the next (default 0: as many as the output has columns). */
    int64_t residual_stride;
} cnn_gemm_desc;

/** What a plan of a matrix product needs and chose. Bytes count from the first to the last element, gaps included. */
typedef struct cnn_gemm_plan_info {
    /** sizeof(cnn_gemm_plan_info), set by cnn_gemm_plan_info_init. */
    uint32_t struct_size;
    /** Products that are summed before the sums are stored and read back; the depth where all are. */
    int64_t depth_block;
    /** Bytes of the left matrix. */
    int64_t left_bytes;
    /** Bytes of the right matrix as it is stored. */
    int64_t right_bytes;
    /** Bytes of the bias. */
    int64_t bias_bytes;
    /** Bytes of the residual. */
    int64_t residual_bytes;
    /** Bytes of the output. */
    int64_t output_bytes;
    /** Bytes that cnn_gemm_pack_right writes; 0 for a plan without packed_right. */
    int64_t packed_bytes;
    /** Bytes of workspace for each thread of the context that runs the plan. */
    int64_t workspace_bytes_per_thread;
    /** Multiply-accumulate operations of one run. */
    int64_t multiply_accumulates;
    /** What the cost model expects of one run: the time of so many multiply-accumulates at the processor's peak. */
    int64_t expected_cost;
    /** The name of the algorithm, such as "gemm packed avx2" or "gemv dots avx2"; static memory. */
    const char *algorithm_name;
} cnn_gemm_plan_info;

/** A matrix product that is ready to run. Immutable; share it freely between threads. */
typedef struct cnn_gemm_plan cnn_gemm_plan;

/** Fills the descriptor with its defaults. The sizes stay 0 and must be set. */
CNN_API void cnn_gemm_desc_init(cnn_gemm_desc *desc);

/** Prepares the record for cnn_gemm_plan_describe. */
CNN_API void cnn_gemm_plan_info_init(cnn_gemm_plan_info *info);

/** Checks the descriptor and makes a plan for the instruction set of the context. The plan outlives the context. */
CNN_API cnn_status cnn_gemm_plan_create(const cnn_context *context, const cnn_gemm_desc *desc, cnn_gemm_plan **plan,
                                        cnn_error *error);

/** Releases a plan. */
CNN_API void cnn_gemm_plan_destroy(cnn_gemm_plan *plan);

/** Writes what the plan needs and what it chose into `info`. */
CNN_API cnn_status cnn_gemm_plan_describe(const cnn_gemm_plan *plan, cnn_gemm_plan_info *info, cnn_error *error);

/** Rearranges the right matrix of a plan with packed_right into the order that its kernels read. */
CNN_API cnn_status cnn_gemm_pack_right(const cnn_context *context, const cnn_gemm_plan *plan, const cnn_buffer *right,
                                       const cnn_buffer *packed, cnn_error *error);

/** Runs the plan. Allocates nothing. `right` is the matrix, or with packed_right what cnn_gemm_pack_right wrote. `bias`
 *  (null: none) has one element for each column, and is added to every row. `residual` (null: none) has the shape of the
 *  output; it may be the output itself, when both have the same stride. `workspace` holds workspace_bytes_per_thread times
 *  the threads of the context; concurrent runs need one each. It and packed matrices come from cnn_buffer_create, for their
 *  alignment. The output overlaps nothing else. Any thread count gives the same bits. */
CNN_API cnn_status cnn_gemm_run(const cnn_context *context, const cnn_gemm_plan *plan, const cnn_buffer *left,
                                const cnn_buffer *right, const cnn_buffer *bias, const cnn_buffer *residual,
                                const cnn_buffer *output, const cnn_buffer *workspace, cnn_error *error);

#ifdef __cplusplus
}
#endif

#endif
