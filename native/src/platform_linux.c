/* platform_linux.c - futexes and processor counts on Linux. A futex costs nothing while nobody sleeps on it. */
#include "platform.h"

#include "cgroup.h"

#include <limits.h>
#include <pthread.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Numbers of the kernel's ABI. Its own header, linux/futex.h, is not there where musl's compiler looks. */
enum { FUTEX_WAIT_PRIVATE = 128, FUTEX_WAKE_PRIVATE = 129 };

int cnn_at_fork(void (*in_child)(void))
{
    return pthread_atfork(NULL, NULL, in_child) == 0;
}

void cnn_wait(atomic_uint *word, unsigned expected)
{
    (void)syscall(SYS_futex, word, FUTEX_WAIT_PRIVATE, expected, NULL, NULL, 0);
}

void cnn_wake(atomic_uint *word)
{
    (void)syscall(SYS_futex, word, FUTEX_WAKE_PRIVATE, INT_MAX, NULL, NULL, 0);
}

void cnn_prefer_large_pages(void *memory, size_t bytes)
{
    (void)madvise(memory, bytes, MADV_HUGEPAGE);
}

/* The processors in the affinity mask of the calling thread, which those that it starts inherit. The kernel refuses a mask
 * that is too small for the machine, so this one has room for more than any kernel can be built for. */
static int32_t processors_in_mask(void)
{
    unsigned long mask[65536 / 8 / sizeof(unsigned long)] = {0};
    void *const words = mask;
    int32_t count = 0;
    if (sched_getaffinity(0, sizeof mask, words) == 0)
        for (size_t i = 0; i < sizeof mask / sizeof *mask; i++)
            count += (int32_t)__builtin_popcountl(mask[i]);
    else
        count = (int32_t)sysconf(_SC_NPROCESSORS_ONLN);
    return count > 0 ? count : 1;
}

int32_t cnn_processor(void)
{
    return sched_getcpu();
}

int32_t cnn_processors_allowed(void)
{
    const int32_t count = processors_in_mask(), quota = cnn_cgroup_quota("");
    return quota > 0 && quota < count ? quota : count;
}
