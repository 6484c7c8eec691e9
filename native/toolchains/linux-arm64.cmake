# Cross-compiles for 64-bit ARM Linux with Debian's gcc-aarch64-linux-gnu and libc6-dev-arm64-cross; tests run under QEMU's
# user-mode emulation (qemu-user-static or qemu-user).
set(CMAKE_SYSTEM_NAME Linux)
set(CMAKE_SYSTEM_PROCESSOR aarch64)
set(CMAKE_C_COMPILER aarch64-linux-gnu-gcc)
set(CMAKE_FIND_ROOT_PATH /usr/aarch64-linux-gnu)
set(CMAKE_FIND_ROOT_PATH_MODE_PROGRAM NEVER)
set(CMAKE_FIND_ROOT_PATH_MODE_LIBRARY ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_INCLUDE ONLY)

find_program(CNN_AARCH64_EMULATOR NAMES qemu-aarch64-static qemu-aarch64)
if(CNN_AARCH64_EMULATOR)
  set(CMAKE_CROSSCOMPILING_EMULATOR ${CNN_AARCH64_EMULATOR} -L /usr/aarch64-linux-gnu)
endif()
