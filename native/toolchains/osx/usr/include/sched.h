/* sched.h - what the library calls of the scheduler of macOS, declared after POSIX. */
#ifndef CNN_OSX_SCHED_H
#define CNN_OSX_SCHED_H

int sched_yield(void);

#endif
