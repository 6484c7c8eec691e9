/* wrong_abi.c - a library that says it is CnnNative of another version, so that the tests can see it being refused. */
#include <stdint.h>

#if defined(_WIN32)
#define EXPORT __declspec(dllexport)
#else
#define EXPORT __attribute__((visibility("default")))
#endif

EXPORT uint32_t cnn_abi_version(void);
EXPORT uint64_t cnn_abi_hash(void);

uint32_t cnn_abi_version(void)
{
    return 999;
}

uint64_t cnn_abi_hash(void)
{
    return 0x0123456789abcdefu;
}
