/* cnn/base.h - what every part of the library shares. Part of cnn.h; include that.
 * Status and errors, versions, instruction sets, contexts, buffers, and the vocabulary of descriptors. */
#ifndef CNN_PUBLIC_BASE_H
#define CNN_PUBLIC_BASE_H

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

/** The first eight bytes of the SHA-256 of the cnn.h that the library was built with, read as a big-endian number. The text
 * of cnn.h is followed by that of its parts, in the order in which it includes them. */
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

/** The bytes that the library has from the system at the moment, for the handles of all contexts and threads: buffers with
 * their alignment, plans, contexts. Each handle that is destroyed gives back exactly what it added, so that whoever destroys
 * all is back at 0. The stacks of the library's threads do not count, nor does memory of cnn_buffer_wrap. */
CNN_API int64_t cnn_live_bytes(void);

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

/** The most dimensions of a tensor that the functions below take. */
#define CNN_MAX_RANK 8

#ifdef __cplusplus
}
#endif

#endif
