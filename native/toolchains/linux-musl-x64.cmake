# Compiles for Linux on x64 with musl as its C library (Alpine and its kin), with Debian's musl-tools. The tests run where they
# are built, through musl's own loader, so CMake need not regard this as cross-compiling.
set(CMAKE_C_COMPILER musl-gcc)
set(CNN_LIBC musl)
