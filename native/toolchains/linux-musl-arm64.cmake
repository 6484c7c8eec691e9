# Cross-compiles for 64-bit ARM Linux with musl. Debian has no compiler of that name, but Clang can be told; musl's headers and
# start files come from Debian's arm64 package of musl-dev, which sysroot.sh lays into artifacts. Tests run under QEMU.
set(CMAKE_SYSTEM_NAME Linux)
set(CMAKE_SYSTEM_PROCESSOR aarch64)
set(CNN_LIBC musl)
set(CNN_MUSL_SYSROOT ${CMAKE_CURRENT_LIST_DIR}/../../artifacts/sysroots/linux-musl-arm64)
cmake_path(NORMAL_PATH CNN_MUSL_SYSROOT)
set(CNN_MUSL_LIBRARIES ${CNN_MUSL_SYSROOT}/usr/lib/aarch64-linux-musl)

find_program(CMAKE_C_COMPILER NAMES clang-19 clang REQUIRED)
find_program(CNN_LLD NAMES ld.lld-19 ld.lld REQUIRED)
find_program(CMAKE_AR NAMES llvm-ar-19 llvm-ar REQUIRED)
find_program(CMAKE_RANLIB NAMES llvm-ranlib-19 llvm-ranlib REQUIRED)
find_program(CMAKE_OBJCOPY NAMES llvm-objcopy-19 llvm-objcopy REQUIRED)
find_program(CMAKE_STRIP NAMES llvm-strip-19 llvm-strip REQUIRED)
find_program(CMAKE_OBJDUMP NAMES llvm-objdump-19 llvm-objdump REQUIRED)
set(CMAKE_C_COMPILER_TARGET aarch64-linux-musl)
# Clang would look for start files and its own run-time library where Debian has none of this kind; musl's are enough, because
# the code calls no helper of the compiler's (-mno-outline-atomics: nor one of libgcc's).
set(CMAKE_C_FLAGS_INIT "-nostdlibinc -isystem ${CNN_MUSL_SYSROOT}/usr/include/aarch64-linux-musl -mno-outline-atomics")
set(cnn_link "--ld-path=${CNN_LLD} -nostdlib -L${CNN_MUSL_SYSROOT}/lib/aarch64-linux-musl -L${CNN_MUSL_LIBRARIES}")
set(CMAKE_SHARED_LINKER_FLAGS_INIT "${cnn_link}")
set(CMAKE_EXE_LINKER_FLAGS_INIT "${cnn_link} -pie -Wl,-dynamic-linker,/lib/ld-musl-aarch64.so.1 ${CNN_MUSL_LIBRARIES}/Scrt1.o ${CNN_MUSL_LIBRARIES}/crti.o ${CNN_MUSL_LIBRARIES}/crtn.o")
set(CMAKE_C_STANDARD_LIBRARIES_INIT "-lc")
set(CMAKE_FIND_ROOT_PATH ${CNN_MUSL_SYSROOT})
set(CMAKE_FIND_ROOT_PATH_MODE_PROGRAM NEVER)

find_program(CNN_AARCH64_EMULATOR NAMES qemu-aarch64-static qemu-aarch64)
if(CNN_AARCH64_EMULATOR)
  set(CMAKE_CROSSCOMPILING_EMULATOR ${CNN_AARCH64_EMULATOR} -L ${CNN_MUSL_SYSROOT})
endif()
