/* cnn.h - the one public header of the CnnNative kernel library (C11).
 *
 * Everything a caller may rely on stands here: the C# bindings are generated from this file, and a hash of it is
 * compared when the library is loaded. Read it from top to bottom; later parts use the earlier ones.
 *
 * Conventions
 *   Tensors    NHWC (batch, height, width, channels; channels innermost), float32, densely packed in a cnn_buffer.
 *              Filter weights are OHWI: output channels, kernel height, kernel width, input channels of the group.
 *   Status     A function that can fail returns cnn_status and, when the last argument is not null, writes the code
 *              and a sentence into the caller's cnn_error. Results are written only when the status is CNN_OK.
 *   Getters    A function that returns anything but cnn_status or void cannot fail, takes constant time and never waits.
 *   Structs    A descriptor starts with struct_size and is filled by its ..._init function before the caller sets fields.
 *   Ownership  Who calls ..._create owns the handle and gives it to ..._destroy, in any order; null is ignored there.
 *   Numbers    NaN and infinity propagate as IEEE 754 says. Subnormal numbers may be taken as zero, and given as zero.
 *              The caller's rounding mode does not matter, and is left as it is.
 *   Threads    Functions may be called from many threads at once. Handles are immutable after creation and can be
 *              shared; only the bytes inside a buffer change, and a caller does not write those while others use them.
 *              The one thing of a handle that can change is the wish to cancel, see cnn_context_cancel.
 */
#ifndef CNN_H
#define CNN_H

#include <stdint.h>

#if defined(_WIN32)
#if defined(CNN_BUILDING_LIBRARY)
#define CNN_API __declspec(dllexport)
#else
#define CNN_API __declspec(dllimport)
#endif
#else
#define CNN_API __attribute__((visibility("default")))
#endif

