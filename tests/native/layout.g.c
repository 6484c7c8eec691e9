/* layout.g.c - written by CnnNative.BindingGenerator from native/include/cnn.h; run ./build.sh bindings to renew it.
 * Prints how the C compiler lays out the header, for comparison with the bindings. */
#include "cnn.h"

#include <stddef.h>
#include <stdio.h>

#define STRUCT(type) printf("struct " #type " %zu\n", sizeof(type))
#define PLACE(type, field) offsetof(type, field), sizeof(((type *)0)->field)
#define FIELD(type, field) printf("field " #type "." #field " %zu %zu\n", PLACE(type, field))
#define ENUM(type, name) printf("enum " #type "." #name " %d\n", (int)(name))

int main(void)
{
    STRUCT(cnn_error);
    FIELD(cnn_error, code);
    FIELD(cnn_error, text);
    STRUCT(cnn_context_options);
    FIELD(cnn_context_options, struct_size);
    FIELD(cnn_context_options, threads);
    FIELD(cnn_context_options, max_isa);
    FIELD(cnn_context_options, winograd);
    STRUCT(cnn_conv2d_desc);
    FIELD(cnn_conv2d_desc, struct_size);
    FIELD(cnn_conv2d_desc, batch);
    FIELD(cnn_conv2d_desc, input_height);
    FIELD(cnn_conv2d_desc, input_width);
    FIELD(cnn_conv2d_desc, input_channels);
    FIELD(cnn_conv2d_desc, output_channels);
    FIELD(cnn_conv2d_desc, kernel_height);
    FIELD(cnn_conv2d_desc, kernel_width);
    FIELD(cnn_conv2d_desc, stride_height);
    FIELD(cnn_conv2d_desc, stride_width);
    FIELD(cnn_conv2d_desc, dilation_height);
    FIELD(cnn_conv2d_desc, dilation_width);
    FIELD(cnn_conv2d_desc, groups);
    FIELD(cnn_conv2d_desc, padding_mode);
    FIELD(cnn_conv2d_desc, padding_top);
    FIELD(cnn_conv2d_desc, padding_left);
    FIELD(cnn_conv2d_desc, padding_bottom);
    FIELD(cnn_conv2d_desc, padding_right);
    FIELD(cnn_conv2d_desc, activation);
    FIELD(cnn_conv2d_desc, activation_alpha);
    FIELD(cnn_conv2d_desc, algorithm);
    STRUCT(cnn_linear_desc);
    FIELD(cnn_linear_desc, struct_size);
    FIELD(cnn_linear_desc, rows);
    FIELD(cnn_linear_desc, input_features);
    FIELD(cnn_linear_desc, output_features);
    FIELD(cnn_linear_desc, activation);
    FIELD(cnn_linear_desc, activation_alpha);
    STRUCT(cnn_conv2d_plan_info);
    FIELD(cnn_conv2d_plan_info, struct_size);
    FIELD(cnn_conv2d_plan_info, output_height);
    FIELD(cnn_conv2d_plan_info, output_width);
    FIELD(cnn_conv2d_plan_info, padding_top);
    FIELD(cnn_conv2d_plan_info, padding_left);
    FIELD(cnn_conv2d_plan_info, padding_bottom);
    FIELD(cnn_conv2d_plan_info, padding_right);
    FIELD(cnn_conv2d_plan_info, algorithm);
    FIELD(cnn_conv2d_plan_info, input_bytes);
    FIELD(cnn_conv2d_plan_info, weights_bytes);
    FIELD(cnn_conv2d_plan_info, bias_bytes);
    FIELD(cnn_conv2d_plan_info, packed_bytes);
    FIELD(cnn_conv2d_plan_info, output_bytes);
    FIELD(cnn_conv2d_plan_info, workspace_bytes_per_thread);
    FIELD(cnn_conv2d_plan_info, multiply_accumulates);
    FIELD(cnn_conv2d_plan_info, expected_cost);
    FIELD(cnn_conv2d_plan_info, algorithm_name);
    STRUCT(cnn_pool2d_desc);
    FIELD(cnn_pool2d_desc, struct_size);
    FIELD(cnn_pool2d_desc, batch);
    FIELD(cnn_pool2d_desc, input_height);
    FIELD(cnn_pool2d_desc, input_width);
    FIELD(cnn_pool2d_desc, channels);
    FIELD(cnn_pool2d_desc, window_height);
    FIELD(cnn_pool2d_desc, window_width);
    FIELD(cnn_pool2d_desc, stride_height);
    FIELD(cnn_pool2d_desc, stride_width);
    FIELD(cnn_pool2d_desc, dilation_height);
    FIELD(cnn_pool2d_desc, dilation_width);
    FIELD(cnn_pool2d_desc, padding_mode);
    FIELD(cnn_pool2d_desc, padding_top);
    FIELD(cnn_pool2d_desc, padding_left);
    FIELD(cnn_pool2d_desc, padding_bottom);
    FIELD(cnn_pool2d_desc, padding_right);
    FIELD(cnn_pool2d_desc, ceil_mode);
    FIELD(cnn_pool2d_desc, count_include_pad);
    STRUCT(cnn_transpose_desc);
    FIELD(cnn_transpose_desc, struct_size);
    FIELD(cnn_transpose_desc, rank);
    FIELD(cnn_transpose_desc, sizes);
    FIELD(cnn_transpose_desc, axes);
    STRUCT(cnn_pad_desc);
    FIELD(cnn_pad_desc, struct_size);
    FIELD(cnn_pad_desc, rank);
    FIELD(cnn_pad_desc, sizes);
    FIELD(cnn_pad_desc, before);
    FIELD(cnn_pad_desc, after);
    FIELD(cnn_pad_desc, mode);
    FIELD(cnn_pad_desc, value);
    STRUCT(cnn_slice_desc);
    FIELD(cnn_slice_desc, struct_size);
    FIELD(cnn_slice_desc, rank);
    FIELD(cnn_slice_desc, sizes);
    FIELD(cnn_slice_desc, starts);
    FIELD(cnn_slice_desc, steps);
    FIELD(cnn_slice_desc, counts);
    STRUCT(cnn_gather_desc);
    FIELD(cnn_gather_desc, struct_size);
    FIELD(cnn_gather_desc, index_type);
    FIELD(cnn_gather_desc, outer);
    FIELD(cnn_gather_desc, axis);
    FIELD(cnn_gather_desc, inner);
    FIELD(cnn_gather_desc, index_count);
    ENUM(cnn_status, CNN_OK);
    ENUM(cnn_status, CNN_INVALID_ARGUMENT);
    ENUM(cnn_status, CNN_SHAPE_MISMATCH);
    ENUM(cnn_status, CNN_SIZE_OVERFLOW);
    ENUM(cnn_status, CNN_BUFFER_TOO_SMALL);
    ENUM(cnn_status, CNN_OUT_OF_MEMORY);
    ENUM(cnn_status, CNN_UNSUPPORTED);
    ENUM(cnn_isa, CNN_ISA_SCALAR);
    ENUM(cnn_isa, CNN_ISA_AVX2);
    ENUM(cnn_padding_mode, CNN_PADDING_EXPLICIT);
    ENUM(cnn_padding_mode, CNN_PADDING_VALID);
    ENUM(cnn_padding_mode, CNN_PADDING_SAME);
    ENUM(cnn_padding_mode, CNN_PADDING_SAME_LOWER);
    ENUM(cnn_activation_kind, CNN_ACTIVATION_NONE);
    ENUM(cnn_activation_kind, CNN_ACTIVATION_RELU);
    ENUM(cnn_activation_kind, CNN_ACTIVATION_LEAKY_RELU);
    ENUM(cnn_activation_kind, CNN_ACTIVATION_TANH);
    ENUM(cnn_activation_kind, CNN_ACTIVATION_SIGMOID);
    ENUM(cnn_activation_kind, CNN_ACTIVATION_ELU);
    ENUM(cnn_activation_kind, CNN_ACTIVATION_SELU);
    ENUM(cnn_activation_kind, CNN_ACTIVATION_GELU);
    ENUM(cnn_activation_kind, CNN_ACTIVATION_SILU);
    ENUM(cnn_activation_kind, CNN_ACTIVATION_HARD_SWISH);
    ENUM(cnn_conv2d_algorithm, CNN_CONV2D_AUTO);
    ENUM(cnn_conv2d_algorithm, CNN_CONV2D_IMPLICIT_GEMM);
    ENUM(cnn_conv2d_algorithm, CNN_CONV2D_DEPTHWISE);
    ENUM(cnn_conv2d_algorithm, CNN_CONV2D_WINOGRAD_4X4);
    ENUM(cnn_conv2d_algorithm, CNN_CONV2D_WINOGRAD_2X2);
    ENUM(cnn_pad_mode, CNN_PAD_CONSTANT);
    ENUM(cnn_pad_mode, CNN_PAD_REFLECT);
    ENUM(cnn_pad_mode, CNN_PAD_EDGE);
    ENUM(cnn_pad_mode, CNN_PAD_WRAP);
    ENUM(cnn_index_type, CNN_INDEX_INT32);
    ENUM(cnn_index_type, CNN_INDEX_INT64);
    return 0;
}
