/* glibc_2_17.h - included before every file on Linux: binds functions that newer C libraries gave a new version to the
 * version that glibc 2.17 has, so that a library built on a new system loads on an old one. musl has no versions. */
#ifndef CNN_GLIBC_2_17_H
#define CNN_GLIBC_2_17_H

#include <limits.h> /* defines __GLIBC__ where it is the C library */

#if defined(__GLIBC__) && (defined(__x86_64__) || defined(__aarch64__))

#if defined(__x86_64__)
#define CNN_OLDEST "GLIBC_2.2.5"
#else
#define CNN_OLDEST "GLIBC_2.17"
#endif
#define CNN_BIND(name) __asm__(".symver " #name "," #name "@" CNN_OLDEST)

CNN_BIND(pthread_create); /* 2.34, where libpthread went into libc */
CNN_BIND(pthread_detach);
CNN_BIND(exp); /* 2.27 and 2.29, where they stopped to set errno as System V did */
CNN_BIND(exp2);
CNN_BIND(log);
CNN_BIND(log2);
CNN_BIND(pow);
CNN_BIND(expf);
CNN_BIND(exp2f);
CNN_BIND(logf);
CNN_BIND(log2f);
CNN_BIND(powf);

#undef CNN_BIND
#undef CNN_OLDEST
#endif

#endif