#ifdef __cplusplus
extern "C" {
#endif

/* ---------------------------------------------------------------- status and errors */

/** The outcome of a call. The values are pinned: they are part of the ABI and never change. */
typedef enum cnn_status {
    /** The call did what it says. */
    CNN_OK = 0,
    /** A null pointer, a size that is not positive, an unknown enum value or a descriptor that was not initialised. */
    CNN_INVALID_ARGUMENT = 1,
    /** Sizes that are valid alone do not fit together, for example channels that do not divide by the groups. */
    CNN_SHAPE_MISMATCH = 2,
    /** A product of sizes does not fit into 63 bits, or needs more memory than a process can address. */
    CNN_SIZE_OVERFLOW = 3,
    /** A buffer holds fewer bytes than the operation reads or writes. */
    CNN_BUFFER_TOO_SMALL = 4,
    /** The operating system gave no memory or no thread. Nothing was changed and nothing leaks. */
    CNN_OUT_OF_MEMORY = 5,
    /** The instruction set that was asked for is not there on this machine. */
    CNN_UNSUPPORTED = 6,
    /** The context's work was cancelled, by cnn_context_cancel, before the call had done all of its own. What the call was
     * to write, its workspace included, holds anything; nothing else was changed. */
    CNN_CANCELLED = 7
} cnn_status;

/** A caller-owned error record. Zero it, or reuse it as it is: a failing call overwrites it, a successful one leaves it. */
typedef struct cnn_error {
    /** The status of the call that failed. */
    cnn_status code;
    /** What was found, where, and what was expected: UTF-8, always terminated by a zero byte. */
    char text[508];
} cnn_error;

/* ---------------------------------------------------------------- version and instruction sets */

/** The version of this ABI. It rises with every incompatible change of this header. */
#define CNN_ABI_VERSION 1

/** The ABI version that the loaded library was built with; compare it with CNN_ABI_VERSION. */
CNN_API uint32_t cnn_abi_version(void);

/** The first eight bytes of the SHA-256 of the cnn.h that the library was built with, read as a big-endian number. */
CNN_API uint64_t cnn_abi_hash(void);

/** The library's version, such as "0.1.0"; static memory, never null. */
CNN_API const char *cnn_version(void);

/** A set of kernels for one instruction set. Of those that the machine has, the one with the highest value is used. */
typedef enum cnn_isa {
    /** Portable C: runs everywhere, and is what the others are tested against. */
    CNN_ISA_SCALAR = 0,
    /** x86-64 with AVX2 and FMA3. */
    CNN_ISA_AVX2 = 1,
    /** x86-64 with AVX-512 F, BW, DQ and VL. */
    CNN_ISA_AVX512 = 2,
    /** AArch64 with NEON, which all such processors have. */
    CNN_ISA_NEON = 3
} cnn_isa;

/** The name of an instruction set as CNN_MAX_ISA spells it ("scalar", "avx2", "avx512", "neon"); "unknown" for any
 *  other value. */
CNN_API const char *cnn_isa_name(cnn_isa isa);

/** 1 when this processor and operating system can run the instruction set and the library has kernels for it, else 0. */
CNN_API int32_t cnn_isa_available(cnn_isa isa);

/* ---------------------------------------------------------------- context */

/** How work is run: which kernels, how many threads, and whether it is cancelled, which is all that ever changes of it.
 * Share it freely between threads. A context is cheap, and all contexts use the same threads: whoever wants to stop their
 * own work and nobody else's, such as a session or a training loop, makes a context of their own. */
typedef struct cnn_context cnn_context;

/** What cnn_context_create is asked for. */
typedef struct cnn_context_options {
    /** sizeof(cnn_context_options), set by cnn_context_options_init. */
    uint32_t struct_size;
    /** Threads that share one operation, the calling thread included; 0 (default): as many as the process may use. */
    int32_t threads;
    /** The best instruction set to use; the default is the best that exists. CNN_MAX_ISA can lower it further. A cap
     *  limits its own family only: CNN_ISA_AVX2 means "not AVX-512" on x86-64 and no limit on ARM, CNN_ISA_NEON is no limit
     *  on x86-64, and CNN_ISA_SCALAR means portable code on both. */
    cnn_isa max_isa;
    /** 1 (default): plans may choose Winograd's algorithm, which is faster and a little less exact; 0: they do not. The
     *  environment variable CNN_WINOGRAD=0 has the same effect. */
    int32_t winograd;
} cnn_context_options;

/** Fills the options with their defaults. */
CNN_API void cnn_context_options_init(cnn_context_options *options);

/** Creates a context. The environment variable CNN_MAX_ISA (a name of cnn_isa_name) caps the instruction set.
 *  Fails with CNN_INVALID_ARGUMENT for negative or more than 1024 threads or an unknown name in CNN_MAX_ISA. */
CNN_API cnn_status cnn_context_create(const cnn_context_options *options, cnn_context **context, cnn_error *error);

/** Releases a context. Plans and buffers made with it stay valid. */
CNN_API void cnn_context_destroy(cnn_context *context);

/** Cancels the work of a context, from any thread, and from a signal handler too: calls that run end with CNN_CANCELLED
 * after the block they are at, some ten microseconds to a few milliseconds long, and calls that compute anything end with it
 * at once until cnn_context_resume. A call that was all but done may still end with CNN_OK, and then it is done. */
CNN_API void cnn_context_cancel(cnn_context *context);

/** Lets the work of a context run again, without a need to wait for the calls that were cancelled: they still say so. */
CNN_API void cnn_context_resume(cnn_context *context);

/** 1 between cnn_context_cancel and cnn_context_resume, else 0. */
CNN_API int32_t cnn_context_is_cancelled(const cnn_context *context);

/** The instruction set in use. */
CNN_API cnn_isa cnn_context_isa(const cnn_context *context);

/** The number of threads that share one operation. */
CNN_API int32_t cnn_context_threads(const cnn_context *context);

/* ---------------------------------------------------------------- buffers */

/** A block of memory, or a view into one. Views keep their block alive, so any order of destruction is safe. */
typedef struct cnn_buffer cnn_buffer;

/** Allocates memory, aligned to 64 bytes. Its contents are undefined. `bytes` must be positive. */
CNN_API cnn_status cnn_buffer_create(int64_t bytes, cnn_buffer **buffer, cnn_error *error);

/** Makes a buffer of memory that the caller keeps and frees, after every use of the buffer. It must be aligned to 4 bytes.
 */
CNN_API cnn_status cnn_buffer_wrap(void *memory, int64_t bytes, cnn_buffer **buffer, cnn_error *error);

/** Makes a view of `bytes` bytes that starts `offset` bytes into `parent`; the offset is a multiple of 4. */
CNN_API cnn_status cnn_buffer_view(const cnn_buffer *parent, int64_t offset, int64_t bytes, cnn_buffer **view,
                                   cnn_error *error);

/** Releases a buffer or a view. The memory goes when the last of them goes. */
CNN_API void cnn_buffer_destroy(cnn_buffer *buffer);

/** The first byte; valid until the buffer is destroyed. */
CNN_API void *cnn_buffer_data(const cnn_buffer *buffer);

/** The number of bytes. */
CNN_API int64_t cnn_buffer_bytes(const cnn_buffer *buffer);

/** Sets every float32 of the buffer to `value`. A rest of one to three bytes stays as it is. */
CNN_API cnn_status cnn_buffer_fill(const cnn_buffer *buffer, float value, cnn_error *error);

/* ---------------------------------------------------------------- shared vocabulary */

/** How a window is placed at the borders of its input. */
typedef enum cnn_padding_mode {
    /** The four padding fields of the descriptor count. With all of them 0 this is VALID. */
    CNN_PADDING_EXPLICIT = 0,
    /** No padding: only windows that lie inside the input. The padding fields are ignored. */
    CNN_PADDING_VALID = 1,
    /** Output size is ceil(input / stride); an odd rest of the padding goes to the bottom and right (TensorFlow's SAME). */
    CNN_PADDING_SAME = 2,
    /** As CNN_PADDING_SAME, but an odd rest goes to the top and left (ONNX's SAME_LOWER). */
    CNN_PADDING_SAME_LOWER = 3
} cnn_padding_mode;

/** A function applied to each element. `alpha` and `beta` are the parameters of the kinds that have them. */
typedef enum cnn_activation_kind {
    /** x */
    CNN_ACTIVATION_NONE = 0,
    /** max(0, x) */
    CNN_ACTIVATION_RELU = 1,
    /** x for x >= 0, else alpha x */
    CNN_ACTIVATION_LEAKY_RELU = 2,
    /** tanh(x) */
    CNN_ACTIVATION_TANH = 3,
    /** 1 / (1 + exp(-x)) */
    CNN_ACTIVATION_SIGMOID = 4,
    /** x for x >= 0, else alpha (exp(x) - 1); Clevert et al. 2015 */
    CNN_ACTIVATION_ELU = 5,
    /** 1.0507010 x for x >= 0, else 1.7580993 (exp(x) - 1); Klambauer et al. 2017 */
    CNN_ACTIVATION_SELU = 6,
    /** x (1 + erf(x / sqrt 2)) / 2; Hendrycks and Gimpel 2016 */
    CNN_ACTIVATION_GELU = 7,
    /** x sigmoid(x); Elfwing et al. 2017 */
    CNN_ACTIVATION_SILU = 8,
    /** x min(max(x + 3, 0), 6) / 6; Howard et al. 2019 */
    CNN_ACTIVATION_HARD_SWISH = 9,
    /** x tanh(log(1 + exp(x))); Misra 2019 */
    CNN_ACTIVATION_MISH = 10,
    /** min(max(alpha x + beta, 0), 1); ONNX's HardSigmoid has alpha 0.2 and beta 0.5, PyTorch's alpha 1/6 and beta 0.5 */
    CNN_ACTIVATION_HARD_SIGMOID = 11,
    /** log(1 + exp(x)) */
    CNN_ACTIVATION_SOFTPLUS = 12,
    /** min(max(x, alpha), beta); ReLU6 is alpha 0 and beta 6 */
    CNN_ACTIVATION_CLIP = 13
} cnn_activation_kind;

/* ---------------------------------------------------------------- convolution and fully connected layers */

/** How a convolution is computed. All give the same result up to rounding. */
typedef enum cnn_conv2d_algorithm {
    /** The plan chooses what its cost model expects to be fastest. */
    CNN_CONV2D_AUTO = 0,
    /** A matrix product whose rows are the pixels of the input, found through pointers. Fits every convolution. */
    CNN_CONV2D_IMPLICIT_GEMM = 1,
    /** Each channel alone, along the rows of the image. For as many groups as input and output channels. */
    CNN_CONV2D_DEPTHWISE = 2,
    /** Minimal filtering F(4x4, 3x3), Lavin and Gray 2016: a quarter of the multiplications. For 3x3 filters with stride 1,
     *  dilation 1 and one group. Its error stays below 1e-4 of the largest output for inputs of unit variance. */
    CNN_CONV2D_WINOGRAD_4X4 = 3,
    /** Minimal filtering F(2x2, 3x3): 4/9 of the multiplications, and nearly as exact as the direct sum. */
    CNN_CONV2D_WINOGRAD_2X2 = 4
} cnn_conv2d_algorithm;

/** A two-dimensional convolution: cross-correlation, as every framework computes it. */
typedef struct cnn_conv2d_desc {
    /** sizeof(cnn_conv2d_desc), set by cnn_conv2d_desc_init. */
    uint32_t struct_size;
    /** Images in the batch (default 1). */
    int32_t batch;
    /** Height of the input in pixels. */
    int32_t input_height;
    /** Width of the input in pixels. */
    int32_t input_width;
    /** Channels of the input; a multiple of `groups`. */
    int32_t input_channels;
    /** Channels of the output, which is the number of filters; a multiple of `groups`. */
    int32_t output_channels;
    /** Height of the filters. */
    int32_t kernel_height;
    /** Width of the filters. */
    int32_t kernel_width;
    /** Rows from one window to the next (default 1). */
    int32_t stride_height;
    /** Columns from one window to the next (default 1). */
    int32_t stride_width;
    /** Rows between the taps of a filter (default 1, which is none skipped). */
    int32_t dilation_height;
    /** Columns between the taps of a filter (default 1). */
    int32_t dilation_width;
    /** Groups (default 1): output channels of a group see only the input channels of that group. */
    int32_t groups;
    /** Where the padding comes from (default CNN_PADDING_EXPLICIT). */
    cnn_padding_mode padding_mode;
    /** Rows of zeros above (default 0). */
    int32_t padding_top;
    /** Columns of zeros to the left (default 0). */
    int32_t padding_left;
    /** Rows of zeros below (default 0). */
    int32_t padding_bottom;
    /** Columns of zeros to the right (default 0). */
    int32_t padding_right;
    /** Applied to each output after the bias (default CNN_ACTIVATION_NONE). */
    cnn_activation_kind activation;
    /** First parameter of the activation (default 0). */
    float activation_alpha;
    /** Second parameter of the activation (default 0). */
    float activation_beta;
    /** Forces an algorithm (default CNN_CONV2D_AUTO); CNN_UNSUPPORTED when it does not fit the convolution. */
    cnn_conv2d_algorithm algorithm;
    /** Elements from one pixel of the output to the next (default 0: as many as it has channels). With more, the output is
     *  some of the channels of a wider tensor, and concatenation costs nothing. */
    int32_t output_stride;
    /** Elements from one pixel of the residual to the next (default 0: as many as the output has channels). */
    int32_t residual_stride;
} cnn_conv2d_desc;

/** A fully connected layer over `rows` inputs: output = activation(input x transpose(weights) + bias). */
typedef struct cnn_linear_desc {
    /** sizeof(cnn_linear_desc), set by cnn_linear_desc_init. */
    uint32_t struct_size;
    /** Rows of the input matrix, which is the batch (default 1). */
    int32_t rows;
    /** Columns of the input matrix. */
    int32_t input_features;
    /** Columns of the output matrix. Weights are output_features x input_features. */
    int32_t output_features;
    /** Applied to each output after the bias (default CNN_ACTIVATION_NONE). */
    cnn_activation_kind activation;
    /** First parameter of the activation (default 0). */
    float activation_alpha;
    /** Second parameter of the activation (default 0). */
    float activation_beta;
} cnn_linear_desc;

/** What a plan turned out to be: sizes for the caller, and the choices for whoever wants to know why it is fast. */
typedef struct cnn_conv2d_plan_info {
    /** sizeof(cnn_conv2d_plan_info), set by cnn_conv2d_plan_info_init. */
    uint32_t struct_size;
    /** Height of the output. */
    int32_t output_height;
    /** Width of the output. */
    int32_t output_width;
    /** Resolved rows of zeros above. */
    int32_t padding_top;
    /** Resolved columns of zeros to the left. */
    int32_t padding_left;
    /** Resolved rows of zeros below. */
    int32_t padding_bottom;
    /** Resolved columns of zeros to the right. */
    int32_t padding_right;
    /** The algorithm that runs; never CNN_CONV2D_AUTO. */
    cnn_conv2d_algorithm algorithm;
    /** Bytes of the input tensor. */
    int64_t input_bytes;
    /** Bytes of the weights as the caller gives them. */
    int64_t weights_bytes;
    /** Bytes of the bias. */
    int64_t bias_bytes;
    /** Bytes of the packed weights that cnn_conv2d_pack writes. */
    int64_t packed_bytes;
    /** Bytes of the output tensor. */
    int64_t output_bytes;
    /** Bytes of workspace for each thread of the context that runs the plan. */
    int64_t workspace_bytes_per_thread;
    /** Multiply-accumulate operations of one run, as the direct sum counts them. */
    int64_t multiply_accumulates;
    /** What the cost model expects of one run: the time of so many multiply-accumulates at the processor's peak. */
    int64_t expected_cost;
    /** The name of the algorithm and its tile, such as "implicit-gemm 6x16 avx2"; static memory. */
    const char *algorithm_name;
} cnn_conv2d_plan_info;

/** A convolution that is ready to run: checked, with its algorithm chosen. Immutable; share it freely between threads. */
typedef struct cnn_conv2d_plan cnn_conv2d_plan;

/** Fills the descriptor with its defaults. The sizes without a default stay 0 and must be set. */
CNN_API void cnn_conv2d_desc_init(cnn_conv2d_desc *desc);

/** Fills the descriptor with its defaults. The sizes without a default stay 0 and must be set. */
CNN_API void cnn_linear_desc_init(cnn_linear_desc *desc);

/** Prepares the record for cnn_conv2d_plan_describe. */
CNN_API void cnn_conv2d_plan_info_init(cnn_conv2d_plan_info *info);

/** Checks the descriptor and makes a plan for the instruction set of the context. The plan outlives the context. */
CNN_API cnn_status cnn_conv2d_plan_create(const cnn_context *context, const cnn_conv2d_desc *desc, cnn_conv2d_plan **plan,
                                          cnn_error *error);

/** Makes a plan for the transposed convolution of `desc`: it maps a tensor of the output's shape to one of the input's.
 *  This is the gradient of a convolution by its input, and the layer that other frameworks call ConvTranspose; for that,
 *  `desc` describes the convolution that would lead back, and its input size is the size of the layer's output.
 *  Activation, bias (one value for each input channel of `desc`), algorithm and strides belong to the transposed one;
 * weights have the shape that the convolution of `desc` has. Run it as any plan. */
CNN_API cnn_status cnn_conv2d_transpose_plan_create(const cnn_context *context, const cnn_conv2d_desc *desc,
                                                    cnn_conv2d_plan **plan, cnn_error *error);

/** The same as cnn_conv2d_plan_create for a fully connected layer, which is a 1x1 convolution over rows: pack and run it as
 * one. */
CNN_API cnn_status cnn_linear_plan_create(const cnn_context *context, const cnn_linear_desc *desc, cnn_conv2d_plan **plan,
                                          cnn_error *error);

/** Releases a plan. */
CNN_API void cnn_conv2d_plan_destroy(cnn_conv2d_plan *plan);

/** Writes what the plan needs and what it chose into `info`. */
CNN_API cnn_status cnn_conv2d_plan_describe(const cnn_conv2d_plan *plan, cnn_conv2d_plan_info *info, cnn_error *error);

/** Rearranges weights (OHWI) and bias (output channels; null: zeros) into the order that the plan's kernels read.
 *  Do this once for constant weights and once a step in training; `packed` may be reused. */
CNN_API cnn_status cnn_conv2d_pack(const cnn_context *context, const cnn_conv2d_plan *plan, const cnn_buffer *weights,
                                   const cnn_buffer *bias, const cnn_buffer *packed, cnn_error *error);

/** Runs the plan: output = activation(convolution of input + bias + residual). Allocates nothing.
 *  `residual` (null: none) has the output's shape; it may be the output itself, when both have the same stride.
 *  `workspace` holds at least workspace_bytes_per_thread times the threads of the context; concurrent runs of a plan need a
 *  workspace each. It and `packed` come from cnn_buffer_create, for their alignment. The output must not overlap the input.
 *  Any thread count gives the same bits. */
CNN_API cnn_status cnn_conv2d_run(const cnn_context *context, const cnn_conv2d_plan *plan, const cnn_buffer *packed,
                                  const cnn_buffer *input, const cnn_buffer *residual, const cnn_buffer *output,
                                  const cnn_buffer *workspace, cnn_error *error);

/** Writes the bytes of workspace that cnn_conv2d_backward_weights needs with this plan and context. */
CNN_API cnn_status cnn_conv2d_backward_weights_workspace(const cnn_context *context, const cnn_conv2d_plan *plan,
                                                         int64_t *bytes, cnn_error *error);

/** The gradient of a convolution by its weights and its bias: weights_gradient[o][t][c] = sum over output pixels p of
 *  output_gradient[p][o] * input[pixel that tap t of p sees][c], and bias_gradient[o] = sum of output_gradient[p][o].
 *  `plan` is that of the convolution; its activation is not undone, so output_gradient is that of the sum before it, dense.
 *  For the weights of a transposed convolution, exchange the tensors: `input` is the gradient of its output, and
 *  `output_gradient` its input. bias_gradient may be null. With `accumulate` 1 the gradients are added to what is there,
 * with 0 written. `workspace` comes from cnn_buffer_create. No two buffers may overlap. Any thread count gives the same
 * bits. */
CNN_API cnn_status cnn_conv2d_backward_weights(const cnn_context *context, const cnn_conv2d_plan *plan,
                                               const cnn_buffer *input, const cnn_buffer *output_gradient,
                                               int32_t accumulate, const cnn_buffer *weights_gradient,
                                               const cnn_buffer *bias_gradient, const cnn_buffer *workspace,
                                               cnn_error *error);

/* ---------------------------------------------------------------- pooling */

/** A pooling window that slides over an NHWC tensor, channel by channel. */
typedef struct cnn_pool2d_desc {
    /** sizeof(cnn_pool2d_desc), set by cnn_pool2d_desc_init. */
    uint32_t struct_size;
    /** Images in the batch (default 1). */
    int32_t batch;
    /** Height of the input in pixels. */
    int32_t input_height;
    /** Width of the input in pixels. */
    int32_t input_width;
    /** Channels of input and output. */
    int32_t channels;
    /** Height of the window. */
    int32_t window_height;
    /** Width of the window. */
    int32_t window_width;
    /** Rows from one window to the next (default 1). */
    int32_t stride_height;
    /** Columns from one window to the next (default 1). */
    int32_t stride_width;
    /** Rows between the elements of a window (default 1). */
    int32_t dilation_height;
    /** Columns between the elements of a window (default 1). */
    int32_t dilation_width;
    /** Where the padding comes from (default CNN_PADDING_EXPLICIT). */
    cnn_padding_mode padding_mode;
    /** Padding above (default 0); less than the dilated window, so that each window sees the input. */
    int32_t padding_top;
    /** Padding to the left (default 0). */
    int32_t padding_left;
    /** Padding below (default 0). */
    int32_t padding_bottom;
    /** Padding to the right (default 0). */
    int32_t padding_right;
    /** 1: the output size is rounded up, and windows may hang over the bottom and right; 0 (default): rounded down. A window
     *  that would start outside the input and its top and left padding is left out. */
    int32_t ceil_mode;
    /** 1: an average counts padded elements as zeros; 0 (default): it divides by the elements inside the input. What hangs
     *  over because of ceil_mode never counts. */
    int32_t count_include_pad;
} cnn_pool2d_desc;

/** Fills the descriptor with its defaults. The sizes without a default stay 0 and must be set. */
CNN_API void cnn_pool2d_desc_init(cnn_pool2d_desc *desc);

/** Checks the descriptor and computes the height and width of the output. */
CNN_API cnn_status cnn_pool2d_output_size(const cnn_pool2d_desc *desc, int32_t *output_height, int32_t *output_width,
                                          cnn_error *error);

/** The largest element of each window; padding never wins. A NaN in the window gives NaN. A dilated window that steps over
 *  the whole input gives minus infinity. No overlap of output and input. */
CNN_API cnn_status cnn_max_pool2d(const cnn_context *context, const cnn_pool2d_desc *desc, const cnn_buffer *input,
                                  const cnn_buffer *output, cnn_error *error);

/** The mean of each window; see count_include_pad. The sum is a float32, and overflows as one. A dilated window that steps
 *  over the whole input gives 0. No overlap of output and input. */
CNN_API cnn_status cnn_average_pool2d(const cnn_context *context, const cnn_pool2d_desc *desc, const cnn_buffer *input,
                                      const cnn_buffer *output, cnn_error *error);

/** The mean over `pixels` pixels (height x width) of each image and channel: batch x pixels x channels to batch x channels.
 */
CNN_API cnn_status cnn_global_average_pool(const cnn_context *context, int64_t batch, int64_t pixels, int64_t channels,
                                           const cnn_buffer *input, const cnn_buffer *output, cnn_error *error);

/* ---------------------------------------------------------------- activations and element-wise work */

/** output[i] = activation(input[i]) for `count` elements. Output may be the input, but not overlap it otherwise.
 *  Accuracy: exp, tanh and sigmoid are within 4 ulp of the correctly rounded value. */
CNN_API cnn_status cnn_activate(const cnn_context *context, cnn_activation_kind kind, float alpha, float beta, int64_t count,
                                const cnn_buffer *input, const cnn_buffer *output, cnn_error *error);

/** Softmax over the innermost dimension: each of `rows` rows of `channels` elements becomes positive and sums to 1.
 *  The row's maximum is subtracted first, so large logits do not overflow. Output may be the input. */
CNN_API cnn_status cnn_softmax(const cnn_context *context, int64_t rows, int64_t channels, const cnn_buffer *input,
                               const cnn_buffer *output, cnn_error *error);

/** output[i] = activation(left[i] + right[i]) for `count` elements. Output may be either input. */
CNN_API cnn_status cnn_add(const cnn_context *context, cnn_activation_kind kind, float alpha, float beta, int64_t count,
                           const cnn_buffer *left, const cnn_buffer *right, const cnn_buffer *output, cnn_error *error);

/** Copies `rows` rows of `row_length` elements between tensors whose rows lie `..._stride` elements apart, starting at
 *  `..._offset` elements. Concatenation, splitting and slicing are made of this. The two must not overlap. */
CNN_API cnn_status cnn_copy_rows(const cnn_context *context, int64_t rows, int64_t row_length, const cnn_buffer *source,
                                 int64_t source_offset, int64_t source_stride, const cnn_buffer *destination,
                                 int64_t destination_offset, int64_t destination_stride, cnn_error *error);

/* ---------------------------------------------------------------- normalisation */

/** Batch normalisation (Ioffe and Szegedy 2015) of `rows` rows of `channels` elements, where rows is batch x height x width
 *  of an NHWC tensor: output = activation(gamma (input - mean) / sqrt(variance + epsilon) + beta), channel by channel. */
typedef struct cnn_batch_norm_desc {
    /** sizeof(cnn_batch_norm_desc), set by cnn_batch_norm_desc_init. */
    uint32_t struct_size;
    /** Elements of each channel: batch x height x width. Training needs at least 2. */
    int64_t rows;
    /** Channels of input and output. */
    int64_t channels;
    /** Added to the variance (default 1e-5); at least 0. */
    float epsilon;
    /** What a batch contributes to the running statistics (default 0.1): running = (1 - momentum) running + momentum batch.
     */
    float momentum;
    /** CNN_ACTIVATION_NONE (default) or CNN_ACTIVATION_RELU. */
    cnn_activation_kind activation;
} cnn_batch_norm_desc;

/** Fills the descriptor with its defaults. The sizes stay 0 and must be set. */
CNN_API void cnn_batch_norm_desc_init(cnn_batch_norm_desc *desc);

/** Bytes of workspace that cnn_batch_norm_train, _infer and _backward need. The buffer comes from cnn_buffer_create, for its
 *  alignment, and overlaps nothing. Concurrent calls need one each. */
CNN_API cnn_status cnn_batch_norm_workspace_bytes(const cnn_batch_norm_desc *desc, int64_t *bytes, cnn_error *error);

/** Normalises with the statistics of the batch. gamma and beta (`channels` elements each) may be null: ones and zeros.
 *  running_mean and running_variance are updated unless null, the latter with the unbiased variance, as PyTorch does.
 *  saved_mean and saved_inverse receive the mean and 1 / sqrt(variance + epsilon) of each channel, for the backward pass.
 *  Sums are taken in float64. Output may be the input. A channel with a NaN or an infinity becomes NaN.
 *  Any thread count gives the same bits. */
CNN_API cnn_status cnn_batch_norm_train(const cnn_context *context, const cnn_batch_norm_desc *desc, const cnn_buffer *input,
                                        const cnn_buffer *gamma, const cnn_buffer *beta, const cnn_buffer *running_mean,
                                        const cnn_buffer *running_variance, const cnn_buffer *output,
                                        const cnn_buffer *saved_mean, const cnn_buffer *saved_inverse,
                                        const cnn_buffer *workspace, cnn_error *error);

/** Normalises with given statistics, usually the running ones. gamma and beta may be null. Output may be the input. */
CNN_API cnn_status cnn_batch_norm_infer(const cnn_context *context, const cnn_batch_norm_desc *desc, const cnn_buffer *input,
                                        const cnn_buffer *gamma, const cnn_buffer *beta, const cnn_buffer *mean,
                                        const cnn_buffer *variance, const cnn_buffer *output, const cnn_buffer *workspace,
                                        cnn_error *error);

/** The gradients of cnn_batch_norm_train, from its input, its saved statistics and the gradient of its output. With
 *  xn = (input - mean) inverse and g = output_gradient, which is 0 where a ReLU was not positive:
 *    beta_gradient = sum of g, gamma_gradient = sum of g xn,
 *    input_gradient = gamma inverse (g - beta_gradient / rows - xn gamma_gradient / rows).
 *  Each result may be null when it is not wanted, but not all. beta is read only for a ReLU; gamma and beta may be null.
 *  input_gradient may be output_gradient. Any thread count gives the same bits. */
CNN_API cnn_status cnn_batch_norm_backward(const cnn_context *context, const cnn_batch_norm_desc *desc,
                                           const cnn_buffer *input, const cnn_buffer *output_gradient,
                                           const cnn_buffer *gamma, const cnn_buffer *beta, const cnn_buffer *saved_mean,
                                           const cnn_buffer *saved_inverse, const cnn_buffer *input_gradient,
                                           const cnn_buffer *gamma_gradient, const cnn_buffer *beta_gradient,
                                           const cnn_buffer *workspace, cnn_error *error);

/** What inference comes to for each channel: output = input scale + offset, with scale = gamma / sqrt(variance + epsilon)
 *  and offset = beta - mean scale. Uses `channels` and `epsilon` of the descriptor; gamma and beta may be null. */
CNN_API cnn_status cnn_batch_norm_scale_offset(const cnn_batch_norm_desc *desc, const cnn_buffer *gamma,
                                               const cnn_buffer *beta, const cnn_buffer *mean, const cnn_buffer *variance,
                                               const cnn_buffer *scale, const cnn_buffer *offset, cnn_error *error);

/** Folds an inference-time batch normalisation into the convolution before it: folded_weights = weights scale and
 *  folded_bias = bias scale + offset, with the scale and offset of cnn_batch_norm_scale_offset. `channels` of the descriptor
 *  are the output channels; weights are OHWI with `filter_elements` (height x width x input channels of the group) for each
 *  of them. bias, gamma and beta may be null. The folded buffers may be the ones they are made of. */
CNN_API cnn_status cnn_batch_norm_fold(const cnn_context *context, const cnn_batch_norm_desc *desc, int64_t filter_elements,
                                       const cnn_buffer *gamma, const cnn_buffer *beta, const cnn_buffer *mean,
                                       const cnn_buffer *variance, const cnn_buffer *weights, const cnn_buffer *bias,
                                       const cnn_buffer *folded_weights, const cnn_buffer *folded_bias, cnn_error *error);

/** Group normalisation (Wu and He 2018) of a tensor batch x pixels x channels: mean and variance are those of the pixels and
 *  channels of one group of one image. With groups = channels this is instance normalisation, with groups = 1 layer
 *  normalisation over an image with parameters for each channel. */
typedef struct cnn_group_norm_desc {
    /** sizeof(cnn_group_norm_desc), set by cnn_group_norm_desc_init. */
    uint32_t struct_size;
    /** Images in the batch (default 1). */
    int64_t batch;
    /** Pixels of an image: height x width. */
    int64_t pixels;
    /** Channels of input and output; a multiple of `groups`. */
    int64_t channels;
    /** Groups of neighbouring channels. */
    int64_t groups;
    /** Added to the variance (default 1e-5); at least 0. */
    float epsilon;
    /** CNN_ACTIVATION_NONE (default) or CNN_ACTIVATION_RELU. */
    cnn_activation_kind activation;
} cnn_group_norm_desc;

/** Fills the descriptor with its defaults. The sizes without a default stay 0 and must be set. */
CNN_API void cnn_group_norm_desc_init(cnn_group_norm_desc *desc);

/** Bytes of workspace that cnn_group_norm and cnn_group_norm_backward need; see cnn_batch_norm_workspace_bytes. */
CNN_API cnn_status cnn_group_norm_workspace_bytes(const cnn_group_norm_desc *desc, int64_t *bytes, cnn_error *error);

/** output = activation(gamma (input - mean) / sqrt(variance + epsilon) + beta); gamma and beta have `channels` elements and
 *  may be null. saved_mean and saved_inverse receive batch x groups means and 1 / sqrt(variance + epsilon). Output may be
 *  the input. Any thread count gives the same bits. */
CNN_API cnn_status cnn_group_norm(const cnn_context *context, const cnn_group_norm_desc *desc, const cnn_buffer *input,
                                  const cnn_buffer *gamma, const cnn_buffer *beta, const cnn_buffer *output,
                                  const cnn_buffer *saved_mean, const cnn_buffer *saved_inverse, const cnn_buffer *workspace,
                                  cnn_error *error);

/** The gradients of cnn_group_norm. With xn = (input - mean) inverse, g = output_gradient (0 where a ReLU was not positive)
 *  and means over the elements of a group: beta_gradient = sum of g and gamma_gradient = sum of g xn for each channel,
 *  input_gradient = inverse (gamma g - mean(gamma g) - xn mean(gamma g xn)). Results may be null as in
 *  cnn_batch_norm_backward; input_gradient may be output_gradient. Any thread count gives the same bits. */
CNN_API cnn_status cnn_group_norm_backward(const cnn_context *context, const cnn_group_norm_desc *desc,
                                           const cnn_buffer *input, const cnn_buffer *output_gradient,
                                           const cnn_buffer *gamma, const cnn_buffer *beta, const cnn_buffer *saved_mean,
                                           const cnn_buffer *saved_inverse, const cnn_buffer *input_gradient,
                                           const cnn_buffer *gamma_gradient, const cnn_buffer *beta_gradient,
                                           const cnn_buffer *workspace, cnn_error *error);

/** Layer normalisation (Ba et al. 2016) of `rows` rows of `length` elements, each row by its own mean and variance. Over the
 *  channels of each pixel, rows is batch x height x width; over whole images, rows is the batch and length is height x width
 *  x channels. gamma and beta have `length` elements. */
typedef struct cnn_layer_norm_desc {
    /** sizeof(cnn_layer_norm_desc), set by cnn_layer_norm_desc_init. */
    uint32_t struct_size;
    /** Rows, each with a mean and a variance of its own. */
    int64_t rows;
    /** Elements of a row. */
    int64_t length;
    /** Added to the variance (default 1e-5); at least 0. */
    float epsilon;
} cnn_layer_norm_desc;

/** Fills the descriptor with its defaults. The sizes stay 0 and must be set. */
CNN_API void cnn_layer_norm_desc_init(cnn_layer_norm_desc *desc);

/** Bytes of workspace that cnn_layer_norm and cnn_layer_norm_backward need; see cnn_batch_norm_workspace_bytes. */
CNN_API cnn_status cnn_layer_norm_workspace_bytes(const cnn_layer_norm_desc *desc, int64_t *bytes, cnn_error *error);

/** output = gamma (input - mean) / sqrt(variance + epsilon) + beta; gamma and beta may be null. saved_mean and saved_inverse
 *  receive one element for each row. Output may be the input. Any thread count gives the same bits. */
CNN_API cnn_status cnn_layer_norm(const cnn_context *context, const cnn_layer_norm_desc *desc, const cnn_buffer *input,
                                  const cnn_buffer *gamma, const cnn_buffer *beta, const cnn_buffer *output,
                                  const cnn_buffer *saved_mean, const cnn_buffer *saved_inverse, const cnn_buffer *workspace,
                                  cnn_error *error);

/** The gradients of cnn_layer_norm: those of cnn_group_norm_backward, with a row for a group and an element of the row for a
 *  channel. Results may be null as there; input_gradient may be output_gradient. Any thread count gives the same bits. */
CNN_API cnn_status cnn_layer_norm_backward(const cnn_context *context, const cnn_layer_norm_desc *desc,
                                           const cnn_buffer *input, const cnn_buffer *output_gradient,
                                           const cnn_buffer *gamma, const cnn_buffer *saved_mean,
                                           const cnn_buffer *saved_inverse, const cnn_buffer *input_gradient,
                                           const cnn_buffer *gamma_gradient, const cnn_buffer *beta_gradient,
                                           const cnn_buffer *workspace, cnn_error *error);

/* ---------------------------------------------------------------- local response normalisation */

/** Local response normalisation across channels (Krizhevsky et al. 2012), with the parameters of ONNX's LRN:
 *    output[c] = input[c] / sum[c] ^ beta with sum[c] = bias + alpha / size * sum of input[i]^2
 *  over the channels i from c - floor((size - 1) / 2) to c + ceil((size - 1) / 2) that exist. */
typedef struct cnn_lrn_desc {
    /** sizeof(cnn_lrn_desc), set by cnn_lrn_desc_init. */
    uint32_t struct_size;
    /** Channels of the window, 1 to 255. */
    int32_t size;
    /** Rows, which is batch x height x width. */
    int64_t rows;
    /** Channels of input and output. */
    int64_t channels;
    /** Weight of the squares (default 1e-4). */
    float alpha;
    /** The exponent (default 0.75, which is fast, as 0.5 and 1 are). */
    float beta;
    /** Keeps the sum away from 0 (default 1). */
    float bias;
} cnn_lrn_desc;

/** Fills the descriptor with its defaults. The sizes stay 0 and must be set. */
CNN_API void cnn_lrn_desc_init(cnn_lrn_desc *desc);

/** Local response normalisation. Output may be the input. Any thread count gives the same bits. */
CNN_API cnn_status cnn_lrn(const cnn_context *context, const cnn_lrn_desc *desc, const cnn_buffer *input,
                           const cnn_buffer *output, cnn_error *error);

/** The gradient of cnn_lrn: input_gradient[i] = g[i] sum[i]^-beta - 2 alpha beta / size input[i] (sum of g[c] input[c]
 *  sum[c]^(-beta - 1) over the channels c whose window holds i), with g = output_gradient. No overlap of result and
 *  arguments. */
CNN_API cnn_status cnn_lrn_backward(const cnn_context *context, const cnn_lrn_desc *desc, const cnn_buffer *input,
                                    const cnn_buffer *output_gradient, const cnn_buffer *input_gradient, cnn_error *error);

/* ---------------------------------------------------------------- pooling: positions, gradients, adaptive windows */

/** cnn_max_pool2d that also writes where each maximum was found: int32 positions row x input_width + column inside its image
 *  plane, as PyTorch and ONNX count them for one channel; of equal elements the first in row-major order. A NaN is larger
 *  than anything, and the first of them wins. A window that holds no element gives minus infinity and position -1. `indices`
 *  has as many elements as the output. No overlap. */
CNN_API cnn_status cnn_max_pool2d_indexed(const cnn_context *context, const cnn_pool2d_desc *desc, const cnn_buffer *input,
                                          const cnn_buffer *output, const cnn_buffer *indices, cnn_error *error);

/** The gradient of maximum pooling: each element of output_gradient is added where its maximum was. With `indices`, input is
 *  not read and may be null, and positions outside the plane are skipped; without (null), the maxima are found again in
 *  input. No overlap. Any thread count gives the same bits. */
CNN_API cnn_status cnn_max_pool2d_backward(const cnn_context *context, const cnn_pool2d_desc *desc, const cnn_buffer *input,
                                           const cnn_buffer *output_gradient, const cnn_buffer *indices,
                                           const cnn_buffer *input_gradient, cnn_error *error);

/** The gradient of average pooling: each element of the input gets the sum, over the windows that hold it, of
 *  output_gradient divided by the elements that the window counts. No overlap. Any thread count gives the same bits. */
CNN_API cnn_status cnn_average_pool2d_backward(const cnn_context *context, const cnn_pool2d_desc *desc,
                                               const cnn_buffer *output_gradient, const cnn_buffer *input_gradient,
                                               cnn_error *error);

/** The gradient of cnn_global_average_pool: output_gradient / pixels for each pixel. No overlap. */
CNN_API cnn_status cnn_global_average_pool_backward(const cnn_context *context, int64_t batch, int64_t pixels,
                                                    int64_t channels, const cnn_buffer *output_gradient,
                                                    const cnn_buffer *input_gradient, cnn_error *error);

/** Pooling to a given size. On each axis, output o sees the inputs from floor(o input / output) up to, but without,
 *  ceil((o + 1) input / output), as PyTorch's adaptive pooling does. */
typedef struct cnn_adaptive_pool2d_desc {
    /** sizeof(cnn_adaptive_pool2d_desc), set by cnn_adaptive_pool2d_desc_init. */
    uint32_t struct_size;
    /** Images in the batch (default 1). */
    int32_t batch;
    /** Height of the input in pixels. */
    int32_t input_height;
    /** Width of the input in pixels. */
    int32_t input_width;
    /** Channels of input and output. */
    int32_t channels;
    /** Height of the output; it may be larger than that of the input. */
    int32_t output_height;
    /** Width of the output. */
    int32_t output_width;
} cnn_adaptive_pool2d_desc;

/** Fills the descriptor with its defaults. The sizes without a default stay 0 and must be set. */
CNN_API void cnn_adaptive_pool2d_desc_init(cnn_adaptive_pool2d_desc *desc);

/** The largest element of each window; indices as in cnn_max_pool2d_indexed, or null. No overlap. */
CNN_API cnn_status cnn_adaptive_max_pool2d(const cnn_context *context, const cnn_adaptive_pool2d_desc *desc,
                                           const cnn_buffer *input, const cnn_buffer *output, const cnn_buffer *indices,
                                           cnn_error *error);

/** The mean of each window. No overlap. */
CNN_API cnn_status cnn_adaptive_average_pool2d(const cnn_context *context, const cnn_adaptive_pool2d_desc *desc,
                                               const cnn_buffer *input, const cnn_buffer *output, cnn_error *error);

/** The gradient of cnn_adaptive_max_pool2d; see cnn_max_pool2d_backward. */
CNN_API cnn_status cnn_adaptive_max_pool2d_backward(const cnn_context *context, const cnn_adaptive_pool2d_desc *desc,
                                                    const cnn_buffer *input, const cnn_buffer *output_gradient,
                                                    const cnn_buffer *indices, const cnn_buffer *input_gradient,
                                                    cnn_error *error);

/** The gradient of cnn_adaptive_average_pool2d; see cnn_average_pool2d_backward. */
CNN_API cnn_status cnn_adaptive_average_pool2d_backward(const cnn_context *context, const cnn_adaptive_pool2d_desc *desc,
                                                        const cnn_buffer *output_gradient, const cnn_buffer *input_gradient,
                                                        cnn_error *error);
/* ---------------------------------------------------------------- gradients of activations, and PReLU */

/** input_gradient[i] = output_gradient[i] * derivative of the activation at input[i]; with `accumulate` 1 added to what is
 *  there, with 0 written. `input` is what cnn_activate read: the output would not do, because GELU, SiLU, Mish and hard
 * swish take many values twice. Where a derivative jumps, the value is PyTorch's: 0 for ReLU, hard sigmoid and clip, that of
 * the left side for leaky ReLU and ELU and SELU, and for hard swish the side that lies inside -3..3. At infinite inputs the
 *  limit counts. input_gradient may be output_gradient; it must not overlap the inputs otherwise. */
CNN_API cnn_status cnn_activate_backward(const cnn_context *context, cnn_activation_kind kind, float alpha, float beta,
                                         int32_t accumulate, int64_t count, const cnn_buffer *input,
                                         const cnn_buffer *output_gradient, const cnn_buffer *input_gradient,
                                         cnn_error *error);

/** PReLU, He et al. 2015: output = x for x >= 0, else slopes[channel] x, over `rows` rows of `channels` elements. Output may
 *  be the input. */
CNN_API cnn_status cnn_prelu(const cnn_context *context, int64_t rows, int64_t channels, const cnn_buffer *input,
                             const cnn_buffer *slopes, const cnn_buffer *output, cnn_error *error);

/** The bytes of workspace that cnn_prelu_backward needs. */
CNN_API cnn_status cnn_prelu_backward_workspace(int64_t rows, int64_t channels, int64_t *bytes, cnn_error *error);

/** The gradients of PReLU, written or (`accumulate` 1) added: input_gradient = dY for x > 0, else slope dY, and
 *  slope_gradient[channel] = the sum over the rows with x < 0 of x dY. input_gradient may be output_gradient; nothing else
 *  may overlap. Any thread count gives the same bits. */
CNN_API cnn_status cnn_prelu_backward(const cnn_context *context, int64_t rows, int64_t channels, int32_t accumulate,
                                      const cnn_buffer *input, const cnn_buffer *slopes, const cnn_buffer *output_gradient,
                                      const cnn_buffer *input_gradient, const cnn_buffer *slope_gradient,
                                      const cnn_buffer *workspace, cnn_error *error);

/* ---------------------------------------------------------------- arithmetic with broadcasting, and reductions */

/** An operation on two elements. The gradients, for z = f(x, y) and dZ, are made of these operations and cnn_reduce_sum. */
typedef enum cnn_binary_kind {
    /** x + y; dX = dZ, dY = dZ */
    CNN_BINARY_ADD = 0,
    /** x - y; dX = dZ, dY = -dZ */
    CNN_BINARY_SUB = 1,
    /** x y; dX = dZ y, dY = dZ x */
    CNN_BINARY_MUL = 2,
    /** x / y; dX = dZ / y, dY = -dX z */
    CNN_BINARY_DIV = 3,
    /** The smaller; a NaN wins. dX = dZ where x is less than y */
    CNN_BINARY_MIN = 4,
    /** The larger; a NaN wins. dX = dZ where y is less than x */
    CNN_BINARY_MAX = 5,
    /** 1 where x is less than y, else 0; 0 beside a NaN */
    CNN_BINARY_LESS = 6,
    /** 1 where x equals y, else 0; 0 beside a NaN */
    CNN_BINARY_EQUAL = 7
} cnn_binary_kind;

/** Two tensors of up to six dimensions, of which either may be broadcast, and a dense result. */
typedef struct cnn_binary_desc {
    /** sizeof(cnn_binary_desc), set by cnn_binary_desc_init. */
    uint32_t struct_size;
    /** The operation (default CNN_BINARY_ADD). */
    cnn_binary_kind kind;
    /** Dimensions, 1 to 6. */
    int32_t rank;
    /** Sizes of the result, outermost first; what lies beyond the rank is ignored, here and below. */
    int64_t shape[6];
    /** Elements from one index of the left tensor to the next: 0 where it is broadcast, never negative. */
    int64_t left_strides[6];
    /** The same for the right tensor. */
    int64_t right_strides[6];
} cnn_binary_desc;

/** Fills the descriptor with its defaults. The sizes without a default stay 0 and must be set. */
CNN_API void cnn_binary_desc_init(cnn_binary_desc *desc);

/** output = left (operation) right. Output may be an input that is dense, that is, not broadcast; no overlap otherwise.
 *  Fast where the shapes are the same, one side is a scalar, or one is a vector along the innermost dimension. */
CNN_API cnn_status cnn_binary(const cnn_context *context, const cnn_binary_desc *desc, const cnn_buffer *left,
                              const cnn_buffer *right, const cnn_buffer *output, cnn_error *error);

/** A function of one element, with its gradient for z = f(x) and dZ. Subnormal numbers count as zeros. */
typedef enum cnn_unary_kind {
    /** exp(x), within 4 ulp; dX = dZ z */
    CNN_UNARY_EXP = 0,
    /** The natural logarithm, within 4 ulp; dX = dZ / x */
    CNN_UNARY_LOG = 1,
    /** The square root, correctly rounded; dX = dZ / (2 z) */
    CNN_UNARY_SQRT = 2,
    /** -x */
    CNN_UNARY_NEG = 3,
    /** The absolute value; dX = dZ where x is above 0, -dZ where it is below, else 0 */
    CNN_UNARY_ABS = 4,
    /** 1 / x, correctly rounded; dX = -dZ z z */
    CNN_UNARY_RECIPROCAL = 5,
    /** x to the power of the parameter; dX = dZ parameter pow(x, parameter - 1). Fast for whole exponents of -8 to 8, within
     *  as many ulp, and for 0.5 and -0.5, which are square roots but of -0 and minus infinity, where they are what pow is:
     *  0 and infinity, and their reciprocals; within 1 ulp for others, through the C library. */
    CNN_UNARY_POW = 6
} cnn_unary_kind;

/** output[i] = f(input[i]) for `count` elements. `parameter` is the exponent of CNN_UNARY_POW, ignored by the others. Output
 *  may be the input. */
CNN_API cnn_status cnn_unary(const cnn_context *context, cnn_unary_kind kind, float parameter, int64_t count,
                             const cnn_buffer *input, const cnn_buffer *output, cnn_error *error);

/** A dense tensor of up to six dimensions, summed over some of them. */
typedef struct cnn_reduce_desc {
    /** sizeof(cnn_reduce_desc), set by cnn_reduce_desc_init. */
    uint32_t struct_size;
    /** Dimensions, 1 to 6. */
    int32_t rank;
    /** Sizes of the input, outermost first. */
    int64_t shape[6];
    /** Sizes of the output: that of the input, or 1 where it is summed. */
    int64_t output_shape[6];
    /** Multiplies the sums (default 1). */
    float scale;
    /** 1: adds to what is in the output; 0 (default): overwrites it. */
    int32_t accumulate;
} cnn_reduce_desc;

/** Fills the descriptor with its defaults. The sizes without a default stay 0 and must be set. */
CNN_API void cnn_reduce_desc_init(cnn_reduce_desc *desc);

/** The bytes of workspace that cnn_reduce_sum needs; may be 0. */
CNN_API cnn_status cnn_reduce_sum_workspace(const cnn_reduce_desc *desc, int64_t *bytes, cnn_error *error);

/** Sums the input into the shape of the output, which is also the gradient of broadcasting. Rows are added in float32 in
 *  groups of at most 64, everything else in float64. No overlap; `workspace` may be null where its size is 0, and comes from
 *  cnn_buffer_create for its alignment. Any thread count gives the same bits. */
CNN_API cnn_status cnn_reduce_sum(const cnn_context *context, const cnn_reduce_desc *desc, const cnn_buffer *input,
                                  const cnn_buffer *output, const cnn_buffer *workspace, cnn_error *error);

/* ---------------------------------------------------------------- losses */

/** How the losses of the elements become one number. */
typedef enum cnn_reduction {
    /** Their mean; what cnn_cross_entropy divides by stands there. */
    CNN_REDUCTION_MEAN = 0,
    /** Their sum. */
    CNN_REDUCTION_SUM = 1
} cnn_reduction;

/** log(softmax(x)) over the innermost dimension: x - max - log(sum of exp(x - max)). Output may be the input. */
CNN_API cnn_status cnn_log_softmax(const cnn_context *context, int64_t rows, int64_t channels, const cnn_buffer *input,
                                   const cnn_buffer *output, cnn_error *error);

/** Softmax and cross-entropy in one, as PyTorch's cross_entropy defines them. */
typedef struct cnn_cross_entropy_desc {
    /** sizeof(cnn_cross_entropy_desc), set by cnn_cross_entropy_desc_init. */
    uint32_t struct_size;
    /** Mean or sum (default: mean). */
    cnn_reduction reduction;
    /** Rows of logits, which is the batch, or all pixels of it. */
    int64_t rows;
    /** Classes, the innermost dimension. */
    int64_t classes;
    /** The share e of a target that is spread evenly over all classes (default 0): q becomes (1 - e) q + e / classes. */
    float label_smoothing;
    /** Rows with this label count for nothing (default -100). */
    int32_t ignore_index;
} cnn_cross_entropy_desc;

/** Fills the descriptor with its defaults. The sizes without a default stay 0 and must be set. */
CNN_API void cnn_cross_entropy_desc_init(cnn_cross_entropy_desc *desc);

/** The bytes of workspace that cnn_cross_entropy needs. */
CNN_API cnn_status cnn_cross_entropy_workspace(const cnn_cross_entropy_desc *desc, int64_t *bytes, cnn_error *error);

/** The loss and its gradient with respect to the logits. The loss of a row is - sum over c of w[c] q[c] log p[c], with p the
 *  softmax of its logits, q the target and w the weights of the classes (null: ones); its gradient is p[j] times the sum of
 *  w q, less w[j] q[j]. Give either `labels`, an int32 for each row, or `soft_labels`, a row of float32 for each row; the
 *  other one is null. The mean divides by the sum of the weights of the labels, without ignored ones, and for soft labels by
 *  the rows; where nothing counts, loss and gradient are 0. A target of 0 adds nothing, whatever its logit.
 *  `gradient` may be null when it is not wanted, and may be `logits`; it must not overlap anything else. Any thread count
 *  gives the same bits. CNN_INVALID_ARGUMENT for a label that is neither a class nor ignore_index. */
CNN_API cnn_status cnn_cross_entropy(const cnn_context *context, const cnn_cross_entropy_desc *desc,
                                     const cnn_buffer *logits, const cnn_buffer *labels, const cnn_buffer *soft_labels,
                                     const cnn_buffer *class_weights, const cnn_buffer *gradient,
                                     const cnn_buffer *workspace, double *loss, cnn_error *error);

/** A loss of single elements: x is the prediction, t the target, d = x - t, and p = sigmoid(x). */
typedef enum cnn_loss_kind {
    /** - w t log(p) - (1 - t) log(1 - p); gradient (1 - t) p - w t (1 - p). w is the weight of the positive class. */
    CNN_LOSS_BCE_WITH_LOGITS = 0,
    /** d^2; gradient 2 d */
    CNN_LOSS_MSE = 1,
    /** |d|; gradient: the sign of d, 0 at 0 */
    CNN_LOSS_L1 = 2,
    /** d^2 / 2 for |d| <= delta, else delta (|d| - delta / 2); gradient: d within -delta..delta; Huber 1964 */
    CNN_LOSS_HUBER = 3,
    /** a m^gamma b with b the binary cross-entropy, m = p (1 - t) + (1 - p) t, a = alpha t + (1 - alpha) (1 - t), or 1 for a
     *  negative alpha; Lin et al. 2017. Gradient a (gamma m^(gamma - 1) (1 - 2 t) p (1 - p) b + m^gamma (p - t)). */
    CNN_LOSS_FOCAL = 4
} cnn_loss_kind;

/** A loss over `rows` rows of `channels` elements. */
typedef struct cnn_loss_desc {
    /** sizeof(cnn_loss_desc), set by cnn_loss_desc_init. */
    uint32_t struct_size;
    /** Which loss (default CNN_LOSS_BCE_WITH_LOGITS). */
    cnn_loss_kind kind;
    /** Mean over all elements, or sum (default: mean). */
    cnn_reduction reduction;
    /** Where Huber's loss turns linear (default 1); above 0. */
    float delta;
    /** Exponent of the focal loss (default 2), at least 0. */
    float gamma;
    /** Weight of positive targets in the focal loss (default 0.25); negative: no weights. */
    float alpha;
    /** Rows of the prediction and the target. */
    int64_t rows;
    /** Elements of a row: one for each weight of the positive class. */
    int64_t channels;
} cnn_loss_desc;

/** Fills the descriptor with its defaults. The sizes without a default stay 0 and must be set. */
CNN_API void cnn_loss_desc_init(cnn_loss_desc *desc);

/** The bytes of workspace that cnn_loss needs. */
CNN_API cnn_status cnn_loss_workspace(const cnn_loss_desc *desc, int64_t *bytes, cnn_error *error);

/** The loss and its gradient with respect to the prediction. `positive_weights` has an element for each channel; null: ones,
 *  and so it must be for all losses but the binary cross-entropy. `gradient` may be null when it is not wanted, and may be
 * the prediction; it must not overlap anything else. Any thread count gives the same bits. */
CNN_API cnn_status cnn_loss(const cnn_context *context, const cnn_loss_desc *desc, const cnn_buffer *prediction,
                            const cnn_buffer *target, const cnn_buffer *positive_weights, const cnn_buffer *gradient,
                            const cnn_buffer *workspace, double *loss, cnn_error *error);

/* ---------------------------------------------------------------- optimisers */

/** A rule by which parameters p follow their gradient g, as PyTorch's documentation of torch.optim defines them. With weight
 *  decay w, g becomes g + w p first, except for AdamW. */
typedef enum cnn_optimizer_kind {
    /** b = momentum b + g; p = p - rate b, or with Nesterov's momentum p - rate (g + momentum b). Start b with zeros. */
    CNN_OPTIMIZER_SGD = 0,
    /** m = beta1 m + (1 - beta1) g; v = beta2 v + (1 - beta2) g g; p = p - rate m' / (sqrt(v') + epsilon), where m' is m /
     * (1 - beta1^step) and v' is v / (1 - beta2^step); Kingma and Ba 2015. Start m and v with zeros. */
    CNN_OPTIMIZER_ADAM = 1,
    /** p = p - rate w p, then as Adam without w; Loshchilov and Hutter 2019. */
    CNN_OPTIMIZER_ADAMW = 2,
    /** v = beta2 v + (1 - beta2) g g; b = momentum b + g / (sqrt(v) + epsilon); p = p - rate b; Hinton 2012. PyTorch calls
     *  beta2 alpha. Start b and v with zeros. */
    CNN_OPTIMIZER_RMSPROP = 3
} cnn_optimizer_kind;

/** One step of an optimiser. */
typedef struct cnn_optimizer_desc {
    /** sizeof(cnn_optimizer_desc), set by cnn_optimizer_desc_init. */
    uint32_t struct_size;
    /** The rule (default CNN_OPTIMIZER_SGD). */
    cnn_optimizer_kind kind;
    /** 1: Nesterov's momentum, for SGD (default 0). */
    int32_t nesterov;
    /** The number of this step, from 1 on (default 1): corrects the bias of Adam and AdamW. */
    int64_t step;
    /** The learning rate (default 0.001). */
    double learning_rate;
    /** Momentum of SGD and RMSProp (default 0). */
    double momentum;
    /** Decay of the mean of gradients (default 0.9); below 1. */
    double beta1;
    /** Decay of the mean of squares (default 0.999); below 1. */
    double beta2;
    /** Added to the root (default 1e-8). */
    double epsilon;
    /** Weight decay (default 0). */
    double weight_decay;
    /** Multiplies the gradient before anything else (default 1): the factor that clips its norm. */
    double gradient_scale;
} cnn_optimizer_desc;

/** Fills the descriptor with its defaults. */
CNN_API void cnn_optimizer_desc_init(cnn_optimizer_desc *desc);

/** Updates `count` parameters and the state in one pass. `first` holds b or m, `second` holds v; null where the rule has
 * none: `first` without momentum in SGD and RMSProp, `second` in SGD. No overlap. Any thread count gives the same bits. */
CNN_API cnn_status cnn_optimizer_step(const cnn_context *context, const cnn_optimizer_desc *desc, int64_t count,
                                      const cnn_buffer *parameters, const cnn_buffer *gradient, const cnn_buffer *first,
                                      const cnn_buffer *second, cnn_error *error);

/** The bytes of workspace that cnn_sum_of_squares needs. */
CNN_API cnn_status cnn_sum_of_squares_workspace(int64_t count, int64_t *bytes, cnn_error *error);

/** The sum of the squares of `count` elements, in float64; the global norm of a gradient is the root of the sum of these
 * over its tensors. Any thread count and any instruction set give the same bits. */
CNN_API cnn_status cnn_sum_of_squares(const cnn_context *context, int64_t count, const cnn_buffer *input,
                                      const cnn_buffer *workspace, double *sum, cnn_error *error);

/* ---------------------------------------------------------------- rearranging: transpose */

/** The most dimensions of a tensor that the functions below take. */
#define CNN_MAX_RANK 8

/** A permutation of the dimensions of a dense tensor. Dimension 0 is the outermost, and the last one is contiguous. */
typedef struct cnn_transpose_desc {
    /** sizeof(cnn_transpose_desc), set by cnn_transpose_desc_init. */
    uint32_t struct_size;
    /** Dimensions, 1 to CNN_MAX_RANK. */
    int32_t rank;
    /** Sizes of the input; those from `rank` on are ignored. */
    int64_t sizes[CNN_MAX_RANK];
    /** Dimension i of the output is dimension axes[i] of the input (ONNX's perm); each of 0 to rank - 1 once. */
    int32_t axes[CNN_MAX_RANK];
} cnn_transpose_desc;

/** Fills the descriptor with its defaults. The rank, sizes and axes stay 0 and must be set. */
CNN_API void cnn_transpose_desc_init(cnn_transpose_desc *desc);

/** output[i_0, i_1, ...] = input[j_0, j_1, ...] with j_(axes[d]) = i_d, for any elements of 4 bytes, whose bits are kept.
 *  NCHW becomes NHWC with the axes 0, 2, 3, 1 and comes back with 0, 3, 1, 2. The buffers must not overlap.
 *  The gradient is the transpose with the inverse permutation. */
CNN_API cnn_status cnn_transpose(const cnn_context *context, const cnn_transpose_desc *desc, const cnn_buffer *input,
                                 const cnn_buffer *output, cnn_error *error);

/* ---------------------------------------------------------------- rearranging: pad, slice, gather, fill */

/** What stands in the elements that padding adds. */
typedef enum cnn_pad_mode {
    /** A value. */
    CNN_PAD_CONSTANT = 0,
    /** The tensor mirrored at its first and last element, which are not repeated: c b | a b c | b a. */
    CNN_PAD_REFLECT = 1,
    /** The first or last element: a a | a b c | c c. */
    CNN_PAD_EDGE = 2,
    /** The tensor again from its other end: b c | a b c | a b. */
    CNN_PAD_WRAP = 3
} cnn_pad_mode;

/** Padding of any dimensions of a dense tensor, as ONNX's Pad. */
typedef struct cnn_pad_desc {
    /** sizeof(cnn_pad_desc), set by cnn_pad_desc_init. */
    uint32_t struct_size;
    /** Dimensions, 1 to CNN_MAX_RANK. */
    int32_t rank;
    /** Sizes of the input; those from `rank` on are ignored. */
    int64_t sizes[CNN_MAX_RANK];
    /** Elements added before the first one of a dimension (default 0). Negative: so many are cut off, before the rest is
     * padded; at least one must be left. */
    int64_t before[CNN_MAX_RANK];
    /** Elements added after the last one of a dimension (default 0), or cut off. */
    int64_t after[CNN_MAX_RANK];
    /** What is added (default CNN_PAD_CONSTANT). Mirroring and repeating go on where padding is longer than the tensor. */
    cnn_pad_mode mode;
    /** The value for CNN_PAD_CONSTANT (default 0). */
    float value;
} cnn_pad_desc;

/** Fills the descriptor with its defaults. The rank and the sizes stay 0 and must be set. */
CNN_API void cnn_pad_desc_init(cnn_pad_desc *desc);

/** Writes the padded tensor, whose sizes are before + size + after. Elements of 4 bytes keep their bits. No overlap. */
CNN_API cnn_status cnn_pad(const cnn_context *context, const cnn_pad_desc *desc, const cnn_buffer *input,
                           const cnn_buffer *output, cnn_error *error);

/** input_gradient[i] = the sum of output_gradient over all elements that cnn_pad copies from i, and 0 for those that it cuts
 *  off. A sum has one order for any number of threads. No overlap. */
CNN_API cnn_status cnn_pad_backward(const cnn_context *context, const cnn_pad_desc *desc, const cnn_buffer *output_gradient,
                                    const cnn_buffer *input_gradient, cnn_error *error);

/** A part of a dense tensor: in each dimension, `count` elements from `start` on, each `step` after the last. */
typedef struct cnn_slice_desc {
    /** sizeof(cnn_slice_desc), set by cnn_slice_desc_init. */
    uint32_t struct_size;
    /** Dimensions, 1 to CNN_MAX_RANK. */
    int32_t rank;
    /** Sizes of the input; those from `rank` on are ignored, here as below. */
    int64_t sizes[CNN_MAX_RANK];
    /** The first index of each dimension (default 0). */
    int64_t starts[CNN_MAX_RANK];
    /** From one index to the next (default 1); negative: backwards. Not 0. */
    int64_t steps[CNN_MAX_RANK];
    /** Indices that are taken, which is the size of the output; all of them must lie inside the input. */
    int64_t counts[CNN_MAX_RANK];
} cnn_slice_desc;

/** Fills the descriptor with its defaults. The rank, sizes and counts stay 0 and must be set. */
CNN_API void cnn_slice_desc_init(cnn_slice_desc *desc);

/** output[i_0, i_1, ...] = input[starts_0 + i_0 steps_0, ...], for elements of 4 bytes, whose bits are kept. No overlap. */
CNN_API cnn_status cnn_slice(const cnn_context *context, const cnn_slice_desc *desc, const cnn_buffer *input,
                             const cnn_buffer *output, cnn_error *error);

/** The gradient of cnn_slice: zeros with the output's gradient in the places that were taken. No overlap. */
CNN_API cnn_status cnn_slice_backward(const cnn_context *context, const cnn_slice_desc *desc,
                                      const cnn_buffer *output_gradient, const cnn_buffer *input_gradient, cnn_error *error);

/** The type of the indices in a buffer. */
typedef enum cnn_index_type {
    /** int32_t */
    CNN_INDEX_INT32 = 0,
    /** int64_t; the buffer needs an alignment of 4 bytes only. */
    CNN_INDEX_INT64 = 1
} cnn_index_type;

/** A choice along one dimension of a dense tensor, which is seen as outer x axis x inner elements. */
typedef struct cnn_gather_desc {
    /** sizeof(cnn_gather_desc), set by cnn_gather_desc_init. */
    uint32_t struct_size;
    /** The type of the indices (default CNN_INDEX_INT32). */
    cnn_index_type index_type;
    /** The product of the sizes before the dimension (default 1). */
    int64_t outer;
    /** The size of the dimension. */
    int64_t axis;
    /** The product of the sizes after the dimension (default 1). */
    int64_t inner;
    /** How many indices there are. */
    int64_t index_count;
} cnn_gather_desc;

/** Fills the descriptor with its defaults. The axis and the index count stay 0 and must be set. */
CNN_API void cnn_gather_desc_init(cnn_gather_desc *desc);

/** output[o, k, i] = input[o, indices[k], i], for elements of 4 bytes, whose bits are kept. An index of -axis to -1 counts
 * from the end, as in ONNX. CNN_INVALID_ARGUMENT for one outside; then nothing was written. No overlap. */
CNN_API cnn_status cnn_gather(const cnn_context *context, const cnn_gather_desc *desc, const cnn_buffer *input,
                              const cnn_buffer *indices, const cnn_buffer *output, cnn_error *error);

/** input_gradient[o, j, i] = the sum of output_gradient[o, k, i] over all k with indices[k] = j, in the order of k for any
 *  number of threads. Indices are checked as by cnn_gather. No overlap. */
CNN_API cnn_status cnn_gather_backward(const cnn_context *context, const cnn_gather_desc *desc,
                                       const cnn_buffer *output_gradient, const cnn_buffer *indices,
                                       const cnn_buffer *input_gradient, cnn_error *error);

/** output[i] = value for `count` elements; as cnn_buffer_fill, on all threads of the context. */
CNN_API cnn_status cnn_fill(const cnn_context *context, int64_t count, float value, const cnn_buffer *output,
                            cnn_error *error);

/** output[i] = start + i step for `count` elements, computed in float64 and rounded once. */
CNN_API cnn_status cnn_range(const cnn_context *context, int64_t count, double start, double step, const cnn_buffer *output,
                             cnn_error *error);

/* ---------------------------------------------------------------- resizing of images */

/** How a pixel is made of its neighbours. */
typedef enum cnn_resize_mode {
    /** The nearest one; cnn_nearest_mode tells which that is. */
    CNN_RESIZE_NEAREST = 0,
    /** Two in each direction, by distance: bilinear. */
    CNN_RESIZE_LINEAR = 1,
    /** Four in each direction, by a cubic polynomial of the distance: bicubic. Keys 1981. */
    CNN_RESIZE_CUBIC = 2
} cnn_resize_mode;

/** Where in the input, x, the centre of an output pixel o lies; scale is output size / input size. ONNX's names. */
typedef enum cnn_coordinate_mode {
    /** (o + 0.5) / scale - 0.5: what PyTorch does with align_corners=False. */
    CNN_COORDINATE_HALF_PIXEL = 0,
    /** As half_pixel, moved so that the centres of both images meet also when the output size was rounded down. */
    CNN_COORDINATE_HALF_PIXEL_SYMMETRIC = 1,
    /** As half_pixel, but 0 for an output of one pixel. */
    CNN_COORDINATE_PYTORCH_HALF_PIXEL = 2,
    /** o (input size - 1) / (output size - 1): the corners' centres meet. 0 for an output of one pixel. */
    CNN_COORDINATE_ALIGN_CORNERS = 3,
    /** o / scale: the top left corners meet. */
    CNN_COORDINATE_ASYMMETRIC = 4
} cnn_coordinate_mode;

/** Which pixel is the nearest to x. */
typedef enum cnn_nearest_mode {
    /** Rounded, halves down. */
    CNN_NEAREST_ROUND_PREFER_FLOOR = 0,
    /** Rounded, halves up; with half_pixel this is PyTorch's "nearest-exact". */
    CNN_NEAREST_ROUND_PREFER_CEIL = 1,
    /** The one to the left; with asymmetric this is PyTorch's "nearest". */
    CNN_NEAREST_FLOOR = 2,
    /** The one to the right. */
    CNN_NEAREST_CEIL = 3
} cnn_nearest_mode;

/** A change of the size of NHWC images, as ONNX's Resize of height and width. */
typedef struct cnn_resize_desc {
    /** sizeof(cnn_resize_desc), set by cnn_resize_desc_init. */
    uint32_t struct_size;
    /** Images in the batch (default 1). */
    int32_t batch;
    /** Height of the input in pixels. */
    int32_t input_height;
    /** Width of the input in pixels. */
    int32_t input_width;
    /** Channels of input and output. */
    int32_t channels;
    /** Height of the output in pixels. */
    int32_t output_height;
    /** Width of the output in pixels. */
    int32_t output_width;
    /** How a pixel is made (default CNN_RESIZE_NEAREST). */
    cnn_resize_mode mode;
    /** Where it lies (default CNN_COORDINATE_HALF_PIXEL). */
    cnn_coordinate_mode coordinate_mode;
    /** Which is the nearest (default CNN_NEAREST_ROUND_PREFER_FLOOR). */
    cnn_nearest_mode nearest_mode;
    /** 1: when an image shrinks, linear and cubic filters are stretched to average all pixels that they pass; 0 (default):
     * they see two or four pixels always. */
    int32_t antialias;
    /** 1: pixels outside the input have no weight, and the others sum to 1; 0 (default): the nearest of the border stands
     * for them. PyTorch does the former with antialias and the latter without. */
    int32_t exclude_outside;
    /** The coefficient a of the cubic filter (default -0.75; PyTorch and Pillow take -0.5 with antialias). */
    double cubic_coefficient;
    /** The scale of the height when it is not output / input, which was rounded (default 0: it is). */
    double scale_height;
    /** The scale of the width (default 0: output / input). */
    double scale_width;
} cnn_resize_desc;

/** The weights of all rows and columns of a resize. Immutable; share it freely between threads and contexts. */
typedef struct cnn_resize_plan cnn_resize_plan;

/** Fills the descriptor with its defaults. The sizes without a default stay 0 and must be set. */
CNN_API void cnn_resize_desc_init(cnn_resize_desc *desc);

/** Checks the descriptor and computes the weights, in float64 and rounded once. A given scale times the input size must lie
 *  less than one pixel from the output size, or it is CNN_SHAPE_MISMATCH. */
CNN_API cnn_status cnn_resize_plan_create(const cnn_resize_desc *desc, cnn_resize_plan **plan, cnn_error *error);

/** Releases a plan. */
CNN_API void cnn_resize_plan_destroy(cnn_resize_plan *plan);

/** Bytes of workspace for each thread of the context that runs the plan; 0 for null. */
CNN_API int64_t cnn_resize_plan_workspace_bytes_per_thread(const cnn_resize_plan *plan);

/** output[n, y, x, c] = the sum over v, u of row_weight[y, v] column_weight[x, u] input[n, v, u, c]; rows first, each sum in
 *  float32. A pixel of weight 0 is not read, and one of weight 1 alone keeps its bits. Any thread count gives the same bits.
 *  `workspace` holds workspace_bytes_per_thread times the threads of the context. No overlap. */
CNN_API cnn_status cnn_resize_run(const cnn_context *context, const cnn_resize_plan *plan, const cnn_buffer *input,
                                  const cnn_buffer *output, const cnn_buffer *workspace, cnn_error *error);

/** The gradient: the same sums with the weights transposed, gathered for each pixel of the input, so any thread count gives
 *  the same bits. No overlap. */
CNN_API cnn_status cnn_resize_backward(const cnn_context *context, const cnn_resize_plan *plan,
                                       const cnn_buffer *output_gradient, const cnn_buffer *input_gradient,
                                       const cnn_buffer *workspace, cnn_error *error);

/* ---------------------------------------------------------------- random numbers and dropout
 *
 * The generator is Philox4x32-10 (Salmon, Moraes, Dror and Shaw 2011), which has no state: a number is a function of a seed
 * and a position. Position p is word (p / 8) mod 4 of the block with the counter 8 (p / 32) + p mod 8 (its high half in the
 * second word, the third and fourth are 0) and the key `seed` (low half first). So a tensor gets the same numbers from any
 * number of threads, any instruction set, and any way to cut it into pieces; an offset that is moved on by the count of
 * elements continues a sequence. Positions wrap at 2^64. */

/** output[i] = low + (high - low) u, with u a multiple of 2^-24 in [0, 1) from the upper 24 bits of position offset + i;
 *  computed in float64 and rounded once, which may give `high`. Fails for values that are not finite or high below low. The
 *  bits are the same on all instruction sets. */
CNN_API cnn_status cnn_random_uniform(const cnn_context *context, uint64_t seed, uint64_t offset, int64_t count, float low,
                                      float high, const cnn_buffer *output, cnn_error *error);

/** output[i] = mean + deviation z, with z of mean 0 and variance 1 by Box and Muller 1958: positions p and p + 8, where
 *  (p / 8) mod 2 is 0, make r cos t and r sin t with r = sqrt(-2 ln((word p + 1) / 2^32)) and t = 2 pi (word p + 8) / 2^32;
 *  |z| is at most 6.7. Computed in float64 by additions, multiplications, divisions and square roots alone, which every
 *  processor rounds alike, so the bits are the same on all instruction sets. Fails for values that are not finite or a
 *  negative deviation. */
CNN_API cnn_status cnn_random_normal(const cnn_context *context, uint64_t seed, uint64_t offset, int64_t count, float mean,
                                     float deviation, const cnn_buffer *output, cnn_error *error);

/** Which elements a dropout drops. */
typedef struct cnn_dropout_desc {
    /** sizeof(cnn_dropout_desc), set by cnn_dropout_desc_init. */
    uint32_t struct_size;
    /** The probability that an element becomes 0 (default 0.5): at least 0 and less than 1. */
    float probability;
    /** The seed of the generator (default 0). */
    uint64_t seed;
    /** The position of the first element (default 0); move it on by the number of elements after each use. */
    uint64_t offset;
} cnn_dropout_desc;

/** Fills the descriptor with its defaults. */
CNN_API void cnn_dropout_desc_init(cnn_dropout_desc *desc);

/** output[i] = 0 where the word at position offset + i is less than probability 2^32, else input[i] / (1 - probability); the
 *  factor is rounded to float32. What is dropped is 0 even for NaN. Output may be the input. */
CNN_API cnn_status cnn_dropout(const cnn_context *context, const cnn_dropout_desc *desc, int64_t count,
                               const cnn_buffer *input, const cnn_buffer *output, cnn_error *error);

/** The gradient: the same mask, computed again from the seed, applied to the output's gradient. May run in place. */
CNN_API cnn_status cnn_dropout_backward(const cnn_context *context, const cnn_dropout_desc *desc, int64_t count,
                                        const cnn_buffer *output_gradient, const cnn_buffer *input_gradient,
                                        cnn_error *error);

/** Drops whole channels of NHWC images (Tompson et al. 2015): element c of all `pixels` of image n goes by position
 *  offset + n channels + c. Output may be the input. */
CNN_API cnn_status cnn_spatial_dropout(const cnn_context *context, const cnn_dropout_desc *desc, int64_t batch,
                                       int64_t pixels, int64_t channels, const cnn_buffer *input, const cnn_buffer *output,
                                       cnn_error *error);

/** The gradient of cnn_spatial_dropout, as that of cnn_dropout. May run in place. */
CNN_API cnn_status cnn_spatial_dropout_backward(const cnn_context *context, const cnn_dropout_desc *desc, int64_t batch,
                                                int64_t pixels, int64_t channels, const cnn_buffer *output_gradient,
                                                const cnn_buffer *input_gradient, cnn_error *error);

/* ---------------------------------------------------------------- gemm */

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

/* ---------------------------------------------------------------- gradients of softmax */

/** The gradient of cnn_softmax from its output y, row by row: y (dY - the sum of y dY). input_gradient may be the output or
 *  the output_gradient. Any thread count gives the same bits. */
CNN_API cnn_status cnn_softmax_backward(const cnn_context *context, int64_t rows, int64_t channels, const cnn_buffer *output,
                                        const cnn_buffer *output_gradient, const cnn_buffer *input_gradient,
                                        cnn_error *error);

/** The gradient of cnn_log_softmax from its output y, row by row: dY - exp(y) times the sum of dY. Aliasing as in
 *  cnn_softmax_backward. Any thread count gives the same bits. */
CNN_API cnn_status cnn_log_softmax_backward(const cnn_context *context, int64_t rows, int64_t channels,
                                            const cnn_buffer *output, const cnn_buffer *output_gradient,
                                            const cnn_buffer *input_gradient, cnn_error *error);

#ifdef __cplusplus
}
#endif

#endif
