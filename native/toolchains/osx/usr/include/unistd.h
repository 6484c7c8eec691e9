/* unistd.h - what the library calls of macOS's C library. The number is part of macOS's ABI. */
#pragma once

#define _SC_NPROCESSORS_ONLN 58

long sysconf(int name);
