# What the two macOS toolchains share: Debian's clang-19 and lld-19 without Apple's SDK. The few functions of the C library that
# the code calls are declared in osx/usr/include, and osx/usr/lib/libSystem.tbd tells the linker that the system has them.
set(CMAKE_SYSTEM_NAME Darwin)
set(CMAKE_SYSTEM_VERSION 20)
set(CMAKE_SYSTEM_PROCESSOR ${CNN_OSX_ARCHITECTURE})
set(CMAKE_OSX_SYSROOT ${CMAKE_CURRENT_LIST_DIR}/osx)
set(CMAKE_OSX_DEPLOYMENT_TARGET 11.0)

find_program(CMAKE_C_COMPILER NAMES clang-19 clang REQUIRED)
find_program(CNN_LD64 NAMES ld64.lld-19 ld64.lld REQUIRED)
find_program(CMAKE_AR NAMES llvm-ar-19 llvm-ar REQUIRED)
find_program(CMAKE_RANLIB NAMES llvm-ranlib-19 llvm-ranlib REQUIRED)
find_program(CMAKE_STRIP NAMES llvm-strip-19 llvm-strip REQUIRED)
find_program(CMAKE_OBJDUMP NAMES llvm-objdump-19 llvm-objdump REQUIRED)
find_program(CMAKE_NM NAMES llvm-nm-19 llvm-nm REQUIRED)
find_program(CMAKE_INSTALL_NAME_TOOL NAMES llvm-install-name-tool-19 llvm-install-name-tool REQUIRED)
find_program(CNN_DSYMUTIL NAMES dsymutil-19 dsymutil REQUIRED)
set(CMAKE_C_COMPILER_TARGET ${CNN_OSX_ARCHITECTURE}-apple-macos11)
# The linker version tells Clang which options Apple's linker, whose place lld takes, would know.
set(CMAKE_SHARED_LINKER_FLAGS_INIT "--ld-path=${CNN_LD64} -mlinker-version=705")
set(CMAKE_FIND_ROOT_PATH ${CMAKE_OSX_SYSROOT})
set(CMAKE_FIND_ROOT_PATH_MODE_PROGRAM NEVER)
# There is nothing to start here, and no start file to link a program with.
set(CMAKE_TRY_COMPILE_TARGET_TYPE STATIC_LIBRARY)
set(CMAKE_HAVE_LIBC_PTHREAD TRUE CACHE BOOL "Threads are part of libSystem")
