/* prefetch.h - asks for a line of the cache before it is needed. A macro, because GCC takes a function that does nothing
 * else for one without effect, and drops its calls. */
#ifndef CNN_PREFETCH_H
#define CNN_PREFETCH_H

#define CNN_LINE 16 /* floats in a line of the cache */

/* Into the cache of a level: 3 for the first, 2 for the second. The address may point anywhere. */
#if defined(__GNUC__)
#define CNN_PREFETCH(address, level) __builtin_prefetch(address, 0, level)
#else
#define CNN_PREFETCH(address, level) (void)(address)
#endif

#endif
