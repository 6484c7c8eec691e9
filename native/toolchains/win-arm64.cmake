# Cross-links for Windows on ARM64 with Debian's clang-19 and lld-19, over the headers of mingw-w64-common, which know ARM64.
# Debian has no import libraries for it; win-arm64/*.def name the functions that are called, and llvm-dlltool makes libraries
# of them. Nothing built with it can be run where it is built.
set(CMAKE_SYSTEM_NAME Windows)
set(CMAKE_SYSTEM_PROCESSOR ARM64)

find_program(CMAKE_C_COMPILER NAMES clang-19 clang REQUIRED)
find_program(CNN_LLD NAMES ld.lld-19 ld.lld REQUIRED)
find_program(CNN_DLLTOOL NAMES llvm-dlltool-19 llvm-dlltool REQUIRED)
find_program(CMAKE_AR NAMES llvm-ar-19 llvm-ar REQUIRED)
find_program(CMAKE_RANLIB NAMES llvm-ranlib-19 llvm-ranlib REQUIRED)
find_program(CMAKE_OBJCOPY NAMES llvm-objcopy-19 llvm-objcopy REQUIRED)
find_program(CMAKE_STRIP NAMES llvm-strip-19 llvm-strip REQUIRED)
find_program(CMAKE_OBJDUMP NAMES llvm-objdump-19 llvm-objdump REQUIRED)
set(CMAKE_C_COMPILER_TARGET aarch64-w64-windows-gnu)
set(CMAKE_TRY_COMPILE_TARGET_TYPE STATIC_LIBRARY)
set(CMAKE_FIND_ROOT_PATH_MODE_PROGRAM NEVER)

set(CNN_STARTUP ${CMAKE_CURRENT_LIST_DIR}/win-arm64/start.c)
set(cnn_imports ${CMAKE_BINARY_DIR}/imports)
file(MAKE_DIRECTORY ${cnn_imports})
foreach(dll kernel32 synchronization ucrtbase)
  execute_process(COMMAND ${CNN_DLLTOOL} -m arm64 -d ${CMAKE_CURRENT_LIST_DIR}/win-arm64/${dll}.def -l ${cnn_imports}/lib${dll}.a
    COMMAND_ERROR_IS_FATAL ANY)
endforeach()
execute_process(COMMAND ${CMAKE_AR} rc ${cnn_imports}/libm.a COMMAND_ERROR_IS_FATAL ANY) # its functions are in ucrtbase

# The universal C run-time library, and its own printf rather than that of MinGW-w64.
set(CMAKE_C_FLAGS_INIT "-nostdlibinc -isystem /usr/share/mingw-w64/include -D__MSVCRT_VERSION__=0xE00 -D_UCRT -D__USE_MINGW_ANSI_STDIO=0")
set(CMAKE_SHARED_LINKER_FLAGS_INIT "--ld-path=${CNN_LLD} -nostdlib -L${cnn_imports} -Wl,--entry=DllMainCRTStartup")
set(CMAKE_C_STANDARD_LIBRARIES "-lucrtbase -lkernel32" CACHE STRING "Libraries that every binary is linked with")
