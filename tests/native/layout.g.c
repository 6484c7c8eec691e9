/* layout.g.c - written by CnnNative.BindingGenerator from native/include/cnn.h; run ./build.sh bindings to renew it.
 * Prints how the C compiler lays out the header, for comparison with the bindings. */
#include "cnn.h"

#include <stddef.h>
#include <stdio.h>

int main(void)
{
    printf("struct cnn_error %zu\n", sizeof(cnn_error));
    printf("field cnn_error.code %zu\n", offsetof(cnn_error, code));
    printf("field cnn_error.text %zu\n", offsetof(cnn_error, text));
    printf("struct cnn_context_options %zu\n", sizeof(cnn_context_options));
    printf("field cnn_context_options.struct_size %zu\n", offsetof(cnn_context_options, struct_size));
    printf("field cnn_context_options.threads %zu\n", offsetof(cnn_context_options, threads));
    printf("field cnn_context_options.max_isa %zu\n", offsetof(cnn_context_options, max_isa));
    printf("struct cnn_conv2d_desc %zu\n", sizeof(cnn_conv2d_desc));
    printf("field cnn_conv2d_desc.struct_size %zu\n", offsetof(cnn_conv2d_desc, struct_size));
    printf("field cnn_conv2d_desc.batch %zu\n", offsetof(cnn_conv2d_desc, batch));
    printf("field cnn_conv2d_desc.input_height %zu\n", offsetof(cnn_conv2d_desc, input_height));
    printf("field cnn_conv2d_desc.input_width %zu\n", offsetof(cnn_conv2d_desc, input_width));
    printf("field cnn_conv2d_desc.input_channels %zu\n", offsetof(cnn_conv2d_desc, input_channels));
    printf("field cnn_conv2d_desc.output_channels %zu\n", offsetof(cnn_conv2d_desc, output_channels));
    printf("field cnn_conv2d_desc.kernel_height %zu\n", offsetof(cnn_conv2d_desc, kernel_height));
    printf("field cnn_conv2d_desc.kernel_width %zu\n", offsetof(cnn_conv2d_desc, kernel_width));
    printf("field cnn_conv2d_desc.stride_height %zu\n", offsetof(cnn_conv2d_desc, stride_height));
    printf("field cnn_conv2d_desc.stride_width %zu\n", offsetof(cnn_conv2d_desc, stride_width));
    printf("field cnn_conv2d_desc.dilation_height %zu\n", offsetof(cnn_conv2d_desc, dilation_height));
    printf("field cnn_conv2d_desc.dilation_width %zu\n", offsetof(cnn_conv2d_desc, dilation_width));
    printf("field cnn_conv2d_desc.groups %zu\n", offsetof(cnn_conv2d_desc, groups));
    printf("field cnn_conv2d_desc.padding_mode %zu\n", offsetof(cnn_conv2d_desc, padding_mode));
    printf("field cnn_conv2d_desc.padding_top %zu\n", offsetof(cnn_conv2d_desc, padding_top));
    printf("field cnn_conv2d_desc.padding_left %zu\n", offsetof(cnn_conv2d_desc, padding_left));
    printf("field cnn_conv2d_desc.padding_bottom %zu\n", offsetof(cnn_conv2d_desc, padding_bottom));
    printf("field cnn_conv2d_desc.padding_right %zu\n", offsetof(cnn_conv2d_desc, padding_right));
    printf("field cnn_conv2d_desc.activation %zu\n", offsetof(cnn_conv2d_desc, activation));
    printf("field cnn_conv2d_desc.activation_alpha %zu\n", offsetof(cnn_conv2d_desc, activation_alpha));
    printf("struct cnn_linear_desc %zu\n", sizeof(cnn_linear_desc));
    printf("field cnn_linear_desc.struct_size %zu\n", offsetof(cnn_linear_desc, struct_size));
    printf("field cnn_linear_desc.rows %zu\n", offsetof(cnn_linear_desc, rows));
    printf("field cnn_linear_desc.input_features %zu\n", offsetof(cnn_linear_desc, input_features));
    printf("field cnn_linear_desc.output_features %zu\n", offsetof(cnn_linear_desc, output_features));
    printf("field cnn_linear_desc.activation %zu\n", offsetof(cnn_linear_desc, activation));
    printf("field cnn_linear_desc.activation_alpha %zu\n", offsetof(cnn_linear_desc, activation_alpha));
    printf("struct cnn_conv2d_plan_info %zu\n", sizeof(cnn_conv2d_plan_info));
    printf("field cnn_conv2d_plan_info.struct_size %zu\n", offsetof(cnn_conv2d_plan_info, struct_size));
    printf("field cnn_conv2d_plan_info.output_height %zu\n", offsetof(cnn_conv2d_plan_info, output_height));
    printf("field cnn_conv2d_plan_info.output_width %zu\n", offsetof(cnn_conv2d_plan_info, output_width));
    printf("field cnn_conv2d_plan_info.padding_top %zu\n", offsetof(cnn_conv2d_plan_info, padding_top));
    printf("field cnn_conv2d_plan_info.padding_left %zu\n", offsetof(cnn_conv2d_plan_info, padding_left));
    printf("field cnn_conv2d_plan_info.padding_bottom %zu\n", offsetof(cnn_conv2d_plan_info, padding_bottom));
    printf("field cnn_conv2d_plan_info.padding_right %zu\n", offsetof(cnn_conv2d_plan_info, padding_right));
    printf("field cnn_conv2d_plan_info.reserved %zu\n", offsetof(cnn_conv2d_plan_info, reserved));
    printf("field cnn_conv2d_plan_info.input_bytes %zu\n", offsetof(cnn_conv2d_plan_info, input_bytes));
    printf("field cnn_conv2d_plan_info.weights_bytes %zu\n", offsetof(cnn_conv2d_plan_info, weights_bytes));
    printf("field cnn_conv2d_plan_info.bias_bytes %zu\n", offsetof(cnn_conv2d_plan_info, bias_bytes));
    printf("field cnn_conv2d_plan_info.packed_bytes %zu\n", offsetof(cnn_conv2d_plan_info, packed_bytes));
    printf("field cnn_conv2d_plan_info.output_bytes %zu\n", offsetof(cnn_conv2d_plan_info, output_bytes));
    printf("field cnn_conv2d_plan_info.workspace_bytes_per_thread %zu\n", offsetof(cnn_conv2d_plan_info, workspace_bytes_per_thread));
    printf("field cnn_conv2d_plan_info.multiply_accumulates %zu\n", offsetof(cnn_conv2d_plan_info, multiply_accumulates));
    printf("field cnn_conv2d_plan_info.algorithm %zu\n", offsetof(cnn_conv2d_plan_info, algorithm));
    printf("struct cnn_pool2d_desc %zu\n", sizeof(cnn_pool2d_desc));
    printf("field cnn_pool2d_desc.struct_size %zu\n", offsetof(cnn_pool2d_desc, struct_size));
    printf("field cnn_pool2d_desc.batch %zu\n", offsetof(cnn_pool2d_desc, batch));
    printf("field cnn_pool2d_desc.input_height %zu\n", offsetof(cnn_pool2d_desc, input_height));
    printf("field cnn_pool2d_desc.input_width %zu\n", offsetof(cnn_pool2d_desc, input_width));
    printf("field cnn_pool2d_desc.channels %zu\n", offsetof(cnn_pool2d_desc, channels));
    printf("field cnn_pool2d_desc.window_height %zu\n", offsetof(cnn_pool2d_desc, window_height));
    printf("field cnn_pool2d_desc.window_width %zu\n", offsetof(cnn_pool2d_desc, window_width));
    printf("field cnn_pool2d_desc.stride_height %zu\n", offsetof(cnn_pool2d_desc, stride_height));
    printf("field cnn_pool2d_desc.stride_width %zu\n", offsetof(cnn_pool2d_desc, stride_width));
    printf("field cnn_pool2d_desc.dilation_height %zu\n", offsetof(cnn_pool2d_desc, dilation_height));
    printf("field cnn_pool2d_desc.dilation_width %zu\n", offsetof(cnn_pool2d_desc, dilation_width));
    printf("field cnn_pool2d_desc.padding_mode %zu\n", offsetof(cnn_pool2d_desc, padding_mode));
    printf("field cnn_pool2d_desc.padding_top %zu\n", offsetof(cnn_pool2d_desc, padding_top));
    printf("field cnn_pool2d_desc.padding_left %zu\n", offsetof(cnn_pool2d_desc, padding_left));
    printf("field cnn_pool2d_desc.padding_bottom %zu\n", offsetof(cnn_pool2d_desc, padding_bottom));
    printf("field cnn_pool2d_desc.padding_right %zu\n", offsetof(cnn_pool2d_desc, padding_right));
    printf("field cnn_pool2d_desc.ceil_mode %zu\n", offsetof(cnn_pool2d_desc, ceil_mode));
    printf("field cnn_pool2d_desc.count_include_pad %zu\n", offsetof(cnn_pool2d_desc, count_include_pad));
    printf("enum CNN_OK %d\n", (int)CNN_OK);
    printf("enum CNN_INVALID_ARGUMENT %d\n", (int)CNN_INVALID_ARGUMENT);
    printf("enum CNN_SHAPE_MISMATCH %d\n", (int)CNN_SHAPE_MISMATCH);
    printf("enum CNN_SIZE_OVERFLOW %d\n", (int)CNN_SIZE_OVERFLOW);
    printf("enum CNN_BUFFER_TOO_SMALL %d\n", (int)CNN_BUFFER_TOO_SMALL);
    printf("enum CNN_OUT_OF_MEMORY %d\n", (int)CNN_OUT_OF_MEMORY);
    printf("enum CNN_UNSUPPORTED %d\n", (int)CNN_UNSUPPORTED);
    printf("enum CNN_ISA_SCALAR %d\n", (int)CNN_ISA_SCALAR);
    printf("enum CNN_ISA_AVX2 %d\n", (int)CNN_ISA_AVX2);
    printf("enum CNN_PADDING_EXPLICIT %d\n", (int)CNN_PADDING_EXPLICIT);
    printf("enum CNN_PADDING_VALID %d\n", (int)CNN_PADDING_VALID);
    printf("enum CNN_PADDING_SAME %d\n", (int)CNN_PADDING_SAME);
    printf("enum CNN_PADDING_SAME_LOWER %d\n", (int)CNN_PADDING_SAME_LOWER);
    printf("enum CNN_ACTIVATION_NONE %d\n", (int)CNN_ACTIVATION_NONE);
    printf("enum CNN_ACTIVATION_RELU %d\n", (int)CNN_ACTIVATION_RELU);
    printf("enum CNN_ACTIVATION_LEAKY_RELU %d\n", (int)CNN_ACTIVATION_LEAKY_RELU);
    printf("enum CNN_ACTIVATION_TANH %d\n", (int)CNN_ACTIVATION_TANH);
    printf("enum CNN_ACTIVATION_SIGMOID %d\n", (int)CNN_ACTIVATION_SIGMOID);
    printf("enum CNN_ACTIVATION_ELU %d\n", (int)CNN_ACTIVATION_ELU);
    printf("enum CNN_ACTIVATION_SELU %d\n", (int)CNN_ACTIVATION_SELU);
    printf("enum CNN_ACTIVATION_GELU %d\n", (int)CNN_ACTIVATION_GELU);
    printf("enum CNN_ACTIVATION_SILU %d\n", (int)CNN_ACTIVATION_SILU);
    printf("enum CNN_ACTIVATION_HARD_SWISH %d\n", (int)CNN_ACTIVATION_HARD_SWISH);
    return 0;
}
